"""Finds the people whom a text names: text and known addresses in, each with title, address and whether one meets them.

An address is only ever taken from those that occur in the message; none is made up of a name (policy.md section 5).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from parsers.cues import cue
from parsers.employer import company_key, same_company
from parsers.model import Address, Person
from parsers.names import (
    FIRST_NAME_PATTERN,
    NAME_PATTERN,
    is_full_name,
    is_head,
    is_title,
    part_of_title,
    person_name,
    word_lists,
)
from parsers.senders import is_robot, is_shared
from parsers.spelling import plain

MENTION_LIMIT: Final = 20
_BELOW_TIME: Final = 2  # lines below a time in which a person's card stands
_AGENDA_LINE: Final = 140  # characters; a longer line is prose
_BESIDE: Final = 160  # characters behind a name that tell of it
_BEFORE: Final = 320  # and before it: "The panel consists of A, title, B, title and C"
_TIME_FIRST: Final = 15  # characters of an agenda line before its time

MAIL_PATTERN: Final = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")
_NAME = re.compile(rf"(?<![\w@.'’-]){NAME_PATTERN}(?![\w@])")
_FIRST_NAME = re.compile(
    r"\b(?:[Ww]ith|[Mm]eet|[Ss]peak(?:ing)? to|[Tt]alk(?:ing)? to|[Mm]it|[Aa]vec|[Cc]on|[Jj]oined by|and|und|et|y)\s"
    rf"(?P<name>{FIRST_NAME_PATTERN})(?![\w@]|['’]s\b|\s[A-Z][a-z])"
)
_JOINING: Final = frozenset({"and", "und", "et", "y"})
_TITLE_AFTER = cue(r"\s{0,2}(?:,|\(|\||[-–—:])\s{0,2}(?:{title_article}\s|an?\s)?(?P<title>[^\n,;.()|<>]{2,70})")
_TITLE_BEFORE = cue(r"(?:\b{title_article}\s|^\W{0,4})(?P<title>[^\W\d_][\w &/-]{2,50}?),?\s$")
_MEETS = cue(r"\b{meets}(?![\w'])")
_MEETS_AFTER = cue(r"[^.\n]{0,60}?(?:\b|(?='))(?:{will})\s(?:be\s|also\s|then\s|both\s)?{meets_after}\b")
_ABSENT_AFTER = cue(r"[^.\n]{0,30}?\b(?:is|are|was|has|can|will|ist)\s(?:now\s|unfortunately\s|leider\s)?{absent}\b")
_MENTIONED = cue(r"\b{mentioned}\b[\s,:;!]{0,3}(?:[\w'’&.-]{1,20}\s){0,3}$")
_HOUSE = re.compile(r"(?<![:.\d])\d{1,5}[a-zA-Z]?\s$")  # "9 Bedford Row" is nobody
_STREET = cue(r"{street_behind}", 0)
_LISTED = re.compile(rf"(?:[^\W\d_]{{1,5}}\.\s){{0,2}}{NAME_PATTERN}")  # "Dr. Ann Whitlock"
_SENTENCE_END = re.compile(r"(?P<word>[^\W\d_]{0,20})(?P<mark>[.!?])\s")
_DIGIT_AFTER = re.compile(r"[\s,.]{1,3}\d")
_DIGIT_BEFORE = re.compile(r"\d[\w.]{0,3}\s{1,2}$")  # "3rd March"
_HEADLINE = cue(r"\W{0,4}{panel_heading}\W{0,4}")
_HEADING = re.compile(r":\s{0,4}$")
_BULLET: Final = " -*•·–—\t"
_NUMBERED = re.compile(r"\s{0,8}(?:[-*•·–—]|\d{1,2}[.)])\s")


@dataclass(frozen=True, slots=True)
class Mention:
    """A person named in a text; `start` and `end` are the offsets of the name."""

    person: Person
    start: int
    end: int
    meets: bool  # the text says that the user will meet this person


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What is known before a text is searched. `pool` holds every address that occurs in the message."""

    own: frozenset[str]
    own_name: str
    company: str | None
    sender: Person | None
    pool: tuple[Address, ...]
    times: tuple[tuple[int, int], ...] = ()  # spans of the text's times

    def excludes(self, name: str) -> bool:
        """Tell whether a name is the user's or the company's."""
        plains = {plain(word) for word in name.split()}
        own = {plain(word) for word in self.own_name.split()}
        return plains <= own or len(plains & own) > 1 or same_company(company_key(name), company_key(self.company))


