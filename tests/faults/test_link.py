"""The connection to the server breaks, hangs or goes deaf while the daemon waits: found out, told, and made good."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from tests.faults.conftest import LONG, runs
from tests.faults.proxy import hanging_up

QUICK = {"timeout": "3 s", "idle_renewal": "6 s"}  # what is waited for is the same, sooner


WAYS = ("kick", "BYE", "RST", "FIN", "BYE and FIN")


def _three_mails(rig: Any, interview_day: datetime) -> None:
    rig.invite(interview_day)
    for number in range(2):
        rig.small_talk(number)


def _all_three(rig: Any) -> bool:
    return bool(rig.interviews == 1 and rig.is_healthy())


@pytest.mark.fault("F1")
@pytest.mark.timeout(3600)
def test_a_connection_that_died_in_silence_is_found_out_by_our_own_timer(rig: Any, interview_day: datetime) -> None:
    rig.configure(imap={} if LONG else QUICK)
    rig.start()
    rig.waits()
    frozen = time.monotonic()
    rig.proxy.freeze(new=True)
    _three_mails(rig, interview_day)
    # The limit of I8 for a frozen connection is ten minutes.
    told = rig.until(rig.is_degraded, "it says that it is blind", 600 if LONG else 20)
    time.sleep(max(0.0, frozen + runs(12, 1200) - time.monotonic()))  # for as long as the fault lasts
    rig.proxy.thaw(old=False)
    late = rig.until(lambda: rig.interviews == 1, "the invitation is found")
    recovered = late + rig.until(lambda: _all_three(rig), "healthy", 120 - late)
    rig.report("F1", told=told, late=late, recovered=recovered)
    rig.assert_sound()


@pytest.mark.fault("F2")
def test_a_machine_that_slept_finds_its_mail_and_writes_what_fell_due(rig: Any, interview_day: datetime) -> None:
    rig.configure(imap={"timeout": "5 s"})
    rig.invite(interview_day)
    rig.seat.move_clock(interview_day - timedelta(hours=4))
    rig.start()
    rig.waits()
    rig.daemon.send_signal(signal.SIGSTOP)
    rig.proxy.freeze()
    rig.invite(interview_day + timedelta(days=7), uid="loop-2@northwind.example")
    rig.seat.move_clock(interview_day + timedelta(hours=4))
    rig.proxy.cut(reset=True)
    rig.proxy.thaw(old=False)
    rig.daemon.send_signal(signal.SIGCONT)
    late = rig.until(lambda: rig.drafts, "what fell due is written", 120)
    recovered = rig.until(lambda: rig.is_healthy() and rig.interviews == 2, "healthy", 120)
    rig.report("F2", late=late, recovered=late + recovered)
    assert len(rig.drafts) == 1
    rig.assert_sound()


@pytest.mark.fault("F2")
def test_what_a_machine_slept_too_long_for_is_not_written(rig: Any, interview_day: datetime) -> None:
    rig.invite(interview_day)
    rig.seat.move_clock(interview_day - timedelta(hours=4))
    rig.start()
    rig.waits()
    rig.daemon.send_signal(signal.SIGSTOP)
    rig.seat.move_clock(interview_day + timedelta(days=4))
    rig.daemon.send_signal(signal.SIGCONT)
    rig.until(lambda: any(entry["what"] == "held_back" for entry in rig.seat.lines("status")), "it is told", 60)
    rig.until(rig.is_healthy, "healthy")
    held = [entry for entry in rig.seat.lines("status") if entry["what"] == "held_back"]
    assert {entry["rule"] for entry in held if entry["kind"] == "thank_you"}, "the reason is recorded"
    assert rig.drafts == []
    rig.assert_sound()


@pytest.mark.fault("F3")
@pytest.mark.timeout(3600)
def test_a_server_that_ends_idle_early_is_learned_from(make_rig: Callable[..., Any], interview_day: datetime) -> None:
    rig = make_rig(idle_notify="29 min")  # no sign of life from the server hides its limit
    limit = 300.0 if LONG else 12.5
    rig.configure(imap={"timeout": "5 s", "idle_renewal": "29 min" if LONG else "60 s"})
    rig.start()
    told, recovered = [], []
    for word in (b"", b"* BYE Autologout; idle for too long\r\n"):
        idle = rig.waits()
        time.sleep(max(0.0, idle + limit - time.monotonic()))  # this is the server's limit
        rig.proxy.say(word)
        rig.proxy.cut()
        told.append(rig.until(rig.is_degraded, "it notices", 60))
        recovered.append(told[-1] + rig.until(rig.is_healthy, "healthy"))
    idle = rig.waits()
    before = len(rig.proxy.connections)
    rig.until(lambda: rig.proxy.sent(rb"^DONE", idle), "it renews before the limit", limit)
    renewed = rig.proxy.sent(rb"^DONE", idle)[0].at - idle
    assert renewed < limit
    rig.invite(interview_day)
    late = rig.until(lambda: rig.interviews == 1, "the invitation is found")
    rig.report("F3", told=max(told), late=late, recovered=max(recovered), renewed=renewed, limit=limit)
    assert len(rig.proxy.connections) == before
    rig.assert_sound()


@pytest.mark.fault("F3")
def test_idle_is_renewed_before_the_shortest_limit_that_providers_have(rig: Any) -> None:
    assert "idle_renewal" not in rig.seat.config.read_text("utf-8")
    from daemon.served import IDLE_RENEWAL

    assert timedelta(minutes=4) < IDLE_RENEWAL <= timedelta(minutes=4, seconds=30)


def _drop(rig: Any, way: str) -> None:
    """Let the server go away in the middle of IDLE."""
    if way == "kick":
        conf = rig.seat.server.directory / "dovecot.conf"
        subprocess.run(["doveadm", "-c", conf, "kick", rig.seat.user], check=True, capture_output=True)
    elif way == "BYE":
        rig.proxy.say(b"* BYE Autologout; idle for too long\r\n")
    elif way == "BYE and FIN":
        rig.proxy.say(b"* BYE Server shutting down.\r\n")
        rig.proxy.cut()
    else:
        rig.proxy.cut(reset=way == "RST")


@pytest.mark.fault("F4")
@pytest.mark.timeout(3600)
def test_a_server_that_hangs_up_in_idle_is_left_and_come_back_to(rig: Any, interview_day: datetime) -> None:
    rig.start()
    told, late, recovered = [], [], []
    for number, way in enumerate(WAYS[:3] if not LONG else WAYS * 20):
        rig.waits()
        before = len(rig.proxy.connections)
        _drop(rig, way)
        told.append(rig.until(rig.is_degraded, f"{way}: it says that it is cut off", 60))
        rig.invite(interview_day + timedelta(hours=number), uid=f"loop-{number}@northwind.example")
        late.append(rig.until(lambda known=number + 1: rig.interviews == known, "the invitation is found"))
        recovered.append(late[-1] + rig.until(rig.is_healthy, "healthy"))
        assert len(rig.proxy.connections) - before == 1, f"{way}: one new connection, no storm"
    rig.report("F4", told=max(told), late=max(late), recovered=max(recovered), runs=len(told))
    rig.assert_sound()


@pytest.mark.fault("F4")
def test_a_server_that_hangs_up_at_once_each_time_is_not_stormed(rig: Any) -> None:
    rig.start()
    rig.waits()
    storm = rig.proxy.when(rb"^IDLE", hanging_up(b"* BYE Too bad"), times=None)
    rig.proxy.cut()
    began, cpu = time.monotonic(), rig.cpu()
    rig.until(lambda: len(storm.hits) >= runs(3, 6), "it has come again", 240)
    gaps = [later - earlier for earlier, later in pairwise(storm.hits)]
    assert min(gaps) > 1, gaps
    assert gaps[1] > 1.1 * gaps[0], gaps
    storm.active = False
    recovered = rig.until(rig.is_healthy, "healthy")
    share = (rig.cpu() - cpu) / (time.monotonic() - began)
    rig.report("F4", way="storm", recovered=recovered, cpu=share)
    assert share < 0.5, "a start of a connection costs something, a spin costs everything"
    rig.assert_sound()
