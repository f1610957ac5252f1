"""What the `policy` section of a configuration may change, by default and within bounds, and what it may never lift."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from composer.policy import Audience, Policy, QuietPeriod, StaleHandling, WeekendRule
from daemon.config_values import Section
from daemon.policy_config import PolicySettings

ZONE = "Europe/Berlin"
# Every number of the policy: its key, its default, its lowest and highest value, and the nearest beyond them.
NUMBERS = [
    ("thank_you.delay", "2 h", "30 min", "24 h", "29 min", "1441 min"),
    ("thank_you.same_day_decision_delay", "1 h", "1 s", "24 h", "0 s", "1441 min"),
    ("thank_you.max_per_visit", 6, 1, 12, 0, 13),
    ("thank_you.stale_business_days", 2, 1, 5, 0, 6),
    ("check_in.after_promise", "2 bd", "1 bd", "5 bd", "0 bd", "6 bd"),
    ("check_in.after_promise_with_permission", "1 bd", "1 bd", "5 bd", "0 bd", "6 bd"),
    ("check_in.no_promise", "5 bd", "3 bd", "15 bd", "2 bd", "16 bd"),
    ("check_in.gap", "5 bd", "3 bd", "15 bd", "2 bd", "16 bd"),
    ("check_in.after_mail", "5 bd", "3 bd", "15 bd", "2 bd", "16 bd"),
    ("check_in.after_answer", "10 bd", "3 bd", "15 bd", "2 bd", "16 bd"),
    ("check_in.closing_gap", "10 bd", "3 bd", "15 bd", "2 bd", "16 bd"),
    ("check_in.silent_after", "10 bd", "3 bd", "15 bd", "2 bd", "16 bd"),
    ("check_in.application_wait", "10 bd", "5 bd", "30 bd", "4 bd", "31 bd"),
    ("check_in.max_nudges_per_round", 2, 0, 3, -1, 4),
    ("check_in.max_nudges_per_process", 4, 0, 5, -1, 6),
    ("check_in.stale_business_days", 5, 1, 10, 0, 11),
    ("check_in.too_late_business_days", 10, 1, 20, 0, 21),
    ("check_in.min_gap_own_mail", "3 bd", "0 bd", "15 bd", "-1 bd", "16 bd"),
    ("check_in.same_recipient_merge", "3 bd", "0 bd", "15 bd", "-1 bd", "16 bd"),
    ("check_in.same_recipient_gap", "5 bd", "0 bd", "15 bd", "-1 bd", "16 bd"),
    ("after_cancellation.reply_after", "1 h", "0 h", "24 h", "-1 h", "1441 min"),
    ("after_cancellation.check_in", "5 bd", "3 bd", "15 bd", "2 bd", "16 bd"),
    ("after_cancellation.stale_business_days", 2, 1, 5, 0, 6),
    ("take_home_check_in", "5 bd", "3 bd", "15 bd", "2 bd", "16 bd"),
    ("rejection_reply.after", "1 bd", "1 bd", "2 bd", "0 bd", "6 bd"),
    ("rejection_reply.stale_business_days", 3, 2, 10, 1, 11),
    ("offer_ack.after", "1 h", "0 h", "24 h", "-1 h", "1441 min"),
    ("offer_ack.stale_business_days", 2, 1, 5, 0, 6),
    ("confidence_threshold", 0.8, 0.5, 1, 0.49, 1.01),
    ("max_drafts_per_day", 6, 1, 20, 0, 21),
]
# Every other wish: its key, what is written, and the value it gives; the default is another.
WISHES: list[tuple[str, Any, Any]] = [
    ("language", "de", "de"),
    ("thank_you.enabled", False, False),
    ("thank_you.weekend", "next-business-day", WeekendRule.NEXT_BUSINESS_DAY),
    ("thank_you.audience", "lead-only", Audience.LEAD_ONLY),
    ("thank_you.audience", "recruiter-only", Audience.RECRUITER_ONLY),
    ("thank_you.recruiter_screen", False, False),
    ("check_in.enabled", False, False),
    ("check_in.at", "10:30", time(10, 30)),
    ("check_in.closing_note", True, True),
    ("check_in.application", True, True),
    ("check_in.prefer_days", ["tuesday"], frozenset({2})),
    ("after_cancellation.reply", False, False),
    ("rejection_reply.enabled", False, False),
    ("rejection_reply.at", "08:30", time(8, 30)),
    ("offer_ack.enabled", False, False),
    ("quiet_periods", [], ()),
    ("quiet_periods", [{"start": "08-01", "end": "08-15"}], (QuietPeriod(start=(8, 1), end=(8, 15)),)),
    ("holidays", ["DE-BY"], ("DE-BY",)),
    ("bridge_days", ["2027-05-07"], frozenset({date(2027, 5, 7)})),
    ("stale", "keep", StaleHandling.KEEP),
    ("max_nudges_per_company", 3, 3),
]


def made(key: str, value: Any) -> Policy:
    """Make the policy of a configuration in which one thing is written."""
    for name in reversed(key.split(".")):
        value = {name: value}
    return PolicySettings.model_validate(value).policy(timezone=ZONE)


def wish(policy: Policy, key: str) -> Any:
    found: Any = policy
    for name in key.split("."):
        found = getattr(found, name)
    return found


@pytest.mark.parametrize(("key", "default", "low", "high", "too_low", "too_high"), NUMBERS)
def test_a_number_has_its_default_and_its_bounds(
    key: str, default: Any, low: Any, high: Any, too_low: Any, too_high: Any
) -> None:
    assert made(key, default) == Policy(timezone=ZONE)
    assert wish(made(key, low), key) < wish(made(key, high), key)
    for beyond in (too_low, too_high):
        with pytest.raises(ValidationError if not isinstance(beyond, str) else ValueError):
            made(key, beyond)


@pytest.mark.parametrize(("key", "written", "value"), WISHES)
def test_a_wish_that_is_written_is_heard(key: str, written: Any, value: Any) -> None:
    assert wish(made(key, written), key) == value
    assert wish(Policy(timezone=ZONE), key) != value


def test_every_wish_of_the_policy_is_named_here() -> None:
    named = {key for key, *_ in (*NUMBERS, *WISHES)} | {"preset", "drafting_hours", "vacations", "overrides"}
    settings = set()
    for name, setting in PolicySettings.model_fields.items():
        section = setting.annotation
        if isinstance(section, type) and issubclass(section, Section):
            settings |= {f"{name}.{inner}" for inner in section.model_fields}
        else:
            settings.add(name)

    assert settings == named


def test_hours_days_off_and_single_companies_have_their_wishes() -> None:
    policy = PolicySettings.model_validate(
        {
            "drafting_hours": ["07:00", "21:30"],
            "vacations": [{"start": "2027-07-01", "end": "2027-07-14"}],
            "overrides": [
                {"company": "Northwind", "mute": True},
                {"company": "Southwind", "role": "Baker", "snooze_until": "2027-03-01", "max_nudges": 1},
            ],
        }
    ).policy(timezone=ZONE)

    assert (policy.drafting_hours.start, policy.drafting_hours.end) == (time(7), time(21, 30))
    assert (policy.vacations[0].start, policy.vacations[0].end) == (date(2027, 7, 1), date(2027, 7, 14))
    muted, snoozed = policy.overrides
    assert (muted.mute, snoozed.role, snoozed.max_nudges) == (True, "Baker", 1)
    assert snoozed.snooze_until == datetime(2027, 3, 1, tzinfo=ZoneInfo(ZONE))


@pytest.mark.parametrize(("preset", "most"), [("gentle", 1), ("standard", 2), ("persistent", 3)])
def test_a_preset_says_how_often_and_what_is_written_beside_it_wins(preset: str, most: int) -> None:
    policy = made("preset", preset)
    settings = PolicySettings.model_validate({"preset": preset, "check_in": {"max_nudges_per_round": 1}})

    assert policy.check_in.kinds_per_round == most
    assert policy.check_in.closing_note is (most == 3)
    assert settings.policy(timezone=ZONE).check_in.kinds_per_round == 1


@pytest.mark.parametrize(
    "lifted",
    [
        {"check_in": {"max_nudges_per_round": 4}},
        {"check_in": {"max_nudges_per_process": 6}},
        {"overrides": [{"company": "Northwind", "max_nudges": 6}]},
        {"check_in": {"after_promise": "0 business days"}},
        {"check_in": {"after_promise_with_permission": "0 business days"}},
        {"check_in": {"prefer_days": ["saturday"]}},
        {"check_in": {"weekend": "allow"}},
        {"rejection_reply": {"only_after_a_visit": False}},
        {"stale": "withdraw-edited"},
        {"recreate_deleted": True},
        {"robots": "allow"},
        {"after_the_end": True},
        {"send": True},
    ],
)
def test_what_is_fixed_cannot_be_configured_away(lifted: dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # that it is refused; the words are proved with the configuration
        PolicySettings.model_validate(lifted).policy(timezone=ZONE)
