"""Reads days out of tokens: "Tuesday, December 10, 2024", "the 9th", "12/11", "a week from Monday"."""

from __future__ import annotations

from dataclasses import replace

from parsers.days import Day, full_year
from parsers.phrase import Row
from parsers.tokens import Shape

_DAYS = 31
_LONGEST_LIST = 8
_YEARS = range(1970, 2100)
_SIGNS_OF_IDENTIFIERS = frozenset("#$€£/_=.+-")
_UNITS = {"day": 1, "week": 7, "fortnight": 14}

Read = tuple[Day, int]  # a day and the index behind it


def read_day(row: Row, index: int) -> Read | None:
    """Return the day that begins at a token; None if none does."""
    if index not in row.days:
        row.days[index] = _read_day(row, index)
    return row.days[index]


def _read_day(row: Row, index: int) -> Read | None:
    token = row.at(index)
    if token.shape is Shape.MARK or (token.shape is Shape.WORD and "opens_day" not in token.roles):
        return None
    if _part_of_an_identifier(row, index):
        return None
    for reader in (_weekday_first, _relative, _by_calendar, _numbered, _counted, _named):
        found = reader(row, index)
        if found:
            return found
    return None


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
    place = row.skip(place, "the")
    if before.month is None or before.shift is not None:
        return None
    token = row.at(place)
    if token.shape in (Shape.NUMBER, Shape.ORDINAL) and 1 <= token.number <= _DAYS:
        number = token.number
    elif row.at(place).roles.get("ordinal"):
        number = row.at(place).roles["ordinal"]
    else:
        return None
    after = place + 1
    if row.mark(after, ".") and row.words.day_first:
        after += 1
    if token.shape is Shape.NUMBER and not _ends_a_day(row, after):
        return None
    if row.has(after, "month") or _is_time_word(row, after) or (row.has(after, "of") and row.has(after + 1, "month")):
        return None
    year, after = _year(row, after)
    if year is None:
        year = before.year
    return Day(year=year, month=before.month, day=number), after, ranged


def days_of_one_month(row: Row, index: int) -> list[tuple[Day, int, int]]:
    """Return the days of a list whose month stands last ("7, 8 or 9 December"), each with its first and last index."""
    places: list[int] = []
    place = index
    for _ in range(_LONGEST_LIST):
        token = row.at(place)
        if token.shape not in (Shape.NUMBER, Shape.ORDINAL) or not 1 <= token.number <= _DAYS:
            return []
        whole = _day_month(row, place)
        if whole:
            day, behind = whole
            rows = [(replace(day, day=row.at(one).number), one, one + 1) for one in places]
            return [*rows, (day, place, behind)] if places else []
        places.append(place)
        following = place + 1
        following += row.mark(following, ",/&")
        following += row.has(following, "list")
        following = row.skip(following, "the")
        if following == place + 1:
            return []
        place = following
    return []


