"""What the person asks for by moving drafts is done once, wherever a pass is cut off; on the memory twin."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from composer.acts import Gone, Muted, Place, Placed, Resumed, Withdrawn
from composer.letter import Voice
from composer.policy import Policy, Vacation
from daemon.account import AccountSettings
from daemon.approvals import SendingState
from daemon.drafts import DraftRow, DraftState
from daemon.errors import LinkLost
from daemon.gestures import comes_back, read_wish
from daemon.keeper import Keeper
from daemon.ledger import Ledger
from daemon.mailbox import Appended
from daemon.maildir import open_maildir
from daemon.memory import MemoryMailbox
from daemon.transport import Accepted, Outcome, Parcel, Refused, Transport, Unknown
from parsers.extract import Reader
from parsers.model import Address
from tests.process.conftest import invitation

ZONE = ZoneInfo("America/New_York")
ME = "noor@letters.example"
DANA = "dana.lee@northwind.example"
START = datetime(2026, 12, 1, 14, tzinfo=ZONE)  # a Tuesday
EVENING = START + timedelta(hours=5)  # after the recipient's business hours
MORNING = datetime(2026, 12, 2, 9, 30, tzinfo=ZONE)
APPROVED, LATER, NEVER = "Tactful/Approved", "Tactful/Later", "Tactful/Never"
CONTROLS = (APPROVED, LATER, NEVER)


class Postbox(Transport):
    """A way out that keeps what it was given, and answers as it is told."""

    def __init__(self) -> None:
        self.parcels: list[Parcel] = []
        self.answer: Outcome = Accepted(reply="250 taken")

    @property
    def files_sent(self) -> bool:
        return False

    def send(self, parcel: Parcel, about_to_end: Callable[[], None]) -> Outcome:
        about_to_end()
        self.parcels.append(parcel)
        return self.answer


class BrittleMailbox(MemoryMailbox):
    """The twin, on whose connection the n-th write is lost: before it is done, or its answer only."""

    writes = 0
    lost: int | None = None
    answer_only = False
    can_move = True
    now_is: datetime = EVENING

    def __init__(self) -> None:
        super().__init__(lambda: self.now_is)

    def _write(self, done: Callable[[], Any]) -> Any:
        self.writes += 1
        if self.writes == self.lost and not self.answer_only:
            raise LinkLost("cut off before")
        result = done()
        if self.writes == self.lost:
            raise LinkLost("cut off after")
        return result

    def store(self, folder: str, message: bytes, *, flags: frozenset[str] = frozenset()) -> Appended:
        stored: Appended = self._write(lambda: super(BrittleMailbox, self).store(folder, message, flags=flags))
        return stored

    def expunge_draft(self, folder: str, uid: int) -> bool:
        return self.can_move and bool(self._write(lambda: super(BrittleMailbox, self).expunge_draft(folder, uid)))

    def move(self, folder: str, uid: int, target: str) -> bool:
        return self.can_move and bool(self._write(lambda: super(BrittleMailbox, self).move(folder, uid, target)))

    # ------------------------------------------------------------------------------------------------- the person

    def carries(self, folder: str, target: str) -> int:
        """The person moves the only message of a folder; give its UID there."""
        (uid,) = self.uids(folder)
        assert super().move(folder, uid, target)
        return max(self.uids(target))

    def copies(self, folder: str, target: str) -> int:
        """The person copies the only message of a folder."""
        (uid,) = self.uids(folder)
        return self.deliver(target, self.whole(folder, uid) or b"", self.now_is, ("\\Draft", "\\Seen"))

    def edits(self, folder: str, change: Callable[[bytes], bytes], message_id: str = "edited@letters.example") -> int:
        """The person edits the only message of a folder; mail programs store it anew, under another Message-ID."""
        (uid,) = self.uids(folder)
        message = change(self.whole(folder, uid) or b"")
        message = re.sub(rb"(?i)message-id: <[^>]+>", b"Message-ID: <" + message_id.encode() + b">", message)
        self.delete(folder, uid)
        return self.deliver(folder, message, self.now_is, ("\\Draft", "\\Seen"))


def complete(message: bytes) -> bytes:
    """Write the letter's text, as a person does who fills the gaps in."""
    header = message.partition(b"\r\n\r\n")[0]
    text = (
        b"Hi Dana,\r\n\r\nthank you for your time on Tuesday, and for the talk about the Data Engineer role at\r\n"
        b"Northwind Freight. Your plans for the caching project are what I would like to work on most.\r\n\r\n"
        b"Best regards,\r\nNoor Haddad\r\n"
    )
    return header.replace(b"quoted-printable", b"7bit") + b"\r\n\r\n" + text


