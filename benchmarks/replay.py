"""Measures `tactful replay` over a Maildir against parsing the same mail with the standard library, in one run.

    python -m benchmarks.replay [SIZE...]      (default: 1000 3000)

For each: wall time from process start to end, messages per second, peak memory of the process. The baseline parses
each message with email.policy.default and takes some fields and the text, which any program must do that reads mail;
it holds one message at a time, and decides nothing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.mailbox_generator import USER, fill

BASELINE = """
import email, email.policy, pathlib, sys
for file in sorted(pathlib.Path(sys.argv[1], "cur").iterdir()):
    with file.open("rb") as opened:
        message = email.message_from_binary_file(opened, policy=email.policy.default)
    fields = [str(message[name]) for name in ("From", "To", "Cc", "Date", "Subject", "Message-ID", "References")]
    body = message.get_body(("plain", "html"))
    text = body.get_content() if body else ""
"""


@dataclass(frozen=True)
class Measured:
    """One process's cost."""

    seconds: float
    peak_megabytes: float


def _measure(*command: str | Path) -> Measured:
    started = time.perf_counter()
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command[0]} ended with {process.returncode}")
    return Measured(seconds, usage.ru_maxrss / 1024)


def main(sizes: list[int]) -> None:
    """Print a table for each size."""
    tactful = Path(sys.executable).with_name("tactful")
    for size in sizes:
        folder = Path(tempfile.mkdtemp(prefix="tactful-bench-"))
        try:
            now = datetime.now(UTC)
            octets = fill(folder, size, now=now)
            until = (now + timedelta(days=60)).isoformat()
            parsed = _measure(sys.executable, "-c", BASELINE, folder)
            replayed = _measure(tactful, "replay", folder, "--until", until, "--me", USER, "--json")
        finally:
            shutil.rmtree(folder)
        print(f"{size} messages, {octets / 1e6:.0f} MB: wall, messages a second, peak memory")
        for name, measured in (("email.policy.default", parsed), ("replay", replayed)):
            rate = size / measured.seconds
            print(f"  {name:<22}{measured.seconds:8.2f} s{rate:8.0f} /s{measured.peak_megabytes:9.1f} MB")
        print(f"  replay takes {replayed.seconds / parsed.seconds:.2f} x as long", flush=True)


if __name__ == "__main__":
    main([int(argument) for argument in sys.argv[1:]] or [1000, 3000])
