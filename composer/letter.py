"""Takes a FollowUp and what is known of the application; gives the subject and words of the letter.

The words come from templates (`composer.letter_forms`), what they are filled with from the mails
(`composer.letter_values`). Which of the bodies is used is fixed by the application, the visit, the recipient and what
the company has had before (`composer.letter_choice`), so that the same letter is written every time. What was said in
the interview is known only from the person's note; without one it is a visible `[[placeholder]]`, or left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from hashlib import blake2b

from composer.agenda import FollowUp, FollowUpKind, Wording
from composer.letter_choice import choose_body
from composer.letter_forms import SEPARATOR, Form, languages, our_form, own_form
from composer.letter_sandbox import rendered
from composer.letter_values import Manner, Occasion, letter_values, seed_place, thread_language
from composer.subject import reply_subject
from composer.values import NAME_LENGTH, ROLE_LENGTH, plain_words, safe_words
from parsers.model import Facts, Timeline

NEW_SUBJECT_LENGTH = 60  # policy.md section 5
OTHERWISE = "en"  # where a thread's language has no letters
PLACEHOLDER = re.compile(r"\[\[[^\[\]]{1,200}\]\]")
_PLACEHOLDER_ROOM = 195  # characters in one, with room for the marks of a quotation
_SHORTEST = 20  # of a note that is worth quoting in part


class Register(StrEnum):
    """How the person addresses strangers: "Hi Dana," or "Dear Dana Lee,"."""

    PLAIN = "plain"
    FORMAL = "formal"


class Placeholders(StrEnum):
    """What becomes of a fact that nobody told: a mark to be filled in, or a letter without it."""

    MARK = "mark"
    OMIT = "omit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """How the person writes.

    `language` is a BCP 47 primary subtag; None: that of the thread. `signature` are the lines below the name.
    `templates` are texts of the person's own, by "<language>/<name>", which take the place of ours.
    """

    full_name: str
    language: str | None = None
    register: Register = Register.PLAIN
    signature: tuple[str, ...] = ()
    placeholders: Placeholders = Placeholders.MARK
    templates: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A subject and a text in which a paragraph is one line.

    `wording` names the body: "en/thank_you/3". `body` are the paragraphs of the text between greeting and closing;
    `terms` what the mails or the person gave for it: names, posts, subjects.
    """

    subject: str
    text: str
    wording: str = ""
    language: str = OTHERWISE
    body: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()

    @property
    def placeholders(self) -> tuple[str, ...]:
        """What the person must fill in or delete before sending, the note in the first line included."""
        return tuple(PLACEHOLDER.findall(self.text))


_THANK_YOU: Mapping[Wording, str] = {
    Wording.STANDARD: "thank_you",
    Wording.SHORT: "thank_you_short",
    Wording.RECRUITER_SCREEN: "thank_you_recruiter_screen",
    Wording.LATER_ROUND: "thank_you_later_round",
}


def write_letter(
    followup: FollowUp,
    timelines: Sequence[Timeline],
    voice: Voice,
    *,
    noted: str | None = None,
    said: str | None = None,
    used: Sequence[str] = (),
) -> Letter:
    """Write the letter that a follow-up asks for, from its template and what the mails say.

    `noted` is what the person says was discussed with the recipient, a noun phrase; `said` is a note of theirs that is
    none, and only reminds them in the first line. `used` are the wordings that this
    company has had before, oldest first. A letter that is still to be completed has a note in its first line.
    Raises NoTemplate for an unknown language.
    """
    timeline = next((t for t in timelines if t.id == followup.application and t.account == followup.account), None)
    language = letter_language(voice, timeline)
    seed = _seed(f"{followup.account}/{followup.application}" if timeline else followup.id)
    place = seed_place(followup, timeline, seed)
    manner = Manner(
        language=language,
        formal=voice.register is Register.FORMAL,
        omit=voice.placeholders is Placeholders.OMIT,
        noted=noted,
    )
    values = letter_values(followup, timelines, timeline, place, manner)
    name = _template(followup, values["occasion"])
    subject = _reply_subject(followup, timeline)
    ours = our_form(language, name)
    # What the person wrote was tried when it was read; should it still fail with these values, our words stand.
    with suppress(Exception):
        if theirs := own_form(language, name, voice.templates):
            return _letter(theirs, values, voice, subject=subject, place=place, used=used, said=said)
    return _letter(ours, values, voice, subject=subject, place=place, used=used, said=said)


