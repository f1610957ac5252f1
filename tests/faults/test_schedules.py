"""Thousands of random schedules on the memory twin; and the judge itself, which must see what it is there to see."""

from __future__ import annotations

import os
import time
from collections import Counter
from typing import Any

import pytest

from daemon.drafts import DraftState
from tests.faults.conftest import SEED, _reporter, runs
from tests.faults.schedule_parts import DovecotStore
from tests.faults.schedules import MONDAY, Schedule, Wrong, run

ACTS = 14
CHUNKS = 8  # so that all cores have some
ONE = os.environ.get("FAULTS_SCHEDULE")  # the seed of one schedule, to run it alone

pytestmark = [pytest.mark.fault("model")]


@pytest.mark.timeout(14400)
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_whatever_happens_in_whatever_order_nothing_is_doubled_lost_early_or_changed(
    chunk: int, request: pytest.FixtureRequest
) -> None:
    seeds = [ONE] if ONE else [f"{SEED}-{chunk}-{number}" for number in range(runs(25, 13_000))]
    seen: Counter[str] = Counter()
    started = time.monotonic()
    for seed in seeds:
        schedule = run(seed, ACTS)
        seen["drafts"] += len(schedule.store.appended)
        seen["sent"] += len(schedule.postbox.taken)
        seen["deaths"] += sum("died" in step for step in schedule.steps)
        seen["broken links"] += sum("broke" in step for step in schedule.steps)
        seen.update(row.state for row in schedule.ledger.drafts())
    _reporter(request.node.name)("model", schedules=len(seeds), seconds=time.monotonic() - started, **seen)
    # A run in which nothing happens proves nothing.
    assert ONE or min(seen["drafts"], seen["deaths"], seen["broken links"]) > 0


@pytest.mark.timeout(14400)
@pytest.mark.parametrize("chunk", range(2))
def test_it_is_the_same_on_a_real_server(chunk: int, dovecot: Any, request: pytest.FixtureRequest) -> None:
    seeds = [ONE] if ONE else [f"{SEED}-real-{chunk}-{number}" for number in range(runs(5, 1_000))]
    seen: Counter[str] = Counter()
    started = time.monotonic()
    for seed in seeds:
        store = DovecotStore(dovecot)
        schedule = run(seed, ACTS, store)
        seen["drafts"] += len(schedule.store.appended)
        seen["sent"] += len(schedule.postbox.taken)
        store.close()
    _reporter(request.node.name)("model", schedules=len(seeds), seconds=time.monotonic() - started, **seen)


def quiet() -> Schedule:
    """A schedule in which an invitation came and its letter was put into Drafts."""
    schedule = Schedule("quiet")
    schedule.now = MONDAY
    del schedule.applications[1:]
    schedule.deliver()
    while not schedule.store.uids("Drafts"):
        schedule.due()
    schedule.judge()
    return schedule


def test_the_judge_sees_a_second_draft() -> None:
    schedule = quiet()
    schedule.store.append_draft("Drafts", schedule.store.appended[0])
    with pytest.raises(Wrong, match="I1"):
        schedule.judge()


def test_the_judge_sees_a_changed_flag_and_a_lost_message() -> None:
    for harm in ("mark", "delete"):
        schedule = quiet()
        (uid, *_) = schedule.store.uids("INBOX")
        if harm == "mark":
            schedule.store.mark("INBOX", uid, "\\Seen")
        else:
            schedule.store.delete("INBOX", uid)
        with pytest.raises(Wrong, match="I2"):
            schedule.judge()


def test_the_judge_sees_a_draft_before_its_time() -> None:
    schedule = quiet()
    schedule.now = MONDAY
    with pytest.raises(Wrong, match="I5"):
        schedule.store.append_draft("Drafts", schedule.store.appended[0])


def test_the_judge_sees_a_letter_that_was_not_made() -> None:
    schedule = quiet()
    schedule.store.appended.clear()
    schedule.applications[0].passes.append(schedule.now.replace(hour=16))
    for uid in schedule.store.uids("Drafts"):
        schedule.store.delete("Drafts", uid)
    with pytest.raises(Wrong, match="lost"):
        schedule.judge()


def test_the_judge_sees_a_message_without_a_row_and_a_draft_in_between() -> None:
    schedule = quiet()
    schedule.ledger._db.execute("DELETE FROM seen")
    with pytest.raises(Wrong, match="I6"):
        schedule.judge()
    schedule = quiet()
    schedule.ledger._db.execute("UPDATE draft SET state = ?", (DraftState.INTENT,))
    schedule.ledger._forget_what_was_read()
    with pytest.raises(Wrong, match="I12"):
        schedule.judge()
