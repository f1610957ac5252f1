"""Reads a language's table of date words into a Lexicon: each word with its value and its parts in the grammar."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

Roles = Mapping[str, Any]

NO_ROLES: Roles = {}
LONGEST_PHRASE = 7  # words and marks

_PIECE = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*'?|\S")  # as parsers.tokens cuts them

_TABLES = frozenset({"en", "de", "fr", "es", "pt", "it", "nl", "pl"})
# What an English word may still mean in a mail of another language: "Meeting on Tuesday, 2pm" under German text.
# The parts that may begin a day, a window or a time: no reader is asked at any other word.
_DAY = frozenset(
    {"weekday", "relative", "month", "the", "next", "this", "last", "coming", "following", "number", "fuzzy", "ordinal"}
    | {"named", "date_article"}
)
_OPENERS = {
    "opens_day": _DAY,
    "opens_window": _DAY
    | {
        "holidays",
        "by",
        "lead",
        "firm_lead",
        "approx",
        "of",
        "part",
        "nth",
        "end_of_day",
        "end_of_week",
        "end_of_month",
        "end_of_year",
    }
    | {"allow", "up_to", "week_of", "week_ending", "calendar_week", "quarter_letter", "unit", "between", "from"},
    "opens_time": frozenset(
        {"between", "from", "clock", "number", "half", "half_to", "quarter_to", "quarter_hour", "clock_article"}
    ),
}
_SHARED_VALUES = ("month", "weekday")
_SHORTEST_SHARED = 5  # letters; shorter English words are words of other languages ("sun", "may", "dec")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """The words of one language. `phrases` lists, under its first word, each phrase of several words, longest first."""

    language: str
    words: Mapping[str, Roles]
    phrases: Mapping[str, tuple[tuple[tuple[str, ...], Roles], ...]]

    @property
    def day_first(self) -> bool:
        """Whether dotted and slashed dates begin with the day whatever the sender's locale."""
        return self.language != "en"


@cache
def lexicon(language: str) -> Lexicon:
    """Return the Lexicon of a BCP 47 primary subtag; English where there is no table."""
    known = language if language in _TABLES else "en"
    entries: dict[str, dict[str, Any]] = {}
    if known != "en":
        _add(entries, _shared(_read("en")))
    _add(entries, _read(known))
    for roles in entries.values():
        roles.update({opener: True for opener, parts in _OPENERS.items() if not parts.isdisjoint(roles)})
    phrases: dict[str, list[tuple[tuple[str, ...], Roles]]] = {}
    for entry, roles in entries.items():
        words = tuple(_PIECE.findall(entry))
        if len(words) > 1:
            phrases.setdefault(words[0], []).append((words, roles))
    return Lexicon(
        language=known,
        words={entry: roles for entry, roles in entries.items() if _PIECE.fullmatch(entry)},
        phrases={first: tuple(sorted(found, key=lambda one: -len(one[0]))) for first, found in phrases.items()},
    )


def _read(language: str) -> dict[str, Any]:
    text = resources.files("parsers").joinpath(f"languages/dates_{language}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _shared(english: dict[str, Any]) -> dict[str, Any]:
    values = {
        name: {word: value for word, value in english["values"][name].items() if len(word) >= _SHORTEST_SHARED}
        for name in _SHARED_VALUES
    }
    return {"values": values, "roles": {}}


def _add(entries: dict[str, dict[str, Any]], table: dict[str, Any]) -> None:
    accented = table.get("accented", ())
    for role, values in table["values"].items():
        for word, value in values.items():
            for spelling in _spellings(word, accented):
                entries.setdefault(spelling, {})[role] = value
    for role, words in table["roles"].items():
        for word in words:
            for spelling in _spellings(word, accented):
                entries.setdefault(spelling, {})[role] = True


def _spellings(word: str, accented: Collection[str]) -> tuple[str, ...]:
    """Return a word and, where it has accents, the word as written without them, unless that is another word."""
    if word in accented:
        return (word,)
    bare = "".join(mark for mark in unicodedata.normalize("NFD", word) if not unicodedata.combining(mark))
    return (word,) if bare == word else (word, bare)
