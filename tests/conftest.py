"""A real Dovecot for the tests of the mailbox: one server a session and variant, a fresh user for each test."""

from __future__ import annotations

import imaplib
import itertools
import os
import random
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent / "servers" / "dovecot.sh"
ADVICE = (
    "These tests need a real IMAP server. On Debian or Ubuntu: "
    "apt-get install --no-install-recommends dovecot-imapd dovecot-submissiond openssl"
)
_users = itertools.count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running Dovecot."""

    directory: Path
    host: str
    port: int
    tls_port: int
    submission_port: int | None  # with the setting `relay`: the host and port that letters are passed on to
    password: str
    ca_file: Path
    mail: Path

    def fresh_user(self) -> str:
        """Every name can log in; a new one has an empty mailbox."""
        return f"user{next(_users)}@mail.example"

    @contextmanager
    def raw(self, user: str) -> Iterator[imaplib.IMAP4]:
        """A second pair of eyes: the standard library's connection, which shares no code with ours."""
        with imaplib.IMAP4(self.host, self.port, timeout=20) as link:
            link.login(user, self.password)
            yield link

    def call(self, command: str, *arguments: str) -> str:
        """Run one of the script's other commands: crash, start, token."""
        return subprocess.run(
            [str(SCRIPT), command, str(self.directory), *arguments], check=True, capture_output=True, text=True
        ).stdout


StartServer = Callable[..., Server]


@pytest.fixture(scope="session")
def start_dovecot() -> Iterator[StartServer]:
    """Give a function that starts (once a session) the server of these DOVECOT_ settings."""
    running: dict[tuple[tuple[str, str], ...], Server] = {}

    def start(**settings: str) -> Server:
        key = tuple(sorted(settings.items()))
        if key not in running:
            running[key] = start_server({f"DOVECOT_{name.upper()}": value for name, value in settings.items()})
        return running[key]

    yield start
    for server in running.values():
        server.call("crash")
        shutil.rmtree(server.directory, ignore_errors=True)


@pytest.fixture(scope="session")
def dovecot(start_dovecot: StartServer) -> Server:
    """The server as Debian ships it."""
    return start_dovecot()


def start_server(settings: dict[str, str]) -> Server:
    """Start one with these variables of dovecot.sh; fail where there is none."""
    if shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") is None:
        pytest.fail(f"There is no dovecot on this machine. {ADVICE}", pytrace=False)
    # Not below pytest's own folder: that is closed to the user that Dovecot runs as when root runs the tests.
    directory = Path(tempfile.mkdtemp(prefix="tactful-dovecot-"))
    answer = None
    for _ in range(5):  # a port that was free a moment ago may be taken
        answer = subprocess.run(
            [str(SCRIPT), "start", str(directory), str(_free_ports())],
            env={**os.environ, **settings},
            capture_output=True,
            text=True,
            check=False,
        )
        if answer.returncode == 0:
            said = dict(line.split("=", 1) for line in answer.stdout.splitlines() if "=" in line)
            return Server(
                directory=directory,
                host=said["HOST"],
                port=int(said["PORT"]),
                tls_port=int(said["TLS_PORT"]),
                submission_port=int(said["SUBMISSION_PORT"]) if "SUBMISSION_PORT" in said else None,
                password=said["PASS"],
                ca_file=Path(said["CERT"]),
                mail=Path(said["MAIL"]),
            )
    pytest.fail(f"Dovecot did not start: {answer and answer.stderr}\n{ADVICE}", pytrace=False)


def _free_ports() -> int:
    """Give the first of three free ports, from a range that no other worker of pytest-xdist looks into."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    lowest = 15000 + 600 * (worker % 20)
    for port in random.sample(range(lowest, lowest + 600, 3), 200):
        with socket.socket() as one, socket.socket() as two, socket.socket() as three:
            try:
                for number, probe in enumerate((one, two, three)):
                    probe.bind(("127.0.0.1", port + number))
            except OSError:
                continue
            return port
    pytest.fail("No three free ports in a row.", pytrace=False)
