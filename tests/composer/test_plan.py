"""The rules of the follow-up policy, each in a story of its own; a test's comment-free name is the rule it proves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from composer.plan import plan
from composer.policy import (
    Audience,
    CheckInPolicy,
    Override,
    Policy,
    Preset,
    StaleHandling,
    ThankYouPolicy,
    Vacation,
    WeekendRule,
)
from parsers.model import Direction, Facts, Scheduled, Session
from parsers.timeline import fold
from tests.composer.stories import (
    AMY,
    DANA,
    HUGO,
    NEW_YORK,
    POLICY,
    ROBOT,
    THANKED,
    USUAL,
    Tell,
    at,
    confirmed,
    draft,
    invite,
    mail,
    own,
    promised,
)

# ----------------------------------------------------------------------------------------------------- thank-yous


def test_a_friday_evening_interview_is_thanked_for_on_saturday_morning(tell: Tell) -> None:
    story = confirmed("01-11 10:00", "01-15 17:30", "01-15 18:30")

    assert tell(story, until="01-19 12:00") == ["01-16 08:00 create thank_you T3 dana"]


def test_where_weekends_are_not_wished_it_is_thanked_for_on_the_recipients_next_business_day(tell: Tell) -> None:
    wish = replace(POLICY, thank_you=ThankYouPolicy(weekend=WeekendRule.NEXT_BUSINESS_DAY))
    story = confirmed("01-11 10:00", "01-15 17:30", "01-15 18:30")

    assert tell(story, until="01-19 12:00", policy=wish) == ["01-19 08:00 create thank_you T3 dana"]


def test_a_decision_on_the_day_of_the_interview_makes_the_thank_you_short_and_soon(tell: Tell) -> None:
    assert tell(USUAL, promised("01-13 11:10", "01-13"), until="01-14 12:00") == [
        "01-13 12:00 create thank_you T2 dana"
    ]


def test_a_visit_without_a_time_is_thanked_for_the_morning_after(tell: Tell) -> None:
    story = confirmed("01-11 10:00", "01-15 00:00", "01-16 00:00", all_day=True)

    assert tell(story, until="01-19 12:00") == ["01-16 09:00 create thank_you T6 dana"]


def test_no_more_than_six_of_a_panel_are_thanked(tell: Tell) -> None:
    panel = tuple(f"person{number}@northwind.example" for number in range(8))
    story = confirmed("01-11 10:00", "01-13 10:00", "01-13 11:00", who=panel)
    lines = tell(story, until="01-14 12:00", only="create suppress")

    assert [entry for entry in lines if "create" in entry] == [
        f"01-13 13:00 create thank_you T4 person{number}" for number in range(6)
    ]
    assert "01-13 13:00 suppress thank_you S7 person7" in lines


def test_only_the_lead_is_thanked_where_that_is_wished(tell: Tell) -> None:
    wish = replace(POLICY, thank_you=ThankYouPolicy(audience=Audience.LEAD_ONLY))
    story = confirmed("01-11 10:00", "01-13 10:00", "01-13 11:00", who=(HUGO, "mia@northwind.example"))

    assert tell(story, until="01-14 12:00", policy=wish) == ["01-13 13:00 create thank_you T1 hugo"]


def test_an_interviewer_without_an_address_is_named_to_the_recruiter(tell: Tell) -> None:
    story = confirmed("01-11 10:00", "01-13 10:00", "01-13 11:00", who=({"name": "Tom Smith", "address": None},))

    assert tell(story, until="01-14 12:00", only="create suppress") == [
        "01-13 13:00 create thank_you T1 dana",
        "01-13 13:00 suppress thank_you S17 Tom Smith",
    ]


def test_nobody_is_thanked_when_only_a_robot_is_known(tell: Tell) -> None:
    story = confirmed("01-11 10:00", "01-13 10:00", "01-13 11:00", sender=ROBOT, who=())

    assert tell(story, only="create suppress") == [
        "01-13 13:00 suppress thank_you S16 no-reply",
        "01-21 09:00 suppress check_in_1 S16 no-reply",
    ]


def test_a_thank_you_waits_until_the_next_interview_is_over(tell: Tell) -> None:
    other = confirmed("01-11 11:00", "01-13 12:30", "01-13 13:30", name="int-2", process="Q", who=(HUGO,), sender=HUGO)
    lines = tell(USUAL, other, until="01-13 20:00", posts=("Data Engineer", "Analyst"))

    assert lines == ["01-13 13:45 create thank_you S24 dana", "01-13 15:30 create thank_you T1 hugo"]


def test_an_untouched_thank_you_is_taken_back_when_the_user_writes_himself(tell: Tell) -> None:
    assert tell(USUAL, own("01-13 15:00"), until="01-14 12:00") == [
        "01-13 13:00 create thank_you T1 dana",
        "01-13 15:00 withdraw thank_you S3 dana",
    ]


def test_an_edited_thank_you_is_never_taken_back(tell: Tell) -> None:
    edited = draft("edited", "01-13 14:00", "thank_you")

    assert tell(USUAL, edited, own("01-13 15:00"), until="01-19 12:00") == ["01-13 13:00 create thank_you T1 dana"]


def test_a_stale_thank_you_is_kept_where_that_is_wished(tell: Tell) -> None:
    wish = replace(POLICY, stale=StaleHandling.KEEP)

    assert tell(USUAL, until="01-19 12:00", policy=wish) == ["01-13 13:00 create thank_you T1 dana"]


def test_an_interview_that_did_not_take_place_is_not_thanked_for(tell: Tell) -> None:
    lines = tell(USUAL, mail("01-13 11:30", "missed"), only="create suppress", until="01-14 12:00")

    assert lines == ["01-13 13:00 suppress thank_you S11 dana"]


def test_a_thank_you_that_was_drafted_for_a_missed_interview_is_taken_back(tell: Tell) -> None:
    assert tell(USUAL, mail("01-13 14:30", "missed"), until="01-14 12:00") == [
        "01-13 13:00 create thank_you T1 dana",
        "01-13 14:30 withdraw thank_you S11 dana",
    ]


def test_two_rounds_on_two_days_with_one_person_get_two_thank_yous(tell: Tell) -> None:
    second = confirmed("01-13 16:00", "01-14 10:00", "01-14 11:00", name="int-2")

    assert tell(USUAL, THANKED, second, until="01-14 20:00") == [
        "01-13 13:00 create thank_you T1 dana",
        "01-14 13:00 create thank_you T1 dana",
    ]


def test_an_uncertain_interview_goes_to_the_review_list(tell: Tell) -> None:
    story = confirmed("01-11 10:00", "01-13 10:00", "01-13 11:00", confidence=0.5)

    assert tell(story) == []


# --------------------------------------------------------------------------------------------------------- nudges


def test_permission_to_write_shortens_the_grace(tell: Tell) -> None:
    lines = tell(USUAL, THANKED, promised("01-14 10:00", "01-25", permission=True), until="01-27 12:00")

    assert lines[1:] == ["01-26 09:00 create check_in_1 C0p dana"]


def test_a_promise_in_business_days_is_counted_by_the_recipients_holidays(tell: Tell) -> None:
    count = promised("01-14 10:00", "01-21", business_days=5, counted_from="2027-01-14")

    # 15, 19, 20, 21, 22 January, the 18th being a holiday; two days of grace.
    assert tell(USUAL, THANKED, count, until="01-29 12:00")[1:] == ["01-26 09:00 create check_in_1 C0 dana"]


def test_an_older_promise_that_reaches_further_wins(tell: Tell) -> None:
    lines = tell(promised("01-11 09:00", "01-29"), USUAL, THANKED, mail("01-18 09:00", "other"), until="02-05 12:00")

    assert lines[1:] == ["02-02 09:00 create check_in_1 C0 dana"]


def test_a_promise_of_more_than_sixty_days_goes_to_the_review_list(tell: Tell) -> None:
    assert tell(USUAL, THANKED, promised("01-14 10:00", "04-10"), until="04-30 12:00")[1:] == []


def test_a_mail_without_a_date_moves_the_base(tell: Tell) -> None:
    lines = tell(USUAL, THANKED, mail("01-20 12:00", "other"), until="01-29 12:00", only="create suppress")

    assert lines[1:] == ["01-21 09:00 suppress check_in_1 S2 dana", "01-27 09:00 create check_in_1 C9 dana"]


def test_an_answer_to_a_nudge_gives_them_ten_business_days(tell: Tell) -> None:
    sent = draft("sent", "01-21 10:00", "check_in_1")
    lines = tell(USUAL, THANKED, sent, mail("01-22 10:00", "other"), until="02-08 12:00")

    assert lines[1:] == ["01-21 09:00 create check_in_1 C1 dana", "02-05 09:00 create check_in_final C9 dana"]


def test_an_untouched_nudge_is_taken_back_when_they_write(tell: Tell) -> None:
    lines = tell(USUAL, THANKED, mail("01-22 10:00", "other"), until="01-29 12:00")

    assert lines[1:] == [
        "01-21 09:00 create check_in_1 C1 dana",
        "01-22 10:00 withdraw check_in_1 S2 dana",
        "01-29 09:00 create check_in_1 C9 dana",
    ]


def test_an_unsent_check_in_never_leads_to_a_final_one(tell: Tell) -> None:
    assert tell(USUAL, THANKED)[1:] == [
        "01-21 09:00 create check_in_1 C1 dana",
        "01-28 20:00 withdraw check_in_1 C1 dana",
    ]


def test_a_nudge_in_the_quiet_period_waits_for_the_second_day_after_it(tell: Tell) -> None:
    def december(local: str) -> str:
        return f"2026-12-{local}:00-05:00"

    story = {
        **confirmed("01-11 10:00", "01-13 10:00", "01-13 11:00"),
        "at": december("14T10:00"),
        "interview": {
            "id": "int-1",
            "start": december("17T10:00"),
            "end": december("17T11:00"),
            "interviewers": [DANA],
        },
    }

    assert tell(story, until="01-06 12:00")[-1] == "01-05 09:00 create check_in_1 C6 dana"


def test_two_posts_at_one_recruiter_get_one_letter(tell: Tell) -> None:
    other = confirmed("01-11 10:30", "01-14 10:00", "01-14 11:00", name="int-2", process="Q")
    both = (USUAL, other, draft("sent", "01-22 10:00", "check_in_1"))
    lines = tell(*both, until="02-01 12:00", only="create suppress", posts=("Data Engineer", "Analyst"))

    assert [entry for entry in lines if "check_in" in entry] == [
        "01-21 09:00 suppress check_in_1 S8 dana",
        "01-22 09:00 create check_in_1 C7 dana",
        "01-29 09:00 create check_in_final C7 dana",
        "01-29 09:00 suppress check_in_final S8 dana",
    ]


def test_a_second_post_waits_while_the_recruiter_has_a_nudge_for_the_first(tell: Tell) -> None:
    other = confirmed("01-21 12:00", "01-21 15:00", "01-21 16:00", name="int-2", process="Q", who=(HUGO,))
    soon = replace(POLICY, check_in=CheckInPolicy(no_promise=3, same_recipient_merge=0))
    early = tell(USUAL, THANKED, other, policy=soon, until="02-02 12:00", posts=("Data Engineer", "Analyst"))

    assert [entry for entry in early if "check_in" in entry] == [
        "01-19 09:00 create check_in_1 C1 dana",
        "01-26 20:00 withdraw check_in_1 C1 dana",
        "01-27 09:00 create check_in_1 S8 dana",
    ]


def test_who_is_away_is_nudged_two_business_days_after_the_return(tell: Tell) -> None:
    away = mail("01-13 14:01", "out_of_office", returns="2027-01-25")

    assert tell(USUAL, THANKED, away, until="01-29 12:00")[1:] == ["01-27 09:00 create check_in_1 S9 dana"]


def test_an_absence_in_answer_to_a_nudge_lets_the_final_one_count_from_the_return(tell: Tell) -> None:
    sent = draft("sent", "01-21 10:00", "check_in_1")
    away = mail("01-21 10:01", "out_of_office", returns="2027-02-01")

    assert tell(USUAL, THANKED, sent, away, until="02-09 12:00")[-1] == "02-08 09:00 create check_in_final C2 dana"


def test_the_users_own_mail_postpones_a_nudge(tell: Tell) -> None:
    lines = tell(USUAL, THANKED, own("01-19 10:00"), until="01-25 12:00", only="create postpone")

    assert sorted(lines[1:]) == ["01-21 09:00 postpone check_in_1 S5 dana", "01-22 09:00 create check_in_1 S5 dana"]


def test_a_hold_without_a_date_ends_nudging_until_they_write(tell: Tell) -> None:
    lines = tell(USUAL, THANKED, mail("01-14 10:00", "on_hold"), mail("02-10 10:00", "other"), until="02-19 12:00")

    assert lines[1:] == ["02-18 09:00 create check_in_1 C9 dana"]


def test_silence_that_was_said_to_mean_no_ends_the_process(tell: Tell) -> None:
    no = promised("01-14 10:00", "01-29", passive_rejection=True)
    lines = tell(USUAL, THANKED, no, only="create suppress close")

    assert lines[1:] == [
        "01-21 09:00 suppress check_in_1 S6 dana",
        "02-01 09:00 close passive_rejection S6",
        "02-02 09:00 suppress check_in_1 S6 dana",
    ]


def test_nobody_is_nudged_who_asked_not_to_be(tell: Tell) -> None:
    assert tell(USUAL, THANKED, promised("01-14 10:00", None, no_contact=True))[1:] == []


def test_a_deleted_nudge_ends_nudging_until_a_new_promise(tell: Tell) -> None:
    gone = draft("deleted", "01-21 10:00", "check_in_1")
    alone = tell(USUAL, THANKED, gone, mail("01-25 10:00", "other"))
    resumed = tell(USUAL, THANKED, gone, promised("01-25 10:00", "01-29"), until="02-03 12:00")

    assert alone[1:] == ["01-21 09:00 create check_in_1 C1 dana"]
    assert resumed[1:] == ["01-21 09:00 create check_in_1 C1 dana", "02-02 09:00 create check_in_1 C0 dana"]


def test_a_task_that_was_handed_in_is_asked_about_after_five_business_days(tell: Tell) -> None:
    task = mail("01-15 09:00", "assessment", due="2027-01-25T23:59:00-05:00")

    assert tell(USUAL, THANKED, task, own("01-22 10:00", cls="handed_in"), until="02-01 12:00")[1:] == [
        "01-29 09:00 create check_in_1 A1 dana"
    ]


def test_an_application_alone_is_nudged_once_where_that_is_wished(tell: Tell) -> None:
    wish = replace(POLICY, check_in=CheckInPolicy(application=True))
    applied, sent = mail("01-11 11:00", "application_received"), draft("sent", "01-26 10:00", "check_in_1")

    assert tell(applied) == []
    assert tell(applied, sent, policy=wish) == ["01-26 09:00 create check_in_1 P1 dana"]


@pytest.mark.parametrize(
    ("preset", "kinds"),
    [
        (Preset.GENTLE, ["check_in_1"]),
        (Preset.STANDARD, ["check_in_1", "check_in_final"]),
        (Preset.PERSISTENT, ["check_in_1", "check_in_final", "closing_note"]),
    ],
)
def test_a_preset_says_how_many_nudges_a_round_has(preset: Preset, kinds: list[str], tell: Tell) -> None:
    sent = [
        draft("sent", "01-21 10:00", "check_in_1"),
        draft("sent", "01-28 10:00", "check_in_final"),
        draft("sent", "02-11 10:00", "closing_note"),
    ]
    policy = Policy.of_preset(preset, timezone="America/New_York")
    lines = tell(USUAL, THANKED, *sent[: len(kinds)], policy=policy)

    assert [entry.split()[3] for entry in lines if "create" in entry][1:] == kinds
    assert "close silent C4" in lines[-1]


def test_a_nudge_is_made_up_for_after_the_computer_was_off(tell: Tell) -> None:
    off = {"at": at("01-23 16:00"), "event": "asleep", "since": at("01-20 12:00")}

    # The 23rd is a Saturday.
    assert tell(USUAL, THANKED, off, until="01-29 12:00")[1:] == ["01-25 09:00 create check_in_1 C8 dana"]


def test_what_came_too_late_is_dropped_after_the_computer_was_off(tell: Tell) -> None:
    off = {"at": at("02-20 16:00"), "event": "asleep", "since": at("01-12 12:00")}
    lines = tell(USUAL, off, only="create suppress")

    assert lines == ["01-13 13:00 suppress thank_you S13 dana", "01-21 09:00 suppress check_in_1 S13 dana"]


def test_a_vacation_drops_the_thank_you_and_postpones_the_nudge(tell: Tell) -> None:
    wish = replace(POLICY, vacations=(Vacation(start=date(2027, 1, 13), end=date(2027, 1, 24)),))
    lines = tell(USUAL, policy=wish, until="01-26 12:00", only="create suppress")

    assert lines == ["01-13 13:00 suppress thank_you S13 dana", "01-25 09:00 create check_in_1 S18 dana"]


def test_what_is_muted_is_held_back_and_taken_back(tell: Tell) -> None:
    muted = {"at": at("01-13 15:00"), "event": "muted", "target": "company:Northwind"}
    lines = tell(USUAL, muted, only="create suppress withdraw")

    assert lines == [
        "01-13 13:00 create thank_you T1 dana",
        "01-13 15:00 withdraw thank_you S10 dana",
        "01-21 09:00 suppress check_in_1 S10 dana",
    ]


def test_what_is_muted_in_the_configuration_is_not_made(tell: Tell) -> None:
    assert tell(USUAL, policy=replace(POLICY, overrides=(Override(company="northwind", mute=True),))) == []


def test_a_snoozed_nudge_comes_when_the_person_wanted_it(tell: Tell) -> None:
    snoozed = {"at": at("01-14 15:00"), "event": "snoozed", "target": "company:Northwind", "until": at("01-26 12:00")}

    assert tell(USUAL, THANKED, snoozed, until="01-29 12:00")[1:] == ["01-27 09:00 create check_in_1 S18 dana"]


def test_an_address_that_bounced_is_not_written_to_again(tell: Tell) -> None:
    bounce = mail("01-14 10:00", "bounce", "mailer-daemon@northwind.example", address=DANA, auto_submitted="x")
    lines = tell(USUAL, THANKED, bounce, only="create suppress")

    assert lines[1:] == ["01-21 09:00 suppress check_in_1 S21 dana"]


def test_an_agency_is_written_to_and_its_client_is_not(tell: Tell) -> None:
    story = confirmed("01-11 10:00", "01-13 10:00", "01-13 11:00", sender=AMY, who=(HUGO,), agency=True)

    assert tell(story, until="01-22 12:00", only="create suppress") == [
        "01-13 13:00 create thank_you T1 amy",
        "01-13 13:00 suppress thank_you S22 hugo",
        "01-21 09:00 create check_in_1 C1 amy",
    ]


def test_a_sender_who_was_disproved_moves_nothing(tell: Tell) -> None:
    forged = mail("01-14 10:00", "rejection", trust="failed")

    assert tell(USUAL, THANKED, forged, until="01-22 12:00")[1:] == ["01-21 09:00 create check_in_1 C1 dana"]


def test_a_doubtful_rejection_ends_nothing(tell: Tell) -> None:
    doubtful = mail("01-14 10:00", "rejection", confidence=0.5)

    assert tell(USUAL, THANKED, doubtful, until="01-25 12:00")[1:] == ["01-22 09:00 create check_in_1 C9 dana"]


def test_no_user_day_gets_more_than_six_drafts(tell: Tell) -> None:
    tight = replace(POLICY, max_drafts_per_day=1)
    other = confirmed("01-11 10:30", "01-13 15:00", "01-13 16:00", name="int-2", process="Q", who=(HUGO,), sender=HUGO)
    lines = tell(USUAL, other, until="01-23 12:00", policy=tight, posts=("Data Engineer", "Analyst"))

    nudges = sorted(entry for entry in lines if "create check_in" in entry)
    assert [entry.split()[0] for entry in nudges] == ["01-21", "01-22"]
    assert nudges[1].split()[4] == "S23"


# -------------------------------------------------------------------------------------------------- other letters


def test_a_human_rejection_after_an_interview_is_answered_on_the_next_business_day(tell: Tell) -> None:
    assert tell(USUAL, THANKED, mail("01-15 16:00", "rejection"), until="01-20 12:00")[1:] == [
        "01-15 16:00 close rejected S1",
        "01-19 09:00 create rejection_reply X1 dana",
    ]


def test_a_rejection_without_an_interview_is_not_answered(tell: Tell) -> None:
    assert tell(mail("01-15 16:00", "rejection")) == ["01-15 16:00 close rejected S1"]


def test_an_offer_in_the_evening_is_acknowledged_the_next_morning(tell: Tell) -> None:
    assert tell(USUAL, THANKED, mail("01-15 19:30", "offer"), until="01-18 12:00")[1:] == [
        "01-15 19:30 close offer S1",
        "01-16 08:00 create offer_ack O1 dana",
    ]


def test_a_cancellation_without_a_new_date_is_answered_and_asked_about(tell: Tell) -> None:
    sent = draft("sent", "01-13 09:00", "reschedule_offer")
    lines = tell(USUAL, mail("01-12 10:00", "cancellation"), sent, until="01-22 12:00", only="create suppress")

    assert lines == [
        "01-12 11:00 create reschedule_offer R1 dana",
        "01-13 13:00 suppress thank_you S11 dana",
        "01-21 09:00 create check_in_1 C5 dana",
    ]


@pytest.mark.parametrize(
    ("fresh_at", "reply"),
    [
        ("01-12 10:20", ["01-12 11:00 suppress reschedule_offer S12 dana", "01-13 13:00 suppress thank_you S12 dana"]),
        (
            "01-12 15:20",
            [
                "01-12 11:00 create reschedule_offer R1 dana",
                "01-12 15:20 withdraw reschedule_offer S12 dana",
                "01-13 13:00 suppress thank_you S11 dana",
            ],
        ),
    ],
)
def test_a_fresh_invite_before_the_reply_is_due_makes_a_cancellation_a_move(
    fresh_at: str, reply: list[str], tell: Tell
) -> None:
    lines = tell(
        invite("01-11 10:00", "REQUEST", "u1", "01-13 10:00", "01-13 11:00"),
        invite("01-12 10:00", "CANCEL", "u1", "01-13 10:00", "01-13 11:00", sequence=1),
        invite(fresh_at, "REQUEST", "u2", "01-15 10:00", "01-15 11:00"),
        until="01-15 20:00",
        only="create suppress withdraw",
    )

    assert lines == [*reply, "01-15 13:00 create thank_you T1 dana"]


def test_an_interview_that_moves_twice_leaves_two_dead_timers(tell: Tell) -> None:
    lines = tell(
        invite("01-11 10:00", "REQUEST", "u1", "01-13 10:00", "01-13 11:00"),
        invite("01-12 10:00", "REQUEST", "u1", "01-14 10:00", "01-14 11:00", sequence=1),
        invite("01-13 10:00", "REQUEST", "u1", "01-15 10:00", "01-15 11:00", sequence=2),
        until="01-15 20:00",
        only="create suppress",
    )

    assert lines == [
        "01-13 13:00 suppress thank_you S12 dana",
        "01-14 13:00 suppress thank_you S12 dana",
        "01-15 13:00 create thank_you T1 dana",
    ]


# --------------------------------------------------------------------------------------------------- the agenda itself


def test_ids_do_not_hang_on_times(play: Callable[..., Any]) -> None:
    def thank_you(start: str, end: str) -> str:
        scenario = {
            "id": "ids",
            "user_tz": "America/New_York",
            "recipient_tz": "America/New_York",
            "user": {"name": "Noor Haddad", "address": "noor@letters.example"},
            "people": {},
            "processes": {"P": {"company": "Northwind", "role": "Data Engineer"}},
            "timeline": [invite("01-11 10:00", "REQUEST", "u1", start, end)],
            "until": at("01-20 12:00"),
        }
        return next(told.followup.id for told in play(scenario).told if told.action == "create")

    assert thank_you("01-13 10:00", "01-13 11:00") == thank_you("01-15 12:00", "01-15 13:00")


def test_a_new_look_at_a_mailbox_months_later_drafts_nothing(tell: Tell) -> None:
    off = {"at": at("12-20 16:00"), "event": "asleep", "since": at("01-10 12:00")}

    assert tell(USUAL, off, until="12-31 12:00", only="create suppress") == []


def test_the_user_in_another_zone_sees_local_times(tell: Tell) -> None:
    abroad = replace(POLICY, timezone="Europe/Berlin")

    assert tell(USUAL, until="01-21 12:00", policy=abroad) == [
        "01-13 19:00 create thank_you T1 dana",
        "01-15 20:00 withdraw thank_you T1 dana",
        "01-21 15:00 create check_in_1 C1 dana",
    ]


def test_a_delay_is_elapsed_time_over_a_clock_change(tell: Tell) -> None:
    # Clocks in New York go from 02:00 to 03:00 on 14 March 2027.
    night = confirmed("03-11 10:00", "03-14 00:30", "03-14 01:30")
    early = replace(POLICY, thank_you=ThankYouPolicy(delay=timedelta(hours=8)))

    assert tell(night, until="03-15 12:00", policy=early) == ["03-14 10:30 create thank_you T1 dana"]


def test_what_was_muted_stays_so_when_its_application_has_another_id(tell: Tell) -> None:
    # An older mail that turns up later changes an application's id; its messages are what the wish hangs on.
    muted = {"at": at("01-14 15:00"), "event": "muted", "target": "an-id-of-before", "messages": True}

    assert tell(USUAL, THANKED, muted, only="create suppress")[1:] == ["01-21 09:00 suppress check_in_1 S10 dana"]


def test_what_is_taken_up_again_comes_when_it_is_due(tell: Tell) -> None:
    muted = {"at": at("01-14 15:00"), "event": "muted", "target": "company:Northwind"}
    snoozed = {"at": at("01-14 16:00"), "event": "snoozed", "target": "company:Northwind", "until": at("01-26 12:00")}
    resumed = {"at": at("01-15 09:00"), "event": "resumed", "target": "company:northwind"}
    told = tell(USUAL, THANKED, muted, snoozed, resumed, until="01-22 12:00", only="create suppress")

    assert told[1:] == ["01-21 09:00 create check_in_1 C1 dana"]


def test_an_interview_of_which_no_sender_is_known_goes_to_the_review_list() -> None:
    start = datetime(2027, 1, 13, 10, tzinfo=NEW_YORK)
    session = Session(start=start, end=start + timedelta(hours=1), timezone="America/New_York")
    fact = Facts(
        key="m-1@northwind.example",
        message_id="m-1@northwind.example",
        account="personal",
        direction=Direction.INBOUND,
        received_at=start - timedelta(days=2),
        company="Northwind",
        role="Data Engineer",
        statements=(Scheduled(confidence=0.97, sessions=(session,)),),
    )

    agenda = plan(fold([fact]), (), POLICY, start + timedelta(days=8))
    assert {(held.kind, held.rule, held.to) for held in agenda.suppressed} == {
        ("thank_you", "S17", None),
        ("check_in_1", "S17", None),
    }
    assert {review.reason for review in agenda.review} == {
        "thank you to nobody: no known address; never guessed",
        "check in 1 to nobody: no address of a person is known",
    }
