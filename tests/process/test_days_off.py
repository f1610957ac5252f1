"""A daemon that was off for ten days says what was missed, and writes what is still right: no burst (policy.md S25)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from daemon.archive import read_path
from daemon.decision import Decision
from tests.process.life import Life, Wait
from tests.scenarios.render import render

# Years ago, since the server takes no arrival that lies ahead of its own clock. The ten days end on a Sunday, and the
# Monday after it is a holiday in the United States.
YORK = ZoneInfo("America/New_York")
STOPPED = datetime(2023, 2, 9, 18, 0, tzinfo=YORK)
SUNDAY = datetime(2023, 2, 19, 18, 0, tzinfo=YORK)
MONDAY = datetime(2023, 2, 20, 9, 0, tzinfo=YORK)
TUESDAY = datetime(2023, 2, 21, 9, 0, tzinfo=YORK)
A_WHILE_BEFORE = timedelta(minutes=15)

Event = dict[str, Any]
Begin = Callable[[list[Event]], Life]


def _mail(company: str, at: str, cls: str, **more: Any) -> Event:
    arrives = datetime.fromisoformat(at).replace(tzinfo=YORK).isoformat()
    sender = f"dana.lee@{company}.example"
    return {"at": arrives, "event": "mail_in", "cls": cls, "from": sender, "process": company, **more}


def _interview(company: str, told: str, starts: str) -> Event:
    start = datetime.fromisoformat(starts).replace(tzinfo=YORK)
    who = [f"dana.lee@{company}.example"]
    interview = {"id": company, "start": start.isoformat(), "end": (start + timedelta(hours=1)).isoformat()}
    return _mail(company, told, "interview_confirmed", interview=interview | {"interviewers": who})


def _scenario(events: list[Event]) -> dict[str, Any]:
    companies = sorted({event["process"] for event in events})
    return {
        "id": "days off",
        "user_tz": YORK.key,
        "recipient_tz": YORK.key,
        "config": {},
        "user": {"name": "Noor Haddad", "address": "noor.haddad@letters.example"},
        "processes": {company: {"company": company.title(), "role": "Data Engineer"} for company in companies},
        "people": {f"dana.lee@{company}.example": {"name": "Dana Lee", "title": "Lead"} for company in companies},
        "timeline": sorted(events, key=lambda event: str(event["at"])),
    }


@pytest.fixture
def begin(seat: Any, wait_until: Wait, tmp_path: Path) -> Begin:
    """Give the function that runs a daemon on the mail that came before STOPPED; the rest comes while it is off."""

    def start(events: list[Event]) -> Life:
        seat.account, seat.address, seat.zone = "me", "noor.haddad@letters.example", YORK.key
        seat.write_config()
        render(_scenario(events), tmp_path / "mail")
        messages = [(stored.arrived, stored) for stored in read_path(tmp_path / "mail") if stored.arrived]
        life = Life(seat, wait_until)
        for arrived, stored in messages:
            if arrived < STOPPED:
                life.deliver(stored, arrived)
        life.start(STOPPED - timedelta(hours=1))
        life.stop()
        for arrived, stored in messages:
            if arrived >= STOPPED:
                life.deliver(stored, arrived)
        return life

    return start


def _drafts(life: Life) -> Counter[str]:
    """Count the letters in Drafts by the recipient's company, as a second client sees them."""
    recipients = (str(message_from_bytes(raw)["To"]) for _, raw in life.seat.messages("Drafts"))
    return Counter(to.partition("@")[2].partition(".")[0] for to in recipients)


def _told(decisions: Iterable[Decision]) -> list[str]:
    """Tell each decision in one line; a pass comes a moment after its instant, so minutes count by fives."""
    return sorted(
        f"{local:%a %d} {local.hour:02}:{local.minute // 5 * 5:02} {decision.company} "
        f"{decision.action} {decision.kind or decision.state} {decision.rule}"
        for decision in decisions
        for local in (decision.at.astimezone(YORK),)
    )


