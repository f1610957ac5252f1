"""The ledger's table of mails to the person themself: each is written down before it goes out, and once only."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from daemon.database import Database


class NoticeState(StrEnum):
    """Where a mail to the person stands. From `sending` on it is never sent again, unless it provably did not go."""

    WAITING = "waiting"
    SENDING = "sending"  # about to be handed over, or the process died while it was
    DELIVERED = "delivered"
    UNKNOWN = "unknown"  # the link broke while it was handed over: it may have arrived
    FAILED = "failed"  # it could not be told for too long


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRow:
    """One mail to the person. `message` is kept until it was handed over."""

    id: str
    account: str
    kind: str
    state: NoticeState
    message_id: str
    message: bytes | None
    attempts: int
    written_at: datetime
    changed_at: datetime

    def columns(self) -> dict[str, Any]:
        """Give the row as SQLite stores it."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return values | {
            "state": str(self.state),
            "written_at": self.written_at.isoformat(),
            "changed_at": self.changed_at.isoformat(),
        }

    @classmethod
    def from_columns(cls, columns: dict[str, Any]) -> NoticeRow:
        """Read a row as SQLite stores it."""
        return cls(
            **columns
            | {
                "state": NoticeState(columns["state"]),
                "written_at": datetime.fromisoformat(columns["written_at"]),
                "changed_at": datetime.fromisoformat(columns["changed_at"]),
            }
        )


class NoticeTable(Database):
    """What is written of it and read."""

    # One process writes the table; None: to be read again.
    _message_ids: frozenset[str] | None = None

    def write_notice(self, row: NoticeRow) -> bool:
        """Write a new one; False when there is one of that id, whatever became of it."""
        try:
            with self._transaction():
                self._db.execute(
                    "INSERT INTO notice VALUES (:id, :account, :kind, :state, :message_id, :message, :attempts, "
                    ":written_at, :changed_at)",
                    row.columns(),
                )
        except sqlite3.IntegrityError:
            return False
        self._message_ids = None
        return True

    def change_notice(self, row: NoticeRow) -> None:
        """Write what became of one."""
        with self._transaction():
            self._db.execute(
                "UPDATE notice SET state = :state, message = :message, attempts = :attempts, "
                "changed_at = :changed_at WHERE id = :id",
                row.columns(),
            )

    def notices(self, account: str | None = None) -> tuple[NoticeRow, ...]:
        """Give every mail to the person, oldest first."""
        rows = self._rows("SELECT * FROM notice ORDER BY rowid")
        return tuple(NoticeRow.from_columns(dict(row)) for row in rows if account is None or row["account"] == account)

    def notice(self, identifier: str) -> NoticeRow | None:
        """Give one by its id; None: never written."""
        rows = self._rows("SELECT * FROM notice WHERE id = ?", (identifier,))
        return NoticeRow.from_columns(dict(rows[0])) if rows else None

    def notice_message_ids(self) -> frozenset[str]:
        """Give the Message-IDs of all of them: what has one of these is no mail about an application."""
        if self._message_ids is None:
            self._message_ids = frozenset(row["message_id"] for row in self._rows("SELECT message_id FROM notice"))
        return self._message_ids
