"""Business days, holidays and wall times: a zone in, the days and instants of policy.md sections 1 and 3 out.

Instants go in aware and come out in UTC: datetimes that share a zone compare and add by the clock on the wall, which
is wrong twice a year. For a wall time that does not exist (clocks go forward) the next minute that does is meant; of
one that exists twice, the first.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

from composer.policy import Policy, WeekendRule

# policy.md section 1: GB the days of England; IN the three national ones; otherwise the set of the whole country.
_SUBDIVISION_OF_COUNTRY: Mapping[str, str] = {"GB": "ENG"}
_NATIONAL_DAYS: Mapping[str, tuple[tuple[int, int], ...]] = {"IN": ((1, 26), (8, 15), (10, 2))}

_STALE_AT = time(20)  # policy.md section 2, whatever the drafting hours
_ALL_DAY_THANK_YOU = time(9)  # T6
_OFFICE_OPENS, _OFFICE_CLOSES = time(8), time(18)  # policy.md section 10: when an approved letter is sent
_ONE_DAY = timedelta(days=1)
_ONE_MINUTE = timedelta(minutes=1)


@cache
def country_of_zone(zone: str) -> str | None:
    """Give the ISO 3166 country of an IANA zone, old names ("US/Eastern") included; None for one of no country."""
    countries = _countries()
    return countries.get(zone) or countries.get(_links().get(zone, ""))


@cache
def holidays_of(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    """Give a country's public holidays in a year, observed days included; none where the country is not known."""
    if national := _NATIONAL_DAYS.get(country):
        return frozenset(date(year, month, day) for month, day in national)
    # The library takes a while to load, and most commands never ask for a holiday.
    import holidays

    try:
        return frozenset(holidays.country_holidays(country, subdiv=subdivision, years=year))
    except NotImplementedError:  # its word for a country or a subdivision that it does not know
        return frozenset()


def utc(instant: datetime) -> datetime:
    """Give the same instant in UTC."""
    return instant.astimezone(UTC)


