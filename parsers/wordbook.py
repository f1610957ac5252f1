"""Reads the phrase tables (`languages/phrases_*.toml`) into compiled patterns and sets of words.

The notation of a phrase, over plain words (lower case, no accents, contractions spelled out):

    word        this word                      word*       any word that begins so; *word: that ends so
    (a|b c)     one of these                   [word]      may be missing
    <class>     one of the table's [words]     <time> <day> <link> <mail>   a token that stands for such a thing
    ..          up to 3 words between          ...         up to 8 words, or the end
    ^           the clause begins here
    !word       the clause must not have this word (or class)

A phrase is found through its rarest word, so that the number of phrases hardly counts.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cache
from importlib.resources import files
from typing import Any, Final

from parsers.spelling import DAY, LINK, MAIL, TIME, WINDOW, spell


class Strength(IntEnum):
    """How far a phrase decides."""

    HINT = 1
    LIKELY = 2
    SURE = 3


@dataclass(frozen=True, slots=True)
class Phrase:
    """One compiled phrase; `kind` is the table it stands in."""

    language: str
    kind: str
    strength: Strength
    expression: str
    never: frozenset[str]
    negative: bool  # a "not" is one of its own words
    source: str

    @property
    def pattern(self) -> re.Pattern[str]:
        """The expression compiled, when first needed: most phrases never are."""
        return _pattern(self.expression)


@cache
def _pattern(expression: str) -> re.Pattern[str]:
    return re.compile(expression)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """The words of a language that tell how its sentences hang together. Entries are tuples of plain words."""

    linkers: frozenset[str] = frozenset()
    conditionals: frozenset[tuple[str, ...]] = frozenset()
    eventually: frozenset[str] = frozenset()
    chosen: frozenset[str] = frozenset()
    others: frozenset[tuple[str, ...]] = frozenset()
    wondering: frozenset[tuple[str, ...]] = frozenset()  # "know if": a question, no condition
    willing: frozenset[str] = frozenset()  # "if you are interested": what is asked then is asked
    asking: frozenset[tuple[str, ...]] = frozenset()
    abbreviations: frozenset[str] = frozenset()
    deadline: frozenset[tuple[str, ...]] = frozenset()  # before a time by which something must be done
    former: frozenset[tuple[str, ...]] = frozenset()  # before a time that no longer holds
    either: frozenset[str] = frozenset()  # between two times of which one is to be chosen
    for_now: frozenset[tuple[str, ...]] = frozenset()  # it may be otherwise later


@dataclass(frozen=True, slots=True, kw_only=True)
class Wordbook:
    """Every language's tables together."""

    by_word: Mapping[str, tuple[Phrase, ...]]
    by_prefix: Mapping[str, tuple[Phrase, ...]]  # the first `PREFIX` letters
    by_suffix: Mapping[str, tuple[Phrase, ...]]  # the last `PREFIX` letters: "gesprach" of any compound
    grammar: Grammar  # of all languages together, for a text of which none is known
    grammars: Mapping[str, Grammar]  # by language; English is in each, as its words are in any mail
    stop_words: Mapping[str, frozenset[str]]  # by language
    negations: Mapping[str, frozenset[str]]  # by language: "no" is "in the" in Portuguese
    gate: re.Pattern[str]  # a word without which no mail is about an application
    classes: Mapping[str, frozenset[str]] = field(default_factory=dict)  # class name -> single words, all languages

    def grammar_of(self, language: str | None) -> Grammar:
        """Give the grammar of a text in this language: "si" is "if" in Spanish, and "you" in Portuguese."""
        return self.grammars.get(language or "", self.grammar)


PREFIX: Final = 4
_LEVELS: Final = {"sure": Strength.SURE, "likely": Strength.LIKELY, "hint": Strength.HINT}
_TOKENS: Final = {
    "time": (TIME,),
    "day": (TIME, DAY, WINDOW),
    "link": (LINK,),
    "mail": (MAIL,),
}
_ELEMENT = re.compile(r"\.\.\.|\.\.|!?<\w+>|\([^()]*\)|\[[^\[\]]*\]|!?[^\s()\[\]<>]+")
_GAPS: Final = {"..": r"(?: [^ ]+){0,3}?", "...": r"(?: [^ ]+){0,8}?"}


