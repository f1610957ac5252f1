"""Reads who takes part: a message's names, titles and addresses in, Persons with their parts out.

Interviewers are those whom the text says the user will meet and the human attendees of an invite; who only writes or
organizes is one if nobody else is named or the text says so (policy.md section 5).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from parsers.employer import company_key, same_company
from parsers.model import Address, Invite, Mail, Part, Person
from parsers.names import (
    FIRST_NAME_PATTERN,
    NAME_PATTERN,
    is_full_name,
    is_title,
    part_of_title,
    person_name,
    word_lists,
)
from parsers.senders import find_system, is_robot, is_shared
from parsers.spelling import plain

_TEXT_LIMIT: Final = 8000
PEOPLE_LIMIT: Final = 20

_AFTER_TIME: Final = 2  # lines

_NAME = re.compile(rf"(?<![\w@.'’-]){NAME_PATTERN}(?![\w@])")
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")
_TITLE_AFTER = re.compile(
    r"\s{0,2}(?:,|\(|\||[-–—:])\s{0,2}(?:(?:our|the|a|an|unser(?:e|em|er)?|notre|nuestro|nuestra)\s)?(?P<title>[^\n,;.()|<>]{2,70})"
)
_TITLE_BEFORE = re.compile(
    r"(?:\b(?:our|the|my colleague|unser(?:e|em|er|en)?|notre|nuestr[oa]|my)\s|^\W{0,4})(?P<title>[^\W\d_][\w &/-]{2,50}?),?\s$",
    re.IGNORECASE,
)
# What stands before somebody whom the user will meet, in the same line.
_MEETS = re.compile(
    r"\b(?:with|meet|meets|meeting|speak to|speaking to|talk to|talking to|interviewers?|interviewed by|who(?=\s?:)|joined by|conducted by|led by|run by|"
    r"hosted by|panel|panelists?|host|introduce you to|chat(?:ting)? to|mit|treffen|gesprächspartner(?:in)?|teilnehmer|avec|rencontrer\w{0,3}|"
    r"reçue?s? par|con|com|se reunirá|entrevistador(?:es|as?)?|participants?|attendees|teilnehmende|together with|call from|ring from|seeing|see)\b",
    re.IGNORECASE,
)
_MEETS_AFTER = re.compile(
    r"^[^.\n]{0,60}?\b(?:will|wird|va|would like to|is going to|is looking forward to|are looking forward to|looks forward to)\s(?:be\s|also\s|then\s|both\s)?"
    r"(?:call|ring|phone|interview|meet|meeting|join|joining|lead|leading|run|conduct|conducting|host|hosting|speak|speaking|talk|talking|step|take over|be your|your|"
    r"cover|see|seeing|welcome|interviewing|walk|sit|anrufen|führen|vous)\b",
    re.IGNORECASE,
)
_ABSENT_AFTER = re.compile(
    r"^[^.\n]{0,30}?\b(?:is|are|was|has|can|will)\s(?:now\s|unfortunately\s)?(?:unavailable|out|sick|ill|no longer|not|unable|away|on leave|fallen)\b",
    re.IGNORECASE,
)
# What stands before somebody who is only mentioned.
_MENTIONED = re.compile(
    r"\b(?:questions?|contact|reach out to|reach|write to|email|e-mail|instead of|on behalf of|behalf|cc|copied|copying|arranged by|organi[sz]ed by|coordinat\w{0,8}|"
    r"scheduled by|thanks to|referred by|dear|hi|hello|hallo|hey|bonjour|hola|liebe[rs]?|sehr geehrte[rs]?|ask for|regards|sincerely|from|reports? to|replac\w{0,5}|introduced by|spoke with|met with|met|talked to|spoken with|conversation with)\b[\s,:;!]{0,3}(?:[\w'’&.-]{1,20}\s){0,3}$",
    re.IGNORECASE,
)
_HEADING = re.compile(r":\s{0,4}$")
_BULLET = re.compile(r"^\s{0,8}(?:[-*•·–—]|\d{1,2}[.)])\s")
_WITH_ME = re.compile(
    r"\b(?:with me\b|join me\b|meet me\b|speak(?:ing)? (?:to|with) me\b|my (?:calendar|zoom|office|meeting room|line|mobile)\b|i(?:'ll|’ll| will| shall| am going to) (?:call|ring|phone|dial|meet|see|interview|give you a (?:call|ring))|"
    r"call me\b|mit mir\b|avec moi\b|conmigo\b|comigo\b|ich rufe sie an|je vous appelle|our (?:chat|call|conversation|interview|talk|meeting)\b|"
    r"(?:speaking|talking|meeting|chatting|catching up|interviewing|connecting) (?:to|with) you|meeting you\b|speak (?:with|to) you|talk (?:with|to) you|meet you\b|see you\b)",
    re.IGNORECASE,
)
_SOMEBODY_ELSE = re.compile(
    r"\b(?:with|meet|meeting|speak(?:ing)? (?:to|with)|talk(?:ing)? (?:to|with)|joined by|mit|avec|con)\s(?:one of\s|a (?:member|colleague) of\s|members? of\s|some of\s|several of\s|two of\s|a few of\s)?"
    r"(?:our|the|my|a|an|unser\w{0,3}|notre|nos|nuestr\w{1,3}|einem?r?|der|dem|le|la|el|l['’])\s{0,1}(?:[\w-]{1,20}\s){0,3}?(?:team|managers?|directors?|engineers?|colleagues?|lead|leads|head|heads|founders?|cto|ceo|vp|panel|committee|interviewers?|"
    r"group|staff|developers?|teamleit\w{0,5}|kolleg\w{0,4}|abteilung|équipe|responsable|equipo|gerente|recruiter|department|fachbereich|manager:in)\b",
    re.IGNORECASE,
)
_FIRST_NAME = re.compile(
    rf"\b(?:[Ww]ith|[Mm]eet|[Ss]peak(?:ing)? to|[Tt]alk(?:ing)? to|[Mm]it|[Aa]vec|[Cc]on|[Jj]oined by|and|und|et|y)\s(?P<name>{FIRST_NAME_PATTERN})(?![\w@]|\s[A-Z][a-z])"
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A person named in a text; `start` and `end` are the offsets of the name."""

    person: Person
    start: int
    end: int
    meets: bool  # the text says that the user will meet this person


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Everybody of the other side. `host` is the sender as an interviewer, where the text leaves nobody else."""

    people: tuple[Person, ...] = ()
    mentions: tuple[Mention, ...] = ()
    host: Person | None = None

    def interviewers(self) -> tuple[Person, ...]:
        """Give those whom the text names as interviewers, else the host."""
        met = tuple(mention.person for mention in self.mentions if mention.meets)
        return unique(met) or ((self.host,) if self.host else ())

    def met_between(self, start: int, end: int) -> tuple[Person, ...]:
        """Give the interviewers who are named in this stretch of the text."""
        return unique(m.person for m in self.mentions if m.meets and start <= m.start < end)


def unique(people: Iterable[Person]) -> tuple[Person, ...]:
    """Give each person once, by address, else by name."""
    found: dict[str, Person] = {}
    for person in people:
        key = plain(person.address or person.name or "")
        found.setdefault(key, person)
    return tuple(found.values())


def find_cast(
    mail: Mail,
    text: str,
    *,
    signature: str,
    sign_off: str | None,
    own: frozenset[str],
    own_name: str,
    company: str | None,
    time_lines: Sequence[tuple[int, int]] = (),
) -> Cast:
    """Read everybody whom a message names. `time_lines` are the spans of text lines in which a time stands."""
    text = text[:_TEXT_LIMIT]
    sender = _sender(mail, f"{text[-700:]}\n{signature}", sign_off, own)
    written_to = [address for address in (*mail.cc, *mail.to) if address.address not in own]
    pool = [
        *written_to,
        *mail.senders,
        *mail.reply_to,
        *(Address(address=found[0].lower()) for found in _MAIL.finditer(text)),
    ]
    mentions = _mentions(text, pool, own=own, own_name=own_name, company=company, time_lines=time_lines, sender=sender)
    people = [mention.person for mention in mentions]
    if sender is not None:
        people = [_joined(sender, person) if _same(sender, person) else person for person in people]
        if not any(_same(sender, person) for person in people):
            people.append(sender)
    people += [
        person
        for address in written_to
        if (person := _addressee(address)) and not any(_same(person, known) for known in people)
    ]
    met = [mention for mention in mentions if mention.meets]
    host = None
    if sender is not None and not met and (not _SOMEBODY_ELSE.search(text) or _WITH_ME_ONLY.search(text)):
        host = replace(sender, part=Part.INTERVIEWER)
    elif (
        sender is not None
        and met
        and re.search(r"\b(?:and me|and myself|with me and|me and|mit mir|und mir|et moi|y yo)\b", text, re.IGNORECASE)
    ):
        mentions = (*mentions, Mention(replace(sender, part=Part.INTERVIEWER), met[0].start, met[0].end, True))
    return Cast(people=unique(people)[:PEOPLE_LIMIT], mentions=mentions, host=host)


_WITH_ME_ONLY = re.compile(
    r"\b(?:with me\b|mit mir\b|avec moi\b|conmigo\b|comigo\b|i(?:'ll|’ll| will) (?:call|ring|phone|meet|interview))",
    re.IGNORECASE,
)


def _sender(mail: Mail, ending: str, sign_off: str | None, own: frozenset[str]) -> Person | None:
    if not mail.senders or mail.senders[0].address in own:
        return None
    address = mail.senders[0]
    system = find_system(address)
    if is_robot(address) or (system is not None and not system.is_relay(address.address)):
        return None
    name = person_name(address.name) or person_name(sign_off)
    if is_shared(address) and (person_name(address.name) is None):
        return None
    signed = person_name(sign_off)
    if name and signed and " " not in name and signed.startswith(name):
        name = signed
    title = _title_in(ending, name)
    return Person(name=name, address=address.address, title=title, part=part_of_title(title))


def _title_in(ending: str, name: str | None) -> str | None:
    """Find the title that stands beside or below a name in a signature."""
    lines = [line.strip(" *_\t") for line in ending.splitlines()]
    first = plain(name.split()[0]) if name else None
    for index in range(len(lines) - 1, -1, -1):
        line = lines[index]
        if first is None or not plain(line).startswith(first) or len(line) > 120:
            continue
        rest = line[len(name or "") :] if name and plain(line).startswith(plain(name)) else line
        for piece in re.split(r"\s[|•·–—-]\s|[,|]\s?|\s{2,}", rest):
            if piece.strip() and is_title(piece) and plain(piece) != plain(name or ""):
                return piece.strip(" ()")
        for below in lines[index + 1 : index + 4]:
            for piece in re.split(r"\s[|•·–—-]\s|[,|]\s?| at | @ ", below):
                if is_title(piece) and not _MAIL.search(piece):
                    return piece.strip(" ()")
    return None


def _addressee(address: Address) -> Person | None:
    if is_robot(address) or is_shared(address) or find_system(address) is not None:
        return None
    return Person(name=person_name(address.name), address=address.address)


def _mentions(
    text: str,
    pool: Sequence[Address],
    *,
    own: frozenset[str],
    own_name: str,
    company: str | None,
    time_lines: Sequence[tuple[int, int]],
    sender: Person | None,
) -> tuple[Mention, ...]:
    found: list[Mention] = []
    own_words = {plain(word) for word in own_name.split()}
    company_words = company_key(company)
    heading = False
    position = 0
    since_time = _AFTER_TIME + 1  # written lines since the last one with a time
    for line in text.split("\n"):
        start, position = position, position + len(line) + 1
        if not line.strip():
            continue
        timed = any(first < position and start < last for first, last in time_lines)
        since_time = 0 if timed else since_time + 1
        listed = heading and (_BULLET.match(line) is not None or _NAME.match(line.lstrip(" -*•·\t")) is not None)
        heading = listed or (bool(_HEADING.search(line)) and bool(_MEETS.search(line)))
        for match in _NAME.finditer(line):
            span = _person_span(line, match)
            if span is None:
                continue
            name = line[span[0] : span[1]]
            plains = {plain(word) for word in name.split()}
            if plains <= own_words or (len(own_words & plains) > 1) or same_company(company_key(name), company_words):
                continue
            person = _described(name, line, span, pool, own)
            # A line that is a person's card, right below a time: "Wes Tran, Creative Director".
            card = since_time <= _AFTER_TIME and not line[: span[0]].strip(" -*•·\t") and bool(person.title or person.address)
            card = card and not (sender and _same(sender, person))
            found.append(Mention(person, start + span[0], start + span[1], _meets(line, span, timed=timed or listed or card)))
    found += _by_first_name(text, pool, own_words, company_words, found, sender)
    return tuple(found[:PEOPLE_LIMIT])


def _person_span(line: str, match: re.Match[str]) -> tuple[int, int] | None:
    """Give the part of a run of capitalized words that is a person's name, if any."""
    first, last = match.span()
    words = line[first:last].split(" ")
    # "Meeting Ann Whitlock", "Interview Ann Whitlock": what is no name stands before or after it.
    skip = word_lists()["not_a_name"] | word_lists()["title_heads"]
    while words and plain(words[0].rstrip(".")) in skip:
        first += len(words.pop(0)) + 1
    while words and (plain(words[-1].rstrip(".")) in skip):
        last -= len(words.pop()) + 1
    return (first, last) if len(words) > 1 and is_full_name(" ".join(words)) else None


