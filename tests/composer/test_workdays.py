"""Business days, holidays and wall times, by the recipient's calendar and the user's clock."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from composer.policy import (
    CheckInPolicy,
    DraftingHours,
    OfferPolicy,
    Override,
    Policy,
    QuietPeriod,
    RejectionPolicy,
    ThankYouPolicy,
    Vacation,
    WeekendRule,
)
from composer.workdays import Workdays, at_wall, country_of_zone, holidays_of

STATED = json.loads((Path(__file__).parent.parent / "scenarios" / "scenarios.json").read_text("utf-8"))["holidays"]
ZONE_OF = {"US": "America/New_York", "GB": "Europe/London", "DE": "Europe/Berlin", "IN": "Asia/Kolkata"}
ZONES = ("America/New_York", "America/Los_Angeles", "Europe/London", "Europe/Berlin", "Asia/Kolkata", "Asia/Tokyo")
ZONES += ("Australia/Sydney", "Pacific/Auckland", "America/Sao_Paulo")


def workdays(recipient: str | None = "America/New_York", user: str = "America/New_York", **wishes: object) -> Workdays:
    return Workdays(Policy(timezone=user, **wishes), recipient)  # type: ignore[arg-type]  # any wish of Policy


@pytest.mark.parametrize("country", STATED)
def test_the_stated_holidays_of_a_country_are_no_business_days(country: str) -> None:
    days = workdays(ZONE_OF[country])

    assert not [day for day in STATED[country] if days.is_business_day(date.fromisoformat(day))]


@pytest.mark.parametrize("country", STATED)
def test_every_other_weekday_of_the_stated_span_is_a_business_day(country: str) -> None:
    days, stated = workdays(ZONE_OF[country]), {date.fromisoformat(day) for day in STATED[country]}
    day, last = date(2026, 11, 23), date(2027, 6, 1)
    wrong = []
    while day < last:
        if day.weekday() < 5 and day not in stated and not days.is_business_day(day):
            wrong.append(day)
        day += timedelta(days=1)

    assert not wrong


def test_india_has_its_three_national_days_only() -> None:
    assert holidays_of("IN", None, 2027) == {date(2027, 1, 26), date(2027, 8, 15), date(2027, 10, 2)}


def test_a_federal_holiday_is_observed_on_the_nearest_weekday() -> None:
    days = workdays()

    assert not days.is_business_day(date(2027, 7, 5)), "Independence Day 2027 is a Sunday"
    assert not days.is_business_day(date(2027, 12, 31)), "New Year's Day 2028 is a Saturday"


def test_bavaria_keeps_more_days_than_germany() -> None:
    epiphany = date(2027, 1, 6)

    assert workdays("Europe/Berlin").is_business_day(epiphany)
    assert not workdays("Europe/Berlin", holidays=("US", "DE-BY")).is_business_day(epiphany)


def test_a_wished_set_of_another_country_changes_nothing() -> None:
    assert workdays("Europe/Berlin", holidays=("US",)).is_business_day(date(2026, 11, 26))


def test_a_wished_set_without_a_subdivision_keeps_the_days_of_england() -> None:
    easter_monday = date(2027, 3, 29)

    assert not workdays("Europe/London", holidays=("GB",)).is_business_day(easter_monday)
    assert workdays("Europe/London", holidays=("GB-SCT",)).is_business_day(easter_monday)


def test_a_subdivision_of_another_country_takes_no_days_away() -> None:
    assert not workdays("Europe/Berlin", holidays=("US-CA",)).is_business_day(date(2027, 5, 17))


def test_a_bridge_day_is_no_business_day() -> None:
    thanksgiving_friday = date(2026, 11, 27)

    assert workdays().is_business_day(thanksgiving_friday)
    assert not workdays(bridge_days=frozenset({thanksgiving_friday})).is_business_day(thanksgiving_friday)


@pytest.mark.parametrize(
    ("zone", "country"),
    [
        ("US/Eastern", "US"),
        ("America/Indiana/Indianapolis", "US"),
        ("Asia/Calcutta", "IN"),
        ("Europe/Amsterdam", "NL"),
        ("GB", "GB"),
        ("Etc/UTC", None),
    ],
)
def test_the_country_of_a_zone_is_known_by_all_its_names(zone: str, country: str | None) -> None:
    assert country_of_zone(zone) == country


def test_a_zone_of_no_country_takes_the_first_wished_set_or_weekends_only() -> None:
    christmas = date(2026, 12, 25)

    assert workdays("Etc/UTC").is_business_day(christmas)
    assert not workdays("Etc/UTC", holidays=("DE",)).is_business_day(christmas)
    assert not workdays("Etc/UTC", holidays=("DE", "IN")).is_business_day(christmas)


def test_a_recipient_without_a_zone_has_the_users() -> None:
    assert not workdays(None, user="Europe/Berlin").is_business_day(date(2027, 5, 17))


@given(day=st.dates(date(2026, 1, 1), date(2028, 12, 31)), count=st.integers(1, 15), zone=st.sampled_from(ZONES))
@settings(max_examples=60, deadline=None)
def test_counting_on_passes_exactly_that_many_business_days(day: date, count: int, zone: str) -> None:
    days = workdays(zone)
    end = days.add(day, count)

    passed = [day + timedelta(days=n) for n in range(1, (end - day).days + 1)]
    assert days.is_business_day(end)
    assert sum(map(days.is_business_day, passed)) == count


@pytest.mark.parametrize(
    ("zone", "wall", "meant"),
    [
        ("America/New_York", "2027-03-14T01:59", "2027-03-14T06:59Z"),
        ("America/New_York", "2027-03-14T02:00", "2027-03-14T07:00Z"),
        ("America/New_York", "2027-03-14T02:59", "2027-03-14T07:00Z"),
        ("America/New_York", "2027-03-14T03:00", "2027-03-14T07:00Z"),
        ("Australia/Lord_Howe", "2027-10-03T02:10", "2027-10-02T15:30Z"),
        ("Pacific/Apia", "2011-12-30T09:00", "2011-12-30T10:00Z"),  # the day that was left out
    ],
)
def test_for_a_wall_time_that_does_not_exist_the_next_one_is_meant(zone: str, wall: str, meant: str) -> None:
    local = datetime.fromisoformat(wall)

    assert at_wall(local.date(), local.time(), ZoneInfo(zone)) == datetime.fromisoformat(meant)


def test_of_a_wall_time_that_exists_twice_the_first_is_meant() -> None:
    assert at_wall(date(2027, 10, 31), time(2, 30), ZoneInfo("Europe/Berlin")) == datetime(
        2027, 10, 31, 0, 30, tzinfo=UTC
    )


def test_a_nudge_before_the_users_morning_waits_for_it_on_the_same_user_date() -> None:
    days = workdays("Europe/London", user="America/Los_Angeles")

    assert days.nudge_at(date(2027, 1, 27)) == datetime(2027, 1, 27, 16, tzinfo=UTC)


def test_a_nudge_after_the_users_evening_comes_at_its_end_on_the_same_user_date() -> None:
    days = workdays("America/Los_Angeles", user="Asia/Kolkata")

    assert days.shown(days.nudge_at(date(2027, 1, 20))).isoformat() == "2027-01-20T20:00:00+05:30"


@pytest.mark.parametrize(
    ("user", "recipient", "hours", "day", "landing"),
    [
        # 09:00 in New York is 19:30 in Kolkata; 09:30 there would be Monday evening, a holiday, in New York.
        ("Asia/Kolkata", "America/New_York", (6, 9), date(2027, 1, 19), "2027-01-20T06:00:00+05:30"),
        # 09:00 in London is 01:00 in Los Angeles; 17:00 there would be Saturday in London.
        ("America/Los_Angeles", "Europe/London", (17, 22), date(2027, 1, 29), "2027-01-28T22:00:00-08:00"),
    ],
)
def test_a_nudge_stays_on_its_business_day_whatever_hours_the_user_keeps(
    user: str, recipient: str, hours: tuple[int, int], day: date, landing: str
) -> None:
    kept = DraftingHours(start=time(hours[0]), end=time(hours[1]))
    days = workdays(recipient, user=user, drafting_hours=kept)

    assert days.shown(days.nudge_at(day)).isoformat() == landing
    assert days.local_day(days.nudge_at(day)) == day


def test_a_nudge_keeps_its_wall_time_over_a_clock_change() -> None:
    days = workdays()

    assert days.nudge_at(date(2027, 3, 12)) == datetime(2027, 3, 12, 14, tzinfo=UTC)
    assert days.nudge_at(date(2027, 3, 15)) == datetime(2027, 3, 15, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    ("local", "landing"),
    [
        ("2027-01-15T08:00", "2027-01-15T08:00"),
        ("2027-01-15T20:00", "2027-01-15T20:00"),
        ("2027-01-15T20:01", "2027-01-16T08:00"),
        ("2027-01-16T03:00", "2027-01-16T08:00"),
    ],
)
def test_drafting_hours_hold_on_any_day_and_include_both_ends(local: str, landing: str) -> None:
    zone = ZoneInfo("America/New_York")
    days = workdays()

    landed = days.into_hours(datetime.fromisoformat(local).replace(tzinfo=zone))

    assert landed == datetime.fromisoformat(landing).replace(tzinfo=zone)


def test_a_thank_you_skips_weekend_and_holiday_only_where_that_is_wished() -> None:
    evening = datetime(2027, 1, 16, 1, 30, tzinfo=UTC)  # Friday 20:30 in New York; Monday is a holiday
    wished = workdays(thank_you=ThankYouPolicy(weekend=WeekendRule.NEXT_BUSINESS_DAY))

    assert workdays().into_thank_you_hours(evening) == datetime(2027, 1, 16, 13, tzinfo=UTC)
    assert wished.into_thank_you_hours(evening) == datetime(2027, 1, 19, 13, tzinfo=UTC)


def test_a_recipients_monday_may_begin_in_the_users_sunday() -> None:
    days = workdays(
        "Australia/Sydney",
        user="America/Los_Angeles",
        thank_you=ThankYouPolicy(weekend=WeekendRule.NEXT_BUSINESS_DAY),
    )

    landed = days.into_thank_you_hours(datetime(2027, 3, 6, 16, tzinfo=UTC))  # Sunday 03:00 in Sydney

    assert days.shown(landed).isoformat() == "2027-03-07T08:00:00-08:00"
    assert days.is_business_day(days.local_day(landed))


def test_a_recipients_monday_may_begin_within_the_users_sunday_hours() -> None:
    days = workdays(
        "Europe/London",
        user="America/Los_Angeles",
        thank_you=ThankYouPolicy(weekend=WeekendRule.NEXT_BUSINESS_DAY),
    )

    landed = days.into_thank_you_hours(datetime(2027, 1, 16, 18, tzinfo=UTC))  # Saturday

    assert days.shown(landed).isoformat() == "2027-01-17T16:00:00-08:00"


def test_an_overdue_nudge_that_no_hour_of_the_recipients_suits_comes_in_the_users_hours_on_the_next_day() -> None:
    days = workdays(check_in=CheckInPolicy(at=time(23, 30)))

    assert days.shown(days.into_nudge_hours(datetime(2027, 1, 20, 15, tzinfo=UTC))).isoformat() == (
        "2027-01-20T20:00:00-05:00"
    )
    assert days.shown(days.into_nudge_hours(datetime(2027, 1, 23, 2, tzinfo=UTC))).isoformat() == (
        "2027-01-25T20:00:00-05:00"
    )


def test_the_quiet_period_ends_with_an_inbox_day() -> None:
    days = workdays()

    assert days.resumed(date(2026, 12, 23)) == date(2026, 12, 23)
    assert days.resumed(date(2026, 12, 24)) == date(2027, 1, 5)
    assert days.resumed(date(2027, 1, 1)) == date(2027, 1, 5)


def test_a_quiet_period_until_leap_day_ends_on_the_28th_of_other_years() -> None:
    winter = QuietPeriod(start=(2, 20), end=(2, 29), resume_business_day=1)

    assert winter.last_day(date(2027, 2, 21)) == date(2027, 2, 28)
    assert winter.last_day(date(2028, 2, 21)) == date(2028, 2, 29)


def test_quiet_periods_that_touch_are_left_one_after_the_other() -> None:
    august = QuietPeriod(start=(8, 1), end=(8, 15), resume_business_day=1)
    later = QuietPeriod(start=(8, 16), end=(8, 20), resume_business_day=1)

    assert workdays(quiet_periods=(later, august)).resumed(date(2027, 8, 3)) == date(2027, 8, 23)


def test_a_preferred_weekday_moves_a_nudge_on_never_back() -> None:
    days = workdays(check_in=CheckInPolicy(prefer_days=frozenset({2, 3})))

    assert days.preferred(date(2027, 2, 11)) == date(2027, 2, 16)
    assert days.preferred(date(2027, 2, 16)) == date(2027, 2, 16)


def test_a_preferred_weekday_is_waited_for_at_most_a_week() -> None:
    mondays, wednesdays = (workdays(check_in=CheckInPolicy(prefer_days=frozenset({day}))) for day in (1, 3))

    assert mondays.preferred(date(2027, 2, 2)) == date(2027, 2, 8)
    assert mondays.preferred(date(2027, 1, 12)) == date(2027, 1, 12), "Monday the 18th is a holiday"
    assert wednesdays.preferred(date(2026, 12, 30)) == date(2026, 12, 30), "in the quiet period, which moves it then"


@given(
    at=st.integers(0, 2 * 365 * 24 * 60).map(lambda n: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=n)),
    user=st.sampled_from(ZONES),
    recipient=st.sampled_from(ZONES),
    hours=st.sampled_from([DraftingHours(), DraftingHours(start=time(7), end=time(9)), DraftingHours(end=time(23))]),
)
@settings(max_examples=120, deadline=None)
def test_an_overdue_nudge_lands_in_the_users_hours_on_a_business_day_after_the_recipients_morning(
    at: datetime, user: str, recipient: str, hours: DraftingHours
) -> None:
    days = workdays(recipient, user=user, drafting_hours=hours)
    landed = days.into_nudge_hours(at)

    assert landed >= at
    assert days.in_hours(landed)
    assert days.is_business_day(days.local_day(landed))
    if hours != DraftingHours(start=time(7), end=time(9)):  # two hours need not meet the recipient's day at all
        assert landed.astimezone(days.recipient).time() >= time(9)


@pytest.mark.parametrize(
    ("key", "make"),
    [
        ("timezone", lambda: Policy(timezone="Mars/Olympus")),
        ("thank_you.delay", lambda: ThankYouPolicy(delay=timedelta(minutes=5))),
        ("check_in.no_promise", lambda: CheckInPolicy(no_promise=2)),
        ("check_in.max_nudges_per_round", lambda: CheckInPolicy(max_nudges_per_round=4)),
        ("check_in.max_nudges_per_process", lambda: CheckInPolicy(max_nudges_per_process=6)),
        ("check_in.after_promise", lambda: CheckInPolicy(after_promise=0)),
        ("check_in.prefer_days", lambda: CheckInPolicy(prefer_days=frozenset({6}))),
        ("thank_you.same_day_decision_delay", lambda: ThankYouPolicy(same_day_decision_delay=timedelta(0))),
        ("offer_ack.after", lambda: OfferPolicy(after=timedelta(hours=25))),
        ("rejection_reply.stale_business_days", lambda: RejectionPolicy(after=3, stale_business_days=3)),
        ("vacations", lambda: Vacation(start=date(2027, 1, 2), end=date(2027, 1, 1))),
        ("overrides.snooze_until", lambda: Override(company="X", snooze_until=datetime(2027, 1, 1))),  # noqa: DTZ001 - refused for just that
        ("overrides.max_nudges", lambda: Override(company="X", max_nudges=6)),
        ("confidence_threshold", lambda: Policy(timezone="Europe/Berlin", confidence_threshold=0.4)),
        ("max_nudges_per_company", lambda: Policy(timezone="Europe/Berlin", max_nudges_per_company=21)),
        ("drafting_hours", lambda: DraftingHours(start=time(20), end=time(8))),
        ("holidays", lambda: Policy(timezone="Europe/Berlin", holidays=("Germany",))),
    ],
)
def test_no_wish_lifts_a_bound_of_the_policy_and_the_error_names_the_key(key: str, make: object) -> None:
    with pytest.raises(ValueError, match=key.replace(".", r"\.")):
        make()  # type: ignore[operator]  # each is a function without arguments


def test_a_country_that_nobody_knows_has_no_holidays() -> None:
    assert holidays_of("ZZ", None, 2027) == frozenset()
    assert holidays_of("DE", "XX", 2027) == frozenset()


def test_the_thank_you_for_an_all_day_visit_skips_the_weekend_where_that_is_wished() -> None:
    friday = date(2027, 1, 15)
    assert workdays().day_after_thank_you(friday) == datetime(2027, 1, 16, 14, tzinfo=UTC)
    wish = ThankYouPolicy(weekend=WeekendRule.NEXT_BUSINESS_DAY)
    assert workdays(thank_you=wish).day_after_thank_you(friday) == datetime(2027, 1, 19, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    ("local", "landing"),
    [
        ("2027-01-15T07:59", "2027-01-15T08:00"),
        ("2027-01-15T08:00", "2027-01-15T08:00"),
        ("2027-01-15T17:59", "2027-01-15T17:59"),
        ("2027-01-15T18:00", "2027-01-19T08:00"),
        ("2027-01-16T10:00", "2027-01-19T08:00"),
    ],
)
def test_office_hours_are_those_of_a_business_day_there(local: str, landing: str) -> None:
    there = ZoneInfo("America/New_York")
    landed = workdays(user="Asia/Tokyo").into_office_hours(datetime.fromisoformat(local).replace(tzinfo=there))

    assert landed == datetime.fromisoformat(landing).replace(tzinfo=there)
