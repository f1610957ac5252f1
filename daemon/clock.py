"""What time it is, by the wall clock or a virtual one for `replay`, `demo` and tests; and whether to believe it."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

# A jump that is told of. Clocks are set by an hour or two, and machines sleep over a weekend.
LONG_JUMP = timedelta(hours=24)
# A jump that nobody slept through: nothing is done until it is confirmed.
DOUBTFUL_JUMP = timedelta(days=90)


class Clock(Protocol):
    """Gives the present instant, aware."""

    def now(self) -> datetime:
        """Give the present instant."""


class WallClock:
    """The machine's clock. Due times are compared with it, never with a monotonic one: a suspended machine's stops."""

    def now(self) -> datetime:
        """Give the present instant in UTC."""
        return datetime.now(UTC)


class VirtualClock:
    """A clock that stands until it is set; it never goes back."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        """Give the instant last set."""
        return self._now

    def advance_to(self, instant: datetime) -> None:
        """Set the clock. Raises ValueError for an earlier instant."""
        if instant < self._now:
            raise ValueError(f"the clock stands at {self._now}, {instant} is earlier")
        self._now = instant


def elapsed() -> timedelta:
    """Give the time since the machine was started, suspended or not; where the system does not count that, less."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return timedelta(seconds=time.monotonic() if clock is None else time.clock_gettime(clock))


class ClockGuard:
    """Tells a wall clock that was set from one that went on, be it in a machine that slept.

    `last` is the instant at which the program was last known to run, if it ever was.
    """

    def __init__(self, clock: Clock, last: datetime | None) -> None:
        self._clock = clock
        self._now = last or clock.now()
        self._elapsed = elapsed()
        self.in_doubt = False
        self.check()

    def now(self) -> datetime:
        """Give the present as far as it can be believed: in doubt, what the clock would show had it not been set."""
        return self._now + elapsed() - self._elapsed

    def check(self) -> timedelta:
        """Look at the clock; give by how much it was set since the last look, and set `in_doubt`."""
        now, passed = self._clock.now(), elapsed()
        jump = now - self._now - (passed - self._elapsed)
        self.in_doubt = abs(jump) > DOUBTFUL_JUMP
        if not self.in_doubt:
            self._now, self._elapsed = now, passed
        return jump

    def believe(self) -> None:
        """Take what the clock shows for right."""
        self._now, self._elapsed, self.in_doubt = self._clock.now(), elapsed(), False
