"""Keeps this process's memory, which holds secrets and mail, out of core files and away from other programs."""

from __future__ import annotations

import resource
import sys
from contextlib import suppress

_PR_SET_DUMPABLE = 4  # prctl(2)


def keep_memory_private() -> None:
    """Leave no core file, and let no other program of this user read the memory (ptrace(2), /proc/PID/mem).

    A sandbox may forbid either; then its own rules for cores hold, and nothing is raised.
    """
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        # A limit alone does not count where cores are piped to a handler (core(5)).
        with suppress(ImportError, OSError, MemoryError):  # ctypes wants executable memory, where libffi is old
            import ctypes

            ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
