"""The kernel's lock on a state directory: one process at a time works with a ledger."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from daemon.errors import StateLocked
from daemon.private_files import open_privately


def is_held(directory: Path) -> bool:
    """Whether a process works with a state directory, by the note of its holder; the lock itself is left alone, since
    even a look at it would turn a daemon away that starts at that moment.
    """
    try:
        os.kill(int((directory / "lock").read_text("ascii")), 0)
    except PermissionError:
        return True  # it is another user's
    except (OSError, ValueError):
        return False
    return True


class StateLock:
    """The kernel's lock on a state directory; it ends with the process, however that ends."""

    def __init__(self, directory: Path) -> None:
        self._file = os.fdopen(open_privately(directory / "lock", os.O_RDWR | os.O_CREAT), "r+", encoding="ascii")
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
        self._file.seek(0)
        self._file.truncate()
        self._file.write(str(os.getpid()))
        self._file.flush()

    def release(self) -> None:
        """Give the directory to the next one."""
        self._file.close()
