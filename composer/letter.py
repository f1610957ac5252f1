"""Takes a FollowUp and what is known of the application; gives the subject and words of the letter.

The words are package data, `templates/<language>/<kind>.txt`: a subject, then several bodies that say the same in
genuinely different ways. Which one is used is fixed by the application, the visit and the recipient, so that the same
letter is written every time and no two people of one visit get the same (policy.md section 6). What was said in the
interview is not known here: each such fact is a visible `[[placeholder]]`, and never more than one in a letter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b
from importlib.resources import files
from zoneinfo import ZoneInfo

from jinja2 import StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment

from composer.agenda import NUDGES, FollowUp, FollowUpKind, Wording
from composer.errors import NoTemplate
from composer.subject import reply_subject
from composer.values import NAME_LENGTH, ROLE_LENGTH, first_name, person_name, plain_words, safe_words, topic_words
from parsers.model import Facts, HandedIn, Interview, Medium, Offered, SlotEnd, Timeline

NEW_SUBJECT_LENGTH = 60  # policy.md section 5
PLACEHOLDER = re.compile(r"\[\[[^\[\]]{1,200}\]\]")
_SEPARATOR = "\n===\n"


class Register(StrEnum):
    """How the person addresses strangers: "Hi Dana," or "Dear Dana Lee,"."""

    PLAIN = "plain"
    FORMAL = "formal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """How the person writes. `signature` are the lines below the name; `language` a BCP 47 primary subtag."""

    full_name: str
    language: str = "en"
    register: Register = Register.PLAIN
    signature: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A subject and a text in which a paragraph is one line."""

    subject: str
    text: str

    @property
    def placeholders(self) -> tuple[str, ...]:
        """What the person must fill in or delete before sending, the note in the first line included."""
        return tuple(PLACEHOLDER.findall(self.text))


class _Occasion(StrEnum):
    VISIT = "visit"
    TAKE_HOME = "take_home"
    CANCELLED = "cancelled"
    APPLICATION = "application"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """One template file, compiled."""

    subject: Template
    bodies: tuple[Template, ...]
    frame: Template  # the parts that every letter has, a line each: hint, greeting, closing


# Line breaks in a template mean nothing, so nothing is trimmed. The letter is text/plain: there is nothing to escape.
_ENVIRONMENT = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)

_THANK_YOU: Mapping[Wording, str] = {
    Wording.STANDARD: "thank_you",
    Wording.SHORT: "thank_you_short",
    Wording.RECRUITER_SCREEN: "thank_you_recruiter_screen",
    Wording.LATER_ROUND: "thank_you_later_round",
}


def write_letter(followup: FollowUp, timelines: Sequence[Timeline], voice: Voice) -> Letter:
    """Write the letter that a follow-up asks for, from its template and what the mails say.

    A letter that is still to be completed has a note in its first line. Raises NoTemplate for an unknown language.
    """
    timeline = next((t for t in timelines if t.id == followup.application and t.account == followup.account), None)
    occasion, occasion_day = _occasion(followup, timeline)
    form = _form(voice.language, _template(followup, occasion))
    place = _place(followup, timeline)
    values = _values(followup, timelines, timeline, place, voice) | {"occasion": occasion, "occasion_day": occasion_day}

    body = _paragraphs(form.bodies[place % len(form.bodies)].render(values))
    hint, greeting, closing = (" ".join(part.split()) for part in form.frame.render(values).split(_SEPARATOR))
    name = safe_words(voice.full_name, NAME_LENGTH)
    below = tuple(safe_words(line, ROLE_LENGTH) for line in voice.signature)
    signed = "\n".join(line for line in (closing, name, *below[below[:1] == (name,) :]) if line)
    note = (hint,) if any(PLACEHOLDER.search(paragraph) for paragraph in body) else ()
    return Letter(
        subject=_reply_subject(followup, timeline) or _new_subject(form.subject, values),
        text="\n\n".join((*note, greeting, *body, signed)) + "\n",
    )


