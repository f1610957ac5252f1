"""Any bytes become a Mail, in bounded time, with what was wrong about them."""

from __future__ import annotations

import base64
import time
from datetime import UTC, datetime, timedelta, timezone
from email.message import EmailMessage

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from parsers.address import read_addresses
from parsers.body import unflow
from parsers.charset import decode
from parsers.header import decode_words, read_date, read_identifiers
from parsers.mail import EPOCH, read_header, read_mail
from parsers.model import Address

NOW = datetime(2026, 11, 30, 15, 12, tzinfo=UTC)

HEADER = b"""\
Received: from mx.me.example by store.me.example; Mon, 30 Nov 2026 15:12:09 +0000
Received: from out.northwind.example by mx.me.example; Mon, 30 Nov 2026 15:12:01 +0000
Message-ID: <m2@northwind.example>
In-Reply-To: <m1@me.example>
References: <m0@northwind.example>
 <m1@me.example>
Date: Mon, 30 Nov 2026 10:12:00 -0500
From: Dana Lee <Dana.Lee@Northwind.example>
To: "Doe, Sam" <sam@me.example>, kim@me.example
Cc: =?utf-8?B?SsO2cmc=?= <jorg@northwind.example>
Subject: =?utf-8?Q?Your_interview_=E2=80=93?=
 =?utf-8?Q?_Data_Engineer?=
"""
DANA = Address(address="dana.lee@northwind.example", name="Dana Lee")


def multipart(subtype: str, *parts: str, boundary: str = "b") -> str:
    inside = "".join(f"--{boundary}\n{part}\n" for part in parts)
    return f"Content-Type: multipart/{subtype}; boundary={boundary}\n\n{inside}--{boundary}--\n"


def text_of(content: str) -> str:
    return read_mail(content.encode()).text


# --------------------------------------------------------------------------------------------------------- the header


def test_a_header_is_read_into_its_fields() -> None:
    read = read_header(HEADER.replace(b"\n", b"\r\n"), received_at=NOW)
    assert read.message_id == "m2@northwind.example"
    assert read.in_reply_to == ("m1@me.example",)
    assert read.references == ("m0@northwind.example", "m1@me.example")
    assert read.sent_at == datetime(2026, 11, 30, 10, 12, tzinfo=timezone(timedelta(hours=-5)))
    assert read.received_at == NOW
    assert read.senders == (DANA,)
    assert read.to == (Address(address="sam@me.example", name="Doe, Sam"), Address(address="kim@me.example"))
    assert read.cc == (Address(address="jorg@northwind.example", name="Jörg"),)
    assert read.subject == "Your interview – Data Engineer"
    assert read.headers["subject"] == ("Your interview – Data Engineer",)
    assert len(read.headers["received"]) == 2
    assert read.problems == ()


def test_a_header_alone_gives_what_the_whole_message_gives() -> None:
    whole = read_mail(HEADER + b"\nHello\n", received_at=NOW)
    alone = read_header(HEADER, received_at=NOW)
    assert whole.text == "Hello"
    assert (whole.senders, whole.subject, whole.headers) == (alone.senders, alone.subject, alone.headers)


def test_the_topmost_received_field_says_when_it_arrived_else_the_date_else_nothing() -> None:
    without = b"\n".join(line for line in HEADER.split(b"\n") if not line.startswith(b"Received"))
    assert read_mail(HEADER).received_at == datetime(2026, 11, 30, 15, 12, 9, tzinfo=UTC)
    assert read_mail(without).received_at == datetime(2026, 11, 30, 15, 12, tzinfo=UTC)
    nothing = read_mail(b"Subject: x\n\n")
    assert nothing.received_at == EPOCH
    assert nothing.problems == ("nothing says when it arrived",)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Mon, 30 Nov 2026 10:12:00 -0500", "2026-11-30T10:12:00-05:00"),
        ("30 Nov 2026 10:12 +0100 (CET)", "2026-11-30T10:12:00+01:00"),
        ("Mon, 30 Nov 2026 10:12:00 -0000", "2026-11-30T10:12:00+00:00"),
        ("Mon, 30 Nov 2026 10:12:00 GMT", "2026-11-30T10:12:00+00:00"),
        ("Mon, 30 Nov 2026 10:12:00", "2026-11-30T10:12:00+00:00"),
        ("Mon Nov 30 10:12:00 2026", "2026-11-30T10:12:00+00:00"),
        ("Thu, 31 Dec 2026 23:59:60 +0000", "2026-12-31T23:59:59+00:00"),
        ("Mon, 30 Nov 26 10:12:00 EST", "2026-11-30T10:12:00-05:00"),
    ],
)
def test_a_date_is_aware(value: str, expected: str) -> None:
    read = read_date(value)
    assert read is not None
    assert read.isoformat() == expected


