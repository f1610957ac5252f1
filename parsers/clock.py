"""Reads times of day out of tokens: "2-3pm ET", "half past two", "14 Uhr", "between 1 and 4"."""

from __future__ import annotations

from dataclasses import replace

from parsers.calendar_dates import YEARS, after_a_day
from parsers.phrase import DASHES, Row, Time
from parsers.tokens import Shape
from parsers.zone_words import abbreviated, read_zone

_DAY = 24 * 60
_NOON = 12 * 60

Read = tuple[Time, int]


def read_time(row: Row, index: int) -> Read | None:
    """Return the time or range of times that begins at a token, its zone included; None if none does."""
    token = row.at(index)
    if token.shape is Shape.INSTANT:
        return None
    place = index
    if row.has(index, "between") or row.has(index, "from"):
        place = index + 1
    place = row.skip(place, "clock_article", "the")
    begin = _point(row, place)
    if not begin:
        return _from_a_bare_number(row, index, place)
    time, after = _with_minutes(row, *begin)
    zone = read_zone(row, after, tight=True)
    if zone:
        time, after = replace(time, zone=zone[0]), zone[1]
    joined = row.dash(after) or (row.has(index, "between") and row.has(after, "list"))
    ends = after + row.has(after, "list") + row.mark(after, ",")
    if row.has(ends, "ends"):  # "starts at 5:00pm and ends at 5:45pm"
        joined, after = True, ends + (row.has(ends + 1, "at") or row.mark(ends + 1, ":"))
    if joined and not row.tells_of_a_move(place):
        behind = row.skip(after + 1, "clock_article", "the")
        dotted = _dotted(row, behind, trusted=True) if row.at(behind).shape is Shape.PAIR else None
        end = dotted or _point(row, behind) or _hour(row, behind, bare_end=True)
        if end:
            return _range(row, time, end[0], end[1])
    return time, after


def _point(row: Row, index: int) -> Read | None:
    """Return one time of day that is unmistakable as such."""
    token = row.at(index)
    if token.shape is Shape.CLOCK:
        return _clock(row, index)
    if token.shape is Shape.OPAQUE and token.glued and row.has(index + 1, "oclock"):
        return None
    if "clock" in token.roles:
        return Time(start=int(token.roles["clock"]), half="24"), index + 1
    if token.text == "12" and "clock" in row.at(index + 1).roles:  # "12 noon", "12noon"
        return Time(start=int(row.at(index + 1).roles["clock"]), half="24"), index + 2
    if token.shape is Shape.PAIR and token.text.count(".") == 1 and len(token.parts[1]) == 2:
        return _dotted(row, index)
    if token.shape is Shape.NUMBER and len(token.text) == 4:
        return _military(row, index)
    return _spoken(row, index) or _hour(row, index)


def _clock(row: Row, index: int) -> Read:
    token = row.at(index)
    after = (
        row.skip(index + 1, "oclock", "hundred")
        if row.at(index + 1).roles.keys() & {"oclock", "hundred"}
        else index + 1
    )
    counted = token.number >= 13 * 60 or token.mark == "0" or after > index + 1 or row.words.day_first
    half = token.half or ("24" if counted else "")
    if not token.half:
        stated, after = _half(row, after)
        half = stated or half
    if row.at(after).roles.get("clock") == token.number:
        return Time(start=token.number, half="24"), after + 1  # "12:00 noon"
    return _timed(token.number, half), after


def _with_minutes(row: Row, time: Time, after: int) -> Read:
    """Add what some languages say behind the hour: "cuatro y media", "9 h moins le quart", "midi et demi"."""
    minutes = row.at(after).roles.get("past_hour")
    if minutes is None or time.start % 60 or row.at(after + 1).roles.get("unit") == "hour":
        return time, after
    half, behind = _half(row, after + 1)
    start = _timed((time.start + int(minutes)) % _DAY, half).start
    return replace(time, start=start, half=half or time.half, bare=False), behind


def _half(row: Row, index: int) -> tuple[str, int]:
    """Return "a" or "p" where "am", "in the afternoon" or "p.m." stands at a token."""
    for role, half in (("am", "a"), ("pm", "p")):
        if row.has(index, role) and row.has(index, "relative"):
            return half, index  # "11 tonight" is a day too
        if row.has(index, role):
            after = index + 1
            return half, after + (row.mark(after, ".") and row.at(after).glued and row.at(index).text.endswith(".m"))
    return "", index


