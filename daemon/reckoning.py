"""Shows how an instant came about: the days that were counted and skipped, the wall times here and there (policy.md 3).

A follow-up, the zone of its application and the policy in, sentences for the person out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from composer.agenda import NUDGES, FollowUp
from composer.policy import Policy
from composer.workdays import Workdays, country_of_zone
from parsers.model import Timeline

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoning:
    """How a day was counted, for a program; `skipped` gives each day that did not count, with its reason."""

    timezone: str
    country: str | None
    counted_from: date | None
    business_days: int | None
    skipped: tuple[tuple[date, str], ...]
    sentences: tuple[str, ...]


def reckon(followup: FollowUp, timeline: Timeline, policy: Policy) -> Reckoning:
    """Count again what the plan has counted, and say it."""
    days = Workdays(policy, timeline.timezone)
    country = country_of_zone(days.recipient.key)
    end = _counted_to(followup, days)
    skipped = tuple(_skipped(followup.counted_from, end, days)) if followup.counted_from and end else ()
    return Reckoning(
        timezone=days.recipient.key,
        country=country,
        counted_from=followup.counted_from,
        business_days=followup.business_days,
        skipped=skipped,
        sentences=tuple(_sentences(followup, timeline, days, policy, end, skipped)),
    )


def _counted_to(followup: FollowUp, days: Workdays) -> date | None:
    if followup.counted_from is None or followup.business_days is None:
        return None
    return days.add(followup.counted_from, followup.business_days)


def _skipped(start: date, end: date, days: Workdays) -> Iterator[tuple[date, str]]:
    day = start + _ONE_DAY
    while day < end:
        if not days.is_business_day(day):
            yield day, "weekend" if day.isoweekday() > 5 else "holiday"
        day += _ONE_DAY


def _sentences(
    followup: FollowUp,
    timeline: Timeline,
    days: Workdays,
    policy: Policy,
    end: date | None,
    skipped: tuple[tuple[date, str], ...],
) -> Iterator[str]:
    if followup.counted_from and end:
        yield from _counting(followup.counted_from, end, followup.business_days or 0, days, skipped, timeline)
        quiet = days.resumed(days.preferred(end))
        if quiet != days.preferred(end):
            yield f"{spoken_day(end)} lies in a quiet period; after it comes {spoken_day(quiet)}."
        if days.local_day(followup.due) > quiet:
            yield f"From there it was put off to {spoken_day(days.local_day(followup.due))}: {followup.reason}."
    yield from _wall_time(followup, days, policy)


def _counting(
    start: date, end: date, number: int, days: Workdays, skipped: tuple[tuple[date, str], ...], timeline: Timeline
) -> Iterator[str]:
    where = days.recipient.key + ("" if timeline.timezone else ", your own zone, since they name none")
    plural = "" if number == 1 else "s"
    yield (f"{number} business day{plural} after {spoken_day(start)} is {spoken_day(end)}, by the calendar of {where}.")
    holidays = [day for day, why in skipped if why == "holiday"]
    weekends = [day for day, why in skipped if why == "weekend"]
    if weekends:
        yield f"Weekend{'s' if len(weekends) > 2 else ''} skipped: {_listed(weekends)}."
    if holidays:
        yield f"Holiday{'s' if len(holidays) > 1 else ''} skipped: {_listed(holidays)}."


def _wall_time(followup: FollowUp, days: Workdays, policy: Policy) -> Iterator[str]:
    here = days.shown(followup.due)
    there = followup.due.astimezone(days.recipient)
    hours = policy.drafting_hours
    if there.utcoffset() == here.utcoffset():
        yield f"It lands on {spoken_day(here.date())} at {here:%H:%M}."
    else:
        at = f"{here:%H:%M} for you, which is {there:%a %H:%M} in {days.recipient.key}"
        yield f"It lands on {spoken_day(here.date())} at {at}."
    wanted = policy.check_in.at
    if followup.kind in NUDGES and there.time() != wanted and here.time() in {hours.start, hours.end}:
        yield f"{wanted:%H:%M} there lies outside your drafting hours, {hours.start:%H:%M} to {hours.end:%H:%M}."


def spoken_day(day: date) -> str:
    """Give a day as people write it."""
    return f"{day:%a} {day.day} {day:%b %Y}"


def _listed(days: list[date]) -> str:
    """Name days, those that follow each other as a span."""
    runs: list[list[date]] = [[days[0]]]
    for before, day in pairwise(days):
        if day - before == _ONE_DAY:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ", ".join(
        spoken_day(run[0]) if len(run) == 1 else f"{spoken_day(run[0])} to {spoken_day(run[-1])}" for run in runs
    )
