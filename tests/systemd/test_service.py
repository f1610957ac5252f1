"""`tactful service`: the unit in a person's own session, with a real user manager and without one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from daemon.units import Origin, UnitChanged, install, origin_of, write_unit
from tests.systemd.conftest import Machine, until

TACTFUL = Path(sys.executable).with_name("tactful")
NOOR = 4242  # a user of the machine
HOME = "/var/noor"
UNIT = f"{HOME}/.config/systemd/user/tactful.service"


def test_systemd_understands_any_path_in_the_unit(tmp_path: Path) -> None:
    strange = tmp_path / "a $HOME %h ü"
    strange.mkdir()
    (strange / "tactful").symlink_to("/bin/true")
    unit = tmp_path / "tactful.service"
    # Quotes and backslashes are refused in the name of a command alone.
    unit.write_text(write_unit(strange / "tactful", strange / "\"b\" 'c' \\x"), "utf-8")
    runtime = {"XDG_RUNTIME_DIR": str(tmp_path), "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    command = ["systemd-analyze", "--user", "verify", "--man=no", str(unit)]
    outcome = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=runtime)
    assert (outcome.returncode, outcome.stdout, outcome.stderr) == (0, "", "")


def test_a_unit_is_ours_until_somebody_changes_it(tmp_path: Path) -> None:
    unit = tmp_path / "tactful.service"
    assert origin_of(unit) is Origin.MISSING
    text = write_unit(Path("/usr/bin/tactful"), tmp_path / "config.yaml")
    unit.write_text(text)
    assert origin_of(unit) is Origin.OURS
    unit.write_text(text.replace("RestartSec=30", "RestartSec=5"))
    assert origin_of(unit) is Origin.CHANGED
    with pytest.raises(UnitChanged):
        install(unit, text, replace=False)
    assert "RestartSec=5" in unit.read_text()


@pytest.fixture
def config(dovecot: Any, tmp_path: Path) -> str:
    """A configuration whose password lies in a file beside it."""
    user = dovecot.fresh_user()
    server = f"{{host: {dovecot.host}, port: {dovecot.port}, tls: none, username: {user}"
    return (
        f"accounts:\n  - name: personal\n    address: {user}\n    full_name: Noor Haddad\n    timezone: Europe/Berlin\n"
        f"    imap: {server}, password: {{file: {HOME}/secret}}}}\n"
    )


def test_without_a_user_manager_the_next_step_is_said(config: str, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(config)
    environ = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "TACTFUL_CONFIG": str(tmp_path / "config.yaml")}
    command = [str(TACTFUL), "service", "install"]
    outcome = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environ)
    assert outcome.returncode == 69, outcome.stderr
    assert "loginctl enable-linger" in outcome.stderr
    assert (tmp_path / ".config/systemd/user/tactful.service").exists()


@pytest.fixture
def noor(machine: Machine, dovecot: Any, config: str) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Give the function by which a user of the machine, who has a user manager, runs a command."""
    if machine.property("noor.service", "ActiveState") != "active":
        machine.run("useradd", "--uid", str(NOOR), "--create-home", "--home-dir", HOME, "noor")
        runtime = f"/run/user/{NOOR}"
        machine.run("install", "-d", "-m", "700", "-o", "noor", "-g", "noor", runtime)
        set_up = ("-p", "User=noor", "-p", "Type=notify", "-p", "Delegate=yes", "-E", f"XDG_RUNTIME_DIR={runtime}")
        machine.run("systemd-run", "--unit=noor", *set_up, "/lib/systemd/systemd", "--user")
    for name, text in (("secret", dovecot.password), (".config/tactful/config.yaml", config)):
        machine.write(f"{HOME}/{name}", text)
    machine.run("chown", "-R", "noor:noor", HOME)

    def run(*command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        environ = ("env", f"HOME={HOME}", f"XDG_RUNTIME_DIR=/run/user/{NOOR}")
        return machine.run(*environ, *command, check=check, user=NOOR)

    return run


def test_a_person_installs_the_service_changes_it_and_takes_it_away(noor: Any, machine: Machine) -> None:
    tactful = "/opt/tactful/bin/tactful"

    def status() -> dict[str, Any]:
        found: dict[str, Any] = json.loads(noor(tactful, "service", "status", "--json").stdout)
        return found

    assert "loginctl enable-linger" in noor(tactful, "service", "install").stdout
    until(lambda: status()["status"] == "personal: healthy", "healthy")
    assert {key: status()[key] for key in ("unit", "origin", "active", "enabled")} == {
        "unit": UNIT, "origin": "ours", "active": "active", "enabled": "enabled"
    }  # fmt: skip
    assert machine.run("find", f"{HOME}/.local/state/tactful", "-name", "ledger.sqlite3", "-perm", "600").stdout

    noor("sed", "-i", "s/^RestartSec=.*/RestartSec=7/", UNIT)
    for order in ("install", "uninstall"):
        refused = noor(tactful, "service", order, check=False)
        assert refused.returncode == 1
        assert "was changed by hand" in refused.stderr
    assert status()["origin"] == "changed"
    assert "RestartSec=7" in noor("cat", UNIT).stdout

    noor(tactful, "service", "install", "--replace")
    assert status()["origin"] == "ours"
    assert "RestartSec=7" in noor("cat", f"{UNIT}.old").stdout

    noor(tactful, "service", "uninstall")
    assert status() | {"unit": UNIT} == {
        "what": "service", "unit": UNIT, "origin": "missing", "active": "inactive", "enabled": None, "status": None
    }  # fmt: skip


def test_a_configuration_that_cannot_start_is_not_installed(noor: Any, machine: Machine) -> None:
    machine.write(f"{HOME}/bad.yaml", "accounts: []\n", "644")
    refused = noor("/opt/tactful/bin/tactful", "service", "install", "--config", f"{HOME}/bad.yaml", check=False)
    assert refused.returncode == 78
    assert machine.run("test", "-e", UNIT, check=False).returncode == 1
