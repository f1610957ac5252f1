"""Which mails become notes, which are nothing to the program, and which stay mail about an application."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from composer.acts import Asked, Noted
from composer.agenda import Agenda
from composer.letter import Voice
from composer.memo import write_memo
from daemon.errands import View
from daemon.intake import Intake
from daemon.ledger import Ledger
from daemon.memory import MemoryMailbox
from daemon.notes import Delivery, Questions
from daemon.notices import NoticeKind, Notices, post_to_inbox
from parsers.extract import Reader
from parsers.model import Address

NOW = datetime(2026, 12, 1, 21, 5, tzinfo=UTC)
DAY = date(2026, 12, 1)
ME, ALIAS = "noor@letters.example", "noor.haddad@alumni.example"
READER = Reader(
    account="personal", addresses=frozenset({ME, ALIAS}), full_name="Noor Haddad", timezone="America/New_York"
)
OUTLOOK = """caching

________________________________
From: Noor Haddad <noor@letters.example>
Sent: Tuesday, December 1, 2026 4:05 PM
To: noor@letters.example
Subject: What did you talk about?

Answer this mail.

    Dana: the caching project
"""


class House:
    """One account's mailbox and intake, with a question that was asked."""

    def __init__(self, reader: Reader = READER) -> None:
        self.ledger = Ledger.in_memory()
        self.mailbox = MemoryMailbox(lambda: NOW)
        self.notices = Notices(self.ledger, "personal", Address(address=ME, name="Noor Haddad"))
        self.intake = Intake(self.ledger, reader)
        self.question = self.notices.message_id("question")
        self.ledger.record_act(
            Asked(at=NOW, interview="u-1", visit=DAY, messages=("mail-1",), message_id=self.question)
        )
        self.notices.tell(NoticeKind.QUESTION, "question", "What did you talk about?", "Answer this mail.\n", NOW)
        Delivery("personal", self.notices, post_to_inbox).run(
            "personal", self.mailbox, View(timelines=(), agenda=Agenda(at=NOW)), NOW
        )

    def answer(self, text: str = "caching", *, folder: str = "INBOX", html: str | None = None, **fields: str) -> None:
        values = {
            "From": ME,
            "To": ME,
            "Subject": "Re: What did you talk about?",
            "Message-ID": "<a-1@phone.example>",
            "In-Reply-To": f"<{self.question}>",
            **{name.replace("_", "-"): value for name, value in fields.items()},
        }
        message = EmailMessage(policy=SMTP)
        for name, value in values.items():
            if value:
                message[name] = value
        message.set_content(html, subtype="html") if html else message.set_content(text)
        self.mailbox.deliver(folder, message.as_bytes(), NOW)

    def read(self) -> None:
        self.intake.take_in(self.mailbox, ("INBOX", "Sent"), since=NOW - timedelta(days=60))

    @property
    def notes(self) -> list[str]:
        self.read()
        return [act.text for act in self.ledger.acts() if isinstance(act, Noted)]


def test_an_answer_is_a_note_of_the_visit_that_was_asked_about() -> None:
    house = House()
    house.answer("We talked about caching.")
    assert house.notes == ["We talked about caching."]
    (noted,) = (act for act in house.ledger.acts() if isinstance(act, Noted))
    assert (noted.interview, noted.visit, noted.messages) == ("u-1", DAY, ("mail-1",))
    assert noted.source == "a-1@phone.example"
    assert house.intake.facts == ()


@pytest.mark.parametrize(
    "text",
    [
        "caching\n\nOn Tue, 1 Dec 2026 at 16:05, Noor Haddad <noor@letters.example> wrote:\n> Answer this mail.\n",
        "> Answer this mail.\n\ncaching\n",
        "caching\n-- \nNoor Haddad\n+1 555 0100\n",
        "caching\n\nSent from my iPhone\n",
        "caching\n\nAm 01.12.2026 um 22:05 schrieb Noor Haddad <noor@letters.example>:\n> Answer this mail.\n",
        OUTLOOK,
    ],
    ids=["below a Gmail quotation", "above", "signature", "phone", "German", "Outlook"],
)
def test_what_programs_add_to_an_answer_is_no_part_of_the_note(text: str) -> None:
    house = House()
    house.answer(text)
    assert house.notes == ["caching"]


def test_an_answer_in_html_alone_is_read() -> None:
    house = House()
    house.answer(html="<div>Dana: caching<br>Sam: on-call</div><blockquote type='cite'>Answer this mail.</blockquote>")
    assert house.notes == ["Dana: caching\nSam: on-call"]


def test_the_copies_of_an_answer_are_one_note_and_two_answers_are_two() -> None:
    house = House()
    house.answer(folder="Sent")
    house.answer()
    assert house.notes == ["caching"]
    house.answer("on-call", Message_ID="<a-2@phone.example>", From=ALIAS, To=ALIAS)
    assert house.notes == ["caching", "on-call"]
    house.mailbox.renumber("INBOX")  # all of it is read again
    assert house.notes == ["caching", "on-call"]


def test_an_answer_may_name_the_question_in_references_alone() -> None:
    house = House()
    house.answer(In_Reply_To="", References=f"<other@x.example> <{house.question}>")
    assert house.notes == ["caching"]