@pytest.mark.parametrize(
    "value",
    [
        "",
        "soon",
        "Mon, 31 Feb 2026 10:00:00 +0000",
        "1 Jan 9999 00:00:00 -1200",
        "1 Jan 1066 00:00 +0000",
        "30 Nov 2026 25:00 +0000",
        "30 Nov 2026 10:12:00 +9999",
        "30 Nov 2026 10:12:00 +99999999999",
        "1 " * 5000,
    ],
)
def test_an_impossible_date_is_none(value: str) -> None:
    assert read_date(value) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("=?utf-8?Q?caf=C3=A9?=", "café"),
        ("=?UTF-8?b?Y2Fmw6k?= now", "café now"),
        ("=?utf-8?Q?caf=C3?= =?utf-8?Q?=A9?=", "café"),
        ("a =?utf-8?Q?b?= =?iso-8859-1?Q?=E9?= c", "a bé c"),
        ("=?utf-8?Q?two words?=", "two words"),
        ("=?utf-8*en?Q?tagged?=", "tagged"),
        ("=?nonsense?Q?caf=C3=A9?=", "café"),
        ("=?utf-8?Q?cut", "=?utf-8?Q?cut"),
        ("=?utf-8?X?abc?=", "=?utf-8?X?abc?="),
        ("1 =? 2 ?= 3", "1 =? 2 ?= 3"),
        ("=?gb2312?B?xOO6ww==?=", "你好"),
        ("=?utf-8?Q?a=0D=0ABcc:_x?=", "a Bcc: x"),
        ("=?idna?Q?abc?=", "abc"),
    ],
)
def test_encoded_words_are_decoded(value: str, expected: str) -> None:
    assert decode_words(value) == expected


def test_no_line_break_gets_into_a_decoded_field() -> None:
    read = read_header(b"Subject: =?utf-8?Q?a=0D=0ABcc:_x?=\nX-A: =?utf-8?Q?a=0Ab?=\n", received_at=NOW)
    assert read.subject == "a Bcc: x"
    assert read.headers["x-a"] == ("a b",)


def test_raw_bytes_and_controls_in_a_header_are_read() -> None:
    read = read_header("Subject: caf\u00e9\0 \x07late\n".encode() + b"X-B: caf\xe9\n", received_at=NOW)
    assert read.subject == "café late"
    assert read.headers["x-b"] == ("café",)


def test_identifiers_are_found_also_where_they_are_broken_and_only_the_newest_are_kept() -> None:
    assert read_identifiers("Your mail of Monday <a@x.example> (was <b@ x.example>)") == ("a@x.example", "b@x.example")
    assert read_identifiers("a@x.example b@x.example") == ("a@x.example", "b@x.example")
    assert read_identifiers("<a@x>" * 3) == ("a@x",)
    many = read_identifiers("".join(f"<{number}@x>" for number in range(5000)))
    assert (len(many), many[-1]) == (50, "4999@x")
    assert read_identifiers("<" + "a" * 2000 + ">") == ()


