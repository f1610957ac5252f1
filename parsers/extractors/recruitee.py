"""Recruitee: {x}.{tenant}@recruitee-mailbox.com goes to the recruiter's mailbox there."""

from parsers.senders import Reply, SenderSystem

SYSTEM = SenderSystem(
    name="Recruitee",
    domains=("recruitee-mailbox.com", "recruitee.com"),
    reply=Reply.PERSON,
    relay=r"[^@]{1,120}@recruitee-mailbox\.com",
    tenant=r"(?:[^@]{1,100}\.)?(?P<company>[a-z0-9-]{2,60})@recruitee-mailbox\.com|[^@]{1,80}@(?P<other>[a-z0-9-]{2,60})\.recruitee\.com",
)