@cache
def wordbook() -> Wordbook:
    """Read every table once."""
    by_word: dict[str, list[Phrase]] = {}
    by_prefix: dict[str, list[Phrase]] = {}
    by_suffix: dict[str, list[Phrase]] = {}
    sets: dict[str, dict[str, frozenset[tuple[str, ...]]]] = {}
    negations: dict[str, frozenset[str]] = {}
    stop_words: dict[str, frozenset[str]] = {}
    classes_of_all: dict[str, set[str]] = {}
    gate: set[str] = set()
    for table in sorted(_tables(), key=lambda table: str(table["language"])):
        classes = {name: _alternatives(words) for name, words in table.get("words", {}).items()}
        for name, words in classes.items():
            classes_of_all.setdefault(name, set()).update(word[0] for word in words if len(word) == 1)
        gate.update(_beginnings(table["gate"]))
        stop_words[table["language"]] = frozenset(table["stop_words"].split())
        negations[table["language"]] = _single(classes.get("not"))
        sets[table["language"]] = {
            name: frozenset(_alternatives(words)) for name, words in table.get("clause", {}).items()
        }
        for kind, levels in table.items():
            if not isinstance(levels, dict) or kind in {"words", "clause"}:
                continue
            for level, sources in levels.items():
                for source in sources:
                    phrase, anchors = _compile(source, kind, _LEVELS[level], classes, language=table["language"])
                    for anchor in anchors:
                        if anchor.endswith("*"):
                            by_prefix.setdefault(anchor[:-1][:PREFIX], []).append(phrase)
                        elif anchor.startswith("*"):
                            by_suffix.setdefault(anchor[1:][-PREFIX:], []).append(phrase)
                        else:
                            by_word.setdefault(anchor, []).append(phrase)
    return Wordbook(
        by_word={word: tuple(phrases) for word, phrases in by_word.items()},
        by_prefix={word: tuple(phrases) for word, phrases in by_prefix.items()},
        by_suffix={word: tuple(phrases) for word, phrases in by_suffix.items()},
        grammar=_grammar(sets.values()),
        grammars={language: _grammar((words, sets["en"])) for language, words in sets.items()},
        stop_words=stop_words,
        gate=_any_of(gate),
        negations=negations,
        classes={name: frozenset(words) for name, words in classes_of_all.items()},
    )


@cache
def subjects() -> re.Pattern[str]:
    """Give what finds a word with which a subject speaks of an application. The tables' phrases are not compiled."""
    return _any_of(beginning for table in _tables() for beginning in _beginnings(table["subjects"]))


def _grammar(tables: Iterable[Mapping[str, frozenset[tuple[str, ...]]]]) -> Grammar:
    """Put the words of several languages together."""
    sets: dict[str, set[tuple[str, ...]]] = {}
    for table in tables:
        for name, words in table.items():
            sets.setdefault(name, set()).update(words)
    return Grammar(
        linkers=_single(sets.get("linkers")),
        conditionals=frozenset(sets.get("conditionals", ())),
        eventually=_single(sets.get("eventually")),
        chosen=_single(sets.get("chosen")),
        others=frozenset(sets.get("others", ())),
        wondering=frozenset(sets.get("wondering", ())),
        willing=_single(sets.get("willing")),
        asking=frozenset(sets.get("asking", ())),
        abbreviations=_single(sets.get("abbreviations")),
        deadline=frozenset(sets.get("deadline", ())),
        former=frozenset(sets.get("former", ())),
        either=_single(sets.get("either")),
        for_now=frozenset(sets.get("for_now", ())),
    )


def _tables() -> Iterator[dict[str, Any]]:
    for entry in files("parsers").joinpath("languages").iterdir():
        if entry.name.startswith("phrases_") and entry.name.endswith(".toml"):
            yield tomllib.loads(entry.read_text(encoding="utf-8"))


def _beginnings(text: str) -> Iterator[str]:
    return (word.strip() for word in text.split("|"))


