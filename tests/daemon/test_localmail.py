"""What is said of a message that lies at hand."""

from __future__ import annotations

import time
import tracemalloc
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.localmail import MOST_PARTS, canonical, outline_message, read_parts, split_header, telling_message
from daemon.mailbox import Outline

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
FRAGMENTS = (
    b"Content-Type: multipart/mixed; boundary=b\r\n",
    b'Content-Type: multipart/alternative; boundary="b c"\r\n',
    b"Content-Type: message/rfc822\r\n",
    b"Content-Disposition: attachment; filename*=utf-8''a%20b.ics\r\n",
    b"Content-Disposition: attachment; filename*0*=nonsense'x'%ff; filename*1=y\r\n",
    b"Subject: x\n folded\n",
    b"--b\r\n",
    b"--b--\r\n",
    b"--b c\n",
    b"\r\n",
    b"\n",
    b"\r",
    b"text\r\n",
)
messages = st.lists(st.sampled_from(FRAGMENTS) | st.binary(max_size=20), max_size=40).map(b"".join)


def outlined(message: bytes) -> Outline:
    return outline_message(message, uid=1, received_at=NOON, flags=frozenset())


@given(messages)
def test_any_bytes_have_an_outline_whose_sections_are_unique(message: bytes) -> None:
    outline = outlined(message)
    sections = [part.section for part in outline.parts]
    assert sections
    assert len(sections) == len(set(sections))
    assert outline.header.endswith(b"\r\n")
    assert canonical(outline.header) == outline.header


@given(messages)
def test_each_leaf_lies_within_the_message(message: bytes) -> None:
    _, body = split_header(message)
    last = body
    for part in read_parts(message)[0]:
        assert last <= part.start <= part.end <= len(message)
        assert part.outline.size == part.end - part.start
        last = part.end


@given(messages)
def test_a_message_without_its_heavy_parts_keeps_its_own_fields(message: bytes) -> None:
    heavy = b"Subject: kept\r\nContent-Type: multipart/mixed; boundary=outer\r\nX-Last: one\r\n two\r\n\r\n--outer\r\n"
    heavy += (
        message + b"\r\n--outer\r\nContent-Type: application/pdf\r\n\r\n" + b"%PDF" * 300_000 + b"\r\n--outer--\r\n"
    )
    light = telling_message(heavy)
    mail = message_from_bytes(light, policy=policy.compat32)
    assert light.startswith(b"Subject: kept\r\nX-Last: one\r\n two\r\n")
    assert mail["Subject"] == "kept"
    assert len(light) < 20_000


def test_the_kind_of_each_multipart_stays() -> None:
    inner = EmailMessage(policy=policy.SMTP)
    inner["Subject"] = "Both"
    inner.set_content("plain\n")
    inner.add_alternative("<p>html</p>\n", subtype="html")
    inner.add_attachment(b"%PDF" * 400_000, maintype="application", subtype="pdf", filename="a.pdf")
    mail = message_from_bytes(telling_message(inner.as_bytes()), policy=policy.default)
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/mixed", "multipart/alternative", "text/plain", "text/html"
    ]  # fmt: skip


def test_a_report_of_a_failed_delivery_stays_one() -> None:
    report = (
        b'Subject: failed\r\nContent-Type: multipart/report; report-type=delivery-status;\r\n boundary="b"\r\n\r\n'
        b"--b\r\n\r\nSorry.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nFinal-Recipient: a@b.example\r\n"
        b"--b\r\nContent-Type: message/rfc822\r\n\r\n" + b"Subject: mine\r\n\r\n" + b"x" * 1_100_000 + b"\r\n--b--\r\n"
    )
    mail = message_from_bytes(telling_message(report), policy=policy.default)
    assert mail.get_param("report-type") == "delivery-status"
    assert [part.get_content_type() for part in mail.walk()][:3] == [
        "multipart/report", "text/plain", "message/delivery-status"
    ]  # fmt: skip


def test_a_boundary_that_occurs_in_a_part_is_not_taken() -> None:
    body = b"--=_-0\r\nnot a boundary\r\n"
    mail = (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n" + body
        + b"--b\r\nContent-Type: application/pdf\r\n\r\n" + b"x" * 1_100_000 + b"\r\n--b--\r\n"
    )  # fmt: skip
    light = message_from_bytes(telling_message(mail), policy=policy.default)
    (part,) = light.iter_parts()
    assert part.get_payload() == body.decode().rstrip("\r\n")


def test_every_kind_of_line_end_becomes_the_one_of_the_wire() -> None:
    assert canonical(b"a\r\nb\nc\rd\r\r\n\n\re") == b"a\r\nb\r\nc\r\nd\r\n\r\n\r\n\r\ne"
    assert canonical(b"") == b""


def test_a_message_of_empty_lines_costs_no_more_than_a_few_copies() -> None:
    tracemalloc.start()
    try:
        canonical(b"\n" * 5_000_000)
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "message",
    [
        b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n" * 3_000_000,
        b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b" * 4_000_000,
        b'Content-Type: multipart/mixed; boundary="b"\n\n--b\n' * 200_000,
        b"Subject: a\n" * 1_000_000,
        b"Subject: a\n" + b" a\n" * 3_000_000,
    ],
    ids=["parts", "glued boundaries", "depth", "fields", "folds"],
)
def test_a_bomb_that_lies_at_hand_costs_little(message: bytes) -> None:
    began = time.process_time()
    outline = outline_message(message, uid=1, received_at=NOON, flags=frozenset())
    told = telling_message(message)
    assert time.process_time() - began < 3
    assert len(outline.parts) <= MOST_PARTS
    assert len(outline.header) + len(told) < 2_000_000
