"""SmartRecruiters: answers reach a person only through Reply-To."""

from parsers.senders import SenderSystem

SYSTEM = SenderSystem(
    name="SmartRecruiters",
    domains=("smartrecruiters.com", "smartrecruitersmail.com", "smartrecruiters.io"),
    display=r"(?P<company>.+)",
    subjects=(
        r"your application at (?P<company>.{2,60}?) - (?P<role>.{2,100})$",
        r"interview invitation - (?P<role>.{2,100})$",
    ),
    noise=r"verification code",
)