def _any_of(beginnings: Iterable[str]) -> re.Pattern[str]:
    """Compile words' beginnings into one pattern that looks at each letter of a text once, however many they are."""
    return re.compile(rf"\b{_branches(set(beginnings))}", re.IGNORECASE)


def _branches(endings: set[str]) -> str:
    if "" in endings:
        return ""  # whatever follows, the beginning is found
    by_letter: dict[str, set[str]] = {}
    for ending in endings:
        by_letter.setdefault(ending[0], set()).add(ending[1:])
    found = [re.escape(letter) + _branches(rest) for letter, rest in sorted(by_letter.items())]
    return found[0] if len(found) == 1 else f"(?:{'|'.join(found)})"


def _single(words: Iterable[tuple[str, ...]] | None) -> frozenset[str]:
    return frozenset(word[0] for word in words or () if len(word) == 1)


def _alternatives(text: str) -> tuple[tuple[str, ...], ...]:
    """Split "a | b c" into plain words; a star at either end stays."""
    found = []
    for piece in text.split("|"):
        words: list[str] = []
        for word in piece.split():
            if word in _GAPS:
                words.append(word)
                continue
            first = len(words)
            words.extend(spell(word.strip("*")))
            words[first] = ("*" if word.startswith("*") else "") + words[first]
            words[-1] += "*" if word.endswith("*") else ""
        if words:
            found.append(tuple(words))
    return tuple(found)


def _expand(text: str, classes: Mapping[str, tuple[tuple[str, ...], ...]]) -> tuple[tuple[str, ...], ...]:
    """Give the alternatives of a group, in which classes may stand among the words."""
    found: list[tuple[str, ...]] = []
    for piece in text.split("|"):
        sequences: list[tuple[str, ...]] = [()]
        for word in piece.split():
            options = _class(word[1:-1], classes) if word.startswith("<") else _alternatives(word)
            sequences = [(*sequence, *option) for sequence in sequences for option in options]
        found.extend(sequence for sequence in sequences if sequence)
    return tuple(dict.fromkeys(found))


def _class(name: str, classes: Mapping[str, tuple[tuple[str, ...], ...]]) -> tuple[tuple[str, ...], ...]:
    return tuple((token,) for token in _TOKENS[name]) if name in _TOKENS else classes[name]


def _word_pattern(word: str) -> str:
    if word in _GAPS:
        return _GAPS[word]
    before, after = ("[^ ]*" if word.startswith("*") else ""), ("[^ ]*" if word.endswith("*") else "")
    return f" {before}{re.escape(word.strip('*'))}{after}"


def _sequence(words: tuple[str, ...]) -> str:
    return "".join(map(_word_pattern, words))


def _compile(
    source: str, kind: str, strength: Strength, classes: Mapping[str, tuple[tuple[str, ...], ...]], *, language: str
) -> tuple[Phrase, tuple[str, ...]]:
    pieces: list[str] = []
    never: set[str] = set()
    anchors: tuple[str, ...] = ()
    best = float("-inf")
    negations, negative = _single(classes.get("not")), False
    for element in _ELEMENT.findall(source):
        if element == "^":
            pieces.append("^")
            continue
        if element in _GAPS:
            pieces.append(_GAPS[element])
            continue
        if element.startswith("!"):
            never.update(word[0] for word in _expand(element[1:], classes) if len(word) == 1)
            continue
        inner = element[1:-1] if element[0] in "([" else element
        options = sorted(_expand(inner, classes), key=len, reverse=True)
        group = "|".join(map(_sequence, options))
        if element.startswith("["):
            pieces.append(f"(?:{group})?")
            continue
        pieces.append(f"(?:{group})" if len(options) > 1 else group)
        negative = negative or any(not negations.isdisjoint(option) for option in options)
        keys = tuple(max((word for word in option if word not in _GAPS), key=len) for option in options)
        # A rare word is a long one, and few alternatives are rarer than many.
        rarity = min(len(key) for key in keys) - 0.25 * len(keys)
        if rarity > best:
            best, anchors = rarity, keys
    expression = "".join(pieces) + "(?= )"
    phrase = Phrase(language, kind, strength, expression, frozenset(never), negative, source)
    return phrase, tuple(dict.fromkeys(anchors))
