"""Gupy: the display name is "{company} via Gupy"; nobody reads the answers."""

from parsers.senders import Reply, SenderSystem

SYSTEM = SenderSystem(
    name="Gupy",
    domains=("gupy.com.br", "gupy.io"),
    reply=Reply.NOWHERE,
    display=r"(?P<company>.+?)(?:\s+via\s+gupy)?$",
)