@pytest.mark.parametrize(
    "fields",
    [
        {"From": "mallory@elsewhere.example"},
        {"From": "mallory@elsewhere.example", "Reply-To": ME},
        {"From": f"{ME}, mallory@elsewhere.example"},
        {"To": "friend@elsewhere.example"},
        {"Auto-Submitted": "auto-replied"},
        {"Precedence": "bulk"},
        {"In-Reply-To": "<nt.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@letters.example>"},
        {"In-Reply-To": ""},
    ],
    ids=lambda fields: " ".join(f"{name}={value}" for name, value in fields.items()),
)
def test_nothing_else_is_a_note(fields: dict[str, str]) -> None:
    house = House()
    house.answer(**fields)
    assert house.notes == []


def test_an_empty_answer_notes_nothing() -> None:
    house = House()
    house.answer("> Answer this mail.\n")
    assert house.notes == []


def test_an_answer_that_the_server_calls_forged_is_none() -> None:
    house = House(replace(READER, authserv_id="mx.letters.example"))
    house.answer(Authentication_Results="mx.letters.example; dmarc=fail header.from=letters.example")
    assert house.notes == []
    house.answer(Message_ID="<a-2@phone.example>")  # the person's own server states nothing of what never left it
    assert house.notes == ["caching"]


def test_a_strangers_mail_about_an_application_is_read_whatever_it_refers_to() -> None:
    house = House()
    house.answer(
        "Dear Noor,\n\nthank you for applying for the position of Data Engineer at Northwind. Unfortunately we have "
        "decided to move forward with other candidates.\n\nBest regards,\nDana Lee\n",
        From="Dana Lee <dana@northwind.example>",
        Subject="Your application",
    )
    assert house.notes == []
    assert [facts.kind for facts in house.intake.facts] == ["rejection"]


def test_our_own_mails_are_no_mail_about_an_application_even_after_the_ledger_was_lost() -> None:
    house = House()
    telling = "We have decided to move forward with other candidates. I hereby withdraw my application.\n"
    house.notices.tell(NoticeKind.DIGEST, "digest", "Your application: interview", telling, NOW)
    house.notices.work(house.mailbox, post_to_inbox, NOW)
    assert len(house.mailbox.uids("INBOX")) == 2
    house.read()
    assert house.intake.facts == ()
    assert house.ledger.seen_counts("personal") == {"ignored": 2}

    lost = Ledger.in_memory()
    intake = Intake(lost, READER)
    intake.take_in(house.mailbox, ("INBOX", "Sent"), since=NOW - timedelta(days=60))
    assert intake.facts == ()


def test_what_a_calendar_answers_in_the_persons_name_is_still_read() -> None:
    house = House()
    invite = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//X//EN\r\nMETHOD:{method}\r\nBEGIN:VEVENT\r\nUID:u-9\r\n"
        "DTSTAMP:20261201T100000Z\r\nDTSTART:20261203T150000Z\r\nDTEND:20261203T160000Z\r\n"
        "SUMMARY:Interview: Data Engineer\r\nORGANIZER:mailto:dana@northwind.example\r\n"
        "ATTENDEE;PARTSTAT={answer}:mailto:noor@letters.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )

    def deliver(folder: str, sender: str, to: str, method: str, answer: str, **fields: str) -> None:
        message = EmailMessage(policy=SMTP)
        message["From"], message["To"], message["Subject"] = sender, to, "Interview: Data Engineer at Northwind"
        message["Message-ID"] = f"<{method}@northwind.example>"
        for name, value in fields.items():
            message[name.replace("_", "-")] = value
        message.set_content("Interview with Dana Lee about the role of Data Engineer.\n")
        message.add_alternative(
            invite.format(method=method, answer=answer).encode(),
            maintype="text",
            subtype="calendar",
            params={"method": method},
        )
        house.mailbox.deliver(folder, message.as_bytes(), NOW)

    deliver("INBOX", "dana@northwind.example", ME, "REQUEST", "NEEDS-ACTION")
    deliver("Sent", ME, "dana@northwind.example", "REPLY", "DECLINED", Auto_Submitted="auto-generated")
    house.read()
    assert len(house.intake.facts) == 2


def test_a_memo_reads_back_as_it_was_meant() -> None:
    person = Address(address="noor@münchen.example", name="Noor\r\nBcc: x@evil.example Haddad")
    raw = write_memo("Frage: süß?\nBcc: y@evil.example", "a" * 300 + "\n", person=person, message_id="nt.x@y", date=NOW)
    assert raw.isascii()
    assert b"\nBcc" not in raw
    assert b"xn--mnchen-3ya.example" in raw
    assert max(map(len, raw.split(b"\r\n"))) <= 998


def test_nobody_is_asked_for_another_account() -> None:
    house = House()
    errand = Questions(house.ledger, "personal", house.notices, Voice(full_name="Noor Haddad"))
    view = View(timelines=(), agenda=Agenda(at=NOW))
    assert errand.run("other", house.mailbox, view, NOW) is None
    assert Delivery("other", house.notices, post_to_inbox).run("personal", house.mailbox, view, NOW) is None
