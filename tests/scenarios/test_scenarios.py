"""Every scenario, rendered as mail and gone through by the real program, gives exactly the decisions that it lists.

The mail is read, folded, planned for, written and put into Drafts by the code that the daemon runs; only the clock and
the mailbox are virtual.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from composer.policy import Policy
from daemon.archive import Stored, read_path
from daemon.decision import Action, Decision
from daemon.keeper import Keeper
from daemon.ledger import Ledger
from daemon.mailbox import Use
from daemon.memory import MemoryMailbox
from daemon.person import Person
from daemon.policy_config import PolicySettings
from daemon.replay import Replay
from daemon.wishes import find_target, mute, resume, snooze
from tests.scenarios.render import HERE, load, render

TOLERANCE = timedelta(seconds=60)
SCENARIOS = load()
FURTHER = load(HERE / "further.json")
REPLAYED = [name for name, scenario in SCENARIOS.items() if not scenario.get("live_only")]
SEEDS = (0, 1, 2)


def _person(scenario: dict[str, Any]) -> Person:
    zone = scenario["user_tz"]
    user = scenario["user"]
    return Person(
        account="me",
        addresses=(user["address"],),
        full_name=user["name"],
        timezone=zone,
        policy=_policy(scenario["config"], zone),
    )


def _policy(config: dict[str, Any], zone: str) -> Policy:
    """Read the `policy` section of a configuration."""
    return PolicySettings.model_validate(config).policy(timezone=zone)


def _same_instant(one: datetime, other: str) -> bool:
    return abs(one - datetime.fromisoformat(other)) <= TOLERANCE


def _fits(decision: Decision, expected: dict[str, Any]) -> bool:
    if (decision.action, decision.rule) != (expected["action"], expected["rule"]):
        return False
    if decision.action is Action.CLOSE:
        return decision.state == expected["state"] and _same_instant(decision.at, expected["at"])
    if decision.kind != expected["kind"] or (decision.to or "").casefold() != expected["to"].casefold():
        return False
    for key in ("due", "at_would_have_been", "at"):
        if key in expected and not _same_instant(decision.at, expected[key]):
            return False
    if "stale_at" in expected and not (decision.stale_at and _same_instant(decision.stale_at, expected["stale_at"])):
        return False
    return expected.get("thread") is None or decision.thread == expected["thread"]


def _judge(decisions: list[Decision], expected: list[dict[str, Any]]) -> None:
    missing = [entry for entry in expected if not any(_fits(decision, entry) for decision in decisions)]
    listed = [entry for entry in expected if entry["action"] == "create"]
    false = [d for d in decisions if d.action is Action.CREATE and not any(_fits(d, entry) for entry in listed)]
    made = sum(d.action is Action.CREATE for d in decisions)
    said = "\n".join(f"{d.at} {d.action} {d.kind} {d.rule} {d.to}: {d.reason}" for d in decisions)
    assert (missing, false) == ([], []), said
    assert made == len(listed), said


def test_the_scenarios_that_the_main_job_rests_on_are_here() -> None:
    assert {"W01", "W02", "W04", "W12", "W16", "W18", "W24"} <= SCENARIOS.keys()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", REPLAYED)
def test_a_replayed_scenario_gives_exactly_its_decisions(name: str, seed: int, tmp_path: Path) -> None:
    scenario = SCENARIOS[name]
    render(scenario, tmp_path, seed=seed)
    _judge(_replayed(scenario, tmp_path), scenario["expected"])


def _replayed(scenario: dict[str, Any], directory: Path) -> list[Decision]:
    """Go through a scenario's mail; each letter says what it must mention."""
    person = _person(scenario)
    drafts: dict[str, bytes] = {}
    decisions = list(
        Replay(person.settings(), person.policy).run(
            read_path(directory),
            until=datetime.fromisoformat(scenario["until"]),
            on_draft=lambda decision, message: drafts.update({decision.id: message}),
        )
    )
    for entry in scenario["expected"]:
        for word in entry.get("must_mention", ()):
            made = [d for d in decisions if d.action is Action.CREATE and _fits(d, entry)]
            assert [word for d in made if word.encode() not in drafts[d.id]] == []
    return decisions


