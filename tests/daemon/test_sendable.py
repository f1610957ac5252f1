"""What goes out of the bytes that were approved, and what never does."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes
from email.policy import default

import pytest

from daemon.sendable import NotSendable, Sendable, fingerprint, read_sendable, with_date, without_now

ME, DANA = "noor@letters.example", "dana.lee@northwind.example"
OUR_ID = "fu.abc@letters.example"
NOW = datetime(2026, 12, 1, 10, 30, tzinfo=timezone(timedelta(hours=-5)))
BODY = "Dear Dana,\r\n\r\nthank you for the talk.\r\n"


def draft(body: str = BODY, **fields: str | None) -> bytes:
    """Write a draft; a field given as None is left out, underscores are hyphens."""
    usual: dict[str, str | None] = {
        "From": f"Noor Haddad <{ME}>",
        "To": f"Dana Lee <{DANA}>",
        "Subject": "Re: Your interview",
        "Date": "Mon, 30 Nov 2026 09:00:00 -0500",
        "Message-ID": f"<{OUR_ID}>",
        "In-Reply-To": "<invite@northwind.example>",
        "References": "<first@northwind.example>\r\n <invite@northwind.example>",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
    }
    usual |= {name.replace("_", "-"): value for name, value in fields.items()}
    return ("".join(f"{n}: {v}\r\n" for n, v in usual.items() if v is not None) + "\r\n" + body).encode()


def read(raw: bytes) -> Sendable:
    return read_sendable(raw, identities=(ME, "noor@alumni.example"), message_id="fu.ours@letters.example", date=NOW)


def reasons(raw: bytes) -> tuple[str, ...]:
    with pytest.raises(NotSendable) as fault:
        read(raw)
    return fault.value.reasons


def test_what_goes_out_is_the_approved_letter_with_the_instant_of_sending() -> None:
    raw = draft()
    letter = read(raw)
    assert letter.sha256 == hashlib.sha256(raw).hexdigest()
    expected = raw.replace(b"Date: Mon, 30 Nov 2026 09:00:00 -0500", b"Date: Tue, 01 Dec 2026 10:30:00 -0500")
    assert letter.message == expected
    assert (letter.sender, letter.recipients, letter.message_id) == (ME, (DANA,), OUR_ID)
    assert not letter.at_once


def test_only_fields_that_a_reader_needs_go_out() -> None:
    raw = draft(
        X_Mozilla_Draft_Info="internal/draft; receipt=1",
        X_Identity_Key="id1",
        Fcc="imap://noor@letters.example/Sent",
        User_Agent="A mail program",
        Disposition_Notification_To=ME,
        Return_Receipt_To=ME,
        Bcc="Sam <sam@letters.example>",
        Sender="Somebody <else@letters.example>",
        Received="from x by y; Mon, 30 Nov 2026 09:00:00 -0500",
    )
    letter = read(raw)
    names = [line.partition(b":")[0] for line in letter.message.partition(b"\r\n\r\n")[0].split(b"\r\n")]
    shown = [name.decode() for name in names if not name.startswith(b" ")]
    assert shown == [
        "From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "MIME-Version", "Content-Type"
    ]  # fmt: skip
    assert letter.recipients == (DANA, "sam@letters.example")  # whom the person wrote to, seen by others or not
    assert b"sam@" not in letter.message


def test_a_letter_without_a_message_id_gets_ours_and_one_with_another_keeps_it() -> None:
    letter = read(draft(Message_ID=None))
    assert letter.message_id == "fu.ours@letters.example"
    assert b"\r\nMessage-ID: <fu.ours@letters.example>\r\n" in letter.message
    broken = read(draft(Message_ID="<no id>"))
    assert broken.message.count(b"Message-ID:") == 1
    assert broken.message_id == "fu.ours@letters.example"
    kept = read(draft(Message_ID="<other@program.example>"))
    assert kept.message_id == "other@program.example"
    assert b"Message-ID: <other@program.example>\r\n" in kept.message


def test_threading_is_kept_octet_for_octet() -> None:
    message = read(draft()).message
    assert b"In-Reply-To: <invite@northwind.example>\r\n" in message
    assert b"References: <first@northwind.example>\r\n <invite@northwind.example>\r\n" in message


def test_the_date_is_set_once_more_at_each_attempt() -> None:
    message = read(draft(Date=None)).message
    later = with_date(message, NOW + timedelta(hours=1))
    assert later.count(b"Date:") == 1
    assert message_from_bytes(later, policy=default)["Date"].datetime == NOW + timedelta(hours=1)
    assert with_date(later, NOW) == message


def test_a_body_without_a_last_line_end_gets_one() -> None:
    assert read(draft("Thank you.")).message.endswith(b"\r\n\r\nThank you.\r\n")


def test_one_address_in_two_fields_is_one_recipient() -> None:
    assert read(draft(Cc=f"Dana <{DANA.upper()}>")).recipients == (DANA.upper(),)


# ------------------------------------------------------------------------------------------------------------- "+now"


@pytest.mark.parametrize(
    ("subject", "sent"),
    [
        ("+now Re: Your interview", "Re: Your interview"),
        ("+NOW: Re: Your interview", "Re: Your interview"),
        ("=?UTF-8?Q?+now_Re:_Ihr_Gespr=C3=A4ch?=", "Re: Ihr Gespräch"),
        ("=?UTF-8?B?K25vdyBSZTogSWhyIEdlc3Byw6RjaA==?=", "Re: Ihr Gespräch"),
        ("+now\r\n Re: Your interview", "Re: Your interview"),
    ],
)
def test_now_before_the_subject_is_a_wish_and_no_part_of_the_letter(subject: str, sent: str) -> None:
    raw = draft(Subject=subject)
    letter = read(raw)
    assert letter.at_once
    assert message_from_bytes(letter.message, policy=default)["Subject"] == sent
    assert letter.message.isascii()
    # Whether the mark is still on it or not, it is the same letter.
    assert fingerprint(without_now(raw)) == fingerprint(raw) == letter.sha256


@pytest.mark.parametrize("subject", ["+nowhere", "Re: +now", "+now-or-never", "now Re: x"])
def test_what_only_looks_like_now_is_a_subject(subject: str) -> None:
    raw = draft(Subject=subject)
    assert without_now(raw) == raw
    assert not read(raw).at_once


# -------------------------------------------------------------------------------------------------------- the refusals


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (draft(From="Eve <eve@evil.example>"), "none of your addresses"),
        (draft(From=f"<{ME}>, <eve@evil.example>"), "exactly one address in From"),
        (draft(From=None), "exactly one address in From"),
        (draft(To=None), "nobody in To"),
        (draft(To=""), "nobody in To"),
        (draft(To=None, Cc=DANA), "nobody in To"),
        (draft(To="undisclosed-recipients:;"), "To"),
        (draft(To="Dana Lee"), "no plain ASCII address"),
        (draft(To="dana@northwind.example <eve@evil.example"), "To"),
        (draft(To=f"{DANA} eve@evil.example"), "To"),
        (draft(To=".dana@northwind.example"), "cannot be read without doubt"),
        (draft(To="<@route.example:dana@northwind.example>"), "cannot be read without doubt"),
        (draft(To="dana @ northwind.example"), "cannot be read without doubt"),
        (draft(To="dana@northwind.example; eve@evil.example"), "cannot be read without doubt"),
        (draft(To="Dana <dana@nörthwind.example>"), "ASCII"),
        (draft(To="=?utf-8?q?dana=40northwind=2Eexample?="), "To"),
        (draft(To='"a b"@northwind.example'), "no plain ASCII address"),
        (draft(To=", ".join(f"p{n}@northwind.example" for n in range(11))), "more than 10 recipients"),
        (draft(Subject=None), "no subject"),
        (draft(Subject=""), "no subject"),
        (draft(Subject="Über uns"), "outside ASCII"),
        (draft().replace(b"To: ", b"To: <eve@evil.example>\r\nTo: ", 1), "the field to more than once"),
        (draft().replace(b"From: ", b"from: <eve@evil.example>\r\nFrom: ", 1), "the field from more than once"),
        (draft("Dear Dana,\r\n[[what you talked about]]\r\n"), "[[what you talked about]]"),
        (draft(Subject="About [[role]]"), "[[role]]"),
        (draft("Dear [[na=\r\nme]],\r\n", Content_Transfer_Encoding="quoted-printable"), "[[name]]"),
        (draft("RGVhciBbW25hbWVdXQ==\r\n", Content_Transfer_Encoding="base64"), "[[name]]"),
        (draft("Dear Dana,\r\n[[never closed\r\n"), "[[never closed"),
        (draft("x" * 999), "line of more than 998"),
        (draft("x" * 60 * 1000 * 100), "larger than 5 MiB"),
        (draft("Dear Dana,\nthank you.\r\n"), "no well-formed message"),
        (draft("Dear Dana,\rthank you.\r\n"), "no well-formed message"),
        (draft("Dear\0Dana\r\n"), "no well-formed message"),
        (draft().replace(b"\r\nTo:", b"\r\nno field here\r\nTo:", 1), "no well-formed message"),
        (draft().partition(b"\r\n\r\n")[0] + b"\r\n", "no well-formed message"),
        (b"", "no well-formed message"),
    ],
)
def test_what_must_not_go_out_is_refused_in_words(raw: bytes, reason: str) -> None:
    assert any(reason in told for told in reasons(raw)), reasons(raw)


def test_every_reason_is_told_at_once() -> None:
    told = reasons(draft("[[a]] and [[b]]\r\n", From="Eve <eve@evil.example>", Subject=""))
    assert len(told) == 4


def test_an_alias_and_another_case_are_the_persons_own() -> None:
    assert read(draft(From="Noor <Noor@Alumni.example>")).sender == "Noor@Alumni.example"


def test_a_placeholder_in_the_html_part_is_seen_too() -> None:
    body = (
        "--b\r\nContent-Type: text/plain\r\n\r\nDear Dana\r\n--b\r\nContent-Type: text/html\r\n\r\n"
        "<p>[[name]]</p>\r\n--b--\r\n"
    )
    assert reasons(draft(body, Content_Type='multipart/alternative; boundary="b"')) == (
        "The placeholder [[name]] is not filled in.",
    )


def test_the_instant_is_written_with_its_offset() -> None:
    message = read_sendable(draft(), identities=(ME,), message_id=OUR_ID, date=NOW.astimezone(UTC)).message
    assert b"Date: Tue, 01 Dec 2026 15:30:00 +0000\r\n" in message
