"""A folder of the person's own letters is read as files are, with all that can be wrong with a file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from daemon.own_letters import LARGEST, read_own_letters

BODY = "Subject: Thanks\n===\nThank you for {{ discussed }}.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "letters" / "en").mkdir(parents=True)
    return tmp_path / "letters"


def test_a_sound_file_is_used_with_any_line_ends(folder: Path) -> None:
    (folder / "en" / "thank_you.txt").write_bytes(b"\xef\xbb\xbf" + BODY.replace("\n", "\r\n").encode())
    (folder / "en" / "notes.md").write_text("not a letter")
    own = read_own_letters(folder)
    assert own.texts == {"en/thank_you": BODY}
    assert own.problems == ()


def test_a_broken_file_is_named_with_its_line_and_not_used(folder: Path) -> None:
    (folder / "en" / "thank_you.txt").write_text("Subject: Thanks\n===\n\n{{ nobody }}\n")
    (folder / "en" / "offer_ack.txt").write_text(BODY)
    own = read_own_letters(folder)
    assert set(own.texts) == {"en/offer_ack"}
    assert [problem.split(": ")[0] for problem in own.problems] == [f"{folder}/en/thank_you.txt:4"]


def test_a_file_that_is_too_large_no_text_no_file_or_elsewhere_is_not_read(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text(BODY)
    english = folder / "en"
    (english / "thank_you.txt").symlink_to(tmp_path / "secret.txt")
    (english / "thank_you_short.txt").write_bytes(BODY.encode() + b" " * LARGEST)
    (english / "offer_ack.txt").write_bytes(b"Subject: \xff\n===\n")
    os.mkfifo(english / "closing_note.txt")
    (english / "check_in_1.txt").mkdir()
    (folder / "de").symlink_to(tmp_path)
    (tmp_path / "offer_ack.txt").write_text(BODY)
    own = read_own_letters(folder)
    assert own.texts == {}
    said = {problem.partition(":1: ")[0].rpartition("/")[2]: problem for problem in own.problems}
    assert "leads out of the folder" in said["thank_you.txt"]
    assert "larger than 64 KiB" in said["thank_you_short.txt"]
    assert "is no file" in said["closing_note.txt"]
    assert set(said) == {
        "thank_you.txt",
        "thank_you_short.txt",
        "offer_ack.txt",
        "closing_note.txt",
        "check_in_1.txt",
        "secret.txt",
    }


def test_a_link_within_the_folder_is_a_file_like_any(folder: Path) -> None:
    (folder / "en" / "common.text").write_text(BODY)
    (folder / "en" / "thank_you.txt").symlink_to(folder / "en" / "common.text")
    assert read_own_letters(folder).texts == {"en/thank_you": BODY}


def test_a_folder_that_is_not_there_is_a_problem_and_no_failure(tmp_path: Path) -> None:
    own = read_own_letters(tmp_path / "nowhere")
    assert own.texts == {}
    assert "no such folder" in own.problems[0]
