"""What time it is: the wall clock, or a virtual one for `replay`, `demo` and tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


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
