"""Nights in which clocks are changed, a person who moves, and a machine without time zones."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from composer.letter import Voice
from composer.policy import DraftingHours, Policy
from daemon.account import AccountSettings
from daemon.keeper import Keeper
from daemon.ledger import Ledger
from daemon.memory import MemoryMailbox
from parsers.model import Address
from parsers.reader import Reader
from tests.faults.schedules import ME, Application

ROOT = Path(__file__).parents[2]
MINUTE = timedelta(minutes=1)

# --------------------------------------------------------------------------------------------------- the two nights


def keeper_of(ledger: Ledger, mailbox: MemoryMailbox, zone: str, begin: time) -> Keeper:
    settings = AccountSettings(
        reader=Reader(account="personal", addresses=frozenset({ME}), full_name="Noor Haddad", timezone=zone),
        identities=(Address(address=ME, name="Noor Haddad"),),
        voice=Voice(full_name="Noor Haddad"),
        look_back=timedelta(days=60),
    )
    keeper = Keeper([settings], ledger, Policy(timezone=zone, drafting_hours=DraftingHours(start=begin, end=time(23))))
    keeper.attach("personal", mailbox)
    return keeper


NIGHTS = [
    # zone, the wall time from which drafts are wanted, the instant that is meant
    ("Europe/Berlin", "2027-03-28T02:30", "2027-03-28T03:00+02:00"),
    ("Europe/Berlin", "2027-10-31T02:30", "2027-10-31T02:30+02:00"),
    ("America/New_York", "2027-03-14T02:30", "2027-03-14T03:00-04:00"),
    ("America/New_York", "2027-11-07T01:30", "2027-11-07T01:30-04:00"),
    ("Australia/Lord_Howe", "2027-10-03T02:10", "2027-10-03T02:30+11:00"),  # half an hour
    ("Australia/Lord_Howe", "2027-04-04T01:45", "2027-04-04T01:45+11:00"),
]


@pytest.mark.fault("F25")
@pytest.mark.parametrize(("zone", "wall", "meant"), NIGHTS, ids=[f"{zone} {wall}" for zone, wall, _ in NIGHTS])
def test_in_a_night_in_which_clocks_are_changed_a_draft_comes_once_and_not_early(
    zone: str, wall: str, meant: str
) -> None:
    begin, due = datetime.fromisoformat(wall), datetime.fromisoformat(meant).astimezone(UTC)
    evening = datetime.combine(begin.date() - timedelta(days=1), time(22), ZoneInfo(zone))
    mailbox = MemoryMailbox()
    mailbox.deliver("INBOX", Application(0, evening).invitation(), evening - timedelta(hours=9))
    with Ledger.in_memory() as ledger:
        for now in sorted([due - MINUTE, *(due + timedelta(minutes=minutes) for minutes in range(-90, 181, 15))]):
            # Started anew at every look: nothing but the ledger remembers that one of two equal hours has passed.
            keeper_of(ledger, mailbox, zone, begin.time()).keep("personal", now)
            assert len(mailbox.uids("Drafts")) == (now >= due), now
        (row,) = ledger.drafts()
    assert row.followup.due == due


# ------------------------------------------------------------------------------------------------ a person who moves


@pytest.mark.fault("F25")
def test_who_moves_to_another_zone_gets_no_second_draft_and_none_before_its_time_there(
    rig: Any, interview_day: datetime
) -> None:
    far = ZoneInfo("Australia/Lord_Howe")
    due = interview_day + timedelta(hours=3)  # two hours after its end; before eight in the morning there
    there = datetime.combine(due.astimezone(far).date(), time(8), far)
    assert there > due
    rig.seat.proxy = None

    def run_in(zone: str, instant: datetime) -> tuple[list[datetime], int]:
        """Run once; give what is planned, and how many drafts there are."""
        rig.seat.zone = zone
        rig.seat.write_config()
        rig.seat.move_clock(instant)
        rig.seat.lines("run", "--once")
        lines = [
            line for line in rig.seat.lines("status") if line.get("kind") == "thank_you" and line["what"] == "planned"
        ]
        return [datetime.fromisoformat(line["due"]) for line in lines], len(rig.drafts)

    rig.invite(interview_day)
    assert run_in("America/New_York", due - MINUTE) == ([due], 0)
    assert run_in(far.key, due + MINUTE) == ([there], 0)
    assert run_in(far.key, there - MINUTE) == ([there], 0)
    assert run_in(far.key, there) == ([], 1)
    assert run_in("America/New_York", there + MINUTE) == ([], 1)
    rig.assert_sound()


# ------------------------------------------------------------------------------------------- a machine without zones

SITE = Path(sysconfig.get_path("purelib"))
SYSTEM = "/usr/share/zoneinfo"


@pytest.fixture
def tactful(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Give the function that runs the command where this is all that there is of tzdata, and these are the system's
    zones.
    """
    for part in ("cur", "new", "tmp", ".Drafts/cur", ".Drafts/new", ".Drafts/tmp"):
        (tmp_path / "mail" / part).mkdir(parents=True)
    (tmp_path / "config.yaml").write_text(
        f"state_dir: {tmp_path}/state\naccounts:\n  - name: me\n    address: me@letters.example\n"
        f"    full_name: Noor Haddad\n    timezone: Europe/Berlin\n    maildir: {tmp_path}/mail\n",
        "utf-8",
    )
    packages = tmp_path / "packages"
    packages.mkdir()
    for path in SITE.iterdir():
        if not path.name.startswith("tzdata"):
            (packages / path.name).symlink_to(path)

    def run(
        *arguments: str, tables: tuple[str, ...] | None, zones: bool, system: str
    ) -> subprocess.CompletedProcess[str]:
        if tables is not None:
            folder = packages / "tzdata" / "zoneinfo"
            folder.mkdir(parents=True)
            (packages / "tzdata" / "__init__.py").touch()
            (folder / "__init__.py").touch()
            for name in (*tables, *(("zoneinfo/Europe", "zoneinfo/Etc", "zoneinfo/UTC") if zones else ())):
                (packages / "tzdata" / name).symlink_to(SITE / "tzdata" / name)
        return subprocess.run(
            # -S: without the site's packages
            [sys.executable, "-S", "-c", "from daemon.cli import main; main()", *arguments],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": f"{packages}:{ROOT}", "PYTHONTZPATH": system},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


TABLES = ("zones", "zoneinfo/iso3166.tab", "zoneinfo/tzdata.zi", "zoneinfo/zone.tab")
LACKS: dict[str, tuple[tuple[str, ...] | None, bool, str, str]] = {
    "everything": (None, False, "", f"there is no package tzdata for {sys.executable}"),
    "the package": (None, False, SYSTEM, f"there is no package tzdata for {sys.executable}"),
    "a table": (TABLES[:-1], True, SYSTEM, "tzdata/zoneinfo/zone.tab is not there"),
    "the zones": (TABLES, False, "", "nor the system has the zones"),
}


@pytest.mark.fault("F25")
@pytest.mark.parametrize("lacks", LACKS)
def test_a_machine_without_time_zones_is_told_what_is_missing_and_what_to_do(
    tactful: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path, lacks: str
) -> None:
    tables, zones, system, told = LACKS[lacks]
    done = tactful("run", "--once", "--config", "config.yaml", tables=tables, zones=zones, system=system)
    assert (done.returncode, done.stdout) == (78, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("tactful: The time zone data is missing: ")
    assert told in line
    assert line.endswith(f"{sys.executable} -m pip install --force-reinstall tzdata")
    assert not (tmp_path / "state").exists()


@pytest.mark.fault("F25")
@pytest.mark.parametrize("system", ["", SYSTEM], ids=["the package's", "the system's as well"])
def test_a_machine_with_time_zones_is_in_order(
    tactful: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path, system: str
) -> None:
    done = tactful("run", "--once", "--config", "config.yaml", tables=TABLES, zones=True, system=system)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "state").exists()
