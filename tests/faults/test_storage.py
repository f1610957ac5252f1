"""The disk is full, or the ledger is damaged, lost, old or held by another: no letter is made twice, none is lost."""

from __future__ import annotations

import errno
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from daemon.database import FILE_NAME
from daemon.errors import LedgerUnavailable, StateError
from daemon.ledger import Ledger
from daemon.tombstones import FILE_NAME as STONES
from tests.extent import LONG, SEED, spread
from tests.process.conftest import TACTFUL

AFTER = timedelta(hours=4)  # of the interview's beginning: its letter is due
PAGE = 4096


def appended(rig: Any) -> list[Any]:
    return [row for row in rig.rows if row.state == "appended"]


@pytest.fixture
def small_disk(rig: Any) -> Iterator[Path]:
    """Have the state directory on a file system of 4 MB, where this machine lets us mount one."""
    rig.seat.state.mkdir(exist_ok=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m,mode=700", "tmpfs", str(rig.seat.state)],
        capture_output=True,
        check=False,
    )
    yield rig.seat.state
    if mounted.returncode == 0:
        subprocess.run(["umount", "-l", str(rig.seat.state)], check=True)


def fill(directory: Path) -> Path:
    """Leave no room on a small file system, for what is written is kept from growing."""
    filler = directory / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (65536, 4096, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError as error:
                assert error.errno == errno.ENOSPC  # noqa: PT017 - each size ends so
    return filler


@pytest.mark.fault("F26")
@pytest.mark.timeout(300)
def test_a_full_disk_holds_the_letter_back_and_room_lets_it_go(
    rig: Any, small_disk: Path, interview_day: datetime
) -> None:
    if not os.path.ismount(small_disk):
        return  # what can be shown without a mount is shown by the test with injected errors
    rig.invite(interview_day)
    rig.start()
    filler = fill(small_disk)
    rig.seat.move_clock(interview_day + AFTER)
    log = rig.seat.folder / "log"
    rig.until(lambda: "cannot be used just now" in log.read_text("utf-8"), "the full disk is noticed", 90)
    assert rig.drafts == []
    assert not rig.proxy.sent(rb"^APPEND")
    filler.unlink()
    freed = time.monotonic()
    rig.until(lambda: appended(rig), "the draft", 120)
    rig.until(rig.is_healthy, "healthy", 120)
    rig.report("F26", recovered=time.monotonic() - freed)
    assert len(rig.drafts) == 1
    rig.assert_sound()


@pytest.mark.fault("F26")
@pytest.mark.timeout(14400)
def test_a_disk_that_is_full_from_any_write_on_never_makes_a_second_draft(rig: Any, interview_day: datetime) -> None:
    rig.seat.proxy = None
    rig.seat.write_config()
    rig.invite(interview_day)
    rig.seat.lines("run", "--once")
    kept = rig.seat.folder / "kept"
    shutil.copytree(rig.seat.state, kept)
    rig.seat.move_clock(interview_day + AFTER)
    chance = random.Random(SEED)  # noqa: S311 - a test's
    numbers = range(1, 51) if LONG else chance.sample(range(1, 30), 2)
    for number in numbers:
        for call in ("pwrite64", "fdatasync"):
            shutil.rmtree(rig.seat.state)
            shutil.copytree(kept, rig.seat.state)
            for uid, _ in rig.drafts:
                rig.seat.delete("Drafts", uid)
            rig.seat.move_clock(interview_day + AFTER)
            inject = f"inject={call}:error=ENOSPC:when={number}+"
            rig.seat.run(
                "run", "--once", before=("strace", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", inject)
            )
            left = len(rig.drafts)
            for minutes in (0, 11):
                rig.seat.move_clock(interview_day + AFTER + timedelta(minutes=minutes))
                rig.seat.lines("run", "--once")
            assert left <= len(rig.drafts) == 1, (call, number)
            assert len(appended(rig)) == 1, (call, number)


@pytest.mark.fault("F26")
@pytest.mark.timeout(300)
def test_a_log_that_takes_nothing_more_stops_nothing(rig: Any, interview_day: datetime) -> None:
    rig.invite(interview_day)
    with Path("/dev/full").open("wb") as full:
        rig.daemon = subprocess.Popen(
            [TACTFUL, "run", "--config", rig.seat.config], env=rig.seat.environ, stdout=full, stderr=full
        )
    rig.seat.processes.append(rig.daemon)
    rig.until(rig.is_healthy, "healthy", 120)
    rig.seat.move_clock(interview_day + AFTER)
    late = rig.until(lambda: appended(rig), "the draft", 120)
    rig.proxy.cut()  # which is told in the log
    rig.seat.move_clock(rig.seat.now + timedelta(minutes=1))
    rig.until(lambda: rig.is_healthy() and len(rig.proxy.connections) == 2, "healthy again")
    rig.report("F26", way="log", late=late)
    rig.assert_sound()
    rig.daemon.send_signal(signal.SIGTERM)
    assert rig.daemon.wait(10) in {0, 120}  # Python's own, where what it had to say did not go out


# ------------------------------------------------------------------------------------------------------------- damage


def overwrite(page: int) -> Callable[[Path], None]:
    def harm(path: Path) -> None:
        with path.open("r+b") as file:
            file.seek(page * PAGE)
            file.write(random.Random(SEED + page).randbytes(PAGE))  # noqa: S311 - a test's

    return harm


def truncate(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2 + 100)


def lose_log(path: Path) -> None:
    path.with_name(f"{path.name}-wal").unlink(missing_ok=True)


def lose_all(path: Path) -> None:
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink(missing_ok=True)


def take_old(path: Path) -> None:
    lose_all(path)
    shutil.copy(path.parent.parent / "old.sqlite3", path)


def lose_directory(path: Path) -> None:
    shutil.rmtree(path.parent)


HARMS: dict[str, Callable[[Path], None]] = {
    "truncated": truncate,
    "log lost": lose_log,
    "lost": lose_all,
    "an old copy": take_old,
    "the directory lost": lose_directory,
    **{f"page {page}": overwrite(page) for page in range(40 if LONG else 4)},
}


@pytest.fixture
def made(rig: Any, interview_day: datetime) -> Any:
    """A rig whose program has put a letter into Drafts; an old copy of its ledger knows nothing of it."""
    rig.seat.proxy = None
    rig.seat.write_config()
    rig.invite(interview_day)
    rig.seat.lines("run", "--once")
    with closing(sqlite3.connect(rig.seat.state / FILE_NAME)) as ledger:
        ledger.execute("VACUUM INTO ?", (str(rig.seat.folder / "old.sqlite3"),))
    rig.seat.move_clock(interview_day + AFTER)
    rig.seat.lines("run", "--once")
    assert len(rig.drafts) == 1
    return rig


def came_back(rig: Any, step: str) -> None:
    """Run the program some times, and judge that no letter was made again."""
    for minutes in (1, 12):
        rig.seat.move_clock(rig.seat.clock + timedelta(minutes=minutes))
        rig.seat.lines("run", "--once")
    with closing(sqlite3.connect(rig.seat.state / FILE_NAME)) as ledger:
        seen = ledger.execute("SELECT count(*) FROM seen WHERE folder = 'INBOX'").fetchone()[0]
    assert seen == len(rig.seat.messages("INBOX")), step


@pytest.mark.fault("F27")
@pytest.mark.timeout(14400)
def test_whatever_happens_to_the_ledger_a_draft_that_lies_there_stays_the_only_one(made: Any) -> None:
    kept, clock = made.seat.folder / "kept", made.seat.clock
    shutil.copytree(made.seat.state, kept)
    ((uid, octets),) = made.drafts
    for name, harm in spread(list(HARMS.items()), 4):
        shutil.rmtree(made.seat.state, ignore_errors=True)
        shutil.copytree(kept, made.seat.state)
        made.seat.move_clock(clock)
        harm(made.seat.state / FILE_NAME)
        came_back(made, name)
        assert made.drafts == [(uid, octets)], name


@pytest.mark.fault("F27")
@pytest.mark.timeout(14400)
def test_whatever_happens_to_the_ledger_a_draft_that_was_deleted_stays_away(made: Any) -> None:
    ((uid, _),) = made.drafts
    made.seat.delete("Drafts", uid)
    made.seat.lines("run", "--once")
    kept, clock = made.seat.folder / "kept", made.seat.clock
    shutil.copytree(made.seat.state, kept)
    for name, harm in spread(list(HARMS.items()), 4):
        if harm is lose_directory:
            continue  # then nothing in the world tells of a draft that was deleted for good
        shutil.rmtree(made.seat.state, ignore_errors=True)
        shutil.copytree(kept, made.seat.state)
        made.seat.move_clock(clock)
        harm(made.seat.state / FILE_NAME)
        came_back(made, name)
        assert made.drafts == [], name


@pytest.mark.fault("F27")
def test_a_damaged_ledger_is_kept_and_its_copy_takes_its_place(made: Any) -> None:
    assert [path.name for path in made.seat.state.glob(f"{FILE_NAME}.backup-*")] != []
    overwrite(1)(made.seat.state / FILE_NAME)
    damaged = (made.seat.state / FILE_NAME).read_bytes()
    made.seat.lines("run", "--once")
    assert (made.seat.state / f"{FILE_NAME}.damaged-1").read_bytes() == damaged
    (told,) = [line["recovery"] for line in made.seat.lines("status") if line["what"] == "health"]
    assert told["damaged"] == f"{FILE_NAME}.damaged-1"
    assert told["copy"].startswith(f"{FILE_NAME}.backup-")
    assert (made.seat.state / STONES).stat().st_mode & 0o777 == 0o600


@pytest.mark.fault("F27")
@pytest.mark.timeout(300)
def test_a_ledger_that_another_program_holds_for_a_minute_delays_and_loses_nothing(
    rig: Any, interview_day: datetime
) -> None:
    rig.invite(interview_day)
    rig.start()
    with closing(sqlite3.connect(rig.seat.state / FILE_NAME, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        rig.seat.move_clock(interview_day + AFTER)
        log = rig.seat.folder / "log"
        rig.until(lambda: "locked" in log.read_text("utf-8"), "the lock is noticed", 90)
        assert not rig.proxy.sent(rb"^APPEND")
        if LONG:
            time.sleep(60)
        other.execute("ROLLBACK")
    freed = time.monotonic()
    rig.until(lambda: appended(rig), "the draft", 120)
    rig.until(rig.is_healthy, "healthy", 120)
    rig.report("F27", recovered=time.monotonic() - freed)
    assert rig.daemon.poll() is None
    rig.assert_sound()


@pytest.mark.fault("F27")
def test_an_intent_that_cannot_be_written_is_none(tmp_path: Path) -> None:
    """Held by another for longer than the ledger waits: nothing of it is there, and nothing stays open."""
    with Ledger.open(tmp_path) as ledger, closing(sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)) as other:
        ledger._db.execute("PRAGMA busy_timeout = 50")
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerUnavailable, match="locked"):
            ledger.set_health({"personal": "healthy"}, datetime.now().astimezone())
        other.execute("ROLLBACK")
        assert ledger.health() is None
        ledger.set_health({"personal": "healthy"}, datetime.now().astimezone())
        assert ledger.health() is not None


@pytest.mark.fault("F27")
def test_a_directory_whose_files_cannot_be_used_is_told_of(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).mkdir()
    with pytest.raises(StateError, match=FILE_NAME):
        Ledger.open(tmp_path)
