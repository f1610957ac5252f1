"""A subject that the person put a wish in front of in, the wish and its instant out: "+now", "+3d", "+1w"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from composer.policy import Policy
from composer.workdays import at_wall

LONGEST = 365  # days

_PREFIX = re.compile(r"\s*\+(?:(?P<now>now)|(?P<number>\d{1,3})(?P<unit>[dw]))(?![\w+-])[\s:]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a subject begins with, and the subject without it. `days` is 0 where none are named."""

    at_once: bool = False
    days: int = 0
    subject: str


def read_wish(subject: str) -> Wish:
    """Read the beginning of a subject."""
    found = _PREFIX.match(subject)
    if found is None:
        return Wish(subject=subject)
    weeks = (found["unit"] or "").lower() == "w"
    days = int(found["number"] or 0) * (7 if weeks else 1)
    return Wish(at_once=found["now"] is not None, days=min(days, LONGEST), subject=subject[found.end() :])


def comes_back(wish: Wish, now: datetime, policy: Policy) -> datetime:
    """Give the instant at which a draft that is put off is back: when drafting hours begin on that day, else next.

    Days that the person named are meant, also in a vacation; "next" passes over vacations.
    """
    zone, start = ZoneInfo(policy.timezone), policy.drafting_hours.start
    local = now.astimezone(zone)
    if wish.days:
        return at_wall(local.date() + timedelta(days=wish.days), start, zone).astimezone(zone)
    day = local.date() if local.time() < start else local.date() + timedelta(days=1)
    while vacation := next((away for away in policy.vacations if away.start <= day <= away.end), None):
        day = vacation.end + timedelta(days=1)
    return at_wall(day, start, zone).astimezone(zone)
