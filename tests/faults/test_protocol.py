"""The server lies about what it stored, or makes its folders anew: a letter is found by what it is, and made once."""

from __future__ import annotations

import asyncio
import re
import subprocess
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import pytest

from daemon.drafts import DraftState
from tests.faults.census import seen_rows
from tests.faults.conftest import LONG
from tests.faults.employers import appends, employers, invited, letters, look, past_day, uid_of, with_letters, write
from tests.faults.proxy import Command, CommandFault, Link, answer_lost, answering, replaced

LAST_LOOK = timedelta(minutes=10)  # after which what is provably not there may be tried once more


def _settled(rig: Any, state: DraftState) -> Callable[[], bool]:
    return lambda: [row.state for row in rig.rows] == [state]


def _falls_due(rig: Any) -> None:
    """Have an interview, and let its letter fall due."""
    (employer,) = employers(1)
    invited(rig, {employer: past_day()})
    rig.start()
    rig.seat.move_clock(past_day() + timedelta(hours=4))


def own_draft(rig: Any, message_id: str) -> EmailMessage:
    """Write a draft that is the person's and nobody else's."""
    message = EmailMessage(policy=SMTP)
    message["From"] = rig.seat.user
    message["Subject"] = "Things to ask"
    message["Message-ID"] = message_id
    message.set_content("Where do people have lunch?\n")
    return message


def renumber(rig: Any, folder: str, validity: int) -> None:
    """Let the server number a folder anew."""
    doveadm(rig, "mailbox", "update", "--uid-validity", str(validity), folder)


def doveadm(rig: Any, noun: str, verb: str, *arguments: str) -> None:
    config = rig.seat.server.directory / "dovecot.conf"
    command = ["doveadm", "-c", str(config), noun, verb, "-u", rig.seat.user, *arguments]
    subprocess.run(command, check=True, capture_output=True)


# -------------------------------------------------------------------------------------------- what the server says


def _said(code: bytes) -> Callable[[bytes], bytes]:
    """Let the completion of an APPEND have another code, or none."""

    def make(answer: bytes) -> bytes:
        before, _, after = answer.partition(b"[APPENDUID ")
        return before + code + after.partition(b"]")[2]

    return make


@pytest.mark.fault("F16")
@pytest.mark.timeout(300)
def test_drafts_are_known_by_themselves_and_not_by_what_the_server_calls_them(rig: Any) -> None:
    rig.seat.deliver(own_draft(rig, "<notes-1@letters.example>"), "Drafts")
    ((own, _),) = rig.drafts
    drafts, inbox = (rig.census().folders[folder] for folder in ("Drafts", "INBOX"))
    lies = [b"", b"[APPENDUID x y]", b"[APPENDUID 1 1]", b"[APPENDUID %d 4000]" % drafts]
    lies += [b"[APPENDUID %d 1]" % (inbox + 1), b"[APPENDUID %d %d]" % (drafts, own)]
    rules = [rig.proxy.when_said(rb"APPENDUID", replaced(_said(lie))) for lie in lies]
    rows = with_letters(rig, employers(len(lies)))
    assert all(rule.hits for rule in rules)
    assert all(row.uid == uid_of(rig, row.message_id) for row in rows.values())
    recovered = look(rig)
    assert (appends(rig), len(rig.drafts)) == (len(lies), len(lies) + 1)
    rig.report("F16", way="lies", recovered=recovered, runs=len(lies))
    rig.assert_sound()


def _stores_nothing() -> CommandFault:
    """Take the whole command, and say that it was done."""

    async def fault(link: Link, command: Command) -> None:
        await link.take_rest(command, command.line)
        await link.say(command.tag + b" OK Append completed.\r\n")

    return fault


