"""Finds the place of a talk in a text: a labelled line, else a postal address in a sentence; the place's words out."""

from __future__ import annotations

import re
from typing import Final

from parsers.cues import cue

LOCATION_LIMIT: Final = 300  # characters
_TEXT: Final = 8000
_BEFORE: Final = 60  # characters before an address that lead to it


_LABELLED = cue(
    r"(?:^\W{0,3}{place_label}\s?:\s{0,3}(?P<line>\S[^\n]{2,200})|[.!?]\s{place_label}:\s(?P<piece>[^\n.]{3,150}))",
    re.IGNORECASE | re.MULTILINE,
)
_LEAD = cue(r"\b{place_lead}\b")
_CAPITAL: Final = r"[A-ZÀ-Þ][\w'’-]{0,24}"
_NAME: Final = rf"(?:{{street_particle}}){{0,2}}{_CAPITAL}"
# "220 Atlantic Avenue", "Industriestraße 22", "Münchner Weg 3", "12 rue des Tanneurs", "Calle del Río 8".
_STREET: Final = (
    rf"\d{{1,5}}[a-zA-Z]? (?!(?i:am|pm|uhr)\b)(?:{_CAPITAL} ){{1,3}}?{{street_behind}}(?![\w-])"
    rf"|[A-ZÀ-Þ][\w'’-]{{1,24}}?{{street_end}}\.? \d{{1,4}} ?[a-zA-Z]?(?![\w.:])"
    rf"|{_CAPITAL} {{street_apart}} \d{{1,4}} ?[a-z]?(?![\w.:])"
    rf"|{{street_preposition}} {_CAPITAL} \d{{1,4}} ?[a-z]?(?=, \d{{4,5}} )"
    rf"|\d{{1,4}}(?: ?bis| ?ter)?,? (?i:{{street_before}}) {_NAME}(?:[ -]{_CAPITAL}){{0,3}}"
    rf"|(?i:{{street_before_number}}) {_NAME}(?: {_NAME}){{0,3}},? (?:n[º°o]\.? ?)?\d{{1,5}}[a-zA-Z]?(?![\w.:])"
)
# What may follow: a floor, a postal code and town, a country.
_TOWN: Final = rf"\d{{4,5}}(?:-\d{{3}})? {_CAPITAL}(?:[ -]{_CAPITAL}){{0,3}}"
_PIECE: Final = r"(?:St\. |Ft\. |Mt\. )?[A-ZÀ-Þ0-9][\w'’-]{0,24}(?: [A-ZÀ-Þ0-9][\w'’-]{0,24}){0,4}"
_ADDRESS = cue(rf"(?<![\w/.-])(?:{_STREET})(?:,? {_TOWN}|, {_PIECE}){{0,4}}", 0)


def find_place(text: str, *, in_sentences: bool) -> str | None:
    """Give the place that a labelled line states; else, with `in_sentences`, the address that a sentence leads to."""
    if found := _LABELLED.search(text[:_TEXT]):
        return " ".join((found["line"] or found["piece"]).split())[:LOCATION_LIMIT]
    addresses = _addresses(text[:_TEXT]) if in_sentences else set()
    return addresses.pop() if len(addresses) == 1 else None


def _addresses(text: str) -> set[str]:
    """Give the addresses behind "at", "our office", "room": not those of a footer."""
    return {
        " ".join(found[0].split())[:LOCATION_LIMIT]
        for found in _ADDRESS.finditer(text)
        if _LEAD.search(text[max(0, found.start() - _BEFORE) : found.start()].rpartition("\n")[2])
    }
