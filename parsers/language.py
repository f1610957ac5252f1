"""Tells in which language a text is written, by its commonest words; text in, BCP 47 primary subtag out."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

from parsers.clauses import words_of
from parsers.wordbook import wordbook

_SAMPLE: Final = 1200  # characters; some 200 words tell it as well as more would
_ENOUGH: Final = 1.5  # common words; fewer tell nothing
_SHARE: Final = 0.08  # of all words


def detect_language(text: str) -> str | None:
    """Give the language whose commonest words occur most often; None if hardly any does, or it has no phrases here."""
    words = words_of(text[:_SAMPLE])
    languages = _languages()
    counts = dict.fromkeys((name for names in languages.values() for name in names), 0.0)
    for word in words:
        of_word = languages.get(word, ())
        for language in of_word:
            counts[language] += 1 / len(of_word)  # "de" is a word of three languages, "y" of one
    best = max(counts, key=lambda language: counts[language])
    clear = counts[best] >= max(_ENOUGH, _SHARE * len(words))
    return best if clear and best in wordbook().stop_words else None


@cache
def _languages() -> Mapping[str, tuple[str, ...]]:
    """Give the languages of each common word."""
    table = tomllib.loads(files("parsers").joinpath("languages").joinpath("others.toml").read_text(encoding="utf-8"))
    stop_words = {**wordbook().stop_words, **{name: frozenset(words.split()) for name, words in table.items()}}
    every = {word for words in stop_words.values() for word in words}
    return {word: tuple(name for name, words in stop_words.items() if word in words) for word in every}
