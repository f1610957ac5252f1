"""Reads which post at which employer a message is about; subject, text, sender and signature in, names with evidence out.

No guess without evidence: what nothing states is None (recruiting-mail.md section 3). A company is looked for in that
order: subject, text, the sender's display name, signature, tenant of the sender's system, domain of a human sender.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from parsers.employer import company_key, domain_names_company, employer_domain, same_company
from parsers.model import Address, Evidence, Invite
from parsers.names import display_tail, is_full_name, is_title, person_name, word_lists
from parsers.senders import SenderSystem, is_robot
from parsers.spelling import plain

_TEXT_LIMIT: Final = 6000
_CAPITAL: Final = r"[A-Z0-9À-ÖØ-Þ]"
# "Northwind Freight", "Margie's Travel", "Barnes & Noble", "Bank of America", "Booking.com".
_COMPANY_WORD: Final = rf"{_CAPITAL}(?:[\w'’&+-]|\.(?=[a-z0-9])){{0,40}}"
_COMPANY: Final = (
    rf"(?P<company>{_COMPANY_WORD}(?:(?: (?:&|of|de|und|et|y|du|des|del))? {_COMPANY_WORD}){{0,4}}"
    r"(?:,? (?:Inc|LLC|Ltd|GmbH|AG|Corp|PLC|SA)\b\.?)?)"
)
_ROLE_CHARACTERS: Final = r"[^\n|<>\"“”!?;:]"

# (pattern, weight): the company of a subject or text. Case counts, since names begin with a capital.
_COMPANY_IN_SUBJECT: Final = tuple(
    (re.compile(pattern), weight)
    for pattern, weight in (
        (
            rf"(?i:applying|application|applied|candidacy|bewerbung|candidature|candidatura)\b[^|]{{0,80}}? (?i:to|at|with|bei|chez|en|em|@) {_COMPANY}",
            0.9,
        ),
        (
            rf"(?i:interview|interviewing|onsite|screen|call|chat|round|assessment|gespräch|vorstellungsgespräch|entretien|entrevista|conversation|meeting)\b[^|]{{0,80}}? (?i:at|@|bei|chez|en) {_COMPANY}",
            0.9,
        ),
        (
            rf"(?i:interview|interviewing|onsite|screen|assessment|gespräch|entretien|entrevista)\b[^|]{{0,40}}? (?i:with|mit|avec|con) {_COMPANY}",
            0.7,
        ),
        (
            rf"(?i:interest in|opportunity at|opportunities at|role at|position at|offer from|update from|news from|message from|invitation from|career at|careers at|joining|next steps (?:at|with)|the team at|hiring at|roles at) (?i:the )?{_COMPANY}",
            0.85,
        ),
        (rf"^(?:(?i:re|fwd?|aw|wg): )?{_COMPANY}(?: \||: | - | – | — | / )", 0.55),
        (rf"(?:\| | - | – | — ){_COMPANY}$", 0.5),
        (rf"\b(?i:your) {_COMPANY} (?i:application|interview|offer|assessment)", 0.8),
        (
            rf"^{_COMPANY} (?i:interview|application|offer|assessment|hiring|recruiting|careers|phone|recruitment)\b",
            0.7,
        ),
        (rf"{_COMPANY} <> ", 0.5),
        (rf" <> {_COMPANY}", 0.5),
    )
)
_COMPANY_IN_TEXT: Final = tuple(
    (re.compile(pattern), weight)
    for pattern, weight in (
        (rf"\b(?:on behalf of|im Namen von|au nom de) (?:the )?{_COMPANY}", 0.8),
        (
            rf"\b(?i:position|role|job|opportunity|opening|vacancy|career|careers|internship|Stelle|Position|poste|puesto|vaga|offer|opportunities)\b[^.\n]{{0,60}}? (?:at|with|bei|bei der|chez|en|na|no|within) (?:the )?{_COMPANY}",
            0.85,
        ),
        (
            rf"\b(?i:applying|applied|application|interest|interviewing|interview|candidacy|candidature|candidatura|Bewerbung|Gespräch|entretien|entrevista)\b[^.\n]{{0,80}}? (?:to|at|bei|bei der|chez|en|in joining|in working (?:at|with|for)|in a career (?:at|with)|na) (?:the )?{_COMPANY}",
            0.85,
        ),
        (
            rf"\b(?i:interview|interviews|interviewing|call|conversation|chat|Gespräch|entretien|entrevista) (?:with|mit|avec|con|com) (?:the )?{_COMPANY}",
            0.6,
        ),
        (
            rf"\b(?i:interest in|joining|join|thanks for choosing|considering|welcome to|working at|work at|working for|work for|here at|team at|us at|we at|colleagues at|recruiter at|recruiter for|recruiter with|hiring at|from|engineer at|manager at|lead at|partner at) (?:the )?{_COMPANY}(?=[\s,.!)]|$)",
            0.55,
        ),
        (rf"\bthe {_COMPANY} (?:(?i:team|recruiting|hiring|talent|people|careers|family|office|HR))\b", 0.75),
        (rf"\b(?i:your|our) {_COMPANY} (?i:interview|application|team|office|recruiter|assessment)\b", 0.65),
        (rf"(?m)^(?i:company|employer|unternehmen|firma|entreprise|empresa|client): {{0,3}}{_COMPANY}", 0.95),
        (
            rf"(?m)^{_COMPANY} (?:(?i:recruiting|hiring|talent|people|careers|HR|recruitment|talent acquisition|people operations))(?: (?i:team|operations|acquisition))?\s*$",
            0.85,
        ),
    )
)
_ROLE_IN_SUBJECT: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?i:for (?:the )?(?:position|role|post|job) of|position of|role of) (?P<role>{_ROLE_CHARACTERS}{{3,90}})",
        r"(?i:application|interview|assessment|interviewing|offer|candidacy|applying|opportunity|screen|call|confirmation|invitation|round|onsite)\b[^|]{0,60}? (?i:for|as)(?: (?:the|our|an|a))? (?P<role>[^|<>\n]{3,90}?)(?= (?:role|position|opening|job|at|@|with|on)\b| [-–—|@(]|[,:!]|$)",
        r"(?i:bewerbung|stelle|gespräch|vorstellungsgespräch) (?:(?i:als|zur|für die|für|um))(?: (?:die|den|Stelle|Position|als|eine?))* (?P<role>[^|<>\n]{3,90}?)(?= (?:bei|am|in)\b| [-–—|(]|[,:!]|$)",
        r"(?:^|[|:–—]\s?| - )(?P<role>[^|:–—<>\n]{3,80}?)(?= (?:role|position|opening|application|interview|at|@)\b| [-–—|]|[|:,(]|$)",
    )
)
_ROLE_IN_TEXT: Final = tuple(
    (re.compile(pattern), strict)
    for pattern, strict in (
        (
            r"(?m)^\W{0,3}(?i:job title|position|role|title|job|stelle|poste|puesto|vaga|posición): {0,3}(?P<role>[^\n|<>]{3,90})$",
            False,
        ),
        (
            r"\b(?i:position|role|post|job|internship|stelle|poste|puesto|vaga) (?:of|as|als|de|d['’]) ?(?:a |an |the |une? |una? )?(?P<role>[A-ZÀ-Þ][^\n.;:|<>!?]{2,80}?)(?= (?:at|with|in|role|position|here|and|on|bei|chez|en|is|has|team|which|was|to)\b|[,.;:!?(\n]|$)",
            False,
        ),
        (
            r"\b(?i:the|our|this|an?|your) (?P<role>[A-ZÀ-Þ][^\n.;:|<>!?]{1,80}?),? (?i:role|position|opening|vacancy|job|opportunity|post|internship|req|requisition)\b",
            False,
        ),
        (
            r"\b(?:for|as|als|zum|zur|for the|for our|for an?|as an?|pour le poste de|de) (?:the |our |an? |die Stelle (?:als )?)?(?P<role>[A-ZÀ-Þ][^\n.;:|<>!?,]{2,80}?)(?= (?:at|with|bei|chez|here|position|role)\b|[,.;:!?(\n]|$)",
            True,
        ),
        (
            r"\b(?:hiring|looking for|seeking|need|suchen) (?:a|an|our next|eine?n?) (?P<role>[A-ZÀ-Þ][^\n.;:|<>!?,]{2,80}?)(?= (?:to|who|at|with|for|in)\b|[,.;:!?(\n]|$)",
            True,
        ),
    )
)
_REQUISITION = re.compile(
    r"\b(?:(?i:req(?:uisition)?|job|posting|position|vacancy|reference|ref|kennziffer|referenz|application)[ .]{0,2}(?i:id|no|nr|number|nummer|code|#)?[ .:#-]{0,3}(?P<labelled>[A-Z]{0,4}[-_]?\d[\w-]{2,20})"
    r"|(?P<bare>(?:R|REQ|JR|JOB)[-_]?\d{4,10})|\((?P<bracketed>\d{4,8}(?:BR)?)\))"
)
_ROLE_TRIM = re.compile(
    r"\s*(?:\((?:[^()]{0,60})\)|\[[^\[\]]{0,60}\]|\b(?:R|REQ|JR)[-_]?\d{4,10}\b|#\d{2,10}|\b(?:Summer|Fall|Spring|Winter|Autumn) 20\d\d\b)\s*"
)
_NO_COMPANY: Final = frozenset(
    "our the your this that a an we us i you it monday tuesday wednesday thursday friday saturday sunday january february march "
    "april may june july august september october november december interview interviews application update next hello hi dear "
    "thanks thank invitation invite updated canceled cancelled confirmed reminder re fw fwd aw wg action important new your "
    "zoom teams microsoft google skype phone video virtual onsite remote please if human resources hr talent people hiring "
    "recruiting careers scheduling request offer position role job confidential candidate company team et est pst cet gmt utc "
    "technical final first second third round stage screening availability am pm ihr ihre sehr einladung absage bewerbung "
    "eingangsbestatigung vorstellungsgesprach gesprach termin votre entretien tu su entrevista email mail linkedin indeed "
    "greenhouse lever ashby workday icims workable calendly hirevue hackerrank codility codesignal glassdoor regarding follow "
    "following status notification message information details confirmation security code one least present latest this "
    "assessment eastern pacific central home all both opportunity opportunities senior junior staff principal lead "
    "head software data product engineering termination feedback survey phone-screen introduction intro chat call meeting "
    "letter received steps step request news available open requisition introducing welcome what who when where how join meet "
    "und oder der die das für fur mit am um le la les el los".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What is known of the post; every name has its evidence."""

    company: str | None = None
    role: str | None = None
    requisition: str | None = None
    evidence: tuple[Evidence, ...] = ()


