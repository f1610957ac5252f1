"""Workday: the tenant is the local part; interview mails usually come from people instead."""

from parsers.senders import Reply, SenderSystem

SYSTEM = SenderSystem(
    name="Workday",
    domains=("myworkday.com", "workday.com", "workdaymail.com", "myworkdayjobs.com"),
    reply=Reply.NOWHERE,
    tenant=r"(?P<company>[a-z][a-z0-9-]{1,40})@(?:[a-z0-9-]+\.)?myworkday\.com",
    tenant_is_code=True,
    display=r"(?:workday\s+)?(?P<company>.+)",
    subjects=(
        r"you were not selected for (?P<role>.{2,100}?) at (?P<company>.{2,60})$",
        r"(?P<company>.{2,60}?) application update$",
    ),
    noise=r"verify your candidate account|reset your password|^one[- ]time pass",
)
