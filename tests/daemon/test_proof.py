"""How a letter is read before it is judged, and the real command that says what is wrong with it."""

from __future__ import annotations

import json
import subprocess
import sys
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import click
import pytest

from composer.agenda import FollowUpKind
from composer.lint import Check, Context
from composer.lint_phrases import languages
from daemon import verbs_of_letters
from daemon.proof import read_proof

TACTFUL = Path(sys.executable).with_name("tactful")
PARAGRAPH = (
    "Thank you for the conversation on Tuesday about the Data Engineer role at Northwind. It gave me a clear picture "
    "of the work and of what the team needs next, and it confirmed that I would like to be part of it."
)
GOOD = f"Hi Dana,\n\n{PARAGRAPH}\n\nBest regards,\nNoor Haddad\n"
BAD = f"Hi Dana,\n\n{PARAGRAPH}\nWhy haven't you answered?\n\nBest regards,\nNoor Haddad\n"


def message(text: str, *, encoding: str = "8bit", **headers: str) -> EmailMessage:
    written = EmailMessage(policy=SMTP)
    written["From"] = "Noor Haddad <noor@mail.example>"
    written["To"] = "Dana Lee <dana.lee@northwind.example>"
    written["Subject"] = "Thank you: Data Engineer interview"
    for name, value in headers.items():
        written[name.replace("_", "-")] = value
    written.set_content(text, cte=encoding)
    return written


def checks(raw: bytes, context: Context | None = None) -> set[Check]:
    return {fault.check for fault in read_proof(raw).judge(context or Context())}


def lint(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([str(TACTFUL), "lint", *arguments], input=stdin, capture_output=True, check=False, timeout=60)


@pytest.mark.parametrize("encoding", ["7bit", "8bit", "quoted-printable", "base64"])
def test_a_fault_is_found_whatever_the_transfer_encoding(encoding: str) -> None:
    assert checks(message(GOOD, encoding=encoding).as_bytes()) == set()
    assert checks(message(BAD, encoding=encoding).as_bytes()) == {Check.REPROACH}


@pytest.mark.parametrize("encoding", ["7bit", "quoted-printable"])
def test_the_line_is_that_of_the_file_although_the_text_was_folded(encoding: str) -> None:
    raw = message(BAD, encoding=encoding).as_bytes()
    proof = read_proof(raw)
    (fault,) = proof.judge(Context())
    assert raw.split(b"\n")[proof.line_in_file(fault) - 1].startswith(b"Why haven't")


def test_in_an_encoded_text_the_line_is_that_of_the_text() -> None:
    proof = read_proof(message(BAD, encoding="base64").as_bytes())
    (fault,) = proof.judge(Context())
    assert proof.line_in_file(fault) == 4


def test_a_fault_of_the_header_is_at_its_field() -> None:
    raw = message(GOOD, X_Priority="1").as_bytes()
    proof = read_proof(raw)
    (fault,) = proof.judge(Context())
    assert raw.split(b"\n")[proof.line_in_file(fault) - 1].startswith(b"X-Priority")


def test_a_bare_text_is_a_letter_although_it_begins_with_a_colon() -> None:
    for text in (BAD, BAD.replace("Hi Dana,", "Dana:")):
        assert Check.REPROACH in checks(text.encode())
    assert Check.REPROACH in checks(BAD.replace("'", "’").encode("cp1252"))


@pytest.mark.parametrize(
    "below",
    [
        "On Mon, 30 Nov 2026 at 10:00, Dana Lee <dana.lee@northwind.example> wrote:\n> Please respond ASAP!!\n",
        "-----Original Message-----\nFrom: dana.lee@northwind.example\nSubject: Interview\n\nPlease respond!!\n",
        "-- \nURGENT IDEAS GMBH\nPlease respond ASAP!! https://noor.example\n",
    ],
)
def test_quotation_and_signature_are_not_judged(below: str) -> None:
    assert checks(message(GOOD + "\n" + below).as_bytes()) == set()


def test_the_writers_name_ends_the_letter_whatever_stands_above_it_and_a_postscript_counts() -> None:
    signed = GOOD.replace("Best regards,", "Until soon in the rain,") + "https://noor.example\n"
    assert checks(message(signed).as_bytes()) == set()
    assert checks(message(signed + "\nP.S. Please respond to me.\n").as_bytes()) == {Check.URGENCY}


def test_html_alone_is_read_as_the_text_that_it_shows() -> None:
    written = message("")
    written.set_content(f"<p>Hi Dana,</p><p>{PARAGRAPH}</p><p>Please <b>respond</b> ASAP.</p>", subtype="html")
    assert checks(written.as_bytes()) == {Check.URGENCY}


def test_attachments_count_but_no_signature_and_no_logo() -> None:
    written = message(GOOD)
    written.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="cv.pdf")
    assert checks(written.as_bytes()) == {Check.ATTACHMENT}
    signed = message(GOOD)
    signed.add_attachment(b"-----", maintype="application", subtype="pgp-signature", filename="signature.asc")
    signed.add_attachment(b"x", maintype="image", subtype="png", filename="logo.png", cid="<logo@mail.example>")
    assert checks(signed.as_bytes()) == set()


