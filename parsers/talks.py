"""Weighs what a message says about a talk: cancelled, moved, confirmed or invited to; one of them, never two.

Two signals make an interview: a word or sender that speaks of one, and a concrete time, an invitation to choose one or
a scheduling link.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

from parsers.model import Cancelled, Evidence, Grain, Invited, Medium, Missed, Moved, Scheduled, Session, Statement
from parsers.places import find_place
from parsers.reading import ENOUGH, UNSURE, Reading
from parsers.senders import SystemKind
from parsers.sessions import (
    Spoken,
    Use,
    booking_link,
    find_medium,
    is_arrival,
    is_pause,
    join_sessions,
    make_session,
    make_slot,
    meeting_link,
    stated_length,
    times_of,
)
from parsers.spelling import DAY, TIME, WINDOW
from parsers.wordbook import Strength, wordbook

_LETTER: Final = 1200  # characters
_JOB: Final = 0.4  # weight of the job from which on a time beside the word interview may be that of one
_SURELY_A_JOB: Final = 0.6  # and from which on any time in a few lines may be
_HINTED: Final = 0.6
_OTHERWISE: Final = ("received", "assessed", "held", "approached", "survey", "look_alike")
_OFFERED: Final = 0.6  # weight of two times of which one is to be chosen
_AGENDA: Final = 3  # times from which on one of them may be a pause
_MOVED_WITHIN: Final = 4  # words from "moved" to the new time
_RECENT: Final = timedelta(minutes=30)  # a mail about a talk that begins right now still fixes it


def weigh_talk(reading: Reading, *, has_event: bool) -> list[Statement]:
    """Cancelled, moved, confirmed or invited: one of them, since they contradict each other."""
    after = reading.sent_at - _RECENT
    grains = (Grain.MINUTE,)
    fixed = _without_pauses(reading, times_of(reading.spoken, Use.STATED, after=after, grains=grains))
    asked = times_of(reading.spoken, Use.ASKED, after=after, grains=grains)
    if reading.sure("missed") and reading.job >= 0.2:
        confidence = reading.confidence(max(reading.weight("missed"), 0.9))
        return [Missed(confidence=confidence, evidence=reading.evidence("missed"))]
    if moved := _moved(reading, fixed, asked, has_event=has_event):
        return moved
    if cancelled := _cancelled(reading, fixed, has_event=has_event):
        return cancelled
    if has_event or (reading.sure("survey") and not fixed and not reading.sure("invited", in_subject=False)):
        return []
    if reading.sure("submitted"):
        return []
    invited = _invited(reading, fixed, asked)
    confirmed = _confirmed(reading, fixed, asked)
    if invited and confirmed:
        return confirmed if _prefers_confirmed(reading, confirmed, fixed, asked) else invited
    return confirmed or invited or _hinted(reading, fixed, asked)


def _without_pauses(reading: Reading, fixed: tuple[Spoken, ...]) -> tuple[Spoken, ...]:
    """Leave out the times at which nobody is met: those to arrive at, and an agenda's breaks, meals and tours."""
    fixed = tuple(one for one in fixed if not is_arrival(reading.text, one, fixed))
    if len(fixed) < _AGENDA:
        return fixed

    def talks(one: Spoken) -> bool:
        start, end = one.moment.span[0], _line_end(reading.text, one.moment.span[1])
        named = not wordbook().classes["core"].isdisjoint(reading.text[start:end].lower().split())
        return named or bool(reading.cast.met_between(start, end))

    return tuple(one for one in fixed if talks(one) or not is_pause(reading.text, one)) or fixed


def _prefers_confirmed(
    reading: Reading, confirmed: list[Statement], fixed: tuple[Spoken, ...], asked: tuple[Spoken, ...]
) -> bool:
    """Decide between "it is fixed" and "choose": a choice has several times or none, or asks whether one suits."""
    if asked:
        return False
    if not fixed:  # "you are invited to our assessment day, which takes place on Thursday"
        of_a_day = any(isinstance(statement, Scheduled) and statement.sessions for statement in confirmed)
        return of_a_day and not reading.sure("choice") and booking_link(reading.links) is None
    if len(fixed) > 1 and reading.sure("invited") and not _agenda(reading, fixed) and not _each_a_talk(reading, fixed):
        return False
    return not reading.sure("choice") or reading.sure("confirmed", in_subject=False)


def _hinted(reading: Reading, fixed: tuple[Spoken, ...], asked: tuple[Spoken, ...]) -> list[Statement]:
    """Read a few lines about a job with a time in them, whose wording is new: never sure."""
    if reading.post >= _JOB and len(reading.text) <= _LETTER and _asks_for_a_day(reading):
        return [Invited(confidence=_HINTED)]
    if not (fixed or asked) or reading.job < _JOB or len(reading.text) > _LETTER:
        return []
    if not reading.talks() and reading.job < _SURELY_A_JOB:
        return []
    if any(reading.weight(kind) >= ENOUGH for kind in _OTHERWISE):
        return []
    times = (*fixed, *asked)
    evidence = tuple(Evidence(field="start", text=one.moment.text) for one in times)
    if asked or (len(fixed) > 1 and not _agenda(reading, fixed)):
        return [Invited(confidence=_HINTED, evidence=evidence, options=tuple(make_slot(one.moment) for one in times))]
    return [Scheduled(confidence=_HINTED, evidence=evidence, sessions=_sessions(reading, fixed))]


