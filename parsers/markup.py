"""Reads the schema.org events in an HTML body (JSON-LD or microdata) into Sessions.

Both notations become the same plain mapping of property names to values first.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from selectolax.lexbor import LexborHTMLParser, LexborNode

from parsers.charset import clean
from parsers.html import TAG_END, tame
from parsers.model import EventStatus, Medium, Person, Session

HTML_LIMIT = 1024 * 1024  # characters
SCRIPT_LIMIT = 256 * 1024  # characters; of one script
NODE_LIMIT = 20_000  # elements, or JSON values, that are looked at
SESSION_LIMIT = 20
TEXT_LIMIT = 1024

Item = Mapping[str, object]  # a property's value is a str, another Item, or a list of these

_COMMENT = re.compile(r"^\s*(?:<!--|//<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\]\]>|\]\]>)\s*$")
_ATTRIBUTE_OF_VALUE = {
    "meta": "content",
    "time": "datetime",
    "a": "href",
    "link": "href",
    "img": "src",
    "data": "value",
}
_STATUS = {
    "eventcancelled": EventStatus.CANCELLED,
    "reservationcancelled": EventStatus.CANCELLED,
    "eventpostponed": EventStatus.TENTATIVE,  # the old time is off, a new one is not known
    "reservationpending": EventStatus.TENTATIVE,
    "reservationhold": EventStatus.TENTATIVE,
}
_NAME = ("name", "headline", "description")


def read_markup(html: str, *, timezone: str) -> tuple[Session, ...]:
    """Read every event and event reservation; `timezone` (IANA) is the user's, for times that state no offset.

    Never raises: what is broken or too large is left out.
    """
    if len(html) > HTML_LIMIT or not ("schema.org" in html and "vent" in html):  # most mails have no markup at all
        return ()
    html, _ = tame(html)
    tree = LexborHTMLParser(html)
    home = ZoneInfo(timezone)
    sessions: dict[datetime, Session] = {}  # a mail may say the same in both notations
    for item in (*_from_json(tree), *_from_microdata(tree)):
        session = _session(item, home)
        if session is not None and len(sessions) < SESSION_LIMIT:
            sessions.setdefault(session.start.astimezone(UTC), session)
    return tuple(sessions.values())


# ------------------------------------------------------------------------------------------------- items to sessions


def _session(item: Item, home: ZoneInfo) -> Session | None:
    kind = _kind(item)
    reservation: Item = {}
    if kind == "eventreservation":
        reservation, item = item, _item(item.get("reservationFor")) or {}
        kind = _kind(item)
    if not kind.endswith("event"):  # Event and its subtypes, BusinessEvent and the like
        return None
    start, all_day = _instant(_text(item.get("startDate")), home)
    if start is None:
        return None
    end, _ = _instant(_text(item.get("endDate")), home)
    medium, location = _place(item)
    return Session(
        start=start,
        end=end if end is not None and end.astimezone(UTC) > start.astimezone(UTC) else None,
        all_day=all_day,
        status=_status(reservation.get("reservationStatus"), item.get("eventStatus")),
        medium=medium,
        location=location,
        title=next((title for name in _NAME if (title := _text(item.get(name)))), None),
        people=tuple(_people(item)),
    )


def _instant(text: str, home: ZoneInfo) -> tuple[datetime | None, bool]:
    """Give the instant of an ISO 8601 date or time, and whether it is a whole day."""
    try:
        if len(text) == 10:
            day = date.fromisoformat(text)
            instant = datetime(day.year, day.month, day.day, tzinfo=home)
        else:
            instant = datetime.fromisoformat(text[:40])
        if instant.tzinfo is None:
            instant = instant.replace(tzinfo=home)
        instant.astimezone(UTC)
    except (ValueError, OverflowError):
        return None, False
    return instant, len(text) == 10


def _place(event: Item) -> tuple[Medium | None, str | None]:
    mode = _word(event.get("eventAttendanceMode"))
    location = event.get("location")
    place = _item(location)
    if place is None:
        text = _text(location) or None
        return (Medium.VIDEO if mode.startswith("online") else None), text
    if _kind(place) == "virtuallocation" or mode.startswith("online"):
        return Medium.VIDEO, _text(place.get("url")) or _text(place.get("name")) or None
    address = place.get("address")
    postal = _item(address)
    lines = [_text(place.get("name"))]
    if postal is None:
        lines.append(_text(address))
    else:
        names = ("streetAddress", "postalCode", "addressLocality", "addressRegion", "addressCountry")
        lines += [_text(postal.get(name)) for name in names]
    text = ", ".join(line for line in lines if line)[:TEXT_LIMIT]
    return (Medium.ONSITE if text and address else None), text or None


def _people(event: Item) -> Iterator[Person]:
    for name in ("performer", "organizer"):
        for value in _values(event.get(name))[:20]:
            person = _item(value)
            if person is not None and _kind(person) == "person" and _text(person.get("name")):
                yield Person(name=_text(person.get("name"))[:200], address=None)


def _status(*values: object) -> EventStatus:
    found = [_STATUS[word] for value in values if (word := _word(value)) in _STATUS]
    return max(found, key=lambda status: status is EventStatus.CANCELLED, default=EventStatus.CONFIRMED)


def _kind(item: Item) -> str:
    return _word(item.get("@type"))


def _word(value: object) -> str:
    """Give the last part of a schema.org name: of "http://schema.org/Event" as of "Event"."""
    return re.split(r"[/#:]", _text(value))[-1].casefold()


def _text(value: object) -> str:
    first = next(iter(_values(value)), "")
    return " ".join(clean(first[: 2 * TEXT_LIMIT]).split())[:TEXT_LIMIT] if isinstance(first, str) else ""


def _item(value: object) -> Item | None:
    first = next(iter(_values(value)), None)
    return first if isinstance(first, Mapping) else None


def _values(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


# ----------------------------------------------------------------------------------------------- notations to items


def _from_json(tree: LexborHTMLParser) -> Iterator[Item]:
    budget = NODE_LIMIT
    for script in tree.css('script[type="application/ld+json" i]'):
        text = script.text().replace(TAG_END, "")
        if len(text) > SCRIPT_LIMIT:
            continue
        try:
            waiting: list[object] = [json.loads(_COMMENT.sub("", text.strip()), strict=False)]
        except (ValueError, RecursionError):
            continue
        while waiting and budget > 0:
            budget -= 1
            value = waiting.pop(0)
            if isinstance(value, list):
                waiting += value[:SESSION_LIMIT]
            elif isinstance(value, dict):
                waiting += _values(value.get("@graph"))[:SESSION_LIMIT]
                yield value


def _from_microdata(tree: LexborHTMLParser) -> Iterator[Item]:
    budget = _Budget(left=NODE_LIMIT)
    for node in tree.css("[itemscope][itemtype]")[:NODE_LIMIT]:
        if "itemprop" not in node.attributes and "schema.org" in (node.attributes.get("itemtype") or ""):
            yield _microdata_item(node, budget, depth=0)


@dataclass(slots=True)
class _Budget:
    left: int


def _microdata_item(node: LexborNode, budget: _Budget, *, depth: int) -> Item:
    """Collect the properties of an item, nested items included (HTML Standard, section 5.2)."""
    found: dict[str, list[object]] = {"@type": [(node.attributes.get("itemtype") or "").split(" ")[0]]}
    waiting = list(_children(node))
    while waiting and budget.left > 0:
        budget.left -= 1
        child = waiting.pop(0)
        name = child.attributes.get("itemprop")
        is_item = "itemscope" in child.attributes
        if name and is_item:
            if depth < 4:  # reservation, event, place, address
                found.setdefault(name, []).append(_microdata_item(child, budget, depth=depth + 1))
        elif name:
            found.setdefault(name, []).append(_microdata_value(child, budget))
        if not is_item:
            waiting += _children(child)
    return found


def _microdata_value(node: LexborNode, budget: _Budget) -> str:
    attribute = _ATTRIBUTE_OF_VALUE.get(node.tag or "")
    value = node.attributes.get(attribute) if attribute else None
    if value:
        return value
    texts: list[str] = []
    length = 0
    for part in node.traverse(include_text=True):
        budget.left -= 1  # properties may lie in each other, and each repeats the whole text
        if budget.left < 0 or length > 2 * TEXT_LIMIT:
            break
        if part.is_text_node:
            texts.append((part.text_content or "").replace(TAG_END, ""))
            length += len(texts[-1])
    return " ".join(texts)[: 2 * TEXT_LIMIT]


def _children(node: LexborNode) -> Iterable[LexborNode]:
    return node.iter()
