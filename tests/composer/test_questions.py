"""What the person is asked after a visit, when, and when they are left in peace."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from composer.acts import Act, Asked, Noted
from composer.agenda import Agenda, FollowUp, FollowUpKind
from composer.letter import Placeholders, Voice
from composer.questions import Question, questions
from parsers.model import Address, FixedTime, Interview, Medium, Person, SlotEnd, Timeline

START = datetime(2026, 12, 1, 15, tzinfo=UTC)
END = START + timedelta(hours=1)
DAY = date(2026, 12, 1)
DANA = Person(name="Dana Lee", address="dana@northwind.example")
SAM = Person(name="Sam Ortiz", address="sam@northwind.example")


def interview(*people: Person, identifier: str = "u-1", **time: object) -> Interview:
    fixed = FixedTime(start=START, end=END, timezone="UTC", all_day=False, fixed_by="mail-1", fixed_at=START)
    return Interview(
        id=identifier,
        times=(replace(fixed, **time),),  # type: ignore[arg-type]  # the fields of FixedTime, by name
        confidence=1.0,
        people=people or (DANA,),
        sources=("mail-1",),
    )


def thank_you(**fields: object) -> FollowUp:
    made = FollowUp(
        id="thank",
        kind=FollowUpKind.THANK_YOU,
        rule="T1",
        reason="",
        account="personal",
        application="northwind",
        company="Northwind",
        role="Data Engineer",
        to=Address(address="dana@northwind.example"),
        due=END + timedelta(hours=2),
        stale_at=END + timedelta(days=2),
        interview="u-1",
        visit=DAY,
    )
    return replace(made, **fields)  # type: ignore[arg-type]  # the fields of FollowUp, by name


def asked_of(
    *interviews: Interview,
    acts: tuple[Act, ...] = (),
    language: str = "en",
    planned: tuple[FollowUp, ...] | None = None,
) -> tuple[Question, ...]:
    story = Timeline(
        id="northwind", account="personal", company="Northwind", role=None, timezone="UTC", interviews=interviews
    )
    agenda = Agenda(at=START, planned=(thank_you(),) if planned is None else planned)
    return questions(agenda, (story,), acts, Voice(full_name="Noor Haddad", language=language))


def test_it_is_asked_once_a_visit_five_minutes_after_the_last_talk() -> None:
    later = interview(SAM, identifier="u-2", start=END, end=END + timedelta(minutes=45))
    due = thank_you(due=END + timedelta(hours=3))
    (question,) = asked_of(interview(), later, planned=(due, replace(due, id="thank-sam")))
    assert question.at == END + timedelta(minutes=50)
    assert (question.interview, question.visit, question.messages) == ("u-2", DAY, ("mail-1",))
    assert question.subject == "What did you talk about with Dana Lee and Sam Ortiz (Northwind, Data Engineer)?"
    assert "    Dana: the caching project\n" in question.text


def test_a_talk_without_an_end_is_over_when_such_talks_are() -> None:
    call = replace(interview(end=None), medium=Medium.PHONE)
    (question,) = asked_of(call)
    assert question.at == START + timedelta(minutes=35)


@pytest.mark.parametrize(
    ("language", "beginning"),
    [
        ("en", "What did you talk about with Dana Lee (Northwind, Data Engineer)?"),
        ("de", "Worum ging es im Gespräch mit Dana Lee (Northwind, Data Engineer)?"),
        ("fr", "De quoi avez-vous parlé avec Dana Lee (Northwind, Data Engineer) ?"),
        ("es", "¿De qué habló con Dana Lee (Northwind, Data Engineer)?"),
        ("pt", "Sobre o que você conversou com Dana Lee (Northwind, Data Engineer)?"),
    ],
)
def test_it_is_asked_in_the_language_of_the_letter(language: str, beginning: str) -> None:
    (question,) = asked_of(interview(), language=language)
    assert question.subject == beginning
    assert "Dana Lee (Northwind, Data Engineer)" in question.text
    assert "2026-12-01 18:00" in question.text
    assert "{" not in question.text + question.subject
    assert len(question.text.split("\n\n")) == 4  # a paragraph is one line
    assert all("\n" not in paragraph for paragraph in question.text.strip().split("\n\n"))


def test_no_marked_place_is_announced_where_letters_have_none() -> None:
    voice = Voice(full_name="Noor Haddad", language="en", placeholders=Placeholders.OMIT)
    story = Timeline(id="northwind", account="personal", company=None, role=None, interviews=(interview(),))
    (question,) = questions(Agenda(at=START, planned=(thank_you(),)), (story,), (), voice)
    assert "marked" not in question.text
    assert "marked" in asked_of(interview())[0].text


def test_where_nothing_is_known_of_them_the_question_still_reads_well() -> None:
    nobody = thank_you(company=None, role=None)
    (question,) = asked_of(interview(Person(name=None, address="x@y.example")), planned=(nobody,))
    assert question.subject == "What did you talk about in your interview?"


def test_names_and_companies_from_mails_are_made_harmless() -> None:
    evil = Person(name="Dana\r\nBcc: all@evil.example", address="dana@northwind.example")
    company = thank_you(company="North{who}wind\nhttps://evil.example")
    (question,) = asked_of(interview(evil), planned=(company,))
    assert "evil" not in question.subject + question.text
    assert "\n" not in question.subject


@pytest.mark.parametrize(
    "act",
    [
        Asked(at=END, interview="u-1", visit=DAY, message_id="nt.x@mail.example"),
        Asked(at=END, interview="u-old", visit=DAY, messages=("mail-1",), message_id="nt.x@mail.example"),
        Noted(at=END, interview="u-1", visit=DAY, text="caching"),
    ],
    ids=["asked", "asked under another id", "noted"],
)
def test_what_was_asked_or_noted_is_not_asked_again(act: Act) -> None:
    assert len(asked_of(interview())) == 1
    assert asked_of(interview(), acts=(act,)) == ()
    # What was noted of another day's visit is another matter.
    assert len(asked_of(interview(), acts=(replace(act, visit=date(2026, 11, 1)),))) == 1


def test_nobody_is_asked_where_no_letter_will_use_the_answer() -> None:
    assert asked_of(interview(), planned=()) == ()
    assert asked_of(interview(), planned=(thank_you(kind=FollowUpKind.CHECK_IN_1),)) == ()
    assert asked_of(interview(), planned=(thank_you(due=END + timedelta(minutes=5)),)) == ()
    assert asked_of(interview(ended=SlotEnd.CANCELLED)) == ()
    assert asked_of(interview(all_day=True)) == ()
