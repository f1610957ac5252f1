"""Untagged answers as they came in, values out: FETCH, LIST, SEARCH, and the codes of APPEND and EXAMINE (RFC 9051 7).

Servers send attributes in any order, strings as atoms, quoted or as literals, and names in any case. imapclient's own
reader does that too, at ten times the cost of the fetch itself; a first scan is mostly this module.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from functools import lru_cache

from daemon.bodystructure import UnreadableStructure, Value, read_leaves
from daemon.folders import Listing, decode_name
from daemon.imap_link import Chunks
from daemon.localmail import pick_fields
from daemon.mailbox import Appended, Outline, PartOutline

# A token is a parenthesis, a quoted string, BODY[…] with all that its brackets hold, or an atom. A string without its
# end is taken to the end of the text and found out later: otherwise each quote in it would be tried in turn.
_TOKEN = re.compile(
    rb'[()]|"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|BODY\[[^\]]{0,2000}\](?:<\d*>)?|[^\s()"]+', re.IGNORECASE | re.DOTALL
)
_DEEPEST = 100  # parentheses
_FETCH = re.compile(rb"\d{1,10} FETCH ", re.IGNORECASE)
_UID = re.compile(rb"\bUID (\d{1,10})\b", re.IGNORECASE)
_MONTHS = {m: n for n, m in enumerate(b"jan feb mar apr may jun jul aug sep oct nov dec".split(), start=1)}
_INTERNALDATE = re.compile(
    rb'"? ?(\d{1,2})-([A-Za-z]{3})-(\d{4}) (\d{2}):(\d{2}):(\d{2}) ([+-])(\d{2})(\d{2})"?', re.ASCII
)
_DATE_FIELD = re.compile(rb"(?im)^date[ \t]*:([^\r\n]*)")
# Where not even a Date field tells when a message arrived: old enough to be news to nobody.
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class UnreadableAnswer(ValueError):
    """The server's answer does not follow the grammar."""


def read_values(chunks: Sequence[bytes], skip: int = 0) -> list[Value]:
    """Read texts and literals, which alternate, into nested lists; the first `skip` octets are passed over.

    A quoted string is given unquoted, NIL as None. Raises UnreadableAnswer.
    """
    top: list[Value] = []
    above: list[list[Value]] = []
    level = top
    for number, chunk in enumerate(chunks):
        if number % 2:
            level.append(chunk)
            continue
        for token in _TOKEN.findall(chunk, skip if number == 0 else 0):
            first = token[0]
            if first == 0x22:
                if len(token) == 1 or token[-1] != 0x22:
                    raise UnreadableAnswer("a string without end")
                level.append(token[1:-1] if b"\\" not in token else _unescaped(token[1:-1]))
            elif first == 0x28:
                if len(above) == _DEEPEST:
                    raise UnreadableAnswer("too deep")
                deeper: list[Value] = []
                level.append(deeper)
                above.append(level)
                level = deeper
            elif first == 0x29:
                if not above:
                    raise UnreadableAnswer("a parenthesis too many")
                level = above.pop()
            elif token == b"NIL" or token == b"nil":
                level.append(None)
            else:
                level.append(token)
    if above:
        raise UnreadableAnswer("a parenthesis is missing")
    return top


def _unescaped(octets: bytes) -> bytes:
    return re.sub(rb"\\(.)", rb"\1", octets, flags=re.DOTALL)


def read_fetch(chunks: Chunks) -> dict[bytes, Value] | None:
    """Read a FETCH answer into its attributes (names in upper case), None for any other answer.

    Raises UnreadableAnswer.
    """
    start = _FETCH.match(chunks[0])
    if start is None:
        return None
    values = read_values(chunks, start.end())
    attributes = values[0] if values else None
    if not isinstance(attributes, list):
        raise UnreadableAnswer("no list of attributes")
    # Some servers put attributes behind the list (paperless-ngx#13412).
    attributes = attributes + values[1:]
    return {
        name.upper(): value
        for name, value in zip(attributes[::2], attributes[1::2], strict=False)
        if isinstance(name, bytes)
    }


def read_uid(attributes: dict[bytes, Value]) -> int | None:
    """Give the UID; an answer without one is news about flags that nobody asked for."""
    uid = attributes.get(b"UID")
    return int(uid) if isinstance(uid, bytes) and uid.isdigit() else None


def read_outline(attributes: dict[bytes, Value]) -> Outline | None:
    """Make an outline of a FETCH answer; None where it lacks the UID or the header, or is of a vanished message."""
    uid = read_uid(attributes)
    header = _header(attributes)
    if uid is None or header is None:
        return None
    octets = attributes.get(b"RFC822.SIZE")
    if octets == b"0" and not header.strip():
        return None  # how Dovecot answers for a message that another client has just expunged
    size = int(octets) if isinstance(octets, bytes) and octets.isdigit() else 0
    return Outline(
        uid=uid,
        received_at=_arrival(attributes.get(b"INTERNALDATE"), header),
        size=size,
        flags=_flags(attributes.get(b"FLAGS")),
        header=header,
        parts=_parts(attributes.get(b"BODYSTRUCTURE"), size),
    )


def _header(attributes: dict[bytes, Value]) -> bytes | None:
    for name, value in attributes.items():
        if name.startswith((b"BODY[HEADER", b"RFC822.HEADER")):
            if value is None:
                return b"\r\n"
            if isinstance(value, bytes):
                # Some servers answer with the whole header where fields are asked for.
                return value if name.startswith(b"BODY[HEADER.FIELDS") else pick_fields(value)
    return None


