"""Servers that differ from the one that the other tests talk to."""

from __future__ import annotations

import imaplib
import itertools
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.namespaces import AS_ROOT, end

ROOT = Path(__file__).parent.parent.parent
COURIER = ROOT / ".venv" / "servers" / "courier-imap" / "root"
PATIENCE = 30.0
_users = itertools.count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Courier:
    """A running Courier IMAP. All folders lie below INBOX; it lacks SPECIAL-USE, MOVE, CONDSTORE and LITERAL+."""

    host: str = "127.0.0.1"
    port: int
    password: str = "secret"

    def fresh_user(self) -> str:
        """Every name can log in; a new one has an empty mailbox."""
        return f"user{next(_users)}@mail.example"

    @contextmanager
    def raw(self, user: str) -> Iterator[imaplib.IMAP4]:
        """A second pair of eyes: the standard library's connection, which shares no code with ours."""
        with imaplib.IMAP4(self.host, self.port, timeout=20) as link:
            link.login(user, self.password)
            yield link


@pytest.fixture(scope="session")
def start_courier() -> Iterator[Callable[..., Courier]]:
    """Give a function that starts (once a session) a Courier with these settings."""
    running: dict[tuple[tuple[str, str], ...], tuple[Courier, subprocess.Popen[bytes], Path]] = {}

    def start(**settings: str) -> Courier:
        key = tuple(sorted(settings.items()))
        if key not in running:
            running[key] = _start(settings)
        return running[key][0]

    yield start
    for _, process, folder in running.values():
        end(process)
        subprocess.run([*AS_ROOT, "rm", "-rf", str(folder)], check=True)


def _start(settings: dict[str, str]) -> tuple[Courier, subprocess.Popen[bytes], Path]:
    assert COURIER.exists(), "Courier is not unpacked: make .venv/servers/courier-imap"
    folder = Path(tempfile.mkdtemp(prefix="tactful-courier-"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    given = [f"{name.upper()}={value}" for name, value in settings.items()]
    script = str(ROOT / "tests" / "servers" / "courier.sh")
    python = str(Path(sys.executable).resolve())
    with (folder / "log").open("wb") as log:
        command = [*AS_ROOT, "env", *given, script, str(COURIER), str(folder), str(port), python]
        process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with imaplib.IMAP4("127.0.0.1", port, timeout=5):
                return Courier(port=port), process, folder
        except OSError:
            time.sleep(0.05)
    pytest.fail(f"Courier did not start: {(folder / 'log').read_text()}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """A server and what its folders are called there."""

    server: Any
    drafts: str
    sent: str
    archive: str
    alone: bool = True  # whether it can remove or move one message alone


# Nothing of what came after RFC 3501, and all folders below INBOX.
_BARE = {"prefix": "INBOX.", "sep": ".", "special": "no", "capability": "IMAP4rev1 NAMESPACE"}


# Those that differ most; `make faults` has all.
_SHORT = ("bare", "german", "courier without keywords")
_ALL = (*_SHORT, "gmail's tree", "courier")
LONG = os.environ.get("FAULTS") == "long"


@pytest.fixture(params=_ALL if LONG else _SHORT)
def other(request: pytest.FixtureRequest) -> Other:
    """Each of the other servers."""
    dovecot = request.getfixturevalue("start_dovecot")
    courier = request.getfixturevalue("start_courier")
    below_inbox = {"drafts": "INBOX.Drafts", "sent": "INBOX.Sent", "archive": "INBOX.Archive"}
    match request.param:
        case "bare":
            return Other(server=dovecot(**_BARE), alone=False, **below_inbox)
        case "german":
            names = {"drafts": "Entwürfe", "sent": "Gesendet", "archive": "Archiv"}
            return Other(server=dovecot(names="de", special="no"), **names)
        case "gmail's tree":
            names = {"drafts": "[Gmail]/Drafts", "sent": "[Gmail]/Sent Mail", "archive": "[Gmail]/All Mail"}
            return Other(server=dovecot(names="gmail"), **names)
        case "courier":
            return Other(server=courier(), **below_inbox)
        case _:
            return Other(server=courier(keywords="0"), **below_inbox)
