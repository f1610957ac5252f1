"""The real command as a process of its own, on a real server, with its wall clock moved by libfaketime."""

from __future__ import annotations

import imaplib
import json
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.scenarios.render import HERE, load, render

ZONE = ZoneInfo("America/New_York")
FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)  # below the machine's architecture
TACTFUL = Path(sys.executable).with_name("tactful")
PATIENCE = 30.0  # seconds within which what must happen has happened


def until(condition: Callable[[], Any], what: str) -> Any:
    """Ask again and again, until the answer is true; fail with what was waited for."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if answer := condition():
            return answer
        time.sleep(0.1)
    pytest.fail(f"not within {PATIENCE} s: {what}")


@dataclass
class Seat:
    """One job seeker's mailbox, configuration and clock; `clock` is what the command takes for now."""

    server: Any
    user: str
    folder: Path
    clock: datetime
    account: str = "personal"
    address: str | None = None  # None: the login's name
    zone: str = ZONE.key
    ahead: timedelta = timedelta(0)  # of the real clock
    patience: float = 60.0  # seconds within which a command ends
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def config(self) -> Path:
        return self.folder / "config.yaml"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def write_config(self) -> None:
        secret = self.folder / "secret"
        secret.write_text(self.server.password + "\n")
        secret.chmod(0o600)
        self.config.write_text(
            f"""
state_dir: {self.state}
log_level: info
check_every: 1s
accounts:
  - name: {self.account}
    address: {self.address or self.user}
    full_name: Noor Haddad
    timezone: {self.zone}
    imap:
      host: {self.server.host}
      port: {self.server.port}
      tls: none
      username: {self.user}
      password: {{file: {secret}}}
""",
            "utf-8",
        )

    def move_clock(self, instant: datetime) -> None:
        """Let the command's clock show this instant now, rounded up to a second, and go on from there."""
        self.clock = instant
        self.ahead = timedelta(seconds=math.ceil((instant - datetime.now(UTC)).total_seconds()))
        temporary = self.folder / "faketime.new"
        temporary.write_text(f"{self.ahead.total_seconds():+.0f}s\n")
        temporary.rename(self.folder / "faketime")

    @property
    def now(self) -> datetime:
        """What the command's clock shows at this moment."""
        return datetime.now(UTC) + self.ahead

    @property
    def environ(self) -> dict[str, str]:
        assert FAKETIME, "libfaketime is missing: apt-get install faketime"
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "LD_PRELOAD": str(FAKETIME),
            "FAKETIME_TIMESTAMP_FILE": str(self.folder / "faketime"),
            "FAKETIME_NO_CACHE": "1",
            # Only the wall clock is moved: so a suspended machine's monotonic clock looks to a program.
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            # Its remedy for an old glibc lets two threads of an interpreter hand over to each other ten times slower.
            "FAKETIME_FORCE_MONOTONIC_FIX": "0",
        }

    def run(self, *arguments: str, before: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        """Run the command to its end."""
        return subprocess.run(
            [*before, str(TACTFUL), *arguments, "--config", str(self.config)],
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=self.patience,
            check=False,
        )

    def lines(self, *arguments: str) -> list[dict[str, Any]]:
        """Run the command with --json, which must succeed, and give its objects."""
        outcome = self.run(*arguments, "--json")
        assert outcome.returncode == 0, outcome.stderr
        return [json.loads(line) for line in outcome.stdout.splitlines()]

    def start(self, **environ: str) -> subprocess.Popen[bytes]:
        """Start the daemon."""
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [str(TACTFUL), "run", "--config", str(self.config)], env=self.environ | environ, stderr=log
            )
        self.processes.append(process)
        return process

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """Ask the daemon to end; it must, in ten seconds."""
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0, (self.folder / "log").read_text()

    def deliver(self, message: EmailMessage | bytes, folder: str = "INBOX", at: datetime | None = None) -> None:
        """Let a message arrive: now, by the real clock, or at an instant."""
        raw = message if isinstance(message, bytes) else message.as_bytes(policy=SMTP)
        with self.server.raw(self.user) as link:
            status, _ = link.append(folder, "", imaplib.Time2Internaldate(at) if at else "", raw)
            assert status == "OK"

    def messages(self, folder: str) -> list[tuple[int, bytes]]:
        """Give UID and bytes of each message of a folder, as a second client sees them."""
        with self.server.raw(self.user) as link:
            link.select(folder, readonly=True)
            _, found = link.uid("SEARCH", "ALL")
            uids = [int(uid) for uid in found[0].split()]
            return [(uid, link.uid("FETCH", str(uid), "(BODY.PEEK[])")[1][0][1]) for uid in uids]

    def delete(self, folder: str, uid: int) -> None:
        """Delete a message as a mail client does."""
        with self.server.raw(self.user) as link:
            link.select(folder)
            link.uid("STORE", str(uid), "+FLAGS.SILENT", "(\\Deleted)")
            link.expunge()


