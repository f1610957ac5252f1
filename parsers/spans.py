"""Reads windows of days out of tokens: "by the end of next week", "mid-December", "w/c 7 December"."""

from __future__ import annotations

from datetime import date

from parsers.dates import read_day
from parsers.day_ranges import range_of_days
from parsers.days import Day
from parsers.lengths import length_ahead
from parsers.phrase import Row
from parsers.tokens import Shape
from parsers.windows import AfterHolidays, Months, Until, Week, Window

_SIZES = {"month": 1, "quarter": 3, "year": 12}
_SMALL_MONTHS = frozenset({"es", "fr", "it", "nl", "pl", "pt"})  # languages that write "enero", and no verb "may"
_WEEKS_OF_A_MONTH = 4  # a fifth is the last
_ISO_WEEKS = 52  # a 53rd is in few years
_AS_WEEKS = ("week", "weekend")

Read = tuple[Window, int]


def read_window(row: Row, index: int) -> Read | None:
    """Return the window that begins at a token, its preposition included; None if none does."""
    if row.has(index, "holidays"):
        return AfterHolidays(), index + 1
    for reader in (_end_of_day, length_ahead, _week_of, _part, range_of_days):
        found = reader(row, index)
        if found:
            return found
    return None


def _led(row: Row, index: int) -> tuple[int, bool]:
    """Return the index behind "by", "sometime in the" and the like, and whether they set a deadline."""
    by = False
    for _ in range(4):
        roles = row.at(index).roles
        if "part" in roles or "nth" in roles:
            break
        if "by" in roles:
            by = True
        elif not ({"lead", "approx", "the", "of"} & roles.keys()):
            break
        index += 1
    return index, by


def _end_of_day(row: Row, index: int) -> Read | None:
    place, _ = _led(row, index)
    if row.has(place, "end_of_day"):
        after = row.skip(place + 1, "of", "at", "on")
        after += row.mark(after, ",")
        day = read_day(row, after)
        return (Until(day=day[0]), day[1]) if day else (Until(day=Day(shift=0)), place + 1)
    if row.has(place, "end_of_week"):
        ahead = row.skip(place + 1, "of", "the")
        if row.has(ahead, "next") and row.at(ahead + 1).roles.get("unit") == "week":
            return Week(weeks=1, part="end", by=True), ahead + 2
        return Week(part="end", by=True), place + 1
    if row.has(place, "next") and row.has(place + 1, "end_of_week"):
        return Week(weeks=1, part="end", by=True), place + 2
    if row.has(place, "end_of_month"):
        return Months(part="end", by=True), place + 1
    if row.has(place, "end_of_year"):
        return Months(size=12, part="end", by=True), place + 1
    # "by Monday EOD"; "Friday end of day"
    day = read_day(row, place)
    if day:
        after = row.skip(day[1] + row.mark(day[1], ",("), "by", "the", "of", "at")
        if row.has(after, "end_of_day"):
            return Until(day=day[0]), after + 1 + row.mark(after + 1, ")")
    return None


def _week_of(row: Row, index: int) -> Read | None:
    place = row.skip(index, "lead", "the", "of", "by", "approx")
    if row.has(place, "calendar_week"):
        return _calendar_week(row, place + 1, by=row.has(index, "by"))
    ending = row.has(place, "week_ending")
    if not ending and not row.has(place, "week_of"):
        return None
    place = row.skip(place + 1, "the", "of")
    place += row.mark(place, ":")
    day = read_day(row, place)
    return (Week(of=day[0]), day[1]) if day else None


def _calendar_week(row: Row, index: int, *, by: bool) -> Read | None:
    """Return "KW 50": the ISO week of that number, the next one."""
    place = index + row.mark(index, ".")
    number, today = row.at(place).number, row.reference.today
    if not 1 <= number <= _ISO_WEEKS:
        return None
    year = today.isocalendar().year + (number < today.isocalendar().week)
    monday = date.fromisocalendar(year, number, 1)
    return Week(of=Day(year=monday.year, month=monday.month, day=monday.day), by=by), place + 1


def _part(row: Row, index: int) -> Read | None:
    """Return "early next week", "the end of the month", "in Q1", "in the first week of January", "next week"."""
    place, by = _led(row, index)
    place = row.skip(place, "the", "approx") if not (row.has(place, "part") or row.has(place, "nth")) else place
    part = row.at(place).roles.get("part")
    nth = _nth(row, place)
    if nth is not None and (row.at(place + 1).roles.get("unit") == "week" or row.has(place + 1, "week_of")):
        return _nth_week(row, row.skip(place + 2, "of", "the"), int(nth), by)
    if part is not None:
        place += 1
        place += row.mark(place, "-")
        place = row.skip(place, "of", "the")
        nth = row.at(place).roles.get("nth")
        if nth is not None and (row.at(place + 1).roles.get("unit") == "week" or row.has(place + 1, "week_of")):
            return _nth_week(row, row.skip(place + 2, "of", "the"), int(nth), by)
    return _period(row, place, part, by, led=place > index)