def _weekday_first(row: Row, index: int) -> Read | None:
    start = index
    weeks: int | None = None
    if row.has(index - 1, "greeting"):
        return None  # "Happy Friday"
    start = (
        row.skip(start, "the")
        if any(row.has(index + 1, role) for role in ("next", "coming", "following", "last", "weekday"))
        else start
    )
    named = start
    if row.has(start, "coming"):
        start += 1
    elif row.has(start, "next"):
        weeks, start = 1, start + 1
    elif row.has(start, "following"):
        weeks, start = 1, start + 1
    elif row.has(start, "last"):
        weeks, start = -1, start + 1
    elif row.has(start, "this"):
        weeks, start = 0, start + 1
    if not row.has(start, "weekday"):
        return None
    modified = start > named
    weekday = int(row.at(start).roles["weekday"])
    after = start + 1
    if row.has(index - 1, "habit") or (
        row.mark(after, "-") and row.at(after).glued and row.at(after + 1).glued and _wordy(row, after + 1)
    ):
        return None
    if row.mark(after, ".") and row.at(after).glued:
        if row.at(after + 1).glued and row.at(after + 1).shape is Shape.WORD:
            return None  # "Monday.com"
        if len(row.at(start).text) < 5:
            after += 1
    dated = _weekday_and_date(row, after, weekday)
    if dated:
        return dated
    if row.has(start, "careful") and not modified and not _at_home(row, start, after):
        return None
    for prefix in (
        after,
        row.skip(after, "of", "the") if row.at(after).text != "on" else after,
        after + 1 if row.mark(after, ",") else after,
    ):
        if row.has(prefix, "next") and row.at(prefix + 1).roles.get("unit") == "week":
            return Day(weekday=weekday, weeks=1), prefix + 2
        if row.has(prefix, "this") and row.at(prefix + 1).roles.get("unit") == "week":
            return Day(weekday=weekday, weeks=0), prefix + 2
        if row.at(prefix).roles.get("unit") == "week" and (
            row.has(prefix + 1, "next") or row.has(prefix + 1, "coming")
        ):
            return Day(weekday=weekday, weeks=1), prefix + 2
        if row.has(prefix, "following") and row.at(prefix + 1).roles.get("unit") == "week":
            return Day(weekday=weekday, weeks=1), prefix + 2
    if row.has(after, "after_next"):
        return Day(weekday=weekday, weeks=2), after + 1
    if not modified and row.at(after).roles.get("unit") == "week" and row.at(after).text == "week":
        return Day(weekday=weekday, beyond=1), after + 1
    if not modified and (row.has(after, "next") or row.has(after, "coming")) and row.words.day_first:
        return Day(weekday=weekday, weeks=1), after + 1
    if not modified and row.has(after, "last") and row.words.day_first:
        return Day(weekday=weekday, weeks=-1), after + 1
    return Day(weekday=weekday, weeks=weeks), after


def _weekday_and_date(row: Row, after: int, weekday: int) -> Read | None:
    """Return the date behind a weekday: "Tuesday, 10 December", "Monday the 9th", "Thu 12/12", "tomorrow" in brackets."""
    place = after
    opened = False
    if row.mark(place, ",(-–:|"):
        opened = row.at(place).text == "("
        place += 1
        if opened and row.has(place, "relative"):
            return _closed(row, Day(shift=int(row.at(place).roles["relative"])), place + 1)
    place = row.skip(place, "the", "date_article")
    found = _by_calendar(row, place, trusted=True)
    if not found:
        token = row.at(place)
        is_number = token.shape is Shape.ORDINAL or (row.has(place - 1, "the") and token.shape is Shape.NUMBER)
        dotted = token.shape is Shape.NUMBER and row.words.day_first and not row.has(place + 1, "oclock")
        if (is_number or (dotted and place == after)) and 1 <= token.number <= _DAYS and _ends_a_day(row, place + 1):
            found = Day(day=token.number), place + 1
        elif token.roles.get("ordinal") and row.has(place - 1, "the"):
            found = Day(day=int(token.roles["ordinal"])), place + 1
    if not found:
        return None
    day, behind = found
    merged = Day(year=day.year, month=day.month, day=day.day, weekday=weekday, swappable=day.swappable)
    return _closed(row, merged, behind) if opened else (merged, behind)


def _closed(row: Row, day: Day, after: int) -> Read:
    return day, after + 1 if row.mark(after, ")") else after


def _relative(row: Row, index: int) -> Read | None:
    start = row.skip(index, "the")
    if not row.has(start, "relative") or row.has(index - 1, "greeting"):
        return None
    shift = int(row.at(start).roles["relative"])
    after = start + 1
    if row.at(after).roles.get("unit") == "week" and row.at(after).text == "week":
        return Day(shift=shift + 7), after + 1
    # "Tomorrow (Wednesday)", "tomorrow, Wednesday 4 December"
    if row.mark(after, ",(-–") or row.has(after, "weekday"):
        place = after + 1 if row.mark(after, ",(-–") else after
        named = _weekday_first(row, place) if row.has(place, "weekday") else _by_calendar(row, place)
        if named:
            day, behind = named
            behind += row.mark(behind, ")") and row.mark(after, "(")
            return (day if day.day is not None else Day(shift=shift)), behind
    return Day(shift=shift), after


