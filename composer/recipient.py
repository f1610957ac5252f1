"""Whom to address, and which message to answer (policy.md section 5); never a robot, never a guess."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from composer.process import Process, Visit, address_of
from composer.stop import Stop
from composer.workdays import utc
from parsers.model import Address, Away, Bounced, Direction, Facts, Part, Person, Promised, Statement

# Addresses at which nobody reads (S16): by what stands before the "@" ...
_ROBOT = re.compile(
    r"(?:^|[.+_-])(?:no[._-]?reply|do[._-]?not[._-]?reply|notifications?|autoreply|mailer(?:-daemon)?|bounces?|postmaster"
    r"|calendar-notification|scheduler|system|automated)(?:$|[.+_\d-])"
)
# ... and by domain: rooms and group calendars, and the address that is dead on purpose.
_ROBOT_DOMAINS = ("resource.calendar.google.com", "group.calendar.google.com", "invalidemail.com")
# Shared mailboxes are no persons (policy.md 5).
_SHARED = frozenset(
    {"hr", "jobs", "job", "careers", "career", "recruiting", "recruitment", "talent", "hiring", "people", "info"}
    | {"contact", "office", "applications", "bewerbung", "karriere", "personal", "recrutement", "rh", "empleo", "rrhh"}
)
_ARRANGING = frozenset({Part.RECRUITER, Part.COORDINATOR})
# Who counts as an interviewer where the invite does not say so: the first of these that is there.
_NEXT_BEST = (Part.UNKNOWN, Part.RECRUITER, Part.COORDINATOR)
_THREAD_AGE = timedelta(days=60)  # a new mail if the latest is older


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """Somebody whom the user met on a visit, and where their last session ended."""

    name: str | None
    address: str | None
    interview: str
    end: datetime
    arranges: bool = False  # a recruiter's own talk (T5)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Letter:
    at: datetime
    address: str
    key: str
    personal: bool


class People:
    """Everybody at the other side of one process."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._names: dict[str, str] = {}
        self._parts: dict[str, set[Part]] = defaultdict(set)
        self._answerable: dict[str, bool] = {}
        self._letters: list[_Letter] = []
        self._dead: dict[str, Stop] = {}
        self._agency_domains: set[str] = set()
        for fact in process.facts:
            for person in fact.people:
                self._meet(person)
            for said in fact.statements:
                if dead := _why_dead(fact, said):
                    self._dead.setdefault(*dead)
            address = address_of(fact)
            if fact.direction is not Direction.INBOUND or address is None:
                continue
            if address.name and not fact.automatic:
                self._names.setdefault(address.address, address.name)
            if fact.agency:
                self._agency_domains.add(address.domain)
            human = process.is_human(fact)
            reachable = not fact.automatic or fact.answerable
            self._answerable[address.address] = self._answerable.get(address.address, False) or reachable
            if human or fact.events:
                at = utc(fact.received_at)
                self._letters.append(_Letter(at=at, address=address.address, key=fact.key, personal=human))
        for interview in process.timeline.interviews:
            for person in interview.people:
                self._meet(person)

    def _meet(self, person: Person) -> None:
        if person.address:
            self._parts[person.address].add(person.part)
            if person.name:
                self._names.setdefault(person.address, person.name)

    # --------------------------------------------------------------------------------------------------- addresses

    def address(self, address: str) -> Address:
        """Give an address with the name that its owner goes by."""
        return Address(address=address, name=self._names.get(address))

    def hindrance(self, address: str, at: datetime) -> Stop | None:
        """Say why this address must not be written to, if so: S16, S21, S22."""
        process = self._process
        if self.is_robot(address):
            return Stop(rule="S16", reason=f"{address} is read by nobody")
        if (dead := self._dead.get(address)) and dead.since and dead.since <= at:
            return dead
        if process.timeline.agency and not self._is_of_agency(address):
            return Stop(rule="S22", reason="an agency runs the process: nothing goes to its client's staff")
        return None

    def is_robot(self, address: str) -> bool:
        """Whether nobody reads what is sent to this address (S16)."""
        local, _, domain = address.rpartition("@")
        if self._parts[address] & {Part.ROBOT, Part.ROOM} or not self._answerable.get(address, True):
            return True
        return bool(_ROBOT.search(local)) or domain.endswith(_ROBOT_DOMAINS)

    def _is_of_agency(self, address: str) -> bool:
        if any(letter.address == address and letter.personal for letter in self._letters):
            return True  # they wrote to the user directly
        return address.rpartition("@")[2] in self._agency_domains

    # ------------------------------------------------------------------------------------------------ whom to thank

    def guests(self, visit: Visit) -> tuple[Guest, ...]:
        """Give those whom the user met, each once, interviewers with a known address first as the invites list them."""
        met: dict[str, Guest] = {}
        for session in visit.sessions:
            for person in _interviewers(session.interview.people):
                key = (person.address or person.name or "").casefold()
                earlier = met.get(key)
                end = max(session.end, earlier.end) if earlier else session.end
                met[key] = Guest(
                    name=person.name or (self._names.get(person.address) if person.address else None),
                    address=person.address,
                    interview=session.interview.id if end == session.end or not earlier else earlier.interview,
                    end=end,
                    arranges=bool(person.address and self._parts[person.address] & _ARRANGING),
                )
        return tuple(met.values()) or self._host(visit)

    def _host(self, visit: Visit) -> tuple[Guest, ...]:
        """Fall back on whoever fixed the time, where nobody is listed."""
        last = visit.sessions[-1]
        for fact in reversed(self._process.facts):
            if fact.key == last.fixed.fixed_by and fact.direction is Direction.INBOUND and (who := address_of(fact)):
                guest = Guest(name=who.name, address=who.address, interview=last.interview.id, end=last.end)
                return (guest,)
        return ()

    # ------------------------------------------------------------------------------------------------ whom to nudge

    def correspondent(self, at: datetime) -> str | None:
        """Give the address to nudge, as known at an instant: the recruiter or coordinator who last wrote personally;
        the interviewer only if there is no recruiter; a shared mailbox only if no person's address is known.
        """
        writers = [letter.address for letter in reversed(self._letters) if letter.personal and letter.at <= at]
        fixers = [letter.address for letter in reversed(self._letters) if not letter.personal and letter.at <= at]
        met = self._met(at)
        named = [address for address, parts in self._parts.items() if parts & _ARRANGING]
        candidates = (
            *(address for address in writers if self._parts[address] & _ARRANGING),
            *(address for address in (*fixers, *named) if self._parts[address] & _ARRANGING),
            *(address for address in (*writers, *fixers) if Part.INTERVIEWER not in self._parts[address]),
            *writers,
            *met,
            *fixers,
        )
        usable = [address for address in dict.fromkeys(candidates) if not self.hindrance(address, at)]
        persons = [address for address in usable if not is_shared(address)]
        return next(iter((*persons, *usable)), None)

    def _met(self, at: datetime) -> tuple[str, ...]:
        visit = self._process.last_visit(at)
        return tuple(guest.address for guest in self.guests(visit) if guest.address) if visit else ()

    def unreachable(self, at: datetime) -> tuple[str | None, Stop]:
        """Say why nobody can be nudged: whom one would have written to, and the rule."""
        known = [letter.address for letter in reversed(self._letters) if letter.at <= at]
        senders = (address_of(fact) for fact in reversed(self._process.facts) if fact.direction is Direction.INBOUND)
        known += [*self._met(at), *(sender.address for sender in senders if sender)]
        for address in dict.fromkeys(known):
            if stop := self.hindrance(address, at):
                return address, stop
        return None, Stop(rule="S17", reason="no address of a person is known")

    # ----------------------------------------------------------------------------------------------- what to answer

    def message_to_answer(self, address: str, due: datetime) -> str | None:
        """Give the key of this person's latest mail, or of their invite where they wrote none; None: a new mail."""
        theirs = [letter for letter in self._letters if letter.address == address and letter.at <= due]
        recent = [letter for letter in theirs if due - letter.at <= _THREAD_AGE]
        latest = max(recent, key=lambda letter: (letter.personal, letter.at), default=None)
        return latest.key if latest else None

    def wrote_after(self, address: str, at: datetime) -> bool:
        """Whether this person wrote personally after an instant."""
        return any(letter.address == address and letter.personal and letter.at > at for letter in self._letters)

    def same_day_promise(self, visit: Visit) -> str | None:
        """Give the key of the message that says that the decision falls on the day of this visit, if one does (T2)."""
        for fact in self._process.facts:
            for said in self._process.statements(fact):
                if isinstance(said, Promised) and said.promise.by == visit.day and not said.promise.passive_rejection:
                    return fact.key
        return None


def _why_dead(fact: Facts, said: Statement) -> tuple[str, Stop] | None:
    """Give the address at which nobody is any more, by what a message says, and why (S21)."""
    since = utc(fact.received_at)
    if isinstance(said, Bounced) and said.address:
        return said.address, Stop(rule="S21", reason=f"an earlier mail to {said.address} came back", since=since)
    if isinstance(said, Away) and said.left and fact.sender:
        address = fact.sender.address
        return address, Stop(rule="S21", reason=f"{address} has left the employer", since=since)
    return None


def is_shared(address: str) -> bool:
    """Whether an address is a team's, not a person's."""
    return address.rpartition("@")[0].partition("+")[0] in _SHARED


def _interviewers(people: Iterable[Person]) -> tuple[Person, ...]:
    people = tuple(people)
    interviewers = tuple(person for person in people if person.part is Part.INTERVIEWER)
    if interviewers:
        return interviewers
    return next((found for part in _NEXT_BEST if (found := tuple(p for p in people if p.part is part))), ())
