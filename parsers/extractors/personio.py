"""Personio: answers land in the applicant's profile; the display name is the company or an employee (a setting)."""

from parsers.senders import Reply, SenderSystem

SYSTEM = SenderSystem(
    name="Personio",
    domains=("m.personio.de", "m-personio.de", "m.personio.com", "personio.de", "personio.com"),
    reply=Reply.PERSON,
    relay=r"[^@]{0,80}jobs@m[.-]personio\.(?:de|com)",
    tenant=r"(?P<company>[a-z0-9-]{2,60})-jobs@m[.-]personio\.(?:de|com)",
)
