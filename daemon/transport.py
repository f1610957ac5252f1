"""The port to a server that takes letters over (SMTP submission, RFC 6409): what goes in, and the five things that can
come of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """An envelope and the message in it. `message` is RFC 5322 with CRLF line ends; addresses are plain ASCII."""

    sender: str
    recipients: tuple[str, ...]
    message: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The server answered for the letter. `reply` is what it said, as in the other outcomes: one line, no secret."""

    reply: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deferred:
    """Nobody has the letter: a 4xx reply, no connection, or one that broke before the letter's end was sent."""

    reply: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Nobody has the letter, and trying again is of no use: a 5xx reply, or something that cannot be sent."""

    reply: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoLogin:
    """Nobody has the letter: the password could not be had, or the server refuses it."""

    reply: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """The letter's end was sent and no reply read: somebody may have it."""

    reply: str


Outcome = Accepted | Deferred | Refused | NoLogin | Unknown


class Transport(Protocol):
    """One account's way out."""

    @property
    def files_sent(self) -> bool:
        """Whether the provider puts a copy of what it takes over into Sent by itself."""

    def send(self, parcel: Parcel, about_to_end: Callable[[], None]) -> Outcome:
        """Hand a letter over to all its recipients or to nobody; blocks, and ends within its deadline.

        `about_to_end` is called at most once, right before the octets go out that end the letter (RFC 5321 4.1.1.4):
        as long as it was not called, nobody has the letter, whatever happens to this process.
        """
