"""kill -9 between each two steps of putting a draft into Drafts; then the program runs again, and there is one draft.

No hook in the product: strace ends the process at a chosen system call. The calls are those by which the outside world
is changed: writes to the ledger's files and to the IMAP connection.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

CALLS = "sendto,pwrite64,fdatasync"
_CALL = re.compile(r"^(?:\d+ +)?(?P<name>sendto|pwrite64|fdatasync)\(")


def _calls(trace: Path) -> list[str]:
    return [line for line in trace.read_text("utf-8", "replace").splitlines() if _CALL.match(line)]


def _steps(seat: Any, tmp_path: Path) -> range:
    """Trace one undisturbed run, and give the numbers of the calls from the intent to the recorded outcome."""
    trace = tmp_path / "trace"
    outcome = seat.run("run", "--once", before=("strace", "-qq", "-s", "60", "-e", f"trace={CALLS}", "-o", str(trace)))
    assert outcome.returncode == 0, outcome.stderr
    calls = _calls(trace)
    (append,) = [number for number, line in enumerate(calls) if "APPEND" in line]
    # The intent's commit lies before the APPEND, the outcome's and the decision's after it.
    first = next(n for n in range(append, 0, -1) if "sendto" in calls[n - 1])
    logout = next((n for n, line in enumerate(calls) if "LOGOUT" in line), len(calls))
    return range(first, logout + 1)


def test_one_draft_whenever_it_is_killed(
    seat: Any, invite: Callable[..., EmailMessage], interview_day: datetime, tmp_path: Path
) -> None:
    seat.deliver(invite(seat.user, interview_day))
    after = interview_day + timedelta(hours=4)
    seat.move_clock(after)
    steps = _steps(seat, tmp_path)
    assert len(steps) > 8
    for step in steps:
        shutil.rmtree(seat.state)
        for uid, _ in seat.messages("Drafts"):
            seat.delete("Drafts", uid)
        seat.move_clock(after)
        inject = f"inject={CALLS}:signal=SIGKILL:when={step + 1}"
        killed = seat.run(
            "run", "--once", before=("strace", "-qq", "-o", "/dev/null", "-e", f"trace={CALLS}", "-e", inject)
        )
        assert killed.returncode != 0, f"step {step}: not killed"
        seat.lines("run", "--once")
        assert len(seat.messages("Drafts")) <= 1, f"step {step}"
        # What provably was not stored is tried once more after the last look.
        seat.move_clock(after + timedelta(minutes=11))
        seat.lines("run", "--once")
        seat.lines("run", "--once")
        assert len(seat.messages("Drafts")) == 1, f"step {step}"
