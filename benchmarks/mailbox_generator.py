"""Generates a realistic mailbox, the same for the same size: a size and a Maildir in, files out.

1.6 % of the mail is about applications (invitations, prose confirmations, receipts, rejections), the rest newsletters,
notifications, lists, receipts and personal mail; a tenth has an attachment. A mailbox of 1,000 is the beginning of one
of 10,000.
"""

from __future__ import annotations

import base64
import itertools
import os
import quopri
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

USER = "seeker@mail.example"
_serial = itertools.count()
_WORDS = (
    "the report covers last quarter and the plan for spring with notes on travel budget garden harvest river bridge "
    "window market update release version season ticket concert library morning kitchen paper silver cloud"
).split()
_COMPANIES = (
    "Northwind Freight",
    "Contoso Labs",
    "Adatum",
    "Relecloud",
    "Litware",
    "Woodgrove",
    "Tailspin",
    "Fabrikam",
)
_ROLES = ("Data Engineer", "Product Analyst", "Technical Writer", "Backend Developer", "Risk Analyst")
_NEWSLETTERS = ("news@gazette.example", "digest@makers.example", "offers@shoes.example", "weekly@cinema.example")
_FRIENDS = ("ann@family.example", "bo@friends.example", "cleo@club.example", "dan@street.example")


def fill(maildir: Path, size: int, *, now: datetime, seed: int = 7) -> int:
    """Write `size` messages that arrived in the 55 days before `now`; give the number of bytes."""
    total = 0
    for arrived, message in messages(size, now=now, seed=seed):
        total += put(maildir, message, arrived)
    return total


def put(maildir: Path, message: bytes, arrived: datetime, *, part: str = "cur") -> int:
    """Write one message as what has lain there since an instant, or as news (`new`); give the number of bytes."""
    for folder in ("cur", "new", "tmp"):
        (maildir / folder).mkdir(parents=True, exist_ok=True)
    name = f"{int(arrived.timestamp())}.M{next(_serial)}.bench"
    written = maildir / "tmp" / name
    written.write_bytes(message)
    written.chmod(0o666)  # the server may run as another user
    os.utime(written, (arrived.timestamp(), arrived.timestamp()))
    written.rename(maildir / part / (f"{name}:2,S" if part == "cur" else name))
    return len(message)


def messages(
    size: int, *, now: datetime, seed: int = 7, days: float = 55, jobs: float = 0.016
) -> Iterator[tuple[datetime, bytes]]:
    """Give `size` messages and arrivals in the days before `now`, oldest first; `jobs` of them are of applications."""
    choice = random.Random(seed)  # noqa: S311 - a repeatable mailbox, no secret
    for number in range(size):
        arrived = now - timedelta(seconds=(size - number) * days * 86400 / size)
        yield arrived, _message(choice, number, arrived, jobs).encode()


def _message(choice: random.Random, number: int, arrived: datetime, jobs: float) -> str:
    lot = choice.random()
    if lot < jobs:
        return _job_mail(choice, number, arrived)
    subject = _subject(choice)
    if lot < 0.55:
        sender = choice.choice(_NEWSLETTERS)
        domain = sender.partition("@")[2]
        headers = f"List-Id: <list.{domain}>\nList-Unsubscribe: <https://{domain}/u>\nPrecedence: bulk\n"
        return _mail(choice, number, arrived, sender, subject, _page(choice, 45_000), headers)
    if lot < 0.85:
        sender = f"notifications@service{choice.randrange(30)}.example"
        headers = "Auto-Submitted: auto-generated\n"
        return _mail(choice, number, arrived, sender, subject, _page(choice, 15_000), headers)
    if lot < 0.95:
        headers = f"List-Id: <team{choice.randrange(5)}.lists.example>\nPrecedence: list\n"
        parts = (_part("plain", _text(choice, 4_000)),)
        return _mail(choice, number, arrived, "dev@lists.example", f"Re: {subject}", parts, headers)
    parts = (_part("plain", _text(choice, 1_500)),)
    return _mail(choice, number, arrived, choice.choice(_FRIENDS), subject, parts, "")


