"""JazzHR: "{company} - {role}"."""

from parsers.senders import SenderSystem

SYSTEM = SenderSystem(
    name="JazzHR",
    domains=("applytojob.com", "jazz.co", "jazzhr.com"),
    subjects=(r"(?P<company>[^-]{2,60}?) - (?P<role>[^-]{4,100})$",),
)
