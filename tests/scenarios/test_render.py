"""The renderer keeps to its scenario: nothing is lost, nothing is drawn by lot, and a thread is a thread."""

from __future__ import annotations

from datetime import datetime
from email import message_from_bytes, policy
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from tests.scenarios.render import HERE, SILENT, load, render

SCENARIOS = load() | load(HERE / "kinds.json") | load(HERE / "further.json")


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_each_event_is_one_message_at_its_instant(name: str, seed: int, tmp_path: Path) -> None:
    scenario = SCENARIOS[name]
    rendered = render(scenario, tmp_path, seed=seed)
    events = [event for event in scenario["timeline"] if event["event"] not in SILENT]
    assert [message.at for message in rendered.messages] == [datetime.fromisoformat(event["at"]) for event in events]
    for message, event in zip(rendered.messages, events, strict=True):
        read = message_from_bytes(message.path.read_bytes(), policy=policy.default)
        own = event["event"] in ("mail_out", "draft_sent", "calendar_out")
        address = scenario["user"]["address"] if own else event["from"]
        assert read["From"].addresses[0].addr_spec == address
        assert message.path.stat().st_mtime == message.at.timestamp()
        assert (".Sent" in message.path.parts) is own
        if not own:
            assert parsedate_to_datetime(str(read["Received"]).rpartition(";")[2].strip()) == message.at
        assert not read.defects


def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_words(tmp_path: Path) -> None:
    first, again, other = (
        [message.raw for message in render(SCENARIOS["W14"], tmp_path / place, seed=seed).messages]
        for place, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert first == again
    assert first != other


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_sent_draft_answers_a_message_of_its_recipient(name: str, tmp_path: Path) -> None:
    scenario = SCENARIOS[name]
    rendered = render(scenario, tmp_path)
    read = [message_from_bytes(message.raw, policy=policy.default) for message in rendered.messages]
    received: dict[str, str] = {}
    for message, mail in zip(rendered.messages, read, strict=True):
        event = scenario["timeline"][message.event]
        if event["event"] == "draft_sent":  # somebody who never wrote is written to in a new thread
            anchor = received.get(str(mail["In-Reply-To"]))
            assert anchor == (event["to"] if event["to"] in received.values() else None)
        received[str(mail["Message-ID"])] = mail["From"].addresses[0].addr_spec
