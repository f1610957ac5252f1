"""Other boards, whose mail is mostly advertisement."""

from parsers.senders import Reply, SenderSystem, SystemKind

SYSTEM = SenderSystem(
    name="Job board",
    domains=(
        "glassdoor.com",
        "ziprecruiter.com",
        "monster.com",
        "stepstone.de",
        "xing.com",
        "wellfound.com",
        "dice.com",
    ),
    kind=SystemKind.BOARD,
    reply=Reply.NOWHERE,
    noise=r"\bnew .{0,60}jobs?\b|jobs? (?:for you|matching|in .{2,40})|is hiring|salary|reviews?",
)
