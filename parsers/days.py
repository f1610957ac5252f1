"""Days as a sentence states them, and what they come to for a mail of a given day.

Two reckonings: the plain one takes words as a calendar does; a promise to answer is read by policy.md section 4.
Business days are Monday to Friday; whoever knows the recipient's holidays counts again from `workdays`.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, timedelta

FRIDAY = 4
_FAR_PAST = 210  # days: a date without a year whose next occurrence is further off is the one that has passed
_STALE = 31  # days back: of two readings of 3/4 the one that lies further back gives way to one ahead
_SOON = 120
_PIVOT = 30  # years ahead for which two digits stand

CONTRADICTS = "weekday contradicts date"
GUESSED = "day and month order guessed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """The mail's day in the sender's zone, and how its sender writes 3/4. `promise`: reckon by policy.md section 4."""

    today: date
    hour: int
    month_first: bool
    promise: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoned:
    """What a statement comes to. `first` is None for an open beginning ("by Friday")."""

    first: date | None
    last: date
    workdays: int | None = None
    alternatives: tuple[date, ...] = ()
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day: by the calendar, by weekday, or by its distance from the mail's day; absent parts are None."""

    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    weeks: int | None = None  # of the weekday: 0 this, 1 next, -1 last, None the one ahead
    beyond: int = 0  # whole weeks added to the weekday ahead: "Friday week"
    shift: int | None = None  # days from the mail's day
    months: int = 0  # "the 5th of next month"
    swappable: bool = False  # 3/4: day and month as month_first has them may be the other way round
    after: bool = False  # the weekday just passed ("met on Tuesday")
    plus: int = 0  # days added: "2 days after next Friday"
    week_of: Day | None = None  # the weekday of that week ("the week of December 7: Tuesday")

    @property
    def partial(self) -> bool:
        """Whether only the number in its month is known ("the 9th")."""
        return self.day is not None and self.month is None and self.shift is None

    def reckon(self, reference: Reference) -> Reckoned | None:
        """Return the day; None if there is no such day."""
        if self.plus:
            base = replace(self, plus=0).reckon(reference)
            later = base and shifted(base.last, self.plus)
            return Reckoned(first=later, last=later) if later else None
        if self.shift is not None:
            day = shifted(reference.today, self.shift)
            if day and reference.promise and 0 <= self.shift <= 1 and day.weekday() > FRIDAY:
                day += timedelta(days=7 - day.weekday())  # a Saturday or Sunday becomes Monday
            return Reckoned(first=day, last=day) if day else None
        if self.day is not None:
            return self._by_calendar(reference)
        if self.weekday is None:
            return None
        if self.week_of is not None:
            within = self.week_of.reckon(reference)
            return within and _one((within.last + timedelta(days=self.weekday - within.last.weekday()), ()))
        return _one(self._by_weekday(reference.today))

    def _by_weekday(self, today: date) -> tuple[date, tuple[date, ...]]:
        weekday = self.weekday or 0
        monday = today - timedelta(days=today.weekday())
        if self.after:
            return today - timedelta(days=(today.weekday() - weekday) % 7), ()
        if self.weeks is not None and self.weeks < 0:
            return today - timedelta(days=(today.weekday() - weekday - 1) % 7 + 1), ()
        if self.weeks:
            # "next Thursday" is next week's; some mean the one ahead.
            ahead = today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
            day = monday + timedelta(days=7 * self.weeks + weekday)
            return day, (ahead,) if ahead != day and self.weeks == 1 else ()
        ahead = today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
        if self.weeks == 0:  # "this Friday" may be the mail's own day
            return today + timedelta(days=(weekday - today.weekday()) % 7), ()
        day = ahead + timedelta(days=7 * self.beyond)
        return day, (today,) if today.weekday() == weekday and not self.beyond else ()

    def _by_calendar(self, reference: Reference) -> Reckoned | None:
        readings = [(self.month, self.day or 0)]
        if self.swappable and self.month is not None and self.day is not None and self.day <= 12:
            readings.append((self.day, self.month))
        found = [day for month, number in readings if (day := self._dated(month, number, reference))]
        if not found:
            return None
        best, *others = self._preferred(found, reference)
        flags: tuple[str, ...] = ()
        if self.weekday is not None and best.weekday() != self.weekday:
            flags = (CONTRADICTS,)
            near = best + timedelta(days=(self.weekday - best.weekday() + 3) % 7 - 3)
            others = [near, *others]
        elif others and self.weekday is None:
            flags = (GUESSED,)
        return Reckoned(first=best, last=best, alternatives=tuple(others), flags=flags)

    def _preferred(self, found: list[date], reference: Reference) -> list[date]:
        if len(found) == 1 or found[0] == found[1]:
            return found[:1]
        first, second = found
        if self.weekday is not None and (second.weekday() == self.weekday) != (first.weekday() == self.weekday):
            return [second] if second.weekday() == self.weekday else [first]
        ages = [(day - reference.today).days for day in found]
        if ages[0] < -_STALE and 0 <= ages[1] <= _SOON:
            return [second, first]
        return found

    def _dated(self, month: int | None, number: int, reference: Reference) -> date | None:
        today = reference.today
        if month is None:
            return self._numbered(number, today)
        if self.year is not None:
            return existing_date(self.year, month, number)
        candidates = [
            day for year in range(today.year - 1, today.year + 9) if (day := existing_date(year, month, number))
        ]
        ahead = next((day for day in candidates if day >= today), None)
        if ahead is None:
            return None
        before = max((day for day in candidates if day < today), default=None)
        if not reference.promise and before and (ahead - today).days > _FAR_PAST:
            ahead, before = before, ahead
        if self.weekday is not None and ahead.weekday() != self.weekday:
            return (
                before if before and before.weekday() == self.weekday and abs((before - today).days) < _STALE else ahead
            )
        return ahead

    def _numbered(self, number: int, today: date) -> date | None:
        year, month = month_after(today.year, today.month, self.months)
        candidates = []
        for later in range(12):
            day = existing_date(*month_after(year, month, later), number)
            if day and (day >= today or self.months):
                candidates.append(day)
        if self.weekday is not None:
            fitting = next((day for day in candidates[:3] if day.weekday() == self.weekday), None)
            if fitting:
                return fitting
        return candidates[0] if candidates else None


