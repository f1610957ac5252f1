"""Indeed: own applications and interview requests; alerts come from addresses of their own."""

from parsers.senders import Reply, SenderSystem, SystemKind

SYSTEM = SenderSystem(
    name="Indeed",
    domains=("indeed.com", "indeedemail.com"),
    kind=SystemKind.BOARD,
    reply=Reply.NOWHERE,
    subjects=(r"indeed application: (?P<role>.{2,100})$",),
    alerts=r"(?:alerts?|jobalerts?|donotreply)@|.*@(?:match|jobalert)\.indeed\.com",
    noise=r"\bnew .{0,60}jobs?\b|jobs? (?:for you|in .{2,40})$",
)