def find_post(
    *,
    subject: str,
    text: str,
    signature: str,
    sender: Address | None,
    system: SenderSystem | None,
    own_names: Iterable[str] = (),
) -> Post:
    """Read company, role and requisition of an inbound message."""
    subject = _PREFIX.sub("", " ".join(subject.split())[:300])
    text = text[:_TEXT_LIMIT]
    own = {plain(name) for name in own_names if name}
    matched = _system_subject(subject, system)
    candidates = list(_companies(subject, text, signature, sender, system, matched, own))
    company = _best(candidates, sender)
    role, role_words = _role(subject, text, matched, company)
    requisition = _requisition(f"{subject}\n{text}")
    evidence = [
        Evidence(field=name, text=words)
        for name, words in (("company", company), ("role", role_words), ("requisition", requisition))
        if words
    ]
    return Post(company=company, role=role, requisition=requisition, evidence=tuple(evidence))


_PREFIX = re.compile(
    r"^(?:(?:re|fwd?|aw|wg|tr|rv|sv|antw|invitation|updated invitation|accepted|declined|canceled event|cancelled event|canceled|"
    r"cancelled|updated|reminder|confirmed|einladung|aktualisierte einladung|abgesagt|abgesagter termin|invitación|notification)\s?: ?){1,4}",
    re.IGNORECASE,
)


