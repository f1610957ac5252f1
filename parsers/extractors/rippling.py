"""Rippling: scheduling@ writes in the recruiter's name; the subject ends "- {company}"."""

from parsers.senders import SenderSystem

SYSTEM = SenderSystem(
    name="Rippling",
    domains=("ats.rippling.com",),
    subjects=(r".{2,120} - (?P<company>[^-]{2,60})$",),
)
