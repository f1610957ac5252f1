"""Reads what a person names on the command line, file, Maildir or mbox, as messages with their arrival."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from io import SEEK_END
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
_SEPARATOR = b"\nFrom "
_LARGEST_HEADER = 256 * 1024
_NO_DATE = datetime(1970, 1, 2, tzinfo=UTC)  # what `read_mail` gives where a message states no instant is earlier


Load = Callable[[int], bytes]  # reads at most so many bytes of a message, each time anew


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """One message as it lies somewhere, read when it is asked for: years of mail are never held at once.

    `use` is that of its folder; None where there are no folders. Reading raises InputError where it is gone.
    """

    path: str
    load: Load
    arrived: datetime | None = None
    use: Use | None = None

    @classmethod
    def held(cls, path: str, message: bytes) -> Stored:
        """Give a message that lies nowhere."""
        return cls(path=path, load=lambda size: message[:size])

    @property
    def message(self) -> bytes:
        """The message; of one that is too large, its beginning."""
        return self.load(LARGEST)

    @property
    def header(self) -> bytes:
        """The header block, without the empty line."""
        return header_of(self.load(_LARGEST_HEADER))


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
    if not path.is_file():  # a pipe, which can be read only once
        with path.open("rb") as pipe:
            yield Stored.held(str(path), pipe.read(LARGEST))
        return
    with path.open("rb") as file:
        if file.read(5) != b"From ":
            yield Stored(path=str(path), load=_piece(path, 0, None))
            return
        spans = _spans(file)
        first, second = next(spans), next(spans, None)
        if second is None:  # one message with the envelope line that some programs leave above it
            yield Stored(path=str(path), load=_piece(path, *first))
            return
        for number, span in enumerate(chain((first, second), spans), start=1):
            yield Stored(path=f"{path}#{number}", load=_piece(path, *span))


def _piece(path: Path, start: int, end: int | None) -> Load:
    """Give what reads a message that lies in a file from one byte to another; None: to its end."""

    def load(size: int) -> bytes:
        try:
            with path.open("rb") as file:
                length = (file.seek(0, SEEK_END) if end is None else end) - start
                file.seek(start)
                return file.read(max(0, min(size, length)))  # reading takes room for as much as it is asked for
        except OSError as error:
            raise InputError(f"{path}: cannot be read ({error.strerror})") from error

    return load


def _spans(mbox: BinaryIO) -> Iterator[tuple[int, int]]:
    """Cut an mbox, of which "From " has been read, at its "From " lines; give where each message begins and ends."""
    begun = 0  # where the latest "From " line does
    held = b"From "
    read = len(held)
    while chunk := mbox.read(_CHUNK):
        window = held + chunk
        base = read - len(held)
        at = window.find(_SEPARATOR)
        while at >= 0:
            yield _below_line(mbox, begun), base + at
            begun = base + at + 1
            at = window.find(_SEPARATOR, at + 1)
        read += len(chunk)
        held = window[1 - len(_SEPARATOR) :]  # the next chunk may hold the other half of a "From " line
    yield _below_line(mbox, begun), read


def _below_line(file: BinaryIO, start: int) -> int:
    """Give where the line that begins there ends, and leave the file where it is."""
    place = file.tell()
    file.seek(start)
    below = start + len(file.readline())
    file.seek(place)
    return below


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
                    stored = Stored(path=str(file), load=_piece(file, 0, None), use=use)
                    yield replace(stored, arrived=_arrival(file, stored.header))


def _arrival(file: Path, header: bytes) -> datetime:
    """Give a Maildir file's arrival: its own time, unless the message says that this is when it was copied."""
    delivered = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    stated = stated_arrival(header)
    return delivered if stated is None or abs(delivered - stated) <= _COPIED else stated


def header_of(message: bytes) -> bytes:
    """Cut the header block from a message, without the empty line."""
    ends = [end for end in (message.find(b"\r\n\r\n"), message.find(b"\n\n")) if end >= 0]
    return message[: min(ends, default=_LARGEST_HEADER)][:_LARGEST_HEADER]


def stated_arrival(header: bytes) -> datetime | None:
    """Give the instant of the topmost Received field, else of Date; None where neither can be read."""
    mail = read_mail(header + b"\r\n\r\n")
    return mail.received_at if mail.received_at > _NO_DATE else None
