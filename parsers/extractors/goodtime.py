"""GoodTime and ModernLoop: scheduling for a coordinator, mostly from the coordinator's own mailbox."""

from parsers.senders import SenderSystem

SYSTEM = SenderSystem(
    name="GoodTime",
    domains=("goodtime.io", "modernloop.io", "modernloop.com"),
    subjects=(r"your (?:upcoming )?interview (?:with|at) (?P<company>.{2,60})$",),
)
