"""The file in the state directory: made, brought up to date with a copy kept, refused when it is not ours to use."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import pytest

from daemon.database import FILE_NAME, SCHEMA_VERSION
from daemon.errors import StateError
from daemon.ledger import Ledger


def first_version(directory: Path) -> bytes:
    """Make the file as the first version did, and give its secret."""
    secret = bytes(range(32))
    with closing(sqlite3.connect(directory / FILE_NAME)) as old:
        old.executescript((files("daemon") / "ledger_1.sql").read_text("utf-8"))
        old.execute("INSERT INTO setting VALUES ('secret', ?)", (secret,))
        old.execute("PRAGMA user_version = 1")
        old.commit()
    return secret


def version_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as database:
        version: int = database.execute("PRAGMA user_version").fetchone()[0]
        return version


def test_a_new_file_is_private_and_up_to_date(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "state") as ledger:
        assert len(ledger.secret) == 32
    made = tmp_path / "state" / FILE_NAME
    assert (made.stat().st_mode & 0o777, version_of(made)) == (0o600, SCHEMA_VERSION)
    assert [path.name for path in made.parent.glob(f"{FILE_NAME}.*")] == []


def test_an_older_file_is_brought_up_to_date_and_a_copy_of_it_is_kept(tmp_path: Path) -> None:
    secret = first_version(tmp_path)
    with Ledger.open(tmp_path) as ledger:
        assert ledger.secret == secret
        assert ledger.drafts() == ()
    copy = tmp_path / f"{FILE_NAME}.version-1"
    assert (version_of(tmp_path / FILE_NAME), version_of(copy)) == (SCHEMA_VERSION, 1)
    assert copy.stat().st_mode & 0o777 == 0o600


def test_a_migration_that_fails_leaves_the_older_file_as_it_was(tmp_path: Path) -> None:
    first_version(tmp_path)
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as old:
        old.execute("CREATE TABLE sending (in_the_way TEXT)")
        old.commit()
    with pytest.raises(StateError, match="cannot be used as a ledger"):
        Ledger.open(tmp_path)
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as old:
        columns = {row[1] for row in old.execute("PRAGMA table_info(draft)")}
    assert version_of(tmp_path / FILE_NAME) == 1
    assert "wording" not in columns


def test_a_newer_file_is_refused_unchanged(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as newer:
        newer.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    with pytest.raises(StateError, match="newer tactful"):
        Ledger.open(tmp_path)
    assert version_of(tmp_path / FILE_NAME) == SCHEMA_VERSION + 1


def test_a_command_beside_an_older_daemon_changes_nothing(tmp_path: Path) -> None:
    first_version(tmp_path)
    with pytest.raises(StateError, match="another version"):
        Ledger.beside(tmp_path)
    assert version_of(tmp_path / FILE_NAME) == 1
    with Ledger.in_memory(copy_of=tmp_path) as copy:
        assert copy.drafts() == ()
    assert version_of(tmp_path / FILE_NAME) == 1


def test_a_damaged_file_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with Ledger.open(tmp_path):
        pass
    path = tmp_path / FILE_NAME
    path.write_bytes(path.read_bytes()[:3000] + b"\xff" * 2000 + path.read_bytes()[5000:])
    with pytest.raises(StateError, match="move it away to start anew"):
        Ledger.open(tmp_path)


def test_a_refused_file_does_not_keep_the_directory_locked(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"this is no database at all, but some text of enough length" * 10)
    with pytest.raises(StateError):
        Ledger.open(tmp_path)
    (tmp_path / FILE_NAME).unlink()
    with Ledger.open(tmp_path) as ledger:
        assert ledger.secret
