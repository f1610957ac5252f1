"""`tactful explain` as a person reads it: the real command over a scenario's mail, at an instant of its clock."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from composer.stop import ORDER
from daemon.rule_words import RULES
from tests.process.conftest import Seat

Sit = Callable[[str, str], Seat]


def _find(shown: list[dict[str, Any]], **wanted: str) -> str:
    """Give the id of the one thing of these values among what a verb shows."""
    (found,) = [entry for entry in shown if all(entry.get(key) == value for key, value in wanted.items())]
    return str(found["id"])


def _told(seat: Seat, identifier: str) -> str:
    """Give what `explain` prints, each run of blanks as one."""
    outcome = seat.run("explain", identifier)
    assert outcome.returncode == 0, outcome.stderr
    return re.sub(r"\s+", " ", outcome.stdout)


def test_every_rule_is_told_in_words() -> None:
    assert set(ORDER) <= RULES.keys()
    policy = (Path(__file__).parents[2] / "docs" / "policy.md").read_text("utf-8")
    assert set(re.findall(r"\b(?:[TCS]\d+p?|[ARXOHP]\d)\b", policy.partition("## 8.")[0])) == RULES.keys()


def test_a_planned_check_in_shows_the_promise_and_the_holiday_that_was_skipped(sit: Sit) -> None:
    seat = sit("W09", "2026-11-24T12:00:00-06:00")
    story = _told(seat, _find(seat.lines("scan"), what="planned", kind="check_in_1"))
    for told in (
        "check-in to lee@woodgrove.example",
        "Fri 20 Nov 2026 15:00 Lee Okafor wrote “Your interview with Woodgrove Bank”: an interview is fixed",
        "Mon 23 Nov 2026 11:00 interview with Lee Okafor, 11:00 to 12:00 in America/Chicago, by video",
        "they promise an answer by Wed 25 Nov 2026 “We will let you know by Wednesday.”",
        "C0: the promised day and some business days more have passed without an answer",
        "2 business days after Wed 25 Nov 2026 is Mon 30 Nov 2026, by the calendar of America/Chicago.",
        "Weekend skipped: Sat 28 Nov 2026 to Sun 29 Nov 2026. Holiday skipped: Thu 26 Nov 2026.",
        "It lands on Mon 30 Nov 2026 at 09:00.",
        "it is planned; nothing has been written yet",
    ):
        assert told in story


def test_a_check_in_in_another_zone_shows_both_clocks_and_the_drafting_hours(sit: Sit) -> None:
    seat = sit("W05", "2027-01-25T12:00:00-08:00")
    story = _told(seat, _find(seat.lines("scan"), what="planned", kind="check_in_1"))
    assert "is Wed 27 Jan 2027, by the calendar of Europe/London." in story
    assert "It lands on Wed 27 Jan 2027 at 08:00 for you, which is Wed 16:00 in Europe/London." in story
    assert "09:00 there lies outside your drafting hours, 08:00 to 20:00." in story


def test_a_check_in_after_a_quiet_period_says_so(sit: Sit) -> None:
    seat = sit("F21", "2026-12-26T12:00:00-05:00")
    story = _told(seat, _find(seat.lines("scan"), what="planned", kind="check_in_1"))
    assert "C6: the day lies in a quiet period, so the check-in waits until it is over" in story
    assert "Mon 28 Dec 2026 lies in a quiet period; after it comes Tue 5 Jan 2027." in story


def test_what_is_held_back_shows_when_it_would_have_come_and_what_spoke_against_it(sit: Sit) -> None:
    seat = sit("W21", "2027-04-06T12:00:00+01:00")
    identifier = _find(seat.lines("scan"), what="held_back", rule="S4")
    story = _told(seat, identifier)
    for told in (
        "check-in to zoe@humongous.example (not made)",
        "“We will be back to you by Friday.”",
        "they promise an answer by Wed 7 Apr 2027 “We need a few more days; you will hear by next Wednesday.”",
        "Tue 06 Apr 2027 09:00 then it would have been due, but it is not made",
        "Fri 02 Apr 2027 15:00 S4: the day by which they promised an answer, and its grace, are not over",
    ):
        assert told in story
    (document,) = seat.lines("explain", identifier)
    assert (document["held_back"], document["rule"], document["due"]) == (True, "S4", "2027-04-06T09:00:00+01:00")
    assert (document["calendar"]["timezone"], document["calendar"]["business_days"]) == ("Europe/London", 2)
    assert {line["part"] for line in document["story"]} == {"messages", "reckoning"}


def test_what_the_person_did_is_told(sit: Sit) -> None:
    seat = sit("W01", "2026-12-08T10:00:00-05:00")
    seat.lines("run", "--once")
    identifier = _find(seat.lines("status"), what="draft", kind="check_in_1")
    story = _told(seat, identifier)
    assert "Tactful put the draft into Drafts by C8" in story
    assert "the draft waits for you" in story
    (draft,) = (seat.folder / "mail" / ".Drafts").glob("[cn]*/*")
    draft.unlink()
    seat.lines("run", "--once")
    seat.lines("mute", "Northwind Freight")
    story = _told(seat, identifier)
    assert "you deleted or moved the draft: it is never made again" in story
    assert "you said that you want nothing more of it" in story
    seat.lines("resume", "Northwind Freight")
    assert "you took that back" in _told(seat, identifier)
    assert seat.run("explain", "nothing-of-that-name").returncode == 65
