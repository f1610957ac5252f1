"""What the ledger holds about somebody: shown as it is, or erased so that nothing of it is left on the disk.

What was erased does not come back: of each message a keyed hash stays among the tombstones, and a folder that is read
anew gives no facts of it again.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from daemon.backups import remove
from daemon.database import Database
from daemon.subjects import Subject
from daemon.tombstones import keyed

# Each table with the columns by which a row is known to be about somebody, what is referred to after what refers.
_TABLES: dict[str, tuple[str, ...]] = {
    "handed_over": ("followup",),
    "sending": ("followup",),
    "draft": ("id", "followup"),
    "act": ("document",),
    "decision": ("identity", "document"),
    "notice": ("id",),
    "fact": ("key", "document"),
}
_NAMES_OF_DRAFTS = frozenset({"handed_over", "sending"})
_DOCUMENTS = frozenset({"document", "followup", "recipients"})


class HoldingsTable(Database):
    """Rows of all tables by whom they are about."""

    def held(self, subject: Subject) -> Iterator[tuple[str, dict[str, Any]]]:
        """Give every row about a subject, with its table: JSON read, bytes as text."""
        for table in reversed(_TABLES):
            for row in self._about(table, subject):
                yield table, {name: _shown(name, row[name]) for name in row.keys() if name != "row"}  # noqa: SIM118 - a Row is no mapping

    def was_forgotten(self, key: str) -> bool:
        """Whether the person had erased the message of this key."""
        return self.tombstones.count(self._mark_of_forgotten(key)) > 0

    def forget(self, subject: Subject) -> Counter[str]:
        """Erase every row about a subject, and the copies of the ledger; give how many of each table.

        Needs the lock of the directory: a daemon would go on with what it has in mind. Raises LedgerUnavailable.
        """
        self._db.execute("PRAGMA secure_delete = ON")
        erased: Counter[str] = Counter()
        about = {table: self._about(table, subject) for table in _TABLES}
        # First what must outlast it: after a power cut in between, the message is at worst not read again.
        for row in about["fact"]:
            if not self.was_forgotten(row["key"]):
                self.tombstones.add(self._mark_of_forgotten(row["key"]))
        with self._transaction():
            for table, rows in about.items():
                self._db.executemany(f"DELETE FROM {table} WHERE rowid = ?", [(row["row"],) for row in rows])  # noqa: S608 - our own names
                erased[table] = len(rows)
            self._forget_seen(subject, about["fact"])
        self._forget_what_was_read()
        self._scrub()
        return erased

    def _about(self, table: str, subject: Subject) -> list[sqlite3.Row]:
        rows = self._rows(f"SELECT rowid AS row, * FROM {table} ORDER BY rowid")  # noqa: S608 - our own names
        if table in _NAMES_OF_DRAFTS:
            drafts = {row["id"] for row in self._about("draft", subject)}
            return [row for row in rows if row["followup"] in drafts]
        return [row for row in rows if subject.is_named_in(*(row[column] for column in _TABLES[table]))]

    def _forget_seen(self, subject: Subject, facts: list[sqlite3.Row]) -> None:
        """Keep of each message only that it is not to be read again."""
        if subject.scope == "all":
            self._db.execute("UPDATE seen SET outcome = 'gone', reason = 'forgotten', key = NULL")
            return
        keys = [(row["account"], row["key"]) for row in facts]
        self._db.executemany(
            "UPDATE seen SET outcome = 'gone', reason = 'forgotten', key = NULL WHERE account = ? AND key = ?", keys
        )
        # Mail of theirs from which nothing was taken is known by its Message-ID, which names their domain.
        domains = {row["key"].rpartition("@")[2] for row in facts if "@" in row["key"]}
        self._db.executemany(
            "UPDATE seen SET key = NULL WHERE outcome <> 'facts' AND key LIKE '%@' || ?", [(name,) for name in domains]
        )

    def _scrub(self) -> None:
        """Write the file anew, without the pages that held what was erased, and do away with log and copies."""
        for order in ("PRAGMA wal_checkpoint(TRUNCATE)", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
            self._rows(order)
        file = next((row["file"] for row in self._rows("PRAGMA database_list") if row["name"] == "main"), "")
        if file:
            remove(Path(file))

    def _mark_of_forgotten(self, key: str) -> str:
        return f"fg.{keyed(self.tombstones.secret, 'forgotten', key)}"


def _shown(name: str, value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if name in _DOCUMENTS and isinstance(value, str) and value.startswith(("{", "[")):
        return json.loads(value)
    return value
