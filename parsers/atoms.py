"""Finds the atoms of a text: every day, window, time and zone that it states, before they are joined to moments."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from itertools import pairwise

from parsers.clock import read_time
from parsers.dates import in_a_street, read_day
from parsers.day_lists import days_of_one_month, more_days
from parsers.days import Day
from parsers.phrase import Atom, Kind, Row, Time, Zone
from parsers.spans import read_window
from parsers.tokens import Shape
from parsers.windows import Between, Week
from parsers.zone_words import read_zone
from parsers.zones import zone_abbreviations

_NUMERIC = frozenset({Shape.NUMBER, Shape.ORDINAL, Shape.PAIR, Shape.DATE, Shape.CLOCK})
_LONGEST_LIST = 12  # days that share one month
_LONGEST_WEEK = 25  # tokens from "next week" to its last weekday
_LONGEST_CLAUSE = 14  # tokens searched back for the verb of a sentence


def read_atoms(row: Row) -> list[Atom]:
    """Return the atoms in order; none overlaps another."""
    atoms: list[Atom] = []
    index = 0
    while index < row.count:
        found = _atom(row, index)
        if not found:
            index += 1
            continue
        atoms.extend(found)
        index = max(found[-1].last, index + 1)
    _share_months(row, atoms)
    _share_weeks(row, atoms)
    _take_years(row, atoms)
    return atoms


def _atom(row: Row, index: int) -> list[Atom] | None:
    token = row.tokens[index]
    if token.shape is Shape.INSTANT:
        return _instant(row, index)
    if token.shape in (Shape.OFFSET, Shape.ZONE):
        return _zone(row, index)
    if token.shape not in _NUMERIC and not token.roles:
        if token.shape is Shape.WORD and token.capital and token.text in zone_abbreviations():
            return _zone(row, index)
        return _zone(row, index) if token.shape is Shape.WORD and token.capital and _zone_expected(row, index) else None
    if "habitual" in token.roles or ("weekday" in token.roles and row.has(index - 1, "habit")):
        return [Atom(Kind.WINDOW, index, index + 1)]
    if in_a_street(row, index) or (token.shape in (Shape.PAIR, Shape.DATE) and _labelled(row, index)):
        return None
    listed_days = days_of_one_month(row, index) if token.shape in (Shape.NUMBER, Shape.ORDINAL) else []
    if listed_days:
        return [Atom(Kind.DAY, first, last, day=day, listed=first > index) for day, first, last in listed_days]
    numeric = token.shape in _NUMERIC
    window = read_window(row, index) if numeric or "opens_window" in token.roles else None
    day = read_day(row, index) if numeric or "opens_day" in token.roles else None
    time = read_time(row, index) if numeric or "opens_time" in token.roles else None
    furthest = max(window[1] if window else 0, day[1] if day else 0, time[1] if time else 0)
    if window and window[1] == furthest:
        return [Atom(Kind.WINDOW, index, window[1], window=window[0], by=row.has(index, "by"))]
    if day and day[1] == furthest:
        return _days(row, index, day[0], day[1])
    if time:
        return [Atom(Kind.TIME, index, time[1], time=time[0])]
    return None


def _labelled(row: Row, index: int) -> bool:
    """Whether the word before calls a number something else than a date: "Version 2.12", "Art. 12.3"."""
    place = index - 1 - row.mark(index - 1, ".")
    return row.has(place, "numbered")


def _zone_expected(row: Row, index: int) -> bool:
    """Whether a zone's name may stand here: in brackets, or after "all times" and the like."""
    return row.mark(index - 1, "([") or any(row.has(index - back, "all_times") for back in (1, 2, 3))


def _zone(row: Row, index: int) -> list[Atom] | None:
    opened = index - row.mark(index - 1, "([")
    told = opened == index and _zone_expected(row, index)
    found = read_zone(row, opened, tight=told) or read_zone(row, index, tight=told)
    return [Atom(Kind.ZONE, index, max(found[1], index + 1), zone=found[0])] if found else None


def _instant(row: Row, index: int) -> list[Atom] | None:
    written = row.tokens[index].text
    try:
        at = datetime.fromisoformat(written.replace(",", "."))
    except ValueError:
        return None
    offset = at.utcoffset()
    zone = Zone(offset=written[19:].lstrip(".0123456789") or written[16:]) if offset is not None else None
    if written.endswith("Z"):
        zone = Zone(name="UTC")
    day = Day(year=at.year, month=at.month, day=at.day)
    time = Time(start=at.hour * 60 + at.minute, half="24", zone=zone)
    return [Atom(Kind.TIME, index, index + 1, time=time, day=day)]


