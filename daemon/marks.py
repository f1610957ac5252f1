"""A message's header fields and a draft of ours in, by which marks the one is the other out.

Each program loses other marks: one that saves an edited draft gives it a new Message-ID and drops what it does not
know; In-Reply-To, References, To and Subject stay with most, and are lost with some. So no mark is relied on alone,
but the Message-ID, which nobody can guess.
"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from enum import StrEnum

from daemon.drafts import DraftRow
from daemon.gestures import read_wish
from daemon.mailbox import Outline
from parsers.mail import read_header
from parsers.model import Mail

_ORIGINAL = "x-microsoft-original-message-id"
_OF_A_LETTER = re.compile(r"(fu\.[a-z2-7]{32})@")


class Mark(StrEnum):
    """What of a letter is found again."""

    ORIGINAL = "original"  # its Message-ID
    THREAD = "thread"
    RECIPIENT = "recipient"
    SUBJECT = "subject"
    BODY = "body"
    MISSED = "missed"  # not in the message: it was stored when the letter went missing


def header_of(outline: Outline) -> Mail:
    """Read the header fields of an outline."""
    return read_header(outline.header, received_at=outline.received_at)


def message_id_of(outline: Outline) -> str | None:
    """Read a message's Message-ID, without brackets."""
    return header_of(outline).message_id


def is_marked_deleted(outline: Outline) -> bool:
    """Whether a program has deleted the message and not removed it yet."""
    return "\\deleted" in {flag.lower() for flag in outline.flags}


def letter_mark(mail: Mail) -> str | None:
    """Give the local part of the Message-ID of a letter that this program made, here or elsewhere; None: of no other
    message.
    """
    found = _OF_A_LETTER.match(mail.message_id or "")
    return found[1] if found else None


def marks_of(mail: Mail, row: DraftRow) -> frozenset[Mark]:
    """Give the marks of a letter that the header of a message has."""
    originals = {mail.message_id, *(value.strip().strip("<>") for value in mail.headers.get(_ORIGINAL, ()))}
    found = {
        Mark.ORIGINAL: row.message_id in originals,
        Mark.THREAD: row.answers is not None and row.answers in (*mail.in_reply_to, *mail.references),
        Mark.RECIPIENT: row.followup.to.address in {address.address for address in (*mail.to, *mail.cc)},
        Mark.SUBJECT: read_wish(mail.subject or "").subject == row.subject,
    }
    return frozenset(mark for mark, is_there in found.items() if is_there)


def are_enough(marks: AbstractSet[Mark]) -> bool:
    """Whether these marks tell that a message is the letter: the Message-ID, else any two.

    Every message of a thread has its subject, so that these two count as one.
    """
    return Mark.ORIGINAL in marks or len(marks - {Mark.SUBJECT} if Mark.THREAD in marks else marks) > 1


def is_letter(mail: Mail, row: DraftRow) -> bool:
    """Whether a message is this letter, as far as thread, recipient and subject tell, with nothing else known of it."""
    marks = marks_of(mail, row) - {Mark.ORIGINAL}
    return Mark.RECIPIENT in marks and (Mark.THREAD if row.answers else Mark.SUBJECT) in marks
