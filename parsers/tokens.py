"""Cuts text into tokens for the date grammar: numbers by their shape, words by their parts, everything with its place.

One pass of one regular expression whose repetitions are all bounded or cannot overlap, so the time is linear in the
text. Web and mail addresses become one opaque token: what looks like a date in them is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum, auto

from parsers.lexicon import LONGEST_PHRASE, NO_ROLES, Lexicon, Roles


class Shape(Enum):
    """What a token is made of."""

    WORD = auto()
    NUMBER = auto()  # digits: `number`
    ORDINAL = auto()  # "9th": `number`
    PAIR = auto()  # "12/11", "12.11", "4.12.": `parts`, `mark`
    DATE = auto()  # "12/10/2024", "2024-12-10": `parts`, `mark`
    INSTANT = auto()  # ISO 8601 date and time in one
    CLOCK = auto()  # "14:00", "2pm", "2.30 p.m.", "14h30": `number` minutes after midnight, `half` am/pm if stated
    OFFSET = auto()  # "UTC+8", "GMT-04:00"
    ZONE = auto()  # "Europe/Berlin"
    MARK = auto()
    LINE = auto()
    PARAGRAPH = auto()
    OPAQUE = auto()


@dataclass(slots=True)
class Token:
    """A piece of text and what is known of it. `glued`: no space before it."""

    shape: Shape
    start: int
    end: int
    text: str  # case-folded
    glued: bool
    roles: Roles = field(default_factory=lambda: NO_ROLES)
    number: int = -1
    parts: tuple[str, ...] = ()
    mark: str = ""
    half: str = ""  # "a" or "p"
    exact: bool = False  # a clock that cannot be anything else ("14:00", "2pm"), not "14.30"
    capital: bool = False


# "2pm", "2 p.m.", "2 P. M."; a single letter only if it touches the number ("2p").
_MERIDIEM = r"(?:[ \t\u00a0\u202f]{0,2}(?P<{0}>[apAP])(?:\.[ \u00a0\u202f]?[mM]\b\.?|[mM]\b|(?<=\d.)(?![\w'’]|\.\w)))"
_TOKEN = re.compile(
    r"(?P<opaque>(?:https?://|www\.)\S+|(?<![\w.@])[\w.+\-]{1,64}@[A-Za-z][\w\-]{0,62}(?:\.[A-Za-z][\w\-]{0,62}){1,4})"
    r"|(?P<instant>(?<![\w.\-/])\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:Z|[+\-]\d{2}:?\d{2})?(?![\w:]))"
    r"|(?P<date>(?<![\w.\-/#$€£+=])\d{1,4}(?P<datemark>[-/.])\s?\d{1,2}(?P=datemark)\s?\d{1,4}(?![\w/]|-(?!\d\d:\d)|[.:,]\d))"
    r"|(?P<clock>(?<![\w:.,#$€£+=])(?P<hour>\d{1,2})(?::|h(?=\d)|H(?=\d))(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d{1,9})?)?"
    + _MERIDIEM.replace("{0}", "clockhalf")
    + r"?(?!\w|:\d|[.,]\d))"
    r"|(?P<spoken>(?<![\w:.,#$€£+=])(?P<spokenhour>\d{1,2})(?:\.(?P<spokenminute>\d{2}))?"
    + _MERIDIEM.replace("{0}", "spokenhalf")
    + r")"
    r"|(?P<pair>(?<![\w.#$€£+=/\-])(?P<first>\d{1,2})(?P<pairmark>[/.])(?P<secondpart>\d{1,2})"
    r"(?!(?!(?:hrs|uhr|Uhr|h|u)\b)[\w/%]|[.,:]\d)\.?)"
    r"|(?P<ordinal>(?<![\w.#$€£+=])(?P<nth>\d{1,2})(?:st|nd|rd|th|er|ère|ste|de|º|ª|°|\.º)(?!\w))"
    r"|(?P<number>(?<![\w])\d{1,20})"
    r"|(?P<digits>\d+)"
    r"|(?P<offset>(?<!\w)(?:UTC|GMT|utc|gmt)\s?[+\-−–]\s?\d{1,2}(?::?\d{2})?(?!\w)"
    r"|(?:(?<=[\d \t])\+\d{2}:?\d{2}|(?:(?<=:\d\d)|(?<=[ \t]))[\-−][01]\d{3})(?![\w:]))"
    r"|(?P<zone>(?<!\w)(?:America|Europe|Asia|Africa|Australia|Pacific|Atlantic|Indian|US|Etc)/[A-Z][A-Za-z_]{1,30}"
    r"(?:/[A-Z][A-Za-z_]{1,30})?)"
    r"|(?P<word>(?:[^\W\d_]|(?<=[^\W\d_])['’](?=[^\W\d_]))+)"
    r"|(?P<break>[ \t\r\f\v\u00a0]{0,99}\n[ \t\r\f\v\u00a0>]{0,99}(?P<blank>\n)?)"
    r"|(?P<mark>[^\s])"
)
_SHORTEST_SPLIT = 2  # letters after an elided article: "d'août"


def tokenise(text: str, words: Lexicon) -> list[Token]:
    """Return the tokens of a text in order; spaces are dropped, line ends kept."""
    tokens: list[Token] = []
    last_end = 0
    for found in _TOKEN.finditer(text):
        start, end = found.span()
        glued = start == last_end and start > 0
        last_end = end
        kind = found.lastgroup or ""
        # lastgroup names the last group that took part, which may be an inner one.
        tokens.append(_token(found, kind, start, end, glued))
    return _with_roles(tokens, text, words)


def _token(found: re.Match[str], kind: str, start: int, end: int, glued: bool) -> Token:
    text = found[0]
    match kind:
        case "word":
            return Token(Shape.WORD, start, end, text.casefold().replace("’", "'"), glued, capital=text[0].isupper())
        case "mark":
            return Token(Shape.MARK, start, end, text, glued)
        case "break" | "blank":
            return Token(Shape.PARAGRAPH if found["blank"] else Shape.LINE, start, end, "\n", glued)
        case "number":
            return Token(Shape.NUMBER, start, end, text, glued, number=int(text) if len(text) < 9 else 10**9)
        case _:
            return _number_token(found, text, start, end, glued)


def _number_token(found: re.Match[str], text: str, start: int, end: int, glued: bool) -> Token:
    if found["clock"]:
        minutes = _minutes(found["hour"], found["minute"], found["clockhalf"])
        if minutes is not None and int(found["second"] or 0) < 60:
            half = (found["clockhalf"] or "").lower()
            token = Token(Shape.CLOCK, start, end, text, glued, number=minutes, half=half, exact=True)
            token.mark = "0" if found["hour"].startswith("0") else ""
            return token
    elif found["spoken"]:
        minutes = _minutes(found["spokenhour"], found["spokenminute"] or "0", found["spokenhalf"])
        if minutes is not None:
            half = found["spokenhalf"].lower()
            return Token(Shape.CLOCK, start, end, text.casefold(), glued, number=minutes, half=half, exact=True)
    elif found["date"]:
        parts = tuple(re.split(r"[-/.]\s?", text))
        sizes = tuple(len(part) for part in parts)
        if (sizes[0] == 4 and sizes[2] <= 2) or (sizes[0] <= 2 and sizes[2] in (2, 4)):
            return Token(Shape.DATE, start, end, text, glued, parts=parts, mark=found["datemark"])
    elif found["pair"]:
        parts = (found["first"], found["secondpart"])
        return Token(Shape.PAIR, start, end, text, glued, parts=parts, mark=found["pairmark"])
    elif found["ordinal"]:
        return Token(Shape.ORDINAL, start, end, text, glued, number=int(found["nth"]))
    elif found["instant"]:
        return Token(Shape.INSTANT, start, end, text, glued)
    elif found["offset"]:
        return Token(Shape.OFFSET, start, end, text, glued)
    elif found["zone"]:
        return Token(Shape.ZONE, start, end, text, glued)
    return Token(Shape.OPAQUE, start, end, text, glued)


def _minutes(hour: str, minute: str, half: str | None) -> int | None:
    hours, minutes = int(hour), int(minute)
    if minutes > 59 or hours > 24 or (half and hours > 23) or (hours == 24 and minutes):
        return None
    if half and 1 <= hours <= 12:
        hours = hours % 12 + (12 if half.lower() == "p" else 0)
    return (hours * 60 + minutes) % (24 * 60)


def _with_roles(tokens: list[Token], text: str, words: Lexicon) -> list[Token]:
    """Give words their roles, join the words of a phrase, and part an elided article from its noun ("d'août")."""
    result: list[Token] = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        joined = _phrase(tokens, index, words)
        if joined:
            size, roles = joined
            last = tokens[index + size - 1]
            merged = Token(
                Shape.WORD, token.start, last.end, text[token.start : last.end].casefold(), token.glued, roles
            )
            merged.capital = token.capital
            result.append(merged)
            index += size
            continue
        index += 1
        if token.shape is Shape.WORD or token.shape is Shape.MARK:
            roles = words.words.get(token.text, NO_ROLES)
            if not roles and "'" in token.text:
                result.extend(_parted(token, words))
                continue
            token.roles = roles
        result.append(token)
    return result


def _phrase(tokens: list[Token], index: int, words: Lexicon) -> tuple[int, Roles] | None:
    first = tokens[index]
    candidates = words.phrases.get(first.text) if first.shape in (Shape.WORD, Shape.MARK) else None
    if not candidates:
        return None
    following = [token.text for token in tokens[index : index + LONGEST_PHRASE]]
    for phrase, roles in candidates:
        if tuple(following[: len(phrase)]) == phrase:
            return len(phrase), roles
    return None


def _parted(token: Token, words: Lexicon) -> list[Token]:
    head, _, rest = token.text.rpartition("'")
    owner = words.words.get(head, NO_ROLES)
    if rest == "s" and ("weekday" in owner or owner.get("relative", 0) > 0):
        token.roles = owner  # "Tuesday's call at 2pm"
        return [token]
    roles = words.words.get(rest, NO_ROLES)
    if not roles or len(rest) < _SHORTEST_SPLIT:
        return [token]
    middle = token.start + len(head) + 1
    article = Token(Shape.WORD, token.start, middle, head + "'", token.glued, words.words.get(head + "'", NO_ROLES))
    noun = Token(Shape.WORD, middle, token.end, rest, True, roles, capital=token.capital)
    return [article, noun]
