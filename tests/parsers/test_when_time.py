"""Dates and promises are read in time linear in the text, whatever it consists of: twice the text, twice the time.

A text of half and of full length is read in the same run, so that no speed of a machine matters. The readers cut a text
after LONGEST_TEXT characters; here the cut is put off, so that the grammar itself is measured.
"""

import gc
import time
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

import parsers.promise
import parsers.when
from parsers.promise import find_promises
from parsers.when import find_moments

LENGTH = 100_000  # characters
TRIES = 4
MOST = 3.0  # times as long for a text twice as long; what is quadratic takes four times as long
INSTANT = 0.02  # seconds, below which a clock's grain decides
SENT = datetime(2026, 11, 25, 10, 0, tzinfo=ZoneInfo("America/New_York"))

TOKENS = {
    "digits": "1 ",
    "one number": "1",
    "years": "2026 ",
    "times of four digits": "1400-1445 ",
    "ordinals": "9th ",
    "number words": "twenty ",
    "weekdays": "Mon ",
    "weekdays and commas": "Tuesday, ",
    "months": "December ",
    "months of one list": "1, 2 and ",
    "spaces": " ",
    "tabs and no-break spaces": "\t\u00a0",
    "lines": "\n",
    "quoted lines": "> \n",
    "slashes": "12/",
    "dots": "12.",
    "dashes": "12-",
    "colons": "1:",
    "commas": ", ",
    "brackets": "(",
    "meridiems": "2p.m. ",
    "clock words": "noon ",
    "halves": "half past ",
    "zone abbreviations": "ET ",
    "zone names": "Europe/Berlin ",
    "offsets": "UTC+1 ",
    "times and zones": "2pm ET / ",
    "zones of lists": "all times ET 2pm ",
    "zones in brackets": "2pm (Eastern ",
    "times of lists": "2pm or ",
    "days of lists": "Dec 9, ",
    "lead words": "in the next ",
    "approximate words": "about around ",
    "units": "days weeks ",
    "counts of units": "3 to 5 days ",
    "parts": "end of early ",
    "deadlines": "by by Friday ",
    "moves": "moved from 2pm to ",
    "relative days": "tomorrow ",
    "weeks from a day": "a week from ",
    "streets": "rue 4 ",
    "holidays": "after the holidays ",
    "addresses": "a.b@",
    "links": "https://a/2026-12-01 ",
}
SENTENCES = {
    "answers": "we will let you know ",
    "answers and dates": "you will hear by Friday and ",
    "short sentences": "We will decide on Friday. ",
    "abbreviations": "a. m. ",
    "conditions": "if you do not hear ",
    "patience": "please allow us ",
    "adverbs": "we will also definitely probably ",
    "nouns": "our final decision ",
    "subjects": "we i the team ",
    "clauses": "and then; so, ",
    "list items": "\n- by Friday",
    "paragraphs": "back on Monday\n\n",
}
READERS: dict[str, Callable[[str], object]] = {
    "moments": lambda text: find_moments(text, sent_at=SENT, timezone="America/New_York"),
    "promises": lambda text: find_promises(text, sent_at=SENT, timezone="America/New_York"),
    "German moments": lambda text: find_moments(text, sent_at=SENT, timezone="Europe/Berlin", language="de"),
}
CASES = [
    *((kind, piece, "moments") for kind, piece in TOKENS.items()),
    *((kind, TOKENS[kind], "German moments") for kind in ("digits", "dots", "lead words", "streets")),
    *((kind, piece, "promises") for kind, piece in SENTENCES.items()),
]


@pytest.fixture(autouse=True)
def whole_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsers.when, "LONGEST_TEXT", LENGTH)
    monkeypatch.setattr(parsers.promise, "LONGEST_TEXT", LENGTH)


def seconds(reader: str, text: str) -> float:
    gc.disable()  # its turns grow with all that other tests have left in memory
    try:
        begin = time.process_time()
        READERS[reader](text)
        return time.process_time() - begin
    finally:
        gc.enable()


@pytest.mark.parametrize(("kind", "piece", "reader"), CASES, ids=[f"{kind}, {reader}" for kind, _, reader in CASES])
def test_twice_the_text_takes_twice_the_time(kind: str, piece: str, reader: str) -> None:
    whole = (piece * (LENGTH // len(piece) + 1))[:LENGTH]
    READERS[reader](whole[:1000])  # the tables are read
    ratios = []
    for _ in range(TRIES):  # other work on the machine may disturb one measure, not all of them
        half, full = seconds(reader, whole[: LENGTH // 2]), seconds(reader, whole)
        ratios.append(full / max(half, INSTANT))
        if ratios[-1] < MOST:
            return
    pytest.fail(f"{kind}: twice the text takes {min(ratios):.1f} times as long")
