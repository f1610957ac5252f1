"""Whole mails, damaged in every way a wire or an enemy can think of, go through all that `read` does."""

from __future__ import annotations

import base64
import json
import random
import re
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.archive import Stored
from daemon.reading import read_stored, reading
from parsers.extract import Reader, extract
from parsers.mail import read_mail
from parsers.model import Facts, Kind
from parsers.timeline import fold

ME = "noor@letters.example"
READER = Reader(
    account="personal",
    addresses=frozenset({ME}),
    full_name="Noor Haddad",
    timezone="America/New_York",
    authserv_id="mx.letters.example",
)
KEYS = frozenset(
    "path message_id received_at kind confidence language trust company role round interviews options events promise "
    "returns_on evidence problems".split()
)
# What `extract` says where a reader broke its promise never to raise.
BROKEN = re.compile(r"could not be read: \w*(?:Error|Exception|Iteration|Warning)$")

HEADER = """Received: from mx.letters.example by imap.letters.example; Mon, 30 Nov 2026 15:12:04 +0000
Authentication-Results: mx.letters.example; dkim=pass header.d=northwind.example;
 dmarc=pass header.from=northwind.example
From: =?utf-8?q?Dana_L=C3=A9e?= <dana.lee@northwind.example>
To: Noor Haddad <noor@letters.example>
Cc: "Marsh, Hugo" <hugo.marsh@northwind.example>
Subject: %s
Date: Mon, 30 Nov 2026 10:12:00 -0500
Message-ID: <%s@northwind.example>
References: <root@letters.example> <second@northwind.example>
In-Reply-To: <second@northwind.example>
MIME-Version: 1.0
"""
CALENDAR = """BEGIN:VCALENDAR
PRODID:-//Invented//Calendar//EN
VERSION:2.0
METHOD:%s
BEGIN:VTIMEZONE
TZID:Office Time
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
UID:u-1@northwind.example
SEQUENCE:%d
DTSTAMP:20261130T151000Z
DTSTART;TZID=Office Time:20261208T150000
DTEND;TZID=Office Time:20261208T160000
ORGANIZER;CN="Lee, Dana":mailto:dana.lee@northwind.example
ATTENDEE;PARTSTAT=NEEDS-ACTION;CN=Noor Haddad:mailto:noor@letters.example
ATTENDEE;CN=Hugo Marsh:mailto:hugo.marsh@northwind.example
SUMMARY:Interview - Data Engineer
LOCATION:https://meet.example/x
DESCRIPTION:Round two\\, with Hugo\\nBring a laptop
END:VEVENT
END:VCALENDAR
"""
PLAIN = """Content-Type: text/plain; charset="utf-8"; format=flowed
Content-Transfer-Encoding: 8bit

Hi Noor,

your interview for the Data Engineer position is confirmed for Tuesday, December 8 at 3 PM CET with Hugo Marsh.
We will let you know by Friday, December 18.

Best regards,
Dana L\u00e9e
Talent Partner, Northwind Freight

On Sun, 29 Nov 2026 at 18:00, Noor Haddad <noor@letters.example> wrote:
> Could we do Thursday, December 10 at 2pm instead?
"""
PAGE = """Content-Type: text/html; charset="utf-8"
Content-Transfer-Encoding: quoted-printable

<html><head><style>p {color: red}</style><script type=3D"application/ld+json">
{"@context": "http://schema.org", "@type": "EventReservation", "reservationFor": {"@type": "Event", "name":
"Interview", "startDate": "2026-12-08T15:00:00+01:00"}}</script></head><body><div style=3D"display:none">soon</div>
<table><tr><td>When</td><td>Tuesday, December 8, 3 PM CET</td></tr><tr><td>Where</td><td><a
href=3D"https://meet.example/x">Video</a></td></tr></table><p>Your interview for the Data Engineer position is confir=
med.</p><div class=3D"gmail_quote"><div class=3D"gmail_attr">On Sun, 29 Nov 2026, Noor wrote:</div><blockquote
class=3D"gmail_quote">Could we do Thursday?</blockquote></div></body></html>
"""
REJECTION = """Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Sehr geehrte Frau Haddad,

vielen Dank f=FCr Ihre Bewerbung als Data Engineer. Leider m=FCssen wir Ihnen mitteilen, dass wir uns f=FCr eine
andere Kandidatin entschieden haben.

Mit freundlichen Gr=FC=DFen
Dana Lee
"""


def multipart(kind: str, boundary: str, *parts: str) -> str:
    body = "".join(f"--{boundary}\n{part}\n" for part in parts)
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"\n\n{body}--{boundary}--\n'


