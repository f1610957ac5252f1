"""A process in, what it and all that it started have used out: memory and the processor's time."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

_OFTEN = 0.05  # seconds between two looks
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Use:
    """What one process has used: octets at present and at most, seconds of CPU."""

    rss: int
    peak: int
    cpu: float


def family(pid: int) -> list[int]:
    """Give a process and all that descend from it."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
        # Those that other threads than the first have started belong to these.
        for task in Path(f"/proc/{pid}/task").iterdir():
            if task.name != str(pid):
                children += (task / "children").read_text("ascii").split()
    except OSError:
        return []
    return [pid, *(member for child in children for member in family(int(child)))]


def look(pid: int) -> Use | None:
    """Look at a process from outside; None: it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii")
        times = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return None
    fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    if "VmRSS" not in fields:  # a zombie
        return None
    cpu = (int(times[11]) + int(times[12])) / _TICKS
    return Use(rss=int(fields["VmRSS"].split()[0]) << 10, peak=int(fields["VmHWM"].split()[0]) << 10, cpu=cpu)


class Watch:
    """Looks at a process and what it starts, again and again, until it is left."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._seen: dict[int, Use] = {}
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.together = 0  # octets: the most that all used at one moment

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        self._thread.join()

    @property
    def peak(self) -> int:
        """The most that the process itself has used, in octets."""
        return self._seen[self._pid].peak if self._pid in self._seen else 0

    @property
    def children(self) -> int:
        """The most that one of those that it started has used, in octets."""
        return max((use.peak for pid, use in self._seen.items() if pid != self._pid), default=0)

    @property
    def cpu(self) -> float:
        """Seconds that all of them have used."""
        return sum(use.cpu for use in self._seen.values())

    def _run(self) -> None:
        while not self._end.wait(_OFTEN):
            now = {pid: use for pid in family(self._pid) if (use := look(pid))}
            self._seen |= now
            self.together = max(self.together, sum(use.rss for use in now.values()))