def _page(choice: random.Random, length: int) -> tuple[str, str]:
    """Write the alternatives of a newsletter."""
    return _part("plain", _text(choice, length // 6)), _part("html", _html(choice, length))


def _text(choice: random.Random, length: int) -> str:
    words: list[str] = []
    size = 0
    while size < length:
        word = choice.choice(_WORDS)
        words.append(word + ("\n" if choice.random() < 0.1 else ""))
        size += len(word) + 1
    return " ".join(words)


def _html(choice: random.Random, length: int) -> str:
    cells = "".join(f"<tr><td style='padding:4px'>{_text(choice, 200)}</td></tr>\n" for _ in range(length // 250))
    return f"<html><body><table>{cells}</table></body></html>"


def _subject(choice: random.Random) -> str:
    return " ".join(choice.choice(_WORDS) for _ in range(5)).capitalize()


def _header(choice: random.Random, number: int, arrived: datetime, sender: str, subject: str, extra: str) -> str:
    """Write the fields that real mail carries by now: a chain of servers, signatures, verdicts; about 4 KB."""
    domain = sender.partition("@")[2]

    def signature(length: int) -> str:
        text = base64.b64encode(choice.randbytes(length)).decode()
        return "\n\t".join(text[start : start + 70] for start in range(0, len(text), 70))

    hops = "".join(
        f"Received: from relay{hop}.{domain} (relay{hop}.{domain} [192.0.2.{hop + 10}])\n\tby mx{hop}.mail.example "
        f"with ESMTPS id {number:08x}{hop}\n\tfor <{USER}>; {format_datetime(arrived)}\n"
        for hop in range(4)
    )
    return (
        f"Return-Path: <bounce-{number}@{domain}>\n{hops}"
        f"ARC-Seal: i=1; a=rsa-sha256; d=mail.example; s=arc; cv=none;\n\tb={signature(256)}\n"
        f"ARC-Message-Signature: i=1; a=rsa-sha256; c=relaxed/relaxed; d=mail.example;\n\tb={signature(256)}\n"
        f"ARC-Authentication-Results: i=1; mail.example; dkim=pass header.i=@{domain}; spf=pass; dmarc=pass\n"
        f"Authentication-Results: mail.example; dkim=pass header.d={domain}; dmarc=pass header.from={domain}\n"
        f"DKIM-Signature: v=1; a=rsa-sha256; d={domain}; s=k1;\n\tb={signature(256)}\n"
        f"X-Spam-Status: No, score=-2.1 required=5.0 tests={'DKIM_SIGNED,DKIM_VALID,HTML_MESSAGE,SPF_PASS,' * 6}\n"
        f"X-Mailer-Data: {signature(400)}\n"
        f"From: Somebody <{sender}>\nTo: <{USER}>\nSubject: {subject}\nDate: {format_datetime(arrived)}\n"
        f"Message-ID: <{number}.{int(arrived.timestamp())}@{domain}>\nMIME-Version: 1.0\n{extra}"
    )


def _mail(
    choice: random.Random, number: int, arrived: datetime, sender: str, subject: str, parts: tuple[str, ...], extra: str
) -> str:
    """Write a message of one part or of alternatives; a tenth has an attachment of 50 to 500 KB."""
    body = parts[0]
    if len(parts) > 1:
        inner = "".join(f"--a{number}\n{part}\n" for part in parts)
        body = f'Content-Type: multipart/alternative; boundary="a{number}"\n\n{inner}--a{number}--\n'
    header = _header(choice, number, arrived, sender, subject, extra)
    if choice.random() >= 0.1:
        return header + body
    encoded = base64.encodebytes(choice.randbytes(choice.randrange(50_000, 500_000))).decode()
    return (
        f'{header}Content-Type: multipart/mixed; boundary="b{number}"\n\n--b{number}\n{body}\n--b{number}\n'
        f'Content-Type: application/pdf; name="paper.pdf"\nContent-Transfer-Encoding: base64\n'
        f'Content-Disposition: attachment; filename="paper.pdf"\n\n{encoded}--b{number}--\n'
    )


def _part(kind: str, text: str, **parameters: str) -> str:
    """Write a text part, quoted-printable as most mail programs send it."""
    extra = "".join(f"; {name}={value}" for name, value in parameters.items())
    encoded = quopri.encodestring(text.encode()).decode()
    return f"Content-Type: text/{kind}; charset=utf-8{extra}\nContent-Transfer-Encoding: quoted-printable\n\n{encoded}"


def _job_mail(choice: random.Random, number: int, arrived: datetime) -> str:
    company, role = choice.choice(_COMPANIES), choice.choice(_ROLES)
    domain = company.split()[0].lower() + ".example"
    start = (arrived + timedelta(days=choice.randrange(2, 9))).astimezone(UTC).replace(minute=0, second=0)
    person, system = f"dana@{domain}", "no-reply@us.greenhouse-mail.io"
    match choice.randrange(4):
        case 0:
            calendar = (
                f"BEGIN:VCALENDAR\nVERSION:2.0\nMETHOD:REQUEST\nBEGIN:VEVENT\nUID:{number}@{domain}\nSEQUENCE:0\n"
                f"DTSTAMP:{arrived.astimezone(UTC):%Y%m%dT%H%M%SZ}\nDTSTART:{start:%Y%m%dT%H%M%SZ}\nDURATION:PT1H\n"
                f"SUMMARY:Interview: {role} at {company}\nORGANIZER;CN=Dana Lee:mailto:{person}\n"
                f"ATTENDEE:mailto:{USER}\nEND:VEVENT\nEND:VCALENDAR\n"
            )
            words = _part("plain", f"You are invited to an interview for the {role} role.\n")
            parts = (words, _part("calendar", calendar, method="REQUEST"))
            return _mail(choice, number, arrived, person, f"Interview: {role} at {company}", parts, "")
        case 1:
            body = (
                f"Hi,\n\nyour interview for the {role} position at {company} is confirmed for "
                f"{start:%A, %B} {start.day}, {start.year} at {start.hour % 12 or 12}:00 {start:%p} UTC.\n\n"
                "Best,\nDana Lee\n"
            )
            return _mail(choice, number, arrived, person, f"Your interview at {company}", (_part("plain", body),), "")
        case 2:
            body = f"Thank you for applying for the {role} position at {company}. We have received your application.\n"
            subject = f"Thank you for applying to {company}"
            return _mail(choice, number, arrived, system, subject, (_part("plain", body),), "")
        case _:
            body = f"Unfortunately we will not be moving forward with your application for {role} at {company}.\n"
            subject = f"Your application to {company}"
            return _mail(choice, number, arrived, system, subject, (_part("plain", body),), "")
