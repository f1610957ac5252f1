"""A message and the open processes in, the process to which the message belongs out.

Match order: same thread > UID > relay address > requisition id > employer and post > employer and the one open process
there. Two open processes and nothing to separate them: nothing is touched, and the doubt is stated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from parsers.employer import Likeness, is_system
from parsers.model import (
    Acknowledged,
    Approached,
    Assessed,
    Away,
    Bounced,
    Cancelled,
    Declined,
    Facts,
    HandedIn,
    Invited,
    Missed,
    Moved,
    Offered,
    Rejected,
    Scheduled,
    Withdrew,
)
from parsers.process import Process, Self, Trace
from parsers.thread import Threads

_FRESH = (Acknowledged, Invited, Scheduled, Assessed, Offered)  # may begin an application anew
_CONTINUING = (Moved, Cancelled, Missed)  # speak of something that exists: a differing title is only a spelling


@dataclass(frozen=True, slots=True)
class Found:
    """The process, and whether the thread itself says so."""

    process: Process
    by_thread: bool = False


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why the message cannot be given to one process."""

    reason: str


class Register:
    """The processes found so far, by everything that can lead to one."""

    def __init__(self) -> None:
        self.processes: list[Process] = []
        self.threads: Threads[Process] = Threads()
        self._uids: dict[str, Process] = {}
        self._keys: dict[str, dict[Process, None]] = {}

    def add(self, process: Process) -> None:
        """Take in a new process."""
        self.processes.append(process)

    def note(self, process: Process, fact: Facts, seen: Trace) -> None:
        """Note what the message, just read, adds to the ways that lead to its process."""
        self.threads.add(fact, process)
        for uid in uids(fact):
            self._uids.setdefault(uid, process)
        addresses = (address for address in seen.addresses if address in process.addresses)
        for key in (*addresses, *_employer_keys(seen)):
            self._keys.setdefault(key, {})[process] = None

    def with_uid(self, fact: Facts) -> Process | None:
        """Find the process of a calendar object of the message."""
        return next((self._uids[uid] for uid in uids(fact) if uid in self._uids), None)

    def with_address(self, addresses: Iterable[str]) -> list[Process]:
        """List the processes in which one of the addresses is known, in order of opening."""
        wanted = tuple(addresses)
        found = {process: None for address in wanted for process in self._keys.get(address, ())}
        return [process for process in found if process.knows(wanted)]

    def at_employer(self, seen: Trace) -> list[Process]:
        """List the processes of the employer, or in which the message's persons are known."""
        found = {process: None for key in _employer_keys(seen) for process in self._keys.get(key, ())}
        found |= dict.fromkeys(self.with_address(seen.addresses))
        return [process for process in found if process.has_employer(seen) or process.knows(seen.addresses)]


def uids(fact: Facts) -> Iterator[str]:
    """Yield the UIDs of the calendar objects that the message's statements are about."""
    for said in fact.statements:
        if isinstance(said, Scheduled | Moved):
            yield from (session.uid for session in said.sessions if session.uid)
        elif isinstance(said, Cancelled | Declined) and said.uid:
            yield said.uid


def _employer_keys(seen: Trace) -> Iterator[str]:
    """Yield coarse keys that two messages of one employer share; `Process.has_employer` decides."""
    for domain in (*seen.domains, *seen.agency_domains):
        label = domain.split(".", 1)[0].replace("-", "")
        yield from (f"domain {domain}", f"name {label}", f"name {label[:4]}")
    if seen.company:
        words = seen.company.split()
        squeezed = "".join(words)
        initials = "".join(word[0] for word in words)
        yield from (f"name {name}" for name in {words[0], squeezed, squeezed[:4], words[0][:4], initials})


# ---------------------------------------------------------------------------------------------------- the other side's


def find_process(fact: Facts, seen: Trace, register: Register) -> Found | Doubt | None:
    """Find the process of a message from the other side; None where it belongs to none that is known."""
    threaded = register.threads.find(fact)
    if threaded is not None and threaded.allows(fact, seen) and not _begins_another(fact, threaded):
        return Found(threaded, by_thread=True)
    by_uid = register.with_uid(fact)
    if by_uid is not None:
        return Found(by_uid)
    relays = [address for address in seen.addresses if is_system(address.rpartition("@")[2])]
    relayed = [process for process in register.with_address(relays) if process.is_open(fact.received_at)]
    if len(relayed) == 1 and not _begins_another(fact, relayed[0]):
        return Found(relayed[0])
    if failed := [said.address for said in fact.statements if isinstance(said, Bounced) and said.address]:
        # A mail server reports it, so its own address leads nowhere.
        written_to = register.with_address(failed)
        return Found(max(written_to, key=lambda process: process.last_at)) if written_to else None
    if not _is_about_an_application(fact) and not _is_from_a_person_of_the_employer(fact, seen, register):
        return None
    candidates = [process for process in register.at_employer(seen) if process.allows(fact, seen)]
    if seen.requisition:
        posted = [process for process in candidates if seen.requisition in process.requisitions]
        if len(posted) == 1:
            return Found(posted[0])
    if not candidates:
        return _same_hour(fact, seen, register)
    return _choose(fact, seen, candidates)


def _is_about_an_application(fact: Facts) -> bool:
    return any(not isinstance(said, Approached | Away | Bounced) for said in fact.statements)


