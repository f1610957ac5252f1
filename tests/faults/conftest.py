"""The rig: the real daemon as a process, a proxy before a real server, a person at another client, a census after it.

`FAULTS=long` makes the runs as long and as many as faults.json says (`make faults`); `FAULTS_SEED` repeats one.
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest

from daemon.ledger import Ledger
from parsers.model import Scheduled
from tests.extent import LONG, SEED
from tests.faults.bot import Person
from tests.faults.census import Census, Expected, Mail, Verdict, count, exposed, judge, leaks, vitals
from tests.faults.proxy import Proxy
from tests.process.conftest import ZONE, Seat, invitation

REPORT = os.environ.get("FAULTS_REPORT")  # a file to which each measured run adds a line
PASSWORD = "pw-6cf1-planted"  # found nowhere but in the file that the configuration names
PATIENCE = 60.0  # seconds within which what must happen has happened, on a machine that has much to do
RSS_LIMIT = 300 << 20
FILES_LIMIT = 64


def pytest_report_header() -> str:
    return f"faults: {'long' if LONG else 'short'} form, FAULTS_SEED={SEED}"


def runs(short: int, long: int) -> int:
    """How often a test does it."""
    return long if LONG else short


@dataclass
class ProxiedSeat(Seat):
    """A seat whose daemon reaches the server through the proxy; everybody else goes straight to it."""

    proxy: Proxy | None = None
    expected: Expected = field(default_factory=Expected)
    imap: dict[str, str] = field(default_factory=dict)  # further settings of the imap section
    top: dict[str, str] = field(default_factory=dict)  # further settings of the configuration
    more: dict[str, str] = field(default_factory=dict)  # of the environment

    @property
    def environ(self) -> dict[str, str]:
        return super().environ | self.more

    def write_config(self) -> None:
        super().write_config()
        text = self.config.read_text("utf-8")
        if self.proxy:
            text = text.replace(f"port: {self.server.port}", f"port: {self.proxy.port}")
        for name, value in self.imap.items():
            text += f"      {name}: {value}\n"
        for name, value in self.top.items():
            text += f"{name}: {value}\n"
        self.config.write_text(text, "utf-8")

    def deliver(self, message: EmailMessage | bytes, folder: str = "INBOX", at: datetime | None = None) -> None:
        super().deliver(message, folder, at)
        raw = message if isinstance(message, bytes) else message.as_bytes(policy=SMTP)
        self.expected.added(Mail(folder, raw))


@dataclass
class Rig:
    """All of it for one test."""

    seat: ProxiedSeat
    proxy: Proxy
    person: Person
    planted: list[str]
    random: random.Random
    report: Callable[..., None]
    daemon: Any = None

    @property
    def expected(self) -> Expected:
        return self.seat.expected

    # ------------------------------------------------------------------------------------------------- the daemon

    def configure(self, *, imap: dict[str, str] | None = None, **top: str) -> None:
        """Write the configuration with further settings."""
        self.seat.imap |= imap or {}
        self.seat.top |= top
        self.seat.write_config()

    def start(self) -> None:
        """Start the daemon and wait until it has caught up."""
        self.daemon = self.seat.start()
        self.until(self.is_healthy, "the daemon is healthy", 120)

    def stop(self) -> None:
        """Stop it; it must end in ten seconds."""
        self.seat.stop(self.daemon)
        self.daemon = None

    def kill(self) -> None:
        """kill -9."""
        self.daemon.kill()
        self.daemon.wait(timeout=10)
        self.daemon = None

    def cpu(self) -> float:
        """Seconds of CPU that the daemon has used."""
        return vitals(self.daemon.pid).cpu

    # ----------------------------------------------------------------------------------------------------- waiting

    def until(self, condition: Callable[[], Any], what: str, patience: float = PATIENCE) -> float:
        """Ask again and again until the answer is true; give the seconds that it took."""
        started = time.monotonic()
        while time.monotonic() - started < patience:
            if condition():
                return time.monotonic() - started
            time.sleep(0.1)
        log = (self.seat.folder / "log").read_text("utf-8")[-3000:] if (self.seat.folder / "log").exists() else ""
        pytest.fail(f"not within {patience} s: {what}\nstate: {self.state}\n{log}")

    def waits(self) -> float:
        """Wait until the daemon lies in IDLE; give the instant (monotonic) at which it began to."""
        self.until(lambda: self.proxy.commands and self.proxy.commands[-1].words == b"IDLE", "the daemon waits", 60)
        return self.proxy.commands[-1].at

    def go_to(self, instant: datetime, patience: float = PATIENCE) -> float:
        """Move the daemon's clock and wait for a whole pass after that; give the seconds that it took."""
        self.seat.move_clock(instant)
        return self.until(lambda: self.is_healthy() and self.looked_at >= self.seat.clock, "a whole pass", patience)

    @property
    def looked_at(self) -> datetime:
        """When the daemon last said how it is, by its own clock."""
        with Ledger.in_memory(copy_of=self.seat.state) as ledger:
            health = ledger.health()
        assert health
        return datetime.fromisoformat(health["at"])

    @property
    def state(self) -> str:
        """How the daemon says that its account is, from the ledger."""
        if not (self.seat.state / "ledger.sqlite3").exists():
            return "not started"
        with Ledger.in_memory(copy_of=self.seat.state) as ledger:
            health = ledger.health()
        return str(health["accounts"][self.seat.account]) if health else "not started"

    def is_healthy(self) -> bool:
        return self.state == "healthy"

    def is_degraded(self) -> bool:
        return not self.is_healthy()

    # -------------------------------------------------------------------------------------------------------- mail

    def invite(self, start: datetime, uid: str = "loop-1@northwind.example") -> None:
        """Let an invitation arrive."""
        self.seat.deliver(invitation(self.seat.user, start, uid))

    def small_talk(self, number: int) -> None:
        """Let a mail arrive that says nothing of an application."""
        message = EmailMessage(policy=SMTP)
        message["From"] = "Sam Roe <sam.roe@friends.example>"
        message["To"] = self.seat.user
        message["Subject"] = f"Sunday, number {number}"
        message["Message-ID"] = f"<small-{number}@friends.example>"
        message.set_content("See you at the lake?\n")
        self.seat.deliver(message)

    @property
    def interviews(self) -> int:
        """How many interviews the daemon knows of."""
        with Ledger.in_memory(copy_of=self.seat.state) as ledger:
            facts = ledger.facts(self.seat.account)
        return sum(any(isinstance(said, Scheduled) for said in fact.statements) for fact in facts)

    @property
    def rows(self) -> list[Any]:
        """The ledger's drafts."""
        with Ledger.in_memory(copy_of=self.seat.state) as ledger:
            return list(ledger.drafts())

    @property
    def decisions(self) -> list[str]:
        """What the daemon has decided so far."""
        with closing(sqlite3.connect(f"file:{self.seat.state / 'ledger.sqlite3'}?mode=ro", uri=True)) as db:
            return [identity for (identity,) in db.execute("SELECT identity FROM decision ORDER BY number")]

    @property
    def inbox(self) -> list[tuple[int, bytes]]:
        """What a second client sees in INBOX."""
        return self.seat.messages("INBOX")

    @property
    def drafts(self) -> list[tuple[int, bytes]]:
        """What a second client sees in Drafts."""
        return self.seat.messages("Drafts")

    # ------------------------------------------------------------------------------------------------ the judgement

    def census(self) -> Census:
        """Look at the whole mailbox."""
        server = self.seat.server
        return count(server.host, server.port, self.seat.user, server.password)

    def judge(self) -> Verdict:
        """Judge mailbox, ledger, log and process, at a moment at which nothing is under way."""
        verdict = judge(self.census(), self.expected, self.seat.state)
        log = self.seat.folder / "log"
        verdict.leaked += leaks([*self.planted, self.seat.user], *([log] if log.exists() else []))
        verdict.leaked += leaks([PASSWORD], self.seat.state)
        if self.daemon is not None:
            verdict.leaked += exposed(self.daemon.pid, self.planted)
            uses = vitals(self.daemon.pid)
            if uses.peak > RSS_LIMIT or uses.files > FILES_LIMIT:
                verdict.changed.append(f"the process uses {uses.peak >> 20} MB and {uses.files} files")
        return verdict

    def assert_sound(self) -> None:
        """Fail with everything that is wrong."""
        verdict = self.judge()
        assert not verdict, verdict


