"""What the measurements of load share: a real server, a seat before it, the ledger seen from outside, mail on disk."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

from benchmarks.mailbox_generator import put
from tests.conftest import Server
from tests.faults.conftest import ProxiedSeat
from tests.faults.proxy import Proxy, Rule

STOPPED_WITHIN = 30.0  # seconds after which a process that should end is killed


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured quantity; `bar` is the most that it may be, None: there is none."""

    name: str
    value: float
    unit: str
    bar: float | None = None
    note: str = ""

    def __str__(self) -> str:
        bar = "" if self.bar is None else f" (bar {self.bar:g})"
        missed = " missed" if self.bar is not None and self.value > self.bar else ""
        return f"{self.name}: {self.value:.4g} {self.unit}{bar}{missed}{f'; {self.note}' if self.note else ''}"


class Meter(Rule):
    """Counts the server's octets that pass a proxy, and the longest of its lines without literals; takes none."""

    def __init__(self) -> None:
        super().__init__(None, None)
        self.octets = 0
        self.longest = 0

    def takes(self, octets: bytes) -> bool:
        self.octets += len(octets)
        if len(octets) > self.longest:  # with literals it is longer, at least
            self.longest = max(self.longest, max(map(len, octets.split(b"\n"))))
        return False


@dataclass
class LoadSeat(ProxiedSeat):
    """A seat whose clock is the real one, unless `moved`; with as many accounts as `users`."""

    moved: bool = False
    tick: str = "30s"
    users: tuple[str, ...] = ()
    replaced: dict[str, str] = field(default_factory=dict)  # in the text of the configuration
    meter: Meter = field(default_factory=Meter)

    def write_config(self) -> None:
        super().write_config()
        text = self.config.read_text("utf-8").replace("check_every: 1s", f"check_every: {self.tick}")
        top, accounts = text.split("accounts:\n")
        for name, value in self.top.items():  # written at the end, where the last account is
            accounts = accounts.replace(f"{name}: {value}\n", "")
            top += f"{name}: {value}\n"
        one = accounts
        for number, user in enumerate(self.users):
            accounts += one.replace(f"name: {self.account}", f"name: more{number}").replace(self.user, user)
        text = f"{top}accounts:\n{accounts}"
        for old, new in self.replaced.items():
            text = text.replace(old, new)
        self.config.write_text(text, "utf-8")

    @property
    def environ(self) -> dict[str, str]:
        environ = super().environ
        return environ if self.moved else {name: environ[name] for name in ("PATH", "HOME")}

    @property
    def maildir(self) -> Path:
        """Where the server keeps the INBOX; every user may write there, as the server is another."""
        home = self.server.mail / self.user
        folder = home / "Mail"
        for part in (home, folder, *(folder / name for name in ("cur", "new", "tmp"))):
            if not part.exists():
                part.mkdir()
                part.chmod(0o777)
        return folder

    def arrive(self, message: bytes) -> None:
        """Let a message arrive now, as a mail transport leaves it."""
        put(self.maildir, message, datetime.now(UTC), part="new")

    @property
    def log(self) -> str:
        path = self.folder / "log"
        return path.read_text("utf-8") if path.exists() else ""

    def query(self, sql: str) -> list[tuple]:
        """Ask the ledger; nothing where there is none yet."""
        try:
            with closing(sqlite3.connect(f"file:{self.state / 'ledger.sqlite3'}?mode=ro", uri=True)) as db:
                return db.execute(sql).fetchall()
        except sqlite3.OperationalError:
            return []

    @property
    def rows(self) -> int:
        """How many messages of INBOX have their row."""
        return (self.query("SELECT count(*) FROM seen WHERE folder = 'INBOX'") or [(0,)])[0][0]

    @property
    def states(self) -> set[str]:
        """How the accounts are, as the daemon has said last."""
        found = self.query("SELECT value FROM setting WHERE name = 'health'")
        return set(json.loads(found[0][0])["accounts"].values()) if found else set()

    def begin(self, patience: float = 600) -> subprocess.Popen[bytes]:
        """Start the daemon and wait for its first whole pass."""
        process = self.start()
        wait(lambda: self.states == {"healthy"}, "healthy", patience)
        return process


@contextmanager
def seat_before(server: Server, **settings: object) -> Iterator[LoadSeat]:
    """Give a seat with an empty mailbox, behind a proxy that counts; whatever it has started is ended."""
    with tempfile.TemporaryDirectory(prefix="tactful-load-") as folder, Proxy(server.host, server.port) as proxy:
        now = datetime.now(UTC)
        seat = LoadSeat(
            server=server, user=server.fresh_user(), folder=Path(folder), clock=now, proxy=proxy, **settings
        )
        proxy.answer_rules.append(seat.meter)
        seat.write_config()
        seat.move_clock(now)
        try:
            yield seat
        finally:
            for process in seat.processes:
                end(process)


def end(process: subprocess.Popen[bytes]) -> float:
    """Tell a process to end; give the seconds that it took."""
    began = time.monotonic()
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOPPED_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)
    return time.monotonic() - began


def wait(condition: Callable[[], object], what: str, patience: float = 120) -> float:
    """Ask again and again, until the answer is true; give the seconds that it took."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > patience:
            raise TimeoutError(f"not within {patience} s: {what}")
        time.sleep(0.02)
    return time.monotonic() - began


def invite(number: int, to: str, start: datetime, *, attachment: bytes = b"") -> bytes:
    """Write the invitation to an interview at the company of this number; with an attachment already encoded."""
    firm, now = f"Firm{number}", datetime.now(UTC)
    calendar = (
        f"BEGIN:VCALENDAR\nVERSION:2.0\nMETHOD:REQUEST\nBEGIN:VEVENT\nUID:{number}@firm{number}.example\nSEQUENCE:0\n"
        f"DTSTAMP:{now:%Y%m%dT%H%M%SZ}\nDTSTART:{start.astimezone(UTC):%Y%m%dT%H%M%SZ}\nDURATION:PT1H\n"
        f"SUMMARY:Interview: Data Engineer at {firm}\nORGANIZER;CN=Dana Lee:mailto:dana.lee@firm{number}.example\n"
        f"ATTENDEE;CN=Noor Haddad:mailto:{to}\nEND:VEVENT\nEND:VCALENDAR\n"
    )
    file = b'--b\nContent-Type: application/pdf; name="role.pdf"\nContent-Transfer-Encoding: base64\n\n'
    head = (
        f"From: Dana Lee <dana.lee@firm{number}.example>\nTo: Noor Haddad <{to}>\nDate: {format_datetime(now)}\n"
        f"Subject: Interview: Data Engineer at {firm}\nMessage-ID: <{number}@firm{number}.example>\nMIME-Version: 1.0\n"
        f'Content-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/plain; charset=utf-8\n\n'
        f"Hi Noor,\n\nlooking forward to talking with you about the Data Engineer role at {firm}.\n\nDana Lee\n"
        f"--b\nContent-Type: text/calendar; charset=utf-8; method=REQUEST\n\n{calendar}"
    ).encode()
    return head + (file + attachment if attachment else b"") + b"\n--b--\n"
