"""Writes calendar objects as Google, Exchange and applicant trackers make them: an interview's values in, text out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

# Exchange names zones as Windows does; only names that lead back to the same zone are used.
WINDOWS_ZONES = {
    "America/New_York": "Eastern Standard Time",
    "America/Chicago": "Central Standard Time",
    "America/Denver": "Mountain Standard Time",
    "America/Los_Angeles": "Pacific Standard Time",
    "Europe/London": "GMT Standard Time",
    "Europe/Berlin": "W. Europe Standard Time",
    "Europe/Paris": "Romance Standard Time",
    "Asia/Kolkata": "India Standard Time",
    "Asia/Tokyo": "Tokyo Standard Time",
    "Australia/Sydney": "AUS Eastern Standard Time",
}
# Clock changes as (month, "nth weekday") of the start and end of summer time, for VTIMEZONE.
SUMMER = {
    "America/": ("3", "2SU", "11", "1SU"),
    "Europe/": ("3", "-1SU", "10", "-1SU"),
    "Australia/": ("10", "1SU", "4", "1SU"),
}


class Maker(StrEnum):
    """Whose form the object has."""

    GOOGLE = "google"
    EXCHANGE = "exchange"
    TRACKER = "tracker"


PRODUCTS = {
    Maker.GOOGLE: "-//Google Inc//Google Calendar 70.9054//EN",
    Maker.EXCHANGE: "Microsoft Exchange Server 2010",
    Maker.TRACKER: "-//Recruiting//Interviews 2.1//EN",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarObject:
    """One iTIP message; `start` and `end` are dates for an entry of whole days, the end exclusive."""

    maker: Maker
    method: str
    uid: str
    sequence: int
    stamp: datetime
    start: datetime | date
    end: datetime | date
    zone: str
    in_utc: bool
    organizer: tuple[str, str]  # name and address
    guests: tuple[tuple[str, str], ...]
    summary: str
    description: str

    def text(self) -> str:
        """Give the object with CRLF line ends (RFC 5545 section 3.1)."""
        exchange = self.maker is Maker.EXCHANGE
        tzid = WINDOWS_ZONES[self.zone] if exchange else self.zone
        mailto = "MAILTO:" if exchange else "mailto:"
        lines = [
            "BEGIN:VCALENDAR",
            f"PRODID:{PRODUCTS[self.maker]}",
            "VERSION:2.0",
            "CALSCALE:GREGORIAN",
            f"METHOD:{self.method}",
        ]
        if isinstance(self.start, datetime) and not self.in_utc:
            lines += _vtimezone(self.zone, tzid, self.start.year)
        lines += ["BEGIN:VEVENT", self._edge("DTSTART", self.start, tzid), self._edge("DTEND", self.end, tzid)]
        lines.append(f"DTSTAMP:{self.stamp.astimezone(ZoneInfo('UTC')):%Y%m%dT%H%M%SZ}")
        name, address = self.organizer
        lines += [f"ORGANIZER;CN={_quoted(name)}:{mailto}{address}", f"UID:{self.uid}"]
        for name, guest in self.guests:
            if exchange and guest == address:
                continue  # Exchange does not list the organizer among the guests
            state = "ACCEPTED" if guest == address else "NEEDS-ACTION"
            lines.append(
                f"ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT={state};RSVP=TRUE;"
                f"CN={_quoted(name)}:{mailto}{guest}"
            )
        lines += [
            f"SUMMARY:{_escaped(self.summary)}",
            f"DESCRIPTION:{_escaped(self.description)}",
            f"LOCATION:{'Microsoft Teams Meeting' if exchange else 'https://meet.google.com/pzu-hhcd-wqe'}",
            f"SEQUENCE:{self.sequence}",
            f"STATUS:{'CANCELLED' if self.method == 'CANCEL' else 'CONFIRMED'}",
            "TRANSP:OPAQUE",
            "END:VEVENT",
            "END:VCALENDAR",
        ]
        return "\r\n".join(_folded(line) for line in lines) + "\r\n"

    def _edge(self, name: str, at: datetime | date, tzid: str) -> str:
        if not isinstance(at, datetime):
            return f"{name};VALUE=DATE:{at:%Y%m%d}"
        if self.in_utc:
            return f"{name}:{at.astimezone(ZoneInfo('UTC')):%Y%m%dT%H%M%SZ}"
        quoted = f'"{tzid}"' if "." in tzid else tzid
        return f"{name};TZID={quoted}:{at.astimezone(ZoneInfo(self.zone)):%Y%m%dT%H%M%S}"


def _vtimezone(zone_name: str, tzid: str, year: int) -> list[str]:
    zone = ZoneInfo(zone_name)
    offsets = {datetime(year, month, 15, 12, tzinfo=zone).utcoffset() or timedelta() for month in (1, 7)}
    standard, summer = min(offsets), max(offsets)
    rule = next((rule for prefix, rule in SUMMER.items() if zone_name.startswith(prefix)), None)
    lines = ["BEGIN:VTIMEZONE", f"TZID:{tzid}"]
    parts: list[tuple[str, timedelta, timedelta, tuple[str, str] | None]]
    if rule is None or standard == summer:
        parts = [("STANDARD", standard, standard, None)]
    else:
        parts = [("STANDARD", summer, standard, rule[2:]), ("DAYLIGHT", standard, summer, rule[:2])]
    for name, before, after, change in parts:
        lines += [
            f"BEGIN:{name}",
            "DTSTART:16010101T020000",
            f"TZOFFSETFROM:{_offset(before)}",
            f"TZOFFSETTO:{_offset(after)}",
        ]
        if change:
            lines.append(f"RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY={change[1]};BYMONTH={change[0]}")
        lines.append(f"END:{name}")
    return [*lines, "END:VTIMEZONE"]


def _offset(delta: timedelta) -> str:
    minutes = round(delta.total_seconds() / 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}{abs(minutes) % 60:02d}"


def _quoted(name: str) -> str:
    return f'"{name}"' if re.search(r"[,;:]", name) else name


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> str:
    """Fold a content line at 75 octets (RFC 5545 section 3.1); these lines are ASCII but for names."""
    pieces = [line[:70]]
    pieces += [line[start : start + 69] for start in range(70, len(line), 69)]
    return "\r\n ".join(pieces)
