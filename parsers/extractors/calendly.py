"""Calendly: to an invitee "Confirmed: ... with {person}"; "New Event: ..." goes to a host."""

from parsers.senders import Reply, SenderSystem, SystemKind

SYSTEM = SenderSystem(
    name="Calendly",
    domains=("calendly.com",),
    kind=SystemKind.SCHEDULER,
    reply=Reply.REPLY_TO,
    subjects=(
        r"(?:confirmed|reminder|canceled|rescheduled): .{2,90}? with (?P<person>[^,@]{2,60}?)(?: (?:on|at) .+)?$",
    ),
    noise=r"^new event:|^new event type|^your weekly|has not yet booked|^welcome to calendly",
)
