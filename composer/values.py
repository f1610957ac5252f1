"""Takes what mail says about people, posts and topics; gives words that are safe and natural inside a letter.

Mail is written by strangers. Whatever comes from it reaches a letter only through here:
one line, no control or direction character, no address, no link, nothing that looks like a placeholder, and short.
"""

from __future__ import annotations

import re
import unicodedata

NAME_LENGTH = 80
ROLE_LENGTH = 120
NOTE_LENGTH = 120
TOPIC_LENGTH = 60
TOPIC_WORDS = 5
SUBJECT_LENGTH = 200

_LINK = re.compile(r"://|\bwww\.|\S@\S|\bmailto:", re.IGNORECASE)
_ASIDE = re.compile(r"\([^()]{0,80}\)|\[[^\[\]]{0,80}\]|<[^<>]{0,80}>")
# "(m/w/d)", "(all genders)", "H/F": what the law has an advertisement say, and nobody repeats in a letter.
_GENDERS = re.compile(
    r"\s*(?:\(\s?(?:all genders?|alle geschlechter|gn|[mwfdxhi](?:\s?[/|,]\s?[mwfdxhi*]){1,3})\s?\)|"
    r"(?<=\s)[mwfdxhi](?:/[mwfdxhi]){1,3}(?=\s|$))",
    re.IGNORECASE,
)
_NICKNAME = re.compile(r"[\"“”„]([^\W\d_]{2,20})[\"“”]")
# "Dana Lee | Northwind", "Dana Lee - Northwind", "Dana Lee via Lever", "Dana at Northwind"
_AFFILIATION = re.compile(r"\s+[-–—|/•·]\s.*|\s*[|•·].*|\s(?:via|at|from|von|bei|chez|de chez)\s.*", re.IGNORECASE)
_TITLES = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "sir", "herr", "frau", "dipl", "ing"})
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv", "phd", "md", "mba", "msc", "bsc", "esq", "cpa", "shrm"})
# A mailbox of many hands has no first name (policy.md section 5).
# fmt: off
_NOBODY = frozenset({
    "team", "teams", "hiring", "recruiting", "recruitment", "recruiter", "recruiters", "talent", "acquisition",
    "careers", "career", "jobs", "job", "hr", "human", "resources", "people", "operations",
    "ops", "department", "office", "desk", "staffing", "notifications", "notification", "noreply", "reply",
    "no", "donotreply", "support", "admin", "info", "hello", "contact", "scheduling", "scheduler",
    "interviews", "interview", "assistant", "bot", "calendar", "system", "service", "services", "group",
    "company", "inc", "llc", "ltd", "gmbh",
})
# A topic with one of these was cut out of a sentence; it would not stand in another.
_NO_TOPIC = frozenset({
    "you", "your", "we", "us", "our", "i", "me", "my", "he", "she", "they", "their", "it", "this", "that", "is", "are",
    "was", "will", "be", "have", "has", "as", "if", "so", "soon", "what", "how", "who", "when", "why", "which",
    "please", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "today", "tomorrow",
    "ihr", "ihre", "ihren", "ihrem", "ihrer", "sie", "dein", "deine", "wir", "uns", "unser", "unsere", "unseren", "ich",
    "ist", "sind", "wird", "werden", "bitte", "montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag",
    "votre", "vos", "vous", "nous", "notre", "nos", "je", "est", "sont", "sera", "lundi", "mardi", "mercredi", "jeudi",
    "vendredi", "samedi", "su", "sus", "usted", "nosotros", "nuestro", "nuestra", "es", "son", "lunes", "martes",
    "miércoles", "jueves", "viernes", "sábado", "você", "vocês", "seu", "sua", "nós", "nosso", "nossa", "é", "são",
    "segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira",
})
# fmt: on