# ------------------------------------------------------------------------------------------------------- the addresses


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("dana@northwind.example", [("dana@northwind.example", None)]),
        ("<Dana@Northwind.example>", [("dana@northwind.example", None)]),
        ("Dana Lee <dana@northwind.example>", [("dana@northwind.example", "Dana Lee")]),
        ('"a@b.example" <c@d.example>', [("c@d.example", "a@b.example")]),
        ('"Lee, Dana \\"D\\"" <d@n.example>', [("d@n.example", 'Lee, Dana "D"')]),
        ("\"'Dana Lee'\" <d@n.example>", [("d@n.example", "Dana Lee")]),
        ("d@n.example (Dana Lee)", [("d@n.example", "Dana Lee")]),
        ("=?utf-8?Q?Lee,_Dana?= <d@n.example>", [("d@n.example", "Lee, Dana")]),
        ('"=?utf-8?Q?J=C3=B6rg?=" <j@n.example>', [("j@n.example", "Jörg")]),
        (
            "Panel: a@n.example, B <b@n.example>;, c@n.example",
            [("a@n.example", None), ("b@n.example", "B"), ("c@n.example", None)],
        ),
        ("undisclosed-recipients:;", []),
        ("a@n.example; b@n.example", [("a@n.example", None), ("b@n.example", None)]),
        ("A <@relay.example,@x.example:a@n.example>", [("a@n.example", "A")]),
        ("Dana\u202e Lee\u200b <d@n.example>", [("d@n.example", "Dana Lee")]),
    ],
)
def test_addresses_are_read(value: str, expected: list[tuple[str, str | None]]) -> None:
    addresses, problems = read_addresses(value)
    assert [(address.address, address.name) for address in addresses] == expected
    assert problems == ()


@pytest.mark.parametrize(
    "value",
    [
        "Dana Lee",
        "dana@northwind.example sam@me.example",
        "<a@b.example> <c@d.example>",
        "<a@b.example> c@d.example",
        "a@b.example>",
        "a@b@c.example",
        "alice@a.example)bob@b.example",
        '"quoted local"@b.example',
        "a@[192.0.2.1]",
        "a@b..example",
        "a@-\u2028.example",
        "dän@b.example",
        "=?utf-8?Q?a=40b.example?=",
        "a@",
        "<>",
    ],
)
def test_a_doubtful_address_is_none_and_a_problem(value: str) -> None:
    addresses, problems = read_addresses(value)
    assert addresses == ()
    assert problems


def test_a_foreign_domain_is_shown_as_punycode() -> None:
    addresses, problems = read_addresses("Dana <d@n\u043erthwind.example>")
    assert addresses[0].domain == "xn--nrthwind-nbh.example"
    assert problems


def test_a_second_sender_or_from_field_is_a_problem() -> None:
    assert "more than one sender" in read_header(b"From: a@n.example, b@n.example\n", received_at=NOW).problems
    twice = read_header(b"From: a@n.example\nFrom: b@n.example\n", received_at=NOW)
    assert "more than one From field" in twice.problems
    assert len(twice.senders) == 2


# ------------------------------------------------------------------------------------------------------------ the body


@pytest.mark.parametrize(
    ("data", "charset", "expected"),
    [
        ("café".encode(), "utf-8", "café"),
        ("café".encode(), "iso-8859-1", "café"),
        (b"caf\xe9", "iso-8859-1", "café"),
        (b"caf\xe9 \x93x\x94", "us-ascii", "café “x”"),
        (b"caf\xe9", "utf-8", "café"),
        (b"caf\xe9", "no-such-set", "café"),
        ("\ufeffhi é".encode(), None, "hi é"),
        ("привет".encode("koi8-r"), "koi8-r", "привет"),
        ("привет мир, привет".encode()[:-1], "utf-8", "привет мир, приве\ufffd"),
        ("你好".encode("gb18030"), "gb2312", "你好"),
        ("日本".encode("iso-2022-jp"), "iso-2022-jp", "日本"),
        (b"h\0i\0", "utf-16-le", "hi"),
        (b"abc", "unicode_escape", "abc"),
        (b"414243", "hex", "414243"),
    ],
)
def test_bytes_become_text_whatever_set_is_declared(data: bytes, charset: str | None, expected: str) -> None:
    assert decode(data, charset) == expected


