"""What several messages say of who takes part, in; one entry a person of the other side, interviewers first, out."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import replace

from parsers.model import Facts, Moved, Part, Person, Scheduled

# A known part outranks none; to interview outranks to arrange, since it was said of this talk.
_RANK = {
    Part.INTERVIEWER: 0,
    Part.RECRUITER: 1,
    Part.COORDINATOR: 2,
    Part.ROBOT: 3,
    Part.ROOM: 3,
    Part.UNKNOWN: 4,
}


def name_key(name: str | None) -> str:
    """Reduce a name to its words in one order, so that "Lee, Dana" and "dana lee" are one."""
    decomposed = unicodedata.normalize("NFKD", (name or "")[:200].casefold())
    plain = "".join(letter if letter.isalnum() else " " for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(sorted(plain.split()))


def merge(people: Iterable[Person], *, own: Collection[str], own_names: Collection[str]) -> tuple[Person, ...]:
    """Give each person once: an address beats a bare name, a known part and title beat none. The user is left out."""
    entries: list[Person] = []
    by_address: dict[str, int] = {}
    named: list[Person] = []
    for person in people:
        address = person.address.casefold() if person.address else None
        if address is None:
            if name_key(person.name) not in own_names and person.name:
                named.append(person)
        elif address not in own:
            if address in by_address:
                entries[by_address[address]] = _merged(entries[by_address[address]], person)
            else:
                by_address[address] = len(entries)
                entries.append(person)
    for person in named:
        place = _place_of_name(name_key(person.name), entries)
        if place is None:
            entries.append(person)
        else:
            entries[place] = _merged(entries[place], person)
    return tuple(sorted(entries, key=lambda person: _RANK[person.part]))


def _place_of_name(name: str, entries: list[Person]) -> int | None:
    """Find the entry that a bare name means: the same name, else a shorter or longer form that fits one entry only."""
    keys = [name_key(entry.name) for entry in entries]
    if name in keys:
        return keys.index(name)
    words = set(name.split())
    known = [set(key.split()) for key in keys]
    fitting = [place for place, others in enumerate(known) if others and (words <= others or others <= words)]
    return fitting[0] if len(fitting) == 1 else None


def _merged(known: Person, said: Person) -> Person:
    return replace(
        known,
        name=known.name if known.name and "@" not in known.name else said.name or known.name,
        address=known.address or said.address,
        part=min(known.part, said.part, key=lambda part: _RANK[part]),
        title=known.title or said.title,
    )


def reachable(facts: Facts, own: Collection[str]) -> tuple[str, ...]:
    """Give the addresses of persons of the other side whom a message names; rooms and robots are none."""
    sessions = [
        session for said in facts.statements if isinstance(said, Scheduled | Moved) for session in said.sessions
    ]
    named = [*facts.people, *(person for session in sessions for person in session.people)]
    addresses = [person.address for person in named if person.address and person.part not in (Part.ROBOT, Part.ROOM)]
    addresses += [
        guest.address for event in facts.events for guest in event.attendees if guest.cutype in (None, "INDIVIDUAL")
    ]
    addresses += [event.organizer.address for event in facts.events if event.organizer]
    return tuple(dict.fromkeys(folded for address in addresses if (folded := address.casefold()) not in own))
