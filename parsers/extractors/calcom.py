"""Cal.com: "{type} between {company} and {person}"; the organizer can be no-reply@cal.com."""

from parsers.senders import Reply, SenderSystem, SystemKind

SYSTEM = SenderSystem(
    name="Cal.com",
    domains=("cal.com",),
    kind=SystemKind.SCHEDULER,
    reply=Reply.REPLY_TO,
    subjects=(r"(?:.{2,60}: )?.{2,80}? between (?P<company>.{2,60}?) and .{2,80}$",),
)
