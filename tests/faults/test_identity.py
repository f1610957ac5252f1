"""Two daemons for one account: on one state directory, on a copy of it, and each on its own."""

from __future__ import annotations

import shutil
import time
from datetime import timedelta
from typing import Any

import pytest

from daemon.drafts import DraftState
from daemon.ledger import Ledger
from tests.faults.conftest import LONG, ProxiedSeat, runs
from tests.faults.employers import Employer, appends, employers, invited, look, past_day, with_letters, write
from tests.faults.proxy import first

LONGEST_TURN = timedelta(minutes=2)


@pytest.mark.fault("F22")
@pytest.mark.timeout(300)
def test_a_second_daemon_on_one_state_directory_or_a_copy_of_it_ends_at_once(rig: Any) -> None:
    with_letters(rig, employers(1))
    second = rig.seat.run("run")
    assert (second.returncode, "another tactful" in second.stderr) == (75, True)
    rig.stop()
    copy = rig.seat.folder / "copy"
    shutil.copytree(rig.seat.state, copy)
    config = rig.seat.config.read_text("utf-8")
    rig.seat.config.write_text(config.replace(str(rig.seat.state), str(copy)), "utf-8")
    refused = rig.seat.run("run", "--once")
    assert (refused.returncode, "copied or moved here" in refused.stderr) == (75, True)
    assert rig.seat.run("run", "--once", "--moved").returncode == 0
    assert rig.seat.run("run", "--once").returncode == 0, "said once"
    rig.seat.config.write_text(config, "utf-8")
    assert len(rig.drafts) == 1
    rig.report("F22", way="same directory, copy", runs=2)
    rig.assert_sound()


def _elsewhere(rig: Any) -> ProxiedSeat:
    """Give a second seat before the same mailbox, with a state of its own, that does not go through the proxy."""
    folder = rig.seat.folder / "elsewhere"
    folder.mkdir()
    other = ProxiedSeat(
        server=rig.seat.server, user=rig.seat.user, folder=folder, clock=rig.seat.clock, expected=rig.seat.expected
    )
    other.write_config()
    other.move_clock(rig.seat.now)
    return other


def _rows(seat: ProxiedSeat) -> list[Any]:
    with Ledger.in_memory(copy_of=seat.state) as ledger:
        return list(ledger.drafts())


def _knows_company(seat: ProxiedSeat) -> bool:
    with Ledger.in_memory(copy_of=seat.state) as ledger:
        return ledger.has_company(seat.account)


def _is_healthy(seat: ProxiedSeat) -> bool:
    if not (seat.state / "ledger.sqlite3").exists():
        return False
    with Ledger.in_memory(copy_of=seat.state) as ledger:
        health = ledger.health()
    return bool(health and health["accounts"][seat.account] == "healthy")


def _surplus(rig: Any, crowd: list[Employer]) -> dict[str, int]:
    """Count the drafts to each employer."""
    return {one.address: sum(one.address.encode() in octets for _, octets in rig.drafts) for one in crowd}


@pytest.mark.fault("F22")
@pytest.mark.timeout(7200)
def test_of_two_installations_that_race_one_surplus_is_left_and_told_and_later_none(rig: Any) -> None:
    crowd = employers(runs(2, 20))
    first_one, *others = crowd
    invited(rig, {first_one: past_day()})
    other = _elsewhere(rig)
    rig.start()
    process = other.start()
    rig.seat.processes.append(process)  # so that it ends with the test, however that ends
    rig.until(lambda: _is_healthy(other), "the other one runs", 60)

    def overtake() -> None:
        # Both have looked, and neither saw the other's letter.
        other.move_clock(past_day() + timedelta(hours=4))
        rig.until(lambda: len(rig.drafts) == 1, "the other one is quicker", 60)

    rig.configure(imap={"timeout": "60 s"})
    rig.proxy.when(rb"^APPEND", first(overtake))
    raced = time.monotonic()
    rig.seat.move_clock(past_day() + timedelta(hours=4))
    rig.until(lambda: len(rig.drafts) == 2, "both are there", 90)
    told = rig.until(lambda: [row.note for row in rig.rows if "another installation" in (row.note or "")], "told", 300)
    reported = time.monotonic() - raced
    assert [row.state for row in rig.rows] == [DraftState.TAKEN_OVER]
    assert _knows_company(rig.seat)
    # The other one sees it as well, at its next look.
    rig.small_talk(900)
    rig.until(lambda: _knows_company(other), "the other one knows, too", 60)
    for number, employer in enumerate(others, start=1):
        start = past_day() + timedelta(days=1 + number // 8, hours=-2, minutes=15 * (number % 8))
        write(rig, employer.invitation(rig, start))
        look(rig)
        due = start + timedelta(hours=3, seconds=1)
        rig.seat.move_clock(due)
        other.move_clock(due)
        if LONG:
            time.sleep(LONGEST_TURN.total_seconds() + 5)
        else:
            look(rig)
            # Whoever draws only now waits for it in earnest.
            other.move_clock(due + LONGEST_TURN)
            rig.until(lambda one=employer: _surplus(rig, [one])[one.address] == 1, "one of them makes it", 150)
            rig.seat.move_clock(due + LONGEST_TURN)
        look(rig)
        rig.until(lambda known=number: len(rig.rows) == len(_rows(other)) == known + 1, "both have settled it", 150)
    assert _surplus(rig, crowd) == {first_one.address: 2} | {one.address: 1 for one in others}
    assert appends(rig) <= len(crowd)
    other.stop(process)
    rig.report("F22", way="two hosts", told=told, reported=reported, runs=len(crowd), surplus=1)
