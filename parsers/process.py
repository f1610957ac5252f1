"""One application in the making: the messages of its process in, what identifies it and the folded Timeline out."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from parsers.employer import (
    Likeness,
    company_key,
    domain_names_company,
    employer_domain,
    is_system,
    post_likeness,
    requisition_key,
    same_company,
)
from parsers.interviews import Interviews
from parsers.model import Direction, Facts, Interview, Moved, Rejected, Scheduled, Timeline, Trust, Withdrew
from parsers.participants import reachable

# Nobody waits longer: what comes from the same employer after that, without a thread, is a new application.
_ASLEEP_AFTER = timedelta(days=120)
_NO_ZONE = frozenset({"UTC", "Etc/UTC", "Etc/GMT", "GMT", "UCT", "Zulu", "Etc/Universal"})  # policy.md 3.5


@dataclass(frozen=True, slots=True)
class Self:
    """The user, as the messages show them: never somebody of the other side."""

    addresses: frozenset[str]
    names: frozenset[str]  # participants.name_key

    def employer_domain(self, address: str) -> str | None:
        """Give the employer that an address's domain means; the user's own domain means none."""
        domain = employer_domain(_domain(address))
        return None if domain in {employer_domain(_domain(own)) for own in self.addresses} else domain


@dataclass(frozen=True, slots=True)
class Trace:
    """What a message shows of the employer's side."""

    addresses: tuple[str, ...]  # persons and relays by which a process can be known
    domains: frozenset[str]  # of the employer itself
    agency_domains: frozenset[str]
    company: str  # company_key
    requisition: str


def trace(fact: Facts, user: Self) -> Trace:
    """Collect what identifies the other side in a message.

    Free mail and systems never identify an employer; the domain of a guest does only where the sender has none.
    """
    answer = fact.reply_to or fact.sender
    direct = [address.address for address in (fact.sender, fact.reply_to) if address is not None]
    if fact.direction is Direction.OWN:
        direct = []
    # A no-reply address of a system is everybody's; a relay to a person is one process's.
    addresses = [
        address
        for address in (*direct, *reachable(fact, user.addresses))
        if address not in user.addresses
        and (not is_system(_domain(address)) or (fact.answerable and answer is not None and address == answer.address))
    ]
    company = company_key(fact.company)
    own_domain = user.employer_domain(fact.sender.address) if fact.sender and direct else None
    others = {domain for address in addresses if (domain := user.employer_domain(address))}
    if own_domain and not fact.agency:
        domains = {own_domain}
    elif len(others - {own_domain}) == 1:
        domains = others - {own_domain}
    else:
        domains = {domain for domain in others - {own_domain} if domain_names_company(domain, company)}
    return Trace(
        addresses=tuple(dict.fromkeys(addresses)),
        domains=frozenset(domains),
        agency_domains=frozenset({own_domain} if own_domain and fact.agency else ()),
        company=company,
        requisition=requisition_key(fact.requisition),
    )


def _domain(address: str) -> str:
    return address.rpartition("@")[2]


