"""Takes the templates that a person wrote; gives what is wrong with each, by its line, so that ours is used instead.

Each is compiled and written with everything known, with nothing known and with what lies between: a template that is
sound here fails later only for values that no letter had before.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import TracebackType

from jinja2 import TemplateSyntaxError

from composer.letter import new_subject, paragraphs
from composer.letter_forms import (
    FRAME,
    PHRASES,
    SEPARATOR,
    SUBJECT,
    compile_form,
    languages,
    letter_names,
    shipped_text,
)
from composer.letter_sandbox import compiled, rendered
from composer.letter_values import Occasion

LONGEST = 300  # words; policy.md section 6 allows at most 200
_SOURCE = "<template>"  # what Jinja2 calls a template without a file


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateFault:
    """What is wrong with a template, and in which line of its file, counted from 1."""

    line: int
    text: str


def template_faults(own: Mapping[str, str]) -> Mapping[str, TemplateFault]:
    """Give the first fault of each template that has one; `own` has the texts by "<language>/<name>"."""
    faults = {key: TemplateFault(line=1, text=text) for key in own if (text := _misnamed(key))}
    named = sorted((key for key in own if key not in faults), key=lambda key: (not key.endswith(f"/{PHRASES}"), key))
    for key in named:  # the phrases first: the letters are then judged with those that will be used
        language, _, name = key.partition("/")
        phrases = f"{language}/{PHRASES}"
        shared = own[phrases] if phrases in own and phrases not in faults else shipped_text(language, PHRASES)
        fault = _of_phrases(language, own[key]) if name == PHRASES else _of_letter(key, shared, own[key])
        if fault:
            faults[key] = fault
    return faults


def _misnamed(key: str) -> str | None:
    language, _, name = key.partition("/")
    if language not in languages():
        return f"there are no letters in {language!r}; the languages are {', '.join(sorted(languages()))}"
    if name not in letter_names() | {PHRASES}:
        return f"no letter has the name {name!r}; the names are {', '.join(sorted(letter_names() | {PHRASES}))}"
    return None


def _of_phrases(language: str, text: str) -> TemplateFault | None:
    frame = SEPARATOR.join(f"{{{{ {part} }}}}" for part in FRAME)
    fault = _tried(lambda: [rendered(compiled(text + frame), values) for values in _samples()])
    if fault:
        return fault
    for name in sorted(letter_names()):
        fault = _of_letter(f"{language}/{name}", text, shipped_text(language, name))
        if fault:
            return TemplateFault(line=1, text=f"the letter {name} cannot be written with it: {fault.text}")
    return None


def _of_letter(name: str, phrases: str, text: str) -> TemplateFault | None:
    if not text.startswith(SUBJECT):
        return TemplateFault(line=1, text=f'the first line must begin with "{SUBJECT}"')
    if SEPARATOR not in text:
        return TemplateFault(line=1, text='has no letter: after the subject there must be a line "==="')
    written: list[tuple[int, str]] = []

    def write() -> None:
        form = compile_form(name, phrases, text)
        for values in _samples():
            new_subject(form, values)
            written.extend(
                (number, "\n\n".join(paragraphs(rendered(body, values)))) for number, body in enumerate(form.bodies)
            )

    fault = _tried(write)
    if fault:
        return fault
    parts = text.split(SEPARATOR)
    for number, words in written:
        line = SEPARATOR.join(parts[: number + 1]).count("\n") + 3
        if not words:
            return TemplateFault(line=line, text="makes an empty letter")
        if len(words.split()) > LONGEST:
            return TemplateFault(line=line, text=f"makes a letter of more than {LONGEST} words")
        if any(unicodedata.category(c) == "Cc" and c != "\n" for c in words):
            return TemplateFault(line=line, text="makes a letter with a control character")
    return None


def _tried(write: Callable[[], object]) -> TemplateFault | None:
    try:
        write()
    except TemplateSyntaxError as error:
        return TemplateFault(line=error.lineno, text=error.message or "cannot be read")
    except Exception as error:  # whatever a template does wrong is said, and ours is used
        lines = [line for name, line in _frames(error.__traceback__) if name == _SOURCE]
        return TemplateFault(line=lines[0] if lines else 1, text=str(error) or type(error).__name__)
    return None


def _frames(trace: TracebackType | None) -> Iterator[tuple[str, int]]:
    while trace:
        yield trace.tb_frame.f_code.co_filename, trace.tb_lineno
        trace = trace.tb_next


def _samples() -> Iterator[dict[str, object]]:
    day = date(2026, 12, 1)
    everything: dict[str, object] = {
        "first_name": "Dana",
        "full_name": "Dana Lee",
        "company": "Northwind",
        "roles": ("Data Engineer",),
        "visit": day,
        "promised": day,
        "decide_by": day,
        "mentions": ("Lena Vogt", "Omar Said"),
        "topic": "system design",
        "phone": True,
        "formal": True,
        "month_first": True,
        "occasion": Occasion.VISIT,
        "occasion_day": day,
        "noted": None,
        "omit": False,
    }
    nothing = dict.fromkeys(everything) | {"roles": (), "mentions": (), "promised": day, "phone": False}
    yield everything
    yield everything | {"roles": ("Data Engineer", "Analyst"), "mentions": ("Lena Vogt",)}
    yield everything | {"topic": None, "noted": "testing"}
    for occasion in Occasion:
        yield nothing | {"occasion": occasion, "omit": True, "formal": False, "month_first": False}
        yield everything | {"occasion": occasion, "omit": True}
