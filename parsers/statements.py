"""Weighs what a message says: phrases, times and structure in, statements with confidence and evidence out.

Order of decision (recruiting-mail.md section 5): rejection, offer, cancellation, reschedule, interview confirmed,
invitation, assessment, hold, application received, outreach. What is said twice counts more; what a look-alike explains
counts nothing; what has nothing of a job about it stays below 0.8, the policy's threshold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from parsers.clauses import Clause
from parsers.model import (
    Acknowledged,
    Approached,
    Assessed,
    Cancelled,
    Evidence,
    Grain,
    Held,
    Invited,
    Medium,
    Missed,
    Moved,
    Offered,
    Part,
    Person,
    Rejected,
    Scheduled,
    Session,
    Statement,
    Withdrew,
)
from parsers.people import Cast
from parsers.phrases import Hit, quote
from parsers.senders import SystemKind
from parsers.sessions import (
    Spoken,
    Use,
    booking_link,
    find_medium,
    find_place,
    join_sessions,
    make_session,
    make_slot,
    meeting_link,
    stated_length,
    times_of,
)
from parsers.wordbook import Strength, wordbook

_WEIGHT: Final = {Strength.SURE: 0.85, Strength.LIKELY: 0.5, Strength.HINT: 0.2}
_AGAIN: Final = 0.3  # what a further phrase of the same clause is worth
ENOUGH: Final = 0.55  # weight of a kind; less is no statement
UNSURE: Final = 0.7  # highest confidence of a statement that lacks one of its two signals
_RECENT: Final = timedelta(minutes=30)  # a mail about a talk that begins right now still fixes it


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A message taken apart, ready to be weighed."""

    text: str  # the subject as the first line, then what was written now
    clauses: tuple[Clause, ...]
    hits: tuple[Hit, ...]
    spoken: tuple[Spoken, ...]
    links: tuple[str, ...]
    sent_at: datetime
    cast: Cast
    system: SystemKind | None
    job: float  # how far the message is about an application, 0..1
    answer: bool  # it answers another message: its subject is the other's
    known: bool  # it answers one of the user's own

    def weight(self, kind: str) -> float:
        """Weigh everything that was said of a kind: what one clause says twice counts less than two clauses."""
        by_clause: dict[int, list[float]] = {}
        for hit in self.of(kind):
            by_clause.setdefault(hit.clause.start, []).append(_WEIGHT[self._strength(hit)])
        doubt = 1.0
        for weights in by_clause.values():
            best, *others = sorted(weights, reverse=True)
            doubt *= 1 - best
            for weight in others:
                doubt *= 1 - _AGAIN * weight
        return 1 - doubt

    def of(self, kind: str) -> Iterator[Hit]:
        """Give the hits of a kind; to ask for a choice is to invite."""
        return (hit for hit in self.hits if hit.kind == kind or (kind == "invited" and hit.kind == "choice"))

    def sure(self, kind: str, *, in_subject: bool = True) -> bool:
        """Tell whether one hit alone decides."""
        return any(
            self._strength(hit) is Strength.SURE and (in_subject or hit.clause.start > self._subject_end)
            for hit in self.of(kind)
        )

    def evidence(self, kind: str) -> tuple[Evidence, ...]:
        """Give the words of the strongest hit of a kind."""
        strongest = max(self.of(kind), key=self._strength, default=None)
        return (Evidence(field="kind", text=quote(self.text, strongest)),) if strongest is not None else ()

    def _strength(self, hit: Hit) -> Strength:
        # "Re: Interview rescheduled" stays above every later mail of the thread.
        return Strength.HINT if self.answer and hit.clause.start < self._subject_end else hit.strength

    @property
    def _subject_end(self) -> int:
        return self.text.find("\n")


