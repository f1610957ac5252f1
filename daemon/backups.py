"""Copies of the ledger: one a day, two kept; and what is done with a ledger that is damaged: it is set aside, never
deleted, and the newest copy that is whole takes its place.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from daemon.private_files import open_privately, sync_directory

if TYPE_CHECKING:
    from daemon.errands import View
    from daemon.ledger import Ledger
    from daemon.mailbox import Mailbox

_log = logging.getLogger("tactful.backups")

EVERY = timedelta(days=1)
KEPT = 2
RETRY = timedelta(hours=1)
_BACKUP = re.compile(r"\.backup-(\d{8}T\d{6}Z)")
_DAMAGES = frozenset({"SQLITE_CORRUPT", "SQLITE_NOTADB"})


def is_damage(error: sqlite3.Error) -> bool:
    """Whether an error says that the file is damaged, and not that it cannot be used just now."""
    name: str = getattr(error, "sqlite_errorname", "")
    return any(name.startswith(damage) for damage in _DAMAGES)


def backups(path: Path) -> list[Path]:
    """Give the copies of a ledger, newest first."""
    found = (copy for copy in path.parent.glob(f"{path.name}.backup-*"))
    return sorted((copy for copy in found if _BACKUP.fullmatch(copy.name.removeprefix(path.name))), reverse=True)


def remove(path: Path) -> list[Path]:
    """Delete every copy of a ledger: daily ones, those of older versions, damaged ones. Give what they were."""
    copies = [*backups(path), *path.parent.glob(f"{path.name}.version-*"), *path.parent.glob(f"{path.name}.damaged-*")]
    for copy in copies:
        copy.unlink(missing_ok=True)
    return copies


def copy_to(source: sqlite3.Connection, path: Path) -> None:
    """Copy a database that is in use, whole or not at all. Raises OSError or sqlite3.Error."""
    temporary = path.with_name(f"{path.name}.new")
    temporary.unlink(missing_ok=True)
    try:
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600))
        with closing(sqlite3.connect(temporary)) as copy:
            source.backup(copy)
        _sync(temporary)
        temporary.replace(path)
    except (OSError, sqlite3.Error):
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def set_aside(path: Path) -> Path:
    """Give a damaged ledger another name, with what belongs to it; give that of the file."""
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    for ending in ("-wal", "-shm", ""):
        with suppress(FileNotFoundError):
            path.with_name(path.name + ending).replace(aside.with_name(aside.name + ending))
    sync_directory(path.parent)
    return aside


def restore(path: Path) -> Path | None:
    """Put the newest copy that is whole in the place of a ledger that is not there; None: there is none."""
    for copy in backups(path):
        if _is_whole(copy):
            temporary = path.with_name(f"{path.name}.new")
            temporary.unlink(missing_ok=True)
            with os.fdopen(open_privately(copy, os.O_RDONLY), "rb") as source:
                file = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
                with os.fdopen(file, "wb") as target:
                    shutil.copyfileobj(source, target)
            _sync(temporary)
            temporary.replace(path)
            sync_directory(path.parent)
            return copy
    return None


def _is_whole(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            verdict = database.execute("PRAGMA quick_check").fetchone()[0]
            version = database.execute("PRAGMA user_version").fetchone()[0]
    except sqlite3.Error:
        return False
    return bool(verdict == "ok" and version)


def _sync(path: Path) -> None:
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)


class Backups:
    """The errand that copies the ledger once a day."""

    def __init__(self, ledger: Ledger, path: Path) -> None:
        self._ledger = ledger
        self._path = path
        self._tried_at: datetime | None = None

    def run(self, account: str, mailbox: Mailbox, view: View, now: datetime) -> datetime | None:
        """Make a copy where the newest is older than a day. A copy that cannot be made is told in the log."""
        due = self._due()
        if due is not None and now < due <= now + EVERY:  # one from the future is of a clock that was wrong
            return due
        name = f"{self._path.name}.backup-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
        try:
            self._ledger.copy_to(self._path.with_name(name))
        except (OSError, sqlite3.Error) as error:
            _log.warning("no copy of the ledger could be made: %s", error)
            self._tried_at = now
            return now + RETRY
        for copy in backups(self._path)[KEPT:]:
            copy.unlink(missing_ok=True)
        return now + EVERY

    def _due(self) -> datetime | None:
        newest = next(iter(backups(self._path)), None)
        stamps = [self._tried_at + RETRY] if self._tried_at else []
        if newest:
            stamp = newest.name.rpartition("-")[2]
            stamps.append(datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) + EVERY)
        return max(stamps, default=None)
