"""Takes an agenda; gives the mail that tells the person what their week brings: a subject and plain text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from composer.agenda import Agenda, FollowUp
from composer.values import NAME_LENGTH, person_name, plain_words, role_words
from composer.workdays import utc
from parsers.model import Person, Timeline

WEEK = timedelta(days=7)
_MOST = 50  # lines of one kind
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """A mail to the person."""

    subject: str
    text: str


def write_digest(
    agenda: Agenda, timelines: Sequence[Timeline], waiting: Sequence[FollowUp], *, now: datetime, zone: ZoneInfo
) -> Digest:
    """Say what the seven days from `now` bring. `waiting` are those that lie in Drafts; `zone` is the person's."""
    until = utc(now) + WEEK
    interviews = [
        (interview.current.start, f"{_met(interview.people)}{_post(timeline.company, timeline.role)}")
        for timeline in timelines
        for interview in timeline.interviews
        if interview.stands and utc(now) <= utc(interview.current.start) < until
    ]
    planned = [
        (followup.due, _letter(followup) + _why(followup.rule, followup.reason))
        for followup in (*agenda.due, *agenda.planned)
        if utc(followup.due) < until
    ]
    drafts = [(followup.stale_at, f"{_letter(followup)}, to be sent by then") for followup in waiting]
    held = [
        (
            stop.at,
            f"{_kind(stop.kind)} to {stop.to or 'nobody'}{_post(stop.company, stop.role)}"
            + _why(stop.rule, stop.reason),
        )
        for stop in agenda.suppressed
        if utc(now) - WEEK <= utc(stop.at) < until
    ]
    sections = (
        ("Interviews", _lines(interviews, zone)),
        ("Letters that are planned", _lines(planned, zone)),
        ("Drafts that wait for you", _lines(drafts, zone)),
        ("Held back", _lines(held, zone)),
    )
    told = [f"{title}\n" + "\n".join(lines) for title, lines in sections if lines]
    local = now.astimezone(zone)
    counted = f"{len(interviews)} interview{'' if len(interviews) == 1 else 's'}, {len(planned)} planned"
    return Digest(
        subject=f"Your week from {local:%Y-%m-%d}: {counted}",
        text="\n\n".join(told or ["Nothing is planned for this week."]) + "\n",
    )


def _lines(entries: Iterable[tuple[datetime, str]], zone: ZoneInfo) -> list[str]:
    ordered = sorted(entries, key=lambda entry: utc(entry[0]))
    return list(_shown(ordered[:_MOST], zone)) + (
        [f"  and {len(ordered) - _MOST} more"] if len(ordered) > _MOST else []
    )


def _shown(entries: Sequence[tuple[datetime, str]], zone: ZoneInfo) -> Iterator[str]:
    for at, text in entries:
        local = at.astimezone(zone)
        yield f"  {_WEEKDAYS[local.weekday()]} {local:%Y-%m-%d %H:%M}  {text}"


def _letter(followup: FollowUp) -> str:
    whom = person_name(followup.to.name) or followup.to.address
    return f"{_kind(followup.kind)} to {whom}{_post(followup.company, followup.role)}"


def _why(rule: str, reason: str) -> str:
    return f"\n      {rule}: {reason}"


def _kind(kind: str) -> str:
    return kind.replace("_", " ")


def _met(people: Sequence[Person]) -> str:
    names = [name for name in (person_name(person.name) for person in people) if name]
    return ", ".join(names) or "interview"


def _post(company: str | None, role: str | None) -> str:
    parts = (plain_words(company, NAME_LENGTH), role_words(role))
    named = ", ".join(part for part in parts if part)
    return f" ({named})" if named else ""
