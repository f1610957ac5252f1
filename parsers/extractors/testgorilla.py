"""TestGorilla, DevSkiller, TestDome and their like: tests only."""

from parsers.senders import Reply, SenderSystem, SystemKind

SYSTEM = SenderSystem(
    name="TestGorilla",
    domains=("testgorilla.com", "devskiller.com", "testdome.com", "qualified.io", "hackerearth.com", "mettl.com"),
    kind=SystemKind.TEST,
    reply=Reply.NOWHERE,
    subjects=(r"(?P<company>.{2,60}?) (?:invites you to|has invited you)",),
)
