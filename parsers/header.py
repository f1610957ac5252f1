"""Reads a header block (RFC 5322 section 2.2) into its fields, and their values into words, dates, identifiers."""

from __future__ import annotations

import binascii
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz

from parsers.charset import clean, decode

HEADER_LIMIT = 256 * 1024  # bytes
FIELD_LIMIT = 64 * 1024  # characters of one unfolded field
FIELD_COUNT = 1000
IDENTIFIER_COUNT = 50  # a thread's newest messages; References may grow without end
IDENTIFIER_LENGTH = 998  # RFC 5322 2.1.1: no line is longer

Fields = Mapping[str, tuple[str, ...]]  # lower-case name -> unfolded values, in order, RFC 2047 words as they stand

_FOLD = re.compile(r"\n[ \t]+")
_BLANK = re.compile(r"\s+")
_IDENTIFIER = re.compile(rf"<([^<>\s]{{1,{IDENTIFIER_LENGTH}}})>")
_BROKEN_IDENTIFIER = re.compile(rf"<\s{{0,9}}([^<>\s][^<>]{{0,{IDENTIFIER_LENGTH - 1}}})>")
_YEARS = range(1970, 2200)  # beyond them arithmetic with zones may fail, and nobody is interviewed
_DATE = re.compile(
    r"(?:[A-Za-z]{2,9},?\s{1,4})?(\d{1,2})\s([A-Za-z]{3})\s(\d{4})\s(\d{1,2}):(\d\d)(?::(\d\d))?\s([+-])(\d\d)(\d\d)(?!\d)"
)
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_ENCODINGS = {"b", "q"}
_CHARSET_LENGTH = 75  # RFC 2047 section 2: no encoded word is longer


def split_header(raw: bytes, start: int = 0, end: int | None = None) -> tuple[int, int]:
    """Give where the header block that begins at `start` ends, and where the body after the blank line begins."""
    end = len(raw) if end is None else end
    if raw.startswith(b"\n", start, end):
        return start, start + 1
    if raw.startswith(b"\r\n", start, end):
        return start, start + 2
    bare = raw.find(b"\n\n", start, end)
    full = raw.find(b"\n\r\n", start, end if bare < 0 else bare)
    if full >= 0:
        return full + 1, full + 3
    if bare >= 0:
        return bare + 1, bare + 2
    return end, end


def read_fields(block: bytes) -> tuple[Fields, tuple[str, ...]]:
    """Split a header block into fields, with what was wrong about it."""
    problems: list[str] = []
    if len(block) > HEADER_LIMIT:
        block = block[:HEADER_LIMIT]
        problems.append("the header is longer than 256 KiB; the rest was left out")
    text = clean(block.decode("ascii") if block.isascii() else _decode_lines(block))
    fields: dict[str, list[str]] = {}
    for count, line in enumerate(_FOLD.sub(" ", text).split("\n")):
        if count >= FIELD_COUNT:
            problems.append(f"the header has more than {FIELD_COUNT} fields; the rest was left out")
            break
        name, colon, value = line.partition(":")
        name = name.rstrip(" \t")
        if not colon or not name or " " in name or "\t" in name:
            if name and not line.startswith((">From ", "From ")):  # mbox separators
                problems.append("the header has a line that is no field")
            continue
        fields.setdefault(name.lower(), []).append(value[:FIELD_LIMIT].strip())
    return {name: tuple(values) for name, values in fields.items()}, tuple(dict.fromkeys(problems))


def decode_words(value: str) -> str:
    """Decode the RFC 2047 words of a value into one line, also where they stand inside quotes or hold spaces."""
    if "=?" not in value:
        return value
    pieces: list[str] = []
    charset, data = "", b""  # words of one set side by side are one text: a character may be cut between them
    done = position = 0
    while (position := value.find("=?", position)) >= 0:
        charset_end = value.find("?", position + 2, position + 2 + _CHARSET_LENGTH)
        encoding = value[charset_end + 1 : charset_end + 3].lower()
        if charset_end < 0 or encoding[:1] not in _ENCODINGS or encoding[1:] != "?":
            position += 2
            continue
        end = value.find("?=", charset_end + 3)
        if end < 0:
            break
        between = value[done:position]
        word_charset = value[position + 2 : charset_end]
        if data and (between.strip() or word_charset.lower() != charset.lower()):
            pieces.append(decode(data, charset))
            data = b""
        if between.strip() or (not pieces and not data):
            pieces.append(between)
        charset = word_charset
        data += _decode_word(value[charset_end + 3 : end], encoding[0])
        done = position = end + 2
    if data:
        pieces.append(decode(data, charset))
    pieces.append(value[done:])
    return clean(_BLANK.sub(" ", "".join(pieces)))


def read_date(value: str) -> datetime | None:
    """Read a date-time (RFC 5322 3.3 and what is sent instead); aware, a missing or "-0000" offset counts as UTC."""
    value = value[:200]
    try:
        if found := _DATE.match(value):
            day, month, year, hour, minute, second, sign, hours, minutes = found.groups()
            number = _MONTHS.get(month.lower())
            if number and int(minutes) < 60 and int(year) in _YEARS:
                offset = timedelta(hours=int(hours), minutes=int(minutes))
                zone = timezone(-offset if sign == "-" else offset) if offset else UTC
                # RFC 5322 3.3: 60 is a leap second, which datetime does not know.
                seconds = min(int(second or 0), 59)
                return datetime(int(year), number, int(day), int(hour), int(minute), seconds, tzinfo=zone)
        parsed = parsedate_tz(value)
        if parsed is None or parsed[0] not in _YEARS:
            return None
        year, month_number, day_number, hour_number, minute_number, second_number = parsed[:6]
        zone = timezone(timedelta(seconds=parsed[9])) if parsed[9] else UTC
        return datetime(year, month_number, day_number, hour_number, minute_number, min(second_number, 59), tzinfo=zone)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def read_identifiers(value: str) -> tuple[str, ...]:
    """Read the Message-IDs of a value (RFC 5322 3.6.4), without brackets, each once; the last 50."""
    found: list[str] = _IDENTIFIER.findall(value)
    if len(found) != value.count("<"):  # some are broken over lines, with a space inside
        found = ["".join(token.split()) for token in _BROKEN_IDENTIFIER.findall(value)]
    elif not found:
        found = [word for word in value.split() if "@" in word and len(word) <= IDENTIFIER_LENGTH]
    return tuple(dict.fromkeys(found))[-IDENTIFIER_COUNT:]


def _decode_word(text: str, encoding: str) -> bytes:
    data = text.encode("utf-8", "replace")
    if encoding == "q":
        return binascii.a2b_qp(data, header=True)
    return decode_base64(data)


def decode_base64(data: bytes) -> bytes:
    """Decode base64, passing over foreign bytes and repairing a cut end."""
    try:
        return binascii.a2b_base64(data)
    except binascii.Error:
        letters = _NOT_BASE64.sub(b"", data)
        letters = letters[: len(letters) - (1 if len(letters) % 4 == 1 else 0)]
        return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")


def _decode_lines(block: bytes) -> str:
    """Decode a block with raw 8-bit bytes line by line, since each field may come from another program."""
    return "\n".join(decode(line, None) for line in block.split(b"\n"))
