"""Decides what a message says, strongest first: a Reading in, statements with confidence and evidence out.

Order: rejection, offer, cancellation, reschedule, interview confirmed, invitation,
assessment, hold, application received, outreach. A rejection may cancel a talk as well; else what is said of a talk
leaves no room for a word about the process.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from parsers.model import (
    Acknowledged,
    Approached,
    Assessed,
    Cancelled,
    Grain,
    Held,
    Invited,
    Offered,
    Rejected,
    Scheduled,
    Statement,
    Withdrew,
)
from parsers.reading import ENOUGH, SAID_TWICE, UNSURE, Reading
from parsers.senders import SystemKind
from parsers.sessions import Use
from parsers.talks import weigh_talk
from parsers.wordbook import Strength

_FEW_LINES: Final = 1000  # characters
_GUESS: Final = 0.6
_GUESSES: Final[dict[str, type[Rejected | Offered | Acknowledged | Approached]]] = {
    "rejected": Rejected,
    "offered": Offered,
    "received": Acknowledged,
    "approached": Approached,
}


def weigh(reading: Reading, *, has_event: bool) -> tuple[Statement, ...]:
    """Give the statements of an inbound message's text; `has_event`: its calendar object states the time."""
    statements: list[Statement] = []
    if reading.sure("withdrew") and reading.job >= 0.2:
        confidence = reading.confidence(max(reading.weight("withdrew"), 0.9))
        return (Withdrew(confidence=confidence, evidence=reading.evidence("withdrew")),)
    if reading.of_a_candidate():
        return ()
    rejected = _rejected(reading)
    statements += rejected
    if not rejected and (offered := _offered(reading)):
        return tuple(offered)
    talk = weigh_talk(reading, has_event=has_event)
    if rejected:
        talk = [statement for statement in talk if isinstance(statement, Cancelled)]
    elif _sets_a_task(reading) and all(_is_open(statement) for statement in talk):
        talk = []
    statements += talk
    if rejected or talk:
        return tuple(statements)
    return tuple(_about_the_process(reading)) or _guessed(reading)


def _guessed(reading: Reading) -> tuple[Statement, ...]:
    """Read a person's few lines that say one thing twice and never name the job: never sure."""
    if len(reading.text) > _FEW_LINES or reading.system is not None:
        return ()
    weights = {kind: reading.weight(kind) for kind in _GUESSES}
    kind = max(weights, key=lambda kind: weights[kind])
    if weights[kind] < SAID_TWICE or sum(weight >= ENOUGH for weight in weights.values()) > 1:
        return ()
    return (_GUESSES[kind](confidence=_GUESS, evidence=reading.evidence(kind)),)


def _rejected(reading: Reading) -> list[Statement]:
    weight = reading.weight("rejected")
    decisive = any(hit.strength >= Strength.LIKELY for hit in reading.of("rejected"))
    if weight < ENOUGH or not decisive or (reading.job < 0.3 and not reading.sure("rejected")):
        return []
    if reading.pauses():
        return []
    return [Rejected(confidence=reading.confidence(weight, refusal=True), evidence=reading.evidence("rejected"))]


def _offered(reading: Reading) -> list[Statement]:
    weight = reading.weight("offered")
    if weight < ENOUGH or not reading.sure("offered") or reading.job < 0.3:
        return []
    decide_by = next((one.moment for one in reading.spoken if one.use is Use.DEADLINE), None)
    by = (decide_by.end or decide_by.start) if decide_by else None
    return [
        Offered(
            confidence=reading.confidence(weight),
            evidence=reading.evidence("offered"),
            decide_by=by.date() if by else None,
        )
    ]


def _about_the_process(reading: Reading) -> Iterator[Statement]:
    if reading.sure("survey"):
        return
    structure = reading.system in {SystemKind.TEST, SystemKind.RECORDED}
    assessed = reading.weight("assessed")
    if (structure and not _finished(reading)) or (
        assessed >= ENOUGH and reading.stated("assessed") and reading.job >= 0.2
    ):
        due = next(
            (one.moment for one in reading.spoken if one.use is Use.DEADLINE or one.moment.grain is Grain.WINDOW), None
        )
        by = (due.end or due.start) if due else None
        confidence = reading.confidence(0.9) if structure else reading.certainty("assessed", assessed)
        yield Assessed(confidence=confidence, evidence=reading.evidence("assessed"), due=by.date() if by else None)
        return
    held = reading.weight("held")
    if held >= ENOUGH and reading.sure("held") and reading.job >= 0.2:
        until = next((one.moment for one in reading.spoken if one.moment.grain is not Grain.MINUTE), None)
        day = (until.end or until.start) if until else None
        yield Held(
            confidence=reading.confidence(held),
            evidence=reading.evidence("held"),
            until=day.date() if day else None,
        )
        return
    received = 0.0 if reading.sure("info_request") else reading.weight("received")
    if reading.approaches():
        yield Approached(
            confidence=min(0.9, reading.confidence(reading.weight("approached"))),
            evidence=reading.evidence("approached"),
        )
    elif received >= ENOUGH and reading.stated("received") and reading.job >= 0.2 and not reading.answer:
        yield Acknowledged(confidence=reading.certainty("received", received), evidence=reading.evidence("received"))


def _sets_a_task(reading: Reading) -> bool:
    """Tell whether something is to be done by a day: a talk is fixed or offered at one."""
    due = any(one.use is Use.DEADLINE or one.moment.grain is Grain.WINDOW for one in reading.spoken)
    return due and reading.stated("assessed")


def _is_open(statement: Statement) -> bool:
    """Tell whether a talk has neither a time nor a choice of times."""
    if isinstance(statement, Scheduled):
        return statement.confidence <= UNSURE
    return isinstance(statement, Invited) and not statement.options and statement.scheduling_link is None


def _finished(reading: Reading) -> bool:
    words = reading.text[: reading.text.find("\n")].lower()
    return any(word in words for word in ("completed", "submitted", "thank you for completing", "results", "receipt"))