def subject(prefix: str) -> Callable[[bytes], bytes]:
    """Put words before the subject."""
    return lambda message: message.replace(b"Subject: ", b"Subject: " + prefix.encode(), 1)


def settings_of(*, controls: bool, transport: Transport | None) -> AccountSettings:
    """The one account."""
    return AccountSettings(
        reader=Reader(account="personal", addresses=frozenset({ME}), full_name="Noor Haddad", timezone=ZONE.key),
        identities=(Address(address=ME, name="Noor Haddad"),),
        voice=Voice(full_name="Noor Haddad"),
        look_back=timedelta(days=60),
        controls=controls,
        transport=transport,
    )


@dataclass
class Desk:
    """One account with a draft in Drafts, and processes that come and go."""

    invitation: EmailMessage
    mailbox: BrittleMailbox = field(default_factory=BrittleMailbox)
    ledger: Ledger = field(default_factory=Ledger.in_memory)
    postbox: Postbox | None = field(default_factory=Postbox)
    policy: Policy = field(default_factory=lambda: Policy(timezone=ZONE.key))
    controls: bool = True
    keeper: Keeper = field(init=False)

    def __post_init__(self) -> None:
        self.mailbox.deliver("INBOX", self.invitation.as_bytes(policy=SMTP), START - timedelta(days=3))
        self.restart()
        self.keep(EVENING)
        assert len(self.mailbox.uids("Drafts")) == 1

    def restart(self) -> None:
        """A new process on the same state directory."""
        settings = settings_of(controls=self.controls, transport=self.postbox)
        self.keeper = Keeper([settings], self.ledger, self.policy)
        self.keeper.attach("personal", self.mailbox)

    def keep(self, now: datetime) -> datetime | None:
        """Make a pass; give when the next one is wanted."""
        self.mailbox.now_is = now
        return self.keeper.keep("personal", now)[0].next_at

    @property
    def row(self) -> DraftRow:
        """The thank-you's row."""
        return next(row for row in self.ledger.drafts() if row.followup.kind == "thank_you")

    @property
    def where(self) -> dict[str, int]:
        """How many messages lie where a draft may lie."""
        return {folder: n for folder in ("Drafts", *CONTROLS) if (n := len(self.mailbox.uids(folder)))}

    @property
    def sent(self) -> list[str]:
        """To whom letters went out."""
        return [
            recipient for parcel in (self.postbox.parcels if self.postbox else []) for recipient in parcel.recipients
        ]

    @property
    def notices(self) -> list[str]:
        """The texts that were written to the person."""
        return [
            message_from_bytes(row.message or b"", policy=default).get_content()
            for row in self.ledger.notices("personal")
        ]

    @property
    def status(self) -> dict[str, Any]:
        """The JSON part of the one status message."""
        (uid,) = self.mailbox.uids("Tactful")
        return document(self.mailbox.whole("Tactful", uid) or b"")

    def acts(self, *kinds: type) -> list[Any]:
        """The acts of these kinds."""
        return [act for act in self.ledger.acts() if isinstance(act, kinds)]


def document(message: bytes) -> dict[str, Any]:
    mail = message_from_bytes(message, policy=default)
    assert isinstance(mail, EmailMessage)
    (part,) = [part for part in mail.walk() if part.get_content_type() == "application/json"]
    found: dict[str, Any] = json.loads(part.get_payload(decode=True))
    return found


@pytest.fixture
def invite() -> Callable[..., EmailMessage]:
    """Give the function that writes an invitation."""
    return invitation


@pytest.fixture
def desk(invite: Callable[..., EmailMessage]) -> Desk:
    return Desk(invite(ME, START))


# --------------------------------------------------------------------------------------------------------- the folders


def test_the_folders_are_made_only_where_gestures_are_wanted(invite: Callable[..., EmailMessage]) -> None:
    for controls in (False, True):
        desk = Desk(invite(ME, START), controls=controls)
        names = {folder.name for folder in desk.mailbox.folders()}
        assert ({"Tactful", *CONTROLS} <= names) is controls
        assert any("Tactful" in name for name in names) is controls


# ----------------------------------------------------------------------------------------------------------- approved


