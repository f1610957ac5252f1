"""The notation of the phrase tables: what a star stands for, and by which words phrases are found."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from parsers.clauses import split_clauses
from parsers.phrases import find_hits
from parsers.when import find_moments
from parsers.wordbook import PREFIX, wordbook


def kinds(text: str, language: str) -> set[str]:
    return {hit.kind for hit in find_hits(split_clauses(text, language=language), language)}


def test_a_star_before_a_word_stands_for_any_compound() -> None:
    assert "cancelled" in kinds("Das Abteilungsleitergespräch entfällt.", "de")
    assert "cancelled" in kinds("Das Gespräch entfällt.", "de")
    assert "cancelled" not in kinds("Die Gesprächspause entfällt.", "de")


def test_what_a_phrase_is_found_by_is_long_enough_to_be_found() -> None:
    book = wordbook()
    for index in (book.by_prefix, book.by_suffix):
        assert [(key, phrases[0].source) for key, phrases in index.items() if len(key) < PREFIX] == []


def test_a_talk_named_inside_its_time_is_kept() -> None:
    text = "Please arrive ten minutes before your 11 o'clock interview on Monday."
    sent_at = datetime(2026, 11, 24, 10, 0, tzinfo=ZoneInfo("Europe/Madrid"))
    moments = find_moments(text, sent_at=sent_at, timezone="Europe/Madrid", month_first=False, language="en")
    (clause,) = split_clauses(text, moments)
    assert clause.tokens[-2:] == ("_time_", "interview")
    assert len(clause.moments) == 1


def test_small_words_mean_what_they_do_in_the_language_of_the_text() -> None:
    assert "confirmed" in kinds("A entrevista no escritório está confirmada.", "pt")  # "no" is no negation
    assert "confirmed" not in kinds("La entrevista no está confirmada.", "es")
    (portuguese,) = split_clauses("Para si temos novidades.", language="pt")  # "for you"
    (spanish,) = split_clauses("Avisa si tienes novedades.", language="es")
    assert portuguese.condition is None
    assert spanish.condition == 1


def test_a_not_takes_back_only_the_phrases_that_have_none_of_their_own() -> None:
    assert "confirmed" not in kinds("Your interview is not confirmed.", "en")
    assert "choice" in kinds("You have not yet picked a slot for your interview.", "en")


def test_the_marks_of_a_title_and_of_a_clock_time_end_no_clause() -> None:
    written = "Deine Bewerbung als Filialleiter:in (m/w/d) ist um 13:36 Uhr eingelangt."
    assert len(split_clauses(written)) == 1
    assert "received" in kinds(written, "de")


def test_thanks_for_a_talk_that_was_fix_none() -> None:
    text = "It was good to see you on Friday."
    sent_at = datetime(2026, 11, 24, 10, 0, tzinfo=ZoneInfo("Europe/Madrid"))
    moments = find_moments(text, sent_at=sent_at, timezone="Europe/Madrid", month_first=False, language="en")
    assert {hit.kind for hit in find_hits(split_clauses(text, moments), "en")} == {"no_talk"}
