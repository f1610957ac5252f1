"""One pass over an account: read what is new, fold, plan, and make the mailbox agree with the plan.

This is the whole program without waiting: `run` repeats it on the wall clock, `replay` on a virtual one, `scan` stops
before the mailbox is written to. Everything is computed again from facts and acts, so a pass may be repeated, cut off
or come late, and the next one sets things right.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from composer.acts import Act
from composer.agenda import Agenda, Closing, Postponement, Suppression
from composer.engagement import engagements
from composer.plan import plan
from composer.policy import Policy
from daemon.account import Account, AccountSettings
from daemon.decision import Decision, of_entry
from daemon.errands import Errand, View, run_errands
from daemon.intake import Progress
from daemon.ledger import Ledger
from daemon.mailbox import Mailbox
from daemon.mailreader import MailReader
from daemon.passes import Pass
from parsers.model import Facts, Timeline


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
    caps and the person's hours are shared between applications. `errands` are done at each pass, in turn. Mail is read
    by `mail_reader`; without one, here.
    """

    def __init__(
        self,
        accounts: Sequence[AccountSettings],
        ledger: Ledger,
        policy: Policy,
        errands: Sequence[Errand] = (),
        mail_reader: MailReader | None = None,
    ) -> None:
        self._ledger = ledger
        self._policy = policy
        self._accounts: Mapping[str, Account] = {one.name: Account(one, ledger, mail_reader) for one in accounts}
        self._errands = tuple(errands)
        self._acting = threading.Lock()
        self._planned: _Planned | None = None

    def attach(self, name: str, mailbox: Mailbox) -> None:
        """Let an account work with this connection from now on. Raises MailboxError."""
        self._accounts[name].attach(mailbox)

    def inbox(self, name: str) -> str:
        """Give the name of an attached account's INBOX, where new mail is waited for."""
        return self._accounts[name].read_folders[0]

    def problem(self, name: str) -> str | None:
        """Say why the person can give no orders in an account by moving drafts, though they want to."""
        return self._accounts[name].problem

    def watches_gestures(self, name: str) -> bool:
        """Whether the person may give orders there by moving drafts."""
        return bool(self._accounts[name].places.controls)

    def has_gestures(self, name: str) -> bool:
        """Whether drafts may have been moved since the last glance at the four folders. Raises MailboxError."""
        account, mailbox = self._attached(name)
        return account.glance(mailbox)

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
            engaged = [hours for name in self._accounts for hours in engagements(self.facts(name))]
            agenda = plan(timelines, acts, self._policy, now, engaged=engaged)
            self._planned = _Planned(timelines, acts, agenda)
        return self._planned.agenda

    def look(self, name: str, now: datetime, progress: Progress | None = None) -> bool:
        """Take in what is new; writes to the ledger only. Says whether there was anything. Raises MailboxError."""
        account, mailbox = self._attached(name)
        since = now - account.settings.look_back
        return account.intake.take_in(mailbox, account.read_folders, since=since, progress=progress)

    def keep(
        self, name: str, now: datetime, progress: Progress | None = None, most: int | None = None
    ) -> tuple[Agenda, tuple[Decision, ...]]:
        """Make one whole pass; give the agenda after it and the decisions that fell, by instant.

        `next_at` of the agenda is the next instant at which any of it has something to do; now, where there were more
        than the `most` new drafts of one pass. Raises MailboxError; what
        was done until then is in the ledger.
        """
        account, mailbox = self._attached(name)
        now = now.astimezone(ZoneInfo(self._policy.timezone))  # what is printed is in the user's zone
        self.look(name, now, progress)
        with self._acting:
            one = Pass(
                account,
                mailbox,
                self._ledger,
                self._policy,
                now,
                agenda=lambda: self.agenda(now),
                timelines=self.timelines,
                most=most,
            )
            decisions = one.act()
            agenda = self.agenda(now)
            decisions += self._record(agenda, name, now)
            next_at = run_errands(self._errands, name, mailbox, View(timelines=self.timelines(), agenda=agenda), now)
            one.tell(agenda)
            wanted = [instant for instant in (next_at, one.next_at) if instant]
        return replace(agenda, next_at=min(wanted, default=None)), tuple(sorted(decisions, key=lambda one: one.at))

    def _attached(self, name: str) -> tuple[Account, Mailbox]:
        account = self._accounts[name]
        if account.mailbox is None:
            raise ValueError(f"account {name} has no connection: attach one first")
        return account, account.mailbox

    def _record(self, agenda: Agenda, account: str, now: datetime) -> list[Decision]:
        entries: tuple[Suppression | Postponement | Closing, ...] = (
            *agenda.suppressed,
            *agenda.postponed,
            *agenda.closed,
        )
        due = (decision for decision in map(of_entry, entries) if decision.account == account and decision.at <= now)
        return [decision for decision in due if self._ledger.decide(decision)]
