"""Spark Hire Recruit (Comeet): the text stands above a "reply above" line, so an answer is relayed."""

from parsers.senders import Reply, SenderSystem

SYSTEM = SenderSystem(
    name="Comeet",
    domains=("comeet-notifications.com", "comeet.co", "comeet.com"),
    reply=Reply.PERSON,
    tenant=r"[^@]{1,80}@(?P<company>[a-z0-9-]{2,60})\.comeet-notifications\.com",
    display=r"(?P<company>.+)",
)