PLAIN = "Content-Type: text/plain\n\nPlain words of the interview"
RICH = "Content-Type: text/html\n\n<p>Rich <a href='https://meet.example/x'>words</a> of the interview</p>"


def test_plain_text_is_chosen_and_the_html_is_kept_with_its_links() -> None:
    read = read_mail(multipart("alternative", PLAIN, RICH).encode())
    assert read.text == "Plain words of the interview"
    assert read.html is not None
    assert read.html.startswith("<p>Rich")
    assert read.links == ("https://meet.example/x",)


@pytest.mark.parametrize(
    "stub", ["", "  \n", "This message needs an HTML viewer.", "View this email in your browser: https://x.example"]
)
def test_html_is_chosen_where_the_plain_text_says_nothing(stub: str) -> None:
    assert text_of(
        multipart("alternative", f"Content-Type: text/plain\n\n{stub}", RICH + "<p>" + "more " * 20 + "</p>")
    ).startswith("Rich words of the interview")


def test_html_in_a_plain_part_is_read_as_html() -> None:
    assert text_of("Content-Type: text/plain\n\n<html><body><p>Hello</p><p>Sam</p></body></html>") == "Hello\n\nSam"


def test_a_message_with_html_alone_states_its_set_in_a_meta_tag() -> None:
    raw = b"Content-Type: text/html\n\n<meta charset=koi8-r><p>" + "привет".encode("koi8-r")
    assert read_mail(raw).text == "привет"


CALENDAR = "BEGIN:VCALENDAR\nMETHOD:REQUEST\nEND:VCALENDAR"


def test_calendar_parts_are_found_inline_and_attached_and_each_once() -> None:
    encoded = base64.encodebytes(CALENDAR.encode()).decode()
    inner = multipart("alternative", PLAIN, f"Content-Type: text/calendar; method=REQUEST\n\n{CALENDAR}", boundary="c")
    named = 'Content-Disposition: attachment; filename="two.ICS"'
    read = read_mail(
        multipart(
            "mixed",
            inner,
            f"Content-Type: application/ics; name=invite.ics\nContent-Transfer-Encoding: base64\n\n{encoded}",
            f"Content-Type: application/octet-stream\n{named}\n\nBEGIN:VCALENDAR",
        ).encode()
    )
    assert read.text == "Plain words of the interview"
    assert read.calendars == (CALENDAR.encode(), b"BEGIN:VCALENDAR")


def test_a_calendar_part_comes_out_in_utf_8() -> None:
    raw = b"Content-Type: text/calendar; charset=iso-8859-1\n\nSUMMARY:caf\xe9"
    assert read_mail(raw).calendars == ("SUMMARY:café".encode(),)


def test_attachments_are_not_the_text() -> None:
    attached = "Content-Type: text/plain; name=cv.txt\nContent-Disposition: attachment; filename=cv.txt\n\nsecret"
    assert text_of(multipart("mixed", PLAIN, attached)) == "Plain words of the interview"


def test_sibling_texts_follow_each_other_and_repeats_are_dropped() -> None:
    again = "Content-Type: text/html\n\n<p>Plain words of the interview</p>"
    footer = "Content-Type: text/plain\n\n-- \nlist footer"
    assert text_of(multipart("mixed", PLAIN, again, footer)) == "Plain words of the interview\n\n-- \nlist footer"


def test_of_related_parts_only_the_root_is_read() -> None:
    assert text_of(multipart("related", PLAIN, "Content-Type: text/plain\n\nother")) == "Plain words of the interview"


def test_a_message_inside_is_shown_as_forwarded() -> None:
    inner = "Content-Type: message/rfc822\n\nFrom: Dana <d@n.example>\nSubject: =?utf-8?Q?Caf=C3=A9?=\n\nTuesday?"
    expected = "---------- Forwarded message ---------\nFrom: Dana <d@n.example>\nSubject: Café\n\nTuesday?"
    assert text_of(multipart("mixed", PLAIN, inner)) == f"Plain words of the interview\n\n{expected}"


def test_a_delivery_report_can_be_read() -> None:
    status = "Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; d@n.example\nAction: failed"
    assert "Final-Recipient: rfc822; d@n.example" in text_of(multipart("report", PLAIN, status))