def _timed(minutes: int, half: str) -> Time:
    if half == "p" and 60 <= minutes < _NOON:
        minutes += _NOON
    elif half == "a" and _NOON <= minutes < _NOON + 60:
        minutes -= _NOON
    return Time(start=minutes, half=half)


def _dotted(row: Row, index: int, *, trusted: bool = False) -> Read | None:
    """Return "14.30" where an hour is expected; elsewhere it is a fraction or a date."""
    hour, minute = (int(part) for part in row.at(index).parts)
    if hour > 23 or minute > 59 or row.at(index).mark != "." or len(row.at(index).parts[1]) != 2:
        return None
    spoken = row.has(index + 1, "oclock") or row.has(index + 1, "hundred")
    cued = any(row.has(place, "at") for place in (index - 1, index - 2)) and not row.has(index - 1, "by")
    half, after = _half(row, index + 1 + spoken)
    dated = after_a_day(row, index) or (row.at(index + 1).text == "on" and row.has(index + 2, "weekday"))
    ranged = row.dash(index + 1) and row.at(index + 2).half != ""  # "9.15 - 9.45 am"
    if not (trusted or spoken or cued or half or dated or ranged or abbreviated(row, index + 1, strict=True)):
        return None
    counted = "24" if hour > 12 or row.at(index).text.startswith("0") or row.words.day_first else ""
    return _timed(hour * 60 + minute, half or counted), after


def _military(row: Row, index: int) -> Read | None:
    hour, minute = divmod(row.at(index).number, 100)
    if hour > 23 or minute > 59:
        return None
    until = row.at(index + 2)
    if row.mark(index + 1, DASHES) and after_a_day(row, index) and until.shape is Shape.NUMBER and len(until.text) == 4:
        hours, minutes = divmod(until.number, 100)  # "3 Dec 1400-1445"
        years = row.at(index).number in YEARS and until.number in YEARS
        if hour * 60 + minute < hours * 60 + minutes < _DAY and minutes < 60 and not years:
            return Time(start=hour * 60 + minute, end=hours * 60 + minutes, half="24"), index + 3
    if row.has(index + 1, "hundred"):
        return Time(start=hour * 60 + minute, half="24"), index + 2
    told = row.at(index).text.startswith("0") or abbreviated(row, index + 1, strict=True)  # "at 0930", "at 1400 GMT"
    return (Time(start=hour * 60 + minute, half="24"), index + 1) if told and row.has(index - 1, "at") else None


def _spoken(row: Row, index: int) -> Read | None:
    """Return "half past two", "quarter to three", "ten past four", "halb drei", "viertel nach zwei"."""
    if row.has(index, "half_to") or row.has(index, "quarter_to"):
        hour, missing = row.number(index + 1), 30 if row.has(index, "half_to") else 15
        if 1 <= hour <= 24:  # German "halb drei" is half past two, "dreiviertel drei" a quarter to three
            return Time(start=hour * 60 - missing, half=""), index + 2 + row.has(index + 2, "oclock")
    token = row.at(index)
    amount = 30 if "half" in token.roles else 15 if "quarter_hour" in token.roles else row.number(index)
    if not 0 < amount < 31 or (amount == row.number(index) and amount % 5):
        return None
    place = index + 1 + (row.at(index + 1).roles.get("unit") == "minute")
    sign = 1 if row.has(place, "past") else -1 if row.has(place, "before_hour") else 0
    if not sign and not ("half" in token.roles and place == index + 1 and "number" in row.at(place).roles):
        return None
    place += 1 if sign else 0
    if token.shape is Shape.NUMBER and row.at(place).shape is Shape.NUMBER:
        return None  # "10 to 12" is a range
    if (
        "number" in token.roles
        and sign < 0
        and row.at(place).shape is Shape.WORD
        and row.at(index - 1).roles.keys() & {"from", "between", "lead", "approx"}
    ):
        return None
    hour = row.number(place)
    if not 1 <= hour <= 12 or row.at(place).text in ("a", "an"):
        if "clock" in row.at(place).roles and sign:
            return Time(start=(int(row.at(place).roles["clock"]) + sign * amount) % _DAY, half="24"), place + 1
        return None
    place += 1
    place += row.has(place, "oclock")
    half, place = _half(row, place)
    minutes = _timed(hour * 60, half).start
    return Time(start=(minutes + (sign or 1) * amount) % _DAY, half=half), place


