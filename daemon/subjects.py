"""Whom or what the person means by a word, when they want to see or erase what is stored about it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from composer.agenda import Agenda
from daemon.errors import InputError
from parsers.model import Facts, Timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is meant. A stored row is about it by what it names: a value out of `words`, or a text with a mention.

    `posts` are company and role of applications, both in small letters.
    """

    scope: str  # "person", "company", "application" or "all"
    name: str
    words: frozenset[str] = frozenset()
    mentions: tuple[str, ...] = ()
    posts: frozenset[tuple[str, str]] = frozenset()

    def is_named_in(self, *texts: str) -> bool:
        """Whether a row with these texts (JSON documents, ids) is about it."""
        if self.scope == "all":
            return True
        if any(mention in text.casefold() for text in texts for mention in self.mentions):
            return True
        return any(self._is_named_in(text) for text in texts)

    def _is_named_in(self, text: str) -> bool:
        if not text.startswith(("{", "[")):
            return not self.words.isdisjoint((text.casefold(), *text.casefold().split("|")))
        document = json.loads(text)
        if not self.words.isdisjoint(value.casefold() for value in _strings(document)):
            return True
        found = document if isinstance(document, Mapping) else {}
        return (str(found.get("company")).casefold(), str(found.get("role")).casefold()) in self.posts


def _strings(document: Any) -> Iterator[str]:
    if isinstance(document, str):
        yield document
    elif isinstance(document, Mapping):
        for value in document.values():
            yield from _strings(value)
    elif isinstance(document, list):
        for value in document:
            yield from _strings(value)


def find_subject(said: str, timelines: Iterable[Timeline], agenda: Agenda, facts: Iterable[Facts]) -> Subject:
    """Find "all", an address, a company, the beginning of an application's id, or a person's full name, in this order.

    Raises InputError when nothing, or more than one application, is meant.
    """
    wanted = " ".join(said.casefold().split())
    if wanted == "all":
        return Subject(scope="all", name="all")
    if "@" in wanted:
        return Subject(scope="person", name=wanted, mentions=(wanted,))
    timelines = tuple(timelines)
    company = [timeline for timeline in timelines if (timeline.company or "").casefold() == wanted]
    if company:
        words = {wanted, f"company:{wanted}"}
        return Subject(scope="company", name=company[0].company or said, words=frozenset(words | _ids(company, agenda)))
    application = [timeline for timeline in timelines if len(wanted) > 2 and timeline.id.casefold().startswith(wanted)]
    if len(application) == 1:
        found = application[0]
        posts = {((found.company or "None").casefold(), (found.role or "None").casefold())} if found.company else set()
        post = ", ".join(part for part in (found.company, found.role) if part)
        return Subject(
            scope="application", name=post or found.id, words=frozenset(_ids([found], agenda)), posts=frozenset(posts)
        )
    addresses = {address for name, address in _people(facts) if name.casefold() == wanted}
    if addresses and not application:
        known = sorted(address.casefold() for address in addresses if address)
        return Subject(scope="person", name=said, mentions=(wanted, *known))
    which = "nothing" if not application else f"{len(application)} applications"
    raise InputError(
        f"{which} of that name: {said!r}; give a person's address or full name, a company, the id of an application as "
        "`tactful status` shows it, or all"
    )


def _ids(timelines: Iterable[Timeline], agenda: Agenda) -> set[str]:
    """Give every id that leads to these applications: theirs, of their messages, interviews and follow-ups."""
    timelines = tuple(timelines)
    known = {timeline.id for timeline in timelines}
    ids = set(known)
    ids |= {entry.id for entry in (*agenda.due, *agenda.planned) if entry.application in known}
    ids |= {entry.id for entry in agenda.suppressed if entry.application in known}
    ids |= {entry.followup.id for entry in agenda.postponed if entry.followup.application in known}
    for timeline in timelines:
        ids |= {fact.key for fact in timeline.facts}
        ids |= {interview.id for interview in timeline.interviews}
    return {identifier.casefold() for identifier in ids}


def _people(facts: Iterable[Facts]) -> Iterator[tuple[str, str | None]]:
    for fact in facts:
        ends = (address for address in (fact.sender, fact.reply_to, *fact.to) if address is not None)
        yield from ((address.name, address.address) for address in ends if address.name)
        yield from ((person.name, person.address) for person in fact.people if person.name)
