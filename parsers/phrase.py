"""A place in a row of tokens, with the questions that the date grammar asks of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto

from parsers.days import Day, Reference
from parsers.lexicon import Lexicon
from parsers.tokens import Shape, Token
from parsers.windows import Window

DASHES = frozenset("-–—‒−~")
_LONGEST_MOVE = 8  # tokens from "moved" to the time that is given up
_PADDING = 64  # tokens; no reader looks further than _LONGEST_CLAUSE of parsers.atoms back, nor so far ahead
_END = Token(Shape.PARAGRAPH, -1, -1, "", False)


class Kind(Enum):
    """What an atom states."""

    DAY = auto()
    WINDOW = auto()
    TIME = auto()
    ZONE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A zone as written: a name for parsers.zones, or an offset; both where both are written."""

    name: str | None = None
    offset: str | None = None
    abbreviation: bool = False
    shared: bool = False  # stated once for a list or the whole text


@dataclass(frozen=True, slots=True, kw_only=True)
class Time:
    """A time of day or a range of it, in minutes after midnight. `bare`: a number that only a date makes a time."""

    start: int
    end: int | None = None
    half: str = ""  # a, p, 24 (the writer counts to 24), or nothing stated
    bare: bool = False
    zone: Zone | None = None


@dataclass(slots=True)
class Atom:
    """A stated day, window, time or zone and the tokens it takes, `last` not included.

    A window without a value is a habit ("every Monday"): it states no day and takes the time beside it.
    """

    kind: Kind
    first: int
    last: int
    day: Day | None = None
    window: Window | None = None
    time: Time | None = None
    zone: Zone | None = None
    by: bool = False  # "by Friday": a deadline, not a date
    listed: bool = False  # follows the atom before it in one list or range of days


@dataclass(slots=True)
class Row:
    """The tokens of a text, with its language and the mail's day."""

    text: str
    tokens: list[Token]
    words: Lexicon
    reference: Reference
    count: int = field(init=False)  # of the text's own tokens
    at: Callable[[int], Token] = field(init=False)  # the token at an index; around the text there are paragraphs' ends
    days: dict[int, tuple[Day, int] | None] = field(default_factory=dict)  # what parsers.dates has read at an index

    def __post_init__(self) -> None:
        # The grammar looks a few tokens ahead and back at every place; an index of -1 meets the padding too.
        self.count = len(self.tokens)
        self.tokens.extend([_END] * _PADDING)
        self.at = self.tokens.__getitem__

    def has(self, index: int, role: str) -> bool:
        """Whether the token plays a part."""
        return role in self.at(index).roles

    def skip(self, index: int, *roles: str) -> int:
        """Return the first index from `index` on whose token plays none of the parts."""
        for _ in range(4):  # "in about the next", never more
            if self.at(index).roles.keys().isdisjoint(roles):
                break
            index += 1
        return index

    def back(self, index: int, *roles: str) -> int:
        """Return the lowest index up to `index` such that all tokens in between play one of the parts."""
        for _ in range(3):
            if self.at(index - 1).roles.keys().isdisjoint(roles):
                break
            index -= 1
        return index

    def mark(self, index: int, marks: str | frozenset[str]) -> bool:
        """Whether the token is one of some punctuation marks."""
        token = self.at(index)
        return token.shape is Shape.MARK and token.text in marks

    def dash(self, index: int) -> bool:
        """Whether the token joins two ends of a range: a dash or "to"."""
        return self.mark(index, DASHES) or self.has(index, "to")

    def number(self, index: int) -> int:
        """Return the value of digits or a number word; -1 for neither."""
        token = self.at(index)
        if token.shape is Shape.NUMBER:
            return token.number
        return int(token.roles.get("number", -1))

    def tells_of_a_move(self, index: int) -> bool:
        """Whether "from 2pm to 4pm" at a token tells of a move rather than a span.

        Once the new place is named ("moved to Friday, 2pm to 4pm"), the rest is a span; what stands in brackets or in
        another sentence ("please bring your passport") moves nothing.
        """
        for place in range(index - 1, max(0, index - _LONGEST_MOVE) - 1, -1):
            if self.has(place, "moved_to") or self.mark(place, ").!?"):
                return False
            if self.has(place, "moved"):
                return True
        return False

    def source(self, first: int, last: int) -> str:
        """Return the text of the tokens `first` to `last`, the latter not included."""
        return self.text[self.tokens[first].start : self.tokens[last - 1].end]
