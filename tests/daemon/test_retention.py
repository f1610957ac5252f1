"""What ended long ago is erased at a start, and nothing else; by a clock that can be believed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from composer.letter import Voice
from composer.policy import Policy
from daemon.account import AccountSettings
from daemon.keeper import Keeper
from daemon.ledger import Ledger
from daemon.memory import MemoryMailbox
from daemon.retention import forget_outdated
from parsers.model import Address
from parsers.reader import Reader
from tests.faults.schedules import ME, MONDAY, ZONE, Application

KEPT = timedelta(days=180)
LONG_AFTER = MONDAY + timedelta(days=400)
OLD = Application(0, MONDAY + timedelta(hours=2))
NEW = Application(1, LONG_AFTER + timedelta(days=2))


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path) as opened:
        yield opened


@pytest.fixture
def mailbox() -> MemoryMailbox:
    return MemoryMailbox()


def keeper_of(ledger: Ledger, mailbox: MemoryMailbox) -> Keeper:
    settings = AccountSettings(
        reader=Reader(account="personal", addresses=frozenset({ME}), full_name="Noor Haddad", timezone=ZONE.key),
        identities=(Address(address=ME, name="Noor Haddad"),),
        voice=Voice(full_name="Noor Haddad"),
        look_back=timedelta(days=60),
    )
    keeper = Keeper([settings], ledger, Policy(timezone=ZONE.key))
    keeper.attach("personal", mailbox)
    return keeper


def live(ledger: Ledger, mailbox: MemoryMailbox) -> Keeper:
    """Live through an interview that nobody answered for, and hear of another one much later."""
    keeper = keeper_of(ledger, mailbox)
    mailbox.deliver("INBOX", OLD.invitation(), MONDAY)
    for days in (0, 0.3, 3, 10, 30, 60, 90):
        keeper.keep("personal", MONDAY + timedelta(days=days))
    mailbox.deliver("INBOX", NEW.invitation(), LONG_AFTER - timedelta(days=1))
    keeper.keep("personal", LONG_AFTER)
    ledger.set_health({"personal": "healthy"}, LONG_AFTER)
    return keeper


def names(ledger: Ledger, directory: Path) -> tuple[bool, bool]:
    """Whether anything in the directory names the old employer, and the new one."""
    octets = b"".join(path.read_bytes() for path in directory.iterdir() if path.is_file()).lower()
    return b"northwind" in octets, b"bluepine" in octets


def test_an_application_that_ended_long_ago_is_erased_from_the_disk_and_does_not_come_back(
    ledger: Ledger, mailbox: MemoryMailbox, tmp_path: Path
) -> None:
    keeper = live(ledger, mailbox)
    assert ledger.drafts()
    assert names(ledger, tmp_path) == (True, True)
    assert forget_outdated(ledger, keeper.agenda(LONG_AFTER), keeper.timelines(), KEPT, LONG_AFTER) == 1
    assert ledger.drafts() == ()
    before = {folder: mailbox.uids(folder) for folder in ("INBOX", "Drafts")}
    mailbox.renumber("INBOX")  # everything is read anew
    again = keeper_of(ledger, mailbox)
    again.keep("personal", LONG_AFTER + timedelta(hours=1))
    assert [timeline.company for timeline in again.timelines()] == ["Bluepine Software"]
    assert mailbox.uids("Drafts") == before["Drafts"]
    assert names(ledger, tmp_path) == (False, True)


@pytest.mark.parametrize("days", [-300, -1, 8, 4000])
def test_nothing_is_erased_before_its_time_or_by_a_clock_that_was_set(
    ledger: Ledger, mailbox: MemoryMailbox, days: int
) -> None:
    keeper = live(ledger, mailbox)
    now = LONG_AFTER + timedelta(days=days)
    kept = KEPT if days != -1 else timedelta(days=500)
    assert forget_outdated(ledger, keeper.agenda(now), keeper.timelines(), kept, now) == 0
    assert len(keeper_of(ledger, mailbox).timelines()) == 2


def test_what_a_later_mail_refers_to_is_kept(ledger: Ledger, mailbox: MemoryMailbox) -> None:
    keeper = live(ledger, mailbox)
    mailbox.deliver("INBOX", OLD.answer(1), LONG_AFTER - timedelta(hours=1))
    keeper.keep("personal", LONG_AFTER)
    assert forget_outdated(ledger, keeper.agenda(LONG_AFTER), keeper.timelines(), KEPT, LONG_AFTER) == 0


def test_a_ledger_in_which_no_daemon_was_at_work_is_left_alone(ledger: Ledger, mailbox: MemoryMailbox) -> None:
    keeper = live(ledger, mailbox)
    with ledger.together():
        ledger._db.execute("DELETE FROM setting WHERE name = 'health'")
    agenda = keeper.agenda(LONG_AFTER)
    assert forget_outdated(ledger, agenda, keeper.timelines(), KEPT, datetime.now().astimezone()) == 0
