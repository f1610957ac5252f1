"""One SQLite file in a state directory: opened, locked, brought up to date, checked, and copied while it is in use.

One writer: the process that holds the kernel lock on the state directory. Beside it the command only appends what the
person wishes. The file is a write-ahead log database with synchronous=FULL, so that a committed intent survives a power
cut. A damaged one is set aside, and its newest whole copy or an empty one takes its place: what it then does not know
of is known by the tombstones beside it.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from daemon.backups import copy_to, is_damage, restore, set_aside
from daemon.errors import LedgerUnavailable, StateError
from daemon.private_files import make_private_directory, open_privately
from daemon.state_lock import StateLock
from daemon.tombstones import Tombstone, Tombstones

_log = logging.getLogger("tactful.ledger")

SCHEMA_VERSION = 4  # ledger_1.sql makes version 1, ledger_2.sql makes 2 of it, and so on
FILE_NAME = "ledger.sqlite3"
_PASSING = tuple(f"SQLITE_{name}" for name in ("FULL", "IOERR", "BUSY", "LOCKED", "READONLY", "CANTOPEN", "NOMEM"))
_PATIENCE = 10.0  # seconds for which a write waits for another process that writes


class _Damaged(Exception):
    """The file is no database, or one that does not hold together."""


class Database:
    """Opens (or makes) the file in a state directory. Its methods may be called from several threads."""

    def __init__(
        self, connection: sqlite3.Connection, tombstones: Tombstones | None = None, lock: StateLock | None = None
    ) -> None:
        self._db = connection
        self._lock = lock
        self._turn = threading.RLock()  # a transaction is one connection's: one thread at a time
        self._depth = 0  # of transactions within each other
        self._db.row_factory = sqlite3.Row
        self._tombstones = tombstones

    @classmethod
    def open(cls, directory: Path) -> Self:
        """Open for writing. What is damaged is set aside and told of by `recovery`.

        Raises StateError: locked, foreign owner, newer version, or not to be read or written.
        """
        make_private_directory(directory)
        lock = StateLock(directory)
        path = directory / FILE_NAME
        try:
            try:
                database = cls._open_whole(path, lock)
            except _Damaged as damage:
                aside = set_aside(path)
                copy = restore(path)
                _log.warning("the ledger was damaged (%s); it is kept as %s", damage, aside.name)
                _log.warning("%s", f"{copy.name} takes its place" if copy else "it is made anew from the mailbox")
                database = cls._open_whole(path, lock)
                database._note_recovery(aside, copy)
            database._open_tombstones(directory)
        except (OSError, sqlite3.Error, _Damaged) as error:
            lock.release()
            raise StateError(
                f"{path}: cannot be used as a ledger ({error}); see to the disk, then start again"
            ) from error
        except StateError:
            lock.release()
            raise
        return database

    @classmethod
    def _open_whole(cls, path: Path, lock: StateLock) -> Self:
        """Open a file, or make it, and bring it up to date. Raises _Damaged, and what `open` turns into StateError."""
        # Made before SQLite opens it, so that it never exists with wider rights.
        os.close(open_privately(path, os.O_RDWR | os.O_CREAT))
        connection = None
        try:
            connection = _connect(str(path))
            database = cls(connection, lock=lock)
            verdict = connection.execute("PRAGMA quick_check").fetchone()[0]
            if verdict != "ok":
                raise _Damaged(str(verdict).splitlines()[0])
            database._migrate(path)
        except sqlite3.DatabaseError as error:
            if connection:
                connection.close()
            if is_damage(error):
                raise _Damaged(str(error)) from error
            raise
        except BaseException:
            if connection:
                connection.close()
            raise
        return database

    def _open_tombstones(self, directory: Path) -> None:
        """Have the secret, which a new ledger takes over, and all that must not be done again."""
        rows = self._rows("SELECT value FROM setting WHERE name = 'secret'")
        drafts = self._rows("SELECT message_id, sha256, attempts FROM draft")
        known = [
            Tombstone(mark=row["message_id"].partition("@")[0], sha256=row["sha256"])
            for row in drafts
            for _ in range(row["attempts"])
        ]
        self._tombstones = Tombstones.open(directory, rows[0]["value"] if rows else None, known)
        self._keep_secret()

    def _keep_secret(self) -> None:
        with self._transaction():
            self._db.execute("INSERT OR IGNORE INTO setting VALUES ('secret', ?)", (self.tombstones.secret,))

    def _note_recovery(self, aside: Path, copy: Path | None) -> None:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        document = json.dumps({"at": now, "damaged": aside.name, "copy": copy.name if copy else None}).encode()
        with self._transaction():
            self._db.execute("INSERT OR REPLACE INTO setting VALUES ('recovery', ?)", (document,))
            self._db.execute("INSERT OR REPLACE INTO setting VALUES ('begun', ?)", (now.encode(),))

    def recovery(self) -> dict[str, Any] | None:
        """Say when the ledger was last found damaged, the name of what was set aside and of the copy that took its
        place (None: it was made anew). None: never.
        """
        rows = self._rows("SELECT value FROM setting WHERE name = 'recovery'")
        document: dict[str, Any] | None = json.loads(rows[0]["value"]) if rows else None
        return document

    @property
    def begun(self) -> datetime | None:
        """When it was begun anew: what was done before that it may not know. None: it was made by a version which did
        not write that down.
        """
        rows = self._rows("SELECT value FROM setting WHERE name = 'begun'")
        return datetime.fromisoformat(rows[0]["value"].decode("ascii")) if rows else None

    @property
    def tombstones(self) -> Tombstones:
        """What must not be done again, whatever the ledger knows of it."""
        if self._tombstones is None:
            raise ValueError("opened beside another process, which alone may do what cannot be taken back")
        return self._tombstones

    def copy_to(self, path: Path) -> None:
        """Copy all of it into a file, whole or not at all. Raises OSError or sqlite3.Error."""
        with self._turn:
            copy_to(self._db, path)

    @classmethod
    def in_memory(cls, copy_of: Path | None = None, tombstones: Tombstones | None = None) -> Self:
        """Make one that is forgotten, empty or as a copy of the one in a state directory (which may be in use).

        With `tombstones` it is one that was lost and begun anew beside them.
        """
        connection = _connect(":memory:")
        path = copy_of / FILE_NAME if copy_of else None
        if path and path.exists():
            with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as source:
                source.backup(connection)
        database = cls(connection)
        database._migrate(None)
        rows = database._rows("SELECT value FROM setting WHERE name = 'secret'")
        secret = rows[0]["value"] if rows else secrets.token_bytes(32)
        database._tombstones = tombstones or Tombstones(secret)
        database._keep_secret()
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
        if self._tombstones:
            self._tombstones.close()
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
            copy_to(self._db, path.with_name(f"{FILE_NAME}.version-{version}"))
        with self._transaction():
            for number in range(version + 1, SCHEMA_VERSION + 1):
                # One by one, inside the transaction: executescript would commit it first.
                for statement in (files("daemon") / f"ledger_{number}.sql").read_text("utf-8").split(";\n"):
                    self._db.execute(statement)
            if not version and path:
                now = datetime.now(UTC).isoformat(timespec="seconds").encode()
                self._db.execute("INSERT INTO setting VALUES ('begun', ?)", (now,))
            self._db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Write all of it, or nothing. Raises LedgerUnavailable: nothing was written."""
        with self._turn:
            if self._depth:  # part of a larger one
                yield
                return
            with _available():
                self._db.execute("BEGIN IMMEDIATE")
            self._depth = 1
            try:
                with _available():
                    yield
                    self._db.execute("COMMIT")
            except BaseException:
                # SQLite has rolled back by itself where the disk was full; a COMMIT that failed has left it open.
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                self._forget_what_was_read()
                raise
            finally:
                self._depth = 0

    def _forget_what_was_read(self) -> None:
        """Let nothing be remembered that was read in a transaction which came to nothing."""

    def _rows(self, query: str, values: tuple[object, ...] = ()) -> list[sqlite3.Row]:
        with self._turn, _available():
            return self._db.execute(query, values).fetchall()


@contextmanager
def _available() -> Iterator[None]:
    """Tell apart what passes (a full disk, another's lock) from a mistake of ours."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if not error.sqlite_errorname.startswith(_PASSING):
            raise
        raise LedgerUnavailable(f"The ledger cannot be used just now: {error}.") from error


def _connect(path: str) -> sqlite3.Connection:
    # Passes run in worker threads, one at a time: the caller sees to that.
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=_PATIENCE)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    return connection
