"""Takes a FollowUp and what is known of the application; gives the values that a letter's template may name.

Each of them comes from a mail, the plan or the person's own note, and is None or empty where nothing says it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from zoneinfo import ZoneInfo

from composer.agenda import NUDGES, FollowUp, FollowUpKind
from composer.values import (
    NAME_LENGTH,
    NOTE_LENGTH,
    first_name,
    person_name,
    plain_words,
    role_words,
    topic_words,
)
from parsers.model import Direction, HandedIn, Interview, Medium, Offered, SlotEnd, Timeline


class Occasion(StrEnum):
    """The last thing that happened before a letter: what a check-in refers to."""

    VISIT = "visit"
    TAKE_HOME = "take_home"
    CANCELLED = "cancelled"
    APPLICATION = "application"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """What does not come from the mails: `noted` is what the person says was discussed, a noun phrase."""

    language: str
    formal: bool = False
    omit: bool = False  # nothing may be left to be filled in
    noted: str | None = None


def letter_values(
    followup: FollowUp, timelines: Sequence[Timeline], timeline: Timeline | None, place: int, manner: Manner
) -> Mapping[str, object]:
    """Give the values by name. `place` chooses among several topics, so that people of one visit get different ones."""
    interview = next((i for i in timeline.interviews if i.id == followup.interview), None) if timeline else None
    topics = _topics(followup, timeline, manner.language)
    zone = (timeline.timezone if timeline else None) or str(followup.due.tzinfo)
    company = plain_words(followup.company, NAME_LENGTH)
    named = None if _is_company(followup.to.name, company) else followup.to.name
    noted = plain_words(manner.noted, NOTE_LENGTH)
    happened, happened_on = occasion(followup, timeline)
    return {
        "first_name": first_name(named),
        "full_name": person_name(named),
        "company": company,
        "roles": _roles(followup, timelines),
        "visit": followup.visit,
        "promised": followup.promised,
        "decide_by": _decide_by(timeline),
        "mentions": tuple(name for name in map(person_name, followup.mentions) if name),
        # What was said counts more than what was announced; both may well be the same.
        "topic": topics[place % len(topics)] if topics and not noted else None,
        "phone": interview is not None and interview.medium is Medium.PHONE,
        "formal": manner.formal,
        "month_first": zone.startswith(("America/", "US/")),  # "December 1" there, "1 December" elsewhere
        "occasion": happened,
        "occasion_day": happened_on,
        "noted": noted,
        "omit": manner.omit,
    }


def thread_language(timeline: Timeline | None, written: frozenset[str]) -> str | None:
    """Give the language of the latest human mail in a language of `written`; without any, of the latest mail."""
    mails = [
        facts
        for facts in (reversed(timeline.facts) if timeline else ())
        if facts.direction is Direction.INBOUND and facts.language in written
    ]
    return next((facts.language for facts in mails if not facts.automatic), mails[0].language if mails else None)


def _is_company(name: str | None, company: str | None) -> bool:
    """Tell whether a display name is the employer's own: applicant systems write "Northwind" as the sender."""
    named, known = (name or "").casefold().strip(), (company or "").casefold()
    return bool(known) and (f"{named} ".startswith(f"{known} ") or f"{known} ".startswith(f"{named} "))


def _roles(followup: FollowUp, timelines: Sequence[Timeline]) -> tuple[str, ...]:
    """Give the role; for a check-in merged from two applications (policy.md C7) both, the letter's own first."""
    merged = followup.rule == "C7" and followup.kind in NUDGES
    others = [
        other.role
        for other in timelines
        if merged
        and (other.account, other.id) != (followup.account, followup.application)
        and any(facts.key in followup.evidence for facts in other.facts)
    ]
    named = (role_words(role) for role in (followup.role, *others))
    return tuple(dict.fromkeys(re.sub(r"^the\s", "", role, flags=re.IGNORECASE) for role in named if role))


def occasion(followup: FollowUp, timeline: Timeline | None) -> tuple[Occasion, date | None]:
    """Give the last thing that happened before the letter is due, and its day for the employer: a check-in's anchor."""
    happened = []
    for interview in timeline.interviews if timeline else ():
        time = interview.current
        if interview.stands and interview.talk:
            happened.append((time.start, Occasion.VISIT, day_of(interview, timeline)))
        elif time.ended is SlotEnd.CANCELLED and time.ended_at:
            happened.append((time.ended_at, Occasion.CANCELLED, day_of(interview, timeline)))
    happened += [
        (facts.received_at, Occasion.TAKE_HOME, (facts.sent_at or facts.received_at).date())
        for facts in (timeline.facts if timeline else ())
        if any(isinstance(statement, HandedIn) for statement in facts.statements)
    ]
    past = [event for event in happened if event[0] <= followup.due]
    if past:
        _, what, day = max(past, key=lambda event: event[0])
        return what, followup.visit if what is Occasion.VISIT and followup.visit else day
    return (Occasion.VISIT, followup.visit) if followup.visit else (Occasion.APPLICATION, None)


def _decide_by(timeline: Timeline | None) -> date | None:
    offers = [s for facts in timeline.facts for s in facts.statements if isinstance(s, Offered)] if timeline else []
    return offers[-1].decide_by if offers else None


def _topics(followup: FollowUp, timeline: Timeline | None, language: str) -> tuple[str, ...]:
    """Give what mails in the letter's language announced as subjects of this visit; the post itself is none."""
    post = (followup.role or followup.company or "").casefold()
    sources = {key for interview in visit_of(followup, timeline) for key in interview.sources}
    announced = (
        topic
        for facts in (timeline.facts if timeline else ())
        if facts.key in sources and facts.language in {None, language}
        for topic in facts.topics
    )
    found = dict.fromkeys(topic for topic in map(topic_words, announced) if topic)
    return tuple(topic for topic in found if not post or not (topic.casefold() in post or post in topic.casefold()))


def seed_place(followup: FollowUp, timeline: Timeline | None, seed: int) -> int:
    """Give the letter's place in an order that begins at `seed`: people of one visit, and successive visits, differ."""
    if timeline is None:
        return seed
    days = {day_of(i, timeline) for i in timeline.interviews if i.stands}
    earlier = sum(day < followup.visit for day in days) if followup.visit else 0
    return seed + earlier + _rank(followup, timeline)


def _rank(followup: FollowUp, timeline: Timeline) -> int:
    """Give the recipient's place among those of the visit, then among all who are known."""
    if followup.kind is not FollowUpKind.THANK_YOU:
        return 0
    met = sorted({p.address for i in visit_of(followup, timeline) for p in i.people if p.address})
    known = sorted({p.address for p in timeline.people if p.address} - set(met))
    order = (*met, *known)
    return order.index(followup.to.address) if followup.to.address in order else len(order)


def visit_of(followup: FollowUp, timeline: Timeline | None) -> tuple[Interview, ...]:
    """Give the sessions that a letter follows."""
    interviews = timeline.interviews if timeline else ()
    return tuple(i for i in interviews if i.id == followup.interview or day_of(i, timeline) == followup.visit)


def day_of(interview: Interview, timeline: Timeline | None) -> date:
    """Give the local day of the interview, for the employer (policy.md 1)."""
    zone = (timeline.timezone if timeline else None) or interview.current.timezone
    start = interview.current.start
    return (start.astimezone(ZoneInfo(zone)) if zone and not interview.current.all_day else start).date()
