"""The rules of the follow-up policy in stories that few people live through, and the wishes that few people have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from composer.acts import Drafted, Gone
from composer.plan import plan
from composer.policy import (
    Audience,
    CheckInPolicy,
    Override,
    QuietPeriod,
    StaleHandling,
    ThankYouPolicy,
    Vacation,
)
from parsers.model import Direction, Facts, Offered, Rejected, Scheduled, Session
from parsers.timeline import fold
from tests.composer.stories import (
    DANA,
    HUGO,
    NEW_YORK,
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

MIA = "mia@northwind.example"
TWO_POSTS = ("Data Engineer", "Analyst")
CANCELLED = mail("01-12 10:00", "cancellation")


def reviews(play: Callable[..., Any], *timeline: Event, now: str) -> list[str]:
    """Give what is on the review list at an instant of a story."""
    instant = datetime.fromisoformat(at(now))
    return [review.reason for review in play(scenario(*timeline, until=now)).agenda(instant).review]


def unsigned(number: int, received: str, *said: Any) -> Facts:
    """Make a message whose sender nothing tells."""
    return Facts(
        key=f"m-{number}@northwind.example",
        message_id=f"m-{number}@northwind.example",
        references=(f"m-{number - 1}@northwind.example",) if number else (),
        account="personal",
        direction=Direction.INBOUND,
        received_at=datetime.fromisoformat(at(received)),
        company="Northwind",
        role="Data Engineer",
        statements=said,
    )


def scheduled(start: str) -> Scheduled:
    begins = datetime.fromisoformat(at(start)).astimezone(NEW_YORK)
    session = Session(start=begins, end=begins + timedelta(hours=1), timezone="America/New_York")
    return Scheduled(confidence=0.97, sessions=(session,))


# ----------------------------------------------------------------------------------------------------- thank-yous


def test_no_thank_you_is_written_where_none_is_wished(tell: Tell) -> None:
    wish = replace(POLICY, thank_you=ThankYouPolicy(enabled=False))

    assert tell(USUAL, policy=wish, until="01-21 12:00") == ["01-21 09:00 create check_in_1 C1 dana"]


def test_only_the_recruiter_is_thanked_where_that_is_wished_and_told_whom_the_user_met(
    tell: Tell, play: Callable[..., Any]
) -> None:
    wish = replace(POLICY, thank_you=ThankYouPolicy(audience=Audience.RECRUITER_ONLY))
    panel = confirmed("01-11 10:00", "01-13 10:00", "01-13 11:00", who=(HUGO, DANA))

    assert tell(panel, until="01-14 12:00", policy=wish) == ["01-13 13:00 create thank_you T1 dana"]
    (made,) = [told for told in play(scenario(panel, until="01-14 12:00"), wish).told if told.action == "create"]
    assert made.followup.mentions == ("Hugo Marsh",)


def test_a_recruiters_screen_is_not_thanked_for_where_that_is_not_wished(tell: Tell) -> None:
    wish = replace(POLICY, thank_you=ThankYouPolicy(recruiter_screen=False))

    assert tell(USUAL, policy=wish, until="01-14 12:00") == []


def test_a_thank_you_for_a_time_that_fell_through_is_not_told_of_a_robot(tell: Tell) -> None:
    by_robot = confirmed("01-11 10:00", "01-13 10:00", "01-13 11:00", sender=ROBOT, who=())

    assert tell(by_robot, mail("01-13 11:30", "missed", ROBOT), only="create suppress") == []


def test_nobody_is_thanked_for_a_recorded_interview_that_has_a_time() -> None:
    received = datetime.fromisoformat(at("01-11 10:00"))
    message = unsigned(0, "01-11 10:00", scheduled("01-13 10:00"))
    (timeline,) = fold([message])
    (interview,) = timeline.interviews
    recorded = replace(timeline, interviews=(replace(interview, talk=False),))

    (held,) = plan([recorded], (), POLICY, received).suppressed
    assert (held.kind, held.rule, held.at) == ("thank_you", "S14", datetime.fromisoformat(at("01-13 13:00")))


def test_a_thank_you_for_a_visit_stays_while_another_visit_is_cancelled(tell: Tell) -> None:
    lines = tell(
        USUAL,
        invite("01-12 10:00", "REQUEST", "u2", "01-14 16:00", "01-14 17:00")
        | {"interview": {"id": "int-2", "start": at("01-14 16:00"), "end": at("01-14 17:00"), "interviewers": [HUGO]}},
        invite("01-13 15:00", "CANCEL", "u2", "01-14 16:00", "01-14 17:00", sequence=1),
        until="01-14 12:00",
    )

    assert lines == ["01-13 13:00 create thank_you T1 dana", "01-13 16:00 create reschedule_offer R1 dana"]


def test_a_snoozed_thank_you_comes_when_the_person_wanted_it(tell: Tell) -> None:
    snoozed = {"at": at("01-13 12:00"), "event": "snoozed", "target": "company:Northwind", "until": at("01-14 06:00")}

    assert tell(USUAL, snoozed, until="01-14 12:00") == ["01-14 08:00 create thank_you S18 dana"]


def test_a_thank_you_that_was_drafted_under_another_id_of_its_interview_is_not_made_again(
    play: Callable[..., Any],
) -> None:
    # One invitation, counted to two processes of two mailboxes that were folded apart.
    walk = play(scenario(USUAL, until="01-13 13:00"))
    (drafted,) = walk.acts
    (timeline,) = fold(walk.messages.written)
    facts = tuple(replace(fact, key=f"other-{fact.key}") for fact in timeline.facts)
    other = replace(timeline, id="another", role="Analyst", facts=facts)

    assert plan([other], (), POLICY, drafted.at).due[0].id == drafted.followup.id
    assert plan([timeline, other], (drafted,), POLICY, drafted.at).due == ()


def test_a_draft_of_another_mailbox_stands_for_nothing_here(play: Callable[..., Any]) -> None:
    walk = play(scenario(USUAL, until="01-13 13:00"))
    (drafted,) = walk.acts
    elsewhere = Drafted(at=drafted.at, followup=replace(drafted.followup, id="of-the-other", account="work"))

    assert [one.rule for one in plan(fold(walk.messages.written), (elsewhere,), POLICY, drafted.at).due] == ["T1"]


# --------------------------------------------------------------------------------------------------------- nudges


def test_an_end_in_silence_stays_told_when_they_write_much_later(tell: Tell) -> None:
    asked = (draft("sent", "01-21 10:00", "check_in_1"), draft("sent", "01-28 10:00", "check_in_final"))
    lines = tell(USUAL, THANKED, *asked, mail("03-01 10:00", "other"), only="close")

    assert lines == ["02-11 09:00 close silent C4"]


def test_a_nudge_that_nobody_could_have_got_is_not_told_when_a_new_interview_displaces_it() -> None:
    story = [unsigned(0, "01-11 10:00", scheduled("01-13 10:00")), unsigned(1, "01-14 10:00", scheduled("01-19 10:00"))]
    said = plan(fold(story), (), POLICY, datetime.fromisoformat(at("01-20 10:00")))

    assert [(held.rule, held.to) for held in said.suppressed if held.kind == "check_in_1"] == [("S17", None)]


def test_permission_to_write_without_a_day_is_no_promise(tell: Tell) -> None:
    lines = tell(USUAL, THANKED, promised("01-14 10:00", None, permission=True), until="01-22 12:00")

    assert lines[1:] == ["01-22 09:00 create check_in_1 C9 dana"]


def test_a_promise_that_names_no_day_goes_to_the_review_list(tell: Tell, play: Callable[..., Any]) -> None:
    story = (USUAL, THANKED, promised("01-14 10:00", None))

    assert tell(*story)[1:] == []
    assert reviews(play, *story, now="01-15 10:00") == ["when they will answer could not be told from the words"]


def test_a_promised_day_that_was_past_when_it_was_named_goes_to_the_review_list(
    tell: Tell, play: Callable[..., Any]
) -> None:
    story = (USUAL, THANKED, promised("01-14 10:00", "01-12"))

    assert tell(*story)[1:] == []
    assert reviews(play, *story, now="01-15 10:00") == ["the promised day, 2027-01-12, is past already"]


def test_an_answer_is_written_to_the_address_that_a_relay_gives_for_it(play: Callable[..., Any]) -> None:
    relayed = mail("01-15 16:00", "rejection", "updates@jobs.example", reply_to=MIA, auto_submitted="x")
    told = play(scenario(USUAL, THANKED, relayed, until="01-20 12:00")).told

    assert [one.to for one in told if one.kind == "rejection_reply"] == [MIA]


def test_a_relay_that_only_acknowledged_an_application_is_no_person_to_ask(tell: Tell) -> None:
    wish = replace(POLICY, check_in=CheckInPolicy(application=True))
    applied = mail("01-11 11:00", "application_received", "updates@jobs.example", auto_submitted="x")

    assert tell(applied, policy=wish, only="create suppress") == ["01-26 09:00 suppress check_in_1 S17"]


def test_a_quiet_period_of_a_whole_year_puts_asking_off_for_good(tell: Tell) -> None:
    never = replace(POLICY, quiet_periods=(QuietPeriod(start=(1, 1), end=(12, 31)),))

    assert tell(USUAL, THANKED, policy=never)[1:] == []


def test_a_nudge_waits_until_the_interview_of_another_process_is_over(tell: Tell) -> None:
    other = confirmed("01-11 11:00", "01-21 08:30", "01-21 10:00", name="int-2", process="Q", who=(HUGO,), sender=HUGO)

    assert tell(USUAL, THANKED, other, until="01-21 11:00", posts=TWO_POSTS)[1:] == [
        "01-21 10:15 create check_in_1 S24 dana"
    ]


def test_a_visit_that_was_fixed_before_a_promise_settles_it_if_it_comes_after_the_day(tell: Tell) -> None:
    lines = tell(USUAL, promised("01-11 12:00", "01-12"), THANKED, until="01-21 12:00")

    assert lines[1:] == ["01-21 09:00 create check_in_1 C1 dana"]


def test_a_new_step_lifts_a_silence_that_means_no_but_nobody_is_asked_before_that_day(tell: Tell) -> None:
    no = promised("01-14 10:00", "01-29", passive_rejection=True)
    second = confirmed("01-15 10:00", "01-19 10:00", "01-19 11:00", name="int-2")
    lines = tell(USUAL, THANKED, no, second, until="02-02 12:00", only="create close")

    assert lines[1:] == ["01-19 13:00 create thank_you T1 dana", "02-02 09:00 create check_in_1 C0 dana"]


def test_what_follows_a_letter_for_two_posts_counts_for_its_own_post_alone(tell: Tell) -> None:
    other = confirmed("01-11 10:30", "01-14 10:00", "01-14 11:00", name="int-2", process="Q")
    both = (USUAL, THANKED, other, draft("sent", "01-22 10:00", "check_in_1", process="Q"))
    first = promised("01-25 10:00", "02-12", process="P")
    asked = draft("sent", "01-29 10:00", "check_in_final", process="Q")
    lines = tell(*both, first, asked, until="02-17 12:00", posts=TWO_POSTS)

    assert [entry for entry in lines if "create check_in" in entry] == [
        "01-22 09:00 create check_in_1 C7 dana",
        "01-29 09:00 create check_in_final C2 dana",
        "02-17 09:00 create check_in_final C0 dana",
    ]


def test_a_second_post_waits_while_a_stale_nudge_is_kept(tell: Tell) -> None:
    kept = replace(POLICY, stale=StaleHandling.KEEP, check_in=CheckInPolicy(no_promise=3, same_recipient_merge=0))
    other = confirmed("01-21 12:00", "01-21 15:00", "01-21 16:00", name="int-2", process="Q", who=(HUGO,))
    deleted = draft("deleted", "02-03 15:00", "check_in_1")
    lines = tell(USUAL, THANKED, other, deleted, policy=kept, posts=TWO_POSTS, until="02-26 12:00")

    assert [entry for entry in lines if "check_in" in entry] == [
        "01-19 09:00 create check_in_1 C1 dana",
        "02-04 09:00 create check_in_1 S8 dana",
    ]


def test_who_has_left_the_employer_is_not_written_to_again(tell: Tell) -> None:
    left = mail("01-14 10:00", "out_of_office", left=True)

    assert tell(USUAL, THANKED, left, only="create suppress")[1:] == ["01-21 09:00 suppress check_in_1 S21 dana"]


def test_an_act_on_a_draft_that_nobody_made_is_passed_over(play: Callable[..., Any]) -> None:
    walk = play(scenario(USUAL, until="01-12 12:00"))
    gone = Gone(at=datetime.fromisoformat(at("01-12 13:00")), followup_id="unknown")
    noon = datetime.fromisoformat(at("01-13 13:00"))

    assert plan(fold(walk.messages.written), (gone,), POLICY, noon) == walk.agenda(noon)


def test_a_visit_that_was_fixed_before_a_hold_lifts_it(tell: Tell) -> None:
    lines = tell(USUAL, mail("01-12 10:00", "on_hold"), THANKED, until="01-21 12:00")

    assert lines == ["01-13 13:00 create thank_you T1 dana", "01-21 09:00 create check_in_1 C1 dana"]


def test_a_robots_question_for_times_makes_it_the_users_turn(tell: Tell) -> None:
    asked = mail("01-14 10:00", "scheduling_request", ROBOT)

    assert tell(USUAL, THANKED, asked, only="create suppress")[1:] == ["01-21 09:00 suppress check_in_1 S2 dana"]


def test_a_day_by_which_a_test_is_due_is_no_promise(tell: Tell) -> None:
    task = mail("01-14 10:00", "assessment", due=at("01-22 17:00"), promise={"resolved": "2027-01-22"})

    assert tell(USUAL, THANKED, task)[1:] == []


def test_a_robots_silence_that_means_no_closes_an_application(tell: Tell) -> None:
    applied = mail("01-11 11:00", "application_received", ROBOT)
    no = promised("01-11 11:05", "01-22", ROBOT, passive_rejection=True)

    assert tell(applied, no, only="create close") == ["01-25 09:00 close passive_rejection S6"]


def test_a_cap_for_one_company_counts_the_nudges_of_all_its_posts(tell: Tell) -> None:
    capped = replace(POLICY, max_nudges_per_company=1)
    other = confirmed("01-25 10:30", "01-28 10:00", "01-28 11:00", name="int-2", process="Q", who=(HUGO,))
    sent = draft("sent", "01-21 10:00", "check_in_1")
    lines = tell(USUAL, THANKED, other, sent, policy=capped, posts=TWO_POSTS, only="create suppress")

    assert [entry for entry in lines if "check_in" in entry] == [
        "01-21 09:00 create check_in_1 C1 dana",
        "01-28 09:00 suppress check_in_final S7 dana",
        "02-04 09:00 suppress check_in_1 S7 dana",
    ]


def test_a_wish_for_one_company_leaves_the_others_alone(tell: Tell) -> None:
    wish = replace(
        POLICY, overrides=(Override(company="Southwind", mute=True), Override(company="Northwind", role="X"))
    )

    assert tell(USUAL, until="01-14 12:00", policy=wish) == ["01-13 13:00 create thank_you T1 dana"]


@pytest.mark.parametrize(("limit", "rule"), [(0, "suppress check_in_1 S7"), (1, "create check_in_1 C1")])
def test_a_company_may_have_a_limit_of_its_own(limit: int, rule: str, tell: Tell) -> None:
    wish = replace(POLICY, overrides=(Override(company="Northwind", max_nudges=limit),))

    assert tell(USUAL, THANKED, until="01-21 12:00", policy=wish, only="create suppress")[1:] == [
        f"01-21 09:00 {rule} dana"
    ]


def test_the_limit_of_a_company_never_lifts_that_of_all(tell: Tell) -> None:
    lifted = replace(
        POLICY,
        check_in=CheckInPolicy(max_nudges_per_process=1),
        overrides=(Override(company="Northwind", max_nudges=5),),
    )
    lines = tell(USUAL, THANKED, draft("sent", "01-21 10:00", "check_in_1"), policy=lifted, only="create suppress")

    assert lines[1:] == ["01-21 09:00 create check_in_1 C1 dana", "01-28 09:00 suppress check_in_final S7 dana"]


@pytest.mark.parametrize(
    ("what", "rule"),
    [
        (mail("01-22 10:00", "rejection"), "S1"),
        (own("01-22 10:00"), "S5"),
        (mail("01-22 10:00", "out_of_office", returns="2027-01-29"), "S9"),
        (confirmed("01-22 10:00", "01-26 10:00", "01-26 11:00", name="int-2", sender=ROBOT), "S2"),
    ],
)
def test_an_untouched_nudge_is_taken_back_when_it_has_become_wrong(what: Event, rule: str, tell: Tell) -> None:
    lines = tell(USUAL, THANKED, what, until="01-22 12:00", only="create withdraw")

    assert lines[1:] == ["01-21 09:00 create check_in_1 C1 dana", f"01-22 10:00 withdraw check_in_1 {rule} dana"]


# -------------------------------------------------------------------------------------------------- other letters


def test_a_rejection_in_the_users_morning_is_answered_on_the_recipients_next_business_day(tell: Tell) -> None:
    # Thursday 19:30 in New York is Friday 09:30 in Tokyo: 09:00 of the recipient's next day is over already.
    tokyo = replace(POLICY, timezone="Asia/Tokyo")

    assert tell(USUAL, mail("01-14 19:30", "rejection"), until="01-20 12:00", policy=tokyo, only="create")[1:] == [
        "01-19 09:00 create rejection_reply X1 dana"
    ]


def test_two_cancellations_by_one_person_get_one_answer(tell: Tell) -> None:
    second = confirmed("01-11 11:00", "01-15 10:00", "01-15 11:00", name="int-2", who=(HUGO,))
    lines = tell(
        USUAL,
        second,
        mail("01-12 10:00", "cancellation", interview={"start": at("01-13 10:00")}),
        mail("01-12 10:10", "cancellation", interview={"start": at("01-15 10:00")}),
        until="01-13 08:00",
    )

    assert lines == ["01-12 11:00 create reschedule_offer R1 dana"]


def test_a_mail_about_the_job_that_was_not_understood_is_on_the_review_list() -> None:
    talked, answer = unsigned(0, "01-11 10:00", scheduled("01-13 10:00")), unsigned(1, "01-14 10:00")
    now = datetime.fromisoformat(at("01-14 12:00"))

    def named(message: Facts) -> set[str]:
        return {
            one.reason for one in plan(fold([talked, message]), (), POLICY, now).review if one.message == answer.key
        }

    assert named(replace(answer, unclear=True)) == {"a person wrote about the job, and it was not understood"}
    assert named(answer) == set()


@pytest.mark.parametrize("news", [Rejected, Offered])
def test_news_from_nobody_is_not_answered(news: type[Rejected | Offered]) -> None:
    story = [unsigned(0, "01-11 10:00", scheduled("01-13 10:00")), unsigned(1, "01-14 10:00", news(confidence=0.97))]
    said = plan(fold(story), (), POLICY, datetime.fromisoformat(at("01-14 12:00")))

    assert {one.kind for one in (*said.due, *said.planned)} == set()


def test_a_rejection_at_an_address_that_takes_no_answer_is_not_answered(tell: Tell) -> None:
    unread = mail("01-15 16:00", "rejection", answerable=False)

    assert tell(USUAL, THANKED, unread, until="01-20 12:00", only="create suppress")[1:] == [
        "01-19 09:00 suppress rejection_reply S16 dana"
    ]


def test_an_offer_that_is_made_twice_in_an_evening_is_acknowledged_once(tell: Tell) -> None:
    twice = (mail("01-15 19:30", "offer"), mail("01-15 19:40", "offer", HUGO))

    assert tell(USUAL, THANKED, *twice, only="create")[1:] == ["01-16 08:00 create offer_ack O1 dana"]


def test_an_offer_in_a_vacation_is_acknowledged_after_it(tell: Tell) -> None:
    away = replace(POLICY, vacations=(Vacation(start=date(2027, 1, 15), end=date(2027, 1, 31)),))

    assert tell(USUAL, THANKED, mail("01-15 12:00", "offer"), policy=away, only="create withdraw")[1:] == [
        "02-01 08:00 create offer_ack S18 dana",
        "02-03 20:00 withdraw offer_ack S18 dana",
    ]
