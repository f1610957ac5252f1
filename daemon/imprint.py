"""The words of a letter in, an imprint of them out by which a copy is known that was edited, wrapped or quoted.

Of each three words in a row a keyed hash is kept: without the installation's secret nothing can be read off them.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

_WORD = re.compile(r"\w+")
_OCTETS = 4  # of each hash: two letters have one in common by chance once in ten thousand
_RUN = 3
ENOUGH = 0.5  # of the letter must be there: half of it may have been written anew


def imprint(text: str, secret: bytes) -> bytes:
    """Give the hashes, ascending, each once. Line ends, quotation marks and the like do not count; words do."""
    return b"".join(sorted(_hashes(text, secret)))


def bears(text: str, print_of_letter: bytes, secret: bytes) -> bool:
    """Whether a text has enough of the letter in it, whatever else it has."""
    wanted = {print_of_letter[at : at + _OCTETS] for at in range(0, len(print_of_letter), _OCTETS)}
    return bool(wanted) and len(wanted & _hashes(text, secret)) >= ENOUGH * len(wanted)


def _hashes(text: str, secret: bytes) -> set[bytes]:
    words = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    runs = (" ".join(words[at : at + _RUN]) for at in range(len(words) - _RUN + 1))
    return {hashlib.blake2b(run.encode(), digest_size=_OCTETS, key=secret).digest() for run in runs}
