"""Reads what a person names on the command line, file, Maildir or mbox, as messages with their arrival."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from daemon.errors import InputError
from daemon.folders import use_by_name
from daemon.mailbox import Use
from parsers.mail import MAIL_LIMIT, read_mail

# A Maildir file whose own time lies further than this from what the message says was copied, not delivered.
_COPIED = timedelta(days=1)
LARGEST = MAIL_LIMIT + 1  # bytes of a message; of a larger one only the header is read
_CHUNK = 1024 * 1024
_SEPARATOR = len(b"\nFrom ") - 1
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
    with path.open("rb") as file:
        if file.read(5) != b"From ":
            file.seek(0)
            yield Stored(path=str(path), message=file.read(LARGEST), arrived=None)
            return
        messages = _messages(file)
        first, second = next(messages), next(messages, None)
        if second is None:  # one message with the envelope line that some programs leave above it
            yield Stored(path=str(path), message=first, arrived=None)
            return
        for number, message in enumerate(chain((first, second), messages), start=1):
            yield Stored(path=f"{path}#{number}", message=message, arrived=None)


def _messages(mbox: BinaryIO) -> Iterator[bytes]:
    """Cut an mbox, of which "From " has been read, at its "From " lines, and leave these out."""
    message = bytearray()
    held = b""
    while chunk := mbox.read(_CHUNK):
        *whole, rest = (held + chunk).split(b"\nFrom ")
        for piece in whole:
            message += piece[: LARGEST - len(message)]
            yield _taken(message)
        held = rest[-_SEPARATOR:]  # the next chunk may hold the other half of a "From " line
        message += rest[:-_SEPARATOR][: LARGEST - len(message)]
    message += held[: LARGEST - len(message)]
    yield _taken(message)


def _taken(message: bytearray) -> bytes:
    """Empty the buffer and give what was in it below its "From " line."""
    with memoryview(message) as whole:
        taken = bytes(whole[message.find(b"\n") + 1 or len(message) :])
    message.clear()
    return taken


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
                    with file.open("rb") as opened:
                        message = opened.read(LARGEST)
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
