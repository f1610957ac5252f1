"""Reads the layout tables (`languages/layout_*.toml`): how mail programs and people frame what is written."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

_FRAME = r"[-_=*\s]{0,40}"
_DASHES = r"[-_=*]{2,40}\s{0,3}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The tables of all languages in one; a mapping of patterns goes from a line's first word to what follows it."""

    closing: frozenset[str]  # words of which a closing phrase has at least one
    closing_beside: frozenset[str]  # words that may stand beside it
    closing_weak: frozenset[str]  # words of `closing` that a name may also begin with
    verbs: re.Pattern[str]  # "wrote"
    labels: Mapping[str, str]  # label of a copied header line -> from, date, to, cc or subject
    attribution: Mapping[str, re.Pattern[str]]
    added: Mapping[str, re.Pattern[str]]  # lines of phones, relays and lists
    footer: Mapping[str, re.Pattern[str]]  # beginnings of legal text
    forwarded: re.Pattern[str]  # a whole line
    original: re.Pattern[str]  # a whole line
    forward_subject: re.Pattern[str]


@cache
def layout() -> Layout:
    """Give the tables of every language, read once."""
    languages = tuple(_read())
    return Layout(
        closing=_words(languages, "closing"),
        closing_beside=_words(languages, "closing_beside"),
        closing_weak=_words(languages, "closing_weak"),
        verbs=_pattern(rf"\b(?:{'|'.join(sorted(_words(languages, 'verbs')))})\b"),
        labels={
            label: field for language in languages for field, labels in language["labels"].items() for label in labels
        },
        attribution=_by_first_word(languages, "attribution"),
        added=_by_first_word(languages, "added"),
        footer=_by_first_word(languages, "footer"),
        forwarded=_pattern(rf"{_FRAME}(?:{_alternatives(languages, 'forwarded')})[-_=*:\s]{{0,40}}"),
        original=_pattern(rf"{_DASHES}(?:{_alternatives(languages, 'original')})\s{{0,3}}[-_=*:]{{0,40}}"),
        forward_subject=_pattern(rf"\s{{0,3}}(?:{'|'.join(sorted(_words(languages, 'subject')))})\s?:"),
    )


def _read() -> Iterator[dict[str, Any]]:
    for entry in sorted((files("parsers") / "languages").iterdir(), key=lambda entry: entry.name):
        if entry.name.startswith("layout_") and entry.name.endswith(".toml"):
            yield tomllib.loads(entry.read_text(encoding="utf-8"))


def _words(languages: tuple[dict[str, Any], ...], key: str) -> frozenset[str]:
    return frozenset(word for language in languages for word in language.get(key, "").split())


def _alternatives(languages: tuple[dict[str, Any], ...], key: str) -> str:
    return "|".join(pattern for language in languages for pattern in language[key])


def _by_first_word(languages: tuple[dict[str, Any], ...], key: str) -> dict[str, re.Pattern[str]]:
    patterns: dict[str, list[str]] = {}
    for language in languages:
        for word, pattern in language[key].items():
            patterns.setdefault(word, []).append(pattern)
    return {word: _pattern("|".join(f"(?:{pattern})" for pattern in found)) for word, found in patterns.items()}


def _pattern(source: str) -> re.Pattern[str]:
    return re.compile(source, re.IGNORECASE)
