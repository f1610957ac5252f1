"""Puts what is due into Drafts, at most once ever, and takes an untouched draft back (docs/architecture.md).

The order that makes it safe: the intent is on disk before the APPEND leaves, with the folder's UIDNEXT; afterwards the
draft is looked for and found, or it is not known to be there, and then it is never appended blindly. Nothing here ever
changes a message that is not byte for byte the one we stored.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from composer.acts import Drafted, Edited, Place
from composer.agenda import FollowUp, Withdrawal
from daemon.drafts import DraftRow, DraftState
from daemon.errors import LinkLost, MailboxError
from daemon.imprint import imprint
from daemon.ledger import Ledger
from daemon.lost_traces import look_for_traces
from daemon.mailbox import FolderState, Mailbox
from daemon.marks import header_of, is_letter, message_id_of
from daemon.pace import Pace
from daemon.places import Places
from daemon.transitions import change
from daemon.turns import Turns, from_elsewhere, surplus_of
from daemon.withdrawals import Withdrawals, is_untouched
from parsers.mail import read_mail

# After an APPEND whose answer was lost, the server may still be storing it: looks come at once, after one minute and
# after ten, and only the last one may conclude that nothing was stored.
LAST_LOOK = timedelta(minutes=10)
LOOKS = (timedelta(minutes=1), LAST_LOOK)
SECOND_LOOK = timedelta(seconds=30)  # where another installation may have made the same letter at the same second
MAX_ATTEMPTS = 2  # APPENDs of one draft whose outcome was unknown, in all
REFUSED_RETRY = timedelta(minutes=10)  # a full mailbox may have room later
MAX_REFUSALS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A finished draft. `answers` is the Message-ID it replies to; None for a new mail."""

    followup: FollowUp
    message_id: str
    message: bytes
    subject: str
    answers: str | None
    wording: str | None = None  # Letter.wording


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """What became of one attempt: the draft's state, and whether it is in Drafts now for the first time."""

    row: DraftRow
    created: bool


def message_id_for(followup_id: str, domain: str, secret: bytes) -> str:
    """Give the Message-ID of a follow-up: fixed for it, unguessable, without personal data; 160 bits, no brackets."""
    digest = hmac.digest(secret, followup_id.encode(), "sha256")[:20]
    return f"fu.{base64.b32encode(digest).decode().lower()}@{domain}"


