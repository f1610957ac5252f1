"""Facts in, whatever their order; one Timeline an application, with its interviews and every time they had, out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from parsers.belonging import Doubt, Found, Register, find_own, find_process, uids
from parsers.course import organizer_of
from parsers.employer import employer_domain, is_system
from parsers.model import (
    Acknowledged,
    Address,
    Assessed,
    Cancelled,
    Direction,
    Facts,
    Held,
    Invited,
    Missed,
    Moved,
    Offered,
    Promised,
    Rejected,
    Scheduled,
    Statement,
    Timeline,
    Trust,
)
from parsers.participants import name_key
from parsers.process import Process, Self, Trace, trace
from parsers.trust import is_aligned, organisational_domain

# What shows that there is an application. A first approach does not: nobody has applied yet.
_OPENING = (Scheduled, Moved, Cancelled, Invited, Rejected, Offered, Held, Promised, Assessed, Acknowledged)
# What a stranger may not do to somebody else's application.
_CHANGING = (Moved, Cancelled, Missed, Offered)
_UNPROVED = "claimed by {}, whose earlier mail was verified and this one is not"


def fold(facts: Iterable[Facts], *, threshold: float = 0.8) -> tuple[Timeline, ...]:
    """Fold the facts of all messages into applications, in order of their first message.

    The order in which facts are given does not matter, nor does a fact given twice: a message is known by its key, and
    its earliest arrival counts. Processes are found over all accounts; each keeps that of its first message.

    A time that was CANCELLED and has a successor was moved (policy.md R2): the fresh invite is the next of its `times`.
    A Timeline with `uncertain` is for the review list: it holds one message, and its interviews are below `threshold`.
    """
    messages = _once_in_order(facts)
    user = _user(messages)
    folding = _Folding(user, threshold)
    for fact in messages:
        folding.read(fact)
    return tuple(process.timeline(user) for process in folding.found())


def _once_in_order(facts: Iterable[Facts]) -> list[Facts]:
    earliest: dict[str, Facts] = {}
    for fact in facts:
        known = earliest.get(fact.key)
        if known is None or _arrival(fact) < _arrival(known):
            earliest[fact.key] = fact
        elif fact != known and _arrival(fact) == _arrival(known) and repr(fact) < repr(known):
            earliest[fact.key] = fact  # one key, two readings, one instant: any rule will do that is always the same
    return sorted(earliest.values(), key=_arrival)


def _arrival(fact: Facts) -> tuple[datetime, str]:
    return fact.received_at, fact.key


def _user(messages: Iterable[Facts]) -> Self:
    addresses: set[str] = set()
    names: set[str] = set()
    for fact in messages:
        if fact.addressed_as:
            addresses.add(fact.addressed_as.casefold())
        if fact.direction is Direction.OWN and fact.sender is not None:
            addresses.add(fact.sender.address)
            names.add(name_key(fact.sender.name))
    return Self(frozenset(addresses), frozenset(names - {""}))


def _provable(sender: Address) -> set[str]:
    """Give whose pass can be missed: a server that verified one sender of a domain verifies the others too."""
    return {sender.address, organisational_domain(sender.domain) or sender.address}


def _sender(fact: Facts) -> str:
    return fact.sender.address if fact.sender else "an unknown sender"


class _Folding:
    """The state of one fold."""

    def __init__(self, user: Self, threshold: float) -> None:
        self._user = user
        self._threshold = threshold
        self._register = Register()
        self._for_review: list[Process] = []
        self._adopted: set[str] = set()
        self._verified: set[str] = set()  # senders and their domains whose mail has come with an aligned pass
        self._waiting: dict[str, list[Facts]] = {}  # messages in no process yet, by each Message-ID they name

    def found(self) -> list[Process]:
        """Give all processes in order of their first message."""
        return sorted((*self._register.processes, *self._for_review), key=lambda process: _arrival(process.opener))

    def read(self, fact: Facts) -> None:
        """Give the next message to its process, or to a new one, or to the review list, or to none."""
        seen = trace(fact, self._user)
        if fact.trust is Trust.AUTHENTICATED and fact.sender is not None:
            self._verified |= _provable(fact.sender)
        if fact.direction is Direction.OWN:
            process = find_own(fact, self._user, self._register)
            if process is not None:
                self._join(process, fact, seen, vouched=True)
            else:
                self._wait(fact)
            return
        opens = any(isinstance(said, _OPENING) and self._may_open(said) for said in fact.statements)
        if fact.trust is Trust.FAILED:
            if opens:
                self._review(fact, seen, "the sender could not be verified")
            return
        found = find_process(fact, seen, self._register)
        if isinstance(found, Doubt):
            self._review(fact, seen, found.reason)
        elif found is not None:
            self._join_or_doubt(found, fact, seen)
        elif opens and self._lost_proof(fact):
            self._review(fact, seen, _UNPROVED.format(_sender(fact)))
        elif opens:
            self._open(fact, seen)
        else:
            self._wait(fact)

    def _may_open(self, said: Statement) -> bool:
        # A promise that speaks of no application may be anybody's.
        return not isinstance(said, Promised) or said.confidence >= self._threshold

    def _join_or_doubt(self, found: Found, fact: Facts, seen: Trace) -> None:
        sender = _sender(fact)
        says = any(isinstance(said, (*_OPENING, *_CHANGING)) for said in fact.statements)
        if self._lost_proof(fact) and (says or any(uids(fact))):
            self._review(fact, seen, _UNPROVED.format(sender))
            return
        vouched = found.by_thread or found.process.vouches(fact)
        if not vouched and self._claims(found.process, fact):
            self._review(fact, seen, f"claimed by {sender}, who is not known in this application")
        elif vouched and not found.by_thread and self._usurps(found.process, fact):
            self._review(fact, seen, f"claimed by {sender}, who did not call this meeting")
        else:
            fact = self._with_sure_promise(fact) if vouched else fact
            self._join(found.process, fact, seen, vouched=vouched)

    def _lost_proof(self, fact: Facts) -> bool:
        """Whether the server verified the sender's earlier mail and states no pass for this: then anybody wrote it."""
        known = fact.sender is not None and not self._verified.isdisjoint(_provable(fact.sender))
        return fact.trust is Trust.UNKNOWN and known

    def _with_sure_promise(self, fact: Facts) -> Facts:
        """Let the application vouch for a promise of somebody who takes part in it."""
        statements = tuple(
            replace(said, confidence=max(said.confidence, self._threshold)) if isinstance(said, Promised) else said
            for said in fact.statements
        )
        return replace(fact, statements=statements)

    def _claims(self, process: Process, fact: Facts) -> bool:
        """Whether a stranger's message would change what others fixed; what the stranger fixed is theirs to change."""
        touched = [process.interviews.with_uid(uid) for uid in uids(fact)]
        sender = fact.sender.address if fact.sender else ""
        if touched and all(course is not None and sender in course.senders for course in touched):
            return False
        return any(touched) or any(isinstance(said, _CHANGING) for said in fact.statements)

    def _usurps(self, process: Process, fact: Facts) -> bool:
        """Whether a calendar object is changed by a system that had no part in it, for an organizer who had none.

        Systems write for many employers, so that one of them writes proves little. (RFC 5546 3.2: only the organizer
        changes an event. Google names a calendar as organizer, and the same one each time.)
        """
        if fact.sender is None or not is_system(fact.sender.domain) or fact.sender.address in process.addresses:
            return False
        for uid in uids(fact):
            course = process.interviews.with_uid(uid)
            if course is None or not course.senders or fact.sender.address in course.senders:
                continue
            organizer = organizer_of(fact, uid)
            if organizer is None:
                mine = any(is_aligned(known.rpartition("@")[2], fact.sender.domain) for known in course.senders)
            else:
                mine = organizer.address in course.senders or employer_domain(organizer.domain) in process.domains
            if not mine:
                return True
        return False

    def _open(self, fact: Facts, seen: Trace) -> None:
        process = Process(fact, self._threshold)
        self._register.add(process)
        self._join(process, fact, seen, vouched=True)

    def _review(self, fact: Facts, seen: Trace, reason: str) -> None:
        process = Process(fact, self._threshold, uncertain=reason)
        process.take(fact, seen, vouched=True)
        self._for_review.append(process)

    def _join(self, process: Process, fact: Facts, seen: Trace, *, vouched: bool) -> None:
        process.take(fact, seen, vouched=vouched)
        self._register.note(process, fact, seen)
        self._adopt_waiting(process, fact)

    def _wait(self, fact: Facts) -> None:
        """Keep a message that says nothing by itself: its thread may become a process."""
        for name in fact.thread:
            self._waiting.setdefault(name, []).append(fact)

    def _adopt_waiting(self, process: Process, fact: Facts) -> None:
        names = list(fact.thread)
        while names:
            for earlier in self._waiting.pop(names.pop(), ()):
                if earlier.key not in self._adopted:
                    self._adopted.add(earlier.key)
                    seen = trace(earlier, self._user)
                    process.adopt(earlier, seen)
                    self._register.note(process, earlier, seen)
                    names.extend(earlier.thread)