def test_an_approved_letter_is_sent_once_in_business_hours_and_its_draft_is_gone(desk: Desk) -> None:
    desk.mailbox.edits("Drafts", complete)
    desk.keep(EVENING + timedelta(minutes=5))
    desk.mailbox.carries("Drafts", APPROVED)
    wanted = desk.keep(EVENING + timedelta(minutes=10))
    assert desk.sent == []
    assert wanted == datetime(2026, 12, 2, 8, tzinfo=ZONE)
    assert desk.where == {APPROVED: 1}
    for minutes in range(3):
        desk.keep(MORNING + timedelta(minutes=minutes))
        desk.restart()
    assert desk.sent == [DANA]
    assert desk.where == {}
    assert desk.row.state is DraftState.SENT
    assert len(desk.mailbox.uids("Sent")) == 1
    assert desk.notices == []
    assert [entry["sending"]["state"] for entry in desk.status["entries"] if entry["what"] == "draft"] == ["accepted"]


def test_now_before_the_subject_sends_at_once_and_is_not_sent_itself(desk: Desk) -> None:
    desk.mailbox.edits("Drafts", lambda message: subject("+NOW ")(complete(message)))
    desk.mailbox.carries("Drafts", APPROVED)
    desk.keep(EVENING + timedelta(minutes=5))
    assert desk.sent == [DANA]
    assert desk.postbox is not None
    sent = message_from_bytes(desk.postbox.parcels[0].message, policy=default)
    assert sent["Subject"] == "Re: Interview: Data Engineer at Northwind Freight"


def test_a_letter_with_a_gap_is_refused_comes_back_and_the_person_is_told_once_a_move(desk: Desk) -> None:
    before = desk.mailbox.whole("Drafts", 1)
    for move in (1, 2):
        desk.mailbox.carries("Drafts", APPROVED)
        for minutes in range(3):
            desk.keep(EVENING + timedelta(minutes=10 * move + minutes))
            desk.restart()
        assert desk.where == {"Drafts": 1}
        assert len(desk.notices) == move
    assert "[[" in desk.notices[0]
    (uid,) = desk.mailbox.uids("Drafts")
    assert desk.mailbox.whole("Drafts", uid) == before
    assert desk.sent == []
    assert desk.row.note is not None
    assert desk.row.note.startswith("not sent: ")


def test_without_a_server_for_letters_it_goes_back_and_the_status_says_so(invite: Callable[..., EmailMessage]) -> None:
    desk = Desk(invite(ME, START), postbox=None)
    desk.mailbox.carries("Drafts", APPROVED)
    desk.keep(EVENING + timedelta(minutes=5))
    assert desk.where == {"Drafts": 1}
    assert "No SMTP server" in desk.notices[0]
    assert any("no SMTP server" in problem for problem in desk.status["problems"])


def test_what_was_refused_once_is_not_sent_later_without_another_move(invite: Callable[..., EmailMessage]) -> None:
    desk = Desk(invite(ME, START), postbox=None)
    desk.mailbox.edits("Drafts", complete)
    desk.mailbox.can_move = False
    desk.mailbox.carries("Drafts", APPROVED)
    desk.keep(EVENING + timedelta(minutes=5))
    desk.postbox = Postbox()
    desk.restart()
    desk.keep(MORNING)
    assert desk.where == {APPROVED: 1}
    assert desk.sent == []
    desk.mailbox.carries(APPROVED, "Drafts")
    desk.keep(MORNING + timedelta(minutes=5))
    desk.mailbox.carries("Drafts", APPROVED)
    desk.keep(MORNING + timedelta(minutes=10))
    assert desk.sent == [DANA]


@pytest.mark.parametrize("instead", ["Drafts", "Trash", LATER, NEVER])
def test_what_is_taken_back_before_its_hour_is_not_sent(desk: Desk, instead: str) -> None:
    desk.mailbox.edits("Drafts", complete)
    desk.mailbox.carries("Drafts", APPROVED)
    desk.keep(EVENING + timedelta(minutes=5))
    sending = desk.ledger.sending_of(desk.row.id)
    assert sending is not None
    assert sending.state is SendingState.APPROVED
    desk.mailbox.carries(APPROVED, instead)
    desk.restart()
    desk.keep(MORNING)
    desk.keep(MORNING + timedelta(days=1))
    assert desk.sent == []
    called_off = desk.ledger.sending_of(desk.row.id)
    assert called_off is not None
    assert called_off.state is SendingState.REFUSED
    assert desk.notices == []