def _template(followup: FollowUp, occasion: _Occasion) -> str:
    if followup.kind is FollowUpKind.THANK_YOU:
        return "thank_you_pass_on" if followup.mentions else _THANK_YOU[followup.wording]
    if followup.kind is FollowUpKind.CHECK_IN_1 and occasion is _Occasion.CANCELLED:
        return "check_in_1_cancelled"
    if followup.kind is FollowUpKind.CHECK_IN_1 and followup.promised:
        return "check_in_1_promised"
    return followup.kind.value


# ------------------------------------------------------------------------------------------------- what is known


def _values(
    followup: FollowUp, timelines: Sequence[Timeline], timeline: Timeline | None, place: int, voice: Voice
) -> dict[str, object]:
    interview = next((i for i in timeline.interviews if i.id == followup.interview), None) if timeline else None
    topics = _topics(followup, timeline)
    zone = (timeline.timezone if timeline else None) or str(followup.due.tzinfo)
    company = plain_words(followup.company, NAME_LENGTH)
    named = None if _is_company(followup.to.name, company) else followup.to.name
    return {
        "first_name": first_name(named),
        "full_name": person_name(named),
        "company": company,
        "roles": _roles(followup, timelines),
        "visit": followup.visit,
        "promised": followup.promised,
        "decide_by": _decide_by(timeline),
        "mentions": tuple(name for name in map(person_name, followup.mentions) if name),
        "topic": topics[place % len(topics)] if topics else None,
        "phone": interview is not None and interview.medium is Medium.PHONE,
        "formal": voice.register is Register.FORMAL,
        "month_first": zone.startswith(("America/", "US/")),  # "December 1" there, "1 December" elsewhere
    }


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
    named = (plain_words(role, ROLE_LENGTH) for role in (followup.role, *others))
    return tuple(dict.fromkeys(re.sub(r"^the\s", "", role, flags=re.IGNORECASE) for role in named if role))


def _occasion(followup: FollowUp, timeline: Timeline | None) -> tuple[_Occasion, date | None]:
    """Give the last thing that happened before the letter is due, and its day for the employer: a check-in's anchor."""
    happened = []
    for interview in timeline.interviews if timeline else ():
        time = interview.current
        if interview.stands and interview.talk:
            happened.append((time.start, _Occasion.VISIT, _day(interview, timeline)))
        elif time.ended is SlotEnd.CANCELLED and time.ended_at:
            happened.append((time.ended_at, _Occasion.CANCELLED, _day(interview, timeline)))
    happened += [
        (facts.received_at, _Occasion.TAKE_HOME, (facts.sent_at or facts.received_at).date())
        for facts in (timeline.facts if timeline else ())
        if any(isinstance(statement, HandedIn) for statement in facts.statements)
    ]
    past = [event for event in happened if event[0] <= followup.due]
    if past:
        _, occasion, day = max(past, key=lambda event: event[0])
        return occasion, followup.visit if occasion is _Occasion.VISIT and followup.visit else day
    return (_Occasion.VISIT, followup.visit) if followup.visit else (_Occasion.APPLICATION, None)


def _decide_by(timeline: Timeline | None) -> date | None:
    offers = [s for facts in timeline.facts for s in facts.statements if isinstance(s, Offered)] if timeline else []
    return offers[-1].decide_by if offers else None


def _topics(followup: FollowUp, timeline: Timeline | None) -> tuple[str, ...]:
    """Give the subjects that the mails had announced for the talks of this visit."""
    sources = {key for interview in _visit(followup, timeline) for key in interview.sources}
    announced = (
        (topic for facts in timeline.facts if facts.key in sources for topic in facts.topics) if timeline else ()
    )
    return tuple(dict.fromkeys(topic for topic in map(topic_words, announced) if topic))


