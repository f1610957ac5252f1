"""HireVue: on-demand interviews with a deadline; live ones exist and then have a time."""

from parsers.senders import Reply, SenderSystem, SystemKind

SYSTEM = SenderSystem(
    name="HireVue",
    domains=("hirevue.com", "hirevue-app.eu", "hirevueapp.com"),
    kind=SystemKind.RECORDED,
    reply=Reply.NOWHERE,
    subjects=(
        r"complete your hirevue interview (?:for|with) (?P<company>.{2,60})$",
        r"(?:hirevue )?interview invitation from (?P<company>.{2,60})$",
    ),
)
