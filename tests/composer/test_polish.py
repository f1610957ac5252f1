"""What a language model may change in a letter: the words, and nothing that somebody could be wrong about."""

from __future__ import annotations

import pytest

from composer.polish import changes

ENGLISH = (
    "Thank you for the conversation on Tuesday about the Data Engineer role at Northwind.",
    "I have kept thinking about [[one thing you discussed with Will]]: it fits what I did for 3 years with Kafka.",
)
TERMS = ("Data Engineer", "Northwind", "Will", "caching in May")


def test_other_words_with_the_same_facts_are_no_change() -> None:
    rephrased = (
        "Many thanks for our conversation about the Data Engineer role at Northwind on Tuesday.",
        "Since then I have kept thinking about [[one thing you discussed with Will]]: I did it for 3 years with Kafka.",
    )
    assert changes(ENGLISH, rephrased, "en", TERMS) == ()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("on Tuesday", "on Friday", "date word 'friday' is new"),
        ("on Tuesday", "last week", "date word 'tuesday' is lost"),
        ("3 years", "8 years", "number '8' is new"),
        ("3 years", "three years", "number 'three' is new"),
        ("Northwind", "Southwind", "name 'Southwind' is new"),
        ("Data Engineer role", "Engineer role for Data", "'Data Engineer' is lost"),
        ("[[one thing you discussed with Will]]", "what we discussed with Will", "placeholder"),
        ("with Kafka", "with Kafka, as Peter knows", "name 'Peter' is new"),
        ("with Kafka", "with KAFKA", "name 'KAFKA' is new"),
        ("with Kafka", "with Kafka (see https://evil.example)", "link or address"),
        ("with Kafka", "with Kafka, write to me@evil.example", "link or address"),
        ("it fits", "**it** fits", "markup"),
        ("it fits", "it\u202e fits", "control characters"),
        ("it fits", "it\nfits", "line breaks"),
        ("it fits", "it fits " + "so very well " * 20, "of the words"),
        (
            "I have kept thinking about [[one thing you discussed with Will]]: it fits what I did for",
            "[[one thing you discussed with Will]]:",
            "of the words",
        ),
    ],
)
def test_a_changed_fact_is_told(old: str, new: str, told: str) -> None:
    assert old in ENGLISH[0] + ENGLISH[1]
    rephrased = tuple(paragraph.replace(old, new) for paragraph in ENGLISH)
    assert any(told in change for change in changes(ENGLISH, rephrased, "en", TERMS))


def test_a_name_that_is_also_a_common_word_may_not_vanish() -> None:
    before = ("Speaking with Will made the role concrete for me.",)
    assert changes(before, ("Speaking with you made the role concrete for me.",), "en", ("Will",)) == (
        "'Will' is lost",
    )


def test_paragraphs_are_neither_joined_nor_added() -> None:
    assert changes(ENGLISH, (" ".join(ENGLISH),), "en") == ("1 paragraphs instead of 2",)
    assert changes(ENGLISH, (*ENGLISH, "More."), "en") == ("3 paragraphs instead of 2",)


def test_an_answer_of_enormous_length_is_refused_before_it_is_looked_at() -> None:
    assert changes(ENGLISH, (ENGLISH[0], "word " * 100_000), "en") == ("far too long",)


@pytest.mark.parametrize(
    ("language", "before", "after", "told"),
    [
        ("de", "Vielen Dank für das Gespräch am Dienstag.", "Vielen Dank für das Gespräch am Freitag.", "freitag"),
        ("de", "Danke für die zwei Gespräche.", "Danke für die drei Gespräche.", "drei"),
        ("fr", "Merci pour notre échange de mardi.", "Merci pour notre échange d'hier.", "mardi"),
        ("es", "Gracias por la conversación del martes.", "Gracias por la conversación del lunes.", "lunes"),
        ("pt", "Agradeço a conversa de terça-feira.", "Agradeço a conversa de sexta-feira.", "sexta-feira"),
    ],
)
def test_days_and_numbers_are_known_in_each_language(language: str, before: str, after: str, told: str) -> None:
    assert any(told in change for change in changes((before,), (after,), language))
