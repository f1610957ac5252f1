"""Keeps an account's tokens: in the keyring, or in a file that only its owner can read."""

from __future__ import annotations

import fcntl
import hashlib
import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from daemon.credentials import FileSecret, find_secret
from daemon.errors import LoginNeeded, SecretError, TokenUnavailable
from daemon.oauth import OAuthSettings, Tokens
from daemon.private_files import create_privately
from daemon.secrets_keyring import KeyringSecret, read_keyring, write_keyring

SERVICE = "tactful-oauth"  # in the keyring
PATIENCE = 40.0  # seconds, for another process that asks; it gives up before


class TokenStore:
    """The tokens of one account, for all processes of its person."""

    def __init__(self, settings: OAuthSettings, environ: Mapping[str, str]) -> None:
        self._settings = settings
        self._environ = environ
        # A login's name may be no file name.
        digest = hashlib.sha256(f"{settings.provider.token_url} {settings.client_id} {settings.username}".encode())
        self._path = settings.directory / f"{settings.account}-{digest.hexdigest()[:16]}"
        self._entry = KeyringSecret(service=SERVICE, username=f"{settings.username} {digest.hexdigest()[:16]}")

    def load(self) -> Tokens:
        """Give the tokens. Raises LoginNeeded where there are none, KeyringUnavailable, or another SecretError."""
        account = self._settings.account
        advice = f"account {account}: there is no OAuth login yet; say: tactful login {account}"
        if self._settings.in_keyring:
            try:
                text = read_keyring(self._entry, environ=self._environ, account=account)
            except LoginNeeded:
                raise LoginNeeded(advice) from None
        else:
            if not self._path.exists():
                raise LoginNeeded(advice)
            text = find_secret(FileSecret(path=self._path), environ=self._environ, account=account)
        try:
            return Tokens.from_text(text)
        except ValueError:
            raise LoginNeeded(f"account {account}: the OAuth login is damaged; say: tactful login {account}") from None

    def save(self, tokens: Tokens, *, may_unlock: bool = False) -> None:
        """Keep the tokens; when this returns they outlive a crash. Raises SecretError."""
        account = self._settings.account
        if self._settings.in_keyring:
            text = tokens.to_text()
            write_keyring(self._entry, text, environ=self._environ, account=account, may_unlock=may_unlock)
            return
        try:
            write_private(self._path, tokens.to_text())
        except OSError as error:
            raise SecretError(f"account {account}: the tokens cannot be stored ({error.strerror})") from error

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Keep other processes from asking for new tokens meanwhile: some endpoints take each refresh token once."""
        try:
            self._settings.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = os.open(f"{self._path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise SecretError(
                f"account {self._settings.account}: {self._settings.directory} cannot be written to ({error.strerror})"
            ) from error
        try:
            self._wait_for(lock)
            yield
        finally:
            os.close(lock)

    def _wait_for(self, lock: int) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    name = self._settings.account
                    raise TokenUnavailable(f"account {name}: another tactful does not end asking for a token") from None
                threading.Event().wait(0.1)
            else:
                return


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read: whole or not at all, and on the disk. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    create_privately(path, f"{text}\n".encode())
    owner = path.parent.stat()
    if os.geteuid() == 0 and owner.st_uid != 0:  # root logs in for a service: the file is the service's
        os.chown(path, owner.st_uid, owner.st_gid)
