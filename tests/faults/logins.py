"""How the rig's person and the rig's daemon log in: by a password kept here or there, by tokens of a server of ours."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.faults.conftest import LONG
from tests.servers.oauth import AuthorizationServer, authorization_server

WITHIN = 60.0  # seconds, F23's recover_s
TRIES = rb"^(LOGIN|AUTHENTICATE)"


def log_of(rig: Any) -> str:
    path = rig.seat.folder / "log"
    return str(path.read_text("utf-8")) if path.exists() else ""


def set_password(rig: Any, how: str) -> None:
    """Let the configuration say this of the password."""
    text = rig.seat.config.read_text("utf-8")
    (line,) = [line for line in text.splitlines() if "password:" in line]
    rig.seat.config.write_text(text.replace(line, f"      password: {how}"), "utf-8")


def sooner(rig: Any) -> None:
    """Let the pause between two tries be over: the wait is the same, sooner."""
    if not LONG:
        rig.seat.move_clock(rig.seat.now + timedelta(minutes=1))


def hurried(rig: Any, condition: Callable[[], Any], what: str, patience: float = WITHIN) -> float:
    """Wait as `Rig.until` does, with pauses that pass at a run; give the seconds that it took."""
    began = time.monotonic()
    while time.monotonic() < began + patience:
        sooner(rig)
        beat = time.monotonic() + 3
        while time.monotonic() < beat:
            if condition():
                return time.monotonic() - began
            time.sleep(0.1)
    pytest.fail(f"not within {patience} s: {what}\nstate: {rig.state}\n{log_of(rig)[-3000:]}")


@contextmanager
def provided(rig: Any, **more: str) -> Iterator[AuthorizationServer]:
    """Give an authorization server whose tokens the rig's Dovecot takes, and let the configuration name it; `more` goes
    into its section.
    """
    key = (rig.seat.server.directory / "state" / "jwt.secret").read_bytes()
    with authorization_server(key, rig.seat.user) as made:
        named = {
            "client_id": "client-1",
            "tokens": "file",
            "scopes": "[mail]",
            "authorization_url": f"{made.url}/authorize",
            "token_url": f"{made.url}/token",
            "device_url": f"{made.url}/device",
        }
        section = ", ".join(f"{name}: {value}" for name, value in (named | more).items())
        text = rig.seat.config.read_text("utf-8")
        rig.seat.config.write_text(text.replace("    imap:\n", f"    oauth: {{{section}}}\n    imap:\n"), "utf-8")
        set_password(rig, "{oauth: custom}")
        (rig.seat.folder / "secret").unlink()
        yield made


def log_in(rig: Any) -> None:
    """Let the person log in by a device's code."""
    done = rig.seat.run("login", rig.seat.account, "--device")
    assert done.returncode == 0, done.stderr
    assert "The server takes it." in done.stderr


def hour_later(rig: Any) -> None:
    """Let the access token be about to expire."""
    rig.seat.move_clock(rig.seat.now + timedelta(minutes=58))


def tokens_file(rig: Any) -> Path:
    (path,) = [path for path in (rig.seat.state / "oauth").iterdir() if path.suffix != ".lock"]
    return Path(path)
