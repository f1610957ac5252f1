"""Takes a subject and a text for the person themself; gives the bytes of a message that no program answers."""

from __future__ import annotations

from datetime import datetime
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.utils import format_datetime

from composer.draft import POLICY, flowed
from composer.values import NAME_LENGTH, SUBJECT_LENGTH, safe_words
from parsers.model import Address


def write_memo(subject: str, text: str, *, person: Address, message_id: str, date: datetime) -> bytes:
    """Write a mail from the person to themself: text/plain, UTF-8, CRLF, an ASCII header.

    `message_id` is without angle brackets. Auto-Submitted (RFC 3834 5) keeps responders quiet; an answer by hand comes
    back to the same address.
    """
    local, _, domain = person.address.rpartition("@")
    spec = f"{local}@{domain if domain.isascii() else domain.encode('idna').decode('ascii')}"
    message = EmailMessage(policy=POLICY)
    message["From"] = HeaderAddress(display_name=safe_words(person.name, NAME_LENGTH) or "", addr_spec=spec)
    message["To"] = HeaderAddress(addr_spec=spec)
    message["Reply-To"] = HeaderAddress(addr_spec=spec)
    message["Subject"] = safe_words(subject, SUBJECT_LENGTH) or "Tactful"
    message["Date"] = format_datetime(date)
    message["Message-ID"] = f"<{message_id}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(flowed(text), charset="utf-8", cte="quoted-printable", params={"format": "flowed"})
    return message.as_bytes()
