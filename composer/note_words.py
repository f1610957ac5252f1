"""The words by which a person's note is understood, language by language; from the tables in `note_tables/`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

LANGUAGES = ("en", "de", "fr", "es", "pt")


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteWords:
    """One language. Words are in lower case; the patterns are matched without regard to it.

    A pattern of `leads` matches the whole of a piece and names its topic `topic`; `prep`, if it has that, is what stood
    before the topic. `{names}` in it stands for the names of the visit's people.
    """

    common: frozenset[str]  # words that tell this language from the others
    leads: tuple[str, ...]
    tail: str  # pattern: where a topic ends and a sentence goes on
    beside: str  # pattern: the word before a name, "with Dana"
    joined: str  # pattern: what joins two names
    determiners: frozenset[str]
    needs_determiner: bool  # a topic without one cannot stand in a sentence
    articles: Mapping[str, str]  # what is contracted in `prep`: "du" -> "le"
    theirs: Mapping[str, str]  # a topic's first word: "their" -> "your"
    hers: Mapping[str, str]  # likewise, in what is about one person
    verbs: frozenset[str]  # what makes a sentence of it, pronouns included
    openers: frozenset[str]  # first words that no topic has
    empty: frozenset[str]  # words that alone name nothing
    unsaid: frozenset[str]  # what such a letter never speaks of: pay, days off, other offers (policy.md section 6)


@cache
def note_words(language: str) -> NoteWords:
    """Give the words of one of LANGUAGES."""
    text = (files("composer") / "note_tables" / f"{language}.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    leads = []
    for pattern in table["leads"]:
        for name, fragment in table["fragments"].items():
            pattern = pattern.replace(f"{{{name}}}", fragment)
        leads.append(pattern)
    return NoteWords(
        common=frozenset(table["common"].split()),
        determiners=frozenset(table["determiners"].split()),
        verbs=frozenset(table["verbs"].split()),
        openers=frozenset(table["openers"].split()),
        empty=frozenset(table["empty"].split()),
        unsaid=frozenset(table["unsaid"].split()),
        articles=table.get("articles", {}),
        theirs=table.get("theirs", {}),
        hers=table.get("hers", {}),
        leads=tuple(leads),
        tail="|".join(table["tail"]),
        beside=table["beside"],
        joined=table["joined"],
        needs_determiner=table.get("needs_determiner", False),
    )
