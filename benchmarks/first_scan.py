"""Measures the first `tactful scan` of a mailbox against two other programs, in one run on one server.

    python -m benchmarks.first_scan [SIZE...]      (default: 1000 10000)

The others are the plain loop of a first version, and the least that two stages cost. For each: wall time from process
start to end, CPU, bytes that the server sent by its own log, peak memory of the process and of the one that reads mail
for it. The order alternates, and the median of the rounds counts.
"""

from __future__ import annotations

import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.mailbox_generator import USER, fill
from benchmarks.processes import Watch

ROOT = Path(__file__).parent.parent
SERVER = ROOT / "tests" / "servers" / "dovecot.sh"
ROUNDS = {1000: 5, 10000: 3}
LONGEST_LOOP = 10000  # messages: of more the plain loop, which takes minutes, makes one round


@dataclass(frozen=True)
class Measured:
    """One process's cost."""

    seconds: float
    cpu: float
    megabytes_read: float
    peak_megabytes: float
    reader_megabytes: float


class Bench:
    """A server with one mailbox, and the two programs that read it."""

    def __init__(self, folder: Path, size: int) -> None:
        self.folder = folder
        mail = folder / "mail" / USER / "Mail"
        self.bytes = fill(mail, size, now=datetime.now(UTC))
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o777 if path.is_dir() else 0o666)  # the server runs as another user
        said = subprocess.run([SERVER, "start", folder], capture_output=True, text=True, check=True).stdout
        self.server = dict(line.split("=", 1) for line in said.split())
        secret = folder / "secret"
        secret.write_text(self.server["PASS"])
        secret.chmod(0o600)
        self.config = folder / "config.yaml"
        self.config.write_text(
            f"state_dir: {folder}/ledger\naccounts:\n  - name: bench\n    address: {USER}\n    full_name: Sam Carter\n"
            f"    timezone: America/New_York\n    imap:\n      host: {self.server['HOST']}\n"
            f"      port: {self.server['PORT']}\n      tls: none\n      username: {USER}\n"
            f"      password: {{file: {secret}}}\n"
        )

    def stop(self) -> None:
        """End the server."""
        subprocess.run([SERVER, "crash", self.folder], check=True, capture_output=True)

    def _sent(self) -> int:
        log = Path(self.server["LOG"]).read_text("utf-8", "replace")
        return sum(int(number) for number in re.findall(r"\bout=(\d+)", log))

    def _measure(self, *command: str | Path) -> Measured:
        before = self._sent()
        started = time.perf_counter()
        process = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL, cwd=ROOT)
        with Watch(process.pid) as watch:
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"{command[0]} ended with {process.returncode}")
        deadline = time.monotonic() + 5
        while (sent := self._sent()) == before and time.monotonic() < deadline:
            time.sleep(0.05)  # the server writes its log when it has noticed the logout
        # The one that reads may end after the process, which then does not count its time.
        cpu = max(watch.cpu, usage.ru_utime + usage.ru_stime)
        return Measured(seconds, cpu, (sent - before) / 1e6, usage.ru_maxrss / 1024, watch.children / 2**20)

    def plain_loop(self) -> Measured:
        """Run the baseline."""
        return self._baseline("plain_loop")

    def two_stages(self) -> Measured:
        """Run the other baseline."""
        return self._baseline("two_stages")

    def _baseline(self, name: str) -> Measured:
        arguments = (self.server["HOST"], self.server["PORT"], USER, self.server["PASS"])
        return self._measure(sys.executable, "-m", f"benchmarks.{name}", *arguments)

    def first_scan(self) -> Measured:
        """Run `tactful scan` without any memory of an earlier one."""
        shutil.rmtree(self.folder / "ledger", ignore_errors=True)
        return self.next_scan()

    def next_scan(self) -> Measured:
        """Run `tactful scan` again."""
        return self._measure(Path(sys.executable).with_name("tactful"), "scan", "--json", "--config", self.config)


def _median(of: str, rounds: list[Measured]) -> float:
    return statistics.median(getattr(measured, of) for measured in rounds)


def _row(name: str, rounds: list[Measured], baseline: list[Measured]) -> str:
    seconds, cpu, read, peak, reader = (
        _median(of, rounds) for of in ("seconds", "cpu", "megabytes_read", "peak_megabytes", "reader_megabytes")
    )
    faster = _median("seconds", baseline) / seconds
    share = 100 * read / _median("megabytes_read", baseline)
    cost = f"{seconds:9.2f} s{cpu:9.2f} s{read:10.2f} MB{peak:9.1f} +{reader:6.1f} MB"
    return f"  {name:<14}{cost}   {faster:6.1f} x as fast, {share:6.2f} % of the bytes"


def _measure(size: int) -> list[Measured]:
    """Print the table of one size; give the first scans."""
    folder = Path(tempfile.mkdtemp(prefix="tactful-bench-"))
    folder.chmod(0o755)
    bench = Bench(folder, size)
    try:
        bench.first_scan()  # fills the server's cache of header fields, for all alike
        loops, stages, firsts, seconds = [], [], [], []
        for number in range(ROUNDS.get(size, 3)):
            if not number or size <= LONGEST_LOOP:
                loops.append(bench.plain_loop())
            stages.append(bench.two_stages())
            firsts.append(bench.first_scan())
            seconds.append(bench.next_scan())
    finally:
        bench.stop()
        shutil.rmtree(folder)
    print(f"{size} messages, {bench.bytes / 1e6:.0f} MB; median of {len(firsts)}: wall, CPU, bytes read, peak memory")
    rows = {"plain loop": loops, "two stages": stages, "first scan": firsts, "second scan": seconds}
    for name, rounds in rows.items():
        print(_row(name, rounds, loops))
    stage = _median("seconds", firsts) / _median("seconds", stages)
    print(f"  the first scan takes {stage:.1f} x as long as two stages", flush=True)
    return firsts


def main(sizes: list[int]) -> None:
    """Print a table for each size, and what the step to the next size costs."""
    before: tuple[int, list[Measured]] | None = None
    for size in sizes:
        firsts = _measure(size)
        if before:
            slower = _median("seconds", firsts) / _median("seconds", before[1])
            more = [_median(of, firsts) - _median(of, before[1]) for of in ("peak_megabytes", "reader_megabytes")]
            print(
                f"  {size} instead of {before[0]}: {slower:.1f} x the time, {more[0]:.1f} +{more[1]:.1f} MB more",
                flush=True,
            )
        before = size, firsts


if __name__ == "__main__":
    main([int(argument) for argument in sys.argv[1:]] or [1000, 10000])
