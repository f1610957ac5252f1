"""A machine with a real systemd as PID 1 and the program installed in it, beside this one; root owns both."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.namespaces import AS_ROOT, children, end, holder

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PATIENCE = 60.0  # seconds within which what must happen has happened


def until(condition: Callable[[], Any], what: str) -> Any:
    """Ask again and again, until the answer is true; fail with what was waited for."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if answer := condition():
            return answer
        time.sleep(0.1)
    pytest.fail(f"not within {PATIENCE} s: {what}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A booted machine. `leader` is its systemd, as this machine numbers it."""

    leader: int

    def run(
        self, *command: str, check: bool = True, stdin: str | None = None, user: int | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in it, as root or as a user by number."""
        who = ("setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups") if user is not None else ()
        enter = ("nsenter", "-t", str(self.leader), "-m", "-p", "-i", "-u", "-C", "-r", "-w")
        outcome = subprocess.run(
            [*AS_ROOT, *enter, *who, *command], input=stdin, capture_output=True, text=True, timeout=60, check=False
        )
        assert outcome.returncode == 0 or not check, f"{command}: {outcome.stdout}{outcome.stderr}"
        return outcome

    def write(self, path: str, text: str, mode: str = "600") -> None:
        """Write a file."""
        self.run("install", "-D", "-m", mode, "/dev/stdin", path, stdin=text)

    def property(self, unit: str, name: str) -> str:
        """Ask systemd about a unit."""
        return self.run("systemctl", "show", "--value", "-p", name, unit).stdout.strip()

    def journal(self, unit: str) -> str:
        """Give what a unit said."""
        return self.run("journalctl", "--no-pager", "-o", "cat", "-u", unit).stdout


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """The machine, booted, with tactful in /opt/tactful and its units in place."""
    folder = tmp_path_factory.mktemp("machine")
    sources = _install(folder)
    group = _control_groups() / f"tactful-test-{os.getpid()}"
    with (folder / "console").open("wb") as console:
        booted = subprocess.Popen(
            [*AS_ROOT, str(HERE / "boot.sh"), str(folder / "files"), str(group), *sources],
            stdout=console,
            stderr=console,
            stdin=subprocess.DEVNULL,
        )
    try:
        machine = Machine(leader=until(lambda: _leader(booted, folder / "console"), "systemd as PID 1"))
        answers = ("running", "degraded")
        until(lambda: machine.run("systemctl", "is-system-running", check=False).stdout.strip() in answers, "booted")
        # A home is hidden from services: an interpreter that lives in one finds its library where it is shown.
        machine.write("/etc/ld.so.conf.d/000-python.conf", "/opt/python/lib\n", "644")
        machine.run("ldconfig")
        for unit in ("tactful.service", "tactful@.service"):
            machine.write(f"/etc/systemd/system/{unit}", (ROOT / "systemd" / unit).read_text("utf-8"), "644")
        yield machine
    finally:
        end(booted)
        until(lambda: _is_removed(group), "no process left in it")


def _install(folder: Path) -> list[str]:
    """Lay out an environment as `python3 -m venv /opt/tactful` would, of this one's parts; give what to show inside."""
    environment = folder / "environment"
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = environment / "lib" / version / "site-packages"
    packages.mkdir(parents=True)
    (packages / "tactful.pth").write_text("/opt/tactful/source\n/opt/tactful/packages\n")
    (environment / "pyvenv.cfg").write_text("home = /opt/python/bin\n")
    (environment / "bin").mkdir()
    (environment / "bin" / "python").symlink_to(f"/opt/python/bin/{version}")
    command = environment / "bin" / "tactful"
    command.write_text("#!/opt/tactful/bin/python\nfrom daemon.cli import main\nmain()\n")
    command.chmod(0o755)
    for room in ("parsers", "composer", "daemon"):
        shutil.copytree(ROOT / room, environment / "source" / room)
    installed = Path(pytest.__file__).parent.parent
    return [f"{environment}=/opt/tactful", f"{installed}=/opt/tactful/packages", f"{sys.base_prefix}=/opt/python"]


def _control_groups() -> Path:
    mounts = [line.split() for line in Path("/proc/mounts").read_text("utf-8").splitlines()]
    return next(Path(mount[1]) for mount in mounts if mount[2] == "cgroup2")


def _is_removed(group: Path) -> bool:
    """Remove a control group with all below it, if no process is left in them."""
    find = ["find", str(group), "-depth", "-type", "d", "-exec", "rmdir", "{}", ";"]
    subprocess.run([*AS_ROOT, *find], capture_output=True, check=False)
    return not group.exists()


def _leader(booted: subprocess.Popen[bytes], console: Path) -> int | None:
    """Give systemd's number out here, once the script has become it."""
    said = console.read_text("utf-8", "replace")
    assert booted.poll() is None, f"the machine did not boot (it needs root, and namespaces of its own): {said}"
    held = holder(booted.pid)
    inside = children(held) if held is not None else []
    names = {child: Path(f"/proc/{child}/comm").read_text("utf-8").strip() for child in inside}
    return next((child for child, name in names.items() if name == "systemd"), None)
