"""What an agenda says at an instant, and what it leaves out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from composer.acts import Drafted, Gone, Sent
from composer.agenda import Agenda, FollowUp, FollowUpKind
from composer.plan import plan
from composer.policy import CheckInPolicy, StaleHandling
from parsers.model import Address
from parsers.timeline import fold
from tests.composer.stories import (
    DANA,
    HUGO,
    NEW_YORK,
    POLICY,
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
    scenario,
)


def clock(local: str) -> datetime:
    return datetime.fromisoformat(at(local))


def agenda(play: Callable[..., Any], *timeline: Event, now: str, policy: Any = POLICY, **more: Any) -> Agenda:
    """Give what is said at an instant of a story, before anything is done about it."""
    last = (clock(now) - timedelta(minutes=1)).astimezone(NEW_YORK)
    walk = play(scenario(*timeline, until=f"{last:%m-%d %H:%M}", policy=policy, **more), policy)
    answer: Agenda = walk.agenda(clock(now))
    return answer


def rules(said: Iterable[Any]) -> list[str]:
    return [f"{one.kind} {one.rule}" for one in said]


def test_what_is_due_now_is_not_planned_as_well(play: Callable[..., Any]) -> None:
    said = agenda(play, USUAL, THANKED, now="01-21 09:00")

    assert (rules(said.due), rules(said.planned)) == (["check_in_1 C1"], [])


def test_what_is_due_a_minute_later_is_planned_and_awaited(play: Callable[..., Any]) -> None:
    said = agenda(play, USUAL, THANKED, now="01-21 08:59")

    assert (rules(said.due), rules(said.planned)) == ([], ["check_in_1 C1"])
    assert said.next_at == clock("01-21 09:00")


def test_what_a_withdrawal_makes_room_for_is_planned_at_once(play: Callable[..., Any]) -> None:
    # The check-in of the second post waits for the first one's draft, which their mail takes back on the 25th.
    soon = replace(POLICY, check_in=CheckInPolicy(no_promise=3, same_recipient_merge=0))
    second = confirmed("01-21 12:00", "01-21 15:00", "01-21 16:00", name="int-2", process="Q", who=(HUGO,))
    wrote = mail("01-25 10:00", "other", process="P")
    walk = play(
        scenario(USUAL, THANKED, second, until="01-25 09:59", policy=soon, posts=("Data Engineer", "Analyst")), soon
    )
    assert "check_in_1 S8" in rules(walk.agenda(clock("01-25 09:59")).planned)

    walk.messages.arrived(wrote)
    said = walk.agenda(clock("01-25 10:00"))

    assert [one.rule for one in said.withdrawals] == ["S2"]
    assert [(one.rule, one.due) for one in said.planned][:1] == [("C1", clock("01-26 09:00"))]


def test_what_was_taken_back_for_a_time_is_planned_anew_at_once(play: Callable[..., Any]) -> None:
    walk = play(scenario(USUAL, THANKED, until="01-21 11:59"))
    walk.messages.arrived(own("01-21 12:00"))
    said = walk.agenda(clock("01-21 12:00"))

    assert [one.rule for one in said.withdrawals] == ["S5"]
    assert [(one.rule, one.due) for one in said.planned] == [("S5", clock("01-26 09:00"))]


def test_what_was_held_back_is_told_for_ninety_days_over_a_clock_change(play: Callable[..., Any]) -> None:
    # 13 January 13:00 in New York and ninety days: 13 April 14:00, as the clocks went forward on 14 March.
    missed = (USUAL, mail("01-13 11:30", "missed"))
    last = clock("01-13 13:00").astimezone(UTC) + timedelta(days=90)
    walk = play(scenario(*missed, until="01-12 12:00"))
    walk.messages.arrived(missed[1])
    timelines = fold(walk.messages.written)

    def told(now: datetime) -> list[str]:
        return [rule for rule in rules(plan(timelines, (), POLICY, now).suppressed) if "thank_you" in rule]

    for zone in (UTC, NEW_YORK):
        assert told(last.astimezone(zone)) == ["thank_you S11"]
        assert told((last + timedelta(seconds=1)).astimezone(zone)) == []


def test_a_draft_that_was_missed_for_a_while_and_then_sent_was_not_deleted() -> None:
    sent_after_all = (Gone(at=clock("01-13 13:30"), followup_id="f"), Sent(at=clock("01-13 13:31"), followup_id="f"))
    drafted = Drafted(at=clock("01-13 13:00"), followup=_letter())

    assert rules(plan((), (drafted, sent_after_all[0]), POLICY, clock("01-13 15:00")).suppressed) == ["thank_you S10"]
    assert plan((), (drafted, *sent_after_all), POLICY, clock("01-13 15:00")).suppressed == ()


def _letter(**more: Any) -> FollowUp:
    letter = FollowUp(
        id="f",
        kind=FollowUpKind.THANK_YOU,
        rule="T1",
        reason="an interview",
        account="personal",
        application="a",
        company="Northwind",
        role="Data Engineer",
        to=Address(address=DANA),
        due=clock("01-13 13:00"),
        stale_at=clock("01-15 20:00"),
    )
    return replace(letter, **more)


def test_of_an_interview_that_is_not_certain_nothing_of_the_past_is_told(play: Callable[..., Any]) -> None:
    walk = play(scenario(USUAL, mail("01-13 11:30", "missed"), until="01-13 12:00"))
    doubtful = [replace(timeline, uncertain="one mail only") for timeline in fold(walk.messages.written)]

    assert plan(doubtful, (), POLICY, clock("01-13 14:00")).suppressed == ()


def test_the_withdrawal_alone_tells_of_a_thank_you_that_was_drafted_for_a_missed_interview(tell: Tell) -> None:
    lines = tell(USUAL, mail("01-13 14:30", "missed"), until="01-14 12:00", only="create suppress withdraw")

    assert lines == ["01-13 13:00 create thank_you T1 dana", "01-13 14:30 withdraw thank_you S11 dana"]


def test_a_letter_of_another_kind_to_the_same_person_hides_no_thank_you_that_fell_through(tell: Tell) -> None:
    cancelled = invite("01-12 10:00", "CANCEL", "u1", "01-13 10:00", "01-13 11:00", sequence=1)
    lines = tell(
        invite("01-11 10:00", "REQUEST", "u1", "01-13 10:00", "01-13 11:00"),
        cancelled,
        until="01-14 12:00",
        only="create suppress",
    )

    assert lines == ["01-12 11:00 create reschedule_offer R1 dana", "01-13 13:00 suppress thank_you S11 dana"]


def test_a_reason_that_was_given_is_not_replaced_by_a_later_one(tell: Tell) -> None:
    lines = tell(
        USUAL, mail("01-13 11:30", "missed"), mail("01-14 10:00", "rejection"), until="01-15 12:00", only="suppress"
    )

    assert lines == ["01-13 13:00 suppress thank_you S11 dana"]


def test_a_thank_you_that_the_end_came_before_says_so(tell: Tell) -> None:
    lines = tell(
        USUAL, mail("01-12 11:30", "rejection"), mail("01-13 11:30", "missed"), until="01-15 12:00", only="suppress"
    )

    assert lines == ["01-13 13:00 suppress thank_you S1 dana"]


def test_whoever_has_no_address_is_on_the_review_list_by_name(play: Callable[..., Any]) -> None:
    unknown = confirmed("01-11 10:00", "01-13 10:00", "01-13 11:00", who=({"name": "Tom Smith", "address": None},))
    said = agenda(play, unknown, now="01-14 12:00")

    assert rules(said.suppressed) == ["thank_you S17"]
    assert [review.reason for review in said.review] == ["thank you to Tom Smith: no known address; never guessed"]


def test_the_hour_of_a_nudge_that_was_postponed_is_awaited_and_told(play: Callable[..., Any]) -> None:
    said = agenda(play, USUAL, THANKED, own("01-19 10:00"), now="01-20 12:00")

    assert rules(said.planned) == ["check_in_1 S5"]
    assert said.next_at == clock("01-21 09:00")


def test_the_hour_at_which_an_untouched_draft_is_stale_is_awaited(play: Callable[..., Any]) -> None:
    assert agenda(play, USUAL, now="01-14 12:00").next_at == clock("01-15 20:00")


def test_nothing_is_awaited_of_a_draft_that_is_not_taken_back(play: Callable[..., Any]) -> None:
    edited = (USUAL, draft("edited", "01-13 14:00", "thank_you"))
    check_in = clock("01-21 09:00")

    assert agenda(play, USUAL, now="01-14 12:00", policy=replace(POLICY, stale=StaleHandling.KEEP)).next_at == check_in
    assert agenda(play, *edited, now="01-14 12:00").next_at == check_in


def test_an_edited_draft_that_became_wrong_is_left_and_named_on_the_review_list(play: Callable[..., Any]) -> None:
    edited = (USUAL, draft("edited", "01-13 14:00", "thank_you"))
    rejected = mail("01-13 15:00", "rejection")

    def reviewed(*timeline: Event) -> list[str]:
        return [review.reason for review in agenda(play, *timeline, now="01-13 16:00").review]

    assert reviewed(*edited) == []
    assert reviewed(USUAL, rejected) == []
    assert reviewed(*edited, rejected) == [
        (
            "the employer turned the application down (S1), "
            "and the thank_you to dana@northwind.example that you edited waits"
        )
    ]