def _is_from_a_person_of_the_employer(fact: Facts, seen: Trace, register: Register) -> bool:
    """Whether a message that says nothing by itself can matter: a known person's, or a human colleague's.

    Advertising and notices from the employer's domain do not, nor does a recruiter who writes about another post.
    """
    if any(isinstance(said, Approached) for said in fact.statements):
        return False
    if any(isinstance(said, Bounced) for said in fact.statements) or register.with_address(_sender(fact)):
        return True
    return fact.human and fact.answerable and bool(seen.domains)


def _begins_another(fact: Facts, process: Process) -> bool:
    """Whether the message begins a new application where the old one is over (an old thread is used for it)."""
    fresh = any(isinstance(said, _FRESH) for said in fact.statements)
    return process.over and fresh and process.likeness(fact) is Likeness.DIFFERENT


def _same_hour(fact: Facts, seen: Trace, register: Register) -> Found | None:
    """Give a calendar's or scheduler's copy to the process with an interview at that very time."""
    if fact.sender is None or seen.company or not is_system(fact.sender.domain):
        return None
    holding = [process for process in register.processes if _holds(process, fact)]
    return Found(holding[0]) if len(holding) == 1 else None


def _choose(fact: Facts, seen: Trace, candidates: list[Process]) -> Found | Doubt | None:
    now = fact.received_at
    fresh = any(isinstance(said, _FRESH) for said in fact.statements)
    live = [process for process in candidates if process.is_open(now)]
    fitting = _by_post(fact, seen, live)
    if not fitting:
        return None if live else _ended(fact, candidates, fresh=fresh)
    if len(fitting) == 1:
        return Found(fitting[0])
    if not fact.statements or all(isinstance(said, Away | Bounced | Approached) for said in fact.statements):
        known = [process for process in fitting if process.knows(_sender(fact))] or fitting
        return Found(max(known, key=lambda process: process.last_at))
    separated = _separate(fact, fitting)
    if separated is not None:
        return Found(separated)
    return Doubt(f"{len(fitting)} open applications at this employer, and the message does not say which one it means")


def _by_post(fact: Facts, seen: Trace, live: list[Process]) -> list[Process]:
    """Keep the processes whose post is most like the one named; one with no known title may be any."""
    likeness = {process: process.likeness(fact) for process in live}
    best = max((found for found in likeness.values() if found), default=None)
    if best is not None:
        return [process for process, found in likeness.items() if found is best]
    unknown = [process for process, found in likeness.items() if found is None]
    if unknown:
        return unknown
    if any(isinstance(said, _CONTINUING) for said in fact.statements) or not fact.statements:
        return live
    if any(isinstance(said, Rejected | Scheduled | Invited | Acknowledged | Assessed) for said in fact.statements):
        return []  # a step or an end of another post is another application (policy.md C7: one recruiter, two posts)
    # The one recruiter of one process, about something under way: titles vary more than people do.
    known = [process for process in live if process.knows(_sender(fact))]
    return known if len(known) == 1 else []


def _separate(fact: Facts, fitting: list[Process]) -> Process | None:
    """Separate open processes of one employer: by the hour that is meant, by who writes, by what is ahead."""
    about_a_time = any(isinstance(said, _CONTINUING) for said in fact.statements)
    for separated in (
        [process for process in fitting if _holds(process, fact)],
        [process for process in fitting if process.knows(_sender(fact))],
        [process for process in fitting if about_a_time and process.interviews.ahead(fact.received_at)],
    ):
        if len(separated) == 1:
            return separated[0]
    return None


def _holds(process: Process, fact: Facts) -> bool:
    """Whether the process has a standing interview at a time that the message names."""
    for said in fact.statements:
        starts = [session.start for session in said.sessions] if isinstance(said, Scheduled) else []
        if isinstance(said, Moved) and said.old_start:
            starts.append(said.old_start)
        if isinstance(said, Cancelled) and said.start:
            starts.append(said.start)
        if any(process.interviews.at(start) is not None for start in starts):
            return True
    return False


def _ended(fact: Facts, candidates: list[Process], *, fresh: bool) -> Found | None:
    """Where nothing is open: a fresh step begins a new application, anything else is an afterword to the last one."""
    held = [process for process in candidates if _holds(process, fact)]
    if len(held) == 1:
        return Found(held[0])
    alike = [process for process in candidates if process.likeness(fact) is not Likeness.DIFFERENT]
    return Found(max(alike, key=lambda process: process.last_at)) if alike and not fresh else None


def _sender(fact: Facts) -> tuple[str, ...]:
    return tuple(address.address for address in (fact.sender, fact.reply_to) if address is not None)


# ---------------------------------------------------------------------------------------------------- the user's own


def find_own(fact: Facts, user: Self, register: Register) -> Process | None:
    """Find the process of the user's own message: its thread, its calendar object, else whom it goes to."""
    found = register.threads.find(fact) or register.with_uid(fact)
    if found is not None:
        return found
    recipients = [address.address for address in fact.to if address.address not in user.addresses]
    known = register.with_address(address for address in recipients if not is_system(address.rpartition("@")[2]))
    known = known or register.with_address(recipients)
    if not known and any(isinstance(said, HandedIn | Withdrew | Declined) for said in fact.statements):
        domains = {domain for address in recipients if (domain := user.employer_domain(address))}
        known = [process for process in register.processes if process.domains & domains]
        if sum(process.is_open(fact.received_at) for process in known) != 1:
            return None
    live = [process for process in known if process.is_open(fact.received_at)]
    return max(live or known, key=lambda process: process.last_at, default=None)
