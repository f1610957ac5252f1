"""Files that are the person's alone: made with 0600, opened only where nobody else can have put or can read them."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from daemon.errors import StateError


def make_private_directory(directory: Path) -> None:
    """Make a directory with 0700. One that exists must be the person's own; others lose their rights to it.

    Raises OSError, and StateError for one that cannot be trusted.
    """
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    status = directory.stat()
    if status.st_uid != os.getuid():
        raise StateError(f"{directory}: belongs to another user; give your own directory as state_dir")
    if stat.S_IMODE(status.st_mode) & 0o077:
        directory.chmod(0o700)


def open_privately(path: Path, flags: int) -> int:
    """Open a file, and give its descriptor; with O_CREAT in `flags` it is made. Others lose their rights to it.

    Raises FileNotFoundError, another OSError, and StateError for a symbolic link, for what is no file, and for a file
    of another user.
    """
    try:
        file = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
    except FileNotFoundError:
        raise
    except OSError as error:
        if path.is_symlink():
            raise StateError(f"{path}: is a symbolic link; only a file of your own is taken there") from error
        raise
    try:
        _claim(path, os.fstat(file))
        if stat.S_IMODE(os.fstat(file).st_mode) & 0o077:
            os.fchmod(file, 0o600)
    except BaseException:
        os.close(file)
        raise
    return file


def _claim(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise StateError(f"{path}: is no file; move it away")
    if status.st_uid != os.getuid():
        raise StateError(f"{path}: belongs to another user; move it away")


def create_privately(path: Path, content: bytes) -> None:
    """Write a file with 0600, whole or not at all, in place of one that is there. Raises OSError."""
    temporary = path.with_name(f"{path.name}.new")
    temporary.unlink(missing_ok=True)
    try:
        with os.fdopen(
            os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600), "wb"
        ) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def sync_directory(directory: Path) -> None:
    """Have the names in a directory on disk. Raises OSError."""
    opened = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
