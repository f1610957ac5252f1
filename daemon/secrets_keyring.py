"""A name in, its secret in the desktop's keyring out; and the way back. Nothing waits longer than some seconds."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from daemon.errors import KeyringUnavailable, LoginNeeded, SecretError
from daemon.programs import output_of

PATIENCE = 10.0  # seconds, for a service that may have to be started first
UNLOCKING = 120.0  # seconds for the person, who sits before the window that asks

_INSTEAD = "{credential: NAME}, {command: [...]} or {file: PATH} where there is no desktop"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyringSecret:
    """The desktop's keyring: the password of `username` for `service`."""

    service: str
    username: str


def read_keyring(source: KeyringSecret, *, environ: Mapping[str, str], account: str, patience: float = PATIENCE) -> str:
    """Give the secret; a locked keyring is not asked to unlock.

    Raises KeyringUnavailable, LoginNeeded where the keyring has no such secret, or another SecretError.
    """
    answer = _ask(source, None, environ, account, patience=patience)
    secret = answer.get("secret")
    if not isinstance(secret, str):
        raise LoginNeeded(
            f"account {account}: the keyring has no password of {source.username} for {source.service}; "
            f"store it with: tactful login {account}"
        )
    return secret


def write_keyring(
    source: KeyringSecret, secret: str, *, environ: Mapping[str, str], account: str, may_unlock: bool
) -> None:
    """Store the secret, and see that it is there. Raises SecretError.

    `may_unlock`: a window may ask the person to unlock the keyring; it has two minutes.
    """
    patience = UNLOCKING if may_unlock else PATIENCE
    answer = _ask(source, secret, environ, account, patience=patience, may_unlock=may_unlock)
    if answer.get("secret") != secret:
        raise SecretError(f"account {account}: the keyring has not kept what was stored; use {_INSTEAD}")


def _ask(
    source: KeyringSecret,
    secret: str | None,
    environ: Mapping[str, str],
    account: str,
    *,
    patience: float,
    may_unlock: bool = False,
) -> dict[str, Any]:
    request = {
        "service": source.service,
        "username": source.username,
        "secret": secret,
        "may_unlock": may_unlock,
        "seconds": ceil(patience) + 1,
    }
    # A process: a thread that waits for a dead service cannot be ended.
    # -P: what lies in the current directory is not imported.
    worker = (sys.executable, "-P", "-m", "daemon.keyring_worker")
    try:
        output, _ = output_of(worker, environ=environ, patience=patience, given=json.dumps(request).encode())
        answer = json.loads(output)
    except subprocess.TimeoutExpired:
        raise KeyringUnavailable(
            f"account {account}: the keyring gave no answer within {patience:.0f} s; unlock it, or use {_INSTEAD}"
        ) from None
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise KeyringUnavailable(f"account {account}: the keyring's backend broke off; use {_INSTEAD}")
    if answer.get("locked"):
        raise KeyringUnavailable(f"account {account}: the keyring is locked; unlock it, and it goes on by itself")
    if "problem" in answer:
        raise KeyringUnavailable(f"account {account}: the keyring cannot be used ({answer['problem']}); use {_INSTEAD}")
    return answer
