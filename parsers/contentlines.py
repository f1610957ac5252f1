"""Reads the bytes of an iCalendar file, however damaged, into its components and those of their properties we use.

Of the icalendar library only the splitting of one content line is used. Its component parser would expand the rules
of every VTIMEZONE (a hostile one never ends) and keep the zone, under the name that one mail gives it, for all others.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from icalendar.parser import Contentline

from parsers.charset import clean, decode

SIZE_LIMIT = 1024 * 1024  # bytes
COMPONENT_LIMIT = 500
LINE_LIMIT = 64 * 1024  # characters of one unfolded line; the longest value that we keep has 32 KiB
PROPERTY_LIMIT = 1000  # of one component

_FOLD = re.compile(rb"(?<!\n)\n+[ \t]")  # the lookbehind keeps a run of empty lines from being tried at each of them
_NAME = re.compile(r"\s{0,8}([A-Za-z0-9-]{1,64})[ \t]{0,8}[;:]")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
# What may stand directly inside another component; anything else that begins ends the one that was left open.
_NESTS_IN = {
    "STANDARD": {"VTIMEZONE"},
    "DAYLIGHT": {"VTIMEZONE"},
    "VALARM": {"VEVENT", "VTODO"},
    "VCALENDAR": set[str](),
    "VEVENT": {"VCALENDAR"},
    "VTIMEZONE": {"VCALENDAR"},
    "VTODO": {"VCALENDAR"},
    "VJOURNAL": {"VCALENDAR"},
    "VFREEBUSY": {"VCALENDAR"},
}
_URLS = ("URL", "CONFERENCE", "X-GOOGLE-CONFERENCE", "X-MICROSOFT-SKYPETEAMSMEETINGURL")
_USED: Mapping[str, frozenset[str]] = {
    "VCALENDAR": frozenset({"METHOD", "X-WR-TIMEZONE"}),
    "VEVENT": frozenset(
        {
            *("UID", "SEQUENCE", "DTSTAMP", "STATUS", "TRANSP", "RECURRENCE-ID", "RRULE", "RDATE"),
            *("DTSTART", "DTEND", "DURATION", "X-MICROSOFT-CDO-ALLDAYEVENT"),
            *("ORGANIZER", "ATTENDEE", "SUMMARY", "DESCRIPTION", "LOCATION", *_URLS),
        }
    ),
    "VTIMEZONE": frozenset({"TZID", "X-LIC-LOCATION"}),
    "STANDARD": frozenset({"DTSTART", "TZOFFSETFROM", "TZOFFSETTO", "RRULE", "RDATE"}),
    "DAYLIGHT": frozenset({"DTSTART", "TZOFFSETFROM", "TZOFFSETTO", "RRULE", "RDATE"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """One content line (RFC 5545 3.1); parameter names in upper case, the value as it stands in the file."""

    name: str
    parameters: Mapping[str, str]
    value: str

    @property
    def text(self) -> str:
        """The value as TEXT (RFC 5545 3.3.11): unescaped, without control characters."""
        return clean(_ESCAPE.sub(_unescaped, self.value)).strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """A component, its properties and what it holds, in the order of the file."""

    name: str
    properties: tuple[Property, ...]
    components: tuple[Component, ...]

    def all(self, name: str) -> tuple[Property, ...]:
        """Give every property of that name."""
        return tuple(p for p in self.properties if p.name == name)

    def first(self, name: str) -> Property | None:
        """Give the first property of that name."""
        return next((p for p in self.properties if p.name == name), None)

    def url(self) -> str | None:
        """Give the text of the first property that may hold the address of the meeting or its page."""
        found = (p.text for name in _URLS for p in self.all(name))
        return next((text for text in found if text.lower().startswith(("http://", "https://"))), None)


def read_components(raw: bytes) -> tuple[tuple[Component, ...], tuple[str, ...]]:
    """Read the outermost components and what was wrong; nothing at all where a bound is passed.

    A component whose END is missing ends where the file or the component around it does.
    """
    if len(raw) > SIZE_LIMIT:
        return (), ("the calendar is larger than 1 MiB and was not read",)
    builder = _Builder()
    for line in _lines(raw):
        builder.take(line)
        if builder.count > COMPONENT_LIMIT:
            return (), (f"the calendar has more than {COMPONENT_LIMIT} components and was not read",)
    return builder.finish()


@dataclass(slots=True)
class _Open:
    """A component that has begun and not ended."""

    name: str
    properties: list[Property] = field(default_factory=list)
    components: list[Component] = field(default_factory=list)


class _Builder:
    """Puts lines together to components."""

    def __init__(self) -> None:
        self.count = 0
        self._done: list[Component] = []
        self._open: list[_Open] = []
        self._problems: dict[str, None] = {}  # an ordered set

    def take(self, line: str) -> None:
        found = _NAME.match(line)
        if found is None:
            if self._open and line.strip():
                self._problems["the calendar has a line that is no property"] = None
            return
        name = found[1].upper()
        if name == "BEGIN":
            self._begin(line[found.end() :].strip().upper()[:64])
        elif name == "END":
            self._end(line[found.end() :].strip().upper()[:64])
        elif self._open and name in _USED.get(self._open[-1].name, ()):
            self._add(name, line)

    def finish(self) -> tuple[tuple[Component, ...], tuple[str, ...]]:
        if self._open:
            self._problems["the calendar is cut off or does not end its components"] = None
        while self._open:
            self._close()
        return tuple(self._done), tuple(self._problems)

    def _begin(self, name: str) -> None:
        self.count += 1
        holders = _NESTS_IN.get(name)
        while holders is not None and self._open and self._open[-1].name not in holders:
            self._problems["the calendar does not end its components"] = None
            self._close()
        self._open.append(_Open(name))

    def _end(self, name: str) -> None:
        if all(component.name != name for component in self._open):
            self._problems["the calendar ends a component that has not begun"] = None
            return
        while self._open[-1].name != name:
            self._problems["the calendar does not end its components"] = None
            self._close()
        self._close()

    def _close(self) -> None:
        ended = self._open.pop()
        component = Component(name=ended.name, properties=tuple(ended.properties), components=tuple(ended.components))
        (self._open[-1].components if self._open else self._done).append(component)

    def _add(self, name: str, line: str) -> None:
        if len(self._open[-1].properties) >= PROPERTY_LIMIT:
            self._problems[f"a component has more than {PROPERTY_LIMIT} properties; the rest was left out"] = None
            return
        if len(line) > LINE_LIMIT:
            self._problems["the calendar has a line of more than 64 KiB; its end was left out"] = None
            line = line[:LINE_LIMIT]
        found = _property(name, line)
        if found is None:
            self._problems[f"{name} could not be read"] = None
        else:
            self._open[-1].properties.append(found)


def _lines(raw: bytes) -> list[str]:
    for mark, charset in ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"), (b"B\0", "utf-16-le")):
        if raw.startswith(mark):
            raw = decode(raw, charset).encode("utf-8", "replace")
    raw = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    # RFC 5545 3.1: a line may be folded inside a multi-octet character, so bytes are unfolded, not text.
    return decode(_FOLD.sub(b"", raw), None).split("\n")


def _property(name: str, line: str) -> Property | None:
    # A quotation mark that is never closed swallows the value: then read the line without any.
    for candidate in (line, line.replace('"', "")):
        try:
            _, parameters, value = Contentline(candidate).raw_parts()  # type: ignore[no-untyped-call]  # icalendar has no types here  # type: ignore[no-untyped-call]  # icalendar leaves this constructor untyped
        except ValueError:
            continue
        if value or candidate.endswith(":"):
            flat = {
                str(key).upper(): clean(", ".join(map(str, item)) if isinstance(item, list) else str(item))
                for key, item in parameters.items()
            }
            return Property(name=name, parameters=flat, value=value)
    return None


def _unescaped(found: re.Match[str]) -> str:
    return "\n" if found[1] in "nN" else found[1]
