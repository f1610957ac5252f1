"""Sees what became of our drafts: edited, sent, deleted or moved by the person. Changes the ledger, never the mailbox.

After a draft was confirmed once, its absence never means "make it again": clients save an edited
draft as a new message with a new Message-ID, so it is found again by what they keep.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from composer.acts import Edited, Gone, Place, Sent
from daemon.copies import Copies
from daemon.drafts import MAY_TURN_UP, DraftRow, DraftState
from daemon.ledger import Ledger
from daemon.mailbox import FolderState, Mailbox, Outline
from daemon.marks import header_of, is_letter, is_marked_deleted, message_id_of
from daemon.moves import Moves
from daemon.places import Places, Sighting, new_gesture, owners, placings
from daemon.sent_letters import answered_at, own_copy
from daemon.transitions import change
from daemon.turns import from_elsewhere, surplus_of
from parsers.model import Facts

# How long after a draft vanished a copy of it, edited or sent, is still looked for.
REAPPEARANCE = timedelta(days=14)
# How long in the folder of sent mail itself: what concerns an application is found later by what was read of it.
SENT_LOOK = timedelta(days=1)
# How long drafts are waited for which a folder that was made anew does not have: it may still be filling up.
REFILL = timedelta(days=1)
_REFILLING = "the folder for drafts was made anew, and this draft is not in it"
SURPLUS = "another installation of Tactful has put this letter into Drafts as well: keep one of the two"
_OURS = frozenset({DraftState.APPENDED, DraftState.LEFT})  # as far as we know, as we stored it


class Fate:
    """Watches the drafts of one account, in Drafts and, with `moves`, where the person moved them. `sent` is the folder
    of sent mail, None: there is none. `alarm` says afterwards what the person must look at, None: nothing.
    """

    def __init__(
        self, ledger: Ledger, account: str, places: Places, moves: Moves | None = None, sent: str | None = None
    ) -> None:
        self._ledger = ledger
        self._account = account
        self._places = places
        self._moves = moves
        self._sent = sent
        self.alarm: str | None = None

    def watch(self, mailbox: Mailbox, mail: Sequence[Facts], now: datetime, sightings: Sequence[Sighting] = ()) -> None:
        """See what became of each draft. `mail` is what was read in the account, the person's own included;
        `sightings` is what lies in the folders of gestures now.
        """
        rows = self._ledger.drafts(self._account)
        watched = [row for row in rows if self._is_watched(row, now)]
        if not watched:
            return
        drafts = self._places.drafts
        state, present = mailbox.state(drafts), mailbox.uids(drafts)
        copies = Copies(rows, self._ledger.secret)
        here = {row.id for row in watched if self._is_at_its_place(row, state, present)}
        claimed = {row.uid for row in watched if row.id in here}
        lowest = min(1 if self._may_be_anywhere(row, state) else row.uidnext for row in watched)
        unclaimed = mailbox.outlines(drafts, [uid for uid in present - claimed if uid >= lowest])
        mine = owners(sightings, rows)
        moved = placings(self._ledger.acts())
        vanished = []
        # Those that are missed come first: what one of them has become is no copy of another.
        for row in sorted(watched, key=lambda row: row.id in here):
            candidates = [outline for outline in unclaimed if outline.uid not in claimed]
            seen = mine.get(row.id, [])
            if sent_at := self._sent_at(row, rows, mail):
                change(self._ledger, row, DraftState.SENT, now, act=Sent(at=sent_at, followup_id=row.id))
            elif self._moves and (gesture := new_gesture(row, seen, moved.get(row.id, ()))):
                self._moves.follow(mailbox, row, gesture, now)
            elif self._places.place(row) is not Place.DRAFTS:
                if not any(sighting.is_at(row) for sighting in seen):
                    self._look_in_drafts(mailbox, row, candidates, state, now)
            elif row.uidvalidity != state.uidvalidity:
                self._renumber(mailbox, row, candidates, copies, state, now)
            elif row.uid in present:
                self._look_for_touch(mailbox, row, candidates, copies, now)
            else:
                self._follow(mailbox, row, candidates, copies, now)
            after = self._ledger.draft(row.id)
            if after is not None and after.uid is not None:
                claimed.add(after.uid)
            if row.state in _OURS and after is not None and after.state is DraftState.GONE:
                vanished.append(row)
        if len(vanished) > 1 and not state.messages:
            self.alarm = (
                f"Drafts was suddenly empty, and {len(vanished)} letters that waited there are gone with it. None of "
                "them is made again. If it was not you who deleted them, look for them in the trash."
            )

    def _may_be_anywhere(self, row: DraftRow, state: FolderState) -> bool:
        return row.uidvalidity != state.uidvalidity or self._places.place(row) is not Place.DRAFTS

    def _is_at_its_place(self, row: DraftRow, state: FolderState, present: Collection[int]) -> bool:
        return row.uid in present and not self._may_be_anywhere(row, state)

    def _is_watched(self, row: DraftRow, now: datetime) -> bool:
        if row.state is DraftState.GONE:
            return now < row.changed_at + REAPPEARANCE
        return row.state in MAY_TURN_UP

    @staticmethod
    def _sent_at(row: DraftRow, rows: Sequence[DraftRow], mail: Sequence[Facts]) -> datetime | None:
        copy = own_copy(row, rows, mail)
        return copy.received_at if copy else answered_at(row, mail)

    def _look_for_touch(
        self, mailbox: Mailbox, row: DraftRow, candidates: Sequence[Outline], copies: Copies, now: datetime
    ) -> None:
        """See what happened around a draft that lies where it lay."""
        if row.state not in _OURS | {DraftState.GONE} or row.uid is None:
            return
        outlines = mailbox.outlines(self._places.drafts, [row.uid])
        if not outlines or is_marked_deleted(outlines[0]):
            self._follow(mailbox, row, candidates, copies, now)
            return
        if row.state is DraftState.GONE:
            self._hand_over(row, row.uid, now)  # it was deleted, and has been fetched back
            return
        later = [outline for outline in candidates if outline.uid >= row.uidnext]
        elsewhere = from_elsewhere(later, self._ledger)
        if elsewhere:
            self._ledger.note_company(self._account, now)
        if surplus_of(row, elsewhere):
            self._hand_over(row, row.uid, now, SURPLUS)
            self.alarm = f"“{row.subject}”: {SURPLUS}. Neither is removed for you."
            return
        later = [outline for outline in later if outline.uid > row.uid]
        edited = copies.find(mailbox, self._places.drafts, later, row)
        if edited is not None and not self._is_as_stored(mailbox, row, edited):
            # A client that keeps both versions.
            self._hand_over(row, edited.uid, now)

    def _look_in_drafts(
        self, mailbox: Mailbox, row: DraftRow, candidates: Sequence[Outline], state: FolderState, now: datetime
    ) -> None:
        """Find a draft that is no longer where the person had moved it: moved back, or deleted."""
        for outline in candidates:
            mail = header_of(outline)
            if not is_marked_deleted(outline) and (mail.message_id == row.message_id or is_letter(mail, row)):
                if self._moves:
                    self._moves.take_back(mailbox, row, state.uidvalidity, outline.uid, now)
                return
        self._miss(row, now)

    def _follow(
        self, mailbox: Mailbox, row: DraftRow, candidates: Sequence[Outline], copies: Copies, now: datetime
    ) -> None:
        """Find where a draft went whose UID is gone: a client that saves an edited draft stores it anew."""
        later = [outline for outline in candidates if outline.uid >= row.uidnext]
        edited = copies.find(mailbox, self._places.drafts, later, row)
        if edited is not None:
            self._hand_over(row, edited.uid, now)
        elif sent := self._sent_letter(mailbox, row, copies, now):
            change(self._ledger, row, DraftState.SENT, now, act=Sent(at=sent.received_at, followup_id=row.id))
        else:
            self._miss(row, now)

    def _sent_letter(self, mailbox: Mailbox, row: DraftRow, copies: Copies, now: datetime) -> Outline | None:
        """Find the letter in the folder of sent mail, by marks that were not worth reading it for."""
        missed_at = row.changed_at if row.state is DraftState.GONE else now
        if self._sent is None or now > missed_at + SENT_LOOK:
            return None
        since = [
            outline
            for batch in mailbox.new(self._sent, first_uid=1, since=row.intended_at)
            for outline in batch
            if outline.received_at >= row.intended_second
        ]
        return copies.find(mailbox, self._sent, since, row, missed_at=missed_at)

    def _renumber(
        self,
        mailbox: Mailbox,
        row: DraftRow,
        candidates: Sequence[Outline],
        copies: Copies,
        state: FolderState,
        now: datetime,
    ) -> None:
        """Find a draft again in a folder that was numbered anew (RFC 9051 2.3.1.1), or made anew."""
        there = [outline for outline in candidates if not is_marked_deleted(outline)]
        same = [outline for outline in there if message_id_of(outline) == row.message_id]
        found = next(iter(same), None) or copies.find(mailbox, self._places.drafts, there, row)
        if found is None:
            self._wait_for_refill(row, now)
            return
        again = replace(row, uidvalidity=state.uidvalidity, uidnext=1, note=None)
        if row.state in _OURS and self._is_as_stored(mailbox, row, found):
            change(self._ledger, again, row.state, now, uid=found.uid)
        else:
            self._hand_over(again, found.uid, now)

    def _wait_for_refill(self, row: DraftRow, now: datetime) -> None:
        """Suddenly empty is an alarm and no order: what is missed is given up only after a while."""
        if row.state not in _OURS | {DraftState.TAKEN_OVER}:
            return
        if row.note != _REFILLING:
            change(self._ledger, replace(row, note=_REFILLING), row.state, now)
            self.alarm = (
                "The folder for drafts was made anew by your server or a program, and does not have all the letters "
                "that waited in it. None of them is made again; look where they are."
            )
        elif now >= row.changed_at + REFILL:
            self._miss(row, now)

    def _miss(self, row: DraftRow, now: datetime) -> None:
        if row.state is not DraftState.GONE and row.state is not DraftState.NEEDS_A_LOOK:
            change(self._ledger, row, DraftState.GONE, now, act=Gone(at=now, followup_id=row.id))

    def _hand_over(self, row: DraftRow, uid: int, now: datetime, note: str | None = None) -> None:
        """The draft is the person's from now on."""
        edited = None if row.state is DraftState.TAKEN_OVER else Edited(at=now, followup_id=row.id)
        change(self._ledger, replace(row, note=note or row.note), DraftState.TAKEN_OVER, now, uid=uid, act=edited)

    def _is_as_stored(self, mailbox: Mailbox, row: DraftRow, outline: Outline) -> bool:
        """Whether a message is byte for byte what we stored."""
        if message_id_of(outline) != row.message_id:
            return False
        message = mailbox.whole(self._places.drafts, outline.uid)
        return message is not None and hashlib.sha256(message).hexdigest() == row.sha256
