"""The first configuration, made by the real command: asked for on a real terminal, or given by options."""

from __future__ import annotations

import json
import os
import select
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from daemon.config import load_config
from tests.process.conftest import PATIENCE, TACTFUL


def environ(home: Path) -> dict[str, str]:
    """Nothing of the desktop, so no keyring."""
    return {"HOME": str(home), "PATH": os.environ["PATH"], "TERM": "dumb", "TZ": "America/New_York"}


class Terminal:
    """A person at a terminal: waits for words, and types."""

    def __init__(self, home: Path, *arguments: str) -> None:
        self._master, slave = os.openpty()
        # setsid --ctty: the password is asked for on the controlling terminal.
        command = ["setsid", "--ctty", "--wait", str(TACTFUL), *arguments]
        self._process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=environ(home))
        os.close(slave)
        self.seen = ""
        self._read = 0  # characters of `seen` that were waited for

    def answer(self, question: str, words: str) -> None:
        self._until(lambda: question in self.seen[self._read :], question)
        self._read = len(self.seen)
        os.write(self._master, f"{words}\n".encode())

    def end(self) -> int:
        """Wait for the command's end; give its status."""
        self._until(lambda: self._process.poll() is not None, "the end")
        os.close(self._master)
        return self._process.returncode

    def _until(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"{what}; on the screen: {self.seen}"
            if select.select([self._master], [], [], 0.1)[0]:
                try:
                    self.seen += os.read(self._master, 65536).decode("utf-8", "replace")
                except OSError:  # the other side has been closed
                    self._process.wait(timeout=PATIENCE)


def test_a_person_at_a_terminal_is_asked_warned_and_asked_again(dovecot: Any, tmp_path: Path) -> None:
    user = dovecot.fresh_user()
    options = ("--imap-port", str(dovecot.tls_port), "--ca-file", str(dovecot.ca_file), "--no-smtp")
    terminal = Terminal(tmp_path, "setup", *options)
    terminal.answer("Your address", "nonsense")
    terminal.answer("Your address", user)
    terminal.answer("The IMAP server", dovecot.host)
    terminal.answer("Your name", 'Noor "N." Haddad: #1')
    terminal.answer("Your time zone", "")
    terminal.answer("Password of", "a wrong one")
    terminal.answer("Password of", dovecot.password)
    assert terminal.end() == 0, terminal.seen
    assert "use a mailbox of your own" in " ".join(terminal.seen.split())
    assert "personal: ok" in terminal.seen
    assert dovecot.password not in terminal.seen

    folder = tmp_path / ".config" / "tactful"
    made = load_config(folder / "config.yaml").accounts[0]
    assert (made.address, made.full_name, made.timezone) == (user, 'Noor "N." Haddad: #1', "America/New_York")
    assert made.smtp is None
    modes = {file.name: file.stat().st_mode & 0o777 for file in (folder, *folder.iterdir())}
    assert modes == {"tactful": 0o700, "config.yaml": 0o600, "personal.password": 0o600}
    assert dovecot.password not in (folder / "config.yaml").read_text()


def run(home: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(TACTFUL), *arguments], input=stdin, capture_output=True, text=True, timeout=60, env=environ(home)
    )


@pytest.fixture
def options(dovecot: Any, tmp_path: Path) -> tuple[str, ...]:
    """Everything, for a user who has no configuration."""
    given = {
        "--config": tmp_path / "own" / "config.yaml",
        "--address": dovecot.fresh_user(),
        "--full-name": "Noor Haddad",
        "--timezone": "Europe/Berlin",
        "--imap-host": dovecot.host,
        "--imap-port": dovecot.tls_port,
        "--ca-file": dovecot.ca_file,
    }
    return ("setup", *(str(word) for pair in given.items() for word in pair))


def test_a_script_gives_all_by_options_and_the_password_by_standard_input(
    options: tuple[str, ...], dovecot: Any, tmp_path: Path
) -> None:
    outcome = run(tmp_path, *options, "--json", stdin=f"{dovecot.password}\n")
    assert outcome.returncode == 0, outcome.stderr
    (document,) = (json.loads(line) for line in outcome.stdout.splitlines())
    assert document["ok"]
    assert document["folders"]["drafts"] == "Drafts"
    with dovecot.raw(options[4]) as link:
        assert link.select("Drafts")[1] == [b"0"]


def test_a_configuration_that_is_there_is_left_alone_or_kept_beside(
    options: tuple[str, ...], dovecot: Any, tmp_path: Path
) -> None:
    config = tmp_path / "own" / "config.yaml"
    config.parent.mkdir()
    config.write_text("# mine\n")
    refused = run(tmp_path, *options, stdin=f"{dovecot.password}\n")
    assert refused.returncode == 78
    assert config.read_text() == "# mine\n"
    assert [file.name for file in config.parent.iterdir()] == ["config.yaml"]
    assert run(tmp_path, *options, "--replace", stdin=f"{dovecot.password}\n").returncode == 0
    assert config.with_name("config.yaml.old").read_text() == "# mine\n"
    assert load_config(config).accounts


@pytest.mark.parametrize("without", ["--full-name", "--address"])
def test_what_is_missing_without_a_terminal_is_named(
    options: tuple[str, ...], without: str, dovecot: Any, tmp_path: Path
) -> None:
    place = options.index(without)
    outcome = run(tmp_path, *options[:place], *options[place + 2 :], stdin=f"{dovecot.password}\n")
    assert outcome.returncode == 2
    assert without in outcome.stderr
    assert not (tmp_path / "own").exists()


def test_a_refused_password_is_an_error_where_nobody_can_be_asked(options: tuple[str, ...], tmp_path: Path) -> None:
    outcome = run(tmp_path, *options, stdin="planted-secret\n")
    assert outcome.returncode == 77
    assert "planted-secret" not in outcome.stdout + outcome.stderr


def test_a_provider_without_imap_is_said_at_once(tmp_path: Path) -> None:
    outcome = run(tmp_path, "setup", "--address", "noor@tuta.com", "--full-name", "Noor")
    assert outcome.returncode == 78
    assert "has no IMAP" in outcome.stderr
