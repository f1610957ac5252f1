"""A letter about an application that says one thing is read as saying that thing, in five languages."""

import tomllib
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from parsers.extract import Reader, extract
from parsers.mail import read_mail
from parsers.model import Facts, Kind, Promised

NOOR = "noor@letters.example"
ZONE = "Europe/Berlin"
READER = Reader(account="personal", addresses=frozenset({NOOR}), full_name="Noor Haddad", timezone=ZONE)
SENT = datetime(2026, 11, 30, 10, 0, tzinfo=ZoneInfo(ZONE))
SUBJECTS = {
    "en": "Your application: Data Engineer",
    "de": "Ihre Bewerbung als Data Engineer",
    "fr": "Votre candidature : Data Engineer",
    "es": "Tu candidatura: Data Engineer",
    "pt": "Sua candidatura: Data Engineer",
}
FRAMES = {
    "en": ("Hi Noor,", "Best,\nDana Lee\nTalent Acquisition, Northwind Freight"),
    "de": ("Guten Tag Frau Haddad,", "Viele Grüße\nDana Lee\nRecruiting, Northwind Freight"),
    "fr": ("Bonjour Noor,", "Cordialement,\nDana Lee\nRecrutement, Northwind Freight"),
    "es": ("Hola, Noor:", "Un saludo,\nDana Lee\nSelección, Northwind Freight"),
    "pt": ("Olá, Noor,", "Atenciosamente,\nDana Lee\nRecrutamento, Northwind Freight"),
}
TABLE = tomllib.loads((Path(__file__).parent / "one_thing.toml").read_text(encoding="utf-8"))
ROWS = [(kind, *row) for kind, rows in TABLE.items() if kind != "no_talk" for row in rows]


def read(language: str, sentence: str) -> Facts:
    greeting, farewell = FRAMES[language]
    message = (
        f"From: Dana Lee <dana.lee@northwind.example>\nTo: {NOOR}\nSubject: {SUBJECTS[language]}\n"
        f"Date: Mon, 30 Nov 2026 10:00:00 +0100\nMessage-ID: <1@northwind.example>\n"
        f"Content-Type: text/plain; charset=utf-8\n\n{greeting}\n\n{sentence}\n\n{farewell}\n"
    )
    return extract(read_mail(message.encode(), received_at=SENT), READER)


@pytest.mark.parametrize(("kind", "language", "sentence", "promised"), ROWS)
def test_a_letter_says_its_one_thing(kind: str, language: str, sentence: str, promised: str) -> None:
    facts = read(language, sentence)
    assert facts.kind == Kind(kind)
    if promised:
        assert [str(one.promise.by) for one in facts.statements if isinstance(one, Promised)] == [promised]


@pytest.mark.parametrize(("language", "sentence"), TABLE["no_talk"])
def test_a_span_of_days_fixes_no_interview(language: str, sentence: str) -> None:
    assert read(language, sentence).kind not in {Kind.INTERVIEW_CONFIRMED, Kind.RESCHEDULE}


@pytest.mark.parametrize(
    "sentence", ["Your interview is confirmed for next week.", "We are looking forward to interviewing you next week."]
)
def test_a_talk_that_is_certain_without_its_time_is_listed_and_moves_nothing(sentence: str) -> None:
    facts = read("en", sentence)
    assert facts.kind is Kind.INTERVIEW_CONFIRMED
    assert facts.confidence < 0.8
