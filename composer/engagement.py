"""When the user is busy by their own calendar: all that one mailbox says in, hours out (S24).

What others call counts once the user's calendar has accepted it; an interview is left to its application, where later
mail may move it without the calendar.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from composer.workdays import utc
from parsers.model import ASSUMED_LENGTH, Cancelled, Direction, EventStatus, Facts, Invite, Moved, Scheduled

Hours = tuple[datetime, datetime]
_STATES = frozenset({"REQUEST", "PUBLISH", "CANCEL", None})  # what says how an event stands; the others ask or answer


def engagements(facts: Iterable[Facts]) -> tuple[Hours, ...]:
    """Give the start and the end, in UTC, of all that the user sent or accepted; `facts` are of one account."""
    return tuple(sorted(set(_hours(facts))))


def _hours(facts: Iterable[Facts]) -> Iterator[Hours]:
    latest: dict[str, Invite] = {}
    agreed: dict[str, bool] = {}
    interviews: set[str] = set()
    for fact in sorted((fact for fact in facts if fact.events), key=lambda fact: (fact.received_at, fact.key)):
        own = fact.direction is Direction.OWN
        if not own and any(isinstance(said, Scheduled | Moved | Cancelled) for said in fact.statements):
            interviews.update(event.uid for event in fact.events if event.uid)
        for event in fact.events:
            uid = event.uid or fact.key
            if event.method == "REPLY" and own:
                agreed[uid] = any(attendee.partstat == "ACCEPTED" for attendee in event.attendees)
                latest.setdefault(uid, event)  # a private invitation is not kept; its answer repeats the hours
            elif event.method in _STATES:
                if uid not in latest or latest[uid].sequence <= event.sequence:
                    latest[uid] = event
                agreed[uid] = own or agreed.get(uid, False)
    for uid, event in latest.items():
        off = event.method == "CANCEL" or event.status is EventStatus.CANCELLED
        mine = agreed[uid] and uid not in interviews
        if mine and event.start and not (off or event.all_day or event.transparent):
            yield utc(event.start), utc(event.end or event.start + ASSUMED_LENGTH[None])