@pytest.mark.fault("F16")
def test_a_server_that_stores_nothing_and_says_ok_is_found_out_and_told_of(rig: Any) -> None:
    lie = rig.proxy.when(rb"^APPEND", _stores_nothing(), times=None)
    _falls_due(rig)
    noticed = rig.until(_settled(rig, DraftState.UNKNOWN), "it is noticed", 60)
    look(rig)
    assert len(lie.hits) == 1, "not repeated blindly"
    rig.seat.move_clock(rig.seat.now + LAST_LOOK)
    rig.until(lambda: len(lie.hits) == 2, "one more attempt, since nothing was stored", 60)
    rig.go_to(rig.seat.now + LAST_LOOK)
    rig.until(_settled(rig, DraftState.FAILED), "it is given up", 60)
    rig.go_to(rig.seat.now + timedelta(hours=1))
    (told,) = [line for line in rig.seat.lines("status") if line["what"] == "draft"]
    assert (told["state"], told["note"]) == ("failed", "not stored after 2 attempts")
    assert (len(lie.hits), rig.drafts) == (2, [])
    rig.report("F16", way="stores nothing", late=noticed)
    rig.assert_sound()


@pytest.mark.fault("F16")
def test_a_server_without_uidplus_has_its_drafts_found(make_rig: Any) -> None:
    rig = make_rig(capability="IMAP4rev1 LITERAL+ IDLE NAMESPACE SPECIAL-USE")
    _falls_due(rig)
    late = rig.until(_settled(rig, DraftState.APPENDED), "it is found", 60)
    rig.report("F16", way="no UIDPLUS", late=late)
    rig.assert_sound()


LIES = (b"* SEARCH", b"%tag NO [SERVERBUG] SEARCH Server error", b"%tag BAD quoted argument")


@pytest.mark.fault("F17")
@pytest.mark.timeout(300)
@pytest.mark.parametrize("lie", LIES if LONG else LIES[:2])
def test_search_is_not_believed_where_a_draft_is_looked_for(rig: Any, lie: bytes) -> None:
    said = [lie] if lie.startswith(b"%tag") else [lie, b"%tag OK Search completed."]
    (employer,) = employers(1)
    invited(rig, {employer: past_day()})
    rig.start()
    rig.proxy.when(rb"^UID SEARCH", answering(*said), times=None)
    # Nothing is told of the APPEND, so that the draft must be found.
    lost = rig.proxy.when(rb"^APPEND", answer_lost(1.0))
    rig.seat.move_clock(past_day() + timedelta(hours=4))
    rig.until(lambda: lost.hits, "the APPEND", 60)
    late = rig.until(_settled(rig, DraftState.APPENDED), "it is found", 120)
    rig.until(rig.is_healthy, "healthy", 60)
    look(rig)
    assert _settled(rig, DraftState.APPENDED)(), "what SEARCH does not find is not gone"
    assert (appends(rig), len(rig.drafts)) == (1, 1)
    rig.report("F17", way=lie.decode(), late=late)
    rig.assert_sound()


def _lost_beside_a_namesake(rig: Any, found: list[bytes]) -> CommandFault:
    """Let a draft be stored just before, whose Message-ID begins and ends like the one that is stored; then lose the
    answer.
    """

    async def fault(link: Link, command: Command) -> None:
        rest = await link.take_rest(command, command.line)
        found.append(re.search(rb"(?im)^Message-ID:\s*<([^>]+)>", rest)[1])
        for name in (found[0] + b"0", b"0" + found[0]):
            await asyncio.to_thread(rig.seat.deliver, own_draft(rig, f"<{name.decode()}>"), "Drafts")
        link.deaf = True
        await link.forward(command.line)
        await link.forward(rest)
        await asyncio.sleep(1)
        link.cut()

    return fault


@pytest.mark.fault("F17")
@pytest.mark.timeout(300)
def test_a_search_that_finds_whatever_holds_the_words_is_not_believed(rig: Any) -> None:
    (employer,) = employers(1)
    invited(rig, {employer: past_day()})
    rig.start()
    sought: list[bytes] = []
    rig.proxy.when(rb"^APPEND", _lost_beside_a_namesake(rig, sought))
    rig.seat.move_clock(past_day() + timedelta(hours=4))
    late = rig.until(_settled(rig, DraftState.APPENDED), "it is found", 120)
    rig.until(rig.is_healthy, "healthy", 60)
    (row,), (message_id,) = rig.rows, sought
    (uid,) = [uid for uid, octets in rig.drafts if b"<" + message_id + b">" in octets]
    assert row.uid == uid
    write(rig, employer.answer(rig, "We have decided not to move forward with your application."))
    look(rig)
    assert _settled(rig, DraftState.WITHDRAWN)(), "ours is taken back"
    assert (appends(rig), len(rig.drafts)) == (1, 2)
    rig.report("F17", way="namesakes", late=late)
    rig.assert_sound()