def _hour(row: Row, index: int, *, bare_end: bool = False) -> Read | None:
    """Return "2 o'clock", "14 Uhr 30", "14 h", "two pm"; with `bare_end` a bare number that ends a range."""
    hour = row.number(index)
    token = row.at(index)
    if not 0 <= hour <= 24 or token.text in ("a", "an", "0"):
        return None
    place = index + 1
    spoken = row.has(place, "oclock") or (
        row.has(place, "hundred") and (row.words.day_first or after_a_day(row, index))
    )
    if spoken:
        place += 1
        minute = row.at(place)
        minutes = 0
        if minute.shape is Shape.NUMBER and minute.number < 60 and len(minute.text) == 2 and row.words.day_first:
            minutes, place = minute.number, place + 1
        half, place = _half(row, place)
        counted = "24" if row.words.day_first and hour > 12 else ""
        return _timed((hour * 60 + minutes) % _DAY, half or counted), place
    minutes = row.number(place)
    if token.shape is Shape.WORD and minutes in (15, 20, 30, 45) and row.at(place).shape is Shape.WORD:
        half, after = _half(row, place + 1)  # "two thirty pm"
        if half or bare_end or row.has(index - 1, "at"):
            return _timed(hour * 60 + minutes, half), after
    half, after = _half(row, place)
    if half and hour <= 12:
        return _timed(hour * 60 % _DAY, half), after
    if bare_end and not _counts_something(row, place):
        return Time(start=hour * 60 % _DAY, bare=True), place
    return None


def _counts_something(row: Row, index: int) -> bool:
    token = row.at(index)
    if token.glued and (token.shape is not Shape.MARK or token.text in "%$€£°"):
        return True
    return bool({"unit", "month", "business", "not_an_ordinal"} & token.roles.keys())


def _from_a_bare_number(row: Row, index: int, place: int) -> Read | None:
    """Return "3-3:45pm", "between 1 and 4 PM", "at 10", "from 10 to 11": a number that its neighbours make an hour."""
    token = row.at(place)
    hour = row.number(place)
    if not 0 <= hour <= 24 or token.text in ("a", "an") or (token.glued and row.mark(place - 1, "#$€£/.,_=+")):
        return None
    opened = place > index
    joined = row.dash(place + 1) or (row.has(index, "between") and row.has(place + 1, "list"))
    if joined and not row.tells_of_a_move(place):
        end = _point(row, place + 2) or (
            _hour(row, place + 2, bare_end=True) if opened or _cued(row, place) or after_a_day(row, place) else None
        )
        if end and end[0].start % 60 + hour >= 0 and not _dated(row, end[1]):
            return _range(row, Time(start=hour * 60 % _DAY, bare=True), end[0], end[1])
    ish = place + 1 + row.mark(place + 1, "-")
    if row.has(ish, "ish") and row.at(ish).glued:
        return Time(start=hour * 60 % _DAY, bare=True), ish + 1
    if opened or not _cued(row, place) or _counts_something(row, place + 1) or _dated(row, place + 1):
        return None
    if token.shape is Shape.NUMBER and len(token.text) > 2:
        return None
    half, after = _half(row, place + 1)
    time, after = _with_minutes(row, Time(start=hour * 60 % _DAY, bare=True, half=half), after)
    zone = read_zone(row, after, tight=True)
    return (replace(time, zone=zone[0]), zone[1]) if zone else (time, after)


def _cued(row: Row, index: int) -> bool:
    return row.has(index - 1, "at") or (row.has(index - 1, "approx") and row.has(index - 2, "at"))


def _dated(row: Row, index: int) -> bool:
    """Whether the number before a token is a day: "10 - 12 August"."""
    return row.has(row.skip(index, "of"), "month")


def _range(row: Row, begin: Time, end: Time, after: int) -> Read:
    """Join two times; the end's half of the day decides the beginning's where that states none."""
    zone = read_zone(row, after, tight=True)
    if zone:
        after = zone[1]
    stated = zone[0] if zone else begin.zone
    start, stop = begin.start, end.start
    if end.half == "p" and not begin.half and start < _NOON and start + _NOON < stop:
        start += _NOON
    elif end.half == "p" and not begin.half and start >= _NOON:
        start = start
    elif begin.half == "p" and not end.half and stop < _NOON and stop + _NOON > start:
        stop += _NOON
    elif not begin.half and not end.half and stop < start and stop < _NOON:
        stop += _NOON  # "11:30-1", "10 to 2"
    if end.half == "p" and begin.bare and start > stop:
        start %= _NOON
    if end.half == "a" and begin.bare and start >= _NOON and start < _NOON + 60:
        start -= _NOON
    half = begin.half or end.half
    return Time(start=start, end=stop, half=half, bare=begin.bare and end.bare, zone=stated), after
