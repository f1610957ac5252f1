"""The wall clock is set forward, back, and to where it cannot be: nothing comes early, twice, or out of time."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from daemon.clock import DOUBTFUL_JUMP, ClockGuard, VirtualClock

HOUR = timedelta(hours=1)


@pytest.mark.fault("F25")
def test_a_clock_that_is_set_back_and_forth_makes_nothing_early_and_nothing_twice(
    rig: Any, interview_day: datetime
) -> None:
    rig.invite(interview_day)
    rig.seat.move_clock(interview_day + timedelta(hours=1, minutes=30))  # it ends in an hour, the letter is due at 3 h
    rig.start()
    assert rig.drafts == []
    rig.go_to(rig.seat.now + HOUR)
    assert rig.drafts == [], "not before it is due"
    rig.go_to(rig.seat.now - HOUR)
    time.sleep(3)  # for as long as the daemon's clock is wrong: some of its ticks
    late = rig.go_to(rig.seat.now + 2 * HOUR)
    late += rig.until(lambda: rig.drafts, "it is due")
    for step in (-HOUR, -2 * HOUR, HOUR, 3 * HOUR):
        rig.go_to(rig.seat.now + step)
        rig.assert_sound()
    rig.report("F25", way="+1 h, -1 h", late=late)
    assert len(rig.drafts) == 1
    assert len(rig.proxy.sent(rb"^APPEND")) == 1


@pytest.mark.fault("F25")
def test_a_clock_that_is_set_by_years_stops_the_work_until_it_is_right_again(rig: Any, interview_day: datetime) -> None:
    rig.invite(interview_day)
    rig.start()
    rig.waits()
    before = rig.decisions
    real = rig.seat.now
    rig.seat.move_clock(real + timedelta(days=3652))
    told = rig.until(lambda: "ClockInDoubt" in rig.state, "it is told", 60)
    rig.until(lambda: rig.proxy.sent(rb"OLDER"), "the server is asked")
    assert rig.drafts == []
    assert rig.decisions == before
    rig.seat.move_clock(real + timedelta(seconds=5))
    recovered = rig.until(rig.is_healthy, "healthy", 60)
    rig.go_to(interview_day + 4 * HOUR)
    late = rig.until(lambda: rig.drafts, "the letter comes in its time")
    rig.report("F25", way="+10 y", told=told, recovered=recovered, late=late)
    assert len(rig.drafts) == 1
    rig.assert_sound()


@pytest.mark.fault("F25")
def test_a_long_absence_that_the_servers_clock_confirms_is_believed(rig: Any, interview_day: datetime) -> None:
    rig.start()
    rig.stop()
    with closing(sqlite3.connect(rig.seat.state / "ledger.sqlite3")) as ledger:
        health = {"at": (datetime.now(UTC) - timedelta(days=200)).isoformat(), "accounts": {"personal": "healthy"}}
        ledger.execute("UPDATE setting SET value = ? WHERE name = 'health'", (json.dumps(health).encode(),))
        ledger.commit()
    rig.invite(interview_day)
    rig.daemon = rig.seat.start()
    rig.until(lambda: rig.interviews == 1 and rig.is_healthy(), "healthy")
    assert rig.proxy.sent(rb"OLDER")
    rig.assert_sound()


@pytest.mark.fault("F25")
def test_a_wrong_clock_at_the_start_of_the_machine_stops_the_work(rig: Any, interview_day: datetime) -> None:
    rig.invite(interview_day)
    rig.start()
    rig.stop()
    real = rig.seat.now
    rig.seat.move_clock(real + timedelta(days=3652))
    rig.daemon = rig.seat.start()
    rig.until(lambda: "ClockInDoubt" in rig.state, "it is told", 60)
    assert rig.drafts == []
    rig.seat.move_clock(real + timedelta(seconds=5))
    rig.until(rig.is_healthy, "healthy", 60)
    rig.assert_sound()


def _guard(start: datetime, last: datetime | None = None) -> tuple[VirtualClock, ClockGuard]:
    clock = VirtualClock(start)
    return clock, ClockGuard(clock, last)


NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)


def test_a_jump_is_told_and_only_one_of_months_is_doubted() -> None:
    clock, guard = _guard(NOW)
    clock.advance_to(NOW + timedelta(days=3))
    assert timedelta(days=2, hours=23) < guard.check() <= timedelta(days=3)
    assert not guard.in_doubt
    clock.advance_to(NOW + timedelta(days=3) + DOUBTFUL_JUMP + HOUR)
    guard.check()
    assert guard.in_doubt
    assert abs(guard.now() - (NOW + timedelta(days=3))) < timedelta(minutes=1)


def test_time_that_goes_by_is_no_jump() -> None:
    class Running:
        def now(self) -> datetime:
            return NOW + timedelta(seconds=time.monotonic())

    guard = ClockGuard(Running(), None)
    time.sleep(0.05)
    assert abs(guard.check()) < timedelta(milliseconds=40)


def test_a_doubtful_clock_is_believed_when_it_is_said_to_be_right() -> None:
    _, guard = _guard(NOW, NOW - timedelta(days=200))
    assert guard.in_doubt
    guard.believe()
    guard.check()
    assert not guard.in_doubt
    assert abs(guard.now() - NOW) < timedelta(minutes=1)
