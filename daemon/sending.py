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

from composer.acts import Sent
from composer.policy import Policy
from composer.workdays import Workdays
from daemon.approvals import BACK_OFF, WAITING, Event, Happening, SendingRow, SendingState
from daemon.approving import HANDED_OVER_BEFORE, OUT_AS_ANOTHER, Approving, why_not
from daemon.drafts import MAY_TURN_UP, DraftRow, DraftState
from daemon.errors import FolderMissing
from daemon.ledger import Ledger
from daemon.mailbox import Mailbox
from daemon.marks import is_marked_deleted
from daemon.sendable import fingerprint, with_date
from daemon.sent_copies import SentCopies
from daemon.transport import Accepted, Deferred, NoLogin, Outcome, Parcel, Refused, Transport

_log = logging.getLogger("tactful.sending")

LOGIN_BACK_OFF = timedelta(hours=1)  # servers lock an account that comes again and again with a wrong password
LOOKS = tuple(timedelta(minutes=minutes) for minutes in (1, 10, 60))  # for a letter that may have gone out

_TROUBLES = frozenset({Event.DEFERRED, Event.LOGIN_REFUSED, Event.UNKNOWN})


class Sending(Approving):
    """The approved letters of one account, and their way out. `sent` is the folder for copies."""

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
        super().__init__(ledger, account, identities=identities, policy=policy, zone_of=zone_of, judge=judge)
        self._copies = SentCopies(ledger, sent, ours=not transport.files_sent)
        self._transport = transport

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
        """Let every letter wait whose login would be refused as well."""
        for row in self._ledger.sendings_due(self._account):
            if row.state in WAITING and row.next_at and row.next_at < now + LOGIN_BACK_OFF:
                self._ledger.change_sending(replace(row, next_at=now + LOGIN_BACK_OFF))

    def _cut_off(self, row: SendingRow, now: datetime) -> Happening | None:
        """Judge what a process left behind that ended in the middle of an attempt."""
        if row.state is SendingState.SENDING:
            return self._put_off(row, "The program ended before the letter was handed over.", now)
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
            return self._refuse(row, why_not(draft), now)
        if not row.at_once and (hour := self._in_hours(draft, now)) > now:
            self._ledger.change_sending(replace(row, next_at=hour))
            return None
        if self._ledger.was_handed_over_unknown_to_us(row.followup, row.sha256):
            return self._refuse(row, HANDED_OVER_BEFORE, now)
        if self._ledger.may_be_out_as_another(row.followup, row.sha256):
            return self._refuse(row, OUT_AS_ANOTHER, now)
        if not self._still_waits(mailbox, row, draft):
            return self._refuse(row, "The draft was changed or taken away after you approved it.", now)
        assert row.message is not None  # noqa: S101 - it is forgotten only when nothing is to be sent any more
        message = with_date(row.message, now)
        row = self._ledger.bring(row, SendingState.SENDING, now, message=message, attempts=row.attempts + 1)
        outcome = self._transport.send(
            Parcel(sender=row.sender, recipients=row.recipients, message=message),
            lambda: self._ledger.hand_over(row),
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
                return self._put_off(row, outcome.reply, now)
            case NoLogin():
                return self._put_off(row, outcome.reply, now, event=Event.LOGIN_REFUSED)
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
            row = self._ledger.bring(row, SendingState.ACCEPTED, now, reply=reply, message=copy, next_at=due)
            if draft.state in MAY_TURN_UP:  # or it was seen in Sent already
                self._ledger.change_draft(replace(draft, state=DraftState.SENT, changed_at=now, message=None), act)
        return Happening(event=Event.SENT, row=row)

    def _put_off(self, row: SendingRow, reply: str, now: datetime, *, event: Event = Event.DEFERRED) -> Happening:
        if row.attempts > len(BACK_OFF):
            return self._refuse(row, f"Given up after {row.attempts} attempts. {reply}", now)
        next_at = now + BACK_OFF[row.attempts - 1]
        draft = self._ledger.draft(row.followup)
        if draft and not row.at_once:
            next_at = self._in_hours(draft, next_at)
        return Happening(
            event=event, row=self._ledger.bring(row, SendingState.DEFERRED, now, reply=reply, next_at=next_at)
        )

    def _refuse(self, row: SendingRow, reply: str, now: datetime) -> Happening:
        return Happening(
            event=Event.REFUSED, row=self._ledger.bring(row, SendingState.REFUSED, now, reply=reply, message=None)
        )

    def _lost(self, row: SendingRow, reply: str, now: datetime) -> Happening:
        # The bytes are forgotten: nothing can send them again.
        row = self._ledger.bring(row, SendingState.UNKNOWN, now, reply=reply, message=None, next_at=now + LOOKS[0])
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
