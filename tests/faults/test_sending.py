"""SMTP breaks at each of its moments: a letter goes out once, or comes back, and one that may have gone out is told."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.extent import LONG, spread
from tests.process.test_sent_once import APPROVED, approve, configure
from tests.servers.smtp import Act, Behaviour, Late, SmtpServer

Way = tuple[str, Behaviour, tuple[int, int, int, int]]
VERBS = ("greeting", "EHLO", "AUTH", "MAIL", "RCPT", "DATA")
LATER: tuple[Behaviour, ...] = (b"421 4.3.2 Closing\r\n", b"451 4.7.1 Greylisted\r\n", Act.DROP)
# What the server does once at a moment; how many letters it has in the end, how many copies are in Sent, and how many
# letters lie in Approved and in Drafts.
WAYS: list[Way] = [
    # All of it was written down to the final dot, so that nobody knows.
    ("end", Act.DROP, (1, 0, 1, 0)),
    ("content", Act.DROP, (0, 0, 1, 0)),
    ("RCPT", b"550 5.1.1 No such user\r\n", (0, 0, 0, 1)),
    ("DATA", b"554 5.7.1 Not here\r\n", (0, 0, 0, 1)),
    *((verb, behaviour, (1, 1, 0, 0)) for verb in VERBS for behaviour in LATER),
    # A scanner may look at it for long (RFC 5321 4.5.3.2.6 wants ten minutes' patience).
    *(("end", Late(seconds, b"250 2.0.0 Queued\r\n"), (1, 1, 0, 0)) for seconds in ((40, 200) if LONG else ())),
]


@pytest.mark.fault("F28")
@pytest.mark.timeout(3600)
def test_wherever_smtp_breaks_a_letter_goes_out_once_or_comes_back_and_is_never_sent_anew(
    rig: Any, interview_day: datetime
) -> None:
    seat, after = rig.seat, interview_day + timedelta(hours=4)
    seat.patience = 300.0
    seat.proxy = None
    seat.write_config()
    with SmtpServer() as server:
        configure(seat, server)
        rig.invite(interview_day)
        seat.move_clock(after)
        seat.lines("run", "--once")
        approve(seat)
        ((_, letter),) = seat.messages(APPROVED)
        kept = seat.folder / "kept"
        shutil.copytree(seat.state, kept)
        for moment, behaviour, expected in spread(WAYS, 2):
            shutil.rmtree(seat.state)
            shutil.copytree(kept, seat.state)
            for folder in (APPROVED, "Drafts", "Sent"):
                for uid, _ in seat.messages(folder):
                    seat.delete(folder, uid)
            with seat.server.raw(seat.user) as link:
                link.append(f'"{APPROVED}"', "(\\Draft \\Seen)", "", letter)
            server.letters.clear()
            server.moments = {moment: [behaviour]}
            for minutes in (0, 2, 75):
                seat.move_clock(after + timedelta(minutes=minutes))
                seat.lines("run", "--once")
            assert server.moments == {moment: []}, "it happened"
            # To the person themself goes the word that a letter did not, or may not, have gone out.
            letters = [one for one in server.letters if one.recipients != (seat.user,)]
            lie = [len(seat.messages(folder)) for folder in ("Sent", APPROVED, "Drafts")]
            assert (len(letters), *lie) == expected, (moment, behaviour)
            rig.report("F28", moment=moment, behaviour=str(behaviour))
