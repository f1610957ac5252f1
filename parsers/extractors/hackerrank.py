"""HackerRank: "{company} has invited you to take a test"."""

from parsers.senders import Reply, SenderSystem, SystemKind

SYSTEM = SenderSystem(
    name="HackerRank",
    domains=("hackerrankforwork.com", "hackerrank.com"),
    kind=SystemKind.TEST,
    reply=Reply.NOWHERE,
    subjects=(
        r"(?P<company>.{2,60}?) has invited you to take",
        r"your hackerrank test for (?P<company>.{2,60})$",
    ),
)
