"""One pass over an account: read what is new, fold, plan, and make the mailbox agree with the plan.

This is the whole program without waiting: `run` repeats it on the wall clock, `replay` on a virtual one, `scan` stops
before the mailbox is written to. Everything is computed again from facts and acts, so a pass may be repeated, cut off
or come late, and the next one sets things right.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from composer.acts import Act
from composer.agenda import Agenda, Closing, FollowUp, Postponement, Suppression
from composer.draft import write_draft
from composer.errors import ComposerError
from composer.letter import Voice, write_letter
from composer.notes import topic_of
from composer.plan import plan
from composer.policy import Policy
from daemon.decision import Action, Decision
from daemon.drafts import DraftState
from daemon.errors import FolderMissing
from daemon.fate import Fate
from daemon.intake import Intake, Progress
from daemon.ledger import Ledger
from daemon.mailbox import Mailbox, Use
from daemon.outbox import Outbox, Outgoing, Put, message_id_for
from parsers.extract import Reader
from parsers.model import Address, Direction, Facts, Timeline
from parsers.timeline import fold


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSettings:
    """What a pass needs to know of an account. `identities` are the user's addresses, the main one first."""

    reader: Reader
    identities: tuple[Address, ...]
    voice: Voice
    look_back: timedelta
    extra_folders: tuple[str, ...] = ()  # read besides INBOX and Sent

    @property
    def name(self) -> str:
        """The account's name in the configuration."""
        return self.reader.account


class Account:
    """One account's part of the state that a process holds."""

    def __init__(self, settings: AccountSettings, ledger: Ledger) -> None:
        self.settings = settings
        self.intake = Intake(ledger, settings.reader)
        self.mailbox: Mailbox | None = None
        self.read_folders: tuple[str, ...] = ()
        self.drafts_folder = ""
        self._folded: tuple[tuple[Facts, ...], tuple[Timeline, ...]] = ((), ())

    def attach(self, mailbox: Mailbox) -> None:
        """Work with this connection from now on. Raises FolderMissing where there is no place for drafts."""
        folders = {folder.use: folder.name for folder in mailbox.folders() if folder.use}
        if Use.DRAFTS not in folders:
            raise FolderMissing(
                f"account {self.settings.name}: no folder for drafts was found; "
                "name it in the configuration under folders: drafts"
            )
        evidence = (folders.get(Use.INBOX), folders.get(Use.SENT), *self.settings.extra_folders)
        self.read_folders = tuple(dict.fromkeys(name for name in evidence if name))
        self.drafts_folder = folders[Use.DRAFTS]
        self.mailbox = mailbox

    def timelines(self, threshold: float) -> tuple[Timeline, ...]:
        """Fold the facts, again only when there are others."""
        facts, timelines = self.intake.facts, self._folded[1]
        if facts is not self._folded[0]:
            timelines = fold(facts, threshold=threshold)
            self._folded = (facts, timelines)
        return timelines


@dataclass(frozen=True, slots=True)
class _Planned:
    """An agenda with what it was made from. Planning is pure, and the agenda says when it changes by itself."""

    timelines: tuple[Timeline, ...]
    acts: tuple[Act, ...]
    agenda: Agenda

    def answers(self, timelines: tuple[Timeline, ...], acts: tuple[Act, ...], now: datetime) -> bool:
        """Whether planning again would say the same. Timelines and acts are replaced when anything in them changes."""
        if acts is not self.acts or len(timelines) != len(self.timelines):
            return False
        if any(ours is not theirs for ours, theirs in zip(self.timelines, timelines, strict=True)):
            return False
        return self.agenda.at <= now and (self.agenda.next_at is None or now < self.agenda.next_at)