def test_a_letter_that_was_taken_back_can_be_approved_again(desk: Desk) -> None:
    desk.mailbox.edits("Drafts", complete)
    desk.mailbox.carries("Drafts", APPROVED)
    desk.keep(EVENING + timedelta(minutes=5))
    desk.mailbox.carries(APPROVED, "Drafts")
    desk.keep(EVENING + timedelta(minutes=10))
    desk.mailbox.carries("Drafts", APPROVED)
    desk.keep(EVENING + timedelta(minutes=15))
    desk.keep(MORNING)
    assert desk.sent == [DANA]


def test_a_copy_counts_as_a_move_and_the_original_does_not_stay(desk: Desk) -> None:
    desk.mailbox.edits("Drafts", complete)
    desk.mailbox.copies("Drafts", APPROVED)
    desk.keep(MORNING)
    desk.keep(MORNING + timedelta(minutes=1))
    assert desk.sent == [DANA]
    assert desk.where == {}


def test_what_was_changed_in_approved_is_sent_as_it_is_now(desk: Desk) -> None:
    desk.mailbox.edits("Drafts", complete)
    desk.mailbox.carries("Drafts", APPROVED)
    desk.keep(EVENING + timedelta(minutes=5))
    desk.mailbox.edits(
        APPROVED, lambda message: message.replace(b"caching project", b"data platform"), "again@letters.example"
    )
    desk.keep(EVENING + timedelta(minutes=10))
    desk.keep(MORNING)
    assert desk.sent == [DANA]
    assert desk.postbox is not None
    assert b"data platform" in desk.postbox.parcels[0].message


def test_the_status_tells_no_problem_of_a_letter_that_went_out_in_this_very_pass(desk: Desk) -> None:
    desk.mailbox.edits("Drafts", lambda message: subject("+now ")(complete(message)))
    desk.mailbox.carries("Drafts", APPROVED)
    desk.keep(EVENING + timedelta(minutes=5))
    assert desk.sent == [DANA]
    assert desk.status["problems"] == []


def second_letter(desk: Desk) -> datetime:
    """The person deletes the thank-you; a week later another letter to the same person is in Drafts. Give the hour."""
    (uid,) = desk.mailbox.uids("Drafts")
    desk.mailbox.delete("Drafts", uid)
    due = desk.keep(MORNING)
    assert due is not None
    desk.keep(due)
    assert desk.where == {"Drafts": 1}
    assert desk.row.state is DraftState.GONE
    return due


@pytest.mark.parametrize("lost", [2, 3])  # the copy for Sent is the first write after a letter went out
def test_what_is_sent_and_still_lies_there_is_not_taken_for_another_letter_to_that_person(
    desk: Desk, lost: int
) -> None:
    due = second_letter(desk)
    desk.mailbox.edits("Drafts", lambda message: subject("+now ")(complete(message)))
    desk.mailbox.carries("Drafts", APPROVED)
    desk.mailbox.writes, desk.mailbox.lost = 0, lost
    for minutes in range(3):
        try:
            desk.keep(due + timedelta(minutes=minutes))
        except LinkLost:
            desk.restart()
    assert desk.sent == [DANA]
    assert desk.where == {}


def test_what_cannot_be_removed_after_it_was_sent_is_not_sent_as_another_letter(desk: Desk) -> None:
    due = second_letter(desk)
    desk.mailbox.can_move = False
    desk.mailbox.edits("Drafts", lambda message: subject("+now ")(complete(message)))
    desk.mailbox.carries("Drafts", APPROVED)
    for days in range(3):
        desk.keep(due + timedelta(days=days))
    assert desk.row.state is DraftState.GONE
    desk.mailbox.renumber(APPROVED)  # now nothing but the bytes tells what it is
    for days in range(3, 6):
        desk.keep(due + timedelta(days=days))
    assert desk.sent == [DANA]
    assert any("went out already" in notice for notice in desk.notices)


def test_news_that_makes_it_wrong_calls_it_off_and_the_draft_is_the_persons(desk: Desk) -> None:
    desk.mailbox.edits("Drafts", complete)
    desk.mailbox.carries("Drafts", APPROVED)
    desk.keep(EVENING + timedelta(minutes=5))
    desk.mailbox.deliver("INBOX", rejection(), EVENING + timedelta(hours=1))
    desk.keep(EVENING + timedelta(hours=1))
    desk.keep(MORNING)
    assert desk.sent == []
    assert desk.where["Drafts"] == 1
    assert desk.row.state is DraftState.TAKEN_OVER
    assert "S1" in desk.notices[0]
    assert desk.acts(Withdrawn) == []


