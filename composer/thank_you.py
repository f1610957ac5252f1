"""The thank-yous of a process: visits in, one candidate an interviewer and visit out (policy.md T1 to T7)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from composer.agenda import FollowUpKind, Suppression, Wording
from composer.candidate import Candidate, make, nameless
from composer.policy import Audience
from composer.process import Process, Session, Visit
from composer.recipient import Guest, People
from composer.stop import Stop
from composer.workdays import utc
from parsers.model import Assessed, Direction, SlotEnd

_KIND = FollowUpKind.THANK_YOU
_WHY_NOT = {
    SlotEnd.CANCELLED: Stop(rule="S11", reason="the interview was cancelled"),
    SlotEnd.DECLINED: Stop(rule="S11", reason="the interview was declined"),
    SlotEnd.MISSED: Stop(rule="S11", reason="the interview did not take place"),
    SlotEnd.MOVED: Stop(rule="S12", reason="the interview was moved"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ThankYous:
    """What a process asks for: `past` are those for times that no longer stand, each with its stop."""

    candidates: tuple[Candidate, ...]
    past: tuple[Candidate, ...]
    unaddressed: tuple[Suppression, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Instant:
    due: datetime
    rule: str
    reason: str


def thank_yous(process: Process, people: People) -> ThankYous:
    """Give every thank-you that the visits of a process ask for, whether it may be written or not."""
    if not process.policy.thank_you.enabled:
        return ThankYous(candidates=(), past=(), unaddressed=())
    candidates: list[Candidate] = []
    unaddressed = list(_talks_with_nobody(process))
    for number, visit in enumerate(process.visits):
        made, missing = _of_visit(process, people, visit, later_round=number > 0)
        candidates += made
        unaddressed += missing
    past = [candidate for session in process.past_times for candidate in _of_past_time(process, people, session)]
    uncertain = [candidate for visit in _uncertain(process) for candidate in _of_visit(process, people, visit)[0]]
    doubt = Stop(rule="S15", reason="it is not certain that this is an interview: see the review list")
    candidates += [replace(candidate, stop=doubt) for candidate in uncertain]
    return ThankYous(candidates=tuple(candidates), past=tuple(past), unaddressed=tuple(unaddressed))


def _of_visit(
    process: Process, people: People, visit: Visit, *, later_round: bool = False
) -> tuple[list[Candidate], list[Suppression]]:
    """Choose whom to thank for a visit; the second list names those who have no address."""
    wishes = process.policy.thank_you
    same_day = people.same_day_promise(visit)
    when = _instant(process, visit, same_day)
    recruiter = people.correspondent(when.due)
    guests = people.guests(visit)
    thanked = [guest for guest in guests if guest.address]
    unknown = tuple(guest.name for guest in guests if not guest.address and guest.name)
    barred = {guest.address for guest in thanked if people.hindrance(guest.address or "", when.due)}
    passed_on = unknown + tuple(guest.name for guest in thanked if guest.address in barred and guest.name)
    if wishes.audience is Audience.LEAD_ONLY:
        thanked = thanked[:1]
    elif wishes.audience is Audience.RECRUITER_ONLY and recruiter:
        passed_on = tuple(guest.name for guest in guests if guest.name and guest.address != recruiter)
        thanked = [guest for guest in thanked if guest.address == recruiter]
    if len(guests) == 1 and guests[0].arranges and not wishes.recruiter_screen:
        thanked = []
    elif recruiter and passed_on and recruiter not in {guest.address for guest in thanked}:
        last = visit.sessions[-1]
        thanked.append(Guest(name=None, address=recruiter, interview=last.interview.id, end=visit.end))
    if sum(guest.address not in barred for guest in thanked) > 1:
        when = replace(when, rule="T4", reason=f"{when.reason}; one letter each")
    if same_day:
        wording = Wording.SHORT
    elif later_round:
        wording = Wording.LATER_ROUND  # also a recruiter's: the same letter twice thanks for nothing
    else:
        wording = Wording.RECRUITER_SCREEN if len(guests) == 1 and guests[0].arranges else Wording.STANDARD
    letters = [
        _letter(
            process,
            people,
            visit,
            guest,
            when,
            mentions=passed_on if guest.address == recruiter else (),
            wording=wording,
        )
        for guest in thanked
    ]
    nobody = () if guests or letters else (None,)  # nothing is known of whom the user met: that is told, too
    missing = [_unaddressed(process, visit, name, when) for name in (*unknown, *nobody)]
    return _capped(letters, wishes.max_per_visit), missing


def _capped(letters: list[Candidate], cap: int) -> list[Candidate]:
    """Stop the letters beyond the cap, those that name somebody without an address last."""
    too_many = Stop(rule="S7", reason=f"at most {cap} thank-yous a visit")
    free = [candidate for candidate in letters if not candidate.stop]
    kept = {candidate.followup.id for candidate in sorted(free, key=lambda c: not c.followup.mentions)[:cap]}
    return [c if c.stop or c.followup.id in kept else replace(c, stop=too_many) for c in letters]


def _unaddressed(process: Process, visit: Visit, name: str | None, when: _Instant) -> Suppression:
    return nameless(
        process,
        kind=_KIND,
        to=name,
        anchor=visit.sessions[-1].interview.id,
        stop=Stop(rule="S17", reason="no known address; never guessed"),
        at=when.due,
        interview=visit.sessions[-1].interview.id,
        evidence=visit.evidence,
    )


def _letter(
    process: Process,
    people: People,
    visit: Visit,
    guest: Guest,
    when: _Instant,
    *,
    mentions: tuple[str, ...] = (),
    wording: Wording = Wording.STANDARD,
    anchor: str = "",
) -> Candidate:
    address = guest.address or ""
    return make(
        process,
        people,
        kind=_KIND,
        to=address,
        anchor=guest.interview + anchor,
        rule=when.rule,
        reason=when.reason,
        base=guest.end,
        day=visit.day,
        due=when.due,
        stale_at=process.days.stale_at(visit.day, process.policy.thank_you.stale_business_days),
        evidence=visit.evidence,
        interview=guest.interview,
        visit=visit.day,
        mentions=mentions,
        wording=wording,
        stop=people.hindrance(address, when.due),
    )


def _instant(process: Process, visit: Visit, same_day_decision: str | None) -> _Instant:
    """Date the thank-yous of a visit (policy.md 3.1)."""
    days, wishes = process.days, process.policy.thank_you
    if not visit.timed:
        due = days.day_after_thank_you(visit.day)
        return _Instant(due=due, rule="T6", reason=f"interview on {visit.day}, no time known: the day after")
    end = visit.last_timed_end
    delay = wishes.same_day_decision_delay if same_day_decision else wishes.delay
    exact = end + delay
    due = days.into_thank_you_hours(exact)
    rule = "T3" if due != exact else "T2" if same_day_decision else "T1"
    ended = f"interview ended {days.shown(end):%H:%M}, +{_hours(delay)}"
    if rule == "T3":
        ended += f" is outside drafting hours: {days.shown(due):%a %H:%M}"
    elif rule == "T2":
        ended += ": they decide on the same day"
    return _Instant(due=due, rule=rule, reason=ended)


def _hours(delay: timedelta) -> str:
    hours = delay / timedelta(hours=1)
    return f"{hours:g} h"


def _of_past_time(process: Process, people: People, session: Session) -> Iterator[Candidate]:
    """Give the thank-yous of a time that was moved or fell through: their timers die (S11, S12)."""
    fixed = session.fixed
    visit = Visit(day=session.day, sessions=(session,))
    when = _instant(process, visit, people.same_day_promise(visit))
    for guest in people.guests(visit):
        hindered = not guest.address or people.hindrance(guest.address, when.due)
        if fixed.ended and fixed.ended_at and not hindered:
            # A time that fell is told apart by the message that had fixed it: an interview may move twice.
            candidate = _letter(process, people, visit, guest, when, anchor=f"\x1f{fixed.fixed_by}")
            yield replace(candidate, stop=_why_fallen(process, fixed.ended, utc(fixed.ended_at)))


def _why_fallen(process: Process, ended: SlotEnd, ended_at: datetime) -> Stop:
    moved = ended is SlotEnd.CANCELLED and is_moved(process, ended_at)
    return replace(_WHY_NOT[SlotEnd.MOVED if moved else ended], since=ended_at)


def is_moved(process: Process, ended_at: datetime) -> bool:
    """Whether a cancellation was followed by a fresh invite before the reply to it was due: then it is a move (R2)."""
    reply_due = process.days.into_hours(utc(ended_at) + process.policy.after_cancellation.reply_after)
    fresh = (other.fixed.fixed_at for sessions in process.fixed_by.values() for other in sessions)
    return any(ended_at <= fixed_at <= reply_due for fixed_at in fresh)


def _uncertain(process: Process) -> Iterator[Visit]:
    for interview in process.timeline.interviews:
        if interview.talk and interview.stands and not process.is_certain(interview):
            session = process.session(interview)
            yield Visit(day=session.day, sessions=(session,))


def _talks_with_nobody(process: Process) -> Iterator[Suppression]:
    """Name the tests, one-way videos and AI interviews: there is nobody to thank (S14)."""
    stop = Stop(rule="S14", reason="no conversation took place: a test or a recorded interview")
    named: set[str] = set()
    for interview in process.timeline.interviews:
        if not interview.talk:
            named.update(interview.sources)
            session = process.session(interview)
            when = _instant(process, Visit(day=session.day, sessions=(session,)), None)
            to = next((person.address for person in interview.people if person.address), None)
            yield nameless(
                process,
                kind=_KIND,
                to=to or _sender(process, session.fixed.fixed_by),
                anchor=interview.id,
                stop=stop,
                at=when.due,
                interview=interview.id,
                evidence=interview.sources,
            )
    for fact in process.facts:
        asked = any(isinstance(said, Assessed) for said in process.statements(fact))
        if asked and fact.direction is Direction.INBOUND and fact.key not in named:
            due = process.days.into_thank_you_hours(utc(fact.received_at) + process.policy.thank_you.delay)
            to = _sender(process, fact.key)
            yield nameless(process, kind=_KIND, to=to, anchor=fact.key, stop=stop, at=due, evidence=(fact.key,))


def _sender(process: Process, key: str) -> str | None:
    return next((fact.sender.address for fact in process.facts if fact.key == key and fact.sender), None)