class Keeper:
    """Keeps the mailboxes of one person in agreement with the plan.

    Passes of different accounts may run in different threads; deciding and acting are one at a time, since recipients,
    caps and the person's hours are shared between applications.
    """

    def __init__(self, accounts: Sequence[AccountSettings], ledger: Ledger, policy: Policy) -> None:
        self._ledger = ledger
        self._policy = policy
        self._accounts: Mapping[str, Account] = {settings.name: Account(settings, ledger) for settings in accounts}
        self._acting = threading.Lock()
        self._planned: _Planned | None = None

    def attach(self, name: str, mailbox: Mailbox) -> None:
        """Let an account work with this connection from now on. Raises MailboxError."""
        self._accounts[name].attach(mailbox)

    def inbox(self, name: str) -> str:
        """Give the name of an attached account's INBOX, where new mail is waited for."""
        return self._accounts[name].read_folders[0]

    def facts(self, account: str) -> tuple[Facts, ...]:
        """Give every message's facts of an account, oldest first."""
        return self._accounts[account].intake.facts

    def timelines(self) -> tuple[Timeline, ...]:
        """Give every application of every account."""
        threshold = self._policy.confidence_threshold
        return tuple(timeline for account in self._accounts.values() for timeline in account.timelines(threshold))

    def agenda(self, now: datetime) -> Agenda:
        """Plan from what is known now."""
        timelines, acts = self.timelines(), self._ledger.acts()
        if self._planned is None or not self._planned.answers(timelines, acts, now):
            self._planned = _Planned(timelines, acts, plan(timelines, acts, self._policy, now))
        return self._planned.agenda

    def look(self, name: str, now: datetime, progress: Progress | None = None) -> bool:
        """Take in what is new; writes to the ledger only. Says whether there was anything. Raises MailboxError."""
        account, mailbox = self._attached(name)
        since = now - account.settings.look_back
        return account.intake.take_in(mailbox, account.read_folders, since=since, progress=progress)

    def keep(self, name: str, now: datetime, progress: Progress | None = None) -> tuple[Agenda, tuple[Decision, ...]]:
        """Make one whole pass; give the agenda after it and the decisions that fell, by instant.

        Raises MailboxError; what was done until then is in the ledger.
        """
        account, mailbox = self._attached(name)
        now = now.astimezone(ZoneInfo(self._policy.timezone))  # what is printed is in the user's zone
        self.look(name, now, progress)
        with self._acting:
            decisions = self._act(account, mailbox, now)
            agenda = self.agenda(now)
            decisions += self._record(agenda, name, now)
        return agenda, tuple(sorted(decisions, key=lambda decision: decision.at))

    def _attached(self, name: str) -> tuple[Account, Mailbox]:
        account = self._accounts[name]
        if account.mailbox is None:
            raise ValueError(f"account {name} has no connection: attach one first")
        return account, account.mailbox

    def _act(self, account: Account, mailbox: Mailbox, now: datetime) -> list[Decision]:
        name = account.settings.name
        outbox = Outbox(self._ledger, name, account.drafts_folder)
        decisions = self._came_of(outbox.settle(mailbox, now), now)
        sent_mail = tuple(facts for facts in account.intake.facts if facts.direction is Direction.OWN)
        Fate(self._ledger, name, account.drafts_folder).watch(mailbox, sent_mail, now)
        for withdrawal in self.agenda(now).withdrawals:
            if withdrawal.followup.account == name and outbox.withdraw(mailbox, withdrawal, now):
                decisions += self._decide(
                    _of_followup(
                        Action.WITHDRAW, withdrawal.followup, now, rule=withdrawal.rule, reason=withdrawal.reason
                    )
                )
        # Planned again: a draft that could not be taken back, because the person was quicker, leaves no room.
        agenda = self.agenda(now)
        for followup in (followup for followup in agenda.due if followup.account == name):
            if account.intake.has_news(mailbox, account.read_folders):
                # Somebody may have answered in this very second: read first, plan again.
                self.look(name, now)
                if followup.id not in {still.id for still in self.agenda(now).due}:
                    continue
            try:
                outgoing = self._write(account, followup, now)
            except ComposerError as error:
                # A name or address that no header can carry: the person must look, the others go on.
                reason = f"no letter can be written: {error}"
                decisions += self._decide(_of_followup(Action.SUPPRESS, followup, now, rule="S15", reason=reason))
                continue
            put = outbox.put(mailbox, outgoing, now)
            decisions += self._came_of((put,) if put else (), now)
        return decisions

    def _write(self, account: Account, followup: FollowUp, now: datetime) -> Outgoing:
        settings = account.settings
        timelines = account.timelines(self._policy.confidence_threshold)
        topic = topic_of(followup, timelines, self._ledger.acts(), settings.voice)
        noted, said = (topic.phrase, topic.words) if topic else (None, None)
        letter = write_letter(followup, timelines, settings.voice, noted=noted, said=said)
        answers = next((facts for facts in account.intake.facts if facts.key == followup.answers), None)
        written_to = answers.addressed_as if answers else None
        sender = next((known for known in settings.identities if known.address == written_to), settings.identities[0])
        message_id = message_id_for(followup.id, sender.domain, self._ledger.secret)
        message = write_draft(letter, followup, answers=answers, sender=sender, message_id=message_id, date=now)
        return Outgoing(
            followup=followup,
            message_id=message_id,
            message=message,
            subject=letter.subject,
            answers=answers.message_id if answers else None,
        )

    def _came_of(self, puts: Sequence[Put], now: datetime) -> list[Decision]:
        decisions: list[Decision] = []
        for put in puts:
            row = put.row
            if put.created:
                thread = "reply" if row.answers else "new"
                decisions += self._decide(
                    _of_followup(Action.CREATE, row.followup, now, subject=row.subject, thread=thread)
                )
            elif row.state is DraftState.TAKEN_OVER:
                decisions += self._decide(_of_followup(Action.SUPPRESS, row.followup, now, rule="S19", reason=row.note))
        return decisions

    def _record(self, agenda: Agenda, account: str, now: datetime) -> list[Decision]:
        decisions: list[Decision] = []
        entries: tuple[Suppression | Postponement | Closing, ...] = (
            *agenda.suppressed,
            *agenda.postponed,
            *agenda.closed,
        )
        for entry in entries:
            decision = _of_entry(entry)
            if decision.account == account and decision.at <= now:
                decisions += self._decide(decision)
        return decisions

    def _decide(self, decision: Decision) -> list[Decision]:
        return [decision] if self._ledger.decide(decision) else []


