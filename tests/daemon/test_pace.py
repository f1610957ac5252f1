"""Many letters that are due at once: some a pass, each a moment after the other, none twice and none forgotten."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from benchmarks.load_rig import invite
from composer.letter import Voice
from composer.policy import Policy
from daemon.account import AccountSettings
from daemon.errors import MailboxError
from daemon.keeper import Keeper
from daemon.ledger import Ledger
from daemon.mailbox import Appended
from daemon.memory import MemoryMailbox
from daemon.outbox import REFUSED_RETRY
from parsers.model import Address
from parsers.reader import Reader

ZONE = ZoneInfo("America/New_York")
ME = "noor@letters.example"
NOON = datetime(2026, 12, 1, 12, tzinfo=ZONE)
AFTER = NOON + timedelta(hours=4)
INTERVIEWS, AT_ONCE = 7, 3
INTERVAL = timedelta(milliseconds=40)


class TimedMailbox(MemoryMailbox):
    """The twin, which notes when a draft is handed to it, and may refuse it."""

    def __init__(self) -> None:
        super().__init__()
        self.handed: list[float] = []
        self.full = False

    def append_draft(self, folder: str, message: bytes) -> Appended:
        self.handed.append(time.monotonic())
        if self.full:
            raise MailboxError("Quota exceeded.")
        return super().append_draft(folder, message)


def keeper_of(mailbox: MemoryMailbox) -> Keeper:
    settings = AccountSettings(
        reader=Reader(account="personal", addresses=frozenset({ME}), full_name="Noor Haddad", timezone=ZONE.key),
        identities=(Address(address=ME, name="Noor Haddad"),),
        voice=Voice(full_name="Noor Haddad"),
        look_back=timedelta(days=60),
        pace=INTERVAL,
    )
    keeper = Keeper([settings], Ledger.in_memory(), Policy(timezone=ZONE.key))
    keeper.attach("personal", mailbox)
    for number in range(INTERVIEWS):
        mailbox.deliver("INBOX", invite(number, ME, NOON).replace(b"\n", b"\r\n"), NOON - timedelta(days=2))
    keeper.keep("personal", NOON)
    return keeper


def made_in_passes(keeper: Keeper, mailbox: TimedMailbox) -> list[int]:
    """Make passes for as long as one is asked for at once; give how many letters each handed over."""
    passes: list[int] = []
    while len(passes) < 10:
        before = len(mailbox.handed)
        agenda, _ = keeper.keep("personal", AFTER, most=AT_ONCE)
        passes.append(len(mailbox.handed) - before)
        if agenda.next_at is None or agenda.next_at > AFTER:
            break
    return passes


def test_of_many_letters_some_are_made_in_one_pass_and_the_rest_in_the_next_ones_at_once() -> None:
    mailbox = TimedMailbox()
    assert made_in_passes(keeper_of(mailbox), mailbox) == [3, 3, 1]
    assert len(mailbox.uids("Drafts")) == INTERVIEWS


def test_between_two_letters_of_an_account_lies_the_interval_also_across_passes() -> None:
    mailbox = TimedMailbox()
    made_in_passes(keeper_of(mailbox), mailbox)
    gaps = [later - earlier for earlier, later in zip(mailbox.handed, mailbox.handed[1:], strict=False)]
    assert len(gaps) == INTERVIEWS - 1
    assert min(gaps) >= 0.9 * INTERVAL.total_seconds()


def test_a_pass_without_a_limit_makes_them_all() -> None:
    mailbox = TimedMailbox()
    keeper_of(mailbox).keep("personal", AFTER)
    assert len(mailbox.uids("Drafts")) == INTERVIEWS


def test_a_full_mailbox_is_not_asked_for_all_of_them_at_once_either() -> None:
    mailbox = TimedMailbox()
    keeper = keeper_of(mailbox)
    mailbox.full = True
    assert made_in_passes(keeper, mailbox) == [3, 3, 1]
    mailbox.full = False
    mailbox.handed.clear()
    later = AFTER + REFUSED_RETRY
    passes = [keeper.keep("personal", later, most=AT_ONCE)[0].next_at for _ in range(3)]
    assert passes[:2] == [later, later]
    assert passes[2] != later
    assert len(mailbox.uids("Drafts")) == INTERVIEWS
