"""A daemon at work on a real server, and a hand that delivers mail, sends drafts and moves the daemon's clock."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from daemon.archive import Stored
from daemon.decision import Decision
from daemon.ledger import Ledger
from daemon.mailbox import Use

Wait = Callable[[Callable[[], Any], str], Any]

A_SLEEP = timedelta(seconds=20)  # a jump of the clock that the daemon takes for a machine woken up, so that it looks


class Life:
    """The daemon of one seat. `start` and `stop` may be called in turn."""

    def __init__(self, seat: Any, wait_until: Wait) -> None:
        self.seat = seat
        self._wait_until = wait_until
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, at: datetime) -> None:
        """Switch the daemon on at an instant, and wait for its first whole pass."""
        self.seat.move_clock(at)
        self._process = self.seat.start()
        self._await_pass()

    def stop(self) -> None:
        """Switch it off."""
        assert self._process, "it does not run"
        self.seat.stop(self._process)
        self._process = None

    def go_to(self, instant: datetime) -> None:
        """Move the clock on, so far at least that the daemon looks, and wait for a pass that ended after it.

        The daemon was idle before, so the whole of that pass was made after it.
        """
        self.seat.move_clock(max(instant, self.seat.now + A_SLEEP))
        self._await_pass()

    def _await_pass(self) -> None:
        def passed() -> bool:
            with Ledger.in_memory(copy_of=self.seat.state) as ledger:
                health = ledger.health()
            healthy = health is not None and set(health["accounts"].values()) == {"healthy"}
            return health is not None and healthy and datetime.fromisoformat(health["at"]) >= self.seat.clock

        self._wait_until(passed, f"a pass at {self.seat.clock}")

    def happen(self, event: dict[str, Any], stored: Stored) -> None:
        """Let one message of a scenario arrive, or be sent by the user from the draft that waits."""
        self.deliver(stored, datetime.fromisoformat(event["at"]))
        if event["event"] == "draft_sent":  # a mail program files the copy first, then lets go of the draft
            ((uid, _),) = self.seat.messages("Drafts")
            self.seat.delete("Drafts", uid)
        # The first pass may have begun by the server's notice, in the middle of this.
        self.go_to(self.seat.now)
        self.go_to(self.seat.now)

    def deliver(self, stored: Stored, at: datetime) -> None:
        """Let one stored message lie in the mailbox since an instant."""
        self.seat.deliver(stored.message, "Sent" if stored.use is Use.SENT else "INBOX", at)

    def decisions(self) -> tuple[Decision, ...]:
        """Give what was decided so far."""
        with Ledger.in_memory(copy_of=self.seat.state) as ledger:
            return ledger.decisions()
