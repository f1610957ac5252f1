"""A process of its own that asks the keyring: one JSON request on standard input, one JSON answer on standard output.

A backend may wait for ever, print, or ask on a terminal; this process has no terminal and is ended after some seconds.

Request: {"service", "username", "secret": text to store | null, "may_unlock": whether the person is there to be asked,
"seconds": a whole number, after which nobody waits for the answer}.
Answer: {"secret": text | null} or {"locked": true} or {"problem": text}.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from contextlib import closing
from importlib import import_module
from typing import TYPE_CHECKING, Any

from daemon.process_memory import keep_memory_private

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

# In this order, the first that works here. Never a plain file, and never one that asks for a password on a terminal:
# whoever wants another names it in PYTHON_KEYRING_BACKEND.
_BACKENDS = (
    ("keyring.backends.macOS", "Keyring"),
    ("keyring.backends.Windows", "WinVaultKeyring"),
    ("keyring.backends.SecretService", "Keyring"),
    ("keyring.backends.kwallet", "DBusKeyring"),
)
_REFUSED = {
    "keyrings.alt": "keeps secrets in a file that is plain, or asks on a terminal",
    "keyrings.cryptfile": "asks on a terminal",
    "keyring.backends.chainer": "may hand a secret to any other one",
    "keyring.backends.fail": "keeps nothing",
    "keyring.backends.null": "keeps nothing",
}


class _Locked(Exception):
    """Only the person can open it."""


def main() -> None:
    """Answer the request on standard input."""
    keep_memory_private()
    request = json.load(sys.stdin)
    signal.alarm(request["seconds"])  # nobody is left to end it where the daemon was killed
    # Whatever a backend prints is none of the answer.
    with os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8") as answers:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        json.dump(_answer(request), answers)


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    from keyring.errors import KeyringLocked

    try:
        backend = _backend(os.environ.get("PYTHON_KEYRING_BACKEND"))
        if not request["may_unlock"] and type(backend).__module__ == "keyring.backends.SecretService":
            _insist_on_unlocked()
        if request["secret"] is not None:
            backend.set_password(request["service"], request["username"], request["secret"])
        return {"secret": backend.get_password(request["service"], request["username"])}
    except (KeyringLocked, _Locked):
        return {"locked": True}
    except Exception as error:  # backends raise what their platform raises; it goes to the person
        return {"problem": f"{type(error).__name__}: {error}"[:300]}


def _backend(chosen: str | None) -> KeyringBackend:
    import keyring.core

    if chosen:
        backend = keyring.core.load_keyring(chosen)
        modules = [base.__module__ for base in type(backend).__mro__]
        for name, why in _REFUSED.items():
            if any(f"{module}.".startswith(f"{name}.") for module in modules):
                raise LookupError(f"{chosen} is not used: it {why}")
        return backend
    for module, name in _BACKENDS:
        try:
            kind: type[KeyringBackend] = getattr(import_module(module), name)
        except (ImportError, AttributeError):
            continue
        if kind.viable:
            return kind()
    raise LookupError("there is none here")


def _insist_on_unlocked() -> None:
    """Raise _Locked rather than have a window pop up that nobody waits for."""
    import secretstorage
    from secretstorage.exceptions import ItemNotFoundException

    with closing(secretstorage.dbus_init()) as connection:
        try:
            # By its alias: get_default_collection would offer to make a new one.
            if secretstorage.Collection(connection).is_locked():
                raise _Locked
        except ItemNotFoundException:
            raise LookupError("it has no default collection yet; store the password first") from None


if __name__ == "__main__":
    main()