def weigh(reading: Reading, *, has_event: bool) -> tuple[Statement, ...]:
    """Give the statements of an inbound message's text; `has_event`: its calendar object states the time."""
    statements: list[Statement] = []
    if withdrew := _simple(reading, "withdrew", Withdrew):
        return tuple(withdrew)
    if reading.weight("candidate") > ENOUGH:
        return ()  # written by a candidate
    rejected = _rejected(reading)
    statements += rejected
    if not rejected and (offered := _offered(reading)):
        return tuple(offered)
    talk = _about_the_talk(reading, has_event=has_event)
    if rejected:
        talk = [statement for statement in talk if isinstance(statement, Cancelled)]
    statements += talk
    if rejected or talk:
        return tuple(statements)
    return tuple(_about_the_process(reading))


def _confidence(reading: Reading, weight: float) -> float:
    """Turn a weight into a confidence: without a job about it, it stays unsure."""
    job = max(reading.job, 0.35 if reading.known else 0.0)
    return round(min(0.97, weight * (0.62 + 0.38 * min(1.0, job * 1.6))), 3)


def _rejected(reading: Reading) -> list[Statement]:
    weight = reading.weight("rejected")
    decisive = any(hit.strength >= Strength.LIKELY for hit in reading.of("rejected"))
    if weight < ENOUGH or not decisive or (reading.job < 0.3 and not reading.sure("rejected")):
        return []
    return [Rejected(confidence=_confidence(reading, weight), evidence=reading.evidence("rejected"))]


def _offered(reading: Reading) -> list[Statement]:
    weight = reading.weight("offered")
    if weight < ENOUGH or not reading.sure("offered") or reading.job < 0.3:
        return []
    decide_by = next((one.moment for one in reading.spoken if one.use is Use.DEADLINE), None)
    by = (decide_by.end or decide_by.start) if decide_by else None
    return [
        Offered(
            confidence=_confidence(reading, weight),
            evidence=reading.evidence("offered"),
            decide_by=by.date() if by else None,
        )
    ]


# ------------------------------------------------------------------------------------------ about a talk and its time


def _about_the_talk(reading: Reading, *, has_event: bool) -> list[Statement]:
    """Cancelled, moved, confirmed or invited: one of them, since they contradict each other."""
    after = reading.sent_at - _RECENT
    grains = (Grain.MINUTE,)
    fixed = times_of(reading.spoken, Use.STATED, after=after, grains=grains)
    asked = times_of(reading.spoken, Use.ASKED, after=after, grains=grains)
    if missed := _simple(reading, "missed", Missed):
        return missed
    if moved := _moved(reading, fixed, asked, has_event=has_event):
        return moved
    if cancelled := _cancelled(reading, fixed, has_event=has_event):
        return cancelled
    if has_event or reading.sure("survey") and not fixed:
        return []
    if reading.sure("submitted"):
        return []
    invited = _invited(reading, fixed, asked)
    confirmed = _confirmed(reading, fixed, asked)
    if invited and confirmed:
        return confirmed if _prefers_confirmed(reading, fixed, asked) else invited
    return confirmed or invited


def _prefers_confirmed(reading: Reading, fixed: tuple[Spoken, ...], asked: tuple[Spoken, ...]) -> bool:
    """Decide between "it is fixed" and "choose": a choice has several times or none, or asks whether one suits."""
    if not fixed or asked:
        return False
    if len(fixed) > 1 and reading.sure("invited") and not _agenda(reading, fixed):
        return False
    return not reading.sure("choice") or reading.sure("confirmed", in_subject=False)


def _agenda(reading: Reading, fixed: tuple[Spoken, ...]) -> bool:
    """Tell whether several times are the parts of one visit: one day, and people or ranges at each."""
    days = {one.moment.start.date() for one in fixed if one.moment.start is not None}
    return len(days) == 1 and all(one.moment.end is not None or _met(reading, one) for one in fixed)


def _met(reading: Reading, one: Spoken) -> bool:
    return bool(reading.cast.met_between(one.clause.start, one.clause.end))


def _talks(reading: Reading) -> bool:
    """Tell whether an interview is what the message is about."""
    words = wordbook().classes["core"]
    return any(not words.isdisjoint(clause.tokens) for clause in reading.clauses)


