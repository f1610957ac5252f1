"""Finds dates, times and windows in prose and returns them as aware instants with their evidence."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from datetime import timezone as fixed
from functools import cache
from zoneinfo import ZoneInfo

from parsers.atoms import read_atoms
from parsers.days import Reckoned, Reference
from parsers.lexicon import Lexicon, lexicon
from parsers.model import Grain, Moment, ZoneSource
from parsers.pairing import Pair, join
from parsers.phrase import Atom, Row, Time, Zone
from parsers.tokens import tokenise
from parsers.windows import AfterHolidays, Ahead, Until
from parsers.zone_sharing import share_zones
from parsers.zones import offset_named, zone_named, zone_of_abbreviation

LONGEST_TEXT = 40_000  # characters; a person's mail has a few thousand
MOST_MOMENTS = 500

NO_DATE = "date not stated"
ZONES_DISAGREE = "stated zones disagree"
HALF_GUESSED = "morning or afternoon guessed"

_HALF_DAY = 12 * 60
_FIRST_HOUR = 7 * 60  # a bare "3" is the afternoon's, a bare "8" the morning's
_SIGNS_OF_EQUALITY = ("/", "(", "|", "=", "~", "(=", "[", "-", "–")
_SIGNS_OF_TRANSLATION = ("(that's", "(that is", "(which is", "(i.e.", "(so", "(that’s")  # "(that's 4pm for you)"
_LONGEST_SIGN = 12  # characters between two times of one instant: ") or ("
_LONGEST_LABEL = 3  # tokens from "End" to its time: "End time:"
_LONGEST_SESSION = timedelta(hours=12)
_YEARS = range(1970, 9000)


def find_moments(
    text: str, *, sent_at: datetime, timezone: str, month_first: bool = True, language: str = "en"
) -> tuple[Moment, ...]:
    """Return every day, time and window that the text states, in its order.

    `sent_at` is the mail's date in the sender's zone: "tomorrow" is counted from its day. `timezone` is the zone of a
    time that states none. A time whose date is not stated anywhere near is put on the mail's day and flagged.
    """
    if sent_at.year not in _YEARS:
        return ()
    row = read_row(text, sent_at=sent_at, month_first=month_first, language=language)
    return _Reader(row, sent_at, timezone).moments() if row else ()


def read_row(text: str, *, sent_at: datetime, month_first: bool, language: str, promise: bool = False) -> Row | None:
    """Return the text as a row of tokens; None where no word or digit in it can be a date."""
    words = lexicon(language)
    text = text[:LONGEST_TEXT]
    if not _signals(words.language).search(text):
        return None
    reference = Reference(today=sent_at.date(), hour=sent_at.hour, month_first=month_first, promise=promise)
    return Row(text, tokenise(text, words), words, reference)


@cache
def _signals(language: str) -> re.Pattern[str]:
    words: Lexicon = lexicon(language)
    telling = {
        "named",
        "end_of_month",
        "weekday",
        "month",
        "relative",
        "clock",
        "unit",
        "end_of_day",
        "end_of_week",
        "holidays",
        "week_of",
    }
    found = {entry for entry, roles in words.words.items() if telling & roles.keys()}
    found |= {entry for entry, options in words.phrases.items() if any(telling & roles.keys() for _, roles in options)}
    return re.compile(r"\d|(?<!\w)(?:" + "|".join(sorted(map(re.escape, found))) + r")(?!\w)", re.IGNORECASE)


class _Reader:
    """One text's atoms on their way to moments."""

    def __init__(self, row: Row, sent_at: datetime, timezone: str) -> None:
        self.row = row
        self.sent_at = sent_at
        self.timezone = timezone
        self.atoms = read_atoms(row)

    def moments(self) -> tuple[Moment, ...]:
        pairs = join(self.row, self.atoms)
        share_zones(self.row, self.atoms, pairs)
        found = [*self._timed(pairs), *self._days(pairs), *self._windows()]
        found.sort(key=lambda moment: moment.span)
        return tuple(found[:MOST_MOMENTS])

    def _timed(self, pairs: list[Pair]) -> Iterable[Moment]:
        made: list[tuple[Pair, Moment]] = []
        for pair in pairs:
            moment = self._moment(pair, pair.time) if pair.time else None
            if moment is None:
                continue
            if made and (ended := self._ended(made[-1][1], pair, moment)):
                made[-1] = (made[-1][0], ended)
            elif made and (merged := self._merged(made[-1], pair, moment)):
                made[-1] = (pair, merged)
            else:
                made.append((pair, moment))
        return (moment for _, moment in made)

    def _moment(self, pair: Pair, atom: Atom) -> Moment | None:
        stated = atom.time
        day = pair.day.day.reckon(self.row.reference) if pair.day and pair.day.day else None
        if stated is None or (pair.day and not day):
            return None
        clock, guessed = self._clock(pair, atom, stated)
        when = day or self._undated(clock)
        zone, name, source, others = self._zone(stated.zone)
        start = _instant(when.last, clock.start, zone)
        if start is None:
            return None
        if name is None and start.utcoffset() == start.replace(tzinfo=ZoneInfo(self.timezone)).utcoffset():
            name = self.timezone  # a bare offset that is the default zone's names that zone
        end = None
        if clock.end is not None:
            end = _instant(when.last, clock.end, zone)
            if end and end <= start:
                end = _instant(when.last + timedelta(days=1), clock.end, zone)
        span = self._span(pair, atom)
        alternatives = [_instant(other, clock.start, zone) for other in when.alternatives]
        if guessed:
            alternatives.append(_instant(when.last, (clock.start + _HALF_DAY) % (2 * _HALF_DAY), zone))
        alternatives.extend(_instant(when.last, clock.start, ZoneInfo(other)) for other in others)
        return Moment(
            span=span,
            text=self.row.text[slice(*span)],
            grain=Grain.MINUTE,
            start=start,
            end=end,
            timezone=name,
            zone_source=source,
            alternatives=tuple(dict.fromkeys(one for one in alternatives if one and one != start)),
            flags=when.flags + ((HALF_GUESSED,) if guessed else ()),
        )

    def _undated(self, clock: Time) -> Reckoned:
        """Return the day of a time without one: the mail's, and of midnight the one that begins with it."""
        today = self.sent_at.date()
        if clock.start == 0 and self.sent_at.hour > 1:
            today += timedelta(days=1)
        return Reckoned(first=today, last=today, flags=(NO_DATE,))

    def _clock(self, pair: Pair, atom: Atom, stated: Time) -> tuple[Time, bool]:
        """Return the time with morning or afternoon decided, and whether that was a guess."""
        if stated.half:
            return stated, False
        period = self._period(pair, atom)
        late = period == 12 if period is not None else stated.start < _FIRST_HOUR and stated.start >= 60
        if not late or stated.start >= _HALF_DAY:
            return stated, stated.bare and period is None and stated.start == _FIRST_HOUR
        end = stated.end
        if end is not None and end < _HALF_DAY:
            end += _HALF_DAY
        return replace(stated, start=stated.start + _HALF_DAY, end=end), period is None

    def _period(self, pair: Pair, atom: Atom) -> int | None:
        """Return the hour from which the part of the day counts that stands beside a time."""
        places = [*range(atom.first - 2, atom.first + 1), *range(atom.last, atom.last + 3)]
        if pair.day and not pair.shared:
            places = [*range(pair.day.first, pair.day.last + 2), *places]
        return next(
            (int(self.row.at(place).roles["period"]) for place in places if self.row.has(place, "period")), None
        )

    def _zone(self, zone: Zone | None) -> tuple[ZoneInfo | fixed, str | None, ZoneSource, tuple[str, ...]]:
        if zone is None:
            return ZoneInfo(self.timezone), self.timezone, ZoneSource.DEFAULT, ()
        source = ZoneSource.SHARED if zone.shared else ZoneSource.EXPLICIT
        offset = offset_named(zone.offset) if zone.offset else None
        if zone.name:
            if zone.abbreviation:
                sent = offset if offset is not None else self.sent_at.utcoffset()
                meant = zone_of_abbreviation(zone.name, default=self.timezone, offset=sent, at=self.sent_at)
                name, others = (meant.zone, meant.alternatives) if meant else (None, ())
            else:
                name, others = zone_named(zone.name), ()
            if name:
                return ZoneInfo(name), name, source, others
        if offset is None:
            return ZoneInfo(self.timezone), self.timezone, ZoneSource.DEFAULT, ()
        return fixed(offset), "UTC" if not offset else None, source, ()

    def _ended(self, before: Moment, pair: Pair, moment: Moment) -> Moment | None:
        """Return a moment with the end that a line of its own states: "Start: 2 PM", "End: 2:45 PM"."""
        if pair.time is None or before.start is None or moment.start is None or before.end or moment.end:
            return None
        first = min(pair.time.first, pair.day.first) if pair.day and not pair.shared else pair.time.first
        said = any(self.row.has(place, "ends") for place in range(max(0, first - _LONGEST_LABEL), pair.time.first))
        if not said or not timedelta(0) < moment.start - before.start <= _LONGEST_SESSION:
            return None
        span = before.span[0], max(before.span[1], moment.span[1])
        return replace(before, end=moment.start, span=span, text=self.row.text[slice(*span)])

    def _merged(self, before: tuple[Pair, Moment], pair: Pair, moment: Moment) -> Moment | None:
        """Return one moment for "2pm ET / 11am PT"; None where the second is a time of its own."""
        first, earlier = before
        left, right = first.time, pair.time
        if left is None or right is None or earlier.start is None or moment.start is None:
            return None
        if first.day is not pair.day and not (first.shared or pair.shared):
            return None
        sign = self.row.text[self.row.at(left.last - 1).end : self.row.at(right.first).start].strip().casefold()
        named = left.time.zone if left.time else None
        other = right.time.zone if right.time else None
        span = (min(earlier.span[0], moment.span[0]), max(earlier.span[1], moment.span[1]))
        whole = replace(earlier, span=span, text=self.row.text[slice(*span)])
        if named and (other is None or other.shared) and sign in _SIGNS_OF_TRANSLATION:
            return whole
        if other is None or other.shared or named == other:
            return None
        apart = (moment.start - earlier.start) % timedelta(days=1) != timedelta(0)
        if not apart and len(sign) <= _LONGEST_SIGN:
            return whole
        if sign not in _SIGNS_OF_EQUALITY:
            return None
        if named is None:  # "3pm (8am PT)": the zone that is stated decides
            return replace(moment, span=span, text=whole.text)
        return replace(
            whole, flags=(*earlier.flags, ZONES_DISAGREE), alternatives=(*earlier.alternatives, moment.start)
        )

    def _days(self, pairs: list[Pair]) -> Iterable[Moment]:
        for pair in pairs:
            if pair.time or not pair.day or not pair.day.day:
                continue
            stated = Until(day=pair.day.day) if pair.day.by else pair.day.day
            found = stated.reckon(self.row.reference)
            if found and pair.day.by:
                yield self._window(pair.day, found)
            elif found:
                yield self._of_days(pair.day, Grain.DAY, found, found.last, None)

    def _windows(self) -> Iterable[Moment]:
        for atom in self.atoms:
            if atom.window is None or isinstance(atom.window, AfterHolidays):
                continue
            if isinstance(atom.window, Ahead) and (length := atom.window.short):
                yield self._soon(atom, length)
                continue
            found = atom.window.reckon(self.row.reference)
            if found:
                yield self._window(atom, found)

    def _soon(self, atom: Atom, length: timedelta) -> Moment:
        """Return the instant of "in 2 hours"."""
        span = self.row.at(atom.first).start, self.row.at(atom.last - 1).end
        start = self.sent_at + length
        return Moment(
            span=span, text=self.row.text[slice(*span)], grain=Grain.MINUTE, start=start, timezone=self.timezone
        )

    def _window(self, atom: Atom, found: Reckoned) -> Moment:
        return self._of_days(atom, Grain.WINDOW, found, None if atom.by else found.first, found.last)

    def _of_days(self, atom: Atom, grain: Grain, found: Reckoned, start: date | None, end: date | None) -> Moment:
        span = self.row.at(self._begin(atom)).start, self.row.at(atom.last - 1).end
        zone = ZoneInfo(self.timezone)
        return Moment(
            span=span,
            text=self.row.text[slice(*span)],
            grain=grain,
            start=None if start is None else datetime.combine(start, time(), zone),
            end=None if end is None else datetime.combine(end, time(), zone),
            timezone=self.timezone,
            alternatives=tuple(datetime.combine(other, time(), zone) for other in found.alternatives),
            flags=found.flags,
        )

    def _begin(self, atom: Atom) -> int:
        """Return the index of the deadline's preposition, else the atom's own beginning."""
        return self.row.back(atom.first, "by", "the", "approx") if atom.by else atom.first

    def _span(self, pair: Pair, atom: Atom) -> tuple[int, int]:
        """Return the characters of a time and of its day, unless the one of them stands elsewhere."""
        first, last = atom.first, atom.last
        if pair.borrowed and pair.day:
            first, last = pair.day.first, pair.day.last
        elif pair.day and not pair.shared:
            first, last = min(first, pair.day.first), max(last, pair.day.last)
        return self.row.at(first).start, self.row.at(last - 1).end


def _instant(day: date, minutes: int, zone: ZoneInfo | fixed) -> datetime | None:
    if day.year not in _YEARS:
        return None
    return datetime.combine(day, time(minutes // 60 % 24, minutes % 60), zone)