def add_workdays(day: date, count: int) -> date | None:
    """Return the day `count` business days (Monday to Friday) after `day`; None beyond the calendar's end."""
    weeks, rest = divmod(count, 5)
    start = day if day.weekday() <= FRIDAY else day - timedelta(days=day.weekday() - FRIDAY)
    days = 7 * weeks + rest + (2 if start.weekday() + rest > FRIDAY else 0)
    return shifted(start, days)


def full_year(number: int, today: date) -> int:
    """Return the year that two or four digits stand for."""
    if number > 99:
        return number
    century = today.year - today.year % 100
    return century + number - (100 if century + number > today.year + _PIVOT else 0)


def _one(found: tuple[date, tuple[date, ...]]) -> Reckoned:
    return Reckoned(first=found[0], last=found[0], alternatives=found[1])


def existing_date(year: int, month: int, day: int) -> date | None:
    """Return the date; None if there is none such."""
    return (
        date(year, month, day)
        if 1 < year < 9999 and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]
        else None
    )


def month_after(year: int, month: int, count: int) -> tuple[int, int]:
    """Return the year and month `count` months later."""
    years, index = divmod(month - 1 + count, 12)
    return year + years, index + 1


def shifted(day: date, count: int) -> date | None:
    """Return the day `count` days later; None beyond the calendar's ends."""
    return day + timedelta(days=count) if abs(count) < 40_000 and 200 < day.year < 9800 else None