@pytest.fixture
def make_rig(start_dovecot: Any, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[..., Rig]]:
    """Give the function that builds a rig on the server of these DOVECOT_ settings."""
    made: list[Rig] = []

    def make(**settings: str) -> Rig:
        server = start_dovecot(**{"pass": PASSWORD} | settings)
        user = server.fresh_user()
        folder = tmp_path / f"rig{len(made)}"
        folder.mkdir()
        proxy = Proxy(server.host, server.port)
        proxy.__enter__()
        seat = ProxiedSeat(server=server, user=user, folder=folder, clock=datetime.now(UTC), proxy=proxy)
        seat.write_config()
        seat.move_clock(seat.clock)
        person = Person(server.host, server.port, user, PASSWORD, seat.expected)
        planted = [PASSWORD, "dana.lee", "Northwind", "Data Engineer", "The video link"]
        chance = random.Random(SEED)  # noqa: S311 - no secret is made of it
        rig = Rig(seat, proxy, person, planted, chance, _reporter(request.node.name))
        made.append(rig)
        return rig

    yield make
    for rig in made:
        for process in rig.seat.processes:
            if process.poll() is None:
                process.kill()
                process.wait(timeout=10)
        rig.proxy.__exit__()


@pytest.fixture
def rig(make_rig: Callable[..., Rig]) -> Rig:
    """A rig on a server as Debian ships it."""
    return make_rig()


@pytest.fixture
def interview_day() -> datetime:
    """Noon, New York, on a Tuesday that is some days ahead, so that an invitation for it may arrive now."""
    day = datetime.now(ZONE).replace(hour=12, minute=0, second=0, microsecond=0) + timedelta(days=2)
    while day.weekday() != 1:
        day += timedelta(days=1)
    return day


def _reporter(test: str) -> Callable[..., None]:
    def report(fault: str, **measured: float | str) -> None:
        """Note what was measured: seconds, most of the time."""
        line = json.dumps({"fault": fault, "test": test, "form": "long" if LONG else "short", **measured})
        print(line)
        if REPORT:
            with Path(REPORT).open("a", encoding="utf-8") as file:
                file.write(line + "\n")

    return report