def _days(row: Row, index: int, day: Day, after: int) -> list[Atom]:
    by = _deadline(row, index)
    if (
        day.weekday is not None
        and day.day is None
        and day.weeks is None
        and not day.beyond
        and not by
        and _has_passed(row, index)
    ):
        day = replace(day, after=True)
    atoms = [Atom(Kind.DAY, index, after, day=day, by=by)]
    for _ in range(_LONGEST_LIST):
        more = more_days(row, atoms[-1].last, atoms[-1].day or day)
        if not more:
            break
        further, behind, ranged = more
        if ranged:
            last = atoms.pop()
            between = Between(begin=last.day or day, end=further)
            atoms.append(Atom(Kind.WINDOW, last.first, behind, window=between, by=by))
            break
        atoms.append(Atom(Kind.DAY, atoms[-1].last + 1, behind, day=further, listed=True))
    return atoms


def _deadline(row: Row, index: int) -> bool:
    place = row.back(index, "the", "approx", "date_article")
    return any(row.has(before, "by") for before in range(place - 1, index)) or (
        row.at(place - 1).text == "on" and row.has(place - 2, "by")
    )


def _has_passed(row: Row, index: int) -> bool:
    """Whether the sentence thanks for or tells of a talk on that weekday."""
    talked = False
    for place in range(index - 1, max(-1, index - _LONGEST_CLAUSE), -1):
        token = row.tokens[place]
        if token.shape is Shape.PARAGRAPH or (token.shape is Shape.MARK and token.text in ".!?;"):
            return False
        if "talked_before" in token.roles or (talked and "thanks" in token.roles):
            return True
        talked = talked or "talked" in token.roles
    return False


def _share_months(row: Row, atoms: list[Atom]) -> None:
    """Give "the 9th" the month of the list it begins: "Tuesday 10th or Wednesday 11th December"."""
    for index in range(len(atoms) - 2, -1, -1):
        atom, following = atoms[index], atoms[index + 1]
        if (
            atom.day is None
            or following.day is None
            or not atom.day.partial
            or atom.day.months
            or following.day.month is None
        ):
            continue
        near = following.first - atom.last <= 5 and any(
            row.has(place, "list") or row.mark(place, ",") for place in range(atom.last, following.first)
        )
        if near and (atom.day.day or 0) < (following.day.day or 0):
            atom.day = replace(atom.day, month=following.day.month, year=following.day.year)


def _share_weeks(row: Row, atoms: list[Atom]) -> None:
    """Put plain weekdays in the week that was named: "next Monday, Tuesday or Thursday", "next week: Tuesday at 2"."""
    named: Atom | None = None  # the week that the words before are about
    for before, atom in zip([None, *atoms], atoms, strict=False):
        if isinstance(atom.window, Week) and not atom.window.part and not atom.by and not atom.window.weekend:
            named = atom
            continue
        if named and (atom.first - named.last > _LONGEST_WEEK or atom.kind is Kind.WINDOW):
            named = None
        day = atom.day
        if day is None or not _plain(day) or atom.by:
            continue
        if before and before.day and before.day.weeks and before.day.day is None and listed(row, before, atom):
            atom.day = replace(day, weeks=before.day.weeks)
        elif named and isinstance(named.window, Week):
            of = named.window.of
            atom.day = replace(day, week_of=of) if of else replace(day, weeks=named.window.weeks or None)
    for left, right in zip(reversed(atoms[:-1]), reversed(atoms[1:]), strict=True):
        if not (left.day and right.day and _plain(left.day) and right.day.weeks) or left.by:
            continue
        # "Tuesday or Thursday next week": the week stands behind the last of them.
        if not row.has(right.last - 1, "weekday") and listed(row, left, right):
            left.day = replace(left.day, weeks=right.day.weeks)


def _plain(day: Day) -> bool:
    return day.weekday is not None and day.day is None and day.weeks is None and not day.beyond and not day.after


def listed(row: Row, left: Atom, right: Atom) -> bool:
    """Whether two neighbouring days stand in one list."""
    if right.listed:
        return True
    between = range(left.last, right.first)
    if not between or len(between) > 4:
        return False
    joined = any(row.has(place, "list") or row.mark(place, ",/") for place in between)
    return joined and all(
        row.mark(place, ",/") or {"list", "on", "the", "at"} & row.at(place).roles.keys() for place in between
    )


def _take_years(row: Row, atoms: list[Atom]) -> None:
    """Give a date the year behind its time: "Thu Oct 26 11:00:09 2023"."""
    for day, time in pairwise(atoms):
        year = row.at(time.last)
        dated = day.day is not None and day.day.month is not None and day.day.year is None
        if (
            dated
            and day.day
            and time.time
            and time.first == day.last
            and year.shape is Shape.NUMBER
            and len(year.text) == 4
        ):
            day.day = replace(day.day, year=year.number if 1970 <= year.number < 2100 else None)
