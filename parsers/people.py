"""Reads who takes part: a message's names, titles and addresses in, Persons with their parts out.

Interviewers are those whom the text says the user will meet and the human attendees of an invite; who only writes or
organizes is one if nobody else is named or the text says so (policy.md section 5).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from parsers.cues import cue
from parsers.mentions import MAIL_PATTERN, Context, Mention, find_mentions, same_person
from parsers.model import Address, Attendee, Invite, Mail, Part, Person
from parsers.names import is_title, part_of_title, person_name
from parsers.senders import find_system, is_robot, is_room, is_shared
from parsers.spelling import plain

PEOPLE_LIMIT: Final = 20
_TEXT_LIMIT: Final = 8000
_ENDING: Final = 700  # characters at the end of a text among which a signature may stand

_WITH_ME = cue(r"\b{with_me}")
_SOMEBODY_ELSE = cue(r"\b{talks_with}\s(?:{one_of}\s)?{article}\s{0,1}(?:[\w-]{1,20}\s){0,3}?{unnamed}\b")
_NOTE_TAKER = cue(r"@(?:[\w-]{1,40}\.){0,3}{note_taker}")
_ROOM = cue(r"\b{room_name}\b")
_BOT = cue(r"\b{bot_name}\b")
_PIECES = re.compile(r"\s[|•·–—-]\s|[,|]\s?| at | @ |\s{2,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Everybody of the other side. `host` is the sender as interviewer: the text says so or leaves nobody else."""

    people: tuple[Person, ...] = ()
    mentions: tuple[Mention, ...] = ()
    host: Person | None = None

    def interviewers(self) -> tuple[Person, ...]:
        """Give those whom the text names as interviewers, and the host."""
        met = [mention.person for mention in self.mentions if mention.meets]
        return as_interviewers((*met, *((self.host,) if self.host else ())))

    def met_between(self, start: int, end: int) -> tuple[Person, ...]:
        """Give the interviewers who are named in this stretch of the text."""
        return as_interviewers(m.person for m in self.mentions if m.meets and start <= m.start < end)


def unique(people: Iterable[Person]) -> tuple[Person, ...]:
    """Give each person once, by address, else by name."""
    found: dict[str, Person] = {}
    for person in people:
        found.setdefault(plain(person.address or person.name or ""), person)
    return tuple(found.values())


def as_interviewers(people: Iterable[Person]) -> tuple[Person, ...]:
    """Give each person once, as an interviewer."""
    return tuple(replace(person, part=Part.INTERVIEWER) for person in unique(people))


def find_cast(
    mail: Mail,
    text: str,
    *,
    signature: str,
    sign_off: str | None,
    own: frozenset[str],
    own_name: str,
    company: str | None,
    events: Sequence[Invite] = (),
    times: Iterable[tuple[int, int]] = (),
) -> Cast:
    """Read everybody whom a message names; `times` are the spans of the text's times."""
    text = text[:_TEXT_LIMIT]
    sender = _sender(mail, f"{text[-_ENDING:]}\n{signature}", sign_off, own)
    written_to = tuple(address for address in (*mail.cc, *mail.to) if address.address not in own)
    invited = tuple(Address(address=a.address, name=a.name) for event in events for a in event.attendees)
    in_text = tuple(Address(address=found[0].lower()) for found in MAIL_PATTERN.finditer(text))
    context = Context(
        own=own,
        own_name=own_name,
        company=company,
        sender=sender,
        pool=(*mail.senders, *mail.reply_to, *written_to, *invited, *in_text),
        times=tuple(times),
    )
    mentions = find_mentions(text, context)
    met = any(mention.meets for mention in mentions)
    host = None
    if sender is not None and (_WITH_ME.search(text) or not (met or _SOMEBODY_ELSE.search(text))):
        host = replace(sender, part=Part.INTERVIEWER)
    if met and host is not None and any(m.meets and same_person(m.person, host) for m in mentions):
        host = None
    named = [_joined(sender, m.person) if sender and same_person(sender, m.person) else m.person for m in mentions]
    # Who was written to is named by the header; the fuller entry, from the text, comes first.
    people = unique(
        (*named, *((sender,) if sender else ()), *(person for a in written_to if (person := _addressee(a))))
    )
    return Cast(people=people[:PEOPLE_LIMIT], mentions=mentions, host=host)


