"""Reads one Timeline for planning: its visits, its human mail, the user's own mail, and what ended it.

Statements below the policy's threshold, and messages whose sender was disproved, move nothing (S15).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby

from composer.agenda import ClosedAs
from composer.fates import Fate, Fates
from composer.policy import Policy
from composer.workdays import Workdays, utc
from parsers.model import (
    ASSUMED_LENGTH,
    Address,
    Away,
    Bounced,
    Cancelled,
    Direction,
    Facts,
    FixedTime,
    Interview,
    Moved,
    Offered,
    Rejected,
    Scheduled,
    Statement,
    Timeline,
    Trust,
    Withdrew,
)

_ENDINGS: Mapping[type[Statement], tuple[ClosedAs, str]] = {
    Rejected: (ClosedAs.REJECTED, "the employer turned the application down"),
    Offered: (ClosedAs.OFFER, "the post was offered"),
    Withdrew: (ClosedAs.WITHDRAWN, "the application was withdrawn"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """An interview at one of its times. Instants are in UTC."""

    interview: Interview
    fixed: FixedTime
    start: datetime
    end: datetime
    day: date  # the recipient's; of an entry without a time, its last day


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """All sessions of a process on one local day of the recipient (policy.md section 1), by start."""

    day: date
    sessions: tuple[Session, ...]

    @property
    def end(self) -> datetime:
        """The end of the last session."""
        return max(session.end for session in self.sessions)

    @property
    def timed(self) -> bool:
        """Whether any session has a time of day."""
        return any(not session.fixed.all_day for session in self.sessions)

    @property
    def last_timed_end(self) -> datetime:
        """The end of the last session that has a time of day; of the visit where none has."""
        return max((s.end for s in self.sessions if not s.fixed.all_day), default=self.end)

    @property
    def evidence(self) -> tuple[str, ...]:
        """The messages that fixed it."""
        return tuple(dict.fromkeys(session.fixed.fixed_by for session in self.sessions))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What ended the process, and when (S1)."""

    at: datetime
    state: ClosedAs
    reason: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnMail:
    """A mail that the user sent. `at` is in UTC."""

    at: datetime
    to: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """An out-of-office answer: who is away, and the first day on which a nudge may come (S9)."""

    at: datetime
    address: str
    returns_on: date | None
    not_before: date


