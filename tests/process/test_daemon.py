"""The real daemon on a real Dovecot, its wall clock moved under it."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from tests.faults.proxy import Proxy, first

Wait = Callable[[Callable[[], Any], str], Any]


def _interviews(seat: Any) -> list[dict[str, Any]]:
    return [entry for entry in seat.lines("status") if entry["what"] == "interview"]


def test_a_new_invite_is_seen_at_once_and_answered_when_its_time_has_come(
    seat: Any, invite: Callable[..., EmailMessage], interview_day: datetime, wait_until: Wait
) -> None:
    daemon = seat.start()
    wait_until(lambda: "healthy" in str(seat.lines("status")[0]), "the daemon is healthy")
    seat.deliver(invite(seat.user, interview_day))
    wait_until(lambda: _interviews(seat), "the invite is in the ledger")
    assert seat.messages("Drafts") == []
    # Nothing but the wall clock moves, as when a laptop sleeps through the interview.
    seat.move_clock(interview_day + timedelta(hours=4))
    wait_until(lambda: seat.messages("Drafts"), "the draft is there")
    seat.stop(daemon)
    assert len(seat.messages("Drafts")) == 1


def test_a_second_daemon_on_the_same_state_is_turned_away(seat: Any, wait_until: Wait) -> None:
    daemon = seat.start()
    wait_until(lambda: "healthy" in str(seat.lines("status")[0]), "the daemon is healthy")
    second = seat.run("run")
    assert second.returncode == 75
    assert str(daemon.pid) in second.stderr
    assert "state_dir" in second.stderr
    # Reading goes on beside it.
    assert seat.run("scan", "--json").returncode == 0
    seat.stop(daemon)


def test_the_daemon_comes_back_after_the_server_died(
    seat: Any, start_dovecot: Any, invite: Callable[..., EmailMessage], interview_day: datetime, wait_until: Wait
) -> None:
    own = start_dovecot(idle_notify="31 s")  # a server of this test alone, since it is killed
    seat.server = own
    seat.write_config()
    daemon = seat.start()
    wait_until(lambda: "healthy" in str(seat.lines("status")[0]), "the daemon is healthy")
    own.call("crash")
    wait_until(lambda: "degraded" in str(seat.lines("status")[0]), "the daemon says that it is cut off")
    own.call("start", str(own.port))
    seat.deliver(invite(seat.user, interview_day))
    wait_until(lambda: _interviews(seat), "the invite is in the ledger")
    seat.stop(daemon)


def test_systemd_is_told_when_it_is_ready_alive_and_stopping(seat: Any, tmp_path: Path, wait_until: Wait) -> None:
    channel = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    channel.bind(str(tmp_path / "notify"))
    channel.setblocking(False)
    said: list[str] = []

    def heard(word: str) -> bool:
        while True:
            try:
                said.extend(channel.recv(4096).decode().splitlines())
            except BlockingIOError:
                return any(line.startswith(word) for line in said)

    daemon = seat.start(NOTIFY_SOCKET=str(tmp_path / "notify"), WATCHDOG_USEC="3000000")
    wait_until(lambda: heard("READY=1"), "READY")
    wait_until(lambda: heard("WATCHDOG=1"), "WATCHDOG")
    wait_until(lambda: heard("STATUS=personal: healthy"), "STATUS")
    seat.stop(daemon)
    assert heard("STOPPING=1")
    channel.close()
    assert not [line for line in said if seat.user in line]


def test_the_log_names_nobody(
    seat: Any, invite: Callable[..., EmailMessage], interview_day: datetime, wait_until: Wait
) -> None:
    seat.deliver(invite(seat.user, interview_day))
    seat.move_clock(interview_day + timedelta(hours=4))
    daemon = seat.start()
    wait_until(lambda: "create" in (seat.folder / "log").read_text(), "the log says that the draft is there")
    seat.stop(daemon)
    log = (seat.folder / "log").read_text()
    for secret in (seat.user, "dana.lee", "Northwind", "Data Engineer", seat.server.password):
        assert secret not in log


def test_a_reading_that_is_told_to_stop_ends_at_the_next_message_and_is_done_after_the_next_start(
    seat: Any, invite: Callable[..., EmailMessage], interview_day: datetime, wait_until: Wait
) -> None:
    for number in range(5):
        seat.deliver(invite(seat.user, interview_day, uid=f"loop-{number}@northwind.example"))
    with Proxy(seat.server.host, seat.server.port) as proxy:
        text = seat.config.read_text("utf-8")
        seat.config.write_text(text.replace(f"port: {seat.server.port}", f"port: {proxy.port}"), "utf-8")
        started: list[Any] = []
        # The bodies are asked for: all of them come, and none has been read.
        rule = proxy.when(
            rb"^UID FETCH \S+ \(UID BODY\.PEEK",
            first(
                lambda: (started[0].send_signal(signal.SIGTERM), wait_until(lambda: "stopping" in log(), "it stops"))
            ),
        )

        def log() -> str:
            return (seat.folder / "log").read_text("utf-8")

        started.append(seat.start())
        wait_until(lambda: rule.hits, "the bodies are asked for")
        assert started[0].wait(timeout=30) == 0
        assert _interviews(seat) == []
        daemon = seat.start()
        wait_until(lambda: len(_interviews(seat)) == 1, "the interview is known")
        seat.stop(daemon)


def test_two_accounts_are_watched_at_once_and_one_that_fails_holds_up_none(
    seat: Any, invite: Callable[..., EmailMessage], interview_day: datetime, wait_until: Wait
) -> None:
    text = seat.config.read_text("utf-8")
    first = text[text.index("  - name: personal") :]
    other = seat.server.fresh_user()
    second = first.replace("personal", "second").replace(seat.user, other)
    broken = first.replace("personal", "broken").replace(f"port: {seat.server.port}", "port: 1")
    seat.config.write_text(text + second + broken, "utf-8")
    daemon = seat.start()
    states = "personal: healthy", "second: healthy", "broken: degraded"
    wait_until(
        lambda: all(
            f"'{name}': '{state}" in str(seat.lines("status")[0])
            for name, state in (entry.split(": ") for entry in states)
        ),
        "two accounts are healthy and one says that it is not",
    )
    seat.deliver(invite(seat.user, interview_day))
    wait_until(lambda: {entry["account"] for entry in _interviews(seat)} == {"personal"}, "the first invite is seen")
    seat.user = other
    seat.deliver(invite(other, interview_day, uid="loop-2@northwind.example"))
    wait_until(
        lambda: {entry["account"] for entry in _interviews(seat)} == {"personal", "second"}, "both invites are seen"
    )
    seat.stop(daemon)
