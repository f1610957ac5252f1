"""A command and a configuration in, the systemd unit that serves them in a person's session out; and how it fares."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from pathlib import Path

from daemon.errors import TactfulError

UNIT = "tactful.service"
_PATIENCE = 90.0  # seconds; a start waits for READY, which systemd itself gives as long
_MARK = re.compile(r"# Written by tactful service install\. SHA-256 of the rest: ([0-9a-f]{64})\n")


class UnitChanged(TactfulError):
    """The unit in its place is not as it was written; it is left alone."""


class NoUserManager(TactfulError):
    """There is no systemd here that runs services for this user."""

    exit_status = 69


class UnitRefused(TactfulError):
    """systemd could not do it; the message has its words."""


class Origin(StrEnum):
    """Whose the unit in its place is."""

    MISSING = "missing"
    OURS = "ours"  # as it was written, by this or an older version
    CHANGED = "changed"  # by the person, or not written by us


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitStatus:
    """How the unit is; the words are systemd's (ActiveState, UnitFileState, StatusText), None where it gives none."""

    path: Path
    origin: Origin
    active: str | None
    enabled: str | None
    status: str | None


def write_unit(command: Path, config: Path) -> str:
    """Give the unit's text. Both paths are absolute; they may hold any character but a line's end."""
    text = files("daemon").joinpath("tactful-user.service").read_text("utf-8")
    line = f"ExecStart={_quoted(command)} run --config {_quoted(config).replace('$', '$$')}"
    before, _, rest = text.partition("# %h is")  # a comment and the line that it explains
    after = rest.split("\n", 2)[2]
    text = f"{before}# The command, where it is.\n{line}\n{after}"
    return f"# Written by tactful service install. SHA-256 of the rest: {_digest(text)}\n{text}"


def unit_path(environ: Mapping[str, str]) -> Path:
    """Give the place of a user's own units (systemd.unit(5))."""
    home = Path(environ.get("HOME") or "/")
    named = environ.get("XDG_CONFIG_HOME", "")
    return (Path(named) if named.startswith("/") else home / ".config") / "systemd" / "user" / UNIT


def origin_of(path: Path) -> Origin:
    """Say whose the unit is that lies there."""
    try:
        text = path.read_text("utf-8", "replace")
    except FileNotFoundError:
        return Origin.MISSING
    mark = _MARK.match(text)
    return Origin.OURS if mark and mark[1] == _digest(text[mark.end() :]) else Origin.CHANGED


def install(path: Path, text: str, *, replace: bool) -> None:
    """Put the unit in its place, start it and have it started with each session.

    Raises UnitChanged, if not to `replace` it; NoUserManager, with the unit in its place; UnitRefused.
    """
    if origin_of(path) is Origin.CHANGED:
        if not replace:
            raise UnitChanged(
                f"{path} was changed by hand and is left as it is. Changes of your own are kept best beside it "
                "(systemctl --user edit tactful); --replace puts the new unit in its place and keeps yours as "
                f"{UNIT}.old"
            )
        path.replace(path.with_name(f"{UNIT}.old"))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    _require_manager(
        f"The unit is in its place ({path}), but there is no systemd for your session here. Log in on a desktop or by "
        f"ssh, or let it run without a session (loginctl enable-linger); then say: systemctl --user enable --now {UNIT}"
    )
    _systemctl("daemon-reload")
    _systemctl("enable", UNIT)
    # One that runs goes on with the new unit; READY is waited for.
    _systemctl("restart", UNIT)


def uninstall(path: Path, *, replace: bool) -> None:
    """Stop the service and take its unit away.

    Raises UnitChanged, if not to take one that was changed (`replace`); NoUserManager; UnitRefused.
    """
    origin = origin_of(path)
    if origin is Origin.MISSING:
        return
    if origin is Origin.CHANGED and not replace:
        raise UnitChanged(f"{path} was changed by hand and is left as it is; --replace takes it away nevertheless")
    _require_manager(f"There is no systemd for your session here: nothing runs. Delete {path} yourself.")
    _systemctl("disable", "--now", UNIT)
    path.unlink()
    _systemctl("daemon-reload")


def look(path: Path) -> UnitStatus:
    """Say how the unit is. Raises UnitRefused."""
    said: dict[str, str] = {}
    if _has_manager():
        printed = _systemctl("show", "-p", "ActiveState,UnitFileState,StatusText", UNIT)
        said = dict(line.split("=", 1) for line in printed.splitlines() if "=" in line)
    return UnitStatus(
        path=path,
        origin=origin_of(path),
        active=said.get("ActiveState") or None,
        enabled=said.get("UnitFileState") or None,
        status=said.get("StatusText") or None,
    )


def lingers() -> bool:
    """Whether the user's services run without a session (loginctl enable-linger)."""
    return Path("/var/lib/systemd/linger", _user_name()).exists()


def _user_name() -> str:
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def _quoted(path: Path) -> str:
    # systemd.syntax(7): C-style escapes within quotes; "%" begins a specifier.
    text = str(path).replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{text}"'


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _require_manager(otherwise: str) -> None:
    if not _has_manager():
        raise NoUserManager(otherwise)


def _has_manager() -> bool:
    try:
        return _ask("show", "-p", "Version").returncode == 0
    except FileNotFoundError:
        return False


def _systemctl(*arguments: str) -> str:
    outcome = _ask(*arguments)
    if outcome.returncode != 0:
        raise UnitRefused(
            f"systemctl --user {' '.join(arguments)}: {outcome.stderr.strip()}\n"
            "What the service itself said: journalctl --user -e -u tactful"
        )
    return outcome.stdout


def _ask(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["systemctl", "--user", "--no-pager", *arguments]
    return subprocess.run(  # noqa: S603 - a fixed program, no shell
        command, capture_output=True, text=True, timeout=_PATIENCE, check=False, stdin=subprocess.DEVNULL
    )
