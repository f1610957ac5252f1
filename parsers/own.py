"""Reads the user's own mail: what was handed in, withdrawn or declined, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping

from parsers.clauses import split_clauses
from parsers.language import detect_language
from parsers.model import Declined, Evidence, HandedIn, Mail, Statement, Withdrew
from parsers.phrases import find_hits, quote
from parsers.wordbook import Strength

_MADE: Mapping[str, type[HandedIn | Withdrew | Declined]] = {
    "own_handed_in": HandedIn,
    "own_withdrew": Withdrew,
    "own_declined": Declined,
}


def own_statements(mail: Mail, fresh: str) -> tuple[Statement, ...]:
    """Give what the user's own words do to the application."""
    text = f"{mail.subject}\n\n{fresh}"
    begin = len(mail.subject) + 1
    statements: dict[str, Statement] = {}
    language = detect_language(text)
    for hit in find_hits(split_clauses(text, language=language), language):
        # Of the subject of a thread nothing is the user's own.
        if hit.kind not in _MADE or hit.strength is not Strength.SURE or hit.clause.condition == 0:
            continue
        if hit.clause.start < begin and mail.in_reply_to:
            continue
        evidence = (Evidence(field="kind", text=quote(text, hit)),)
        statements.setdefault(hit.kind, _MADE[hit.kind](confidence=0.9, evidence=evidence))
    if "own_withdrew" in statements:
        return (statements["own_withdrew"],)
    return tuple(statements.values())
