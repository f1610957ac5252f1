"""iCIMS: {tenant}+email+{token}@ is a person's relay, {tenant}+autoreply@ is not."""

from parsers.senders import Reply, SenderSystem

SYSTEM = SenderSystem(
    name="iCIMS",
    domains=("icims.com", "icims.eu"),
    reply=Reply.NOWHERE,
    relay=r"[^@+]{1,60}\+email\+[^@]{1,100}@",
    tenant=r"(?P<company>[a-z][a-z0-9-]{1,40})\+[^@]{1,100}@talent\.icims\.",
    tenant_is_code=True,
    display=r"(?P<company>.+?)\s+@ icims$",
    subjects=(
        r"response requested - (?P<role>.{2,100}?) - (?P<company>.{2,60})$",
        r"application status\W+(?P<role>.{2,100})$",
    ),
    noise=r"verification code|login code",
)
