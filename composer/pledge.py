"""What a message promises, read for planning: the day that counts, by the recipient's calendar (policy.md 4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from composer.process import Process
from parsers.model import Facts, Held, Promise, Promised

_TOO_FAR = timedelta(days=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pledge:
    """When the employer said it would answer; `by` None where no day can be told."""

    by: date | None
    permission: bool = False
    silence_means_no: bool = False
    no_contact: bool = False
    doubt: str | None = None  # why a person should look at it instead


def pledge_of(process: Process, fact: Facts) -> Pledge | None:
    """Give what a message promises; of two promises in it, the later, a date before none."""
    told_on = fact.sent_at.date() if fact.sent_at else process.days.local_day(fact.received_at)
    pledges = [pledge for promise in _promises(process, fact) if (pledge := _read(process, promise, told_on))]
    return max(pledges, key=lambda pledge: (pledge.by is not None, pledge.by or date.min), default=None)


def _promises(process: Process, fact: Facts) -> Iterator[Promise]:
    for said in process.statements(fact):
        if isinstance(said, Promised):
            yield said.promise
        elif isinstance(said, Held) and said.until:
            yield Promise(by=said.until, text="on hold")  # a dated hold is a promise (H1)


def _read(process: Process, promise: Promise, told_on: date) -> Pledge | None:
    by = promise.by
    if promise.business_days is not None and promise.counted_from is not None:
        by = process.days.add(promise.counted_from, promise.business_days)
    if promise.passive_rejection or promise.no_contact:
        return Pledge(by=by, silence_means_no=promise.passive_rejection, no_contact=promise.no_contact)
    if by is None and promise.permission:
        return None  # an invitation to write, with no day to wait for
    doubt = None
    if by is None:
        doubt = "when they will answer could not be told from the words"
    elif by < told_on:
        doubt = f"the promised day, {by}, is past already"
    elif by > told_on + _TOO_FAR:
        doubt = f"the promised day, {by}, is more than 60 days away"
    return Pledge(by=by, permission=promise.permission, doubt=doubt)
