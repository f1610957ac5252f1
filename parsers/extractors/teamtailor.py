"""Teamtailor: the tenant is the subdomain; {person}@{tenant} is an answerable relay."""

from parsers.senders import SenderSystem

SYSTEM = SenderSystem(
    name="Teamtailor",
    domains=("teamtailor-mail.com", "teamtailor.com"),
    relay=r"(?!no-?reply|notifications?@|jobs?@)[^@]{1,80}@[a-z0-9-]{1,60}\.(?:[a-z]{2}\.)?teamtailor-mail\.com",
    tenant=r"[^@]{1,80}@(?P<company>[a-z0-9-]{2,60})\.(?:[a-z]{2}\.)?teamtailor-mail\.com",
    display=r"(?P<person>.+?)\s+[-–]\s+(?P<company>.+)",
    noise=r"^new jobs? (?:at|for|from)",
)