def _asks_for_a_day(reading: Reading) -> bool:
    """Tell whether a question names a day and a talk: "are you about this week for a chat"."""
    talks = wordbook().classes["talk"] | wordbook().classes["meet"]
    asked = (one.clause.tokens for one in reading.spoken if one.clause.question)
    return not reading.approaches() and any(not talks.isdisjoint(tokens) for tokens in asked)


def _agenda(reading: Reading, fixed: tuple[Spoken, ...]) -> bool:
    """Tell whether several times are the parts of one visit: one day, and people or ranges at each."""
    days = {one.moment.start.date() for one in fixed if one.moment.start is not None}
    return len(days) == 1 and all(one.moment.end is not None or _met(reading, one) for one in fixed)


def _each_a_talk(reading: Reading, fixed: tuple[Spoken, ...]) -> bool:
    """Tell whether each of several times has a talk of its own beside it, and nothing asks for a choice."""
    talks = wordbook().classes["talk"]
    if reading.sure("choice") or booking_link(reading.links):
        return False
    return all(not talks.isdisjoint(one.clause.tokens) or _met(reading, one) for one in fixed)


def _met(reading: Reading, one: Spoken) -> bool:
    return bool(reading.cast.met_between(one.clause.start, one.clause.end))


def _confirmed(reading: Reading, fixed: tuple[Spoken, ...], asked: tuple[Spoken, ...]) -> list[Statement]:
    if reading.job < 0.25 and not reading.known:
        return []
    if reading.system in {SystemKind.TEST, SystemKind.RECORDED} and not (fixed and reading.sure("confirmed")):
        return []
    said = {hit.clause.start: hit.strength for hit in sorted(reading.of("confirmed"), key=lambda hit: hit.strength)}
    agenda = len(fixed) > 1 and _agenda(reading, fixed)
    beside = tuple(one for one in fixed if said.get(one.clause.start, Strength.HINT) > Strength.HINT)
    every = agenda or not beside or (len(fixed) > 1 and _each_a_talk(reading, fixed))
    times = fixed if every else beside
    if not times:  # a day alone fixes something only where it is said of the talk
        days = times_of(reading.spoken, Use.STATED, after=reading.sent_at - timedelta(days=1), grains=(Grain.DAY,))
        times = tuple(one for one in days if said.get(one.clause.start, Strength.HINT) > Strength.HINT)
    weight = reading.weight("confirmed")
    sure = reading.sure("confirmed", in_subject=bool(times))
    scheduled = Scheduled(
        confidence=reading.confidence(weight),
        evidence=(*reading.evidence("confirmed"), *(Evidence(field="start", text=one.moment.text) for one in times)),
        sessions=_sessions(reading, times),
        reminder=reading.reminds(),
    )
    if not times:
        undated = sure and not asked and reading.job >= 0.3
        return [replace(scheduled, confidence=min(scheduled.confidence, UNSURE))] if undated else []
    if weight < 0.5 or not (fixed or sure):
        return []
    certain = sure if not fixed else sure or agenda or bool(beside)
    if not certain:
        return [replace(scheduled, confidence=min(scheduled.confidence, UNSURE))]
    return [replace(scheduled, confidence=reading.confidence(max(weight, 0.93)))]


def _sessions(reading: Reading, times: tuple[Spoken, ...]) -> tuple[Session, ...]:
    """Make the sessions of the times: who is named beside a time meets then, else everybody who is named."""
    medium = find_medium(reading.text, reading.links)
    place = find_place(reading.text, in_sentences=medium in (None, Medium.ONSITE))
    location = meeting_link(reading.links) or place
    if medium is None and place is not None and not place.startswith("http"):
        medium = Medium.ONSITE
    length = stated_length(reading.text) if len(times) == 1 else None
    everybody = reading.cast.interviewers()
    sessions = []
    for one in times:
        beside = (
            reading.cast.met_between(
                max(one.clause.start, _line_start(reading.text, one.moment.span[0])),
                _line_end(reading.text, one.clause.end),
            )
            if len(times) > 1
            else everybody
        )
        session = make_session(one.moment, length=length, medium=medium, location=location)
        sessions.append(replace(session, people=beside))
    joined = join_sessions(sessions)
    if joined and not any(session.people for session in joined):
        joined = tuple(replace(session, people=everybody) for session in joined)
    return joined


def _line_start(text: str, position: int) -> int:
    return text.rfind("\n", 0, position) + 1


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end


