"""What is done about mail whose wording no phrase knows: signs add up, and what remains unclear says so."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from parsers.clauses import split_clauses
from parsers.extract import Reader, extract
from parsers.mail import read_mail
from parsers.model import Assessed, Away, Facts, Kind, Promised

SENT = datetime(2026, 11, 24, 10, 0, tzinfo=ZoneInfo("America/New_York"))
NOOR = "noor@letters.example"
READER = Reader(account="personal", addresses=frozenset({NOOR}), full_name="Noor Haddad", timezone="America/New_York")


def read(text: str, subject: str = "Backend Engineer", *, more: str = "") -> Facts:
    message = (
        f"From: Nadia Wren <nadia@harborline.example>\nTo: noor@letters.example\nSubject: {subject}\n"
        f"Date: Tue, 24 Nov 2026 10:00:00 -0500\nMessage-ID: <1@harborline.example>\n{more}"
        f"Content-Type: text/plain; charset=utf-8\n\n{text}\n"
    )
    return extract(read_mail(message.encode(), received_at=SENT), READER)


def test_a_task_that_is_due_by_a_day_is_no_invitation_to_a_talk() -> None:
    facts = read(
        "Hi Noor,\n\nBefore we meet the team we'd like to see how you work. I've put together a small brief (see"
        " attachment).\nSend me back whatever you have by Sunday night.\n\nNadia\nTalent Partner, Harborline"
    )
    assert facts.kind is Kind.ASSESSMENT
    assert next(one.due for one in facts.statements if isinstance(one, Assessed)) == date(2026, 11, 29)


def test_what_two_clauses_say_in_part_is_read_and_stays_unsure() -> None:
    facts = read(
        "Hi Noor,\n\nThe position has a written round. Nothing fancy, and it should not take more than an hour."
        "\n\nNadia\nRecruiting, Harborline"
    )
    assert facts.kind is Kind.ASSESSMENT
    assert facts.confidence < 0.8


def test_a_day_on_which_something_will_be_known_may_be_that_of_an_answer() -> None:
    facts = read(
        "Hi Noor,\n\nThe references for the position are with compliance. They will be through on December 1.\n\nNadia"
        "\nRecruiting, Harborline"
    )
    (promised,) = facts.statements
    assert isinstance(promised, Promised)
    assert promised.promise.by == date(2026, 12, 1)
    assert promised.confidence < 0.8


@pytest.mark.parametrize(
    "text",
    [
        "The training for your new position is on December 1.",
        "Could you send the two references for the position by December 1?",
        "Applications for the position are open until December 1.",
    ],
)
def test_a_day_of_something_else_is_no_promise(text: str) -> None:
    assert not any(isinstance(one, Promised) for one in read(f"Hi Noor,\n\n{text}\n\nNadia").statements)


UNKNOWN = "Hi Noor,\n\nA word about the position: my desk has turned into a zoo and the crew is knee deep in paint.\n\n"


def test_a_mail_about_a_job_of_which_nothing_is_understood_is_unclear() -> None:
    facts = read(f"{UNKNOWN}Nadia\nRecruiting, Harborline")
    assert (facts.kind, facts.unclear, facts.confidence) == (Kind.OTHER, True, 0.5)


@pytest.mark.parametrize(
    ("text", "subject", "more"),
    [
        (f"{UNKNOWN}Nadia\nRecruiting, Harborline", "Backend Engineer", "List-Unsubscribe: <https://a.example/u>\n"),
        (f"{UNKNOWN}Nadia\nRecruiting, Harborline", "Backend Engineer", "Auto-Submitted: auto-generated\n"),
        ("Thanks, got it!\n\nNadia\nRecruiting, Harborline", "Backend Engineer", ""),
        ("Hi Noor,\n\nThe zoo was lovely and the crew is knee deep in paint by now.\n\nNadia", "Saturday", ""),
    ],
    ids=["sent to many", "written by a program", "a few words", "private"],
)
def test_what_needs_nobody_to_look_at_it_is_surely_nothing(text: str, subject: str, more: str) -> None:
    facts = read(text, subject, more=more)
    assert (facts.kind, facts.confidence) == (Kind.OTHER, 1.0)


@pytest.mark.parametrize(
    ("text", "returns_on"),
    [
        ("I am on annual leave until Monday 30 November inclusive.", date(2026, 12, 1)),
        ("I will be away through November 30.", date(2026, 12, 1)),
        ("I am away until Monday 30 November.", date(2026, 11, 30)),
        (
            "I'm travelling with no access to mail and at my desk again on Monday, December 7.",
            date(2026, 12, 7),
        ),
        ("Estoy de vacaciones. Me reincorporo el 9 de diciembre.", date(2026, 12, 9)),
        ("Estou ausente do escritório e regresso no dia 2 de dezembro.", date(2026, 12, 2)),
    ],
)
def test_the_day_of_return_follows_the_last_day_away(text: str, returns_on: date) -> None:
    facts = read(text, "Automatic reply: Thank you", more="Auto-Submitted: auto-replied\n")
    (away,) = facts.statements
    assert isinstance(away, Away)
    assert away.returns_on == returns_on


def test_a_sentence_goes_on_behind_a_bracket_in_its_midst() -> None:
    words = [clause.words for clause in split_clauses("Your file (the second, number 204) is now with us.")]
    assert words == [" the second number 204 ", " your file is now with us "]


def test_a_bracket_at_the_end_of_a_sentence_or_without_an_end_is_a_clause_of_its_own() -> None:
    assert [clause.words for clause in split_clauses("Come by (at three).")] == [" come by ", " at three "]
    assert [clause.words for clause in split_clauses("Come by (at three")] == [" come by ", " at three "]
