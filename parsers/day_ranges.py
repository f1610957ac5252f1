"""Reads spans from one day to another out of tokens: "between December 9 and 13", "Monday to Wednesday"."""

from __future__ import annotations

from parsers.dates import read_day
from parsers.day_lists import more_days
from parsers.days import Day
from parsers.phrase import Row
from parsers.tokens import Shape
from parsers.windows import Between

Read = tuple[Between, int]


def range_of_days(row: Row, index: int) -> Read | None:
    """Return "between December 9 and 13", "from Monday to Wednesday", "10 - 22 August", "Dec 9-13"."""
    place = row.skip(index, "lead", "by")
    between = row.has(place, "between") or row.has(place, "from")
    start = place + between
    begin = read_day(row, start)
    if not begin:
        return _shared_month(row, start) if not row.has(index - 1, "moved") else None
    day, after = begin
    joined = row.dash(after) or (between and row.has(after, "list"))
    if not joined or row.tells_of_a_move(start):
        return None
    leaning = more_days(row, after, day)
    if leaning and (leaning[2] or between):
        return Between(begin=day, end=leaning[0]), leaning[1]
    end = read_day(row, after + 1)
    if not end:
        return None
    first = day
    if day.partial and end[0].month is not None:
        first = Day(year=end[0].year, month=end[0].month, day=day.day, weekday=day.weekday)
    elif day.year is None and day.month is not None and end[0].year is not None and end[0].month is not None:
        first = Day(
            year=end[0].year if day.month <= end[0].month else end[0].year - 1,
            month=day.month,
            day=day.day,
            weekday=day.weekday,
            swappable=day.swappable,
        )
    last = end[0]
    if last.year is None and day.year is not None and last.month is not None:
        last = Day(
            year=day.year + (last.month < (day.month or 0)),
            month=last.month,
            day=last.day,
            weekday=last.weekday,
            swappable=last.swappable,
        )
    return Between(begin=first, end=last), end[1]


def _shared_month(row: Row, index: int) -> Read | None:
    """Return "10 - 22 August 2012", "the 9th to the 13th of May": the month stands once, behind."""
    first = row.skip(index, "the")
    token = row.at(first)
    number = token.number if token.shape in (Shape.NUMBER, Shape.ORDINAL) else int(token.roles.get("ordinal", -1))
    dash = first + 1 + (row.mark(first + 1, ".") and row.words.day_first)
    if not 1 <= number <= 31 or not (row.dash(dash) or (row.has(dash, "list") and row.has(index - 1, "between"))):
        return None
    end = read_day(row, row.skip(dash + 1, "the"))
    if not end or end[0].month is None or end[0].day is None or end[0].swappable or end[0].day <= number:
        return None
    return Between(begin=Day(year=end[0].year, month=end[0].month, day=number), end=end[0]), end[1]