def _parts(structure: Value, size: int) -> tuple[PartOutline, ...]:
    try:
        return read_leaves(structure, size)
    except UnreadableStructure:
        return ()


def _arrival(internaldate: Value, header: bytes) -> datetime:
    arrival = _read_internaldate(internaldate) if isinstance(internaldate, bytes) else None
    return arrival or _read_date_field(header) or LONG_AGO


@lru_cache(maxsize=256)
def _offset(sign: bytes, hours: bytes, minutes: bytes) -> timezone:
    minutes_east = int(hours) * 60 + int(minutes)
    return timezone(timedelta(minutes=-minutes_east if sign == b"-" else minutes_east))


def _read_internaldate(value: bytes) -> datetime | None:
    found = _INTERNALDATE.fullmatch(value)
    if found is None:
        return None
    day, month, year, hour, minute, second, sign, hours, minutes = found.groups()
    try:
        return datetime(
            int(year), _MONTHS[month.lower()], int(day), int(hour), int(minute), int(second),
            tzinfo=_offset(sign, hours, minutes),
        )  # fmt: skip
    except (ValueError, KeyError):
        return None


def _read_date_field(header: bytes) -> datetime | None:
    field = _DATE_FIELD.search(header)
    try:
        date = parsedate_to_datetime(field[1].decode("ascii", "replace").strip()) if field else None
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return date.replace(tzinfo=UTC) if date is not None and date.tzinfo is None else date


def _flags(value: Value) -> frozenset[str]:
    return (
        _flag_set(tuple(flag for flag in value if isinstance(flag, bytes))) if isinstance(value, list) else frozenset()
    )


@lru_cache(maxsize=1024)
def _flag_set(flags: tuple[bytes, ...]) -> frozenset[str]:
    return frozenset(flag.decode("utf-8", "replace") for flag in flags)


def mentioned_uid(chunks: Chunks) -> int | None:
    """Find the UID in an answer that cannot be read otherwise."""
    found = _UID.search(chunks[0])
    return int(found[1]) if found else None


def read_listing(chunks: Chunks) -> tuple[Listing, bytes] | None:
    """Read a LIST answer into a listing and the name as the server wrote it; None for any other, and for nonsense."""
    if chunks[0][:5].upper() != b"LIST ":
        return None
    try:
        attributes, delimiter, name = read_values(chunks, 5)[:3]
    except ValueError:
        return None
    if isinstance(attributes, list) and isinstance(name, bytes) and not isinstance(delimiter, list):
        listing = Listing(
            name=decode_name(name),
            attributes=frozenset(a.decode("ascii", "replace").lower() for a in attributes if isinstance(a, bytes)),
            delimiter=delimiter.decode("ascii", "replace") if delimiter else None,
        )
        return listing, name
    return None


def read_search(answers: Iterable[Chunks]) -> list[int]:
    """Give the numbers of all SEARCH answers, ascending."""
    found = {
        int(word)
        for chunks in answers
        if chunks[0][:6].upper() == b"SEARCH"
        for word in chunks[0][6:].partition(b"(")[0].split()  # "(MODSEQ n)" may follow
        if word.isdigit()
    }
    return sorted(found)


def read_codes(answers: Iterable[Chunks]) -> dict[str, int]:
    """Give the numbers that a folder tells of itself when it is opened: UIDVALIDITY, UIDNEXT, HIGHESTMODSEQ, EXISTS."""
    codes: dict[str, int] = {}
    for chunks in answers:
        told = re.match(rb"(?i)OK \[(UIDVALIDITY|UIDNEXT|HIGHESTMODSEQ) (\d{1,20})\]", chunks[0])
        if told is not None:
            codes[told[1].decode("ascii").upper()] = int(told[2])
        elif (exists := re.match(rb"(?i)(\d{1,10}) EXISTS\b", chunks[0])) is not None:
            codes["EXISTS"] = int(exists[1])
    return codes


def read_uidnext(answers: Iterable[Chunks]) -> int | None:
    """Give the number of a STATUS answer that holds UIDNEXT alone."""
    for chunks in answers:
        told = re.search(rb"(?i)\(UIDNEXT (\d{1,10})\) *$", chunks[-1])
        if told is not None and chunks[0][:7].upper() == b"STATUS ":
            return int(told[1])
    return None


def read_appended(text: str) -> Appended:
    """Read the completion of an APPEND (RFC 4315)."""
    found = re.match(r"(?i)\[APPENDUID (\d{1,10}) (\d{1,10})\]", text)
    return Appended(uidvalidity=int(found[1]), uid=int(found[2])) if found else Appended()


def read_namespace(chunks: Chunks) -> tuple[str, str | None] | None:
    """Read the prefix and the delimiter of the first personal namespace (RFC 2342); None for any other answer."""
    if not chunks[0][:10].upper().startswith(b"NAMESPACE "):
        return None
    try:
        personal = read_values(chunks, len(b"NAMESPACE "))[0]
    except (UnreadableAnswer, IndexError):
        return None
    first = personal[0] if isinstance(personal, list) and personal else None
    match first:
        case [bytes(prefix), bytes(delimiter), *_]:
            return decode_name(prefix), delimiter.decode("latin-1")
        case [bytes(prefix), None, *_]:
            return decode_name(prefix), None
        case _:
            return None
