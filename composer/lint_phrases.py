"""Takes a language's table of faulty phrases (`faults/<language>.toml`) and a text; gives where phrases stand in it.

A phrase is words between blanks. `may*` and `*may` stand for any ending or beginning, `(a|b c)` for one of several,
`[a|b]` for one or nothing, `#` for a number in digits, `..` for up to three words, `...` for up to six, `<name>` for
one of a list in `[sets]`; `^` is the beginning of a sentence and `?` the end of a question. Case, accents, hyphens and
typographic marks do not count. Every gap is bounded and every word is cut, so that the time grows with the text alone.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

# "I'd" is two words, so that "I would" and "I'd" are alike; "haven't" and "j'ai" are one.
_CLITIC = r"['’‘´`](?:ve|d|ll|m|re)(?!\w)"
_WORD = re.compile(rf"[^\W_]+(?={_CLITIC})|{_CLITIC}|[^\W_]+(?:['’‘´`][^\W_]+)*['’]?|[?¿]", re.IGNORECASE)
_APOSTROPHES = str.maketrans(dict.fromkeys("’‘´`", "'"))
_WORD_LENGTH = 60  # characters of a word that are looked at
_GREETING_LENGTH = 80  # characters of a line that may be a greeting
_SENTENCE_WORDS = 100  # a longer one is looked at in pieces
_BREAK = re.compile(r"[.!?…]{1,10}[\"'”’»)\]]{0,3}(?=\s|$)|\n[^\S\n]*\n|,[^\S\n]*\n")
# What ends in a full stop without ending the sentence.
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:[^\W\d_]|dr|mr|mrs|ms|mx|prof|st|vs|no|nr|ca|bzw|ggf|evtl|etc|sr|sra|dra|mme|inc|ltd|co|e\.g|i\.e"
    r"|z\.\s?b|d\.\s?h)$",
    re.IGNORECASE,
)
_PIECE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\S+")
_UMLAUTS = {"ä": "(?:a|ae)", "ö": "(?:o|oe)", "ü": "(?:u|ue)"}  # "fuer" is how it is written without the key


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence: its words, folded, each followed by a blank, and where each stands in the text."""

    words: str
    begins: tuple[int, ...]  # of each word in `words`
    spans: tuple[tuple[int, int], ...]  # of each word in the text

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Give the place in the text of `words[start:end]`."""
        first, last = bisect_right(self.begins, start) - 1, bisect_right(self.begins, end - 1) - 1
        return self.spans[first][0], self.spans[last][1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrases:
    """The phrases of one fault, and those in which their words are harmless."""

    faulty: re.Pattern[str]
    harmless: tuple[re.Pattern[str], ...]  # each alone: one must not hide another that begins within it

    def find(self, sentence: Sentence) -> Iterator[tuple[int, int]]:
        """Give the spans in `sentence.words` of each phrase that no harmless one overlaps."""
        spared: list[tuple[int, int]] | None = None
        for found in self.faulty.finditer(sentence.words):
            if spared is None:
                spared = [other.span() for harmless in self.harmless for other in harmless.finditer(sentence.words)]
            if not any(start < found.end() and found.start() < end for start, end in spared):
                yield found.span()


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The table of one language. `sets` hold folded words; `phrases` are by the name of their check."""

    phrases: Mapping[str, Phrases]
    sets: Mapping[str, frozenset[str]]


def fold(text: str) -> str:
    """Make case, accents and typographic apostrophes equal: what is compared is folded."""
    if text.isascii():
        return text.casefold()
    plain = unicodedata.normalize("NFD", text.casefold().translate(_APOSTROPHES))
    return "".join(c for c in plain if not unicodedata.combining(c))


def sentences(text: str, start: int, end: int) -> Iterator[Sentence]:
    """Cut a stretch of a text into sentences; the greeting's line is one of its own."""
    begin = start
    for found in _BREAK.finditer(text, start, end):
        if found[0][0] == "," and (begin > start or found.end() - start > _GREETING_LENGTH):
            continue
        if found[0] == "." and _ABBREVIATION.search(text, max(begin, found.start() - 12), found.start()):
            continue
        yield from _sentence(text, begin, found.end())
        begin = found.end()
    yield from _sentence(text, begin, end)


def _sentence(text: str, start: int, end: int) -> Iterator[Sentence]:
    found = list(_WORD.finditer(text, start, end))
    for first in range(0, len(found), _SENTENCE_WORDS):
        words, begins, spans = "", [], []
        for word in found[first : first + _SENTENCE_WORDS]:
            begins.append(len(words))
            spans.append(word.span())
            words += fold(word[0][:_WORD_LENGTH]) + " "
        yield Sentence(words=words, begins=tuple(begins), spans=tuple(spans))


def languages() -> tuple[str, ...]:
    """Give the languages that have a table."""
    names = (entry.name for entry in (files("composer") / "faults").iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


@cache
def table(language: str) -> Table | None:
    """Give the table of a language (BCP 47 primary subtag), None where there is none."""
    file = files("composer") / "faults" / f"{language}.toml"
    if not re.fullmatch(r"[a-z]{2,3}", language) or not file.is_file():
        return None
    read = tomllib.loads(file.read_text(encoding="utf-8"))
    sets = {name: words.split(" | ") for name, words in read.pop("sets").items()}
    return Table(
        phrases={
            name: Phrases(
                faulty=_pattern(entry["phrases"], sets),
                harmless=tuple(_pattern([phrase], sets) for phrase in entry.get("unless", ())),
            )
            for name, entry in read.items()
        },
        sets={name: frozenset(map(fold, words)) for name, words in sets.items()},
    )


def _pattern(phrases: list[str], sets: Mapping[str, list[str]]) -> re.Pattern[str]:
    return re.compile(r"(?<!\S)(?:" + "|".join(_phrase(phrase, sets) for phrase in phrases) + ")")


def _phrase(phrase: str, sets: Mapping[str, list[str]]) -> str:
    for name, words in sets.items():
        phrase = phrase.replace(f"<{name}>", "(" + "|".join(words) + ")")
    phrase = re.sub(rf"(?<=\w)(?={_CLITIC})", " ", phrase)
    pattern = "".join(map(_piece, _PIECE.findall(phrase)))
    return pattern.removesuffix("?") if phrase.endswith("..") else pattern  # a gap at the end takes all that it may


def _piece(piece: str) -> str:
    match piece[0], piece:
        case _, "..":
            return r"(?:\S+ ){0,3}?"
        case _, "...":
            return r"(?:\S+ ){0,6}?"
        case _, "^":
            return r"\A(?:¿ )?"
        case "(", _:
            return _choice(piece)
        case "[", _:
            return _choice(piece) + "?"
    return _word(piece) + " "


def _choice(piece: str) -> str:
    return "(?:" + "|".join("".join(_word(word) + " " for word in one.split()) for one in piece[1:-1].split("|")) + ")"


def _word(word: str) -> str:
    if word == "#":
        return r"\d\S*"
    return "".join(
        _UMLAUTS.get(letter) or (r"\S*" if letter == "*" else re.escape(fold(letter))) for letter in word.casefold()
    )