def test_an_untouched_letter_that_is_called_off_is_not_taken_away_either(desk: Desk) -> None:
    desk.mailbox.carries("Drafts", APPROVED)
    desk.mailbox.deliver("INBOX", rejection(), EVENING + timedelta(hours=1))
    desk.keep(EVENING + timedelta(hours=1))
    desk.keep(MORNING)
    assert desk.where["Drafts"] == 1
    assert desk.row.state is DraftState.TAKEN_OVER
    assert desk.sent == []


def rejection() -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = "Dana Lee <dana.lee@northwind.example>"
    mail["To"] = f"Noor Haddad <{ME}>"
    mail["Subject"] = "Re: Interview: Data Engineer at Northwind Freight"
    mail["Message-ID"] = "<no@northwind.example>"
    mail["In-Reply-To"] = "<mail.loop-1@northwind.example>"
    mail.set_content(
        "Hi Noor,\n\nthank you for your interest in the Data Engineer role. Unfortunately, we have decided to move "
        "forward with another candidate.\n\nBest,\nDana Lee\n"
    )
    return mail.as_bytes()


def test_what_the_server_refuses_comes_back_with_its_words(desk: Desk) -> None:
    assert desk.postbox is not None
    desk.postbox.answer = Refused(reply="550 5.1.1 no such person")
    desk.mailbox.edits("Drafts", complete)
    desk.mailbox.carries("Drafts", APPROVED)
    for minutes in range(4):
        desk.keep(MORNING + timedelta(minutes=minutes))
    assert desk.sent == [DANA]
    assert desk.where == {"Drafts": 1}
    assert "no such person" in desk.notices[0]


def test_what_may_have_gone_out_stays_where_it_is_and_is_told(desk: Desk) -> None:
    assert desk.postbox is not None
    desk.postbox.answer = Unknown(reply="no reply came")
    desk.mailbox.edits("Drafts", complete)
    desk.mailbox.carries("Drafts", APPROVED)
    for hours in range(4):
        desk.keep(MORNING + timedelta(hours=hours))
        desk.restart()
    assert desk.sent == [DANA]
    assert desk.where == {APPROVED: 1}
    assert any("not known" in problem for problem in desk.status["problems"])
    assert len(desk.notices) == 1


# -------------------------------------------------------------------------------------------------------------- later


def test_what_is_put_off_comes_back_on_the_next_morning_byte_for_byte(desk: Desk) -> None:
    before = desk.mailbox.whole("Drafts", 1)
    desk.mailbox.carries("Drafts", LATER)
    wanted = desk.keep(EVENING + timedelta(minutes=5))
    assert desk.where == {LATER: 1}
    assert wanted == datetime(2026, 12, 2, 8, tzinfo=ZONE)
    desk.restart()
    desk.keep(datetime(2026, 12, 2, 7, 59, tzinfo=ZONE))
    assert desk.where == {LATER: 1}
    desk.keep(datetime(2026, 12, 2, 8, tzinfo=ZONE))
    assert desk.where == {"Drafts": 1}
    (uid,) = desk.mailbox.uids("Drafts")
    assert desk.mailbox.whole("Drafts", uid) == before
    assert desk.row.state is DraftState.APPENDED, "nobody has changed it, so it is still ours to take back"
    assert [act.place for act in desk.acts(Placed)] == [Place.LATER, Place.DRAFTS]


def test_days_before_the_subject_say_when_it_comes_back_and_stay_there(desk: Desk) -> None:
    desk.mailbox.edits("Drafts", subject("+3d "))
    desk.mailbox.carries("Drafts", LATER)
    desk.keep(EVENING + timedelta(minutes=5))
    desk.keep(datetime(2026, 12, 4, 7, 59, tzinfo=ZONE))
    assert desk.where == {LATER: 1}
    desk.keep(datetime(2026, 12, 4, 8, tzinfo=ZONE))
    assert desk.where == {"Drafts": 1}
    (uid,) = desk.mailbox.uids("Drafts")
    assert b"Subject: +3d Re:" in (desk.mailbox.whole("Drafts", uid) or b""), "what the person wrote is theirs"


