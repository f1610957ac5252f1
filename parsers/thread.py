"""Message-ID, In-Reply-To and References in, the thread that a message belongs to out (RFC 5322 section 3.6.4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

from parsers.model import Facts

Holder = TypeVar("Holder")


class Threads(Generic[Holder]):
    """Remembers who holds each Message-ID, and finds the holder of a message that names one of them.

    Messages are given in order of arrival. A message never joins two threads that were apart before: it belongs to the
    holder of the nearest message that it names, so that a later (or hostile) message cannot rewrite what was known.
    """

    def __init__(self) -> None:
        self._holders: dict[str, Holder] = {}

    def find(self, fact: Facts) -> Holder | None:
        """Give the holder of the nearest known message, or None."""
        return next((self._holders[name] for name in nearest_first(fact) if name in self._holders), None)

    def add(self, fact: Facts, holder: Holder) -> None:
        """Note that the message belongs to `holder`, and with it every message it names that nobody holds.

        Named messages that were never seen matter: two answers to the same lost message are one thread.
        """
        if fact.message_id:
            self._holders[fact.message_id] = holder
        for name in fact.thread:
            self._holders.setdefault(name, holder)


def nearest_first(fact: Facts) -> Iterator[str]:
    """Yield the Message-IDs that tie the message to others: what it answers, then its references from the newest.

    Its own comes last: an answer that overtook it may have named it already.
    """
    yield from reversed(fact.in_reply_to)
    yield from reversed(fact.references)
    if fact.message_id:
        yield fact.message_id
