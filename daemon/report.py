"""Facts, decisions and plans as the JSON objects of the command line's interface; fields are added, never renamed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from composer.agenda import Agenda, Closing, FollowUp, Postponement, Review, Suppression
from daemon.decision import Action, Decision
from parsers.model import (
    Address,
    Away,
    Cancelled,
    EventStatus,
    Evidence,
    Facts,
    Interview,
    Invite,
    Invited,
    Moved,
    Person,
    Promise,
    Promised,
    Scheduled,
    Session,
    Slot,
    Timeline,
)

JsonObject = dict[str, Any]


def to_line(document: JsonObject) -> str:
    """Give one JSON Lines line, without its line feed."""
    return json.dumps(document, ensure_ascii=False)


def _instant(instant: datetime | None) -> str | None:
    return instant.isoformat(timespec="seconds") if instant else None


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


# ------------------------------------------------------------------------------------------------------------- read


def reading(facts: Facts, path: str) -> JsonObject:
    """Say what one message says: the object of `read --json`."""
    promise = latest_promise(facts)
    away = next((s for s in facts.statements if isinstance(s, Away)), None)
    return {
        "path": path,
        "message_id": facts.message_id,
        "received_at": _instant(facts.received_at),
        "kind": facts.kind,
        "confidence": round(facts.confidence, 2),
        "language": facts.language,
        "trust": facts.trust,
        "company": facts.company,
        "role": facts.role,
        "round": facts.round,
        "interviews": [_session(session) for session in sessions(facts)],
        "options": [_slot(slot) for slot in options(facts)],
        "events": [_event(event) for event in facts.events],
        "promise": _promise(promise) if promise else None,
        "returns_on": _day(away.returns_on) if away else None,
        "evidence": [_evidence(evidence) for evidence in evidence_of(facts)],
        "problems": list(facts.problems),
    }


def latest_promise(facts: Facts) -> Promise | None:
    """Give the promise that counts of those in one message: the later date, a date before none (policy.md 4)."""
    promises = [statement.promise for statement in facts.statements if isinstance(statement, Promised)]
    return max(promises, key=lambda promise: promise.by or date.min, default=None)


def sessions(facts: Facts) -> Iterator[Session]:
    """Give every interview that a message speaks of, cancelled ones included."""
    for statement in facts.statements:
        match statement:
            case Scheduled() | Moved():
                yield from statement.sessions
            case Cancelled():
                yield from _cancelled(facts, statement)
            case _:
                pass


def _cancelled(facts: Facts, statement: Cancelled) -> Iterator[Session]:
    for event in facts.events:
        if event.start and event.uid == statement.uid:
            yield Session(
                start=event.start,
                end=event.end,
                timezone=event.timezone,
                all_day=event.all_day,
                status=EventStatus.CANCELLED,
                uid=event.uid,
                sequence=event.sequence,
                location=event.location or None,
            )
            return
    if statement.start:
        yield Session(start=statement.start, status=EventStatus.CANCELLED, uid=statement.uid)


def options(facts: Facts) -> Iterator[Slot]:
    """Give every slot that a message offers."""
    for statement in facts.statements:
        if isinstance(statement, Invited | Moved):
            yield from statement.options


def evidence_of(facts: Facts) -> Iterator[Evidence]:
    """Give every quoted piece of evidence, each once."""
    seen: set[tuple[str, str]] = set()
    for statement in facts.statements:
        for evidence in statement.evidence:
            if (evidence.field, evidence.text) not in seen:
                seen.add((evidence.field, evidence.text))
                yield evidence


def _session(session: Session) -> JsonObject:
    return {
        "start": _instant(session.start),
        "end": _instant(session.end),
        "timezone": session.timezone,
        "all_day": session.all_day,
        "status": session.status,
        "uid": session.uid,
        "sequence": session.sequence,
        "medium": session.medium,
        "location": session.location,
        "people": [_person(person) for person in session.people],
    }


def _person(person: Person) -> JsonObject:
    return {"name": person.name, "address": person.address, "part": person.part}


def _slot(slot: Slot) -> JsonObject:
    return {"start": _instant(slot.start), "end": _instant(slot.end)}


def _event(event: Invite) -> JsonObject:
    return {
        "method": event.method,
        "uid": event.uid,
        "sequence": event.sequence,
        "start": _instant(event.start),
        "end": _instant(event.end),
        "timezone": event.timezone,
        "all_day": event.all_day,
        "status": event.status,
        "organizer": event.organizer.address if event.organizer else None,
        "summary": event.summary,
    }


def _promise(promise: Promise) -> JsonObject:
    return {
        "by": _day(promise.by),
        "from": _day(promise.since),
        "passive_rejection": promise.passive_rejection,
        "permission": promise.permission,
        "text": promise.text,
    }


def _evidence(evidence: Evidence) -> JsonObject:
    return {"field": evidence.field, "text": evidence.text}


# ----------------------------------------------------------------------------------------------------------- replay


def decided(decision: Decision) -> JsonObject:
    """Say one decision: the object of `replay --json`."""
    document: JsonObject = {
        "at": _instant(decision.at),
        "action": decision.action,
        "kind": decision.kind,
        "rule": decision.rule,
        "reason": decision.reason,
        "to": decision.to,
        "subject": decision.subject,
        "thread": decision.thread,
        "due": _instant(decision.due),
        "stale_at": _instant(decision.stale_at),
        "company": decision.company,
        "role": decision.role,
        "interview": decision.interview,
        "id": decision.id,
        "account": decision.account,
    }
    if decision.action is Action.CLOSE:
        document["state"] = decision.state
    return document


# ----------------------------------------------------------------------------------------------------- scan, status


def planned(agenda: Agenda) -> Iterator[JsonObject]:
    """Say all of an agenda, one object an entry, each with a `what`."""
    for followup in (*agenda.due, *agenda.planned):
        yield {"what": "planned", **_followup(followup)}
    for suppression in agenda.suppressed:
        yield {"what": "held_back", **_suppression(suppression)}
    for postponement in agenda.postponed:
        yield {"what": "postponed", **_postponement(postponement)}
    for closing in agenda.closed:
        yield {"what": "closed", **_closing(closing)}
    for review in agenda.review:
        yield {"what": "review", **_review(review)}


def _followup(followup: FollowUp) -> JsonObject:
    return {
        "id": followup.id,
        "kind": followup.kind,
        "rule": followup.rule,
        "reason": followup.reason,
        "to": followup.to.address,
        "due": _instant(followup.due),
        "stale_at": _instant(followup.stale_at),
        "company": followup.company,
        "role": followup.role,
        "interview": followup.interview,
        "application": followup.application,
        "account": followup.account,
        "thread": "reply" if followup.answers else "new",
    }


def _suppression(suppression: Suppression) -> JsonObject:
    return {
        "id": suppression.id,
        "kind": suppression.kind,
        "rule": suppression.rule,
        "reason": suppression.reason,
        "to": suppression.to,
        "at": _instant(suppression.at),
        "company": suppression.company,
        "role": suppression.role,
        "interview": suppression.interview,
        "application": suppression.application,
        "account": suppression.account,
    }


def _postponement(postponement: Postponement) -> JsonObject:
    return _followup(postponement.followup) | {
        "rule": postponement.rule,
        "reason": postponement.reason,
        "at": _instant(postponement.at),
    }


def _closing(closing: Closing) -> JsonObject:
    return {
        "application": closing.application,
        "account": closing.account,
        "company": closing.company,
        "role": closing.role,
        "state": closing.state,
        "rule": closing.rule,
        "reason": closing.reason,
        "at": _instant(closing.at),
    }


def _review(review: Review) -> JsonObject:
    return {
        "application": review.application,
        "account": review.account,
        "reason": review.reason,
        "message": review.message,
    }


def interviews(timelines: tuple[Timeline, ...]) -> Iterator[JsonObject]:
    """Say every interview of every application, in order of start."""
    pairs = [(timeline, interview) for timeline in timelines for interview in timeline.interviews]
    for timeline, interview in sorted(pairs, key=lambda pair: pair[1].current.start):
        yield {"what": "interview", **_interview(timeline, interview)}


def _interview(timeline: Timeline, interview: Interview) -> JsonObject:
    current = interview.current
    return {
        "interview": interview.id,
        "start": _instant(current.start),
        "end": _instant(current.end),
        "timezone": current.timezone,
        "all_day": current.all_day,
        "status": current.ended or EventStatus.CONFIRMED,
        "confidence": round(interview.confidence, 2),
        "medium": interview.medium,
        "location": interview.location,
        "people": [_person(person) for person in interview.people],
        "company": timeline.company,
        "role": timeline.role,
        "application": timeline.id,
        "account": timeline.account,
    }


def addressed(address: Address) -> str:
    """Give an address for people to read."""
    return f"{address.name} <{address.address}>" if address.name else address.address
