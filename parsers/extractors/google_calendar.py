"""Google Calendar: From is the organizer; only the system's own address is a dead end."""

from parsers.senders import Reply, SenderSystem, SystemKind

SYSTEM = SenderSystem(
    name="Google Calendar",
    domains=("calendar-server.bounces.google.com", "resource.calendar.google.com", "group.calendar.google.com"),
    kind=SystemKind.CALENDAR,
    reply=Reply.NOWHERE,
)