def safe_words(text: str | None, length: int) -> str | None:
    """Make one harmless line of at most `length` characters, cut between words; None if nothing is left."""
    if not text:
        return None
    shown = (" " if unicodedata.category(c) in {"Cc", "Zl", "Zp", "Zs"} else c for c in text[: 4 * length])
    kept = (c for c in shown if unicodedata.category(c) not in {"Cf", "Cs", "Co", "Cn"})
    # Doubled brackets and braces are ours alone: the first mark a placeholder, the second, as "{%", a template.
    line = re.sub(r"([\[\]{}])\1+", r"\1", unicodedata.normalize("NFC", " ".join("".join(kept).split())))
    line = re.sub(r"\{[%#]|[%#]\}", " ", line)
    line = " ".join(line.split())
    if len(line) > length:
        head, space, _ = line[: length + 1].rpartition(" ")
        line = head if space and len(head) > length // 2 else line[:length]
    return line.strip() or None


def plain_words(text: str | None, length: int) -> str | None:
    """As `safe_words`, but None for a text that carries a link or an address: those are never ours to repeat."""
    if text and _LINK.search(text[: 4 * length]):
        return None
    return safe_words(text, length)


def role_words(role: str | None) -> str | None:
    """Give a post's title as they write it, without the note on genders that advertisements carry."""
    return safe_words(_GENDERS.sub("", plain_words(role, ROLE_LENGTH) or ""), ROLE_LENGTH)


def topic_words(topic: str) -> str | None:
    """Give a topic that can stand after "about": a few plain words, whole; None for anything longer or else."""
    line = plain_words(topic, TOPIC_LENGTH) if len(topic) <= TOPIC_LENGTH else None
    words = line.split() if line else []
    if not 1 <= len(words) <= TOPIC_WORDS or any(_bare(word) in _NO_TOPIC for word in words):
        return None
    plain = all(word == "&" or word[0].isalpha() for word in words) and not re.search(r"[\[\]{}<>]", line or "")
    return line if plain else None


def person_name(display_name: str | None) -> str | None:
    """Give the name in a From or ATTENDEE display name in natural order; None if it names no single person."""
    line = plain_words(display_name, NAME_LENGTH)
    if line is None:
        return None
    line = _AFFILIATION.sub("", _ASIDE.sub(" ", _NICKNAME.sub(" ", line)), count=1)
    family, comma, given = line.partition(",")
    if comma:  # "Lee, Dana" is Dana Lee; "Dana Lee, PhD" is a suffix
        line = family if _bare(given.split()[0] if given.split() else "") in _SUFFIXES else f"{given} {family}"
    words = line.split()
    while len(words) > 2 and _bare(words[-1]) in _SUFFIXES:
        words.pop()
    if not 1 <= len(words) <= 6 or not all(_is_name(word) for word in words):
        return None
    if any(_bare(word) in _NOBODY for word in words):
        return None
    return " ".join(_cased(word) for word in words)


def first_name(display_name: str | None) -> str | None:
    """Give what one would write after "Hi": the first name, a nickname in quotes, else title and surname."""
    name = person_name(display_name)
    if name is None:
        return None
    nickname = _NICKNAME.search(plain_words(display_name, NAME_LENGTH) or "")
    if nickname:
        return nickname.group(1)
    titles = [word for word in name.split() if _bare(word) in _TITLES]
    words = [word for word in name.split() if _bare(word) not in _TITLES]
    if not words:
        return None
    if len(words) == 1:
        return " ".join((*titles, *words))
    # "J. Smith" signs with more than a letter, and we do not know it.
    return words[0] if len(words[0].rstrip(".")) > 1 else " ".join(words)


def _bare(word: str) -> str:
    return re.sub(r"[^\w]", "", word).casefold()


def _is_name(word: str) -> bool:
    return any(c.isalpha() for c in word) and all(
        unicodedata.category(c)[0] in "LM" or c in "'’-‐" or (c == "." and word.endswith(".")) for c in word
    )


def _cased(word: str) -> str:
    """Undo "DANA", which a directory wrote; every other spelling is the person's own."""
    return word.title() if word.isupper() and len(word.rstrip(".")) > 2 else word
