"""BambooHR: the same address also sends personnel mail (time off) to employees."""

from parsers.senders import SenderSystem

SYSTEM = SenderSystem(
    name="BambooHR",
    domains=("bamboohr.com",),
    noise=r"time[- ]off|timesheet|pay ?stub|onboarding|birthday|anniversar",
)
