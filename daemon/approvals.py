"""The life of one approval to send a letter: its states, the edges between them, and its row in the ledger."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any


class SendingState(StrEnum):
    """Where an approved letter stands. Only the states before HANDING_OVER prove that nobody has got it."""

    APPROVED = "approved"  # waits for its hour
    SENDING = "sending"  # a connection is about to be made, or the process died before the letter's end was sent
    HANDING_OVER = "handing-over"  # the final dot is about to be sent, or the process died while it was
    DEFERRED = "deferred"  # not accepted, for now: waits for the next attempt
    ACCEPTED = "accepted"  # the server has taken it over
    REFUSED = "refused"  # it does not go out: the server, a check, an event or the person said no
    UNKNOWN = "unknown"  # the final dot was sent and no reply read: it may have gone out, so it is never sent again


# No edge leads from HANDING_OVER or UNKNOWN back to SENDING without the server's own word that it did not take it.
_EDGES: dict[SendingState, frozenset[SendingState]] = {
    SendingState.APPROVED: frozenset({SendingState.SENDING, SendingState.REFUSED}),
    SendingState.SENDING: frozenset({SendingState.HANDING_OVER, SendingState.DEFERRED, SendingState.REFUSED}),
    SendingState.HANDING_OVER: frozenset(
        {SendingState.ACCEPTED, SendingState.DEFERRED, SendingState.REFUSED, SendingState.UNKNOWN}
    ),
    SendingState.DEFERRED: frozenset({SendingState.SENDING, SendingState.REFUSED}),
    SendingState.UNKNOWN: frozenset({SendingState.ACCEPTED}),
    SendingState.ACCEPTED: frozenset(),
    SendingState.REFUSED: frozenset(),
}

# After the n-th attempt that was deferred; the last one fails for good. They add up to less than a day, in which the
# hours outside the recipient's day are not counted.
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 120, 240, 480))

# Nothing has left yet: the person, or news, may still call it off.
WAITING = frozenset({SendingState.APPROVED, SendingState.DEFERRED})


def check_edge(before: SendingState, after: SendingState) -> None:
    """Raise ValueError when the protocol has no such edge; staying in a state is always allowed."""
    if before is not after and after not in _EDGES[before]:
        raise ValueError(f"an approved letter cannot go from {before} to {after}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingRow:
    """An approval as the ledger keeps it.

    `sha256` is that of the approved bytes (`daemon.sendable.Sendable`); `message` is what goes out, made of them, kept
    until its copy is in Sent or it is known that there will be none. `next_at` is when something is to be done next:
    an attempt, a look for it, or the filing of its copy; None: nothing by itself. `reply` says how it stands, in words
    for the person.
    """

    number: int | None  # None: not stored yet
    followup: str  # DraftRow.id
    account: str
    state: SendingState
    message: bytes | None
    sha256: str
    message_id: str
    sender: str
    recipients: tuple[str, ...]  # of the envelope
    at_once: bool
    attempts: int
    approved_at: datetime
    changed_at: datetime
    next_at: datetime | None
    reply: str | None = None

    def columns(self) -> dict[str, Any]:
        """Give the row as SQLite stores it."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return values | {
            "state": str(self.state),
            "recipients": json.dumps(self.recipients),
            "at_once": int(self.at_once),
            "approved_at": self.approved_at.isoformat(),
            "changed_at": self.changed_at.isoformat(),
            "next_at": self.next_at.isoformat() if self.next_at else None,
        }

    @classmethod
    def from_columns(cls, columns: dict[str, Any]) -> SendingRow:
        """Read a row as SQLite stores it."""
        return cls(
            **columns
            | {
                "state": SendingState(columns["state"]),
                "recipients": tuple(json.loads(columns["recipients"])),
                "at_once": bool(columns["at_once"]),
                "approved_at": datetime.fromisoformat(columns["approved_at"]),
                "changed_at": datetime.fromisoformat(columns["changed_at"]),
                "next_at": datetime.fromisoformat(columns["next_at"]) if columns["next_at"] else None,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """The letter is approved, now or before; `row.state` says how it stands, `row.next_at` when it is sent."""

    row: SendingRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """The letter is not sent; every reason, each a sentence for the person."""

    reasons: tuple[str, ...]


class Event(StrEnum):
    """What happened to an approved letter."""

    SENT = "sent"  # the draft may leave Approved
    DEFERRED = "deferred"  # tried again by itself
    LOGIN_REFUSED = "login-refused"  # tried again by itself, seldom; the person must look
    REFUSED = "refused"  # it will not go out, `row.reply` says why; the draft goes back to Drafts
    UNKNOWN = "unknown"  # it is not known whether it went out; looked for in Sent
    LOST_SIGHT = "lost-sight"  # still not known after the last look; stays so, only the person can tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One event and the row after it; `row.reply` is what the person is told."""

    event: Event
    row: SendingRow
