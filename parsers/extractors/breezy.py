"""Breezy: the tenant is the subdomain; a rescheduled interview comes as a mail of its own."""

from parsers.senders import SenderSystem

SYSTEM = SenderSystem(
    name="Breezy",
    domains=("breezy-mail.com", "breezy.hr"),
    relay=r"(?!no-?reply)[a-z0-9.+-]{1,80}@[a-z0-9-]{1,60}\.breezy-mail\.com",
    tenant=r"[^@]{1,80}@(?P<company>[a-z0-9-]{2,60})\.breezy-mail\.com",
    display=r"(?P<company>.+)",
    subjects=(r"(?P<role>.{2,100}?) application update$", r"(?:re: )?(?P<company>.{2,60}?) opportunity$"),
)
