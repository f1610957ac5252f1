"""What a server says to a refused login, or to any other command, in; what it means out: capacity, transient, secret.

The words are those of Gmail, Exchange, Dovecot, Yahoo and others, which hardly use the codes of RFC 5530 and RFC 3463.
A refusal that says nothing counts as one of the secret: to try a wrong one again and again locks the account.
"""

from __future__ import annotations

import re
from enum import StrEnum


class Meaning(StrEnum):
    """Why a login was refused."""

    CAPACITY = "capacity"  # too many connections or too much traffic: come back later, in longer and longer intervals
    TRANSIENT = "transient"  # the server could not check: a few more tries
    WRONG_SECRET = "wrong-secret"  # noqa: S105 - no password; no further try until there is another secret


_CAPACITY = re.compile(
    r"\[(?:LIMIT|INUSE|THROTTLED)\b|too many|maximum number|simultaneous|concurrent|bandwidth|rate.?limit|throttl"
    r"|backoff",
    re.IGNORECASE,
)
_TRANSIENT = re.compile(
    r"\[(?:UNAVAILABLE|SERVERBUG)\b|temporar|authenticated but not connected|internal (?:server |login )?(?:error|fail)"
    r"|system error|server (?:error|unavailable|busy)|service (?:unavailable|not (?:available|active))|timed? ?out",
    re.IGNORECASE,
)
# Said of a wrong password as well ("Invalid credentials, please try again later"), so it counts only without these.
_LATER = re.compile(r"try again|later", re.IGNORECASE)
_SECRET = re.compile(r"\[(?:AUTH|EXPIRED|PRIVACYREQUIRED|CONTACTADMIN)|credential|password", re.IGNORECASE)


def meaning_of(text: str, *, reply_code: int | None = None) -> Meaning:
    """Read a refused login; `reply_code` is that of SMTP (RFC 5321 4.2.1), whose first digit counts most."""
    if _CAPACITY.search(text):
        return Meaning.CAPACITY
    if reply_code is not None:
        return Meaning.WRONG_SECRET if reply_code // 100 == 5 else Meaning.TRANSIENT
    if _TRANSIENT.search(text) or (_LATER.search(text) and not _SECRET.search(text)):
        return Meaning.TRANSIENT
    return Meaning.WRONG_SECRET


def says_busy(text: str) -> bool:
    """Whether the refusal of any command asks to come back later."""
    return meaning_of(text) is not Meaning.WRONG_SECRET
