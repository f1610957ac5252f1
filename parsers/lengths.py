"""Reads lengths of time from the mail on out of tokens: "within 5-7 business days", "in a week or two"."""

from __future__ import annotations

from parsers.phrase import Row
from parsers.tokens import Shape
from parsers.windows import Ahead

_FEW = 3
_BARE = ("day", "workday", "week")  # "our turnaround is 3 to 5 days"


def _count(row: Row, index: int) -> tuple[int, int, bool, int] | None:
    """Return the lower and upper number, whether it is vague, and the index behind: "5-7", "two to three", "a few"."""
    roles = row.at(index).roles
    if "fuzzy" in roles:
        return int(roles["fuzzy"]), int(roles["fuzzy"]), True, index + 1
    low = row.number(index)
    if row.at(index).shape is Shape.PAIR or not 0 < low < 400:
        return None
    place = index + 1
    # "ten (10) business days"
    if row.mark(place, "(") and row.mark(place + 2, ")") and row.number(place + 1) == low:
        place += 3
    if row.has(place, "or_two"):
        return low, low + 1, False, place + 1
    between = row.dash(place) or row.has(place, "list") or row.mark(place, "/")
    if between and row.number(place + 1) > low:
        return low, row.number(place + 1), False, place + 2
    return low, low, False, place


def length_ahead(row: Row, index: int) -> tuple[Ahead, int] | None:
    """Return a length of time from now; a bare one ("45 minutes") is none, some word must place it in the future."""
    place, led, extends = index, False, False
    for _ in range(6):
        roles = row.at(place).roles
        if {"firm_lead", "next", "coming", "following"} & roles.keys():
            led = True
        elif "allow" in roles or "up_to" in roles:
            extends = True
        elif not ({"approx", "the", "of", "lead", "by"} & roles.keys()):
            break
        place += 1
    count = _count(row, place)
    if not count and led and row.has(place, "plural"):
        count = (_FEW, _FEW, True, place)  # "in the coming days"
    elif not count and row.has(place - 1, "another") and "unit" in row.at(place).roles:
        count = (1, 1, False, place)  # "another week"
    elif not count and led and row.at(place).roles.get("unit") == "fortnight":
        count = (1, 1, False, place)  # "within the next fortnight"
    if not count:
        return None
    low, high, vague, place = count
    # "5 further days", "les 2 prochaines semaines"
    behind = row.skip(place, "more", "following", "next", "coming")
    led, place = led or (behind > place and row.has(place, "next")), behind
    unit = row.at(place).roles.get("unit", "week" if row.has(place, "week_of") else None)
    exact = "exact_lead" in row.at(index).roles and not any(row.has(step, "next") for step in range(index, place))
    if unit is None or unit in ("weekend", "quarter") or (unit == "minute" and not exact):
        return None
    place += 1
    if row.has(place, "business"):
        unit, place = "workday", place + 1
    if row.has(place, "or_two"):
        high, place = low + 1, place + 1
    elif (
        row.has(place, "list")
        and low == high
        and row.number(place + 1) == low + 1
        and not row.at(place + 2).roles.get("unit")
    ):
        high, place = low + 1, place + 2  # "a week or two"
    if row.has(place, "or_so"):
        place += 1
    if row.at(place).text in ("'", "’") and row.at(place).glued:
        place += 1
    if row.has(place, "hence") and (led or unit in ("workday", "month")):
        place, led = place + 1, True
    if exact and unit in ("minute", "hour") and (row.has(place, "by") or row.has(place, "past")):
        return None  # "dial in five minutes before 4 pm"
    if row.has(place, "ago"):
        return None
    # "das kann einige Wochen dauern": the verb stands behind
    led = led or (row.words.day_first and row.has(place, "allow"))
    bare = not (led or (extends and _extended(row, index)))
    if bare and not (row.reference.promise and unit in _BARE):
        return None
    return Ahead(low=low, high=high, unit=unit, fuzzy=vague, exact=exact, bare=bare), place


def _extended(row: Row, index: int) -> bool:
    """Whether the words in front ask for patience: "please allow up to 10 working days", "give us a week"."""
    return any(row.has(place, "allow") for place in range(index - 2, index + 3))