def _system_subject(subject: str, system: SenderSystem | None) -> dict[str, str]:
    for pattern in system.subjects if system else ():
        if found := re.match(pattern, subject, re.IGNORECASE):
            return {name: value.strip() for name, value in found.groupdict().items() if value}
    return {}


def _companies(
    subject: str,
    text: str,
    signature: str,
    sender: Address | None,
    system: SenderSystem | None,
    matched: dict[str, str],
    own: set[str],
) -> Iterator[tuple[str, float]]:
    if "company" in matched:
        yield from _usable(matched["company"], 0.95, own)
    for table, words in ((_COMPANY_IN_SUBJECT, subject), (_COMPANY_IN_TEXT, f"{text}\n{signature}")):
        for pattern, weight in table:
            for count, found in enumerate(pattern.finditer(words)):
                if count > 5:
                    break
                yield from _usable(found["company"], weight, own)
    if sender is not None:
        yield from _from_sender(sender, system, own)
    yield from _from_signature(signature, own, loose=True)
    yield from _from_signature("\n".join(text.rstrip().split("\n")[-6:]), own, loose=False)


def _from_sender(sender: Address, system: SenderSystem | None, own: set[str]) -> Iterator[tuple[str, float]]:
    display = (sender.name or "")[:120]
    if system is not None and system.display and (found := re.match(system.display, display, re.IGNORECASE)):
        yield from _usable(_without_team(found["company"]), 0.7, own)
    elif display and person_name(display) is None and "@" not in display:
        yield from _usable(_without_team(display), 0.6, own)
    elif tail := display_tail(display):
        yield from _usable(_without_team(tail), 0.7, own)
    if system is not None and system.tenant and (found := re.match(system.tenant, sender.address)):
        tenant = next((value for value in found.groupdict().values() if value), "")
        yield from _usable(_titled(tenant), 0.35, own)
    elif system is None and (domain := employer_domain(sender.domain)):
        yield from _usable(_titled(domain.split(".")[0]), 0.2 if not is_robot(sender) else 0.15, own)