def _sender(mail: Mail, ending: str, sign_off: str | None, own: frozenset[str]) -> Person | None:
    """Give the writer, if a person wrote."""
    address = mail.senders[0] if mail.senders else None
    if address is None or address.address in own or is_robot(address):
        return None
    system = find_system(address)
    if system is not None and not system.is_relay(address.address):
        return None
    name, signed = person_name(address.name), person_name(sign_off)
    if is_shared(address) and name is None:
        return None
    if name is None or (signed is not None and " " not in name and signed.startswith(name)):
        name = signed
    title = _title_in(ending, name)
    return Person(name=name, address=address.address, title=title, part=part_of_title(title))


def _title_in(ending: str, name: str | None) -> str | None:
    """Find the title that stands beside or below a name in a signature."""
    if name is None:
        return None
    lines = [line.strip(" *_\t") for line in ending.splitlines()]
    first = plain(name.split()[0])
    for index in range(len(lines) - 1, -1, -1):
        line = lines[index]
        if len(line) > 120 or not plain(line).startswith(first):
            continue
        beside = line[len(name) :] if plain(line).startswith(plain(name)) else line
        for place in (beside, *lines[index + 1 : index + 4]):
            for piece in _PIECES.split(place):
                if is_title(piece) and not MAIL_PATTERN.search(piece) and plain(piece) != plain(name):
                    return piece.strip(" ()")
    return None


def _addressee(address: Address) -> Person | None:
    if is_robot(address) or is_shared(address) or find_system(address) is not None:
        return None
    return Person(name=person_name(address.name), address=address.address)


def _joined(one: Person, other: Person) -> Person:
    return Person(
        name=other.name or one.name,
        address=one.address or other.address,
        title=one.title or other.title,
        part=one.part if one.part is not Part.UNKNOWN else other.part,
    )


def invited_people(invite: Invite, *, own: frozenset[str], cast: Cast) -> tuple[tuple[Person, ...], tuple[Person, ...]]:
    """Give an invite's interviewers, and everybody else on it: who organizes, rooms, robots."""
    guests: list[Person] = []
    others: list[Person] = []
    for attendee in invite.attendees:
        if attendee.address in own:
            continue
        if (part := _no_person(attendee)) is not None:
            others.append(Person(name=attendee.name, address=attendee.address, part=part))
        else:
            guests.append(_known(Address(address=attendee.address, name=attendee.name), cast))
    host = None
    organizer = invite.organizer
    if organizer is not None and organizer.address not in own and _addressee(organizer) is not None:
        host = _known(organizer, cast)
    met = [mention.person for mention in cast.mentions if mention.meets]
    beside_host = [guest for guest in guests if host is None or guest.address != host.address]
    # Recruiters sit in without interviewing, unless nobody else is there or the text says so.
    chosen = [g for g in guests if any(same_person(g, m) for m in met)]
    chosen += [g for g in beside_host if g.part is Part.UNKNOWN]
    chosen += [person for person in met if not any(same_person(person, guest) for guest in guests)]
    interviewers = as_interviewers(chosen or beside_host or ((host,) if host else ()))
    rest = [p for p in (*guests, *((host,) if host else ())) if not any(same_person(p, i) for i in interviewers)]
    return interviewers, unique((*rest, *others))


def _no_person(attendee: Attendee) -> Part | None:
    """Tell what an attendee is that is no person; None for a person."""
    address = Address(address=attendee.address, name=attendee.name)
    if attendee.cutype in {"ROOM", "RESOURCE"} or is_room(address) or _ROOM.search(attendee.name or ""):
        return Part.ROOM
    if attendee.cutype == "GROUP" or _addressee(address) is None or _NOTE_TAKER.search(attendee.address):
        return Part.ROBOT
    if _BOT.search(attendee.name or ""):
        return Part.ROBOT
    return None


def _known(address: Address, cast: Cast) -> Person:
    """Give the person behind an address with what the text says of them."""
    known = next((person for person in cast.people if person.address == address.address), None)
    name = person_name(address.name) or (known.name if known else None)
    if known is None:
        return Person(name=name, address=address.address)
    return replace(known, name=name)
