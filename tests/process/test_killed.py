"""kill -9 between each two steps of putting a draft into Drafts; then the program runs again, and there is one draft.

No hook in the product: strace ends the process at a chosen system call. The calls are those by which the outside world
is changed: writes to the ledger's files and to the IMAP connection.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

CALLS = "sendto,pwrite64,fdatasync"
_CALL = re.compile(r"^(sendto|pwrite64|fdatasync)\(")


@dataclass(frozen=True)
class Step:
    """The `number`th call of this name."""

    call: str
    number: int


def _steps(seat: Any, tmp_path: Path) -> list[Step]:
    """Trace one undisturbed run, and give the calls from the intent to the recorded outcome."""
    trace = tmp_path / "trace"
    outcome = seat.run("run", "--once", before=("strace", "-qq", "-s", "60", "-e", f"trace={CALLS}", "-o", str(trace)))
    assert outcome.returncode == 0, outcome.stderr
    lines = [line for line in trace.read_text("utf-8", "replace").splitlines() if _CALL.match(line)]
    names = [line[: line.index("(")] for line in lines]
    steps = [Step(call=name, number=names[: place + 1].count(name)) for place, name in enumerate(names)]
    (append,) = [place for place, line in enumerate(lines) if "APPEND" in line]
    # The intent's commit lies between the question before the APPEND and the APPEND itself.
    first = next(place for place in range(append - 1, 0, -1) if names[place] == "sendto")
    return steps[first:]


@pytest.mark.timeout(900)  # it runs the program three times for each of some thirty steps
def test_one_draft_whenever_it_is_killed(
    seat: Any, invite: Callable[..., EmailMessage], interview_day: datetime, tmp_path: Path
) -> None:
    seat.deliver(invite(seat.user, interview_day))
    after = interview_day + timedelta(hours=4)
    seat.move_clock(after)
    steps = _steps(seat, tmp_path)
    assert {step.call for step in steps} == set(CALLS.split(","))
    for step in steps:
        shutil.rmtree(seat.state)
        for uid, _ in seat.messages("Drafts"):
            seat.delete("Drafts", uid)
        seat.move_clock(after)
        inject = f"inject={step.call}:signal=SIGKILL:when={step.number}"
        strace = ("strace", "-qq", "-o", "/dev/null", "-e", f"trace={step.call}", "-e", inject)
        assert seat.run("run", "--once", before=strace).returncode != 0, f"{step}: not killed"
        seat.lines("run", "--once")
        assert len(seat.messages("Drafts")) <= 1, step
        # What provably was not stored is tried once more after the last look.
        seat.move_clock(after + timedelta(minutes=11))
        seat.lines("run", "--once")
        assert len(seat.messages("Drafts")) == 1, step
