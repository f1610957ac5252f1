"""Workable: inbound.workablemail.com holds per-candidate reply addresses."""

from parsers.senders import SenderSystem

SYSTEM = SenderSystem(
    name="Workable",
    domains=("workablemail.com", "workable.com"),
    relay=r"[^@]{1,120}@inbound\.workablemail\.com",
    display=r"(?P<company>.+)",
    subjects=(r"(?P<role>[^-]{4,100}?) - (?P<company>[^-]{2,60})$",),
)