def _meets(line: str, span: tuple[int, int], *, timed: bool) -> bool:
    before, after = line[: span[0]], line[span[1] :]
    if _ABSENT_AFTER.match(after) or _MENTIONED.search(before):
        return False
    # Only the sentence in which the name stands counts.
    sentence = re.split(r"[.!?;]\s", before)[-1]
    return timed or bool(_MEETS.search(sentence)) or bool(_MEETS_AFTER.match(after))


def _described(name: str, line: str, span: tuple[int, int], pool: Sequence[Address], own: frozenset[str]) -> Person:
    after = line[span[1] :]
    title = None
    beyond = _MAIL.sub("", after)
    found = _TITLE_AFTER.match(beyond.replace("<>", "").replace("()", ""))
    if found and is_title(found["title"]):
        title = found["title"].strip()
    elif (before := _TITLE_BEFORE.search(line[: span[0]])) and is_title(before["title"]):
        title = before["title"].strip()
    nearby = _MAIL.search(after[:90])
    next_name = _NAME.search(after)
    address = None
    if nearby and (next_name is None or nearby.start() < next_name.start()) and nearby[0].lower() not in own:
        address = nearby[0].lower()
    address = address or _address_of(name, pool, own)
    part = part_of_title(title)
    return Person(name=name, address=address, title=title, part=part)


