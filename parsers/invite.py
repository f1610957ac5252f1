"""Reads the bytes of a text/calendar part into Invites: one for each VEVENT (RFC 5545, RFC 5546)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time
from urllib.parse import unquote

from parsers.address import read_addresses, readable_name
from parsers.contentlines import Component, Property, read_components
from parsers.model import Address, Attendee, EventStatus, Invite
from parsers.stamps import Stamp, Zones, at_zone_of, read_length, read_stamp

SUMMARY_LIMIT = 1024  # characters
DESCRIPTION_LIMIT = 32 * 1024
LOCATION_LIMIT = 4096  # Exchange puts the whole dial-in here
URL_LIMIT = 2048
UID_LIMIT = 512  # Exchange's have 112
ATTENDEE_LIMIT = 200

_TOKEN = re.compile(r"[A-Z0-9-]{1,40}")
_SEQUENCE = re.compile(r"\+?[0-9]{1,9}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """One calendar part: its events, those that only change one instance of a series last, and what was wrong."""

    events: tuple[Invite, ...] = ()
    problems: tuple[str, ...] = ()


def read_calendar(raw: bytes, *, timezone: str) -> Calendar:
    """Read every event of a calendar part; `timezone` (IANA) is the user's, for times that state none.

    Never raises. A part that passes a bound gives no event but the reason.
    """
    components, problems = read_components(raw)
    events: list[Invite] = []
    for calendar in components:
        if calendar.name == "VEVENT":  # the lines around it were lost
            calendar = Component(name="VCALENDAR", properties=(), components=(calendar,))
        if calendar.name != "VCALENDAR":
            continue
        method = _token(calendar.first("METHOD"))
        zones = Zones(calendar, timezone=timezone)
        events += [_invite(event, method, zones) for event in calendar.components if event.name == "VEVENT"]
    if not events and not problems:
        problems = ("the calendar has no event",)
    return Calendar(events=tuple(sorted(events, key=lambda e: e.recurrence_id is not None)), problems=problems)


def _invite(event: Component, method: str | None, zones: Zones) -> Invite:
    problems: dict[str, None] = {}  # an ordered set
    start = _stamp(event, "DTSTART", zones, problems)
    if start is None and method not in ("REPLY", "CANCEL", "REFRESH"):
        problems["the event has no start"] = None
    end = _end(event, start, zones, problems)
    dtstamp = _stamp(event, "DTSTAMP", zones, {})
    instance = event.first("RECURRENCE-ID")
    status = _token(event.first("STATUS"))
    return Invite(
        method=method,
        uid=_text(event, "UID", UID_LIMIT) or None,
        sequence=_sequence(event.first("SEQUENCE"), problems),
        dtstamp=_in_utc(dtstamp),
        start=start.instant if start else None,
        end=end,
        timezone=start.timezone if start else None,
        all_day=start is not None and _covers_days(event, start, end),
        floating=start is not None and start.floating,
        status=EventStatus(status.lower()) if status in ("CONFIRMED", "TENTATIVE", "CANCELLED") else None,
        organizer=_organizer(event.first("ORGANIZER"), problems),
        attendees=_attendees(event.all("ATTENDEE"), problems),
        summary=" ".join(_text(event, "SUMMARY", SUMMARY_LIMIT).split()),
        description=_text(event, "DESCRIPTION", DESCRIPTION_LIMIT),
        location=_text(event, "LOCATION", LOCATION_LIMIT),
        url=_url(event),
        recurs=event.first("RRULE") is not None or event.first("RDATE") is not None,
        recurrence_id=_instance(instance, zones) if instance else None,
        transparent=_token(event.first("TRANSP")) == "TRANSPARENT",
        problems=tuple(problems),
    )


# ---------------------------------------------------------------------------------------------------------------- time


def _stamp(event: Component, name: str, zones: Zones, problems: dict[str, None]) -> Stamp | None:
    found = event.first(name)
    if found is None:
        return None
    if len(event.all(name)) > 1:
        problems[f"the event has {name} more than once; the first was used"] = None
    stamp = read_stamp(found, zones)
    if stamp is None:
        problems[f"{name} is no date or time: {found.text[:40]!r}"] = None
    elif stamp.problem:
        problems[stamp.problem] = None
    return stamp


def _end(event: Component, start: Stamp | None, zones: Zones, problems: dict[str, None]) -> datetime | None:
    if start is None:
        return None
    found: dict[str, None] = {}
    stamp = _stamp(event, "DTEND", zones, found)
    if stamp is not None and (stamp.floating or stamp.all_day) and not start.floating:
        stamp = at_zone_of(stamp, start)  # the end leaves out what the start has said
    else:
        problems.update(found)
    end = stamp.instant if stamp else None
    duration = event.first("DURATION")
    if end is None and duration is not None:
        length = read_length(duration)
        end = length.after(start.instant) if length else None
        if end is None:
            problems[f"DURATION is no length of time: {duration.text[:40]!r}"] = None
    if end is not None and end < start.instant:
        problems["the event ends before it starts; its end was left out"] = None
        return None
    return end


def _covers_days(event: Component, start: Stamp, end: datetime | None) -> bool:
    if start.all_day:
        return True
    # Exchange writes an all-day event as one from midnight to midnight, with a mark.
    midnights = start.instant.time() == time(0) and (end is None or end.time() == time(0))
    return midnights and _token(event.first("X-MICROSOFT-CDO-ALLDAYEVENT")) == "TRUE"


def _in_utc(stamp: Stamp | None) -> datetime | None:
    """Give the instant of a DTSTAMP, which is in UTC even where the "Z" is missing (RFC 5545 3.8.7.2)."""
    if stamp is None:
        return None
    return stamp.instant.replace(tzinfo=UTC) if stamp.floating else stamp.instant.astimezone(UTC)


def _instance(found: Property, zones: Zones) -> str:
    """Name an instance of a series in the same way, whatever zone the file wrote it in."""
    stamp = read_stamp(found, zones)
    if stamp is None:
        return found.text[:80]
    if stamp.all_day:
        return f"{stamp.instant:%Y%m%d}"
    return f"{stamp.instant.astimezone(UTC):%Y%m%dT%H%M%SZ}"


# ------------------------------------------------------------------------------------------------------ people and text


def _organizer(found: Property | None, problems: dict[str, None]) -> Address | None:
    if found is None:
        return None
    address = _mailbox(found)
    if address is None:
        problems["ORGANIZER is no mail address"] = None
        return None
    return Address(address=address, name=_common_name(found, address))


def _attendees(found: tuple[Property, ...], problems: dict[str, None]) -> tuple[Attendee, ...]:
    attendees: dict[str, Attendee] = {}
    if len(found) > ATTENDEE_LIMIT:
        problems[f"the event has more than {ATTENDEE_LIMIT} attendees; the rest was left out"] = None
    for attendee in found[:ATTENDEE_LIMIT]:
        address = _mailbox(attendee)
        if address is None:
            problems["an ATTENDEE is no mail address"] = None
            continue
        attendees.setdefault(
            address,
            Attendee(
                address=address,
                name=_common_name(attendee, address),
                partstat=_parameter(attendee, "PARTSTAT"),
                cutype=_parameter(attendee, "CUTYPE"),
                role=_parameter(attendee, "ROLE"),
            ),
        )
    return tuple(attendees.values())


def _mailbox(found: Property) -> str | None:
    """Give the address of a CAL-ADDRESS (RFC 5545 3.3.3), or that of the EMAIL parameter (RFC 7986 6.2)."""
    for candidate in (found.text, found.parameters.get("EMAIL", "")):
        scheme, colon, rest = candidate.strip().partition(":")
        if colon and scheme.strip().lower() != "mailto":
            continue
        text = unquote((rest if colon else scheme).partition("?")[0]).strip().strip('"<>')
        addresses, problems = read_addresses(text[:400])
        if len(addresses) == 1 and not problems:
            return addresses[0].address
    return None


def _common_name(found: Property, address: str) -> str | None:
    name = readable_name(found.parameters.get("CN", ""))
    return None if name is None or name.casefold() == address else name  # Google repeats the address as the name


def _parameter(found: Property, name: str) -> str | None:
    value = found.parameters.get(name, "").strip().upper()
    return value if _TOKEN.fullmatch(value) else None


def _token(found: Property | None) -> str | None:
    value = found.text.upper() if found else ""
    return value if _TOKEN.fullmatch(value) else None


def _sequence(found: Property | None, problems: dict[str, None]) -> int:
    if found is None:
        return 0
    if not _SEQUENCE.fullmatch(found.text):
        problems["SEQUENCE is no number; 0 was assumed"] = None
        return 0
    return int(found.text)


def _text(event: Component, name: str, limit: int) -> str:
    found = event.first(name)
    return found.text[:limit].rstrip() if found else ""


def _url(event: Component) -> str | None:
    url = event.url()
    return url if url and len(url) <= URL_LIMIT and url.isprintable() and " " not in url else None
