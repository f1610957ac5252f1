"""What one message says, as the object that `read --json` prints; fields are added, never renamed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

from daemon.archive import Stored, is_calendar
from daemon.report import JsonObject, day, evidence_of, instant, person
from parsers.extract import Reader, extract
from parsers.invite import read_calendar
from parsers.mail import read_mail
from parsers.model import (
    Away,
    Cancelled,
    EventStatus,
    Evidence,
    Facts,
    Invite,
    Invited,
    Mail,
    Moved,
    Promise,
    Promised,
    Scheduled,
    Session,
    Slot,
)


def read_stored(stored: Stored, reader: Reader, *, received_at: datetime | None = None) -> Facts:
    """Read a message, or a bare calendar file as if it had come in one. `received_at` overrides its arrival."""
    arrived = received_at or stored.arrived
    message = stored.message
    if not is_calendar(message):
        return extract(read_mail(message, received_at=arrived), reader)
    events = read_calendar(message, timezone=reader.timezone).events
    stamp = next((event.dtstamp for event in events if event.dtstamp), None)
    arrived = arrived or stamp or datetime(1970, 1, 1, tzinfo=UTC)
    return extract(Mail(message_id=None, received_at=arrived, calendars=(message,)), reader)


def reading(facts: Facts, path: str) -> JsonObject:
    """Say what one message says: the object of `read --json`."""
    promise = latest_promise(facts)
    away = next((s for s in facts.statements if isinstance(s, Away)), None)
    return {
        "path": path,
        "message_id": facts.message_id,
        "received_at": instant(facts.received_at),
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
        "returns_on": day(away.returns_on) if away else None,
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


def _session(session: Session) -> JsonObject:
    return {
        "start": instant(session.start),
        "end": instant(session.end),
        "timezone": session.timezone,
        "all_day": session.all_day,
        "status": session.status,
        "uid": session.uid,
        "sequence": session.sequence,
        "medium": session.medium,
        "location": session.location,
        "people": [person(somebody) for somebody in session.people],
    }


def _slot(slot: Slot) -> JsonObject:
    return {"start": instant(slot.start), "end": instant(slot.end)}


def _event(event: Invite) -> JsonObject:
    return {
        "method": event.method,
        "uid": event.uid,
        "sequence": event.sequence,
        "start": instant(event.start),
        "end": instant(event.end),
        "timezone": event.timezone,
        "all_day": event.all_day,
        "status": event.status,
        "organizer": event.organizer.address if event.organizer else None,
        "summary": event.summary,
    }


def _promise(promise: Promise) -> JsonObject:
    return {
        "by": day(promise.by),
        "from": day(promise.since),
        "passive_rejection": promise.passive_rejection,
        "permission": promise.permission,
        "text": promise.text,
    }


def _evidence(evidence: Evidence) -> JsonObject:
    return {"field": evidence.field, "text": evidence.text}
