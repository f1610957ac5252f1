"""Letters as the command writes them over stored mail: in the thread's language, in the person's own words."""

from __future__ import annotations

import email
import email.policy
import json
import subprocess
import sys
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from daemon.archive import read_path
from tests.scenarios.render import HERE, load, render
from tests.scenarios.test_scenarios import Live

TACTFUL = str(Path(sys.executable).with_name("tactful"))
BERLIN = ZoneInfo("Europe/Berlin")
INVITE = """Guten Tag Noor Haddad,

vielen Dank für Ihre Bewerbung bei Seewerk. Hiermit bestätigen wir Ihr Vorstellungsgespräch für die Stelle
Softwareentwickler (m/w/d) am Dienstag, 12. Januar 2027, um 14:00 Uhr per Video. Das Gespräch dauert eine Stunde.

Themen: Systemdesign

Mit freundlichen Grüßen
Jana Koch
Personalabteilung, Seewerk GmbH
"""
CONFIG = """
accounts:
  - name: me
    address: noor.haddad@letters.example
    full_name: Noor Haddad
    timezone: Europe/Berlin
    maildir: {maildir}
    register: formal
    signature: ["+49 30 5550100"]
"""


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    folder = tmp_path / "mail"
    for part in ("cur", "new", "tmp"):
        (folder / part).mkdir(parents=True)
    for number, (subject, at, text) in enumerate(
        [("Ihr Vorstellungsgespräch bei Seewerk", datetime(2027, 1, 8, 10, tzinfo=BERLIN), INVITE)]
    ):
        message = EmailMessage()
        message["From"] = "Jana Koch <jana.koch@seewerk.example>"
        message["To"] = "Noor Haddad <noor.haddad@letters.example>"
        message["Subject"] = subject
        message["Date"] = format_datetime(at)
        message["Message-ID"] = f"<m{number}@seewerk.example>"
        message.set_content(text)
        (folder / "cur" / f"{number}:2,S").write_bytes(message.as_bytes())
    return folder


def drafts(tmp_path: Path, maildir: Path, more: str = "") -> list[EmailMessage]:
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG.format(maildir=maildir) + more, encoding="utf-8")
    out = tmp_path / "drafts"
    subprocess.run(
        [
            *(TACTFUL, "replay", str(maildir), "--config", str(config)),
            *("--until", "2027-01-31", "--drafts", str(out)),
        ],
        check=True,
        capture_output=True,
    )
    messages = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in out.iterdir()]
    return sorted((m for m in messages if isinstance(m, EmailMessage)), key=lambda m: m["Date"].datetime)


def words(message: EmailMessage) -> str:
    return str(message.get_content()).replace("\r\n", "\n").replace(" \n", " ")


def test_a_german_invitation_is_followed_up_in_german(tmp_path: Path, maildir: Path) -> None:
    thanks, asking = map(words, drafts(tmp_path, maildir))
    assert thanks.startswith("[[Unten den markierten Teil ausfüllen")
    assert "Angekündigt war: Systemdesign]]\n\nGuten Tag Jana Koch,\n\n" in thanks
    assert "Stelle als Softwareentwickler" in asking
    assert "12. Januar" in asking
    assert asking.endswith("Mit freundlichen Grüßen\nNoor Haddad\n+49 30 5550100\n")


def test_the_persons_own_template_and_wish_for_no_gaps_are_followed(tmp_path: Path, maildir: Path) -> None:
    own = tmp_path / "letters"
    (own / "de").mkdir(parents=True)
    (own / "de" / "check_in_1.txt").write_text("Subject: x\n===\nwie sieht es {{ since }} aus?\n", encoding="utf-8")
    (own / "de" / "thank_you.txt").write_text("Subject: x\n===\n{{ nobody }}\n", encoding="utf-8")
    thanks, asking = map(words, drafts(tmp_path, maildir, f"letters: {{placeholders: omit, templates: {own}}}\n"))
    assert "[[" not in thanks
    assert "Systemdesign" in thanks or "Softwareentwickler" in thanks
    assert "\n\nwie sieht es seit unserem Gespräch am 12. Januar aus?\n\n" in asking


def test_a_fixed_language_stands(tmp_path: Path, maildir: Path) -> None:
    thanks, _ = map(words, drafts(tmp_path, maildir, "policy: {language: en}\n"))
    assert "\n\nDear Jana Koch,\n\n" in thanks


def test_check_names_a_broken_template_with_its_line(tmp_path: Path, maildir: Path) -> None:
    own = tmp_path / "letters"
    (own / "de").mkdir(parents=True)
    (own / "de" / "thank_you.txt").write_text("Subject: x\n===\n\n{{ nobody }}\n", encoding="utf-8")
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG.format(maildir=maildir) + f"letters: {{templates: {own}}}\n", encoding="utf-8")
    run = subprocess.run([TACTFUL, "check", "--config", str(config), "--json"], check=True, capture_output=True)
    report = json.loads(run.stdout.splitlines()[-1])
    assert report["problems"] == [f"{own}/de/thank_you.txt:4: 'nobody' is undefined; our own letter is used"]


@pytest.mark.parametrize("name", ["F55", "F65"])
def test_the_ledger_knows_what_an_employer_has_had_and_the_next_letter_is_another(name: str, tmp_path: Path) -> None:
    scenario = load(HERE / "further.json")[name]
    render(scenario, tmp_path, seed=0)
    live = Live(scenario, list(read_path(tmp_path)))
    live.run()
    wordings = [row.wording for row in live.ledger.drafts()]
    assert len(wordings) >= 7
    assert None not in wordings
    assert len(set(wordings)) == len(wordings)
