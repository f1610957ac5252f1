"""Mail is read in a process of its own, as it would be here; what a message does to that process costs only itself."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from benchmarks.labelled import ADDRESSES, USER, own_cases
from daemon.intake import Intake
from daemon.ledger import Ledger
from daemon.mailreader import InProcess, Unreadable
from daemon.memory import MemoryMailbox
from daemon.worker import Worker
from daemon.worker_process import Bounds
from parsers.model import Kind
from parsers.reader import Reader
from tests.parsers.test_properties_bounds import BOMBS

NOW = datetime(2026, 11, 30, 15, 12, tzinfo=UTC)
READER = Reader(account="a", addresses=ADDRESSES, full_name=USER, timezone="America/New_York")
GOOD = b"""From: Dana Lee <dana@northwind.example>\r
To: jordan@example.org\r
Subject: Interview for Data Engineer\r
Message-ID: <good-%d@northwind.example>\r
Date: Mon, 30 Nov 2026 10:12:00 -0500\r
\r
Hi Jordan,\r
\r
your interview for the Data Engineer role at Northwind is confirmed for Tuesday, December 1 at 2:00 PM EST.\r
\r
Best regards,\r
Dana Lee\r
"""
# Sound for the readers, which need most of a second for it: stands for one that never ends.
LONG = BOMBS["nested tags with markup"]().replace(b"\n", b"\r\n").replace(b"me@letters.example", b"jordan@example.org")
LIMITED = Bounds(cpu=0.1)


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    """The worker with the bounds that it always has."""
    made = Worker()
    yield made
    made.close()


@pytest.fixture
def bound() -> Iterator[Callable[[Bounds], Worker]]:
    """Give a function that makes a worker with these bounds."""
    made: list[Worker] = []

    def make(bounds: Bounds) -> Worker:
        made.append(Worker(bounds))
        return made[-1]

    yield make
    for one in made:
        one.close()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_it_says_of_every_mail_what_reading_here_says(worker: Worker) -> None:
    """That no table is missing in there, where no file can be opened any more."""
    here = InProcess()
    for case in [case for case in own_cases() if not case.kept_aside][::3]:
        arrived = case.received_at or NOW
        assert worker.facts(case.message, arrived, READER) == here.facts(case.message, arrived, READER), case.name


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "America/Indiana/Knox", "W. Europe Standard Time", "X/Y"])
@pytest.mark.parametrize(
    "charset", ["iso-2022-jp", "big5hkscs", "koi8-u", "cp1140", "utf-7", "mac-cyrillic", "nonsense"]
)
def test_every_time_zone_and_character_set_is_at_hand_in_there(worker: Worker, zone: str, charset: str) -> None:
    message = (
        b"From: dana@northwind.example\nSubject: Interview\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
        b"Content-Type: text/plain; charset=%b\n\n\x1b$B%%\xa4\xf2\xc1\xe5 interview on 1 December, 2 pm JST\n--b\n"
        b"Content-Type: text/calendar\n\nBEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART;TZID=%b:20261201T140000\n"
        b"SUMMARY:Interview\nEND:VEVENT\nEND:VCALENDAR\n--b--\n"
    ) % (charset.encode(), zone.encode())
    assert worker.facts(message, NOW, READER) == InProcess().facts(message, NOW, READER)


def test_it_can_open_nothing_and_knows_nothing_of_the_daemon(worker: Worker) -> None:
    worker.facts(GOOD % 1, NOW, READER)
    process = Path(f"/proc/{worker.pid}")
    limits = {line[:26].strip(): line[26:].split()[:2] for line in (process / "limits").read_text().splitlines()}
    assert limits["Max open files"] == ["3", "3"]
    assert limits["Max processes"] == limits["Max file size"] == limits["Max core file size"] == ["0", "0"]
    assert int(limits["Max address space"][0]) < 500 << 20
    assert sorted(path.name for path in (process / "fd").iterdir()) == ["0", "1", "2"]
    assert (process / "environ").read_bytes() == b""


def test_what_takes_too_long_is_named_and_the_next_message_is_read(bound: Callable[[Bounds], Worker]) -> None:
    limited = bound(LIMITED)
    with pytest.raises(Unreadable, match=r"takes more than 0\.1 s"):
        limited.facts(LONG, NOW, READER)
    assert limited.facts(GOOD % 1, NOW, READER).kind is Kind.INTERVIEW_CONFIRMED


def test_what_takes_too_much_memory_is_named_and_quotes_nothing(bound: Callable[[Bounds], Worker]) -> None:
    limited = bound(Bounds(memory=1 << 20))
    with pytest.raises(Unreadable, match=r"ended the process|MemoryError") as caught:
        limited.facts(BOMBS["20 MB of nested tags"](), NOW, READER)
    assert "interview" not in str(caught.value)


def test_a_process_that_dies_of_something_else_costs_no_message(bound: Callable[[Bounds], Worker]) -> None:
    one = bound(Bounds())
    one.begin()
    first = one.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert one.facts(GOOD % 1, NOW, READER).kind is Kind.INTERVIEW_CONFIRMED
    assert one.pid != first


def test_a_process_without_work_ends_and_leaves_no_zombie(bound: Callable[[Bounds], Worker]) -> None:
    one = bound(Bounds(linger=0.1))
    one.facts(GOOD % 1, NOW, READER)
    first = one.pid
    until(lambda: not Path(f"/proc/{first}").exists())
    assert one.facts(GOOD % 2, NOW, READER).message_id == "good-2@northwind.example"


def test_several_threads_each_get_their_own_answer(worker: Worker) -> None:
    with ThreadPoolExecutor(4) as threads:
        answers = threads.map(lambda number: worker.facts(GOOD % number, NOW, READER).message_id, range(20))
        assert list(answers) == [f"good-{number}@northwind.example" for number in range(20)]


def test_whose_mail_is_read_may_change_from_message_to_message(worker: Worker) -> None:
    other = Reader(account="b", addresses=frozenset({"dana@northwind.example"}), full_name="", timezone="UTC")
    answers = [worker.facts(GOOD % 1, NOW, reader) for reader in (READER, other, READER)]
    assert answers == [InProcess().facts(GOOD % 1, NOW, reader) for reader in (READER, other, READER)]


def test_an_answer_of_the_person_comes_with_its_fresh_text_alone(worker: Worker) -> None:
    message = b"From: jordan@example.org\nSubject: Re: x\n\ncaching\n\nOn Mon, Nov 30, 2026 Dana Lee wrote:\n> Hi\n"
    mail = worker.answer(message, NOW)
    assert (mail.text, mail.subject, mail.senders[0].address) == ("caching", "Re: x", "jordan@example.org")


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_read_or_named_within_its_bounds(worker: Worker, name: str) -> None:
    bomb = BOMBS[name]()
    before = _cpu(worker)
    try:
        facts = worker.facts(bomb, NOW, READER)
    except Unreadable:
        return
    assert len(repr(facts)) < 3_000_000
    assert _cpu(worker) - before < Bounds().cpu
    status = Path(f"/proc/{worker.pid}/status").read_text()
    assert int(status.partition("VmHWM:")[2].split()[0]) << 10 < Bounds().memory


def _cpu(worker: Worker) -> float:
    worker.facts(GOOD % 0, NOW, READER)
    fields = Path(f"/proc/{worker.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_a_message_that_cannot_be_read_is_recorded_and_the_rest_of_the_mailbox_goes_on(
    bound: Callable[[Bounds], Worker],
) -> None:
    ledger, mailbox = Ledger.in_memory(), MemoryMailbox(lambda: NOW)
    for message in (GOOD % 1, LONG, GOOD % 2):
        mailbox.deliver("INBOX", message, NOW)
    Intake(ledger, READER, bound(LIMITED)).take_in(mailbox, ["INBOX"], since=NOW - timedelta(days=1))
    assert ledger.unreadable("a") == (("INBOX", 2, "reading it takes more than 0.1 s"),)
    assert {facts.message_id for facts in ledger.facts("a")} == {"good-1@northwind.example", "good-2@northwind.example"}
