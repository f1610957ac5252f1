"""The laws of "the same employer" and "the same post"."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.employer import (
    Likeness,
    company_key,
    domain_names_company,
    employer_domain,
    is_system,
    post_likeness,
    requisition_key,
    same_company,
    shortens,
    without_legal_form,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Northwind", "NORTHWIND, Inc."),
        ("Adatum GmbH & Co. KG", "adatum"),
        ("The Margie's Travel Ltd.", "Margie’s Travel"),
        ("Société Générale S.A.", "Societe Generale"),
        ("VanArsdel", "Van Arsdel"),
        ("Northwind", "Northwind Freight"),
    ],
)
def test_spellings_of_one_company_are_the_same(one: str, other: str) -> None:
    assert same_company(company_key(one), company_key(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [("Contoso", "Fabrikam"), ("General Motors", "General Electric"), ("", "Contoso"), ("A", "A Datum")],
)
def test_two_companies_are_not_the_same(one: str, other: str) -> None:
    assert not same_company(company_key(one), company_key(other))


@pytest.mark.parametrize(
    ("domain", "company"),
    [
        ("contoso.example", "Contoso"),
        ("woodgrove.example", "Woodgrove Bank"),
        ("gdi.example", "Graphic Design Institute"),
        ("consol.example", "Consolidated Messenger"),
        ("nod.example", "Nod Publishers"),
        ("tailspin-toys.example", "Tailspin Toys"),
        ("litwareinc.example", "Litware"),
    ],
)
def test_a_domain_names_its_company(domain: str, company: str) -> None:
    assert domain_names_company(domain, company_key(company))


@pytest.mark.parametrize(
    ("domain", "company"), [("fabrikam.example", "Contoso"), ("co.example", "Contoso"), ("x.example", "")]
)
def test_a_domain_does_not_name_another_company(domain: str, company: str) -> None:
    assert not domain_names_company(domain, company_key(company))


@pytest.mark.parametrize(
    ("domain", "employer"),
    [
        ("mail.northwind.example", "northwind.example"),
        ("hr.northwind.co.uk", "northwind.co.uk"),
        ("gmail.com", None),
        ("us.greenhouse-mail.io", None),
        ("acme.myworkday.com", None),
        ("localhost", None),
        ("", None),
        ("spread.ai", "spread.ai"),
    ],
)
def test_free_mail_and_systems_are_no_employers(domain: str, employer: str | None) -> None:
    assert employer_domain(domain) == employer


def test_people_of_a_calendar_maker_are_people() -> None:
    assert not is_system("google.com")
    assert is_system("group.calendar.google.com")


@pytest.mark.parametrize(
    ("one", "other", "likeness"),
    [
        ("Data Engineer", "data engineer (m/w/d)", Likeness.EQUAL),
        ("Senior Data Engineer", "Data Engineer", Likeness.SAME),
        ("Data Engineer R-012345", "Data Engineer", Likeness.ALIKE),
        ("Data Engineer, Berlin", "Data Engineer", Likeness.ALIKE),
        ("Data Engineer", "Data Analyst", Likeness.DIFFERENT),
        ("Data Engineer", "Product Manager", Likeness.DIFFERENT),
        ("Data Engineer", None, None),
        ("Senior", "Data Engineer", None),
    ],
)
def test_titles_are_compared_by_what_they_say(one: str, other: str | None, likeness: Likeness | None) -> None:
    assert post_likeness(one, other) is likeness
    assert post_likeness(other, one) is likeness


def test_requisitions_are_compared_by_letters_and_digits() -> None:
    assert requisition_key("R-012 345") == requisition_key("r012345")
    assert requisition_key(None) == ""


@given(st.text(max_size=400), st.text(max_size=400))
def test_any_text_can_be_compared_and_is_like_itself(one: str, other: str) -> None:
    key = company_key(one)
    assert not key or same_company(key, key)
    domain_names_company(other, key)
    employer_domain(other)
    assert post_likeness(one, one) in (None, Likeness.EQUAL)
    assert post_likeness(one, other) == post_likeness(other, one)


@pytest.mark.parametrize(
    ("domain", "name", "shortened"),
    [
        ("lonemesacu.example", "Lone Mesa Credit Union", True),
        ("wavecrestlog.example", "Wavecrest Logistics", True),
        ("cc-val-vert.example", "Communauté de communes du Val Vert", True),
        ("kessel-soehne.example", "Kessel & Söhne GmbH", True),
        ("oficina4irmaos.example", "Oficina Quatro Irmãos", True),
        ("abc.example", "Alpine Brick Company of Durham", False),
        ("northwind.example", "Noor Orwell", False),
        ("northwind.example", "Fabrikam", False),
    ],
)
def test_a_domain_shortens_a_name_by_beginnings_of_its_words(domain: str, name: str, shortened: bool) -> None:
    assert shortens(domain, name) is shortened


def test_a_name_is_said_without_its_legal_form() -> None:
    assert without_legal_form("Nordwind Energie GmbH & Co. KG") == "Nordwind Energie"
    assert without_legal_form("Fabrikam, S.L.") == "Fabrikam"
    assert without_legal_form("AG") == "AG"
