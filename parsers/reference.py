"""The words of a message for an interview in, the interview that is meant out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from parsers.course import Course, Version, close_to
from parsers.model import Cancelled, Moved, Session
from parsers.participants import name_key

# A fresh invite this close before a cancellation is its replacement; later it is another matter (policy.md R1, R2).
_REPLACED_WITHIN = timedelta(hours=1)
_MISSED_WITHIN = timedelta(days=7)  # "sorry we missed you" is written soon
_LATER_TODAY = timedelta(hours=12)

Sign = Callable[[Course, Session], bool]


def _same_object(course: Course, session: Session) -> bool:
    return session.uid is not None and session.uid in course.versions


def _same_start(course: Course, session: Session) -> bool:
    return course.stands and course.current.start == session.start and course.current.all_day is session.all_day


def _near_start(course: Course, session: Session) -> bool:
    timed = not course.current.all_day and not session.all_day
    return course.stands and timed and close_to(course.current.start, session.start)


def _same_day(course: Course, session: Session) -> bool:
    """An entry for the whole day and a time on that day are one interview, stated twice."""
    one_is_day = course.current.all_day is not session.all_day
    return course.stands and one_is_day and course.current.start.date() == session.start.date()


SIGNS: tuple[Sign, ...] = (_same_object, _same_start, _near_start, _same_day)  # surest first
# Where a change is announced, ten minutes later is a new time and not an inexact copy.
EXACT_SIGNS: tuple[Sign, ...] = (_same_object, _same_start)


def repeated(courses: Sequence[Course], sessions: Sequence[Session], signs: Iterable[Sign]) -> dict[int, Course]:
    """Pair the sessions, by their place, with the interviews they are copies or editions of; each interview once."""
    pairs: dict[int, Course] = {}
    taken: set[Course] = set()
    for sign in signs:
        for place, session in enumerate(sessions):
            if place in pairs:
                continue
            fitting = [course for course in courses if course not in taken and sign(course, session)]
            if fitting:
                pairs[place] = min(fitting, key=lambda course: abs(course.current.start - session.start))
                taken.add(pairs[place])
    return pairs


def at(courses: Iterable[Course], start: datetime) -> Course | None:
    """Find the standing interview with this start, to within 15 minutes."""
    near = [course for course in courses if course.stands and close_to(course.current.start, start)]
    return min(near, key=lambda course: abs(course.current.start - start), default=None)


def named(courses: Sequence[Course], start: datetime) -> Course | None:
    """Find the interview that a message names by its start, or by its bare day."""
    exact = at(courses, start)
    if exact is not None:
        return exact
    day = [course for course in courses if course.stands and course.current.start.date() == start.date()]
    bare = (start.hour, start.minute) == (0, 0)
    return day[0] if len(day) == 1 and (bare or day[0].current.all_day) else None


def ahead(courses: Iterable[Course], now: datetime, threshold: float) -> list[Course]:
    """List the interviews that stand and are not over, the next one first; certain ones before others."""
    found = [course for course in courses if course.ahead_at(now)]
    return sorted(found, key=lambda course: (course.confidence < threshold, course.current.start))


def visit(courses: Iterable[Course], course: Course) -> list[Course]:
    """List the talks that one message fixed for one day, in order: they are given up together."""
    time = course.current
    together = [
        other
        for other in courses
        if other.stands and other.current.fixed_by == time.fixed_by and other.current.start.date() == time.start.date()
    ]
    return sorted(together, key=lambda other: other.current.start)


def given_up(courses: Sequence[Course], said: Moved, waiting: Sequence[Course]) -> list[Course]:
    """List the interviews whose times a message gives up: the one named by time or people, else the next visit."""
    old = named(courses, said.old_start) if said.old_start else None
    if old is not None and len(said.sessions) < 2:
        return [old]
    names = {name for session in said.sessions for name in names_of(session)}
    met = [course for course in waiting if names & names_in(course)]
    if old is None and met and len(said.sessions) == 1:
        return met[:1]
    target = old or next(iter(met or waiting), None)
    if target is None:
        return []
    return [course for course in visit(courses, target) if course in waiting or course is target]


def called_off(courses: Sequence[Course], said: Cancelled, waiting: Sequence[Course]) -> list[Course]:
    """List the interviews that a message without a known calendar object cancels."""
    if said.start is None:
        clear = said.uid is None or len(waiting) == 1
        return visit(courses, waiting[0]) if waiting and clear else []
    target = named(courses, said.start)
    if target is not None:
        return [target]
    if said.uid or any(course.had(said.start) for course in courses):
        return []  # another object, or a late word on a time that was given up before
    return [*waiting] if len(waiting) == 1 else []


def owed(courses: Iterable[Course], session: Session, now: datetime) -> Course | None:
    """Find the interview that was called off and is held after all: a fresh invite after it is its new time (R2).

    Not where another talk took place since: then the process went on without it.
    """
    everyone = [*courses]
    held = [course for course in everyone if course.stands and course.ends_at <= now]
    waiting = [
        course
        for course in everyone
        if not course.stands and not any(other.current.start >= course.current.start for other in held)
    ]
    names = names_of(session)
    return max(
        waiting,
        key=lambda course: (bool(names & names_in(course)), course.current.ended_at or course.current.fixed_at),
        default=None,
    )


def is_replaced(course: Course, cancelled: Version, now: datetime) -> bool:
    """Tell whether the organizer sent a fresh calendar object for the same hour just before cancelling the old one."""
    return any(
        other.organizer == cancelled.organizer
        and not other.cancelled
        and cancelled.seen_at < other.seen_at
        and now - other.seen_at <= _REPLACED_WITHIN
        for other in course.versions.values()
    )


def fresh_invite(waiting: Iterable[Course], course: Course, cancelled: Version, now: datetime) -> Course | None:
    """Find the invite that came just before the cancellation, in its stead (policy.md section 7, last line)."""
    names = names_in(course)
    fresh = [
        other
        for other in waiting
        if other is not course
        and len(other.times) == 1
        and cancelled.seen_at < other.current.fixed_at
        and now - other.current.fixed_at <= _REPLACED_WITHIN
        and (not other.people or not names or names & names_in(other))
    ]
    return fresh[0] if len(fresh) == 1 else None


def missed(courses: Iterable[Course], now: datetime) -> Course | None:
    """Find the interview that did not take place: the last whose hour has come, else today's."""
    since = {course: now - course.current.start for course in courses if course.stands}
    past = [course for course, age in since.items() if timedelta() <= age <= _MISSED_WITHIN]
    today = [course for course, age in since.items() if -_LATER_TODAY <= age < timedelta()]
    return min(past, key=since.__getitem__, default=None) or max(today, key=since.__getitem__, default=None)


def names_of(session: Session) -> set[str]:
    """Give what the people of a session are known by: the address, else the name's words."""
    return {(person.address or " ".join(name_key(person.name))).casefold() for person in session.people}


def names_in(course: Course) -> set[str]:
    """Give what the people of an interview are known by."""
    everybody = (person for people in course.people.values() for person in people)
    return {(person.address or " ".join(name_key(person.name))).casefold() for person in everybody}
