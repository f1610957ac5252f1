"""What is stored of applications that ended long ago is erased; what is left keeps them from coming back."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from composer.agenda import Agenda
from daemon.ledger import Ledger
from daemon.subjects import find_subject
from parsers.model import Timeline

_log = logging.getLogger("tactful.retention")


def outdated(agenda: Agenda, timelines: Sequence[Timeline], kept: timedelta, now: datetime) -> Iterator[Timeline]:
    """Give the applications of which nothing was heard for longer than `kept`, and for which nothing is planned."""
    open_still = {entry.application for entry in (*agenda.due, *agenda.planned)}
    open_still |= {entry.followup.application for entry in agenda.withdrawals}
    for timeline in timelines:
        heard = [fact.received_at for fact in timeline.facts]
        heard += [time.start for interview in timeline.interviews for time in interview.times]
        if timeline.id in open_still or max(heard, default=now) >= now - kept:
            continue
        keys = {fact.key for fact in timeline.facts}
        others = (fact for other in timelines if other.id != timeline.id for fact in other.facts)
        # What another application's mail refers to is needed for that one.
        if not any(keys.intersection((fact.key, *fact.thread)) for fact in others):
            yield timeline


def forget_outdated(
    ledger: Ledger, agenda: Agenda, timelines: Sequence[Timeline], kept: timedelta, now: datetime
) -> int:
    """Erase what is stored of them; say how many there were. Whoever holds timelines must make them anew.

    Nothing is erased by a clock that shows another week than the last time: it may be wrong. Raises LedgerUnavailable.
    """
    health = ledger.health()
    if health is None or abs(now - datetime.fromisoformat(health["at"])) > timedelta(days=7):
        return 0
    old = list(outdated(agenda, timelines, kept, now))
    for timeline in old:
        subject = find_subject(timeline.id, [timeline], agenda, ())
        # By its ids alone: another application for the same post may be under way.
        ledger.forget(replace(subject, posts=frozenset()))
    if old:
        _log.info("%d application(s) that ended long ago were forgotten", len(old))
    return len(old)
