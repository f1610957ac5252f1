"""Decides what is to be done: timelines, acts, wishes and an instant in, the Agenda of that instant out.

Everything is computed anew each time, so that a plan cannot outlive what it was made from: asked again with its own
results among the acts, it gives nothing new.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from composer.acts import Act, Withdrawn
from composer.agenda import NUDGES, Agenda, FollowUpKind, Review, Suppression, Withdrawal
from composer.candidate import Candidate, held_back
from composer.diary import Diary
from composer.engagement import Hours
from composer.fates import Fates
from composer.nudge import nudges
from composer.policy import Policy, StaleHandling
from composer.process import Process
from composer.recipient import People
from composer.reply import replies
from composer.review import reviews
from composer.schedule import Settled, settle
from composer.share import merge, spread
from composer.slot import fresh, is_same, place_of, taken_by
from composer.stop import Stop
from composer.suppress import why_not, why_over
from composer.thank_you import thank_yous
from composer.withdraw import Wishes, left_alone, withdrawals
from composer.workdays import Workdays, utc
from parsers.model import Timeline

_DISMISSED = Stop(rule="S10", reason="deleted or moved by the user: never recreated")
# What was held back longer ago is of no use to anybody: a first look at an old mailbox is no flood of reasons.
_TOLD_FOR = timedelta(days=90)


def plan(
    timelines: Sequence[Timeline],
    acts: Sequence[Act],
    policy: Policy,
    now: datetime,
    *,
    engaged: Sequence[Hours] = (),
) -> Agenda:
    """Say what is due, planned, held back, postponed, to be withdrawn and closed at an instant.

    Pure: the same arguments give the same Agenda. `now` must be aware; `due`, `stale_at` and every `at` are on the
    user's clock. `engaged` are the hours in which the user is busy beside their interviews.
    """
    now = utc(now)
    since = now - _TOLD_FOR
    fates = Fates(acts)
    wishes = [_wishes(process, since) for process in _processes(timelines, policy, fates)]
    taken_back = withdrawals(wishes, fates, policy, now)
    if taken_back:
        # The rest is judged as if that were done: what a withdrawal makes room for is due at the same instant.
        done = (
            Withdrawn(at=now, followup_id=one.followup.id, rule=one.rule) for one in taken_back if _is_ours(one, fates)
        )
        fates = Fates((*acts, *done))
        wishes = [_wishes(process, since) for process in _processes(timelines, policy, fates)]
    diary = Diary([wish.process for wish in wishes], fates, policy, engaged)
    live, suppressed = _sift(wishes, fates, diary, now)
    live, merged = merge(live, policy)
    settled = spread(live, diary, policy)
    suppressed += [held_back(one.settled.candidate.followup, one.stop, one.settled.wanted_at) for one in merged]
    followups = sorted((fresh(one.candidate, fates).followup for one in settled), key=lambda f: utc(f.due))
    told = sorted(_once(suppressed, since), key=lambda suppression: utc(suppression.at))
    agenda = Agenda(
        at=now,
        due=tuple(followup for followup in followups if utc(followup.due) <= now),
        planned=tuple(followup for followup in followups if utc(followup.due) > now),
        suppressed=tuple(told),
        postponed=tuple(one.postponement for one in settled if one.postponement),
        withdrawals=taken_back,
        closed=tuple(closing for wish in wishes for closing in wish.nudges.closings),
        review=(
            *(review for wish in wishes for review in reviews(wish.process)),
            *_without_address(told),
            *left_alone(wishes, fates, now),
        ),
    )
    return replace(agenda, next_at=_next_at(agenda, fates, policy))


def _is_ours(withdrawal: Withdrawal, fates: Fates) -> bool:
    """Whether we may take the draft away; one that is to be sent may have left by now, and goes back to the person."""
    fate = fates.of(withdrawal.followup.id)
    return fate is not None and not fate.to_be_sent


def _processes(timelines: Sequence[Timeline], policy: Policy, fates: Fates) -> Iterator[Process]:
    days = {zone: Workdays(policy, zone) for zone in {timeline.timezone for timeline in timelines}}
    messages = {fact.key for timeline in timelines for fact in timeline.facts}
    orphans = fates.orphans({timeline.id for timeline in timelines}, messages)
    for timeline in timelines:
        yield Process(timeline, policy, days[timeline.timezone], fates, orphans)


def _wishes(process: Process, since: datetime) -> Wishes:
    people = People(process)
    return Wishes(
        process=process,
        people=people,
        thank_yous=thank_yous(process, people),
        replies=replies(process, people),
        nudges=nudges(process, people, since),
    )


def _sift(
    wishes: Iterable[Wishes], fates: Fates, diary: Diary, now: datetime
) -> tuple[list[Settled], list[Suppression]]:
    """Part what may be made, each at its instant, from what may not; what was made already is neither."""
    live: dict[str, Settled] = {}  # by place: one invite may have been counted to two processes
    suppressed = [
        held_back(fate.followup, _DISMISSED, fate.gone_at) for fate in fates.all if fate.gone_at and fate.dismissed
    ]
    for wish in wishes:
        suppressed += [*wish.thank_yous.unaddressed, *wish.nudges.unaddressed]
        suppressed += _of_the_past(wish)
        for candidate in wish.candidates:
            if taken_by(candidate, fates, wish.displaced):
                continue
            settled = settle(candidate, diary, now)
            if stop := _against(candidate, fates, now):
                settled = Settled(candidate=candidate, wanted_at=candidate.due, stop=stop)
            if not settled.stop:
                live.setdefault(place_of(settled.candidate), settled)
            elif not any(is_same(fate, candidate) for fate in wish.process.fates):  # of a draft, its withdrawal tells
                suppressed.append(held_back(settled.candidate.followup, settled.stop, settled.wanted_at))
    return [*live.values()], suppressed


def _against(candidate: Candidate, fates: Fates, now: datetime) -> Stop | None:
    """Ask first by what was known at the due instant: a reason that was given once stays the reason."""
    at_due = why_not(candidate, fates, candidate.due)
    return at_due or why_not(candidate, fates, max(candidate.due, now))


def _of_the_past(wish: Wishes) -> Iterator[Suppression]:
    """Tell the thank-yous for times that fell through, and the nudges that something came before, if not drafted."""
    if wish.process.timeline.uncertain:
        return
    made = {fate.followup.id for fate in wish.process.fates}
    drafts = [fate.followup for fate in wish.process.fates]
    thanked = {(draft.to.address, draft.visit) for draft in drafts if draft.kind is FollowUpKind.THANK_YOU}
    for past in wish.thank_yous.past:
        stop = why_over(past, past.due) or past.stop
        if stop and (past.followup.to.address, past.followup.visit) not in thanked:
            yield held_back(past.followup, stop, past.due)
    for displaced in wish.nudges.displaced:
        candidate = displaced.candidate
        drafted = any(
            fate.followup.kind in NUDGES and candidate.base <= fate.drafted_at < displaced.at
            for fate in wish.process.fates
        )
        if candidate.followup.id not in made and not drafted:
            yield held_back(candidate.followup, displaced.stop, candidate.due)


def _once(suppressed: Iterable[Suppression], since: datetime) -> Iterable[Suppression]:
    told: dict[tuple[str, str, str], Suppression] = {}
    for one in suppressed:
        if utc(one.at) >= since:
            told.setdefault((one.id, one.kind, one.rule), one)
    return told.values()


def _without_address(suppressed: Iterable[Suppression]) -> Iterator[Review]:
    for one in suppressed:
        if one.rule == "S17":
            reason = f"{one.kind.replace('_', ' ')} to {one.to or 'nobody'}: {one.reason}"
            yield Review(account=one.account, application=one.application, reason=reason)


def _next_at(agenda: Agenda, fates: Fates, policy: Policy) -> datetime | None:
    """Give the next instant at which something changes without any further mail."""
    instants = [followup.due for followup in agenda.planned]
    instants += [suppression.at for suppression in agenda.suppressed]
    instants += [postponement.at for postponement in agenda.postponed]
    instants += [closing.at for closing in agenda.closed]
    if policy.stale is StaleHandling.WITHDRAW:
        instants += [fate.stale_at for fate in fates.all if fate.untouched]
    instants += [fate.until for fate in fates.all if fate.open and fate.until]
    return min((instant for instant in map(utc, instants) if instant > agenda.at), default=None)
