"""Platforms whose interviewer is a program: no conversation, whoever signs."""

from parsers.senders import Reply, SenderSystem, SystemKind

SYSTEM = SenderSystem(
    name="AI interview",
    domains=("micro1.ai", "mercor.com", "apriora.ai", "willo.video", "myinterview.com", "heymilo.ai", "vidcruiter.com"),
    kind=SystemKind.RECORDED,
    reply=Reply.NOWHERE,
)
