"""Windows of days as a sentence states them ("within 5-7 business days"), and what they come to.

As with days there is a plain reckoning ("in 3-4 days" ends on the fourth day) and the one of policy.md section 4 for
promises (four business days).
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from parsers.days import FRIDAY, Day, Reckoned, Reference, add_workdays, existing_date, month_after, shifted

_NOON = 12


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
            first = Reckoned(first=None, last=existing_date(end.year, first.last.month, first.last.day) or first.last)
        if end < first.last and self.end.weekday is not None and self.end.day is None:
            end += timedelta(days=7)
        if end < first.last and self.end.year is None:
            end = existing_date(end.year + 1, end.month, end.day) or end
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
    bare: bool = False  # "3 to 5 days", without a word that places it in the future

    @property
    def within_a_day(self) -> bool:
        """Whether it is a matter of minutes or of a few hours."""
        return self.high * {"minute": 1, "hour": 60}.get(self.unit, 24 * 60) < 24 * 60

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
                return shifted(today, -(-count // (24 * 60))), None
            case "hour":
                return shifted(today, -(-count // 24)), None
            case "day":
                return shifted(today, count), None
            case "week" | "fortnight":
                return shifted(today, count * (7 if self.unit == "week" else 14)), None
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
        late_friday = today.weekday() == FRIDAY and reference.hour >= _NOON
        if self.weeks == 0 and not self.of and (today.weekday() > FRIDAY or late_friday) and not self.weekend:
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
        begin = existing_date(*month_after(year, 1, months), 1)
        after = existing_date(*month_after(year, 1, months + self.size), 1)
        if begin is None or after is None:
            return None
        if self.number is None and self.ahead == 0 and self.part == "end" and _last_workday(after) <= today:
            # "the end of the month", said on its last business day or later
            begin, after = after, existing_date(*month_after(year, 1, months + 2 * self.size), 1) or after
        first, last = self._part(begin, after, reference.promise)
        if self.number is None and self.part == "late" and begin <= today <= last:
            first = max(first, today)  # "later this month"
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
        for january in (date(year, 1, 1), existing_date(year + 1, 1, 1)):
            if january is None:
                return None
            monday = january + timedelta(days=-january.weekday() % 7)
            friday = monday + timedelta(days=FRIDAY)
            if friday > reference.today:
                return Reckoned(first=monday, last=friday)
        return None


Window = Until | Between | Ahead | Week | Months | AfterHolidays


def _months_on(day: date, count: int) -> date | None:
    year, month = month_after(day.year, day.month, count)
    return existing_date(year, month, min(day.day, monthrange(year, month)[1])) if 1 < year < 9999 else None


def _last_workday(after: date) -> date:
    last = after - timedelta(days=1)
    return last - timedelta(days=max(0, last.weekday() - FRIDAY))
