"""Which of our untouched drafts are to be taken back: those that became wrong, and the stale (policy.md section 7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from composer.agenda import NUDGES, Review, Withdrawal
from composer.candidate import Candidate
from composer.fates import Fate, Fates
from composer.nudge import Nudges
from composer.policy import Policy, StaleHandling
from composer.process import Process
from composer.recipient import People
from composer.slot import is_same
from composer.stop import Stop, first
from composer.suppress import why_not
from composer.thank_you import ThankYous
from composer.workdays import utc
from parsers.model import Direction

# A draft that waits is not judged by what only limits how many are made, or when.
_BINDING = frozenset({"S1", "S2", "S3", "S4", "S5", "S6", "S9", "S10", "S11", "S12", "S14", "S16", "S20", "S21", "S22"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """All that one process asks for."""

    process: Process
    people: People
    thank_yous: ThankYous
    replies: tuple[Candidate, ...]
    nudges: Nudges

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """Those that may still be made."""
        pending = (self.nudges.pending,) if self.nudges.pending else ()
        return (*self.thank_yous.candidates, *self.replies, *pending)

    @property
    def displaced(self) -> frozenset[str]:
        """The ids of the nudges that something came before."""
        return frozenset(displaced.candidate.followup.id for displaced in self.nudges.displaced)


def withdrawals(wishes: Sequence[Wishes], fates: Fates, policy: Policy, now: datetime) -> tuple[Withdrawal, ...]:
    """Give every untouched draft that is wrong or stale now, with the rule and the instant at which it became so; also
    one that is to be sent and is wrong, whoever wrote it: what the person approved goes out late, but not too late.
    """
    return tuple(
        Withdrawal(
            followup=fate.followup,
            rule=stop.rule,
            reason=stop.reason,
            at=(max(stop.since, fate.drafted_at) if stop.since else fate.drafted_at).astimezone(
                fate.followup.due.tzinfo
            ),
        )
        for fate in fates.all
        if (fate.untouched or fate.to_be_sent) and (stop := _against(fate, wishes, fates, policy, now))
    )


def left_alone(wishes: Sequence[Wishes], fates: Fates, now: datetime) -> Iterator[Review]:
    """Name every draft that became wrong and is the person's own by now: they should know before they send it."""
    for fate in fates.all:
        if fate.open and fate.edited_at and (stop := _became_wrong(fate, wishes, fates, now)):
            made = fate.followup
            reason = f"{stop.reason} ({stop.rule}), and the {made.kind} to {made.to.address} that you edited waits"
            yield Review(account=made.account, application=made.application, reason=reason)


def _became_wrong(fate: Fate, wishes: Sequence[Wishes], fates: Fates, now: datetime) -> Stop | None:
    return first(_wrong(fate, wish, fates, now) for wish in wishes if fate in wish.process.fates)


def _against(fate: Fate, wishes: Sequence[Wishes], fates: Fates, policy: Policy, now: datetime) -> Stop | None:
    wrong = _became_wrong(fate, wishes, fates, now)
    if policy.stale is StaleHandling.WITHDRAW and fate.stale_at <= now and not fate.to_be_sent:
        stale = Stop(rule=fate.followup.rule, reason="stale", since=fate.stale_at)
        if wrong is None or (wrong.since or fate.drafted_at) >= fate.stale_at:
            return stale
    return wrong


def _wrong(fate: Fate, wish: Wishes, fates: Fates, now: datetime) -> Stop | None:
    found = [*(_of_nudge(fate, wish) if fate.followup.kind in NUDGES else _of_letter(fate, wish))]
    found += [
        why_not(candidate, fates, now)
        for candidate in wish.candidates
        if is_same(fate, candidate)
        and fate.followup.to.address == candidate.followup.to.address
        and fate.followup.id not in wish.displaced
    ]
    found.append(wish.people.hindrance(fate.followup.to.address, now))
    return first(stop for stop in found if stop and stop.rule in _BINDING)


def _of_letter(fate: Fate, wish: Wishes) -> Iterator[Stop | None]:
    """Find what became of the time that a thank-you was written for."""
    made = fate.followup
    if any(is_same(fate, candidate) and candidate.followup.visit == made.visit for candidate in wish.candidates):
        return
    for past in wish.thank_yous.past:
        wanted = past.followup
        if (wanted.kind, wanted.to.address, wanted.visit) == (made.kind, made.to.address, made.visit):
            yield past.stop


def _of_nudge(fate: Fate, wish: Wishes) -> Iterator[Stop | None]:
    process, made = wish.process, fate.followup
    if process.ending:
        yield Stop(rule="S1", reason=process.ending.reason, since=process.ending.at)
    displaced = [
        displaced.stop
        for displaced in wish.nudges.displaced
        if displaced.candidate.followup.id == made.id or displaced.candidate.base <= fate.drafted_at < displaced.at
    ]
    yield from displaced
    if not displaced:  # what it counted from may be gone from the story, such as a visit that did not take place
        yield _newer(fate, wish)
    if process.interview_ahead(fate.drafted_at) is False and (step := _step_since(process, fate.drafted_at)):
        yield Stop(rule="S2", reason="a new interview was fixed", since=step)
    for mail in process.own_mail:
        if mail.at > fate.drafted_at:
            yield Stop(rule="S5", reason="the user wrote since", since=mail.at)
    for absence in process.absences:
        if absence.at > fate.drafted_at and absence.address == made.to.address:
            yield Stop(rule="S9", reason=f"{absence.address} is away", since=absence.at)


def _newer(fate: Fate, wish: Wishes) -> Stop | None:
    """Find what came after a nudge and is no part of its story: a person's mail, another base, the end of its visit."""
    process, pending = wish.process, wish.nudges.pending
    for fact in process.facts:
        at = utc(fact.received_at)
        if at > fate.drafted_at and fact.direction is Direction.INBOUND and process.is_human(fact):
            return Stop(rule="S2", reason=f"they wrote on {process.days.local_day(at)}", since=at)
    if pending and pending.base > fate.drafted_at:
        return Stop(rule="S2", reason=pending.followup.reason, since=pending.base)
    if fate.followup.visit in {visit.day for visit in process.visits}:
        return None
    fallen = [past.fixed for past in process.past_times if past.interview.id == fate.followup.interview]
    ended_at = max((utc(fixed.ended_at) for fixed in fallen if fixed.ended_at), default=fate.drafted_at)
    return Stop(rule="S11", reason="the interview did not take place", since=ended_at) if fallen else None


def _step_since(process: Process, at: datetime) -> datetime | None:
    fixed = (utc(s.fixed.fixed_at) for sessions in process.fixed_by.values() for s in sessions)
    return min((step for step in fixed if step > at), default=None)
