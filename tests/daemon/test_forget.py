"""What the person has erased is nowhere on the disk any more, and does not come back; what is stored can be seen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from composer.acts import Muted
from composer.letter import Voice
from composer.policy import Policy
from daemon.account import AccountSettings
from daemon.backups import Backups
from daemon.errors import InputError
from daemon.keeper import Keeper
from daemon.ledger import Ledger
from daemon.memory import MemoryMailbox
from daemon.subjects import Subject, find_subject
from parsers.model import Address
from parsers.reader import Reader

ME = "noor@letters.example"
READER = Reader(account="me", addresses=frozenset({ME}), full_name="Noor Haddad", timezone="America/New_York")
ARRIVED = datetime(2026, 11, 30, 15, 12, tzinfo=UTC)
AFTER = datetime(2026, 12, 1, 22, 30, tzinfo=UTC)  # when the thank-yous are due
MAIL = """From: {name} <{address}>\r
To: noor@letters.example\r
Subject: Interview: Data Engineer at {company}\r
Message-ID: <one@{domain}>\r
Date: Mon, 30 Nov 2026 10:12:00 -0500\r
Content-Type: multipart/mixed; boundary=b\r
\r
--b\r
\r
Hi Noor,\r
\r
your interview for the Data Engineer role at {company} is confirmed for Tuesday.\r
\r
Best regards,\r
{name}\r
{company}\r
--b\r
Content-Type: text/calendar; method=REQUEST\r
\r
BEGIN:VCALENDAR\r
METHOD:REQUEST\r
BEGIN:VEVENT\r
UID:u-1@{domain}\r
DTSTART:20261201T{hour}0000Z\r
DTEND:20261201T{hour}3000Z\r
SUMMARY:Interview: Data Engineer at {company}\r
ORGANIZER;CN={name}:mailto:{address}\r
END:VEVENT\r
END:VCALENDAR\r
--b--\r
"""
DANA = {
    "name": "Dana Lee",
    "address": "dana.lee@northwind.example",
    "company": "Northwind",
    "domain": "northwind.example",
}
SAM = {"name": "Sam Roe", "address": "sam.roe@bluebird.example", "company": "Bluebird", "domain": "bluebird.example"}


class House:
    """A keeper over a ledger on the disk and a mailbox in memory, with two applications and their thank-yous."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.now = ARRIVED
        self.mailbox = MemoryMailbox(lambda: self.now)
        for who, hour in ((DANA, "18"), (SAM, "19")):
            self.mailbox.deliver("INBOX", MAIL.format(**who, hour=hour).encode(), ARRIVED)
        self.mailbox.deliver(
            "INBOX", b"From: ads@northwind.example\r\nMessage-ID: <ad@northwind.example>\r\n\r\n", ARRIVED
        )
        self.open()

    def open(self) -> None:
        self.ledger = Ledger.open(self.directory)
        settings = AccountSettings(
            reader=READER,
            identities=(Address(address=ME, name="Noor Haddad"),),
            voice=Voice(full_name="Noor Haddad"),
            look_back=timedelta(days=60),
        )
        self.keeper = Keeper([settings], self.ledger, Policy(timezone=READER.timezone))
        self.keeper.attach("me", self.mailbox)

    def restart(self) -> None:
        self.ledger.close()
        self.open()

    def keep(self, now: datetime) -> None:
        self.now = now
        self.keeper.keep("me", now)

    def subject(self, said: str) -> Subject:
        return find_subject(said, self.keeper.timelines(), self.keeper.agenda(self.now), self.keeper.facts("me"))

    @property
    def drafts(self) -> int:
        return len(self.mailbox.uids("Drafts"))

    def on_disk(self, *words: str) -> list[str]:
        files = [path.read_bytes().lower() for path in self.directory.rglob("*") if path.is_file()]
        return [word for word in words if any(word.lower().encode() in content for content in files)]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Both thank-yous lie in Drafts, a copy of the ledger was made, and the company was muted for an hour."""
    made = House(tmp_path / "state")
    made.keep(ARRIVED)
    made.keep(AFTER)
    assert made.drafts == 2
    made.ledger.record_act(Muted(at=AFTER, target="company:northwind"))
    path = made.directory / "ledger.sqlite3"
    Backups(made.ledger, path).run("me", made.mailbox, None, AFTER)  # type: ignore[arg-type]  # which it does not look at
    yield made
    made.ledger.close()


OF_DANA = ("northwind", "dana", "lee@")
OF_SAM = ("bluebird", "sam roe", "sam.roe@bluebird.example")


@pytest.mark.parametrize("said", ["Northwind", "northwind", "dana.lee@northwind.example", "Dana Lee", "application"])
def test_nothing_of_what_was_forgotten_is_left_on_the_disk(house: House, said: str) -> None:
    if said == "application":
        said = next(line.id for line in house.keeper.timelines() if line.company == "Northwind")
    assert house.on_disk(*OF_DANA) == list(OF_DANA)
    erased = house.ledger.forget(house.subject(said))
    assert erased["fact"] == erased["draft"] == 1
    left = house.on_disk(*OF_DANA)
    # That the company was muted is about the company: with a person or one application it is not forgotten.
    assert left == ([] if said.casefold() == "northwind" else ["northwind"])
    assert house.on_disk(*OF_SAM) == list(OF_SAM)
    assert house.drafts == 2  # the mailbox is not touched


def test_all_leaves_hashes_alone(house: House) -> None:
    house.ledger.forget(house.subject("all"))
    assert house.on_disk(*OF_DANA, *OF_SAM, "engineer", "interview", ".example") == []
    assert list(house.ledger.held(house.subject("all"))) == []
    lines = (house.directory / "tombstones").read_text().split()
    assert sum(line.startswith("fg.") for line in lines) == 2


@pytest.mark.parametrize("renumbered", [False, True])
@pytest.mark.parametrize("said", ["Northwind", "all"])
def test_what_was_forgotten_does_not_come_back(house: House, said: str, renumbered: bool) -> None:
    house.ledger.forget(house.subject(said))
    house.restart()
    if renumbered:  # then every message is read anew
        house.mailbox.renumber("INBOX")
    for uid in house.mailbox.uids("Drafts"):
        house.mailbox.delete("Drafts", uid)
    house.keep(AFTER + timedelta(minutes=5))
    assert house.on_disk("dana", "northwind freight", "lee@") == []
    assert {line.company for line in house.keeper.timelines()} == ({"Bluebird"} if said == "Northwind" else set())
    assert house.drafts == 0


def test_a_new_mail_of_a_forgotten_company_is_news(house: House) -> None:
    house.ledger.forget(house.subject("Northwind"))
    house.restart()
    later = MAIL.format(**DANA, hour="20").replace("<one@", "<two@").replace("u-1@", "u-2@").encode()
    house.mailbox.deliver("INBOX", later, AFTER)
    house.keep(AFTER + timedelta(minutes=5))
    assert {line.company for line in house.keeper.timelines()} == {"Bluebird", "Northwind"}


def test_what_is_stored_about_a_company_can_be_seen_and_nothing_of_others(house: House) -> None:
    held = list(house.ledger.held(house.subject("Northwind")))
    assert {table for table, _ in held} == {"fact", "draft", "act", "decision"}
    assert "dana.lee@northwind.example" in repr(held)
    assert "bluebird" not in repr(held).lower()
    fact = next(row for table, row in held if table == "fact")
    assert fact["document"]["company"] == "Northwind"
    house.ledger.forget(house.subject("Northwind"))
    house.restart()
    with pytest.raises(InputError):
        house.subject("Northwind")


@pytest.mark.parametrize("said", ["", "a-", "nobody", "Northw", "%"])
def test_a_word_that_means_nothing_erases_nothing(house: House, said: str) -> None:
    with pytest.raises(InputError, match="nothing of that name"):
        house.subject(said)
