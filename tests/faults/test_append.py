"""The connection breaks around an APPEND: what was stored is found, what was not is stored once, nothing twice."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.faults.conftest import LONG, runs
from tests.faults.proxy import Rule, answer_lost, cut_in_literal, delivered_late

AFTER = timedelta(hours=4)  # of an interview's beginning: its letter is due
LAST_LOOK = timedelta(minutes=10)  # after which what is provably not there may be tried once more
QUICK = {"timeout": "3 s"}


def _due(rig: Any, interview_day: datetime, fault: Any) -> Rule:
    """Let a letter fall due whose APPEND meets the fault."""
    rig.configure(imap={} if LONG else QUICK)
    rig.invite(interview_day)
    rule = rig.proxy.when(rb"^APPEND", fault)
    rig.start()
    rig.seat.move_clock(interview_day + AFTER)
    rig.until(lambda: rule.hits, "the APPEND", 60)
    assert isinstance(rule, Rule)
    return rule


def _is(rig: Any, state: str) -> Callable[[], bool]:
    return lambda: [row.state for row in rig.rows] == [state]


def _one_draft(rig: Any) -> None:
    assert len(rig.drafts) == 1
    rig.assert_sound()
    rig.go_to(rig.seat.now + timedelta(minutes=30))
    assert len(rig.drafts) == 1


@pytest.mark.fault("F12")
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("place", ["0", "1", "half", "all but one", "all"] if LONG else ["half", "all"])
@pytest.mark.parametrize("run", range(runs(1, 4)))
def test_a_draft_cut_off_in_the_middle_is_stored_once(rig: Any, place: str, run: int, interview_day: datetime) -> None:
    cut = {"0": 0, "1": 1, "half": -2, "all but one": -1}.get(place)

    def octets(size: int) -> int:
        return size if cut is None else size // 2 if cut == -2 else size - 1 if cut == -1 else cut

    rule = _due(rig, interview_day, cut_in_literal(octets))
    rig.until(_is(rig, "unknown"), "the outcome is not known", 60)
    rig.until(rig.is_healthy, "healthy", 60)
    assert rig.drafts == []
    assert len(rig.proxy.sent(rb"^APPEND")) == 1, "one look is no proof"
    rig.seat.move_clock(rig.seat.now + LAST_LOOK)
    late = rig.until(_is(rig, "appended"), "it is stored", 120)
    rig.report("F12", place=place, run=run, late=late, recovered=time.monotonic() - rule.hits[0])
    assert len(rig.proxy.sent(rb"^APPEND")) == 2
    _one_draft(rig)


@pytest.mark.fault("F13")
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("run", range(runs(1, 50)))
def test_a_draft_whose_answer_is_lost_is_found_and_not_stored_again(
    rig: Any, run: int, interview_day: datetime
) -> None:
    seconds = 30.0 if LONG else rig.random.uniform(0.2, 1.0)
    lost = _due(rig, interview_day, answer_lost(seconds))
    resolved = rig.until(_is(rig, "appended"), "the draft is adopted", 120)
    rig.until(rig.is_healthy, "healthy")
    rig.report("F13", late=max(0.0, resolved - seconds), recovered=time.monotonic() - lost.hits[0] - seconds, run=run)
    assert len(rig.proxy.sent(rb"^APPEND")) == 1
    _one_draft(rig)


@pytest.mark.fault("F14")
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("held", [90, 400] if LONG else [6])
@pytest.mark.parametrize("run", range(runs(1, 5)))
def test_a_draft_that_is_stored_late_is_not_stored_twice(
    rig: Any, held: int, run: int, interview_day: datetime
) -> None:
    rule = _due(rig, interview_day, delivered_late(held))
    rig.until(_is(rig, "unknown"), "the outcome is not known", 60)
    rig.until(rig.is_healthy, "healthy", 60)
    assert rig.drafts == []
    # The look after a minute finds nothing, and proves nothing.
    rig.seat.move_clock(rig.seat.now + timedelta(minutes=1))
    rig.until(lambda: rig.drafts, "the server stores it after all", held + 30)
    stored = time.monotonic()
    rig.seat.move_clock(rig.seat.now + LAST_LOOK)
    late = rig.until(_is(rig, "appended"), "it is found", 120)
    rig.report("F14", held=held, run=run, late=late, recovered=time.monotonic() - stored, since=stored - rule.hits[0])
    assert len(rig.proxy.sent(rb"^APPEND")) == 1
    _one_draft(rig)
