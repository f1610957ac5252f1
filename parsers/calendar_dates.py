"""Reads dates of the calendar out of tokens: "12/10/2024", "10 December", "Mar. 6, 2027", "2027-03-06"."""

from __future__ import annotations

from dataclasses import replace

from parsers.days import Day, full_year
from parsers.phrase import Row
from parsers.tokens import Shape

DAYS = 31
YEARS = range(1970, 2100)

Read = tuple[Day, int]  # a day and the index behind it


def calendar_date(row: Row, index: int, *, trusted: bool = False) -> Read | None:
    """Return the date that begins at a token; `trusted`: its neighbours make a slashed or dotted pair a date."""
    start = row.skip(index, "the")
    if start > index and row.at(start).shape is not Shape.ORDINAL and "ordinal" not in row.at(start).roles:
        written = day_and_month(row, start)  # "le 29 janvier"
        if written:
            return _with_weekday(row, *written)
        start = index
    found = (
        _numeric(row, start, trusted)
        or day_and_month(row, start)
        or _month_day(row, start)
        or _year_month_day(row, start)
    )
    return _with_weekday(row, *found) if found else None


def _with_weekday(row: Row, day: Day, after: int) -> Read:
    """Take in a weekday behind a date: "12 December (Thursday)", "10/12, Tuesday"."""
    bracketed = row.mark(after, "(") and row.mark(after + 2, ")")
    if not (bracketed or row.mark(after, ",")) or not row.has(after + 1, "weekday") or day.weekday is not None:
        return day, after
    weekday = int(row.at(after + 1).roles["weekday"])
    meant = day.reckon(row.reference)
    # "Dec 10, Wednesday Dec 11": the weekday of another date is the next date's.
    if not bracketed and (meant is None or weekday not in {one.weekday() for one in (meant.last, *meant.alternatives)}):
        return day, after
    return replace(day, weekday=weekday), after + 2 + bracketed


def _numeric(row: Row, index: int, trusted: bool) -> Read | None:
    token = row.at(index)
    if token.shape is Shape.DATE:
        first, second, third = (int(part) for part in token.parts)
        if len(token.parts[0]) == 4:
            month, number = (second, third) if second <= 12 else (third, second)
            return _checked(Day(year=first, month=month, day=number), index + 1)
        if (
            len(token.parts[2]) == 2
            and token.mark == "."
            and not (trusted or row.words.day_first or _dated_context(row, index))
        ):
            return None
        return _ordered(row, first, second, full_year(third, row.reference.today), index + 1, token.mark)
    if token.shape is not Shape.PAIR:
        return None
    first, second = (int(part) for part in token.parts)
    dotted = token.mark == "."
    if dotted and not row.words.day_first and not trusted:
        return None
    if dotted and row.words.day_first and not token.text.endswith(".") and not (trusted or _dated_context(row, index)):
        return None
    if not dotted and not trusted and not _dated_context(row, index):
        return None
    if not dotted and (first, second) in ((24, 7), (50, 50)) and not trusted:
        return None
    return _ordered(row, first, second, None, index + 1, token.mark)


def _dated_context(row: Row, index: int) -> bool:
    """Whether what stands around a slashed or dotted pair makes it a date: a preposition, a time, an end of line."""
    before, after = row.at(index - 1), row.at(index + 1)
    if "on" in before.roles or "the" in before.roles or "date_article" in before.roles:
        return after.text not in ("of", "of the")
    if after.shape is Shape.CLOCK or row.at(index - 1).shape is Shape.CLOCK or "at" in after.roles:
        return True
    if before.shape in (Shape.PAIR, Shape.DATE) or (
        row.mark(index - 1, ",-–") and row.at(index - 2).shape is Shape.PAIR
    ):
        return True
    if row.has(index + 1, "weekday") or (row.mark(index + 1, "(") and row.has(index + 2, "weekday")):
        return True
    joined = index + 1 + (row.has(index + 1, "list") or row.mark(index + 1, ",–-"))
    if joined > index + 1 and row.at(joined + row.has(joined, "list")).shape is Shape.PAIR and _begins(row, index):
        return True
    edges = (Shape.LINE, Shape.PARAGRAPH)
    starts = _begins(row, index)
    ends = after.shape in edges or row.mark(index + 1, ",:-–@|")
    return (starts and ends) or (row.mark(index + 1, ",@") and row.at(index + 2).shape is Shape.CLOCK)


def _begins(row: Row, index: int) -> bool:
    return row.at(index - 1).shape in (Shape.LINE, Shape.PARAGRAPH) or row.mark(index - 1, ":-–*•(")


def after_a_day(row: Row, index: int) -> bool:
    """Whether a day seems to end right before a token, as far as its last word tells."""
    place = index - 1 - row.mark(index - 1, ",:|–-@(⋅·•")
    token = row.at(place)
    if token.shape in (Shape.DATE, Shape.PAIR, Shape.ORDINAL):
        return True
    if token.shape is Shape.NUMBER and (token.number in YEARS or "month" in row.at(place - 1).roles):
        return True
    return bool({"weekday", "relative", "month", "period"} & token.roles.keys())


