"""Measures what the command costs that has nothing to do, against the least that can be had, in one run.

    python -m benchmarks.footprint      (needs the server of the tests)

The start of `--version` and `--help`, the memory of a daemon that waits, a look at a mailbox without news.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime

from benchmarks.load_rig import Figure, LoadSeat, seat_before, wait
from benchmarks.mailbox_generator import messages, put
from benchmarks.processes import Watch, look
from tests.conftest import start_server
from tests.process.conftest import TACTFUL

ROUNDS = 9
MESSAGES = 1000
CORE = "import imapclient, sqlite3, time; time.sleep(3)"
LOOK = """
import imaplib, sys
with imaplib.IMAP4(sys.argv[1], int(sys.argv[2])) as link:
    link.login(sys.argv[3], sys.argv[4])
    link.select("INBOX", readonly=True)
    uidnext = int(link.untagged_responses["UIDNEXT"][0])
    link.uid("FETCH", f"{uidnext}:*", "(UID FLAGS)")
"""


def starts() -> None:
    """Print how long the shortest commands take against an interpreter that does nothing."""
    commands = {
        "nothing": [sys.executable, "-c", ""],
        "--version": [TACTFUL, "--version"],
        "--help": [TACTFUL, "--help"],
    }
    costs = _medians(commands)
    for name in ("--version", "--help"):
        print(_against(name, costs[name], costs["nothing"], 10))


def _against(name: str, cost: tuple[float, float], least: tuple[float, float], bar: float) -> Figure:
    note = f"{1000 * cost[1]:.0f} ms of CPU against {1000 * least[1]:.0f}; wall {cost[0] / least[0]:.1f} x"
    return Figure(name=name, value=cost[1] / least[1], unit="x the CPU", bar=bar, note=note)


def _medians(commands: dict[str, list[object]]) -> dict[str, tuple[float, float]]:
    """Give wall and CPU of each, in seconds: medians of interleaved rounds."""
    costs: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, command in commands.items():
            began = time.perf_counter()
            process = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                sys.exit(f"{command[0]} ended with {process.returncode}")
            costs[name].append((time.perf_counter() - began, usage.ru_utime + usage.ru_stime))
    return {
        name: tuple(statistics.median(column) for column in zip(*found, strict=True)) for name, found in costs.items()
    }


def looks(seat: LoadSeat) -> None:
    """Print what a look without news costs: another scan, and a pass of the daemon."""
    server = seat.server
    for arrived, mail in messages(MESSAGES, now=datetime.now(UTC)):
        put(seat.maildir, mail, arrived)
    scan = [TACTFUL, "scan", "--json", "--config", seat.config]
    least = [sys.executable, "-c", LOOK, server.host, seat.proxy.port, seat.user, server.password]
    subprocess.run([str(part) for part in scan], stdout=subprocess.DEVNULL, check=True)
    costs = _medians({"least": least, "scan": scan})
    print(_against("second scan", costs["scan"], costs["least"], 8))

    before, octets = len(seat.proxy.commands), seat.meter.octets
    subprocess.run([str(part) for part in least], check=True)
    least_octets, octets = seat.meter.octets - octets, seat.meter.octets
    least_commands, before = len(seat.proxy.commands) - before, len(seat.proxy.commands)
    subprocess.run([str(part) for part in scan], stdout=subprocess.DEVNULL, check=True)
    words = b" | ".join(command.words.split(b" ")[0] for command in seat.proxy.commands[before:]).decode()
    share = (seat.meter.octets - octets) / least_octets
    note = f"{seat.meter.octets - octets} octets by {words}; the least: {least_commands} commands"
    print(Figure(name="second scan, octets from the server", value=share, unit="x", bar=3, note=note))


def waits(seat: LoadSeat) -> None:
    """Print the memory of a daemon that waits, and what one of its passes without news asks for."""
    process = seat.begin()
    core = subprocess.Popen([sys.executable, "-c", CORE])
    with Watch(core.pid) as watch:
        core.wait()
    wait(lambda: len(seat.proxy.sent(rb"^IDLE")) > 1, "it has waited once")
    idles = [number for number, command in enumerate(seat.proxy.commands) if command.words == b"IDLE"]
    commands = [command.words.decode() for command in seat.proxy.commands[idles[-2] + 1 : idles[-1]]]
    used = look(process.pid)
    note = f"{used.rss / 2**20:.1f} MB against {watch.peak / 2**20:.1f}"
    print(Figure(name="daemon that waits, memory", value=used.rss / watch.peak, unit="x", bar=1.6, note=note))
    print(f"  a pass without news: {len(commands)} commands: {' | '.join(commands)}")


if __name__ == "__main__":
    starts()
    running = start_server({})
    try:
        with seat_before(running, imap={"idle_renewal": "5 s"}) as one:
            looks(one)
            waits(one)
    finally:
        running.call("crash")
        shutil.rmtree(running.directory, ignore_errors=True)
