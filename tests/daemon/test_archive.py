"""What a person names on the command line is read message by message, of each no more than is ever used."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import pytest

from composer.policy import Policy
from daemon import archive
from daemon.archive import LARGEST, read_path
from daemon.errors import InputError
from daemon.person import Person
from daemon.replay import Replay

FIRST = b"Subject: one\n\n>From here on, all is well.\nFromage\n"
SECOND = b"Subject: two\n\nA line\n"


@pytest.mark.parametrize("chunk", [1, 2, 3, 5, 7, 64, 1024])
def test_an_mbox_is_cut_at_its_from_lines_wherever_the_chunks_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(archive, "_CHUNK", chunk)
    box = tmp_path / "box"
    box.write_bytes(b"From a Mon Nov 30 10:00:00 2026\n" + FIRST + b"\nFrom b Mon Nov 30 10:00:00 2026\n" + SECOND)
    assert [(stored.path, stored.message) for stored in read_path(box)] == [(f"{box}#1", FIRST), (f"{box}#2", SECOND)]


def test_one_message_below_an_envelope_line_is_a_message(tmp_path: Path) -> None:
    (tmp_path / "one.eml").write_bytes(b"From a Mon Nov 30 10:00:00 2026\n" + FIRST)
    assert [(stored.path, stored.message) for stored in read_path(tmp_path)] == [(str(tmp_path / "one.eml"), FIRST)]


@pytest.mark.parametrize("beginning", [b"", b"From a Mon Nov 30 10:00:00 2026\n"])
def test_of_a_huge_file_no_more_is_held_than_is_read(tmp_path: Path, beginning: bytes) -> None:
    huge = tmp_path / "huge.eml"
    with huge.open("wb") as file:
        file.write(beginning)
        file.truncate(300_000_000)  # a hole: it takes no place on the disk
    (stored,) = read_path(huge)
    assert len(stored.message) == LARGEST


def test_a_replay_holds_no_more_than_a_few_messages_at_once(tmp_path: Path) -> None:
    for part in ("cur", "new", "tmp"):
        (tmp_path / part).mkdir()
    for number in range(60):
        date = f"Date: Mon, 30 Nov 2026 10:00:{number:02} +0000"
        header = f"From: news@paper.example\nList-Id: <news.paper.example>\n{date}\nSubject: {number}\n\n"
        (tmp_path / "cur" / f"{number}:2,S").write_bytes(header.encode() + b"A line of news.\n" * 32_768)
    person = Person(account="me", addresses=(), full_name="", timezone="UTC", policy=Policy(timezone="UTC"))
    until = datetime(2027, 1, 1, tzinfo=UTC)
    list(Replay(person.settings(), person.policy).run(islice(read_path(tmp_path), 1), until=until))  # loads the tables
    tracemalloc.start()
    try:
        run = Replay(person.settings(), person.policy)
        assert list(run.run(read_path(tmp_path), until=until)) == []
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert run.delivered == 60
    assert peak < 12 * 2**20  # of the 30 MiB that the messages have


def test_a_message_that_is_gone_when_it_is_read_says_which_one(tmp_path: Path) -> None:
    (tmp_path / "one.eml").write_bytes(FIRST)
    (stored,) = read_path(tmp_path)
    (tmp_path / "one.eml").unlink()
    with pytest.raises(InputError, match=r"one\.eml"):
        _ = stored.message
