"""Finds the employer in the lines at the end of a message, and in display names: lines in, names with weights out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import Enum
from typing import Final

from parsers.cues import cue
from parsers.employer import begins_like_company, is_label, shortens, without_legal_form
from parsers.names import is_full_name, is_title, word_lists
from parsers.spelling import plain

# "Northwind", "Margie's", "Booking.com".
COMPANY_WORD: Final = r"[A-Z0-9À-ÖØ-Þ](?:[\w'’&+-]|\.(?=[a-z0-9])){0,40}"
BESIDE: Final = re.compile(r"\s[/|•·–—-]\s|, | at | @ | chez | bei |\|")
LONGEST: Final = 8  # words of a name
# A line of nothing but a name: "Van der Capellen Waterworks", "Bank of the North".
_PROPER: Final = cue(rf"{COMPANY_WORD}(?: (?:{{name_particle}} ){{0,2}}{COMPANY_WORD}){{0,6}}", 0)
_LINE: Final = 80  # characters of a line of a signature
_SHORT: Final = 5  # words of a line that is a company's name
_QUOTED_LINES: Final = 60
_BRACKET: Final = re.compile(r" ?[(\[]")
_TEAM_END: Final = re.compile(r"-team$", re.IGNORECASE)
_ADDRESS: Final = re.compile(r"\S@\S|://|www\.|\+\d")


class Place(Enum):
    """Where a name was found."""

    WORDS = "words"  # a sentence that may name a person, too
    CLIENT = "client"  # "my client Northwind", "on behalf of Northwind"
    EDGE = "edge"  # the beginning or end of a subject
    SENDER = "sender"  # what the sender is called, perhaps a person's name
    NAMED = "named"  # what the sender's company is called
    SIGNED = "signed"  # the same, in a signature that the sender's domain shortens: the whole name


Found = tuple[str, float, Place]


def spelled_by_domain(domain: str, name: str | None, lines: Sequence[str]) -> Iterator[Found]:
    """Give a line, or a piece of one, whose words the sender's domain shortens: "Lone Mesa Credit Union"."""
    for line in lines:
        if len(line) > _LINE or _ADDRESS.search(line):
            continue
        for written in BESIDE.split(_BRACKET.split(line.strip(" *_\t()"))[0]):
            bare = _TEAM_END.sub("", without_clutter(written))
            piece = without_legal_form(_without_name(bare if shortens(domain, bare) else written, name))
            if (_PROPER.fullmatch(piece) or is_label(domain, piece)) and shortens(domain, piece):
                yield piece, 0.8, Place.SIGNED


def quoted_lines(quoted: str) -> Iterator[str]:
    """Give the short lines of what is answered: a signature may be among them."""
    for line in quoted.splitlines()[:_QUOTED_LINES]:
        written = line.lstrip("> ")
        if 0 < len(written.split()) <= LONGEST:
            yield written


def _without_name(line: str, name: str | None) -> str:
    """Give "Northwind" of "Ida von Northwind", where Ida writes."""
    words = line.split()
    if name and len(words) > 1 and plain(words[0]) == plain(name.split()[0]):
        words = words[2 if len(words) > 2 and words[1].islower() else 1 :]
    return " ".join(words)


def of_signature(lines: Sequence[str], name: str | None, *, alone: bool) -> Iterator[Found]:
    """Give "Northwind" of "Talent Partner, Northwind" and of a line beside or below a title or the sender's `name`.

    `alone`, a line with a word that only companies have is one by itself: "Northwind Bank".
    """
    above = ""
    names = {plain(name), plain(name.split()[0])} if name else set()
    for written in lines:
        line = written.strip(" *_\t")
        if not line or len(line) > _LINE or not line[0].isupper() or _ADDRESS.search(line):
            continue
        pieces = [piece.strip() for piece in BESIDE.split(line)]
        if len(pieces) > 1 and is_title(pieces[0]) and not is_title(pieces[-1]):
            yield pieces[-1], 0.6, Place.NAMED
        elif len(pieces) == 2 and plain(pieces[0]) in names and not is_title(line) and _PROPER.fullmatch(pieces[1]):
            yield pieces[1], 0.5, Place.NAMED
        elif len(pieces) > 2 and is_full_name(pieces[0]) and is_title(pieces[1]):
            yield pieces[2], 0.6, Place.NAMED
        elif len(pieces) == 1 and not is_title(line):
            proper = _PROPER.fullmatch(line.rstrip(".")) is not None
            if proper and (is_title(above) or plain(above) in names) and len(line.split()) <= _SHORT:
                yield without_clutter(line), 0.55, Place.NAMED
            elif proper and begins_like_company(line):
                yield line, 0.55, Place.NAMED
            elif alone and not word_lists()["company_words"].isdisjoint(map(plain, line.replace(",", " ").split())):
                yield without_clutter(line), 0.4, Place.SENDER
        above = line


def without_clutter(display: str) -> str:
    """Drop "Careers", "Hiring Team", "Workday", "no reply" from both ends of a display name."""
    words = display.strip("\"' ").split()
    clutter = word_lists()["display_clutter"]
    while words and plain(words[-1].strip(",.()|-:")) in clutter:
        words.pop()
    while words and plain(words[0].strip(",.()|-:")) in clutter:
        words.pop(0)
    return " ".join(words).strip(" ,|-–:")
