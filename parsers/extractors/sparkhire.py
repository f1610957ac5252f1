"""Spark Hire: one-way video."""

from parsers.senders import Reply, SenderSystem, SystemKind

SYSTEM = SenderSystem(
    name="Spark Hire",
    domains=("sparkhire.com",),
    kind=SystemKind.RECORDED,
    reply=Reply.NOWHERE,
)
