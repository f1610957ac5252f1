"""`tactful export` and `tactful forget`, as the person types them."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.process.conftest import Seat

Sit = Callable[[str, str], Seat]


@pytest.fixture
def known(sit: Sit) -> Seat:
    """A scenario's Maildir, after one pass."""
    seat = sit("W01", "2026-12-03T12:00:00-05:00")
    assert seat.run("run", "--once").returncode == 0
    return seat


def test_forget_erases_what_export_shows_and_the_next_run_does_not_learn_it_again(known: Seat) -> None:
    shown = known.lines("export")
    company = next(row["document"]["company"] for row in shown if row["table"] == "fact" and row["document"]["company"])
    assert known.lines("export", company)
    document = known.lines("forget", company, "--yes")[0]
    assert (document["forgotten"], document["scope"]) == (company, "company")
    assert document["rows"]["fact"] > 0
    assert any("mailbox" in what for what in document["left"])
    assert known.run("run", "--once").returncode == 0
    assert not [row for row in known.lines("export") if company in json.dumps(row)]
    assert known.run("export", company).returncode == 65


def test_forget_waits_until_the_daemon_is_stopped(known: Seat, wait_until: Callable[..., None]) -> None:
    daemon = known.start()
    wait_until(lambda: "started with" in (known.folder / "log").read_text(), "the daemon has started")
    refused = known.run("forget", "all")
    assert refused.returncode == 75
    assert "stop it first" in refused.stderr
    known.stop(daemon)
    told = known.run("forget", "all")
    assert told.returncode == 0
    assert "What is left:" in told.stdout
    assert known.lines("export") == []
