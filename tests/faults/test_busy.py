"""A server with too many connections or too many commands asks to be left alone: it is, and that is told."""

from __future__ import annotations

import imaplib
import re
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.faults.conftest import LONG
from tests.faults.proxy import answering, hanging_up

THROTTLED = b"%tag BAD Request is throttled. Suggested Backoff Time: 178755 milliseconds"
NOT_CONNECTED = b"%tag BAD User is authenticated but not connected."


def _until(rig: Any) -> datetime:
    """Give the instant until which the state says that the server is left alone."""
    found = re.search(r"ServerBusy until (\S+)", rig.state)
    assert found, rig.state
    return datetime.fromisoformat(found[1]).astimezone(UTC)


def _let_pass(rig: Any, instant: datetime) -> None:
    """Let the time go by, as it does; in the short form by moving the clock."""
    if LONG:
        time.sleep(max(0.0, (instant - rig.seat.now).total_seconds()))
    else:
        rig.seat.move_clock(instant + timedelta(seconds=1))


@pytest.mark.fault("F10")
@pytest.mark.timeout(3600)
def test_too_many_connections_are_a_lack_of_room_and_no_wrong_password(
    make_rig: Callable[..., Any], interview_day: datetime
) -> None:
    rig = make_rig(links="2")
    rig.invite(interview_day)
    server = rig.seat.server
    with ExitStack() as others:
        for _ in range(2):
            other = others.enter_context(imaplib.IMAP4(server.host, server.port, timeout=600))
            other.login(rig.seat.user, server.password)
        rig.daemon = rig.seat.start()
        rig.until(lambda: "ServerBusy until" in rig.state, "it says what is the matter")
        pauses = []
        for _ in range(3 if LONG else 2):
            pauses.append((_until(rig) - rig.seat.now).total_seconds())
            tries = len(rig.proxy.connections)
            time.sleep(3)
            assert len(rig.proxy.connections) == tries, "it is left alone"
            before = _until(rig)
            _let_pass(rig, before)
            rig.until(
                lambda before=before: "ServerBusy" in rig.state and _until(rig) > before, "it has tried again", 60
            )
    assert pauses[0] >= 50
    assert 1.3 * pauses[0] < pauses[1] <= 900
    assert "refuses the login" not in (rig.seat.folder / "log").read_text()
    ended = time.monotonic()
    _let_pass(rig, _until(rig))
    rig.until(lambda: rig.interviews == 1 and rig.is_healthy(), "healthy", 60)
    rig.report("F10", recovered=time.monotonic() - ended, first=pauses[0], second=pauses[1])
    assert rig.proxy.open_links == 1
    rig.assert_sound()


@pytest.mark.fault("F11")
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("command", [rb"^NOOP", rb"^IDLE", rb"^EXAMINE", rb"^UID FETCH"])
def test_a_server_that_says_how_long_it_wants_to_be_left_alone_is(
    rig: Any, command: bytes, interview_day: datetime
) -> None:
    rig.start()
    rig.waits()
    rule = rig.proxy.when(command, answering(THROTTLED))
    rig.invite(interview_day)
    rig.seat.move_clock(rig.seat.now + timedelta(minutes=2))  # a wake-up, so that it looks in any case
    rig.until(lambda: rule.hits, "the refusal")
    rig.until(lambda: "ServerBusy until" in rig.state, "it says so")
    until = _until(rig)
    assert 170 <= (until - rig.seat.now).total_seconds() <= 200
    said = len(rig.proxy.commands)
    if not LONG:
        rig.seat.move_clock(until - timedelta(seconds=15))  # not even a wake-up shortens it
    time.sleep(3)
    assert [c.words for c in rig.proxy.commands[said:] if c.words != b"LOGOUT"] == []
    _let_pass(rig, until)
    late = rig.until(lambda: rig.interviews == 1, "the invitation is found", 60)
    rig.report("F11", way=command.decode(), late=late, recovered=late + rig.until(rig.is_healthy, "healthy", 60))
    rig.assert_sound()


@pytest.mark.fault("F11")
@pytest.mark.timeout(3600)
def test_a_server_that_is_not_connected_to_itself_a_full_mailbox_and_an_expired_session(
    rig: Any, interview_day: datetime
) -> None:
    rig.invite(interview_day)
    rig.start()
    rig.waits()
    rule = rig.proxy.when(rb"^(?:EXAMINE|NOOP|LIST)", answering(NOT_CONNECTED), times=3)
    rig.seat.move_clock(rig.seat.now + timedelta(minutes=2))
    seen = timedelta(0)
    for number in range(3):
        rig.until(lambda number=number: len(rule.hits) > number, "the refusal", 60)
        rig.until(lambda: "ServerBusy until" in rig.state and _until(rig) > rig.seat.now, "it says so", 60)
        pause = _until(rig) - rig.seat.now
        assert pause > seen, "longer each time"
        seen = pause
        _let_pass(rig, _until(rig))
    recovered = rig.until(rig.is_healthy, "healthy", 60)

    full = rig.proxy.when(rb"^APPEND", answering(b"%tag NO [OVERQUOTA] Quota exceeded"))
    expired = rig.proxy.when(rb"^NOOP", hanging_up(b"* BYE Session expired, please login again."))
    rig.seat.move_clock(interview_day + timedelta(hours=4))
    rig.until(lambda: full.hits and expired.hits, "both")
    rig.until(rig.is_healthy, "healthy", 60)
    assert [row.state for row in rig.rows] == ["refused"]
    rig.seat.move_clock(rig.seat.now + timedelta(minutes=11))
    late = rig.until(lambda: [row.state for row in rig.rows] == ["appended"], "it is stored when there is room", 60)
    rig.report("F11", way="not connected, full, expired", late=late, recovered=recovered)
    assert len(rig.drafts) == 1
    rig.assert_sound()
