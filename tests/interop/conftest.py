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
UNPACKED = ROOT / ".venv" / "servers"
PATIENCE = 30.0
_users = itertools.count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpacked:
    """A running Courier (no SPECIAL-USE, MOVE, CONDSTORE, LITERAL+) or Cyrus; in both all folders lie below INBOX."""

    host: str = "127.0.0.1"
    port: int
    password: str = "secret"

    def fresh_user(self) -> str:
        """Every name can log in; a new one has an empty mailbox."""
        return f"user{next(_users)}"

    @contextmanager
    def raw(self, user: str) -> Iterator[imaplib.IMAP4]:
        """A second pair of eyes: the standard library's connection, which shares no code with ours."""
        with imaplib.IMAP4(self.host, self.port, timeout=20) as link:
            link.login(user, self.password)
            yield link


@pytest.fixture(scope="session")
def start_unpacked() -> Iterator[Callable[..., Unpacked]]:
    """Give a function that starts (once a session) the server of a script, with these settings."""
    running: dict[tuple[str, ...], tuple[Unpacked, subprocess.Popen[bytes], Path]] = {}

    def start(script: str, package: str, *settings: str) -> Unpacked:
        key = (script, *settings)
        if key not in running:
            running[key] = _start(script, package, settings)
        return running[key][0]

    yield start
    for _, process, folder in running.values():
        end(process)
        subprocess.run([*AS_ROOT, "rm", "-rf", str(folder)], check=True)


def _start(script: str, package: str, settings: tuple[str, ...]) -> tuple[Unpacked, subprocess.Popen[bytes], Path]:
    root = UNPACKED / package / "root"
    assert root.exists(), f"{package} is not unpacked: make .venv/servers/{package}"
    folder = Path(tempfile.mkdtemp(prefix=f"tactful-{package}-"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = str(ROOT / "tests" / "servers" / script)
    python = str(Path(sys.executable).resolve())
    with (folder / "log").open("wb") as log:
        command = [*AS_ROOT, "env", *settings, program, str(root), str(folder), str(port), python]
        process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with imaplib.IMAP4("127.0.0.1", port, timeout=5):
                return Unpacked(port=port), process, folder
        except OSError:
            time.sleep(0.05)
    pytest.fail(f"{package} did not start: {(folder / 'log').read_text()}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """A server and what its folders are called there."""

    server: Any
    drafts: str
    sent: str
    archive: str
    alone: bool = True  # whether it can remove or move one message alone
    whole: bool = True  # whether it takes in what is no proper message


# Nothing of what came after RFC 3501, and all folders below INBOX.
_BARE = {"prefix": "INBOX.", "sep": ".", "special": "no", "capability": "IMAP4rev1 NAMESPACE"}


# Those that differ most; `make faults` has all.
_SHORT = ("bare", "german", "courier without keywords", "cyrus")
_ALL = (*_SHORT, "gmail's tree", "courier")
LONG = os.environ.get("FAULTS") == "long"


@pytest.fixture(params=_ALL if LONG else _SHORT)
def other(request: pytest.FixtureRequest) -> Other:
    """Each of the other servers."""
    dovecot = request.getfixturevalue("start_dovecot")
    unpacked = request.getfixturevalue("start_unpacked")
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
            return Other(server=unpacked("courier.sh", "courier-imap"), **below_inbox)
        case "courier without keywords":
            return Other(server=unpacked("courier.sh", "courier-imap", "KEYWORDS=0"), **below_inbox)
        case _:
            return Other(server=unpacked("cyrus.sh", "cyrus-imapd"), whole=False, **below_inbox)
