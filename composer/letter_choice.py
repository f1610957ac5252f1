"""Takes the bodies of a letter and those that the company has had already; gives the one to use now.

A company never gets the same words twice while there are others, in whatever application; and two notes of one visit,
which colleagues compare, share at most 60 % of their word trigrams (policy.md section 6).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from composer.letter_forms import Form

SHARED_AT_MOST = 0.6


def choose_body(form: Form, place: int, used: Sequence[str], render: Callable[[int], str]) -> int:
    """Give the number of the body: the first from `place` on that was not used and is like none that was.

    `used` has wordings, oldest first. When every body was used, the one whose last use is longest ago comes again.
    """
    before = [number for number in map(form.number, used) if number is not None]
    order = [(place + step) % len(form.sources) for step in range(len(form.sources))]
    fresh = [number for number in order if number not in before]
    for number in fresh:
        text = render(number)
        if all(shared_trigrams(text, render(other)) <= SHARED_AT_MOST for other in set(before)):
            return number
    if fresh:
        return fresh[0]
    return min(order, key=lambda number: len(before) - before[::-1].index(number))


def shared_trigrams(one: str, other: str) -> float:
    """Give the share of word trigrams of the shorter text that the other has as well, 0 to 1."""
    a, b = _trigrams(one), _trigrams(other)
    return len(a & b) / min(len(a), len(b)) if a and b else 0.0


def _trigrams(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"[\w'’]+", text.casefold())
    return set(zip(words, words[1:], words[2:], strict=False))
