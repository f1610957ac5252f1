"""A letter that is to be stored in, a wait or a refusal out: no server is stormed when many letters are due at once."""

from __future__ import annotations

import select
import time
from datetime import timedelta

INTERVAL = timedelta(seconds=1)  # from one letter to the next, on a server
AT_ONCE = 10  # letters in one pass of the daemon: between passes it looks at the rest of the world


class Pace:
    """Lets at least an interval lie between two letters of one account, by the monotonic clock."""

    def __init__(self, interval: timedelta = timedelta(0)) -> None:
        self._interval = interval.total_seconds()
        self._last: float | None = None
        self._left: int | None = None
        self.held_back = False  # whether this pass had more letters than it may store

    def begin(self, most: int | None) -> None:
        """Begin a pass that may store so many letters; None: all there are."""
        self._left, self.held_back = most, False

    def may_go(self) -> bool:
        """Wait until the next letter may be stored; False where this pass has had its share."""
        self.held_back = self._left is not None and self._left <= 0
        if self._last is not None and not self.held_back:
            # Not time.sleep: it waits for an instant, and what moves the wall clock (libfaketime) would move that, too.
            select.select([], [], [], max(0.0, self._last + self._interval - time.monotonic()))
        return not self.held_back

    def note(self) -> None:
        """Note that a letter is handed to the server now, whatever comes of it."""
        self._last = time.monotonic()
        if self._left is not None:
            self._left -= 1
