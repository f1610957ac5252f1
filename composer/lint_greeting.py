"""Takes a letter's page; gives whom its first line greets, and whether that may be the person it goes to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from composer.lint_page import Page
from composer.lint_phrases import Table, fold, languages, table
from composer.lint_values import Writing

_LINE_LENGTH = 80
_WORD = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*")
_ENDS = re.compile(r"[,!:.–—\n]")
_CALLED_NAME = re.compile(r",[^\S\n]{0,3}((?:[^\W\d_a-z][^\s,!:]{0,40}[^\S\n]?){1,3})[,!:]?[^\S\n]*(?:\n|$)")
_GREETED_WORDS = 8
# First names that go by another which begins differently; all others share their beginning ("Kate", "Katherine").
_CALLED = (
    "robert bob bobby roberto",
    "william bill billy guillermo",
    "margaret peggy meg maggie greta rita",
    "richard dick rick ricardo",
    "edward ted ned eduardo",
    "elizabeth elisabeth liz beth betty bess libby lisa elsa isabel",
    "anthony tony antonio toni anton toño",
    "john jack johannes hans juan ivan",
    "james jim jimmy jamie",
    "henry harry hal heinrich enrique quique",
    "alexander alexandra sasha sascha sandra xander lex alejandro alejandra",
    "theodore ted teddy theo",
    "francisco paco pancho kiko curro chico francis frank",
    "jose pepe ze zeca joseph joe josef sepp",
    "ignacio nacho",
    "jesus chuy",
    "dolores lola",
    "eduardo lalo edu dudu",
    "rosario charo",
    "concepcion concha",
    "maria mary mia marie polly molly",
    "christina christine tina kristina",
    "martina tina",
    "bettina tina",
    "helena helene ellen nell lena leni",
    "magdalena lena",
    "sebastian basti bastian",
    "friedrich fritz frederick",
    "joachim achim jochen",
    "thomas tom",
    "susan sue suzanne zuzana",
    "rebecca becky",
    "katharina katherine kathrin kate kitty",
    "veronica ronnie nica",
    "albert bert al",
    "hubert bert",
    "jacqueline jackie",
    "luiz luis lula",
    "antonia toni",
    "leonardo leo nardo",
    "fernando nando",
    "hernando nando",
    "patricia tricia trish paty",
    "ana ann anna nan nancy",
    "sarah sally",
)
_SAME_NAME = tuple(frozenset(map(fold, group.split())) for group in _CALLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeting:
    """A greeting: its place in the text, and the names in it; none for "Dear hiring team"."""

    span: tuple[int, int]
    names: tuple[str, ...]


def read_greeting(page: Page, words: Table | None) -> Greeting | None:
    """Read the first line as a greeting; None where it is none, or the language is not known."""
    if words is None or page.first_line is None:
        return None
    start, end = page.first_line
    end = min(end, start + _LINE_LENGTH)
    greetings = words.sets["greetings"]
    marks = [found.start() for found in _ENDS.finditer(page.text, start, end)]
    written = [
        word for word in _WORD.finditer(page.text, start, end) if not _beyond(page.text, start, word.start(), marks)
    ]
    first = 0
    while first < len(written) and fold(written[first][0]) in greetings:
        first += 1
    if first and not written[first:]:  # "Olá, Ana!"
        written += _called(page.text, written[-1].end(), end)
    if not first or not written[first:] or len(written) - first > _GREETED_WORDS:
        return None
    greeted = [word for word in written[first:] if fold(word[0].rstrip(".")) not in words.sets["titles"]]
    if any(fold(word[0]) in words.sets["nobody"] for word in greeted):
        greeted = []
    names = tuple(word[0] for word in greeted if word[0][0].isupper())
    return Greeting(span=(written[0].start(), written[-1].end()), names=names)


def greeted_in(writing: Writing) -> str | None:
    """Tell the language of a letter that is too short to tell it otherwise, by the words of its greeting."""
    page = Page(writing)
    found = [language for language in languages() if read_greeting(page, table(language))]
    # "Hi" and "Hello" are said in many languages, and are English.
    return "en" if "en" in found else found[0] if len(found) == 1 else None


def _beyond(text: str, start: int, place: int, marks: Sequence[int]) -> bool:
    """Tell whether a place on the first line is behind the mark that ends the greeting."""
    return any(mark < place and not _titled(text, start, mark) for mark in marks)


def _called(text: str, start: int, end: int) -> list[re.Match[str]]:
    """Give the name behind "Hello,", if nothing but a name stands there."""
    found = _CALLED_NAME.match(text, start, end)
    return list(_WORD.finditer(text, *found.span(1))) if found else []


def _titled(text: str, start: int, end: int) -> bool:
    """Tell whether a full stop ends a title ("Dr.") and not the greeting."""
    return text[end] == "." and len(text[start:end].rpartition(" ")[2]) <= 4


def is_name_of(greeted: Sequence[str], name: str) -> bool:
    """Tell whether whoever is greeted may be the person of a name: any part of it fits, or a short form of one."""
    parts = [fold(part) for word in name.split() for part in (word, *re.split(r"[-'’.]", word)) if part]
    return any(_fits(fold(word), part) for word in greeted for part in parts)


def _fits(called: str, part: str) -> bool:
    if len(part.rstrip(".")) == 1:
        return called.startswith(part[0])  # "J. Smith"
    if called == part or any(called in group and part in group for group in _SAME_NAME):
        return True
    return called[:2] == part[:2] and min(len(called), len(part)) > 1