def test_copies_are_found_blind_ones_too() -> None:
    assert checks(message(GOOD, Bcc="sam@northwind.example").as_bytes()) == {Check.SEVERAL_RECIPIENTS}
    assert checks(message(GOOD, Cc="sam@northwind.example").as_bytes()) == {Check.SEVERAL_RECIPIENTS}


def test_a_reply_is_told_from_a_new_mail_by_its_threading() -> None:
    new = message(GOOD)
    new.replace_header("Subject", "Re: Your interview")
    assert checks(new.as_bytes()) == {Check.NEW_RE}
    new["In-Reply-To"] = "<1@northwind.example>"
    assert checks(new.as_bytes()) == set()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Hola Ana, ¿novedades?", "es"),
        ("Olá Ana, novidades?", "pt"),
        ("Hallo Dana, gibt es Neuigkeiten?", "de"),
        ("Bonjour Dana, des nouvelles ?", "fr"),
        ("Hi Dana, news?", "en"),
        ("Ja.", None),
    ],
)
def test_a_short_letters_language_is_that_of_its_greeting(text: str, language: str | None) -> None:
    assert read_proof(text.encode()).language == language


@pytest.mark.parametrize(
    "raw",
    [
        b"\n",
        b"From: x\n",
        b"\xff\xfe\xfd",
        b"Subject: =?utf-8?q?\n\n",
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\n",
    ],
)
def test_broken_messages_are_judged_all_the_same(raw: bytes) -> None:
    proof = read_proof(raw)
    assert all(proof.line_in_file(fault) >= 1 for fault in proof.judge(Context()))


# ------------------------------------------------------------------------------------------------- the command


def test_the_command_prints_a_line_a_fault_and_ends_with_1_if_one_blocks(tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_text(BAD, "utf-8")
    outcome = lint(str(file))
    assert outcome.returncode == 1
    (line,) = outcome.stdout.decode().splitlines()
    assert line.startswith(f'{file}:4:1: reproach: "Why haven\'t you": ')


def test_a_clean_letter_and_one_with_warnings_end_with_0() -> None:
    clean = lint("-", stdin=GOOD.encode())
    assert (clean.returncode, clean.stdout, clean.stderr) == (0, b"", b"")
    warned = lint("-", stdin=GOOD.replace("next,", "next!!").encode())
    assert warned.returncode == 0
    assert warned.stdout.startswith(b"-:3:")
    assert b": warning: exclamation: " in warned.stdout


def test_json_is_one_object_a_letter(tmp_path: Path) -> None:
    files = [tmp_path / "good.eml", tmp_path / "bad.eml"]
    files[0].write_bytes(message(GOOD).as_bytes())
    files[1].write_bytes(message(BAD).as_bytes())
    outcome = lint("--json", *map(str, files))
    assert outcome.returncode == 1
    good, bad = map(json.loads, outcome.stdout.splitlines())
    assert good | {"words": 0} == {
        "path": str(files[0]),
        "language": "en",
        "words": 0,
        "blocked": False,
        "faults": [],
    }
    assert bad["blocked"]
    assert [set(fault) for fault in bad["faults"]] == [
        {"check", "severity", "place", "line", "column", "words", "advice"}
    ]


def test_what_is_known_is_told_by_options() -> None:
    known = ["--kind", "check_in_1", "--company", "Northwind", "--role", "Data Engineer", "--to-name", "Sam Okafor"]
    outcome = lint("-", "--json", *known, stdin=b"Hi Dana,\n\nNorthwind.\n")
    found = {fault["check"] for fault in json.loads(outcome.stdout)["faults"]}
    assert found == {"too_short", "wrong_name"}
    spoken = lint("-", "--json", "--language", "de", stdin=b"Ja. Das ist mein Traumjob.")
    assert [fault["check"] for fault in json.loads(spoken.stdout)["faults"]] == ["nothing_named", "desperation"]


def test_the_options_offer_every_kind_and_language() -> None:
    offered = {option.name: option.type for option in verbs_of_letters.lint.params}
    kinds, tables = offered["kind"], offered["language"]
    assert isinstance(kinds, click.Choice)
    assert isinstance(tables, click.Choice)
    assert set(kinds.choices) == set(FollowUpKind)
    assert tuple(tables.choices) == languages()
    assert lint("-", "--language", "xx", stdin=b"Ja.").returncode == 2


def test_a_text_of_no_known_language_is_said_to_be_judged_in_part() -> None:
    outcome = lint("-", stdin=b"Ja.")
    assert (outcome.returncode, outcome.stdout) == (0, b"")
    assert b"--language" in outcome.stderr


@pytest.mark.parametrize("content", [None, b"", b"  \n", b"GIF89a\0\0"])
def test_what_is_no_letter_ends_with_65_and_the_others_are_still_judged(tmp_path: Path, content: bytes | None) -> None:
    file, good = tmp_path / "letter.eml", tmp_path / "bad.txt"
    good.write_text(BAD, "utf-8")
    if content is not None:
        file.write_bytes(content)
    outcome = lint(str(file), str(good))
    assert outcome.returncode == 65
    assert b"reproach" in outcome.stdout
    assert str(file).encode() in outcome.stderr
