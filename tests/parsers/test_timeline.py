"""The laws of folding: which message belongs to which application, and what its interviews come to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.model import (
    Acknowledged,
    Address,
    Approached,
    Assessed,
    Cancelled,
    Declined,
    Direction,
    Facts,
    HandedIn,
    Interview,
    Invite,
    Missed,
    Moved,
    Offered,
    Part,
    Person,
    Promise,
    Promised,
    Rejected,
    Scheduled,
    Session,
    SlotEnd,
    Statement,
    Timeline,
    Trust,
)
from parsers.timeline import fold

ME = "noor@letters.example"
DANA = "dana.lee@northwind.example"
HUGO = "hugo.marsh@northwind.example"
DAY = datetime(2026, 12, 1, 14, tzinfo=UTC)
SURE = 0.95


def mail(
    number: int,
    at: datetime,
    *said: Statement,
    sender: str = DANA,
    answers: int | None = None,
    company: str | None = "Northwind Freight",
    role: str | None = None,
    **more: object,
) -> Facts:
    own = more.get("direction") is Direction.OWN
    fields: dict[str, object] = {
        "key": f"m{number}@x.example",
        "account": "personal",
        "direction": Direction.INBOUND,
        "message_id": f"m{number}@x.example",
        "in_reply_to": (f"m{answers}@x.example",) if answers is not None else (),
        "references": (f"m{answers}@x.example",) if answers is not None else (),
        "received_at": at,
        "sender": Address(address=ME if own else sender),
        "addressed_as": ME,
        "answerable": True,
        "company": None if own else company,
        "role": role,
        "statements": said,
    }
    return Facts(**(fields | more))  # type: ignore[arg-type]  # a test names only what differs


def own_mail(number: int, at: datetime, to: str, *said: Statement, answers: int | None = None) -> Facts:
    return mail(number, at, *said, answers=answers, direction=Direction.OWN, to=(Address(address=to),))


def session(start: datetime, *, uid: str | None = None, minutes: int | None = 60, **more: object) -> Session:
    end = start + timedelta(minutes=minutes) if minutes else None
    return Session(start=start, end=end, uid=uid, **more)  # type: ignore[arg-type]  # a test names only what differs


def scheduled(*sessions: Session, sure: float = SURE, reminder: bool = False) -> Scheduled:
    return Scheduled(confidence=sure, sessions=sessions, reminder=reminder)


def moved(*sessions: Session, old: datetime | None = None, asked: bool = False, sure: float = SURE) -> Moved:
    return Moved(confidence=sure, sessions=sessions, old_start=old, asked=asked)


def cancelled(
    uid: str | None = None, *, start: datetime | None = None, sequence: int = 0, sure: float = SURE
) -> Cancelled:
    return Cancelled(confidence=sure, uid=uid, start=start, sequence=sequence)


def interviewer(name: str, address: str | None = None) -> Person:
    return Person(name=name, address=address, part=Part.INTERVIEWER)


def days(count: float) -> timedelta:
    return timedelta(days=count)


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def only(timelines: tuple[Timeline, ...]) -> Timeline:
    assert len(timelines) == 1, [(line.company, line.role, line.uncertain) for line in timelines]
    return timelines[0]


def only_interview(*facts: Facts) -> Interview:
    found = only(fold(facts)).interviews
    assert len(found) == 1, found
    return found[0]


REJECTION = Rejected(confidence=SURE)
RECEIPT = Acknowledged(confidence=SURE)
PROMISE = Promised(confidence=SURE, promise=Promise(by=DAY.date(), text="by Tuesday"))


# ------------------------------------------------------------------------------------------------ which application


def test_nothing_folds_to_nothing() -> None:
    assert fold(()) == ()


def test_an_answer_joins_the_thread_whoever_writes_it() -> None:
    line = only(
        fold(
            (
                mail(1, DAY - days(3), scheduled(session(DAY))),
                mail(2, DAY - days(2), PROMISE, answers=1, sender="someone@elsewhere.example", company=None),
            )
        )
    )
    assert [fact.key for fact in line.facts] == ["m1@x.example", "m2@x.example"]


def test_two_answers_to_a_message_that_was_never_seen_are_one_thread() -> None:
    line = only(
        fold(
            (
                mail(1, DAY - days(3), scheduled(session(DAY)), answers=0, company=None, sender="pat@gmail.com"),
                mail(2, DAY - days(2), PROMISE, answers=0, company=None, sender="kim@gmail.com"),
            )
        )
    )
    assert len(line.facts) == 2


def test_a_calendar_object_leads_to_its_application() -> None:
    line = only(
        fold(
            (
                mail(1, DAY - days(3), scheduled(session(DAY, uid="u1"))),
                mail(2, DAY - days(2), scheduled(session(DAY + hours(2), uid="u1", sequence=1)), company=None),
            )
        )
    )
    assert line.interviews[0].current.start == DAY + hours(2)


def test_a_system_and_a_person_of_one_employer_are_one_application() -> None:
    line = only(
        fold(
            (
                mail(
                    1, DAY - days(9), RECEIPT, sender="no-reply@us.greenhouse-mail.io", automatic=True, answerable=False
                ),
                mail(2, DAY - days(3), scheduled(session(DAY)), company=None),
            )
        )
    )
    assert line.company == "Northwind Freight"


def test_the_initials_of_a_company_are_its_domain() -> None:
    robot = "no-reply@us.greenhouse-mail.io"
    line = only(
        fold(
            (
                mail(1, DAY - days(9), RECEIPT, sender=robot, answerable=False, company="Graphic Design Institute"),
                mail(2, DAY - days(3), scheduled(session(DAY)), sender="wes@gdi.example", company=None),
            )
        )
    )
    assert len(line.facts) == 2


def test_a_system_that_writes_for_many_employers_joins_nothing() -> None:
    robot = "no-reply@us.greenhouse-mail.io"
    lines = fold(
        (
            mail(1, DAY, RECEIPT, sender=robot, company="Contoso", automatic=True, answerable=False),
            mail(2, DAY + days(1), RECEIPT, sender=robot, company="Fabrikam", automatic=True, answerable=False),
        )
    )
    assert [line.company for line in lines] == ["Contoso", "Fabrikam"]


def test_two_people_with_free_mail_are_two_applications() -> None:
    lines = fold(
        (
            mail(1, DAY - days(3), scheduled(session(DAY)), sender="pat@gmail.com", company=None),
            mail(2, DAY - days(2), scheduled(session(DAY + days(1))), sender="kim@gmail.com", company=None),
        )
    )
    assert len(lines) == 2


def test_one_person_with_free_mail_is_known_by_the_address() -> None:
    line = only(
        fold(
            (
                mail(1, DAY - days(3), scheduled(session(DAY)), sender="pat@gmail.com", company=None),
                mail(2, DAY + days(1), REJECTION, sender="pat@gmail.com", company=None),
            )
        )
    )
    assert len(line.facts) == 2


def test_a_relay_address_is_one_candidates() -> None:
    relay = "abc123+xyz@inbound.workablemail.com"
    line = only(
        fold(
            (
                mail(1, DAY - days(3), scheduled(session(DAY)), sender=relay, company=None),
                mail(2, DAY + days(1), PROMISE, sender=relay, company=None),
            )
        )
    )
    assert len(line.facts) == 2


def test_two_clients_of_one_agency_are_two_applications() -> None:
    agent = "kit@talentbridge.example"
    lines = fold(
        (
            mail(1, DAY - days(3), scheduled(session(DAY)), sender=agent, company="Contoso", agency=True),
            mail(2, DAY - days(2), scheduled(session(DAY + days(1))), sender=agent, company="Fabrikam", agency=True),
            mail(3, DAY + days(2), REJECTION, sender=agent, company="Fabrikam", agency=True),
        )
    )
    assert [(line.company, len(line.facts)) for line in lines] == [("Contoso", 1), ("Fabrikam", 2)]


def test_the_requisition_separates_two_applications_with_one_title() -> None:
    lines = fold(
        (
            mail(1, DAY, RECEIPT, role="Engineer", requisition="R-1001"),
            mail(2, DAY, RECEIPT, role="Engineer", requisition="R-2002"),
            mail(3, DAY + days(1), REJECTION, requisition="R2002"),
        )
    )
    assert [len(line.facts) for line in lines] == [1, 2]


def test_a_colleague_in_another_thread_closes_the_one_application() -> None:
    line = only(
        fold(
            (
                mail(1, DAY - days(3), scheduled(session(DAY)), role="Data Engineer"),
                mail(2, DAY + days(1), REJECTION, sender=HUGO, company=None),
            )
        )
    )
    assert REJECTION in line.facts[-1].statements


def test_a_rejection_that_names_the_post_closes_only_that_one() -> None:
    lines = fold(
        (
            mail(1, DAY - days(9), scheduled(session(DAY)), role="Data Engineer"),
            mail(2, DAY - days(8), RECEIPT, role="Product Manager", sender=HUGO),
            mail(3, DAY + days(1), REJECTION, sender="ann@northwind.example", role="Product Manager (m/w/d)"),
        )
    )
    assert [len(line.facts) for line in lines] == [1, 2]


def test_level_separates_two_posts_only_where_both_are_open() -> None:
    lines = fold(
        (
            mail(1, DAY - days(9), RECEIPT, role="Product Manager"),
            mail(2, DAY - days(8), RECEIPT, role="Senior Product Manager", requisition="77001"),
            mail(3, DAY - days(7), RECEIPT, role="Product Manager", requisition="77002"),
            mail(4, DAY, REJECTION, role="Senior Product Manager"),
        )
    )
    rejected = [line.role for line in lines if REJECTION in line.facts[-1].statements]
    assert rejected == ["Senior Product Manager"]


def test_two_open_applications_and_nothing_to_separate_them_go_to_the_review_list() -> None:
    lines = fold(
        (
            mail(1, DAY - days(9), RECEIPT, role="Data Engineer"),
            mail(2, DAY - days(8), RECEIPT, role="Product Manager"),
            mail(3, DAY, REJECTION, sender=HUGO),
        )
    )
    assert [len(line.facts) for line in lines] == [1, 1, 1]
    assert [line.uncertain is not None for line in lines] == [False, False, True]


def test_the_person_who_writes_separates_two_open_applications() -> None:
    lines = fold(
        (
            mail(1, DAY - days(9), scheduled(session(DAY)), role="Data Engineer", sender=DANA),
            mail(2, DAY - days(8), RECEIPT, role="Product Manager", sender="jobs@northwind.example"),
            mail(3, DAY + days(1), PROMISE, sender=DANA),
        )
    )
    assert [len(line.facts) for line in lines] == [2, 1]


def test_the_hour_that_is_cancelled_separates_two_open_applications() -> None:
    lines = fold(
        (
            mail(1, DAY - days(9), scheduled(session(DAY)), role="Data Engineer", sender=DANA),
            mail(2, DAY - days(8), scheduled(session(DAY + days(2))), role="Product Manager", sender=DANA),
            mail(3, DAY - days(1), cancelled(start=DAY + days(2)), sender=DANA),
        )
    )
    assert [line.interviews[0].stands for line in lines] == [True, False]


def test_another_post_after_a_rejection_is_a_new_application_even_in_the_old_thread() -> None:
    lines = fold(
        (
            mail(1, DAY - days(200), scheduled(session(DAY - days(195))), role="Data Engineer"),
            mail(2, DAY - days(190), REJECTION, answers=1),
            mail(3, DAY - days(3), scheduled(session(DAY)), role="Product Manager", answers=2),
            mail(4, DAY + days(2), PROMISE, answers=3),
        )
    )
    assert [(line.role, len(line.facts)) for line in lines] == [("Data Engineer", 2), ("Product Manager", 2)]


def test_a_receipt_after_a_rejection_is_a_new_application() -> None:
    lines = fold(
        (
            mail(1, DAY - days(30), RECEIPT),
            mail(2, DAY - days(20), REJECTION),
            mail(3, DAY, RECEIPT),
        )
    )
    assert [len(line.facts) for line in lines] == [2, 1]


def test_a_second_rejection_of_the_same_application_is_an_afterword() -> None:
    robot = "no-reply@us.greenhouse-mail.io"
    line = only(
        fold(
            (
                mail(1, DAY - days(30), RECEIPT),
                mail(2, DAY - days(20), REJECTION),
                mail(3, DAY - days(19), REJECTION, sender=robot, automatic=True, answerable=False),
            )
        )
    )
    assert len(line.facts) == 3


def test_a_first_approach_opens_nothing_but_belongs_to_what_its_thread_becomes() -> None:
    approach = mail(1, DAY - days(9), Approached(confidence=SURE))
    assert fold((approach,)) == ()
    answer = own_mail(2, DAY - days(8), DANA, answers=1)
    line = only(fold((approach, answer, mail(3, DAY - days(7), scheduled(session(DAY)), answers=2))))
    assert [fact.key for fact in line.facts] == ["m1@x.example", "m2@x.example", "m3@x.example"]


def test_own_mail_joins_where_its_recipient_is_known_and_nowhere_else() -> None:
    line = only(
        fold(
            (
                mail(1, DAY - days(3), scheduled(session(DAY, people=(interviewer("Hugo Marsh", HUGO),)))),
                own_mail(2, DAY + hours(2), HUGO),
                own_mail(3, DAY + hours(3), "mum@family.example"),
            )
        )
    )
    assert [fact.key for fact in line.facts] == ["m1@x.example", "m2@x.example"]


def test_own_mail_to_somebody_in_two_applications_joins_the_latest() -> None:
    lines = fold(
        (
            mail(1, DAY - days(9), scheduled(session(DAY)), role="Data Engineer"),
            mail(2, DAY - days(8), scheduled(session(DAY + days(2))), role="Product Manager"),
            own_mail(3, DAY + hours(2), DANA),
        )
    )
    assert [len(line.facts) for line in lines] == [1, 2]


def test_a_hand_in_to_an_unknown_address_of_the_employer_joins_the_one_application() -> None:
    line = only(
        fold(
            (
                mail(1, DAY - days(3), Assessed(confidence=SURE)),
                own_mail(2, DAY, "jobs@northwind.example", HandedIn(confidence=SURE)),
            )
        )
    )
    assert len(line.facts) == 2


def test_human_mail_that_says_nothing_joins_by_its_person() -> None:
    line = only(
        fold(
            (
                mail(1, DAY - days(3), scheduled(session(DAY))),
                mail(2, DAY + days(1), company=None),
            )
        )
    )
    assert [fact.human for fact in line.facts] == [True, True]


def test_advertising_of_an_employer_is_dropped() -> None:
    line = only(
        fold(
            (
                mail(1, DAY - days(3), scheduled(session(DAY))),
                mail(2, DAY + days(1), sender="news@northwind.example", automatic=True, answerable=False),
            )
        )
    )
    assert len(line.facts) == 1


def test_the_user_is_nobody_of_the_other_side() -> None:
    people = (Person(name="Noor", address=ME), interviewer("Hugo Marsh", HUGO))
    assert only_interview(mail(1, DAY - days(3), scheduled(session(DAY, people=people)))).people == people[1:]


def test_the_id_of_an_application_survives_further_mail() -> None:
    first = mail(1, DAY - days(3), scheduled(session(DAY)), company=None)
    later = mail(2, DAY, PROMISE, company="Northwind Holding", role="Driver", answers=1)
    assert only(fold((first,))).id == only(fold((first, later))).id


def test_two_accounts_see_one_application() -> None:
    line = only(
        fold(
            (
                mail(1, DAY - days(3), scheduled(session(DAY))),
                mail(2, DAY + days(1), REJECTION, account="work"),
            )
        )
    )
    assert line.account == "personal"


# ------------------------------------------------------------------------------------------------ whom to believe


def test_a_sender_who_failed_verification_changes_nothing() -> None:
    lines = fold(
        (
            mail(1, DAY - days(3), scheduled(session(DAY, uid="u1"))),
            mail(2, DAY - days(2), cancelled("u1", sequence=9), trust=Trust.FAILED, answers=1),
        )
    )
    assert lines[0].interviews[0].stands
    assert len(lines[0].facts) == 1
    assert lines[1].uncertain is not None


@pytest.mark.parametrize(
    "said",
    [
        cancelled("u1", sequence=9),
        cancelled(start=DAY),
        cancelled(),
        moved(session(DAY + days(2))),
        scheduled(session(DAY + days(2), uid="u1", sequence=9)),
        Offered(confidence=SURE),
        Missed(confidence=SURE),
    ],
)
def test_what_a_stranger_claims_is_kept_apart(said: Statement) -> None:
    lines = fold(
        (
            mail(1, DAY - days(3), scheduled(session(DAY, uid="u1"))),
            mail(2, DAY + hours(0.5), said, sender="dana.lee@northwlnd-careers.example"),
        )
    )
    assert lines[0].interviews[0].stands
    assert lines[0].interviews[0].current.start == DAY
    assert [fact.key for fact in lines[0].facts] == ["m1@x.example"]
    assert "claimed" in str(lines[1].uncertain)


@pytest.mark.parametrize(
    "said",
    [
        cancelled("u1", sequence=9),
        moved(session(DAY + days(2))),
        scheduled(session(DAY + days(2), uid="u1", sequence=9)),
        REJECTION,
    ],
)
@pytest.mark.parametrize("answers", [None, 1])
def test_whose_mail_was_verified_before_is_not_believed_without_a_pass(said: Statement, answers: int | None) -> None:
    first = mail(1, DAY - days(3), scheduled(session(DAY, uid="u1")), trust=Trust.AUTHENTICATED)
    forged = mail(2, DAY - days(2), said, answers=answers)
    lines = fold((first, forged))
    assert lines[0].facts == (first,)
    assert (lines[0].interviews[0].current.start, lines[0].interviews[0].stands) == (DAY, True)
    assert "was verified and this one is not" in str(lines[1].uncertain)
    verified = replace(forged, trust=Trust.AUTHENTICATED)
    assert len(only(fold((first, verified))).facts) == 2


def test_a_first_verified_mail_does_not_discredit_the_earlier_ones() -> None:
    first = mail(1, DAY - days(3), scheduled(session(DAY, uid="u1")))
    later = mail(2, DAY - days(2), cancelled("u1"), trust=Trust.AUTHENTICATED)
    answer = mail(3, DAY - days(1), REJECTION, answers=2, trust=Trust.KNOWN_THREAD)
    line = only(fold((first, later, answer)))
    assert not line.interviews[0].stands
    assert len(line.facts) == 3


@pytest.mark.parametrize("said", [cancelled("u1", sequence=9), REJECTION, scheduled(session(DAY + days(9)))])
def test_nobody_of_a_domain_that_is_verified_is_believed_without_a_pass(said: Statement) -> None:
    first = mail(1, DAY - days(3), scheduled(session(DAY, uid="u1")), trust=Trust.AUTHENTICATED)
    forged = mail(2, DAY - days(2), said, sender=HUGO)
    lines = fold((first, forged))
    assert lines[0].facts == (first,)
    assert "was verified and this one is not" in str(lines[1].uncertain)


def organized(number: int, at: datetime, said: Statement, *, sender: str, organizer: str | None) -> Facts:
    event = Invite(method="REQUEST", uid="u1", organizer=Address(address=organizer) if organizer else None)
    return mail(number, at, said, sender=sender, events=(event,))


CALENDAR = "c_1f2e@group.calendar.google.com"
GOOGLE = "bounce@calendar-server.bounces.google.com"
SCHEDULER = "no-reply@calendly.com"


@pytest.mark.parametrize(
    ("sender", "organizer", "believed"),
    [
        (GOOGLE, CALENDAR, True),  # Google names a calendar as organizer, always the same
        (DANA, CALENDAR, True),
        (DANA, None, True),
        (HUGO, "c_other@group.calendar.google.com", True),  # a colleague
        (SCHEDULER, "eve@evil.example", False),
        (SCHEDULER, None, False),
        (GOOGLE, "eve@evil.example", False),
        ("eve@evil.example", CALENDAR, False),  # a stranger may write any organizer
    ],
)
@pytest.mark.parametrize(
    "said", [cancelled("u1", sequence=9), scheduled(session(DAY + days(2), uid="u1", sequence=999_999_999))]
)
def test_a_calendar_object_is_changed_by_its_organizer_or_somebody_of_the_employer(
    sender: str, organizer: str | None, believed: bool, said: Statement
) -> None:
    first = organized(1, DAY - days(3), scheduled(session(DAY, uid="u1")), sender=DANA, organizer=CALENDAR)
    claim = organized(2, DAY - days(2), said, sender=sender, organizer=organizer)
    lines = fold((first, claim))
    current = lines[0].interviews[0].current
    assert ((current.start, lines[0].interviews[0].stands) != (DAY, True)) is believed
    assert any("claimed by" in str(line.uncertain) for line in lines) is not believed


def test_a_stranger_cannot_outrun_the_organizer_by_a_huge_sequence() -> None:
    first = organized(1, DAY - days(3), scheduled(session(DAY, uid="u1")), sender=DANA, organizer=DANA)
    claim = scheduled(session(DAY + days(5), uid="u1", sequence=999_999_999))
    stranger = organized(2, DAY - days(2), claim, sender="eve@evil.example", organizer=DANA)
    true = scheduled(session(DAY + days(1), uid="u1", sequence=1))
    moved_by_dana = organized(3, DAY - days(1), true, sender=DANA, organizer=DANA)
    assert fold((first, stranger, moved_by_dana))[0].interviews[0].current.start == DAY + days(1)


def test_a_colleague_may_move_what_another_fixed() -> None:
    line = only(
        fold(
            (
                mail(1, DAY - days(3), scheduled(session(DAY, uid="u1"))),
                mail(2, DAY - days(2), cancelled("u1"), sender=HUGO),
            )
        )
    )
    assert not line.interviews[0].stands


def test_interviews_on_the_review_list_are_never_certain() -> None:
    line = only(fold((mail(1, DAY - days(3), scheduled(session(DAY)), trust=Trust.FAILED),)))
    assert line.interviews[0].confidence < 0.8


def test_an_uncertain_statement_adds_but_never_touches() -> None:
    known = mail(1, DAY - days(3), scheduled(session(DAY, uid="u1")))
    for said in (
        moved(session(DAY + days(1)), old=DAY, sure=0.6),
        cancelled("u1", sequence=5, sure=0.6),
        scheduled(session(DAY + days(1), uid="u1", sequence=5), sure=0.6),
    ):
        line = only(fold((known, mail(2, DAY - days(2), said, answers=1))))
        certain = [found for found in line.interviews if found.confidence >= 0.8]
        assert [found.current.start for found in certain] == [DAY]
        assert certain[0].stands


def test_an_uncertain_interview_becomes_certain_by_a_second_message() -> None:
    found = only_interview(
        mail(1, DAY - days(3), scheduled(session(DAY), sure=0.5)),
        mail(2, DAY - days(2), scheduled(session(DAY, uid="u1"))),
    )
    assert found.confidence == SURE


# ------------------------------------------------------------------------------------------------ times and moves


def test_a_higher_sequence_moves_the_interview() -> None:
    found = only_interview(
        mail(1, DAY - days(5), scheduled(session(DAY, uid="u1"))),
        mail(2, DAY - days(1), scheduled(session(DAY + days(2), uid="u1", sequence=1))),
    )
    assert [time.ended for time in found.times] == [SlotEnd.MOVED, None]
    assert found.times[0].ended_by == "m2@x.example"
    assert found.times[1].fixed_by == "m2@x.example"
    assert found.id == "u1"


def test_at_equal_sequence_the_later_dtstamp_wins_and_a_late_old_copy_changes_nothing() -> None:
    stamp = DAY - days(6)
    first = mail(1, DAY - days(5), scheduled(session(DAY, uid="u1", dtstamp=stamp)))
    second = mail(2, DAY - days(4), scheduled(session(DAY + days(2), uid="u1", dtstamp=stamp + hours(1))))
    late = mail(3, DAY - days(3), scheduled(session(DAY, uid="u1", dtstamp=stamp)))
    found = only_interview(first, second, late)
    assert found.current.start == DAY + days(2)
    assert found.sources == ("m1@x.example", "m2@x.example", "m3@x.example")


def test_an_edition_with_the_same_start_moves_nothing() -> None:
    hugo = interviewer("Hugo Marsh", HUGO)
    found = only_interview(
        mail(1, DAY - days(5), scheduled(session(DAY, uid="u1"))),
        mail(
            2, DAY - days(4), scheduled(session(DAY, uid="u1", sequence=1, minutes=90, people=(hugo,), location="B12"))
        ),
    )
    assert len(found.times) == 1
    assert found.current.end == DAY + hours(1.5)
    assert found.people == (hugo,)
    assert found.location == "B12"


def test_copies_from_three_systems_are_one_interview() -> None:
    found = only_interview(
        mail(1, DAY - days(5), scheduled(session(DAY, minutes=None))),
        mail(2, DAY - days(5), scheduled(session(DAY, uid="ats")), sender="no-reply@us.greenhouse-mail.io"),
        mail(3, DAY - days(4), scheduled(session(DAY + timedelta(minutes=10), uid="u1@google.com"))),
        mail(4, DAY - days(1), scheduled(session(DAY), reminder=True)),
    )
    assert found.current.start == DAY
    assert len(found.times) == 1
    assert len(found.sources) == 4


def test_the_calendar_copy_of_a_scheduler_without_a_company_finds_the_interview() -> None:
    line = only(
        fold(
            (
                mail(1, DAY - days(5), scheduled(session(DAY))),
                mail(
                    2,
                    DAY - days(5),
                    scheduled(session(DAY, uid="z1")),
                    sender="no-reply@zoom.us",
                    company=None,
                    answerable=False,
                ),
            )
        )
    )
    assert len(line.interviews) == 1


def test_a_second_round_is_a_second_interview() -> None:
    line = only(
        fold(
            (
                mail(1, DAY - days(5), scheduled(session(DAY))),
                mail(2, DAY + days(2), scheduled(session(DAY + days(7)))),
            )
        )
    )
    assert [found.current.start for found in line.interviews] == [DAY, DAY + days(7)]


def test_talks_of_fifteen_minutes_in_one_agenda_are_separate() -> None:
    agenda = scheduled(*(session(DAY + timedelta(minutes=15 * slot), minutes=15) for slot in range(4)))
    line = only(fold((mail(1, DAY - days(5), agenda), mail(2, DAY - days(4), agenda))))
    assert len(line.interviews) == 4


def test_an_announced_move_replaces_the_time_ahead() -> None:
    for said in (
        moved(session(DAY + days(2))),
        moved(session(DAY + days(2), uid="new")),
        moved(session(DAY + days(2)), old=DAY),
        moved(session(DAY + timedelta(minutes=10))),
    ):
        found = only_interview(
            mail(1, DAY - days(5), scheduled(session(DAY, uid="u1"))),
            mail(2, DAY - days(1), said, answers=1),
        )
        assert [time.ended for time in found.times] == [SlotEnd.MOVED, None]
        assert found.current.start == said.sessions[0].start


def test_an_announced_move_takes_the_interview_whose_time_it_names() -> None:
    line = only(
        fold(
            (
                mail(1, DAY - days(5), scheduled(session(DAY))),
                mail(2, DAY - days(4), scheduled(session(DAY + days(3)))),
                mail(3, DAY - days(1), moved(session(DAY + days(5)), old=DAY + days(3))),
            )
        )
    )
    assert [found.current.start for found in line.interviews] == [DAY, DAY + days(5)]


def test_a_message_that_states_the_old_time_beside_the_new_one_moves_it() -> None:
    found = only_interview(
        mail(1, DAY - days(5), scheduled(session(DAY))),
        mail(2, DAY - days(1), moved(session(DAY), session(DAY + days(2))), answers=1),
    )
    assert [time.start for time in found.times] == [DAY, DAY + days(2)]


def test_a_visit_moves_as_a_whole_and_a_talk_by_its_time_or_its_person() -> None:
    hugo = interviewer("Hugo Marsh", HUGO)
    visit = mail(1, DAY - days(5), scheduled(session(DAY), session(DAY + hours(1), people=(hugo,))))
    new = DAY + days(2)

    def standing(said: Statement) -> list[datetime]:
        line = only(fold((visit, mail(2, DAY - days(1), said))))
        return [found.current.start for found in line.interviews if found.stands]

    assert standing(moved(session(new))) == [new]
    assert standing(moved(session(new), old=DAY + hours(1))) == [DAY, new]
    assert standing(moved(session(new, people=(hugo,)))) == [DAY, new]
    assert standing(moved(session(new), session(new + hours(1)))) == [new, new + hours(1)]


def test_a_question_moves_nothing() -> None:
    found = only_interview(
        mail(1, DAY - days(5), scheduled(session(DAY))),
        mail(2, DAY - days(1), moved(session(DAY + days(2)), asked=True), answers=1),
    )
    assert len(found.times) == 1
    assert found.stands


def test_a_move_without_a_new_time_calls_the_interview_off_until_one_is_fixed() -> None:
    known = (
        mail(1, DAY - days(5), scheduled(session(DAY))),
        mail(2, DAY - days(1), moved(), answers=1),
    )
    assert only_interview(*known).current.ended is SlotEnd.CANCELLED
    again = mail(3, DAY + days(1), scheduled(session(DAY + days(6))), answers=2)
    found = only_interview(*known, again)
    assert [time.ended for time in found.times] == [SlotEnd.CANCELLED, None]


def test_a_move_told_twice_is_one_move() -> None:
    found = only_interview(
        mail(1, DAY - days(5), scheduled(session(DAY, uid="u1"))),
        mail(2, DAY - days(2), scheduled(session(DAY + days(2), uid="u1", sequence=1))),
        mail(3, DAY - days(2) + hours(1), moved(session(DAY + days(2)), old=DAY)),
    )
    assert len(found.times) == 2


def test_an_unlinked_invite_and_the_word_that_it_is_the_move_are_one_interview() -> None:
    for old in (DAY, None):
        found = only_interview(
            mail(1, DAY - days(5), scheduled(session(DAY, uid="u1"))),
            mail(2, DAY - days(2), scheduled(session(DAY + days(2), uid="u2"))),
            mail(3, DAY - days(2) + hours(1), moved(session(DAY + days(2)), old=old)),
        )
        assert [time.ended for time in found.times] == [SlotEnd.MOVED, None]


@pytest.mark.parametrize("uid", ["u1", "u2", None])
@pytest.mark.parametrize("later", [hours(0.1), days(3)])
def test_a_fresh_invite_after_a_cancellation_is_the_same_interview(uid: str | None, later: timedelta) -> None:
    found = only_interview(
        mail(1, DAY - days(5), scheduled(session(DAY, uid="u1"))),
        mail(2, DAY - days(4), cancelled("u1", sequence=1)),
        mail(3, DAY - days(4) + later, scheduled(session(DAY + days(9), uid=uid, sequence=2 if uid == "u1" else 0))),
    )
    assert [time.ended for time in found.times] == [SlotEnd.CANCELLED, None]
    assert found.id == "u1"


def test_a_fresh_invite_just_before_the_cancellation_is_the_move() -> None:
    found = only_interview(
        mail(1, DAY - days(5), scheduled(session(DAY, uid="u1"))),
        mail(2, DAY - days(4), scheduled(session(DAY + days(1), uid="u2"))),
        mail(3, DAY - days(4) + hours(0.1), cancelled("u1", sequence=1)),
    )
    assert [time.ended for time in found.times] == [SlotEnd.MOVED, None]


def test_a_new_object_for_the_same_hour_outlives_the_cancellation_of_the_old_one() -> None:
    found = only_interview(
        mail(1, DAY - days(5), scheduled(session(DAY, uid="u1"))),
        mail(2, DAY - days(4), scheduled(session(DAY, uid="u2"))),
        mail(3, DAY - days(4) + hours(0.1), cancelled("u1", sequence=1)),
    )
    assert found.stands


def test_the_next_round_after_a_talk_that_fell_out_of_a_held_visit_is_new() -> None:
    line = only(
        fold(
            (
                mail(1, DAY - days(5), scheduled(session(DAY, uid="u1"), session(DAY + hours(1), uid="u2"))),
                mail(2, DAY - days(1), cancelled("u1", sequence=1)),
                mail(3, DAY + days(3), scheduled(session(DAY + days(9), uid="u3"))),
            )
        )
    )
    assert [(found.id, found.stands) for found in line.interviews] == [("u1", False), ("u2", True), ("u3", True)]


def test_a_cancellation_that_overtakes_the_invite_still_counts() -> None:
    found = only_interview(
        mail(1, DAY - days(5), cancelled("u1", sequence=1)),
        mail(2, DAY - days(5) + hours(1), scheduled(session(DAY, uid="u1"))),
    )
    assert found.current.ended is SlotEnd.CANCELLED
    assert found.current.ended_by == "m1@x.example"


@pytest.mark.parametrize(("later", "stands"), [(hours(2), False), (hours(24), False), (days(2), True)])
def test_a_cancellation_after_the_end_says_that_nobody_came_but_days_later_it_is_tidying_up(
    later: timedelta, stands: bool
) -> None:
    found = only_interview(
        mail(1, DAY - days(5), scheduled(session(DAY, uid="u1"))),
        mail(2, DAY + later, cancelled("u1", sequence=1)),
    )
    assert found.stands is stands


def test_words_that_cancel_the_visit_cancel_all_its_talks() -> None:
    line = only(
        fold(
            (
                mail(1, DAY - days(5), scheduled(session(DAY), session(DAY + hours(1)))),
                mail(2, DAY - days(4), scheduled(session(DAY + days(7)))),
                mail(3, DAY - days(1), cancelled()),
            )
        )
    )
    assert [found.stands for found in line.interviews] == [False, False, True]


def test_a_rejection_leaves_the_interview_to_the_planner() -> None:
    assert only_interview(mail(1, DAY - days(5), scheduled(session(DAY))), mail(2, DAY - days(1), REJECTION)).stands


def test_a_missed_interview_is_a_past_one() -> None:
    line = only(
        fold(
            (
                mail(
                    1,
                    DAY - days(5),
                    scheduled(session(DAY)),
                ),
                mail(2, DAY - days(5), scheduled(session(DAY + days(7)))),
                mail(3, DAY + hours(1), Missed(confidence=SURE)),
            )
        )
    )
    assert [found.current.ended for found in line.interviews] == [SlotEnd.MISSED, None]


def test_the_users_declining_ends_the_interview() -> None:
    found = only_interview(
        mail(1, DAY - days(5), scheduled(session(DAY, uid="u1"))),
        own_mail(2, DAY - days(4), DANA, Declined(confidence=SURE, uid="u1")),
        mail(3, DAY - days(3), scheduled(session(DAY, uid="u1"))),
    )
    assert found.current.ended is SlotEnd.DECLINED


def test_what_the_user_proposes_fixes_nothing() -> None:
    line = only(
        fold(
            (
                mail(1, DAY - days(5), RECEIPT),
                own_mail(2, DAY - days(4), DANA, scheduled(session(DAY))),
                mail(3, DAY - days(3), PROMISE),
            )
        )
    )
    assert line.interviews == ()


def test_a_day_and_then_its_hour_are_one_interview() -> None:
    day = session(DAY.replace(hour=0), minutes=None, all_day=True)
    found = only_interview(
        mail(1, DAY - days(5), scheduled(day)), mail(2, DAY - days(4), scheduled(session(DAY, uid="u1")))
    )
    assert (found.current.start, found.current.all_day) == (DAY, False)


def test_an_event_used_again_for_the_next_talk_is_a_second_interview() -> None:
    line = only(
        fold(
            (
                mail(1, DAY - days(5), scheduled(session(DAY, uid="u1"))),
                mail(2, DAY + days(4), scheduled(session(DAY + days(9), uid="u1", sequence=1))),
                mail(3, DAY + days(5), scheduled(session(DAY + days(10), uid="u1", sequence=2))),
            )
        )
    )
    assert [(found.stands, found.current.start) for found in line.interviews] == [(True, DAY), (True, DAY + days(10))]


def test_a_hour_for_a_test_is_no_talk() -> None:
    line = only(fold((mail(1, DAY - days(5), Assessed(confidence=SURE), scheduled(session(DAY))),)))
    assert not line.interviews[0].talk


# ------------------------------------------------------------------------------------------------ people and zone


def test_an_address_beats_a_bare_name_and_an_interviewer_an_unknown() -> None:
    found = only_interview(
        mail(1, DAY - days(5), scheduled(session(DAY, people=(interviewer("Hugo Marsh"), interviewer("Dev Patel"))))),
        mail(2, DAY - days(4), scheduled(session(DAY, uid="u1", people=(Person(name="Marsh, Hugo", address=HUGO),)))),
    )
    assert [(person.address, person.part) for person in found.people] == [
        (HUGO, Part.INTERVIEWER),
        (None, Part.INTERVIEWER),
    ]


def test_who_is_named_with_the_new_time_replaces_who_was_to_come() -> None:
    found = only_interview(
        mail(1, DAY - days(5), scheduled(session(DAY, people=(interviewer("Ann", "ann@northwind.example"),)))),
        mail(2, DAY - days(4), moved(session(DAY + days(1), people=(interviewer("Hugo Marsh", HUGO),)))),
    )
    assert [person.address for person in found.people] == [HUGO]


def test_a_later_message_may_introduce_the_interviewer() -> None:
    hugo = interviewer("Hugo Marsh", HUGO)
    found = only_interview(mail(1, DAY - days(5), scheduled(session(DAY))), mail(2, DAY - days(4), people=(hugo,)))
    assert found.people == (hugo,)


def test_the_zone_of_the_invite_beats_the_zone_of_the_text_and_utc_states_none() -> None:
    def invite(zone: str) -> Invite:
        return Invite(method="REQUEST", uid="u1", start=DAY, timezone=zone)

    prose = mail(1, DAY - days(5), scheduled(session(DAY)), stated_zone="America/New_York")
    assert only(fold((prose,))).timezone == "America/New_York"
    for zone, expected in (("Europe/London", "Europe/London"), ("UTC", "America/New_York")):
        calendar = mail(2, DAY - days(4), scheduled(session(DAY, uid="u1", timezone=zone)), events=(invite(zone),))
        assert only(fold((prose, calendar))).timezone == expected


# ------------------------------------------------------------------------------------------------ for all mailboxes

_STARTS = [DAY + hours(step) for step in (0, 0.1, 1, 24, 48, 72)]
_UIDS = [None, None, "u1", "u2", "u3"]


@st.composite
def sessions(draw: st.DrawFn) -> Session:
    return session(
        draw(st.sampled_from(_STARTS)),
        uid=draw(st.sampled_from(_UIDS)),
        minutes=draw(st.sampled_from([None, 30, 60])),
        sequence=draw(st.integers(0, 2)),
        all_day=draw(st.sampled_from([False, False, False, True])),
        dtstamp=draw(st.sampled_from([None, DAY - days(9), DAY - days(8)])),
        people=draw(st.sampled_from([(), (interviewer("Hugo Marsh", HUGO),), (Person(name="Dana", address=None),)])),
    )


@st.composite
def statements(draw: st.DrawFn) -> Statement:
    sure = draw(st.sampled_from([0.5, 0.95, 0.95]))
    uid = draw(st.sampled_from(_UIDS))
    start = draw(st.sampled_from([None, *_STARTS]))
    some = tuple(draw(st.lists(sessions(), max_size=2)))
    choices: list[Statement] = [
        Scheduled(confidence=sure, sessions=some),
        Scheduled(confidence=sure, sessions=some, reminder=True),
        Moved(confidence=sure, sessions=some, old_start=start),
        Moved(confidence=sure, sessions=some, asked=True),
        Cancelled(confidence=sure, uid=uid, sequence=1, start=start),
        Missed(confidence=sure),
        Declined(confidence=sure, uid=uid),
        Rejected(confidence=sure),
        Acknowledged(confidence=sure),
        Promised(confidence=sure, promise=Promise(by=None, text="soon")),
    ]
    return draw(st.sampled_from(choices))


@st.composite
def mailboxes(draw: st.DrawFn) -> list[Facts]:
    count = draw(st.integers(1, 8))
    found = []
    for number in range(count):
        at = DAY - days(3) + hours(draw(st.integers(0, 120)))
        said = tuple(draw(st.lists(statements(), max_size=2)))
        found.append(
            mail(
                number,
                at,
                *said,
                sender=draw(st.sampled_from([DANA, HUGO, "pat@gmail.com", "no-reply@us.greenhouse-mail.io"])),
                answers=draw(st.sampled_from([None, *range(count)])),
                company=draw(st.sampled_from([None, "Northwind", "Northwind Freight Ltd", "Contoso"])),
                role=draw(st.sampled_from([None, "Data Engineer", "Product Manager"])),
                direction=draw(st.sampled_from([Direction.INBOUND, Direction.INBOUND, Direction.OWN])),
                to=(Address(address=draw(st.sampled_from([ME, DANA, HUGO]))),),
                trust=draw(st.sampled_from([Trust.UNKNOWN, Trust.AUTHENTICATED, Trust.FAILED])),
            )
        )
    return found


@given(mailboxes(), st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_the_order_in_which_facts_are_given_does_not_matter(facts: list[Facts], random: Random) -> None:
    shuffled = [*facts]
    random.shuffle(shuffled)
    assert fold(shuffled) == fold(facts)


@given(mailboxes())
@settings(max_examples=100, deadline=None)
def test_facts_given_twice_change_nothing(facts: list[Facts]) -> None:
    copies = [replace(fact, received_at=fact.received_at + days(30)) for fact in facts]
    assert fold([*facts, *copies, *facts]) == fold(facts)


@given(mailboxes())
@settings(max_examples=150, deadline=None)
def test_no_time_is_lost_without_a_reason_as_mail_arrives(facts: list[Facts]) -> None:
    """Every time that some message fixed is still there after the next; one that no longer stands says why."""
    ordered = sorted(facts, key=lambda fact: (fact.received_at, fact.key))
    standing: set[tuple[str, str]] = set()
    for count in range(1, len(ordered) + 1):
        lines = fold(ordered[:count])
        times = [time for line in lines for found in line.interviews for time in found.times]
        assert all((time.ended is None) == (time.ended_by is None) for time in times)
        now = {(time.fixed_by, str(time.ended)) for time in times}
        fixed_by = {name for name, _ in now}
        assert {name for name, _ in standing} <= fixed_by
        standing = now


@given(mailboxes())
@settings(max_examples=100, deadline=None)
def test_an_interview_has_one_standing_time_at_most_and_it_is_the_last(facts: list[Facts]) -> None:
    for line in fold(facts):
        ids = [found.id for found in line.interviews]
        assert len(set(ids)) == len(ids)
        for found in line.interviews:
            assert all(time.ended is not None for time in found.times[:-1])


@given(mailboxes())
@settings(max_examples=100, deadline=None)
def test_a_message_is_in_one_application_at_most(facts: list[Facts]) -> None:
    keys = [fact.key for line in fold(facts) for fact in line.facts]
    assert len(set(keys)) == len(keys)


def test_instants_at_the_edge_of_the_calendar_are_survived() -> None:
    edge = datetime.max.replace(tzinfo=UTC)
    dawn = datetime.min.replace(tzinfo=UTC)
    lines = fold(
        (
            mail(1, DAY, scheduled(session(edge, minutes=None), session(dawn, minutes=None))),
            mail(2, DAY + hours(1), moved(session(edge, minutes=None), old=dawn), cancelled(), Missed(confidence=1)),
        )
    )
    assert lines


def test_a_promise_that_speaks_of_no_application_opens_none() -> None:
    """Friends and plumbers promise, too."""
    assert fold((mail(1, DAY, replace(PROMISE, confidence=0.7), sender="ann@family.example", company=None),)) == ()


def test_an_application_vouches_for_the_promise_of_its_people() -> None:
    vague = replace(PROMISE, confidence=0.7)
    line = only(fold((mail(1, DAY - days(3), scheduled(session(DAY))), mail(2, DAY, vague, company=None))))
    (promised,) = [said for fact in line.facts for said in fact.statements if isinstance(said, Promised)]
    assert promised.confidence >= 0.8