def _invited(reading: Reading, fixed: tuple[Spoken, ...], asked: tuple[Spoken, ...]) -> list[Statement]:
    weight = max(reading.weight("invited"), _OFFERED if len(asked) > 1 else 0.0)
    link = booking_link(reading.links)
    if weight < ENOUGH or reading.job < 0.25 or not (reading.sure("invited") or link or reading.job >= 0.5):
        return []
    if reading.weight("assessed") > weight or (
        reading.sure("assessed") and not reading.sure("invited", in_subject=False)
    ):
        return []
    if reading.approaches() and not fixed and not asked:
        return []
    if reading.sure("received") and not reading.sure("invited", in_subject=False) and not (link or fixed or asked):
        return []  # an acknowledgement blocks promotion (section 5)
    options = tuple(make_slot(one.moment) for one in (*fixed, *asked))
    days = times_of(
        reading.spoken, Use.STATED, after=reading.sent_at - timedelta(days=1), grains=(Grain.DAY, Grain.WINDOW)
    )
    concrete = bool(options or link or days) or reading.sure("invited")
    concrete = concrete and (link is not None or _names_a_talk(reading))
    confidence = reading.confidence(max(weight, 0.9 if concrete and reading.sure("invited") else 0.0))
    return [
        Invited(
            confidence=confidence if concrete else min(confidence, UNSURE),
            evidence=reading.evidence("invited"),
            options=options,
            scheduling_link=link,
        )
    ]


def _names_a_talk(reading: Reading) -> bool:
    """Tell whether what is asked is about a talk or the message about a job: friends ask whether Sunday suits, too."""
    talks = wordbook().classes["talk"] | wordbook().classes["meet"]
    asked = (hit.clause.tokens for hit in reading.of("invited"))
    return reading.post > 0.0 or reading.known or any(not talks.isdisjoint(tokens) for tokens in asked)


def _moved(
    reading: Reading, fixed: tuple[Spoken, ...], asked: tuple[Spoken, ...], *, has_event: bool
) -> list[Statement]:
    weight = reading.weight("moved")
    # With a calendar object, that states the new time, and `bookings` says that it moved.
    scheduled = reading.system is SystemKind.SCHEDULER  # "Event rescheduled", of whatever event
    if has_event or weight < ENOUGH or (reading.job < 0.25 and not reading.talks() and not scheduled):
        return []
    given_up = {hit.clause.start for hit in reading.of("cancelled") if hit.strength is Strength.SURE}
    former = next((one.moment.start for one in reading.spoken if one.use is Use.FORMER), None)
    new = tuple(one for one in fixed if one.moment.start != former and one.clause.start not in given_up)
    if former is None and (place := _left(reading, new)) is not None:
        former = new[place].moment.start
        new = (*new[:place], *new[place + 1 :])
    if given_up and not new:
        return []
    times = new or asked
    only_asked = bool(times) and (not new or (len(new) > 1 and reading.sure("invited")))
    if not times and not reading.sure("moved"):
        return []
    moved = Moved(
        confidence=reading.confidence(max(weight, 0.9 if reading.sure("moved") else 0.0)),
        evidence=(*reading.evidence("moved"), *(Evidence(field="start", text=one.moment.text) for one in times)),
        old_start=former,
    )
    if only_asked:
        return [replace(moved, asked=True, options=tuple(make_slot(one.moment) for one in times))]
    return [replace(moved, sessions=_sessions(reading, times))]


def _left(reading: Reading, new: tuple[Spoken, ...]) -> int | None:
    """Tell which of two times is the one that the talk had, if none is said to be."""
    if len(new) != 2 or _agenda(reading, new):
        return None
    first, second = new
    moves = {hit.clause.start: hit for hit in reading.of("moved") if hit.strength >= Strength.LIKELY}
    if first.clause.start == second.clause.start:  # "the interview on Tuesday at 3 is moved to Thursday at 4"
        tokens = first.clause.tokens
        places = [index for index, token in enumerate(tokens) if token in (TIME, DAY, WINDOW)]
        words = wordbook().classes["move"] | wordbook().classes["resched"]
        nearby = tokens[max(places[0] + 1, places[-1] - _MOVED_WITHIN) : places[-1]]
        return 0 if first.clause.start in moves and not words.isdisjoint(nearby) else None
    # "She is not in on Tuesday at 3. We can fit your interview in on Thursday at 4."
    said = moves.keys() | {hit.clause.start for hit in reading.of("confirmed") if hit.strength >= Strength.LIKELY}
    spoken_of = [one.clause.start in said for one in new]
    return spoken_of.index(False) if spoken_of == [False, True] else None


def _cancelled(reading: Reading, fixed: tuple[Spoken, ...], *, has_event: bool) -> list[Statement]:
    if not reading.sure("cancelled") or has_event:
        return []
    if reading.job < 0.25 and not reading.talks():
        return []
    weight = reading.weight("cancelled")
    start = next((one.moment.start for one in fixed), None)
    return [
        Cancelled(confidence=reading.confidence(max(weight, 0.9)), evidence=reading.evidence("cancelled"), start=start)
    ]
