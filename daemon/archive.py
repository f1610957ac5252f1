"""Reads what a person names on the command line, file, Maildir or mbox, as messages with their arrival."""

from __future__ import annotations

import mailbox as stdlib_mailbox
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from daemon.errors import InputError
from daemon.folders import use_by_name
from daemon.mailbox import Use
from parsers.mail import read_mail

# A Maildir file whose own time lies further than this from what the message says was copied, not delivered.
_COPIED = timedelta(days=1)
_LARGEST_HEADER = 256 * 1024
_NO_DATE = datetime(1970, 1, 2, tzinfo=UTC)  # what `read_mail` gives where a message states no instant is earlier


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """One message as it lies somewhere. `use` is that of its folder; None where there are no folders."""

    path: str
    message: bytes
    arrived: datetime | None
    use: Use | None = None


def is_calendar(message: bytes) -> bool:
    """Whether these bytes are a bare iCalendar object (RFC 5545) and not a message."""
    return message[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").upper().startswith(b"BEGIN:VCALENDAR")


def read_path(path: Path) -> Iterator[Stored]:
    """Yield every message in a file (.eml, .ics, mbox), a Maildir, or a folder of such files, in order of name.

    Raises InputError when there is nothing of the kind.
    """
    try:
        if not path.exists():
            raise InputError(f"{path}: there is no such file or folder")
        if path.is_dir():
            yield from _maildir(path) if _is_maildir(path) else _folder(path)
        else:
            yield from _file(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error


def _folder(path: Path) -> Iterator[Stored]:
    for inner in sorted(path.rglob("*")):
        if inner.is_file() and not inner.name.startswith("."):
            yield from _file(inner)


def _file(path: Path) -> Iterator[Stored]:
    message = path.read_bytes()
    if message.startswith(b"From ") and b"\nFrom " in message:
        yield from _mbox(path)
    else:
        if message.startswith(b"From "):
            # One message with the envelope line that some programs leave above it.
            message = message.partition(b"\n")[2]
        yield Stored(path=str(path), message=message, arrived=None)


def _mbox(path: Path) -> Iterator[Stored]:
    box = stdlib_mailbox.mbox(path, create=False)
    try:
        for number, key in enumerate(box.iterkeys(), start=1):
            yield Stored(path=f"{path}#{number}", message=box.get_bytes(key), arrived=None)
    finally:
        box.close()


def _is_maildir(path: Path) -> bool:
    return (path / "cur").is_dir() or any((inner / "cur").is_dir() for inner in path.iterdir() if inner.is_dir())


def _maildir(path: Path) -> Iterator[Stored]:
    boxes = [path, *sorted(inner for inner in path.rglob("*") if (inner / "cur").is_dir())]
    for box in boxes:
        name = str(box.relative_to(path)).strip(".").replace("/", ".") if box != path else "INBOX"
        use = Use.INBOX if box == path else use_by_name(name)
        for part in ("cur", "new"):
            for file in sorted((box / part).glob("*")):
                if file.is_file() and not file.is_symlink():
                    message = file.read_bytes()
                    yield Stored(path=str(file), message=message, arrived=_arrival(file, message), use=use)


def _arrival(file: Path, message: bytes) -> datetime:
    """Give a Maildir file's arrival: its own time, unless the message says that this is when it was copied."""
    delivered = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    stated = stated_arrival(message)
    return delivered if stated is None or abs(delivered - stated) <= _COPIED else stated


def header_of(message: bytes) -> bytes:
    """Cut the header block from a message, without the empty line."""
    ends = [end for end in (message.find(b"\r\n\r\n"), message.find(b"\n\n")) if end >= 0]
    return message[: min(ends, default=_LARGEST_HEADER)][:_LARGEST_HEADER]


def stated_arrival(message: bytes) -> datetime | None:
    """Give the instant of the topmost Received field, else of Date; None where neither can be read."""
    mail = read_mail(header_of(message) + b"\r\n\r\n")
    return mail.received_at if mail.received_at > _NO_DATE else None
