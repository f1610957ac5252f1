"""The connection to the server breaks, hangs or goes deaf while the daemon waits: found out, told, and made good."""

from __future__ import annotations

import time
from typing import Any

import pytest


def _drop(rig: Any, way: str) -> None:
    """Let the server go away in the middle of IDLE."""
    if way == "BYE":
        rig.proxy.say(b"* BYE Autologout; idle for too long\r\n")
    elif way == "BYE and FIN":
        rig.proxy.say(b"* BYE Server shutting down.\r\n")
        rig.proxy.cut()
    else:
        rig.proxy.cut(reset=way == "RST")


@pytest.mark.fault("F4")
@pytest.mark.parametrize("way", ["BYE", "BYE and FIN", "FIN", "RST"])
def test_a_server_that_hangs_up_in_idle_is_left_and_come_back_to(rig: Any, way: str, interview_day: Any) -> None:
    rig.start()
    rig.until(lambda: rig.proxy.sent(rb"^IDLE"), "the daemon waits")
    before = len(rig.proxy.connections)
    _drop(rig, way)
    dropped = time.monotonic()
    told = rig.until(rig.is_degraded, "it says that it is cut off", 60)
    rig.invite(interview_day)
    late = rig.until(lambda: rig.interviews == 1, "the invitation is found", 30)
    rig.until(rig.is_healthy, "healthy", 60)
    rig.report("F4", way=way, told=told, late=late, recovered=time.monotonic() - dropped)
    assert len(rig.proxy.connections) - before == 1, "one new connection, no storm"
    rig.assert_sound()
