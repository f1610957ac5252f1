"""A draft's row and its new state in, the row as the ledger has it then out."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from composer.acts import Act
from daemon.drafts import DraftRow, DraftState
from daemon.ledger import Ledger


def change(
    ledger: Ledger,
    row: DraftRow,
    state: DraftState,
    now: datetime,
    *,
    uid: int | None = None,
    message: bytes | None = b"",
    note: str | None = None,
    act: Act | None = None,
) -> DraftRow:
    """Write a new state, and the act that goes with it. `message=None` forgets the bytes that are not needed any more.

    Raises ValueError for an edge that the protocol does not have.
    """
    changed = replace(
        row,
        state=state,
        changed_at=now,
        uid=row.uid if uid is None else uid,
        message=row.message if message == b"" else message,
        note=row.note if note is None else note,
    )
    ledger.change_draft(changed, *((act,) if act else ()))
    return changed
