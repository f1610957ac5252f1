"""Takes what the person noted after a visit; gives each recipient's topic, as a noun phrase that fits into a letter.

A note is the person's own word, so its spelling stays. What cannot be made a noun phrase safely is no topic: it is
given back as it is, for the hint above the letter. Nothing is made up, and no topic serves two people of a visit.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from composer.acts import Act, Asked, Noted
from composer.agenda import FollowUp, FollowUpKind
from composer.letter import Voice, letter_language
from composer.letter_values import visit_of
from composer.note_phrase import as_phrase, languages_of
from composer.note_words import LANGUAGES, NoteWords, note_words
from composer.values import NOTE_LENGTH, person_name, plain_words, safe_words
from parsers.model import Interview, Person, Timeline

TEXT_LIMIT = 4000  # characters of one note
PIECE_LIMIT = 300
_PIECES = 40
_BULLET = re.compile(r"^\s*(?:[-*•–—·+]|\d{1,2}[.)])\s+")
# "z.B. ", "e.g. " and "Dr. " end no sentence.
_SENTENCE_END = re.compile(r"(?<!\b\w)(?<!\bDr)(?<!\bca)(?<!\betc)[.!?]+(?:\s+|$)|\s*;\s*")
_CLAUSE_WORDS = 3
_LIST_WORDS = 3  # of each thing in "caching, on-call, tests"


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What was discussed with one person. `phrase` is a noun phrase, None where none could be made of the `words`."""

    words: str  # as the person wrote them, one line
    phrase: str | None


def concerns(act: Asked | Noted, interviews: Collection[Interview], visit: date | None) -> bool:
    """Whether an act is about the visit of these interviews, whose ids may have changed since; messages have not."""
    if act.visit == visit and any(act.interview == interview.id for interview in interviews):
        return True
    known = {key for interview in interviews for key in interview.sources}
    return act.visit == visit and not known.isdisjoint(act.messages)


def notes_of(acts: Sequence[Act], interviews: Collection[Interview], visit: date | None) -> tuple[Noted, ...]:
    """Give what the person noted about a visit, oldest first."""
    return tuple(act for act in acts if isinstance(act, Noted) and concerns(act, interviews, visit))


def topic_of(followup: FollowUp, timelines: Sequence[Timeline], acts: Sequence[Act], voice: Voice) -> Topic | None:
    """Give what was discussed with the recipient of a letter in that voice; None: nothing is noted."""
    timeline = next((t for t in timelines if t.id == followup.application and t.account == followup.account), None)
    return topic_for(followup, timeline, acts, letter_language(voice, timeline))


def topic_for(followup: FollowUp, timeline: Timeline | None, acts: Sequence[Act], language: str) -> Topic | None:
    """Give what was discussed with the recipient of a thank-you, for a letter in a language; None: nothing is noted.

    A topic that names a person is theirs; of the others each of the visit's people gets one, in their order.
    """
    if followup.kind is not FollowUpKind.THANK_YOU or timeline is None:
        return None
    interviews = visit_of(followup, timeline)
    people = _people(interviews)
    theirs: dict[int, list[_Piece]] = {index: [] for index in range(len(people))}
    shared: list[_Piece] = []
    for note in notes_of(acts, interviews, followup.visit):
        for piece in _pieces(note, people, language):
            for index in piece.about:
                theirs[index].append(piece)
            if not piece.about:
                shared.append(piece)
    wanted = _indices_of(followup, people)
    own = [piece for index in wanted for piece in theirs[index]]
    passed_on = bool(followup.mentions)
    found = _first(own, people, wanted, language, passed_on=passed_on)
    if found:
        return found
    waiting = [index for index in range(len(people)) if not theirs[index]]
    places = [waiting.index(index) for index in wanted if index in waiting] if people else [0]
    # Those that can stand in a letter first, so that nobody gets a scrap while a topic is left over.
    topics = [_topic(piece, people, wanted, language, passed_on=passed_on) for piece in shared]
    ordered = sorted((topic for topic in topics if topic), key=lambda topic: topic.phrase is None)
    return next((ordered[place] for place in places if place < len(ordered)), None)