def _address_of(name: str, pool: Iterable[Address], own: frozenset[str]) -> str | None:
    """Find the one address, among those that occur, that bears this name; an address is never made up."""
    words = [plain(word).strip(".") for word in name.replace("-", " ").split()]
    found = {address.address for address in pool if address.address not in own and _bears(address, words, name)}
    return found.pop() if len(found) == 1 else None


def _bears(address: Address, words: Sequence[str], name: str) -> bool:
    if is_robot(address) or is_shared(address):
        return False
    if address.name and plain(person_name(address.name) or "") == plain(name):
        return True
    local = re.split(r"[._+-]", plain(address.local_part))
    joined = "".join(local)
    first, last = words[0], words[-1]
    spellings = {first, last, first + last, last + first, first[0] + last, first + last[0], last + first[0]}
    return joined in spellings or {first, last} <= set(local)


def _by_first_name(
    text: str,
    pool: Sequence[Address],
    own_words: set[str],
    company_words: str,
    known: list[Mention],
    sender: Person | None,
) -> list[Mention]:
    """Find people whom the text calls by first name: known ones, or ones whose title or address it gives."""
    found: list[Mention] = []
    lists = word_lists()
    for match in _FIRST_NAME.finditer(text):
        name = match["name"]
        word = plain(name)
        if (
            word in own_words
            or word in lists["not_a_name"]
            or word in lists["team"]
            or word in company_words.split()
            or word in lists["title_heads"]
        ):
            continue
        start, end = match.span("name")
        if any(mention.start <= start < mention.end for mention in known):
            continue
        joining = match[0].split()[0].lower() in {"and", "und", "et", "y"}
        people = [mention.person for mention in known] + ([sender] if sender else [])
        same = next((person for person in people if person.name and plain(person.name.split()[0]) == word), None)
        after = text[end : end + 80]
        title = _TITLE_AFTER.match(after)
        if same is not None:
            person = same
        elif title and is_title(title["title"]):
            person = Person(
                name=name,
                address=_address_of(name, pool, frozenset()),
                title=title["title"].strip(),
                part=part_of_title(title["title"]),
            )
        elif (address := _address_of(name, pool, frozenset())) is not None:
            named = next((other.name for other in pool if other.address == address and other.name), None)
            person = Person(name=person_name(named) or name, address=address)
        elif company_words and not joining:
            person = Person(name=name, address=None)
        else:
            continue
        meets = not joining or any(mention.meets and 0 <= start - mention.end < 60 for mention in (*known, *found))
        found.append(Mention(person, start, end, meets))
    return found


