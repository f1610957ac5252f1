"""A message's file: read as far as is wanted, written so that it survives a power cut, named as no other is."""

from __future__ import annotations

import itertools
import os
import socket
import stat
import time
from pathlib import Path

_counter = itertools.count(1)


def mtime_ns(path: Path) -> int:
    """Give the time of a file in nanoseconds; that of one which is gone is later than any other."""
    try:
        return path.stat(follow_symlinks=False).st_mtime_ns
    except OSError:  # gone or renamed since it was listed: last, and looked for again when it is read
        return 2**63


def read_file(path: Path, beginning: int, whole: int = 0) -> tuple[bytes, os.stat_result] | None:
    """Read a file of at most `whole` octets, the beginning of a larger one; None when it cannot be had (any more)."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                return None
            rest = status.st_size if status.st_size <= whole else beginning
            pieces = []
            while rest > 0 and (piece := file.read(rest)):
                pieces.append(piece)
                rest -= len(piece)
            return b"".join(pieces), status
    except OSError:
        return None


def unique_name() -> str:
    """Make a file name as Dovecot does; the host's "/" and ":" are escaped (the Maildir specification)."""
    seconds, nanoseconds = divmod(time.time_ns(), 10**9)
    host = socket.gethostname().replace("/", "\\057").replace(":", "\\072").replace(",", "\\054") or "localhost"
    return f"{seconds}.M{nanoseconds // 1000}P{os.getpid()}Q{next(_counter)}.{host}"


def write_new(path: Path, content: bytes) -> None:
    """Write a file that does not exist yet, for good. Raises OSError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_directory(path: Path) -> None:
    """Make the names in a directory last. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
