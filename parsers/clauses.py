"""Cuts a text into clauses of plain words, in which times, links and addresses are single tokens.

A clause keeps where it stands in the text, the moments in it, and whether it asks or hangs on a condition: "if you are
selected, we will schedule an interview" fixes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from parsers.model import Grain, Moment
from parsers.spelling import DAY, LINK, MAIL, TIME, WINDOW, plain, spell
from parsers.wordbook import Grammar, wordbook

TEXT_LIMIT: Final = 20_000  # characters; what an employer has to say stands at the beginning
CLAUSE_LIMIT: Final = 90  # words; no sentence is longer, lists and disclaimers are
LABEL_WORDS: Final = 4  # before a colon
_CONDITION: Final = 8  # words of an "if" in which it says what it hangs on
SHORT_LINE: Final = 45  # characters; a shorter line was ended by its writer, not by a wrapping program

_GRAIN_TOKEN: Final = {Grain.MINUTE: TIME, Grain.DAY: DAY, Grain.WINDOW: WINDOW}
# A colon within a word, a clock time or "Kandidat:innen", and the "(m/w/d)" behind a title end nothing.
_TOKEN = re.compile(
    r"(?P<link>(?:https?://|www\.)[^\s<>\"')\]]{3,2000})"
    r"|(?P<mail>[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6})"
    r"|(?P<word>[^\W_]{1,60}(?:['’][^\W_]{1,20}){0,3})"
    r"|(?P<line>[ \t]{0,80}\n[\s>*|•·–—-]{0,200})"
    r"|(?P<end>[.!?…]{1,10}(?=[\s\"'”’)\]]|$))"
    r"|(?P<aside>\((?:[mwfdxi] ?/ ?){1,3}[mwfdxi*]\))"
    r"|(?P<open>\((?=[^()\n.!?]{1,80}\) [^\W\d_]))|(?P<close>\))"
    r"|(?P<break>[;•·|(]|(?<!\w):|:(?!\w)|[–—]|\s-{1,2}\s)"
    r"|(?P<comma>,)",
    re.IGNORECASE,
)
_LABEL = re.compile(r"[^\W\d_][\w/ ]{1,24}:|\d{1,2}[.)] ")
_LIST_MARKS: Final = frozenset("*|•·–—-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """A statement of a text. `words` is " word word word "; `starts` has the offset in the text of each word."""

    words: str
    tokens: tuple[str, ...]
    starts: tuple[int, ...]
    end: int
    moments: tuple[Moment, ...]
    language: str | None  # in which its small words mean something
    question: bool
    condition: int | None  # index of the word from which on it hangs on a condition; 0: all of it
    willing: bool = False  # the condition is that the reader wants it
    impersonal: bool = False  # it speaks of candidates in general

    @property
    def start(self) -> int:
        """The offset of its first word."""
        return self.starts[0]


def split_clauses(text: str, moments: Sequence[Moment] = (), *, language: str | None = None) -> tuple[Clause, ...]:
    """Cut a text into clauses; `moments` are those found in this very text, by ascending span, not overlapping.

    `language` tells what its small words mean; without one, they mean what they do in any.
    """
    return tuple(_clauses(text[:TEXT_LIMIT], moments, language))


class _Open:
    """The clause that is being read."""

    __slots__ = ("grammar", "inherits", "language", "moments", "starts", "tokens")

    def __init__(self, language: str | None) -> None:
        self.language = language
        self.grammar = wordbook().grammar_of(language)
        self.tokens: list[str] = []
        self.starts: list[int] = []
        self.moments: list[Moment] = []
        self.inherits = False  # an earlier clause of the same sentence began with a condition

    def add(self, token: str, start: int) -> None:
        self.tokens.append(token)
        self.starts.append(start)

    def add_moment(self, moment: Moment) -> None:
        self.add(_GRAIN_TOKEN[moment.grain], moment.span[0])
        self.moments.append(moment)

    def close(self, end: int, *, question: bool, sentence: bool) -> Clause | None:
        """Give the clause, if it has words; `sentence` tells that the sentence ends with it."""
        tokens, starts, moments = tuple(self.tokens), tuple(self.starts), tuple(self.moments)
        self.tokens, self.starts, self.moments = [], [], []
        if not tokens:
            self.inherits = self.inherits and not sentence
            return None
        condition = 0 if self.inherits else _condition(tokens, self.grammar)
        self.inherits = condition == 0 and not sentence
        return Clause(
            words=f" {' '.join(tokens)} ",
            tokens=tokens,
            starts=starts,
            end=end,
            moments=moments,
            language=self.language,
            question=question
            or _has(tokens[:6], self.grammar.asking) is not None
            or _has(tokens, self.grammar.wondering) is not None,
            condition=condition,
            willing=condition is not None and _willing(tokens[condition:], self.grammar),
            impersonal=_has(tokens, self.grammar.others) is not None,
        )


def _has(tokens: Sequence[str], sequences: frozenset[tuple[str, ...]]) -> int | None:
    """Give the index of the first of these sequences of words."""
    for index in range(len(tokens)):
        if any(tuple(tokens[index : index + length]) in sequences for length in (1, 2, 3)):
            return index
    return None


def _condition(tokens: tuple[str, ...], grammar: Grammar) -> int | None:
    index = _has(tokens, grammar.conditionals)
    if index is not None and tuple(tokens[index - 1 : index + 1]) in grammar.wondering:
        return None
    # A condition that hangs on being chosen governs its whole sentence, wherever it stands.
    return 0 if index is not None and not grammar.chosen.isdisjoint(tokens[index:]) else index


def _willing(tokens: tuple[str, ...], grammar: Grammar) -> bool:
    return not grammar.willing.isdisjoint(tokens[:_CONDITION]) and grammar.chosen.isdisjoint(tokens[:_CONDITION])


def _clauses(text: str, moments: Sequence[Moment], language: str | None) -> Iterator[Clause]:
    talks = wordbook().classes["talk"]
    clause = _Open(language)
    grammar = clause.grammar
    around: _Open | None = None  # the clause in whose midst a bracket stands
    waiting = [moment for moment in moments if moment.span[1] <= len(text)]
    position = line_start = covered = 0
    for found in _TOKEN.finditer(text):
        start, kind = found.start(), found.lastgroup
        while position < len(waiting) and waiting[position].span[0] <= start:
            covered = waiting[position].span[1]
            clause.add_moment(waiting[position])
            position += 1
        if start < covered:
            line_start = found.end() if kind == "line" else line_start
            if kind == "word" and plain(found[0]) in talks:
                clause.add(plain(found[0]), start)  # "tomorrow's interview at 3" is one moment, and names a talk
            continue
        closed: Clause | None = None
        if kind == "word":
            for part in spell(found[0]):
                clause.add(part, start)
        elif kind == "link":
            clause.add(LINK, start)
        elif kind == "mail":
            clause.add(MAIL, start)
        elif kind == "line":
            if _ends_line(text, line_start, found):
                closed = clause.close(start, question=False, sentence=True)
            line_start = found.end()
        elif kind == "end":
            if found[0] != "." or not clause.tokens or clause.tokens[-1] not in grammar.abbreviations:
                closed = clause.close(found.end(), question="?" in found[0], sentence=True)
        elif kind == "open" and clause.tokens:
            around, clause = clause, _Open(language)
        elif kind == "close":
            if around is not None:
                closed, clause, around = clause.close(start, question=False, sentence=False), around, None
        elif kind == "break" and found[0] == ":" and len(clause.tokens) <= LABEL_WORDS and _goes_on(text, found.end()):
            pass  # "New time: Friday" is one statement
        elif kind in ("break", "open") or (kind == "comma" and _next_word(text, found.end()) in grammar.linkers):
            closed = clause.close(start, question=False, sentence=found[0] in ";•·|")
        if closed is None and len(clause.tokens) >= CLAUSE_LIMIT:
            closed = clause.close(found.end(), question=False, sentence=True)
        if closed is not None:
            yield closed
    for moment in waiting[position:]:
        clause.add_moment(moment)
    if last := clause.close(len(text), question=False, sentence=True):
        yield last


def _ends_line(text: str, line_start: int, found: re.Match[str]) -> bool:
    """Tell whether a line's end is a sentence's end: after a short line, before a blank one or a list item."""
    mark = found[0]
    if mark.count("\n") > 1 or not _LIST_MARKS.isdisjoint(mark):
        return True
    line = text[line_start : found.start()].rstrip()
    return len(line) < SHORT_LINE or line.endswith(":") or bool(_LABEL.match(text, found.end()))


def _goes_on(text: str, position: int) -> bool:
    end = text.find("\n", position)
    return bool(text[position : end if end >= 0 else len(text)].strip())


def _next_word(text: str, position: int) -> str:
    found = _TOKEN.match(text, position + 1) if text[position : position + 1] == " " else None
    return plain(found[0]) if found is not None and found["word"] else ""


def words_of(text: str) -> tuple[str, ...]:
    """Give the plain words of a text, without its times, links and addresses."""
    return tuple(part for found in _TOKEN.finditer(text[:TEXT_LIMIT]) if found["word"] for part in spell(found[0]))
