"""No mail, whatever it is made of, costs more than five seconds or 200 MB, and the time of reading grows with its size.

Each bomb is read in a process of its own, whose time and address space the kernel bounds.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from parsers.clauses import split_clauses
from parsers.contentlines import read_components
from parsers.header import decode_words, read_fields
from parsers.html import html_to_text
from parsers.invite import read_calendar
from parsers.language import detect_language
from parsers.mail import read_mail
from parsers.markup import read_markup
from parsers.phrases import find_hits
from parsers.promise import find_promises
from parsers.text import split_body
from parsers.trust import read_authentication_results
from parsers.when import find_moments
from parsers.zones import zone_named

SECONDS = 5
MEGABYTES = 200

# The address space is bounded far above what is used, as a net; the memory that was used is measured.
RUNNER = f"""
import json, resource, sys, time
resource.setrlimit(resource.RLIMIT_CPU, ({SECONDS}, {SECONDS}))
resource.setrlimit(resource.RLIMIT_AS, ({MEGABYTES * 5} << 20, {MEGABYTES * 5} << 20))
from pathlib import Path
from daemon.archive import read_path
from daemon.reading import read_stored, reading
from parsers.reader import Reader
reader = Reader(
    account="a", addresses=frozenset({{"me@letters.example"}}), full_name="", timezone="America/New_York"
)
for stored in read_path(Path(sys.argv[1])):
    print(json.dumps(reading(read_stored(stored, reader), stored.path)))
with open("/proc/self/status", encoding="ascii") as file:
    peak = next(int(line.split()[1]) for line in file if line.startswith("VmHWM:"))
