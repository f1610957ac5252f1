"""The nudges of a process: its story in, the pending nudge, the displaced ones and the end that silence brings out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from composer.agenda import Closing, FollowUpKind, Suppression
from composer.base import Base, Silence
from composer.candidate import Candidate, make, nameless
from composer.event import events
from composer.process import Process
from composer.recipient import People
from composer.stop import Stop, first
from composer.story import Story
from composer.workdays import utc
from parsers.model import Assessed, Direction

_KINDS = (FollowUpKind.CHECK_IN_1, FollowUpKind.CHECK_IN_FINAL, FollowUpKind.CLOSING_NOTE)
_JUST_BEFORE = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Displaced:
    """A nudge that something came before; `at` is when."""

    candidate: Candidate
    stop: Stop
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Nudges:
    """What the story comes to. `unaddressed` is a pending nudge for which there is no address."""

    pending: Candidate | None
    displaced: tuple[Displaced, ...]
    closings: tuple[Closing, ...]
    unaddressed: tuple[Suppression, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Next:
    kind: FollowUpKind
    base: Base
    day: date
    rule: str
    stop: Stop | None

    @property
    def what(self) -> tuple[FollowUpKind, str]:
        return self.kind, self.base.anchor


def nudges(process: Process, people: People, since: datetime) -> Nudges:
    """Go through the story; what was displaced before `since` is not told again."""
    story = Story(process)
    pending: _Next | None = None
    displaced: list[Displaced] = []
    closings: list[Closing] = []
    for at, event in events(process):
        if story.silence and story.silence.at <= at:
            closings.append(_closing(process, story.silence))
            story.silence = None
        why = story.read(at, event)
        after = _next(process, story, at)
        if pending and (after is None or after.what != pending.what) and at >= since:
            displaced += _displace(process, people, pending, why, at)
        pending = after
    if story.silence:
        closings.append(_closing(process, story.silence))
    if ending := process.ending:
        end = Silence(at=ending.at, state=ending.state, rule="S1", reason=ending.reason)
        closings.append(_closing(process, end))
    last = _candidate(process, people, pending, process.days.nudge_at(pending.day)) if pending else None
    coming = last if isinstance(last, Candidate) else None
    # An older promise may come into force again when a visit is over: then it was not displaced for good.
    gone = {
        one.candidate.followup.id: one
        for one in displaced
        if not coming or one.candidate.followup.id != coming.followup.id
    }
    return Nudges(
        pending=coming,
        displaced=tuple(gone.values()),
        closings=() if process.timeline.uncertain else tuple(closings),
        unaddressed=(*_tests(process, people), *((last,) if isinstance(last, Suppression) else ())),
    )


def _tests(process: Process, people: People) -> Iterator[Suppression]:
    """Name the tests after which nobody can be asked: only a robot is known in the process (S16)."""
    days = process.days
    for fact in process.facts:
        at = utc(fact.received_at)
        asked = any(isinstance(said, Assessed) for said in process.statements(fact))
        if not asked or fact.direction is not Direction.INBOUND or people.correspondent(at) is not None:
            continue
        to, stop = people.unreachable(at)
        due = days.nudge_at(days.add(days.local_day(at), process.policy.check_in.after_mail))
        yield nameless(process, kind=_KINDS[0], to=to, anchor=fact.key, stop=stop, at=due, evidence=(fact.key,))


def _next(process: Process, story: Story, at: datetime) -> _Next | None:
    """Give the nudge that comes next if nothing else happens (policy.md 3.8, 3.9)."""
    wishes, base = process.policy.check_in, story.base
    if not wishes.enabled or story.over or base is None or process.interview_ahead(at):
        return None
    days = process.days
    number = story.sent_in_round + (1 if story.deleted and base.at == story.deleted.since else 0)
    plain = days.preferred(days.add(base.day, base.wait))
    day = days.resumed(plain)
    return _Next(
        kind=_KINDS[min(number, len(_KINDS) - 1)],
        base=base,
        day=day,
        rule=base.rule if day == plain else "C6",
        stop=first((base.stop, story.deleted, story.stop, _used_up(process, story, number))),
    )


def _used_up(process: Process, story: Story, number: int) -> Stop | None:
    wishes, timeline = process.policy.check_in, process.timeline
    concerned = (o for o in process.policy.overrides if o.concerns(timeline.company, timeline.role))
    limits = [wishes.max_nudges_per_process, *(o.max_nudges for o in concerned if o.max_nudges is not None)]
    if number >= wishes.kinds_per_round:
        note = "; the closing note is off" if number == 2 and not wishes.closing_note else ""
        return Stop(rule="S7", reason=f"{number} nudges used in this round{note}")
    if story.sent >= min(limits):
        return Stop(rule="S7", reason=f"{story.sent} nudges used in this process")
    return None


def _displace(process: Process, people: People, before: _Next, why: Stop, at: datetime) -> list[Displaced]:
    known = at - _JUST_BEFORE
    candidate = _candidate(process, people, before, known)
    if not isinstance(candidate, Candidate):
        return []
    if candidate.stop:
        # It was stopped already; that is told only if its hour had come.
        return [Displaced(candidate=candidate, stop=candidate.stop, at=at)] if candidate.due <= at else []
    return [Displaced(candidate=candidate, stop=why, at=at)]


def _candidate(process: Process, people: People, what: _Next, known: datetime) -> Candidate | Suppression:
    """Address a nudge, by what is known at an instant."""
    base, days = what.base, process.days
    due = days.nudge_at(what.day)
    to, stop = people.correspondent(known), what.stop
    if to is None:
        to, unreachable = people.unreachable(known)
        stop = first((stop, unreachable))
        if to is None:
            return nameless(
                process, kind=what.kind, to=None, anchor=base.anchor, stop=unreachable, at=due, evidence=base.evidence
            )
    visit = process.last_visit(due)
    reason = f"{base.reason}, +{base.wait} business days"
    if what.rule == "C6":
        reason += f", after the quiet period: {what.day}"
    return make(
        process,
        people,
        kind=what.kind,
        to=to,
        anchor=base.anchor,
        rule=what.rule,
        reason=reason,
        base=base.at,
        day=what.day,
        due=due,
        stale_at=days.stale_at(what.day, process.policy.check_in.stale_business_days),
        evidence=base.evidence,
        interview=visit.sessions[-1].interview.id if visit else None,
        visit=visit.day if visit else None,
        promised=base.promised,
        counted_from=base.day,
        business_days=base.wait,
        stop=stop,
    )


def _closing(process: Process, end: Silence) -> Closing:
    timeline = process.timeline
    return Closing(
        account=timeline.account,
        application=timeline.id,
        company=timeline.company,
        role=timeline.role,
        state=end.state,
        rule=end.rule,
        reason=end.reason,
        at=process.days.shown(utc(end.at)),
    )
