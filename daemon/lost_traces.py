"""What a mailbox still shows of a letter that the ledger knows nothing of, although it may have been made before.

A ledger that was lost, or replaced by an old copy, would make such a letter again. Traces are looked for where a letter
of ours can have gone: sent, thrown away, filed, or moved for an order. In Drafts itself it is found by the outbox.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from composer.acts import Act, Edited, Gone, Sent
from daemon.drafts import DraftRow, DraftState
from daemon.ledger import Ledger
from daemon.mailbox import Mailbox, Outline, Use
from daemon.marks import header_of, is_letter
from daemon.places import Places

# A letter may fall due somewhat later when it is planned anew without what a lost ledger knew.
LEEWAY = timedelta(days=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What became of a letter: SENT, GONE or, where it lies for an order, TAKEN_OVER."""

    state: DraftState
    note: str

    def act(self, row: DraftRow) -> Act:
        """Give the act that planning is told."""
        if self.state is DraftState.SENT:
            return Sent(at=row.intended_at, followup_id=row.id)
        if self.state is DraftState.TAKEN_OVER:
            return Edited(at=row.intended_at, followup_id=row.id)
        return Gone(at=row.intended_at, followup_id=row.id)


def look_for_traces(mailbox: Mailbox, ledger: Ledger, places: Places, row: DraftRow) -> Trace | None:
    """Say what a letter that is about to be made for the first time has become before; None: it never was.

    Nothing is asked of the mailbox where the ledger cannot have lost anything. Raises MailboxError.
    """
    made = ledger.tombstones.count(row.mark) > 0
    young = ledger.begun is not None and row.followup.due < ledger.begun + LEEWAY
    if not made and not young:
        return None
    uses: dict[str, Use | None] = {folder.name: folder.use for folder in mailbox.folders() if folder.use}
    uses |= dict.fromkeys(places.controls.values())
    found: dict[DraftState, str] = {}
    for name, use in uses.items():
        if use in _STATES and name != places.drafts and _lies_in(mailbox, name, use, row):
            found.setdefault(_STATES[use], f"it was made before, and was found in {name}")
    for state in (DraftState.SENT, DraftState.TAKEN_OVER, DraftState.GONE):
        if state in found:
            return Trace(state=state, note=found[state])
    return Trace(state=DraftState.GONE, note="it was made before, and is not to be found") if made else None


_STATES: dict[Use | None, DraftState] = {
    Use.SENT: DraftState.SENT,
    Use.TRASH: DraftState.GONE,
    Use.JUNK: DraftState.GONE,
    Use.ARCHIVE: DraftState.GONE,
    Use.ALL: DraftState.GONE,
    None: DraftState.TAKEN_OVER,  # the folders for orders: where the person put it counts
}
# Folders in which other mail of the person's to the same recipient in the same thread cannot be expected.
_BY_THREAD = frozenset({Use.TRASH, None})


def _lies_in(mailbox: Mailbox, folder: str, use: Use | None, row: DraftRow) -> bool:
    since = row.followup.due - LEEWAY
    uids = mailbox.uids_with(folder, row.followup.to.address, since=since)
    return any(_is_trace(outline, use, row) for outline in mailbox.outlines(folder, uids))


def _is_trace(outline: Outline, use: Use | None, row: DraftRow) -> bool:
    mail = header_of(outline)
    if (mail.message_id or "").partition("@")[0] == row.mark:
        return True
    return use in _BY_THREAD and outline.received_at >= row.followup.due and is_letter(mail, row)
