"""What nudges count from, and the end that comes where nobody writes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from composer.agenda import ClosedAs
from composer.stop import Stop


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """What the next nudge counts from (policy.md 3.8). `at` is in UTC, `day` the recipient's."""

    at: datetime
    day: date
    wait: int  # business days
    rule: str
    anchor: str
    reason: str
    evidence: tuple[str, ...]
    promised: date | None = None
    stop: Stop | None = None  # it is known already that nothing may come of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """An end that comes by itself if nobody writes."""

    at: datetime
    state: ClosedAs
    rule: str
    reason: str