def _of_followup(
    action: Action,
    followup: FollowUp,
    at: datetime,
    *,
    rule: str | None = None,
    reason: str | None = None,
    subject: str | None = None,
    thread: str | None = None,
) -> Decision:
    return Decision(
        at=at,
        action=action,
        id=followup.id,
        account=followup.account,
        rule=rule or followup.rule,
        reason=reason or followup.reason,
        kind=followup.kind,
        to=followup.to.address,
        subject=subject,
        thread=thread,
        due=followup.due,
        stale_at=followup.stale_at,
        company=followup.company,
        role=followup.role,
        interview=followup.interview,
    )


def _of_entry(entry: Suppression | Postponement | Closing) -> Decision:
    match entry:
        case Suppression():
            return Decision(
                at=entry.at,
                action=Action.SUPPRESS,
                id=entry.id,
                account=entry.account,
                rule=entry.rule,
                reason=entry.reason,
                kind=entry.kind,
                to=entry.to,
                company=entry.company,
                role=entry.role,
                interview=entry.interview,
            )
        case Postponement():
            return _of_followup(Action.POSTPONE, entry.followup, entry.at, rule=entry.rule, reason=entry.reason)
        case Closing():
            return Decision(
                at=entry.at,
                action=Action.CLOSE,
                id=entry.application,
                account=entry.account,
                rule=entry.rule,
                reason=entry.reason,
                state=entry.state,
                company=entry.company,
                role=entry.role,
            )