# ------------------------------------------------------------------------------------------------------- the people


def _people(interviews: Sequence[Interview]) -> tuple[Person, ...]:
    """Give the visit's people, each once, in the order in which they were met."""
    met = (person for i in sorted(interviews, key=lambda i: (i.current.start, i.id)) for person in i.people)
    return tuple({(person.address or person.name or "").casefold(): person for person in met}.values())


def _indices_of(followup: FollowUp, people: Sequence[Person]) -> tuple[int, ...]:
    """Give whom of the people the letter is about: its recipient, or those whom the recipient passes it on to."""
    if followup.mentions:
        return tuple(index for index, person in enumerate(people) if person.name in followup.mentions)
    return tuple(index for index, person in enumerate(people) if person.address == followup.to.address)


def _plain(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))


def names_of(people: Sequence[Person]) -> Mapping[str, int]:
    """Give each name by which a note may call one of them, in plain letters; a name that two have is left out."""
    found: dict[str, set[int]] = {}
    for index, person in enumerate(people):
        name = person_name(person.name)
        words = name.split() if name else []
        for called in {" ".join(words), *(words[:1]), *(words[-1:])}:
            if len(called) > 1:
                found.setdefault(_plain(called), set()).add(index)
    return {called: next(iter(indices)) for called, indices in found.items() if len(indices) == 1}


def person_called(said: str, people: Sequence[Person]) -> int | None:
    """Give the place of the person whom a name or address means; None: nobody, or not one alone."""
    wanted = _plain(" ".join(said.split()))
    by_address = {(person.address or "").casefold(): index for index, person in enumerate(people)}
    return by_address.get(said.strip().casefold(), names_of(people).get(wanted))


# ------------------------------------------------------------------------------------------------------- the pieces


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """One thing that a note says; `about` are the places of the people whom it names. `text` is without the name."""

    text: str
    whole: str
    about: tuple[int, ...] = ()
    languages: frozenset[str]  # in which it may be written; none: nothing in it tells


def _pieces(note: Noted, people: Sequence[Person], language: str) -> Iterator[_Piece]:
    text = note.text[:TEXT_LIMIT]
    languages = languages_of(text)
    words = _words_of(languages, language)
    calls = names_of(people)
    given = person_called(note.about, people) if note.about else None
    about = (given,) if given is not None else ()
    if note.about and given is None:
        return  # of somebody who is not known here any more
    heading: tuple[int, ...] = ()
    for said in _split(text, words, calls):
        if not said.strip():
            heading = ()
            continue
        line = safe_words(_BULLET.sub("", said), PIECE_LIMIT)
        if not line:
            continue
        named, rest = _attributed(line, words, calls)
        if named and not rest:
            heading = named  # "Dana:" above a list
            continue
        for part in _listed(rest, words):
            whole = line if part == rest else part
            yield _Piece(text=part, whole=whole, about=about or named or heading, languages=languages)


def _words_of(languages: frozenset[str], wanted: str) -> NoteWords:
    """Give the words of the language that a letter has, if the note may be in it, else of the note's own."""
    fits = wanted in LANGUAGES and (wanted in languages or not languages)
    return note_words(wanted if fits else min(languages, default="en"))


def _listed(text: str, words: NoteWords) -> list[str]:
    """Split "caching, on-call, tests" into its things; whatever else has commas stays whole."""
    parts = [part.strip() for part in text.split(",")]
    short = all(0 < len(part.split()) <= _LIST_WORDS for part in parts)
    plain = not words.verbs & {word.strip(".").casefold() for part in parts for word in part.split()}
    return parts if short and plain and "(" not in text else [text]


