"""What a person names on the command line is read message by message, of each no more than is ever used."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon import archive
from daemon.archive import LARGEST, read_path

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
