"""Judges calendar objects: Invites with what surrounds them in, statements about interviews out.

An invite is an interview by weighed evidence, not by a word: summaries often have none,
and look-alikes (webinars, demos, appointments) have it too (section 7).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from parsers.clauses import split_clauses
from parsers.model import (
    Cancelled,
    Declined,
    EventStatus,
    Evidence,
    Invite,
    Medium,
    Moved,
    Scheduled,
    Session,
    Slot,
    Statement,
)
from parsers.names import is_title
from parsers.people import Cast, invited_people
from parsers.phrases import find_hits
from parsers.places import LOCATION_LIMIT
from parsers.sessions import find_medium, meeting_link
from parsers.spelling import spell
from parsers.wordbook import Strength, wordbook

MANY: Final = 12  # attendees; more are an event, not an interview
_A_FOOTER: Final = 0.3  # weight that a calendar's own "you are subscribed" has, and no more
_ABOUT_A_JOB: Final = 0.5  # weight of the job from which on markup is believed
_LINK = re.compile(r"https?://[^\s<>\"]{3,500}")
_WEBINAR = re.compile(r"zoom\.us/(?:webinar|w/|rec/)|/registration|eventbrite|meetup\.com|lu\.ma/", re.IGNORECASE)
_HOLD = re.compile(
    r"^\W{0,3}(?:hold|tentative|placeholder|blocker?|vorläufig|unter vorbehalt|à confirmer|(?:a|por) confirmar"
    r"|provis\w{2,8})\b",
    re.IGNORECASE,
)
_PUNCTUATION = re.compile(r"[^\w' ]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the rest of the message says about its calendar objects."""

    own: frozenset[str]
    own_name: str
    cast: Cast
    job: float  # how far the message is about an application, 0..1
    post: float = 1.0  # the same, told by words that only a job has
    look_alike: float
    moved: bool = False  # the text says that the time changed
    reminder: bool = False


def judge_events(events: Sequence[Invite], around: Surroundings) -> tuple[Statement, ...]:
    """Give what the calendar objects of an inbound message say."""
    fixed: list[tuple[Session, float, str]] = []
    statements: list[Statement] = []
    for event in events:
        likeness = interview_likeness(event, around)
        if likeness < 0.3 or event.method in {"REPLY", "DECLINECOUNTER", "REFRESH"} or is_hold(event):
            continue
        evidence = (Evidence(field="kind", text=f"{event.method or 'calendar object'}: {event.summary[:120]}"),)
        if event.method == "CANCEL" or event.status is EventStatus.CANCELLED:
            statements.append(
                Cancelled(
                    confidence=max(0.85, likeness),
                    evidence=evidence,
                    uid=event.uid,
                    sequence=event.sequence,
                    start=event.start,
                )
            )
        elif event.method == "COUNTER" and event.start is not None:
            end = event.end if event.end is not None and event.end > event.start else None
            slot = Slot(start=event.start, end=end, timezone=event.timezone)
            statements.append(Moved(confidence=likeness, evidence=evidence, asked=True, options=(slot,)))
        elif event.start is not None:
            fixed.append((make_session(event, around), likeness, evidence[0].text))
    if fixed:
        confidence = max(likeness for _, likeness, _ in fixed)
        proof = tuple(Evidence(field="kind", text=text) for _, _, text in fixed)
        sessions = tuple(session for session, _, _ in fixed)
        if around.moved and not any(
            isinstance(statement, Cancelled) and statement.uid is None for statement in statements
        ):
            statements.append(Moved(confidence=confidence, evidence=proof, sessions=sessions))
        else:
            statements.append(
                Scheduled(confidence=confidence, evidence=proof, sessions=sessions, reminder=around.reminder)
            )
    return tuple(statements)


def judge_markup(sessions: Sequence[Session], around: Surroundings) -> tuple[Statement, ...]:
    """Give what schema.org markup says, which anybody may put on anything: only where the message is about a job."""
    if not sessions or around.job < _ABOUT_A_JOB or around.look_alike > around.job:
        return ()
    confidence = round(min(0.95, 0.6 + 0.4 * around.job), 3)
    ended = tuple(session for session in sessions if session.status is EventStatus.CANCELLED)
    stands = tuple(session for session in sessions if session.status is not EventStatus.CANCELLED)
    statements: list[Statement] = [
        Cancelled(confidence=confidence, evidence=_marked(session), uid=session.uid, start=session.start)
        for session in ended
    ]
    if stands:
        evidence = _marked(stands[0])
        if around.moved:
            statements.append(Moved(confidence=confidence, evidence=evidence, sessions=stands))
        else:
            reminder = around.reminder
            statements.append(Scheduled(confidence=confidence, evidence=evidence, sessions=stands, reminder=reminder))
    return tuple(statements)