def _confirmed(reading: Reading, fixed: tuple[Spoken, ...], asked: tuple[Spoken, ...]) -> list[Statement]:
    weight = reading.weight("confirmed")
    if reading.job < 0.25 and not reading.known:
        return []
    reminder = reading.weight("reminder") >= 0.5
    if reading.system in {SystemKind.TEST, SystemKind.RECORDED} and not (fixed and reading.sure("confirmed")):
        return []
    days = fixed or times_of(reading.spoken, Use.STATED, after=reading.sent_at - timedelta(days=1), grains=(Grain.DAY,))
    if not days:
        if not reading.sure("confirmed", in_subject=False) or asked or reading.job < 0.3:
            return []
        return [
            Scheduled(
                confidence=min(0.65, _confidence(reading, weight)),
                evidence=reading.evidence("confirmed"),
                sessions=(),
                reminder=reminder,
            )
        ]
    if weight < 0.5:
        return []
    sure = reading.sure("confirmed")
    near = len(fixed) > 1 and _agenda(reading, fixed)
    near = near or any(hit.strength >= Strength.LIKELY and hit.clause.moments for hit in reading.of("confirmed"))
    confidence = _confidence(reading, max(weight, 0.93 if fixed and (sure or near) else 0.0))
    if not (sure or near) or not (
        fixed or any(hit.strength is Strength.SURE and hit.clause.moments for hit in reading.of("confirmed"))
    ):
        confidence = min(confidence, UNSURE)  # a day alone fixes something only where it is said of the talk
    sessions = _sessions(reading, days)
    evidence = (*reading.evidence("confirmed"), *(Evidence(field="start", text=one.moment.text) for one in days))
    return [Scheduled(confidence=confidence, evidence=evidence, sessions=sessions, reminder=reminder)]


def _sessions(reading: Reading, times: tuple[Spoken, ...]) -> tuple[Session, ...]:
    """Make the sessions of the times: who is named beside a time meets then, else everybody who is named."""
    medium = find_medium(reading.text, reading.links)
    place = find_place(reading.text)
    location = meeting_link(reading.links) or place
    if medium is None and place is not None and not place.startswith("http"):
        medium = Medium.ONSITE
    length = stated_length(reading.text) if len(times) == 1 else None
    everybody = reading.cast.interviewers()
    sessions = []
    for one in times:
        beside = (
            reading.cast.met_between(one.clause.start, _line_end(reading.text, one.clause.end))
            if len(times) > 1
            else everybody
        )
        session = make_session(one.moment, length=length, medium=medium, location=location)
        sessions.append(replace(session, people=beside))
    joined = join_sessions(sessions)
    if joined and not any(session.people for session in joined):
        joined = tuple(replace(session, people=everybody) for session in joined)
    return joined


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end


def _invited(reading: Reading, fixed: tuple[Spoken, ...], asked: tuple[Spoken, ...]) -> list[Statement]:
    weight = reading.weight("invited")
    link = booking_link(reading.links)
    if weight < ENOUGH or reading.job < 0.25 or not (reading.sure("invited") or link or reading.job >= 0.5):
        return []
    if reading.weight("assessed") > weight or (
        reading.sure("assessed") and not reading.sure("invited", in_subject=False)
    ):
        return []
    if _approach(reading) and not fixed and not asked:
        return []
    if reading.sure("received") and not reading.sure("invited", in_subject=False) and not (link or fixed or asked):
        return []  # an acknowledgement blocks promotion (section 5)
    options = tuple(make_slot(one.moment) for one in (*fixed, *asked))
    days = times_of(
        reading.spoken, Use.STATED, after=reading.sent_at - timedelta(days=1), grains=(Grain.DAY, Grain.WINDOW)
    )
    concrete = bool(options or link or days) or reading.sure("invited")
    confidence = _confidence(reading, max(weight, 0.9 if concrete and reading.sure("invited") else 0.0))
    return [
        Invited(
            confidence=confidence if concrete else min(confidence, UNSURE),
            evidence=reading.evidence("invited"),
            options=options,
            scheduling_link=link,
        )
    ]