def at_wall(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """Give the instant at which clocks in the zone show this time on this day."""
    wall = datetime.combine(day, clock, tzinfo=zone)
    # Within one zone only what clocks show is compared.
    while (instant := wall.astimezone(UTC)).astimezone(zone) != wall:
        wall += _ONE_MINUTE
    return instant


class Workdays:
    """The days of one recipient's zone and the hours of the user: all that dates a follow-up."""

    def __init__(self, policy: Policy, timezone: str | None) -> None:
        self._policy = policy
        self.user = ZoneInfo(policy.timezone)
        self.recipient = ZoneInfo(timezone or policy.timezone)
        self._sets = _holiday_sets(policy.holidays, country_of_zone(self.recipient.key))
        self._known: dict[date, bool] = {}

    # ------------------------------------------------------------------------------------------- business days

    def is_business_day(self, day: date) -> bool:
        """Whether this is Monday to Friday and no holiday of the recipient."""
        known = self._known.get(day)
        if known is None:
            off = any(day in holidays_of(country, part, day.year) for country, part in self._sets)
            known = day.weekday() < 5 and not off and day not in self._policy.bridge_days
            self._known[day] = known
        return known

    def add(self, day: date, business_days: int) -> date:
        """Count on from the day after `day`; `day` itself need not be a business day."""
        while business_days > 0:
            day += _ONE_DAY
            business_days -= self.is_business_day(day)
        return day

    def on_or_after(self, day: date) -> date:
        """Give the first business day that is not before `day`."""
        while not self.is_business_day(day):
            day += _ONE_DAY
        return day

    def resumed(self, day: date) -> date:
        """Take a nudge's day out of the quiet periods (C6)."""
        for _ in self._policy.quiet_periods:
            for period in self._policy.quiet_periods:
                if last := period.last_day(day):
                    day = self.add(last, period.resume_business_day)
        return day

    def preferred(self, day: date) -> date:
        """Move a nudge's business day on to a weekday that the person prefers, at most a week (policy.md 3.7)."""
        wanted = self._policy.check_in.prefer_days
        later = day
        for _ in range(7):
            if later.isoweekday() in wanted and self.is_business_day(later) and self.resumed(later) == later:
                return later
            later += _ONE_DAY
        return day

    # ------------------------------------------------------------------------------------------------- instants

    def local_day(self, instant: datetime) -> date:
        """Give the recipient's date at an instant."""
        return instant.astimezone(self.recipient).date()

    def user_day(self, instant: datetime) -> date:
        """Give the user's date at an instant."""
        return instant.astimezone(self.user).date()

    def at_recipient(self, day: date, clock: time) -> datetime:
        """Give the instant of a wall time of the recipient."""
        return at_wall(day, clock, self.recipient)

    def at_user(self, day: date, clock: time) -> datetime:
        """Give the instant of a wall time of the user."""
        return at_wall(day, clock, self.user)

    def nudge_at(self, day: date) -> datetime:
        """Give the instant of a nudge on this business day: the recipient's morning, in the user's hours (3.2)."""
        instant = self.at_recipient(day, self._policy.check_in.at)
        hours = self._policy.drafting_hours
        local = instant.astimezone(self.user)
        if local.time() < hours.start:
            moved = self.at_user(local.date(), hours.start), self.at_user(local.date() - _ONE_DAY, hours.end)
        elif local.time() > hours.end:
            moved = self.at_user(local.date(), hours.end), self.at_user(local.date() + _ONE_DAY, hours.start)
        else:
            return instant
        # With few hours, far apart, the near bound may be on another day of the recipient's; then the far one is not.
        return moved[0] if self.local_day(moved[0]) == day else moved[1]

    def in_hours(self, instant: datetime) -> bool:
        """Whether the user's clock is within drafting hours, both ends included."""
        hours = self._policy.drafting_hours
        return hours.start <= instant.astimezone(self.user).time() <= hours.end

    def into_hours(self, instant: datetime) -> datetime:
        """Give the instant itself within drafting hours, otherwise their next beginning, on any day (3.1)."""
        if self.in_hours(instant):
            return utc(instant)
        hours = self._policy.drafting_hours
        local = instant.astimezone(self.user)
        day = local.date() if local.time() < hours.start else local.date() + _ONE_DAY
        return self.at_user(day, hours.start)

    def into_thank_you_hours(self, instant: datetime) -> datetime:
        """Like `into_hours`, and on a business day of the recipient where the person wishes that (3.1)."""
        instant = self.into_hours(instant)
        while self._policy.thank_you.weekend is WeekendRule.NEXT_BUSINESS_DAY and not self.is_business_day(
            self.local_day(instant)
        ):
            # The recipient's next day may begin within the user's hours, so both beginnings are candidates.
            midnight = self.at_recipient(self.local_day(instant) + _ONE_DAY, time(0))
            instant = self.into_hours(midnight)
        return instant

    def into_nudge_hours(self, instant: datetime) -> datetime:
        """Give the next instant in drafting hours, on a business day of the recipient, not before its morning (C8)."""
        day = self.on_or_after(self.local_day(instant))
        landing = self.into_hours(max(utc(instant), self.at_recipient(day, self._policy.check_in.at)))
        if self.local_day(landing) == day:
            return landing
        # The user's hours are over for that day, or none of them suits (a nudge's hour of 23:30, say): as in 3.2 then.
        while self.nudge_at(day) < instant:
            day = self.add(day, 1)
        return self.nudge_at(day)

    def into_office_hours(self, instant: datetime) -> datetime:
        """Give the instant itself from 08:00 to 18:00 of a business day there, otherwise the next such 08:00."""
        local = instant.astimezone(self.recipient)
        if self.is_business_day(local.date()) and _OFFICE_OPENS <= local.time() < _OFFICE_CLOSES:
            return utc(instant)
        day = local.date() if local.time() < _OFFICE_OPENS else local.date() + _ONE_DAY
        return self.at_recipient(self.on_or_after(day), _OFFICE_OPENS)

    def day_after_thank_you(self, last_day: date) -> datetime:
        """Give the instant of the thank-you for a visit without a time (T6)."""
        day = last_day + _ONE_DAY
        if self._policy.thank_you.weekend is WeekendRule.NEXT_BUSINESS_DAY:
            day = self.on_or_after(day)
        return self.at_user(day, _ALL_DAY_THANK_YOU)

    def stale_at(self, day: date, business_days: int) -> datetime:
        """Give the instant at which a draft is stale: 20:00 user time of a date counted in recipient BD."""
        return self.at_user(self.add(day, business_days), _STALE_AT)

    def shown(self, instant: datetime) -> datetime:
        """Give the instant on the user's clock, for people and for output."""
        return instant.astimezone(self.user)


def _holiday_sets(wished: tuple[str, ...], country: str | None) -> tuple[tuple[str, str | None], ...]:
    if country is None and wished:
        country = wished[0].partition("-")[0]
    if country is None:
        return ()
    parts = [part for entry in wished for name, _, part in (entry.partition("-"),) if name == country and part]
    return tuple((country, part) for part in parts) or ((country, _SUBDIVISION_OF_COUNTRY.get(country)),)


@cache
def _countries() -> Mapping[str, str]:
    """Read zone.tab: each zone with exactly one country (zone1970.tab shares a zone between several)."""
    rows = (line.split("\t") for line in _tzdata("zone.tab").splitlines() if line and not line.startswith("#"))
    return {zone: country for country, _, zone, *_ in rows}


@cache
def _links() -> Mapping[str, str]:
    """Read the old names of zones: "L America/New_York US/Eastern"."""
    rows = (line.split() for line in _tzdata("tzdata.zi").splitlines() if line.startswith("L "))
    return {old: zone for _, zone, old in rows}


def _tzdata(name: str) -> str:
    return (resources.files("tzdata.zoneinfo") / name).read_text("utf-8")
