"""Folds words to their plain form: lower case, no accents, contractions spelled out ("won't" is "will not")."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

# Tokens that stand for a thing in a text.
TIME: Final = "_time_"
DAY: Final = "_day_"
WINDOW: Final = "_window_"
LINK: Final = "_link_"
MAIL: Final = "_mail_"

_WHOLE: Final = {
    "won't": ("will", "not"),
    "can't": ("can", "not"),
    "shan't": ("shall", "not"),
    "let's": ("let", "us"),
    "y'all": ("you",),
}
_ENDINGS: Final = {"n't": "not", "'re": "are", "'ll": "will", "'ve": "have", "'d": "would", "'m": "am"}


@lru_cache(maxsize=8192)
def plain(word: str) -> str:
    """Fold a word: lower case, no accents, straight apostrophes."""
    word = word.replace("’", "'").casefold()
    if word.isascii():
        return word
    return "".join(mark for mark in unicodedata.normalize("NFKD", word) if not unicodedata.combining(mark))


@lru_cache(maxsize=8192)
def spell(word: str) -> tuple[str, ...]:
    """Give the plain words that one written word stands for, at least one."""
    folded = plain(word)
    if "'" not in folded:
        return (folded,)
    if folded in _WHOLE:
        return _WHOLE[folded]
    for ending, meaning in _ENDINGS.items():
        if folded.endswith(ending) and len(folded) > len(ending):
            return (folded[: -len(ending)], meaning)
    if folded.endswith("'s"):
        return (folded[:-2],) if len(folded) > 2 else (folded,)
    return tuple(part for part in folded.split("'") if part) or (folded,)  # l'entretien, d'ici
