"""Takes one piece of a person's note; gives the noun phrase in it that a letter can carry, or None.

There is no grammar here, only lists of words: a piece is believed where it follows "we talked about" or has the form
of a noun phrase, and doubted for a word that makes a sentence. Doubt costs little: the person then sees the note as it
is.
"""

from __future__ import annotations

import re
from itertools import pairwise, takewhile
from types import MappingProxyType

from composer.note_words import LANGUAGES, NoteWords, note_words

PHRASE_WORDS = 12  # after "we talked about"
BARE_WORDS = 6  # of a piece that is nothing but a phrase
_WORD = re.compile(r"[^\W_][\w'’.+#/-]*")
_CLAUSE = re.compile(r"(?:how|why|what|where|when|which|whether)\b", re.IGNORECASE)
_CLAUSE_OF = re.compile(r"(how|why|what|where|when|which|whether)( much| many| often| far)? they\b(?!')", re.IGNORECASE)
_PREPOSITION = re.compile(
    r"\b(?:of|in|on|for|to|with|at|from|by|about|into|over|across|under|between|behind|and|or|vs)(?![\w-])",
    re.IGNORECASE,
)
# An English word in -s that is no plural, or that stands before a noun as it is.
_NO_PLURAL = frozenset(
    "systems sales ops operations analytics devops news business process access kubernetes postgres aws css js tls dns "
    "saas paas ios macos redis rails pandas windows sports logistics communications data mathematics physics".split()
)
_QUOTES = '"“”„«»'
_NOT_ONE_THING = re.compile(r"[:;()\[\]{}<>=|\\]|->|\.\.")
_COMMON_ENDING = re.compile(r"[A-Z][a-z]*(?:ing|tion|tions|ment|ity|ness|ship|ance|ence|ure|ews|gies|ects?)")
_ARTICLED = frozenset({"of", "to", "from", "between", "behind", "into", "for", "on"})
_TIME = re.compile(r"\b(?:every|each|this|next|last)\b", re.IGNORECASE)
_NUMBERS = frozenset("two three four five six seven eight nine ten".split())
_ORDINALS = frozenset("first second third last next biggest main".split())
# What one has one of: "roadmap" alone is no English.
_COUNTED = frozenset(
    "architecture backlog budget codebase culture dashboard database deadline hackathon launch merger migration "
    "mission model monolith office pipeline plan platform process product project rebrand reorg rewrite roadmap "
    "schema stack strategy structure team vision".split()
)
# First words that are no names, whatever their capital says.
_COMMON_WORDS = _ORDINALS | frozenset(
    "new old big small move pair system data code test tests release plans tech work remote growth customer support "
    "machine questions lots some several many on-call incident open".split()
)
# German determiners: the masculine accusative, with what it is as a subject, and those that are the same as both.
_MASCULINE = MappingProxyType(
    {"den": "der", "einen": "ein", "ihren": "Ihr", "euren": "Ihr", "meinen": "mein", "unseren": "unser"}
)
_NO_VERBS = frozenset({"mit", "seit", "statt", "samt", "oft", "fast", "selbst"})
_NEUTER = frozenset({"ein", "ihr", "mein", "unser", "euer"})
_SAME_FORM = frozenset({"die", "das", "eine", "ihre", "meine", "unsere", "eure", "diese", "dieses"})


def languages_of(note: str) -> frozenset[str]:
    """Tell by their common words in which languages a note may be written, the likeliest only; none: nothing tells."""
    found = [word.lower() for word in _WORD.findall(note[:2000])]
    counts = {code: sum(word in note_words(code).common for word in found) for code in LANGUAGES}
    best = max(counts.values())
    return frozenset(code for code, count in counts.items() if best and count == best)


