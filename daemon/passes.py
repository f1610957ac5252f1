"""What one pass does to a mailbox, after the news was read: drafts watched, taken back and put, gestures obeyed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from composer.acts import Place
from composer.agenda import Agenda, FollowUp
from composer.draft import write_draft
from composer.errors import ComposerError
from composer.letter import write_letter
from composer.lint_context import context_of
from composer.lint_values import Check, Severity
from composer.notes import topic_of
from composer.policy import Policy
from daemon.account import Account
from daemon.controls import Controls
from daemon.decision import Action, Decision, of_followup
from daemon.drafts import DraftRow, DraftState
from daemon.errors import LinkLost, MailboxError
from daemon.fate import Fate
from daemon.ledger import Ledger
from daemon.mailbox import Mailbox
from daemon.moves import Moves
from daemon.notices import NoticeKind, Notices
from daemon.outbox import Outbox, Outgoing, Put, message_id_for
from daemon.places import Sighting, look_around
from daemon.proof import read_proof
from daemon.sending import Sending
from daemon.standing import status_of
from daemon.status_message import StatusMessage
from parsers.model import Timeline

_log = logging.getLogger("tactful.passes")


class Pass:
    """One pass over one account. `agenda` plans anew from what the ledger holds at that moment.

    It makes `most` new drafts; None: all that are due.
    """

    def __init__(
        self,
        account: Account,
        mailbox: Mailbox,
        ledger: Ledger,
        policy: Policy,
        now: datetime,
        *,
        agenda: Callable[[], Agenda],
        timelines: Callable[[], tuple[Timeline, ...]],
        most: int | None = None,
    ) -> None:
        self._account = account
        self._name = account.settings.name
        self._mailbox = mailbox
        self._ledger = ledger
        self._policy = policy
        self._now = now
        self._agenda = agenda
        self._timelines = timelines
        self._most = most
        self._sightings: tuple[Sighting, ...] = ()
        self.next_at: datetime | None = None  # when a letter wants its next attempt or look

    def act(self) -> list[Decision]:
        """Make the mailbox agree with the plan; give the decisions that fell. Raises MailboxError."""
        account, mailbox, now = self._account, self._mailbox, self._now
        account.prepare(mailbox)
        account.pace.begin(self._most)
        outbox = Outbox(self._ledger, self._name, account.places, account.turns, account.pace)
        decisions = self._came_of(outbox.settle(mailbox, now))
        moves = Moves(self._ledger, self._name, account.places, self._policy, self._messages_of)
        self._sightings = look_around(mailbox, account.places)
        fate = Fate(self._ledger, self._name, account.places, moves, account.sent_folder)
        fate.watch(mailbox, account.intake.facts, now, self._sightings)
        if fate.alarm:
            self._sound(fate.alarm)
        decisions += self._take_back(outbox)
        if account.places.controls:
            sending = self._sending()
            notices = Notices(self._ledger, self._name, account.settings.identities[0])
            controls = Controls(self._ledger, self._name, account.places, moves, notices, sending)
            controls.work(mailbox, self._agenda().withdrawals, self._sightings, now)
            if self._sightings:  # what was sent or moved on no longer lies there: the status message must not say so
                self._sightings = look_around(mailbox, account.places)
            self.next_at = sending.next_at() if sending else None
        decisions += self._put_what_is_due(outbox)
        rest = now if account.pace.held_back else None
        self.next_at = min((at for at in (self.next_at, outbox.next_at(now), rest) if at), default=None)
        return decisions

    def _sound(self, alarm: str) -> None:
        """Tell the person what they must look at; once a day."""
        _log.warning("account %s: drafts are not where they were", self._name)
        if self._account.places.controls:
            notices = Notices(self._ledger, self._name, self._account.settings.identities[0])
            identifier = f"drafts/{self._name}/{self._now:%Y-%m-%d}"
            notices.tell(NoticeKind.PROBLEM, identifier, "Tactful: look into Drafts", alarm, self._now)

    def _take_back(self, outbox: Outbox) -> list[Decision]:
        decisions: list[Decision] = []
        for withdrawal in self._agenda().withdrawals:
            followup = withdrawal.followup
            row = self._ledger.draft(followup.id)
            if followup.account != self._name or row is None or self._account.places.place(row) is Place.APPROVED:
                continue
            if outbox.withdraw(self._mailbox, withdrawal, self._now):
                decision = of_followup(
                    Action.WITHDRAW, followup, self._now, rule=withdrawal.rule, reason=withdrawal.reason
                )
                decisions += self.decide(decision)
        return decisions

    def _put_what_is_due(self, outbox: Outbox) -> list[Decision]:
        now = self._now
        decisions: list[Decision] = []
        # Planned again: a draft that could not be taken back, because the person was quicker, leaves no room.
        agenda = self._agenda()
        for followup in (followup for followup in agenda.due if followup.account == self._name):
            if now < self._account.turns.of(followup.id, now):
                continue
            if not self._account.pace.may_go():
                break
            try:
                outgoing = self._write_in_time(followup)
            except ComposerError as error:
                # A name or address that no header can carry: the person must look, the others go on.
                reason = f"no letter can be written: {error}"
                decisions += self.decide(of_followup(Action.SUPPRESS, followup, now, rule="S15", reason=reason))
                continue
            put = outbox.put(self._mailbox, outgoing, now) if outgoing else None
            decisions += self._came_of((put,) if put else ())
        return decisions

    def _write_in_time(self, followup: FollowUp) -> Outgoing | None:
        """Write the draft; None where it is not due any more once the last look at new mail is taken.

        Somebody may have answered in this very second, or while a letter was put in other words: read, plan again.
        """
        account = self._account
        outgoing = self._write(followup)
        while account.intake.has_news(self._mailbox, account.read_folders):
            since = self._now - account.settings.look_back
            account.intake.take_in(self._mailbox, account.read_folders, since=since)
            still = next((still for still in self._agenda().due if still.id == followup.id), None)
            if still is None:
                return None
            outgoing = self._write(still)
        return outgoing

    def _write(self, followup: FollowUp) -> Outgoing:
        account, settings = self._account, self._account.settings
        timelines = account.timelines(self._policy.confidence_threshold)
        topic = topic_of(followup, timelines, self._ledger.acts(), settings.voice)
        noted, said = (topic.phrase, topic.words) if topic else (None, None)
        used = self._wordings_of(followup)
        letter = write_letter(followup, timelines, settings.voice, noted=noted, said=said, used=used)
        if settings.polish:
            letter = settings.polish(letter, context_of(followup, self._timelines()))
        answers = next((facts for facts in account.intake.facts if facts.key == followup.answers), None)
        written_to = answers.addressed_as if answers else None
        sender = next((known for known in settings.identities if known.address == written_to), settings.identities[0])
        message_id = message_id_for(followup.id, sender.domain, self._ledger.secret)
        message = write_draft(letter, followup, answers=answers, sender=sender, message_id=message_id, date=self._now)
        return Outgoing(
            followup=followup,
            message_id=message_id,
            message=message,
            subject=letter.subject,
            answers=answers.message_id if answers else None,
            wording=letter.wording,
        )

    def _wordings_of(self, followup: FollowUp) -> tuple[str, ...]:
        """Give the wordings that this employer has had, oldest first, whatever became of the drafts."""
        company = (followup.company or "").casefold()
        return tuple(
            row.wording
            for row in self._ledger.drafts()
            if row.wording
            and (
                (company and (row.followup.company or "").casefold() == company)
                or (row.account, row.followup.application) == (followup.account, followup.application)
                or row.followup.to.address == followup.to.address
            )
        )

    def _came_of(self, puts: Sequence[Put]) -> list[Decision]:
        decisions: list[Decision] = []
        for put in puts:
            row = put.row
            if put.created:
                thread = "reply" if row.answers else "new"
                created = of_followup(Action.CREATE, row.followup, self._now, subject=row.subject, thread=thread)
                decisions += self.decide(created)
            elif row.state is DraftState.TAKEN_OVER:
                suppressed = of_followup(Action.SUPPRESS, row.followup, self._now, rule="S19", reason=row.note)
                decisions += self.decide(suppressed)
        return decisions

    def decide(self, decision: Decision) -> list[Decision]:
        """Record a decision; nothing where it was recorded before."""
        return [decision] if self._ledger.decide(decision) else []

    def tell(self, agenda: Agenda) -> None:
        """Have the status message say how things stand, where there is one. Raises LinkLost."""
        account, settings = self._account, self._account.settings
        if account.places.root is None:
            return
        capabilities: frozenset[str] | None = getattr(self._mailbox, "capabilities", None)
        status = status_of(
            self._name,
            account.places,
            self._ledger,
            account.timelines(self._policy.confidence_threshold),
            agenda,
            self._sightings,
            capabilities=capabilities,
            can_send=settings.transport is not None,
            timezone=self._policy.timezone,
        )
        message = StatusMessage(account.places.root, settings.identities[0], self._name, self._ledger.secret)
        removable = capabilities is None or "UIDPLUS" in capabilities
        try:
            message.publish(self._mailbox, status, self._now, removable=removable)
        except LinkLost:
            raise
        except MailboxError as error:  # a full mailbox, most likely: letters are more important
            _log.warning("account %s: the status message: %s", self._name, error)

    # ------------------------------------------------------------------------------------------ approved letters

    def _sending(self) -> Sending | None:
        settings = self._account.settings
        if settings.transport is None:
            return None
        return Sending(
            self._ledger,
            self._name,
            identities=frozenset(identity.address for identity in settings.identities),
            policy=self._policy,
            sent=self._account.sent_folder,
            transport=settings.transport,
            zone_of=lambda row: next((timeline.timezone for timeline in self._of(row)), None),
            judge=self._judge,
        )

    def _judge(self, row: DraftRow, message: bytes) -> Iterator[str]:
        """Say what blocks a letter, each a sentence for the person."""
        context = context_of(row.followup, self._timelines())
        for fault in read_proof(message).judge(context):
            # Open placeholders are told by what reads the letter (daemon.sendable).
            if fault.severity is Severity.BLOCK and fault.check is not Check.PLACEHOLDER:
                yield f"“{fault.words}”: {fault.advice}" if fault.words else fault.advice

    def _of(self, row: DraftRow) -> tuple[Timeline, ...]:
        """Give the timeline of a draft's application, found by its id or, where that has changed, by its messages."""
        timelines = self._account.timelines(self._policy.confidence_threshold)
        followup = row.followup
        return tuple(
            timeline
            for timeline in timelines
            if timeline.id == followup.application or any(fact.key in followup.evidence for fact in timeline.facts)
        )

    def _messages_of(self, row: DraftRow) -> tuple[str, ...]:
        return tuple(fact.key for timeline in self._of(row)[:1] for fact in timeline.facts) or row.followup.evidence
