"""Sees what became of our drafts: edited, sent, deleted or moved by the person. Changes the ledger, never the mailbox.

After a draft was confirmed once, its absence never means "make it again": clients save an edited
draft as a new message with a new Message-ID, so it is found again by what they keep.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from composer.acts import Act, Edited, Gone, Place, Sent
from daemon.drafts import MAY_TURN_UP, DraftRow, DraftState
from daemon.ledger import Ledger
from daemon.mailbox import FolderState, Mailbox
from daemon.marks import header_of, is_letter, is_marked_deleted
from daemon.moves import Moves
from daemon.places import Places, Sighting, new_gesture, owners, placings
from parsers.model import Direction, Facts

# How long after a draft vanished a copy of it, edited or sent, is still looked for.
REAPPEARANCE = timedelta(days=14)


class Fate:
    """Watches the drafts of one account, in Drafts and, with `moves`, where the person moved them."""

    def __init__(self, ledger: Ledger, account: str, places: Places, moves: Moves | None = None) -> None:
        self._ledger = ledger
        self._account = account
        self._places = places
        self._moves = moves

    def watch(
        self, mailbox: Mailbox, sent_mail: Sequence[Facts], now: datetime, sightings: Sequence[Sighting] = ()
    ) -> None:
        """See what became of each draft. `sightings` is what lies in the folders of gestures now."""
        rows = self._ledger.drafts(self._account)
        watched = [row for row in rows if self._is_watched(row, now)]
        if not watched:
            return
        state = mailbox.state(self._places.drafts)
        present = mailbox.uids(self._places.drafts)
        here = [row for row in watched if self._places.place(row) is Place.DRAFTS]
        claimed = {row.uid for row in here if row.uid in present and row.uidvalidity == state.uidvalidity}
        mine = owners(sightings, rows)
        moved = placings(self._ledger.acts())
        for row in watched:
            seen = mine.get(row.id, [])
            if copy := _sent_copy(row, rows, sent_mail):
                self._change(row, DraftState.SENT, now, act=Sent(at=copy.received_at, followup_id=row.id))
            elif self._moves and (gesture := new_gesture(row, seen, moved.get(row.id, ()))):
                self._moves.follow(mailbox, row, gesture, now)
            elif self._places.place(row) is not Place.DRAFTS:
                if not any(sighting.is_at(row) for sighting in seen):
                    self._look_in_drafts(mailbox, row, present - claimed, state, now)
            elif row.uidvalidity != state.uidvalidity:
                self._renumber(mailbox, row, state, now)
            elif row.uid in present:
                self._look_for_touch(mailbox, row, now)
            else:
                self._follow(mailbox, row, present - claimed, now)

    def _is_watched(self, row: DraftRow, now: datetime) -> bool:
        if row.state is DraftState.GONE:
            return now < row.changed_at + REAPPEARANCE
        return row.state in MAY_TURN_UP

    def _look_for_touch(self, mailbox: Mailbox, row: DraftRow, now: datetime) -> None:
        if row.state not in {DraftState.APPENDED, DraftState.LEFT} or row.uid is None:
            return
        outlines = mailbox.outlines(self._places.drafts, [row.uid])
        if outlines and is_marked_deleted(outlines[0]):
            self._change(row, DraftState.GONE, now, act=Gone(at=now, followup_id=row.id))

    def _look_in_drafts(
        self, mailbox: Mailbox, row: DraftRow, candidates: Iterable[int], state: FolderState, now: datetime
    ) -> None:
        """Find a draft that is no longer where the person had moved it: moved back, or deleted."""
        for outline in mailbox.outlines(self._places.drafts, tuple(candidates)):
            mail = header_of(outline)
            if not is_marked_deleted(outline) and (mail.message_id == row.message_id or is_letter(mail, row)):
                if self._moves:
                    self._moves.take_back(mailbox, row, state.uidvalidity, outline.uid, now)
                return
        if row.state not in {DraftState.GONE, DraftState.NEEDS_A_LOOK}:
            self._change(row, DraftState.GONE, now, act=Gone(at=now, followup_id=row.id))

    def _follow(self, mailbox: Mailbox, row: DraftRow, candidates: Iterable[int], now: datetime) -> None:
        """Find where a draft went whose UID is gone: a client that saves an edited draft stores it anew."""
        for outline in mailbox.outlines(self._places.drafts, [uid for uid in candidates if uid >= row.uidnext]):
            if is_letter(header_of(outline), row):
                edited = None if row.state is DraftState.TAKEN_OVER else Edited(at=now, followup_id=row.id)
                self._change(row, DraftState.TAKEN_OVER, now, uid=outline.uid, act=edited)
                return
        if row.state is not DraftState.GONE and row.state is not DraftState.NEEDS_A_LOOK:
            self._change(row, DraftState.GONE, now, act=Gone(at=now, followup_id=row.id))

    def _renumber(self, mailbox: Mailbox, row: DraftRow, state: FolderState, now: datetime) -> None:
        """Find a draft again in a folder that was numbered anew (RFC 9051 2.3.1.1); unfound, it stays as it was."""
        for batch in mailbox.new(self._places.drafts, first_uid=1):
            for outline in batch:
                mail = header_of(outline)
                if mail.message_id == row.message_id or is_letter(mail, row):
                    again = replace(row, uidvalidity=state.uidvalidity, uidnext=1)
                    self._change(again, row.state, now, uid=outline.uid)
                    return

    def _change(
        self, row: DraftRow, state: DraftState, now: datetime, *, uid: int | None = None, act: Act | None = None
    ) -> None:
        changed = replace(row, state=state, changed_at=now, uid=row.uid if uid is None else uid)
        self._ledger.change_draft(changed, *((act,) if act else ()))


def _sent_copy(row: DraftRow, rows: Sequence[DraftRow], sent_mail: Sequence[Facts]) -> Facts | None:
    """Find the person's own mail that this draft became.

    A letter of ours that was written later is the better match for a mail sent after it.
    """
    for facts in sent_mail:
        if facts.direction is Direction.OWN and _became(row, facts):
            later = (other for other in rows if other.intended_at > row.intended_at)
            if facts.message_id == row.message_id or not any(_became(other, facts) for other in later):
                return facts
    return None


def _became(row: DraftRow, sent: Facts) -> bool:
    """Whether this own mail may be the draft: its Message-ID, or the recipient and one more mark."""
    if sent.received_at < row.intended_at:
        return False
    if sent.message_id == row.message_id:
        return True
    if row.followup.to.address not in {address.address for address in sent.to}:
        return False
    threaded = row.answers is not None and row.answers in (*sent.in_reply_to, *sent.references)
    return threaded or sent.subject == row.subject
