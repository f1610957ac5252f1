"""What others could have written is not believed: a configuration, a template, a link in the place of a file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from daemon.calendar_file import write_atomically
from daemon.config import load_config
from daemon.errors import ConfigError
from daemon.own_letters import read_own_letters
from daemon.private_files import create_privately

SAMPLE = Path(__file__).parents[2] / "config.example.yaml"
STRANGER = 1234


def given_away(path: Path) -> bool:
    """Let a file belong to somebody else; only root can."""
    if os.getuid() == 0:
        os.chown(path, STRANGER, STRANGER)
    return os.getuid() == 0


def test_a_configuration_that_others_can_change_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(SAMPLE.read_bytes())
    path.chmod(0o644)
    assert load_config(path)
    path.chmod(0o646)
    with pytest.raises(ConfigError, match="others can change it"):
        load_config(path)
    path.chmod(0o644)
    if given_away(path):
        with pytest.raises(ConfigError, match="others can change it"):
            load_config(path)


def test_a_template_of_another_user_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "en" / "thank_you.txt"
    path.parent.mkdir()
    path.write_text("Subject: Thank you\n\nHi,\n\nthank you.\n", "utf-8")
    if given_away(path):
        own = read_own_letters(tmp_path)
        assert own.texts == {}
        assert any("belongs to another user" in problem for problem in own.problems)


def test_a_link_in_the_place_of_a_file_that_is_written_is_replaced_and_not_followed(tmp_path: Path) -> None:
    for number, write in enumerate((write_atomically, create_privately)):
        other, link = tmp_path / f"other{number}", tmp_path / f"link{number}"
        other.write_bytes(b"theirs")
        link.symlink_to(other)
        write(link, b"ours")
        assert (other.read_bytes(), link.read_bytes(), link.is_symlink()) == (b"theirs", b"ours", False)
        assert link.stat().st_mode & 0o777 == 0o600
