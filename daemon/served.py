"""How one account fares in the service: its state for people, when it is tried again, how long it may lie in IDLE."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from daemon.errors import LoginRefused, LoginUnchecked, SecretError, ServerBusy, TactfulError
from daemon.mailbox import Mailbox

IDLE_RENEWAL = timedelta(minutes=4, seconds=30)  # some servers end an IDLE after 5 min; RFC 2177 allows 29
SHORTEST_RENEWAL = timedelta(seconds=10)
SAME_LIMIT = 0.15  # two waits that a server ends after times that differ by no more than this have met its limit
FIRST_BACK_OFF = timedelta(seconds=2)
LONGEST_BACK_OFF = timedelta(seconds=20)  # with its jitter: back within half a minute of the return of the network
SECRET_BACK_OFF = timedelta(seconds=30)  # a keyring is unlocked, a password changed, when somebody comes
FIRST_BUSY = timedelta(minutes=1)
LONGEST_BUSY = timedelta(minutes=12)
LONGEST_TOLD = timedelta(hours=6)  # a server that asks for more is taken at this
PROVEN = timedelta(seconds=60)  # a connection that held this long resets the back-off


@dataclass(slots=True)
class Served:
    """An account as the service runs it. `open` connects (blocking) and raises MailboxError or SecretError."""

    name: str
    open: Callable[[], Mailbox]
    renewal: timedelta = IDLE_RENEWAL
    state: str = "starting"
    next_at: datetime | None = None  # when something falls due
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    working_since: float | None = None  # loop time of the last progress, while a thread works
    retry_at: datetime | None = None  # while it is paused: by the wall clock, which goes on in a suspended machine
    spared: bool = False  # the pause was asked for: nothing shortens it
    slow: bool = False  # a thread works on it and gives no sign of progress
    _back_off: timedelta = FIRST_BACK_OFF
    _busy: timedelta = FIRST_BUSY
    _ended_after: float | None = None
    _told: str = ""

    @property
    def standing(self) -> str:
        """How it is, for people and programs; without names or addresses."""
        return "degraded: no answer yet" if self.slow else self.state

    def working_for(self, now: float) -> float:
        """Give for how many seconds, at this loop time, its thread has given no sign of progress."""
        return 0.0 if self.working_since is None else now - self.working_since

    def fail(self, error: Exception, held: float, now: datetime) -> timedelta:
        """Note that the connection, which held so many seconds, ended; give how long to leave the server alone."""
        if held > PROVEN.total_seconds():
            self._back_off, self._busy = FIRST_BACK_OFF, FIRST_BUSY
            self._told = ""
        self.spared = isinstance(error, ServerBusy)
        pause = self._pause_after(error)
        self.retry_at = now + pause
        self.state = error.state if isinstance(error, TactfulError) else "degraded: internal error"
        if isinstance(error, ServerBusy):
            self.state += f" until {self.retry_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        return pause

    def _pause_after(self, error: Exception) -> timedelta:
        # Jitter, so that many accounts of one server do not come back in the same second.
        chance = random.random()  # noqa: S311 - no secret is made of it
        if isinstance(error, ServerBusy) and error.wait is not None:
            return min(error.wait, LONGEST_TOLD) * (1 + 0.1 * chance)
        if isinstance(error, ServerBusy):
            pause, self._busy = self._busy, min(self._busy * 2, LONGEST_BUSY)
            return pause * (1 + 0.25 * chance)
        if isinstance(error, LoginRefused | LoginUnchecked | SecretError):
            # There may be another secret by then; without one the server is not asked (daemon.login_guard).
            return SECRET_BACK_OFF * (0.7 + 0.6 * chance)
        pause, self._back_off = self._back_off, min(self._back_off * 2, LONGEST_BACK_OFF)
        return pause * (0.7 + 0.6 * chance)

    def is_news(self, error: TactfulError) -> bool:
        """Whether the person is to be told: what is met again and again is told once."""
        told, self._told = self._told, str(error)
        return not error.told_once or self._told != told

    def resume(self, now: datetime, *, at_once: bool) -> None:
        """End the pause when its time has come, or at once where that is harmless."""
        if self.retry_at is not None and (now >= self.retry_at or (at_once and not self.spared)):
            self.woken.set()

    def hung_up(self, waited: float) -> None:
        """Learn that the server ended an IDLE after so many seconds. Twice after the same time is a limit of its own,
        and from then on IDLE is renewed well below it.
        """
        last, self._ended_after = self._ended_after, waited
        if last is not None and abs(last - waited) <= SAME_LIMIT * waited:
            learned = timedelta(seconds=0.8 * min(last, waited))
            self.renewal = min(self.renewal, max(SHORTEST_RENEWAL, learned))
