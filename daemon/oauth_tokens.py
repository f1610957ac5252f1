"""What is kept of a login in, an access token that a server will take out.

New tokens are asked for only when the last one is about to expire or was refused, and are stored before they are used:
an endpoint may take each refresh token once, and one that is lost locks the person out.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from daemon.errors import LoginNeeded, SecretError, TokenUnavailable
from daemon.oauth import OAuthSettings, Tokens
from daemon.oauth_client import ClientRefused, EndpointDown, GrantGone, OAuthClient
from daemon.oauth_store import TokenStore
from daemon.sasl import AccessToken
from daemon.tries import Tries

_log = logging.getLogger("tactful.oauth")

EARLY = 300.0  # seconds before it expires, a token is replaced: a login takes some, and clocks differ


class TokenKeeper:
    """Gives access tokens for one account, to any thread. `client_secret` gives the client's, or raises SecretError."""

    def __init__(
        self,
        settings: OAuthSettings,
        store: TokenStore,
        client_secret: Callable[[], str | None],
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._store = store
        self._client_secret = client_secret
        self._ticks = ticks
        self._lock = threading.Lock()
        self._tries = Tries()
        self._spoiled = ""  # a token that a server refused before its time
        self._ended: tuple[str, SecretError] | None = None  # a refresh token that is good for nothing, and what to say
        self._unstored: Tokens | None = None  # what an endpoint gave and no store would take

    def access_token(self) -> AccessToken:
        """Give a token. Raises LoginNeeded, TokenUnavailable, KeyringUnavailable or another SecretError."""
        with self._lock:
            tokens = self._kept()
            if not self._is_good(tokens):
                with self._store.exclusive():
                    tokens = self._kept()  # another process may have been quicker
                    if not self._is_good(tokens):
                        tokens = self._renewed(tokens)
        try:
            return AccessToken(tokens.access, grant=tokens.grant)
        except ValueError:
            raise SecretError(f"account {self._settings.account}: the provider's token is none of RFC 6750") from None

    def spoil(self, token: str) -> None:
        """Note that a server refuses this token, although it has not expired."""
        with self._lock:
            self._spoiled = token

    def _kept(self) -> Tokens:
        tokens = self._store.load()
        if self._unstored is not None:
            if self._unstored.grant == tokens.grant:
                tokens = self._unstored
                self._store.save(tokens)
            self._unstored = None  # stored, or the person has logged in again
        return tokens

    def _is_good(self, tokens: Tokens) -> bool:
        return tokens.access != self._spoiled and time.time() < tokens.expires_at - EARLY

    def _renewed(self, tokens: Tokens) -> Tokens:
        if self._ended is not None and self._ended[0] == (tokens.refresh or tokens.access):
            raise self._ended[1]
        if tokens.refresh is None:
            raise self._end(tokens, "the login gave no refresh token, and its token has expired")
        if not self._tries.may(self._ticks()):
            return self._last_resort(tokens, "it gave no token at the last tries")
        try:
            fresh = OAuthClient(self._settings, self._client_secret()).refresh(tokens)
        except EndpointDown as error:
            self._tries.failed(self._ticks())
            return self._last_resort(tokens, str(error))
        except (GrantGone, ClientRefused) as error:
            raise self._end(tokens, str(error)) from error
        self._tries.succeeded()
        self._unstored = fresh
        self._store.save(fresh)
        self._unstored = None
        _log.info("account %s: a new access token", self._settings.account)
        return fresh

    def _last_resort(self, tokens: Tokens, reason: str) -> Tokens:
        """A token that is about to expire is better than none."""
        if tokens.access != self._spoiled and time.time() < tokens.expires_at:
            return tokens
        raise TokenUnavailable(f"account {self._settings.account}: no access token just now: {reason}")

    def _end(self, tokens: Tokens, reason: str) -> LoginNeeded:
        name = self._settings.account
        error = LoginNeeded(f"account {name}: {reason}; say: tactful login {name}")
        self._ended = (tokens.refresh or tokens.access, error)
        return error
