"""The week's mail comes once a week, by the person's clock, and late on its day rather than on another."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from email import message_from_bytes
from email.policy import default
from zoneinfo import ZoneInfo

import pytest

from composer.agenda import Agenda, FollowUp, FollowUpKind, Suppression
from composer.digest import write_digest
from daemon.digest import WeeklyDigest
from daemon.errands import View
from daemon.ledger import Ledger
from daemon.memory import MemoryMailbox
from daemon.notices import Notices
from parsers.model import Address, FixedTime, Interview, Person, Timeline

NEW_YORK = ZoneInfo("America/New_York")
MONDAY = date(2026, 11, 30)
ME = Address(address="noor@letters.example", name="Noor Haddad")


def at(day: date, hour: int, minute: int = 0, zone: ZoneInfo = NEW_YORK) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone).astimezone(UTC)


class Days:
    """One installation with a digest; `run` makes a pass."""

    def __init__(self, *, weekday: int = 1, clock: time = time(8), zone: ZoneInfo = NEW_YORK) -> None:
        self.ledger = Ledger.in_memory()
        notices = Notices(self.ledger, "personal", ME)
        self.digest = WeeklyDigest(self.ledger, "personal", notices, weekday=weekday, clock=clock, zone=zone)

    def run(self, now: datetime, account: str = "personal") -> datetime | None:
        view = View(timelines=(), agenda=Agenda(at=now))
        return self.digest.run(account, MemoryMailbox(lambda: now), view, now)

    @property
    def told(self) -> list[str]:
        return [row.id for row in self.ledger.notices()]


def test_it_waits_for_its_time_and_is_written_once() -> None:
    days = Days()
    assert days.run(at(MONDAY - timedelta(days=1), 12)) == at(MONDAY, 8)
    assert days.run(at(MONDAY, 7, 59)) == at(MONDAY, 8)
    assert days.told == []
    for minute in (0, 1, 30):
        assert days.run(at(MONDAY, 8, minute)) == at(MONDAY + timedelta(days=7), 8)
    assert days.told == ["digest:2026-11-30"]


def test_another_account_does_not_write_it() -> None:
    days = Days()
    assert days.run(at(MONDAY, 9), account="other") is None
    assert days.told == []


def test_a_start_later_on_its_day_still_writes_it_and_a_day_later_does_not() -> None:
    late, too_late = Days(), Days()
    late.run(at(MONDAY, 23, 59))
    assert late.told == ["digest:2026-11-30"]
    assert too_late.run(at(MONDAY + timedelta(days=1), 0, 1)) == at(MONDAY + timedelta(days=7), 8)
    assert too_late.told == []


def test_a_clock_put_back_writes_no_second_one() -> None:
    days = Days()
    days.run(at(MONDAY, 8))
    days.run(at(MONDAY, 7))
    days.run(at(MONDAY, 8))
    assert len(days.told) == 1


@pytest.mark.parametrize(
    ("monday", "offset"),
    [(date(2026, 3, 2), -5), (date(2026, 3, 9), -4), (date(2026, 10, 26), -4), (date(2026, 11, 2), -5)],
)
def test_it_keeps_to_the_clock_on_the_wall_when_clocks_change(monday: date, offset: int) -> None:
    days = Days()
    due = datetime(monday.year, monday.month, monday.day, 8 - offset, tzinfo=UTC)
    assert days.run(due - timedelta(seconds=1)) == due
    assert days.told == []
    days.run(due)
    assert days.told == [f"digest:{monday}"]


def test_a_time_that_the_change_of_clocks_leaves_out_comes_once() -> None:
    sunday = date(2026, 3, 8)  # 02:30 does not exist on it
    days = Days(weekday=7, clock=time(2, 30))
    due = days.run(at(sunday - timedelta(days=1), 12))
    assert due == datetime(2026, 3, 8, 7, tzinfo=UTC)
    days.run(due)
    days.run(due + timedelta(hours=1))
    assert days.told == ["digest:2026-03-08"]


def test_the_last_week_of_a_year_and_the_first_of_the_next_have_one_each() -> None:
    days = Days()
    for day in range(10):
        days.run(at(date(2026, 12, 27) + timedelta(days=day), 9))
    assert days.told == ["digest:2026-12-28", "digest:2027-01-04"]


def _followup(identifier: str, due: datetime, **fields: object) -> FollowUp:
    made = FollowUp(
        id=identifier,
        kind=FollowUpKind.CHECK_IN_1,
        rule="C0",
        reason="they promised an answer by 2026-12-01, none came",
        account="personal",
        application="northwind",
        company="Northwind",
        role="Data Engineer",
        to=Address(address="dana@northwind.example", name="Dana Lee"),
        due=due,
        stale_at=due + timedelta(days=5),
    )
    return replace(made, **fields)  # type: ignore[arg-type]  # the fields of FollowUp, by name


def test_it_tells_what_the_week_brings_and_nothing_of_the_next() -> None:
    now = at(MONDAY, 8)
    start = at(MONDAY + timedelta(days=1), 15)
    times = (FixedTime(start=start, end=None, timezone=None, all_day=False, fixed_by="m", fixed_at=now),)
    interview = Interview(id="u-1", times=times, confidence=1.0, people=(Person(name="Sam Ortiz", address=None),))
    far = replace(interview, id="u-2", times=(replace(times[0], start=start + timedelta(days=7)),))
    story = Timeline(id="contoso", account="personal", company="Contoso", role="Analyst", interviews=(interview, far))
    held = Suppression(
        id="held",
        kind=FollowUpKind.CHECK_IN_1,
        rule="S10",
        reason="muted",
        account="personal",
        application="fabrikam",
        company="Fabrikam",
        role=None,
        to="kim@fabrikam.example",
        at=at(MONDAY, 9),
    )
    planned = (_followup("a", at(MONDAY + timedelta(days=3), 9)), _followup("b", at(MONDAY + timedelta(days=8), 9)))
    agenda = Agenda(at=now, planned=planned, suppressed=(held, replace(held, at=at(MONDAY + timedelta(days=9), 9))))
    waiting = [_followup("w", at(MONDAY, 7), company="Tailspin\nBcc: x@evil.example", kind=FollowUpKind.THANK_YOU)]
    digest = write_digest(agenda, (story,), waiting, now=now, zone=NEW_YORK)
    assert digest.subject == "Your week from 2026-11-30: 1 interview, 1 planned"
    assert digest.text == (
        "Interviews\n"
        "  Tue 2026-12-01 15:00  Sam Ortiz (Contoso, Analyst)\n"
        "\n"
        "Letters that are planned\n"
        "  Thu 2026-12-03 09:00  check in 1 to Dana Lee (Northwind, Data Engineer)\n"
        "      C0: they promised an answer by 2026-12-01, none came\n"
        "\n"
        "Drafts that wait for you\n"
        "  Sat 2026-12-05 07:00  thank you to Dana Lee (Data Engineer), to be sent by then\n"
        "\n"
        "Held back\n"
        "  Mon 2026-11-30 09:00  check in 1 to kim@fabrikam.example (Fabrikam)\n"
        "      S10: muted\n"
    )


def test_an_empty_week_says_so_and_a_crowded_one_is_cut() -> None:
    now = at(MONDAY, 8)
    assert "Nothing is planned" in write_digest(Agenda(at=now), (), (), now=now, zone=NEW_YORK).text
    many = tuple(_followup(str(number), now + timedelta(minutes=number)) for number in range(60))
    text = write_digest(Agenda(at=now, planned=many), (), (), now=now, zone=NEW_YORK).text
    assert text.endswith("  and 10 more\n")


def test_the_mail_says_it_in_the_persons_zone() -> None:
    days = Days(zone=ZoneInfo("Asia/Tokyo"))
    days.run(at(MONDAY, 8, zone=ZoneInfo("Asia/Tokyo")))
    (row,) = days.ledger.notices()
    assert row.message is not None
    assert message_from_bytes(row.message, policy=default)["Subject"].startswith("Your week from 2026-11-30")