def test_after_ten_days_off_each_nudge_comes_once_at_its_hour_and_what_is_too_late_is_dropped(begin: Begin) -> None:
    life = begin(
        [
            # Thanked for in time; nobody touched the letter. The check-in was due on the 14th.
            _interview("northwind", "2023-02-03T10:00", "2023-02-07T10:00"),
            # A promise that passed in silence on the 14th: the check-in was due on the 16th.
            _interview("contoso", "2023-02-03T11:00", "2023-02-09T14:00"),
            _mail("contoso", "2023-02-10T10:00", "timeline_promise", text="You will hear from us by Tuesday."),
            # Interviews while it was off: one too long ago to be thanked for, one not.
            _interview("fabrikam", "2023-02-07T11:00", "2023-02-15T14:00"),
            _interview("tailwind", "2023-02-13T11:00", "2023-02-17T14:00"),
            # A check-in that waited in Drafts when the rejection came.
            _interview("litware", "2023-01-30T11:00", "2023-02-02T14:00"),
            _mail("litware", "2023-02-10T15:00", "rejection"),
        ]
    )
    assert _drafts(life) == {"northwind": 1, "litware": 1, "contoso": 1}
    before = len(life.decisions())

    life.start(SUNDAY)
    assert _drafts(life) == {"tailwind": 1}
    life.go_to(MONDAY)
    life.go_to(TUESDAY - A_WHILE_BEFORE)
    assert _drafts(life) == {"tailwind": 1}
    life.go_to(TUESDAY)
    assert _drafts(life) == {"tailwind": 1, "northwind": 1, "contoso": 1}
    assert _told(life.decisions()[before:]) == [
        "Fri 10 15:00 Litware close rejected S1",
        "Mon 13 09:00 Litware suppress rejection_reply S13",
        "Sun 19 18:00 Contoso withdraw thank_you T1",
        "Sun 19 18:00 Litware withdraw check_in_1 S1",
        "Sun 19 18:00 Northwind withdraw thank_you T1",
        "Sun 19 18:00 Tailwind create thank_you T1",
        "Thu 02 17:00 Litware suppress thank_you S1",
        "Thu 16 09:00 Contoso suppress check_in_1 S4",
        "Tue 21 09:00 Contoso create check_in_1 C8",
        "Tue 21 09:00 Northwind create check_in_1 C8",
        "Wed 15 17:00 Fabrikam suppress thank_you S13",
    ]
    said = [entry for entry in life.seat.lines("status") if entry["what"] in {"planned", "held_back", "draft"}]
    rules = {(entry["company"], entry["kind"], entry["rule"]) for entry in said}
    assert {("Fabrikam", "thank_you", "S13"), ("Fabrikam", "check_in_1", "C1")} <= rules
    assert {("Northwind", "check_in_1", "C8"), ("Contoso", "check_in_1", "C8")} <= rules
    (dropped,) = [entry for entry in said if (entry["company"], entry["rule"]) == ("Fabrikam", "S13")]
    assert "S13" in life.seat.run("explain", dropped["id"]).stdout
    life.stop()


def test_after_ten_days_off_no_day_gets_more_than_six_drafts(begin: Begin) -> None:
    companies = ("adatum", "bellows", "consolidated", "datum", "eastside", "fourth", "graphic", "humongous")
    life = begin(
        [_interview(company, f"2023-02-03T{hour}:00", "2023-02-07T13:00") for hour, company in enumerate(companies, 10)]
    )
    before = len(life.decisions())
    life.start(SUNDAY)
    life.go_to(TUESDAY)
    assert sum(_drafts(life).values()) == 6
    rolled = [entry for entry in life.seat.lines("status") if entry["what"] == "planned"]
    assert {(entry["rule"], datetime.fromisoformat(entry["due"])) for entry in rolled} == {
        ("S23", TUESDAY + timedelta(days=1))
    }
    life.go_to(TUESDAY + timedelta(days=1))
    assert _drafts(life) == dict.fromkeys(companies, 1)
    days = Counter(told.partition(" ")[0] for told in _told(life.decisions()[before:]) if "create" in told)
    assert days == {"Tue": 6, "Wed": 2}
    life.stop()