class Outbox:
    """The drafts of one account: made in Drafts, taken back from where they lie."""

    def __init__(
        self, ledger: Ledger, account: str, places: Places, turns: Turns | None = None, pace: Pace | None = None
    ) -> None:
        self._ledger = ledger
        self._account = account
        self._places = places
        self._folder = places.drafts
        self._turns = turns or Turns(ledger, account)
        self._pace = pace or Pace()
        self._withdrawals = Withdrawals(ledger, places)

    # --------------------------------------------------------------------------------------------------- putting

    def put(self, mailbox: Mailbox, outgoing: Outgoing, now: datetime) -> Put | None:
        """Append one draft; None when it was tried before, whatever came of that, or when its turn has not come."""
        if self._ledger.draft(outgoing.followup.id) or now < self._turns.of(outgoing.followup.id, now):
            return None
        state = mailbox.state(self._folder)
        row = DraftRow(
            id=outgoing.followup.id,
            account=self._account,
            state=DraftState.INTENT,
            followup=outgoing.followup,
            message_id=outgoing.message_id,
            folder=self._folder,
            uidvalidity=state.uidvalidity,
            uidnext=state.uidnext,
            uid=None,
            sha256=hashlib.sha256(outgoing.message).hexdigest(),
            message=outgoing.message,
            attempts=1,
            intended_at=now,
            changed_at=now,
            answers=outgoing.answers,
            subject=outgoing.subject,
            wording=outgoing.wording,
            imprint=imprint(read_mail(outgoing.message).text, self._ledger.secret),
        )
        theirs = self._same_letter_waiting(mailbox, row, now)
        if now < self._turns.of(row.id, now):
            return None  # another installation was seen just now
        if theirs is not None:
            return self._adopt(mailbox, row, theirs, now)
        trace = look_for_traces(mailbox, self._ledger, self._places, row)
        if trace is None:
            self._ledger.intend(row, Drafted(at=now, followup=outgoing.followup))
            return self._append(mailbox, row, now)
        # In one transaction: what was cut off after the intent alone would be tried again.
        with self._ledger.together():
            self._ledger.intend(row, Drafted(at=now, followup=outgoing.followup))
            row = change(self._ledger, row, DraftState.APPENDED, now, message=None)
            row = change(self._ledger, row, trace.state, now, note=trace.note, act=trace.act(row))
        return Put(row=row, created=False)

    def _adopt(self, mailbox: Mailbox, row: DraftRow, uid: int, now: datetime) -> Put:
        """Take a draft that lies there already for this letter: the person's own, or one that a lost ledger made."""
        message = mailbox.whole(self._folder, uid)
        stored = hashlib.sha256(message).hexdigest() if message is not None else None
        ours = stored is not None and stored == self._ledger.tombstones.sha256(row.mark)
        with self._ledger.together():  # as above
            self._ledger.intend(row, Drafted(at=now, followup=row.followup))
            kept = replace(row, sha256=stored) if ours and stored else row
            row = change(self._ledger, kept, DraftState.APPENDED, now, uid=uid, message=None)
            if not ours:  # S19
                note = "a draft to this person in this thread was there already"
                row = change(
                    self._ledger, row, DraftState.TAKEN_OVER, now, note=note, act=Edited(at=now, followup_id=row.id)
                )
        return Put(row=row, created=False)

    def _append(self, mailbox: Mailbox, row: DraftRow, now: datetime) -> Put:
        if row.message is None:
            raise ValueError(f"draft {row.id} was confirmed before: its bytes are gone")
        self._ledger.tombstones.add(row.mark, row.sha256)
        self._pace.note()
        try:
            answer = mailbox.append_draft(self._folder, row.message)
        except LinkLost:
            change(self._ledger, row, DraftState.UNKNOWN, now)
            raise
        except MailboxError as error:
            refused = change(self._ledger, row, DraftState.REFUSED, now, note=str(error))
            return Put(row=refused, created=False)
        found = self._confirm(mailbox, row, answer.uid if answer.uidvalidity == row.uidvalidity else None)
        if found is None:
            return Put(row=change(self._ledger, row, DraftState.UNKNOWN, now), created=False)
        appended = change(self._ledger, row, DraftState.APPENDED, now, uid=found, message=None)
        # Of two installations that append at the same second, the later one sees the other's letter here.
        beside = [outline for batch in mailbox.new(self._folder, first_uid=row.uidnext) for outline in batch]
        if from_elsewhere(beside, self._ledger):
            self._ledger.note_company(self._account, now)
        return Put(row=appended, created=True)

    def _confirm(self, mailbox: Mailbox, row: DraftRow, uid: int | None) -> int | None:
        """Find the draft by exact comparison of its Message-ID: where the server said it is, else among the new."""
        if uid is not None and any(
            message_id_of(outline) == row.message_id for outline in mailbox.outlines(self._folder, [uid])
        ):
            return uid
        for batch in mailbox.new(self._folder, first_uid=row.uidnext):
            for outline in batch:
                if message_id_of(outline) == row.message_id:
                    return outline.uid
        return None

    def _same_letter_waiting(self, mailbox: Mailbox, row: DraftRow, now: datetime) -> int | None:
        """Find a draft of the person's own to the same recipient in the same thread, this very one, or the one that
        another installation has made.
        """
        drafts = self._ledger.drafts(self._account)
        # An earlier letter of ours that nobody touched is not the person's: it waits to be sent or taken back.
        ours = {
            other.uid: other
            for other in drafts
            if other.state is DraftState.APPENDED
            and other.uidvalidity == row.uidvalidity
            and self._places.place(other) is Place.DRAFTS
        }
        for batch in mailbox.new(self._folder, first_uid=1):
            elsewhere = from_elsewhere(batch, self._ledger, besides=row.mark)
            if elsewhere:
                self._ledger.note_company(self._account, now)
            for outline in batch:
                mail = header_of(outline)
                if mail.message_id == row.message_id or (outline in elsewhere and surplus_of(row, [outline])):
                    return outline.uid
                other = ours.get(outline.uid)
                if row.answers and is_letter(mail, row) and not (other and is_untouched(outline, other)):
                    return outline.uid
        return None

    # ------------------------------------------------------------------------------------------------ unfinished

    def settle(self, mailbox: Mailbox, now: datetime) -> tuple[Put, ...]:
        """Bring every unfinished draft on: find those whose outcome is not known, retry those that are provably not
        there, finish withdrawals. Never appends what may be stored already.
        """
        settled = []
        for row in self._ledger.drafts(self._account):
            if row.state is DraftState.INTENT:
                # The process ended between intent and outcome.
                settled.append(self._look(mailbox, change(self._ledger, row, DraftState.UNKNOWN, row.intended_at), now))
            elif row.state is DraftState.UNKNOWN:
                settled.append(self._look(mailbox, row, now))
            elif row.state is DraftState.REFUSED and now >= row.changed_at + REFUSED_RETRY and self._pace.may_go():
                settled.append(self._retry_refused(mailbox, row, now))
            elif row.state is DraftState.WITHDRAWING:
                self._withdrawals.finish(mailbox, row, now)
        return tuple(put for put in settled if put)

    def _look(self, mailbox: Mailbox, row: DraftRow, now: datetime) -> Put | None:
        state = mailbox.state(self._folder)
        same = state.uidvalidity == row.uidvalidity
        found = self._confirm(mailbox, row if same else replace(row, uidnext=1), None)
        if found is not None:
            appended = replace(row, uidvalidity=state.uidvalidity)
            return Put(
                row=change(self._ledger, appended, DraftState.APPENDED, now, uid=found, message=None), created=True
            )
        if now < row.intended_at + LAST_LOOK:
            return None
        if not same or state.uidnext != row.uidnext:
            note = "something was stored in Drafts when this draft was, but it is not to be found; look there yourself"
            return Put(row=change(self._ledger, row, DraftState.NEEDS_A_LOOK, now, note=note), created=False)
        if self._was_tried_since(row):
            note = "this ledger is an old copy, and the draft was made after it; look for it yourself"
            return Put(row=change(self._ledger, row, DraftState.NEEDS_A_LOOK, now, note=note), created=False)
        if row.attempts >= MAX_ATTEMPTS:
            note = f"not stored after {row.attempts} attempts"
            return Put(row=change(self._ledger, row, DraftState.FAILED, now, note=note, message=None), created=False)
        return self._attempt_again(mailbox, row, state, now)

    def _retry_refused(self, mailbox: Mailbox, row: DraftRow, now: datetime) -> Put | None:
        if row.attempts >= MAX_REFUSALS or now >= row.followup.stale_at or self._was_tried_since(row):
            return Put(row=change(self._ledger, row, DraftState.FAILED, now, message=None), created=False)
        return self._attempt_again(mailbox, row, mailbox.state(self._folder), now)

    def _was_tried_since(self, row: DraftRow) -> bool:
        """Whether there were more attempts than the ledger knows of: then it is an old copy."""
        return self._ledger.tombstones.count(row.mark) > row.attempts

    def _attempt_again(self, mailbox: Mailbox, row: DraftRow, state: FolderState, now: datetime) -> Put:
        again = replace(
            row,
            uidvalidity=state.uidvalidity,
            uidnext=state.uidnext,
            attempts=row.attempts + 1,
            intended_at=now,
        )
        return self._append(mailbox, change(self._ledger, again, DraftState.INTENT, now), now)

    def next_at(self, now: datetime) -> datetime | None:
        """Give the next instant at which something unfinished wants another look, or a letter's turn comes."""
        wanted = [turn for turn in self._turns.drawn if turn > now]
        for row in self._ledger.drafts(self._account):
            if row.state in {DraftState.INTENT, DraftState.UNKNOWN}:
                wanted += [row.intended_at + after for after in LOOKS]
            elif row.state is DraftState.REFUSED:
                wanted.append(row.changed_at + REFUSED_RETRY)
            elif row.state is DraftState.APPENDED and self._ledger.has_company(self._account):
                wanted.append(row.intended_at + SECOND_LOOK)
        return min((instant for instant in wanted if instant > now), default=None)

    def withdraw(self, mailbox: Mailbox, withdrawal: Withdrawal, now: datetime) -> bool:
        """Take an untouched draft back; False when there is none of ours that may be removed."""
        return self._withdrawals.withdraw(mailbox, withdrawal, now)