# --------------------------------------------------------------------------------------------- which of the bodies


def _place(followup: FollowUp, timeline: Timeline | None) -> int:
    """Give the letter's place in the order of bodies: neighbours of one visit, and successive visits, differ."""
    if timeline is None:
        return _seed(followup.id)
    days = {_day(i, timeline) for i in timeline.interviews if i.stands}
    earlier = sum(day < followup.visit for day in days) if followup.visit else 0
    return _seed(f"{followup.account}/{followup.application}") + earlier + _rank(followup, timeline)


def _rank(followup: FollowUp, timeline: Timeline) -> int:
    """Give the recipient's place among those of the visit, then among all who are known."""
    if followup.kind is not FollowUpKind.THANK_YOU:
        return 0
    met = sorted({p.address for i in _visit(followup, timeline) for p in i.people if p.address})
    known = sorted({p.address for p in timeline.people if p.address} - set(met))
    order = (*met, *known)
    return order.index(followup.to.address) if followup.to.address in order else len(order)


def _seed(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=4).digest(), "big")


def _visit(followup: FollowUp, timeline: Timeline | None) -> tuple[Interview, ...]:
    interviews = timeline.interviews if timeline else ()
    return tuple(i for i in interviews if i.id == followup.interview or _day(i, timeline) == followup.visit)


def _day(interview: Interview, timeline: Timeline | None) -> date:
    """Give the local day of the interview, for the employer (policy.md 1)."""
    zone = (timeline.timezone if timeline else None) or interview.current.timezone
    start = interview.current.start
    return (start.astimezone(ZoneInfo(zone)) if zone and not interview.current.all_day else start).date()


# ------------------------------------------------------------------------------------------------------- the words


def _reply_subject(followup: FollowUp, timeline: Timeline | None) -> str | None:
    answered: Facts | None = None
    if timeline and followup.answers:
        answered = next((facts for facts in timeline.facts if facts.key == followup.answers), None)
    return reply_subject(answered.subject) if answered else None


def _new_subject(template: Template, values: Mapping[str, object]) -> str:
    """Render the subject of a new mail; a role that makes it too long is cut between words."""
    subject = " ".join(template.render(values).split())
    roles = values["roles"]
    if len(subject) > NEW_SUBJECT_LENGTH and isinstance(roles, tuple) and roles:
        room = len(roles[0]) - (len(subject) - NEW_SUBJECT_LENGTH)
        if len(roles) == 1 and room >= len(roles[0]) // 3:
            role = safe_words(roles[0], room) or roles[0]
            return _new_subject(template, {**values, "roles": (role.rstrip(" ,;:-–—(/&"),)})
        return _new_subject(template, {**values, "roles": roles[:1] if len(roles) > 1 else ()})
    return safe_words(subject, NEW_SUBJECT_LENGTH) or subject


def _paragraphs(rendered: str) -> tuple[str, ...]:
    return tuple(" ".join(paragraph.split()) for paragraph in rendered.strip().split("\n\n"))


@lru_cache
def _form(language: str, name: str) -> _Form:
    folder = files("composer") / "templates" / language
    # The language comes from the configuration, never from a mail; it still names no other folder.
    if not re.fullmatch(r"[a-z]{2,3}", language) or not folder.is_dir():
        raise NoTemplate(language)
    phrases = (folder / "phrases.txt").read_text(encoding="utf-8")
    subject, *bodies = (folder / f"{name}.txt").read_text(encoding="utf-8").split(_SEPARATOR)
    frame = _SEPARATOR.join(("{{ hint }}", "{{ greeting }}", "{{ closing }}"))
    return _Form(
        subject=_ENVIRONMENT.from_string(phrases + subject.removeprefix("Subject:")),
        bodies=tuple(_ENVIRONMENT.from_string(phrases + body) for body in bodies),
        frame=_ENVIRONMENT.from_string(phrases + frame),
    )
