"""The census sees what it is there to see: each wrong that it can name is done once, behind its back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

import pytest


@pytest.mark.timeout(300)
def test_the_census_sees_each_wrong(rig: Any, interview_day: datetime) -> None:
    rig.invite(interview_day)
    rig.small_talk(1)
    rig.seat.move_clock(interview_day + timedelta(hours=4))
    rig.seat.lines("run", "--once")
    rig.assert_sound()
    ((uid, draft),) = rig.drafts

    def raw(folder: str, *command: str) -> None:
        with rig.seat.server.raw(rig.seat.user) as link:
            link.select(folder)
            assert link.uid(*command)[0] == "OK"

    raw("Drafts", "COPY", str(uid), "Drafts")
    assert rig.judge().duplicated
    raw("Drafts", "STORE", str(uid + 1), "+FLAGS.SILENT", r"(\Deleted)")
    raw("Drafts", "EXPUNGE", str(uid + 1))
    rig.assert_sound()

    raw("INBOX", "STORE", "2", "+FLAGS.SILENT", r"(\Seen)")
    assert rig.judge().changed
    raw("INBOX", "STORE", "2", "-FLAGS.SILENT", r"(\Seen)")
    rig.assert_sound()

    with rig.seat.server.raw(rig.seat.user) as link:
        link.append("Drafts", r"(\Draft)", "", draft.replace(b"Hi Dana", b"Hi Dina"))
        link.append("Sent", "", "", b"Subject: who wrote this?\r\n\r\nx\r\n")
    verdict = rig.judge()
    assert verdict.changed
    assert verdict.foreign

    with closing(sqlite3.connect(rig.seat.state / "ledger.sqlite3")) as ledger:
        ledger.execute("DELETE FROM seen WHERE uid = 2 AND folder = 'INBOX'")
        ledger.execute("UPDATE draft SET state = 'unknown'")
        ledger.commit()
    verdict = rig.judge()
    assert verdict.incomplete
    assert verdict.unfinished

    (rig.seat.state / "note").write_text(rig.planted[0])
    (rig.seat.folder / "log").write_text("INFO dana.lee\n")
    assert len(rig.judge().leaked) == 2
