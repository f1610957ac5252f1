"""What one message says, as the object that `read --json` prints; fields are added, never renamed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

from daemon.archive import Stored
from daemon.mailreader import MailReader, Unreadable, read_facts
from daemon.report import JsonObject, day, evidence_of, instant, person
from parsers.keys import message_key
from parsers.mail import read_header
from parsers.model import (
    Away,
    Cancelled,
    Direction,
    EventStatus,
    Evidence,
    Facts,
    Invite,
    Invited,
    Moved,
    Promise,
    Promised,
    Scheduled,
    Session,
    Slot,
)
from parsers.reader import Reader

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def read_stored(stored: Stored, reader: Reader, *, received_at: datetime | None = None) -> Facts:
    """Read a message, or a bare calendar file as if it had come in one. `received_at` overrides its arrival."""
    return read_facts(stored.message, received_at or stored.arrived, reader)


def read_apart(
    stored: Stored, reader: Reader, mail_reader: MailReader, *, received_at: datetime | None = None
) -> Facts:
    """As `read_stored`, by another; what cannot be read has the reason among its problems, and says nothing."""
    arrived = received_at or stored.arrived
    try:
        return mail_reader.facts(stored.message, arrived, reader)
    except Unreadable as error:
        header = read_header(stored.header, received_at=arrived or _LONG_AGO)
        return Facts(
            key=message_key(header),
            account=reader.account,
            direction=Direction.INBOUND,
            message_id=header.message_id,
            received_at=header.received_at,
            problems=(str(error),),
        )


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
