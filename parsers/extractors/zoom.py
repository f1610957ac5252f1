"""Zoom: meeting and webinar notices; the host is somebody else."""

from parsers.senders import Reply, SenderSystem, SystemKind

SYSTEM = SenderSystem(
    name="Zoom",
    domains=("zoom.us", "zoom.com"),
    kind=SystemKind.CALENDAR,
    reply=Reply.NOWHERE,
    noise=r"recording|webinar|registration|meeting assets|has joined|summary",
)
