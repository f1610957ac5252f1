"""Tells in which language a text is written, by its commonest words; text in, BCP 47 primary subtag out."""

from __future__ import annotations

from typing import Final

from parsers.clauses import words_of
from parsers.wordbook import wordbook

_SAMPLE: Final = 1200  # characters; some 200 words tell it as well as more would
_FEW: Final = 2  # common words; fewer tell nothing


def detect_language(text: str) -> str | None:
    """Give the language whose commonest words occur most often; None if hardly any does."""
    counts = dict.fromkeys(wordbook().stop_words, 0)
    for word in words_of(text[:_SAMPLE]):
        for language, stop_words in wordbook().stop_words.items():
            counts[language] += word in stop_words
    best = max(counts, key=lambda language: counts[language])
    return best if counts[best] >= _FEW else None
