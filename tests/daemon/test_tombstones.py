"""What outlives the ledger: a letter that was made before is never made again by a ledger that does not know of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from composer.acts import Drafted, Edited, Gone, Place, Sent
from composer.agenda import FollowUp, FollowUpKind, Withdrawal
from daemon.approvals import SendingRow, SendingState
from daemon.database import FILE_NAME
from daemon.drafts import DraftState
from daemon.errors import LinkLost
from daemon.ledger import Ledger
from daemon.mailbox import Appended
from daemon.memory import MemoryMailbox
from daemon.outbox import LAST_LOOK, Outbox, Outgoing, message_id_for
from daemon.places import Places
from daemon.tombstones import FILE_NAME as STONES
from parsers.model import Address

NOW = datetime(2026, 12, 1, 22, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
DANA = Address(address="dana.lee@northwind.example", name="Dana Lee")
MARK = f"fu.{'a' * 32}"
FOLLOWUP = FollowUp(
    id="f-1",
    kind=FollowUpKind.THANK_YOU,
    rule="T1",
    reason="interview ended 15:00, +2 h",
    account="personal",
    application="northwind",
    company="Northwind",
    role="Data Engineer",
    to=DANA,
    due=NOW,
    stale_at=NOW + timedelta(days=2),
)


def outgoing(ledger: Ledger, words: str = "Thank you.") -> Outgoing:
    """Write the letter, as it is written anew by a ledger that does not know it."""
    message_id = message_id_for("f-1", "letters.example", ledger.secret)
    message = (
        f"From: noor@letters.example\r\nTo: {DANA.address}\r\nSubject: Re: Your interview\r\n"
        f"Message-ID: <{message_id}>\r\nIn-Reply-To: <invite@northwind.example>\r\n\r\n{words}\r\n"
    ).encode()
    return Outgoing(
        followup=FOLLOWUP,
        message_id=message_id,
        message=message,
        subject="Re: Your interview",
        answers="invite@northwind.example",
    )


@pytest.fixture
def mailbox() -> MemoryMailbox:
    return MemoryMailbox(lambda: NOW)


@pytest.fixture
def lost(mailbox: MemoryMailbox) -> Ledger:
    """A ledger begun anew after the letter was put into Drafts."""
    ledger = Ledger.in_memory()
    put = outbox(ledger).put(mailbox, outgoing(ledger), NOW)
    assert put is not None
    assert put.created
    return Ledger.in_memory(tombstones=ledger.tombstones)


def outbox(ledger: Ledger) -> Outbox:
    return Outbox(ledger, "personal", Places(drafts="Drafts"))


def test_a_lost_ledger_takes_its_draft_for_what_it_is_and_can_take_it_back(
    mailbox: MemoryMailbox, lost: Ledger
) -> None:
    put = outbox(lost).put(mailbox, outgoing(lost, "Thank you, in other words."), LATER)
    assert put is not None
    assert (put.row.state, put.created, put.row.uid) == (DraftState.APPENDED, False, 1)
    assert mailbox.state("Drafts").messages == 1
    withdrawal = Withdrawal(followup=FOLLOWUP, rule="S1", reason="they wrote", at=LATER)
    assert outbox(lost).withdraw(mailbox, withdrawal, LATER)
    assert mailbox.state("Drafts").messages == 0


def test_a_draft_that_was_edited_before_the_ledger_was_lost_is_the_persons(
    mailbox: MemoryMailbox, lost: Ledger
) -> None:
    edited = (mailbox.whole("Drafts", 1) or b"").replace(b"Thank you.", b"Thank you, Dana.")
    mailbox.deliver("Drafts", edited, NOW)
    mailbox.delete("Drafts", 1)
    put = outbox(lost).put(mailbox, outgoing(lost), LATER)
    assert put is not None
    assert put.row.state is DraftState.TAKEN_OVER
    assert mailbox.uids("Drafts") == {2}


@pytest.mark.parametrize(
    ("folder", "state", "act"),
    [
        ("Sent", DraftState.SENT, Sent),
        ("Trash", DraftState.GONE, Gone),
        ("Junk", DraftState.GONE, Gone),
        ("Archive", DraftState.GONE, Gone),
        ("Tactful/Later", DraftState.TAKEN_OVER, Edited),
        (None, DraftState.GONE, Gone),
    ],
)
def test_a_lost_ledger_finds_out_what_became_of_a_letter(
    mailbox: MemoryMailbox, lost: Ledger, folder: str | None, state: DraftState, act: type
) -> None:
    mailbox.create_folder("Tactful/Later")
    if folder:
        mailbox.move("Drafts", 1, folder)
    else:
        mailbox.delete("Drafts", 1)
    places = Places(drafts="Drafts", root="Tactful", controls={Place.LATER: "Tactful/Later"})
    put = Outbox(lost, "personal", places).put(mailbox, outgoing(lost), LATER)
    assert put is not None
    assert (put.row.state, put.created) == (state, False)
    assert isinstance(lost.acts()[-1], act)
    assert mailbox.state("Drafts").messages == 0


@pytest.mark.fault("F27")
@pytest.mark.parametrize("folder", ["Trash", "Tactful/Never", None])
def test_without_tombstones_a_letter_is_found_in_the_trash_or_where_the_person_moved_it(
    mailbox: MemoryMailbox, tmp_path: Path, folder: str | None
) -> None:
    """The whole state directory is lost. Of what was deleted for good nothing tells."""
    mailbox.create_folder("Tactful/Never")
    gone = Ledger.in_memory()
    outbox(gone).put(mailbox, outgoing(gone), NOW)
    if folder:
        mailbox.move("Drafts", 1, folder)
    else:
        mailbox.delete("Drafts", 1)
    places = Places(drafts="Drafts", root="Tactful", controls={Place.NEVER: "Tactful/Never"})
    with Ledger.open(tmp_path) as anew:
        put = Outbox(anew, "personal", places).put(mailbox, outgoing(anew), LATER)
    assert put is not None
    assert put.created is (folder is None)


def test_a_restored_ledger_does_not_repeat_what_it_thinks_was_refused(mailbox: MemoryMailbox) -> None:
    ledger = Ledger.in_memory()
    outbox(ledger).put(mailbox, outgoing(ledger), NOW)
    row = ledger.draft("f-1")
    assert row is not None
    # The copy was made while the first attempt had been refused; the second one succeeded, and the draft was deleted.
    ledger.tombstones.add(row.mark, row.sha256)
    mailbox.delete("Drafts", 1)
    old = Ledger.in_memory(tombstones=ledger.tombstones)
    known = replace(row, state=DraftState.INTENT, uid=None, message=outgoing(ledger).message)
    old.intend(known, Drafted(at=NOW, followup=FOLLOWUP))
    old.change_draft(replace(known, state=DraftState.REFUSED))
    outbox(old).settle(mailbox, NOW + LAST_LOOK)
    after = old.draft("f-1")
    assert after is not None
    assert after.state is DraftState.FAILED
    assert mailbox.state("Drafts").messages == 0


class Unplugged(MemoryMailbox):
    """The twin whose link breaks at each APPEND."""

    def append_draft(self, folder: str, message: bytes) -> Appended:
        raise LinkLost("gone")


def test_the_line_is_written_before_the_draft_leaves() -> None:
    ledger = Ledger.in_memory()
    with pytest.raises(LinkLost):
        outbox(ledger).put(Unplugged(lambda: NOW), outgoing(ledger), NOW)
    row = ledger.draft("f-1")
    assert row is not None
    assert ledger.tombstones.count(row.mark) == 1


def test_what_was_handed_over_is_not_approved_again_for_whatever_letter_it_is_taken(mailbox: MemoryMailbox) -> None:
    ledger = Ledger.in_memory()
    outbox(ledger).put(mailbox, outgoing(ledger), NOW)
    row = SendingRow(
        number=None,
        followup="f-1",
        account="personal",
        state=SendingState.APPROVED,
        message=b"",
        sha256="a" * 64,
        message_id="x@letters.example",
        sender="noor@letters.example",
        recipients=(DANA.address,),
        at_once=False,
        attempts=0,
        approved_at=NOW,
        changed_at=NOW,
        next_at=NOW,
    )
    row = ledger.bring(ledger.add_sending(row), SendingState.SENDING, NOW)
    ledger.hand_over(row)
    assert not ledger.was_handed_over_unknown_to_us("f-1", "a" * 64)
    lost = Ledger.in_memory(tombstones=ledger.tombstones)
    assert lost.was_handed_over_unknown_to_us("f-1", "b" * 64)
    assert lost.was_handed_over_unknown_to_us("f-2", "a" * 64)
    assert not lost.was_handed_over_unknown_to_us("f-2", "b" * 64)


def test_the_file_is_private_and_tells_nothing_but_keyed_hashes(tmp_path: Path) -> None:
    with Ledger.open(tmp_path) as ledger:
        outbox(ledger).put(MemoryMailbox(lambda: NOW), outgoing(ledger), NOW)
        secret = ledger.secret
    path = tmp_path / STONES
    assert path.stat().st_mode & 0o777 == 0o600
    first, line = path.read_text("ascii").splitlines()
    assert first == secret.hex()
    assert line.startswith("fu.")
    (tmp_path / FILE_NAME).unlink()
    with Ledger.open(tmp_path) as anew:
        assert anew.secret == secret
        assert anew.tombstones.count(line.split()[0]) == 1


def test_half_a_line_at_the_end_and_a_spoilt_one_do_not_cost_the_others(tmp_path: Path) -> None:
    with Ledger.open(tmp_path) as ledger:
        ledger.tombstones.add(MARK)
    path = tmp_path / STONES
    with path.open("ab") as file:
        file.write(b"\xff\xfe spoilt\nfu.half")
    for number in (1, 2):
        with Ledger.open(tmp_path) as ledger:
            assert ledger.tombstones.count(MARK) == number
            ledger.tombstones.add(MARK)


def test_a_file_without_its_secret_is_made_anew_of_what_the_ledger_knows(tmp_path: Path) -> None:
    with Ledger.open(tmp_path) as ledger:
        outbox(ledger).put(MemoryMailbox(lambda: NOW), outgoing(ledger), NOW)
        secret = ledger.secret
    path = tmp_path / STONES
    before = path.read_bytes()
    path.write_bytes(b"\0" * 500)
    with Ledger.open(tmp_path) as ledger:
        assert ledger.secret == secret
    assert path.read_bytes() == before
    assert (tmp_path / f"{STONES}.damaged").read_bytes() == b"\0" * 500
