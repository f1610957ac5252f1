"""Writes down what the person asks for by moving a draft, and what it is then: each move once, with its act."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from composer.acts import Act, Edited, Muted, Place, Placed, Resumed
from composer.policy import Policy
from daemon.drafts import DraftRow, DraftState
from daemon.gestures import comes_back, read_wish
from daemon.ledger import Ledger
from daemon.mailbox import Mailbox
from daemon.places import Places, Sighting, placings

_log = logging.getLogger("tactful.moves")


class Moves:
    """Follows the drafts of one account. `messages_of` gives the keys of the messages of a draft's application."""

    def __init__(
        self,
        ledger: Ledger,
        account: str,
        places: Places,
        policy: Policy,
        messages_of: Callable[[DraftRow], tuple[str, ...]],
    ) -> None:
        self._ledger = ledger
        self._account = account
        self._places = places
        self._policy = policy
        self._messages_of = messages_of

    def follow(self, mailbox: Mailbox, row: DraftRow, gesture: Sighting, now: datetime) -> None:
        """Write down where the person moved or copied a draft, and what they want of it."""
        placed = replace(row, folder=gesture.folder, uidvalidity=gesture.uidvalidity, uid=gesture.uid, note=None)
        until = self._until(row, gesture, now) if gesture.place is Place.LATER else None
        acts: tuple[Act, ...] = ()
        if gesture.place is Place.NEVER and self._places.place(row) is not Place.NEVER:
            # What is muted and untouched would be taken back; here it stays, as the sign of the wish.
            messages = self._messages_of(row)
            acts = (Muted(at=now, target=row.followup.application, messages=messages),)
        hands_off = gesture.place is Place.NEVER
        self._place(mailbox, placed, gesture.place, now, *acts, until=until, hands_off=hands_off)

    def take_back(self, mailbox: Mailbox, row: DraftRow, uidvalidity: int, uid: int, now: datetime) -> None:
        """Write down that the person moved a draft back to Drafts, and so takes back what they had asked for."""
        acts: tuple[Act, ...] = ()
        if self._places.place(row) is Place.NEVER:
            acts = (Resumed(at=now, target=row.followup.application, messages=self._messages_of(row)),)
        self._place(mailbox, self._in_drafts(row, uidvalidity, uid), Place.DRAFTS, now, *acts)

    def brought_back(self, row: DraftRow, uidvalidity: int, uid: int, now: datetime) -> None:
        """Write down that we moved these very bytes back to Drafts."""
        self._write(self._in_drafts(row, uidvalidity, uid), Place.DRAFTS, now)

    def _in_drafts(self, row: DraftRow, uidvalidity: int, uid: int) -> DraftRow:
        return replace(row, folder=self._places.drafts, uidvalidity=uidvalidity, uid=uid, uidnext=1)

    def _until(self, row: DraftRow, gesture: Sighting, now: datetime) -> datetime:
        before = placings(self._ledger.acts()).get(row.id, [])
        if before and before[-1].place is Place.LATER and before[-1].until and gesture.uidvalidity != row.uidvalidity:
            return before[-1].until  # the folder was numbered anew: nobody moved anything
        return comes_back(read_wish(gesture.mail.subject), now, self._policy)

    def _place(
        self,
        mailbox: Mailbox,
        row: DraftRow,
        place: Place,
        now: datetime,
        *acts: Act,
        until: datetime | None = None,
        hands_off: bool = False,
    ) -> None:
        if row.state is not DraftState.TAKEN_OVER and (hands_off or not self._is_as_written(mailbox, row)):
            row = replace(row, state=DraftState.TAKEN_OVER)
            acts = (Edited(at=now, followup_id=row.id), *acts)
        self._write(row, place, now, *acts, until=until)

    def _is_as_written(self, mailbox: Mailbox, row: DraftRow) -> bool:
        """Whether it is byte for byte what we stored: only then is it still ours to take back."""
        if row.state not in {DraftState.APPENDED, DraftState.LEFT} or row.uid is None:
            return False
        message = mailbox.whole(row.folder, row.uid)
        return message is not None and hashlib.sha256(message).hexdigest() == row.sha256

    def _write(self, row: DraftRow, place: Place, now: datetime, *acts: Act, until: datetime | None = None) -> None:
        if row.uid is None:
            raise ValueError(f"draft {row.id} lies nowhere")
        placed = Placed(
            at=now, followup_id=row.id, place=place, until=until, uidvalidity=row.uidvalidity, uid=row.uid
        )  # fmt: skip
        self._ledger.change_draft(replace(row, changed_at=now), *acts, placed)
        _log.info("account %s: a draft lies in %s now", self._account, place)
