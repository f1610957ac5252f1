"""Planned letters as calendar entries: what a calendar program reads is what is planned, and nothing is doubled."""

from __future__ import annotations

import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from icalendar import Calendar, Event

from composer.acts import Muted
from composer.agenda import Agenda, FollowUp, FollowUpKind
from daemon.calendar_file import CalendarFile, write_atomically, write_calendar
from daemon.errands import View
from daemon.ledger import Ledger
from daemon.memory import MemoryMailbox
from parsers.model import Address, Direction, Facts

NOW = datetime(2026, 12, 1, 22, tzinfo=UTC)
THANKS = FollowUp(
    id="f-1",
    kind=FollowUpKind.THANK_YOU,
    rule="T1",
    reason="interview ended 15:00, +2 h",
    account="personal",
    application="northwind",
    company="Northwind; Freight, Inc.",
    role="Data Engineer",
    to=Address(address="dana@northwind.example", name="Dana Lee"),
    due=NOW + timedelta(hours=1),
    stale_at=NOW + timedelta(days=2),
)
MAIL = Facts(key="m-1", account="personal", direction=Direction.INBOUND, message_id="m-1", received_at=NOW)
MUTED = Muted(at=NOW + timedelta(minutes=5), target="company:contoso")


def events(content: bytes) -> list[Event]:
    return [event for event in Calendar.from_ical(content).walk("VEVENT") if isinstance(event, Event)]


def test_an_entry_says_what_when_and_why() -> None:
    content = write_calendar(Agenda(at=NOW, planned=(THANKS,)), (MAIL,), (MUTED,))
    (event,) = events(content)
    assert event["SUMMARY"] == "Thank Dana Lee (Northwind; Freight, Inc.)"
    assert "Rule T1: interview ended 15:00, +2 h" in event["DESCRIPTION"]
    assert event.decoded("DTSTART") == NOW + timedelta(hours=1)
    assert event.decoded("DURATION") == timedelta(minutes=15)
    assert (event["UID"], event["SEQUENCE"]) == ("f-1@tactful.invalid", 2)
    assert event.decoded("DTSTAMP") == MUTED.at
    assert (event["TRANSP"], event["CLASS"]) == ("TRANSPARENT", "PRIVATE")
    assert event.walk("VALARM") == []
    assert max(len(line) for line in content.split(b"\r\n")) <= 75  # RFC 5545 3.1
    assert b"\n" not in content.replace(b"\r\n", b"")


@pytest.mark.parametrize("kind", FollowUpKind)
def test_every_kind_of_letter_has_words(kind: FollowUpKind) -> None:
    (event,) = events(write_calendar(Agenda(at=NOW, due=(replace(THANKS, kind=kind),)), (), ()))
    assert "Dana Lee" in event["SUMMARY"]


def test_what_mails_say_stays_inside_its_property() -> None:
    evil = replace(
        THANKS, company="X\r\nEND:VEVENT\r\nBEGIN:VALARM", reason="\u202ea\r\nATTACH:https://evil.example\r\n"
    )
    (event,) = events(write_calendar(Agenda(at=NOW, planned=(evil,)), (), ()))
    assert event.subcomponents == []
    assert "ATTACH" not in event
    assert "\u202e" not in event["DESCRIPTION"]  # what would turn the line around


def test_a_moved_letter_is_the_same_entry_with_a_higher_sequence() -> None:
    before = events(write_calendar(Agenda(at=NOW, planned=(THANKS,)), (MAIL,), ()))[0]
    moved = replace(THANKS, due=THANKS.due + timedelta(days=1))
    after = events(write_calendar(Agenda(at=NOW, planned=(moved,)), (MAIL,), (MUTED,)))[0]
    assert before["UID"] == after["UID"]
    assert before["SEQUENCE"] < after["SEQUENCE"]
    assert before.decoded("DTSTAMP") < after.decoded("DTSTAMP")


def test_the_same_plan_gives_the_same_bytes() -> None:
    agenda = Agenda(at=NOW, planned=(THANKS, replace(THANKS, id="f-2")))
    later = Agenda(at=NOW + timedelta(minutes=9), due=(replace(THANKS, id="f-2"),), planned=(THANKS,))
    assert write_calendar(agenda, (MAIL,), ()) == write_calendar(later, (MAIL,), ())


def _run(errand: CalendarFile, *planned: FollowUp) -> None:
    view = View(timelines=(), agenda=Agenda(at=NOW, planned=planned))
    assert errand.run("personal", MemoryMailbox(lambda: NOW), view, NOW) is None


def test_the_file_is_replaced_as_a_whole_and_only_when_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "plan.ics"
    errand = CalendarFile(Ledger.in_memory(), path)
    _run(errand, THANKS)
    first = path.stat()
    assert stat.S_IMODE(first.st_mode) == 0o600
    _run(errand, THANKS)
    assert path.stat().st_ino == first.st_ino
    with path.open("rb") as held:
        _run(errand)
        assert len(events(held.read())) == 1  # whoever reads the old one reads all of it
    assert events(path.read_bytes()) == []
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_was_removed_comes_back(tmp_path: Path) -> None:
    errand = CalendarFile(Ledger.in_memory(), tmp_path / "plan.ics")
    _run(errand, THANKS)
    (tmp_path / "plan.ics").unlink()
    _run(errand, THANKS)
    assert (tmp_path / "plan.ics").exists()


def test_a_path_that_cannot_be_written_holds_nothing_up_and_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    errand = CalendarFile(Ledger.in_memory(), tmp_path / "missing" / "plan.ics")
    _run(errand, THANKS)
    _run(errand, THANKS)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert str(tmp_path) not in caplog.text
    (tmp_path / "missing").mkdir()
    _run(errand, THANKS)
    assert (tmp_path / "missing" / "plan.ics").exists()


def test_what_cannot_take_the_place_of_the_file_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "plan.ics").mkdir()
    with pytest.raises(OSError, match="irectory"):
        write_atomically(tmp_path / "plan.ics", b"")
    assert [entry.name for entry in tmp_path.iterdir()] == ["plan.ics"]
