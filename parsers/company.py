"""Finds the employer that a message is about: subject, text, sender, signature in, one name with its weight out.

Evidence in this order: subject, text, the sender's display name, signature, tenant of the sender's system. What several
places say, and what the domain says too, counts more. A domain alone names nobody: it tells which words of the text are
the name ("Oxbow Media" of oxbowmedia.example). Who recruits for a client is not the employer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import islice
from typing import Final

from parsers.cues import cue
from parsers.employer import company_key, domain_names_company, employer_domain, same_company, spell_out
from parsers.model import Address
from parsers.names import display_tail, is_full_name, is_title, person_name, word_lists
from parsers.senders import SenderSystem, SystemKind
from parsers.spelling import plain

_MATCHES: Final = 5  # of one pattern
_NAMED: Final = 0.75  # weight of a place where only companies are named; less is a place that may hold a person's name
_AGREES: Final = 0.3  # what the domain adds
_SHORT_FORM: Final = 0.8  # how far "Northwind" counts for "Northwind Freight"
_AGENT: Final = 0.2  # how far the sender's own name counts beside a client that is named

# "Northwind Freight", "Margie's Travel", "Barnes & Noble", "Bank of America", "Booking.com".
_WORD: Final = r"[A-Z0-9À-ÖØ-Þ](?:[\w'’&+-]|\.(?=[a-z0-9])){0,40}"
COMPANY: Final = (
    rf"(?P<company>{_WORD}(?:(?: (?:&|of|de|und|et|y|du|des|del))? {_WORD}){{0,4}}"
    r"(?:,? (?:Inc|LLC|LLP|Ltd|GmbH(?: & Co\. ?KG)?|AG|SE|KG|Corp|PLC|SAS?|S\.A\.|S\.L\.|B\.?V\.?|AB|AS|Oy)(?!\w)\.?)?)"
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
    (r"^COMPANY \|", 0.55),
    (r"\| COMPANY$", 0.5),
    (r"\b(?i:your )COMPANY(?i: (?:application|interview|offer|assessment))", 0.8),
    (r"^COMPANY(?i: (?:interview|application|offer|assessment|hiring|recruiting|careers|phone|recruitment))\b", 0.7),
    (r"COMPANY <> ", 0.5),
    (r" <> COMPANY", 0.5),
)
# Where anything may stand: "Hold: ...", "Editor - Fiction". A company only if it is named elsewhere, too.
_AT_EDGE: Final = _table(
    (r"^COMPANY(?:: | - | – | — | / )", 0.55),
    (r"(?: - | – | — | / )COMPANY$", 0.5),
    (r"\| COMPANY(?= \|)", 0.5),
    (r" {at} COMPANY(?=$|[,(|:]| - )", 0.6),
)
_IN_TEXT: Final = _table(
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
    (r"\b(?i:your|our) COMPANY(?i: (?:interview|application|recruiter|assessment))\b", 0.65),
    (r"^(?i:company|employer|unternehmen|firma|entreprise|empresa|client): {0,3}COMPANY", 0.95),
    (r"^COMPANY (?:has (?:scheduled|invited|asked|received|reviewed)|would like to|is pleased to|invites you)\b", 0.7),
    (r"\b(?i:{sent_to}) COMPANY(?=[.,!\n]|$)", 0.7),
    (r"^COMPANY(?i: (?:{team_tail}|recruitment|talent acquisition|people operations){1,2}(?: team)?)\s{0,3}$", 0.85),
)
_CLIENT: Final = cue(f"\\b(?i:{{client}}),? (?:(?i:{{the_company}}) )?{COMPANY}", 0)
_VIA: Final = re.compile(r"\s?[(\[]?\bvia\s.{1,60}$", re.IGNORECASE)  # "Dana Lee (via Greenhouse)"
_BESIDE: Final = re.compile(r"\s[|•·–—-]\s|, | at | @ | chez | bei |\|")
_LONGEST: Final = 8  # words of a name
_SHORT: Final = 5  # words of a line that is a company's name
# "11am", "10.15am", "14h30", "3rd": never a word of a name.
_NUMBER: Final = re.compile(r"\d{1,4}(?:[.:h]\d{2})?(?:am|pm|h|uhr|st|nd|rd|th)?", re.IGNORECASE)
_ADDRESS: Final = re.compile(r"\S@\S|://|www\.|\+\d")
_EMPLOYERS_OWN: Final = (SystemKind.TRACKER, SystemKind.SCHEDULER)  # whose mail bears the employer's name


class _Place(Enum):
    """Where a name was found."""

    WORDS = "words"  # a sentence that may name a person, too
    CLIENT = "client"  # "my client Northwind", "on behalf of Northwind"
    EDGE = "edge"  # the beginning or end of a subject
    SENDER = "sender"  # what the sender is called, perhaps a person's name
    NAMED = "named"  # what the sender's company is called


_Found = tuple[str, float, _Place]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where a company may be named. `persons` are the plain words and full names of people who are known."""

    subject: str
    text: str
    signature: str
    sender: Address | None
    system: SenderSystem | None
    stated: str | None = None  # by the subject's own shape in the sender's system
    agency: bool = False  # the sender recruits for others
    persons: frozenset[str] = frozenset()