def test_signed_text_is_read_and_encrypted_text_is_not() -> None:
    signature = "Content-Type: application/pgp-signature\n\n-----BEGIN PGP SIGNATURE-----"
    assert text_of(multipart("signed", PLAIN, signature)) == "Plain words of the interview"
    sealed = read_mail(multipart("encrypted", PLAIN).encode())
    assert (sealed.text, sealed.problems[0]) == ("", "the message is encrypted")


def test_flowed_lines_are_joined_at_their_depth() -> None:
    assert unflow("We meet on \nTuesday.\n> Which \n> day?\n>> old \n> new\n-- \nDana", delete_space=False) == (
        "We meet on Tuesday.\n> Which day?\n>> old \n> new\n-- \nDana"
    )
    assert unflow(" From here\nbro \nken", delete_space=True) == "From here\nbroken"
    assert text_of("Content-Type: text/plain; format=flowed\n\nWe meet \nnow") == "We meet now"


def test_transfer_encodings_are_undone_also_when_broken() -> None:
    assert text_of("Content-Transfer-Encoding: quoted-printable\n\ncaf=C3=A9 so=\nft =ZZ") == "café soft =ZZ"
    assert text_of("Content-Transfer-Encoding: base64\n\nSGVs!bG8gU2Ft-cut").startswith("Hello Sam")
    assert text_of("Content-Transfer-Encoding: x-unknown\n\nplain") == "plain"


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_is_read(ending: str) -> None:
    raw = multipart("mixed", PLAIN, "\nsecond").replace("\n", ending)
    assert text_of(raw) == "Plain words of the interview\n\nsecond"


def test_a_wrong_or_cut_boundary_loses_no_text() -> None:
    wrong = read_mail(multipart("mixed", PLAIN, RICH).replace("boundary=b", "boundary=zzz").encode())
    assert wrong.text.startswith("Plain words of the interview\n\nRich words")
    assert "another boundary" in wrong.problems[0]
    assert text_of(multipart("mixed", PLAIN).removesuffix("--b--\n")) == "Plain words of the interview"
    assert text_of("Content-Type: multipart/mixed\n\nJust text") == "Just text"


def test_an_inner_boundary_that_begins_like_the_outer_one_is_another() -> None:
    inner = "Content-Type: multipart/mixed; boundary=bb\n\n--bb\n\ninner\n--bb--"
    assert text_of(multipart("mixed", inner, "\nouter")) == "inner\n\nouter"


def test_an_mbox_line_and_blank_lines_before_the_header_are_passed_over() -> None:
    assert read_mail(b"\r\n\nFrom sam Mon Nov 30 2026\nSubject: x\n\nhello").subject == "x"


def test_the_parameters_of_rfc_2231_are_joined() -> None:
    disposition = "Content-Disposition: attachment; filename*0*=utf-8''caf%C3%A9; filename*1=\" one.ics\""
    read = read_mail(
        multipart("mixed", f"Content-Type: application/octet-stream\n{disposition}\n\n{CALENDAR}").encode()
    )
    assert len(read.calendars) == 1


def test_what_the_standard_library_writes_is_read_back() -> None:
    message = EmailMessage()
    message["Subject"] = "Gespräch – nächste Woche, " + "sehr " * 30 + "bald"
    message["From"] = '"Lee, Jörg" <j@n.example>'
    message.set_content("Grüße\n" + "lang " * 200)
    message.add_alternative("<p>Grüße</p>", subtype="html")
    message.add_attachment(b"BEGIN:VCALENDAR", maintype="text", subtype="calendar", filename="é.ics")
    read = read_mail(bytes(message))
    assert read.subject == message["Subject"]
    assert read.senders == (Address(address="j@n.example", name="Lee, Jörg"),)
    assert read.text == ("Grüße\n" + "lang " * 200)
    assert read.calendars == (b"BEGIN:VCALENDAR",)


# ---------------------------------------------------------------------------------------------------------- the bounds

