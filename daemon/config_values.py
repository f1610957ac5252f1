"""The kinds of values that the configuration has: what a person writes in, what the program computes with out."""

from __future__ import annotations

import ipaddress
import re
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StrictInt,
    WithJsonSchema,
)

from parsers.address import read_addresses

OF_THE_THREAD = "thread"  # a letter's language: that of the mails it belongs to

_UNITS = {
    **dict.fromkeys(("s", "sec", "second", "seconds"), timedelta(seconds=1)),
    **dict.fromkeys(("m", "min", "minute", "minutes"), timedelta(minutes=1)),
    **dict.fromkeys(("h", "hour", "hours"), timedelta(hours=1)),
}
_DURATION = re.compile(r"([0-9]{1,5}(?:\.[0-9]{1,3})?) ?([a-z]{1,10})")
_BUSINESS_DAYS = re.compile(r"([0-9]{1,3}) ?(?:business days?|bd)", re.IGNORECASE)
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_MONTH_DAY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
_DAYS = (*_WEEKDAYS, "saturday", "sunday")


class Section(BaseModel):
    """A mapping of the configuration: unknown keys are refused, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    def written(self) -> dict[str, Any]:
        """Give what the person wrote, without the defaults."""
        return {name: getattr(self, name) for name in self.model_fields_set}


def read_duration(value: object) -> timedelta:
    """Read "2h", "90 min", "30 s". Raises ValueError."""
    found = _DURATION.fullmatch(value.strip().lower()) if isinstance(value, str) else None
    if found is None or found[2] not in _UNITS:
        raise ValueError('is no length of time; write a number and a unit, such as "2h", "90 min" or "30 s"')
    return float(found[1]) * _UNITS[found[2]]


def read_business_days(value: object) -> int:
    """Read "2 business days". Raises ValueError."""
    found = _BUSINESS_DAYS.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise ValueError('is no number of business days; write it with its unit, such as "2 business days"')
    return int(found[1])


def read_clock(value: object) -> time:
    """Read "09:00". Raises ValueError."""
    found = _CLOCK.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise ValueError('is no time of day; write hours and minutes, such as "09:00"')
    return time(int(found[1]), int(found[2]))


def read_day(value: object) -> date:
    """Read "2026-12-24". Raises ValueError."""
    try:
        return date.fromisoformat(value if isinstance(value, str) and len(value) == 10 else "")
    except ValueError:
        raise ValueError("is no day; write year, month and day, such as 2026-12-24") from None


def read_day_or_instant(value: object) -> date | datetime:
    """Read "2026-12-24" or "2026-12-24T09:00:00+01:00". Raises ValueError."""
    if isinstance(value, str) and len(value) > 10:
        try:
            instant = datetime.fromisoformat(value)
        except ValueError:
            instant = None
        if instant is None or instant.tzinfo is None:
            raise ValueError("is no instant; write it with its offset, such as 2026-12-24T09:00:00+01:00")
        return instant
    return read_day(value)


def read_month_day(value: object) -> tuple[int, int]:
    """Read "12-24", the 24th of December. Raises ValueError."""
    found = _MONTH_DAY.fullmatch(value) if isinstance(value, str) else None
    month, day = (int(found[1]), int(found[2])) if found else (0, 0)
    try:
        date(2024, month, day)  # a leap year: 29 February may be named
    except ValueError:
        raise ValueError('is no day of the year; write month and day, such as "12-24"') from None
    return month, day


def read_weekday(value: object) -> int:
    """Read "tuesday" into its ISO number. Raises ValueError."""
    if not isinstance(value, str) or value.lower() not in _WEEKDAYS:
        raise ValueError(f"is no business day; write one of {', '.join(_WEEKDAYS)}")
    return _WEEKDAYS.index(value.lower()) + 1


def read_day_and_clock(value: object) -> tuple[int, time]:
    """Read "Monday 08:00" into the weekday's ISO number and the time of day. Raises ValueError."""
    day, _, clock = value.strip().partition(" ") if isinstance(value, str) else ("", "", "")
    if day.lower() not in _DAYS or not _CLOCK.fullmatch(clock.strip()):
        raise ValueError('is no weekday with a time of day; write both, such as "Monday 08:00"')
    return _DAYS.index(day.lower()) + 1, read_clock(clock)


def read_path(value: object) -> Path:
    """Read "/etc/x" or "~/x". Raises ValueError."""
    if isinstance(value, str) and value.isprintable() and value.startswith(("/", "~/")):
        try:
            return Path(value).expanduser()
        except RuntimeError:  # a service without a home directory
            raise ValueError("has a ~, but there is no home directory here; write the whole path") from None
    raise ValueError("is no absolute path; begin it with / or ~/")