def find_company(sources: Sources) -> str | None:
    """Choose the name with the most evidence; None where nothing names a company."""
    domain = employer_domain(sources.sender.domain) if sources.sender is not None else None
    scores: dict[str, float] = {}
    spelled: dict[str, tuple[float, str]] = {}
    clients: set[str] = set()
    senders: set[str] = set()  # what the sender is called
    for found, weight, place in (*_in_words(sources), *_beside_words(sources)):
        name = _usable(found, weight, sources.persons)
        key = company_key(name)
        if name is None or not key:
            continue
        agrees = domain is not None and domain_names_company(domain, key)
        if place is _Place.EDGE and not agrees and not _mentions(sources, name):
            continue
        if place is not _Place.NAMED and weight < _NAMED and not agrees and _like_a_person(found, name):
            continue  # "interview with Hugo Marsh"
        if place is _Place.CLIENT and not agrees:
            clients.add(key)
        if agrees or place in (_Place.SENDER, _Place.NAMED):
            senders.add(key)
        scores[key] = 1 - (1 - scores.get(key, 0.0)) * (1 - min(0.98, weight + (_AGREES if agrees else 0.0)))
        if weight > spelled.get(key, (0.0, ""))[0]:  # of several spellings the best founded
            spelled[key] = (weight, name)
    if clients or (sources.agency and not senders.issuperset(scores)):
        scores = {key: score * (_AGENT if key in senders - clients else 1.0) for key, score in scores.items()}
    for key in scores:
        for other, score in list(scores.items()):
            if len(key) > len(other) and same_company(key, other):
                scores[key] = 1 - (1 - scores[key]) * (1 - _SHORT_FORM * score)
    best = max(scores, key=lambda key: (scores[key], len(key)), default=None)
    return spelled[best][1] if best is not None else None


def _like_a_person(found: str, name: str) -> bool:
    """Tell whether a name can be a person's; "The Copper Whisk" cannot."""
    return is_full_name(name) and not found.casefold().startswith("the ")


def _in_words(sources: Sources) -> Iterator[_Found]:
    if sources.stated:
        yield sources.stated, 0.95, _Place.WORDS
    words = f"{sources.text}\n{sources.signature}"
    for found in islice(_CLIENT.finditer(f"{sources.subject}\n{words}"), _MATCHES):
        yield found["company"], 0.9, _Place.CLIENT
    tables = (
        (_IN_SUBJECT, sources.subject, _Place.WORDS),
        (_AT_EDGE, sources.subject, _Place.EDGE),
        (_IN_TEXT, words, _Place.WORDS),
    )
    for table, written, place in tables:
        for pattern, weight in table:
            for found in islice(pattern.finditer(written), _MATCHES):
                yield found["company"], weight, place


def _mentions(sources: Sources, name: str) -> bool:
    """Tell whether a name stands elsewhere than in the subject."""
    written = (sources.text, sources.signature, (sources.sender.name or "") if sources.sender else "")
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", "\n".join(written)) is not None


def _beside_words(sources: Sources) -> Iterator[_Found]:
    if sources.sender is not None:
        yield from _of_sender(sources, sources.sender, sources.system)
    yield from _of_signature(sources.signature.splitlines()[:8], alone=True)
    yield from _of_signature(sources.text.rstrip().split("\n")[-6:], alone=False)