def _moved(
    reading: Reading, fixed: tuple[Spoken, ...], asked: tuple[Spoken, ...], *, has_event: bool
) -> list[Statement]:
    weight = reading.weight("moved")
    # With a calendar object, that states the new time, and `bookings` says that it moved.
    if has_event or weight < ENOUGH or (reading.job < 0.25 and not _talks(reading)):
        return []
    given_up = {hit.clause.start for hit in reading.of("cancelled") if hit.strength is Strength.SURE}
    former = next((one.moment.start for one in reading.spoken if one.use is Use.FORMER), None)
    new = tuple(one for one in fixed if one.moment.start != former and one.clause.start not in given_up)
    if given_up and not new:
        return []
    times = new or asked
    only_asked = bool(times) and (not new or (len(new) > 1 and reading.sure("invited")))
    if not times and not reading.sure("moved"):
        return []
    moved = Moved(
        confidence=_confidence(reading, max(weight, 0.9 if reading.sure("moved") else 0.0)),
        evidence=(*reading.evidence("moved"), *(Evidence(field="start", text=one.moment.text) for one in times)),
        old_start=former,
    )
    if only_asked:
        return [replace(moved, asked=True, options=tuple(make_slot(one.moment) for one in times))]
    return [replace(moved, sessions=_sessions(reading, times))]


def _cancelled(reading: Reading, fixed: tuple[Spoken, ...], *, has_event: bool) -> list[Statement]:
    if not reading.sure("cancelled") or has_event:
        return []
    if reading.job < 0.25 and not _talks(reading):
        return []
    weight = reading.weight("cancelled")
    start = next((one.moment.start for one in fixed), None)
    return [
        Cancelled(
            confidence=_confidence(reading, max(weight, 0.9)), evidence=reading.evidence("cancelled"), start=start
        )
    ]


# -------------------------------------------------------------------------------------------------- about the process


def _about_the_process(reading: Reading) -> Iterator[Statement]:
    if reading.sure("survey"):
        return
    structure = reading.system in {SystemKind.TEST, SystemKind.RECORDED}
    assessed = reading.weight("assessed")
    if structure and not _finished(reading) or assessed >= ENOUGH and reading.sure("assessed") and reading.job >= 0.2:
        due = next(
            (one.moment for one in reading.spoken if one.use is Use.DEADLINE or one.moment.grain is Grain.WINDOW), None
        )
        by = (due.end or due.start) if due else None
        confidence = _confidence(reading, max(assessed, 0.9 if structure else 0.0))
        yield Assessed(confidence=confidence, evidence=reading.evidence("assessed"), due=by.date() if by else None)
        return
    held = reading.weight("held")
    if held >= ENOUGH and reading.sure("held") and reading.job >= 0.2:
        until = next((one.moment for one in reading.spoken if one.moment.grain is not Grain.MINUTE), None)
        day = (until.end or until.start) if until else None
        yield Held(
            confidence=_confidence(reading, held), evidence=reading.evidence("held"), until=day.date() if day else None
        )
        return
    received = 0.0 if reading.sure("info_request") else reading.weight("received")
    if _approach(reading):
        yield Approached(
            confidence=min(0.9, _confidence(reading, reading.weight("approached"))),
            evidence=reading.evidence("approached"),
        )
    elif received >= ENOUGH and reading.sure("received") and reading.job >= 0.2 and not reading.answer:
        yield Acknowledged(confidence=_confidence(reading, received), evidence=reading.evidence("received"))


def _finished(reading: Reading) -> bool:
    words = reading.text[: reading.text.find("\n")].lower()
    return any(word in words for word in ("completed", "submitted", "thank you for completing", "results", "receipt"))


def _approach(reading: Reading) -> bool:
    """Tell whether a recruiter writes first: nothing is said of an application of the user."""
    if reading.answer or reading.known or reading.system is SystemKind.TRACKER:
        return False
    if reading.sure("received") or reading.sure("applied"):
        return False
    return reading.weight("approached") >= 0.75 and reading.job >= 0.3


def _simple(reading: Reading, kind: str, statement: type[Missed | Withdrew]) -> list[Statement]:
    if not reading.sure(kind) or reading.job < 0.2:
        return []
    return [statement(confidence=_confidence(reading, max(reading.weight(kind), 0.9)), evidence=reading.evidence(kind))]
