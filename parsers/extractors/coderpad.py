"""CoderPad and Karat: their links can also mean a live interview, so they are scheduling systems, not tests."""

from parsers.senders import Reply, SenderSystem

SYSTEM = SenderSystem(
    name="CoderPad",
    domains=("coderpad.io", "karat.io", "karat.com"),
    reply=Reply.NOWHERE,
    subjects=(r".{2,80}? interview (?:with|for) (?P<company>.{2,60})$",),
)