def test_the_days_away_do_not_make_it_stale(desk: Desk) -> None:
    stale_at = desk.row.followup.stale_at
    desk.mailbox.carries("Drafts", LATER)
    gone_at = stale_at - timedelta(hours=1)
    desk.keep(gone_at)
    desk.keep(stale_at + timedelta(hours=1))
    assert desk.where[LATER] == 1
    back = datetime(2026, 12, 4, 8, tzinfo=ZONE)
    desk.keep(back)
    assert desk.where == {"Drafts": 1}
    desk.keep(back + timedelta(minutes=59))
    assert desk.where == {"Drafts": 1}
    desk.keep(back + timedelta(minutes=61))
    assert desk.where == {}
    assert [act.rule for act in desk.acts(Withdrawn)] == ["T1"]


def test_what_became_wrong_while_it_was_put_off_is_taken_back_from_there(desk: Desk) -> None:
    desk.mailbox.carries("Drafts", LATER)
    desk.keep(EVENING + timedelta(minutes=5))
    desk.mailbox.deliver("INBOX", rejection(), EVENING + timedelta(hours=1))
    desk.keep(EVENING + timedelta(hours=1))
    assert desk.where == {}
    assert [act.rule for act in desk.acts(Withdrawn)] == ["S1"]


def test_what_the_person_moves_back_early_stays(desk: Desk) -> None:
    desk.mailbox.carries("Drafts", LATER)
    desk.keep(EVENING + timedelta(minutes=5))
    desk.mailbox.carries(LATER, "Drafts")
    desk.keep(EVENING + timedelta(minutes=10))
    desk.keep(MORNING)
    assert desk.where == {"Drafts": 1}
    assert [act.place for act in desk.acts(Placed)] == [Place.LATER, Place.DRAFTS]


def test_it_can_be_put_off_again_and_again(desk: Desk) -> None:
    for day in range(4):
        desk.mailbox.carries("Drafts", LATER)
        desk.keep(EVENING + timedelta(days=day))
        assert desk.where == {LATER: 1}
        desk.keep(MORNING + timedelta(days=day))
        assert desk.where == {"Drafts": 1}


def test_a_copy_in_later_takes_no_second_draft_back(desk: Desk) -> None:
    desk.mailbox.copies("Drafts", LATER)
    desk.keep(EVENING + timedelta(minutes=5))
    assert desk.where == {"Drafts": 1, LATER: 1}
    desk.keep(MORNING)
    desk.keep(MORNING + timedelta(days=1))
    assert desk.where == {"Drafts": 1}


def test_a_copy_that_cannot_be_removed_is_no_new_wish(desk: Desk) -> None:
    desk.mailbox.can_move = False
    desk.mailbox.copies("Drafts", LATER)
    for days in range(4):
        desk.keep(MORNING + timedelta(days=days))
        desk.restart()
    assert desk.where == {"Drafts": 1, LATER: 1}
    assert [act.place for act in desk.acts(Placed)] == [Place.LATER, Place.DRAFTS]


@pytest.mark.parametrize(
    ("prefix", "days"),
    [("", 0), ("+3d ", 3), ("+3D:", 3), ("+1w ", 7), ("+2W  ", 14), (" +10d ", 10), ("+999d ", 365), ("+0d ", 0),
     ("+3days ", 0), ("3d ", 0), ("+d ", 0), ("+3 d", 0), ("+now ", 0), ("Re: +3d ", 0), ("+1234d ", 0), ("+3d-", 0)],
)  # fmt: skip
def test_only_a_plain_number_of_days_or_weeks_is_a_wish(prefix: str, days: int) -> None:
    wish = read_wish(prefix + "Re: Your interview")
    assert wish.days == days
    assert wish.at_once == (prefix == "+now ")
    if days or prefix in {"", "+0d ", "+now "}:
        assert wish.subject == "Re: Your interview"
    else:
        assert wish.subject == prefix + "Re: Your interview"


@pytest.mark.parametrize(
    ("said", "now", "back"),
    [
        ("", datetime(2026, 12, 1, 19, tzinfo=ZONE), datetime(2026, 12, 2, 8, tzinfo=ZONE)),
        ("", datetime(2026, 12, 1, 6, tzinfo=ZONE), datetime(2026, 12, 1, 8, tzinfo=ZONE)),
        ("", datetime(2026, 12, 1, 8, tzinfo=ZONE), datetime(2026, 12, 2, 8, tzinfo=ZONE)),
        ("", datetime(2026, 12, 31, 20, tzinfo=ZONE), datetime(2027, 1, 6, 8, tzinfo=ZONE)),  # the vacation is over
        ("+2d ", datetime(2026, 12, 31, 20, tzinfo=ZONE), datetime(2027, 1, 2, 8, tzinfo=ZONE)),  # so they said
        ("", datetime(2027, 3, 13, 20, tzinfo=ZONE), datetime(2027, 3, 14, 8, tzinfo=ZONE)),  # clocks go forward
        ("+1w ", datetime(2026, 12, 1, 6, tzinfo=ZONE), datetime(2026, 12, 8, 8, tzinfo=ZONE)),
    ],
)
def test_it_comes_back_when_drafting_hours_begin(said: str, now: datetime, back: datetime) -> None:
    away = Vacation(start=date(2027, 1, 1), end=date(2027, 1, 5))
    policy = Policy(timezone=ZONE.key, vacations=(away,))
    assert comes_back(read_wish(said + "Re: x"), now, policy) == back


