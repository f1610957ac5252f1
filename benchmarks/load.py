"""Measures the daemon under load, on a real server on loopback, against the bars that it is held to.

    python -m benchmarks.load [NAME...]      (default: all; some take ten minutes)

Prints a line for each figure: what was measured, and its bar. Wall times count what else the machine does.
"""

from __future__ import annotations

import shutil
import sys

from benchmarks import load_arrivals, load_steady
from tests.conftest import start_server

MEASUREMENTS = {
    "burst": load_arrivals.burst,
    "delay": load_arrivals.delay,
    "big": load_arrivals.big,
    "large": load_arrivals.large,
    "due": load_steady.due,
    "accounts": load_steady.accounts,
    "state": load_steady.state,
    "stop": load_steady.stop,
    "traffic": load_steady.traffic,
}


def main(names: list[str]) -> None:
    """Print the figures of these measurements."""
    for name in names:
        server = start_server({"DOVECOT_IDLE_NOTIFY": load_steady.IDLE_NOTIFY} if name == "traffic" else {})
        try:
            for figure in MEASUREMENTS[name](server):
                print(figure, flush=True)
        finally:
            server.call("crash")
            shutil.rmtree(server.directory, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1:] or list(MEASUREMENTS))
