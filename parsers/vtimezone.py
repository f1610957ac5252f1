"""Reads a VTIMEZONE (RFC 5545 3.6.5) into a table that gives the offset of a local time.

Rules are never expanded: for a yearly rule the onset in a given year is computed, any other rule is left out.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime, timedelta

from parsers.contentlines import Component

_OFFSET = re.compile(r"([+-]?)([0-9]{2}):?([0-9]{2}):?([0-9]{2})?")
_LOCAL = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:T([0-9]{2})([0-9]{2})([0-9]{2})Z?)?", re.IGNORECASE)
_BYDAY = re.compile(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)")
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_RDATE_LIMIT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class OffsetTable:
    """What one VTIMEZONE says."""

    observances: tuple[Observance, ...]
    location: str | None  # X-LIC-LOCATION: the IANA name from which libical made it
    complete: bool  # False: a part could not be understood

    def offset(self, local: datetime) -> timedelta:
        """Give the offset from UTC of a naive local time; RFC 5545 3.3.5 on times that exist twice or not at all."""
        onsets = [(onset, o) for o in self.observances if (onset := o.last_onset(local)) is not None]
        if onsets:
            return max(onsets, key=lambda pair: pair[0])[1].to
        return min(self.observances, key=lambda o: o.start).since


@dataclass(frozen=True, slots=True, kw_only=True)
class Observance:
    """A STANDARD or DAYLIGHT part: from each onset on the offset changes from `since` to `to`."""

    start: datetime
    since: timedelta
    to: timedelta
    rule: YearlyRule | None
    dates: tuple[datetime, ...]

    def last_onset(self, local: datetime) -> datetime | None:
        """Give the latest onset at or before the local time."""
        # Clocks that are put forward skip an hour, which still counts by the old offset.
        skipped = max(self.to - self.since, timedelta(0))
        try:
            reached = local - skipped
        except OverflowError:
            return None
        onsets = [self.start, *self.dates]
        if self.rule is not None:
            last = min(reached.year, self.rule.until.year if self.rule.until else reached.year)
            years = (year for year in (last, last - 1) if year >= self.start.year)
            onsets += [day for year in years if (day := self.rule.onset(year, self.start)) and day >= self.start]
        return max((onset for onset in onsets if onset <= reached), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class YearlyRule:
    """FREQ=YEARLY with at most a month, weekdays and days of the month."""

    month: int | None
    weekday: int | None
    nth: int | None
    month_days: tuple[int, ...]
    until: datetime | None

    def onset(self, year: int, start: datetime) -> datetime | None:
        """Give the onset in a year, at the time of day of `start`."""
        month = self.month or start.month
        length = monthrange(year, month)[1]
        if self.weekday is None:
            days = [day if day > 0 else length + 1 + day for day in self.month_days] or [start.day]
        else:
            days = [day for day in range(1, length + 1) if datetime(year, month, day).weekday() == self.weekday]  # noqa: DTZ001 - local by nature
            if self.month_days:
                days = [day for day in days if day in self.month_days]
            elif self.nth is not None:
                index = self.nth - 1 if self.nth > 0 else self.nth
                days = days[index : index + 1 or None]
        days = [day for day in days if 1 <= day <= length]
        if not days:
            return None
        onset = start.replace(year=year, month=month, day=days[0])
        return onset if self.until is None or onset <= self.until else None


def read_vtimezone(component: Component) -> OffsetTable | None:
    """Read a VTIMEZONE; None where not one of its observances can be used."""
    parts = [part for part in component.components if part.name in ("STANDARD", "DAYLIGHT")]
    read = [_observance(part) for part in parts]
    observances = tuple(o for o, _ in read if o is not None)
    if not observances:
        return None
    location = component.first("X-LIC-LOCATION")
    return OffsetTable(
        observances=observances,
        location=location.text if location else None,
        complete=all(o is not None and understood for o, understood in read),
    )


def _observance(part: Component) -> tuple[Observance | None, bool]:
    start = _local(_value(part, "DTSTART"))
    to = _offset(_value(part, "TZOFFSETTO"))
    since = _offset(_value(part, "TZOFFSETFROM"))
    if to is None:
        return None, False
    rule, understood = _rule(_value(part, "RRULE"), to if since is None else since)
    dates = [_local(value) for p in part.all("RDATE") for value in p.value.split(",", _RDATE_LIMIT)[:_RDATE_LIMIT]]
    observance = Observance(
        start=start or datetime(1601, 1, 1),  # noqa: DTZ001 - local by nature; where Exchange lets its zones begin
        since=to if since is None else since,
        to=to,
        rule=rule,
        dates=tuple(day for day in dates[:_RDATE_LIMIT] if day is not None),
    )
    return observance, understood and start is not None


def _rule(value: str, since: timedelta) -> tuple[YearlyRule | None, bool]:
    if not value:
        return None, True
    parts = dict(pair.upper().strip().split("=", 1) for pair in value[:500].split(";") if "=" in pair)
    by_day = _BYDAY.fullmatch(parts.pop("BYDAY", "").strip())
    known = {"FREQ", "INTERVAL", "BYMONTH", "BYMONTHDAY", "UNTIL", "WKST"}
    month, days = _numbers(parts.get("BYMONTH", "")), _numbers(parts.get("BYMONTHDAY", ""))
    until = _local(parts.get("UNTIL", ""))
    if until is not None and parts["UNTIL"].endswith("Z") and 1 < until.year < 9999:
        until += since  # RFC 5545 3.6.5: stated in UTC, and the onset by the offset that it ends
    understood = (
        parts.get("FREQ") == "YEARLY"
        and parts.get("INTERVAL", "1") == "1"
        and parts.keys() <= known
        and month is not None
        and len(month) <= 1
        and all(1 <= number <= 12 for number in month)
        and days is not None
        and ("BYDAY=" not in value.upper() or by_day is not None)
        and ("UNTIL" not in parts or until is not None)
    )
    if not understood or month is None or days is None:
        return None, False
    rule = YearlyRule(
        month=month[0] if month else None,
        weekday=_WEEKDAYS.index(by_day[2]) if by_day else None,
        nth=int(by_day[1]) if by_day and by_day[1] else None,
        month_days=days,
        until=until,
    )
    return rule, True


def _numbers(value: str) -> tuple[int, ...] | None:
    words = [word.strip() for word in value.split(",") if word.strip()]
    if len(words) > 31 or not all(re.fullmatch(r"[+-]?[0-9]{1,2}", word) for word in words):
        return None
    return tuple(int(word) for word in words)


def _value(part: Component, name: str) -> str:
    found = part.first(name)
    return found.value.strip() if found else ""


def _offset(value: str) -> timedelta | None:
    found = _OFFSET.fullmatch(value)
    if not found:
        return None
    sign, hours, minutes, seconds = found.groups()
    size = timedelta(hours=int(hours), minutes=int(minutes), seconds=int(seconds or 0))
    if size >= timedelta(hours=24):
        return None
    return -size if sign == "-" else size


def _local(value: str) -> datetime | None:
    found = _LOCAL.fullmatch(value.strip())
    try:
        return datetime(*(int(number or 0) for number in found.groups())) if found else None  # type: ignore[arg-type]  # noqa: DTZ001 - six numbers, local by nature
    except ValueError:
        return None
