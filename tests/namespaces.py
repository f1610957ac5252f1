"""Processes that hold namespaces, in which a test's root does what it likes: how they are started, found and ended."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

# Namespaces with other files in them are root's: as in the Makefile, sudo where that is not you.
AS_ROOT = () if os.geteuid() == 0 else ("sudo", "-n")


def children(pid: int) -> list[int]:
    """Give the numbers of a process's children."""
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False)
    return [int(child) for child in found.stdout.split()]


def holder(pid: int) -> int | None:
    """Give the `unshare` that this process is or has become the parent of (sudo stands between); None: not yet."""
    try:
        name = Path(f"/proc/{pid}/comm").read_text("utf-8").strip()
    except OSError:
        return None
    if name == "unshare":
        return pid
    return next((found for child in children(pid) if (found := holder(child)) is not None), None)


def end(process: subprocess.Popen[bytes]) -> None:
    """End the namespaces that a process of ours started, and with them all that runs in them.

    The first process in them is what all others end with. That it ends with its parent (--kill-child) is not enough: a
    server that gives up root's rights is let off that.
    """
    found = holder(process.pid)
    if found is not None:
        ended = (str(pid) for pid in (*children(found), found))
        subprocess.run([*AS_ROOT, "kill", "-KILL", *ended], capture_output=True, check=False)
    process.wait(timeout=60)
