"""Tells persons from teams, systems, titles and companies; a display name or a line in, a person's name out."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final

from parsers.model import Part
from parsers.spelling import plain

NAME_LIMIT: Final = 80  # characters; longer ones are sentences

_LETTERS = r"[^\W\d_]"
_CAPITAL = r"[^\W\d_a-zß-öø-ÿ]"  # upper case, or a script without case
# One word of a name as it is written: "O'Neill", "Jean-Luc", "Å.", "McKay".
_NAME_WORD: Final = rf"{_CAPITAL}(?:{_LETTERS}|['’-](?={_LETTERS})){{1,24}}"
_PARTICLE: Final = r"(?:de|da|di|del|della|der|den|van|von|vom|zu|la|le|du|dos|das|af|av|bin|ibn|al|el|ter|ten)"
NAME_PATTERN: Final = rf"{_NAME_WORD}(?: (?:{_PARTICLE} ){{0,2}}(?:{_NAME_WORD}|{_CAPITAL}\.?(?![^\W_]))){{1,3}}"
FIRST_NAME_PATTERN: Final = _NAME_WORD

_TAIL = re.compile(
    r"\s+(?:via|from|at|@|bei|von|chez|de parte de|on behalf of)\s+\S.{0,200}$|\s*[|/•·–—].{0,200}$|\s+-\s.{0,200}$",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"\s*[(\[{<][^()\[\]{}<>]{0,100}[)\]}>]\s*")
_WORD = re.compile(rf"{_LETTERS}(?:{_LETTERS}|['’.-]){{0,40}}")
_FULL_NAME = re.compile(rf"^{NAME_PATTERN}$")


@cache
def word_lists() -> Mapping[str, frozenset[str]]:
    """Read `languages/names.toml`: each list as a set of plain words or phrases."""
    text = files("parsers").joinpath("languages").joinpath("names.toml").read_text(encoding="utf-8")
    return {
        name: frozenset(words.split() if isinstance(words, str) else words)
        for name, words in tomllib.loads(text).items()
    }


def display_tail(display: str) -> str | None:
    """Give what follows a person in a display name: "Northwind" of "Dana Lee at Northwind", "Dana Lee (Northwind)"."""
    found = re.search(
        r"\s(?:via|at|@|from|bei|chez)\s+(\S.{0,80})$|[(\[]([^()\[\]]{2,80})[)\]]|\s[|–—-]\s(.{2,80})$", display[:200]
    )
    return next((group.strip() for group in found.groups() if group), None) if found else None


def person_name(display: str | None) -> str | None:
    """Read a person's name from a display name, in the order of speaking; None for teams, systems and addresses."""
    if not display:
        return None
    text = display[:200].strip().strip("\"'“”‘’").strip()
    text = _TAIL.sub("", _BRACKETS.sub(" ", text)).strip(" ,;:")
    if "@" in text or any(mark.isdigit() for mark in text):
        return None
    lists = word_lists()
    if text.count(",") == 1:  # "Lindqvist, Hannah" and "Hannah Lindqvist, PhD"
        last, first = (piece.strip() for piece in text.split(","))
        if {plain(word.replace(".", "")) for word in first.split()} <= lists["suffixes"] or is_title(first):
            text = last
        else:
            text = f"{first} {last}"
    words = _WORD.findall(text)
    if words and text.isupper() and len(text) > 3:
        words = [word.capitalize() for word in words]
    while words and plain(words[0].rstrip(".")) in lists["honorifics"] and len(words) > 1:
        words = words[1:]
    while len(words) > 1 and plain(words[-1].replace(".", "")) in lists["suffixes"]:
        words = words[:-1]
    plains = [plain(word.rstrip(".")) for word in words]
    if not words or len(words) > 5 or not lists["team"].isdisjoint(plains):
        return None
    if len(words) > 1 and not lists["company_words"].isdisjoint(plains):
        return None
    return " ".join(words)[:NAME_LIMIT]


def is_full_name(text: str) -> bool:
    """Tell whether a piece of text can be a person's first and last name."""
    if len(text) > NAME_LIMIT or not _FULL_NAME.match(text):
        return False
    lists = word_lists()
    plains = [plain(word.rstrip(".")) for word in text.split()]
    return (
        (lists["not_a_name"] - lists["month_names"]).isdisjoint(plains)
        and not lists["month_names"].issuperset(plains)
        and lists["team"].isdisjoint(plains)
        and lists["company_words"].isdisjoint(plains)
        and plains[-1] not in lists["title_heads"] - lists["surnames"]
    )


def is_title(text: str) -> bool:
    """Tell whether a piece of text is a title of a person or post: short, with a word that names an occupation."""
    words = [plain(word) for word in _WORD.findall(text[:120])]
    if not words or len(words) > 9:
        return False
    return any(map(is_head, words)) or _part_of(words) is not None


@lru_cache(maxsize=8192)
def is_head(word: str) -> bool:
    """Tell whether a plain word names an occupation, alone or at its end: "frontend-entwickler", "bauleiterin"."""
    heads, endings = word_lists()["title_heads"], word_lists()["title_endings"]
    return word in heads or word.rpartition("-")[2] in heads or any(word.endswith(ending) for ending in endings)


def part_of_title(title: str | None) -> Part:
    """Tell what part somebody with this title plays: recruiter, coordinator, or not known by it."""
    return _part_of([plain(word) for word in _WORD.findall((title or "")[:120])]) or Part.UNKNOWN


def _part_of(words: list[str]) -> Part | None:
    lists = word_lists()
    text = f" {' '.join(words)} "
    for part, phrases in ((Part.COORDINATOR, lists["coordinator_titles"]), (Part.RECRUITER, lists["recruiter_titles"])):
        if any(f" {phrase} " in text for phrase in phrases):
            return part
    return None
