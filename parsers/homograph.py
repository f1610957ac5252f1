"""Tells a domain that is made to look like another one (Unicode TS 39): a name in, the judgement out.

Facts go in too, and come out without the addresses at such domains: nobody is ever written to there.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from parsers.model import Facts, Moved, Person, Scheduled, Statement

PROBLEM: Final = "an address has a domain that mixes alphabets to look like another one, and is not used"

# Scripts that are written together (TS 39 5.2, "highly restrictive"); each with Latin letters as well.
_TOGETHER: Final = (
    frozenset({"CJK", "HIRAGANA", "KATAKANA"}),
    frozenset({"CJK", "BOPOMOFO"}),
    frozenset({"CJK", "HANGUL"}),
)
# Letters of other scripts that look like Latin ones: a label of nothing else is meant to be read as Latin.
_LOOK_LATIN: Final = frozenset("абвгеикмнопрстухьѕіјԁһӏԛԝցոսօքԼΑΒΕΖΗΙΚΜΝΟΡΤΥΧαβεικνορτυχγω") - frozenset("бгвик")


def is_deceptive(domain: str) -> bool:
    """Tell whether a label of the domain, in Unicode or punycode, mixes scripts, or imitates Latin in another one."""
    if domain.isascii() and "xn--" not in domain.lower():
        return False
    return any(_deceives(label) for label in domain.lower().split("."))


def _deceives(label: str) -> bool:
    if label.startswith("xn--"):
        try:
            label = label[4:].encode("ascii").decode("punycode")
        except (UnicodeError, ValueError):
            return True
    letters = [c for c in label if c.isalpha()]
    scripts = {unicodedata.name(c, "UNKNOWN").partition(" ")[0] for c in letters}
    if scripts <= {"LATIN"}:
        return False
    if len(scripts) > 1:
        return not any(scripts - {"LATIN"} <= together for together in _TOGETHER)
    return _LOOK_LATIN.issuperset(letters)


def without_deceptive(facts: Facts) -> Facts:
    """Take every address at a deceptive domain out of what others say of people; the sender's own stays as evidence."""
    addresses = [person.address for person in _everybody(facts) if person.address]
    addresses += [facts.reply_to.address] if facts.reply_to else []
    if not any(_is_deceptive_address(address) for address in addresses):
        return facts
    reply_to = facts.reply_to if facts.reply_to and not is_deceptive(facts.reply_to.domain) else None
    return replace(
        facts,
        reply_to=reply_to,
        people=_cleared(facts.people),
        statements=tuple(_cleared_statement(said) for said in facts.statements),
    )


def _everybody(facts: Facts) -> Iterable[Person]:
    yield from facts.people
    for said in facts.statements:
        if isinstance(said, Scheduled | Moved):
            for session in said.sessions:
                yield from session.people


def _cleared_statement(said: Statement) -> Statement:
    if not isinstance(said, Scheduled | Moved):
        return said
    return replace(said, sessions=tuple(replace(one, people=_cleared(one.people)) for one in said.sessions))


def _cleared(people: Iterable[Person]) -> tuple[Person, ...]:
    return tuple(
        replace(person, address=None) if person.address and _is_deceptive_address(person.address) else person
        for person in people
    )


def _is_deceptive_address(address: str) -> bool:
    return is_deceptive(address.rpartition("@")[2])
