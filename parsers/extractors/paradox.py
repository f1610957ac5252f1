"""Paradox: an assistant with a first name; nobody reads the answers."""

from parsers.senders import Reply, SenderSystem

SYSTEM = SenderSystem(
    name="Paradox",
    domains=("paradox.ai",),
    reply=Reply.NOWHERE,
)
