"""Jobvite: "{company} Recruiting Team"; no answers."""

from parsers.senders import Reply, SenderSystem

SYSTEM = SenderSystem(
    name="Jobvite",
    domains=("jobvite.com",),
    reply=Reply.NOWHERE,
    display=r"(?P<company>.+)",
    subjects=(r"your application for (?P<role>.{2,100}?) at (?P<company>.{2,60})$",),
)