def same_person(one: Person, other: Person) -> bool:
    """Tell whether two are one person: by address, else by name."""
    if one.address and other.address:
        return one.address == other.address
    return bool(one.name and other.name and plain(one.name) == plain(other.name))


def find_mentions(text: str, context: Context) -> tuple[Mention, ...]:
    """Give the people whom the text names, in its order; full names first, then first names."""
    full = _by_full_name(text, context)
    return (*full, *_by_first_name(text, context, full))[:MENTION_LIMIT]


def _by_full_name(text: str, context: Context) -> tuple[Mention, ...]:
    found: list[Mention] = []
    listing = False
    position = 0
    below_time = _BELOW_TIME + 1
    for line in text.split("\n"):
        if len(found) >= MENTION_LIMIT:
            break
        start, position = position, position + len(line) + 1
        if not line.strip():
            continue
        times = [first - start for first, last in context.times if first < position and start < last]
        agenda = bool(times) and len(line) < _AGENDA_LINE and min(times) < _TIME_FIRST
        below_time = 0 if times else below_time + 1
        # "You will meet:" and the list below it.
        listing = listing and bool(_NUMBERED.match(line) or _LISTED.match(line.lstrip(_BULLET)))
        spans = [(a, b) for a, b in islice(_names(line), MENTION_LIMIT) if not context.excludes(line[a:b])]
        people = [_described(line[a:b], line, (a, b), context) for a, b in spans]
        # A line that is a card, right below a time: "Wes Tran, Creative Director", "Sally Ho & Wes Tran (Engineers)".
        card = below_time <= _BELOW_TIME and bool(spans) and not line[: spans[0][0]].strip(_BULLET)
        card = card and any(person.title or person.address for person in people)
        for (first, last), person in zip(spans, people, strict=True):
            writer = context.sender is not None and same_person(context.sender, person)
            meets = _meets(line, first, last, listed=agenda or listing or (card and not writer))
            found.append(Mention(person, start + first, start + last, meets))
        listing = listing or bool((_HEADING.search(line) and _MEETS.search(line)) or _HEADLINE.fullmatch(line.strip()))
    return tuple(found[:MENTION_LIMIT])


def _names(line: str) -> Iterable[tuple[int, int]]:
    """Give the parts of a line's runs of capitalized words that are a person's name."""
    no_surnames = word_lists()["title_heads"] - word_lists()["surnames"]
    for match in _NAME.finditer(line):
        first, last = match.span()
        words = match[0].split(" ")
        dated = bool(_DIGIT_AFTER.match(line, last) or _DIGIT_BEFORE.search(line[max(0, first - 6) : first]))
        # "Meeting Ann Whitlock", "Engineering Manager Hugo Marsh": what is no name stands before or after it.
        while words and _leads_to_name(words[0], dated=dated):
            first += len(words.pop(0)) + 1
        while words and (_is_no_name(words[-1], dated=dated) or plain(words[-1].rstrip(".")) in no_surnames):
            last -= len(words.pop()) + 1
        street = _HOUSE.search(line[max(0, first - 8) : first]) and _STREET.fullmatch(words[-1] if words else "")
        if len(words) > 1 and not street and is_full_name(" ".join(words)):
            yield first, last


def _leads_to_name(word: str, *, dated: bool) -> bool:
    """Tell a word that stands before a name: "Meeting", "Engineer", "Recibirán"."""
    return _is_no_name(word, dated=dated) or is_head(plain(word.rstrip("."))) or _MEETS.fullmatch(word) is not None


def _is_no_name(word: str, *, dated: bool) -> bool:
    lists = word_lists()
    folded = plain(word.rstrip("."))
    return folded in lists["not_a_name"] and (dated or folded not in lists["month_names"])


