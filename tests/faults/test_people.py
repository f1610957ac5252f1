"""The person edits, deletes and sends drafts at other clients, or their employer writes at the last second."""

from __future__ import annotations

import subprocess
from datetime import timedelta
from typing import Any

import pytest

from daemon.drafts import DraftState
from tests.faults.bot import Client
from tests.faults.conftest import runs
from tests.faults.employers import appends, employers, invited, look, past_day, uid_of, with_letters, write
from tests.faults.proxy import first


def _states(rig: Any, rows: dict[str, Any]) -> list[DraftState]:
    """Give what the letters of these rows have become, in the order of the employers' addresses."""
    now = {row.id: row.state for row in rig.rows}
    return [now[rows[address].id] for address in sorted(rows)]


@pytest.mark.fault("F18")
@pytest.mark.timeout(3600)
def test_a_draft_that_is_edited_again_and_again_is_the_persons(rig: Any) -> None:
    # The second half keeps the version that we stored beside the edited one.
    clients = [*Client, *Client]
    keeps = [False] * len(Client) + [True] * len(Client)
    crowd = employers(len(clients))
    rows = with_letters(rig, crowd)
    uids = {employer: uid_of(rig, rows[employer.address].message_id) for employer in crowd}
    for turn in range(runs(2, 30)):
        for client, employer, keep in zip(clients, crowd, keeps, strict=True):
            saved = rig.person.edit(client, uids[employer], keep=keep and not turn)
            uids[employer] = uid_of(rig, saved.message_id)
        if turn in {0, 7, 20}:
            look(rig)
    recovered = look(rig)
    assert _states(rig, rows) == [DraftState.TAKEN_OVER] * len(crowd)
    # What is wrong now would be taken back if it were still ours.
    write(rig, crowd[0].answer(rig, "We have decided not to move forward with your application."))
    look(rig)
    assert len(rig.drafts) == len(crowd) + sum(keeps)
    rig.assert_sound()
    for client, employer in zip(clients, crowd, strict=True):
        rig.person.send(client, uids[employer])
    look(rig)
    rig.go_to(rig.seat.now + timedelta(days=1))
    assert _states(rig, rows) == [DraftState.SENT] * len(crowd)
    assert appends(rig) == len(rig.rows), "each letter once; there may be one more, that answers the rejection"
    rig.report("F18", recovered=recovered, runs=len(crowd) * runs(2, 30))
    rig.assert_sound()


def _renumber(rig: Any, folder: str, validity: int) -> None:
    """Let the server number a folder anew."""
    config = rig.seat.server.directory / "dovecot.conf"
    subprocess.run(
        ["doveadm", "-c", config, "mailbox", "update", "-u", rig.seat.user, "--uid-validity", str(validity), folder],
        check=True,
        capture_output=True,
    )


@pytest.mark.fault("F19")
@pytest.mark.timeout(600)
@pytest.mark.parametrize("run", range(runs(1, 10)))
def test_a_draft_that_is_deleted_in_whatever_way_never_comes_back(rig: Any, run: int) -> None:
    crowd = employers(4)
    rows = with_letters(rig, crowd)
    marked, removed, thrown, filed = (uid_of(rig, rows[employer.address].message_id) for employer in crowd)
    rig.person.delete(marked, expunge=False)
    rig.person.delete(removed)
    rig.person.move(thrown, "Trash")
    rig.person.move(filed, "Archive")  # what "archive" is at Gmail: out of the folder, still in the account
    recovered = look(rig)
    assert _states(rig, rows) == [DraftState.GONE] * 4
    rig.stop()
    _renumber(rig, "Drafts", 77_001)
    rig.start()
    look(rig)
    rig.go_to(rig.seat.now + timedelta(days=3))
    look(rig)
    assert _states(rig, rows) == [DraftState.GONE] * 4
    assert appends(rig) == 4
    rig.report("F19", recovered=recovered, run=run, runs=4)
    rig.assert_sound()


