"""Finds the employer that a message is about: subject, text, sender, signature in, one name with its weight out.

Evidence in this order: subject, text, the sender's display name, signature, tenant of the sender's system, domain of a
human sender. What several places say, and what the domain says too, counts more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from parsers.cues import cue
from parsers.employer import company_key, domain_names_company, employer_domain, same_company
from parsers.model import Address
from parsers.names import display_tail, is_full_name, is_title, person_name, word_lists
from parsers.senders import SenderSystem
from parsers.spelling import plain

_MATCHES: Final = 5  # of one pattern
_NAMED: Final = 0.75  # weight of a place where only companies are named; less is a place that may hold a person's name
_AGREES: Final = 0.3  # what the domain adds
_SHORT_FORM: Final = 0.8  # how far "Northwind" counts for "Northwind Freight"

# "Northwind Freight", "Margie's Travel", "Barnes & Noble", "Bank of America", "Booking.com".
_WORD: Final = r"[A-Z0-9À-ÖØ-Þ](?:[\w'’&+-]|\.(?=[a-z0-9])){0,40}"
COMPANY: Final = (
    rf"(?P<company>{_WORD}(?:(?: (?:&|of|de|und|et|y|du|des|del))? {_WORD}){{0,4}}"
    r"(?:,? (?:Inc|LLC|Ltd|GmbH|AG|Corp|PLC|SA)\b\.?)?)"
)


def _table(*rows: tuple[str, float]) -> tuple[tuple[re.Pattern[str], float], ...]:
    # Case counts in a company's name alone, so the rest of a pattern switches it off for itself.
    return tuple((cue(shape.replace("COMPANY", COMPANY), re.MULTILINE), weight) for shape, weight in rows)


_IN_SUBJECT: Final = _table(
    (r"(?i:{applying}\b[^|]{0,80}? (?:to|at|with|bei|chez|en|em|@) )COMPANY", 0.9),
    (r"(?i:{applying}\b[^|]{0,80} {at} )COMPANY", 0.9),  # "application to Data Engineer at Contoso"
    (r"(?i:(?:{interviewing}|{talking})\b[^|]{0,80}? {at} )COMPANY", 0.9),
    (r"(?i:{interviewing}\b[^|]{0,40}? (?:with|mit|avec|con) )COMPANY", 0.7),
    (r"(?i:{subject_lead} (?:the )?)COMPANY", 0.85),
    (r"^COMPANY(?: \||: | - | – | — | / )", 0.55),
    (r"(?:\| | - | – | — )COMPANY$", 0.5),
    (r"\b(?i:your )COMPANY(?i: (?:application|interview|offer|assessment))", 0.8),
    (r"^COMPANY(?i: (?:interview|application|offer|assessment|hiring|recruiting|careers|phone|recruitment))\b", 0.7),
    (r"COMPANY <> ", 0.5),
    (r" <> COMPANY", 0.5),
)
_IN_TEXT: Final = _table(
    (r"\b(?i:on behalf of|im namen von|au nom de)(?: the)? COMPANY", 0.8),
    (r"\b(?i:{opening})\b[^.\n]{0,60}? (?:at|with|bei|bei der|chez|en|na|no|within) (?:the )?COMPANY", 0.85),
    (
        (
            r"\b(?i:{applying}|{interviewing}|interest)\b[^.\n]{0,80}? (?:to|at|bei|bei der|chez|en|in joining|"
            r"in working (?:at|with|for)|in a career (?:at|with)|na) (?:the )?COMPANY"
        ),
        0.85,
    ),
    (r"\b(?i:{interviewing}|interviews|{talking}) (?:with|mit|avec|con|com) (?:the )?COMPANY", 0.6),
    (r"\b(?i:{text_lead})(?: the)? COMPANY(?=[\s,.!)]|$)", 0.55),
    (r"\bthe COMPANY(?i: {team_tail})\b", 0.75),
    (r"\b(?i:your|our) COMPANY(?i: (?:interview|application|team|office|recruiter|assessment))\b", 0.65),
    (r"^(?i:company|employer|unternehmen|firma|entreprise|empresa|client): {0,3}COMPANY", 0.95),
    (r"^COMPANY (?:has (?:scheduled|invited|asked|received|reviewed)|would like to|is pleased to|invites you)\b", 0.7),
    (r"^COMPANY(?i: (?:{team_tail}|recruitment|talent acquisition|people operations){1,2}(?: team)?)\s{0,3}$", 0.85),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where a company may be named. `persons` are the plain words and full names of people who are known."""

    subject: str
    text: str
    signature: str
    sender: Address | None
    system: SenderSystem | None
    stated: str | None = None  # by the subject's own shape in the sender's system
    persons: frozenset[str] = frozenset()