def is_loopback(host: str) -> bool:
    """Whether nothing sent to this host leaves the machine."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.casefold() == "localhost"


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("is no IANA time zone; write a name such as Europe/Berlin or America/New_York") from None


def _address(text: str) -> str:
    addresses, problems = read_addresses(text)
    if len(addresses) != 1 or problems or addresses[0].name is not None:
        raise ValueError("is no mail address; write it bare, such as jordan@example.org")
    return addresses[0].address


def _host(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_.:\[\]-]{1,253}", text):
        raise ValueError("is no host name; write it without a protocol, such as imap.example.org")
    return text


def _holiday_set(text: str) -> str:
    if not re.fullmatch(r"[A-Z]{2}(?:-[A-Za-z0-9]{1,10})?", text) or text[:2] not in _countries():
        raise ValueError("is no country or subdivision; write its ISO 3166 code, such as US, GB or DE-BY")
    return text


def _language(text: str) -> str:
    folder = resources.files("composer") / "templates"
    written = sorted(entry.name for entry in folder.iterdir() if entry.is_dir())
    if text not in {OF_THE_THREAD, *written}:
        known = ", ".join((OF_THE_THREAD, *written))
        raise ValueError(f"is no language that letters exist in; write one of: {known}")
    return text


def _one_line(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError("is empty or has characters that cannot be printed")
    return text


@cache
def _countries() -> frozenset[str]:
    table = resources.files("tzdata").joinpath("zoneinfo/iso3166.tab").read_text("utf-8")
    return frozenset(line[:2] for line in table.splitlines() if not line.startswith("#"))


def _written(pattern: str, *examples: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern, "examples": list(examples)})


# How a default is shown in the schema: as a person would write it.


def _show_duration(value: timedelta) -> str:
    minutes = value.total_seconds() / 60
    if minutes < 1:
        return f"{value.total_seconds():g} s"
    return f"{minutes / 60:g} h" if minutes % 60 == 0 else f"{minutes:g} min"


def _show_business_days(value: int) -> str:
    return f"{value} business day{'' if value == 1 else 's'}"


def _show_clock(value: time) -> str:
    return f"{value:%H:%M}"


def _show_day_and_clock(value: tuple[int, time]) -> str:
    return f"{_DAYS[value[0] - 1].title()} {value[1]:%H:%M}"


def _show_month_day(value: tuple[int, int]) -> str:
    return f"{value[0]:02}-{value[1]:02}"


Duration = Annotated[
    timedelta,
    BeforeValidator(read_duration),
    PlainSerializer(_show_duration, when_used="json"),
    _written(r"^[0-9]+(\.[0-9]+)? ?(s|sec|seconds?|m|min|minutes?|h|hours?)$", "2h", "90 min"),
]
BusinessDays = Annotated[
    int,
    BeforeValidator(read_business_days),
    PlainSerializer(_show_business_days, when_used="json"),
    _written(r"^[0-9]+ ?(business days?|BD|bd)$", "2 business days"),
]
Clock = Annotated[
    time,
    BeforeValidator(read_clock),
    PlainSerializer(_show_clock, when_used="json"),
    _written(r"^([01]?[0-9]|2[0-3]):[0-5][0-9]$", "09:00"),
]
DayAndClock = Annotated[
    tuple[int, time],
    BeforeValidator(read_day_and_clock),
    PlainSerializer(_show_day_and_clock, when_used="json"),
    _written(r"^[A-Za-z]+ ([01]?[0-9]|2[0-3]):[0-5][0-9]$", "Monday 08:00"),
]
Day = Annotated[date, BeforeValidator(read_day), _written(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "2026-12-24")]
DayOrInstant = Annotated[
    date | datetime,
    BeforeValidator(read_day_or_instant),
    _written(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(T.+)?$", "2027-01-15", "2027-01-15T09:00:00-05:00"),
]
MonthDay = Annotated[
    tuple[int, int],
    BeforeValidator(read_month_day),
    PlainSerializer(_show_month_day, when_used="json"),
    _written(r"^(0[1-9]|1[0-2])-[0-3][0-9]$", "12-24"),
]
Weekday = Annotated[int, BeforeValidator(read_weekday), WithJsonSchema({"type": "string", "enum": list(_WEEKDAYS)})]
FilePath = Annotated[Path, BeforeValidator(read_path), _written(r"^(/|~/)", "~/.local/share/tactful")]
Zone = Annotated[str, AfterValidator(_zone), Field(examples=["Europe/Berlin"])]
MailAddress = Annotated[str, AfterValidator(_address), Field(examples=["jordan@example.org"])]
Host = Annotated[str, AfterValidator(_host), Field(examples=["imap.example.org"])]
HolidaySet = Annotated[str, AfterValidator(_holiday_set), Field(examples=["US", "DE-BY"])]
Language = Annotated[str, AfterValidator(_language), Field(examples=["thread", "en"])]
Line = Annotated[str, AfterValidator(_one_line)]
Count = StrictInt
