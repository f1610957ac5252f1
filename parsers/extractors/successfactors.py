"""SAP SuccessFactors: automatic only."""

from parsers.senders import Reply, SenderSystem

SYSTEM = SenderSystem(
    name="SuccessFactors",
    domains=("successfactors.com", "successfactors.eu", "sapsf.com", "sapsf.eu"),
    reply=Reply.NOWHERE,
    display=r"(?P<company>.+)",
)