@dataclass(slots=True, eq=False)
class Process:
    """An application while its messages are read, in order of arrival."""

    opener: Facts
    threshold: float
    uncertain: str | None = None
    facts: list[Facts] = field(default_factory=list)
    last_at: datetime = field(init=False)
    over: bool = False
    agency: bool = False
    addresses: dict[str, datetime] = field(default_factory=dict)  # each with its last mention
    domains: set[str] = field(default_factory=set)
    agency_domains: set[str] = field(default_factory=set)
    companies: dict[str, None] = field(default_factory=dict)
    roles: dict[str, None] = field(default_factory=dict)
    requisitions: set[str] = field(default_factory=set)
    interviews: Interviews = field(init=False)

    def __post_init__(self) -> None:
        self.last_at = self.opener.received_at
        self.interviews = Interviews(self.threshold)

    def take(self, fact: Facts, seen: Trace, *, vouched: bool) -> None:
        """Read the next message; a stranger's (not `vouched`) adds no name by which others could be believed."""
        self.facts.append(fact)
        self.last_at = max(self.last_at, fact.received_at)
        self.agency = self.agency or fact.agency
        self.interviews.read(fact)
        if fact.direction is Direction.OWN:
            self.over = self.over or self._says(fact, Withdrew)
            return
        self.over = self.over or self._says(fact, Rejected, Withdrew)
        if vouched:
            self.addresses |= dict.fromkeys(seen.addresses, fact.received_at)
            self.domains |= seen.domains
            self.agency_domains |= seen.agency_domains
        if seen.company:
            self.companies[seen.company] = None
        if fact.role:
            self.roles[fact.role] = None
        if seen.requisition:
            self.requisitions.add(seen.requisition)

    def adopt(self, fact: Facts, seen: Trace) -> None:
        """Take an earlier message of the same thread, which said nothing that opens a process."""
        self.facts.append(fact)
        if fact.direction is Direction.INBOUND:
            self.addresses |= {address: fact.received_at for address in seen.addresses if address not in self.addresses}

    def _says(self, fact: Facts, *kinds: type) -> bool:
        return any(isinstance(said, kinds) and said.confidence >= self.threshold for said in fact.statements)

    def is_open(self, now: datetime) -> bool:
        """Whether something can still come of it."""
        return not self.over and now - self.last_at <= _ASLEEP_AFTER

    # ------------------------------------------------------------------------------------------------ is it this one?

    def has_employer(self, seen: Trace) -> bool:
        """Whether a message comes from the same employer: by domain, by name, or by a domain that is the name."""
        if self.domains & seen.domains or (self.agency_domains & seen.agency_domains):
            return True
        if any(same_company(company, seen.company) for company in self.companies):
            return True
        if any(domain_names_company(domain, seen.company) for domain in self.domains):
            return True
        return any(domain_names_company(domain, company) for domain in seen.domains for company in self.companies)

    def allows(self, fact: Facts, seen: Trace) -> bool:
        """Whether nothing in the message speaks against it: another client of the agency, another posting."""
        other_company = (
            seen.company
            and self.companies
            and not self.domains & seen.domains
            and not any(same_company(company, seen.company) for company in self.companies)
            and not any(domain_names_company(domain, seen.company) for domain in self.domains)
        )
        if other_company and (fact.agency or self.agency or not (self.domains and seen.domains)):
            return False
        return not (seen.requisition and self.requisitions and seen.requisition not in self.requisitions)

    def likeness(self, fact: Facts) -> Likeness | None:
        """Compare the post that the message names with this one's; None where either is not known."""
        found = [likeness for role in self.roles if (likeness := post_likeness(role, fact.role)) is not None]
        return max(found, default=None)

    def knows(self, addresses: Iterable[str]) -> bool:
        """Whether one of the addresses is known in this process."""
        return any(address in self.addresses for address in addresses)

    def vouches(self, fact: Facts) -> bool:
        """Whether the sender may speak for this process.

        Somebody known in it, a colleague, a system that writes for employers; or anybody whose domain is the company's
        name, and the first person where only systems wrote so far.
        """
        if fact.trust is Trust.FAILED or fact.sender is None:
            return False
        domain = employer_domain(fact.sender.domain)
        return (
            fact.sender.address in self.addresses
            or is_system(fact.sender.domain)
            or domain in self.domains
            or domain in self.agency_domains
            or not (self.addresses or self.domains)
            or (domain is not None and any(domain_names_company(domain, company) for company in self.companies))
        )

    # ------------------------------------------------------------------------------------------------ what came of it

    def timeline(self, user: Self) -> Timeline:
        """Give the application as it is known now."""
        facts = tuple(sorted(self.facts, key=lambda fact: (fact.received_at, fact.key)))
        interviews = self.interviews.fold(own=user.addresses, own_names=user.names)
        if self.uncertain:
            # On the review list whatever it says: nobody may take its interviews for certain.
            ceiling = self.threshold / 2
            interviews = tuple(replace(found, confidence=min(found.confidence, ceiling)) for found in interviews)
        return Timeline(
            id=self._id(),
            account=self.opener.account,
            company=_usual((fact.company for fact in self._telling(facts)), company_key),
            role=_usual((fact.role for fact in self._telling(facts)), str.casefold),
            agency=self.agency,
            timezone=_zone(facts, interviews),
            facts=facts,
            interviews=interviews,
            uncertain=self.uncertain,
        )

    def _telling(self, facts: Collection[Facts]) -> list[Facts]:
        """Choose the messages that are believed about names: the certain ones, where there are any."""
        inbound = [fact for fact in facts if fact.direction is Direction.INBOUND]
        return [fact for fact in inbound if fact.statements and fact.confidence >= self.threshold] or inbound

    def _id(self) -> str:
        """Name the application by its account and the message that opened it.

        Company and role are left out on purpose: a better reading of either must not make a second application of it,
        and with it second drafts. Only an earlier opening message that turns up later changes the id.
        """
        name = f"{self.opener.account}\0{self.opener.key}"
        return f"a-{hashlib.sha256(name.encode(errors='replace')).hexdigest()[:16]}"


def _usual(names: Iterable[str | None], key: Callable[[str], str]) -> str | None:
    """Give the name that most messages use, as the first of them spells it; the earlier one where two are equal."""
    spelled: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for name in names:
        if name and (reduced := key(name)):
            spelled.setdefault(reduced, name)
            counts[reduced] += 1
    return spelled[counts.most_common(1)[0][0]] if counts else None


def _zone(facts: Collection[Facts], interviews: Collection[Interview]) -> str | None:
    """Find the zone of the employer's side (policy.md 3.5): the newest invite's, else the newest that text states.

    A bare offset of a Date field identifies no zone, and UTC in an invite states none.
    """
    confirmed = {source for interview in interviews for source in interview.sources}
    inbound = [fact for fact in reversed([*facts]) if fact.direction is Direction.INBOUND]
    invites = (
        event.timezone
        for fact in inbound
        if fact.key in confirmed
        for event in fact.events
        if event.start is not None and not event.floating
    )
    sessions = (
        session.timezone
        for fact in inbound
        for said in fact.statements
        if isinstance(said, Scheduled | Moved)
        for session in said.sessions
    )
    stated = (fact.stated_zone for fact in inbound)
    zones = (zone for source in (invites, stated, sessions) for zone in source)
    return next((zone for zone in zones if zone and zone not in _NO_ZONE), None)
