"""Does what the person asks for by moving drafts: sends what they approve, brings back what they put off.

Everything is worked out anew at each pass from where the drafts lie, from the approvals and from the acts, so that a
pass may be cut off anywhere. A draft is only ever moved, whole; the bytes that the person moved are never changed.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from composer.acts import Edited, Place
from composer.agenda import Withdrawal
from daemon.approvals import WAITING, Event, Happening, Refusal, SendingState
from daemon.drafts import MAY_TURN_UP, DraftRow, DraftState
from daemon.gestures import read_wish
from daemon.ledger import Ledger
from daemon.mailbox import Mailbox
from daemon.marks import header_of, is_marked_deleted, message_id_of
from daemon.moves import Moves
from daemon.notices import NoticeKind, Notices
from daemon.places import Places, Sighting, placings
from daemon.sending import Sending

_log = logging.getLogger("tactful.controls")

NO_SMTP = (
    "No SMTP server is configured for this account, so letters cannot be sent from here: send it from Drafts with your "
    "mail program, or set “smtp” in the configuration."
)
_NOT_SENT = "not sent: "


class Controls:
    """The gestures of one account. `sending` is None where no SMTP server is configured."""

    def __init__(
        self, ledger: Ledger, account: str, places: Places, moves: Moves, notices: Notices, sending: Sending | None
    ) -> None:
        self._ledger = ledger
        self._account = account
        self._places = places
        self._moves = moves
        self._notices = notices
        self._sending = sending

    def work(
        self, mailbox: Mailbox, withdrawals: Iterable[Withdrawal], sightings: Sequence[Sighting], now: datetime
    ) -> None:
        """Do all that is to be done now. `withdrawals` are the agenda's, `sightings` what lies in the three folders.

        Raises MailboxError; what was done until then is in the ledger.
        """
        self._call_off_what_is_elsewhere(now)
        self._call_off_what_is_wrong(withdrawals, now)
        for row in self._in(Place.APPROVED):
            self._approve(mailbox, row, now)
        if self._sending:
            for happening in self._sending.work(mailbox, now):
                self._tell(happening, now)
        for row in self._in(Place.APPROVED):
            self._refuse_as_sending_did(row, now)
        for row in self._in(Place.APPROVED):
            if is_refused(row):
                self._bring_back(mailbox, row, now)
        self._clear_away_what_is_sent(mailbox, sightings)
        self._bring_back_what_is_due(mailbox, now)
        self._finish_moves(mailbox, sightings)

    def _in(self, place: Place) -> Iterator[DraftRow]:
        """Give the drafts that wait in a place; each as it stands when its turn comes."""
        for row in self._ledger.drafts(self._account):
            if row.state in MAY_TURN_UP - {DraftState.GONE} and self._places.place(row) is place:
                yield row

    # ------------------------------------------------------------------------------------------------- approval

    def _approve(self, mailbox: Mailbox, row: DraftRow, now: datetime) -> None:
        if is_refused(row) or row.uid is None or self._is_answered(row):
            return
        if self._sending is None:
            self._refuse(row, (NO_SMTP,), now)
            return
        folder = self._places.folder(row)
        outlines = mailbox.outlines(folder, [row.uid])
        message = mailbox.whole(folder, row.uid)
        if not outlines or message is None:
            return  # taken away in this very moment: the next pass sees where it went
        wish = read_wish(header_of(outlines[0]).subject)
        if wish.days:
            reason = (
                "Its subject begins with a number of days, which is for Later: take that away, and approve it again."
            )
            self._refuse(row, (reason,), now)
            return
        answer = self._sending.approve(row, message, now, at_once=wish.at_once)
        if isinstance(answer, Refusal):
            self._refuse(row, answer.reasons, now)

    def _is_answered(self, row: DraftRow) -> bool:
        """Whether this very move of the draft was taken as an approval before."""
        latest = self._ledger.sending_of(row.id)
        moved = placings(self._ledger.acts()).get(row.id, [])
        return latest is not None and bool(moved) and latest.approved_at >= moved[-1].at

    def _refuse_as_sending_did(self, row: DraftRow, now: datetime) -> None:
        latest = self._ledger.sending_of(row.id)
        if latest and latest.state is SendingState.REFUSED and self._is_answered(row) and not is_refused(row):
            self._refuse(row, (latest.reply or "It was refused.",), now)

    def _refuse(self, row: DraftRow, reasons: Sequence[str], now: datetime) -> DraftRow:
        """Write down why an approved draft is not sent, and tell the person once for each of their moves."""
        identifier = f"refusal/{row.id}/{row.uidvalidity}.{row.uid}"
        text = (
            f"Your letter “{row.subject}” to {row.followup.to.address} was not sent:\n\n"
            + "\n".join(f"- {reason}" for reason in reasons)
            + "\n\nIt is in Drafts again, unless your server cannot move a single message. Change it, then move it to "
            "Approved once more, or send it yourself."
        )
        self._notices.tell(NoticeKind.REFUSAL, identifier, "Tactful: a letter was not sent", text, now)
        refused = replace(row, note=_NOT_SENT + " ".join(reasons), changed_at=now)
        self._ledger.change_draft(refused)
        return refused

    # ------------------------------------------------------------------------------------------------ calling off

    def _call_off_what_is_elsewhere(self, now: datetime) -> None:
        """Void each approval whose draft the person has taken away again, or whose letter they sent themself."""
        if self._sending is None:
            return
        waiting = {row.id for row in self._in(Place.APPROVED)}
        for due in self._ledger.sendings_due(self._account):
            if due.followup not in waiting and self._sending.call_off(
                due.followup, "The draft is in Approved no longer, or you sent it yourself.", now
            ):
                _log.info("account %s: an approval was taken back", self._account)

    def _call_off_what_is_wrong(self, withdrawals: Iterable[Withdrawal], now: datetime) -> None:
        wrong = {withdrawal.followup.id: withdrawal for withdrawal in withdrawals}
        for row in self._in(Place.APPROVED):
            withdrawal = wrong.get(row.id)
            if withdrawal is None or is_refused(row) or self._has_left(row):
                continue
            if self._sending:
                self._sending.call_off(row.id, f"It became wrong: {withdrawal.reason}.", now)
            reasons = (f"Something has happened since it was written: {withdrawal.reason} ({withdrawal.rule}).",)
            refused = self._refuse(row, reasons, now)
            if refused.state is not DraftState.TAKEN_OVER:
                # The person wanted it sent, so it is theirs to drop.
                taken = replace(refused, state=DraftState.TAKEN_OVER)
                self._ledger.change_draft(taken, Edited(at=now, followup_id=row.id))

    def _has_left(self, row: DraftRow) -> bool:
        latest = self._ledger.sending_of(row.id)
        return latest is not None and latest.state not in WAITING | {SendingState.REFUSED}

    # --------------------------------------------------------------------------------------------------- sending

    def _tell(self, happening: Happening, now: datetime) -> None:
        """Tell the person what they must look after."""
        row = happening.row
        if happening.event is Event.LOGIN_REFUSED:
            text = f"Letters that you approved cannot be sent: {row.reply}\n\nThey are tried again by themselves."
            identifier = f"smtp-login/{self._account}/{now:%Y-%m-%d}"
            self._notices.tell(NoticeKind.PROBLEM, identifier, "Tactful: the SMTP server refuses the login", text, now)
        elif happening.event is Event.LOST_SIGHT:
            text = (
                f"It is not known whether your letter to {', '.join(row.recipients)} went out: {row.reply}\n\n"
                "It was not found in Sent. It is not sent again by itself: ask them, or send it yourself."
            )
            identifier = f"lost-sight/{row.followup}/{row.number}"
            self._notices.tell(NoticeKind.PROBLEM, identifier, "Tactful: a letter may not have gone out", text, now)

    def _clear_away_what_is_sent(self, mailbox: Mailbox, sightings: Sequence[Sighting]) -> None:
        """Remove the draft of a letter that the server has taken over, and copies of it that are still in Drafts."""
        for row in self._ledger.drafts(self._account):
            if row.state is not DraftState.SENT or row.uid is None or not any(s.is_at(row) for s in sightings):
                continue
            latest = self._ledger.sending_of(row.id)
            if latest is None or latest.state is not SendingState.ACCEPTED:
                continue  # the person sent it: their mail program looks after the draft
            folder = self._places.folder(row)
            message = mailbox.whole(folder, row.uid)
            if message is not None:
                for uid in self._same_in_drafts(mailbox, message, deleted=True):
                    mailbox.expunge_draft(self._places.drafts, uid)
                mailbox.expunge_draft(folder, row.uid)

    # ---------------------------------------------------------------------------------------------- bringing back

    def _bring_back_what_is_due(self, mailbox: Mailbox, now: datetime) -> None:
        moved = placings(self._ledger.acts())
        for row in self._in(Place.LATER):
            until = moved[row.id][-1].until if row.id in moved else None
            if until is not None and until <= now:
                self._bring_back(mailbox, row, now)

    def _bring_back(self, mailbox: Mailbox, row: DraftRow, now: datetime) -> None:
        """Move a draft back to Drafts, these very bytes; where that cannot be done for it alone it stays."""
        folder, drafts = self._places.folder(row), self._places.drafts
        message = mailbox.whole(folder, row.uid) if row.uid is not None else None
        if row.uid is None or message is None:
            return
        state = mailbox.state(drafts)
        same = self._same_in_drafts(mailbox, message)
        if same:
            # The person copied it, or a move was cut off between the copy and the removal.
            mailbox.expunge_draft(folder, row.uid)
        elif mailbox.move(folder, row.uid, drafts):
            same = [uid for uid in self._same_in_drafts(mailbox, message) if uid >= state.uidnext]
        if same:
            self._moves.brought_back(row, state.uidvalidity, max(same), now)

    def _finish_moves(self, mailbox: Mailbox, sightings: Sequence[Sighting]) -> None:
        """Remove what is left of a move that was cut off between the mark of deletion and the removal: a message that
        is marked, and is byte for byte a draft of ours in Drafts.
        """
        ours = {row.uid for row in self._in(Place.DRAFTS)}
        for sighting in sightings:
            if sighting.deleted and sighting.mail.message_id:
                message = mailbox.whole(sighting.folder, sighting.uid)
                if message is not None and not ours.isdisjoint(self._same_in_drafts(mailbox, message)):
                    mailbox.expunge_draft(sighting.folder, sighting.uid)

    def _same_in_drafts(self, mailbox: Mailbox, message: bytes, *, deleted: bool = False) -> list[int]:
        """Give the UIDs in Drafts of messages that are this one byte for byte, of those marked as deleted if asked."""
        size = len(message)
        return [
            outline.uid
            for batch in mailbox.new(self._places.drafts, first_uid=1)
            for outline in batch
            if abs(outline.size - size) <= size // 10
            and (deleted or not is_marked_deleted(outline))
            and message_id_of(outline)
            and mailbox.whole(self._places.drafts, outline.uid) == message
        ]


def is_refused(row: DraftRow) -> bool:
    """Whether the draft's last move to Approved was answered by a refusal."""
    return (row.note or "").startswith(_NOT_SENT)
