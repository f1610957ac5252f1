"""Reads days out of tokens: "Tuesday, December 10, 2024", "the 9th", "12/11", "a week from Monday"."""

from __future__ import annotations

from dataclasses import replace

from parsers.calendar_dates import DAYS, Read, calendar_date, ends_a_day
from parsers.days import Day
from parsers.phrase import Row
from parsers.tokens import Shape

_SIGNS_OF_IDENTIFIERS = frozenset("#$€£/_=.+-")
_LONGEST_STREET = 4  # tokens from "rue" to the end of its name
_UNITS = {"day": 1, "week": 7, "fortnight": 14}


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
    for reader in (_weekday_first, _relative, calendar_date, _numbered, _counted, _named):
        found = reader(row, index)
        if found:
            return found
    return None


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
    elif row.has(start, "next") or row.has(start, "following"):
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
    if row.has(after, "week_on") and not modified:
        return Day(weekday=weekday, beyond=1), after + 1
    if row.has(after, "exact_lead") and row.at(after + 2).roles.get("unit") == "week" and not modified:
        weeks_on = row.number(after + 1)  # "Mittwoch in zwei Wochen"
        if 0 < weeks_on < 10:
            return Day(weekday=weekday, weeks=0, plus=7 * weeks_on), after + 3
    if not modified and row.at(after).roles.get("unit") == "week" and row.at(after).text == "week":
        return Day(weekday=weekday, beyond=1), after + 1
    if not modified and (row.has(after, "next") or row.has(after, "coming")) and row.words.day_first:
        return Day(weekday=weekday, weeks=1), after + 1
    if not modified and row.has(after, "last") and row.words.day_first:
        return Day(weekday=weekday, weeks=-1), after + 1
    return Day(weekday=weekday, weeks=weeks), after


def _weekday_and_date(row: Row, after: int, weekday: int) -> Read | None:
    """Return the date behind a weekday: "Tuesday, 10 December", "Monday the 9th", "Thu 12/12", "Friday (tomorrow)"."""
    place = after
    opened = False
    if row.mark(place, ",(-–:|"):
        opened = row.at(place).text == "("
        place += 1
        if opened and row.has(place, "relative"):
            return _closed(row, Day(shift=int(row.at(place).roles["relative"])), place + 1)
    place = row.skip(place, "the", "date_article")
    found = calendar_date(row, place, trusted=True)
    if not found:
        token = row.at(place)
        is_number = token.shape is Shape.ORDINAL or (row.has(place - 1, "the") and token.shape is Shape.NUMBER)
        dotted = token.shape is Shape.NUMBER and row.words.day_first and not row.has(place + 1, "oclock")
        if (is_number or (dotted and place == after)) and 1 <= token.number <= DAYS and ends_a_day(row, place + 1):
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
    if row.has(after, "exact_lead") and row.at(after + 2).roles.get("unit") == "week":
        weeks = row.number(after + 1)  # "heute in einer Woche"
        if 0 < weeks < 10:
            return Day(shift=shift + 7 * weeks), after + 3
    # "Tomorrow (Wednesday)", "tomorrow, Wednesday 4 December"
    if row.mark(after, ",(-–") or row.has(after, "weekday"):
        place = after + 1 if row.mark(after, ",(-–") else after
        named = _weekday_first(row, place) if row.has(place, "weekday") else calendar_date(row, place)
        if named:
            day, behind = named
            behind += row.mark(behind, ")") and row.mark(after, "(")
            return (day if day.day is not None else Day(shift=shift)), behind
    return Day(shift=shift), after


def _numbered(row: Row, index: int) -> Read | None:
    """Return "the 9th", "the 5th of next month"."""
    place = row.skip(index, "the")
    token = row.at(place)
    number = token.number if token.shape is Shape.ORDINAL else -1
    introduced = place > index or row.has(index - 1, "on") or row.has(index - 1, "list")
    if token.shape is Shape.NUMBER and row.words.day_first and row.has(place - 1, "date_article"):
        number = token.number
        place_after = place + 1 + row.mark(place + 1, ".")
        if not ends_a_day(row, place_after) or (
            row.at(place_after).shape is Shape.WORD and not row.at(place_after).roles
        ):
            return None
    if not 1 <= number <= DAYS or not introduced or row.has(place + 1, "not_an_ordinal"):
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
    """Return "a week from today", "two weeks from now", "5 days ago", "a week on Friday", "two days before Friday"."""
    count = row.at(index).roles.get("fuzzy", row.number(index))
    if not 0 < count < 1000:
        return None
    distant = int(row.at(index + 1).roles.get("relative", 0))
    if abs(distant) > 1 and count > 1:  # "2 days after tomorrow", whose "day after tomorrow" is one word
        return Day(shift=distant + (count - 1 if distant > 0 else 1 - count)), index + 2
    unit = row.at(index + 1).roles.get("unit", "")
    if unit not in _UNITS:
        return None
    days = count * _UNITS[unit]
    place = index + 2
    if "relative" in row.at(place).roles and row.at(place).roles["relative"] >= 0 and unit != "day":
        return Day(shift=days + int(row.at(place).roles["relative"])), place + 1  # "a fortnight today"
    if row.has(place, "after_next") and row.has(place + 1, "weekday"):  # "2 days after next Friday"
        return Day(weekday=int(row.at(place + 1).roles["weekday"]), weeks=1, plus=days), place + 2
    if row.has(place, "ago") or row.has(index - 1, "ago_lead"):
        return Day(shift=-days), place + row.has(place, "ago")
    if row.has(place, "hence") and not row.has(index - 1, "lead"):
        return Day(shift=days), place + 1
    on = unit == "week" and row.at(place).text == "on" and row.has(place + 1, "weekday")
    back = row.has(place, "counted_back")
    if row.has(place, "counted") or back or on:
        base = _relative(row, place + 1) or _weekday_first(row, place + 1)
        days = -days if back else days
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


def in_a_street(row: Row, index: int) -> bool:
    """Whether a token belongs to a street that is named after a day: "12 rue du 4 Septembre", "Calle 2 de Mayo 14"."""
    place = index - 1
    for _ in range(_LONGEST_STREET):
        token = row.at(place)
        named = not token.roles.keys().isdisjoint(("month", "of", "the"))
        if not named and token.shape not in (Shape.NUMBER, Shape.ORDINAL) and not row.mark(place, "."):
            break
        place -= 1
    return row.has(place, "street_lead")


def _wordy(row: Row, index: int) -> bool:
    token = row.at(index)
    return token.shape is Shape.WORD and not ({"weekday", "period", "month"} & token.roles.keys())
