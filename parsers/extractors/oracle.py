"""Oracle Recruiting and Taleo: own notices for candidates; @invalidemail.com is deliberately dead."""

from parsers.senders import Reply, SenderSystem

SYSTEM = SenderSystem(
    name="Oracle Recruiting",
    domains=("taleo.net", "invalidemail.com", "oraclecloud.com", "cloud.oracle.com"),
    reply=Reply.NOWHERE,
    tenant=r"(?P<company>[a-z][a-z0-9]{1,30})\.fa\.sender@",
    subjects=(r"your recent job application for (?P<role>.{2,100}?)(?: - [\w-]{3,30})?$",),
)