def as_phrase(
    text: str,
    words: NoteWords,
    *,
    names: str,
    mine: str,
    english: bool,
    german: bool,
    addressed: bool,
    alone: bool,
) -> str | None:
    """Make a noun phrase of a piece. `names` and `mine` are patterns for the names of all people, and of the recipient.

    `addressed`: the recipient is of those whose project or team "their" means, so that it becomes "your"; `alone`: the
    piece is about one person, so that "her" does as well.
    """
    if not words.unsaid.isdisjoint(word.lower() for word in _WORD.findall(text)):
        return None
    topic, led = _without_lead(text.strip(" \t.,;:!?-–—"), words, names)
    topic = re.sub(rf"\s+(?:{words.beside})\s+(?:{names})$", "", _without_tail(topic, words), flags=re.IGNORECASE)
    topic = re.sub(r"\s*\([^()]*\)", "", topic).strip(" \t.,;:!?-–—")
    if topic[:1] in _QUOTES and topic[-1:] in _QUOTES:
        topic = topic[1:-1].strip()
    if _NOT_ONE_THING.search(topic) or topic.count('"') % 2:
        return None
    if english:
        topic = re.sub(rf"^(?:{mine})['’]s?\s", "your ", topic, flags=re.IGNORECASE) if addressed else topic
    topic = _turned(topic, words, alone=alone) if addressed else topic
    if english and addressed and (clause := _CLAUSE_OF.match(topic)):
        asked = _clause_to_them(topic, clause)
        return asked if asked and _short(asked, PHRASE_WORDS) and not _names(asked, names) else None
    if german and topic:
        topic = _in_nominative(topic, led=led) or ""
    if not topic or _names(topic, mine) or not _short(topic, PHRASE_WORDS if led else BARE_WORDS):
        return None
    if not _is_phrase(topic, words, led=led, english=english):
        return None
    return _with_article(topic, led=led) if english else topic


def _without_lead(piece: str, words: NoteWords, names: str) -> tuple[str, bool]:
    """Take "we talked about" away, and say whether there was such a thing."""
    led = False
    for _ in range(3):  # "we spoke about questions on hiring"
        for pattern in words.leads:
            found = re.fullmatch(pattern.replace("{names}", f"(?:{names})"), piece, re.IGNORECASE)
            if found:
                preposition = (found.groupdict().get("prep") or "").lower()
                piece, led = words.articles.get(preposition, "") + found["topic"].strip(), True
                break
        else:
            return piece, led
    return piece, led


def _without_tail(topic: str, words: NoteWords) -> str:
    if _CLAUSE.match(topic):
        return topic
    return re.sub(rf"(?:{words.tail})$", "", topic, count=1, flags=re.IGNORECASE)


def _turned(topic: str, words: NoteWords, *, alone: bool) -> str:
    """Say "your" for "their" where it comes first, so that it means the employer and nothing named before."""
    first, space, rest = topic.partition(" ")
    known = {**words.theirs, **(words.hers if alone else {})}
    topic = f"{known[first.lower()]}{space}{rest}" if first.lower() in known and rest else topic
    return re.sub(r" del[ea]s$", " de vocês", topic) if "deles" in words.common else topic


def _clause_to_them(topic: str, clause: re.Match[str]) -> str | None:
    """Turn "how they test their releases" to the reader; None where somebody else is spoken of as well."""
    head = clause[1].lower() + (clause[2] or "") + " you"
    rest = re.sub(r"\btheir\b", "your", topic[clause.end() :])
    if re.search(r"\b(?:they|them|he|she|him|his|her|we|us|i|said|told)\b", rest, re.IGNORECASE):
        return None
    return head + rest


def _short(topic: str, limit: int) -> bool:
    return 0 < len(topic.split()) <= limit


def _names(topic: str, names: str) -> bool:
    return re.search(rf"(?<!\w)(?:{names})s?(?!\w)", topic, re.IGNORECASE) is not None  # "Danas Vortrag" is German


def _is_phrase(topic: str, words: NoteWords, *, led: bool, english: bool) -> bool:
    found = [word.lower().rstrip(".") for word in _WORD.findall(topic.replace("’", "'"))]
    if not found or found[0] in words.openers or all(word in words.empty for word in found):
        return False
    if english and led and _CLAUSE.match(topic):
        # "how we might work together" is one; "how she tests" would have to be turned, and is not.
        return not {"they", "he", "she", "them", "their", "his", "her", "him"} & set(found)
    if {word for word in found if word in words.verbs}:
        return False
    elided = re.match(r"l['’]\w", topic, re.IGNORECASE) is not None
    if words.needs_determiner and not (found[0] in words.determiners or elided):
        return False
    if not english:
        return True
    if {"their", "they", "them"} & set(found) or _PREPOSITION.match(topic):
        return False
    return led or found[0] in words.determiners or _is_bare_phrase(topic, found)