def _of_sender(sources: Sources, sender: Address, system: SenderSystem | None) -> Iterator[_Found]:
    display = _VIA.sub("", (sender.name or "")[:120])
    if system is not None and system.display and (found := re.match(system.display, display, re.IGNORECASE)):
        name = _without_clutter(found["company"])
        if not (is_full_name(name) and _signs(sources, name)):
            yield name, 0.7, _Place.NAMED
    elif display and person_name(display) is None and "@" not in display:
        if system is None or system.kind in _EMPLOYERS_OWN:
            yield _without_clutter(display), 0.6, _Place.NAMED
    elif tail := display_tail(display):
        yield _without_clutter(tail), 0.7, _Place.NAMED
    label = (employer_domain(sender.domain) or "").split(".")[0] if system is None else _tenant(sender, system)
    if not label:
        return
    words = "\n".join((sources.subject, sources.text, sources.signature, sender.name or ""))
    spelled = spell_out(label, words)
    if spelled is not None and plain(spelled) not in word_lists()["not_a_name"]:
        yield spelled, 0.55, _Place.NAMED
    elif system is not None and not system.tenant_is_code:
        yield _capitalized(label), 0.35, _Place.NAMED


def _tenant(sender: Address, system: SenderSystem) -> str:
    found = re.match(system.tenant, sender.address) if system.tenant else None
    return next(filter(None, found.groupdict().values()), "") if found else ""


def _signs(sources: Sources, name: str) -> bool:
    """Tell whether a name, or its first word, is a line at the end: a person's, not a company's."""
    ending = (*sources.text.rstrip().split("\n")[-6:], *sources.signature.splitlines()[:8])
    return any(plain(line.strip(" ,.*-")) in (plain(name), plain(name.split()[0])) for line in ending)


def _of_signature(lines: Sequence[str], *, alone: bool) -> Iterator[_Found]:
    """Give "Northwind" of "Talent Partner, Northwind" and of a line below a title; `alone`, also "Northwind Bank"."""
    above = ""
    for written in lines:
        line = written.strip(" *_\t")
        if not line or len(line) > 80 or not line[0].isupper() or _ADDRESS.search(line):
            continue
        pieces = [piece.strip() for piece in _BESIDE.split(line)]
        if len(pieces) > 1 and is_title(pieces[0]) and not is_title(pieces[-1]):
            yield pieces[-1], 0.6, _Place.NAMED
        elif len(pieces) > 2 and is_full_name(pieces[0]) and is_title(pieces[1]):
            yield pieces[2], 0.6, _Place.NAMED
        elif len(pieces) == 1 and not is_title(line):
            if is_title(above) and len(line.split()) <= _SHORT and ":" not in line:
                yield _without_clutter(line), 0.55, _Place.NAMED
            elif alone and not word_lists()["company_words"].isdisjoint(map(plain, line.replace(",", " ").split())):
                yield _without_clutter(line), 0.4, _Place.SENDER
        above = line


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
    # "Northwind Engineering Team" is a team of Northwind, "Northwind Engineering" a company.
    kept = lists["no_company"] - lists["company_words"]
    while len(words) > 1 and plain(words[-1].strip(".,")) in kept:
        words.pop()
        kept = lists["no_company"]
    words[-1:] = [re.sub(r"['’]s$", "", word) for word in words[-1:]]  # "Ravi's Zoom Meeting"
    while words and plain(words[0].strip(".,")) in lists["no_company"]:
        words.pop(0)
    plains = [plain(word.strip(".,")) for word in words]
    if weight < _NAMED and not (lists["no_company"] - lists["company_words"]).isdisjoint(plains):
        return None  # "Offer Letter", "Next Steps"
    if any(map(_NUMBER.fullmatch, words)) and all(word[:1].isdigit() or word.islower() for word in words):
        return None
    if lists["company_words"].issuperset(plains) or " ".join(plains) in lists["places"]:
        return None  # "Services", "Engineering"
    name = " ".join(words)
    if len(words) > _LONGEST:
        return None
    if not 2 <= len(name) <= 60 or not any(letter.isalpha() for letter in name) or plain(name) in persons:
        return None
    if (
        is_title(name)
        and lists["company_words"].isdisjoint(plains)
        and (len(plains) < 2 or plains[0] not in lists["surnames"])
    ):
        return None
    return None if any(mark in name for mark in "@/\\<>[]") else name
