"""What meets: two letters to one person, two posts at one recruiter, a letter and the user's own calendar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from composer.acts import Approved, Place, Placed
from composer.agenda import Wording
from composer.plan import plan
from composer.policy import CheckInPolicy, StaleHandling
from parsers.model import Attendee, EventStatus, Invite
from parsers.timeline import fold
from tests.composer.stories import (
    DANA,
    HUGO,
    POLICY,
    ROBOT,
    THANKED,
    USUAL,
    Event,
    Tell,
    at,
    confirmed,
    draft,
    invite,
    mail,
    own,
    promised,
    scenario,
)

TWO_POSTS = ("Data Engineer", "Analyst")
KEPT = replace(POLICY, stale=StaleHandling.KEEP)
FIRST = confirmed("01-04 10:00", "01-05 10:00", "01-05 11:00", name="int-0")
MISSED = mail("01-19 12:00", "missed")
SOON = CheckInPolicy(no_promise=3, same_recipient_merge=0)
OTHER = confirmed("01-21 12:00", "01-21 15:00", "01-21 16:00", name="int-2", process="Q", who=(HUGO,))
EDITED = draft("edited", "01-19 15:00", "check_in_1")


def check_ins(lines: list[str]) -> list[str]:
    return [entry for entry in lines if "check_in" in entry]


# ------------------------------------------------------------------------------------------- one process, two nudges


def test_a_nudge_for_a_visit_that_did_not_take_place_goes_when_they_write(tell: Tell) -> None:
    lines = tell(FIRST, USUAL, THANKED, MISSED, policy=replace(KEPT, check_in=SOON), until="02-01 12:00")

    assert check_ins(lines)[-3:] == [
        "01-19 09:00 create check_in_1 C1 dana",
        "01-19 12:00 withdraw check_in_1 S2 dana",
        "01-26 09:00 create check_in_1 C9 dana",
    ]


def test_so_it_does_when_a_program_says_that_nobody_came(tell: Tell) -> None:
    missed = mail("01-19 12:00", "missed", ROBOT)
    lines = tell(USUAL, THANKED, missed, policy=replace(KEPT, check_in=SOON), until="02-02 12:00")

    assert check_ins(lines) == ["01-19 09:00 create check_in_1 C1 dana", "01-19 12:00 withdraw check_in_1 S11 dana"]


def test_so_it_does_when_something_else_counts_since(tell: Tell) -> None:
    missed, handed_in = mail("01-19 12:00", "missed", ROBOT), own("01-19 13:00", cls="assessment")
    asleep: Event = {"at": at("01-19 14:00"), "since": at("01-19 11:00"), "event": "asleep"}
    policy = replace(KEPT, check_in=SOON)
    lines = tell(USUAL, THANKED, missed, handed_in, asleep, policy=policy, until="01-27 12:00")

    assert check_ins(lines) == [
        "01-19 09:00 create check_in_1 C1 dana",
        "01-19 14:00 withdraw check_in_1 S2 dana",
        "01-26 09:00 create check_in_1 A1 dana",
    ]


def test_a_promise_takes_it_back_by_its_own_rule(tell: Tell) -> None:
    lines = tell(USUAL, THANKED, promised("01-22 10:00", "01-29"), until="02-02 12:00")

    assert check_ins(lines)[1:] == ["01-22 10:00 withdraw check_in_1 S4 dana", "02-02 09:00 create check_in_1 C0 dana"]


def test_beside_an_edited_nudge_for_a_visit_that_did_not_take_place_there_is_no_second_one(tell: Tell) -> None:
    edited = draft("edited", "01-19 11:00", "check_in_1")
    policy = replace(POLICY, check_in=SOON)
    lines = tell(FIRST, USUAL, THANKED, edited, MISSED, policy=policy, only="create suppress", until="03-10 12:00")

    assert check_ins(lines)[-2:] == [
        "01-19 09:00 create check_in_1 C1 dana",
        "01-26 09:00 suppress check_in_1 S19 dana",
    ]


def test_an_edited_nudge_that_is_to_be_sent_is_called_back_and_stays_the_persons(play: Callable[..., Any]) -> None:
    edited = draft("edited", "01-21 10:00", "check_in_1")
    walk = play(scenario(USUAL, THANKED, edited, until="01-21 10:00"))
    nudge = walk.waiting("check_in_1", DANA)
    approved, wrote = (datetime.fromisoformat(at(when)) for when in ("01-21 11:00", "01-22 10:00"))
    walk.acts.append(Placed(at=approved, followup_id=nudge.id, place=Place.APPROVED, uidvalidity=1, uid=1))
    walk.messages.arrived(mail("01-22 10:00", "other"))
    agenda = walk.agenda(wrote)

    assert [(one.followup, one.rule, one.at) for one in agenda.withdrawals] == [(nudge, "S2", wrote)]
    assert ["that you edited waits" in review.reason for review in agenda.review] == [True]


def test_a_nudge_that_became_wrong_before_it_was_stale_is_taken_back_for_that(tell: Tell) -> None:
    asleep: Event = {"at": at("02-01 10:00"), "since": at("01-21 12:00"), "event": "asleep"}
    lines = tell(USUAL, THANKED, mail("01-22 10:00", "other"), asleep, until="02-02 12:00")

    assert "02-01 10:00 withdraw check_in_1 S2 dana" in lines


def test_a_mail_of_theirs_moves_on_the_question_about_an_application(tell: Tell) -> None:
    wish = replace(POLICY, check_in=CheckInPolicy(application=True))
    applied = mail("01-04 10:00", "application_received")
    lines = tell(applied, mail("01-20 10:00", "other"), policy=wish, until="02-04 12:00")

    assert lines == [
        "01-19 09:00 create check_in_1 P1 dana",
        "01-20 10:00 withdraw check_in_1 S2 dana",
        "02-03 09:00 create check_in_1 P1 dana",
    ]


# ---------------------------------------------------------------------------------------- two processes, one recruiter


@pytest.mark.parametrize("fate", [(), (EDITED,)])
def test_a_second_post_waits_ten_business_days_for_a_nudge_that_does_not_go(
    tell: Tell, fate: tuple[Event, ...]
) -> None:
    policy = replace(POLICY if fate else KEPT, check_in=SOON)
    lines = tell(USUAL, THANKED, OTHER, *fate, policy=policy, posts=TWO_POSTS, only="create suppress postpone")

    assert check_ins(lines) == [
        "01-19 09:00 create check_in_1 C1 dana",
        "01-26 09:00 postpone check_in_1 S8 dana",
        "01-27 09:00 suppress check_in_1 S13 dana",
    ]


def test_it_does_not_wait_for_one_that_was_put_off_until_that_is_stale(play: Callable[..., Any]) -> None:
    policy = replace(POLICY, check_in=SOON)
    story = scenario(USUAL, THANKED, OTHER, policy=policy, posts=TWO_POSTS, until="01-26 12:00")
    (planned,) = play(story, policy).agenda(datetime.fromisoformat(at("01-26 12:00"))).planned

    assert (planned.rule, planned.due) == ("S8", datetime.fromisoformat(at("01-27 09:00")))


@pytest.mark.parametrize(
    ("place", "until", "due"),
    [
        (Place.LATER, "01-25 12:00", "02-01 09:00"),  # five days away: stale on Sunday the 31st
        (Place.APPROVED, None, "01-28 09:00"),  # not stale before it is sent
    ],
)
def test_a_second_post_waits_for_a_nudge_wherever_it_was_moved(
    play: Callable[..., Any], place: Place, until: str | None, due: str
) -> None:
    policy = replace(POLICY, check_in=SOON)
    walk = play(scenario(USUAL, THANKED, OTHER, policy=policy, posts=TWO_POSTS, until="01-22 12:00"), policy)
    nudge = walk.waiting("check_in_1", DANA)
    moved = datetime.fromisoformat(at("01-20 12:00"))
    back = datetime.fromisoformat(at(until)) if until else None
    walk.acts.append(Placed(at=moved, followup_id=nudge.id, place=place, until=back, uidvalidity=1, uid=1))
    agenda = walk.agenda(datetime.fromisoformat(at("01-27 12:00")))

    assert [(one.rule, one.due) for one in agenda.planned] == [("S8", datetime.fromisoformat(at(due)))]
    assert agenda.due == ()


def test_the_plan_is_looked_at_when_a_nudge_that_was_put_off_comes_back(play: Callable[..., Any]) -> None:
    walk = play(scenario(USUAL, THANKED, until="01-21 10:00"))
    moved, back = (datetime.fromisoformat(at(when)) for when in ("01-21 10:00", "01-25 08:00"))
    nudge = walk.waiting("check_in_1", DANA)
    walk.acts.append(Placed(at=moved, followup_id=nudge.id, place=Place.LATER, until=back, uidvalidity=1, uid=1))

    assert walk.agenda(moved).next_at == back


def test_a_second_post_waits_for_a_nudge_that_was_approved(play: Callable[..., Any]) -> None:
    policy = replace(POLICY, check_in=SOON)
    walk = play(scenario(USUAL, THANKED, OTHER, policy=policy, posts=TWO_POSTS, until="01-22 12:00"), policy)
    nudge = walk.waiting("check_in_1", DANA)
    walk.acts.append(Approved(at=datetime.fromisoformat(at("01-20 12:00")), followup_id=nudge.id))
    agenda = walk.agenda(datetime.fromisoformat(at("01-27 12:00")))

    assert [(one.rule, one.due) for one in agenda.planned] == [("S8", datetime.fromisoformat(at("01-28 09:00")))]


def test_an_application_on_the_review_list_gets_no_letter(play: Callable[..., Any]) -> None:
    walk = play(scenario(USUAL, until="01-12 12:00"))
    doubtful = [replace(timeline, uncertain="one mail only") for timeline in fold(walk.messages.written)]
    agenda = plan(doubtful, (), POLICY, datetime.fromisoformat(at("01-13 12:00")))

    assert {(one.kind, one.rule) for one in agenda.suppressed} == {("thank_you", "S15"), ("check_in_1", "S15")}
    assert agenda.planned == ()


def test_an_invitation_to_write_without_a_day_is_no_promise(tell: Tell) -> None:
    welcome = promised("01-14 10:00", None, permission=True)

    assert tell(USUAL, THANKED, welcome, until="01-22 12:00")[1:] == ["01-22 09:00 create check_in_1 C9 dana"]


def test_what_waited_for_the_letter_for_both_posts_is_not_called_overdue(play: Callable[..., Any]) -> None:
    other = confirmed("01-11 10:30", "01-14 10:00", "01-14 11:00", name="int-2", process="Q")
    told = play(scenario(USUAL, other, until="01-23 12:00", posts=TWO_POSTS)).told
    (letter,) = [one.followup for one in told if one.action == "create" and one.rule == "C7"]

    assert letter.role == "Analyst"
    assert letter.reason.startswith("interview on 2027-01-14, no answer since, +5 business days; one letter for")


def test_of_two_nudges_for_the_last_place_of_a_day_always_the_same_one_rolls(play: Callable[..., Any]) -> None:
    other = confirmed("01-11 10:30", "01-13 12:00", "01-13 13:00", HUGO, name="int-2", process="Q", who=(HUGO,))
    now = datetime.fromisoformat(at("01-14 12:00"))
    facts = play(scenario(USUAL, other, posts=TWO_POSTS, until="01-14 12:00")).messages.written
    applications = fold(facts)
    wish = replace(POLICY, max_drafts_per_day=1)
    one, another = (plan(told, (), wish, now).planned for told in (applications, applications[::-1]))

    assert {nudge.rule for nudge in one} == {"C1", "S23"}
    assert one == another


def test_no_gap_after_own_mail_and_other_nudges_moves_nothing_to_a_weekend(tell: Tell) -> None:
    wishes = replace(SOON, min_gap_own_mail=0, same_recipient_gap=0, stale_business_days=10)
    sent = draft("sent", "01-30 10:00", "check_in_1", process="P")  # a Saturday
    lines = tell(USUAL, THANKED, OTHER, EDITED, sent, policy=replace(POLICY, check_in=wishes), posts=TWO_POSTS)

    assert check_ins(lines)[:2] == ["01-19 09:00 create check_in_1 C1 dana", "02-01 09:00 create check_in_1 C8 dana"]


def test_the_second_talk_with_a_recruiter_is_no_screen(play: Callable[..., Any]) -> None:
    second = confirmed("01-18 10:00", "01-20 10:00", "01-20 11:00", name="int-2")
    told = play(scenario(USUAL, THANKED, second, until="01-20 20:00")).told

    wordings = [one.followup.wording for one in told if one.action == "create"]
    assert wordings == [Wording.RECRUITER_SCREEN, Wording.LATER_ROUND]


# --------------------------------------------------------------------------------------------- the user's own calendar


def meeting(method: str | None = "REQUEST", **more: Any) -> Invite:
    start, end = (datetime.fromisoformat(at(f"01-13 {clock}")) for clock in ("12:30", "13:30"))
    return replace(Invite(method=method, uid="own-1@calendar.example", start=start, end=end), **more)


ASKED_TO = own("01-12 10:00", HUGO, calendar=meeting())


@pytest.mark.parametrize(
    "kept",
    [
        (ASKED_TO,),
        (own("01-12 10:00", HUGO, calendar=meeting(None)),),
        (own("01-12 10:00", HUGO, calendar=meeting(uid=None)),),
        (ASKED_TO, mail("01-12 11:00", "other", HUGO, calendar=meeting("REPLY"))),
        (
            own("01-12 10:00", HUGO, calendar=meeting("CANCEL", sequence=1)),
            own("01-12 11:00", HUGO, calendar=meeting(sequence=2)),
        ),
        (own("01-12 10:00", HUGO, calendar=meeting(sequence=1)), own("01-12 11:00", HUGO, calendar=meeting("CANCEL"))),
    ],
)
def test_a_letter_waits_for_the_end_of_what_the_user_called(tell: Tell, kept: tuple[Event, ...]) -> None:
    assert tell(USUAL, *kept, until="01-14 09:00") == ["01-13 13:45 create thank_you S24 dana"]


def test_a_meeting_without_an_end_takes_an_hour(tell: Tell) -> None:
    called = own("01-12 10:00", HUGO, calendar=meeting(end=None))

    assert tell(USUAL, called, until="01-14 09:00") == ["01-13 13:45 create thank_you S24 dana"]


@pytest.mark.parametrize(
    "off",
    [
        own("01-12 11:00", HUGO, calendar=meeting("CANCEL")),
        own("01-12 11:00", HUGO, calendar=meeting(status=EventStatus.CANCELLED)),
        own("01-12 11:00", HUGO, calendar=meeting(transparent=True)),
        own("01-12 11:00", HUGO, calendar=meeting(all_day=True)),
        own("01-12 11:00", HUGO, calendar=meeting(start=None)),
    ],
)
def test_not_for_what_is_off_or_takes_no_hours(tell: Tell, off: Event) -> None:
    assert tell(USUAL, ASKED_TO, off, until="01-14 09:00") == ["01-13 13:00 create thank_you T1 dana"]


@pytest.mark.parametrize(
    ("answer", "expected"), [("ACCEPTED", "13:45 create thank_you S24"), ("DECLINED", "13:00 create thank_you T1")]
)
def test_what_others_called_counts_once_it_is_accepted(tell: Tell, answer: str, expected: str) -> None:
    theirs = mail("01-12 10:00", "other", HUGO, calendar=meeting())
    reply = meeting("REPLY", attendees=(Attendee(address="noor@letters.example", partstat=answer),))
    answered = own("01-12 11:00", HUGO, calendar=reply)

    assert tell(USUAL, theirs, until="01-14 09:00") == ["01-13 13:00 create thank_you T1 dana"]
    assert tell(USUAL, theirs, answered, until="01-14 09:00") == [f"01-13 {expected} dana"]
    assert tell(USUAL, answered, until="01-14 09:00") == [f"01-13 {expected} dana"]


def test_an_interview_that_was_accepted_and_moved_leaves_no_hours_behind(tell: Tell) -> None:
    theirs = invite("01-12 10:00", "REQUEST", "own-1@calendar.example", "01-13 12:30", "01-13 13:30", HUGO, process="Q")
    reply = meeting("REPLY", attendees=(Attendee(address="noor@letters.example", partstat="ACCEPTED"),))
    answered = own("01-12 11:00", HUGO, calendar=reply, process="Q")
    moved = confirmed("01-12 12:00", "01-15 12:30", "01-15 13:30", HUGO, who=(HUGO,), process="Q", name="own-1")
    lines = tell(USUAL, theirs, answered, moved, until="01-14 09:00", posts=TWO_POSTS)

    assert lines == ["01-13 13:00 create thank_you T1 dana"]