def _meets(line: str, first: int, last: int, *, listed: bool) -> bool:
    before, after = line[max(0, first - _BEFORE) : first], line[last : last + _BESIDE]
    if _ABSENT_AFTER.match(after) or _MENTIONED.search(before):
        return False
    return listed or bool(_MEETS.search(_sentence(before))) or bool(_MEETS_AFTER.match(after))


def _sentence(before: str) -> str:
    """Give what of a text's end is one sentence; "Dr. " and "M. " end none."""
    start = 0
    for end in _SENTENCE_END.finditer(before):
        word = plain(end["word"])
        if end["mark"] != "." or not (len(word) == 1 or word in word_lists()["honorifics"]):
            start = end.end()
    return before[start:]


def _described(name: str, line: str, span: tuple[int, int], context: Context) -> Person:
    """Add the title and the address that stand beside a name."""
    after = line[span[1] : span[1] + _BESIDE]
    title = None
    following = _TITLE_AFTER.match(MAIL_PATTERN.sub("", after).replace("<>", "").replace("()", ""))
    if following and is_title(following["title"]):
        title = following["title"].strip()
    elif (preceding := _TITLE_BEFORE.search(line[max(0, span[0] - _BESIDE) : span[0]])) and is_title(
        preceding["title"]
    ):
        title = preceding["title"].strip()
    beside = MAIL_PATTERN.search(after[:90])
    next_name = _NAME.search(after)
    address = None
    if beside and (next_name is None or beside.start() < next_name.start()) and beside[0].lower() not in context.own:
        address = beside[0].lower()
    return Person(name=name, address=address or address_of(name, context), title=title, part=part_of_title(title))


def address_of(name: str, context: Context) -> str | None:
    """Find the one address, among those that occur, that bears this name."""
    words = [plain(word).strip(".") for word in name.replace("-", " ").split()]
    found = {
        address.address for address in context.pool if address.address not in context.own and _bears(address, words)
    }
    return found.pop() if len(found) == 1 else None


def _bears(address: Address, words: Sequence[str]) -> bool:
    if is_robot(address) or is_shared(address):
        return False
    if plain(person_name(address.name) or "") == " ".join(words):
        return True
    local = re.split(r"[._+-]", plain(address.local_part))
    first, last = words[0], words[-1]
    spellings = {first, last, first + last, last + first, first[0] + last, first + last[0], last + first[0]}
    return "".join(local) in spellings or {first, last} <= set(local)


def _by_first_name(text: str, context: Context, full: Sequence[Mention]) -> tuple[Mention, ...]:
    """Find people whom the text calls by first name: known ones, or ones whose title or address it gives."""
    found: list[Mention] = []
    lists = word_lists()
    barred = lists["not_a_name"] | lists["team"] | lists["title_heads"] | set(company_key(context.company).split())
    for match in _FIRST_NAME.finditer(text):
        start, end = match.span("name")
        if plain(match["name"]) in barred or context.excludes(match["name"]):
            continue
        if any(mention.start <= start < mention.end for mention in full):
            continue
        joining = match[0].split()[0] in _JOINING
        if joining and not any(mention.meets and 0 <= start - mention.end < 60 for mention in (*full, *found)):
            continue
        if person := _called(match["name"], text[end : end + 80], context, full, bare=not joining):
            found.append(Mention(person, start, end, True))
    return tuple(found)


def _called(name: str, after: str, context: Context, full: Sequence[Mention], *, bare: bool) -> Person | None:
    """Tell who is called by this first name; somebody of whom nothing else is known only where `bare` names will do."""
    people = [mention.person for mention in full] + ([context.sender] if context.sender else [])
    for person in people:
        if person.name and plain(person.name.split()[0]) == plain(name):
            return person
    title = _TITLE_AFTER.match(after)
    stated = title["title"].strip() if title and is_title(title["title"]) else None
    address = address_of(name, context)
    named = next((other.name for other in context.pool if other.address == address and other.name), None)
    if stated is None and address is None and not (bare and context.company):
        return None
    return Person(name=person_name(named) or name, address=address, title=stated, part=part_of_title(stated))
