"""The life of one draft of ours: its states, the edges between them, and its row in the ledger."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from composer.agenda import FollowUp
from daemon.codec import dump_followup, load_followup


class DraftState(StrEnum):
    """Where a draft stands. What is only due is computed and has no row."""

    INTENT = "intent"  # about to be appended, or the process died while it was
    UNKNOWN = "unknown"  # the link broke during APPEND: it may be there
    APPENDED = "appended"  # seen in Drafts
    REFUSED = "refused"  # the server said no: nothing was stored
    FAILED = "failed"  # given up
    NEEDS_A_LOOK = "needs-a-look"  # something was stored, but ours is not to be found: only the person can tell
    TAKEN_OVER = "taken-over"  # edited by the person, or a draft of their own was there first
    SENT = "sent"
    GONE = "gone"  # deleted or moved by the person
    WITHDRAWING = "withdrawing"  # about to be taken back
    WITHDRAWN = "withdrawn"
    LEFT = "left"  # should have been taken back, but could not: it is the person's now


# No edge leads back to "not tried": after an intent a follow-up is never made afresh.
_EDGES: dict[DraftState, frozenset[DraftState]] = {
    DraftState.INTENT: frozenset({DraftState.APPENDED, DraftState.UNKNOWN, DraftState.REFUSED}),
    # The second attempt of an append whose first one provably stored nothing is an intent again, with the same bytes.
    DraftState.UNKNOWN: frozenset(
        {DraftState.APPENDED, DraftState.INTENT, DraftState.FAILED, DraftState.NEEDS_A_LOOK, DraftState.SENT}
    ),
    DraftState.REFUSED: frozenset({DraftState.INTENT, DraftState.FAILED}),
    DraftState.NEEDS_A_LOOK: frozenset({DraftState.APPENDED, DraftState.TAKEN_OVER, DraftState.SENT}),
    DraftState.APPENDED: frozenset(
        {DraftState.TAKEN_OVER, DraftState.SENT, DraftState.GONE, DraftState.WITHDRAWING, DraftState.LEFT}
    ),
    DraftState.TAKEN_OVER: frozenset({DraftState.SENT, DraftState.GONE}),
    # Clients delete the old copy before the new one shows: what looked deleted may turn out edited or sent.
    DraftState.GONE: frozenset({DraftState.TAKEN_OVER, DraftState.SENT}),
    DraftState.WITHDRAWING: frozenset({DraftState.WITHDRAWN, DraftState.LEFT}),
    DraftState.LEFT: frozenset({DraftState.TAKEN_OVER, DraftState.SENT, DraftState.GONE}),
    DraftState.SENT: frozenset(),
    DraftState.FAILED: frozenset(),
    DraftState.WITHDRAWN: frozenset(),
}


# Confirmed once, and not sent or taken back: it lies somewhere, or may turn up again.
MAY_TURN_UP = frozenset(
    {DraftState.APPENDED, DraftState.TAKEN_OVER, DraftState.LEFT, DraftState.NEEDS_A_LOOK, DraftState.GONE}
)


def check_edge(before: DraftState, after: DraftState) -> None:
    """Raise ValueError when the protocol has no such edge; staying in a state is always allowed."""
    if before is not after and after not in _EDGES[before]:
        raise ValueError(f"a draft cannot go from {before} to {after}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRow:
    """A draft as the ledger keeps it.

    `uidvalidity` and `uidnext` are the Drafts folder's before the APPEND: what was stored by it has a UID of at least
    that `uidnext`. `message` is kept until the draft is confirmed.
    """

    id: str  # FollowUp.id
    account: str
    state: DraftState
    followup: FollowUp
    message_id: str
    folder: str
    uidvalidity: int
    uidnext: int
    uid: int | None
    sha256: str
    message: bytes | None
    attempts: int
    intended_at: datetime
    changed_at: datetime
    answers: str | None  # Message-ID that the draft replies to
    subject: str
    note: str | None = None
    wording: str | None = None  # which of the bodies was used, "en/thank_you/3": a company never gets it twice
    imprint: bytes | None = None  # of its words (daemon.imprint); None: a version wrote it that kept none

    @property
    def mark(self) -> str:
        """The local part of the Message-ID, which alone is the letter's."""
        return self.message_id.partition("@")[0]

    @property
    def intended_second(self) -> datetime:
        """The second of the intent: a store tells when a message arrived to the second."""
        return self.intended_at.replace(microsecond=0)

    def columns(self) -> dict[str, Any]:
        """Give the row as SQLite stores it."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return values | {
            "state": str(self.state),
            "followup": dump_followup(self.followup),
            "intended_at": self.intended_at.isoformat(),
            "changed_at": self.changed_at.isoformat(),
        }

    @classmethod
    def from_columns(cls, columns: dict[str, Any]) -> DraftRow:
        """Read a row as SQLite stores it."""
        return cls(
            **columns
            | {
                "state": DraftState(columns["state"]),
                "followup": load_followup(columns["followup"]),
                "intended_at": datetime.fromisoformat(columns["intended_at"]),
                "changed_at": datetime.fromisoformat(columns["changed_at"]),
            }
        )