@pytest.mark.parametrize("name", FURTHER)
def test_a_further_scenario_gives_exactly_its_decisions(name: str, tmp_path: Path) -> None:
    scenario = FURTHER[name]
    render(scenario, tmp_path, seed=0)
    if scenario.get("live_only"):
        live = Live(scenario, list(read_path(tmp_path)))
        decisions = live.run()
        assert [review.reason for review in live.agenda.review] == scenario.get("review", [])
    else:
        decisions = _replayed(scenario, tmp_path)
    _judge(decisions, scenario["expected"])
    ends = [d for d in decisions if d.action is Action.CLOSE or (d.action is Action.WITHDRAW and d.reason != "stale")]
    assert [d for d in ends if not any(_fits(d, entry) for entry in scenario["expected"])] == []


class Live:
    """A scenario on the memory mailbox, with the person's acts on it done as a mail program does them, the wishes as
    the command line does, and nothing done at all while the daemon is asleep. `agenda` is the last one.
    """

    def __init__(self, scenario: dict[str, Any], messages: list[Stored]) -> None:
        self.scenario = scenario
        self.now = datetime.fromisoformat(scenario["timeline"][0]["at"])
        self.mailbox = MemoryMailbox(lambda: self.now)
        self.ledger = Ledger.in_memory()
        person = _person(scenario)
        self.keeper = Keeper([replace(person.settings())], self.ledger, person.policy)
        self.keeper.attach("me", self.mailbox)
        self.messages = {stored.arrived: stored for stored in messages if stored.arrived}

    def run(self) -> list[Decision]:
        """Step through the events, and through every instant between them at which something falls due."""
        decisions: list[Decision] = []
        events = [(datetime.fromisoformat(event["at"]), event) for event in self.scenario["timeline"]]
        sleeps = [(datetime.fromisoformat(event["since"]), at) for at, event in events if event["event"] == "asleep"]
        until = datetime.fromisoformat(self.scenario["until"])
        while True:
            while events and events[0][0] <= self.now:
                self._happen(*events.pop(0))
            upcoming = [at for at, _ in events[:1]]
            if not any(since < self.now < woken for since, woken in sleeps):
                self.agenda, fallen = self.keeper.keep("me", self.now)
                decisions += fallen
                upcoming += [self.agenda.next_at] if self.agenda.next_at else []
            if not upcoming or min(upcoming) > until:
                return decisions
            self.now = min(upcoming)

    def _happen(self, at: datetime, event: dict[str, Any]) -> None:
        if event["event"] == "asleep":
            return
        if event["event"] in ("muted", "snoozed", "resumed"):
            target = find_target(event["target"], self.keeper.timelines(), self.keeper.agenda(at), self.ledger)
            until = datetime.fromisoformat(event.get("until", event["at"]))
            wishes = {"muted": mute(target, at), "resumed": resume(target, at)}
            self.ledger.record_act(wishes.get(event["event"]) or snooze(target, at, until))
            return
        if event["event"] in ("draft_deleted", "draft_edited"):
            (row,) = [
                row
                for row in self.ledger.drafts("me")
                if row.followup.kind == event["kind"] and row.followup.to.address == event["to"]
            ]
            assert row.uid is not None
            if event["event"] == "draft_edited":  # a client stores an edited draft anew, under its own Message-ID
                outlines = self.mailbox.outlines("Drafts", [row.uid])
                ((_, draft),) = self.mailbox.read("Drafts", outlines)
                edited = draft.replace(row.message_id.encode(), b"edited@client.example") + b"\r\nOne more line.\r\n"
                self.mailbox.append_draft("Drafts", edited)
            self.mailbox.delete("Drafts", row.uid)
            return
        stored = min(
            self.messages.values(), key=lambda stored: abs(stored.arrived - at) if stored.arrived else TOLERANCE
        )
        self.mailbox.deliver("Sent" if stored.use is Use.SENT else "INBOX", stored.message, at)
        if event["event"] == "draft_sent":
            for row in self.ledger.drafts("me"):
                if row.followup.kind == event["kind"] and row.uid in self.mailbox.uids("Drafts"):
                    self.mailbox.delete("Drafts", row.uid)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_deleted_check_in_ends_asking_for_this_round(seed: int, tmp_path: Path) -> None:
    scenario = SCENARIOS["W24"]
    render(scenario, tmp_path, seed=seed)
    live = Live(scenario, list(read_path(tmp_path)))
    _judge(live.run(), scenario["expected"])
    assert live.mailbox.uids("Drafts") == frozenset()
