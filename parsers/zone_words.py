"""Reads the zone that stands with a time out of tokens: "ET", "(UTC-05:00) Eastern Time", "London time"."""

from __future__ import annotations

from parsers.phrase import Row, Zone
from parsers.tokens import Shape
from parsers.zones import zone_abbreviations, zone_named, zone_phrases

_LONGEST_ZONE = 5  # words
_LONGEST_PLACE = 60  # characters in the brackets or behind the dash of "Eastern Time - New York"
_TIME_WORDS = ("time", "timezone", "zeit")
_SEASONS = ("standard", "daylight", "summer", "winter", "local")
_OFFICIAL = ("eastern", "central", "mountain", "pacific", "uk", "us eastern", "us pacific", "us central", "us mountain")
# Abbreviations that are words: in lower case they are never zones.
_WORDS = ("west", "cat", "eat", "wat", "et")


def read_zone(row: Row, index: int, *, tight: bool) -> tuple[Zone, int] | None:
    """Return the zone at a token; `tight`: directly behind a time, where a lower-case "est" is one too."""
    place = index
    opened = row.mark(place, "([")
    place += opened
    if not opened and tight and row.mark(place, ","):
        # Behind a comma only what nothing else can be: "ET", "Eastern Standard Time".
        spoken = _named_zone(row, place + 1, tight=False, bracketed=False) is not None
        place += spoken or abbreviated(row, place + 1, strict=True)
    found = _zone(row, place, tight=tight, bracketed=opened)
    if not found:
        return None
    zone, after = found
    if opened:
        closing = next((after + step for step in range(10) if row.mark(after + step, ")]")), None)
        if closing is None:
            return None
        more = row.source(place, closing)
        named = zone_named(more) if len(more) <= _LONGEST_PLACE else None
        if named and not zone.abbreviation:
            zone = Zone(name=named, offset=zone.offset)
        after = closing + 1
        # "(UTC-05:00) Eastern Time (US & Canada)", "(ET)": the name behind the bracket says more.
        if zone.name is None:
            further = _zone(row, after, tight=True, bracketed=False)
            if further:
                return Zone(name=further[0].name, offset=zone.offset, abbreviation=further[0].abbreviation), _place(
                    row, further[1]
                )[1]
        return zone, after
    # "SGT (UTC+8)", "EST/EDT"
    if row.mark(after, "(") and row.at(after + 1).shape is Shape.OFFSET and row.mark(after + 2, ")"):
        return Zone(name=zone.name, offset=row.at(after + 1).text, abbreviation=zone.abbreviation), after + 3
    if row.mark(after, "/") and zone.abbreviation and abbreviated(row, after + 1, strict=True):
        return zone, after + 2
    city, behind = _place(row, after)
    if city and not zone.abbreviation:
        return Zone(name=zone_named(f"{zone.name} - {city}") or zone.name, offset=zone.offset), behind
    return zone, behind


def _place(row: Row, index: int) -> tuple[str | None, int]:
    """Return the place that completes a zone's name: "- New York", "(US & Canada)"."""
    if row.mark(index, "("):
        closing = next((index + step for step in range(1, 9) if row.mark(index + step, ")")), None)
        if closing and closing > index + 1:
            inside = row.source(index + 1, closing)
            if inside.casefold() in ("us & canada", "us and canada", "canada", "mexico") or zone_named(inside):
                return inside, closing + 1
    if row.mark(index, "-–") and not row.at(index).glued:
        for size in range(_LONGEST_ZONE, 0, -1):
            words = [row.at(index + 1 + step) for step in range(size)]
            if all(word.shape in (Shape.WORD, Shape.MARK) for word in words):
                name = row.source(index + 1, index + 1 + size)
                if name.casefold() == "us & canada" or (words[0].capital and name.casefold() in zone_phrases()):
                    return name, index + 1 + size
    return None, index


def _zone(row: Row, index: int, *, tight: bool, bracketed: bool) -> tuple[Zone, int] | None:
    token = row.at(index)
    if token.shape is Shape.OFFSET:
        return Zone(offset=token.text), index + 1
    if token.shape is Shape.ZONE:
        return Zone(name=row.source(index, index + 1)), index + 1
    if token.shape is Shape.MARK and token.text == "Z":
        return Zone(name="UTC"), index + 1
    if token.shape is not Shape.WORD:
        return None
    if abbreviated(row, index, strict=not tight):
        after = index + 1 + (row.at(index + 1).text in _TIME_WORDS)
        return Zone(name=token.text.replace(".", ""), abbreviation=True), after
    dotted = row.source(index, index + 4) if row.mark(index + 1, ".") and row.mark(index + 3, ".") else ""
    if dotted and dotted.isupper() and dotted.replace(".", "").casefold() in zone_abbreviations():
        return Zone(name=dotted.replace(".", "").casefold(), abbreviation=True), index + 4
    return _named_zone(row, index, tight=tight, bracketed=bracketed)


def abbreviated(row: Row, index: int, *, strict: bool) -> bool:
    """Whether a token is an abbreviation of a zone; `strict`: only if it is written in capitals."""
    token = row.at(index)
    if token.shape is not Shape.WORD or token.text not in zone_abbreviations():
        return False
    written = row.source(index, index + 1)
    if written.isupper():
        return True
    # "west", "cat", "eat", "ist", "et" are words; a lower-case one counts behind a time, if it is no word.
    return not strict and row.words.language == "en" and written.islower() and token.text not in _WORDS


def _named_zone(row: Row, index: int, *, tight: bool, bracketed: bool) -> tuple[Zone, int] | None:
    words = []
    for step in range(_LONGEST_ZONE):
        token = row.at(index + step)
        if token.shape is not Shape.WORD and token.text not in (".", "&", "/"):
            break
        words.append(token)
    if not words or not (words[0].capital or tight):
        return None
    for size in range(len(words), 0, -1):
        name = row.source(index, index + size).casefold()
        if name not in zone_phrases():
            continue
        place = index + size
        while row.at(place).text in _SEASONS:
            place += 1
        timed = row.at(place).text in _TIME_WORDS
        if timed or bracketed or (tight and name in _OFFICIAL) or (tight and place > index + size):
            return Zone(name=row.source(index, place + timed)), place + timed
    return None
