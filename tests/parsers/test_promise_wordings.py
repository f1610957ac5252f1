"""Each row of the policy's table in several wordings of five languages, and what only sounds like a promise."""

import tomllib
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from parsers.promise import find_promises, latest_promise

ZONE = "Europe/Berlin"
WEDNESDAY = datetime(2026, 11, 25, 10, 0, tzinfo=ZoneInfo(ZONE))

WORDINGS = [
    (language, sentence, promised)
    for language, rows in tomllib.loads((Path(__file__).parent / "promises.toml").read_text(encoding="utf-8")).items()
    for sentence, promised in rows
]


def promised_by(sentence: str, language: str) -> str:
    found = find_promises(sentence, sent_at=WEDNESDAY, timezone=ZONE, month_first=language == "en", language=language)
    promise = latest_promise(found)
    if promise is None:
        return ""
    marks = {"P": promise.passive_rejection, "A": promise.permission, "N": promise.no_contact}
    return f"{promise.by or ''}" + "".join(mark for mark, given in marks.items() if given)


@pytest.mark.parametrize(("language", "sentence", "promised"), WORDINGS)
def test_a_sentence_promises_what_it_says(language: str, sentence: str, promised: str) -> None:
    assert promised_by(sentence, language) == promised


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "pt"])
def test_a_promise_stands_in_a_letter_as_it_stands_alone(language: str) -> None:
    wordings = [row for row in WORDINGS if row[0] == language and row[2].isascii() and row[2][:4].isdigit()]
    for _, sentence, promised in wordings:
        if promised[-1].isdigit():
            assert promised_by(f"Hello Sam,\n\n{sentence}\n\nBest,\nDana Lee", language) == promised