@pytest.fixture
def seat(dovecot: Any, tmp_path: Path) -> Iterator[Seat]:
    """A seat whose clock stands at the real present."""
    made = Seat(server=dovecot, user=dovecot.fresh_user(), folder=tmp_path, clock=datetime.now(UTC))
    made.write_config()
    made.move_clock(made.clock)
    yield made
    for process in made.processes:
        if process.poll() is None:
            process.kill()
            process.wait(timeout=10)


@pytest.fixture
def interview_day() -> datetime:
    """Noon, New York, on a Tuesday that is some days ahead, so that an invitation for it may arrive now."""
    day = datetime.now(ZONE).replace(hour=12, minute=0, second=0, microsecond=0) + timedelta(days=2)
    while day.weekday() != 1:
        day += timedelta(days=1)
    return day


def invitation(to: str, start: datetime, uid: str = "loop-1@northwind.example") -> EmailMessage:
    """Write the invitation to an hour's interview."""

    def stamp(instant: datetime) -> str:
        return instant.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")

    message = EmailMessage(policy=SMTP)
    message["From"] = "Dana Lee <dana.lee@northwind.example>"
    message["To"] = f"Noor Haddad <{to}>"
    message["Subject"] = "Interview: Data Engineer at Northwind Freight"
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = f"<mail.{uid}>"
    message.set_content(
        "Hi Noor,\n\nlooking forward to talking with you about the Data Engineer role at Northwind Freight.\n"
        "The video link is in the invitation.\n\nBest regards,\nDana Lee\nData Platform Lead, Northwind Freight\n"
    )
    calendar = "\r\n".join(
        (
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//Northwind//Calendar//EN",
            "METHOD:REQUEST",
            "BEGIN:VEVENT",
            f"UID:{uid}",
            "SEQUENCE:0",
            f"DTSTAMP:{stamp(datetime.now(UTC))}",
            f"DTSTART:{stamp(start)}",
            f"DTEND:{stamp(start + timedelta(hours=1))}",
            "SUMMARY:Interview: Data Engineer at Northwind Freight",
            "LOCATION:https://meet.northwind.example/loop-1",
            "ORGANIZER;CN=Dana Lee:mailto:dana.lee@northwind.example",
            f"ATTENDEE;CN=Noor Haddad;PARTSTAT=NEEDS-ACTION:mailto:{to}",
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        )
    )
    message.add_alternative(calendar.encode(), maintype="text", subtype="calendar", params={"method": "REQUEST"})
    return message


@pytest.fixture
def invite() -> Callable[..., EmailMessage]:
    """Give the function that writes an invitation."""
    return invitation


@pytest.fixture
def wait_until() -> Callable[[Callable[[], Any], str], Any]:
    """Give the function that asks until the answer is true."""
    return until


@pytest.fixture
def sit(tmp_path: Path) -> Callable[[str, str], Seat]:
    """Give the function that puts the user of a scenario before all its mail up to an instant, in a Maildir."""

    def at(name: str, instant: str) -> Seat:
        scenario, now = (load() | load(HERE / "further.json"))[name], datetime.fromisoformat(instant)
        user = scenario["user"]
        seat = Seat(server=None, user=user["address"], folder=tmp_path, clock=now)
        timeline = [event for event in scenario["timeline"] if datetime.fromisoformat(event["at"]) <= now]
        render(scenario | {"timeline": timeline}, tmp_path / "mail")
        for part in ("cur", "new", "tmp"):
            (tmp_path / "mail" / ".Drafts" / part).mkdir(parents=True)
        seat.config.write_text(
            f"state_dir: {seat.state}\naccounts:\n  - name: me\n    address: {user['address']}\n"
            f"    full_name: {user['name']}\n    timezone: {scenario['user_tz']}\n    maildir: {tmp_path / 'mail'}\n",
            "utf-8",
        )
        seat.move_clock(now)
        return seat

    return at