@pytest.mark.fault("F20")
@pytest.mark.timeout(600)
@pytest.mark.parametrize("run", range(runs(1, 10)))
def test_a_draft_that_is_sent_in_whatever_way_is_known_to_be_sent(rig: Any, run: int) -> None:
    crowd = employers(6)
    rows = with_letters(rig, crowd)
    uids = [uid_of(rig, rows[employer.address].message_id) for employer in crowd]
    rig.person.move(uids[0], "Sent")
    rig.person.send(Client.OUTLOOK, uids[1])
    rig.person.send(Client.THUNDERBIRD, uids[2])
    rig.person.send(Client.PROTON, uids[3], keep=True)  # neither thread nor Message-ID, and the draft stays
    for unseen in (4, 5):
        rig.person.send(Client.MUTT, uids[unseen], sent=None)
    recovered = look(rig)
    by_address = dict(zip(sorted(rows), _states(rig, rows), strict=True))
    assert [by_address[employer.address] for employer in crowd] == [DraftState.SENT] * 4 + [DraftState.GONE] * 2
    row = rows[crowd[4].address]
    write(rig, crowd[4].answer(rig, "Thank you for your kind words!", row.answers, row.message_id))
    # The provider has given it another Message-ID, which nobody has seen.
    row = rows[crowd[5].address]
    write(rig, crowd[5].answer(rig, "Thank you for your kind words!", row.answers, "rewritten@mail.example"))
    recovered = max(recovered, look(rig))
    assert _states(rig, rows) == [DraftState.SENT] * 6
    rig.go_to(rig.seat.now + timedelta(days=1))
    assert appends(rig) == 6
    rig.report("F20", recovered=recovered, run=run, runs=6)
    rig.assert_sound()


@pytest.mark.fault("F21")
@pytest.mark.timeout(3600)
def test_a_rejection_while_the_letter_is_stored_takes_it_back(rig: Any) -> None:
    crowd = employers(runs(2, 25))
    rig.configure(imap={"timeout": "20 s"})
    noon = past_day()
    invited(rig, {employer: noon - timedelta(minutes=30 * (number % 6)) for number, employer in enumerate(crowd)})
    by_address = {employer.address: employer for employer in crowd}

    def turn_down() -> None:
        (stored,) = [row for row in rig.rows if row.state is DraftState.INTENT]
        employer = by_address[stored.followup.to.address]
        write(rig, employer.answer(rig, "We have decided not to move forward with your application."))

    rig.proxy.when(rb"^APPEND", first(turn_down), times=len(crowd))
    rig.start()
    rig.seat.move_clock(noon + timedelta(hours=4))
    rig.until(lambda: [row.state for row in rig.rows] == [DraftState.WITHDRAWN] * len(crowd), "gone", 300)
    look(rig)
    assert rig.drafts == []
    rig.report("F21", way="while it is stored", runs=appends(rig))
    rig.assert_sound()


@pytest.mark.fault("F21")
@pytest.mark.timeout(3600)
def test_a_cancellation_or_move_or_rejection_one_second_before_leaves_no_letter(rig: Any) -> None:
    crowd = employers(runs(2, 28))
    starts = {employer: past_day() - timedelta(minutes=10 * number) for number, employer in enumerate(crowd)}
    invited(rig, starts)
    rig.start()
    for number, (employer, start) in enumerate(sorted(starts.items(), key=lambda item: item[1])):
        due = start + timedelta(hours=3)  # two hours after its end
        rig.go_to(due - timedelta(minutes=3))
        rig.seat.move_clock(due - timedelta(seconds=1))
        match number % 4:
            case 0:
                write(rig, employer.invitation(rig, start, cancels=True, sequence=1))
            case 1:
                write(rig, employer.invitation(rig, start + timedelta(days=1), sequence=1))
            case 2:
                write(rig, employer.answer(rig, "Sorry we missed you today. What happened?"))
            case _:
                write(rig, employer.answer(rig, "We have decided not to move forward with your application."))
        look(rig)
    rig.go_to(rig.seat.now + timedelta(minutes=5))
    assert rig.drafts == []
    assert {row.state for row in rig.rows} <= {DraftState.WITHDRAWN}, "made at all only where the race was lost"
    rig.report("F21", way="one second before", runs=len(crowd))
    rig.assert_sound()
