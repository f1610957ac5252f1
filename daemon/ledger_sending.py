"""The ledger's table of approvals: rows in, rows out."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from daemon.approvals import SendingRow, SendingState, check_edge
from daemon.database import Database
from daemon.errors import StateError
from daemon.tombstones import keyed


class SendingTable(Database):
    """The approvals to send a letter, and what came of each."""

    @contextmanager
    def together(self) -> Iterator[None]:
        """Write several changes in one transaction: all of them are on disk afterwards, or none."""
        with self._transaction():
            yield

    def sendings(self, account: str) -> tuple[SendingRow, ...]:
        """Give every approval of an account, oldest first."""
        rows = self._rows("SELECT * FROM sending WHERE account = ? ORDER BY number", (account,))
        return tuple(SendingRow.from_columns(dict(row)) for row in rows)

    def sendings_due(self, account: str) -> tuple[SendingRow, ...]:
        """Give the approvals of an account for which something is still to be done, oldest first."""
        rows = self._rows(
            "SELECT * FROM sending WHERE account = ? AND (next_at IS NOT NULL OR state IN ('sending', 'handing-over')) "
            "ORDER BY number",
            (account,),
        )
        return tuple(SendingRow.from_columns(dict(row)) for row in rows)

    def sendings_of(self, followup_id: str) -> tuple[SendingRow, ...]:
        """Give every approval of a letter, oldest first."""
        rows = self._rows("SELECT * FROM sending WHERE followup = ? ORDER BY number", (followup_id,))
        return tuple(SendingRow.from_columns(dict(row)) for row in rows)

    def sending_of(self, followup_id: str) -> SendingRow | None:
        """Give the latest approval of a letter; None: it was never approved."""
        return next(reversed(self.sendings_of(followup_id)), None)

    def add_sending(self, row: SendingRow) -> SendingRow:
        """Write a new approval. Raises StateError where the letter has one already that is not refused."""
        columns = row.columns()
        names = ", ".join(columns)
        marks = ", ".join(f":{name}" for name in columns)
        try:
            with self._transaction():
                added = self._db.execute(f"INSERT INTO sending ({names}) VALUES ({marks})", columns)  # noqa: S608 - our own names
        except sqlite3.IntegrityError as error:
            raise StateError(f"follow-up {row.followup} is approved already; it is never sent twice") from error
        return replace(row, number=added.lastrowid)

    def change_sending(self, row: SendingRow) -> None:
        """Write what became of an approval. Raises ValueError for an edge that the protocol does not have."""
        with self._transaction():
            before = self._db.execute("SELECT state FROM sending WHERE number = ?", (row.number,)).fetchone()
            check_edge(SendingState(before["state"]), row.state)
            columns = row.columns()
            self._db.execute(
                f"UPDATE sending SET {', '.join(f'{n} = :{n}' for n in columns)} WHERE number = :number",  # noqa: S608 - our own names
                columns,
            )

    def hand_over(self, row: SendingRow) -> None:
        """Write that the end of a letter is about to go out; beside the ledger as well, for a ledger may be lost."""
        with self._transaction():
            self.change_sending(replace(row, state=SendingState.HANDING_OVER))
            self._db.execute("INSERT INTO handed_over (followup, sha256) VALUES (?, ?)", (row.followup, row.sha256))
        self.tombstones.add(self._mark("letter", row.followup))
        self.tombstones.add(self._mark("bytes", row.sha256))

    def was_handed_over_unknown_to_us(self, followup_id: str, sha256: str) -> bool:
        """Whether a letter, or these very bytes for whatever letter they were taken then, were handed over more often
        than this ledger knows: it is an old copy, and they may have gone out.
        """
        of_letter = self._rows("SELECT count(*) FROM handed_over WHERE followup = ?", (followup_id,))[0][0]
        of_bytes = self._rows("SELECT count(*) FROM handed_over WHERE sha256 = ?", (sha256,))[0][0]
        return bool(
            self.tombstones.count(self._mark("letter", followup_id)) > of_letter
            or self.tombstones.count(self._mark("bytes", sha256)) > of_bytes
        )

    def may_be_out_as_another(self, followup_id: str, sha256: str) -> bool:
        """Whether these very bytes went out, or may have, when they were taken for another letter."""
        states = (SendingState.HANDING_OVER, SendingState.ACCEPTED, SendingState.UNKNOWN)
        return bool(
            self._rows(
                "SELECT 1 FROM sending WHERE sha256 = ? AND followup <> ? AND state IN (?, ?, ?)",
                (sha256, followup_id, *states),
            )
        )

    def _mark(self, kind: str, name: str) -> str:
        return f"out.{keyed(self.tombstones.secret, 'out', kind, name)}"

    def bring(
        self,
        row: SendingRow,
        state: SendingState,
        now: datetime,
        *,
        message: bytes | None = b"",
        next_at: datetime | None = None,
        attempts: int | None = None,
        reply: str | None = None,
    ) -> SendingRow:
        """Write a new state, and give the row. `message=None` forgets the bytes, which are not needed any more."""
        changed = replace(
            row,
            state=state,
            changed_at=now,
            message=row.message if message == b"" else message,
            next_at=next_at,
            attempts=row.attempts if attempts is None else attempts,
            reply=row.reply if reply is None else reply,
        )
        self.change_sending(changed)
        return changed
