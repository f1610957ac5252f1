"""Reads which post at which employer a message is about; subject, text, sender and signature in, a Post out.

No guess without evidence: what nothing states is None.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from parsers.company import Sources, find_company, names_tenant
from parsers.cues import cue
from parsers.model import Address, Evidence, Invite
from parsers.role import find_requisition, find_role
from parsers.senders import SenderSystem
from parsers.spelling import plain

_TEXT_LIMIT: Final = 6000
_PREFIX = cue(r"^(?:{prefixes}\s?: ?){1,4}")
# What Google puts behind the summary: "... @ Tue Dec 1, 2026 2pm - 3pm (EST) (me@example.org)".
_CALENDAR_TAIL = re.compile(r" @ \w{2,12}\.?,? .{0,60}\d.{0,200}$")
# The same in other languages: "... - lun. 5 oct. 2026 11am - 12pm (CEST) (me@example.org)".
_CALENDAR_TAIL_WITH_DASH = re.compile(r" [-–] \w{2,12}\.?,? .{0,60}\d.{0,60}\([^()@\s]{1,80}@[^()@\s]{1,80}\)$")
_SENTENCE_ENDS: Final = frozenset(".!?:;")
_WRAPPED: Final = 50  # characters of a line that goes on in the next one
_NTH: Final = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5}
_NTH_ROUND: Final = "|".join(f"(?P<{nth}>{{nth_{nth}}})" for nth in _NTH)
_ROUND = cue(
    rf"\b(?:(?:{_NTH_ROUND})(?: {{last_of_rounds}})?[ -](?:[^\W\d_]{{1,12}}[ -])?{{round_word}}"
    r"|{round_word}[ #]{1,2}(?P<number>[1-9])(?![\d:./]|\s?(?:am|pm|uhr|h)\b))\b"
)
_FOR_OTHERS = cue(r"\b{for_others}\b")


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
    persons: Iterable[str] = (),
    quoted: str = "",
) -> Post:
    """Read company, role and requisition of an inbound message.

    `persons` are names that are no company's; `quoted` is what is answered, the marks of a quotation before its lines.
    """
    subject = _PREFIX.sub("", " ".join(subject.split())[:300])
    subject = _CALENDAR_TAIL_WITH_DASH.sub("", _CALENDAR_TAIL.sub("", subject))
    text = unwrapped(text[:_TEXT_LIMIT])
    stated = _stated(subject, system)
    named = {plain(name) for name in persons if not names_tenant(name, sender, system)}
    sources = Sources(
        subject=subject,
        text=text,
        signature=signature,
        sender=sender,
        system=system,
        stated=stated.get("company"),
        quoted=quoted[:_TEXT_LIMIT],
        agency=recruits_for_others(f"{subject}\n{text}\n{signature}", ()),
        persons=frozenset(named | {word for name in named for word in name.split()}),
    )
    company = find_company(sources)
    role = find_role(subject, text, stated=stated.get("role"), company=company)
    requisition = find_requisition(f"{subject}\n{text}")
    said = (("company", company), ("role", role and role[1]), ("requisition", requisition))
    return Post(
        company=company,
        role=role[0] if role else None,
        requisition=requisition,
        evidence=tuple(Evidence(field=name, text=words) for name, words in said if words),
    )


def unwrapped(text: str) -> str:
    """Join the lines that a mail program has broken in the middle of a sentence; short lines stay by themselves."""
    lines = text.split("\n")
    joined = lines[:1]
    for above, line in pairwise(lines):
        goes_on = len(above) >= _WRAPPED and above[-1:] not in _SENTENCE_ENDS and line[:1].isalpha()
        if goes_on:
            joined[-1] += f" {line}"
        else:
            joined.append(line)
    return "\n".join(joined)


def _stated(subject: str, system: SenderSystem | None) -> dict[str, str]:
    """Read a subject by the shapes that the sender's system gives it."""
    for pattern in system.subjects if system else ():
        if found := re.match(pattern, subject, re.IGNORECASE):
            return {name: value.strip() for name, value in found.groupdict().items() if value}
    return {}


def find_round(text: str, events: Iterable[Invite]) -> int | None:
    """Read which round the message speaks of, if it says one number only."""
    texts = (text[:_TEXT_LIMIT], *(event.summary for event in events))
    found = {
        int(match["number"]) if match["number"] else _NTH[match.lastgroup or ""]
        for words in texts
        for match in _ROUND.finditer(words)
    }
    return found.pop() if len(found) == 1 else None


def recruits_for_others(text: str, titles: Iterable[str | None]) -> bool:
    """Tell whether the sender recruits for somebody else: an agency."""
    return any(_FOR_OTHERS.search(words or "") for words in (text[:_TEXT_LIMIT], *titles))
