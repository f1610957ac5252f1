"""Finds the employer that a message is about: subject, text, sender, signature in, one name with its weight out.

Evidence in this order: subject, text, the sender's display name, signature, tenant of the sender's system. What several
places say, and what the domain says too, counts more. A domain alone names nobody: it tells which words of the text are
the name ("Oxbow Media" of oxbowmedia.example). Who recruits for a client is not the employer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from parsers.cues import cue
from parsers.employer import (
    company_key,
    domain_names_company,
    employer_domain,
    is_label,
    same_company,
    spell_out,
)
from parsers.model import Address
from parsers.names import display_tail, is_full_name, is_title, person_name, word_lists
from parsers.senders import SenderSystem, SystemKind, is_robot, is_shared
from parsers.signed import (
    BESIDE,
    COMPANY_WORD,
    LONGEST,
    Found,
    Place,
    of_signature,
    quoted_lines,
    spelled_by_domain,
    without_clutter,
)
from parsers.spelling import plain

_MATCHES: Final = 5  # of one pattern
_NAMED: Final = 0.75  # weight of a place where only companies are named; less is a place that may hold a person's name
_AGREES: Final = 0.3  # what the domain adds
_SHORT_FORM: Final = 0.8  # how far "Northwind" counts for "Northwind Freight"
_SPELLED: Final = 0.5  # how sure the spelling of a signature is, where a name stands without its legal form
_AGENT: Final = 0.2  # how far the sender's own name counts beside a client that is named

# "Northwind Freight", "Margie's Travel", "Barnes & Noble", "Bank of America", "Booking.com".
COMPANY: Final = (
    rf"(?P<company>{COMPANY_WORD}(?:(?: {{between_names}})? {COMPANY_WORD}){{0,4}}"
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
    (r"\(COMPANY\)$", 0.5),
    (r" {at} COMPANY(?=$|[,(|:]| - )", 0.6),
)
_IN_TEXT: Final = _table(
    (
        r"\b(?i:{opening})\b[^.\n]{0,60}? {at_employer} (?:the |la |el |l')?COMPANY",
        0.85,
    ),
    (
        (
            r"\b(?i:{applying}|{interviewing}|interest)\b[^.\n]{0,80}? (?:to|at|bei|bei der|chez|en|in joining|"
            r"in working (?:at|with|for)|in a career (?:at|with)|na|no|em|beim|bei den) (?:the |la |el )?COMPANY"
        ),
        0.85,
    ),
    (r"\b(?i:{interviewing}|interviews|{talking}) (?:with|mit|avec|con|com) (?:the )?COMPANY", 0.6),
    (r"\b(?i:{text_lead})(?: the)? COMPANY(?=[\s,.!)]|$)", 0.55),
    (r"\bthe COMPANY(?i: {team_tail})\b", 0.75),
    (r"^[^\w\n]{0,3}(?i:[\w']{1,6} ?)?(?i:{team_word}(?:,|(?: {team_of}){0,5})) COMPANY\s{0,3}$", 0.75),
    (r"\b(?i:{team_owner}) COMPANY[- ](?i:{team_behind})\b", 0.75),
    (r"\b(?i:{team_word}) (?i:von|chez|bei|at) COMPANY", 0.6),
    (r"\b(?i:your|our) COMPANY(?i: (?:interview|application|recruiter|assessment))\b", 0.65),
    (r"^(?i:company|employer|unternehmen|firma|entreprise|empresa|client): {0,3}COMPANY", 0.95),
    (r"^COMPANY (?:has (?:scheduled|invited|asked|received|reviewed)|would like to|is pleased to|invites you)\b", 0.7),
    (r"\b(?i:{sent_to}) COMPANY(?=[.,!\n]|$)", 0.7),
    (r"^COMPANY(?i: (?:{team_tail}|recruitment|talent acquisition|people operations){1,2}(?: team)?)\s{0,3}$", 0.85),
)
_CLIENT: Final = cue(f"\\b(?i:{{client}}),? (?:(?i:{{the_company}}) )?{COMPANY}", 0)
_VIA: Final = re.compile(r"\s?[(\[]?\bvia\s.{1,60}$", re.IGNORECASE)  # "Dana Lee (via Greenhouse)"
# "11am", "10.15am", "14h30", "3rd": never a word of a name.
_NUMBER: Final = re.compile(r"\d{1,4}(?:[.:h]\d{2})?(?:am|pm|h|uhr|st|nd|rd|th)?", re.IGNORECASE)
_DOTTED: Final = re.compile(r"(?<= )([A-Z])\.([A-Z])\.?$")  # "B.V."
_OWNER: Final = cue(r"^(?:l['’]équipe|{team_owner}e?) (?=\S)")  # "Dein Datenhaus", "L'équipe Kodéa"
_CONNECTIVE: Final = cue(r"(?:{between_names}|for|in|and)(?: .*)?$")
_EMPLOYERS_OWN: Final = (SystemKind.TRACKER, SystemKind.SCHEDULER)  # whose mail bears the employer's name


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
    quoted: str = (
        ""  # what is answered; it spells out what the sender's domain squeezes together, and names nobody else
    )


def find_company(sources: Sources) -> str | None:
    """Choose the name with the most evidence; None where nothing names a company."""
    domain = employer_domain(sources.sender.domain) if sources.sender is not None else None
    personal = domain is not None and sources.system is None and not _no_person(sources.sender, None, through=False)
    scores: dict[str, float] = {}
    spelled: dict[str, tuple[float, str]] = {}
    clients: set[str] = set()
    senders: set[str] = set()  # what the sender is called
    signed: set[str] = set()
    for found, weight, place in (*_in_words(sources), *_beside_words(sources)):
        name = _usable(found, weight, sources.persons, signed=place is Place.SIGNED)
        key = company_key(name)
        if name is None or not key:
            continue
        agrees = domain is not None and domain_names_company(domain, key)
        if place is Place.EDGE and not agrees and not _mentions(sources, name):
            continue
        if place not in (Place.NAMED, Place.SIGNED) and weight < _NAMED and not agrees and _like_a_person(found, name):
            continue  # "interview with Hugo Marsh"
        if place is Place.WORDS and weight < _NAMED and not agrees and personal and " " not in name:
            continue  # "interview with Neil"
        if place is Place.CLIENT and not agrees:
            clients.add(key)
        if agrees or place in (Place.SENDER, Place.NAMED, Place.SIGNED):
            senders.add(key)
        if place is Place.SIGNED:
            signed.add(key)
        scores[key] = 1 - (1 - scores.get(key, 0.0)) * (1 - min(0.98, weight + (_AGREES if agrees else 0.0)))
        sure = _SPELLED if place is Place.SIGNED else weight
        if sure > spelled.get(key, (0.0, ""))[0]:  # of several spellings the best founded
            spelled[key] = (sure, name)
    if clients or (sources.agency and not senders.issuperset(scores)):
        scores = {key: score * (_AGENT if key in senders - clients else 1.0) for key, score in scores.items()}
    for key in scores:
        for other, score in list(scores.items()):
            if len(key) > len(other) and key in signed and f" {other} " in f" {key} ":
                scores[key] = 1 - (1 - scores[key]) * (1 - score)
            elif len(key) > len(other) and same_company(key, other):
                scores[key] = 1 - (1 - scores[key]) * (1 - _SHORT_FORM * score)
    best = max(scores, key=lambda key: (scores[key], len(key)), default=None)
    return spelled[best][1] if best is not None else None


def _like_a_person(found: str, name: str) -> bool:
    """Tell whether a name can be a person's; "The Copper Whisk" cannot."""
    return is_full_name(name) and not found.casefold().startswith("the ")


