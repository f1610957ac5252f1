"""Takes a Writing; gives the page that the checks look at: the person's own words in it, and where each stands."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property

from composer.lint_phrases import Sentence, sentences
from composer.lint_values import Check, Fault, Severity, Writing

_WORDS_SHOWN = 80  # characters
_WORD = re.compile(r"\S+")


class Page:
    """The person's own words in a letter."""

    def __init__(self, writing: Writing) -> None:
        self.text = writing.text
        self.own = ((0, len(writing.text)),) if writing.own is None else writing.own
        self._lines = [0, *(found.end() for found in re.finditer("\n", writing.text))]

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """All sentences, in order."""
        return tuple(found for start, end in self.own for found in sentences(self.text, start, end))

    def find(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        """Look for a pattern in the person's own words."""
        for start, end in self.own:
            yield from pattern.finditer(self.text, start, end)

    @cached_property
    def words(self) -> tuple[re.Match[str], ...]:
        """Every word, as written; a dash is none."""
        return tuple(found for found in self.find(_WORD) if any(map(str.isalnum, found[0])))

    @cached_property
    def first_line(self) -> tuple[int, int] | None:
        """The span of the first own line that has words and is no marked gap; None for an empty page."""
        for found in self.find(re.compile(r"^[^\S\n]*((?!\[\[)\S[^\n]*)", re.MULTILINE)):
            return found.span(1)
        return None

    def fault(self, check: Check, severity: Severity, span: tuple[int, int], advice: str) -> Fault:
        """Name a fault at a place in the text."""
        line = bisect_right(self._lines, span[0])
        words = " ".join(self.text[span[0] : span[1]].split())
        return Fault(
            check=check,
            severity=severity,
            place="text",
            line=line,
            column=span[0] - self._lines[line - 1] + 1,
            words=words if len(words) <= _WORDS_SHOWN else f"{words[: _WORDS_SHOWN - 1]}…",
            advice=advice,
        )