def _split(text: str, words: NoteWords, calls: Mapping[str, int]) -> list[str]:
    """Split a note into sentences and points; a blank line stays as an empty piece, since it ends a heading."""
    names = _alternatives(calls)
    onward = re.compile(rf",?\s+(?:{words.joined})\s+(?=(?:we|i|they|he|she|wir|nous|{names})\s+[^\W\d_]{{3,}})", re.I)
    pieces: list[str] = []
    for line in re.sub(r"\r\n?", "\n", text).split("\n"):
        if not line.strip():
            pieces.append("")
            continue
        for sentence in _SENTENCE_END.split(line):
            if sentence and sentence.strip():
                parts = onward.split(sentence)
                # "Dana and I laughed" is one sentence.
                pieces += parts if all(len(part.split()) >= _CLAUSE_WORDS for part in parts) else [sentence]
    return pieces[:_PIECES]


def _alternatives(calls: Mapping[str, int]) -> str:
    """Give a pattern for any of the names; it matches nothing where there is none."""
    longest_first = sorted(calls, key=len, reverse=True)
    return "|".join(_lenient(name) for name in longest_first) or r"(?!)"


def _lenient(name: str) -> str:
    """Give the pattern of a name in plain letters that also matches it with its accents."""
    marks = {"a": "aàáâãäå", "c": "cç", "e": "eèéêë", "i": "iìíîï", "n": "nñ", "o": "oòóôõö", "u": "uùúûü", "y": "yýÿ"}
    return "".join(f"[{marks[c]}]" if c in marks else re.escape(c) for c in name)


def _attributed(line: str, words: NoteWords, calls: Mapping[str, int]) -> tuple[tuple[int, ...], str]:
    """Give whom a piece names, and what it says without a name before a colon, or after "with" at an end."""
    if not calls:
        return (), line
    name = rf"(?:{_alternatives(calls)})"
    names = rf"{name}(?:\s*(?:{words.joined})\s*{name}){{0,5}}"
    for pattern in (
        rf"(?:(?:{words.beside})\s+)?(?P<who>{names})\s*(?::|\s[-–—]\s|\s[-–—]$)\s*(?P<rest>.*)",
        rf"(?:{words.beside})\s+(?P<who>{names})(?:,\s*|\s+)(?P<rest>.+)",
        rf"(?P<rest>.+?)\s+\(\s*(?:(?:{words.beside})\s+)?(?P<who>{names})\s*\)",
        rf"(?P<rest>.+?)\s+(?:{words.beside})\s+(?P<who>{names})",
    ):
        found = re.fullmatch(pattern, line, re.IGNORECASE)
        if found:
            return _called(found["who"], calls), found["rest"].strip()
    return _called(line, calls), line


def _called(text: str, calls: Mapping[str, int]) -> tuple[int, ...]:
    plain = _plain(text)
    found = {index for name, index in calls.items() if re.search(rf"(?<!\w){re.escape(name)}s?(?!\w)", plain)}
    return tuple(sorted(found))


# ------------------------------------------------------------------------------------------------------- the topics


def _first(
    pieces: Sequence[_Piece], people: Sequence[Person], wanted: Sequence[int], language: str, *, passed_on: bool
) -> Topic | None:
    topics = [_topic(piece, people, wanted, language, passed_on=passed_on) for piece in pieces]
    known = [topic for topic in topics if topic]
    return next((topic for topic in known if topic.phrase), known[0] if known else None)


def _topic(
    piece: _Piece, people: Sequence[Person], wanted: Sequence[int], language: str, *, passed_on: bool
) -> Topic | None:
    """Make a piece a topic for a letter in a language; None for what carries a link or an address."""
    words = plain_words(piece.whole, NOTE_LENGTH)
    if words is None:
        return None
    if language not in LANGUAGES or (piece.languages and language not in piece.languages):
        return Topic(words=words, phrase=None)  # one language's phrase does not stand in another's sentence
    called = names_of(people)
    mine = tuple(name for name, index in called.items() if index in wanted)
    phrase = as_phrase(
        piece.text,
        note_words(language),
        names=_alternatives(called),
        mine=_alternatives(dict.fromkeys(mine, 0)),
        english=language == "en",
        german=language == "de",
        addressed=not passed_on,
        alone=len(piece.about) == 1,
    )
    return Topic(words=words, phrase=plain_words(phrase, NOTE_LENGTH) if phrase else None)
