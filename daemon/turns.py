"""Other installations of this program on the same account: how they are noticed, and how they are let go first.

IMAP has no way to store a message unless another is there. So where another installation was ever seen, each letter
waits for a turn of its own, and then looks whether the other has made it. Until then two may be made of one letter at
the same second; both are left, and the person is told.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from daemon.drafts import DraftRow
from daemon.ledger import Ledger
from daemon.mailbox import Outline
from daemon.marks import are_enough, header_of, letter_mark, marks_of

LONGEST = timedelta(minutes=2)


class Turns:
    """When each letter of an account may be made. Drawn once for each, for as long as the process lives."""

    def __init__(self, ledger: Ledger, account: str) -> None:
        self._ledger = ledger
        self._account = account
        self._drawn: dict[str, datetime] = {}

    def of(self, followup_id: str, now: datetime) -> datetime:
        """Give the instant from which a letter that is due may be made."""
        if not self._ledger.has_company(self._account):
            return now
        longest = int(LONGEST.total_seconds())
        return self._drawn.setdefault(followup_id, now + timedelta(seconds=secrets.randbelow(longest + 1)))

    @property
    def drawn(self) -> tuple[datetime, ...]:
        """All turns that were drawn."""
        return tuple(self._drawn.values())


def from_elsewhere(outlines: Iterable[Outline], ledger: Ledger, besides: str | None = None) -> tuple[Outline, ...]:
    """Give the letters among these that another installation has made: they look like ours, and nothing here knows
    of them. `besides` is the mark of a letter that is being made here.
    """
    ours = {besides, *(row.mark for row in ledger.drafts())}
    found = ((outline, letter_mark(header_of(outline))) for outline in outlines)
    return tuple(outline for outline, mark in found if mark and mark not in ours and not ledger.tombstones.count(mark))


def surplus_of(row: DraftRow, others: Sequence[Outline]) -> Outline | None:
    """Give the message among letters from elsewhere that is the same letter."""
    return next((outline for outline in others if are_enough(marks_of(header_of(outline), row))), None)
