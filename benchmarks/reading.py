"""Measures reading mail in the process of its own against reading it here, over the same messages in one run.

    python -m benchmarks.reading [SIZE]      (default: 1000)

For each: wall time and CPU, of this process and the other one together. The start of the other is counted apart: it
loads the tables that reading here loads with its first message.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.mailbox_generator import USER, fill
from daemon.mailreader import InProcess, MailReader
from daemon.worker import Worker
from parsers.reader import Reader

NOW = datetime.now(UTC)
READER = Reader(account="bench", addresses=frozenset({USER}), full_name="Sam Carter", timezone="America/New_York")


def _cpu(pid: int | None) -> float:
    if pid is None:
        return 0.0
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _measure(name: str, reader: MailReader, messages: list[bytes], pid: Callable[[], int | None]) -> float:
    def read(some: list[bytes]) -> tuple[float, float]:
        began, used = time.perf_counter(), time.process_time() + _cpu(pid())
        for message in some:
            reader.facts(message, NOW, READER)
        return time.perf_counter() - began, time.process_time() + _cpu(pid()) - used

    began, used = time.perf_counter(), time.process_time()
    reader.facts(messages[0], NOW, READER)
    start = time.perf_counter() - began, time.process_time() + _cpu(pid()) - used
    read(messages)  # names and words that were seen before cost less: for both alike
    wall, cpu = read(messages)
    rate = len(messages) / cpu
    began_with = f"start {start[0]:6.2f} s wall {start[1]:6.2f} s CPU"
    print(f"  {name:<18}{began_with}; then {wall:6.2f} s {cpu:6.2f} s CPU {rate:7.0f}/s")
    return cpu


def main(size: int) -> None:
    """Print both, and the ratio of their CPU."""
    with tempfile.TemporaryDirectory(prefix="tactful-bench-") as folder:
        fill(Path(folder), size, now=NOW)
        messages = [path.read_bytes() for path in sorted(Path(folder).rglob("cur/*"))]
    worker = Worker()
    here = _measure("in this process", InProcess(), messages, lambda: None)
    there = _measure("in one of its own", worker, messages, lambda: worker.pid)
    worker.close()
    print(f"  {len(messages)} messages: {there / here:.2f} x the CPU")


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 1000)
