"""Reads the name of a time zone, as a calendar file or a sentence gives it, into an IANA name."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

_LONGEST_NAME = 200  # characters; the longest display name of Windows has 70

_OFFSET = re.compile(r"[(\[]?\s*(?:utc|gmt)?\s*([+\-\u2212\u2013])\s*(\d{1,2})(?::?(\d{2}))?\s*[)\]]?", re.IGNORECASE)
_BRACKETED_OFFSET = re.compile(
    r"^\s*[(\[]\s*(?:utc|gmt)?\s*(?:[+\-\u2212\u2013]?\s*\d{1,2}(?::?\d{2})?)?\s*[)\]]\s*", re.IGNORECASE
)
_KIND_OF_TIME = re.compile(r"[\s-]*\b(?:standard |daylight |summer |winter |local )?(?:time ?zone|time|zeit)$")
_LEADING_WORDS = re.compile(r"^(?:the|local time in|time in|heure de|heure d'|hora de|horário de|hora local de)\s*\b")

# Both seasons' names of a zone that a two-letter form stands for ("ET" is EST and EDT).
_SEASONLESS = MappingProxyType({"et": ("est", "edt"), "ct": ("cst", "cdt"), "mt": ("mst", "mdt"), "pt": ("pst", "pdt")})
# German names of the seasons that the zone database writes in English.
_TRANSLATED = MappingProxyType({"mez": "cet", "mesz": "cest"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneOfAbbreviation:
    """The zone that an abbreviation most likely means, and those that it may mean as well."""

    zone: str
    alternatives: tuple[str, ...] = ()


def zone_named(name: str) -> str | None:
    """Return the IANA name for an IANA, Windows or Outlook name or a plain phrase ("London time"); None if unknown.

    An outdated alias is replaced by today's name ("US/Eastern"). A bare offset identifies no zone (policy.md 3.5).
    """
    folded = " ".join(name[:_LONGEST_NAME].replace("\u00a0", " ").strip(" \t\r\n\"'").casefold().split())
    if not folded:
        return None
    bare = _BRACKETED_OFFSET.sub("", folded).strip()
    return next((zone for candidate in _readings(bare or folded) if (zone := _look_up(candidate))), None)


def offset_named(name: str) -> timedelta | None:
    """Return the offset that a name states ("(UTC-05:00) Eastern Time", "GMT+2", "-08:00"); None if it states none."""
    found = _OFFSET.match(name.strip())
    if not found:
        return None
    hours, minutes = int(found[2]), int(found[3] or 0)
    if hours > 14 or minutes > 59:  # the zone database goes to +14:00
        return None
    size = timedelta(hours=hours, minutes=minutes)
    return size if found[1] == "+" else -size


def zone_of_abbreviation(
    abbreviation: str, *, default: str, offset: timedelta | None = None, at: datetime | None = None
) -> ZoneOfAbbreviation | None:
    """Return the zone meant by "ET", "EST", "CET", "IST", ...; None for an unknown abbreviation.

    Ranked by `offset` (stated beside it, or of the Date field), then by `default` (the user's zone, if it goes by that
    abbreviation itself), then by frequency. `at` is an instant for which offsets are compared; only the year's two
    seasons matter, so the mail's date will do. "EST" in July names New York, whose clock is then meant.
    """
    folded = abbreviation.strip(" .()").replace(".", "").casefold()
    zones = _tables().abbreviations.get(folded)
    if zones is None:
        return None
    if folded == "utc" or (folded == "gmt" and offset == timedelta(0)):
        return ZoneOfAbbreviation(zone=zones[0])
    moment = at or datetime(2026, 1, 1, tzinfo=UTC)  # any year of today's rules
    if default in zones or _goes_by(default, folded, moment.year):
        zones = tuple(dict.fromkeys((default, *zones)))
    if offset is not None:
        # sorted() is stable: among zones of that offset the order above stands.
        zones = tuple(sorted(zones, key=lambda zone: offset not in _offsets(zone, moment.year)))
    clock = {zone: _offsets(zone, moment.year) for zone in zones}
    others = tuple(zone for zone in zones[1:] if clock[zone] != clock[zones[0]])
    return ZoneOfAbbreviation(zone=zones[0], alternatives=others)


def zone_abbreviations() -> Iterable[str]:
    """Return every known abbreviation, lower-case."""
    return _tables().abbreviations.keys()


def zone_phrases() -> Iterable[str]:
    """Return every region and city that names a zone when "time" follows it, lower-case."""
    return _tables().phrases.keys()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tables:
    abbreviations: dict[str, tuple[str, ...]]
    phrases: dict[str, str]
    displays: dict[str, str]


@cache
def _tables() -> _Tables:
    text = resources.files("parsers").joinpath("languages/zones.toml").read_text(encoding="utf-8")
    read: dict[str, Any] = tomllib.loads(text)
    cities = {zone.rpartition("/")[2].replace("_", " ").casefold(): zone for zone in reversed(_inhabited())}
    return _Tables(
        abbreviations={short: tuple(zones) for short, zones in read["abbreviations"].items()},
        phrases=cities | _inverted(read["cities"]) | _inverted(read["regions"]),
        displays=_inverted(read["displays"]),
    )


def _inverted(names_of_zone: dict[str, list[str]]) -> dict[str, str]:
    return {name: zone for zone, names in names_of_zone.items() for name in names}


def _readings(name: str) -> Iterable[str]:
    """Yield ever looser readings of a name, the closest first."""
    yield name
    plain = name.split("(")[0].strip()
    if plain:
        yield plain
    # "Eastern Time - New York", "Greenwich Mean Time : Dublin, London": the place is more exact than the region.
    for part in reversed(re.split(r" - | : |: | – |, |/", name.replace(" (", " - ").rstrip(")"))):
        if part.strip():
            yield part.strip()
    # "/mozilla.org/20050126_1/Europe/Berlin", "/freeassociation.sourceforge.net/America/Indiana/Knox"
    pieces = name.split("/")
    for first in range(1, min(len(pieces) - 1, 8)):
        yield "/".join(pieces[first:])


def _look_up(name: str) -> str | None:
    tables = _tables()
    if name in tables.displays:
        return tables.displays[name]
    if name in tables.abbreviations:  # before the database, which still knows "CET" as an alias of Brussels
        return tables.abbreviations[name][0]
    # A file system's or a script's way to write it: "America-New_York", "America/New York".
    found = next((z for n in (name, name.replace(" ", "_"), name.replace("-", "/")) if (z := _iana().get(n))), None)
    if found:
        return _current(found)
    if name in _windows():
        return _windows()[name]
    bare = name if name in tables.phrases else _LEADING_WORDS.sub("", _KIND_OF_TIME.sub("", name)).strip()
    if bare in tables.phrases:
        return tables.phrases[bare]
    ranked = tables.abbreviations.get(bare)
    return ranked[0] if ranked else None


@cache
def _iana() -> dict[str, str]:
    text = resources.files("tzdata").joinpath("zones").read_text(encoding="utf-8")
    return {name.casefold(): name for name in text.split()}


@cache
def _windows() -> dict[str, str]:
    from tzlocal.windows_tz import win_tz  # only here: its package reads the system's settings when imported

    return {name.casefold(): _current(zone) for name, zone in win_tz.items()}


@cache
def _inhabited() -> tuple[str, ...]:
    """Return the zones of zone.tab: one or more a country."""
    text = resources.files("tzdata").joinpath("zoneinfo/zone.tab").read_text(encoding="utf-8")
    return tuple(line.split("\t")[2].strip() for line in text.splitlines() if line and not line.startswith("#"))


@cache
def _links() -> dict[str, str]:
    text = resources.files("tzdata").joinpath("zoneinfo/tzdata.zi").read_text(encoding="utf-8")
    return {alias: zone for kind, zone, alias in (line.split() for line in text.splitlines() if line[:2] == "L ")}


def _current(zone: str) -> str:
    """Return today's name for an outdated one, which zone.tab (and with it the zone's country) does not know."""
    inhabited = _inhabited()
    while zone not in inhabited and zone in _links():
        zone = _links()[zone]
    return "UTC" if zone == "Etc/UTC" else zone


@cache
def _offsets(zone: str, year: int) -> tuple[timedelta | None, timedelta | None]:
    there = ZoneInfo(zone)
    return datetime(year, 1, 15, tzinfo=there).utcoffset(), datetime(year, 7, 15, tzinfo=there).utcoffset()


def _goes_by(zone: str, abbreviation: str, year: int) -> bool:
    there = ZoneInfo(zone)
    names = {(datetime(year, month, 15, tzinfo=there).tzname() or "").casefold() for month in (1, 7)}
    if abbreviation in _SEASONLESS:
        return names == set(_SEASONLESS[abbreviation])
    return _TRANSLATED.get(abbreviation, abbreviation) in names
