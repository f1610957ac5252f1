"""Takes what is planned; gives the questions for the person after a visit: what did you talk about, and with whom?

A question belongs to thank-yous that are still to be written. So whatever keeps those from being written (a muted
company, a cancelled interview, one that is not certain) keeps the person from being asked.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from composer.acts import Act, Asked, Noted
from composer.agenda import Agenda, FollowUp, FollowUpKind
from composer.letter import Placeholders, Voice, letter_language
from composer.letter_values import visit_of
from composer.notes import concerns
from composer.values import NAME_LENGTH, first_name, person_name, plain_words, role_words
from composer.workdays import utc
from parsers.model import ASSUMED_LENGTH, Interview, Timeline

ASK_AFTER = timedelta(minutes=5)  # at any hour: the person has just hung up
OTHERWISE = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One visit of which nothing is noted. `at` is when to ask; `subject` and `text` are the mail's."""

    account: str
    at: datetime
    interview: str
    visit: date
    messages: tuple[str, ...]
    subject: str
    text: str


def questions(agenda: Agenda, timelines: Sequence[Timeline], acts: Sequence[Act], voice: Voice) -> tuple[Question, ...]:
    """Give every question that is or will be to be asked, by instant."""
    by_id = {(timeline.account, timeline.id): timeline for timeline in timelines}
    first: dict[tuple[str, str, date], FollowUp] = {}
    for followup in sorted(agenda.planned, key=lambda followup: followup.due):
        if followup.kind is FollowUpKind.THANK_YOU and followup.visit:
            first.setdefault((followup.account, followup.application, followup.visit), followup)
    found = (
        _question(followup, by_id[account, application], acts, voice)
        for (account, application, _), followup in first.items()
        if (account, application) in by_id
    )
    return tuple(sorted((question for question in found if question), key=lambda question: question.at))


def _question(followup: FollowUp, timeline: Timeline, acts: Sequence[Act], voice: Voice) -> Question | None:
    interviews = tuple(i for i in visit_of(followup, timeline) if i.stands and i.talk)
    timed = [interview for interview in interviews if not interview.current.all_day]
    visit = followup.visit
    if not timed or visit is None:
        return None  # nobody knows when an entry without a time of day is over
    if any(isinstance(act, Asked | Noted) and concerns(act, interviews, visit) for act in acts):
        return None
    last = max(timed, key=_end)
    at = _end(last) + ASK_AFTER
    if at >= utc(followup.due):
        return None
    subject, text = _words(followup, interviews, letter_language(voice, timeline), voice.placeholders)
    return Question(
        account=followup.account,
        at=at,
        interview=last.id,
        visit=visit,
        messages=tuple(dict.fromkeys(key for interview in interviews for key in interview.sources)),
        subject=subject,
        text=text,
    )


def _end(interview: Interview) -> datetime:
    time = interview.current
    return utc(time.end) if time.end else utc(time.start) + ASSUMED_LENGTH[interview.medium]


def _words(
    followup: FollowUp, interviews: Sequence[Interview], language: str, placeholders: Placeholders
) -> tuple[str, str]:
    words = _table().get(language, _table()[OTHERWISE])
    people = [person for interview in interviews for person in interview.people]
    names = list(dict.fromkeys(name for name in (person_name(person.name) for person in people) if name))
    post = ", ".join(part for part in (plain_words(followup.company, NAME_LENGTH), role_words(followup.role)) if part)
    met = f" {words['and']} ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)
    who = f"{met} ({post})" if met and post else met or post
    first = first_name(names[0]) if len(names) > 1 else None
    due = f"{followup.due:%Y-%m-%d %H:%M}"
    subject = words["subject"].format(who=who) if who else words["subject_nobody"]
    otherwise = words["omitted" if placeholders is Placeholders.OMIT else "marked"]
    example = f"{first}: " if first else ""
    text = words["text"].format(who=who or "…", example=example, due=due, otherwise=otherwise)
    return subject, text.strip() + "\n"


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((files("composer") / "question_words.toml").read_text(encoding="utf-8"))
