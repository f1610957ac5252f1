"""Lasting numbers for the files of a Maildir, kept beside it: a Maildir has none, and we write nothing into a person's.

A message is known by the unique part of its file name: what comes before the flags (":2,S") and before the notes that
Dovecot (",S=1234"), mbsync and OfflineIMAP (",U=7") add and change. By the rules of Maildir the bytes behind such a
name never change.
"""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from daemon.errors import MailboxError

_SCHEMA = """
CREATE TABLE IF NOT EXISTS folder (
    name TEXT PRIMARY KEY, uidvalidity INTEGER NOT NULL, uidnext INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS message (
    folder TEXT NOT NULL, key TEXT NOT NULL, uid INTEGER NOT NULL, PRIMARY KEY (folder, key)
) WITHOUT ROWID;
"""
PATIENCE = 10.0  # seconds for another process of ours to finish its numbering

_KEY = re.compile(r"[^:,]+")


def key_of(file_name: str) -> str:
    """Give the unique part of a message's file name."""
    found = _KEY.match(file_name)
    return found[0] if found else file_name


class UidTable:
    """The numbers of one Maildir. Without a path they live in memory and last as long as the object."""

    def __init__(self, path: Path | None) -> None:
        try:
            if path is not None:
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                path.touch(mode=0o600)
            # One thread at a time (contract, point 6), but not always the same one.
            self._database = sqlite3.connect(
                path or ":memory:", timeout=PATIENCE, isolation_level=None, check_same_thread=False
            )
            self._database.executescript(_SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise MailboxError(f"The numbers of the Maildir cannot be kept in {path}: {error}.") from error

    def state(self, folder: str) -> tuple[int, int]:
        """Give UIDVALIDITY and UIDNEXT of a folder."""
        with self._transaction():
            return self._state(folder)

    def numbered(self, folder: str) -> dict[str, int]:
        """Give the UID of every key that ever had one: a file that is gone may be about to be renamed only."""
        with self._mapped_errors():
            return dict(self._database.execute("SELECT key, uid FROM message WHERE folder = ?", (folder,)))

    def number(self, folder: str, keys: Sequence[str]) -> Mapping[str, int]:
        """Give each key a UID, in this order, unless another process has done so by now."""
        with self._transaction():
            _, uidnext = self._state(folder)
            known = self.numbered(folder)
            fresh = {key: uid for uid, key in enumerate((k for k in keys if k not in known), start=uidnext)}
            self._database.executemany(
                "INSERT INTO message (folder, key, uid) VALUES (?, ?, ?)",
                ((folder, key, uid) for key, uid in fresh.items()),
            )
            self._database.execute("UPDATE folder SET uidnext = ? WHERE name = ?", (uidnext + len(fresh), folder))
        return known | fresh

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def _state(self, folder: str) -> tuple[int, int]:
        row = self._database.execute("SELECT uidvalidity, uidnext FROM folder WHERE name = ?", (folder,)).fetchone()
        if row is None:
            # The clock, so that a lost table is not taken for the one that was (RFC 9051 2.3.1.1).
            row = (int(time.time()), 1)
            self._database.execute("INSERT INTO folder (name, uidvalidity, uidnext) VALUES (?, ?, ?)", (folder, *row))
        return int(row[0]), int(row[1])

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._mapped_errors():
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")

    @contextmanager
    def _mapped_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise MailboxError(f"The numbers of the Maildir cannot be kept: {error}.") from error
