"""The walk-throughs of the follow-up policy: facts in, every decision at its instant out, on a virtual clock."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from composer.policy import Policy

FILE = Path(__file__).parent.parent / "scenarios" / "scenarios.json"
SCENARIOS: list[dict[str, Any]] = json.loads(FILE.read_text("utf-8"))["scenarios"]
TOLERANCE = timedelta(seconds=60)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario["id"])
def test_a_walk_through_of_the_policy_is_followed_to_the_minute(scenario: dict[str, Any], play: Callable) -> None:
    told = play(scenario).told

    missing = [expected for expected in scenario["expected"] if not any(matches(expected, one) for one in told)]
    assert not missing, "\n".join(map(str, told))
    wanted = [expected for expected in scenario["expected"] if expected["action"] == "create"]
    made = [one for one in told if one.action == "create"]
    assert not [one for one in made if not any(matches(expected, one) for expected in wanted)]
    assert len(made) == len(wanted)


def test_a_bridge_day_after_thanksgiving_moves_the_check_in_of_that_week(play: Callable) -> None:
    scenario = next(scenario for scenario in SCENARIOS if scenario["id"] == "W09")
    policy = Policy(timezone=scenario["user_tz"], bridge_days=frozenset({date(2026, 11, 27)}))

    due = [told.at for told in play(scenario, policy).told if (told.action, told.kind) == ("create", "check_in_1")]

    assert due == [datetime.fromisoformat("2026-12-01T09:00:00-06:00")]


def matches(expected: Mapping[str, Any], told: Any) -> bool:
    """Whether a decision is the expected one: instants to the minute, the rest exactly."""
    stated = expected.get("due") or expected.get("at") or expected.get("at_would_have_been")
    if stated and abs(datetime.fromisoformat(stated) - told.at) > TOLERANCE:
        return False
    if expected["action"] == "close":
        return (told.action, told.kind, told.rule) == ("close", expected["state"], expected["rule"])
    if any(getattr(told, name) != expected[name] for name in ("action", "kind", "rule", "to")):
        return False
    if told.action != "create":
        return True
    stale = abs(datetime.fromisoformat(expected["stale_at"]) - told.followup.stale_at) <= TOLERANCE
    threaded = expected.get("thread") != "reply" or told.followup.answers is not None
    named = set(expected.get("must_mention", ())) <= set(told.followup.mentions)
    return stale and threaded and named
