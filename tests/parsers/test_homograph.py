"""Domains that are made to look like others, and answers that would go elsewhere, are never written to."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from parsers.extract import extract
from parsers.homograph import PROBLEM, is_deceptive
from parsers.mail import read_mail
from parsers.model import Facts, Scheduled, Trust
from parsers.reader import Reader

ME = "noor@letters.example"
OURS = "mx.letters.example"
FAKE = "xn--nrthwind-jbh.example"  # "nоrthwind" with a Cyrillic о
INVITE = """From: {sender}
To: noor@letters.example
Reply-To: {reply_to}
Subject: Interview: Data Engineer at Northwind Freight
Date: Mon, 30 Nov 2026 10:12:00 -0500
Message-ID: <one@northwind.example>
{more}Content-Type: multipart/mixed; boundary=b

--b

Hi Noor,

your interview for the Data Engineer role is confirmed for Tuesday, December 1 at 2:00 PM EST.

Best regards,
Dana Lee
--b
Content-Type: text/calendar; method=REQUEST

BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VEVENT
UID:u-1@northwind.example
DTSTART:20261201T190000Z
DTEND:20261201T200000Z
SUMMARY:Interview: Data Engineer
ORGANIZER;CN=Dana Lee:mailto:dana@northwind.example
ATTENDEE;CN=Sam Roe:mailto:sam@{guest}
END:VEVENT
END:VCALENDAR
--b--
"""


def read(
    *,
    sender: str = "Dana Lee <dana@northwind.example>",
    reply_to: str = "Dana Lee <dana@northwind.example>",
    guest: str = "northwind.example",
    more: str = "",
    authserv_id: str | None = OURS,
) -> Facts:
    raw = INVITE.format(sender=sender, reply_to=reply_to, guest=guest, more=more).encode()
    reader = Reader(
        account="a",
        addresses=frozenset({ME}),
        full_name="Noor Haddad",
        timezone="America/New_York",
        authserv_id=authserv_id,
    )
    return extract(read_mail(raw, received_at=datetime(2026, 11, 30, 15, 12, tzinfo=UTC)), reader)


@pytest.mark.parametrize(
    ("domain", "deceptive"),
    [
        ("northwind.example", False),
        ("müller.example", False),
        ("xn--mller-kva.example", False),
        ("яндекс.example", False),  # letters that no Latin name has
        ("さくらcafe.example", False),
        ("nоrthwind.example", True),  # one Cyrillic letter among Latin ones
        (FAKE, True),
        ("аррӏе.example", True),  # Cyrillic letters alone, all of which look Latin
        ("mail.xn--80ak6aa92e.example", True),
        ("xn--!!.example", True),  # no punycode at all
        ("xn--\ud800.example", True),
        ("", False),
    ],
)
def test_a_domain_that_mixes_or_imitates_alphabets_is_told(domain: str, deceptive: bool) -> None:
    assert is_deceptive(domain) is deceptive


@pytest.mark.parametrize("domain", [FAKE, "n\u043erthwind.example"])
def test_a_sender_at_a_deceptive_domain_is_not_believed_and_the_reason_is_told(domain: str) -> None:
    facts = read(sender=f"Dana Lee <dana@{domain}>", more=f"Authentication-Results: {OURS}; dmarc=pass\n")
    assert facts.trust is Trust.FAILED
    assert any(PROBLEM in problem for problem in facts.problems)


def test_nobody_at_a_deceptive_domain_keeps_the_address() -> None:
    facts = read(guest=FAKE)
    people = {person.name: person.address for person in facts.people}
    assert people["Dana Lee"] == "dana@northwind.example"
    spoken = [person for said in facts.statements if isinstance(said, Scheduled) for person in said.sessions[0].people]
    assert not any(FAKE in (person.address or "") for person in (*facts.people, *spoken))
    assert read().people != facts.people  # with its true domain the guest is there


AUTOMATIC = "Auto-Submitted: auto-generated\n"


@pytest.mark.parametrize(
    ("sender", "reply_to", "more", "answered"),
    [
        ("no-reply@northwind.example", "eve@evil.example", AUTOMATIC, None),
        ("dana@northwind.example", "eve@evil.example", AUTOMATIC, None),
        ("dana@northwind.example", "eve@northwind.example.evil.example", AUTOMATIC, None),
        ("no-reply@northwind.example", "dana@careers.northwind.example", AUTOMATIC, "dana@careers.northwind.example"),
        ("no-reply@us.greenhouse-mail.io", "dana@northwind.example", AUTOMATIC, "dana@northwind.example"),
        (
            "no-reply@tracker.example",
            "dana@northwind.example",
            f"{AUTOMATIC}Authentication-Results: {OURS}; dmarc=pass header.from=tracker.example\n",
            "dana@northwind.example",
        ),
        ("no-reply@northwind.example", f"dana@{FAKE}", AUTOMATIC, None),
    ],
)
def test_an_answer_follows_reply_to_only_where_somebody_stands_for_it(
    sender: str, reply_to: str, more: str, answered: str | None
) -> None:
    facts = read(sender=sender, reply_to=reply_to, more=more)
    assert (facts.reply_to.address if facts.reply_to else None) == answered
    if answered is None and sender.startswith("no-reply"):
        assert not facts.answerable


def test_a_failure_on_top_counts_even_where_the_own_server_is_not_known() -> None:
    failed = "Authentication-Results: mx.other.example; dmarc=fail header.from=northwind.example\n"
    passed = "Authentication-Results: mx.other.example; dmarc=pass header.from=northwind.example\n"
    assert read(more=failed, authserv_id=None).trust is Trust.FAILED
    assert read(more=passed, authserv_id=None).trust is Trust.UNKNOWN
    assert read(more=passed + failed, authserv_id=None).trust is Trust.UNKNOWN