def _titled(label: str) -> str:
    return " ".join(word.capitalize() for word in re.split(r"[-_]", label) if word)


def _without_team(display: str) -> str:
    """Drop "Careers", "Hiring Team", "Workday", "no reply" from both ends of a display name."""
    words = display.strip("\"' ").split()
    drop = _TEAM_TAIL
    while words and plain(words[-1].strip(",.()|-:")) in drop:
        words.pop()
    while words and plain(words[0].strip(",.()|-:")) in drop:
        words.pop(0)
    return " ".join(words).strip(" ,|-–:")


_TEAM_TAIL: Final = frozenset(
    "careers career recruiting recruitment hiring team talent acquisition hr human resources jobs people operations no reply noreply "
    "no-reply via workday the at from candidate experience staffing notifications notification ta scheduling interviews "
    "interview assessment centre center email bewerbermanagement karriere personalabteilung recrutement rh support".split()
)


def _from_signature(signature: str, own: set[str], *, loose: bool) -> Iterator[tuple[str, float]]:
    for line in signature.splitlines()[:8]:
        line = line.strip()
        if not line or len(line) > 80 or "@" in line or "http" in line:
            continue
        pieces = [piece.strip() for piece in re.split(r"\s[|•·–—-]\s|, | at | @ |\|", line)]
        if len(pieces) > 1 and is_title(pieces[0]) and not is_title(pieces[-1]):
            yield from _usable(pieces[-1], 0.6, own)
        elif len(pieces) > 2 and is_full_name(pieces[0]) and is_title(pieces[1]):
            yield from _usable(pieces[2], 0.6, own)
        elif loose and len(pieces) == 1 and not is_title(line) and not is_full_name(line):
            yield from _usable(_without_team(line), 0.4, own)