def _by_calendar(row: Row, index: int, *, trusted: bool = False) -> Read | None:
    index = row.skip(index, "the") if row.at(row.skip(index, "the")).shape is Shape.ORDINAL or "ordinal" in row.at(row.skip(index, "the")).roles else index
    start = row.skip(index, "the")
    if start > index and row.at(start).shape is not Shape.ORDINAL and "ordinal" not in row.at(start).roles:
        start = index
    found = (
        _numeric(row, start, trusted) or _day_month(row, start) or _month_day(row, start) or _year_month_day(row, start)
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
    return starts and ends or row.mark(index + 1, ",@") and row.at(index + 2).shape is Shape.CLOCK


def _begins(row: Row, index: int) -> bool:
    return row.at(index - 1).shape in (Shape.LINE, Shape.PARAGRAPH) or row.mark(index - 1, ":-–*•(")


def after_a_day(row: Row, index: int) -> bool:
    """Whether a day seems to end right before a token, as far as its last word tells."""
    place = index - 1 - row.mark(index - 1, ",:|–-@(⋅·•")
    token = row.at(place)
    if token.shape in (Shape.DATE, Shape.PAIR, Shape.ORDINAL):
        return True
    if token.shape is Shape.NUMBER and (token.number in _YEARS or "month" in row.at(place - 1).roles):
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
    if day.year is not None and day.year not in _YEARS:
        return None
    return (day, after) if 1 <= (day.month or 0) <= 12 and 1 <= (day.day or 0) <= _DAYS else None


def _day_month(row: Row, index: int) -> Read | None:
    """Return "10 December 2024", "10. Dezember", "the 10th of December", "15Sep", "10-Mar-2025"."""
    token = row.at(index)
    if token.shape in (Shape.NUMBER, Shape.ORDINAL):
        number = token.number
    else:
        number = int(token.roles.get("ordinal", -1))
    if not 1 <= number <= _DAYS:
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
    year, behind = _year(row, place)
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
    if not 1 <= number <= _DAYS:
        return None
    if day.shape is Shape.NUMBER and not _ends_a_day(row, place + 1):
        return None
    if (
        row.words.day_first
        and not row.words.language == "en"
        and not row.has(place, "ordinal")
        and row.has(place + 1, "month")
    ):
        return None  # "décembre, 10 janvier": the number belongs to the next month
    year, place = _year(row, place + 1)
    return Day(year=year, month=int(month), day=number), place


def _year_month_day(row: Row, index: int) -> Read | None:
    """Return "2018 March 18", "2012/Aug/10"."""
    if row.at(index).shape is not Shape.NUMBER or row.at(index).number not in _YEARS:
        return None
    place = index + 1 + row.mark(index + 1, "/-")
    month = row.at(place).roles.get("month")
    if month is None:
        return None
    place += 1 + row.mark(place + 1, "/-")
    number = row.at(place).number
    return _checked(Day(year=row.at(index).number, month=int(month), day=number), place + 1)


def _numbered(row: Row, index: int) -> Read | None:
    """Return "the 9th", "the 5th of next month"."""
    place = row.skip(index, "the")
    token = row.at(place)
    number = token.number if token.shape is Shape.ORDINAL else -1
    introduced = place > index or row.has(index - 1, "on") or row.has(index - 1, "list")
    if token.shape is Shape.NUMBER and row.words.day_first and row.has(place - 1, "date_article"):
        number = token.number
        place_after = place + 1 + row.mark(place + 1, ".")
        if (
            not _ends_a_day(row, place_after)
            or row.at(place_after).shape is Shape.WORD
            and not row.at(place_after).roles
        ):
            return None
    if not 1 <= number <= _DAYS or not introduced or row.has(place + 1, "not_an_ordinal"):
        return None
    after = place + 1 + (row.mark(place + 1, ".") and row.words.day_first)
    if row.has(after, "of"):
        behind = row.skip(after + 1, "the")
        if row.has(behind, "next") and row.at(behind + 1).roles.get("unit") == "month":
            return Day(day=number, months=1), behind + 2
        if row.at(behind).roles.get("unit") == "month" or (
            row.has(behind, "this") and row.at(behind + 1).roles.get("unit") == "month"
        ):
            return Day(day=number), behind + 1 + row.has(behind, "this")
    return Day(day=number), after


def _counted(row: Row, index: int) -> Read | None:
    """Return "a week from today", "two weeks from now", "5 days ago", "a week on Friday"."""
    count = row.at(index).roles.get("fuzzy", row.number(index))
    unit = row.at(index + 1).roles.get("unit", "")
    if unit not in _UNITS or not 0 < count < 1000:
        return None
    days = count * _UNITS[unit]
    place = index + 2
    if row.has(place, "ago") or row.has(index - 1, "ago_lead"):
        return Day(shift=-days), place + row.has(place, "ago")
    if row.has(place, "hence") and not row.has(index - 1, "lead"):
        return Day(shift=days), place + 1
    if row.has(place, "counted") or (unit == "week" and row.at(place).text == "on" and row.has(place + 1, "weekday")):
        base = _relative(row, place + 1) or _weekday_first(row, place + 1)
        if base and base[0].shift is not None:
            return Day(shift=base[0].shift + days), base[1]
        if base:
            return replace(base[0], plus=days), base[1]
    return None


def _named(row: Row, index: int) -> Read | None:
    """Return "Christmas" behind a preposition; alone it is a greeting."""
    month_and_day = row.at(index).roles.get("named")
    if month_and_day is None or not {"by", "on", "counted"} & row.at(index - 1).roles.keys():
        return None
    month, day = divmod(int(month_and_day), 100)
    return Day(month=month, day=day), index + 1


def _year(row: Row, index: int) -> tuple[int | None, int]:
    place = index + 1 if row.mark(index, ",") else index
    place = row.skip(place, "year_article")
    token = row.at(place)
    if token.shape is Shape.NUMBER and token.number in _YEARS and len(token.text) == 4 and not _counts(row, place + 1):
        return token.number, place + 1
    if (
        token.shape is Shape.NUMBER
        and len(token.text) == 2
        and place == index
        and token.number > _DAYS
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


def _ends_a_day(row: Row, index: int) -> bool:
    """Whether a number may be a day, seen from what follows: not a unit, a fraction, a clock or a longer number."""
    token = row.at(index)
    if token.glued and (token.shape in (Shape.WORD, Shape.NUMBER, Shape.OPAQUE) or token.text in "%$€£°"):
        return False
    if token.glued and token.text in ".:" and row.at(index + 1).glued and row.at(index + 1).shape is Shape.NUMBER:
        return False
    return not ({"unit", "am", "pm", "oclock"} & token.roles.keys())


def _is_time_word(row: Row, index: int) -> bool:
    return bool({"am", "pm", "oclock"} & row.at(index).roles.keys())


def _at_home(row: Row, index: int, after: int) -> bool:
    """Whether an abbreviation that is a word too ("wed", "sun") stands where a weekday does."""
    token, following, before = row.at(index), row.at(after), row.at(index - 1)
    if following.shape is Shape.NUMBER and token.capital:
        return True
    if following.shape in (Shape.CLOCK, Shape.PAIR, Shape.DATE) or row.has(after + 1, "oclock"):
        return True
    if not token.capital and not ("on" in before.roles or "at" in following.roles):
        return False
    if following.shape in (Shape.LINE, Shape.PARAGRAPH) or row.mark(after, ",.;:?!)(/-–|@&"):
        return True
    helpful = {"at", "list", "to", "period", "on"}
    return (
        bool(helpful & following.roles.keys())
        or "on" in before.roles
        or "list" in before.roles
        or row.has(index - 1, "to")
    )


def _part_of_an_identifier(row: Row, index: int) -> bool:
    """Whether the token is glued to something that is no date: "R-2024-12", "#12/11", "pre-Monday"."""
    token, before = row.at(index), row.at(index - 1)
    if not token.glued or before.shape is not Shape.MARK:
        return False
    if before.text in "#$€£=_":
        return True
    earlier = row.at(index - 2)
    return (
        before.text in _SIGNS_OF_IDENTIFIERS
        and before.glued
        and not earlier.roles
        and earlier.shape in (Shape.WORD, Shape.OPAQUE)
    )


def _wordy(row: Row, index: int) -> bool:
    token = row.at(index)
    return token.shape is Shape.WORD and not ({"weekday", "period", "month"} & token.roles.keys())