def _in_words(sources: Sources) -> Iterator[Found]:
    if sources.stated:
        yield sources.stated, 0.95, Place.WORDS
    words = f"{sources.text}\n{sources.signature}"
    for found in islice(_CLIENT.finditer(f"{sources.subject}\n{words}"), _MATCHES):
        yield found["company"], 0.9, Place.CLIENT
    tables = (
        (_IN_SUBJECT, sources.subject, Place.WORDS),
        (_AT_EDGE, sources.subject, Place.EDGE),
        (_IN_TEXT, words, Place.WORDS),
    )
    for table, written, place in tables:
        for pattern, weight in table:
            for found in islice(pattern.finditer(written), _MATCHES):
                yield found["company"], weight, place


def _mentions(sources: Sources, name: str) -> bool:
    """Tell whether a name stands elsewhere than in the subject."""
    written = (sources.text, sources.signature, (sources.sender.name or "") if sources.sender else "")
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", "\n".join(written)) is not None


def _beside_words(sources: Sources) -> Iterator[Found]:
    if sources.sender is not None:
        yield from _of_sender(sources, sources.sender, sources.system)
    signature, ending = sources.signature.splitlines()[:8], sources.text.rstrip().split("\n")[-6:]
    nobody = _no_person(sources.sender, sources.system, through=False)  # "Hotel Brava <jobs@...>"
    name = person_name(sources.sender.name) if sources.sender is not None and not nobody else None
    yield from of_signature(signature, name, alone=True)
    yield from of_signature(ending, name, alone=False)
    domain = employer_domain(sources.sender.domain) if sources.sender is not None else None
    if domain is not None and sources.system is None:
        yield from spelled_by_domain(domain, name, (*signature, *ending, *quoted_lines(sources.quoted)))


