"""The daemon on a real server, the mail coming one by one under a moved clock, decides what `replay` decides."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from composer.policy import Policy
from daemon.archive import read_path
from daemon.decision import Action, Decision
from daemon.person import Person
from daemon.replay import Replay
from tests.process.life import Life, Wait
from tests.scenarios.render import HERE, load, render

PUNCTUAL = timedelta(seconds=90)
SCENARIOS = load() | load(HERE / "further.json")
SHOWN = {
    "W01": "a full silent run",
    "W12": "an interview that is moved",
    "W14": "two rounds",
    "W16": "the person's own thank-you (S3)",
    "W21": "a promise replaced by another",
    "F12": "a cancellation and the answer to it (R1)",
    "F44": "the person's own mail (S5)",
    "F50": "out of office (S9)",
    "F56": "a rejection and the answer to it (X1)",
    "F59": "an offer (O1)",
    "F68": "two check-ins merged (C7)",
}
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*")


@pytest.fixture
def live(seat: Any, wait_until: Wait) -> Iterator[Callable[[dict[str, Any], datetime], Life]]:
    """Give the function that starts a daemon for the user of a scenario at an instant."""

    def start(scenario: dict[str, Any], at: datetime) -> Life:
        seat.account, seat.address, seat.zone = "me", scenario["user"]["address"], scenario["user_tz"]
        seat.write_config()
        life = Life(seat, wait_until)
        life.start(at)
        return life

    return start


@pytest.mark.parametrize("name", SHOWN)
def test_the_live_daemon_decides_what_replay_decides(
    name: str, live: Callable[[dict[str, Any], datetime], Life], tmp_path: Path
) -> None:
    scenario = _years_ago(SCENARIOS[name])
    render(scenario, tmp_path / "mail")
    messages = list(read_path(tmp_path / "mail"))
    until = datetime.fromisoformat(scenario["until"])
    user = scenario["user"]
    zone = scenario["user_tz"]
    person = Person(
        account="me",
        addresses=(user["address"],),
        full_name="Noor Haddad",
        timezone=zone,
        policy=Policy(timezone=zone),
    )
    replayed = list(Replay(person.settings(), person.policy).run(messages, until=until))

    events = [(datetime.fromisoformat(event["at"]), event) for event in scenario["timeline"]]
    instants = sorted({at for at, _ in events} | {decision.at.astimezone(UTC) for decision in replayed} | {until})
    life = live(scenario, instants[0] - timedelta(hours=1))
    for instant in instants:
        life.go_to(instant)
        while events and events[0][0] <= instant:
            event = events.pop(0)[1]
            life.happen(event, min(messages, key=lambda stored: abs(stored.arrived - instant)))
    decided, replayed = _ordered(life.decisions()), _ordered(replayed)
    assert [_told(decision) for decision in decided] == [_told(decision) for decision in replayed]
    late = [(d.at, r.at) for d, r in zip(decided, replayed, strict=True) if abs(d.at - r.at) > PUNCTUAL]
    assert late == []


def _years_ago(told: Any) -> Any:
    """Tell a scenario 208 weeks earlier: the server takes no arrival that lies ahead of its own clock."""
    match told:
        case dict():
            return {key: _years_ago(value) for key, value in told.items()}
        case list():
            return [_years_ago(value) for value in told]
        case str() if _STAMP.fullmatch(told):
            return (datetime.fromisoformat(told) - timedelta(weeks=208)).isoformat()
    return told


def _ordered(decisions: Any) -> list[Decision]:
    return sorted(decisions, key=lambda d: (d.at.astimezone(UTC).replace(second=0, microsecond=0), d.action, d.id))


def _told(decision: Decision) -> tuple[Action, str | None, str | None, str | None, str | None]:
    return decision.action, decision.kind, decision.rule, decision.to, decision.id
