"""Gem: "{company} Follow-Up for {role}"; no answers."""

from parsers.senders import Reply, SenderSystem

SYSTEM = SenderSystem(
    name="Gem",
    domains=("appreview.gem.com", "gem.com"),
    reply=Reply.NOWHERE,
    display=r"(?P<company>.+)",
    subjects=(r"(?P<company>.{2,60}?) follow-up for (?P<role>.{2,100})$",),
)
