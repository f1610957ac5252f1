"""What the person wishes: every number of the follow-up policy, with its default and its bounds (policy.md section 8).

Values only; a Policy that exists is within the fixed ceilings, which no wish can lift.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def _within(key: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise ValueError(f"{key}: {value} is not between {low} and {high}")


def _not_negative(key: str, value: timedelta) -> None:
    if not timedelta(0) <= value <= timedelta(hours=24):
        raise ValueError(f"{key}: {value} is not between 0 and 24 hours")


def _day_of(year: int, month_and_day: tuple[int, int]) -> date:
    month, day = month_and_day
    if (month, day) == (2, 29) and not (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)):
        return date(year, 2, 28)
    return date(year, month, day)


class Preset(StrEnum):
    """How often silence is followed up: 1, 2 or 3 nudges a round."""

    GENTLE = "gentle"
    STANDARD = "standard"
    PERSISTENT = "persistent"


class WeekendRule(StrEnum):
    """Whether a thank-you may land on a weekend or a holiday of the recipient."""

    ALLOW = "allow"
    NEXT_BUSINESS_DAY = "next-business-day"


class Audience(StrEnum):
    """Who is thanked after a visit with several interviewers."""

    EACH_INTERVIEWER = "per-interviewer"
    LEAD_ONLY = "lead-only"
    RECRUITER_ONLY = "recruiter-only"


class StaleHandling(StrEnum):
    """What becomes of a draft that nobody touched until it was too late."""

    WITHDRAW = "withdraw"
    KEEP = "keep"


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftingHours:
    """The user's wall times between which drafts land, both ends included."""

    start: time = time(8)
    end: time = time(20)

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise ValueError(f"drafting_hours: {self.start:%H:%M} is not before {self.end:%H:%M}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ThankYouPolicy:
    """T1 to T7."""

    enabled: bool = True
    delay: timedelta = timedelta(hours=2)
    same_day_decision_delay: timedelta = timedelta(hours=1)  # T2
    weekend: WeekendRule = WeekendRule.ALLOW
    audience: Audience = Audience.EACH_INTERVIEWER
    recruiter_screen: bool = True
    max_per_visit: int = 6
    stale_business_days: int = 2

    def __post_init__(self) -> None:
        if not timedelta(minutes=30) <= self.delay <= timedelta(hours=24):
            raise ValueError(f"thank_you.delay: {self.delay} is not between 30 minutes and 24 hours")
        if not timedelta(0) < self.same_day_decision_delay <= timedelta(hours=24):
            raise ValueError(
                f"thank_you.same_day_decision_delay: {self.same_day_decision_delay} is not within 24 hours"
            )
        _within("thank_you.max_per_visit", self.max_per_visit, 1, 12)
        _within("thank_you.stale_business_days", self.stale_business_days, 1, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckInPolicy:
    """C0 to C9 and P1. The numbers of days are business days of the recipient."""

    enabled: bool = True
    at: time = time(9)  # the recipient's wall time
    after_promise: int = 2  # C0
    after_promise_with_permission: int = 1  # C0p
    no_promise: int = 5  # C1
    gap: int = 5  # C2
    after_mail: int = 5  # C9, unasked
    after_answer: int = 10  # C9, an answer to a nudge
    closing_note: bool = False  # C3
    closing_gap: int = 10  # C3
    silent_after: int = 10  # C4
    application: bool = False  # P1
    application_wait: int = 10  # P1
    max_nudges_per_round: int = 2
    max_nudges_per_process: int = 4
    stale_business_days: int = 5
    too_late_business_days: int = 10  # S13
    min_gap_own_mail: int = 3  # S5
    same_recipient_merge: int = 3  # C7
    same_recipient_gap: int = 5  # S8
    prefer_days: frozenset[int] = frozenset()  # ISO weekdays, Monday = 1; empty: no shifting (policy.md 3.7)

    def __post_init__(self) -> None:
        _within("check_in.after_promise", self.after_promise, 1, 5)
        _within("check_in.after_promise_with_permission", self.after_promise_with_permission, 1, 5)
        for name in ("no_promise", "gap", "after_mail", "after_answer", "closing_gap", "silent_after"):
            _within(f"check_in.{name}", getattr(self, name), 3, 15)
        _within("check_in.application_wait", self.application_wait, 5, 30)
        _within("check_in.max_nudges_per_round", self.max_nudges_per_round, 0, 3)
        _within("check_in.max_nudges_per_process", self.max_nudges_per_process, 0, 5)
        _within("check_in.stale_business_days", self.stale_business_days, 1, 10)
        _within("check_in.too_late_business_days", self.too_late_business_days, 1, 20)
        for name in ("min_gap_own_mail", "same_recipient_merge", "same_recipient_gap"):
            _within(f"check_in.{name}", getattr(self, name), 0, 15)
        if not self.prefer_days <= {1, 2, 3, 4, 5}:
            raise ValueError("check_in.prefer_days: nudges fall on business days only, Monday (1) to Friday (5)")

    @property
    def kinds_per_round(self) -> int:
        """How many nudges a round may have: the closing note is one of its own."""
        return min(self.max_nudges_per_round, 3 if self.closing_note else 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class CancellationPolicy:
    """R1 and C5."""

    reply: bool = True
    reply_after: timedelta = timedelta(hours=1)
    check_in: int = 5
    stale_business_days: int = 2

    def __post_init__(self) -> None:
        _within("after_cancellation.check_in", self.check_in, 3, 15)
        _within("after_cancellation.stale_business_days", self.stale_business_days, 1, 5)
        _not_negative("after_cancellation.reply_after", self.reply_after)


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectionPolicy:
    """X1."""

    enabled: bool = True
    after: int = 1
    at: time = time(9)  # the user's wall time
    stale_business_days: int = 3

    def __post_init__(self) -> None:
        _within("rejection_reply.after", self.after, 1, 5)
        _within("rejection_reply.stale_business_days", self.stale_business_days, self.after + 1, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferPolicy:
    """O1."""

    enabled: bool = True
    after: timedelta = timedelta(hours=1)
    stale_business_days: int = 2

    def __post_init__(self) -> None:
        _within("offer_ack.stale_business_days", self.stale_business_days, 1, 5)
        _not_negative("offer_ack.after", self.after)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietPeriod:
    """A span of days of every year, both ends included, in which nobody is nudged (C6). It may cross New Year."""

    start: tuple[int, int] = (12, 24)  # month, day
    end: tuple[int, int] = (1, 1)
    resume_business_day: int = 2  # the first day back is inbox day

    def __post_init__(self) -> None:
        for month, day in (self.start, self.end):
            date(2024, month, day)  # a leap year, so that 29 February may be named; raises ValueError otherwise
        _within("quiet_periods.resume_business_day", self.resume_business_day, 1, 5)

    def last_day(self, day: date) -> date | None:
        """Give the last day of the period in which this day lies, or None if it lies in none."""
        here = (day.month, day.day)
        if self.start <= self.end:
            return _day_of(day.year, self.end) if self.start <= here <= self.end else None
        if here >= self.start:
            return _day_of(day.year + 1, self.end)
        return _day_of(day.year, self.end) if here <= self.end else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vacation:
    """Days on which the user wants no draft at all, both ends included, in the user's zone."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.start > self.end:
            raise ValueError(f"vacations: {self.start} is after {self.end}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A wish for one company, or for one post there."""

    company: str
    role: str | None = None  # None: every post at the company
    mute: bool = False
    snooze_until: datetime | None = None
    max_nudges: int | None = None  # in the whole process

    def __post_init__(self) -> None:
        if self.max_nudges is not None:
            _within("overrides.max_nudges", self.max_nudges, 0, 5)
        if self.snooze_until is not None and self.snooze_until.tzinfo is None:
            raise ValueError(f"overrides.snooze_until: {self.snooze_until} has no zone")

    def concerns(self, company: str | None, role: str | None) -> bool:
        """Whether this wish is about that post."""
        if company is None or company.casefold() != self.company.casefold():
            return False
        return self.role is None or (role is not None and role.casefold() == self.role.casefold())


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """All wishes. `timezone` is the user's IANA zone. Raises ValueError, naming the key, for what is out of bounds.

    `holidays` refines the calendar of a country: "DE-BY" adds Bavaria's days, "GB-SCT" takes Scotland's instead of
    England's; a country that is not listed keeps its set of policy.md section 1. The first entry also serves where
    the recipient's country is not known. `bridge_days` are further days off, for everybody.
    """

    timezone: str
    language: str = "thread"  # of letters; "thread": that of the mails they belong to
    preset: Preset = Preset.STANDARD
    drafting_hours: DraftingHours = DraftingHours()
    thank_you: ThankYouPolicy = ThankYouPolicy()
    check_in: CheckInPolicy = CheckInPolicy()
    after_cancellation: CancellationPolicy = CancellationPolicy()
    take_home_check_in: int = 5  # A1
    rejection_reply: RejectionPolicy = RejectionPolicy()
    offer_ack: OfferPolicy = OfferPolicy()
    quiet_periods: tuple[QuietPeriod, ...] = (QuietPeriod(),)
    vacations: tuple[Vacation, ...] = ()
    holidays: tuple[str, ...] = ()
    bridge_days: frozenset[date] = frozenset()
    confidence_threshold: float = 0.8
    stale: StaleHandling = StaleHandling.WITHDRAW
    max_drafts_per_day: int = 6  # S23
    max_nudges_per_company: int | None = None
    overrides: tuple[Override, ...] = field(default=())

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as problem:
            raise ValueError(f"timezone: {self.timezone!r} is no IANA zone, such as Europe/Berlin") from problem
        _within("take_home_check_in", self.take_home_check_in, 3, 15)
        _within("max_drafts_per_day", self.max_drafts_per_day, 1, 20)
        if self.max_nudges_per_company is not None:
            _within("max_nudges_per_company", self.max_nudges_per_company, 0, 20)
        if not 0.5 <= self.confidence_threshold <= 1:
            raise ValueError(f"confidence_threshold: {self.confidence_threshold} is not between 0.5 and 1")
        for entry in self.holidays:
            if not (len(country := entry.partition("-")[0]) == 2 and country.isalpha() and country.isupper()):
                raise ValueError(f"holidays: {entry!r} is no country or subdivision, such as US or DE-BY")

    @classmethod
    def of_preset(cls, preset: Preset, *, timezone: str) -> Policy:
        """Make the policy of a preset; `replace` sets what differs from it."""
        return replace(cls(timezone=timezone), preset=preset, check_in=CHECK_IN_OF_PRESET[preset])


CHECK_IN_OF_PRESET = {
    Preset.GENTLE: CheckInPolicy(max_nudges_per_round=1),
    Preset.STANDARD: CheckInPolicy(),
    Preset.PERSISTENT: CheckInPolicy(max_nudges_per_round=3, closing_note=True),
}
