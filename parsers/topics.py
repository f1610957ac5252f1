"""Reads what a talk is announced to be about: a text in, short noun phrases out; only what is clearly stated."""

from __future__ import annotations

import re
from typing import Final

from parsers.spelling import plain

TOPIC_LIMIT: Final = 5
_WORDS: Final = 8
_TEXT_LIMIT: Final = 6000

_ANNOUNCED = re.compile(
    r"\b(?:(?:we|we'll|they|she|he|i|team|[A-Z][a-z]+|interview|conversation|session|call|discussion|round)(?: will|'ll| would like to| want to| plan to|'d like to| are going to| is going to)"
    r"(?: also| then| mainly| mostly| probably)? (?:look at|discuss|talk (?:about|through)|go (?:through|over)|walk (?:through|you through)|dive into|dig into|cover|review|focus on|be about|explore|"
    r"touch on|centre on|center on|revolve around)|(?:conversation|interview|session|call|discussion|chat|round) (?:about|on|focus(?:es|ed|ing) on|focusing on|covers|covering)|"
    r"(?:focus|topics?|subject|agenda|theme|thema|sujet|tema)s? (?:of .{2,30} )?(?:will be|is|are|:)|be (?:ready|prepared) to (?:discuss|talk about|present)|prepare to (?:discuss|talk about|present)|"
    r"(?:wir|gespräch|interview) (?:möchten|wollen|werden|wird) (?:mit ihnen |mit dir )?(?:über)|es geht um|nous (?:parlerons|discuterons|aborderons) (?:de |du |des |d')|hablaremos (?:de|sobre))\s{1,2}"
    r"(?P<topic>[^\n.;:!?()]{3,90})",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"(?m)^\W{0,3}(?:topics?|focus|agenda|themen?|sujets?|temas?)\s?:\s{0,3}(?P<topic>\S[^\n]{2,150})$", re.IGNORECASE
)
_ARTICLES: Final = frozenset(
    "your the our some a an this that these how what deine ihre ihr dein die das den der votre vos le la les tu su el los las of on about any more".split()
)
_CUT = re.compile(
    r",? (?:and then|so that|so|which|because|before|after|during|with (?:you|me|us|the)|as well|together|in (?:more )?detail|in depth|for (?:about|around|\d+)|to (?:see|understand|learn|get)|if|when|on (?:monday|tuesday|wednesday|thursday|friday)|next|and (?:we|i|you|answer|your questions))\b.*$",
    re.IGNORECASE,
)
# What every talk is about tells nothing.
_EMPTY: Final = frozenset(
    "role position opportunity details detail background experience next steps step it this that you your questions things everything job company team us availability fit timing process "
    "interest logistics offer application resume cv more interview call what further salary compensation benefits start date time times schedule everyone".split()
)


def find_topics(text: str) -> tuple[str, ...]:
    """Give the topics that a text announces, each once."""
    found: dict[str, None] = {}
    for pattern in (_ANNOUNCED, _LABEL):
        for match in pattern.finditer(text[:_TEXT_LIMIT]):
            pieces = re.split(r",\s|;\s|\s[/|]\s", match["topic"]) if pattern is _LABEL else [match["topic"]]
            for piece in pieces:
                if topic := _trimmed(piece):
                    found.setdefault(topic, None)
    return tuple(found)[:TOPIC_LIMIT]


def _trimmed(piece: str) -> str | None:
    words = _CUT.sub("", piece.strip()).split(",")[0].split()
    while words and plain(words[0]) in _ARTICLES:
        words.pop(0)
    if not words or len(words) > _WORDS:
        return None
    content = [
        word
        for word in words
        if plain(word.strip(".,'")) not in _ARTICLES | {"and", "with", "for", "in", "to", "und", "et", "y"}
    ]
    if not content or all(plain(word.strip(".,'")) in _EMPTY for word in content):
        return None
    return " ".join(words).strip(" .,-'\"")
