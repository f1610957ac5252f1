"""A message's header fields and a draft of ours in, whether the one is the other out.

Each program loses other marks: one that saves an edited draft gives it a new Message-ID and drops what it does not
know; In-Reply-To, References, To and Subject stay.
"""

from __future__ import annotations

from daemon.drafts import DraftRow
from daemon.gestures import read_wish
from daemon.mailbox import Outline
from parsers.mail import read_header
from parsers.model import Mail


def header_of(outline: Outline) -> Mail:
    """Read the header fields of an outline."""
    return read_header(outline.header, received_at=outline.received_at)


def message_id_of(outline: Outline) -> str | None:
    """Read a message's Message-ID, without brackets."""
    return header_of(outline).message_id


def is_marked_deleted(outline: Outline) -> bool:
    """Whether a program has deleted the message and not removed it yet."""
    return "\\deleted" in {flag.lower() for flag in outline.flags}


def is_letter(mail: Mail, row: DraftRow) -> bool:
    """Whether a message is this letter, as far as thread, recipient and subject tell."""
    recipients = {address.address for address in (*mail.to, *mail.cc)}
    if row.followup.to.address not in recipients:
        return False
    if row.answers:
        return row.answers in (*mail.in_reply_to, *mail.references)
    return read_wish(mail.subject or "").subject == row.subject
