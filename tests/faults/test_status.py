"""What `status` says of a daemon that is gone, and what the process uses while it waits."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

import pytest

from tests.faults.census import vitals
from tests.faults.conftest import runs


@pytest.mark.fault("F15")
def test_status_says_that_a_killed_daemon_does_not_run(rig: Any) -> None:
    rig.start()
    (health,) = (entry for entry in rig.seat.lines("status") if entry["what"] == "health")
    assert health["running"] is True
    rig.kill()
    said = rig.seat.run("status").stdout
    assert "The daemon does not run" in said
    assert "personal: healthy" in said


@pytest.mark.fault("F4")
@pytest.mark.timeout(300)
def test_a_daemon_that_waits_uses_next_to_nothing(rig: Any, interview_day: datetime) -> None:
    rig.invite(interview_day)
    rig.start()
    rig.waits()
    time.sleep(2)  # until the thread that said so has gone to sleep
    seconds = runs(8, 120)
    before, began = vitals(rig.daemon.pid), time.monotonic()
    time.sleep(seconds)
    after = vitals(rig.daemon.pid)
    share = (after.cpu - before.cpu) / (time.monotonic() - began)
    rig.report("idle", cpu=share, rss=after.rss >> 20, peak=after.peak >> 20, files=after.files)
    assert share < 0.01, "one in a hundred seconds of CPU, with the clock looked at each second"
    assert after.files == before.files
    rig.assert_sound()
