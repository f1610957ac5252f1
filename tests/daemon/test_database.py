"""The file in the state directory: made, brought up to date with a copy kept, refused when it is not ours to use."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import pytest

from composer.acts import Resumed
from composer.agenda import Agenda
from daemon.backups import Backups, backups
from daemon.database import FILE_NAME, SCHEMA_VERSION
from daemon.errands import View
from daemon.errors import LedgerUnavailable, StateError
from daemon.ledger import Ledger
from daemon.memory import MemoryMailbox
from daemon.private_files import open_privately

NOW = datetime(2026, 12, 1, 22, tzinfo=UTC)


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


def damage(path: Path) -> bytes:
    """Spoil a page in the middle, and give what the file is then."""
    whole = path.read_bytes()
    path.write_bytes(whole[:3000] + b"\xff" * 2000 + whole[5000:])
    return path.read_bytes()


def test_a_damaged_file_is_set_aside_and_one_with_the_same_secret_takes_its_place(tmp_path: Path) -> None:
    with Ledger.open(tmp_path) as ledger:
        secret = ledger.secret
    damaged = damage(tmp_path / FILE_NAME)
    with Ledger.open(tmp_path) as ledger:
        assert ledger.secret == secret
        told = ledger.recovery()
        assert told is not None
        assert (told["damaged"], told["copy"]) == (f"{FILE_NAME}.damaged-1", None)
    assert (tmp_path / f"{FILE_NAME}.damaged-1").read_bytes() == damaged


def test_the_newest_copy_that_is_whole_takes_the_place_of_a_damaged_file(tmp_path: Path) -> None:
    with Ledger.open(tmp_path) as ledger:
        for day in (1, 2, 3):
            ledger.record_act(Resumed(at=NOW, target=f"day-{day}"))
            ledger.copy_to(tmp_path / f"{FILE_NAME}.backup-2026120{day}T000000Z")
    damage(tmp_path / f"{FILE_NAME}.backup-20261203T000000Z")
    damage(tmp_path / FILE_NAME)
    with Ledger.open(tmp_path) as ledger:
        assert [act.target for act in ledger.acts() if isinstance(act, Resumed)] == ["day-1", "day-2"]
        told = ledger.recovery()
        assert told is not None
        assert told["copy"] == f"{FILE_NAME}.backup-20261202T000000Z"


def test_a_second_damaged_file_does_not_replace_the_first(tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / FILE_NAME).write_bytes(b"this is no database at all, but some text of enough length" * 10)
        with Ledger.open(tmp_path) as ledger:
            assert ledger.secret
        assert (tmp_path / f"{FILE_NAME}.damaged-{number}").exists()


def test_a_copy_is_made_once_a_day_and_two_are_kept(tmp_path: Path) -> None:
    view = View(timelines=(), agenda=Agenda(at=NOW))
    mailbox = MemoryMailbox()
    with Ledger.open(tmp_path) as ledger:
        errand = Backups(ledger, tmp_path / FILE_NAME)
        for hours in (0, 5, 25, 26, 51):
            errand.run("personal", mailbox, view, NOW + timedelta(hours=hours))
    kept = backups(tmp_path / FILE_NAME)
    assert [copy.name[-16:] for copy in kept] == ["20261204T010000Z", "20261202T230000Z"]
    assert {copy.stat().st_mode & 0o777 for copy in kept} == {0o600}


def test_a_copy_that_cannot_be_made_is_tried_again_and_is_not_half_there(tmp_path: Path) -> None:
    view = View(timelines=(), agenda=Agenda(at=NOW))
    with Ledger.open(tmp_path) as ledger:
        errand = Backups(ledger, tmp_path / "elsewhere" / FILE_NAME)
        assert errand.run("personal", MemoryMailbox(), view, NOW) == NOW + timedelta(hours=1)
        (tmp_path / "elsewhere").mkdir()
        assert errand.run("personal", MemoryMailbox(), view, NOW + timedelta(minutes=5)) == NOW + timedelta(hours=1)
        assert list((tmp_path / "elsewhere").iterdir()) == []
        errand.run("personal", MemoryMailbox(), view, NOW + timedelta(hours=1))
    assert len(list((tmp_path / "elsewhere").iterdir())) == 1


def test_a_commit_that_fails_leaves_no_transaction_open(tmp_path: Path) -> None:
    """A later intent would be part of it, and not be on disk when the draft leaves."""
    with Ledger.open(tmp_path) as ledger:
        with closing(sqlite3.connect(tmp_path / FILE_NAME)) as other:
            pages = other.execute("PRAGMA page_count").fetchone()[0]
        ledger._db.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(LedgerUnavailable, match="full"):
            ledger.record_act(Resumed(at=NOW, target="x" * 500_000))
        assert ledger.acts() == ()
        ledger._db.execute("PRAGMA max_page_count = 1000000")
        ledger.record_act(Resumed(at=NOW, target="later"))
    with Ledger.open(tmp_path) as again:
        assert len(again.acts()) == 1


def test_what_was_read_in_a_transaction_that_failed_is_not_remembered(tmp_path: Path) -> None:
    with Ledger.open(tmp_path) as ledger:
        with suppress(ZeroDivisionError), ledger.together():
            ledger.record_act(Resumed(at=NOW, target="never"))
            assert len(ledger.acts()) == 1
            raise ZeroDivisionError
        assert ledger.acts() == ()


def test_a_link_in_the_place_of_the_file_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"")
    for name in (FILE_NAME, "lock", "tombstones"):
        state = tmp_path / f"state-{name}"
        state.mkdir()
        (state / name).symlink_to(other)
        with pytest.raises(StateError, match="symbolic link"):
            Ledger.open(state)
    assert other.read_bytes() == b""


def test_files_that_others_could_read_are_closed_to_them(tmp_path: Path) -> None:
    with Ledger.open(tmp_path):
        pass
    files_of_it = [tmp_path / name for name in (FILE_NAME, "lock", "tombstones")]
    for path in files_of_it:
        path.chmod(0o644)
    tmp_path.chmod(0o755)
    with Ledger.open(tmp_path):
        assert [path.stat().st_mode & 0o777 for path in files_of_it] == [0o600] * 3
        assert {path.stat().st_mode & 0o077 for path in tmp_path.iterdir()} == {0}
    assert tmp_path.stat().st_mode & 0o777 == 0o700


def test_a_file_of_another_user_is_refused(tmp_path: Path) -> None:
    if os.getuid() != 0:  # only root can give a file away; of root's there are some everywhere
        with pytest.raises(StateError, match="belongs to another user"):
            open_privately(Path("/etc/passwd"), os.O_RDONLY)
        return
    with Ledger.open(tmp_path):
        pass
    for path in (tmp_path / FILE_NAME, tmp_path / "lock", tmp_path / "tombstones", tmp_path):
        os.chown(path, 1234, 1234)
        with pytest.raises(StateError, match="belongs to another user"):
            Ledger.open(tmp_path)
        os.chown(path, 0, 0)