print(json.dumps({{"seconds": time.process_time(), "megabytes": peak / 1024}}), file=sys.stderr)
"""

HEADER = b"""From: Dana Lee <dana.lee@northwind.example>
To: me@letters.example
Subject: Your interview for Data Engineer
Date: Mon, 30 Nov 2026 10:12:00 -0500
Message-ID: <one@northwind.example>
"""
EVENT = b"BEGIN:VEVENT\nUID:%d\nDTSTART:20261201T190000Z\nSUMMARY:Interview\nEND:VEVENT\n"


def body(kind: bytes, content: bytes, encoding: bytes = b"8bit") -> bytes:
    return HEADER + b"Content-Type: " + kind + b"\nContent-Transfer-Encoding: " + encoding + b"\n\n" + content


def parts(content: list[bytes]) -> bytes:
    joined = b"".join(b"--b\n" + part + b"\n" for part in content)
    return HEADER + b"Content-Type: multipart/mixed; boundary=b\n\n" + joined + b"--b--\n"


def calendar(*lines: bytes) -> bytes:
    return b"BEGIN:VCALENDAR\nMETHOD:REQUEST\n" + b"".join(lines) + b"END:VCALENDAR\n"


BOMBS: dict[str, Callable[[], bytes]] = {
    "10 MB of one field": lambda: HEADER + b"X-A: " + b"a" * 10_000_000 + b"\n\nHi",
    "10 MB of fields": lambda: HEADER + b"X-A: aaaa\n" * 1_000_000 + b"\nHi",
    "10 MB of References": lambda: HEADER + b"References: " + b"<a@b.example>\n " * 650_000 + b"\n\nHi",
    "encoded words": lambda: (
        HEADER + b"".join(b"X-%d: %b\n" % (n, b"=?cp1252?b?YQ==?= =?x?q?" * 250) for n in range(40)) + b"\nHi"
    ),
    "10,000 parts": lambda: parts([b"Content-Type: text/html\n\n<p>Interview on Tuesday at 2pm"] * 10_000),
    "depth of 1,000": lambda: (
        HEADER + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(1000))
    ),
    "messages in messages": lambda: HEADER + b"Content-Type: message/rfc822\n\n" * 100_000,
    "50 MB of nested tags": lambda: body(b"text/html", b"<div>" * 10_000_000),
    "20 MB of nested tags": lambda: body(b"text/html", b"<div>interview" * 1_400_000),
    "nested tags with markup": lambda: body(b"text/html", b"schema.org Event interview" + b"<div>" * 190_000),
    "attributes with markup": lambda: body(
        b"text/html", b"schema.org Event interview<p " + b" ".join(b"a%d" % n for n in range(140_000)) + b">"
    ),
    "nested properties": lambda: body(
        b"text/html", b'Interview<p itemscope itemtype="http://schema.org/Event">' + b"<b itemprop=name>" * 50_000
    ),
    "a million entities": lambda: body(b"text/html", b"<p>interview" + b"&amp;&#8203;" * 1_000_000),
    "a file of zeros": lambda: body(b"text/plain", base64.encodebytes(bytes(17_000_000)), b"base64"),
    "a packed page": lambda: body(b"text/html", base64.encodebytes(b"<b>" * 5_000_000), b"base64"),
    "soft line breaks": lambda: body(b"text/plain", b"=\n" * 10_000_000, b"quoted-printable"),
    "100,000 events": lambda: body(b"text/calendar", calendar(*(EVENT % n for n in range(100_000)))),
    "25,000 events in 50 parts": lambda: parts(
        [
            b"Content-Type: text/calendar\n\n" + calendar(*(EVENT % (500 * part + n) for n in range(490)))
            for part in range(50)
        ]
    ),
    "a second's rule": lambda: body(
        b"text/calendar",
        calendar((EVENT % 1).replace(b"SUMMARY", b"RRULE:FREQ=SECONDLY;INTERVAL=0\nEXRULE:FREQ=SECONDLY\nSUMMARY")),
    ),
    "a zone of a second's rule": lambda: body(
        b"text/calendar",
        calendar(
            b"BEGIN:VTIMEZONE\nTZID:X\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETTO:+0100\nTZOFFSETFROM:+0000\n"
            b"RRULE:FREQ=SECONDLY\nEND:STANDARD\nEND:VTIMEZONE\n",
            (EVENT % 1).replace(b":2026", b";TZID=X:2026").replace(b"00Z", b"00"),
        ),
    ),
    "a line of 1 MB": lambda: body(b"text/plain", b"Your interview is on Tuesday or Wednesday at 2pm, " * 20_000),
    "1 MB of attributions": lambda: body(
        b"text/plain", b"Interview Tue 2pm\n" + b"On Mon, Nov 30, 2026 Dana <a@b.example>\nwrote\n" * 20_000
    ),
    "1 MB of promises": lambda: body(b"text/plain", b"We will tell you about your interview by Friday. " * 20_000),
    "24 MB of nothing": lambda: bytes(24_000_000),
    "24 MB of boundaries": lambda: HEADER + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b" * 8_000_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_read_within_five_seconds_and_200_megabytes(name: str, tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.eml"
    bomb.write_bytes(BOMBS[name]())
    ran = subprocess.run([sys.executable, "-c", RUNNER, str(bomb)], capture_output=True, text=True, check=False)
    bomb.unlink()
    assert ran.returncode == 0, ran.stderr[-2000:]
    cost = json.loads(ran.stderr.splitlines()[-1])
    assert cost["seconds"] < SECONDS
    assert cost["megabytes"] < MEGABYTES
    document = json.loads(ran.stdout)
    assert document["path"] == str(bomb)
    assert len(ran.stdout) < 1_000_000


# ---------------------------------------------------------------------------------------------------- growth

SENT = datetime(2026, 11, 30, 15, 12, tzinfo=UTC)
HOME = "America/New_York"
# Elements inside each other cost the library that builds the tree their square. Their number is bounded: see above.
GROWTH: dict[str, tuple[Callable[[str], object], tuple[str, ...]]] = {
    "message": (
        lambda text: read_mail(b"Content-Type: multipart/mixed; boundary=b\n\n" + text.encode()),
        ("--b", "--b\n", "\n", "=?utf-8?q?a?= ", "<p>a"),
    ),
    "header": (lambda text: read_fields(text.encode()), ("A: b\n", " \n", "a", ":", "\t")),
    "words": (decode_words, ("=?utf-8?q?a?= ", "=?x?q?", "=?", "?=", " ")),
    "page": (
        html_to_text,
        ("<p>a", "<blockquote>On 1 Dec 2026, Sam wrote:", "<div class=gmail_attr>", "&amp;", "a ", "<!--", "<a b='"),
    ),
    "body": (
        split_body,
        ("> ", ">\n", "On 1 Dec ", "From: a\nSent: b\n", "Best regards,\nDana\n", "_" * 12 + "\nTo: a\n", "--\n", " "),
    ),
    "content lines": (
        lambda text: read_components(b"BEGIN:VCALENDAR\nBEGIN:VEVENT\n" + text.encode()),
        ("\n ", 'ATTENDEE;CN="', "ATTENDEE;A=B:c\n", ";A=B", "\\n"),
    ),
    "calendar": (
        lambda text: read_calendar(
            b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261201T190000Z\n" + text.encode(), timezone=HOME
        ),
        ("RDATE:20261201T190000Z\n", "ATTENDEE:mailto:a@b.example\n", "DESCRIPTION:a\n b\n", "X:"),
    ),
    "markup": (
        lambda text: read_markup("schema.org Event" + text, timezone=HOME),
        ("<div>a</div>", "<b a=b ", '<p itemscope itemtype="http://schema.org/Event"><b itemprop=name>', "<a><b>"),
    ),
    "verdict": (read_authentication_results, ("(", '"', "dkim=pass ", "; dmarc=pass header.from=a.example", "\\")),
    "moments": (
        lambda text: find_moments(text, sent_at=SENT, timezone=HOME, language="en"),
        ("1", "Tue ", "12/1 ", "2pm or ", " ", "1.", "from 2 to ", "Tuesday, December 1 at 2 PM EST ", "2026-12-01T"),
    ),
    "promises": (
        lambda text: find_promises(text, sent_at=SENT, timezone=HOME, language="en"),
        ("we will ", "by Friday ", "let you know within 2 weeks. ", "hear back ", " ", ". "),
    ),
    "phrases": (
        lambda text: find_hits(split_clauses(text), "en"),
        ("unfortunately, ", "if selected, we will ", "interview ", "a. ", "not ", "\n"),
    ),
    "zone": (zone_named, ("(", "/", "eastern time ", "+0", " - ", "a")),
    "language": (detect_language, ("the ", "und ", "a", " ")),
}
TIMES = 4
# Twice the growth of the input: squares grow sixteenfold. Below this many seconds nothing can be told, or matters.
ALLOWED = 2 * TIMES
FLOOR = 0.02


def seconds(parse: Callable[[str], object], text: str) -> float:
    best = float("inf")
    for _ in range(3):
        began = time.process_time()
        parse(text)
        best = min(best, time.process_time() - began)
    return best


@pytest.mark.parametrize(("name", "piece"), [(name, piece) for name, (_, pieces) in GROWTH.items() for piece in pieces])
def test_four_times_the_text_takes_no_more_than_eight_times_as_long(name: str, piece: str) -> None:
    parse = GROWTH[name][0]
    parse(piece)  # tables are loaded once
    length = 25_000 // len(piece) + 1
    large = seconds(parse, piece * length * TIMES)
    assert large < FLOOR or large < ALLOWED * max(seconds(parse, piece * length), FLOOR / TIMES)