def _is_bare_phrase(topic: str, found: list[str]) -> bool:
    """Whether plain English words in a row are a phrase rather than "team uses Rust" or "engineers deploy weekly"."""
    if found[-1].endswith("ly") and found[-1] not in {"assembly", "supply", "family"}:
        return False
    if found[0] in _NUMBERS and not found[-1].endswith("s") and not _PREPOSITION.search(topic):
        return False  # "two week onboarding"
    one_thing = found[-1] in _COUNTED
    if found[0].endswith("ing") and len(found) > 1 and not one_thing and not _follows_gerund(topic.split()[1]):
        return False  # "writing code" is something done, "testing culture" is not
    for word, following in pairwise(found):
        ends = word.endswith("s") and not word.endswith(("ss", "us", "is", "ics", "'s"))
        if ends and word not in _NO_PLURAL and not _PREPOSITION.fullmatch(following):
            return False
        if word.endswith("ed") and _PREPOSITION.fullmatch(following):
            return False
    return True


def _in_nominative(topic: str, *, led: bool) -> str | None:
    """Give a German phrase as it stands after a colon; None where its case cannot be told or turned.

    After "über" it is an accusative, and only a masculine one has another form: "den neuen Prozess".
    """
    first, *rest = topic.split()
    lower = first.lower()
    verbs = (word for word in rest if word.islower() and word.endswith("t") and word not in _NO_VERBS)
    if not led and (any(verbs) or (rest[-1:] and rest[-1][0].islower())):
        return None  # "Einarbeitung dauert lange"
    adjectives = list(takewhile(lambda word: word[0].islower(), rest))
    if lower in _MASCULINE and led:
        noun = rest[len(adjectives)] if len(adjectives) < len(rest) else ""
        # A noun in -en may be a weak one ("den Kunden") or a plural: neither is turned.
        if not noun or noun.endswith("en") or not all(word.endswith("en") for word in adjectives):
            return None
        ending = "e" if lower == "den" else "er"
        turned = [word.removesuffix("en") + ending for word in adjectives]
        return " ".join((_MASCULINE[lower], *turned, *rest[len(adjectives) :]))
    if lower in _NEUTER or (lower == "der" and not led):
        return None if any(word.endswith(("em", "en")) for word in adjectives) else topic
    if lower in _SAME_FORM or first[0].isupper():
        return topic
    return (
        topic if first.endswith(("e", "es", *(() if led else ("er",)))) and rest[:1] and rest[0][0].isupper() else None
    )


def _follows_gerund(word: str) -> bool:
    return (
        not word[0].islower()
        or word.endswith("s")
        or word in note_words("en").determiners
        or _PREPOSITION.fullmatch(word) is not None
    )


def _with_article(topic: str, *, led: bool) -> str:
    """Put "the" before "caching project", and take the capital of a sentence from a first word that is no name."""
    found, determiners = topic.split(), note_words("en").determiners
    complete = found[0].lower() in determiners or _CLAUSE.match(topic) is not None
    if complete or _COMMON_ENDING.fullmatch(found[0]) or found[0].lower() in _COMMON_WORDS | _NUMBERS | _COUNTED:
        topic = topic[0].lower() + topic[1:]
    if complete or re.search(r",| (?:and|or|&|vs) ", topic):
        return topic
    if found[0].lower() in _ORDINALS:
        return f"the {topic}"
    end = _PREPOSITION.search(topic) or _TIME.search(topic)
    head = topic[: end.start()].split() if end else topic.split()
    last = head[-1].lower()
    if last in _COUNTED:
        return f"the {topic}"
    if led or (last.endswith("s") and not last.endswith(("ss", "sis"))) or last.endswith(("ity", "ness")):
        return topic
    # "move to Kafka" is one thing; "Rust in production", "on-call" and "moving to Kafka" need no article.
    one = end is not None and end[0].lower() in _ARTICLED and head[0][0].islower() and not last.endswith("ing")
    counted = one if len(head) == 1 else not head[0].endswith("ing")
    return f"the {topic}" if counted else topic
