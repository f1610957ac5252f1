"""The kernel's lock on a state directory: one process at a time works with a ledger."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from daemon.errors import StateError, StateLocked


class StateLock:
    """The kernel's lock on a state directory; it ends with the process, however that ends."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        if directory.stat().st_uid != os.getuid():
            raise StateError(f"{directory}: belongs to another user; give your own directory as state_dir")
        self._file = (directory / "lock").open("a+", encoding="ascii")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.seek(0)
            holder = self._file.read().strip() or "unknown"
            self._file.close()
            raise StateLocked(
                f"{directory}: another tactful (process {holder}) works with this state directory; "
                "stop it first, or give this one a state_dir of its own"
            ) from None
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()

    def release(self) -> None:
        """Give the directory to the next one."""
        self._file.close()
