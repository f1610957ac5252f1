"""Spares a server logins that cannot succeed: it counts failures, and locks an account that comes again and again.

A secret that was refused is not shown again until there is another one; only a few times a day, in case the server was
wrong. A server that could not check gets three tries in fifteen minutes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from typing import TypeVar

from daemon.errors import LoginRefused, LoginUnchecked
from daemon.sasl import AccessToken
from daemon.tries import Tries

_T = TypeVar("_T")

AGAIN = timedelta(hours=6)  # the same secret
ASK_AGAIN = timedelta(minutes=15)  # a secret whose source may ask the person


@dataclass(frozen=True, slots=True)
class _Refusal:
    """What was refused, and until when it need not be tried again."""

    identity: bytes
    error: LoginRefused
    until: float


class LoginGuard:
    """Guards one account's login. `secret` gives its secret, or raises SecretError; `quiet`: nobody notices when.

    `spoil` is told of an access token that is refused; `secret` then gives another one, or raises.
    """

    def __init__(
        self,
        secret: Callable[[], str],
        *,
        quiet: bool = True,
        spoil: Callable[[str], None] | None = None,
        now: Callable[[], float] = monotonic,
    ) -> None:
        self._secret = secret
        self._quiet = quiet
        self._spoil = spoil
        self._now = now
        self._refusal: _Refusal | None = None
        self._asked_at = 0.0
        self._unchecked = Tries()
        self._last: LoginUnchecked | None = None

    def log_in(self, attempt: Callable[[str], _T]) -> _T:
        """Give what the attempt gives. Raises what it raises, and LoginRefused or LoginUnchecked in its place."""
        if self._last is not None and not self._unchecked.may(self._now()):
            raise self._last
        refusal = self._refusal
        if refusal and not self._quiet and self._now() < self._asked_at + ASK_AGAIN.total_seconds():
            raise refusal.error
        self._asked_at = self._now()
        secret = self._secret()
        if refusal and refusal.identity == _identity(secret) and self._now() < refusal.until:
            raise refusal.error
        try:
            result = self._tried(attempt, secret)
        except LoginRefused as error:
            self._refusal = _Refusal(_identity(secret), error, self._now() + AGAIN.total_seconds())
            raise
        except LoginUnchecked as error:
            self._last = error
            self._unchecked.failed(self._now())
            raise
        self._refusal = self._last = None
        self._unchecked.succeeded()
        return result

    def _tried(self, attempt: Callable[[str], _T], secret: str) -> _T:
        try:
            return attempt(secret)
        except LoginRefused:
            if self._spoil is None or not isinstance(secret, AccessToken):
                raise
            self._spoil(secret)  # it may have died before its time
        return attempt(self._secret())


def _identity(secret: str) -> bytes:
    """Give what a secret is known again by; that of all tokens of one login is the same."""
    return hashlib.sha256((secret.grant if isinstance(secret, AccessToken) else secret).encode()).digest()