class Process:
    """One application, read once for a planning."""

    def __init__(
        self, timeline: Timeline, policy: Policy, days: Workdays, fates: Fates, orphans: frozenset[str] = frozenset()
    ) -> None:
        self.timeline = timeline
        self.policy = policy
        self.days = days
        believed = (fact for fact in timeline.facts if fact.trust is not Trust.FAILED)
        self.facts: tuple[Facts, ...] = tuple(sorted(believed, key=lambda fact: fact.received_at))
        self.keys = frozenset(fact.key for fact in timeline.facts)
        self.fates = tuple(fate for fate in fates.all if self._owns(fate, orphans))
        self.fixed_by: dict[str, list[Session]] = defaultdict(list)
        self.ended_by: dict[str, list[Session]] = defaultdict(list)
        self.past_times: list[Session] = []  # those that no longer stand
        self.visits = self._read_interviews()
        self.ending = next(self._endings(), None)
        self.own_mail = tuple(sorted(self._own_mail(), key=lambda mail: mail.at))
        self.absences = tuple(self._absences())

    def _owns(self, fate: Fate, orphans: frozenset[str]) -> bool:
        """Whether a draft followed up this application. Its id may have changed since; the messages have not."""
        followup, timeline = fate.followup, self.timeline
        if followup.account != timeline.account:
            return False
        if followup.application == timeline.id or not self.keys.isdisjoint(followup.evidence):
            return True
        same_company = (followup.company or "").casefold() == (timeline.company or "").casefold()
        return followup.id in orphans and same_company

    def statements(self, fact: Facts) -> tuple[Statement, ...]:
        """Give what a message says with enough confidence."""
        threshold = self.policy.confidence_threshold
        if all(said.confidence >= threshold for said in fact.statements):
            return fact.statements
        return tuple(said for said in fact.statements if said.confidence >= threshold)

    def is_human(self, fact: Facts) -> bool:
        """Whether a person at the employer wrote this; a bare calendar object is a step, no mail (policy.md 1)."""
        if not fact.human or any(isinstance(said, Away | Bounced) for said in fact.statements):
            return False
        # A file that a letter brings along publishes (RFC 5546 3.2.1); what a calendar sends asks or cancels.
        by_calendar = any(event.method not in {None, "PUBLISH"} for event in fact.events)
        only_calendar = all(isinstance(said, Scheduled | Moved | Cancelled) for said in fact.statements)
        return not (by_calendar and fact.statements and only_calendar)

    def is_certain(self, interview: Interview) -> bool:
        """Whether an interview may move anything (S15)."""
        return interview.confidence >= self.policy.confidence_threshold and not self._is_disproved(interview)

    def interview_ahead(self, at: datetime) -> bool:
        """Whether, as known at an instant, a confirmed interview lies ahead of it or is going on."""
        return any(
            utc(session.fixed.fixed_at) <= at < session.end
            and (session.fixed.ended_at is None or session.fixed.ended_at > at)
            for session in self._talks
        )

    def session(self, interview: Interview) -> Session:
        """Give an interview at the time that stands, or at the last that stood."""
        return self._session_at(interview, interview.current)

    def last_visit(self, at: datetime) -> Visit | None:
        """Give the last visit that was over at an instant."""
        return next((visit for visit in reversed(self.visits) if visit.end <= at), None)

    def _read_interviews(self) -> tuple[Visit, ...]:
        self._talks: list[Session] = []
        standing = []
        for interview in self.timeline.interviews:
            if not (interview.talk and self.is_certain(interview)):
                continue
            for fixed in interview.times:
                session = self._session_at(interview, fixed)
                self._talks.append(session)
                self.fixed_by[fixed.fixed_by].append(session)
                if fixed.ended is None:
                    standing.append(session)
                else:
                    self.past_times.append(session)
                    self.ended_by[fixed.ended_by or ""].append(session)
        standing.sort(key=lambda session: (session.day, session.start))
        return tuple(
            Visit(day=day, sessions=tuple(sessions))
            for day, sessions in groupby(standing, key=lambda session: session.day)
        )

    def _session_at(self, interview: Interview, fixed: FixedTime) -> Session:
        start = utc(fixed.start)
        if fixed.all_day:
            # A date-only end is exclusive (policy.md 3.6); the date is the file's, whatever the zone.
            last = max(fixed.start.date(), fixed.end.date() - timedelta(days=1)) if fixed.end else fixed.start.date()
            end = self.days.at_recipient(last + timedelta(days=1), time(0))
            return Session(interview=interview, fixed=fixed, start=start, end=end, day=last)
        end = utc(fixed.end) if fixed.end else start + ASSUMED_LENGTH[interview.medium]
        return Session(interview=interview, fixed=fixed, start=start, end=end, day=self.days.local_day(start))

    def _is_disproved(self, interview: Interview) -> bool:
        fixing = {fixed.fixed_by for fixed in interview.times}
        trusts = {fact.trust for fact in self.timeline.facts if fact.key in fixing}
        return trusts == {Trust.FAILED}

    def _endings(self) -> Iterator[Ending]:
        for fact in self.facts:
            for said in self.statements(fact):
                ending = _ENDINGS.get(type(said))
                if ending and (fact.direction is Direction.INBOUND or isinstance(said, Withdrew)):
                    state, reason = ending
                    yield Ending(at=utc(fact.received_at), state=state, reason=reason, message=fact.key)

    def _own_mail(self) -> Iterator[OwnMail]:
        for fact in self.facts:
            # What a calendar answers on a click is no letter of the user's.
            if fact.direction is Direction.OWN and not any(event.method == "REPLY" for event in fact.events):
                yield OwnMail(at=utc(fact.received_at), to=frozenset(address.address for address in fact.to))
        for fate in self.fates:
            if fate.sent_at:
                yield OwnMail(at=fate.sent_at, to=frozenset({fate.followup.to.address}))

    def _absences(self) -> Iterator[Absence]:
        for fact in self.facts:
            for said in fact.statements:
                if isinstance(said, Away) and not said.left and fact.sender and fact.direction is Direction.INBOUND:
                    known = said.returns_on
                    day = known or self.days.local_day(fact.received_at)
                    yield Absence(
                        at=utc(fact.received_at),
                        address=fact.sender.address,
                        returns_on=known,
                        not_before=self.days.add(day, 2 if known else 5),  # S9
                    )


def address_of(fact: Facts) -> Address | None:
    """Give the address at which the writer of a message is answered: a relay says it in Reply-To (policy.md 5)."""
    if fact.automatic and fact.answerable and fact.reply_to:
        return fact.reply_to
    return fact.sender
