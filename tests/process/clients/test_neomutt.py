"""neomutt, in a terminal of its own, finds our draft among its postponed messages and shows it as it was written."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ADVICE = "apt-get install --no-install-recommends neomutt tmux"
# What the person does to the text: here it is kept as it came, and a line is added.
EDITOR = """\
#!/bin/sh
cp "$1" "$HOME/opened"
echo "P.S. Good luck with the caching project." >> "$1"
"""


class Terminal:
    """A terminal in which a program runs, as a person sees and uses it."""

    def __init__(self, folder: Path, command: str) -> None:
        self._socket = folder / "tmux"
        environ = {"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8", "TERM": "screen-256color"}
        self._tmux("-f", "/dev/null", "new-session", "-d", "-x", "120", "-y", "50", command, env=environ)

    def _tmux(self, *arguments: str, env: dict[str, str] | None = None) -> str:
        return subprocess.run(
            ["tmux", "-S", str(self._socket), *arguments], check=True, capture_output=True, text=True, env=env
        ).stdout

    def shows(self, *texts: str) -> str | None:
        """Give what is on the screen if it has these texts."""
        screen = self._tmux("capture-pane", "-p")
        return screen if all(text in screen for text in texts) else None

    def press(self, *keys: str) -> None:
        self._tmux("send-keys", *keys)

    def close(self) -> None:
        self._tmux("kill-server")


@pytest.fixture
def neomutt(waiting: Any, tmp_path: Path) -> Iterator[Terminal]:
    """Give neomutt, as a person has set it up for this mailbox."""
    assert shutil.which("neomutt"), ADVICE
    assert shutil.which("tmux"), ADVICE
    editor = tmp_path / "editor"
    editor.write_text(EDITOR, "utf-8")
    editor.chmod(0o700)
    server, user = waiting.seat.server, waiting.seat.user
    (tmp_path / "muttrc").write_text(
        f"""
set imap_user="{user}" imap_pass="{server.password}" ssl_starttls=no ssl_force_tls=no
set folder="imap://{server.host}:{server.port}/" spoolfile="+INBOX" postponed="+Drafts" record=""
set realname="Noor Haddad" from="{user}" editor="{editor}" pager="builtin"
""",
        "utf-8",
    )
    terminal = Terminal(tmp_path, f"neomutt -n -F {tmp_path / 'muttrc'}")
    yield terminal
    terminal.close()


def test_neomutt_shows_our_draft_and_an_edited_one_is_the_persons(
    waiting: Any, neomutt: Terminal, tmp_path: Path, wait_until: Callable[[Callable[[], Any], str], Any]
) -> None:
    draft = waiting.draft()
    wait_until(lambda: neomutt.shows("Interview: Data Engineer"), "the inbox")
    neomutt.press("R")  # recall a postponed message; there is one only, so it is opened at once
    screen = wait_until(lambda: neomutt.shows("Subject:", "a:Attach file"), "the compose screen")
    shown = [line.strip() for line in screen.splitlines()]
    assert "To: Dana Lee <dana.lee@northwind.example>" in shown
    assert f"Subject: {draft['Subject']}" in shown
    opened = (tmp_path / "opened").read_text("utf-8")
    assert opened.splitlines() == draft.get_content().splitlines()

    # neomutt takes a postponed message out of the folder while it is open: not the moment to make another one.
    assert waiting.state() == "gone"
    assert waiting.seat.messages("Drafts") == []

    neomutt.press("P")
    wait_until(lambda: waiting.seat.messages("Drafts"), "the message postponed again")
    assert "the caching project" in waiting.draft().get_content()
    assert waiting.state() == "taken-over"
    assert len(waiting.seat.messages("Drafts")) == 1
