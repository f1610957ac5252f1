"""Days and windows as a sentence states them, and what they come to for a mail of a given day.

Two reckonings: the plain one takes words as a calendar does ("in 3-4 days" ends on the fourth day); a promise to
answer is read by policy.md section 4 (four business days). Business days are Monday to Friday; whoever knows the
recipient's holidays counts again from `workdays`.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, timedelta

_FRIDAY = 4
_NOON = 12
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
            later = base and _shifted(base.last, self.plus)
            return Reckoned(first=later, last=later) if later else None
        if self.shift is not None:
            day = _shifted(reference.today, self.shift)
            if day and reference.promise and 0 <= self.shift <= 1 and day.weekday() > _FRIDAY:
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
            return _date(self.year, month, number)
        candidates = [day for year in range(today.year - 1, today.year + 9) if (day := _date(year, month, number))]
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
        year, month = _month_after(today.year, today.month, self.months)
        candidates = []
        for later in range(12):
            day = _date(*_month_after(year, month, later), number)
            if day and (day >= today or self.months):
                candidates.append(day)
        if self.weekday is not None:
            fitting = next((day for day in candidates[:3] if day.weekday() == self.weekday), None)
            if fitting:
                return fitting
        return candidates[0] if candidates else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Until:
    """Up to and including a day: "by Friday"."""

    day: Day

    def reckon(self, reference: Reference) -> Reckoned | None:
        """Return the window that ends with the day."""
        day = self.day.reckon(reference)
        return day and Reckoned(first=None, last=day.last, alternatives=day.alternatives, flags=day.flags)


@dataclass(frozen=True, slots=True, kw_only=True)
class Between:
    """From one day to another: "between December 9 and 13"."""

    begin: Day
    end: Day

    def reckon(self, reference: Reference) -> Reckoned | None:
        """Return the window; the later day is the first of its name after the earlier one."""
        first, last = self.begin.reckon(reference), self.end.reckon(reference)
        if not first or not last:
            return None
        end = last.last
        if self.begin.year is None and self.end.year is not None and first.last > end:
            first = Reckoned(first=None, last=_date(end.year, first.last.month, first.last.day) or first.last)
        if end < first.last and self.end.weekday is not None and self.end.day is None:
            end += timedelta(days=7)
        if end < first.last and self.end.year is None:
            end = _date(end.year + 1, end.month, end.day) or end
        if end < first.last:
            return None
        return Reckoned(first=first.last, last=end, flags=first.flags + last.flags)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """A length of time from the mail on: "within 5-7 business days"; `low` equals `high` for one number."""

    low: int
    high: int
    unit: str  # minute, hour, day, workday, week, fortnight, month, year
    fuzzy: bool = False  # "a few", "a couple of"
    exact: bool = False  # "in 2 hours", not "within"

    @property
    def short(self) -> timedelta | None:
        """The exact number of minutes or hours within a day, if that is what is stated."""
        minutes = self.high * {"minute": 1, "hour": 60}.get(self.unit, 0)
        return timedelta(minutes=minutes) if self.exact and self.low == self.high and 0 < minutes < 24 * 60 else None

    def reckon(self, reference: Reference) -> Reckoned | None:
        """Return the window by the plain or the promise's reckoning."""
        last, workdays = self._end(self.high, reference)
        if last is None:
            return None
        first = self._end(self.low, reference)[0] if self.low != self.high else None
        if self.exact and first is None:
            first = last
        return Reckoned(first=first, last=last, workdays=workdays)

    def _end(self, count: int, reference: Reference) -> tuple[date | None, int | None]:
        today = reference.today
        workdays = self._workdays(count, reference.promise)
        if workdays is not None:
            return add_workdays(today, workdays), workdays
        match self.unit:
            case "minute":
                return _shifted(today, -(-count // (24 * 60))), None
            case "hour":
                return _shifted(today, -(-count // 24)), None
            case "day":
                return _shifted(today, count), None
            case "week" | "fortnight":
                return _shifted(today, count * (7 if self.unit == "week" else 14)), None
            case "month":
                return _months_on(today, count), None
            case _:
                return _months_on(today, 12 * count), None

    def _workdays(self, count: int, promise: bool) -> int | None:
        """Return the number of business days that are meant; None where calendar days are."""
        if self.unit == "workday":
            return count
        if not promise:
            return None
        if self.unit == "hour":
            return -(-count // 24)
        if self.unit != "day":
            return None
        if self.fuzzy:
            return 3 if count == 2 else 5  # a couple of, a few
        return count if count <= 5 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """A week or a part of one: "early next week", "the end of the week", "w/c 21 July"."""

    weeks: int = 0
    part: str | None = None  # early, mid, late, end
    of: Day | None = None  # a day in it
    by: bool = False
    weekend: bool = False

    def reckon(self, reference: Reference) -> Reckoned | None:
        """Return Monday to Friday, or the part of it."""
        today = reference.today
        if self.of:
            day = self.of.reckon(reference)
            if day is None:
                return None
            today = day.last
        monday = today - timedelta(days=today.weekday())
        late_friday = today.weekday() == _FRIDAY and reference.hour >= _NOON
        if self.weeks == 0 and not self.of and (today.weekday() > _FRIDAY or late_friday) and not self.weekend:
            monday += timedelta(days=7)  # said when the week is over: the next one
        monday += timedelta(days=7 * self.weeks)
        if self.weekend:
            last = 7 if reference.promise else 6
            return Reckoned(first=monday + timedelta(days=5), last=monday + timedelta(days=last))
        first, last = {"early": (0, 1), "mid": (1, 2), "late": (3, 4), "end": (3, 4)}.get(self.part or "", (0, 4))
        if not self.of and self.weeks == 0 and monday + timedelta(days=last) < today:
            monday += timedelta(days=7)
        begin = None if self.by else monday + timedelta(days=first)
        if begin and self.weeks == 0 and not self.of:
            begin = max(begin, today)
        return Reckoned(first=begin, last=monday + timedelta(days=last))


@dataclass(frozen=True, slots=True, kw_only=True)
class Months:
    """A month, quarter or year, or a part of one: "mid-December", "the end of the month", "in Q1"."""

    size: int = 1  # months: 1, 3 or 12
    number: int | None = None  # which of the year; None: counted from the mail's
    year: int | None = None
    ahead: int = 0
    part: str | None = None
    week: int | None = None  # the nth week of it, -1 the last
    by: bool = False

    def reckon(self, reference: Reference) -> Reckoned | None:
        """Return the days of it; the end is its last business day (policy.md section 4)."""
        today = reference.today
        in_year = (today.month - 1) // self.size + 1
        if self.number is None:
            return self._from(today, (in_year - 1 + self.ahead) * self.size, today.year, reference)
        if self.year is not None:
            return self._from(today, (self.number - 1) * self.size, self.year, reference)
        found = self._from(today, (self.number - 1) * self.size, today.year, reference)
        if found and found.last < today:
            found = self._from(today, (self.number - 1) * self.size, today.year + 1, reference)
        return found

    def _from(self, today: date, months: int, year: int, reference: Reference) -> Reckoned | None:
        begin = _date(*_month_after(year, 1, months), 1)
        after = _date(*_month_after(year, 1, months + self.size), 1)
        if begin is None or after is None:
            return None
        if self.number is None and self.ahead == 0 and self.part == "end" and _last_workday(after) <= today:
            # "the end of the month", said on its last business day or later
            begin, after = after, _date(*_month_after(year, 1, months + 2 * self.size), 1) or after
        first, last = self._part(begin, after, reference.promise)
        return Reckoned(first=None if self.by else first, last=last)

    def _part(self, begin: date, after: date, promise: bool) -> tuple[date, date]:
        last = after - timedelta(days=1)
        if self.week is not None:
            if self.week < 0:
                return last - timedelta(days=6), _last_workday(after)
            return begin + timedelta(days=7 * (self.week - 1)), begin + timedelta(days=7 * self.week - 1)
        third = (after - begin) / 3
        match self.part:
            case "early":
                return begin, begin + (timedelta(days=9) if self.size == 1 else third)
            case "mid":
                middle = timedelta(days=19 if promise else 14) if self.size == 1 else 2 * third
                return begin + third, begin + middle
            case "late" | "end":
                return begin + 2 * third, _last_workday(after)
            case "start":
                return begin, begin
            case _:
                return begin, _last_workday(after) if promise else last


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterHolidays:
    """After the holidays, in the new year: the first full ISO week of January."""

    def reckon(self, reference: Reference) -> Reckoned | None:
        """Return that week's Monday to Friday."""
        year = reference.today.year
        for january in (date(year, 1, 1), _date(year + 1, 1, 1)):
            if january is None:
                return None
            monday = january + timedelta(days=-january.weekday() % 7)
            friday = monday + timedelta(days=_FRIDAY)
            if friday > reference.today:
                return Reckoned(first=monday, last=friday)
        return None


Window = Until | Between | Ahead | Week | Months | AfterHolidays


def add_workdays(day: date, count: int) -> date | None:
    """Return the day `count` business days (Monday to Friday) after `day`; None beyond the calendar's end."""
    weeks, rest = divmod(count, 5)
    start = day if day.weekday() <= _FRIDAY else day - timedelta(days=day.weekday() - _FRIDAY)
    days = 7 * weeks + rest + (2 if start.weekday() + rest > _FRIDAY else 0)
    return _shifted(start, days)


def full_year(number: int, today: date) -> int:
    """Return the year that two or four digits stand for."""
    if number > 99:
        return number
    century = today.year - today.year % 100
    return century + number - (100 if century + number > today.year + _PIVOT else 0)


def _one(found: tuple[date, tuple[date, ...]]) -> Reckoned:
    return Reckoned(first=found[0], last=found[0], alternatives=found[1])


def _date(year: int, month: int, day: int) -> date | None:
    return (
        date(year, month, day)
        if 1 < year < 9999 and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]
        else None
    )


def _month_after(year: int, month: int, count: int) -> tuple[int, int]:
    years, index = divmod(month - 1 + count, 12)
    return year + years, index + 1


def _months_on(day: date, count: int) -> date | None:
    year, month = _month_after(day.year, day.month, count)
    return _date(year, month, min(day.day, monthrange(year, month)[1])) if 1 < year < 9999 else None


def _shifted(day: date, count: int) -> date | None:
    return day + timedelta(days=count) if abs(count) < 40_000 and 200 < day.year < 9800 else None


def _last_workday(after: date) -> date:
    last = after - timedelta(days=1)
    return last - timedelta(days=max(0, last.weekday() - _FRIDAY))
