"""Which sentences have a fault of wording, in every language, and which only look as if they had."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from composer.lint import Check, Writing, lint
from composer.lint_phrases import languages, table

JUDGED = Path(__file__).with_name("letters_judged")
HARMLESS = Path(__file__).with_name("harmless_sentences.toml")
OF_FORM = {Check.NOTHING_NAMED, Check.TOO_SHORT}  # what a single sentence cannot help


def sentences(kind: str) -> list[tuple[str, str, str]]:
    return [
        (file.stem, check, sentence)
        for file in sorted(JUDGED.glob("*.toml"))
        for check, entry in tomllib.loads(file.read_text("utf-8")).items()
        for sentence in entry[kind]
    ]


def harmless() -> list[tuple[str, str]]:
    read = tomllib.loads(HARMLESS.read_text("utf-8"))
    return [(language, sentence) for language, listed in read.items() for sentence in listed]


def found(sentence: str, language: str) -> set[Check]:
    return {fault.check for fault in lint(Writing(text=sentence), language=language)} - OF_FORM


@pytest.mark.parametrize(("language", "check", "sentence"), sentences("caught"))
def test_a_sentence_with_a_fault_is_caught(language: str, check: str, sentence: str) -> None:
    assert check in found(sentence, language)


@pytest.mark.parametrize(("language", "check", "sentence"), sentences("spared"))
def test_a_sentence_that_only_looks_like_one_is_left_alone(language: str, check: str, sentence: str) -> None:
    assert found(sentence, language) <= {Check.EXCLAMATION}


@pytest.mark.parametrize(("language", "sentence"), harmless())
def test_a_sentence_of_a_good_letter_is_left_alone(language: str, sentence: str) -> None:
    assert found(sentence, language) == set()


@pytest.mark.parametrize(("language", "check", "sentence"), sentences("caught"))
def test_case_typographic_marks_and_broken_lines_change_nothing(language: str, check: str, sentence: str) -> None:
    typed = "\n".join(sentence.replace("'", "’").rsplit(" ", 1)).replace(" ", "\u00a0", 1)
    assert check in found("Dana:\n\n" + typed[0] + typed[1:].lower(), language)


def test_every_language_has_sentences_for_every_check_of_its_table() -> None:
    for language in languages():
        read = table(language)
        assert read is not None
        judged = tomllib.loads((JUDGED / f"{language}.toml").read_text("utf-8"))
        assert set(judged) == set(read.phrases) - {"anchors"}
        assert all(len(entry["caught"]) >= 4 and len(entry["spared"]) >= 2 for entry in judged.values())
