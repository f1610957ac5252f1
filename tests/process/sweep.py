"""An end at a chosen system call, without a hook in the product: strace traces one run, then ends others on the way."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CALLS = "sendto,pwrite64,fdatasync"  # how the outside world is changed: the ledger's files and the servers
_CALL = re.compile(r"([a-z0-9]+)\(")


@dataclass(frozen=True)
class Step:
    """The `number`th call of this name; `line` is what strace wrote of it in the undisturbed run, with the files."""

    call: str
    number: int
    line: str


def traced(seat: Any, folder: Path, calls: str = CALLS) -> list[Step]:
    """Trace one undisturbed `run --once`, which must succeed; give its calls of these names."""
    trace = folder / "trace"
    strace = ("strace", "-qq", "-y", "-s", "80", "-e", f"trace={calls}", "-o", str(trace))
    outcome = seat.run("run", "--once", before=strace)
    assert outcome.returncode == 0, outcome.stderr
    steps: list[Step] = []
    for line in trace.read_text("utf-8", "replace").splitlines():
        if found := _CALL.match(line):
            number = sum(step.call == found[1] for step in steps) + 1
            steps.append(Step(call=found[1], number=number, line=line))
    assert {step.call for step in steps} >= set(CALLS.split(","))
    return steps


def place_of(steps: list[Step], *words: str) -> int:
    """Give the place of the one step in which one of these words is written."""
    (place,) = [place for place, step in enumerate(steps) if any(word in step.line for word in words)]
    return place


def ends_at(seat: Any, step: Step, signal: str = "SIGKILL") -> bool:
    """Run `run --once` until this step, where a signal ends it; False: it had ended before, by itself."""
    inject = f"inject={step.call}:signal={signal}:when={step.number}"
    strace = ("strace", "-qq", "-o", "/dev/null", "-e", f"trace={step.call}", "-e", inject)
    return bool(seat.run("run", "--once", before=strace).returncode != 0)
