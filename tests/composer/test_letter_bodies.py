"""Every body of every letter, in every language, with and without each thing that may be known."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from datetime import date

import pytest

from composer.letter import PLACEHOLDER, new_subject, paragraphs
from composer.letter_choice import SHARED_AT_MOST, shared_trigrams
from composer.letter_forms import SEPARATOR, Form, languages, letter_names, our_form
from composer.letter_sandbox import rendered
from composer.letter_values import Occasion

LANGUAGES = sorted(languages())
NAMES = sorted(letter_names())

# policy.md section 6, greeting and signature not counted.
WORDS = {
    "check_in_1": (50, 90),
    "check_in_1_cancelled": (50, 90),
    "check_in_1_promised": (50, 90),
    "check_in_final": (40, 80),
    "closing_note": (40, 80),
    "offer_ack": (40, 80),
    "rejection_reply": (50, 100),
    "reschedule_offer": (40, 80),
    "thank_you": (80, 150),
    "thank_you_later_round": (80, 150),
    "thank_you_pass_on": (80, 150),
    "thank_you_recruiter_screen": (50, 100),
    "thank_you_short": (50, 110),
}
# A panel has up to six people, and each gets another letter (policy.md T4).
BODIES = dict.fromkeys(NAMES, 4) | dict.fromkeys(
    ("thank_you", "thank_you_short", "thank_you_later_round", "thank_you_recruiter_screen"), 6
)
OCCASIONS = {
    "check_in_1": (Occasion.VISIT, Occasion.TAKE_HOME, Occasion.APPLICATION),
    "check_in_1_cancelled": (Occasion.CANCELLED,),
}
NOTES = {
    "en": ("the caching project", "how the releases are tested and who decides when one goes out to the customers"),
    "de": ("das Caching-Projekt", "die Frage, wie Releases getestet werden und wer über den Zeitpunkt entscheidet"),
    "fr": ("le projet de cache", "la façon dont les versions sont testées et le choix du moment de leur sortie"),
    "es": ("el proyecto de caché", "la forma de probar las versiones y de decidir cuándo llegan a los clientes"),
    "pt": ("o projeto de cache", "a forma de testar as versões e de decidir quando elas chegam aos clientes"),
}
TOPICS = {
    "en": ("system design", "caching project"),
    "de": ("Systemdesign", "Caching-Projekt"),
    "fr": ("conception de systèmes", "projet de cache"),
    "es": ("diseño de sistemas", "proyecto de caché"),
    "pt": ("desenho de sistemas", "projeto de cache"),
}
ROLES = ((), ("Data Engineer",), ("Senior Staff Software Engineer, Developer Platform",), ("Data Engineer", "Analyst"))


def values(language: str, **changes: object) -> dict[str, object]:
    return {
        "first_name": "Dana",
        "full_name": "Dana Lee",
        "company": "Northwind",
        "roles": ("Data Engineer",),
        "visit": date(2026, 12, 1),
        "promised": date(2026, 12, 4),
        "decide_by": None,
        "mentions": ("Lena Vogt", "Omar Said"),
        "topic": None,
        "phone": False,
        "formal": False,
        "month_first": False,
        "occasion": Occasion.VISIT,
        "occasion_day": date(2026, 12, 1),
        "noted": None,
        "omit": False,
    } | changes


def every_case(language: str, name: str) -> Iterator[dict[str, object]]:
    """Give the combinations that change what a body says."""
    told: list[dict[str, object]] = [{"noted": note} for note in NOTES[language]]
    topics = (None, *TOPICS[language])
    gaps = [{"omit": omit, "topic": topic} for omit, topic in itertools.product((False, True), topics)]
    for roles, company, said in itertools.product(ROLES, (None, "Northwind"), [*told, *gaps]):
        for occasion, day in itertools.product(OCCASIONS.get(name, (Occasion.VISIT,)), (None, date(2026, 12, 1))):
            yield values(
                language,
                roles=roles,
                company=company,
                occasion=occasion,
                occasion_day=day,
                visit=day,
                decide_by=day,
                phone=bool(roles),
                mentions=("Lena Vogt", "Omar Said", "Ana Ruiz")[: 1 + len(roles)],
                formal=company is None,
                **said,
            )


def text_of(form: Form, number: int, known: dict[str, object]) -> str:
    return "\n\n".join(paragraphs(rendered(form.bodies[number], known)))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_a_body_is_clean_and_keeps_to_the_length_of_its_kind_whatever_is_known(language: str, name: str) -> None:
    form = our_form(language, name)
    lowest, highest = WORDS[name]
    for known in every_case(language, name):
        for number in range(len(form.bodies)):
            text = text_of(form, number, known)
            where = f"{form.wording(number)}\n{text}"
            assert lowest <= len(text.split()) <= highest, f"{len(text.split())} words: {where}"
            space_before = r" [,.]" if language == "fr" else r" [,.;:?!]"
            assert not re.search(space_before + r"|  |\.\.|,\.|,,|\b(\w+) \1\b|[{}]|None|\( | \)", text), where
            # In German a letter goes on in lower case after the greeting's comma.
            start = "" if language == "de" else r"\A|"
            assert not re.search(rf"(?:{start}[.?] |\n)[a-zäöüáéíóú]", text), where
            assert not re.search(r"\n\n(?:\n|\Z)", text), where
            assert re.search(r"[.?]\Z", text), where
            assert text.count("?") <= 1, where
            assert "!" not in text, where
            shown = PLACEHOLDER.findall(text)
            assert len(shown) <= 1, where
            assert not (shown and known["omit"]), where


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_any_two_bodies_are_genuinely_different(language: str, name: str) -> None:
    form = our_form(language, name)
    assert len(form.bodies) >= BODIES[name]
    for said in ({"noted": NOTES[language][1]}, {"topic": TOPICS[language][0]}, {"omit": True}):
        known = values(language, decide_by=date(2026, 12, 9), **said)
        texts = [text_of(form, number, known) for number in range(len(form.bodies))]
        assert len({text.split(". ")[0] for text in texts}) == len(texts)
        for one, other in itertools.combinations(texts, 2):
            assert shared_trigrams(one, other) <= SHARED_AT_MOST / 2, f"{one}\n\n{other}"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_a_subject_names_the_role_and_is_short(language: str, name: str) -> None:
    form = our_form(language, name)
    for known in every_case(language, name):
        subject = new_subject(form, known)
        roles = known["roles"]
        assert 5 <= len(subject) <= 60
        assert not re.search(r"  |[{}]|None|[:,]\Z|\ARe\b", subject), subject
        assert not roles or "Data Engineer" in subject or "Senior" in subject, subject


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_a_note_is_in_the_letter_as_the_person_wrote_it(language: str, name: str) -> None:
    form = our_form(language, name)
    if not name.startswith("thank_you"):
        return
    for note, number in itertools.product(NOTES[language], range(len(form.bodies))):
        text = text_of(form, number, values(language, noted=note))
        assert note.casefold() in text.casefold(), text
        assert not PLACEHOLDER.search(text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_greeting_closing_and_hint_are_there_for_a_known_and_an_unknown_person(language: str) -> None:
    form = our_form(language, "thank_you")
    for formal, known in itertools.product((False, True), (True, False)):
        named = {} if known else {"first_name": None, "full_name": None}
        for company in ("Northwind", None):
            frame = rendered(form.frame, values(language, formal=formal, company=company, **named))
            hint, greeting, closing = (" ".join(part.split()) for part in frame.split(SEPARATOR))
            assert PLACEHOLDER.fullmatch(hint), hint
            assert re.fullmatch(r"[^:]{3,60}[,:]", greeting), greeting
            assert ("Dana" in greeting) == known
            assert 5 <= len(closing) <= 40
    topical = rendered(form.frame, values(language, topic=TOPICS[language][0])).split(SEPARATOR)[0]
    assert TOPICS[language][0] in topical
    assert PLACEHOLDER.fullmatch(" ".join(topical.split()))