def _usable(name: str, weight: float, own: set[str]) -> Iterator[tuple[str, float]]:
    """Give the name if it can be a company's, without what hangs on it."""
    name = re.sub(r"['’]s$", "", " ".join(name.split()).strip(" .,;:!?-–—|()\"'’"))
    words = name.split()
    while words and plain(words[-1].strip(".,")) in _NO_COMPANY and len(words) > 1:
        words.pop()
    while words and plain(words[0].strip(".,")) in _NO_COMPANY:
        words.pop(0)
    if weight < 0.75 and any(plain(word.strip(".,")) in _NO_COMPANY for word in words):
        return  # "Offer Letter", "Next Steps": only a place that names companies alone may hold such words
    name = " ".join(words)
    if not 2 <= len(name) <= 60 or not words or not any(letter.isalpha() for letter in name):
        return
    if plain(name) in own or any(plain(name) == plain(word) for full in own for word in full.split()):
        return
    if is_title(name) and word_lists()["company_words"].isdisjoint(plain(word) for word in words):
        return
    if any(mark in name for mark in "@/\\<>[]") or name.isdigit():
        return
    yield name, weight


def _best(candidates: list[tuple[str, float]], sender: Address | None) -> str | None:
    """Choose the name with the most evidence: what several places say, and what the sender's domain says too."""
    domain = employer_domain(sender.domain) if sender is not None else None
    scores: dict[str, float] = {}
    spelled: dict[str, str] = {}
    heaviest: dict[str, float] = {}
    for name, weight in candidates:
        key = company_key(name)
        if not key:
            continue
        agrees = domain is not None and domain_names_company(domain, key)
        if weight < 0.75 and not agrees and is_full_name(name):
            continue  # "interview with Hugo Marsh"
        doubt = 1 - min(0.98, weight + (0.3 if agrees else 0.0))
        scores[key] = 1 - (1 - scores.get(key, 0.0)) * doubt
        if weight > heaviest.get(key, 0.0):  # of several spellings the best founded
            heaviest[key], spelled[key] = weight, name
    if not scores:
        return None
    for key in scores:  # the short form counts for the long one
        for other, score in list(scores.items()):
            if other != key and len(key) > len(other) and same_company(key, other):
                scores[key] = 1 - (1 - scores[key]) * (1 - 0.8 * score)
    best = max(scores, key=lambda key: (scores[key], len(key)))
    return spelled[best]


def _role(subject: str, text: str, matched: dict[str, str], company: str | None) -> tuple[str | None, str | None]:
    if "role" in matched and (role := _usable_role(matched["role"], company, strict=False)):
        return role, matched["role"]
    for pattern, strict in _ROLE_IN_TEXT[:3]:
        for found in pattern.finditer(text):
            if role := _usable_role(found["role"], company, strict=strict):
                return role, " ".join(found[0].split())
    for pattern in _ROLE_IN_SUBJECT:
        for found in pattern.finditer(subject):
            if role := _usable_role(found["role"], company, strict=True):
                return role, subject
    for pattern, strict in _ROLE_IN_TEXT[3:]:
        for found in pattern.finditer(text):
            if role := _usable_role(found["role"], company, strict=strict):
                return role, " ".join(found[0].split())
    return None, None


_ROLE_STOP: Final = frozenset(
    "current next right best open new other different same following above first second third final this that".split()
)


