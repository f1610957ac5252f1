"""Takes an untouched draft back from where it lies; whatever is not byte for byte what we stored is left alone.

That it is about to be taken back is on disk before anything is removed, so that a removal which was cut off is finished
and not taken for the person's doing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import datetime

from composer.acts import Edited, Withdrawn
from composer.agenda import Withdrawal
from daemon.drafts import DraftRow, DraftState
from daemon.ledger import Ledger
from daemon.mailbox import Mailbox, Outline
from daemon.marks import message_id_of
from daemon.places import Places
from daemon.transitions import change

# Flags that a draft of ours may carry and still be untouched; anything else is the person's doing.
_UNTOUCHED_FLAGS = frozenset({"\\draft", "\\seen", "\\recent"})


class Withdrawals:
    """The drafts of one account that became wrong."""

    def __init__(self, ledger: Ledger, places: Places) -> None:
        self._ledger = ledger
        self._places = places

    def withdraw(self, mailbox: Mailbox, withdrawal: Withdrawal, now: datetime) -> bool:
        """Take an untouched draft back; False when there is none of ours that may be removed."""
        row = self._ledger.draft(withdrawal.followup.id)
        if row is None or row.state is not DraftState.APPENDED or row.uid is None:
            return False
        if not self._is_untouched(mailbox, row, row.uid):
            self._leave(row, now, "touched before it could be taken back")
            return False
        row = change(self._ledger, row, DraftState.WITHDRAWING, now, note=withdrawal.rule)
        return self.finish(mailbox, row, now)

    def _is_untouched(self, mailbox: Mailbox, row: DraftRow, uid: int) -> bool:
        folder = self._places.folder(row)
        if mailbox.state(folder).uidvalidity != row.uidvalidity:
            return False
        outlines = mailbox.outlines(folder, [uid])
        # The mark of deletion is ours where we were cut off between it and the removal.
        ours = {"\\deleted"} if row.state is DraftState.WITHDRAWING else set()
        if not outlines or not is_untouched(outlines[0], row, ours):
            return False
        message = mailbox.whole(folder, uid)
        return message is not None and hashlib.sha256(message).hexdigest() == row.sha256

    def _leave(self, row: DraftRow, now: datetime, why: str) -> None:
        """Hand a draft over that cannot be taken back; planning is told, so that it does not count on the room."""
        change(self._ledger, row, DraftState.LEFT, now, note=why, act=Edited(at=now, followup_id=row.id))

    def finish(self, mailbox: Mailbox, row: DraftRow, now: datetime) -> bool:
        """Go on with one that was begun, maybe by a process that ended in it; False as above."""
        folder = self._places.folder(row)
        if row.uid is not None and self._is_untouched(mailbox, row, row.uid):
            if not mailbox.expunge_draft(folder, row.uid):
                self._leave(row, now, "this server cannot remove a single message (no UIDPLUS)")
                return False
        elif mailbox.state(folder).uidvalidity != row.uidvalidity or row.uid in mailbox.uids(folder):
            self._leave(row, now, "touched while it was about to be taken back")
            return False
        withdrawn = Withdrawn(at=now, followup_id=row.id, rule=row.note or row.followup.rule)
        change(self._ledger, row, DraftState.WITHDRAWN, now, act=withdrawn, message=None)
        return True


def is_untouched(outline: Outline, row: DraftRow, ours: Collection[str] = ()) -> bool:
    """Whether a message is still the draft that we stored, as far as its Message-ID and flags tell."""
    # Keywords ($...) are set by servers and filters as well, so they do not tell of the person.
    system = {flag.lower() for flag in outline.flags if flag.startswith("\\")}
    return message_id_of(outline) == row.message_id and system - {*ours} <= _UNTOUCHED_FLAGS
