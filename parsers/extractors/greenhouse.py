"""Greenhouse: confirmations often come from the recruiter's own mailbox, the rest from no-reply addresses."""

from parsers.senders import Reply, SenderSystem

SYSTEM = SenderSystem(
    name="Greenhouse",
    domains=("greenhouse-mail.io", "greenhouse.io", "greenhouse-jobs.com"),
    reply=Reply.REPLY_TO,
    display=r"(?P<company>.+)",
    subjects=(
        r"(?P<company>.{2,60}?) interview confirmation: (?P<person>.{2,60}?) for (?P<role>.{2,100})$",
        r"interview (?:confirmation|availability)\W+(?P<role>.{2,100}?) at (?P<company>.{2,60})$",
    ),
    noise=r"^security code for your application|^verify your email",
    alerts=r".*@(?:[a-z]+\.)?greenhouse-jobs\.com",
)