def _marked(session: Session) -> tuple[Evidence, ...]:
    return (Evidence(field="start", text=f"markup: {session.title or 'event'}"[:150]),)


def judge_own_events(events: Sequence[Invite], own: frozenset[str]) -> tuple[Statement, ...]:
    """Give what the user's own calendar answer says: only a refusal means anything."""
    return tuple(
        Declined(
            confidence=0.97,
            evidence=(Evidence(field="kind", text=f"REPLY DECLINED: {event.summary[:120]}"),),
            uid=event.uid,
        )
        for event in events
        if event.method == "REPLY"
        and any(a.partstat == "DECLINED" and (a.address in own or len(event.attendees) == 1) for a in event.attendees)
    )


def interview_likeness(event: Invite, around: Surroundings) -> float:
    """Weigh how far an event is an interview of the user, 0..1."""
    if event.recurs or event.recurrence_id is not None or len(event.attendees) > MANY:
        return 0.0
    description = event.description[:4000]
    if _WEBINAR.search(f"{event.location} {event.url or ''} {description}"):
        return 0.0
    hits = find_hits(split_clauses(f"{event.summary}.\n{description}"), None)
    look_alike = max(
        around.look_alike,
        0.8 if any(hit.kind == "look_alike" and hit.strength is Strength.SURE for hit in hits) else 0.0,
    )
    words = {part for word in _PUNCTUATION.sub(" ", event.summary).split() for part in spell(word)}
    more = {part for word in _PUNCTUATION.sub(" ", description).split() for part in spell(word)}
    classes = wordbook().classes
    own_words = {part for word in around.own_name.split() for part in spell(word)}
    doubts = [
        (0.6, not classes["interview"].isdisjoint(words)),
        (0.5, not classes["interview"].isdisjoint(more)),
        (0.2, not classes["talk"].isdisjoint(words)),
        (0.5, any(is_title(piece) for piece in re.split(r"[|:/–—<>(),@]|\s-\s|\bx\b|\bfor\b|\bwith\b", event.summary))),
        (0.4, any(hit.kind == "job" for hit in hits)),
        (0.25, len(own_words & words) > 0),
        (0.1, meeting_link(links_of(event)) is not None),
        (0.15, any(attendee.address in around.own for attendee in event.attendees)),
        (0.9 * around.job, True),
    ]
    likeness = 1.0
    for weight, holds in doubts:
        likeness *= 1 - weight if holds else 1.0
    likeness = 1 - likeness
    if look_alike > max(around.job, _A_FOOTER):
        return min(likeness, 0.25)
    spoken_of = not classes["interview"].isdisjoint(words | more) or len(own_words & words) > 0
    if (event.transparent and event.all_day) or (around.post == 0.0 and not spoken_of):
        return min(likeness, 0.6)  # "Roadmap sync", of those who have interviewed a candidate before
    return round(min(0.98, likeness), 3)


def is_hold(event: Invite) -> bool:
    """Tell whether an event only keeps a time free: it fixes nothing, and asks for nothing."""
    return event.status is EventStatus.TENTATIVE or _HOLD.match(event.summary) is not None


def links_of(event: Invite) -> tuple[str, ...]:
    """Give the links of an event."""
    text = f"{event.location[:1000]} {event.url or ''} {event.description[:6000]}"
    return tuple(found[0].rstrip(".,;)") for found in _LINK.finditer(text))


def make_session(event: Invite, around: Surroundings) -> Session:
    """Make the session that an event states."""
    if event.start is None:
        raise ValueError("an event without a start is no session")
    link = meeting_link(links_of(event))
    people, _ = invited_people(event, own=around.own, cast=around.cast)
    medium = find_medium(f"{event.location}\n{event.summary}\n{event.description[:1500]}", links_of(event))
    place = " ".join(event.location.split())
    if medium is None and place and not place.startswith("http"):
        medium = Medium.PHONE if re.search(r"\+?\d[\d ()-]{6,}", place) else Medium.ONSITE
    return Session(
        start=event.start,
        end=event.end if event.end is not None and event.end > event.start else None,
        timezone=event.timezone,
        all_day=event.all_day,
        status=event.status or EventStatus.CONFIRMED,
        uid=event.uid,
        sequence=event.sequence,
        dtstamp=event.dtstamp,
        medium=medium,
        location=(place or link or None) and (place or link or "")[:LOCATION_LIMIT],
        title=event.summary[:200] or None,
        people=people,
    )