def find_company(sources: Sources) -> str | None:
    """Choose the name with the most evidence; None where nothing names a company."""
    sender = sources.sender
    domain = employer_domain(sender.domain) if sender is not None else None
    scores: dict[str, float] = {}
    spelled: dict[str, tuple[float, str]] = {}
    by_words = ((name, weight, weight < _NAMED) for name, weight in _in_words(sources))
    by_sender = ((name, weight, False) for name, weight in _beside_words(sources))
    for found, weight, may_be_person in (*by_words, *by_sender):
        name = _usable(found, weight, sources.persons)
        key = company_key(name)
        if name is None or not key:
            continue
        agrees = domain is not None and domain_names_company(domain, key)
        if may_be_person and not agrees and is_full_name(name):
            continue  # "interview with Hugo Marsh"
        scores[key] = 1 - (1 - scores.get(key, 0.0)) * (1 - min(0.98, weight + (_AGREES if agrees else 0.0)))
        if weight > spelled.get(key, (0.0, ""))[0]:  # of several spellings the best founded
            spelled[key] = (weight, name)
    for key in scores:
        for other, score in list(scores.items()):
            if len(key) > len(other) and same_company(key, other):
                scores[key] = 1 - (1 - scores[key]) * (1 - _SHORT_FORM * score)
    best = max(scores, key=lambda key: (scores[key], len(key)), default=None)
    return spelled[best][1] if best is not None else None


def _in_words(sources: Sources) -> Iterator[tuple[str, float]]:
    if sources.stated:
        yield sources.stated, 0.95
    for table, words in ((_IN_SUBJECT, sources.subject), (_IN_TEXT, f"{sources.text}\n{sources.signature}")):
        for pattern, weight in table:
            for count, found in enumerate(pattern.finditer(words)):
                if count >= _MATCHES:
                    break
                yield found["company"], weight


def _beside_words(sources: Sources) -> Iterator[tuple[str, float]]:
    if sources.sender is not None:
        yield from _of_sender(sources.sender, sources.system)
    yield from _of_signature(sources.signature.splitlines()[:8], alone=True)
    yield from _of_signature(sources.text.rstrip().split("\n")[-6:], alone=False)


def _of_sender(sender: Address, system: SenderSystem | None) -> Iterator[tuple[str, float]]:
    display = (sender.name or "")[:120]
    if system is not None and system.display and (found := re.match(system.display, display, re.IGNORECASE)):
        yield _without_clutter(found["company"]), 0.7
    elif display and person_name(display) is None and "@" not in display:
        yield _without_clutter(display), 0.6
    elif tail := display_tail(display):
        yield _without_clutter(tail), 0.7
    if system is not None and system.tenant and (found := re.match(system.tenant, sender.address)):
        yield _capitalized(next(filter(None, found.groupdict().values()), "")), 0.35
    elif system is None and (domain := employer_domain(sender.domain)):
        yield _capitalized(domain.split(".")[0]), 0.2


def _of_signature(lines: Iterable[str], *, alone: bool) -> Iterator[tuple[str, float]]:
    """Give "Northwind" of "Talent Partner, Northwind"; with `alone`, also of a line of its own."""
    for written in lines:
        line = written.strip()
        if not line or len(line) > 80 or "@" in line or "http" in line:
            continue
        pieces = [piece.strip() for piece in re.split(r"\s[|•·–—-]\s|, | at | @ |\|", line)]
        if len(pieces) > 1 and is_title(pieces[0]) and not is_title(pieces[-1]):
            yield pieces[-1], 0.6
        elif len(pieces) > 2 and is_full_name(pieces[0]) and is_title(pieces[1]):
            yield pieces[2], 0.6
        elif alone and len(pieces) == 1 and not is_title(line) and not is_full_name(line):
            yield _without_clutter(line), 0.4


def _capitalized(label: str) -> str:
    return " ".join(word.capitalize() for word in re.split(r"[-_]", label) if word)


def _without_clutter(display: str) -> str:
    """Drop "Careers", "Hiring Team", "Workday", "no reply" from both ends of a display name."""
    words = display.strip("\"' ").split()
    clutter = word_lists()["display_clutter"]
    while words and plain(words[-1].strip(",.()|-:")) in clutter:
        words.pop()
    while words and plain(words[0].strip(",.()|-:")) in clutter:
        words.pop(0)
    return " ".join(words).strip(" ,|-–:")


def _usable(found: str, weight: float, persons: frozenset[str]) -> str | None:
    """Give the name if it can be a company's, without what hangs on it."""
    lists = word_lists()
    words = re.sub(r"['’]s$", "", " ".join(found.split()).strip(" .,;:!?-–—|()\"'’")).split()
    while len(words) > 1 and plain(words[-1].strip(".,")) in lists["no_company"]:
        words.pop()
    while words and plain(words[0].strip(".,")) in lists["no_company"]:
        words.pop(0)
    plains = [plain(word.strip(".,")) for word in words]
    if weight < _NAMED and not lists["no_company"].isdisjoint(plains):
        return None  # "Offer Letter", "Next Steps"
    name = " ".join(words)
    if not 2 <= len(name) <= 60 or not any(letter.isalpha() for letter in name) or plain(name) in persons:
        return None
    if is_title(name) and lists["company_words"].isdisjoint(plains):
        return None
    return None if any(mark in name for mark in "@/\\<>[]") else name