BOMBS = {
    "parts": lambda: multipart("mixed", *["\nx"] * 100_000).encode(),
    "empty parts": lambda: b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n" * 1_000_000,
    "depth": lambda: b'Content-Type: multipart/mixed; boundary="b"\n\n--b\n' * 100_000,
    "messages": lambda: b"Content-Type: message/rfc822\n\n" * 100_000,
    "glued boundaries": lambda: b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b" * 2_000_000,
    "newlines": lambda: b"Subject: x\n\n" + b"\n" * 20_000_000,
    "fields": lambda: b"A: b\n" * 2_000_000,
    "folds": lambda: b"A: b\n" + b" x\n" * 2_000_000,
    "addresses": lambda: b"To: " + b"a@b.example, " * 20_000,
    "open quotes": lambda: b"To: " + b'"a\\' * 80_000,
    "open brackets": lambda: b"To: " + b"<(" * 100_000,
    "encoded words": lambda: b"Subject: " + b"=?utf-8?q?a?= " * 17_000,
    "half encoded words": lambda: b"Subject: " + b"=?x?" * 60_000 + b"?=",
    "references": lambda: b"References: " + b"<a@b> <" * 40_000,
    "parameters": lambda: b"Content-Type: text/plain" + b';a*0="a\\' * 30_000,
    "quoted-printable": lambda: b"Content-Transfer-Encoding: quoted-printable\n\n" + b"=\n" * 5_000_000,
    "base64": lambda: b"Content-Transfer-Encoding: base64\n\n" + b"!A" * 5_000_000,
    "flowed": lambda: b"Content-Type: text/plain; format=flowed\n\n" + b"> \n" * 3_000_000,
    "pages": lambda: multipart("mixed", *["Content-Type: text/html\n\n" + "<div>" * 20_000] * 200).encode(),
    "calendars": lambda: multipart(
        "mixed", *[f"Content-Type: text/calendar\n\n{n}" + "é" * 50_000 for n in range(200)]
    ).encode(),
    "zeros": lambda: bytes(10_000_000),
    "too large": lambda: b"Subject: x\n\n" + b"x" * 25_000_001,
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_costs_little(name: str) -> None:
    raw = BOMBS[name]()
    start = time.process_time()
    read = read_mail(raw)
    assert time.process_time() - start < 3
    assert len(read.text) <= 256 * 1024
    assert len(read.problems) <= 50


def test_a_bound_that_was_reached_is_a_problem() -> None:
    assert "more than 200 parts; the rest was left out" in read_mail(BOMBS["parts"]()).problems
    large = read_mail(b"Subject: x\n\n" + b"x" * 25_000_001)
    assert (large.subject, large.text) == ("x", "")
    assert "larger than 25 MB: only the header was read" in large.problems


def test_html_beyond_the_bounds_is_a_problem() -> None:
    cut = "an HTML part is too large; the rest was left out"
    for html in ("<p>x" * 21_000, "<p>" + "é" * 600_000, "<p>" + "x" * 1_000_000):
        read = read_mail(f"Content-Type: text/html; charset=utf-8\n\n{html}".encode())
        assert read.problems == (cut, "nothing says when it arrived")
    assert cut not in read_mail(f"Content-Type: text/html\n\n{'<p>x' * 19_000}".encode()).problems


@pytest.mark.parametrize(
    "header",
    ["Content-Type: application/ms-tnef; name=winmail.dat", "Content-Type: application/octet-stream; name=WinMail.dat"],
)
def test_a_part_that_only_outlook_reads_is_named(header: str) -> None:
    packed = f"{header}\nContent-Disposition: attachment\nContent-Transfer-Encoding: base64\n\neJ8+IgAA"
    read = read_mail(multipart("mixed", "\nSee you on Tuesday.", packed).encode())
    assert read.text == "See you on Tuesday."
    assert "a part is in Outlook's own format (winmail.dat) and was not read" in read.problems


UUENCODED = """begin 644 invite.ics
#0V%T
`
end
"""


def test_a_file_between_the_lines_is_left_out_and_named() -> None:
    read = read_mail(f"Subject: x\n\nSee you on Tuesday.\n\n{UUENCODED}\nBest,\nDana".encode())
    assert read.text == "See you on Tuesday.\n\n\nBest,\nDana"
    assert "a file inside the text (uuencoded) was not read: 'invite.ics'" in read.problems


@pytest.mark.parametrize(
    "text",
    [
        "We begin 900 at the latest.\nbegin 100 people\nand more",
        "begin 644 is a mode.\nThis is a sentence of the usual length, which no program has encoded in any way.",
        "The plan:\nbegin 10:00 talk\nend",
    ],
)
def test_words_that_look_like_the_start_of_a_file_stay(text: str) -> None:
    read = read_mail(f"Date: Mon, 30 Nov 2026 10:12:00 +0000\n\n{text}".encode())
    assert (read.text, read.problems) == (text, ())


FRAGMENTS = [
    *(
        b"From: ",
        b"To: ",
        b"Date: ",
        b"Subject: ",
        b"Message-ID: ",
        b"References: ",
        b"Content-Type: ",
        b"\n",
        b"\r\n",
        b"\n\n",
    ),
    *(
        b"multipart/mixed; boundary=b",
        b"multipart/alternative; boundary=b",
        b"--b\n",
        b"--b--\n",
        b"text/html\n\n",
        b"<p>",
    ),
    *(
        b"message/rfc822\n\n",
        b"text/calendar\n\n",
        b"text/plain; charset=",
        b"utf-7",
        b"utf-16",
        b"hz",
        b"idna",
        b"; format=flowed",
    ),
    *(
        b"Content-Transfer-Encoding: base64\n\n",
        b"=?utf-8?b?",
        b"?=",
        b"=?",
        b"a@b.example",
        b"<",
        b">",
        b'"',
        b"(",
        b";",
        b":",
        b",",
    ),
    *(
        b"\x00",
        b"\xff",
        b"\xe9",
        b"+AGE-",
        b"Mon, 30 Nov 2026 10:00:00 +0000",
        b"99999999999",
        b" ",
        b"*0*=",
        b"''%",
        b"\xed\xa0\x80",
    ),
]


@settings(max_examples=300, deadline=None)
@given(st.binary())
@example(b"Content-Type: text/plain; charset=utf-7\n\n+2AA-")
@example(b"Date: Mon, 30 Nov 2026 10:12:00 +0000\x00\n\n")
def test_any_bytes_are_read(raw: bytes) -> None:
    check(raw)


@settings(max_examples=500, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.binary(max_size=4)), max_size=60))
def test_any_mixture_of_mail_is_read(pieces: list[bytes]) -> None:
    check(b"".join(pieces))


