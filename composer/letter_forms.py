"""Takes a language and the name of a letter; gives its subject and bodies as templates.

A file is `<language>/<name>.txt`: a line "Subject: ...", then bodies that say the same in genuinely different ways,
each after a line "===". `phrases.txt` has what all letters of a language share. Ours are package data; a file of the
person's takes the place of the one of the same name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from jinja2 import Template

from composer.errors import NoTemplate
from composer.letter_sandbox import compiled

SUBJECT = "Subject:"
SEPARATOR = "\n===\n"
PHRASES = "phrases"
FRAME = ("hint", "greeting", "closing")  # what phrases.txt must define, besides what its letters use


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One letter of a language. `frame` gives the parts that every letter has, each after a SEPARATOR."""

    name: str  # "en/thank_you"; "own:en/thank_you" for one that the person wrote
    subject: Template
    sources: tuple[str, ...]  # of the bodies, each compiled when it is wanted
    frame: Template

    def body(self, number: int) -> Template:
        """Give a body, counted from 0. Raises TemplateSyntaxError."""
        return compiled(self.sources[number])

    @property
    def bodies(self) -> tuple[Template, ...]:
        """Every body. Raises TemplateSyntaxError."""
        return tuple(map(compiled, self.sources))

    def wording(self, number: int) -> str:
        """Give the name of a body, by which it is remembered."""
        return f"{self.name}/{number + 1}"

    def number(self, wording: str) -> int | None:
        """Give the body of a name; None where it is of another letter, or there is none any more."""
        name, _, number = wording.rpartition("/")
        known = name == self.name and number.isascii() and number.isdigit() and 1 <= int(number) <= len(self.sources)
        return int(number) - 1 if known else None


@cache
def languages() -> frozenset[str]:
    """Give the languages that letters exist in, as BCP 47 primary subtags."""
    return frozenset(entry.name for entry in _folder().iterdir() if entry.is_dir() and _is_language(entry.name))


@cache
def letter_names() -> frozenset[str]:
    """Give the names of the letters that every language has."""
    names = (entry.name for entry in (_folder() / "en").iterdir())
    return frozenset(name.removesuffix(".txt") for name in names if name.endswith(".txt")) - {PHRASES}


def our_form(language: str, name: str) -> Form:
    """Give the form that is shipped. Raises NoTemplate for an unknown language."""
    if language not in languages():
        raise NoTemplate(language)
    return compile_form(f"{language}/{name}", shipped_text(language, PHRASES), shipped_text(language, name))


def own_form(language: str, name: str, own: Mapping[str, str]) -> Form | None:
    """Give the form that the person changed, the letter or its phrases; None where they did not.

    `own` has the texts that the person wrote, by "<language>/<name>". Raises TemplateSyntaxError.
    """
    phrases, text = own.get(f"{language}/{PHRASES}"), own.get(f"{language}/{name}")
    if phrases is None and text is None:
        return None
    label = f"{language}/{name}" if text is None else f"own:{language}/{name}"
    return compile_form(
        label,
        shipped_text(language, PHRASES) if phrases is None else phrases,
        shipped_text(language, name) if text is None else text,
    )


@lru_cache(maxsize=256)
def compile_form(name: str, phrases: str, text: str) -> Form:
    """Compile a letter, so that an error in a body has the line of the file. Raises TemplateSyntaxError."""
    shared = " ".join(phrases.split("\n"))
    subject, *bodies = text.split(SEPARATOR)
    lines = [0]
    for part in (subject, *bodies):
        lines.append(lines[-1] + part.count("\n") + SEPARATOR.count("\n"))
    return Form(
        name=name,
        subject=compiled(shared + subject.removeprefix(SUBJECT)),
        sources=tuple(shared + "\n" * before + body for before, body in zip(lines[1:], bodies, strict=False)),
        frame=compiled(phrases + SEPARATOR.join(f"{{{{ {part} }}}}" for part in FRAME)),
    )


def _is_language(text: str) -> bool:
    return re.fullmatch(r"[a-z]{2,3}", text) is not None


def _folder() -> Traversable:
    return files("composer") / "templates"


@cache
def shipped_text(language: str, name: str) -> str:
    """Give the text of one of our files."""
    return (_folder() / language / f"{name}.txt").read_text(encoding="utf-8")
