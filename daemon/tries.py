"""Failures in, whether one more try may be made out: never more than three in fifteen minutes."""

from __future__ import annotations

from datetime import timedelta

# After the first, second and any further failure; so no fifteen minutes see more than three tries.
_GAPS = (timedelta(seconds=10), timedelta(minutes=5), timedelta(minutes=10))


class Tries:
    """Counts in seconds of a clock that never goes back."""

    def __init__(self) -> None:
        self._failures = 0
        self._next_at = 0.0

    def may(self, now: float) -> bool:
        """Whether it is time."""
        return self._failures == 0 or now >= self._next_at

    def failed(self, now: float) -> None:
        """Note a failure."""
        self._next_at = now + _GAPS[min(self._failures, len(_GAPS) - 1)].total_seconds()
        self._failures += 1

    def succeeded(self) -> None:
        """Begin anew."""
        self._failures = 0
