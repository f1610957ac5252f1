"""Takes the bytes of a message that lies at hand, gives what a server would say of it: outline and telling parts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from daemon.mailbox import HEADER_FIELDS, Outline, PartOutline
from daemon.parts import LARGEST_PART, outline_part, read_content_type, read_disposition, rebuild, telling_parts
from parsers.header import HEADER_LIMIT

DEEPEST = 20  # levels of multipart (reliability: MIME bombs); what lies deeper is one leaf
MOST_PARTS = 200
_LARGEST_HEADER = HEADER_LIMIT + 1  # octets: one more than is read, so that the reader says what it left out
_LOOKS = 100_000  # places where a boundary might stand, of one multipart

_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_DELIMITER_END = re.compile(rb"(--)?[ \t]{0,80}(?:\r?\n|\r?\Z)")
_PICKED = re.compile(
    rb"(?im)^(?:"
    + "|".join(map(re.escape, HEADER_FIELDS)).encode("ascii")
    + rb")[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*(?:\n|\Z)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalPart:
    """A leaf, its MIME header, and where its body lies in the message."""

    outline: PartOutline
    mime: bytes
    start: int
    end: int


def canonical(message: bytes) -> bytes:
    """Give the message with CRLF line ends, as every server hands it out."""
    # Three passes of `replace`: a pattern would make a list of all lines, two gigabytes for 24 MB of empty ones.
    return message.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")


def split_header(message: bytes) -> tuple[bytes, int]:
    """Give the header with its last line end, and where the body begins."""
    if message.startswith((b"\n", b"\r\n")):
        return b"", message.index(b"\n") + 1
    blank = _BLANK_LINE.search(message)
    if blank is None:
        return message, len(message)
    return message[: message.index(b"\n", blank.start()) + 1], blank.end()


def pick_fields(header: bytes) -> bytes:
    """Give the fields of HEADER_FIELDS as FETCH BODY[HEADER.FIELDS] does: as sent, in order, and a blank line."""
    picked = b"".join(field if field.endswith(b"\n") else field + b"\r\n" for field in _PICKED.findall(header))
    return canonical(picked) + b"\r\n"


def outline_message(
    message: bytes, *, uid: int, received_at: datetime, flags: frozenset[str], size: int | None = None
) -> Outline:
    """Give the outline of a whole message, or of its beginning when `size` says that there is more of it."""
    header, _ = split_header(message)
    whole = size is None or size <= len(message)
    return Outline(
        uid=uid,
        received_at=received_at,
        size=len(message) if size is None else size,
        flags=flags,
        header=pick_fields(header[:_LARGEST_HEADER]),
        parts=tuple(part.outline for part in read_parts(message)[0]) if whole else (),
    )


def telling_message(message: bytes) -> bytes:
    """Give the message, without its attachments where it is too large to hand on as it is."""
    if len(message) <= LARGEST_PART:
        return canonical(message)
    parts, containers = read_parts(message)
    header, _ = split_header(message)
    chosen = {part.section for part in telling_parts(part.outline for part in parts)}
    leaves = {
        part.outline.section: (canonical(part.mime[:_LARGEST_HEADER]), canonical(message[part.start : part.end]))
        for part in parts
        if part.outline.section in chosen
    }
    return rebuild(canonical(header[:_LARGEST_HEADER]), leaves, containers)


def read_parts(message: bytes) -> tuple[tuple[LocalPart, ...], dict[str, bytes]]:
    """Find the leaves by the boundaries, numbered as in BODYSTRUCTURE, and the header of each multipart within."""
    header, start = split_header(message)
    containers: dict[str, bytes] = {}
    leaves = _leaves(message, header, start, len(message), (), containers)
    return tuple(islice(leaves, MOST_PARTS)), containers


def _leaves(
    message: bytes, header: bytes, start: int, end: int, path: tuple[int, ...], containers: dict[str, bytes]
) -> Iterator[LocalPart]:
    content_type, parameters = read_content_type(header)
    section = ".".join(map(str, path or (1,)))
    boundary = parameters.get("boundary", "")
    if content_type.startswith("multipart/") and boundary and len(path) < DEEPEST:
        # Each child has a leaf at least: what comes behind the bound on leaves is not even looked for.
        children = tuple(islice(_between(message, boundary.encode("utf-8", "replace"), start, end), MOST_PARTS))
        if path:
            containers[section] = header
        for number, (child_start, child_end) in enumerate(children, start=1):
            mime, body = split_header(message[child_start:child_end])
            yield from _leaves(message, mime, child_start + body, child_end, (*path, number), containers)
        if children:
            return
    disposition, disposition_parameters = read_disposition(header)
    outline = outline_part(section, content_type, end - start, parameters, disposition, disposition_parameters)
    yield LocalPart(outline=outline, mime=header, start=start, end=end)


def _between(message: bytes, boundary: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Give the spans between delimiter lines (RFC 2046 5.1.1); the last one may lack its end, and its delimiter."""
    dashes = b"--" + boundary
    opened: int | None = None
    at = message.find(dashes, start, end)
    looks = _LOOKS
    while at != -1 and (looks := looks - 1):
        rest = _DELIMITER_END.match(message, at + len(dashes), end)
        if rest is not None and (at == start or message[at - 1 : at] == b"\n"):
            if opened is not None:
                yield opened, max(opened, _before_line_end(message, at))
            if rest[1]:
                return
            opened = rest.end()
        at = message.find(dashes, at + len(dashes), end)
    if opened is not None:
        yield opened, end


def _before_line_end(message: bytes, at: int) -> int:
    """The line end before a delimiter belongs to the delimiter."""
    at -= message[at - 1 : at] == b"\n"
    return at - (message[at - 1 : at] == b"\r")
