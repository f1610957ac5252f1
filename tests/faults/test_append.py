"""The connection breaks around an APPEND: whatever was stored is found, whatever was not is stored once."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.faults.proxy import answer_lost

AFTER = timedelta(hours=4)  # of the interview's beginning: its letter is due


@pytest.mark.fault("F13")
def test_a_draft_whose_answer_is_lost_is_found_and_not_stored_again(rig: Any, interview_day: datetime) -> None:
    rig.invite(interview_day)
    lost = rig.proxy.when(rb"^APPEND", answer_lost(1.0))
    rig.start()
    rig.seat.move_clock(interview_day + AFTER)
    rig.until(lambda: lost.hits, "the APPEND")
    resolved = rig.until(lambda: [row for row in rig.rows if row.state == "appended"], "the draft is adopted", 120)
    rig.until(rig.is_healthy, "healthy")
    rig.report("F13", resolved=resolved, recovered=time.monotonic() - lost.hits[0])
    rig.assert_sound()
    assert len(rig.proxy.sent(rb"^APPEND")) == 1
    assert len(rig.drafts) == 1