def letter_language(voice: Voice, timeline: Timeline | None) -> str:
    """Give the language of letters about an application."""
    if voice.language is not None:
        return voice.language
    return thread_language(timeline, languages()) or OTHERWISE


def _letter(
    form: Form,
    values: Mapping[str, object],
    voice: Voice,
    *,
    subject: str | None,
    place: int,
    used: Sequence[str],
    said: str | None,
) -> Letter:
    @cache
    def text_of(number: int) -> str:
        return "\n\n".join(paragraphs(rendered(form.body(number), values)))

    number = choose_body(form, place, used, text_of)
    hint, greeting, closing = (" ".join(part.split()) for part in rendered(form.frame, values).split(SEPARATOR))
    name = safe_words(voice.full_name, NAME_LENGTH)
    below = tuple(safe_words(line, ROLE_LENGTH) for line in voice.signature)
    signed = "\n".join(line for line in (closing, name, *below[below[:1] == (name,) :]) if line)
    note = (_reminded(hint, said),) if PLACEHOLDER.search(text_of(number)) else ()
    return Letter(
        subject=subject or new_subject(form, values),
        text="\n\n".join((*note, greeting, text_of(number), signed)) + "\n",
        wording=form.wording(number),
        language=form.name.removeprefix("own:").partition("/")[0],
        body=tuple(text_of(number).split("\n\n")),
        terms=_terms(values),
    )


def _terms(values: Mapping[str, object]) -> tuple[str, ...]:
    """Give every text among the values; the others are dates and switches."""
    several = (value if isinstance(value, tuple) else (value,) for value in values.values())
    texts = (text for value in several for text in value if isinstance(text, str) and not isinstance(text, StrEnum))
    return tuple(dict.fromkeys(text for text in texts if text))


def _reminded(hint: str, said: str | None) -> str:
    """Quote the person's own note in the line that asks them to fill in the letter."""
    room = _PLACEHOLDER_ROOM - len(hint)
    quoted = plain_words(said.translate({ord("["): "(", ord("]"): ")"}), room) if said and room > _SHORTEST else None
    return f"{hint.removesuffix(']]')} “{quoted}”]]" if quoted else hint


def _template(followup: FollowUp, occasion: object) -> str:
    if followup.kind is FollowUpKind.THANK_YOU:
        return "thank_you_pass_on" if followup.mentions else _THANK_YOU[followup.wording]
    if followup.kind is FollowUpKind.CHECK_IN_1 and occasion is Occasion.CANCELLED:
        return "check_in_1_cancelled"
    if followup.kind is FollowUpKind.CHECK_IN_1 and followup.promised:
        return "check_in_1_promised"
    return followup.kind.value


def _reply_subject(followup: FollowUp, timeline: Timeline | None) -> str | None:
    answered: Facts | None = None
    if timeline and followup.answers:
        answered = next((facts for facts in timeline.facts if facts.key == followup.answers), None)
    return reply_subject(answered.subject) if answered else None


def new_subject(form: Form, values: Mapping[str, object]) -> str:
    """Render the subject of a new mail; a role that makes it too long is cut between words."""
    subject = " ".join(rendered(form.subject, values).split())
    roles = values["roles"]
    if len(subject) > NEW_SUBJECT_LENGTH and isinstance(roles, tuple) and roles:
        room = len(roles[0]) - (len(subject) - NEW_SUBJECT_LENGTH)
        if len(roles) == 1 and room >= len(roles[0]) // 3:
            role = safe_words(roles[0], room) or roles[0]
            return new_subject(form, {**values, "roles": (role.rstrip(" ,;:-–—(/&"),)})
        return new_subject(form, {**values, "roles": roles[:1] if len(roles) > 1 else ()})
    return safe_words(subject, NEW_SUBJECT_LENGTH) or subject


def paragraphs(rendered_body: str) -> tuple[str, ...]:
    """Give each paragraph of a rendered body as one line."""
    return tuple(" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", rendered_body.strip()))


def _seed(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=4).digest(), "big")
