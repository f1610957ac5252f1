"""What a server can do is what it says after the login of this connection: not in its greeting, not an hour ago."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from daemon.drafts import DraftState
from daemon.imap import ImapSettings, Tls, open_imap
from tests.faults.conftest import PASSWORD
from tests.faults.employers import employers, look, uid_of, with_letters, write
from tests.faults.proxy import AnswerFault, dropped, replaced

# What this program makes use of, and the commands that only a server may be sent that has said that it knows them.
EXTENSIONS = rb" (?:IDLE|UIDPLUS|MOVE|SPECIAL-USE|LIST-EXTENDED|CONDSTORE|QRESYNC|WITHIN|NAMESPACE|ENABLE)\b"
NEEDING = rb"^(IDLE|ENABLE|NAMESPACE|LIST .*RETURN|UID MOVE|UID EXPUNGE|EXAMINE .*CONDSTORE|UID SEARCH .*OLDER)"
GREETED = rb"^\* (?:OK \[)?CAPABILITY .*AUTH=PLAIN"
LOGGED_IN = rb"^\* CAPABILITY (?!.*AUTH=PLAIN)"
NO = "We have decided not to move forward with your application."


def less(answer: bytes) -> bytes:
    """Take the extensions out of what a server says that it can do."""
    return re.sub(EXTENSIONS, b"", answer)


def more(answer: bytes) -> bytes:
    """Let a server promise before the login what it will not keep."""
    return answer.replace(b" AUTH=PLAIN", b" UIDPLUS MOVE SPECIAL-USE LIST-EXTENDED CONDSTORE WITHIN AUTH=PLAIN")


def connects_anew(rig: Any) -> float:
    """Break the connection and wait for the next one; give the instant (monotonic) at which it came."""
    before = len(rig.proxy.connections)
    rig.proxy.cut()
    rig.seat.move_clock(rig.seat.now + timedelta(minutes=1))  # over the pause between two tries
    rig.until(lambda: len(rig.proxy.connections) > before, "it connects again")
    return float(rig.proxy.connections[-1])


def used(rig: Any, since: float) -> set[bytes]:
    """Give the first words of the commands that need an extension."""
    return {re.match(NEEDING, command.words)[1].split()[-1] for command in rig.proxy.sent(NEEDING, since)}


@pytest.mark.fault("F16")
@pytest.mark.timeout(300)
def test_a_server_that_can_do_less_than_a_connection_ago_is_asked_for_no_more_than_that(rig: Any) -> None:
    crowd = employers(2)
    rows = with_letters(rig, crowd)

    def state(number: int) -> DraftState:
        return next(row.state for row in rig.rows if row.id == rows[crowd[number].address].id)

    rig.waits()
    assert {b"IDLE", b"RETURN"} <= used(rig, 0.0)
    rules = [
        rig.proxy.when_said(GREETED, replaced(more), times=None),
        rig.proxy.when_said(LOGGED_IN, replaced(less), times=None),
    ]
    since = connects_anew(rig)
    write(rig, crowd[0].answer(rig, NO))
    # No IDLE tells of it, and a single message cannot be removed.
    rig.until(lambda: state(0) is DraftState.LEFT, "the answer is read, the letter is left where it is")
    rig.until(rig.is_healthy, "healthy")
    assert all(rule.hits for rule in rules)
    assert used(rig, since) == set()
    uid_of(rig, rows[crowd[0].address].message_id)
    for rule in rules:
        rule.active = False
    since = connects_anew(rig)
    write(rig, crowd[1].answer(rig, NO))
    look(rig)
    assert state(1) is DraftState.WITHDRAWN
    assert {b"IDLE", b"RETURN", b"EXPUNGE"} <= used(rig, since)
    assert len(rig.drafts) == 1
    rig.assert_sound()


WAYS: dict[str, AnswerFault] = {
    "told at the login": replaced(lambda answer: answer),
    "told when asked": dropped(),
    "told twice at the login": replaced(lambda answer: less(answer) + answer),
}


@pytest.mark.fault("F16")
@pytest.mark.parametrize("way", WAYS)
def test_what_a_server_says_last_holds(rig: Any, way: str) -> None:
    rig.proxy.when_said(GREETED, replaced(less), times=None)
    told = rig.proxy.when_said(LOGGED_IN, WAYS[way])
    settings = ImapSettings(host="127.0.0.1", port=rig.proxy.port, tls=Tls.NONE, username=rig.seat.user)
    mailbox = open_imap(settings, PASSWORD)
    try:
        assert told.hits
        assert {"IDLE", "UIDPLUS", "MOVE", "SPECIAL-USE"} <= mailbox.capabilities
        assert mailbox.begin_wait("INBOX") is not None
        mailbox.end_wait()
        login = rig.proxy.sent(rb"^LOGIN")[0]
        assert len(rig.proxy.sent(rb"^CAPABILITY", login.at)) == (way == "told when asked")
        assert rig.proxy.sent(rb"^IDLE", login.at)
    finally:
        mailbox.close()


@pytest.mark.fault("F16")
def test_a_server_that_does_not_say_what_it_can_do_is_asked_for_nothing_special(rig: Any) -> None:
    rig.proxy.when_said(LOGGED_IN, dropped(), times=2)  # at the login, and when asked
    settings = ImapSettings(host="127.0.0.1", port=rig.proxy.port, tls=Tls.NONE, username=rig.seat.user)
    mailbox = open_imap(settings, PASSWORD)
    try:
        assert mailbox.capabilities == frozenset()
        assert {folder.name for folder in mailbox.folders()} >= {"INBOX", "Drafts"}
        assert mailbox.begin_wait("INBOX") is None
        assert used(rig, 0.0) == set()
    finally:
        mailbox.close()