@cache
def mails() -> tuple[bytes, ...]:
    invite = f"Content-Type: text/calendar; method=REQUEST; charset=utf-8\n\n{CALENDAR % ('REQUEST', 0)}"
    packed = base64.encodebytes((CALENDAR % ("CANCEL", 1)).encode()).decode()
    attached = (
        'Content-Type: application/ics; name="invite.ics"\nContent-Disposition: attachment\n'
        f"Content-Transfer-Encoding: base64\n\n{packed}"
    )
    whole = HEADER % ("Interview for Data Engineer", "one") + multipart(
        "mixed", "outer", multipart("alternative", "inner", PLAIN, PAGE, invite), attached
    )
    return (
        whole.encode(),
        (HEADER % ("Ihre Bewerbung", "two") + REJECTION).encode(),
        (HEADER % ("Your interview", "three") + PLAIN).encode(),
        (HEADER % ("Your interview", "four") + PAGE).replace("\n", "\r\n").encode(),
        (HEADER % ("Canceled: Interview", "five") + multipart("mixed", "b", PLAIN, attached)).encode(),
        (HEADER % ("Fwd: Interview", "six") + f"Content-Type: message/rfc822\n\n{whole}").encode(),
        (CALENDAR % ("REQUEST", 2)).encode(),
    )


def test_the_sound_mails_say_what_they_should() -> None:
    kinds = [extract(read_mail(mail), READER).kind for mail in mails()[:3]]
    assert kinds == [Kind.CANCELLATION, Kind.REJECTION, Kind.INTERVIEW_CONFIRMED]  # the first carries a CANCEL, too


def check(raw: bytes) -> Facts:
    facts = read_stored(Stored.held("x.eml", raw), READER)
    document = json.loads(json.dumps(reading(facts, "x.eml"), allow_nan=False))
    assert document.keys() == KEYS
    assert document["kind"] in set(Kind)
    assert 0.0 <= document["confidence"] <= 1.0
    assert not [problem for problem in document["problems"] if BROKEN.search(problem)]
    assert facts.received_at.utcoffset() is not None
    for statement in facts.statements:
        assert 0.0 <= statement.confidence <= 1.0
        assert all(isinstance(evidence.text, str) for evidence in statement.evidence)
    return facts


PLACES = st.integers(0, 1 << 20)
DAMAGE = st.one_of(
    st.tuples(st.just("flip"), PLACES, st.integers(1, 255)),
    st.tuples(st.just("cut"), PLACES, st.integers(1, 400)),
    st.tuples(st.just("end"), PLACES, st.just(0)),
    st.tuples(st.just("double"), PLACES, st.integers(1, 2000)),
    st.tuples(st.just("splice"), PLACES, PLACES),
    st.tuples(st.just("put"), PLACES, st.binary(min_size=1, max_size=12)),
    st.tuples(st.just("swap"), PLACES, PLACES),
    st.tuples(st.just("lines"), PLACES, st.sampled_from([b"\n", b"\r\n", b"\r", b""])),
)


def damaged(raw: bytes, harm: tuple[str, int, object]) -> bytes:
    """Do one thing to a message; places count around its end."""
    kind, place, more = harm
    at = place % (len(raw) + 1)
    if isinstance(more, bytes):
        return raw[:at] + raw[at:].replace(b"\n", more) if kind == "lines" else raw[:at] + more + raw[at:]
    assert isinstance(more, int)
    match kind:
        case "flip":
            return raw[:at] + bytes([raw[at] ^ more]) + raw[at + 1 :] if at < len(raw) else raw
        case "cut":
            return raw[:at] + raw[at + more :]
        case "end":
            return raw[:at]
        case "double":
            return raw[: at + more] + raw[at:]
        case "splice":
            other = mails()[place % len(mails())]
            return raw[:at] + other[more % (len(other) + 1) :]
        case _:
            lines = raw.split(b"\n")
            first, second = place % len(lines), more % len(lines)
            lines[first], lines[second] = lines[second], lines[first]
            return b"\n".join(lines)


@settings(max_examples=600, deadline=None)
@given(st.sampled_from(range(7)), st.lists(DAMAGE, min_size=1, max_size=8))
def test_any_damage_to_a_mail_is_read(number: int, harms: list[tuple[str, int, object]]) -> None:
    raw = mails()[number]
    for harm in harms:
        raw = damaged(raw, harm)
    check(raw)


@pytest.mark.parametrize("number", range(7))
def test_a_mail_that_is_cut_off_anywhere_is_read(number: int) -> None:
    raw = mails()[number]
    for end in range(0, len(raw), 23):
        check(raw[:end])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(range(6)), st.lists(DAMAGE, max_size=3)), min_size=1, max_size=8))
def test_damaged_mails_fold_whatever_their_order(drawn: list[tuple[int, list[tuple[str, int, object]]]]) -> None:
    facts = []
    for number, harms in drawn:
        raw = mails()[number]
        for harm in harms:
            raw = damaged(raw, harm)
        facts.append(check(raw))
    timelines = fold(facts)
    random.Random(len(facts)).shuffle(facts)  # noqa: S311 - no secret
    assert fold((*facts, *facts)) == timelines


def test_a_forged_mail_never_has_the_servers_pass() -> None:
    forged = HEADER.replace("dkim=pass header.d=northwind.example", "dkim=none").replace("dmarc=pass", "dmarc=fail")
    raw = (forged % ("Your interview", "seven") + PLAIN).encode()
    for place in range(0, len(raw), 7):  # whatever single byte is lost, the verdict is not turned
        facts = check(raw[:place] + raw[place + 1 :])
        assert facts.trust != "authenticated"
