"""Ashby: "{company} | {test} instructions | {role}"."""

from parsers.senders import SenderSystem

SYSTEM = SenderSystem(
    name="Ashby",
    domains=("ashbyhq.com",),
    display=r"(?P<company>.+)",
    subjects=(
        r"you(?:'re| are) invited to interview (?:with|at) (?P<company>[^!]{2,60})!?$",
        r"(?P<company>[^|]{2,60}?) \| [^|]{2,60}? instructions \| (?P<role>.{2,100})$",
    ),
)
