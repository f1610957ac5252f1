"""A mail to the person goes out once, or is known not to have gone: whatever breaks, and whenever the process ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from daemon.errors import LinkLost, MailboxError
from daemon.ledger import Ledger
from daemon.ledger_notices import NoticeState
from daemon.mailbox import Appended, Mailbox
from daemon.memory import MemoryMailbox
from daemon.notices import TOO_LATE, NoticeKind, Notices, Outcome, Post, post_by_smtp, post_to_inbox
from daemon.transport import Accepted, Deferred, NoLogin, Parcel, Refused, Unknown
from daemon.transport import Outcome as Sent
from parsers.model import Address

NOW = datetime(2026, 12, 1, 22, tzinfo=UTC)
ME = Address(address="noor@letters.example", name="Noor Haddad")
MINUTE = timedelta(minutes=1)


class BrokenMailbox(MemoryMailbox):
    """The twin, whose store fails."""

    def __init__(self, error: Exception) -> None:
        super().__init__(lambda: NOW)
        self.error: Exception | None = error

    def store(self, folder: str, message: bytes, *, flags: frozenset[str] = frozenset()) -> Appended:
        if self.error:
            raise self.error
        return super().store(folder, message, flags=flags)


class Server:
    """A way out that answers as it is told, and keeps what it was given."""

    files_sent = False

    def __init__(self, *outcomes: Sent) -> None:
        self.outcomes = list(outcomes)
        self.parcels: list[Parcel] = []

    def send(self, parcel: Parcel, about_to_end: Callable[[], None]) -> Sent:
        self.parcels.append(parcel)
        return self.outcomes.pop(0)


@pytest.fixture
def ledger() -> Ledger:
    return Ledger.in_memory()


@pytest.fixture
def notices(ledger: Ledger) -> Notices:
    return Notices(ledger, "personal", ME)


def _tell(notices: Notices, identifier: str = "digest:2026-11-30") -> bool:
    return notices.tell(NoticeKind.DIGEST, identifier, "Your week", "Nothing is planned.\n", NOW)


def _state(ledger: Ledger, identifier: str = "digest:2026-11-30") -> NoticeState:
    row = ledger.notice(identifier)
    assert row is not None
    return row.state


def _inbox(mailbox: Mailbox) -> list[EmailMessage]:
    outlines = mailbox.outlines("INBOX", mailbox.uids("INBOX"))
    return [message_from_bytes(raw, policy=default) for _, raw in mailbox.read("INBOX", outlines)]


def test_it_arrives_unread_in_the_inbox_and_no_program_answers_it(ledger: Ledger, notices: Notices) -> None:
    mailbox = MemoryMailbox(lambda: NOW)
    assert notices.tell(NoticeKind.PROBLEM, "p-1", "Ärger\r\nBcc: x@evil.example", "Zeile\n" + "lang " * 40, NOW)
    notices.work(mailbox, post_to_inbox, NOW)
    (message,) = _inbox(mailbox)
    assert (message["From"], message["To"]) == ("Noor Haddad <noor@letters.example>", "noor@letters.example")
    assert message["Reply-To"] == "noor@letters.example"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Bcc"] is None
    assert message["Message-ID"] == f"<{notices.message_id('p-1')}>"
    assert ledger.notice_message_ids() == {notices.message_id("p-1")}
    (outline,) = mailbox.outlines("INBOX", mailbox.uids("INBOX"))
    assert "\\Seen" not in outline.flags
    row = ledger.notice("p-1")
    assert row is not None
    assert (row.state, row.message) == (NoticeState.DELIVERED, None)


def test_the_same_thing_is_told_once(ledger: Ledger, notices: Notices) -> None:
    mailbox = MemoryMailbox(lambda: NOW)
    assert _tell(notices)
    assert not _tell(notices)
    for _ in range(3):
        notices.work(mailbox, post_to_inbox, NOW)
        assert not _tell(notices)
    assert len(_inbox(mailbox)) == 1
    assert notices.next_at() is None
    # Each account has its own.
    assert Notices(ledger, "other", ME).next_at() is None


def test_a_lost_answer_is_never_followed_by_a_second_attempt(ledger: Ledger, notices: Notices) -> None:
    _tell(notices)
    with pytest.raises(LinkLost):
        notices.work(BrokenMailbox(LinkLost("the link broke")), post_to_inbox, NOW)
    mailbox = MemoryMailbox(lambda: NOW)
    notices.work(mailbox, post_to_inbox, NOW + MINUTE)
    assert _state(ledger) is NoticeState.UNKNOWN
    assert _inbox(mailbox) == []
    assert notices.next_at() is None


def test_what_waits_behind_a_lost_link_goes_out_by_the_next_one(ledger: Ledger, notices: Notices) -> None:
    _tell(notices)
    _tell(notices, "digest:2026-12-07")
    with pytest.raises(LinkLost):
        notices.work(BrokenMailbox(LinkLost("the link broke")), post_to_inbox, NOW)
    assert _state(ledger, "digest:2026-12-07") is NoticeState.WAITING
    mailbox = MemoryMailbox(lambda: NOW)
    notices.work(mailbox, post_to_inbox, NOW + MINUTE)
    assert [message["Message-ID"] for message in _inbox(mailbox)] == [f"<{notices.message_id('digest:2026-12-07')}>"]


def test_a_refused_store_is_tried_again_ever_more_seldom_and_not_for_ever(ledger: Ledger, notices: Notices) -> None:
    mailbox = BrokenMailbox(MailboxError("over quota"))
    _tell(notices)
    waits = []
    now = NOW
    while at := notices.next_at():
        waits.append(at - now)
        now = at
        notices.work(mailbox, post_to_inbox, now)
        assert len(waits) < 100
    assert waits[:5] == [timedelta(0), MINUTE, 5 * MINUTE, 15 * MINUTE, 60 * MINUTE]
    assert now >= NOW + TOO_LATE
    assert _state(ledger) is NoticeState.FAILED


def test_what_a_refusal_left_behind_arrives_later(notices: Notices) -> None:
    mailbox = BrokenMailbox(MailboxError("over quota"))
    _tell(notices)
    notices.work(mailbox, post_to_inbox, NOW)
    mailbox.error = None
    notices.work(mailbox, post_to_inbox, NOW)  # too early
    assert _inbox(mailbox) == []
    notices.work(mailbox, post_to_inbox, NOW + MINUTE)
    assert len(_inbox(mailbox)) == 1


def test_a_process_that_ended_while_it_sent_does_not_send_again(ledger: Ledger, notices: Notices) -> None:
    class Killed(BaseException):
        pass

    def killed(mailbox: Mailbox, message: bytes) -> Outcome:
        raise Killed

    _tell(notices)
    mailbox = MemoryMailbox(lambda: NOW)
    with pytest.raises(Killed):
        notices.work(mailbox, killed, NOW)
    assert _state(ledger) is NoticeState.SENDING
    notices.work(mailbox, post_to_inbox, NOW)
    assert _state(ledger) is NoticeState.UNKNOWN
    assert _inbox(mailbox) == []


@pytest.mark.parametrize(
    ("outcome", "state", "sent", "stored"),
    [
        (Accepted(reply="250 OK"), NoticeState.DELIVERED, 1, 0),
        (Deferred(reply="451 later"), NoticeState.WAITING, 2, 0),
        (NoLogin(reply="535 no"), NoticeState.DELIVERED, 1, 1),
        (Refused(reply="550 no"), NoticeState.DELIVERED, 1, 1),
        (Unknown(reply="the connection broke"), NoticeState.UNKNOWN, 1, 0),
    ],
    ids=lambda value: type(value).__name__,
)
def test_by_smtp_only_what_provably_did_not_go_out_is_sent_again_or_stored(
    outcome: Sent, state: NoticeState, sent: int, stored: int, ledger: Ledger, notices: Notices
) -> None:
    server = Server(outcome, Accepted(reply="250 OK"))
    post: Post = post_by_smtp(server, ME.address)
    _tell(notices)
    mailbox = MemoryMailbox(lambda: NOW)
    notices.work(mailbox, post, NOW)
    assert _state(ledger) is state
    notices.work(mailbox, post, NOW + 10 * MINUTE)
    assert len(server.parcels) == sent
    assert {(parcel.sender, parcel.recipients) for parcel in server.parcels} == {(ME.address, (ME.address,))}
    assert len(_inbox(mailbox)) == stored


def test_its_message_id_cannot_be_guessed_and_names_nobody(notices: Notices) -> None:
    identifier = notices.message_id("question:northwind")
    assert identifier == notices.message_id("question:northwind")
    assert identifier != notices.message_id("question:southwind")
    assert identifier != Notices(Ledger.in_memory(), "personal", ME).message_id("question:northwind")
    assert "noor" not in identifier
    assert identifier.endswith("@letters.example")
