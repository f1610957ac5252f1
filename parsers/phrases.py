"""Finds what clauses say: clauses in, hits of the phrase tables out, those that count for nothing left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from parsers.clauses import Clause
from parsers.model import Grain
from parsers.spelling import DAY, TIME, WINDOW
from parsers.wordbook import PREFIX, Phrase, Strength, wordbook

# Statements that a condition ("if selected") or a possibility ("may") turns into none.
_FACTUAL: Final = frozenset(
    "confirmed reminder moved cancelled rejected offered held assessed invited choice missed withdrew submitted".split()
)
# Statements that a "not" before them turns into their opposite.
_AFFIRMATIVE: Final = frozenset(
    "confirmed moved invited choice offered assessed received submitted own_handed_in".split()
)
# A request stands although an "if" follows it: "share your availability if you are interested".
_REQUESTS: Final = frozenset({"invited", "choice"})
# What advice at the foot of a mail ("to reschedule, click here") seems to say.
_FOOTED: Final = frozenset({"moved", "cancelled", "invited", "choice"})
# What thanks for a talk that was ("it was good to see you on Friday") or a first day at work seem to say.
_NOT_TO_COME: Final = frozenset({"confirmed", "invited", "choice"})
_VISIT: Final = timedelta(days=1)  # from its first day to its last, at most; what lasts longer is a span to plan in
_UNTIL: Final = 6  # words from what is refused to the day until which it is: "progress your application until May"
_AND: Final = frozenset("and und et y e".split())  # what follows is something else: "and will delete your data by May"
_NEARBY: Final = 4  # words before a phrase in which a "not" or "may" still governs it
QUOTE_LIMIT: Final = 200


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase that was found, with its place."""

    kind: str
    strength: Strength
    clause: Clause
    first: int  # indexes of the clause's words
    last: int
    source: str


def find_hits(clauses: Iterable[Clause], language: str | None) -> tuple[Hit, ...]:
    """Give every hit in the clauses, in order: of phrases in this language and, in any other text, in English."""
    return tuple(hit for clause in clauses for hit in _of_clause(clause, language))


def _of_clause(clause: Clause, language: str | None) -> list[Hit]:
    hits = list(_hits(clause, language))
    if any(hit.kind == "footer" for hit in hits):
        return [hit for hit in hits if hit.kind not in _FOOTED]
    if _names_a_span(clause):  # "interviews take place in the week of December 7": a week is no time
        hits = [hit for hit in hits if hit.kind != "confirmed" or _is_settled(hit)]
    hits = [replace(hit, kind="held") if hit.kind == "rejected" and _ends(hit) else hit for hit in hits]
    if any(hit.kind == "held" and hit.strength is Strength.SURE for hit in hits) and not _names_a_talk(clause):
        hits = [hit for hit in hits if hit.kind != "moved"]  # "timing has shifted to next quarter"
    no_talk = [hit for hit in hits if hit.kind == "no_talk"]
    return [hit for hit in hits if hit.kind not in _NOT_TO_COME or not any(_overlap(hit, other) for other in no_talk)]


def _names_a_span(clause: Clause) -> bool:
    """Tell whether all the times of a clause are spans of more days than a visit has."""
    spans = (
        one.grain is Grain.WINDOW and one.start and one.end and one.end - one.start > _VISIT for one in clause.moments
    )
    return bool(clause.moments) and all(spans)


def _is_settled(hit: Hit) -> bool:
    """Tell whether a talk is certain whatever the span: "looking forward to interviewing", "your talk is confirmed"."""
    said, classes = hit.clause.tokens[hit.first : hit.last + 1], wordbook().classes
    general = not classes["fixed"].isdisjoint(said) and classes["your"].isdisjoint(hit.clause.tokens)
    return WINDOW not in said and not general


def _ends(hit: Hit) -> bool:
    """Tell whether what is refused is refused until a day: "we cannot move forward until January"."""
    places = (index for index, token in enumerate(hit.clause.tokens) if token in (TIME, DAY, WINDOW))
    tokens = hit.clause.tokens
    return any(
        one.grain is Grain.WINDOW
        and one.start is None
        and hit.first - 1 <= place <= hit.last + _UNTIL
        and _AND.isdisjoint(tokens[hit.last + 1 : place])
        for place, one in zip(places, hit.clause.moments, strict=False)
    )


def _names_a_talk(clause: Clause) -> bool:
    return not wordbook().classes["talk"].isdisjoint(clause.tokens)


def _overlap(one: Hit, other: Hit) -> bool:
    return one.first <= other.last and other.first <= one.last


def quote(text: str, hit: Hit) -> str:
    """Give the words of the text on which a hit rests: its clause, cut to `QUOTE_LIMIT`."""
    words = " ".join(text[hit.clause.start : hit.clause.end].split())
    return words if len(words) <= QUOTE_LIMIT else words[: QUOTE_LIMIT - 1] + "…"


def _candidates(tokens: Sequence[str]) -> Iterator[Phrase]:
    book = wordbook()
    seen: set[int] = set()
    for token in dict.fromkeys(tokens):
        for phrase in (
            *book.by_word.get(token, ()),
            *book.by_prefix.get(token[:PREFIX], ()),
            *book.by_suffix.get(token[-PREFIX:], ()),
        ):
            if id(phrase) not in seen:
                seen.add(id(phrase))
                yield phrase


def _hits(clause: Clause, language: str | None) -> Iterator[Hit]:
    words = set(clause.tokens)
    for phrase in _candidates(clause.tokens):
        if language is not None and phrase.language not in (language, "en"):
            continue  # "regret" is a word of French, too
        if not phrase.never.isdisjoint(words):
            continue
        found = phrase.pattern.search(clause.words)
        if found is None:
            continue
        first = clause.words.count(" ", 0, found.start())
        last = clause.words.count(" ", 0, found.end()) - 1
        if not _void(phrase, clause, first, last):
            yield Hit(phrase.kind, phrase.strength, clause, first, last, phrase.source)


def _void(phrase: Phrase, clause: Clause, first: int, last: int) -> bool:
    """Tell whether a condition or a negation takes the words back."""
    kind, negations = phrase.kind, wordbook().negations[phrase.language]
    around = clause.tokens[max(0, first - _NEARBY) : last + 1]
    if kind in _AFFIRMATIVE and not phrase.negative and not negations.isdisjoint(around):
        return True
    if kind not in _FACTUAL:
        return False
    if not wordbook().grammar_of(clause.language).eventually.isdisjoint(around):
        return True
    if clause.impersonal and kind != "rejected":  # "we chose candidates whose experience is closer"
        return True
    if clause.condition is None:
        return False
    if kind in _REQUESTS and (clause.condition > 0 or clause.willing):
        return False
    return clause.condition <= first
