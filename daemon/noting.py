"""Finds the visit that the person means, and makes their words a note of it; says where the note will be used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from composer.acts import Act, Noted
from composer.agenda import Agenda, FollowUp, FollowUpKind
from composer.letter_values import day_of
from composer.notes import TEXT_LIMIT, concerns, person_called
from daemon.drafts import DraftRow, DraftState
from daemon.errors import InputError
from daemon.report import JsonObject, day, instant
from parsers.model import Interview, Person, Timeline

_NOT_WRITTEN = frozenset({DraftState.REFUSED, DraftState.FAILED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """The interviews of one application on one day, for the employer, by start."""

    timeline: Timeline
    day: date
    interviews: tuple[Interview, ...]

    @property
    def people(self) -> tuple[Person, ...]:
        """Everybody who was met."""
        return tuple(person for interview in self.interviews for person in interview.people)

    @property
    def name(self) -> str:
        """The visit as the person knows it."""
        post = ", ".join(part for part in (self.timeline.company, self.timeline.role) if part)
        return f"{post or 'an unnamed company'} on {self.day}"


def find_visit(said: str, timelines: Sequence[Timeline], followups: Iterable[FollowUp], now: datetime) -> Visit:
    """Find the visit whose interview or thank-you has an id that begins so, or the latest begun of an application or
    company.

    Raises InputError when nothing or several things are meant.
    """
    visits = [visit for timeline in timelines for visit in _visits(timeline)]
    wanted = said.casefold()
    named = [visit for visit in visits if any(i.id.casefold().startswith(wanted) for i in visit.interviews)]
    thanked = {
        (followup.account, followup.application, followup.visit)
        for followup in followups
        if followup.id.casefold().startswith(wanted)
    }
    named = named or [visit for visit in visits if (visit.timeline.account, visit.timeline.id, visit.day) in thanked]
    if not named:
        begun = [visit for visit in visits if min(i.current.start for i in visit.interviews) <= now]
        named = _latest(visit for visit in begun if visit.timeline.id.casefold().startswith(wanted))
        named = named or _latest(visit for visit in begun if (visit.timeline.company or "").casefold() == wanted)
    if len(named) != 1:
        which = "no interview" if not named else f"{len(named)} interviews ({'; '.join(v.name for v in named)})"
        raise InputError(
            f"{which} meant by {said!r}; give the id of an interview or of a follow-up, or a company where you had an "
            "interview, as `tactful status --json` shows them"
        )
    return named[0]


def _visits(timeline: Timeline) -> Iterator[Visit]:
    by_day: dict[date, list[Interview]] = {}
    for interview in timeline.interviews:
        if interview.stands and interview.talk:
            by_day.setdefault(day_of(interview, timeline), []).append(interview)
    for visit_day, interviews in by_day.items():
        yield Visit(timeline=timeline, day=visit_day, interviews=tuple(interviews))


def _latest(visits: Iterable[Visit]) -> list[Visit]:
    """Give the latest visit of each application."""
    latest: dict[tuple[str, str], Visit] = {}
    for visit in sorted(visits, key=lambda visit: visit.day):
        latest[visit.timeline.account, visit.timeline.id] = visit
    return list(latest.values())


def note(visit: Visit, text: str, about: str | None, at: datetime) -> Noted:
    """Make a note of a visit. Raises InputError for an empty one, and for somebody who was not met."""
    kept = text.strip()[:TEXT_LIMIT]
    if not kept:
        raise InputError("the note is empty; write what was talked about")
    if about is not None and person_called(about, visit.people) is None:
        met = ", ".join(person.name or person.address or "" for person in visit.people) or "nobody who is known by name"
        raise InputError(f"{about!r} is nobody, or not one alone, of those met: {met}")
    return Noted(
        at=at,
        interview=visit.interviews[-1].id,
        visit=visit.day,
        messages=tuple(dict.fromkeys(key for interview in visit.interviews for key in interview.sources)),
        text=kept,
        about=about,
    )


def recorded(noted: Noted, visit: Visit, rows: Iterable[DraftRow], agenda: Agenda) -> JsonObject:
    """Say what was noted, which letters will use it, and which are in Drafts already and stay as they are."""
    key = (visit.timeline.account, visit.timeline.id, visit.day)
    planned = [followup for followup in (*agenda.due, *agenda.planned) if _of_visit(followup, key)]
    written = [row.followup for row in rows if row.state not in _NOT_WRITTEN and _of_visit(row.followup, key)]
    return {
        **_note(noted, visit),
        "name": visit.name,
        "planned": [{"id": followup.id, "to": followup.to.address} for followup in planned],
        "already_written": [{"id": followup.id, "to": followup.to.address} for followup in written],
    }


def _of_visit(followup: FollowUp, key: tuple[str, str, date]) -> bool:
    same = (followup.account, followup.application, followup.visit) == key
    return same and followup.kind is FollowUpKind.THANK_YOU


def notes(timelines: Iterable[Timeline], acts: Iterable[Act]) -> Iterator[JsonObject]:
    """Say every note of every visit that is known, one object each."""
    noted = [act for act in acts if isinstance(act, Noted)]
    for timeline in timelines:
        for visit in _visits(timeline):
            for act in noted:
                if concerns(act, visit.interviews, visit.day):
                    yield {"what": "note", **_note(act, visit)}


def _note(noted: Noted, visit: Visit) -> JsonObject:
    return {
        "interview": noted.interview,
        "visit": day(visit.day),
        "text": noted.text,
        "for": noted.about,
        "by": "mail" if noted.source else "command",
        "at": instant(noted.at),
        "company": visit.timeline.company,
        "role": visit.timeline.role,
        "application": visit.timeline.id,
        "account": visit.timeline.account,
    }