# -------------------------------------------------------------------------------------------------------------- never


def test_never_mutes_the_application_and_keeps_the_draft_as_its_sign(desk: Desk) -> None:
    desk.mailbox.carries("Drafts", NEVER)
    for days in range(0, 60, 5):
        desk.keep(EVENING + timedelta(days=days))
        desk.restart()
    assert desk.where == {NEVER: 1}
    (muted,) = desk.acts(Muted)
    assert muted.target == desk.row.followup.application
    assert muted.messages
    assert len(desk.ledger.drafts()) == 1, "no check-in was made"


def test_moving_it_back_takes_never_back(desk: Desk) -> None:
    desk.mailbox.carries("Drafts", NEVER)
    desk.keep(EVENING + timedelta(minutes=5))
    desk.mailbox.carries(NEVER, "Drafts")
    desk.keep(EVENING + timedelta(minutes=10))
    assert len(desk.acts(Resumed)) == 1
    assert desk.row.state is DraftState.TAKEN_OVER
    (uid,) = desk.mailbox.uids("Drafts")
    desk.mailbox.delete("Drafts", uid)
    desk.keep(EVENING + timedelta(minutes=15))
    desk.keep(datetime(2026, 12, 8, 9, tzinfo=ZONE))
    assert [row.followup.kind for row in desk.ledger.drafts()] == ["thank_you", "check_in_1"]


# ------------------------------------------------------------------------------------------------- several, and others


def test_where_copies_lie_in_several_places_what_does_least_counts(desk: Desk) -> None:
    desk.mailbox.edits("Drafts", complete)
    for folder in CONTROLS:
        desk.mailbox.copies("Drafts", folder)
    desk.keep(EVENING + timedelta(minutes=5))
    assert desk.acts(Placed)[-1].place is Place.NEVER
    desk.keep(MORNING)
    assert desk.sent == []


def test_what_is_deleted_from_a_place_is_gone_and_never_made_again(desk: Desk) -> None:
    for folder in (LATER, APPROVED):
        desk.mailbox.carries("Drafts" if folder == LATER else LATER, folder)
        desk.keep(EVENING + timedelta(minutes=5))
        if folder == LATER:
            continue
        (uid,) = desk.mailbox.uids(desk.row.folder)
        desk.mailbox.delete(desk.row.folder, uid)
    desk.keep(EVENING + timedelta(minutes=10))
    desk.keep(MORNING + timedelta(days=60))
    assert desk.acts(Gone)
    assert desk.sent == []
    assert [row.followup.kind for row in desk.ledger.drafts()].count(desk.row.followup.kind) == 1


def test_a_message_that_is_no_draft_of_ours_is_left_alone_and_named(desk: Desk) -> None:
    stray = b"From: noor@letters.example\r\nTo: mum@home.example\r\nSubject: Sunday <b>lunch</b>\r\n\r\nSee you!\r\n"
    for folder in CONTROLS:
        desk.mailbox.deliver(folder, stray, EVENING, ("\\Draft",))
    for days in range(3):
        desk.keep(MORNING + timedelta(days=days))
    assert {folder: desk.mailbox.whole(folder, 1) for folder in CONTROLS} == dict.fromkeys(CONTROLS, stray)
    assert sum("Sunday <b>lunch</b>" in problem for problem in desk.status["problems"]) == 3
    (uid,) = desk.mailbox.uids("Tactful")
    mail = message_from_bytes(desk.mailbox.whole("Tactful", uid) or b"", policy=default)
    (page,) = [part.get_content() for part in mail.walk() if part.get_content_type() == "text/html"]
    assert "Sunday &lt;b&gt;lunch" in page
    assert "<b>" not in page
    assert desk.sent == []


