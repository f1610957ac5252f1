"""Goes through stored mail on a virtual clock: the real intake, planning, letters and outbox over the memory mailbox.

Each message is delivered at the instant of its arrival, and between messages the clock stops at every instant at which
something falls due. At one instant the mail is read first (policy.md 3.10). Nothing later can have any influence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from composer.policy import Policy
from daemon.account import AccountSettings
from daemon.archive import LARGEST, Stored, stated_arrival
from daemon.clock import VirtualClock
from daemon.decision import Action, Decision
from daemon.drafts import DraftState
from daemon.keeper import Keeper
from daemon.ledger import Ledger
from daemon.mailbox import Use
from daemon.memory import MemoryMailbox

# Drafts, Trash and Junk are never evidence.
_NOT_EVIDENCE = frozenset({Use.DRAFTS, Use.TRASH, Use.JUNK})

OnDraft = Callable[[Decision, bytes], None]


class Replay:
    """One run over stored mail. After it, `keeper` answers what stands at the end."""

    def __init__(self, settings: AccountSettings, policy: Policy) -> None:
        self._clock = VirtualClock(datetime.min.replace(tzinfo=UTC))
        self._mailbox = MemoryMailbox(self._clock.now)
        folders = {folder.use: folder.name for folder in self._mailbox.folders()}
        self._inbox, self._sent, self._drafts = folders[Use.INBOX], folders[Use.SENT], folders[Use.DRAFTS]
        self._ledger = Ledger.in_memory()
        self._account = settings.name
        self._next_at: datetime | None = None
        self.delivered = 0  # messages gone through so far
        self.keeper = Keeper([replace(settings, extra_folders=())], self._ledger, policy)
        self.keeper.attach(self._account, self._mailbox)

    def run(
        self,
        messages: Iterable[Stored],
        *,
        until: datetime,
        since: datetime | None = None,
        on_draft: OnDraft | None = None,
    ) -> Iterator[Decision]:
        """Yield every decision at the instant at which it falls, in order, up to and including `until`.

        With `since`, mail before it is read as a daemon's first look would, and only what is decided later is given.
        """
        arrivals = sorted(self._arrivals(messages, until), key=lambda arrival: (arrival[0], arrival[1].path))
        if not arrivals:
            return
        clock = self._clock
        clock.advance_to(arrivals[0][0])
        position = 0
        while True:
            while position < len(arrivals) and arrivals[position][0] <= clock.now():
                self._deliver(*arrivals[position])
                position += 1
            yield from self._pass(clock.now(), since, on_draft)
            upcoming = [arrivals[position][0]] if position < len(arrivals) else []
            if self._next_at and self._next_at > clock.now():
                upcoming.append(self._next_at)
            if not upcoming or min(upcoming) > until:
                return
            clock.advance_to(min(upcoming))

    def _arrivals(self, messages: Iterable[Stored], until: datetime) -> Iterator[tuple[datetime, Stored]]:
        for stored in messages:
            arrived = stored.arrived or stated_arrival(stored.header)
            if stored.use not in _NOT_EVIDENCE and arrived is not None and arrived <= until:
                yield arrived, stored

    def _deliver(self, arrived: datetime, stored: Stored) -> None:
        folder = self._sent if stored.use is Use.SENT else self._inbox
        self.delivered += 1
        self._mailbox.deliver(folder, stored.message, arrived, again=partial(stored.load, LARGEST))

    def _pass(self, now: datetime, since: datetime | None, on_draft: OnDraft | None) -> Iterator[Decision]:
        agenda, decisions = self.keeper.keep(self._account, now)
        self._next_at = agenda.next_at
        for row in self._ledger.drafts(self._account):
            # A client that sends a draft removes it from Drafts.
            if row.state is DraftState.SENT and row.uid is not None and row.uid in self._mailbox.uids(self._drafts):
                self._mailbox.delete(self._drafts, row.uid)
        for decision in decisions:
            if since is None or decision.at >= since:
                if decision.action is Action.CREATE and on_draft:
                    on_draft(decision, self._message_of(decision.id))
                yield decision

    def waiting_drafts(self) -> Iterator[bytes]:
        """Yield each draft that is in Drafts at the end, oldest first."""
        outlines = self._mailbox.outlines(self._drafts, self._mailbox.uids(self._drafts))
        for _, message in self._mailbox.read(self._drafts, outlines):
            yield message

    def _message_of(self, followup_id: str) -> bytes:
        row = self._ledger.draft(followup_id)
        if row is None or row.uid is None:
            raise ValueError(f"follow-up {followup_id} has no draft")
        outlines = self._mailbox.outlines(self._drafts, [row.uid])
        return next(message for _, message in self._mailbox.read(self._drafts, outlines))
