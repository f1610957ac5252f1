"""LinkedIn: own applications, recruiters' messages, and alerts; answers are given on the site, never by mail."""

from parsers.senders import Reply, SenderSystem, SystemKind

SYSTEM = SenderSystem(
    name="LinkedIn",
    domains=("linkedin.com",),
    kind=SystemKind.BOARD,
    reply=Reply.NOWHERE,
    subjects=(
        r"(?:.{2,60}?, )?your application was sent to (?P<company>.{2,60})$",
        r"your application to (?P<role>.{2,100}?) at (?P<company>.{2,60})$",
        r"your application was viewed by (?P<company>.{2,60})$",
    ),
    noise=r"you appeared in|viewed your profile|new jobs?|jobs? (?:for you|matching)|is hiring|congratulate|to connect",
    alerts=r"(?:(?:jobalerts|messaging-digest|newsletters|updates|notifications)-noreply|jobs-listings|invitations)@",
)
