"""Tells a closing phrase, the name under it, and the lines that a program or a lawyer added."""

from __future__ import annotations

import re
from collections.abc import Sequence

from parsers.layout import layout

_NAME_LENGTH = 60
_NAME_WORDS = 6
_BLOCK_LINES = 15  # of a signature under a name
_LINE_LENGTH = 200
_SENTENCE_WORDS = 12  # more, and it is no line of a signature
_CLOSING_WORDS = 9
_CLOSING_LENGTH = 100
_FOOTER_LENGTH = 400  # characters that are looked at
_SHORT_WORDS = 25
_PUNCTUATION = " \t,.!?:;–—-*_<>[](){}|/#=~•·\"'"

_DASHED = re.compile(r"(?:--|[-–—~/]{1,2})\s{0,2}(?=\S)")
_NAME_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|['’.\-]){0,24}|&")
_PARTICLES = frozenset(
    {
        "van",
        "von",
        "der",
        "den",
        "de",
        "la",
        "le",
        "du",
        "di",
        "da",
        "dos",
        "del",
        "bin",
        "al",
        "el",
        "y",
        "e",
        "and",
        "und",
        "the",
    }
)
# A title or a company may stand on the name's line, and pronouns behind it.
_NAME_TAIL = re.compile(r"\s?[(\[|/·•,–—].*|\s-\s.*")
# Words that no name has, but short sentences do.
_NO_NAME = re.compile(
    r"\b(?:you|your|i(?!\.)|we|us|for|please|let|is|are|was|will|have|has|it|this|that|my|our|if|soon|again|so|much|all|"
    r"regards|wishes|thanks?|today|tomorrow|(?:mon|tues|wednes|thurs|fri|satur|sun)day|in|to|at|on|"
    r"sie|wir|ich|vous|nous|usted|"
    r"copyright|home|menu|unsubscribe|tia)\b",
    re.IGNORECASE,
)
_PROXY = re.compile(r"(?:i\.\s?[AV]\.|ppa?\.|p\.\s?p\.|gez\.)\s{0,3}")  # "on behalf of", as German letters sign
_BEFORE_PLACE = frozenset({"from", "aus", "uit", "från"})  # "Viele Grüße aus Berlin"
_POSTSCRIPT = re.compile(r"p\.?\s?s\.?\b", re.IGNORECASE)
_UNSUBSCRIBE = re.compile(
    r"\b(?:unsubscribe|manage (?:your )?(?:e-?mail )?preferences|e-?mail preferences|opt[ -]out|privacy policy|"
    r"abbestellen|abmelden|désabonner|darse de baja|uitschrijven)\b",
    re.IGNORECASE,
)


def is_added(line: str) -> bool:
    """Tell a line that a phone, a relay or a list adds: "Sent from my iPhone", "Reply above this line"."""
    if len(line) > _LINE_LENGTH:
        return False
    first, _, rest = line.strip(_PUNCTUATION).partition(" ")
    pattern = layout().added.get(first.lower())
    return pattern is not None and pattern.fullmatch(rest.strip()) is not None


def is_footer(paragraph: str) -> bool:
    """Tell a paragraph of legal text, list management or an administrator's warning by how it begins."""
    start = paragraph[:_FOOTER_LENGTH].lstrip(_PUNCTUATION).replace("’", "'")
    first = next(iter(start.split(None, 1)), "")
    pattern = layout().footer.get(first.rstrip(_PUNCTUATION).lower())
    return pattern is not None and pattern.match(start[len(first) :].lstrip(_PUNCTUATION)) is not None


def offers_to_unsubscribe(text: str) -> bool:
    """Tell whether a text, or a short line of it, offers to end a subscription."""
    return _UNSUBSCRIBE.search(text) is not None


def is_short(line: str) -> bool:
    """Tell a line of a footer from a paragraph that mentions the same thing."""
    return len(line) <= _FOOTER_LENGTH and len(line.split()) <= _SHORT_WORDS


def sign_off_name(line: str) -> str | None:
    """Read the line under a closing phrase as the name (or team) that signs; None where it does not look like one."""
    line = _PROXY.sub("", line[:_LINE_LENGTH].strip(" \t*_"), count=1)
    if dash := _DASHED.match(line):
        line = line[dash.end() :]
    name = _NAME_TAIL.sub("", line, count=1).strip(" .,!")
    words = name.split()
    if not 1 <= len(words) <= _NAME_WORDS or len(name) > _NAME_LENGTH or _NO_NAME.search(name):
        return None
    if all(word.lower() in layout().closing for word in words):
        return None
    if not all(_NAME_WORD.fullmatch(word) for word in words):
        return None
    names = [word for word in words if word.lower() not in _PARTICLES]
    if not names or (len(words) > 2 and any(word[0].islower() for word in names)):
        return None
    return name


def find_sign_off(lines: Sequence[str]) -> tuple[int, int, str] | None:
    """Find the last closing phrase: the span of its signature in `lines`, and the name under it.

    What follows a real one is short lines (title, company, telephone) to the end, or to a sentence: a postscript.
    """
    last = _last_written(lines)
    for index in range(last, -1, -1):
        closing, rest = _closing(lines[index])
        if not closing:
            continue
        if rest:
            name = sign_off_name(rest)
            end = _end_of_signature(lines, index + 1)
            if name and name[0].isupper() and end > last:  # "Thanks, Dana!" may also greet Dana
                return index, end, name
            continue
        below = next((at for at in range(index + 1, min(index + 4, last + 1)) if lines[at].strip()), None)
        if below is not None and (name := sign_off_name(lines[below])):
            return index, _end_of_signature(lines, below + 1), name
    return None


def find_bare_name(lines: Sequence[str]) -> str | None:
    """Read a last line that is only a name, with or without a dash, under a blank line, as the sign-off."""
    last = _last_written(lines)
    if last <= 0:
        return None
    line = lines[last].strip()
    name = sign_off_name(line)
    if name is None or len(name.split()) > 3 or any(word[0].islower() for word in name.split()):
        return None
    dashed = _DASHED.match(line) is not None
    return name if dashed or (not lines[last - 1].strip() and line[-1] not in ".!?:,") else None


def _closing(line: str) -> tuple[bool, str]:
    """Tell whether a line is a closing phrase or begins with one, and give what stands behind it."""
    line = line.strip(" \t*_")
    if not line or len(line) > _CLOSING_LENGTH:
        return False, ""
    words = layout()
    found: list[str] = []
    last = ""
    count = position = 0
    for word in line.split(None, _CLOSING_WORDS):
        plain = word.strip(_PUNCTUATION).lower()
        if not plain and not count:
            return False, ""  # a bullet or a dash
        if plain in words.closing:
            found.append(plain)
        elif plain and plain not in words.closing_beside:
            break
        count += 1
        last = plain
        position = line.index(word, position) + len(word)
    rest = line[position:].strip(" \t,.!–—-:")
    # "Thank God" and "Care Team" are no closings; "Best, Dana" and "VG Dana" are.
    if rest and count == 1 and line[position - 1] not in ",.!–—-:" and found and found[0] in words.closing_weak:
        return False, ""
    return bool(found), "" if last in _BEFORE_PLACE else rest


def _end_of_signature(lines: Sequence[str], start: int) -> int:
    end = start
    taken = 0
    for at in range(start, min(start + 4 * _BLOCK_LINES, len(lines))):
        line = lines[at].strip()
        if not line:
            continue
        if taken >= _BLOCK_LINES or len(line) > _LINE_LENGTH or _is_sentence(line):
            break
        taken += 1
        end = at + 1
    return end


def _last_written(lines: Sequence[str]) -> int:
    return next((at for at in range(len(lines) - 1, -1, -1) if lines[at].strip()), -1)


def _is_sentence(line: str) -> bool:
    words = len(line.split(None, _SENTENCE_WORDS + 1))
    return words > _SENTENCE_WORDS or (words >= 5 and line[-1] in ".!?") or _POSTSCRIPT.match(line) is not None
