"""The service under a real systemd, in its whole sandbox, with its encrypted password, against a real Dovecot."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.policy import SMTP
from typing import Any

import pytest

from tests.process.conftest import invitation
from tests.systemd.conftest import Machine, until

# The units are run as they are but for waits that are made short here.
_SHORT = "[Service]\nRestartSec=1\nWatchdogSec=4\n"


class Service:
    """An instance of tactful@.service, with a mailbox of its own."""

    def __init__(self, machine: Machine, server: Any, instance: str) -> None:
        self.machine = machine
        self.instance = instance
        self.unit = f"tactful@{instance}.service"
        self.user = server.fresh_user()
        self.state = f"/var/lib/private/tactful-{instance}"
        machine.write(f"/etc/systemd/system/{self.unit}.d/short.conf", _SHORT)
        machine.write(f"/etc/tactful/{instance}.yaml", self._config(server))
        encrypt = ("systemd-creds", "encrypt", "--name=imap-password", "-", f"/etc/tactful/{instance}.cred")
        machine.run(*encrypt, stdin=f"{server.password}\n")
        machine.run("systemctl", "daemon-reload")

    def _config(self, server: Any) -> str:
        return (
            f"check_every: 1s\naccounts:\n  - name: {self.instance}\n    address: {self.user}\n"
            f"    full_name: Noor Haddad\n    timezone: America/New_York\n"
            f"    imap: {{host: {server.host}, port: {server.port}, tls: none, username: {self.user},"
            " password: {credential: imap-password}}\n"
        )

    def start(self) -> None:
        """Start it: systemctl waits for READY."""
        started = self.machine.run("systemctl", "start", self.unit, check=False)
        assert started.returncode == 0, self.machine.journal(self.unit)

    def ask(self, name: str) -> str:
        return self.machine.property(self.unit, name)

    def healthy(self) -> bool:
        return self.ask("StatusText") == f"{self.instance}: healthy"

    def await_health(self) -> None:
        until(self.healthy, f"{self.unit} healthy: {self.ask('StatusText')}")

    @property
    def pid(self) -> int:
        return int(self.ask("MainPID"))

    @property
    def uid(self) -> int:
        # Its folder in /proc may be root's: the daemon keeps others from looking into its memory.
        status = self.machine.run("cat", f"/proc/{self.pid}/status").stdout
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("Uid:"))

    def await_another(self, pid: int) -> None:
        until(lambda: self.pid not in (0, pid) and self.healthy(), "another process of it, healthy")

    def status(self) -> list[dict[str, Any]]:
        command = ("/opt/tactful/bin/tactful", "status", "--json", "--config", f"/etc/tactful/{self.instance}.yaml")
        printed = self.machine.run("env", f"STATE_DIRECTORY=/var/lib/tactful-{self.instance}", *command).stdout
        return [json.loads(line) for line in printed.splitlines()]


@pytest.fixture
def serve(machine: Machine, dovecot: Any) -> Any:
    """Give the function that starts an instance, healthy."""
    started: list[Service] = []

    def start(instance: str) -> Service:
        service = Service(machine, dovecot, instance)
        started.append(service)
        service.start()
        service.await_health()
        return service

    yield start
    for service in started:
        machine.run("systemctl", "stop", service.unit)


Serve = Callable[[str], Service]


def test_it_starts_reads_mail_in_its_sandbox_and_stops_in_ten_seconds(serve: Serve, dovecot: Any) -> None:
    service = serve("anna")
    assert service.ask("ActiveState") == "active"
    with dovecot.raw(service.user) as link:
        start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=3)
        link.append("INBOX", "", "", invitation(service.user, start).as_bytes(policy=SMTP))
    visits = until(lambda: [d for d in service.status() if d["what"] == "interview"], "the interview is known")
    assert [visit["company"] for visit in visits] == ["Northwind Freight"]
    assert not [d for d in service.status() if d["what"] == "unreadable"]

    service.machine.run("timeout", "10", "systemctl", "stop", service.unit)
    assert service.ask("Result") == "success"
    assert service.ask("ExecMainStatus") == "0"
    assert dovecot.password not in service.machine.journal(service.unit)


def test_killed_it_comes_back(serve: Serve) -> None:
    service = serve("bea")
    before = service.pid
    service.machine.run("systemctl", "kill", "--signal=KILL", "--kill-whom=main", service.unit)
    service.await_another(before)
    assert service.ask("NRestarts") == "1"


def test_hanging_it_is_ended_by_the_watchdog_and_comes_back(serve: Serve) -> None:
    service = serve("carl")
    before = service.pid
    service.machine.run("kill", "-STOP", str(before))
    service.await_another(before)
    assert service.ask("NRestarts") == "1"
    assert "Watchdog timeout" in service.machine.journal(service.unit)


def test_two_instances_know_nothing_of_each_other(serve: Serve) -> None:
    one, other = serve("dora"), serve("emil")
    assert one.uid != other.uid
    assert 0 not in (one.uid, other.uid)
    listed = one.machine.run("find", one.state, "-printf", "%m %U %y\n").stdout.splitlines()
    assert set(listed) == {f"700 {one.uid} d", f"600 {one.uid} f"}
    closed = (f"{other.state}/ledger.sqlite3", "/etc/tactful/emil.yaml")
    closed += (f"/run/credentials/{other.unit}/imap-password", f"/run/credentials/{other.unit}/config.yaml")
    for path in closed:
        assert one.machine.run("test", "-e", path, check=False).returncode == 0, f"there is no {path}"
        assert one.machine.run("cat", path, check=False, user=one.uid).returncode != 0, path


def test_a_wrong_configuration_waits_for_a_person(machine: Machine, dovecot: Any) -> None:
    service = Service(machine, dovecot, "fred")
    machine.write("/etc/tactful/fred.yaml", "accounts: []\n")
    assert machine.run("systemctl", "start", service.unit, check=False).returncode != 0
    assert service.ask("ExecMainStatus") == "78"
    assert (service.ask("ActiveState"), service.ask("NRestarts")) == ("failed", "0")
    assert "accounts" in machine.journal(service.unit)


def test_the_unit_for_one_person_runs_as_well(machine: Machine, dovecot: Any) -> None:
    service = Service(machine, dovecot, "gina")
    machine.run("cp", "/etc/tactful/gina.yaml", "/etc/tactful/config.yaml")
    machine.run("cp", "/etc/tactful/gina.cred", "/etc/tactful/imap-password.cred")
    service.unit = "tactful.service"
    service.start()
    service.await_health()
    machine.run("systemctl", "stop", service.unit)
    assert service.ask("Result") == "success"
