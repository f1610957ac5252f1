"""The person's approval of a draft in, an approval on disk or every reason against it out (policy.md 10)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from composer.acts import Approved
from composer.policy import Policy
from composer.workdays import Workdays
from daemon.approvals import BACK_OFF, WAITING, Approval, Refusal, SendingRow, SendingState
from daemon.drafts import MAY_TURN_UP, DraftRow, DraftState
from daemon.ledger import Ledger
from daemon.sendable import NotSendable, Sendable, fingerprint, read_sendable, without_now

SAME_REFUSAL = timedelta(minutes=10)  # the same bytes are not tried again meanwhile, however often they are approved

HANDED_OVER_BEFORE = (
    "It may have gone out: the ledger is an old copy, and the letter was handed over to the server after it. Look into "
    "Sent, and send it yourself if it did not."
)

OUT_AS_ANOTHER = (
    "This very letter went out already, or may have, as the answer to something else. Look into Sent, and write a new "
    "mail if there is more to say."
)


class Approving:
    """The approvals of one account.

    `identities` are the person's own addresses there. `zone_of` gives the recipient's IANA zone of a draft, None where
    it is not known; `judge` each reason why a letter must not go out.
    """

    def __init__(
        self,
        ledger: Ledger,
        account: str,
        *,
        identities: Collection[str],
        policy: Policy,
        zone_of: Callable[[DraftRow], str | None],
        judge: Callable[[DraftRow, bytes], Iterable[str]],
    ) -> None:
        self._ledger = ledger
        self._account = account
        self._identities = identities
        self._policy = policy
        self._zone_of = zone_of
        self._judge = judge

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
            yield why_not(row)
        elif self._ledger.was_handed_over_unknown_to_us(row.id, fingerprint(message)):
            yield HANDED_OVER_BEFORE
        elif self._ledger.may_be_out_as_another(row.id, fingerprint(message)):
            yield OUT_AS_ANOTHER
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
        self._ledger.bring(row, SendingState.REFUSED, now, reply=reason, message=None)
        return True

    def _in_hours(self, draft: DraftRow, instant: datetime) -> datetime:
        return Workdays(self._policy, self._zone_of(draft)).into_office_hours(instant)


def why_not(draft: DraftRow | None) -> str:
    """Say why a draft in its state is not sent."""
    if draft and draft.state is DraftState.SENT:
        return "You sent it yourself, or wrote to them in this thread, so nothing was sent."
    return f"The draft is {draft.state if draft else 'unknown'}, so nothing was sent."
