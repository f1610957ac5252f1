"""The answers to what the employer did: to a rejection (X1), an offer (O1), a cancellation (R1)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from composer.agenda import FollowUpKind
from composer.candidate import Candidate, make
from composer.process import Process, Session, address_of
from composer.recipient import People
from composer.stop import Stop
from composer.thank_you import is_moved
from composer.workdays import utc
from parsers.model import Direction, Facts, Offered, Rejected, SlotEnd


def replies(process: Process, people: People) -> tuple[Candidate, ...]:
    """Give every reply that a process asks for, whether it may be written or not."""
    return (*_rejections(process, people), *_offers(process, people), *_cancellations(process, people))


def _rejections(process: Process, people: People) -> Iterator[Candidate]:
    wishes, days = process.policy.rejection_reply, process.days
    for fact in _saying(process, Rejected) if wishes.enabled else ():
        received = utc(fact.received_at)
        visit = process.last_visit(received)
        if visit is None:
            continue  # X1: after at least one visit
        day = days.add(days.local_day(received), wishes.after)
        while days.at_user(day, wishes.at) <= received:  # the user's day is ahead of the recipient's
            day = days.add(day, 1)
        quiet = days.resumed(day)
        yield from _reply(
            process,
            people,
            fact,
            kind=FollowUpKind.REJECTION_REPLY,
            rule="X1" if quiet == day else "S18",
            reason=f"rejection received on {days.local_day(received)}, +{wishes.after} business day",
            day=quiet,
            due=days.at_user(quiet, wishes.at),
            stale_at=days.stale_at(quiet, wishes.stale_business_days - wishes.after),
            visit=visit.day,
        )


def _offers(process: Process, people: People) -> Iterator[Candidate]:
    wishes, days = process.policy.offer_ack, process.days
    for fact in _saying(process, Offered) if wishes.enabled else ():
        received = utc(fact.received_at)
        visit = process.last_visit(received)
        yield from _reply(
            process,
            people,
            fact,
            kind=FollowUpKind.OFFER_ACK,
            rule="O1",
            reason=f"offer received {days.shown(received):%H:%M}, +1 h",
            day=days.local_day(received),
            due=days.into_hours(received + wishes.after),
            stale_at=days.stale_at(days.local_day(received), wishes.stale_business_days),
            visit=visit.day if visit else None,
        )


def _cancellations(process: Process, people: People) -> Iterator[Candidate]:
    wishes, days = process.policy.after_cancellation, process.days
    answered: set[str] = set()
    for fact in process.facts if wishes.reply else ():
        cancelled = [session for session in process.ended_by.get(fact.key, ()) if _was_ahead(process, session)]
        writer = address_of(fact)
        if not cancelled or fact.direction is not Direction.INBOUND or writer is None:
            continue
        received = utc(fact.received_at)
        fresh = _next_time_fixed(process, received)
        if writer.address in answered:
            continue
        answered = set() if fresh else answered | {writer.address}
        stop = Stop(rule="S12", reason="a new time was fixed", since=fresh) if fresh else None
        yield from _reply(
            process,
            people,
            fact,
            kind=FollowUpKind.RESCHEDULE_OFFER,
            rule="R1",
            reason=f"cancellation received {days.shown(received):%H:%M}, +1 h",
            day=days.local_day(received),
            due=days.into_hours(received + wishes.reply_after),
            stale_at=days.stale_at(days.local_day(received), wishes.stale_business_days),
            interview=cancelled[-1].interview.id,
            visit=cancelled[-1].day,
            stop=stop,
        )


def _was_ahead(process: Process, session: Session) -> bool:
    """Whether a whole visit was called off before it began; of a panel that still meets, nothing is to be offered."""
    fixed = session.fixed
    if fixed.ended is not SlotEnd.CANCELLED or fixed.ended_at is None or utc(fixed.ended_at) > session.start:
        return False
    return all(visit.day != session.day for visit in process.visits) or is_moved(process, fixed.ended_at)


def _next_time_fixed(process: Process, after: datetime) -> datetime | None:
    fixed = (utc(s.fixed.fixed_at) for sessions in process.fixed_by.values() for s in sessions)
    return min((at for at in fixed if at >= after), default=None)


def _saying(process: Process, what: type[Rejected] | type[Offered]) -> Iterator[Facts]:
    for fact in process.facts:
        if fact.direction is Direction.INBOUND and any(isinstance(s, what) for s in process.statements(fact)):
            yield fact


def _reply(
    process: Process,
    people: People,
    fact: Facts,
    *,
    kind: FollowUpKind,
    rule: str,
    reason: str,
    day: date,
    due: datetime,
    stale_at: datetime,
    interview: str | None = None,
    visit: date | None = None,
    stop: Stop | None = None,
) -> Iterator[Candidate]:
    """Answer whoever wrote, if that is a person."""
    writer = address_of(fact)
    if writer is None:
        return
    hindrance = people.hindrance(writer.address, due)
    if hindrance is None and not fact.answerable and not (fact.events and not fact.automatic):
        hindrance = Stop(rule="S16", reason=f"{writer.address} is read by nobody")
    yield make(
        process,
        people,
        kind=kind,
        to=writer.address,
        anchor=fact.key,
        rule=rule,
        reason=reason,
        base=utc(fact.received_at),
        day=day,
        due=due,
        stale_at=stale_at,
        evidence=(fact.key,),
        interview=interview,
        visit=visit,
        stop=hindrance or stop,
    )
