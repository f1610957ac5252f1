"""Reads days that lean on each other out of tokens: "March 11 and 12", "7, 8 or 9 December"."""

from __future__ import annotations

from dataclasses import replace

from parsers.calendar_dates import DAYS, day_and_month, ends_a_day, read_year
from parsers.clock import read_time
from parsers.days import Day
from parsers.phrase import Row
from parsers.tokens import Shape

_LONGEST_LIST = 8


def more_days(row: Row, index: int, before: Day) -> tuple[Day, int, bool] | None:
    """Return a further day that leans on the one before ("March 11 and 12", "10 - 22"), and whether it ends a range."""
    place = index
    ranged = row.dash(place)
    if row.mark(place, ","):
        place += 1
        if row.has(place, "list"):
            place += 1
    elif ranged or row.has(place, "list") or row.mark(place, "/&"):
        place += 1
    else:
        return None
    if row.has(place, "from") and row.dash(place + 2):
        return None  # "le 29 janvier, du 10 au 22 août"
    place = row.skip(place, "the")
    if before.month is None or before.shift is not None:
        return None
    token = row.at(place)
    if token.shape in (Shape.NUMBER, Shape.ORDINAL) and 1 <= token.number <= DAYS:
        number = token.number
    elif row.at(place).roles.get("ordinal"):
        number = row.at(place).roles["ordinal"]
    else:
        return None
    after = place + 1
    if row.mark(after, ".") and row.words.day_first:
        after += 1
    if token.shape is Shape.NUMBER and not ends_a_day(row, after):
        return None
    if row.has(after, "month") or _is_time_word(row, after) or (row.has(after, "of") and row.has(after + 1, "month")):
        return None
    time = read_time(row, place)
    if time and time[0].half:
        return None  # "2 December, 4-5pm"
    year, after = read_year(row, after)
    if year is None:
        year = before.year
    return Day(year=year, month=before.month, day=number), after, ranged


def days_of_one_month(row: Row, index: int) -> list[tuple[Day, int, int]]:
    """Return the days of a list whose month stands last ("7, 8 or 9 December"), each with its first and last index."""
    places: list[int] = []
    place = index
    for _ in range(_LONGEST_LIST):
        token = row.at(place)
        if token.shape not in (Shape.NUMBER, Shape.ORDINAL) or not 1 <= token.number <= DAYS:
            return []
        whole = day_and_month(row, place)
        if whole:
            day, behind = whole
            rows = [(replace(day, day=row.at(one).number), one, one + 1) for one in places]
            return [*rows, (day, place, behind)] if places else []
        places.append(place)
        following = place + 1
        following += row.mark(following, ",/&")
        following += row.has(following, "list")
        if following == place + 1:
            return []  # "10 au 22 août" is a span
        place = row.skip(following, "the")
    return []


def _is_time_word(row: Row, index: int) -> bool:
    return bool({"am", "pm", "oclock"} & row.at(index).roles.keys())