def _of_sender(sources: Sources, sender: Address, system: SenderSystem | None) -> Iterator[Found]:
    through = _VIA.search((sender.name or "")[:120]) is not None
    display = _VIA.sub("", (sender.name or "")[:120])
    if system is not None and system.display and (found := re.match(system.display, display, re.IGNORECASE)):
        name = without_clutter(found["company"])
        # Who signs with the first word is a person; with the whole name, a person only if no tracker writes for them.
        signs = _signs(sources, name.split()[0]) or (not through and _signs(sources, name)) if name else False
        if not (is_full_name(name) and signs):
            yield name, 0.7, Place.NAMED
    elif (
        display and "@" not in display and (person_name(display) is None or _no_person(sender, system, through=through))
    ):
        if system is None or system.kind in _EMPLOYERS_OWN:
            for piece in BESIDE.split(display):
                if not _is_clutter(piece):
                    yield without_clutter(piece), 0.6, Place.NAMED
    elif tail := display_tail(display):
        yield without_clutter(tail), 0.7, Place.NAMED
    label = (employer_domain(sender.domain) or "").split(".")[0] if system is None else _tenant(sender, system)
    if not label:
        return
    words = "\n".join((sources.subject, sources.text, sources.signature, sender.name or ""))
    spelled = spell_out(label, words) or spell_out(label, sources.quoted)
    if spelled is not None and plain(spelled) not in word_lists()["not_a_name"]:
        yield spelled, 0.55, Place.NAMED
    elif system is not None and not system.tenant_is_code:
        yield _capitalized(label), 0.35, Place.NAMED


def _no_person(sender: Address | None, system: SenderSystem | None, *, through: bool) -> bool:
    """Tell whether nobody is called what a sender is called: a robot, a mailbox of several, a tracker in a name."""
    if sender is None:
        return True
    if system is not None:
        return through and not system.is_relay(sender.address)
    return is_robot(sender) or is_shared(sender)


def _is_clutter(piece: str) -> bool:
    """Tell a department's name from a company's: "Karriere", "Secrétariat Direction"."""
    lists = word_lists()
    return (lists["display_clutter"] | lists["team"]).issuperset(plain(word.strip(",.()|-:")) for word in piece.split())


def names_tenant(name: str | None, sender: Address | None, system: SenderSystem | None) -> bool:
    """Tell whether a sender's name is that of the tenant in its address: "Heizwerk Retail" of heizwerk-retail-jobs@."""
    label = _tenant(sender, system) if sender is not None and system is not None else ""
    return bool(label) and is_label(label, name or "")


def _tenant(sender: Address, system: SenderSystem) -> str:
    found = re.match(system.tenant, sender.address) if system.tenant else None
    return next(filter(None, found.groupdict().values()), "") if found else ""


def _signs(sources: Sources, name: str) -> bool:
    """Tell whether a name is a line at the end."""
    ending = (*sources.text.rstrip().split("\n")[-6:], *sources.signature.splitlines()[:8])
    return any(plain(line.strip(" ,.*-")) == plain(name) for line in ending)


def _capitalized(label: str) -> str:
    return " ".join(word.capitalize() for word in re.split(r"[-_]", label) if word)


def _usable(found: str, weight: float, persons: frozenset[str], *, signed: bool = False) -> str | None:
    """Give the name if it can be a company's, without what hangs on it; a `signed` one may end like a title."""
    lists = word_lists()
    found = _OWNER.sub("", " ".join(found.split()))
    words = re.sub(r"['’]s$", "", found.strip(" .,;:!?-–—|()\"'’")).split()
    # "Northwind Engineering Team" is a team of Northwind, "Northwind Engineering" a company.
    kept = lists["no_company"] - lists["company_words"]
    for at, word in enumerate(words[1:-1], 1):
        if word.isdecimal():  # "Landkreis Oberheide 64 Bewerbungen"
            words = words[:at]
            break
    while len(words) > 1 and words[-1] != "IT" and plain(words[-1].strip(".,")) in kept:
        words.pop()
        kept = lists["no_company"]
    words[-1:] = [re.sub(r"['’]s$", "", word) for word in words[-1:]]  # "Ravi's Zoom Meeting"
    while words and plain(words[0].strip(".,")) in lists["no_company"]:
        words.pop(0)
    plains = [plain(word.strip(".,")) for word in words]
    if weight < _NAMED and not (lists["no_company"] - lists["company_words"]).isdisjoint(plains):
        return None  # "Offer Letter", "Next Steps"
    if lists["display_clutter"].issuperset(plains) or all(word in persons or len(word) == 1 for word in plains):
        return None  # "J Doe"
    if words[0].islower() and weight < _NAMED and _CONNECTIVE.match(words[0]):
        return None  # "of Credit Risk"
    if any(map(_NUMBER.fullmatch, words)) and all(word[:1].isdigit() or word.islower() for word in words):
        return None
    if lists["company_words"].issuperset(plains) or " ".join(plains) in lists["places"]:
        return None  # "Services", "Engineering"
    name = _DOTTED.sub(r"\1\2", " ".join(words))
    if len(words) > LONGEST:
        return None
    if not 2 <= len(name) <= 60 or not any(letter.isalpha() for letter in name) or plain(name) in persons:
        return None
    if (
        not signed
        and is_title(name)
        and lists["company_words"].isdisjoint(plains)
        and (len(plains) < 2 or plains[0] not in lists["surnames"])
    ):
        return None
    return None if any(mark in name for mark in "@/\\<>[]") else name
