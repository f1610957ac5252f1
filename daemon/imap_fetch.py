"""UIDs in, outlines or messages out: which parts of a message are asked for, and how they are put together again.

A message of which every part tells something is fetched whole; of any other the header and the telling parts with the
MIME headers around them. Messages that need the same parts share a command.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial
from typing import TypeVar

from daemon.bodystructure import Value
from daemon.errors import MailboxError, ServerBusy
from daemon.imap_answers import mentioned_uid, read_fetch, read_outline, read_uid
from daemon.imap_link import Completion, Link
from daemon.mailbox import HEADER_FIELDS, Outline
from daemon.parts import LARGEST_PART, rebuild, telling_parts
from daemon.refusals import says_busy

_FIELDS = b"BODY.PEEK[HEADER.FIELDS (" + " ".join(HEADER_FIELDS).encode("ascii") + b")]"
_OUTLINE = b"(UID FLAGS INTERNALDATE RFC822.SIZE BODYSTRUCTURE " + _FIELDS + b")"
# Exchange and others fail on the structure of a broken message, and then on the whole command.
_OUTLINE_WITHOUT_STRUCTURE = b"(UID FLAGS INTERNALDATE RFC822.SIZE " + _FIELDS + b")"
_WHOLE = b"(UID BODY.PEEK[])"
_BEGINNING = b"(UID BODY.PEEK[]<0.%d>)" % LARGEST_PART
LONGEST_SET = 4000  # octets; servers must take lines of 8,000 (RFC 7162 section 4)

Read = TypeVar("Read")
_log = logging.getLogger(__name__)


def fetch_uids(link: Link, window: bytes) -> list[int]:
    """Fetch the UIDs of a sequence set of UIDs, ascending: unlike SEARCH, no server has an index to be wrong about.

    Raises MailboxError.
    """
    completion, answers = link.run(b"UID", b"FETCH", window, b"(UID)")
    if not completion.ok:
        busy = says_busy(completion.text)
        raise (ServerBusy if busy else MailboxError)(f"The mail server would not number: {completion.text[:300]}")
    attributes = (read_fetch(answer) for answer in answers)
    return sorted({uid for values in attributes if values is not None and (uid := read_uid(values)) is not None})


def fetch_outlines(link: Link, uids: Sequence[int]) -> tuple[Outline, ...]:
    """Fetch outlines by ascending UID; what no longer exists is left out."""
    found, doubtful = _fetch(link, uids, _OUTLINE, read_outline)
    found.update(_fetch_alone(link, doubtful, _OUTLINE_WITHOUT_STRUCTURE, read_outline))
    return tuple(found[uid] for uid in sorted(found))


def fetch_messages(link: Link, outlines: Collection[Outline]) -> dict[int, bytes]:
    """Fetch the telling parts of these messages, as messages."""
    by_request: dict[tuple[str, ...] | bytes, list[int]] = {}
    for outline in outlines:
        by_request.setdefault(_request(outline), []).append(outline.uid)
    messages: dict[int, bytes] = {}
    for request, uids in by_request.items():
        items = request if isinstance(request, bytes) else _items(request)
        found, doubtful = _fetch(link, sorted(uids), items, partial(_message, request=request))
        found.update(_fetch_alone(link, doubtful, _BEGINNING, partial(_message, request=_BEGINNING)))
        messages.update(found)
    return messages


def fetch_whole(link: Link, uid: int) -> bytes | None:
    """Fetch every octet of one message; None when it is gone. Raises MailboxError where the server cannot give it."""
    found, doubtful = _fetch(link, [uid], _WHOLE, partial(_message, request=_WHOLE))
    if doubtful:
        raise MailboxError(f"The mail server could not hand out the message with the UID {uid}.")
    return found.get(uid)


# ------------------------------------------------------------------------------------------------------------ requests


def _request(outline: Outline) -> tuple[str, ...] | bytes:
    """Give the sections to fetch, or the items where the message is fetched as one."""
    if not outline.parts:
        return _WHOLE if outline.size <= LARGEST_PART else _BEGINNING
    wanted = tuple(part.section for part in telling_parts(outline.parts))
    return _WHOLE if len(wanted) == len(outline.parts) else wanted


def _containers(sections: Iterable[str]) -> list[str]:
    """Give the multiparts between the top and these leaves."""
    paths = [section.split(".") for section in sections]
    return list(dict.fromkeys(".".join(path[:depth]) for path in paths for depth in range(1, len(path))))


def _items(sections: tuple[str, ...]) -> bytes:
    parts = [item for section in sections for item in (f"BODY.PEEK[{section}.MIME]", f"BODY.PEEK[{section}]")]
    containers = [f"BODY.PEEK[{section}.MIME]" for section in _containers(sections)]
    return f"(UID {' '.join(['BODY.PEEK[HEADER]', *containers, *parts])})".encode("ascii")


def _message(values: dict[bytes, Value], request: tuple[str, ...] | bytes) -> bytes | None:
    if isinstance(request, bytes):
        # NIL: it was expunged a moment ago.
        return next((v for k, v in values.items() if k.startswith(b"BODY[]") and isinstance(v, bytes)), None)
    header = values.get(b"BODY[HEADER]")
    if not isinstance(header, bytes):
        return None
    leaves = {section: (_octets(values, f"{section}.MIME"), _octets(values, section)) for section in request}
    return rebuild(header, leaves, {section: _octets(values, f"{section}.MIME") for section in _containers(request)})


def _octets(values: dict[bytes, Value], section: str) -> bytes:
    value = values.get(f"BODY[{section}]".encode("ascii"))
    return value if isinstance(value, bytes) else b""


# ------------------------------------------------------------------------------------------------------------ commands


def _fetch_alone(
    link: Link, uids: Iterable[int], items: bytes, read: Callable[[dict[bytes, Value]], Read | None]
) -> dict[int, Read]:
    """Try once more with less, one by one; what fails again is passed over, since it would fail for ever."""
    found: dict[int, Read] = {}
    for uid in uids:
        alone, doubtful = _fetch(link, [uid], items, read)
        found.update(alone)
        if doubtful:
            _log.warning("message passed over, the server could not hand it out: uid=%d", uid)
    return found


def _fetch(
    link: Link, uids: Sequence[int], items: bytes, read: Callable[[dict[bytes, Value]], Read | None]
) -> tuple[dict[int, Read], list[int]]:
    """Give what could be read by UID, and the UIDs that exist (or may) and could not."""
    found: dict[int, Read] = {}
    doubtful: list[int] = []
    for numbers in _number_sets(uids):
        completion = _fetch_set(link, numbers, items, read, found, doubtful)
        if completion.ok:
            continue
        if says_busy(completion.text):
            raise ServerBusy(f"The mail server asks to come back later: {completion.text[:300]}")
        # One message that the server cannot read fails them all: ask for the rest in halves until it is alone.
        rest = [uid for uid in numbers if uid not in found]
        if len(numbers) == 1:
            doubtful += rest
            continue
        for half in (rest[: len(rest) // 2], rest[len(rest) // 2 :]):
            more, worse = _fetch(link, half, items, read)
            found.update(more)
            doubtful += worse
    return found, [uid for uid in dict.fromkeys(doubtful) if uid not in found]


def _fetch_set(
    link: Link,
    numbers: Sequence[int],
    items: bytes,
    read: Callable[[dict[bytes, Value]], Read | None],
    found: dict[int, Read],
    doubtful: list[int],
) -> Completion:
    asked = set(numbers)
    stream = link.stream(b"UID", b"FETCH", _compact(numbers), items)
    while True:
        try:
            answer = next(stream)
        except StopIteration as end:
            completion: Completion = end.value
            return completion
        try:
            values = read_fetch(answer)
            uid = read_uid(values) if values is not None else None
            value = read(values) if values is not None and uid in asked else None
        except ValueError:
            uid, value = mentioned_uid(answer), None
            doubtful += [uid] if uid in asked else asked - found.keys()
            continue
        if uid is not None and value is not None:
            found[uid] = value


def _number_sets(uids: Sequence[int]) -> Iterable[list[int]]:
    """Divide ascending UIDs so that each set is short enough for a command line."""
    room = LONGEST_SET // 11
    if len(_compact(uids)) <= LONGEST_SET:
        return [list(uids)] if uids else []
    return [list(uids[start : start + room]) for start in range(0, len(uids), room)]


def _compact(uids: Sequence[int]) -> bytes:
    """Write ascending UIDs as a sequence set: 1:3,7."""
    runs: list[list[int]] = []
    for uid in uids:
        if runs and uid == runs[-1][1] + 1:
            runs[-1][1] = uid
        else:
            runs.append([uid, uid])
    return ",".join(f"{first}:{last}" if last > first else str(first) for first, last in runs).encode("ascii")
