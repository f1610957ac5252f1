"""A draft of ours as it lies in a mailbox, for real mail clients to open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any

import pytest


@dataclass(frozen=True)
class Waiting:
    """A seat in whose Drafts one thank-you waits, at the real present: clients have no other clock."""

    seat: Any

    def draft(self) -> EmailMessage:
        """Give the one message in Drafts."""
        ((_, message),) = self.seat.messages("Drafts")
        parsed = BytesParser(policy=default).parsebytes(message)
        assert isinstance(parsed, EmailMessage)
        return parsed

    def state(self) -> str:
        """Give what Tactful thinks of it, after one more pass."""
        self.seat.lines("run", "--once")
        (entry,) = [line for line in self.seat.lines("status") if line["what"] == "draft"]
        return str(entry["state"])


@pytest.fixture
def waiting(seat: Any, invite: Callable[..., EmailMessage]) -> Waiting:
    """Give a mailbox in which the interview ended three hours ago, in early afternoon where the person is."""
    now = datetime.now(UTC).replace(microsecond=0)
    # A zone in which it is between 13 and 14 o'clock: drafts come in daylight only. Etc/GMT+5 lies west of Greenwich.
    west = (now.hour - 13) % 24
    west = west - 24 if west > 12 else west
    seat.zone = f"Etc/GMT{west:+d}" if west else "Etc/GMT"
    seat.write_config()
    start = now - timedelta(hours=4)
    seat.deliver(invite(seat.user, start), at=now - timedelta(days=1))
    seat.lines("run", "--once")
    return Waiting(seat)