SAMPLE = (
    HEADER
    + multipart(
        "mixed",
        multipart("alternative", PLAIN, RICH, boundary="c"),
        f"Content-Type: text/calendar\n\n{CALENDAR}",
    ).encode()
)


@settings(max_examples=500, deadline=None)
@given(st.data())
def test_any_damaged_mail_is_read(data: st.DataObject) -> None:
    raw = bytearray(SAMPLE)
    for _ in range(data.draw(st.integers(1, 6))):
        start = data.draw(st.integers(0, len(raw)))
        end = data.draw(st.integers(start, min(len(raw), start + 40)))
        raw[start:end] = data.draw(st.one_of(st.sampled_from(FRAGMENTS), st.binary(max_size=8)))
    check(bytes(raw))


def check(raw: bytes) -> None:
    read = read_mail(raw)
    assert read.received_at.utcoffset() is not None
    assert read.received_at.astimezone(UTC) >= EPOCH - timedelta(days=1)
    assert "\n" not in read.subject
    for address in (*read.senders, *read.reply_to, *read.to, *read.cc):
        assert address.address.isascii()
        assert address.address.isprintable()
        assert address.address.count("@") == 1
        assert address.name is None or address.name.isprintable()
    read.text.encode("utf-8")
    assert "\r" not in read.text
    assert "\0" not in read.text
    assert read_header(raw, received_at=NOW).received_at == NOW
