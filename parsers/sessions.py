"""Reads the times of an interview from prose: clauses in, the times that are fixed, offered and given up out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from parsers.clauses import Clause
from parsers.cues import cue
from parsers.model import Grain, Medium, Moment, Session, Slot
from parsers.spelling import DAY, TIME, WINDOW
from parsers.wordbook import wordbook

LONGEST: Final = timedelta(hours=14)  # a visit; a longer range is a span of days

_LENGTH = re.compile(
    r"\b(?P<number>\d{1,3}|half an|an|one|two|three|a|eine|une|una)[ -]{0,2}"
    r"(?P<unit>minutes?|mins?|minuten|minutos|hours?|hrs?|stunden?|heures?|horas?)\b",
    re.IGNORECASE,
)
_NUMBERS: Final = {"an": 1, "one": 1, "a": 1, "eine": 1, "une": 1, "una": 1, "two": 2, "three": 3}
_VIDEO_LINK = cue("{video_link}")
_BOOKING_LINK = cue("{booking_link}")
_NO_BOOKING = cue("{no_booking_link}")
# The order matters: a phone number in the signature of a video call says nothing, the word "video" does.
_MEDIUM: Final = (
    (Medium.ONSITE, cue(r"\b{onsite}\b")),
    (Medium.VIDEO, cue(r"\b{video}\b")),
    (Medium.PHONE, cue(r"\b{phone}\b")),
)
_PAUSE = cue(r"^\W{0,12}(?:\w{1,12} )?{pause}(?!\w)")
_ARRIVE = cue(r"\b{arrive}\b[^.;\n\d]{0,30}(?:\d[\d:.h ]{0,6}(?:[ap]\.?m\.?)?)?$")
_OR_WITHIN: Final = 4  # words from one time to the next: "_time_ or on the _time_"
_LABEL_WORDS: Final = 2
_EARLY: Final = timedelta(minutes=60)  # that one is asked to come before the talk, at most
_NEARBY: Final = 60  # characters
_PAUSE_LINE: Final = 80  # characters
_LINK_LENGTH: Final = 300  # characters of a link that are looked at
# Words that may stand between a cue ("from", "by") and its time.
_BETWEEN: Final = frozenset(
    {
        "the",
        "on",
        "at",
        "for",
        "of",
        "a",
        "an",
        "am",
        "um",
        "dem",
        "den",
        "der",
        "le",
        "la",
        "el",
        "dia",
        "scheduled",
        "planned",
        "set",
    }
)


class Use(StrEnum):
    """What a time in the text is for."""

    STATED = "stated"
    ASKED = "asked"  # in a question, or as one of two: "Tuesday at 2 or Wednesday at 11"
    FORMER = "former"
    DEADLINE = "deadline"


@dataclass(frozen=True, slots=True)
class Spoken:
    """A moment of the text with its use."""

    moment: Moment
    clause: Clause
    use: Use


def spoken_times(clauses: Iterable[Clause]) -> tuple[Spoken, ...]:
    """Tell of each moment what it is for."""
    found: list[Spoken] = []
    headed = False  # the line above is a label of what no longer holds: "Former time", "OLD"
    for clause in clauses:
        spoken = tuple(_of_clause(clause))
        found += (replace(one, use=Use.FORMER) for one in spoken) if headed else spoken
        headed = (
            len(clause.tokens) <= _LABEL_WORDS and clause.tokens[:1] in wordbook().grammar_of(clause.language).former
        )
    return tuple(found)


def _of_clause(clause: Clause) -> Iterable[Spoken]:
    grammar = wordbook().grammar_of(clause.language)
    places = [index for index, token in enumerate(clause.tokens) if token in (TIME, DAY, WINDOW)]
    choice = clause.question or _offers_a_choice(clause, places)
    for count, (place, moment) in enumerate(zip(places, clause.moments, strict=False)):
        before = tuple(clause.tokens[max(0, place - 3) : place])
        use = Use.ASKED if choice else Use.STATED
        if moment.grain is Grain.WINDOW and moment.start is None:
            use = Use.DEADLINE  # "by Friday", "until Monday"
        elif _ends_with(before, grammar.deadline):
            use = Use.DEADLINE
        elif _ends_with(before, grammar.former) and not (before[-1:] == ("from",) and len(places) == count + 1):
            use = Use.FORMER
        yield Spoken(moment, clause, use)


def _offers_a_choice(clause: Clause, places: Sequence[int]) -> bool:
    """Tell whether two of the times, which stand at these places, are joined by an "or"."""
    either = wordbook().grammar_of(clause.language).either
    return any(
        after - place <= _OR_WITHIN
        and clause.tokens[place + 1] in either
        and one.grain is other.grain
        and one.start != other.start
        for place, after, one, other in zip(places, places[1:], clause.moments, clause.moments[1:], strict=False)
    )


def _ends_with(words: Sequence[str], sequences: frozenset[tuple[str, ...]]) -> bool:
    """Tell whether a cue stands right before the time, articles and weekday prepositions set aside."""
    if any(words[-length:] in sequences for length in (1, 2, 3) if len(words) >= length):
        return True  # "instead of", whose last word would be set aside
    kept = [word for word in words if word not in _BETWEEN]
    return any(tuple(kept[-length:]) in sequences for length in (1, 2, 3) if len(kept) >= length)


def times_of(
    spoken: Iterable[Spoken], use: Use, *, after: datetime, grains: tuple[Grain, ...] = (Grain.MINUTE,)
) -> tuple[Spoken, ...]:
    """Give the times of this use that lie ahead, each instant once, in order of the text."""
    seen: dict[datetime, Spoken] = {}
    for one in spoken:
        start = one.moment.start
        if one.use is not use or one.moment.grain not in grains or start is None or start < after:
            continue
        known = seen.get(start)
        # The same instant in two zones is one time; the one with an end or a zone of its own says more.
        if known is None or (known.moment.end is None and one.moment.end is not None):
            seen[start] = one
    return tuple(seen.values())


def is_pause(text: str, one: Spoken) -> bool:
    """Tell whether the line of a time in an agenda has a break, a meal or a tour in it."""
    return _PAUSE.match(text[one.moment.span[1] :][:_PAUSE_LINE].partition("\n")[0]) is not None


def is_arrival(text: str, one: Spoken, others: Iterable[Spoken]) -> bool:
    """Tell whether the user should only be there at a time, since the talk begins a little later."""
    start = one.moment.start
    begins = (other.moment.start for other in others if other is not one)
    soon = any(start is not None and begin is not None and start < begin <= start + _EARLY for begin in begins)
    return (
        soon
        and one.moment.end is None
        and any(_ARRIVE.search(text[max(0, place - _NEARBY) : place]) for place in one.moment.span)
    )


def stated_length(text: str) -> timedelta | None:
    """Give the length that the text states for the talk ("a 45-minute call"), if exactly one is stated."""
    found = {length for match in _LENGTH.finditer(text[:4000]) if (length := _length(match))}
    return found.pop() if len(found) == 1 else None


def _length(found: re.Match[str]) -> timedelta | None:
    number, unit = found["number"].lower(), found["unit"].lower()
    if number == "half an":
        return timedelta(minutes=30)
    value = int(number) if number.isdigit() else _NUMBERS[number]
    length = timedelta(hours=value) if unit[0] in "hs" else timedelta(minutes=value)
    return length if timedelta(minutes=10) <= length <= LONGEST else None


def find_medium(text: str, links: Sequence[str]) -> Medium | None:
    """Tell how the two sides meet: a meeting link, else the words."""
    if meeting_link(links):
        return Medium.VIDEO
    return next((medium for medium, pattern in _MEDIUM if pattern.search(text[:6000])), None)


def meeting_link(links: Sequence[str]) -> str | None:
    """Give the first link to a video meeting."""
    return _first(links, _VIDEO_LINK, _NO_BOOKING)


def booking_link(links: Sequence[str]) -> str | None:
    """Give the first link to a page on which a time can be picked."""
    return _first([link for link in links if not _VIDEO_LINK.search(link)], _BOOKING_LINK, _NO_BOOKING)


def _first(links: Sequence[str], wanted: re.Pattern[str], unwanted: re.Pattern[str]) -> str | None:
    heads = ((link, link[:_LINK_LENGTH]) for link in links)
    return next((link for link, head in heads if wanted.search(head) and not unwanted.search(head)), None)


def make_session(moment: Moment, *, length: timedelta | None, medium: Medium | None, location: str | None) -> Session:
    """Make a session of a moment; a day becomes an all-day one."""
    assert moment.start is not None  # noqa: S101 - `times_of` gives none without
    end = moment.end
    if moment.grain is Grain.MINUTE and end is None and length is not None:
        end = moment.start + length
    if end is not None and not moment.start < end <= moment.start + LONGEST:
        end = None
    return Session(
        start=moment.start,
        end=end,
        timezone=moment.timezone,
        all_day=moment.grain is Grain.DAY,
        medium=medium,
        location=location,
    )


def make_slot(moment: Moment) -> Slot:
    """Make an offered slot of a moment."""
    assert moment.start is not None  # noqa: S101 - `times_of` gives none without
    end = moment.end if moment.end is not None and moment.end > moment.start else None
    return Slot(start=moment.start, end=end, timezone=moment.timezone)


def join_sessions(sessions: Sequence[Session]) -> tuple[Session, ...]:
    """Make one visit's agenda of sessions: a range that covers others is the visit itself, not one more talk."""
    ordered = sorted(sessions, key=lambda session: (session.start, session.end or session.start))
    covers = [
        outer
        for outer in ordered
        if outer.end is not None
        and sum(
            inner is not outer and outer.start <= inner.start < outer.end and (inner.end or inner.start) <= outer.end
            for inner in ordered
        )
        >= 2
    ]
    inner = [session for session in ordered if session not in covers]
    if not covers or not inner:
        return tuple(ordered)
    last, end = inner[-1], covers[0].end
    if end is not None and (last.end is None or last.end < end):
        inner[-1] = replace(last, end=end)  # the visit lasts as long as it says
    return tuple(inner)