# ------------------------------------------------------------------------------------------------ folders made anew


@pytest.mark.fault("F8")
@pytest.mark.timeout(300)
def test_an_inbox_numbered_anew_is_read_again_and_nothing_is_done_twice(rig: Any) -> None:
    crowd = employers(3)
    rows = with_letters(rig, crowd)
    before = len(seen_rows(rig.seat.state, "INBOX"))
    renumber(rig, "INBOX", 88_001)
    recovered = look(rig)
    assert rig.interviews == 3
    assert len(seen_rows(rig.seat.state, "INBOX")) == 2 * before + 1, "each message has a row under its new number"
    # The same numbers come back under another validity, with other mail.
    for uid, _ in rig.inbox:
        rig.person.delete(uid, folder="INBOX")
    renumber(rig, "INBOX", 88_002)
    rig.small_talk(500)
    recovered = max(recovered, look(rig))
    # A server that does not say is not read, and nothing is made of what is not known.
    unsure = rig.proxy.when_said(rb"UIDVALIDITY", replaced(lambda _: b"* OK [X-NONE] no numbers\r\n"), times=None)
    rig.small_talk(501)
    rig.until(rig.is_degraded, "it says so", 60)
    unsure.active = False
    rig.until(rig.is_healthy, "healthy", 120)
    look(rig)
    rig.go_to(rig.seat.now + timedelta(days=1))
    assert {row.id for row in rig.rows} == {row.id for row in rows.values()}
    assert appends(rig) == 3
    rig.report("F8", recovered=recovered)
    rig.assert_sound()


@pytest.mark.fault("F9")
@pytest.mark.timeout(300)
def test_drafts_numbered_anew_are_the_same_drafts(rig: Any) -> None:
    crowd = employers(2)
    rows = with_letters(rig, crowd)
    renumber(rig, "Drafts", 99_001)
    recovered = look(rig)
    assert [row.state for row in rig.rows] == [DraftState.APPENDED] * 2
    assert {row.uidvalidity for row in rig.rows} == {99_001}
    # They are still ours: what became wrong is taken back.
    write(rig, crowd[0].answer(rig, "We have decided not to move forward with your application."))
    look(rig)
    assert letters(rig)[crowd[1].address].state is DraftState.APPENDED
    withdrawn = next(row for row in rig.rows if row.id == rows[crowd[0].address].id)
    assert withdrawn.state is DraftState.WITHDRAWN
    assert appends(rig) == 2
    rig.report("F9", way="renumbered", recovered=recovered)
    rig.assert_sound()


@pytest.mark.fault("F9")
@pytest.mark.timeout(300)
def test_a_folder_for_drafts_that_is_suddenly_empty_is_an_alarm_and_no_order(rig: Any) -> None:
    crowd = employers(3)
    rows = with_letters(rig, crowd[:2])
    write(rig, crowd[2].invitation(rig, past_day() + timedelta(days=1)))
    look(rig)
    kept = rig.drafts
    doveadm(rig, "mailbox", "rename", "Drafts", "Elsewhere")
    recovered = look(rig)
    assert [row.state for row in rig.rows] == [DraftState.APPENDED] * 2, "it may be filling up"
    assert all("made anew" in row.note for row in rig.rows)
    rig.go_to(past_day() + timedelta(days=1, hours=4))
    rig.until(lambda: len(rig.rows) == 3, "the next letter is made in the new folder", 60)
    look(rig)
    rig.go_to(rig.seat.now + timedelta(days=1, hours=1))
    look(rig)
    states = {row.followup.to.address: row.state for row in rig.rows}
    assert [states[employer.address] for employer in crowd] == [DraftState.GONE] * 2 + [DraftState.APPENDED]
    assert appends(rig) == 3
    assert len(kept) == len(rows) == 2
    rig.report("F9", way="made anew", recovered=recovered)
    rig.assert_sound()
