"""The messages of one process in, in order of arrival; its interviews with every time they had out."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from parsers import reference
from parsers.course import Course, Version, close_to, fixed_time
from parsers.model import (
    Assessed,
    Cancelled,
    Declined,
    Direction,
    EventStatus,
    Facts,
    Interview,
    Missed,
    Moved,
    Part,
    Scheduled,
    Session,
    SlotEnd,
)

# Who drags an event that is over to a new day repairs a failed start; days later the event is used again.
_MOVED_AFTER_END = timedelta(hours=24)
_CANCELLED_AFTER_END = timedelta(hours=24)  # later it is tidying up, which does not undo what took place
_ANNOUNCED_WITHIN = timedelta(hours=24)  # "we moved it, see the new invite" follows the invite within a day


class Interviews:
    """The interviews of one process while its messages are read.

    A statement below the threshold may add an interview of its own low confidence; it never touches a certain one.
    """

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self._courses: list[Course] = []
        self._called_off: dict[str, tuple[Version, Facts]] = {}  # UIDs whose CANCEL overtook the REQUEST

    def with_uid(self, uid: str | None) -> Course | None:
        """Find the interview of a calendar object."""
        return next((course for course in self._courses if uid in course.versions), None) if uid else None

    def at(self, start: datetime) -> Course | None:
        """Find the standing interview with this start, to within 15 minutes."""
        return reference.at(self._courses, start)

    def ahead(self, now: datetime) -> list[Course]:
        """List the interviews that stand and are not over, the next one first; certain ones before others."""
        return reference.ahead(self._courses, now, self._threshold)

    def fold(self, *, own: Collection[str], own_names: Collection[str]) -> tuple[Interview, ...]:
        """Give the interviews as they are known now, by current start."""
        found = (course.interview(own=own, own_names=own_names) for course in self._courses)
        return tuple(sorted(found, key=lambda interview: (interview.current.start, interview.id)))

    def read(self, fact: Facts) -> None:
        """Apply what one message says, what ends a time before what fixes one."""
        certain = [said for said in fact.statements if self._is_certain(said.confidence)]
        if fact.direction is Direction.OWN:
            # What the user proposes fixes nothing; declining and not turning up are theirs to say.
            for said in certain:
                if isinstance(said, Declined):
                    self._decline(fact, said)
                elif isinstance(said, Missed):
                    self._miss(fact)
            return
        for said in certain:
            if isinstance(said, Cancelled):
                self._cancel(fact, said)
            elif isinstance(said, Missed):
                self._miss(fact)
        for said in fact.statements:
            if isinstance(said, Moved) and not said.asked:  # a question moves nothing until somebody confirms
                self._move(fact, said)
        for said in fact.statements:
            if isinstance(said, Scheduled):
                self._place(fact, said.sessions, said.confidence, reminder=said.reminder)
        if not fact.statements:
            self._introduce(fact)

    def _is_certain(self, confidence: float) -> bool:
        return confidence >= self._threshold

    # ------------------------------------------------------------------------------------------------ a time is fixed

    def _place(
        self,
        fact: Facts,
        sessions: Iterable[Session],
        confidence: float,
        *,
        given_up: Iterable[Course] = (),
        reminder: bool = False,
        signs: tuple[reference.Sign, ...] = reference.SIGNS,
    ) -> None:
        """Give each session its interview: one that it repeats or replaces, one to be held after all, or a new one."""
        live = sorted(
            (session for session in sessions if session.status is not EventStatus.CANCELLED),
            key=lambda session: (session.start, session.uid or ""),
        )
        known = reference.repeated(self._courses, live, signs)
        replaced = [course for course in given_up if course not in known.values()]
        certain = self._is_certain(confidence)
        for place, session in enumerate(live):
            if place in known:
                self._restate(fact, known[place], session, confidence)
            elif replaced:
                self._give_time(fact, replaced.pop(0), session, confidence)
            elif reminder and self.ahead(fact.received_at):
                continue  # reminders confirm, they do not make a second interview
            elif any(course.stands and course.had(session.start) for course in self._courses):
                continue  # a late copy of a time that was given up since
            elif certain and (course := self._owed(fact, session)) is not None:
                self._give_time(fact, course, session, confidence)
            else:
                self._add(fact, session, confidence, place)
        for course in replaced:
            course.end(fact, SlotEnd.CANCELLED)  # four talks became three
            course.note(fact)

    def _give_time(self, fact: Facts, course: Course, session: Session, confidence: float) -> None:
        course.move(fact, session)
        course.describe(fact, session, confidence, anew=True)
        course.note(fact, session)

    def _restate(self, fact: Facts, course: Course, session: Session, confidence: float) -> None:
        """Read a copy or a new edition of what is known."""
        version = course.versions.get(session.uid or "")
        stale = version is not None and not version.is_older_than(session, ended=not course.stands)
        timid = not self._is_certain(confidence) and self._is_certain(course.confidence)
        if stale or timid or (version is None and session.all_day and not course.current.all_day):
            course.note(fact)
        elif course.stands and (version is None or course.is_restated_by(session)):
            course.repeat(session)
            course.describe(fact, session, confidence)
            course.note(fact, session)
        elif course.stands and fact.received_at - course.ends_at > _MOVED_AFTER_END:
            del course.versions[session.uid or ""]  # the talk took place; its event is used for the next one
            self._add(fact, session, confidence, 0)
        else:
            self._give_time(fact, course, session, confidence)

    def _add(self, fact: Facts, session: Session, confidence: float, place: int) -> None:
        course = Course(
            id=self._free_id(session.uid or f"{fact.key}#{place + 1}"),
            times=[fixed_time(fact, session)],
            confidence=confidence,
            talk=not _is_bare_test(fact, session),
        )
        course.describe(fact, session, confidence)
        course.note(fact, session)
        if fact.sender is not None:
            course.senders.add(fact.sender.address)
        self._courses.append(course)
        overtaking = self._called_off.get(session.uid or "")
        if overtaking is not None and not overtaking[0].is_older_than(session, ended=True):
            course.end(overtaking[1], SlotEnd.CANCELLED)

    def _free_id(self, wish: str) -> str:
        taken = {course.id for course in self._courses}
        spare = (f"{wish}#{number}" for number in range(2, len(taken) + 3))
        return wish if wish not in taken else next(name for name in spare if name not in taken)

    def _owed(self, fact: Facts, session: Session) -> Course | None:
        certain = [course for course in self._courses if self._is_certain(course.confidence)]
        return reference.owed(certain, session, fact.received_at)

    # ---------------------------------------------------------------------------------------------- a time is given up

    def _move(self, fact: Facts, said: Moved) -> None:
        if not self._is_certain(said.confidence):
            self._place(fact, said.sessions, said.confidence)
            return
        known = reference.repeated(self._courses, said.sessions, reference.EXACT_SIGNS)
        if said.sessions and len(known) == len(said.sessions):
            self._place(fact, said.sessions, said.confidence, signs=reference.EXACT_SIGNS)
            self._join_announced(fact, said, known[0])
            return
        waiting = [course for course in self.ahead(fact.received_at) if course not in known.values()]
        given_up = reference.given_up(self._courses, said, waiting)
        if not given_up and said.sessions:
            # Nothing but the times that it repeats is ahead: many a message states the old time beside the new one.
            given_up = [course for place, course in known.items() if said.sessions[place].uid is None]
        fixed = [session for place, session in enumerate(said.sessions) if known.get(place) not in given_up]
        if fixed:
            self._place(fact, fixed, said.confidence, given_up=given_up, signs=reference.EXACT_SIGNS)
            return
        for course in given_up:
            course.end(fact, SlotEnd.CANCELLED)  # "a new time follows": called off until it does
            course.note(fact)

    def _join_announced(self, fact: Facts, said: Moved, fresh: Course) -> None:
        """Join two interviews when a message says that the second, which an unlinked invite made, is the first moved.

        Where it does not name the old time, it must follow the invite within a day and leave no choice.
        """
        if len(said.sessions) != 1 or not fresh.stands:
            return
        old = reference.named(self._courses, said.old_start) if said.old_start else None
        if old is None and len(fresh.times) == 1 and fact.received_at - fresh.current.fixed_at <= _ANNOUNCED_WITHIN:
            others = [course for course in self.ahead(fact.received_at) if course is not fresh]
            old = others[0] if len(others) == 1 else None
        if old is not None and old is not fresh and old.current.fixed_at <= fresh.current.fixed_at:
            self._join(old, fresh, fact)

    def _join(self, old: Course, fresh: Course, fact: Facts) -> None:
        old.absorb(fresh, fact)
        self._courses.remove(fresh)

    def _cancel(self, fact: Facts, said: Cancelled) -> None:
        course = self.with_uid(said.uid)
        if said.uid and course is not None:
            self._cancel_object(fact, said, said.uid, course)
            return
        if said.uid:
            dtstamp = _dtstamp(fact, said.uid)
            version = Version(sequence=said.sequence, dtstamp=dtstamp, seen_at=fact.received_at, organizer=None)
            self._called_off[said.uid] = (version, fact)
        for target in reference.called_off(self._courses, said, self.ahead(fact.received_at)):
            target.end(fact, SlotEnd.CANCELLED)
            target.note(fact)

    def _cancel_object(self, fact: Facts, said: Cancelled, uid: str, course: Course) -> None:
        version = course.versions[uid]
        course.note(fact)
        if said.sequence < version.sequence:
            return
        dtstamp = _dtstamp(fact, uid) or version.dtstamp
        course.versions[uid] = replace(version, sequence=said.sequence, dtstamp=dtstamp, cancelled=True)
        over = course.ends_at + _CANCELLED_AFTER_END <= fact.received_at
        old_time_only = said.start and not close_to(said.start, course.current.start) and course.had(said.start)
        if not course.stands or over or old_time_only or reference.is_replaced(course, version, fact.received_at):
            return
        fresh = reference.fresh_invite(self.ahead(fact.received_at), course, version, fact.received_at)
        if fresh is None:
            course.end(fact, SlotEnd.CANCELLED)
        else:
            self._join(course, fresh, fact)

    def _miss(self, fact: Facts) -> None:
        course = reference.missed(self._courses, fact.received_at)
        if course is not None:
            course.end(fact, SlotEnd.MISSED)
            course.note(fact)

    def _decline(self, fact: Facts, said: Declined) -> None:
        course = self.with_uid(said.uid) if said.uid else next(iter(self.ahead(fact.received_at)), None)
        if course is not None and course.ahead_at(fact.received_at):
            course.end(fact, SlotEnd.DECLINED)
            course.note(fact)

    def _introduce(self, fact: Facts) -> None:
        """Take the interviewers that a message names without a time, where it can mean one interview only."""
        named = tuple(person for person in fact.people if person.part is Part.INTERVIEWER)
        ahead = self.ahead(fact.received_at)
        if named and len(ahead) == 1 and not ahead[0].has_interviewer:
            ahead[0].people[fact.key] = named
            ahead[0].note(fact)


def _dtstamp(fact: Facts, uid: str) -> datetime | None:
    return next((event.dtstamp for event in fact.events if event.uid == uid), None)


def _is_bare_test(fact: Facts, session: Session) -> bool:
    """Whether the hour is for a test and nobody is named who would be met (policy.md S14)."""
    test = any(isinstance(said, Assessed) for said in fact.statements)
    return test and not any(person.part not in (Part.ROBOT, Part.ROOM) for person in session.people)
