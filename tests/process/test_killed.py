"""kill -9 between each two steps of putting a draft into Drafts; the program runs again, and there is one draft."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from tests.extent import spread
from tests.process.sweep import kill_at, place_of, traced


@pytest.mark.timeout(900)  # it runs the program three times for each of some thirty steps
def test_one_draft_whenever_it_is_killed(
    seat: Any, invite: Callable[..., EmailMessage], interview_day: datetime, tmp_path: Path
) -> None:
    seat.deliver(invite(seat.user, interview_day))
    after = interview_day + timedelta(hours=4)
    seat.move_clock(after)
    steps = traced(seat, tmp_path)
    append = place_of(steps, "APPEND")
    # The intent's commit lies between the question before the APPEND and the APPEND itself.
    first = next(place for place in range(append - 1, 0, -1) if steps[place].call == "sendto")
    for step in spread(steps[first:], 2):
        shutil.rmtree(seat.state)
        for uid, _ in seat.messages("Drafts"):
            seat.delete("Drafts", uid)
        seat.move_clock(after)
        kill_at(seat, step)
        seat.lines("run", "--once")
        assert len(seat.messages("Drafts")) <= 1, step
        # What provably was not stored is tried once more after the last look.
        seat.move_clock(after + timedelta(minutes=11))
        seat.lines("run", "--once")
        assert len(seat.messages("Drafts")) == 1, step
