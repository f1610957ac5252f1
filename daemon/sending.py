"""An approved draft in, the letter sent by SMTP out, at most once (policy.md 10).

The order that makes it safe: the approval is on disk before anything else; that a connection is about to be made is on
disk before it is made; and right before the octets that end the letter it is on disk that they go out. So after a crash
the ledger alone tells whether somebody may have the letter, and such a letter is never sent again: it is looked for in
Sent, and the person is told.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from composer.acts import Approved, Sent
from composer.policy import Policy
from composer.workdays import Workdays
from daemon.approvals import WAITING, Approval, Event, Happening, Refusal, SendingRow, SendingState
from daemon.drafts import MAY_TURN_UP, DraftRow, DraftState
from daemon.errors import FolderMissing
from daemon.ledger import Ledger
from daemon.mailbox import Mailbox
from daemon.marks import is_marked_deleted
from daemon.sendable import NotSendable, Sendable, fingerprint, read_sendable, with_date, without_now
from daemon.sent_copies import SentCopies
from daemon.transport import Accepted, Deferred, NoLogin, Outcome, Parcel, Refused, Transport

_log = logging.getLogger("tactful.sending")

# After the n-th attempt that was deferred; the last one fails for good. They add up to less than a day, in which the
# hours outside the recipient's day are not counted.
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 120, 240, 480))
LOGIN_BACK_OFF = timedelta(hours=1)  # servers lock an account that comes again and again with a wrong password
LOOKS = tuple(timedelta(minutes=minutes) for minutes in (1, 10, 60))  # for a letter that may have gone out
SAME_REFUSAL = timedelta(minutes=10)  # the same bytes are not tried again meanwhile, however often they are approved

_TROUBLES = frozenset({Event.DEFERRED, Event.LOGIN_REFUSED, Event.UNKNOWN})


class Sending:
    """The approved letters of one account.

    `identities` are the person's own addresses there; `sent` is the folder for copies. `zone_of` gives the recipient's
    IANA zone of a draft, None where it is not known; `judge` each reason why a letter must not go out.
    """

    def __init__(
        self,
        ledger: Ledger,
        account: str,
        *,
        identities: Collection[str],
        policy: Policy,
        sent: str | None,
        transport: Transport,
        zone_of: Callable[[DraftRow], str | None],
        judge: Callable[[DraftRow, bytes], Iterable[str]],
    ) -> None:
        self._ledger = ledger
        self._account = account
        self._identities = identities
        self._policy = policy
        self._copies = SentCopies(ledger, sent, ours=not transport.files_sent)
        self._transport = transport
        self._zone_of = zone_of
        self._judge = judge

    # ------------------------------------------------------------------------------------------------- the person

    def approve(self, row: DraftRow, message: bytes, now: datetime, *, at_once: bool) -> Approval | Refusal:
        """Take the person's approval of these very bytes, every octet as it lies in the folder (`Mailbox.whole`).

        A "+now" at the beginning of the subject is left in by the caller: it counts as `at_once`, and is no part of
        what is approved. May be called again for the same bytes, at each pass: that gives the same Approval and changes
        nothing. Other bytes replace an approval of which nothing has left yet. The same bytes that were refused by the
        server are a new approval only some minutes later.
        """
        latest = self._ledger.sending_of(row.id)
        try:
            letter = read_sendable(message, identities=self._identities, message_id=row.message_id, date=now)
        except NotSendable as fault:
            self.call_off(row.id, "The approved draft was changed.", now)
            return Refusal(reasons=(*fault.reasons, *self._judge(row, without_now(message))))
        at_once = at_once or letter.at_once
        if latest and latest.sha256 == letter.sha256:
            if latest.state is not SendingState.REFUSED:
                return Approval(row=self._hurried(latest, now) if at_once else latest)
            if latest.attempts and now < latest.changed_at + SAME_REFUSAL:
                return Refusal(reasons=(latest.reply or "It was refused.",))
        if reasons := tuple(self._against(row, latest, message)):
            self.call_off(row.id, "The approved draft was changed.", now)
            return Refusal(reasons=reasons)
        return self._approved(row, letter, now, at_once=at_once)

    def _against(self, row: DraftRow, latest: SendingRow | None, message: bytes) -> Iterable[str]:
        if latest and latest.state is SendingState.ACCEPTED:
            yield "This letter was sent already, in other words; write a new mail."
        elif latest and latest.state not in WAITING | {SendingState.REFUSED}:
            yield "It is not known whether this letter went out; look into Sent, and send it yourself if it did not."
        elif row.state not in MAY_TURN_UP:
            yield f"The draft is {row.state}, so there is nothing to be sent."
        yield from self._judge(row, without_now(message))

    def _approved(self, row: DraftRow, letter: Sendable, now: datetime, *, at_once: bool) -> Approval:
        with self._ledger.together():
            self.call_off(row.id, "The approved draft was changed, and approved anew.", now)
            approved = SendingRow(
                number=None,
                followup=row.id,
                account=self._account,
                state=SendingState.APPROVED,
                message=letter.message,
                sha256=letter.sha256,
                message_id=letter.message_id,
                sender=letter.sender,
                recipients=letter.recipients,
                at_once=at_once,
                attempts=0,
                approved_at=now,
                changed_at=now,
                next_at=now if at_once else self._in_hours(row, now),
            )
            approved = self._ledger.add_sending(approved)
            self._ledger.record_act(Approved(at=now, followup_id=row.id))
        return Approval(row=approved)

    def _hurried(self, row: SendingRow, now: datetime) -> SendingRow:
        """Take the "+now" that the person put to a letter which waits already."""
        if row.at_once or row.state not in WAITING:
            return row
        again = now if row.state is SendingState.APPROVED else row.changed_at + BACK_OFF[row.attempts - 1]
        row = replace(row, at_once=True, next_at=again)
        self._ledger.change_sending(row)
        return row

    def call_off(self, followup_id: str, reason: str, now: datetime) -> bool:
        """Void an approval of which nothing has left yet: the person took the draft back, or there is news that forbids
        it. False where there is none, or it is too late. `reason` is a sentence for the person.
        """
        row = self._ledger.sending_of(followup_id)
        if row is None or row.state not in WAITING:
            return False
        self._change(row, SendingState.REFUSED, now, reply=reason, message=None)
        return True

    # --------------------------------------------------------------------------------------------------- the pass

    def next_at(self) -> datetime | None:
        """Say when `work` has something to do again; None: nothing by itself."""
        return min((row.next_at for row in self._ledger.sendings_due(self._account) if row.next_at), default=None)

    def work(self, mailbox: Mailbox, now: datetime) -> tuple[Happening, ...]:
        """Send what is due, look for what may have been sent, file copies; give what happened.

        Before each attempt the approved bytes must still lie where the draft was seen last (`DraftRow.folder`, `uid`).
        Raises MailboxError; what was done until then is in the ledger.
        """
        now = now.astimezone(Workdays(self._policy, None).user)  # the Date field shows the person's clock
        happened: list[Happening] = []
        for row in self._ledger.sendings_due(self._account):
            if row.state in WAITING and any(other.event in _TROUBLES for other in happened):
                continue  # the server has its troubles: others are not held up by it in this pass, nor it by them
            happening = self._cut_off(row, now) or self._bring_on(mailbox, row, now)
            if happening:
                _log.info("account %s: an approved letter: %s", self._account, happening.event)
                happened.append(happening)
        if any(happening.event is Event.LOGIN_REFUSED for happening in happened):
            self._spare_the_login(now)
        for row in self._ledger.sendings_due(self._account):
            if row.state is SendingState.ACCEPTED and row.next_at and row.next_at <= now:
                self._copies.file(mailbox, row, now)
        return tuple(happened)

    def _spare_the_login(self, now: datetime) -> None:
        """Let the other letters wait as long as the one whose login was refused."""
        for row in self._ledger.sendings_due(self._account):
            if row.state in WAITING and row.next_at and row.next_at < now + LOGIN_BACK_OFF:
                self._ledger.change_sending(replace(row, next_at=now + LOGIN_BACK_OFF))

    def _cut_off(self, row: SendingRow, now: datetime) -> Happening | None:
        """Judge what a process left behind that ended in the middle of an attempt."""
        if row.state is SendingState.SENDING:
            return self._put_off(row, "The program ended before the letter was handed over.", timedelta(), now)
        if row.state is SendingState.HANDING_OVER:
            return self._lost(row, "The program ended while the letter was handed over.", now)
        return None

    def _bring_on(self, mailbox: Mailbox, row: SendingRow, now: datetime) -> Happening | None:
        if row.next_at is None or now < row.next_at:
            return None
        if row.state in WAITING:
            return self._attempt(mailbox, row, now)
        if row.state is SendingState.UNKNOWN:
            return self._look(mailbox, row, now)
        return None

    def _attempt(self, mailbox: Mailbox, row: SendingRow, now: datetime) -> Happening | None:
        draft = self._ledger.draft(row.followup)
        if draft is None or draft.state not in MAY_TURN_UP:
            state = draft.state if draft else "unknown"
            return self._refuse(row, f"The draft is {state} meanwhile, so nothing was sent.", now)
        if not row.at_once and (hour := self._in_hours(draft, now)) > now:
            self._ledger.change_sending(replace(row, next_at=hour))
            return None
        if not self._still_waits(mailbox, row, draft):
            return self._refuse(row, "The draft was changed or taken away after you approved it.", now)
        assert row.message is not None  # noqa: S101 - it is forgotten only when nothing is to be sent any more
        message = with_date(row.message, now)
        row = self._change(row, SendingState.SENDING, now, message=message, attempts=row.attempts + 1)
        outcome = self._transport.send(
            Parcel(sender=row.sender, recipients=row.recipients, message=message),
            lambda: self._ledger.change_sending(replace(row, state=SendingState.HANDING_OVER)),
        )
        return self._came_of(row, draft, outcome, now)

    def _still_waits(self, mailbox: Mailbox, row: SendingRow, draft: DraftRow) -> bool:
        """Take the last look: whether the very bytes that were approved lie where the draft was seen last."""
        try:
            if draft.uid is None or mailbox.state(draft.folder).uidvalidity != draft.uidvalidity:
                return False
            outlines = mailbox.outlines(draft.folder, [draft.uid])
            raw = mailbox.whole(draft.folder, draft.uid)
        except FolderMissing:
            return False
        deleted = any(is_marked_deleted(outline) for outline in outlines)
        return raw is not None and not deleted and fingerprint(raw) == row.sha256

    # ------------------------------------------------------------------------------------------------- what came of it

    def _came_of(self, row: SendingRow, draft: DraftRow, outcome: Outcome, now: datetime) -> Happening:
        match outcome:
            case Accepted():
                return self._accepted(row, draft, outcome.reply, now)
            case Deferred():
                return self._put_off(row, outcome.reply, timedelta(), now)
            case NoLogin():
                return self._put_off(row, outcome.reply, LOGIN_BACK_OFF, now, event=Event.LOGIN_REFUSED)
            case Refused():
                return self._refuse(row, outcome.reply, now)
            case _:
                return self._lost(row, outcome.reply, now)

    def _accepted(self, row: SendingRow, draft: DraftRow, reply: str, now: datetime) -> Happening:
        """Write in one transaction that the letter is sent; its copy is still to be filed, where that is ours to do."""
        act = Sent(at=now, followup_id=draft.id)
        copy = row.message if self._copies.are_ours else None
        due = now if copy else None
        with self._ledger.together():
            row = self._change(row, SendingState.ACCEPTED, now, reply=reply, message=copy, next_at=due)
            if draft.state in MAY_TURN_UP:  # or it was seen in Sent already
                self._ledger.change_draft(replace(draft, state=DraftState.SENT, changed_at=now, message=None), act)
        return Happening(event=Event.SENT, row=row)

    def _put_off(
        self, row: SendingRow, reply: str, least: timedelta, now: datetime, *, event: Event = Event.DEFERRED
    ) -> Happening:
        if row.attempts > len(BACK_OFF):
            return self._refuse(row, f"Given up after {row.attempts} attempts. {reply}", now)
        next_at = now + max(BACK_OFF[row.attempts - 1], least)
        draft = self._ledger.draft(row.followup)
        if draft and not row.at_once:
            next_at = self._in_hours(draft, next_at)
        return Happening(event=event, row=self._change(row, SendingState.DEFERRED, now, reply=reply, next_at=next_at))

    def _refuse(self, row: SendingRow, reply: str, now: datetime) -> Happening:
        return Happening(
            event=Event.REFUSED, row=self._change(row, SendingState.REFUSED, now, reply=reply, message=None)
        )

    def _lost(self, row: SendingRow, reply: str, now: datetime) -> Happening:
        # The bytes are forgotten: nothing can send them again.
        row = self._change(row, SendingState.UNKNOWN, now, reply=reply, message=None, next_at=now + LOOKS[0])
        return Happening(event=Event.UNKNOWN, row=row)

    def _look(self, mailbox: Mailbox, row: SendingRow, now: datetime) -> Happening | None:
        """Look for a letter that may have gone out, where providers put what they took over."""
        draft = self._ledger.draft(row.followup)
        if draft and self._copies.has(mailbox, row):
            return self._accepted(row, draft, "It is in Sent.", now)
        later = [look for look in LOOKS if row.changed_at + look > now]
        row = replace(row, next_at=row.changed_at + later[0] if later else None)
        self._ledger.change_sending(row)
        return None if later else Happening(event=Event.LOST_SIGHT, row=row)

    # ------------------------------------------------------------------------------------------------------- helpers

    def _in_hours(self, draft: DraftRow, instant: datetime) -> datetime:
        return Workdays(self._policy, self._zone_of(draft)).into_office_hours(instant)

    def _change(
        self,
        row: SendingRow,
        state: SendingState,
        now: datetime,
        *,
        message: bytes | None = b"",
        next_at: datetime | None = None,
        attempts: int | None = None,
        reply: str | None = None,
    ) -> SendingRow:
        """Write a new state. `message=None` forgets the bytes, which are not needed any more."""
        changed = replace(
            row,
            state=state,
            changed_at=now,
            message=row.message if message == b"" else message,
            next_at=next_at,
            attempts=row.attempts if attempts is None else attempts,
            reply=row.reply if reply is None else reply,
        )
        self._ledger.change_sending(changed)
        return changed