def _same(one: Person, other: Person) -> bool:
    if one.address and other.address:
        return one.address == other.address
    return bool(one.name and other.name and plain(one.name) == plain(other.name))


def _joined(one: Person, other: Person) -> Person:
    title = one.title or other.title
    part = one.part if one.part is not Part.UNKNOWN else other.part
    return Person(name=other.name or one.name, address=one.address or other.address, title=title, part=part)


def invited_people(invite: Invite, *, own: frozenset[str], cast: Cast) -> tuple[tuple[Person, ...], tuple[Person, ...]]:
    """Give an invite's interviewers, and everybody else on it (organizer, rooms, robots)."""
    titles = {person.address: person for person in cast.people if person.address}
    guests: list[Person] = []
    others: list[Person] = []
    for attendee in invite.attendees:
        if attendee.address in own:
            continue
        address = Address(address=attendee.address, name=attendee.name)
        known = titles.get(attendee.address)
        name = person_name(attendee.name) or (known.name if known else None)
        if attendee.cutype in {"ROOM", "RESOURCE"} or address.domain.endswith("resource.calendar.google.com"):
            others.append(Person(name=attendee.name, address=attendee.address, part=Part.ROOM))
        elif (
            attendee.cutype == "GROUP"
            or is_robot(address)
            or is_shared(address)
            or find_system(address) is not None
            or _NOTE_TAKER.search(attendee.address)
        ):
            others.append(Person(name=attendee.name, address=attendee.address, part=Part.ROBOT))
        else:
            guests.append(
                Person(
                    name=name,
                    address=attendee.address,
                    title=known.title if known else None,
                    part=known.part if known else Part.UNKNOWN,
                )
            )
    organizer = invite.organizer
    host: Person | None = None
    if (
        organizer is not None
        and organizer.address not in own
        and not is_robot(organizer)
        and not is_shared(organizer)
        and find_system(organizer) is None
    ):
        known = titles.get(organizer.address)
        host = Person(
            name=person_name(organizer.name) or (known.name if known else None),
            address=organizer.address,
            title=known.title if known else None,
            part=known.part if known else Part.UNKNOWN,
        )
    met = {mention.person.address for mention in cast.mentions if mention.meets and mention.person.address}
    interviewers = [
        guest
        for guest in guests
        if guest.address in met or (guest.part is Part.UNKNOWN and (host is None or guest.address != host.address))
    ]
    if not interviewers:
        interviewers = [guest for guest in guests if host is None or guest.address != host.address]
    named = [mention.person for mention in cast.mentions if mention.meets]
    interviewers += [person for person in named if not any(_same(person, known) for known in interviewers)]
    if not interviewers and host is not None:
        interviewers = [host]
    chosen = tuple(replace(person, part=Part.INTERVIEWER) for person in unique(interviewers))
    rest = [guest for guest in guests if not any(_same(guest, person) for person in chosen)]
    if host is not None and not any(_same(host, person) for person in (*chosen, *rest)):
        rest.append(host)
    return chosen, (*rest, *others)


_NOTE_TAKER = re.compile(
    r"@(?:[\w-]+\.)*(?:otter\.ai|fireflies\.ai|read\.ai|fathom\.video|tldv\.io|metaview\.ai|brighthire\.ai|grain\.com|assistant\.)",
    re.IGNORECASE,
)
