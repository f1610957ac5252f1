"""tactful login on a real terminal and without one, against a real server."""

from __future__ import annotations

import os
import pty
import select
import stat
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.process.conftest import TACTFUL

CONFIG = """
state_dir: {folder}/state
accounts:
  - name: personal
    address: {user}
    full_name: Noor Haddad
    timezone: America/New_York
    imap: {{host: {host}, port: {port}, tls: none, username: "{user}", password: {password}}}
{more}"""


class Desk:
    """A person, a terminal and a server."""

    def __init__(self, server: Any, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.user = server.fresh_user()
        self.secret = folder / "secret"

    def configure(self, password: str, more: str = "") -> None:
        text = CONFIG.format(
            folder=self.folder,
            user=self.user,
            host=self.server.host,
            port=self.server.port,
            password=password,
            more=more,
        )
        (self.folder / "config.yaml").write_text(text, "utf-8")

    @property
    def command(self) -> list[str]:
        return [str(TACTFUL), "login", "personal", "--config", str(self.folder / "config.yaml")]

    @property
    def environ(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "HOME": str(self.folder), "TERM": "dumb"}

    def pipe(self, given: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.command, *arguments],
            input=given,
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def type(self, *lines: str) -> tuple[int, str]:
        """Answer each question on a terminal; give the exit status and all that the terminal showed."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(self.command[0], self.command, self.environ)  # noqa: S606 - in the child that pty made
        shown, left = b"", list(lines)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if select.select([terminal], [], [], 0.2)[0]:
                try:
                    shown += os.read(terminal, 4096)
                except OSError:  # the end of a terminal
                    break
                if left and shown.rstrip().endswith(b":"):
                    os.write(terminal, left.pop(0).encode() + b"\n")
                    shown += b"\n"
        os.close(terminal)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode()


@pytest.fixture
def desk(dovecot: Any, tmp_path: Path) -> Desk:
    return Desk(dovecot, tmp_path)


def test_a_password_is_asked_for_on_the_terminal_without_an_echo_stored_and_tried(desk: Desk) -> None:
    desk.configure(f"{{file: {desk.secret}}}")
    status, shown = desk.type(desk.server.password)
    assert status == 0, shown
    assert f"Password of {desk.user} on 127.0.0.1:" in shown
    assert "The server takes it." in shown
    assert desk.server.password not in shown
    assert desk.secret.read_text() == desk.server.password + "\n"
    assert stat.S_IMODE(desk.secret.stat().st_mode) == 0o600


def test_without_a_terminal_the_first_line_of_standard_input_is_the_password(desk: Desk) -> None:
    desk.configure(f"{{file: {desk.secret}}}")
    done = desk.pipe(f"{desk.server.password}\nsecond\n")
    assert done.returncode == 0, done.stderr
    assert desk.secret.read_text() == desk.server.password + "\n"


def test_a_password_that_the_server_refuses_is_said_at_once(desk: Desk) -> None:
    desk.configure(f"{{file: {desk.secret}}}")
    done = desk.pipe("wrong-wrong\n")
    assert done.returncode == 77
    assert "refuses the login" in done.stderr
    assert "wrong-wrong" not in done.stderr


def test_one_password_of_imap_and_smtp_is_asked_for_once_and_two_are_asked_for_in_turn(desk: Desk) -> None:
    smtp = "    smtp: {{host: 127.0.0.1, port: 9, tls: none, username: '{}', password: {{file: {}}}}}\n"
    desk.configure(f"{{file: {desk.secret}}}", smtp.format(desk.user, desk.secret))
    assert desk.pipe(f"{desk.server.password}\nfor nobody\n").returncode == 0
    other = desk.folder / "other"
    desk.configure(f"{{file: {desk.secret}}}", smtp.format(desk.user, other))
    assert desk.pipe(f"{desk.server.password}\nanother\n").returncode == 0
    assert other.read_text() == "another\n"


@pytest.mark.parametrize(
    ("password", "advice"),
    [
        ("{credential: imap-password}", "systemd-creds encrypt --name=imap-password"),
        ("{command: [pass, show, mail]}", "pass gives this password"),
    ],
)
def test_what_others_keep_is_theirs_to_store(desk: Desk, password: str, advice: str) -> None:
    desk.configure(password)
    done = desk.pipe("secret\n")
    assert done.returncode == 77
    assert advice in done.stderr


def test_nothing_to_read_is_no_password(desk: Desk) -> None:
    desk.configure(f"{{file: {desk.secret}}}")
    desk.secret.write_text("kept\n")
    for given in ("", "\n"):
        done = desk.pipe(given)
        assert done.returncode == 77
        assert "no password" in done.stderr
    assert desk.secret.read_text() == "kept\n"


def test_a_file_that_cannot_be_written_is_said(desk: Desk) -> None:
    (desk.folder / "file").write_text("")
    desk.configure(f"{{file: {desk.folder}/file/secret}}")
    done = desk.pipe("secret\n")
    assert done.returncode == 77
    assert "cannot be written" in done.stderr


def test_an_account_that_is_not_there_is_wrong_usage(desk: Desk) -> None:
    desk.configure(f"{{file: {desk.secret}}}")
    done = subprocess.run(
        [str(TACTFUL), "login", "work", "--config", str(desk.folder / "config.yaml")],
        env=desk.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "there is no account work; there are: personal" in done.stderr


def test_a_password_is_no_argument(desk: Desk) -> None:
    desk.configure(f"{{file: {desk.secret}}}")
    assert desk.pipe("", "secret").returncode == 2
