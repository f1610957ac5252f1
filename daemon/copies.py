"""Finds what a letter of ours has become: the message in a folder that is its copy, edited, rewritten or sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from daemon.drafts import DraftRow
from daemon.imprint import bears
from daemon.mailbox import Mailbox, Outline
from daemon.marks import Mark, are_enough, header_of, is_marked_deleted, marks_of
from parsers.mail import read_mail

# A program that sends a draft removes it within seconds; we may see that later.
AT_ONCE = timedelta(hours=1)
_LARGEST = 256 << 10  # octets of a message whose words are looked at


class Copies:
    """Looks for copies of letters among `rows`, all that there are of an account; a message is taken for the letter of
    which it has the most marks, of two alike for the later one.
    """

    def __init__(self, rows: Sequence[DraftRow], secret: bytes) -> None:
        self._rows = rows
        self._secret = secret

    def find(
        self,
        mailbox: Mailbox,
        folder: str,
        outlines: Iterable[Outline],
        row: DraftRow,
        *,
        missed_at: datetime | None = None,
    ) -> Outline | None:
        """Give the first of these messages that is a copy of the letter. With `missed_at`, at which the letter was
        missed where it lay, one counts for more that was stored at about that instant.
        """
        for outline in outlines:
            if is_marked_deleted(outline) or not self._belongs(outline, row):
                continue
            marks = marks_of(header_of(outline), row)
            if missed_at is not None and abs(outline.received_at - missed_at) <= AT_ONCE:
                marks |= {Mark.MISSED}
            if are_enough(marks) or (marks and self._bears(mailbox, folder, outline, row)):
                return outline
        return None

    def _belongs(self, outline: Outline, row: DraftRow) -> bool:
        """Whether no other letter has a better claim to the message."""
        mail = header_of(outline)

        def claim(one: DraftRow) -> tuple[bool, int, datetime]:
            marks = marks_of(mail, one)
            return Mark.ORIGINAL in marks, len(marks), one.intended_at

        rivals = (other for other in self._rows if other.id != row.id and other.intended_second <= outline.received_at)
        return all(claim(other) <= claim(row) for other in rivals if are_enough(marks_of(mail, other)))

    def _bears(self, mailbox: Mailbox, folder: str, outline: Outline, row: DraftRow) -> bool:
        if row.imprint is None or outline.size > _LARGEST:
            return False
        message = mailbox.whole(folder, outline.uid)
        return message is not None and bears(read_mail(message).text, row.imprint, self._secret)
