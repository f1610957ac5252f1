"""Reads the bytes of a message, or of its header alone, into a Mail; any bytes, in bounded time."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice

from parsers.address import read_addresses
from parsers.body import read_body
from parsers.header import (
    HEADER_LIMIT,
    Fields,
    decode_words,
    read_date,
    read_fields,
    read_identifiers,
    split_header,
)
from parsers.mime import read_parts
from parsers.model import Address, Mail

MAIL_LIMIT = 25_000_000  # bytes
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SUBJECT_LENGTH = 2000
_VALUE_LIMIT = 16 * 1024  # characters of one decoded value in Mail.headers
_PROBLEM_COUNT = 50
_FIELD_COUNT = 10  # of one address field; more than one is wrong already


def read_mail(raw: bytes, *, received_at: datetime | None = None) -> Mail:
    """Read a whole message. Without `received_at` the topmost Received field says it, else Date, else 1970.

    What breaks a bound is left out, and `problems` says so; nothing is ever raised.
    """
    if b"\n" not in raw and b"\r" in raw:
        raw = raw.replace(b"\r", b"\n")
    start = _skip_envelope(raw)
    header_end, body_start = split_header(raw, start)
    fields, problems = read_fields(raw[start : min(header_end, start + HEADER_LIMIT + 1)])
    if len(raw) > MAIL_LIMIT:
        return _make_mail(fields, (*problems, "larger than 25 MB: only the header was read"), received_at)
    part, part_problems = read_parts(raw, fields, body_start)
    text, content = read_body(part)
    return _make_mail(
        fields,
        (*problems, *part_problems, *content.problems),
        received_at,
        text=text,
        html=content.html,
        links=tuple(content.links),
        calendars=tuple(content.calendars),
    )


def read_header(header: bytes, *, received_at: datetime) -> Mail:
    """Read a header block alone, as the first look at a mailbox fetches it; the body's fields stay empty."""
    fields, problems = read_fields(header)
    return _make_mail(fields, problems, received_at)


def _skip_envelope(raw: bytes) -> int:
    """Pass over empty lines and the "From " line of an mbox, which are no header."""
    start = 0
    while raw.startswith((b"\n", b"\r"), start) and start < HEADER_LIMIT:
        start += 1
    if raw.startswith((b"From ", b">From "), start):
        start = raw.find(b"\n", start, start + HEADER_LIMIT) + 1 or start
    return start


def _make_mail(
    fields: Fields,
    problems: tuple[str, ...],
    received_at: datetime | None,
    *,
    text: str = "",
    html: str | None = None,
    links: tuple[str, ...] = (),
    calendars: tuple[bytes, ...] = (),
) -> Mail:
    found = list(problems)
    identifiers = read_identifiers(fields["message-id"][0]) if "message-id" in fields else ()
    sent_at = read_date(fields["date"][0]) if "date" in fields else None
    if "date" in fields and sent_at is None:
        found.append("the Date field cannot be read")
    if received_at is None:
        received_at = _read_received(fields) or sent_at
    if received_at is None:
        received_at = EPOCH
        found.append("nothing says when it arrived")
    senders = _read_addresses(fields, "from", found)
    if len(fields.get("from", ())) > 1:
        found.append("more than one From field")
    if len(senders) > 1:
        found.append("more than one sender")
    headers = _decode_fields(fields)
    return Mail(
        message_id=identifiers[0] if identifiers else None,
        in_reply_to=_read_identifiers(fields, "in-reply-to"),
        references=_read_identifiers(fields, "references"),
        received_at=received_at,
        sent_at=sent_at,
        senders=senders,
        reply_to=_read_addresses(fields, "reply-to", found),
        to=_read_addresses(fields, "to", found),
        cc=_read_addresses(fields, "cc", found),
        subject=" ".join(headers["subject"][0].split())[:_SUBJECT_LENGTH] if "subject" in headers else "",
        text=text,
        html=html,
        links=links,
        calendars=calendars,
        headers=headers,
        problems=tuple(islice(dict.fromkeys(found), _PROBLEM_COUNT)) if found else (),
    )


# RFC 2047 section 5 allows no encoded words in these. Decoded, a sender's address that a server copied into
# Authentication-Results could turn into a verdict.
_NEVER_ENCODED = frozenset(
    {"authentication-results", "received", "message-id", "in-reply-to", "references", "return-path", "auto-submitted"}
)


def _decode_fields(fields: Fields) -> Fields:
    decoded = dict(fields)
    for name, values in fields.items():
        if any("=?" in value or len(value) > _VALUE_LIMIT for value in values):
            decode = str if name in _NEVER_ENCODED else decode_words
            decoded[name] = tuple(decode(value)[:_VALUE_LIMIT] for value in values)
    return decoded


def _read_addresses(fields: Fields, name: str, problems: list[str]) -> tuple[Address, ...]:
    values = fields.get(name)
    if not values:
        return ()
    addresses: list[Address] = []
    for value in values[:_FIELD_COUNT]:
        read, found = read_addresses(value)
        addresses.extend(read)
        problems.extend(f"{name}: {problem}" for problem in found)
    return tuple(dict.fromkeys(addresses)) if len(addresses) > 1 else tuple(addresses)


def _read_identifiers(fields: Fields, name: str) -> tuple[str, ...]:
    values = fields.get(name)
    return read_identifiers(" ".join(values)) if values else ()


def _read_received(fields: Fields) -> datetime | None:
    received = fields.get("received")
    return read_date(received[0].rpartition(";")[2].strip()) if received else None