def _ordered(row: Row, first: int, second: int, year: int | None, after: int, mark: str) -> Read | None:
    month_first = row.reference.month_first and not row.words.day_first
    month, number = (first, second) if month_first else (second, first)
    swappable = month <= 12 and number <= 12
    if month > 12 and number <= 12 and not row.words.day_first:
        month, number = number, month
    return _checked(Day(year=year, month=month, day=number, swappable=swappable and not row.words.day_first), after)


def _checked(day: Day, after: int) -> Read | None:
    if day.year is not None and day.year not in YEARS:
        return None
    return (day, after) if 1 <= (day.month or 0) <= 12 and 1 <= (day.day or 0) <= DAYS else None


def day_and_month(row: Row, index: int) -> Read | None:
    """Return "10 December 2024", "10. Dezember", "the 10th of December", "15Sep", "10-Mar-2025"."""
    token = row.at(index)
    written = token.shape in (Shape.NUMBER, Shape.ORDINAL)
    number = token.number if written else int(token.roles.get("ordinal", -1))
    if not 1 <= number <= DAYS:
        return None
    place = index + 1
    if row.mark(place, ".-/") and row.at(place).glued:
        place += 1
    place = row.skip(place, "of")
    month = row.at(place).roles.get("month")
    if month is None or (row.has(place, "careful") and row.at(place).text == "second"):
        return None
    if (
        not row.at(place).glued
        and token.shape is Shape.NUMBER
        and row.at(place).text in ("may", "march")
        and not row.at(place).capital
    ):
        return None
    place += 1
    if (
        row.mark(place, ".-/")
        and row.at(place).glued
        and (row.at(place).text != "." or row.at(place - 1).end - row.at(place - 1).start <= 5)
    ):
        place += 1
    year, behind = read_year(row, place)
    if year is None and row.has(place, "street"):
        return None  # "5 May Street"
    return Day(year=year, month=int(month), day=number), behind


def _month_day(row: Row, index: int) -> Read | None:
    """Return "December 10th, 2024", "Mar. 6", "May the 4th", "May eighth"."""
    token = row.at(index)
    month = token.roles.get("month")
    if month is None or (token.glued and row.at(index - 1).shape is Shape.MARK and row.at(index - 1).text == "'"):
        return None
    place = index + 1
    if row.mark(place, ".,-"):
        place += 1
    place = row.skip(place, "the")
    day = row.at(place)
    number = day.number if day.shape in (Shape.NUMBER, Shape.ORDINAL) else int(day.roles.get("ordinal", -1))
    if not 1 <= number <= DAYS:
        return None
    if day.shape is Shape.NUMBER and not ends_a_day(row, place + 1):
        return None
    if row.words.day_first and not row.has(place, "ordinal") and row.has(place + 1, "month"):
        return None  # "décembre, 10 janvier": the number belongs to the next month
    year, place = read_year(row, place + 1)
    return Day(year=year, month=int(month), day=number), place


def _year_month_day(row: Row, index: int) -> Read | None:
    """Return "2018 March 18", "2012/Aug/10"."""
    if row.at(index).shape is not Shape.NUMBER or row.at(index).number not in YEARS:
        return None
    place = index + 1 + row.mark(index + 1, "/-")
    month = row.at(place).roles.get("month")
    if month is None:
        return None
    place += 1 + row.mark(place + 1, "/-")
    number = row.at(place).number
    return _checked(Day(year=row.at(index).number, month=int(month), day=number), place + 1)


def read_year(row: Row, index: int) -> tuple[int | None, int]:
    """Return the year behind a date, if there is one, and the index behind it."""
    place = index + 1 if row.mark(index, ",") else index
    place = row.skip(place, "year_article")
    token = row.at(place)
    if token.shape is Shape.NUMBER and token.number in YEARS and len(token.text) == 4 and not _counts(row, place + 1):
        return token.number, place + 1
    if (
        token.shape is Shape.NUMBER
        and len(token.text) == 2
        and place == index
        and token.number > DAYS
        and not row.mark(index + 1, ":")
    ):
        return full_year(token.number, row.reference.today), place + 1
    if (
        row.mark(place, "'’")
        and row.at(place + 1).glued
        and len(row.at(place + 1).text) == 2
        and row.at(place + 1).number >= 0
    ):
        return full_year(row.at(place + 1).number, row.reference.today), place + 2
    return None, index


def _counts(row: Row, index: int) -> bool:
    return row.has(index, "hundred")


def ends_a_day(row: Row, index: int) -> bool:
    """Whether a number may be a day, seen from what follows: not a unit, a fraction, a clock or a longer number."""
    token = row.at(index)
    if token.glued and (token.shape in (Shape.WORD, Shape.NUMBER, Shape.OPAQUE) or token.text in "%$€£°"):
        return False
    if token.glued and token.text in ".:" and row.at(index + 1).glued and row.at(index + 1).shape is Shape.NUMBER:
        return False
    return not ({"unit", "am", "pm", "oclock"} & token.roles.keys())
