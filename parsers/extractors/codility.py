"""Codility: "{company} invites you to complete a ... assessment"."""

from parsers.senders import Reply, SenderSystem, SystemKind

SYSTEM = SenderSystem(
    name="Codility",
    domains=("codility.com",),
    kind=SystemKind.TEST,
    reply=Reply.NOWHERE,
    subjects=(r"(?P<company>.{2,60}?) invites you to", r"(?:reminder: )?(?P<company>.{2,60}?) is waiting for your"),
)
