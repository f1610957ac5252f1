"""The living status message: one, replaced when it says something else, harmless whatever strangers wrote."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest

from daemon.errors import LinkLost
from daemon.mailbox import Appended
from daemon.memory import MemoryMailbox
from daemon.status_message import SUBJECT, Status, StatusMessage, write_status
from parsers.model import Address

NOW = datetime(2026, 12, 1, 22, tzinfo=UTC)
ME = Address(address="noor@letters.example", name="Noor Haddad")
SECRET = b"s" * 32
HOSTILE = 'Nörth"<script>alert(1)</script>\r\nBcc: x@evil.example\u202e <img src=https://evil.example/pixel.png>'


class LosingMailbox(MemoryMailbox):
    """The twin, whose store or removal can lose its answer."""

    lose_store = lose_removal = False

    def store(self, folder: str, message: bytes, *, flags: frozenset[str] = frozenset()) -> Appended:
        answer = super().store(folder, message, flags=flags)
        if self.lose_store:
            raise LinkLost("the answer was lost")
        return answer

    def expunge_draft(self, folder: str, uid: int) -> bool:
        if self.lose_removal:
            raise LinkLost("cut off")
        return super().expunge_draft(folder, uid)


class Board:
    """A mailbox with the folder, and the clock."""

    def __init__(self) -> None:
        self.now = NOW
        self.mailbox = LosingMailbox(lambda: self.now)
        self.folder = self.mailbox.create_folder("Tactful")

    def publish(self, status: Status, *, removable: bool = True) -> bool:
        message = StatusMessage(self.folder, ME, "personal", SECRET)
        return message.publish(self.mailbox, status, self.now, removable=removable)

    @property
    def messages(self) -> list[EmailMessage]:
        raw = [self.mailbox.whole(self.folder, uid) or b"" for uid in sorted(self.mailbox.uids(self.folder))]
        return [
            mail for mail in (message_from_bytes(one, policy=default) for one in raw) if isinstance(mail, EmailMessage)
        ]


def status(*problems: str, entries: tuple[dict[str, Any], ...] = ()) -> Status:
    return Status(account="personal", timezone="America/New_York", problems=problems, entries=entries)


def interview(company: str = "Northwind", people: str = "Dana Lee") -> dict[str, Any]:
    return {
        "what": "interview",
        "start": "2026-12-01T14:00:00-05:00",
        "status": "confirmed",
        "location": "https://meet.northwind.example/1",
        "people": [{"name": people, "address": "dana.lee@northwind.example", "part": "interviewer"}],
        "company": company,
        "role": "Data Engineer",
        "account": "personal",
    }


def parts(mail: EmailMessage) -> dict[str, Any]:
    return {
        part.get_content_type(): part.get_content() for part in mail.walk() if not part.is_multipart()
    }  # fmt: skip


@pytest.fixture
def board() -> Board:
    return Board()


def test_it_stays_as_it_is_until_it_would_say_something_else(board: Board) -> None:
    assert board.publish(status("a")) is True
    for minutes in range(1, 5):
        board.now = NOW + timedelta(minutes=minutes)
        assert board.publish(status("a")) is False
    assert board.mailbox.uids(board.folder) == {1}
    assert board.publish(status("b")) is True
    assert board.mailbox.uids(board.folder) == {2}
    assert board.publish(status("a")) is True
    assert board.mailbox.uids(board.folder) == {3}
    assert all("\\Seen" in outline.flags for outline in board.mailbox.outlines(board.folder, [3]))


def test_whatever_is_cut_off_there_is_one_in_the_end(board: Board) -> None:
    board.publish(status("a"))
    board.mailbox.lose_store = True
    with pytest.raises(LinkLost):
        board.publish(status("b"))
    board.mailbox.lose_store, board.mailbox.lose_removal = False, True
    for text in ("b", "c"):
        with pytest.raises(LinkLost):
            board.publish(status(text))
    assert len(board.messages) == 3
    board.mailbox.lose_removal = False
    board.publish(status("c"))
    (mail,) = board.messages
    assert json.loads(parts(mail)["application/json"])["problems"] == ["c"]


def test_two_that_say_the_same_become_one(board: Board) -> None:
    board.publish(status("a"))
    board.mailbox.deliver(board.folder, board.mailbox.whole(board.folder, 1) or b"", NOW)
    assert board.publish(status("a")) is False
    assert board.mailbox.uids(board.folder) == {2}


def test_other_messages_there_are_left_alone(board: Board) -> None:
    theirs = [
        f"From: {ME.address}\r\nMessage-ID: <{name}@letters.example>\r\nSubject: {SUBJECT}\r\n\r\nx\r\n".encode()
        for name in ("mine", "st.abc.def", "st.")
    ]
    for message in theirs:
        board.mailbox.deliver(board.folder, message, NOW, ())
    for text in ("a", "b"):
        board.publish(status(text))
    assert [board.mailbox.whole(board.folder, uid) for uid in (1, 2, 3)] == theirs
    assert len(board.messages) == 4


def test_one_that_the_person_removes_is_written_again(board: Board) -> None:
    board.publish(status("a"))
    board.mailbox.mark(board.folder, 1, "\\Deleted")
    assert board.publish(status("a")) is True


def test_where_nothing_can_be_removed_there_is_at_most_one_a_day(board: Board) -> None:
    for hours in range(0, 72, 3):
        board.now = NOW + timedelta(hours=hours)
        board.publish(status(str(hours)), removable=False)
    days = {outline.received_at for outline in board.mailbox.outlines(board.folder, board.mailbox.uids(board.folder))}
    assert len(days) == len(board.messages) == 4


@pytest.mark.parametrize(
    "entry",
    [
        interview(company=HOSTILE),
        interview(people=HOSTILE),
        {"what": "review", "reason": HOSTILE, "account": "personal"},
        {"what": "draft", "subject": HOSTILE, "to": "x@y.example", "state": "appended", "place": "drafts",
         "until": None, "note": HOSTILE, "sending": None, "company": HOSTILE, "role": None},
        {"what": "planned", "due": "2026-12-01T14:00:00-05:00", "kind": "thank_you", "to": HOSTILE, "company": HOSTILE,
         "role": HOSTILE, "reason": HOSTILE, "rule": "T1"},
        {"what": "closed", "at": "2026-12-01T14:00:00-05:00", "company": HOSTILE, "role": None, "state": "silent",
         "reason": HOSTILE},
    ],
)  # fmt: skip
def test_what_strangers_wrote_is_only_ever_words(entry: dict[str, Any]) -> None:
    message = write_status(status(HOSTILE, entries=(entry,)), person=ME, message_id="st.x@letters.example", date=NOW)
    assert message.isascii()
    assert all(len(line) <= 998 for line in message.split(b"\r\n"))
    mail = message_from_bytes(message, policy=default)
    assert isinstance(mail, EmailMessage)
    assert sorted(mail.keys()) == sorted(
        ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"]
    )
    assert mail["To"] == "Noor Haddad <noor@letters.example>"
    shown = parts(mail)
    page = shown["text/html"]
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page
    for text in (page, shown["text/plain"]):
        assert "\u202e" not in text
        assert "\nBcc" not in text
    assert json.loads(shown["application/json"])["entries"] == [entry]


def test_it_names_interviews_what_comes_next_and_problems_in_each_form() -> None:
    entries = (
        interview(),
        {"what": "planned", "due": "2026-12-08T09:00:00-05:00", "kind": "check_in_1", "to": "dana@northwind.example",
         "company": "Northwind", "role": "Data Engineer", "reason": "no answer", "rule": "C1"},
    )  # fmt: skip
    message = write_status(
        status("the account other cannot be watched", entries=entries), person=ME, message_id="st.x@y.example", date=NOW
    )
    mail = message_from_bytes(message, policy=default)
    assert isinstance(mail, EmailMessage)
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/mixed", "multipart/alternative", "text/plain", "text/html", "application/json"
    ]  # fmt: skip
    shown = parts(mail)
    for text in (shown["text/plain"], shown["text/html"]):
        for words in (
            "Tue 2026-12-01 14:00",
            "with Dana Lee",
            "Tue 2026-12-08 09:00",
            "no answer (C1)",
            "cannot be watched",
        ):
            assert words in text
        assert "://" not in text, "nothing in it is fetched or followed"
    document = json.loads(shown["application/json"])
    assert document["version"] == 1
    assert document["entries"] == [dict(entry) for entry in entries]


CHANGES: dict[str, Callable[[Status], Status]] = {
    "a problem": lambda before: replace(before, problems=("new",)),
    "an entry": lambda before: replace(before, entries=(interview(),)),
    "the zone": lambda before: replace(before, timezone="Europe/Berlin"),
    "the account": lambda before: replace(before, account="other"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_its_fingerprint_differs_with_all_that_it_says(change: str) -> None:
    before = status("a")
    assert before.fingerprint() == status("a").fingerprint()
    assert CHANGES[change](before).fingerprint() != before.fingerprint()
