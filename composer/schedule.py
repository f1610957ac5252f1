"""When a follow-up may really land: what postpones it, and what comes too late (policy.md section 7)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from composer.agenda import NUDGES, FollowUpKind, Postponement
from composer.candidate import Candidate
from composer.diary import Diary
from composer.stop import Stop
from composer.workdays import utc

# Within this a draft counts as made at its due instant; later, nothing ran then (C8).
_PUNCTUAL = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A follow-up at the instant at which it may land; with `stop`, it comes too late."""

    candidate: Candidate
    wanted_at: datetime  # before anything postponed it
    stop: Stop | None = None

    @property
    def postponement(self) -> Postponement | None:
        """What to tell of it, if something postponed it. That nothing ran at its hour is no postponement."""
        followup = self.candidate.followup
        if self.candidate.due <= self.wanted_at or not followup.rule.startswith("S"):
            return None
        at = self.candidate.process.days.shown(self.wanted_at)
        return Postponement(followup=followup, rule=followup.rule, reason=followup.reason, at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Move:
    day: date
    rule: str
    reason: str


def settle(candidate: Candidate, diary: Diary, now: datetime) -> Settled:
    """Find the instant at which a follow-up that was not drafted yet may land."""
    if candidate.followup.kind in NUDGES:
        return _settle_nudge(candidate, diary, now)
    return _settle_letter(candidate, diary, now)


# ----------------------------------------------------------------------------------------------------------- nudges


def _settle_nudge(candidate: Candidate, diary: Diary, now: datetime) -> Settled:
    days, wishes = candidate.process.days, candidate.process.policy.check_in
    settled = _free(_postponed(candidate, diary, now), diary)
    waits = settled.due <= now and diary.waits_beside(candidate)
    if settled.due + _PUNCTUAL >= now and not waits:
        return Settled(candidate=settled, wanted_at=candidate.due)
    if days.add(settled.day, wishes.too_late_business_days) < days.local_day(now):
        late = Stop(rule="S13", reason=f"more than {wishes.too_late_business_days} business days after its due")
        return Settled(candidate=settled, wanted_at=settled.due, stop=late)
    if waits:
        reason = f"{settled.followup.reason}; another nudge to them waits in Drafts"
        overdue = on_day(candidate, days.add(days.local_day(now), 1), rule="S8", reason=reason)
    else:
        landing = days.into_nudge_hours(now)
        reason = f"{settled.followup.reason}; overdue since {days.shown(settled.due):%Y-%m-%d %H:%M}"
        overdue = _at(candidate, days.local_day(landing), rule="C8", reason=reason, due=landing)
    return Settled(candidate=_free(_postponed(overdue, diary, now), diary), wanted_at=settled.due)


def on_day(candidate: Candidate, day: date, *, rule: str, reason: str) -> Candidate:
    """Give a nudge on another business day."""
    return _at(candidate, day, rule=rule, reason=reason, due=candidate.process.days.nudge_at(day))


def _at(candidate: Candidate, day: date, *, rule: str, reason: str, due: datetime) -> Candidate:
    days = candidate.process.days
    stale_at = days.stale_at(day, candidate.process.policy.check_in.stale_business_days)
    return candidate.moved(due, day, stale_at=stale_at, rule=rule, reason=reason)


def _postponed(candidate: Candidate, diary: Diary, now: datetime) -> Candidate:
    """Let every rule move the day on until none does any more."""
    for _ in range(50):
        move = max(_moves(candidate, diary, now), key=lambda move: move.day, default=None)
        if move is None or move.day <= candidate.day:
            return candidate
        candidate = on_day(candidate, move.day, rule=move.rule, reason=f"{candidate.followup.reason}; {move.reason}")
    return candidate


def _moves(candidate: Candidate, diary: Diary, now: datetime) -> Iterator[_Move]:
    process, due = candidate.process, candidate.due
    days, wishes = process.days, process.policy.check_in
    if wishes.min_gap_own_mail and (last := diary.last_mail(candidate)):
        day = days.add(days.local_day(last), wishes.min_gap_own_mail)
        yield _Move(day=day, rule="S5", reason=f"the user wrote on {days.local_day(last)}")
    for fate in diary.other_nudges(candidate):
        if fate.sent_at and wishes.same_recipient_gap:
            day = days.add(days.local_day(fate.sent_at), wishes.same_recipient_gap)
            yield _Move(day=day, rule="S8", reason=f"they got a nudge on {days.local_day(fate.sent_at)}")
        elif not fate.sent_at:
            day = days.add(days.local_day(fate.gone_at or fate.withdrawn_at or fate.stale_at), 1)
            yield _Move(day=day, rule="S8", reason="another nudge to them waited in Drafts")
    for absence in diary.absences(candidate):
        back = f"until {absence.returns_on}" if absence.returns_on else "for a time"
        yield _Move(day=absence.not_before, rule="S9", reason=f"{absence.address} is away {back}")
    if until := diary.wanted_from(candidate):
        day = candidate.day
        while days.nudge_at(day) < until:
            day = days.add(day, 1)
        yield _Move(day=day, rule="S18", reason=f"snoozed until {days.shown(until):%Y-%m-%d %H:%M}")
    if end := diary.vacation_end(days.user_day(due)):
        day = candidate.day
        while days.user_day(days.nudge_at(day)) <= end:
            day = days.add(day, 1)
        yield _Move(day=day, rule="S18", reason=f"on vacation until {end}")
    if days.user_day(due) < days.user_day(now) and diary.is_full(days.user_day(due), candidate):
        day = days.add(candidate.day, 1)
        yield _Move(day=day, rule="S23", reason=f"enough drafts on {candidate.day}")
    quiet = days.resumed(candidate.day)
    yield _Move(day=quiet, rule="C6", reason=f"after the quiet period: {quiet}")


def _free(candidate: Candidate, diary: Diary) -> Candidate:
    """Move a follow-up out of the hours for which the user is in an interview or engaged (S24)."""
    days, is_nudge = candidate.process.days, candidate.followup.kind in NUDGES
    due = candidate.due
    while free := diary.free_after(due):
        due = days.into_nudge_hours(free) if is_nudge else days.into_hours(free)
    if due == candidate.due:
        return candidate
    reason = f"{candidate.followup.reason}; in another interview then"
    if is_nudge:
        return _at(candidate, days.local_day(due), rule="S24", reason=reason, due=due)
    return _letter_at(candidate, due, rule="S24", reason=reason)


# ---------------------------------------------------------------------------------------------------- other letters


def _settle_letter(candidate: Candidate, diary: Diary, now: datetime) -> Settled:
    days = candidate.process.days
    settled = _free(_after_absence_of_the_user(candidate, diary), diary)
    if settled.due + _PUNCTUAL < now:
        if now > utc(settled.followup.stale_at):
            return Settled(candidate=settled, wanted_at=candidate.due, stop=_TOO_LATE)
        if not days.in_hours(now):
            reason = f"{settled.followup.reason}; nothing ran then"
            settled = _letter_at(settled, days.into_hours(now), rule="S18", reason=reason)
            settled = _free(_after_absence_of_the_user(settled, diary), diary)
    if settled.due > utc(settled.followup.stale_at):
        if settled.followup.kind is FollowUpKind.THANK_YOU:
            return Settled(candidate=settled, wanted_at=candidate.due, stop=_TOO_LATE)
        stale_at = days.stale_at(days.local_day(settled.due), 2)  # postponed, not dropped (S18)
        settled = replace(settled, followup=replace(settled.followup, stale_at=days.shown(stale_at)))
    return Settled(candidate=settled, wanted_at=candidate.due)


_TOO_LATE = Stop(rule="S13", reason="too late: it would be stale already")


def _after_absence_of_the_user(candidate: Candidate, diary: Diary) -> Candidate:
    days, hours = candidate.process.days, candidate.process.policy.drafting_hours
    due, why = candidate.due, ""
    if (until := diary.wanted_from(candidate)) and due < until:
        due, why = days.into_hours(until), f"snoozed until {days.shown(until):%Y-%m-%d %H:%M}"
    while end := diary.vacation_end(days.user_day(due)):
        due, why = days.at_user(end + timedelta(days=1), hours.start), f"on vacation until {end}"
    if not why:
        return candidate
    return _letter_at(candidate, due, rule="S18", reason=f"{candidate.followup.reason}; {why}")


def _letter_at(candidate: Candidate, due: datetime, *, rule: str, reason: str) -> Candidate:
    return candidate.moved(due, candidate.day, stale_at=utc(candidate.followup.stale_at), rule=rule, reason=reason)
