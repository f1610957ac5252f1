"""A draft is exactly what was planned, opens well in every client, and is known again after it was edited or sent."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.agenda import FollowUp, FollowUpKind
from composer.draft import flowed, write_draft
from composer.errors import ComposerError, UnsafeDraft
from composer.letter import Letter, Voice, write_letter
from parsers.model import Address, Direction, Facts

NOW = datetime(2026, 12, 1, 17, tzinfo=ZoneInfo("America/New_York"))
NOOR = Address(name="Noor Haddad", address="noor.haddad@letters.example")
FOLLOWUP = FollowUp(
    id="thank-you-1",
    kind=FollowUpKind.THANK_YOU,
    rule="T1",
    reason="interview ended 15:00, +2 h",
    account="personal",
    application="application-1",
    company="Northwind",
    role="Data Engineer",
    to=Address(name="Dana Lee", address="dana.lee@northwind.example"),
    due=NOW,
    stale_at=NOW + timedelta(days=2),
    visit=NOW.date(),
)
ANSWERED = Facts(
    key="c2@northwind.example",
    account="personal",
    direction=Direction.INBOUND,
    message_id="c2@northwind.example",
    references=("c0@letters.example", "c1@northwind.example"),
    received_at=NOW - timedelta(days=2),
    subject="Your interview",
)
LETTER = write_letter(FOLLOWUP, (), Voice(full_name="Noor Haddad"))


def draft(
    letter: Letter = LETTER,
    followup: FollowUp = FOLLOWUP,
    answers: Facts | None = ANSWERED,
    sender: Address = NOOR,
    message_id: str = "fu.abc234@letters.example",
) -> bytes:
    return write_draft(letter, followup, answers=answers, sender=sender, message_id=message_id, date=NOW)


def read(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def reflowed(text: str) -> str:
    """What a reader of format=flowed shows (RFC 3676 4.1)."""
    lines = (line.removeprefix(" ") for line in text.replace("\r\n", "\n").split("\n"))
    return re.sub(r" \n", " ", "\n".join(lines))


def test_a_draft_has_the_fields_of_the_allow_list_and_no_other() -> None:
    message = read(draft())
    assert sorted(message.keys()) == [
        "Content-Transfer-Encoding",
        "Content-Type",
        "Date",
        "From",
        "In-Reply-To",
        "MIME-Version",
        "Message-ID",
        "References",
        "Subject",
        "To",
    ]
    assert message["From"] == "Noor Haddad <noor.haddad@letters.example>"
    assert message["To"] == "Dana Lee <dana.lee@northwind.example>"
    assert message["Date"].datetime == NOW
    assert message["In-Reply-To"] == "<c2@northwind.example>"
    assert message["References"].split() == [
        "<c0@letters.example>",
        "<c1@northwind.example>",
        "<c2@northwind.example>",
    ]
    assert message.get_content_type() == "text/plain"
    assert message["Content-Type"].params["format"] == "flowed"
    assert not message.defects


def test_a_new_mail_belongs_to_no_thread() -> None:
    message = read(draft(answers=None))
    assert message["In-Reply-To"] is None
    assert message["References"] is None


def test_nothing_tells_that_a_program_wrote_it() -> None:
    assert not re.search(rb"(?im)^x-|tactful|python|user-agent|mailer|localhost", draft())


def test_the_bytes_are_ascii_with_crlf_and_short_lines() -> None:
    voice = Voice(full_name="Nóra Łukasiewicz")
    raw = draft(letter=write_letter(FOLLOWUP, (), voice), sender=replace(NOOR, name="Nóra Łukasiewicz"))
    assert raw.isascii()
    assert not re.search(rb"[^\r]\n|\r[^\n]", raw)
    assert max(len(line) for line in raw.split(b"\r\n")) <= 78
    message = read(raw)
    assert message["From"].addresses[0].display_name == "Nóra Łukasiewicz"
    assert "Nóra Łukasiewicz" in message.get_content()


def test_a_flowed_reader_sees_the_letter_as_it_was_written() -> None:
    assert reflowed(read(draft()).get_content()) == LETTER.text


def test_long_message_ids_are_neither_folded_nor_encoded() -> None:
    long = "A" * 90 + "@AM0PR04MB1234.eurprd04.prod.outlook.com"
    raw = draft(answers=replace(ANSWERED, message_id=long, references=(long.replace("A", "B"),)))
    assert f"In-Reply-To: <{long}>\r\n".encode() in raw
    assert f"\r\n <{long}>\r\n".encode() in raw


def test_a_long_thread_keeps_its_first_message_and_its_latest() -> None:
    thread = tuple(f"m{n}@northwind.example" for n in range(200))
    references = read(draft(answers=replace(ANSWERED, references=thread)))["References"].split()
    assert len(references) == 20
    assert references[0] == "<m0@northwind.example>"
    assert references[-2:] == ["<m199@northwind.example>", "<c2@northwind.example>"]


@pytest.mark.parametrize(
    "bad", ["x\r\nBcc: e@x.example", "a b@x.example", "<a@x.example>", "no-at", "a@x\0.example", ""]
)
def test_a_malformed_message_id_of_the_sender_is_left_out(bad: str) -> None:
    message = read(draft(answers=replace(ANSWERED, message_id=bad)))
    assert message["In-Reply-To"] is None
    assert message["Bcc"] is None
    message = read(draft(answers=replace(ANSWERED, references=(bad, "c1@northwind.example"))))
    assert message["References"].split() == ["<c1@northwind.example>", "<c2@northwind.example>"]


@pytest.mark.parametrize("bad", ["a\r\nBcc: evil@x.example", "a\nb", "a\rb", "a\0b", "a\u2028b"])
def test_line_breaks_and_nul_are_refused_wherever_they_come_from(bad: str) -> None:
    with pytest.raises(UnsafeDraft):
        draft(letter=replace(LETTER, subject=bad))
    with pytest.raises(UnsafeDraft):
        draft(sender=replace(NOOR, name=bad))
    with pytest.raises(UnsafeDraft):
        draft(sender=replace(NOOR, address=bad))
    with pytest.raises(UnsafeDraft):
        draft(followup=replace(FOLLOWUP, to=Address(name=bad, address="dana@northwind.example")))
    with pytest.raises(UnsafeDraft):
        draft(followup=replace(FOLLOWUP, to=Address(address=f"{bad}@northwind.example")))
    with pytest.raises(UnsafeDraft):
        draft(message_id=bad)


@pytest.mark.parametrize("bad", ["a@x.example, b@y.example", "a@x.example>", "", "@x.example", "dana", "ä@x.example"])
def test_what_is_no_single_plain_address_is_refused(bad: str) -> None:
    with pytest.raises(UnsafeDraft):
        draft(followup=replace(FOLLOWUP, to=Address(address=bad)))


def test_an_international_domain_is_written_as_dns_has_it() -> None:
    to = Address(name="Jürgen Groß", address="jg@bücher.example")
    assert read(draft(followup=replace(FOLLOWUP, to=to)))["To"].addresses[0].addr_spec == "jg@xn--bcher-kva.example"


@pytest.mark.parametrize(
    "name", ["boss@other.example", "=?utf-8?q?Boss?=", "Dana <x@y.example>", "see https://x.example"]
)
def test_a_name_that_would_mislead_is_left_out(name: str) -> None:
    to = Address(name=name, address="dana.lee@northwind.example")
    assert read(draft(followup=replace(FOLLOWUP, to=to)))["To"] == "dana.lee@northwind.example"


@given(st.text(max_size=300), st.text(max_size=120), st.text(max_size=80))
def test_whatever_is_put_in_the_draft_is_as_planned_or_not_written(subject: str, name: str, message_id: str) -> None:
    try:
        raw = draft(
            letter=Letter(subject=subject, text=f"Hi {name},\n"),
            followup=replace(FOLLOWUP, to=Address(name=name, address="dana.lee@northwind.example")),
            answers=replace(ANSWERED, message_id=message_id),
        )
    except ComposerError:
        return
    message = read(raw)
    assert [address.addr_spec for address in message["To"].addresses] == ["dana.lee@northwind.example"]
    assert set(message.keys()) <= set(read(draft()).keys())
    assert raw.isascii()


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Zl", "Zp")), max_size=600))
def test_flowed_text_reads_back_as_it_was(line: str) -> None:
    wrapped = flowed(line)
    assert reflowed(wrapped).rstrip("\n") == line.rstrip(" ") or line == "-- "
    assert all(len(part) <= 76 or " " not in part.strip(" ") for part in wrapped.split("\n"))
    assert not any(part.startswith((">", "From ")) for part in wrapped.split("\n"))
