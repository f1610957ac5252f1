"""The course of one interview: sessions from several messages in, its times and who takes part out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from parsers.model import (
    ASSUMED_LENGTH,
    Address,
    Facts,
    FixedTime,
    Interview,
    Medium,
    Part,
    Person,
    Session,
    SlotEnd,
)
from parsers.participants import merge

SAME_SESSION = timedelta(minutes=15)  # policy.md S12: two invites this close are one session
_FAR_FUTURE = datetime.max.replace(tzinfo=UTC) - timedelta(days=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """Which edition of a calendar object was seen last (RFC 5546 section 2.1.5)."""

    sequence: int
    dtstamp: datetime | None
    seen_at: datetime  # arrival of the first message with this UID
    organizer: str | None
    cancelled: bool = False

    def is_older_than(self, session: Session, *, ended: bool) -> bool:
        """Tell whether the session is an edition that replaces this one.

        At equal SEQUENCE the later DTSTAMP wins, and where that is not known the later arrival. A time that has
        `ended` comes back only by an edition made after that, not by a late copy.
        """
        if session.sequence != self.sequence:
            return session.sequence > self.sequence
        if session.dtstamp is None or self.dtstamp is None:
            return not ended
        return session.dtstamp > self.dtstamp or (session.dtstamp == self.dtstamp and not ended)


def end_of(start: datetime, end: datetime | None, medium: Medium | None) -> datetime:
    """Give the end, or the one to be assumed (policy.md 3.6)."""
    if end is not None and end >= start:
        return end
    # A start at the edge of the calendar (hostile input) has no hour after it.
    return start if start >= _FAR_FUTURE else start + ASSUMED_LENGTH[medium]


def close_to(one: datetime, other: datetime) -> bool:
    """Tell whether two starts are one session's (policy.md S12)."""
    return abs(one - other) <= SAME_SESSION


@dataclass(slots=True, kw_only=True, eq=False)
class Course:
    """One interview while its messages are read, in order of arrival."""

    id: str
    times: list[FixedTime]
    confidence: float
    talk: bool = True
    medium: Medium | None = None
    location: str | None = None
    title: str | None = None
    people: dict[str, tuple[Person, ...]] = field(default_factory=dict)  # by UID, or by message
    versions: dict[str, Version] = field(default_factory=dict)  # by UID; duplicates have one each
    senders: set[str] = field(default_factory=set)  # who may change it
    sources: dict[str, None] = field(default_factory=dict)

    @property
    def current(self) -> FixedTime:
        """The time that stands, or the last one that stood."""
        return self.times[-1]

    @property
    def stands(self) -> bool:
        """Whether it is expected to take place, or took place."""
        return self.current.ended is None

    @property
    def ends_at(self) -> datetime:
        """The end of the current time, assumed where none is stated."""
        return end_of(self.current.start, self.current.end, self.medium)

    def ahead_at(self, now: datetime) -> bool:
        """Whether it stands and is not over at `now`."""
        return self.stands and self.ends_at > now

    def had(self, start: datetime) -> bool:
        """Whether a start is one of its earlier times."""
        return any(time.ended is not None and close_to(time.start, start) for time in self.times)

    @property
    def has_interviewer(self) -> bool:
        """Whether somebody is known to interview, and not only to be there."""
        return any(person.part is Part.INTERVIEWER for people in self.people.values() for person in people)

    def is_restated_by(self, session: Session) -> bool:
        """Whether an edition states the time that stands, or fills in the hour of a day."""
        time = self.current
        filled_in = time.all_day and not session.all_day and time.start.date() == session.start.date()
        return filled_in or (time.start == session.start and time.all_day is session.all_day)

    def describe(self, fact: Facts, session: Session, confidence: float, *, anew: bool = False) -> None:
        """Take over what a message says besides the time; `anew` where that time is a new one."""
        self.confidence = max(self.confidence, confidence)
        self.medium = session.medium or self.medium
        self.location = session.location or self.location
        if session.title and (session.uid or self.title is None):
            self.title = session.title
        source = session.uid or fact.key
        if session.people:
            if anew and any(person.part is Part.INTERVIEWER for person in session.people):
                # "Ann is unavailable, Ben will step in": who is named with the new time is who will be there.
                self.people.clear()
            self.people[source] = session.people

    def note(self, fact: Facts, session: Session | None = None) -> None:
        """Keep the message as a source, and its edition of the calendar object."""
        self.sources[fact.key] = None
        if session is None or session.uid is None:
            return
        organizer = organizer_of(fact, session.uid)
        self.senders |= {address.address for address in (fact.sender, organizer) if address is not None}
        known = self.versions.get(session.uid)
        if known is None or known.is_older_than(session, ended=False):
            self.versions[session.uid] = Version(
                sequence=session.sequence,
                dtstamp=session.dtstamp,
                seen_at=known.seen_at if known else fact.received_at,
                organizer=organizer.address if organizer else known.organizer if known else None,
            )

    def repeat(self, session: Session) -> None:
        """Sharpen the standing time by a message that states it again: nothing moves."""
        time = self.current
        from_invite = session.uid is not None
        if time.all_day and not session.all_day:
            # "Save the date", then the hour.
            time = replace(time, start=session.start, end=session.end, all_day=False)
        elif from_invite and (session.uid in self.versions or not self.versions):
            # The calendar object beats prose, and its newest edition the older ones.
            time = replace(time, start=session.start, end=session.end or time.end)
        elif time.end is None:
            time = replace(time, end=session.end)
        zone = session.timezone if from_invite else None
        self.times[-1] = replace(time, timezone=zone or time.timezone or session.timezone)

    def move(self, fact: Facts, session: Session) -> None:
        """Fix a new time: the one that stood has moved; one that had ended before keeps its own reason."""
        self.end(fact, SlotEnd.MOVED)
        self.times.append(fixed_time(fact, session))

    def end(self, fact: Facts, reason: SlotEnd) -> None:
        """End the time that stands."""
        if self.stands:
            self.times[-1] = replace(self.current, ended=reason, ended_by=fact.key, ended_at=fact.received_at)

    def absorb(self, other: Course, fact: Facts) -> None:
        """Take over another interview, which turns out to be the new time of this one."""
        self.end(fact, SlotEnd.MOVED)
        self.times.extend(other.times)
        self.confidence = max(self.confidence, other.confidence)
        if other.has_interviewer:
            self.people.clear()
        self.people |= other.people
        self.medium = other.medium or self.medium
        self.location = other.location or self.location
        self.versions |= other.versions
        self.senders |= other.senders
        self.sources |= other.sources

    def interview(self, *, own: Collection[str], own_names: Collection[str]) -> Interview:
        """Give the interview as it is known now."""
        named = (person for people in self.people.values() for person in people)
        return Interview(
            id=self.id,
            times=tuple(self.times),
            confidence=self.confidence,
            medium=self.medium,
            location=self.location,
            title=self.title,
            people=merge(named, own=own, own_names=own_names),
            sources=tuple(self.sources),
            talk=self.talk,
        )


def fixed_time(fact: Facts, session: Session) -> FixedTime:
    """Make the time that a message fixes."""
    return FixedTime(
        start=session.start,
        end=session.end,
        timezone=session.timezone,
        all_day=session.all_day,
        fixed_by=fact.key,
        fixed_at=fact.received_at,
    )


def organizer_of(fact: Facts, uid: str) -> Address | None:
    """Find the organizer that the message's calendar object names."""
    return next((event.organizer for event in fact.events if event.uid == uid and event.organizer), None)
