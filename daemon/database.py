"""One SQLite file in a state directory: opened, locked, brought up to date, checked.

One writer: the process that holds the kernel lock on the state directory. Beside it the command only appends what the
person wishes. The file is a write-ahead log database with synchronous=FULL, so that a committed intent survives a power
cut.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.resources import files
from pathlib import Path
from types import TracebackType
from typing import Self

from daemon.errors import StateError
from daemon.state_lock import StateLock

SCHEMA_VERSION = 2  # ledger_1.sql makes version 1, ledger_2.sql makes 2 of it, and so on
FILE_NAME = "ledger.sqlite3"


class Database:
    """Opens (or makes) the file in a state directory. Its methods may be called from several threads."""

    def __init__(self, connection: sqlite3.Connection, lock: StateLock | None = None) -> None:
        self._db = connection
        self._lock = lock
        self._turn = threading.RLock()  # a transaction is one connection's: one thread at a time
        self._db.row_factory = sqlite3.Row

    @classmethod
    def open(cls, directory: Path) -> Self:
        """Open for writing. Raises StateError: locked, foreign owner, newer version or damaged."""
        lock = StateLock(directory)
        path = directory / FILE_NAME
        try:
            # Made before SQLite opens it, so that it never exists with wider rights.
            os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600))
            database = cls(_connect(str(path)), lock)
            database._check(path)
            database._migrate(path)
        except (OSError, sqlite3.DatabaseError) as error:
            lock.release()
            raise StateError(f"{path}: cannot be used as a ledger ({error}); move it away to start anew") from error
        except StateError:
            lock.release()
            raise
        return database

    @classmethod
    def in_memory(cls, copy_of: Path | None = None) -> Self:
        """Make one that is forgotten, empty or as a copy of the one in a state directory (which may be in use)."""
        connection = _connect(":memory:")
        path = copy_of / FILE_NAME if copy_of else None
        if path and path.exists():
            with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as source:
                source.backup(connection)
        database = cls(connection)
        database._migrate(None)
        return database

    @classmethod
    def beside(cls, directory: Path) -> Self:
        """Open beside whoever works with it, to read and to append wishes.

        Raises StateError where there is none, or one that another version wrote.
        """
        path = directory / FILE_NAME
        advice = "let `tactful scan` or `tactful run` read the mail first"
        if not path.exists():
            raise StateError(f"{path}: there is no ledger yet; {advice}")
        try:
            database = cls(_connect(str(path)))
            version = database._version_of_schema()
        except sqlite3.DatabaseError as error:
            raise StateError(f"{path}: cannot be used as a ledger ({error})") from error
        if version != SCHEMA_VERSION:
            raise StateError(f"{path}: was written by another version of tactful; restart `tactful run`, or {advice}")
        return database

    def close(self) -> None:
        """Close the file and release the lock."""
        self._db.close()
        if self._lock:
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _version_of_schema(self) -> int:
        version: int = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version > SCHEMA_VERSION:
            raise StateError(f"the ledger was written by a newer tactful (version {version}); update this one")
        return version

    def _migrate(self, path: Path | None) -> None:
        """Bring the tables up to date, in one transaction; of a file that had others a copy is kept beside it."""
        version = self._version_of_schema()
        if version == SCHEMA_VERSION:
            return
        if version and path:
            self._back_up(path.with_name(f"{FILE_NAME}.version-{version}"))
        with self._transaction():
            for number in range(version + 1, SCHEMA_VERSION + 1):
                # One by one, inside the transaction: executescript would commit it first.
                for statement in (files("daemon") / f"ledger_{number}.sql").read_text("utf-8").split(";\n"):
                    self._db.execute(statement)
            if not version:
                self._db.execute("INSERT INTO setting VALUES ('secret', ?)", (secrets.token_bytes(32),))
            self._db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def _back_up(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600))
        with closing(sqlite3.connect(path)) as copy:
            self._db.backup(copy)

    def _check(self, path: Path) -> None:
        verdict = self._db.execute("PRAGMA quick_check").fetchone()[0]
        if verdict != "ok":
            raise StateError(f"{path}: the ledger is damaged ({verdict}); move it away to start anew from the mailbox")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._turn:
            if self._db.in_transaction:  # part of a larger one
                yield
                return
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def _rows(self, query: str, values: tuple[object, ...] = ()) -> list[sqlite3.Row]:
        with self._turn:
            return self._db.execute(query, values).fetchall()


def _connect(path: str) -> sqlite3.Connection:
    # Passes run in worker threads, one at a time: the caller sees to that.
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    return connection
