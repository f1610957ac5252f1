"""The systems that send recruiting mail: found by their mail domain, robots and relays told apart."""

import re
from datetime import UTC, datetime

import pytest

from parsers.extract import Reader, extract
from parsers.model import Address, Kind, Mail
from parsers.senders import SystemKind, find_system, is_answerable, is_robot, is_shared, systems

READER = Reader(
    account="personal",
    addresses=frozenset({"noor.haddad@letters.example"}),
    full_name="Noor Haddad",
    timezone="America/New_York",
)


def mail(
    sender: str, *, name: str | None = None, subject: str = "", text: str = "Hello", reply_to: str | None = None
) -> Mail:
    return Mail(
        message_id="m-1@x.example",
        received_at=datetime(2026, 11, 30, 15, 0, tzinfo=UTC),
        senders=(Address(address=sender, name=name),),
        to=(Address(address="noor.haddad@letters.example"),),
        reply_to=(Address(address=reply_to),) if reply_to else (),
        subject=subject,
        text=text,
    )


def test_every_module_of_the_package_is_found_and_no_domain_is_claimed_twice() -> None:
    domains = [domain for system in systems() for domain in system.domains]
    assert len(systems()) > 30
    assert len(domains) == len(set(domains))
    assert all(domain == domain.lower() and "." in domain for domain in domains)


def test_every_pattern_compiles() -> None:
    for system in systems():
        for pattern in (system.relay, system.tenant, system.display, system.noise, system.alerts, *system.subjects):
            assert pattern is None or re.compile(pattern)


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("no-reply@us.greenhouse-mail.io", "Greenhouse"),
        ("no-reply@hire.lever.co", "Lever"),
        ("contoso@myworkday.com", "Workday"),
        ("x+email+1@talent.icims.eu", "iCIMS"),
        ("dana@contoso.na.teamtailor-mail.com", "Teamtailor"),
        ("pm-bounces.contoso@hackerrank.com", "HackerRank"),
    ],
)
def test_a_system_is_found_by_a_suffix_of_the_mail_domain(address: str, name: str) -> None:
    system = find_system(Address(address=address))
    assert system is not None
    assert system.name == name


def test_a_domain_that_only_ends_alike_is_no_system() -> None:
    assert find_system(Address(address="x@notgreenhouse.io")) is None
    assert find_system(Address(address="x@northwind.example")) is None
    assert find_system(None) is None


@pytest.mark.parametrize(
    "address",
    [
        "no-reply@x.example",
        "noreply@x.example",
        "do-not-reply@x.example",
        "donotreply2@x.example",
        "notifications@x.example",
        "acme+autoreply@talent.icims.com",
        "mailer-daemon@x.example",
        "c_1@resource.calendar.google.com",
        "a@invalidemail.com",
    ],
)
def test_nobody_reads_these_addresses(address: str) -> None:
    assert is_robot(Address(address=address))


def test_a_shared_mailbox_is_read_but_by_no_one_person() -> None:
    assert is_shared(Address(address="jobs@x.example"))
    assert is_shared(Address(address="talent.acquisition@x.example"))
    assert not is_robot(Address(address="jobs@x.example"))
    assert not is_shared(Address(address="dana.lee@x.example"))


@pytest.mark.parametrize(
    ("sender", "reply_to", "answerable"),
    [
        ("dana.lee@northwind.example", None, True),
        ("no-reply@northwind.example", None, False),
        ("no-reply@northwind.example", "dana.lee@northwind.example", True),
        ("contoso+email+1@talent.icims.com", None, True),
        ("contoso+autoreply@talent.icims.com", None, False),
        ("abc+def@inbound.workablemail.com", None, True),
        ("noreply@candidates.workablemail.com", None, False),
        ("contoso-jobs@m.personio.de", None, True),
        ("noreply@hirevue.com", None, False),
        ("hit-reply@linkedin.com", None, False),
        ("no-reply@us.greenhouse-mail.io", "no-reply@us.greenhouse-mail.io", False),
    ],
)
def test_an_answer_reaches_a_person_or_nobody(sender: str, reply_to: str | None, answerable: bool) -> None:
    message = mail(sender, reply_to=reply_to)
    assert is_answerable(message, find_system(message.senders[0])) is answerable


@pytest.mark.parametrize(
    ("sender", "subject"),
    [
        ("no-reply@us.greenhouse-mail.io", "Security code for your application to Contoso"),
        ("jobalerts-noreply@linkedin.com", "Interview invitation"),
        ("no-reply@zoom.us", "Your Zoom recording is ready: interview"),
        ("notifications@calendly.com", "New Event: Sam - 11:00am - 30 minute interview"),
    ],
)
def test_noise_of_a_system_says_nothing_whatever_its_words(sender: str, subject: str) -> None:
    message = mail(sender, subject=subject, text="Your interview is confirmed for December 1, 2026 at 2 PM EST.")
    assert extract(message, READER).kind is Kind.OTHER


@pytest.mark.parametrize(
    ("sender", "name", "subject", "company", "role"),
    [
        (
            "no-reply@ashbyhq.com",
            "Contoso",
            "Contoso | Pairing instructions | Data Engineer",
            "Contoso",
            "Data Engineer",
        ),
        (
            "no-reply@jobvite.com",
            "Contoso Recruiting Team",
            "Your application for Buyer at Contoso",
            "Contoso",
            "Buyer",
        ),
        (
            "no-reply@appreview.gem.com",
            "Contoso Recruiting",
            "Contoso Follow-Up for Data Analyst",
            "Contoso",
            "Data Analyst",
        ),
        (
            "x@talent.icims.com",
            None,
            "Response Requested - Store Manager - Fourth Coffee",
            "Fourth Coffee",
            "Store Manager",
        ),
        ("noreply@hirevue.com", "HireVue", "Complete your HireVue interview for Initech", "Initech", None),
    ],
)
def test_a_subject_of_a_known_shape_gives_company_and_role(
    sender: str, name: str | None, subject: str, company: str, role: str | None
) -> None:
    facts = extract(mail(sender, name=name, subject=subject), READER)
    assert (facts.company, facts.role) == (company, role)


def test_tests_and_recorded_interviews_are_no_conversation() -> None:
    kinds = {system.name: system.kind for system in systems()}
    assert kinds["HireVue"] is SystemKind.RECORDED
    facts = extract(mail("noreply@hirevue.com", subject="Complete your HireVue interview for Initech"), READER)
    assert facts.kind is Kind.ASSESSMENT
