"""Turns the DATE, DATE-TIME and DURATION values of an iCalendar file (RFC 5545 3.3) into aware instants.

A zone is found, in this order: by its name; by the file's own VTIMEZONE; by the offset that its name states; else the
user's zone is assumed, and said so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from datetime import timezone as fixed_offset
from zoneinfo import ZoneInfo

from parsers.charset import clean
from parsers.contentlines import Component, Property
from parsers.vtimezone import OffsetTable, read_vtimezone
from parsers.zones import offset_named, zone_named

# Wider than RFC 5545: ISO 8601 with hyphens, colons and an offset, and no seconds.
_STAMP = re.compile(
    r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})"
    r"(?:[T ]([0-9]{2}):?([0-9]{2})(?::?([0-9]{2})(?:[.,][0-9]{1,9})?)?)? ?(Z|[+-][0-9]{2}:?[0-9]{2})?",
    re.IGNORECASE,
)
_DURATION = re.compile(
    r"([+-])?P(?:([0-9]{1,4})W)?(?:([0-9]{1,4})D)?(?:T(?:([0-9]{1,4})H)?(?:([0-9]{1,5})M)?(?:([0-9]{1,6})S)?)?",
    re.IGNORECASE,
)
# policy.md 3.5: UTC in an invite states no zone.
_STATES_NONE = frozenset({"UTC", "Etc/UTC", "Etc/GMT", "GMT", "Etc/UCT", "Etc/Universal", "Etc/Zulu", "Zulu"})
# A sentence may say "GMT" and mean London in summer; a file means the offset.
_PLAIN_GMT = frozenset({"gmt", "z", "zulu"})
_OUTLOOK_COUNT = re.compile(r" [0-9]{1,2}$")  # "W. Europe Standard Time 1", where a file defines it more than once
_ASSUMED = "no time zone is stated; the user's zone was assumed"
_HINTED = "no time zone is stated; the one of the whole calendar (X-WR-TIMEZONE) was assumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """A value of DTSTART, DTEND and the like. `problem` says what had to be assumed."""

    instant: datetime
    timezone: str | None = None
    all_day: bool = False
    floating: bool = False
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Length:
    """A DURATION: days count by the calendar, the rest by the clock (RFC 5545 3.3.6)."""

    days: int
    time: timedelta

    def after(self, start: datetime) -> datetime | None:
        """Give the instant that far after `start`; None where it lies outside of all dates."""
        try:
            wall = start + timedelta(days=self.days)
            # Through UTC, since adding to an aware datetime moves the wall clock over a change of offset.
            return (wall.astimezone(UTC) + self.time).astimezone(start.tzinfo)
        except OverflowError:
            return None


class Zones:
    """The zones by which the times of one calendar object are read."""

    def __init__(self, calendar: Component, *, timezone: str) -> None:
        self.user = ZoneInfo(timezone)
        hint = calendar.first("X-WR-TIMEZONE")
        self.hint = _named(hint.text) if hint else None
        self._tables: dict[str, OffsetTable] = {}
        for component in calendar.components:
            name = component.first("TZID")
            table = read_vtimezone(component) if component.name == "VTIMEZONE" and name else None
            if name and table:
                self._tables.setdefault(_key(name.text), table)

    def localize(self, wall: datetime, name: str) -> Stamp:
        """Give the instant of a naive local time in the zone that a TZID names."""
        zone, table = _named(name), self._tables.get(_key(name))
        if zone is None and table is not None:
            other_names = (table.location or "", _OUTLOOK_COUNT.sub("", name))
            zone = next((z for other in other_names if (z := _confirmed(_named(other), table, wall))), None)
        if zone is None or (table is not None and not _is_exact(name) and _confirmed(zone, table, wall) is None):
            return self._without_name(wall, name, table)
        return Stamp(instant=wall.replace(tzinfo=_tzinfo(zone)), timezone=None if zone in _STATES_NONE else zone)

    def midnight(self, day: datetime, name: str) -> Stamp:
        """Give the start of a whole day: in the zone that a TZID names, although a DATE should have none, or here."""
        if name and (_named(name) or _key(name) in self._tables):
            return replace(self.localize(day, name), all_day=True)
        return Stamp(instant=day.replace(tzinfo=self.user), all_day=True)

    def floating(self, wall: datetime) -> Stamp:
        """Give the instant of a naive local time that states no zone."""
        if self.hint is None or self.hint in _STATES_NONE:
            return Stamp(instant=wall.replace(tzinfo=self.user), floating=True, problem=_ASSUMED)
        instant = wall.replace(tzinfo=_tzinfo(self.hint))
        return Stamp(instant=instant, timezone=self.hint, floating=True, problem=_HINTED)

    def _without_name(self, wall: datetime, name: str, table: OffsetTable | None) -> Stamp:
        shown = clean(name)[:80]
        if table is not None:
            problem = None if table.complete else f"the definition of time zone {shown!r} is only partly understood"
            return Stamp(instant=wall.replace(tzinfo=fixed_offset(table.offset(wall))), problem=problem)
        offset = offset_named(name)
        if offset is not None:
            problem = f"unknown time zone {shown!r}; the offset in its name was used"
            return Stamp(instant=wall.replace(tzinfo=fixed_offset(offset)), problem=problem)
        problem = f"unknown time zone {shown!r}; the user's zone was assumed"
        return Stamp(instant=wall.replace(tzinfo=self.user), floating=True, problem=problem)


def read_stamp(found: Property, zones: Zones) -> Stamp | None:
    """Read a date or date-time property; None where it is not one."""
    match = _STAMP.fullmatch(found.value.split(",", 1)[0].strip().strip('"')[:40])
    if match is None:
        return None
    year, month, day, hour, minute, second, suffix = match.groups()
    try:
        wall = datetime(int(year), int(month), int(day))  # noqa: DTZ001 - its zone comes below
        if hour is None:
            if suffix:
                return None
            stamp = zones.midnight(wall, found.parameters.get("TZID", "").strip())
        else:
            if int(hour) > 24 or int(minute) > 59 or int(second or 0) > 60:
                return None
            # 24:00 is the next midnight (ISO 8601); a leap second counts as the one before it (RFC 5545 3.3.12).
            wall += timedelta(hours=int(hour), minutes=int(minute), seconds=min(int(second or 0), 59))
            stamp = _timed(wall, suffix, found.parameters.get("TZID", "").strip(), zones)
        stamp.instant.astimezone(UTC)  # the first and last days of the calendar have no instant everywhere
    except (ValueError, OverflowError):
        return None
    return stamp


def read_length(found: Property) -> Length | None:
    """Read a DURATION; None where it is none, or negative."""
    match = _DURATION.fullmatch(found.value.strip()[:40])
    if match is None or match[1] == "-" or not any(match.groups()[1:]):
        return None
    weeks, days, hours, minutes, seconds = (int(number or 0) for number in match.groups()[1:])
    return Length(days=weeks * 7 + days, time=timedelta(hours=hours, minutes=minutes, seconds=seconds))


def _timed(wall: datetime, suffix: str | None, name: str, zones: Zones) -> Stamp:
    if suffix is None:
        return zones.localize(wall, name) if name else zones.floating(wall)
    instant = wall.replace(tzinfo=_offset_of(suffix))
    # RFC 5545 3.2.19 forbids a TZID beside "Z"; where both stand, the instant is that of UTC, shown in the zone.
    zone = _named(name)
    if zone is None or zone in _STATES_NONE:
        return Stamp(instant=instant)
    return Stamp(instant=instant.astimezone(_tzinfo(zone)), timezone=zone)


def at_zone_of(stamp: Stamp, other: Stamp) -> Stamp:
    """Read the wall time of a floating stamp in the zone of another."""
    return replace(other, instant=stamp.instant.replace(tzinfo=other.instant.tzinfo), problem=None)


def _offset_of(suffix: str) -> tzinfo:
    if suffix in "Zz":
        return UTC
    hours, minutes = int(suffix[1:3]), int(suffix[-2:])
    size = timedelta(hours=hours, minutes=minutes)
    return fixed_offset(-size if suffix[0] == "-" else size)


def _named(name: str) -> str | None:
    return "UTC" if name.strip().casefold() in _PLAIN_GMT else zone_named(name)


def _tzinfo(zone: str) -> tzinfo:
    return UTC if zone in _STATES_NONE else ZoneInfo(zone)


def _confirmed(zone: str | None, table: OffsetTable, wall: datetime) -> str | None:
    """Give the zone if the file's own table has the same offset at that time."""
    if zone is None:
        return None
    return zone if wall.replace(tzinfo=_tzinfo(zone)).utcoffset() == table.offset(wall) else None


def _is_exact(name: str) -> bool:
    """Whether the name is an IANA or Windows one.

    Such a name is believed against the file's own table, which is often older than the law or has only half of the
    year; "Eastern" or "EST" is not.
    """
    return "/" in name or name.casefold().endswith("standard time")


def _key(name: str) -> str:
    return name.strip().strip('"').strip("/").casefold()
