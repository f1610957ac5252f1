"""A reason not to write, and which of several reasons counts (policy.md section 7)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

# The order of section 7, written once: the first rule that fires is the one that is recorded.
ORDER = tuple("S1 S15 S16 S17 S21 S22 S10 S19 S7 S11 S12 S14 S2 S3 S6 S20 S4 S5 S8 S9 S13 S25 S18 S23 S24".split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A suppression rule that fired, why, and since when; `since` None: from the beginning."""

    rule: str
    reason: str
    since: datetime | None = None


def first(stops: Iterable[Stop | None]) -> Stop | None:
    """Give the stop whose rule comes first in the order of section 7."""
    return min((stop for stop in stops if stop), key=lambda stop: ORDER.index(stop.rule), default=None)
