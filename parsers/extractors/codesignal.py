"""CodeSignal: assessments for an employer named in the subject."""

from parsers.senders import Reply, SenderSystem, SystemKind

SYSTEM = SenderSystem(
    name="CodeSignal",
    domains=("codesignal.com",),
    kind=SystemKind.TEST,
    reply=Reply.NOWHERE,
    subjects=(
        r"(?P<company>.{2,60}?) (?:invites you to|has invited you)",
        r"(?:reminder: )?(?P<company>.{2,60}?) is waiting for your",
    ),
)