def _nth(row: Row, index: int) -> int | None:
    token = row.at(index)
    if token.shape is Shape.ORDINAL and 1 <= token.number <= _WEEKS_OF_A_MONTH:
        return token.number
    return token.roles.get("nth")


def _nth_week(row: Row, index: int, nth: int, by: bool) -> Read | None:
    month = row.at(index).roles.get("month")
    if month is not None:
        year, after = _year(row, index + 1)
        return Months(number=int(month), year=year, week=nth, by=by), after
    if row.has(index, "next") and row.at(index + 1).roles.get("unit") == "month":
        return Months(ahead=1, week=nth, by=by), index + 2
    if row.at(index).roles.get("unit") == "month":
        return Months(week=nth, by=by), index + 1
    if row.has(index, "this") and row.at(index + 1).roles.get("unit") == "month":
        return Months(week=nth, by=by), index + 2
    return None


def _period(row: Row, index: int, part: str | None, by: bool, *, led: bool) -> Read | None:
    month = row.at(index).roles.get("month")
    if month is not None:
        return _named_month(row, index, part, by, led=led)
    quarter = _quarter(row, index)
    if quarter:
        number, after = quarter
        year, after = _year(row, after)
        return Months(size=3, number=number, year=year, part=part, by=by), after
    which = _which(row, index)
    if not which:
        return None
    ahead, unit, after = which
    if ahead is not None and ahead < 0 and (unit != "week" or part):
        return None  # "last week" tells of a talk, "last year" of a career
    if ahead is None:
        # "the end of the week" has no other word; a bare "week" or "month" is no window.
        if part is None and not (unit == "weekend" and led):
            return None
        ahead = 0
    if (
        ahead == 0
        and part is None
        and unit != "weekend"
        and row.has(index - 1, "lead")
        and row.at(index - 1).text == "for"
    ):
        return None
    year_part = "late" if part is None and by and unit in _SIZES and ahead == 0 else part
    if unit == "weekend" and by and part is None:
        return Week(weeks=ahead, part="end", by=True), after  # before the weekend: on its Friday
    if unit in _AS_WEEKS:
        return Week(weeks=ahead, part=part, by=by, weekend=unit == "weekend"), after
    return Months(size=_SIZES[unit], ahead=ahead, part=year_part, by=by), after


def _which(row: Row, index: int) -> tuple[int | None, str, int] | None:
    """Return which week, month, quarter or year from the mail's is named, before or behind the noun."""
    place = index
    ahead: int | None = None
    if row.has(place, "next") or row.has(place, "following") or row.has(place, "coming"):
        ahead, place = 1, place + 1
    elif row.has(place, "this"):
        ahead, place = 0, place + 1
    elif row.has(place, "last"):
        ahead, place = -1, place + 1
    unit = row.at(place).roles.get("unit")
    if (unit not in _AS_WEEKS and unit not in _SIZES) or row.has(place, "plural"):
        return None
    place += 1
    if ahead is None:
        if row.has(place, "after_next"):
            ahead, place = 2, place + 1
        elif row.has(place, "next") or row.has(place, "following") or row.has(place, "coming"):
            ahead, place = 1, place + 1
        elif row.has(place, "last") and row.words.day_first:
            ahead, place = -1, place + 1
        elif row.has(place, "this") and row.words.day_first:
            ahead, place = 0, place + 1
    elif row.has(place, "after_next"):
        ahead, place = 2, place + 1
    return ahead, unit, place


def _named_month(row: Row, index: int, part: str | None, by: bool, *, led: bool) -> Read | None:
    """Return "in July", "mid-December", "by the end of May 2027"; a month's name alone may be a person's."""
    year, after = _year(row, index + 1)
    following = row.at(after + row.mark(after, "."))
    if part is None:
        named = following.shape is Shape.WORD and following.capital and year is None
        spelt = row.at(index).capital or row.words.language in _SMALL_MONTHS
        if not led or named or not spelt or row.has(after, "not_after_month"):
            return None
        if following.shape in (Shape.NUMBER, Shape.ORDINAL, Shape.PAIR) or (
            following.glued and following.text in "-'’"
        ):
            return None
        if by:
            return Months(number=int(row.at(index).roles["month"]), year=year, part="start", by=True), after
    return Months(number=int(row.at(index).roles["month"]), year=year, part=part, by=by), after


def _quarter(row: Row, index: int) -> tuple[int, int] | None:
    token, digit = row.at(index), row.at(index + 1)
    if token.text == "q" and digit.glued and digit.text in ("1", "2", "3", "4"):
        return int(digit.text), index + 2
    number = token.roles.get("ordinal", token.number if token.shape is Shape.ORDINAL else -1)
    if 1 <= number <= 4 and row.at(index + 1).roles.get("unit") == "quarter":
        return int(number), index + 2
    return None


def _year(row: Row, index: int) -> tuple[int | None, int]:
    place = row.skip(index + row.mark(index, ","), "of", "year_article")
    token = row.at(place)
    if token.shape is Shape.NUMBER and len(token.text) == 4 and 1970 <= token.number < 2100:
        return token.number, place + 1
    return None, index