def _usable_role(text: str, company: str | None, *, strict: bool) -> str | None:
    """Give the title if it can be a post's; strict: only with a word that names an occupation."""
    text = _ROLE_TRIM.sub(" ", text)
    if company:
        text = re.sub(
            rf"\s*(?:\bat|\bwith|@|-|–|,|\||:)?\s*\b{re.escape(company)}(?:['’]s)?\b\s*", " ", text, flags=re.IGNORECASE
        )
    text = re.sub(r"^(?:the|our|a|an|your|for|as)\s+", "", " ".join(text.split()), flags=re.IGNORECASE).strip(
        " .,;:-–—|\"'“”*"
    )
    text = re.sub(r"\s+(?:role|position|opening|job|vacancy|opportunity)$", "", text, flags=re.IGNORECASE)
    words = text.split()
    if not words or not 2 <= len(text) <= 80 or len(words) > 10:
        return None
    plains = [plain(word.strip(".,()")) for word in words]
    if "#" in text or text.isupper() and len(words) > 1 and any(mark.isdigit() for mark in text):
        return None
    if plains[0] in _ROLE_STOP or is_full_name(text) and not is_title(text):
        return None
    if any(word in _NOT_IN_ROLE for word in plains):
        return None
    if strict and not is_title(text):
        return None
    if not strict and not (text[0].isupper() or is_title(text)):
        return None
    return text


_NOT_IN_ROLE: Final = frozenset(
    "interview interviews application applications we you your i hiring recruiting monday tuesday wednesday thursday friday "
    "received update invitation confirmation reminder thank thanks assessment is are was will has have been next steps".split()
)


def _requisition(text: str) -> str | None:
    for found in _REQUISITION.finditer(text[:_TEXT_LIMIT]):
        value = next(group for group in found.groups() if group)
        if sum(letter.isdigit() for letter in value) >= 3 and not re.fullmatch(r"(?:19|20)\d\d(?:-\d\d){0,2}", value):
            return value
    return None


_ROUND = re.compile(
    r"\b(?:(?P<word>first|second|third|fourth|fifth|1st|2nd|3rd|4th|5th|erste[nrs]?|zweite[nrs]?|dritte[nrs]?|premier|deuxième|second|troisième|primera|segunda|tercera)[ -](?:\w{1,12}[ -])?"
    r"(?:round|interview|stage|gespräch|runde|vorstellungsgespräch|entretien|tour|entrevista|ronda|fase)|(?:round|stage|runde|ronda|interview|fase)[ #]{1,2}(?P<number>[1-9])(?![\d:./]))\b",
    re.IGNORECASE,
)
_ROUND_WORDS: Final = {
    **dict.fromkeys(("first", "1st", "erste", "ersten", "erster", "erstes", "premier", "primera"), 1),
    **dict.fromkeys(("second", "2nd", "zweite", "zweiten", "zweiter", "zweites", "deuxième", "segunda"), 2),
    **dict.fromkeys(("third", "3rd", "dritte", "dritten", "dritter", "drittes", "troisième", "tercera"), 3),
    **dict.fromkeys(("fourth", "4th"), 4),
    **dict.fromkeys(("fifth", "5th"), 5),
}
_FOR_OTHERS = re.compile(
    r"\b(?:(?:my|our|the|a) client(?:'s|’s)?\b|on behalf of (?:our|my|a) client|recruitment (?:agency|consultancy|consultant)|staffing (?:agency|firm)|executive search|headhunt\w{0,4}|"
    r"unser(?:es|e|em|en)? (?:mandant|kunde)\w{0,3}|personalberat\w{0,6}|notre client|cabinet de recrutement|nuestro cliente|consultora de selección)\b",
    re.IGNORECASE,
)


def find_round(text: str, events: Iterable[Invite]) -> int | None:
    """Read which round the message speaks of, if it says one number only."""
    texts = (text[:_TEXT_LIMIT], *(event.summary for event in events))
    found = {
        int(match["number"]) if match["number"] else _ROUND_WORDS.get(match["word"].lower())
        for words in texts
        for match in _ROUND.finditer(words)
    } - {None}
    return found.pop() if len(found) == 1 else None


def recruits_for_others(text: str, titles: Iterable[str | None]) -> bool:
    """Tell whether the sender recruits for somebody else: an agency."""
    return _FOR_OTHERS.search(text[:_TEXT_LIMIT]) is not None or any(
        _FOR_OTHERS.search(title or "") for title in titles
    )
