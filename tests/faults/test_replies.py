"""Answers come in pieces, late, in lumps and in odd order, and mail vanishes while it is read: nothing is missed."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime, timedelta
from email.policy import SMTP
from typing import Any

import pytest

from parsers.extract import message_key
from parsers.mail import read_mail
from tests.faults.census import seen_rows
from tests.faults.conftest import LONG, runs
from tests.faults.proxy import AnswerFault, Link, Pieces, after, first
from tests.process.conftest import invitation


def _invites(rig: Any, day: datetime, *numbers: int) -> None:
    for number in numbers:
        rig.invite(day + timedelta(hours=number), uid=f"loop-{number}@northwind.example")


@pytest.mark.fault("F5")
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    ("pieces", "glue"),
    [(Pieces(1), 0.0), (Pieces(7, 0.3 if LONG else 0.002), 0.0), (None, 0.5)],
    ids=["octets", "sevens", "glued"],
)
def test_answers_in_pieces_or_in_lumps_are_understood(
    rig: Any, pieces: Pieces | None, glue: float, interview_day: datetime
) -> None:
    rig.start()
    rig.waits()
    rig.proxy.pieces, rig.proxy.glue = pieces, glue
    _invites(rig, interview_day, 1)
    rig.until(lambda: rig.interviews == 1, "the first is found", 1200 if LONG else 60)
    rig.proxy.pieces, rig.proxy.glue = None, 0.0
    _invites(rig, interview_day, 2)
    late = rig.until(lambda: rig.interviews == 2, "the second is found", 60)
    recovered = late + rig.until(rig.is_healthy, "healthy")
    rig.report("F5", way=repr(pieces) if pieces else f"glued for {glue} s", late=late, recovered=recovered)
    rig.assert_sound()


def _torn(seconds: float, *, cut: bool) -> AnswerFault:
    """Say half of an answer; the other half comes later, or never."""

    async def fault(link: Link, answer: bytes) -> None:
        half = len(answer) // 2
        await link.say(answer[:half])
        await asyncio.sleep(seconds)
        if cut:
            link.cut()
        else:
            await link.say(answer[half:])

    return fault


@pytest.mark.fault("F5")
@pytest.mark.parametrize("cut", [False, True], ids=["late", "never"])
def test_a_word_of_new_mail_that_is_torn_apart_loses_no_mail(rig: Any, cut: bool, interview_day: datetime) -> None:
    rig.start()
    rig.waits()
    torn = rig.proxy.when_said(rb"^\* \d+ EXISTS", _torn(1.0, cut=cut))
    _invites(rig, interview_day, 1)
    late = rig.until(lambda: rig.interviews == 1, "the invitation is found")
    recovered = late + rig.until(rig.is_healthy, "healthy")
    assert torn.hits
    rig.report("F5", way="torn EXISTS, rest never" if cut else "torn EXISTS", late=late, recovered=recovered)
    rig.assert_sound()


@pytest.mark.fault("F5")
def test_an_answer_that_is_none_loses_the_connection_and_no_mail(rig: Any, interview_day: datetime) -> None:
    rig.start()
    rig.waits()
    rig.proxy.say(b"\xff\xfe{what is this\r\n")
    told = rig.until(rig.is_degraded, "it says so", 60)
    _invites(rig, interview_day, 1)
    late = rig.until(lambda: rig.interviews == 1, "the invitation is found")
    recovered = late + rig.until(rig.is_healthy, "healthy")
    rig.report("F5", way="no IMAP", told=told, late=late, recovered=recovered)
    rig.assert_sound()


@pytest.mark.fault("F6")
@pytest.mark.parametrize("moment", ["before IDLE", "before the continuation"])
def test_mail_that_comes_between_the_last_look_and_idle_is_found(
    rig: Any, moment: str, interview_day: datetime
) -> None:
    def deliver() -> None:
        _invites(rig, interview_day, 1)
        time.sleep(1)  # until the server has seen it

    if moment == "before IDLE":
        rule = rig.proxy.when(rb"^IDLE", first(deliver))
    else:
        rule = rig.proxy.when_said(rb"^\+ idling", after(deliver))
    rig.start()
    rig.until(lambda: rule.hits, "the moment")
    late = rig.until(lambda: rig.interviews == 1, "the invitation is found")
    recovered = late + rig.until(rig.is_healthy, "healthy")
    rig.report("F6", way=moment, late=late, recovered=recovered)
    rig.assert_sound()


@pytest.mark.fault("F6")
def test_news_that_leave_the_count_as_it_was_are_looked_at_once(rig: Any, interview_day: datetime) -> None:
    rig.small_talk(1)
    rig.start()
    rig.waits()
    looks = len(rig.proxy.sent(rb"^(?:EXAMINE|NOOP)"))
    cpu, began = rig.cpu(), time.monotonic()
    for number in range(200):
        rig.proxy.say(b"* 1 FETCH (FLAGS (\\Seen%s))\r\n" % (b" $Label" if number % 2 else b""))
    rig.proxy.say(b"* 1 EXPUNGE\r\n* 1 EXISTS\r\n")
    ((uid, _),) = rig.seat.messages("INBOX")
    _invites(rig, interview_day, 1)
    rig.person.delete(uid, folder="INBOX")
    late = rig.until(lambda: rig.interviews == 1, "the invitation is found")
    recovered = late + rig.until(rig.is_healthy, "healthy")
    share = (rig.cpu() - cpu) / (time.monotonic() - began)
    rig.report("F6", way="EXPUNGE and EXISTS, 200 FETCH", late=late, recovered=recovered, cpu=share)
    assert len(rig.proxy.sent(rb"^(?:EXAMINE|NOOP)")) - looks < 100
    rig.assert_sound()


@pytest.mark.fault("F7")
@pytest.mark.parametrize("moment", ["between SEARCH and FETCH", "before the texts are fetched"])
def test_mail_that_vanishes_while_it_is_read_is_passed_over(rig: Any, moment: str, interview_day: datetime) -> None:
    count = runs(10, 40)
    for number in range(count):
        rig.seat.deliver(
            invitation(rig.seat.user, interview_day + timedelta(hours=number), uid=f"loop-{number}@northwind.example")
        )
    gone = rig.random.sample(range(1, count + 1), count // 2)

    def expunge() -> None:
        for uid in gone:
            rig.person.delete(uid, folder="INBOX")

    words = rb"^UID FETCH .* \(UID FLAGS" if moment == "between SEARCH and FETCH" else rb"^UID FETCH .*BODY\.PEEK\[\]"
    rule = rig.proxy.when(words, first(expunge))
    rig.start()
    assert rule.hits
    late = rig.until(lambda: rig.interviews == count - len(gone), "the others are read", 60)
    rig.until(rig.is_healthy, "healthy")
    rig.report("F7", way=moment, late=late, recovered=late)
    rows = {row["uid"]: row for row in seen_rows(rig.seat.state, "INBOX")}
    here = {uid: message_key(read_mail(raw, received_at=datetime.now().astimezone())) for uid, raw in rig.inbox}
    assert {uid: row["key"] for uid, row in rows.items() if row["outcome"] == "facts"} == here
    assert {row["outcome"] for uid, row in rows.items() if uid in gone} <= {"gone"}
    rig.assert_sound()


@pytest.mark.fault("F30")
def test_what_a_stranger_writes_into_a_header_never_becomes_a_command(rig: Any, interview_day: datetime) -> None:
    rig.start()
    rig.waits()
    for number, attack in enumerate(
        (
            b'<x"@evil.example>\r\n\tT1 CREATE pwned',
            b"<x\rT1 CREATE pwned\r@evil.example>",
            b"<x\nT1 CREATE pwned\n@evil.example>",
            b'<x" T1 {4}CREATE pwned@evil.example>',
            b'=?utf-8?q?<x"=0D=0AT1_CREATE_pwned=0D=0A@evil.example>?=',
        )
    ):
        mail = invitation(rig.seat.user, interview_day + timedelta(hours=number), uid=f"evil-{number}@evil.example")
        raw = mail.as_bytes(policy=SMTP).replace(b"<mail.evil-%d@evil.example>" % number, attack)
        raw = raw.replace(b"dana.lee@northwind.example", b'"dana\\"lee {9}"@northwind.example', 1)
        rig.person.put("INBOX", raw)
    rig.until(lambda: len(seen_rows(rig.seat.state, "INBOX")) >= 5, "all are read")
    rig.until(rig.is_healthy, "healthy")
    rig.go_to(interview_day + timedelta(hours=20))
    verbs = {command.words.split(b" ")[0].upper() for command in rig.proxy.commands}
    known = b"CAPABILITY LOGIN LIST NAMESPACE STATUS EXAMINE NOOP UID SELECT APPEND IDLE DONE LOGOUT ENABLE ID".split()
    assert verbs <= set(known), verbs
    for command in rig.proxy.commands:
        if not command.words.upper().startswith(b"APPEND"):
            assert command.octets.count(b"\n") == 1, command.octets
    assert "pwned" not in rig.census().folders
    rig.assert_sound()
