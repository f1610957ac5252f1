"""The `policy` section of the configuration in, a composer.policy.Policy out.

The names are those of Policy, and so are the bounds; a wish that is not written keeps what the preset says.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from pydantic import Field, StrictBool

from composer.policy import (
    Audience,
    DraftingHours,
    Override,
    Policy,
    Preset,
    QuietPeriod,
    StaleHandling,
    Vacation,
    WeekendRule,
)
from daemon.config_values import (
    OF_THE_THREAD,
    BusinessDays,
    Clock,
    Count,
    Day,
    DayOrInstant,
    Duration,
    HolidaySet,
    Language,
    Line,
    MonthDay,
    Section,
    Weekday,
)

_STANDARD = Policy(timezone="UTC")
_THANKS, _ASK = _STANDARD.thank_you, _STANDARD.check_in


class ThankYouSettings(Section):
    """Thank-you letters (T1 to T7)."""

    enabled: StrictBool = Field(default=True, description="write thank-you letters")
    delay: Duration = Field(default=_THANKS.delay, description="after the end of the interview; 30 min to 24 h")
    same_day_decision_delay: Duration = Field(
        default=_THANKS.same_day_decision_delay,
        description="where they decide on the same day; at most 24 h",
    )
    weekend: WeekendRule = Field(default=_THANKS.weekend, description="whether one may come on a weekend")
    audience: Audience = Field(default=_THANKS.audience, description="whom to thank after a panel")
    recruiter_screen: StrictBool = Field(default=True, description="thank for a recruiter's phone screen as well")
    max_per_visit: Count = Field(default=_THANKS.max_per_visit, ge=1, le=12, description="letters for one visit")
    stale_business_days: Count = Field(
        default=_THANKS.stale_business_days,
        ge=1,
        le=5,
        description="business days after which it is too late",
    )


class CheckInSettings(Section):
    """Asking politely when nobody answers (C0 to C9, P1)."""

    enabled: StrictBool = Field(default=True, description="write check-ins")
    at: Clock = Field(default=_ASK.at, description="the recipient's time of day")
    after_promise: BusinessDays = Field(
        default=_ASK.after_promise,
        ge=1,
        le=5,
        description="after the day by which they promised an answer",
    )
    after_promise_with_permission: BusinessDays = Field(
        default=_ASK.after_promise_with_permission,
        ge=1,
        le=5,
        description='after "ping me if not by Monday"',
    )
    no_promise: BusinessDays = Field(default=_ASK.no_promise, ge=3, le=15, description="after the interview")
    gap: BusinessDays = Field(default=_ASK.gap, ge=3, le=15, description="from the first check-in to the last")
    after_mail: BusinessDays = Field(
        default=_ASK.after_mail, ge=3, le=15, description="after a mail of theirs that names no date"
    )
    after_answer: BusinessDays = Field(
        default=_ASK.after_answer,
        ge=3,
        le=15,
        description="after their answer to a check-in, without a date",
    )
    closing_note: StrictBool = Field(default=_ASK.closing_note, description="a closing note when all is silent")
    closing_gap: BusinessDays = Field(
        default=_ASK.closing_gap, ge=3, le=15, description="from the last check-in to the closing note"
    )
    silent_after: BusinessDays = Field(
        default=_ASK.silent_after,
        ge=3,
        le=15,
        description="from the last check-in until it counts as silent",
    )
    application: StrictBool = Field(
        default=_ASK.application, description="ask once after an application without an interview"
    )
    application_wait: BusinessDays = Field(
        default=_ASK.application_wait, ge=5, le=30, description="after the application"
    )
    max_nudges_per_round: Count = Field(
        default=_ASK.max_nudges_per_round, ge=0, le=3, description="check-ins after one visit"
    )
    max_nudges_per_process: Count = Field(
        default=_ASK.max_nudges_per_process, ge=0, le=5, description="check-ins in the whole process"
    )
    stale_business_days: Count = Field(
        default=_ASK.stale_business_days,
        ge=1,
        le=10,
        description="business days after which it is too late",
    )
    too_late_business_days: Count = Field(
        default=_ASK.too_late_business_days,
        ge=1,
        le=20,
        description="business days after which none is written",
    )
    min_gap_own_mail: BusinessDays = Field(
        default=_ASK.min_gap_own_mail, ge=0, le=15, description="after your own last mail to them"
    )
    same_recipient_merge: BusinessDays = Field(
        default=_ASK.same_recipient_merge,
        ge=0,
        le=15,
        description="two to one person this close become one",
    )
    same_recipient_gap: BusinessDays = Field(
        default=_ASK.same_recipient_gap, ge=0, le=15, description="between two to one person"
    )
    prefer_days: frozenset[Weekday] = Field(
        default=_ASK.prefer_days, description="weekdays to move to; empty: none is moved"
    )


class CancellationSettings(Section):
    """After the employer cancels without a new date (R1, C5)."""

    reply: StrictBool = Field(default=True, description="answer a cancellation with times that suit")
    reply_after: Duration = Field(
        default=_STANDARD.after_cancellation.reply_after, description="after the cancellation; at most 24 h"
    )
    check_in: BusinessDays = Field(
        default=_STANDARD.after_cancellation.check_in, ge=3, le=15, description="until the check-in about a new date"
    )
    stale_business_days: Count = Field(
        default=_STANDARD.after_cancellation.stale_business_days,
        ge=1,
        le=5,
        description="business days until it is too late",
    )


class RejectionSettings(Section):
    """The gracious answer to a rejection (X1)."""

    enabled: StrictBool = Field(default=True, description="answer a rejection after an interview")
    after: BusinessDays = Field(default=_STANDARD.rejection_reply.after, ge=1, le=5, description="after the rejection")
    at: Clock = Field(default=_STANDARD.rejection_reply.at, description="your time of day")
    stale_business_days: Count = Field(
        default=_STANDARD.rejection_reply.stale_business_days,
        ge=2,
        le=10,
        description="business days until it is too late",
    )


class OfferSettings(Section):
    """The acknowledgement of an offer (O1); it accepts nothing."""

    enabled: StrictBool = Field(default=True, description="acknowledge an offer")
    after: Duration = Field(default=_STANDARD.offer_ack.after, description="after the offer; at most 24 h")
    stale_business_days: Count = Field(
        default=_STANDARD.offer_ack.stale_business_days, ge=1, le=5, description="business days until it is too late"
    )


class QuietPeriodSettings(Section):
    """Days of every year on which nobody is asked (C6)."""

    start: MonthDay = Field(description="first day")
    end: MonthDay = Field(description="last day; it may lie in the next year")
    resume_business_day: Count = Field(
        default=2, ge=1, le=5, description="business day after it on which asking resumes"
    )


_CHRISTMAS = QuietPeriodSettings.model_construct(start=(12, 24), end=(1, 1), resume_business_day=2)


class VacationSettings(Section):
    """Days on which you want no draft at all."""

    start: Day = Field(description="first day")
    end: Day = Field(description="last day")


class OverrideSettings(Section):
    """A wish for one company, or one post there."""

    company: Line = Field(description="the company, as tactful scan prints it")
    role: Line | None = Field(default=None, description="the post; without it every post there is meant")
    mute: StrictBool = Field(default=False, description="write nothing")
    snooze_until: DayOrInstant | None = Field(default=None, description="write nothing before this day or instant")
    max_nudges: Count | None = Field(default=None, ge=0, le=5, description="check-ins in the whole process")


class PolicySettings(Section):
    """When to write what; everything here has a default."""

    preset: Preset = Field(
        default=Preset.STANDARD, description="how often silence is answered: 1, 2 or 3 times a round"
    )
    language: Language = Field(
        default=OF_THE_THREAD, description="language of the letters: that of the thread, or always the same"
    )
    drafting_hours: tuple[Clock, Clock] = Field(
        default=(time(8), time(20)), description="your times of day between which drafts appear"
    )
    thank_you: ThankYouSettings = ThankYouSettings()
    check_in: CheckInSettings = CheckInSettings()
    after_cancellation: CancellationSettings = CancellationSettings()
    take_home_check_in: BusinessDays = Field(
        default=_STANDARD.take_home_check_in, ge=3, le=15, description="after you handed in a take-home task"
    )
    rejection_reply: RejectionSettings = RejectionSettings()
    offer_ack: OfferSettings = OfferSettings()
    quiet_periods: tuple[QuietPeriodSettings, ...] = Field(
        default=(_CHRISTMAS,),
        description="days on which nobody is asked",
    )
    vacations: tuple[VacationSettings, ...] = Field(default=(), description="days on which you want no draft at all")
    holidays: tuple[HolidaySet, ...] = Field(
        default=(), description="holiday sets; the first serves where the recipient's country is not known"
    )
    bridge_days: frozenset[Day] = Field(default=frozenset(), description="further days off, for everybody")
    confidence_threshold: float = Field(
        default=_STANDARD.confidence_threshold,
        strict=True,
        ge=0.5,
        le=1,
        description="below it a mail goes to the review list only",
    )
    stale: StaleHandling = Field(default=_STANDARD.stale, description="what becomes of a draft left until too late")
    max_drafts_per_day: Count = Field(
        default=_STANDARD.max_drafts_per_day, ge=1, le=20, description="new drafts in one day"
    )
    max_nudges_per_company: Count | None = Field(default=None, ge=0, le=20, description="check-ins at one company")
    overrides: tuple[OverrideSettings, ...] = Field(default=(), description="wishes for single companies or posts")

    def policy(self, *, timezone: str) -> Policy:
        """Make the Policy. Raises ValueError, which names the key, where values do not fit together."""
        preset = Policy.of_preset(self.preset, timezone=timezone)
        zone = ZoneInfo(timezone)
        wishes = self.written() | {
            "drafting_hours": DraftingHours(start=self.drafting_hours[0], end=self.drafting_hours[1]),
            "thank_you": replace(preset.thank_you, **self.thank_you.written()),
            "check_in": replace(preset.check_in, **self.check_in.written()),
            "after_cancellation": replace(preset.after_cancellation, **self.after_cancellation.written()),
            "rejection_reply": replace(preset.rejection_reply, **self.rejection_reply.written()),
            "offer_ack": replace(preset.offer_ack, **self.offer_ack.written()),
            "quiet_periods": tuple(QuietPeriod(**period.model_dump()) for period in self.quiet_periods),
            "vacations": tuple(Vacation(**vacation.model_dump()) for vacation in self.vacations),
            "overrides": tuple(_override(override, zone) for override in self.overrides),
        }
        return replace(preset, **wishes)


def _override(settings: OverrideSettings, zone: ZoneInfo) -> Override:
    until = settings.snooze_until
    if isinstance(until, date) and not isinstance(until, datetime):
        until = datetime(until.year, until.month, until.day, tzinfo=zone)
    return Override(**settings.model_dump() | {"snooze_until": until})
