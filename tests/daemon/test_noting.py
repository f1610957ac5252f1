"""Which visit the person means when they note something, and what the command says of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from composer.agenda import Agenda, FollowUp, FollowUpKind
from daemon.drafts import DraftRow, DraftState
from daemon.errors import InputError
from daemon.noting import find_visit, note, notes, recorded
from parsers.model import Address, FixedTime, Interview, Person, SlotEnd, Timeline

NOW = datetime(2026, 12, 10, 12, tzinfo=UTC)
DANA = Person(name="Dana Lee", address="dana@northwind.example")
SAM = Person(name="Sam Ortiz", address="sam@northwind.example")


def interview(identifier: str, day: int, *people: Person, hour: int = 15, ended: SlotEnd | None = None) -> Interview:
    start = datetime(2026, 12, day, hour, tzinfo=UTC)
    time = FixedTime(start=start, end=None, timezone="UTC", all_day=False, fixed_by="m", fixed_at=start, ended=ended)
    return Interview(id=identifier, times=(time,), confidence=1.0, people=people, sources=(f"mail-{identifier}",))


def application(identifier: str, company: str | None, *interviews: Interview) -> Timeline:
    return Timeline(
        id=identifier, account="personal", company=company, role=None, timezone="UTC", interviews=interviews
    )


NORTHWIND = application(
    "a-north",
    "Northwind",
    interview("first", 1, DANA),
    interview("second", 8, DANA),
    interview("second-b", 8, SAM, hour=16),
    interview("third", 15, SAM),
)
CONTOSO = application("a-contoso", "Contoso", interview("only", 3, ended=SlotEnd.CANCELLED))
THANKS = FollowUp(
    id="f-123",
    kind=FollowUpKind.THANK_YOU,
    rule="T1",
    reason="",
    account="personal",
    application="a-north",
    company="Northwind",
    role=None,
    to=Address(address="dana@northwind.example"),
    due=NOW,
    stale_at=NOW,
    interview="second",
    visit=date(2026, 12, 8),
)


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("first", 1),
        ("FIR", 1),
        ("second-b", 8),
        ("f-12", 8),
        ("a-north", 8),  # the latest that has begun
        ("northwind", 8),
        ("third", 15),  # by its own id one that is yet to come
    ],
)
def test_a_visit_is_known_by_interview_letter_application_or_company(said: str, day: int) -> None:
    assert find_visit(said, (NORTHWIND, CONTOSO), (THANKS,), NOW).day == date(2026, 12, day)


def test_all_interviews_of_a_day_are_one_visit() -> None:
    visit = find_visit("second", (NORTHWIND,), (), NOW)
    assert [interview.id for interview in visit.interviews] == ["second", "second-b"]
    assert visit.people == (DANA, SAM)


@pytest.mark.parametrize("said", ["Contoso", "only", "Fabrikam", "north", "a-"])
def test_what_is_unknown_cancelled_or_yet_to_come_is_refused(said: str) -> None:
    soon = application("a-soon", "Tailspin", interview("soon", 20))
    with pytest.raises(InputError, match="no interview"):
        find_visit(said, (CONTOSO, replace(soon, id="b-soon")), (), NOW)


def test_a_company_with_two_applications_is_refused_with_the_choices() -> None:
    twice = application("a-other", "Northwind", interview("other", 2, DANA))
    with pytest.raises(InputError, match=r"2 interviews \(Northwind on 2026-12-08; Northwind on 2026-12-02\)"):
        find_visit("Northwind", (NORTHWIND, twice), (), NOW)


def test_a_note_is_about_the_whole_visit_or_one_of_those_met() -> None:
    visit = find_visit("second", (NORTHWIND,), (), NOW)
    noted = note(visit, "  caching \n", "sam", NOW)
    assert (noted.text, noted.about, noted.visit) == ("caching", "sam", date(2026, 12, 8))
    assert noted.messages == ("mail-second", "mail-second-b")
    with pytest.raises(InputError, match="empty"):
        note(visit, " \n", None, NOW)
    with pytest.raises(InputError, match="Dana Lee, Sam Ortiz"):
        note(visit, "caching", "Kim", NOW)


def _row(state: DraftState) -> DraftRow:
    return DraftRow(
        id="f-0",
        account="personal",
        state=state,
        followup=replace(THANKS, id="f-0", to=Address(address="sam@northwind.example")),
        message_id="fu.x@letters.example",
        folder="Drafts",
        uidvalidity=1,
        uidnext=1,
        uid=1,
        sha256="",
        message=None,
        attempts=1,
        intended_at=NOW,
        changed_at=NOW,
        answers=None,
        subject="",
    )


def test_it_is_said_which_letters_will_use_a_note_and_which_are_written_already() -> None:
    visit = find_visit("second", (NORTHWIND,), (), NOW)
    noted = note(visit, "caching", None, NOW)
    others = (replace(THANKS, id="f-9", visit=date(2026, 12, 1)), replace(THANKS, kind=FollowUpKind.CHECK_IN_1))
    agenda = Agenda(at=NOW, planned=(THANKS, *others))
    said = recorded(noted, visit, (_row(DraftState.APPENDED),), agenda)
    assert said["planned"] == [{"id": "f-123", "to": "dana@northwind.example"}]
    assert said["already_written"] == [{"id": "f-0", "to": "sam@northwind.example"}]
    assert (said["by"], said["visit"], said["name"]) == ("command", "2026-12-08", "Northwind on 2026-12-08")
    # What the server refused was not written.
    assert recorded(noted, visit, (_row(DraftState.REFUSED),), agenda)["already_written"] == []


def test_a_note_is_listed_with_its_visit_and_nowhere_else() -> None:
    visit = find_visit("second", (NORTHWIND,), (), NOW)
    by_mail = replace(note(visit, "caching", None, NOW), source="answer@phone.example")
    (listed,) = notes((NORTHWIND, CONTOSO), (by_mail,))
    assert (listed["what"], listed["visit"], listed["by"]) == ("note", "2026-12-08", "mail")
    assert list(notes((NORTHWIND,), (replace(by_mail, visit=date(2026, 12, 8) + timedelta(days=1)),))) == []
