"""The first look at a header: it misses nothing about an application and ignores the rest."""

from datetime import UTC, datetime
from typing import Any

import pytest

from parsers.candidate import Known, reason_to_read
from parsers.model import Address, Mail

USER = "noor.haddad@letters.example"
KNOWN = Known(own=frozenset({USER}))


def header(sender: str, subject: str = "Hello", **more: Any) -> Mail:
    values: dict[str, Any] = {
        "message_id": "m-1@x.example",
        "received_at": datetime(2026, 11, 30, tzinfo=UTC),
        "senders": (Address(address=sender),),
        "to": (Address(address=USER),),
        "subject": subject,
    }
    return Mail(**values | more)


BULK = {"list-unsubscribe": ("<https://x.example/u>",)}


@pytest.mark.parametrize(
    "subject",
    [
        "Interview confirmation",
        "Your application to Contoso",
        "Ihre Bewerbung",
        "Votre candidature",
        "Tu entrevista",
        "Next steps",
        "Data Engineer role",
        "Updated invitation: Chat @ Tue",
        "Absage",
        "Job offer",
        "Processo seletivo",
    ],
)
def test_a_subject_about_an_application_is_read_even_from_a_bulk_sender(subject: str) -> None:
    assert reason_to_read(header("news@contoso.example", subject, headers=BULK), has_calendar=False, known=KNOWN)


def test_senders_calendars_threads_people_and_employers_that_are_known_are_read() -> None:
    known = Known(
        message_ids=frozenset({"sent-1@letters.example"}),
        addresses=frozenset({"dana.lee@northwind.example"}),
        domains=frozenset({"contoso.example"}),
        own=frozenset({USER}),
    )
    for message, calendar in (
        (header("no-reply@us.greenhouse-mail.io", headers=BULK), False),
        (header("news@shop.example", headers=BULK), True),
        (header("bot@shop.example", headers=BULK, references=("sent-1@letters.example",)), False),
        (header("dana.lee@northwind.example", headers=BULK), False),
        (header("events@mail.contoso.example", headers=BULK), False),
        (header("mailer-daemon@letters.example", "Undeliverable"), False),
        (header("jobs@fabrikam.example", headers=BULK), False),
        (header(USER, to=(Address(address="dana.lee@northwind.example"),)), False),
    ):
        assert reason_to_read(message, has_calendar=calendar, known=known), message


def test_a_persons_mail_to_the_user_may_say_anything() -> None:
    assert reason_to_read(header("li.chen@fabrikam.example", "Thank you"), has_calendar=False, known=KNOWN)


@pytest.mark.parametrize(
    "message",
    [
        header("news@shop.example", "50 % off", headers=BULK),
        header("no-reply@bank.example", "Your statement"),
        header("ann@lists.example", "Re: kernel patch", headers={"list-id": ("<k.lists.example>",)}),
        header("jobalerts-noreply@linkedin.com", "30 new jobs for you"),
        header("ann@friends.example", "Party", to=(Address(address="bob@friends.example"),)),
        header(USER, "Groceries", to=(Address(address="ann@friends.example"),)),
    ],
)
def test_everything_else_is_ignored(message: Mail) -> None:
    assert reason_to_read(message, has_calendar=False, known=KNOWN) is None