def test_a_server_that_can_move_nothing_is_said_to_be_one_and_no_second_draft_is_made(desk: Desk) -> None:
    desk.mailbox.can_move = False
    desk.mailbox.carries("Drafts", LATER)
    for days in range(3):
        desk.keep(MORNING + timedelta(days=days))
    assert desk.where == {LATER: 1}
    newest = max(desk.mailbox.uids("Tactful"))
    problems = document(desk.mailbox.whole("Tactful", newest) or b"")["problems"]
    assert any("move it yourself" in problem for problem in problems)


# ----------------------------------------------------------------------------------------------------------- cut off


GESTURES: dict[str, Callable[[Desk], object]] = {
    "approved": lambda desk: desk.mailbox.carries("Drafts", APPROVED),
    "approved by copy": lambda desk: desk.mailbox.copies("Drafts", APPROVED),
    "later": lambda desk: desk.mailbox.carries("Drafts", LATER),
    "later by copy": lambda desk: desk.mailbox.copies("Drafts", LATER),
    "never": lambda desk: desk.mailbox.carries("Drafts", NEVER),
}
ENDS = {
    "approved": {},
    "approved by copy": {},
    "later": {"Drafts": 1},
    "later by copy": {"Drafts": 1},
    "never": {NEVER: 1},
}


@pytest.mark.parametrize("answer_only", [False, True])
@pytest.mark.parametrize("lost", range(1, 7))
@pytest.mark.parametrize("gesture", GESTURES)
def test_a_link_lost_at_any_write_changes_nothing_of_the_end(
    desk: Desk, gesture: str, lost: int, answer_only: bool
) -> None:
    desk.mailbox.edits("Drafts", complete)
    desk.keep(EVENING + timedelta(minutes=1))
    others = {folder: everything(desk, folder) for folder in ("INBOX", "Trash", "Junk", "Archive")}
    desk.mailbox.writes, desk.mailbox.lost, desk.mailbox.answer_only = 0, lost, answer_only
    GESTURES[gesture](desk)
    for now in (EVENING + timedelta(minutes=5), MORNING, *(MORNING + timedelta(minutes=11 * n) for n in range(1, 6))):
        try:
            desk.keep(now)
        except LinkLost:
            desk.restart()
    desk.mailbox.lost = None
    assert desk.where == ENDS[gesture]
    assert desk.sent == ([DANA] if "approved" in gesture else [])
    assert len(desk.mailbox.uids("Sent")) == len(desk.sent)
    assert len(desk.mailbox.uids("Tactful")) == 1
    assert {folder: everything(desk, folder) for folder in others} == others
    assert len(desk.ledger.drafts()) == 1


def everything(desk: Desk, folder: str) -> dict[int, tuple[bytes | None, frozenset[str]]]:
    outlines = desk.mailbox.outlines(folder, desk.mailbox.uids(folder))
    return {outline.uid: (desk.mailbox.whole(folder, outline.uid), outline.flags) for outline in outlines}


def test_files_that_another_program_moves_in_a_maildir_are_gestures_too(
    invite: Callable[..., EmailMessage], tmp_path: Path
) -> None:
    root = tmp_path / "Mail"
    for name in ("", ".Drafts", ".Sent"):
        for part in ("cur", "new", "tmp"):
            (root / name / part).mkdir(parents=True)
    raw = invite(ME, START).as_bytes(policy=SMTP)
    arrived = root / "new" / "1.invite.host"
    arrived.write_bytes(raw.replace(b"\r\n", b"\n"))
    stamp = (START - timedelta(days=3)).timestamp()
    os.utime(arrived, (stamp, stamp))
    ledger = Ledger.in_memory()
    keeper = Keeper([settings_of(controls=True, transport=None)], ledger, Policy(timezone=ZONE.key))
    keeper.attach("personal", open_maildir(root, state_dir=tmp_path / "state"))

    keeper.keep("personal", EVENING)
    (draft,) = (root / ".Drafts" / "cur").iterdir()
    text = draft.read_bytes()
    draft.rename(root / ".Tactful.Later" / "cur" / draft.name)
    keeper.keep("personal", EVENING + timedelta(minutes=5))
    assert not list((root / ".Drafts" / "cur").iterdir())
    keeper.keep("personal", MORNING)
    (again,) = (root / ".Drafts" / "cur").iterdir()
    assert again.read_bytes() == text
    assert not list((root / ".Tactful.Later" / "cur").iterdir())
    assert len(list((root / ".Tactful" / "cur").iterdir())) == 1
    assert list((root / "new").iterdir()) == [arrived]
