"""Reads what a talk is announced to be about: a text in, short noun phrases out; only what is clearly stated."""

from __future__ import annotations

import re
from typing import Final

from parsers.cues import cue
from parsers.names import word_lists
from parsers.spelling import plain

TOPIC_LIMIT: Final = 5
_WORDS: Final = 8
_TEXT_LIMIT: Final = 6000

_ANNOUNCED = cue(r"\b{topic_lead}\s{1,2}(?P<topic>[^\n.;:!?()]{3,90})")
_LABEL = cue(r"^\W{0,3}{topic_label}\s?:\s{0,3}(?P<topic>\S[^\n]{2,150})$", re.IGNORECASE | re.MULTILINE)
_END = cue(r",? \b{topic_end}\b.{0,200}$")


def find_topics(text: str) -> tuple[str, ...]:
    """Give the topics that a text announces, each once."""
    text = text[:_TEXT_LIMIT]
    announced = [match["topic"] for match in _ANNOUNCED.finditer(text)]
    listed = [piece for match in _LABEL.finditer(text) for piece in re.split(r"[,;]\s|\s[/|]\s", match["topic"])]
    found = dict.fromkeys(topic for piece in (*announced, *listed) if (topic := _trimmed(piece)))
    return tuple(found)[:TOPIC_LIMIT]


def _trimmed(piece: str) -> str | None:
    """Cut a piece to the thing that it names; None where that tells nothing ("the role", "next steps")."""
    lists = word_lists()
    words = _END.sub("", piece.strip()).split(",")[0].split()
    while words and plain(words[0]) in lists["articles"]:
        words.pop(0)
    if not words or len(words) > _WORDS:
        return None
    if all(plain(word.strip(".,'")) in lists["articles"] | lists["empty_topics"] for word in words):
        return None
    return " ".join(words).strip(" .,-'\"") or None
