"""Takes a letter and what a language model made of its paragraphs; gives the letter in those words, or says why not.

A model may rephrase and nothing else: names, dates, numbers, links and placeholders are the letter's own, in the same
number of paragraphs and about as many words. A name is told from a word by what this program itself writes: a word
with a capital that is neither in the letter nor in any template of that language may be a name that nobody gave. That
refuses some harmless wordings, which costs nothing: the letter then stands as it was.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from importlib.resources import files

from composer.errors import MoreThanWords
from composer.letter import Letter
from composer.lint import lint
from composer.lint_values import Context, Writing

LENGTH_LIMIT = 8_000  # characters of a letter's paragraphs, there and back
_SHORTEST, _LONGEST = 0.7, 1.3  # words of the rephrased letter, against the letter's

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_PLACEHOLDER = re.compile(r"\[\[[^\[\]]*\]\]")
_LINK = re.compile(r"\S*(?:://|@|www\.)\S*", re.IGNORECASE)
_MARKUP = re.compile(r"\*\*|__|`|<[a-z/!]|^[ \t]*(?:#|[-*•]\s|\d+[.)]\s|>)", re.IGNORECASE | re.MULTILINE)
_UNPRINTABLE = re.compile(r"[^\S ]|[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def reword(letter: Letter, paragraphs: Sequence[str], context: Context) -> Letter:
    """Give the letter with these paragraphs between greeting and closing.

    Raises MoreThanWords where anything but the words differs, or where they have a fault that ours had not.
    """
    told = changes(letter.body, paragraphs, letter.language, letter.terms)
    if told:
        raise MoreThanWords(told)
    text = letter.text.replace("\n\n".join(letter.body), "\n\n".join(paragraphs), 1)
    reworded = replace(letter, text=text, body=tuple(paragraphs))
    worse = _faults(reworded, context) - _faults(letter, context)
    if worse:
        raise MoreThanWords(tuple(f"fault {check}" for check in worse))
    return reworded


def _faults(letter: Letter, context: Context) -> Counter[str]:
    writing = Writing(text=letter.text, subject=letter.subject)
    return Counter(fault.check for fault in lint(writing, language=letter.language, context=context))


def changes(before: Sequence[str], after: Sequence[str], language: str, terms: Sequence[str] = ()) -> tuple[str, ...]:
    """Say in words what differs besides the wording; empty: the model kept to its task.

    Both are the paragraphs between greeting and closing; `language` is a code that has templates; `terms` are the
    names, posts and subjects that must stay as they are where the letter has them.
    """
    if len(before) != len(after):
        return (f"{len(after)} paragraphs instead of {len(before)}",)
    if sum(map(len, after)) > LENGTH_LIMIT:
        return ("far too long",)
    old, new = "\n\n".join(before), "\n\n".join(after)
    found = [
        *_differences("number", _numbers(old, language), _numbers(new, language)),
        *_differences("date word", _dates(old, language), _dates(new, language)),
        *_differences("link or address", Counter(_LINK.findall(old)), Counter(_LINK.findall(new))),
        *_differences("placeholder", Counter(_PLACEHOLDER.findall(old)), Counter(_PLACEHOLDER.findall(new))),
        *_differences("name", _names(old, language), _names(new, language)),
    ]
    found += [f"{term!r} is lost" for term in terms if term in old and term not in new]
    if any(_UNPRINTABLE.search(paragraph) for paragraph in after):
        found.append("line breaks or control characters")
    if any(_MARKUP.search(paragraph) for paragraph in after):
        found.append("markup")
    words = len(_WORD.findall(new)) / max(1, len(_WORD.findall(old)))
    if not _SHORTEST <= words <= _LONGEST:
        found.append(f"{words:.0%} of the words")
    return tuple(found)


def _differences(what: str, before: Counter[str], after: Counter[str]) -> Iterable[str]:
    # Names may be said more or less often, as sentences are joined; none may vanish or appear.
    if what == "name":
        before, after = Counter(before.keys()), Counter(after.keys())
    yield from (f"{what} {lost!r} is lost" for lost in before - after)
    yield from (f"{what} {added!r} is new" for added in after - before)


def _numbers(text: str, language: str) -> Counter[str]:
    stated = _special("numbers", language)
    return Counter(_NUMBER.findall(text)) + Counter(word for word in _lower_words(text) if word in stated)


def _dates(text: str, language: str) -> Counter[str]:
    stated = _special("dates", language)
    return Counter(word for word in _lower_words(text) if word in stated)


def _names(text: str, language: str) -> Counter[str]:
    """Give the words with a capital that this program's own templates do not write."""
    known = _vocabulary(language)
    return Counter(
        word for word in _WORD.findall(_LINK.sub(" ", text)) if word != word.lower() and word.casefold() not in known
    )


def _lower_words(text: str) -> Iterable[str]:
    return (word.lower().replace("’", "'") for word in _WORD.findall(text))


@lru_cache
def _special(kind: str, language: str) -> frozenset[str]:
    table = tomllib.loads((files("composer") / "polish_words.toml").read_text(encoding="utf-8"))
    return frozenset(str(table[language][kind]).split())


@lru_cache
def _vocabulary(language: str) -> frozenset[str]:
    folder = files("composer") / "templates" / language
    texts = (file.read_text(encoding="utf-8") for file in folder.iterdir() if file.name.endswith(".txt"))
    return frozenset(word.casefold() for text in texts for word in _WORD.findall(text))
