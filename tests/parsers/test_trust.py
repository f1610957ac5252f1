"""Whom parsers.trust believes, and whom it does not."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.mail import read_mail
from parsers.model import Address, Mail, Trust
from parsers.trust import assess_trust, is_aligned, organisational_domain, read_authentication_results

OURS = "mx.mail.example"
GMAIL = (
    "mx.mail.example; dkim=pass header.i=@northwind.example header.s=sel header.b=Kd+/x=; "
    "spf=pass (mx.mail.example: domain of dana@northwind.example designates 192.0.2.1 as permitted sender) "
    "smtp.mailfrom=dana@northwind.example; dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=northwind.example"
)
MICROSOFT = (
    "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=northwind.example; dkim=pass (signature was verified) "
    "header.d=northwind.example;dmarc=pass action=none header.from=northwind.example;compauth=pass reason=100"
)


def mail(*results: str, sender: str = "dana@northwind.example", references: tuple[str, ...] = ()) -> Mail:
    return Mail(
        message_id="m1@northwind.example",
        received_at=datetime(2026, 11, 30, tzinfo=UTC),
        references=references,
        senders=(Address(address=sender),),
        headers={"authentication-results": results, "from": (sender,)},
    )


def trust(*results: str, sender: str = "dana@northwind.example", authserv_id: str | None = OURS) -> Trust:
    return assess_trust(mail(*results, sender=sender), authserv_id=authserv_id).trust


@pytest.mark.parametrize(
    "value",
    [
        GMAIL,
        "mx.mail.example; dmarc=pass header.from=northwind.example",
        "MX.Mail.Example 1; dkim=pass header.d=northwind.example",
        '"mx.mail.example"; dkim = pass (a (nested) comment; dkim=fail) header.d = "northwind.example"',
        'mx.mail.example (filtered); dkim/1=pass reason="good; signature" header.d=mail.northwind.example',
        "mx.mail.example; dkim=fail header.d=list.example; dkim=pass header.d=northwind.example",
        "mx.mail.example; spf=fail smtp.mailfrom=alumni.example; dkim=pass header.d=northwind.example",
    ],
)
def test_an_aligned_pass_by_the_own_server_is_believed(value: str) -> None:
    assert trust(value) is Trust.AUTHENTICATED


def test_the_words_of_the_server_are_the_evidence() -> None:
    judgement = assess_trust(
        mail("mx.mail.example; dmarc=pass (p=REJECT) header.from=northwind.example"), authserv_id=OURS
    )
    assert judgement.evidence.field == "trust"
    assert judgement.evidence.text == "dmarc=pass header.from=northwind.example"


@pytest.mark.parametrize(
    "value",
    [
        MICROSOFT,  # names no server: anybody could have written it
        GMAIL.replace("mx.mail.example;", "mx.other.example;"),
        GMAIL.replace("mx.mail.example;", "mx.mail.example.evil.example;"),
        "mx.mail.example; dkim=pass header.d=evil.example; dmarc=none header.from=northwind.example",
        "mx.mail.example; dkim=pass header.i=@northwind.example@evil.example",
        "mx.mail.example; dkim=pass header.d=northwind.example.evil.example",
        "mx.mail.example; dkim=pass header.d=example",
        "mx.mail.example; dkim=pass header.d=northwind.example header.d=evil.example",
        "mx.mail.example; dkim=pass header.d=northwind.example x@evil.example",
        "mx.mail.example; dkim=pass",
        "mx.mail.example; dmarc=pass action=none",
        "mx.mail.example; dmarc=bestguesspass header.from=northwind.example",
        "mx.mail.example; dmarc=pass header.from=northwind.example; dmarc=none header.from=northwind.example",
        "mx.mail.example; spf=pass smtp.mailfrom=northwind.example",
        "mx.mail.example; arc=pass (i=1 dmarc=pass header.from=northwind.example)",
        'mx.mail.example; spf=pass smtp.mailfrom="a; dkim=pass header.d=northwind.example"@evil.example',
        "mx.mail.example; spf=pass smtp.mailfrom=a\\; dkim=neutral header.d=northwind.example",
        "mx.mail.example; none",
        "mx.mail.example",
    ],
)
def test_anything_else_is_not_authenticated(value: str) -> None:
    assert trust(value) is Trust.UNKNOWN


@pytest.mark.parametrize(
    "value",
    [
        "mx.mail.example; dmarc=fail (p=NONE) header.from=northwind.example",
        "mx.mail.example; dkim=pass header.d=northwind.example; dmarc=fail header.from=northwind.example",
        "mx.mail.example; dmarc=pass header.from=northwind.example; dmarc=fail header.from=evil.example",
        "mx.mail.example; dkim=fail (bad signature) header.d=northwind.example",
        "mx.mail.example; spf=fail smtp.mailfrom=northwind.example; dkim=none",
        "mx.mail.example; compauth=fail reason=001; dkim=pass header.d=northwind.example",
        "mx.mail.example; dkim=pass header.d=northwind.example (never closed",
        'mx.mail.example; dkim=pass header.d="northwind.example',
        "mx.mail.example; dkim=pass header.d=northwind.example) smtp.mailfrom=x",
        "mx.mail.example; dkim=pass header.d=northwind.example; what is this",
        "mx.mail.example; dkim=pass header.d=northwind.example \\",
        "mx.mail.example 1 x; dkim=pass header.d=northwind.example",
        GMAIL + " " * 20_000,
    ],
)
def test_an_explicit_fail_and_what_cannot_be_read_is_a_failure(value: str) -> None:
    assert trust(value) is Trust.FAILED


def test_only_the_topmost_field_of_the_own_server_counts() -> None:
    forged = GMAIL
    real = "mx.mail.example; dmarc=fail header.from=northwind.example"
    assert trust("mx.relay.example; dkim=pass header.d=x.example", real, forged) is Trust.FAILED
    assert trust(GMAIL, real) is Trust.AUTHENTICATED


def test_nobody_is_authenticated_where_the_own_server_is_not_known() -> None:
    assert trust(GMAIL, authserv_id=None) is Trust.UNKNOWN


def test_more_than_one_from_is_never_believed() -> None:
    one = mail(GMAIL, references=("draft@jordan.example",))
    two_fields = Mail(
        message_id=None,
        received_at=one.received_at,
        senders=one.senders,
        references=one.references,
        headers={**one.headers, "from": ("dana@northwind.example", "eve@evil.example")},
    )
    two_addresses = Mail(
        message_id=None,
        received_at=one.received_at,
        senders=(*one.senders, Address(address="eve@evil.example")),
        headers=one.headers,
    )
    for suspicious in (two_fields, two_addresses):
        own = frozenset({"draft@jordan.example"})
        assert assess_trust(suspicious, authserv_id=OURS, own_message_ids=own).trust is Trust.FAILED


def test_a_message_without_a_sender_is_not_authenticated() -> None:
    nobody = Mail(
        message_id=None,
        received_at=datetime(2026, 11, 30, tzinfo=UTC),
        headers={"authentication-results": ("mx.mail.example; dkim=pass header.d=",)},
    )
    assert assess_trust(nobody, authserv_id=OURS).trust is Trust.UNKNOWN


def test_an_answer_to_an_own_message_is_a_known_thread_unless_the_server_says_fail() -> None:
    own = frozenset({"draft@jordan.example"})
    answer = mail(MICROSOFT, references=("other@x.example", "draft@jordan.example"))
    assert assess_trust(answer, authserv_id=OURS, own_message_ids=own).trust is Trust.KNOWN_THREAD
    assert assess_trust(answer, authserv_id=None, own_message_ids=own).trust is Trust.KNOWN_THREAD
    failed = mail("mx.mail.example; dmarc=fail header.from=northwind.example", references=("draft@jordan.example",))
    assert assess_trust(failed, authserv_id=OURS, own_message_ids=own).trust is Trust.FAILED
    assert assess_trust(mail(GMAIL), authserv_id=OURS, own_message_ids=own).trust is Trust.AUTHENTICATED


def test_a_missing_pass_is_no_failure_by_itself() -> None:
    for silent in (mail(), mail(MICROSOFT), mail("mx.mail.example; none")):
        assert assess_trust(silent, authserv_id=OURS).trust is Trust.UNKNOWN


@pytest.mark.parametrize(
    ("domain", "other", "aligned"),
    [
        ("northwind.example", "mail.northwind.example", True),
        ("careers.northwind.example", "mail.northwind.example", True),
        ("Northwind.Example.", "northwind.example", True),
        ("northwind.co.uk", "mail.northwind.co.uk", True),
        ("northwind.co.uk", "evil.co.uk", False),
        ("northwind.example", "notnorthwind.example", False),
        ("co.uk", "northwind.co.uk", False),
        ("", "", False),
        ("192.0.2.1", "192.0.2.1", False),
    ],
)
def test_domains_are_aligned_when_one_organisation_holds_both(domain: str, other: str, aligned: bool) -> None:
    assert is_aligned(domain, other) is aligned


def test_a_suffix_alone_is_no_organisation() -> None:
    assert organisational_domain("co.uk") is None
    assert organisational_domain("example") is None


@pytest.mark.parametrize("piece", ["(", ")", '"', "\\", '\\"', ";", "= ", "a=b ", '"\\', "x=(y)", " "])
def test_a_field_made_to_hang_is_read_in_passing(piece: str) -> None:
    began = time.process_time()
    trust("mx.mail.example; " + piece * 100_000)
    assert time.process_time() - began < 1


PIECES = st.sampled_from(
    ['"', "(", ")", ";", "\\", " ", "=", "mx.mail.example", "dkim=pass", "header.d=", "dmarc=fail", "a.example"]
)


@given(st.lists(PIECES | st.text(max_size=4), max_size=40).map("".join))
def test_no_field_makes_the_reader_raise_or_believe_a_domain_that_is_not_named(value: str) -> None:
    read_authentication_results(value)
    assert trust(value) is not Trust.AUTHENTICATED


def test_an_encoded_word_in_the_servers_verdict_stays_what_it_is() -> None:
    """A stranger's envelope address, copied into the field by the server, must not be decoded into a pass."""
    forged = "=?utf-8?q?a=3B_dkim=3Dpass_header=2Ed=3Dnorthwind=2Eexample_reason=3Dx?=@evil.example"
    raw = (
        f"Authentication-Results: mx.mail.example; spf=fail smtp.mailfrom={forged}\r\n"
        "From: Dana Lee <dana.lee@northwind.example>\r\nSubject: Interview\r\n\r\nHello\r\n"
    )
    judgement = assess_trust(read_mail(raw.encode()), authserv_id="mx.mail.example")
    assert judgement.trust is not Trust.AUTHENTICATED
