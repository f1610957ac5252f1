"""An approved letter goes out once, in the recipient's hours, whatever the server does, wherever the process ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from composer.acts import Approved, Drafted, Sent
from composer.agenda import FollowUp, FollowUpKind
from composer.policy import Policy
from daemon.approvals import BACK_OFF, Approval, Event, Refusal, SendingRow, SendingState, check_edge
from daemon.approving import SAME_REFUSAL
from daemon.drafts import DraftRow, DraftState
from daemon.errors import LinkLost, MailboxError, StateError
from daemon.imap_wire import Tls
from daemon.ledger import Ledger
from daemon.mailbox import Appended
from daemon.memory import MemoryMailbox
from daemon.sending import LOGIN_BACK_OFF, LOOKS, Sending
from daemon.smtp import SmtpSettings, SmtpTransport
from daemon.transport import Outcome, Parcel
from parsers.model import Address
from tests.servers.smtp import PASSWORD, Act, Behaviour, SmtpServer

ZONE = ZoneInfo("America/New_York")
NOW = datetime(2026, 12, 1, 10, tzinfo=ZONE)  # a Tuesday, in business hours
APPROVED = "Tactful/Approved"
ME, DANA = "noor@letters.example", "dana.lee@northwind.example"
OUR_ID = "fu.abc@letters.example"


def letter(text: str = "Dear Dana,\r\n\r\nthank you for the talk.\r\n", subject: str = "Re: Your interview") -> bytes:
    return (
        f"From: Noor Haddad <{ME}>\r\nTo: Dana Lee <{DANA}>\r\nSubject: {subject}\r\n"
        f"Date: Mon, 30 Nov 2026 09:00:00 -0500\r\nMessage-ID: <{OUR_ID}>\r\n"
        f"In-Reply-To: <invite@northwind.example>\r\n\r\n{text}"
    ).encode()


class Killed(BaseException):
    """The process ends here."""


class FaultyMailbox(MemoryMailbox):
    """The twin, whose store can lose its answer, be lost itself, or be refused."""

    before: Callable[[], None] = staticmethod(lambda: None)
    after: Callable[[], None] = staticmethod(lambda: None)

    def store(self, folder: str, message: bytes, *, flags: frozenset[str] = frozenset()) -> Appended:
        self.before()
        answer = super().store(folder, message, flags=flags)
        self.after()
        return answer


class FragileTransport(SmtpTransport):
    """The real way out, in a process that ends before a chosen step."""

    dies: str | None = None

    def send(self, parcel: Parcel, about_to_end: Callable[[], None]) -> Outcome:
        def end() -> None:
            self._die("before the end is written down")
            about_to_end()
            self._die("after the end is written down")

        self._die("before the connection")
        outcome = super().send(parcel, end)
        self._die("after the reply")
        return outcome

    def _die(self, step: str) -> None:
        if self.dies == step:
            raise Killed


def _raise(error: BaseException) -> Callable[[], None]:
    def fault() -> None:
        raise error

    return fault


@dataclass
class Desk:
    """One account: its ledger, mailbox, server and sending."""

    server: SmtpServer
    ledger: Ledger = field(default_factory=Ledger.in_memory)
    mailbox: FaultyMailbox = field(default_factory=lambda: FaultyMailbox(lambda: NOW))
    dies: str | None = None
    zone: str | None = ZONE.key
    faults: tuple[str, ...] = ()
    files_sent: bool | None = None
    password: str = PASSWORD

    @property
    def sending(self) -> Sending:
        """A new one each time: nothing may be remembered but what is in the ledger."""
        settings = SmtpSettings(
            host=self.server.host,
            port=self.server.port,
            tls=Tls.NONE,
            username=ME,
            files_sent=self.files_sent,
            step_timeout=5.0,
            end_timeout=5.0,
        )
        transport = FragileTransport(settings, lambda: self.password)
        transport.dies = self.dies
        return Sending(
            self.ledger,
            "personal",
            identities=(ME,),
            policy=Policy(timezone=ZONE.key),
            sent="Sent",
            transport=transport,
            zone_of=lambda row: self.zone,
            judge=lambda row, message: self.faults,
        )

    def put(self, message: bytes, folder: str = APPROVED, followup: str = "f-1") -> DraftRow:
        """Let a draft of ours lie in a folder, as the ledger knows it."""
        self.mailbox.create_folder(folder)
        uid = self.mailbox.deliver(folder, message, NOW)
        state = self.mailbox.state(folder)
        row = self.ledger.draft(followup)
        if row is None:
            row = _draft_row(followup)
            self.ledger.intend(row, Drafted(at=NOW, followup=row.followup))
        placed = replace(row, state=DraftState.APPENDED, folder=folder, uidvalidity=state.uidvalidity, uid=uid)
        self.ledger.change_draft(placed)
        return placed

    def approve(
        self, message: bytes | None = None, now: datetime = NOW, *, at_once: bool = False, followup: str = "f-1"
    ) -> SendingRow:
        """Put a draft there and approve it, which must succeed."""
        message = message or letter()
        answer = self.sending.approve(self.put(message, followup=followup), message, now, at_once=at_once)
        assert isinstance(answer, Approval), answer
        return answer.row

    def work(self, now: datetime = NOW) -> list[Event]:
        """Make a pass, and give what happened."""
        return [happening.event for happening in self.sending.work(self.mailbox, now)]

    def killed(self, step: str, now: datetime = NOW) -> None:
        """Make a pass in a process that ends before a step."""
        self.dies = step
        with pytest.raises(Killed):
            self.sending.work(self.mailbox, now)
        self.dies = None

    @property
    def row(self) -> SendingRow:
        """The latest approval."""
        row = self.ledger.sending_of("f-1")
        assert row is not None
        return row

    @property
    def copies(self) -> list[bytes]:
        """What lies in Sent."""
        return [self.mailbox.whole("Sent", uid) or b"" for uid in sorted(self.mailbox.uids("Sent"))]


def _draft_row(identifier: str) -> DraftRow:
    followup = FollowUp(
        id=identifier,
        kind=FollowUpKind.THANK_YOU,
        rule="T1",
        reason="interview ended 15:00, +2 h",
        account="personal",
        application="northwind",
        company="Northwind",
        role="Data Engineer",
        to=Address(address=DANA, name="Dana Lee"),
        due=NOW,
        stale_at=NOW + timedelta(days=2),
    )
    return DraftRow(
        id=identifier,
        account="personal",
        state=DraftState.INTENT,
        followup=followup,
        message_id=OUR_ID,
        folder="Drafts",
        uidvalidity=1,
        uidnext=1,
        uid=None,
        sha256="",
        message=None,
        attempts=1,
        intended_at=NOW,
        changed_at=NOW,
        answers="invite@northwind.example",
        subject="Re: Your interview",
    )


@pytest.fixture
def open_desk() -> Iterator[Callable[..., Desk]]:
    """Give a function that opens a desk with a server that behaves so."""
    servers: list[SmtpServer] = []

    def opened(moments: dict[str, Behaviour | list[Behaviour]] | None = None, **changes: object) -> Desk:
        servers.append(SmtpServer(moments or {}))
        return replace(Desk(servers[-1]), **changes)

    yield opened
    for server in servers:
        server.__exit__()


@pytest.fixture
def desk(open_desk: Callable[..., Desk]) -> Desk:
    return open_desk()


# ------------------------------------------------------------------------------------------------------------ approval


def test_an_approved_letter_goes_out_once_and_its_copy_is_in_sent(desk: Desk) -> None:
    desk.approve()
    assert desk.work() == [Event.SENT]
    (sent,) = desk.server.letters
    assert (sent.sender, sent.recipients) == (ME, (DANA,))
    assert message_from_bytes(sent.message, policy=default)["Date"].datetime == NOW
    assert desk.copies == [sent.message]
    (outline,) = desk.mailbox.outlines("Sent", desk.mailbox.uids("Sent"))
    assert "\\Seen" in outline.flags
    assert desk.row.state is SendingState.ACCEPTED
    assert desk.row.message is None
    draft = desk.ledger.draft("f-1")
    assert draft is not None
    assert draft.state is DraftState.SENT
    acts = [act for act in desk.ledger.acts() if not isinstance(act, Drafted)]
    assert acts == [Approved(at=NOW, followup_id="f-1"), Sent(at=NOW, followup_id="f-1")]
    for later in (timedelta(minutes=1), timedelta(hours=2), timedelta(days=3)):
        assert desk.work(NOW + later) == []
    assert len(desk.server.letters) == len(desk.copies) == 1
    assert desk.sending.next_at() is None


def test_an_approval_is_on_disk_before_anything_leaves(desk: Desk) -> None:
    row = desk.approve()
    assert desk.ledger.sendings("personal") == (row,)
    assert row.state is SendingState.APPROVED
    assert not desk.server.commands


def test_the_same_bytes_approved_again_are_the_same_approval(desk: Desk) -> None:
    first = desk.approve()
    draft = desk.ledger.draft("f-1")
    assert draft is not None
    for later in range(3):
        assert desk.sending.approve(
            draft, letter(), NOW + timedelta(minutes=later), at_once=False
        ) == Approval(row=first)  # fmt: skip
    assert len(desk.ledger.sendings("personal")) == 1
    desk.work()
    answer = desk.sending.approve(draft, letter(), NOW, at_once=False)
    assert isinstance(answer, Approval)
    assert answer.row.state is SendingState.ACCEPTED
    assert desk.work() == []
    assert len(desk.server.letters) == 1


def test_other_bytes_are_another_approval_and_void_the_first(desk: Desk) -> None:
    evening = NOW.replace(hour=20)
    desk.approve(now=evening)
    changed = letter("Dear Dana,\r\n\r\nthank you very much.\r\n")
    desk.approve(changed, evening + timedelta(minutes=5))
    assert [row.state for row in desk.ledger.sendings("personal")] == [SendingState.REFUSED, SendingState.APPROVED]
    assert desk.work(NOW + timedelta(days=1)) == [Event.SENT]
    (sent,) = desk.server.letters
    assert b"very much" in sent.message


def test_a_letter_that_became_unsendable_voids_its_approval(desk: Desk) -> None:
    desk.approve(now=NOW.replace(hour=20))
    broken = letter("Dear Dana,\r\n[[what you talked about]]\r\n")
    answer = desk.sending.approve(desk.put(broken), broken, NOW.replace(hour=21), at_once=False)
    assert answer == Refusal(reasons=("The placeholder [[what you talked about]] is not filled in.",))
    assert desk.row.state is SendingState.REFUSED
    assert desk.work(NOW + timedelta(days=1)) == []
    assert not desk.server.letters


def test_a_letter_with_faults_is_refused_with_every_reason(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(faults=("line 3, “ASAP”: Leave the hurry to them.",))
    message = letter("Dear Dana,\r\n[[what]]\r\n")
    answer = desk.sending.approve(desk.put(message), message, NOW, at_once=False)
    assert answer == Refusal(
        reasons=("The placeholder [[what]] is not filled in.", "line 3, “ASAP”: Leave the hurry to them.")
    )
    assert isinstance(desk.sending.approve(desk.put(letter()), letter(), NOW, at_once=False), Refusal)
    assert desk.ledger.sending_of("f-1") is None


@pytest.mark.parametrize("state", [DraftState.SENT, DraftState.UNKNOWN, DraftState.WITHDRAWN])
def test_a_draft_that_is_no_longer_there_cannot_be_approved(desk: Desk, state: DraftState) -> None:
    row = replace(desk.put(letter()), state=state)
    assert isinstance(desk.sending.approve(row, letter(), NOW, at_once=False), Refusal)


def test_an_approval_that_the_ledger_holds_is_never_added_twice(desk: Desk) -> None:
    row = desk.approve()
    with pytest.raises(StateError, match="never sent twice"):
        desk.ledger.add_sending(replace(row, number=None))


def test_a_letter_called_off_does_not_go_out(desk: Desk) -> None:
    desk.approve(now=NOW.replace(hour=20))
    assert desk.sending.call_off("f-1", "You took the draft back.", NOW.replace(hour=21))
    assert not desk.sending.call_off("f-1", "You took the draft back.", NOW.replace(hour=21))
    assert desk.sending.next_at() is None
    assert desk.work(NOW + timedelta(days=1)) == []
    assert not desk.server.letters
    assert desk.row.reply == "You took the draft back."
    # And it may be approved again at once.
    desk.approve(now=NOW + timedelta(days=1))
    assert desk.work(NOW + timedelta(days=1)) == [Event.SENT]


def test_what_has_left_cannot_be_called_off(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk({"end": Act.DROP})
    desk.approve()
    assert desk.work() == [Event.UNKNOWN]
    assert not desk.sending.call_off("f-1", "You took the draft back.", NOW)
    assert not desk.sending.call_off("f-2", "You took the draft back.", NOW)


# ---------------------------------------------------------------------------------------------------------- its hour


@pytest.mark.parametrize(
    ("zone", "approved_at", "sent_at"),
    [
        ("America/New_York", datetime(2026, 12, 1, 7, 59, tzinfo=ZONE), datetime(2026, 12, 1, 8, tzinfo=ZONE)),
        ("America/New_York", datetime(2026, 12, 1, 18, tzinfo=ZONE), datetime(2026, 12, 2, 8, tzinfo=ZONE)),
        ("America/New_York", datetime(2026, 12, 4, 19, tzinfo=ZONE), datetime(2026, 12, 7, 8, tzinfo=ZONE)),
        ("America/New_York", datetime(2026, 12, 5, 11, tzinfo=ZONE), datetime(2026, 12, 7, 8, tzinfo=ZONE)),
        # Thanksgiving there
        ("America/New_York", datetime(2026, 11, 26, 11, tzinfo=ZONE), datetime(2026, 11, 27, 8, tzinfo=ZONE)),
        ("America/New_York", datetime(2026, 11, 25, 20, tzinfo=ZONE), datetime(2026, 11, 27, 8, tzinfo=ZONE)),
        # Their morning is the person's night, and the first day of Berlin's winter time
        (
            "Europe/Berlin",
            datetime(2026, 10, 23, 13, tzinfo=ZONE),
            datetime(2026, 10, 26, 8, tzinfo=ZoneInfo("Europe/Berlin")),
        ),
        (None, datetime(2026, 12, 1, 18, tzinfo=ZONE), datetime(2026, 12, 2, 8, tzinfo=ZONE)),
    ],
)
def test_a_letter_waits_for_the_recipients_business_hours(
    open_desk: Callable[..., Desk], zone: str | None, approved_at: datetime, sent_at: datetime
) -> None:
    desk = open_desk(zone=zone)
    assert desk.approve(now=approved_at).next_at == sent_at
    assert desk.sending.next_at() == sent_at
    assert desk.work(approved_at) == []
    assert desk.work(sent_at - timedelta(seconds=1)) == []
    assert not desk.server.commands
    assert desk.work(sent_at) == [Event.SENT]


def test_a_letter_whose_hour_was_slept_through_waits_for_the_next_one(desk: Desk) -> None:
    desk.approve(now=NOW.replace(hour=7))
    assert desk.work(NOW.replace(hour=23)) == []
    assert desk.sending.next_at() == NOW.replace(day=2, hour=8)
    assert desk.work(NOW.replace(day=2, hour=8)) == [Event.SENT]


def test_a_letter_that_is_to_go_at_once_does(desk: Desk) -> None:
    desk.approve(now=NOW.replace(hour=23), at_once=True)
    assert desk.work(NOW.replace(hour=23)) == [Event.SENT]


def test_now_before_the_subject_sends_at_once_without_it(desk: Desk) -> None:
    desk.approve(letter(subject="+now Re: Your interview"), NOW.replace(hour=23))
    assert desk.work(NOW.replace(hour=23)) == [Event.SENT]
    (sent,) = desk.server.letters
    assert b"\r\nSubject: Re: Your interview\r\n" in sent.message


def test_now_put_to_a_letter_that_waits_hurries_it(desk: Desk) -> None:
    first = desk.approve(now=NOW.replace(hour=22))
    second = desk.approve(letter(subject="+now Re: Your interview"), NOW.replace(hour=23))
    assert second.number == first.number
    assert desk.work(NOW.replace(hour=23)) == [Event.SENT]


def test_now_put_to_a_deferred_letter_does_not_shorten_its_back_off(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk({"MAIL": [b"421 4.3.2 Busy\r\n"]})
    evening = NOW.replace(hour=17, minute=59, second=30)
    desk.approve(now=evening)
    assert desk.work(evening) == [Event.DEFERRED]
    hurried = desk.approve(letter(subject="+now Re: Your interview"), evening + timedelta(seconds=5))
    assert hurried.next_at == evening + BACK_OFF[0]
    assert desk.work(evening + BACK_OFF[0]) == [Event.SENT]


def test_now_put_to_a_letter_that_went_out_changes_nothing(desk: Desk) -> None:
    desk.approve()
    assert desk.work() == [Event.SENT]
    before, draft = desk.row, desk.ledger.draft("f-1")
    assert draft is not None
    hurried = letter(subject="+now Re: Your interview")
    assert desk.sending.approve(draft, hurried, NOW, at_once=True) == Approval(row=before)
    assert desk.row == before
    assert desk.work(NOW + timedelta(minutes=2)) == []
    assert len(desk.server.letters) == 1


# ------------------------------------------------------------------------------------------------------- the last look


@pytest.mark.parametrize("change", ["edited", "moved", "deleted", "marked deleted", "renumbered", "folder gone"])
def test_a_draft_that_is_not_where_it_was_approved_is_not_sent(desk: Desk, change: str) -> None:
    desk.approve(now=NOW.replace(hour=7))
    draft = desk.ledger.draft("f-1")
    assert draft is not None
    assert draft.uid is not None
    match change:
        case "edited":  # a program stores it anew
            desk.mailbox.delete(APPROVED, draft.uid)
            desk.mailbox.deliver(APPROVED, letter("Dear Dana,\r\n\r\nanother word.\r\n"), NOW)
        case "moved":
            desk.mailbox.move(APPROVED, draft.uid, "Drafts")
        case "deleted":
            desk.mailbox.delete(APPROVED, draft.uid)
        case "marked deleted":
            desk.mailbox.mark(APPROVED, draft.uid, "\\Draft", "\\Deleted")
        case "renumbered":
            desk.mailbox.renumber(APPROVED)
        case _:
            desk.ledger.change_draft(replace(draft, folder="No such folder"))
    assert desk.work() == [Event.REFUSED]
    assert not desk.server.commands
    assert "after you approved it" in (desk.row.reply or "")


@pytest.mark.parametrize("state", [DraftState.SENT, DraftState.WITHDRAWING])
def test_a_letter_that_the_person_sent_meanwhile_is_not_sent_again(desk: Desk, state: DraftState) -> None:
    desk.approve(now=NOW.replace(hour=7))
    draft = desk.ledger.draft("f-1")
    assert draft is not None
    desk.ledger.change_draft(replace(draft, state=state))
    assert desk.work() == [Event.REFUSED]
    assert not desk.server.commands


# --------------------------------------------------------------------------------------------------- what comes of it


def test_a_deferred_letter_is_tried_again_ever_more_seldom_and_then_given_up(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk({"RCPT": b"450 4.2.1 Greylisted\r\n"})
    desk.approve(at_once=True)
    now = NOW
    for delay in BACK_OFF:
        assert desk.work(now) == [Event.DEFERRED]
        assert desk.work(now + delay - timedelta(seconds=1)) == []
        now += delay
        assert desk.sending.next_at() == now
    assert now - NOW < timedelta(hours=24)
    assert desk.work(now) == [Event.REFUSED]
    assert "450 4.2.1 Greylisted" in (desk.row.reply or "")
    assert desk.sending.next_at() is None
    assert len([command for command in desk.server.commands if command.startswith("RCPT")]) == len(BACK_OFF) + 1


def test_a_letter_deferred_once_arrives_once(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk({"end": [b"451 4.7.1 Later\r\n"]})
    desk.approve()
    assert desk.work() == [Event.DEFERRED]
    assert desk.work(NOW + BACK_OFF[0]) == [Event.SENT]
    first, second = desk.server.letters  # the first one was refused with its end
    assert first.message != second.message  # each has the instant of its attempt
    assert message_from_bytes(first.message)["Message-ID"] == message_from_bytes(second.message)["Message-ID"]
    assert desk.copies == [second.message]


def test_another_attempt_keeps_to_business_hours_too(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk({"MAIL": [b"421 4.3.2 Busy\r\n"]})
    evening = NOW.replace(hour=17, minute=59, second=30)
    desk.approve(now=evening)
    assert desk.work(evening) == [Event.DEFERRED]
    assert desk.sending.next_at() == NOW.replace(day=2, hour=8)


def test_a_server_that_refuses_ends_it_and_is_not_asked_again(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk({"RCPT": [b"550 5.1.1 Nobody here\r\n"]})
    desk.approve()
    assert desk.work() == [Event.REFUSED]
    assert "550 5.1.1 Nobody here" in (desk.row.reply or "")
    draft = desk.ledger.draft("f-1")
    assert draft is not None
    assert draft.state is DraftState.APPENDED
    # A draft that cannot be taken out of Approved is approved again at each pass: that must not knock again and again.
    answer = desk.sending.approve(draft, letter(), NOW + timedelta(seconds=30), at_once=False)
    assert isinstance(answer, Refusal)
    assert "550 5.1.1 Nobody here" in answer.reasons[0]
    later = NOW + SAME_REFUSAL
    assert isinstance(desk.sending.approve(draft, letter(), later, at_once=False), Approval)
    assert desk.work(later) == [Event.SENT]


def test_a_refused_login_is_tried_seldom_and_told(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(password="wrong")
    desk.approve()
    assert desk.work() == [Event.LOGIN_REFUSED]
    assert desk.sending.next_at() == NOW + LOGIN_BACK_OFF
    desk.password = PASSWORD
    assert desk.work(NOW + LOGIN_BACK_OFF) == [Event.SENT]


def test_without_a_server_the_letter_waits(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk()
    desk.server.__exit__()
    desk.approve()
    assert desk.work() == [Event.DEFERRED]
    assert desk.row.state is SendingState.DEFERRED


def test_a_server_with_troubles_is_asked_once_a_pass(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk({"MAIL": [b"421 4.3.2 Busy\r\n"]})
    desk.approve()
    desk.approve(letter("Dear Dana,\r\n\r\nand one thing more.\r\n"), followup="f-2")
    assert desk.work() == [Event.DEFERRED]
    assert desk.sending.next_at() == NOW
    assert desk.work() == [Event.SENT]  # the second one; the first has its back-off
    assert desk.work(NOW + BACK_OFF[0]) == [Event.SENT]


def test_a_refused_login_is_spared_for_every_letter(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(password="wrong")
    for number in range(1, 5):
        desk.approve(letter(f"Dear Dana,\r\n\r\nthis is number {number}.\r\n"), followup=f"f-{number}")
    assert desk.work() == [Event.LOGIN_REFUSED]
    assert desk.sending.next_at() == NOW + LOGIN_BACK_OFF
    for minutes in range(1, 59, 5):
        assert desk.work(NOW + timedelta(minutes=minutes)) == []
    assert len([command for command in desk.server.commands if command.startswith("AUTH")]) == 1
    desk.password = PASSWORD
    assert desk.work(NOW + LOGIN_BACK_OFF) == [Event.SENT] * 4


# ------------------------------------------------------------------------------------------------------------- unknown


def test_what_may_have_gone_out_is_looked_for_and_never_sent_again(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk({"end": [Act.DROP]})
    desk.approve()
    assert desk.work() == [Event.UNKNOWN]
    assert desk.row.message is None  # so nothing can send it
    for look in LOOKS[:-1]:
        assert desk.sending.next_at() == NOW + look
        assert desk.work(NOW + look) == []
    assert desk.work(NOW + LOOKS[-1]) == [Event.LOST_SIGHT]
    assert desk.sending.next_at() is None
    for days in range(1, 10):
        assert desk.work(NOW + timedelta(days=days)) == []
    assert desk.row.state is SendingState.UNKNOWN
    assert len(desk.server.letters) == 1
    draft = desk.ledger.draft("f-1")
    assert draft is not None
    changed = letter("Dear Dana,\r\n\r\nin other words.\r\n")
    answer = desk.sending.approve(draft, changed, NOW + timedelta(days=10), at_once=True)
    assert isinstance(answer, Refusal)
    assert "not known whether" in answer.reasons[0]


@pytest.mark.parametrize("look", LOOKS)
def test_what_may_have_gone_out_and_is_in_sent_has_gone_out(open_desk: Callable[..., Desk], look: timedelta) -> None:
    desk = open_desk({"end": [Act.DROP]})
    desk.approve()
    desk.work()
    for earlier in LOOKS:
        if earlier < look:
            assert desk.work(NOW + earlier) == []
    desk.mailbox.deliver("Sent", letter().replace(OUR_ID.encode(), b"x" + OUR_ID.encode()), NOW)
    desk.mailbox.deliver("Sent", desk.server.letters[0].message, NOW)
    assert desk.work(NOW + look) == [Event.SENT]
    assert len(desk.copies) == 2
    draft = desk.ledger.draft("f-1")
    assert draft is not None
    assert draft.state is DraftState.SENT


def test_another_letter_with_a_similar_message_id_is_not_the_one(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk({"end": [Act.DROP]})
    desk.approve()
    desk.work()
    desk.mailbox.deliver("Sent", letter().replace(OUR_ID.encode(), b"x" + OUR_ID.encode()), NOW)
    assert desk.work(NOW + LOOKS[0]) == []
    assert desk.row.state is SendingState.UNKNOWN


def test_a_letter_seen_in_sent_by_the_watch_over_drafts_is_settled_all_the_same(
    open_desk: Callable[..., Desk],
) -> None:
    desk = open_desk({"end": [Act.DROP]})
    desk.approve()
    desk.work()
    desk.mailbox.deliver("Sent", desk.server.letters[0].message, NOW)
    draft = desk.ledger.draft("f-1")
    assert draft is not None
    desk.ledger.change_draft(replace(draft, state=DraftState.SENT), Sent(at=NOW, followup_id="f-1"))
    assert desk.work(NOW + LOOKS[0]) == [Event.SENT]
    assert len([act for act in desk.ledger.acts() if isinstance(act, Sent)]) == 1


# ------------------------------------------------------------------------------------------------- the process ends


@pytest.mark.parametrize("step", ["before the connection", "before the end is written down"])
def test_what_provably_nobody_has_is_sent_after_a_crash(desk: Desk, step: str) -> None:
    desk.approve()
    desk.killed(step)
    assert desk.row.state is SendingState.SENDING
    assert desk.work(NOW + timedelta(seconds=5)) == [Event.DEFERRED]
    assert desk.work(NOW + timedelta(minutes=2)) == [Event.SENT]
    assert len(desk.server.letters) == len(desk.copies) == 1


@pytest.mark.parametrize("step", ["after the end is written down", "after the reply"])
def test_what_somebody_may_have_is_not_sent_after_a_crash(desk: Desk, step: str) -> None:
    desk.approve()
    desk.killed(step)
    assert desk.row.state is SendingState.HANDING_OVER
    assert desk.work(NOW + timedelta(seconds=5)) == [Event.UNKNOWN]
    for minutes in (2, 20, 200, 2000):
        desk.work(NOW + timedelta(minutes=minutes))
    assert len(desk.server.letters) <= 1
    assert desk.row.state is SendingState.UNKNOWN


def test_a_process_that_dies_again_and_again_gives_up_in_the_end(desk: Desk) -> None:
    desk.approve(at_once=True)
    now = NOW
    for _ in range(len(BACK_OFF) + 1):
        desk.killed("before the connection", now)
        events = desk.work(now)
        now = desk.row.next_at or now
    assert events == [Event.REFUSED]
    assert not desk.server.letters


def test_a_crash_after_the_acceptance_does_not_lose_the_copy(desk: Desk) -> None:
    desk.approve()
    desk.mailbox.before = _raise(Killed())
    with pytest.raises(Killed):
        desk.work()
    assert desk.row.state is SendingState.ACCEPTED
    desk.mailbox.before = lambda: None
    assert desk.work(NOW + timedelta(minutes=10)) == []
    assert len(desk.server.letters) == len(desk.copies) == 1


KILLS = ("before the connection", "before the end is written down", "after the end is written down", "after the reply")
TROUBLES: dict[str, dict[str, Behaviour | list[Behaviour]]] = {
    "none": {},
    "busy": {"greeting": b"421 4.3.2 Busy\r\n"},
    "greylisted": {"RCPT": b"450 4.2.1 Later\r\n"},
    "dropped early": {"RCPT": Act.DROP},
    "full": {"end": b"452 4.3.1 Full\r\n"},
    "dropped late": {"end": Act.DROP},
    "garbage": {"end": b"garbage\r\n"},
}


@settings(max_examples=100, deadline=None)
@given(
    passes=st.lists(
        st.tuples(
            st.sampled_from((*["none"] * 5, *sorted(TROUBLES))),
            st.sampled_from((None, None, None, *KILLS)),
            st.sampled_from((0, 1, 6, 20, 90, 600)),
            st.sampled_from(("", "", "approve", "approve other words", "call off")),
        ),
        min_size=4,
        max_size=12,
    )
)
def test_whatever_happens_in_whatever_order_at_most_one_letter_arrives(
    passes: list[tuple[str, str | None, int, str]],
) -> None:
    with SmtpServer() as server:
        desk = Desk(server)
        desk.approve(at_once=True)
        now, arrived = NOW, 0
        for trouble, kill, minutes, wish in passes:
            now += timedelta(minutes=minutes)
            if wish.startswith("approve"):
                words = letter("Dear Dana,\r\n\r\nin other words.\r\n") if "other" in wish else letter()
                draft = desk.ledger.draft("f-1")
                if draft is not None and draft.state is not DraftState.SENT:
                    desk.sending.approve(desk.put(words), words, now, at_once=True)
            elif wish:
                desk.sending.call_off("f-1", "You took the draft back.", now)
            server.moments, before = TROUBLES[trouble], len(server.letters)
            desk.dies = kill
            with suppress(Killed):
                desk.work(now)
            desk.dies = None
            # A server that refuses a letter at its end has not taken it; one that says nothing may have.
            arrived += len(server.letters) - before if trouble != "full" else 0
            assert arrived <= 1
        state = desk.row.state
        if arrived == 0:
            assert state is not SendingState.ACCEPTED
        assert len(desk.copies) <= (state is SendingState.ACCEPTED)


# ------------------------------------------------------------------------------------------------------------ the copy


def test_a_provider_that_files_the_copy_itself_is_left_to_it(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(files_sent=True)
    desk.approve()
    assert desk.work() == [Event.SENT]
    assert desk.copies == []
    assert desk.row.message is None


def test_a_copy_whose_answer_was_lost_is_looked_for_first(desk: Desk) -> None:
    desk.approve()
    desk.mailbox.after = _raise(LinkLost("gone"))
    with pytest.raises(LinkLost):
        desk.work()
    desk.mailbox.after = lambda: None
    assert desk.work(NOW + timedelta(minutes=1)) == []
    assert desk.work(NOW + timedelta(minutes=10)) == []
    assert len(desk.copies) == 1
    assert desk.row.next_at is None


def test_a_copy_that_never_arrived_is_stored_later(desk: Desk) -> None:
    desk.approve()
    desk.mailbox.before = _raise(LinkLost("gone"))
    with pytest.raises(LinkLost):
        desk.work()
    desk.mailbox.before = lambda: None
    desk.work(NOW + timedelta(minutes=9))
    assert desk.copies == []
    desk.work(NOW + timedelta(minutes=10))
    assert len(desk.copies) == 1


def test_a_server_that_takes_no_copy_is_asked_for_a_day_and_no_longer(desk: Desk) -> None:
    desk.approve()
    desk.mailbox.before = _raise(MailboxError("over quota"))
    assert desk.work() == [Event.SENT]
    assert desk.sending.next_at() == NOW + timedelta(minutes=10)
    desk.work(NOW + timedelta(hours=25))
    assert desk.sending.next_at() is None
    assert desk.copies == []


def test_a_letter_in_sent_already_is_not_filed_again(desk: Desk) -> None:
    desk.approve()
    desk.mailbox.deliver("Sent", letter(), NOW)
    assert desk.work() == [Event.SENT]
    assert len(desk.copies) == 1


# ----------------------------------------------------------------------------------------------------------- the states


def test_no_edge_leads_from_a_letter_that_may_be_out_to_another_attempt() -> None:
    for after in (SendingState.APPROVED, SendingState.SENDING, SendingState.DEFERRED, SendingState.HANDING_OVER):
        for before in (SendingState.UNKNOWN, SendingState.ACCEPTED, SendingState.REFUSED):
            with pytest.raises(ValueError, match="cannot go"):
                check_edge(before, after)


def test_the_ledger_keeps_to_the_edges(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk({"end": Act.DROP})
    desk.approve()
    desk.work()
    with pytest.raises(ValueError, match="cannot go from unknown to sending"):
        desk.ledger.change_sending(replace(desk.row, state=SendingState.SENDING))


def test_instants_survive_the_ledger(desk: Desk) -> None:
    row = desk.approve(now=datetime(2026, 12, 1, 23, tzinfo=UTC))
    assert desk.row == row
