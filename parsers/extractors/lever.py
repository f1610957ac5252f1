"""Lever: the display name is the company; after an Easy Book choice a calendar event follows."""

from parsers.senders import SenderSystem

SYSTEM = SenderSystem(
    name="Lever",
    domains=("hire.lever.co", "lever.co"),
    display=r"(?P<company>.+)",
    subjects=(r"next steps (?:at|with) (?P<company>.{2,60})$",),
)
