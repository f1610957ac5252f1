"""What the lint finds besides wording: length, gaps, shouting, links, names, recipients, header fields, repetition."""

from __future__ import annotations

import gc
import re
import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from composer.agenda import FollowUpKind, Wording
from composer.lint import Check, Context, Fault, Severity, Writing, blocks, lint
from composer.lint_phrases import languages
from parsers.model import Address

DANA = Address(name="Dana Lee", address="dana.lee@northwind.example")
SAM = Address(name="Sam Okafor", address="sam@northwind.example")
LETTER = """Hi Dana,

Thank you for the conversation on Tuesday about the Data Engineer role at Northwind. The part about the nightly
rebuild stayed with me, since a similar one taught me how much a clear hand-over matters.

I would be glad to take the next step whenever it suits you.
"""
CLEAN = Writing(text=LETTER, subject="Thank you: Data Engineer interview", answers=False, to=(DANA,))
KNOWN = Context(company="Northwind", roles=("Data Engineer",), to_name="Dana Lee")


def faults(writing: Writing, context: Context = KNOWN, language: str | None = "en") -> dict[Check, Fault]:
    return {fault.check: fault for fault in lint(writing, language=language, context=context)}


def with_text(addition: str) -> Writing:
    return replace(CLEAN, text=f"{LETTER}\n{addition}\n")


def test_a_letter_without_a_fault_has_none_and_may_go() -> None:
    assert lint(CLEAN, language="en", context=KNOWN) == ()
    assert not blocks(())


def test_a_fault_says_where_it_stands_and_what_to_do() -> None:
    found = faults(replace(CLEAN, text="Hi Dana,\n\nThe role is fine.\n  So, why haven't\nyou answered?\n"))
    fault = found[Check.REPROACH]
    assert (fault.place, fault.line, fault.column) == ("text", 4, 7)
    assert fault.words == "why haven't you"
    assert fault.severity is Severity.BLOCK
    assert fault.advice.endswith(".")


def test_only_the_spans_that_the_person_wrote_are_judged() -> None:
    text = f"{LETTER}\n> please respond ASAP\n"
    assert Check.URGENCY in faults(replace(CLEAN, text=text))
    assert faults(replace(CLEAN, text=text, own=((0, len(LETTER)),))) == {}


@pytest.mark.parametrize(
    ("kind", "wording", "words", "check", "severity"),
    [
        (FollowUpKind.THANK_YOU, Wording.STANDARD, 79, Check.TOO_SHORT, Severity.WARN),
        (FollowUpKind.THANK_YOU, Wording.STANDARD, 80, None, None),
        (FollowUpKind.THANK_YOU, Wording.STANDARD, 150, None, None),
        (FollowUpKind.THANK_YOU, Wording.STANDARD, 151, Check.TOO_LONG, Severity.WARN),
        (FollowUpKind.THANK_YOU, Wording.STANDARD, 200, Check.TOO_LONG, Severity.WARN),
        (FollowUpKind.THANK_YOU, Wording.STANDARD, 201, Check.TOO_LONG, Severity.BLOCK),
        (FollowUpKind.THANK_YOU, Wording.RECRUITER_SCREEN, 50, None, None),
        (FollowUpKind.THANK_YOU, Wording.RECRUITER_SCREEN, 101, Check.TOO_LONG, Severity.WARN),
        (FollowUpKind.CHECK_IN_1, Wording.STANDARD, 49, Check.TOO_SHORT, Severity.WARN),
        (FollowUpKind.CHECK_IN_1, Wording.STANDARD, 91, Check.TOO_LONG, Severity.WARN),
        (FollowUpKind.CHECK_IN_1, Wording.STANDARD, 121, Check.TOO_LONG, Severity.BLOCK),
        (FollowUpKind.OFFER_ACK, Wording.STANDARD, 40, None, None),
        (FollowUpKind.REJECTION_REPLY, Wording.STANDARD, 100, None, None),
        (None, Wording.STANDARD, 300, Check.TOO_LONG, Severity.WARN),
        (None, Wording.STANDARD, 5, None, None),
    ],
)
def test_a_letter_keeps_to_the_length_of_its_kind_greeting_not_counted(
    kind: FollowUpKind | None, wording: Wording, words: int, check: Check | None, severity: Severity | None
) -> None:
    text = "Hi Dana,\n\n" + " ".join(["role"] * words) + "\n"
    found = faults(replace(CLEAN, text=text), replace(KNOWN, kind=kind, wording=wording))
    of_length = {name: fault.severity for name, fault in found.items() if name in {Check.TOO_LONG, Check.TOO_SHORT}}
    assert of_length == ({check: severity} if check else {})


@pytest.mark.parametrize("gap", ["[[one thing you discussed]]", "{{ company }}"])
def test_a_gap_that_was_not_filled_blocks(gap: str) -> None:
    fault = faults(with_text(f"What stays with me is {gap}, above all."))[Check.PLACEHOLDER]
    assert (fault.words, fault.severity) == (gap, Severity.BLOCK)


@pytest.mark.parametrize("gap", ["[Company Name]", "<role>", "XXX"])
def test_what_may_be_a_gap_of_another_template_is_a_warning(gap: str) -> None:
    assert faults(with_text(f"I liked {gap} very much."))[Check.PLACEHOLDER].severity is Severity.WARN


@pytest.mark.parametrize("text", ["See the talk [1] and a[i].", "The type is list<T>.", "It has 5 [m] of cable."])
def test_brackets_of_other_uses_are_no_gaps(text: str) -> None:
    assert Check.PLACEHOLDER not in faults(with_text(text))


def test_the_second_exclamation_mark_is_one_too_many() -> None:
    assert Check.EXCLAMATION not in faults(with_text("I hope you had a good weekend!"))
    assert Check.EXCLAMATION in faults(with_text("I hope you had a good weekend! See you soon!"))
    assert Check.EXCLAMATION in faults(with_text("I hope you had a good weekend!!"))


@pytest.mark.parametrize("emoji", ["🙂", "👍🏽", "❤️", "👩‍💻", "☺", ":-)", ";)", "<3", "🇩🇪"])
def test_emoji_and_smileys_are_found_whole(emoji: str) -> None:
    assert faults(with_text(f"It was a good day {emoji} indeed"))[Check.EMOJI].words == emoji


@pytest.mark.parametrize(
    "text", ["Python 3 → Rust", "C++ (since 2019); Go", "at 10:00 (sharp)", "n < 3", "© Northwind ™"]
)
def test_signs_of_other_uses_are_no_emoji(text: str) -> None:
    assert Check.EMOJI not in faults(with_text(text))


@pytest.mark.parametrize(
    ("language", "text", "shouted"),
    [
        ("en", "I am VERY keen.", "VERY"),
        ("en", "PLEASE WRITE SOON about it.", "PLEASE WRITE SOON"),
        ("en", "EVERYTHING ABOUT THIS is good.", "EVERYTHING ABOUT THIS"),
        ("de", "Ich bin SEHR interessiert.", "SEHR"),
        ("fr", "Je suis TRÈS intéressé.", "TRÈS"),
        ("es", "Estoy MUY interesado.", "MUY"),
        ("pt", "Estou MUITO interessado.", "MUITO"),
    ],
)
def test_capitals_are_shouting(language: str, text: str, shouted: str) -> None:
    assert faults(with_text(text), language=language)[Check.SHOUTING].words == shouted


@pytest.mark.parametrize(
    "text",
    [
        "SQL, AWS and NASA",
        "I know AWS SQL well",
        "HTML, CSS, JSON and YAML files",
        "BMW AG in the UK",
        "I met ACME.",
        "A/B tests",
    ],
)
def test_acronyms_and_names_are_not_shouting(text: str) -> None:
    assert Check.SHOUTING not in faults(with_text(text), replace(KNOWN, company="ACME"))


def test_a_role_or_company_in_capitals_is_not_shouting() -> None:
    known = Context(company="NORDLICHT ENERGIE SYSTEME", roles=("SENIOR BACKEND ENGINEER",))
    text = "The SENIOR BACKEND ENGINEER role at NORDLICHT ENERGIE SYSTEME is what I want."
    assert Check.SHOUTING not in faults(with_text(text), known)


def test_a_link_is_a_fault_unless_it_was_asked_for() -> None:
    linked = with_text("My work is at https://noor.example/work, for example.")
    assert faults(linked)[Check.LINK].words == "https://noor.example/work,"
    assert Check.LINK not in faults(linked, replace(KNOWN, links_asked_for=True))
    assert Check.LINK not in faults(with_text("I know ASP.NET and node.js."))


def test_a_sentence_of_the_last_letter_is_not_said_twice() -> None:
    last = "Hi Dana,\n\nThe part about the nightly rebuild stayed with me for days.\n\nThank you for your time.\n"
    known = replace(KNOWN, last_letter=last)
    assert Check.REPEATED not in faults(
        with_text("The part about the rebuild stayed with me. Thank you for your time."), known
    )
    repeated = with_text("The part about the nightly\nrebuild stayed with me for days. Thank you for your time.")
    assert faults(repeated, known)[Check.REPEATED].line == 8
    assert [fault.check for fault in lint(repeated, language=None, context=known)].count(Check.REPEATED) == 1


def test_a_letter_that_could_have_gone_to_anybody_is_a_warning() -> None:
    nobody = replace(CLEAN, subject="Thank you", text="Hello,\n\nthank you for your time. I am very interested.\n")
    assert faults(nobody, Context())[Check.NOTHING_NAMED].severity is Severity.WARN
    for named in (
        replace(nobody, subject="Thank you: Data Engineer interview"),
        replace(nobody, text=nobody.text.replace("time", "time on Tuesday")),
        replace(nobody, text=nobody.text.replace("Hello", "Hello Dana")),
    ):
        assert Check.NOTHING_NAMED not in faults(named, Context())
    assert Check.NOTHING_NAMED not in faults(replace(nobody, text="Hello,\n\nNorthwind is fine.\n"))


# ------------------------------------------------------------------------------------------------ to whom it goes


@pytest.mark.parametrize(
    ("language", "greeting", "name"),
    [
        ("en", "Hi Dana,", "Sam Okafor"),
        ("en", "Dear Ms Ruiz,", "Sam Okafor"),
        ("en", "Hi Stella,", "Sam Okafor"),
        ("en", "Good morning Priya!", "Sam Okafor"),
        ("de", "Sehr geehrte Frau Dr. Vogt,", "Sam Okafor"),
        ("de", "Liebe Lena,", "Sam Okafor"),
        ("fr", "Bonjour Madame Vogt,", "Sam Okafor"),
        ("fr", "Chère Léna,", "Sam Okafor"),
        ("es", "Estimada Sra. Ruiz:", "Sam Okafor"),
        ("es", "Hola Ana,", "Sam Okafor"),
        ("pt", "Prezada Ana,", "Sam Okafor"),
        ("pt", "Olá, Ana!", "Sam Okafor"),
    ],
)
def test_a_letter_that_greets_somebody_else_blocks(language: str, greeting: str, name: str) -> None:
    writing = replace(CLEAN, text=f"{greeting}\n\nNorthwind, Data Engineer.\n", to=(replace(SAM, name=name),))
    fault = faults(writing, replace(KNOWN, to_name=None), language)[Check.WRONG_NAME]
    assert (fault.line, fault.severity) == (1, Severity.BLOCK)


@pytest.mark.parametrize(
    ("language", "greeting", "name"),
    [
        ("en", "Hi Dana,", "Dana Lee"),
        ("en", "Hi dana", "Dana Lee"),
        ("en", "Dear Ms. Lee,", "Dana Lee"),
        ("en", "Hi Bob,", "Robert Lee"),
        ("en", "Hi Liz,", "Elizabeth Lee"),
        ("en", "Hi Kate,", "Lee, Katherine"),
        ("en", "Hi Jane,", "J. Smith"),
        ("en", "Hi there,", "Dana Lee"),
        ("en", "Dear Northwind team,", "Dana Lee"),
        ("en", "Dear Hiring Manager,", "Dana Lee"),
        ("en", "Hi Dana,", "Northwind Recruiting"),
        ("en", "Hi Dana,", "Northwind"),
        ("en", "Hi Dana,", None),
        ("de", "Sehr geehrte Damen und Herren,", "Lena Vogt"),
        ("de", "Hallo Jörg,", "Joerg Müller"),
        ("de", "Sehr geehrter Herr Prof. Müller,", "Jörg Müller"),
        ("fr", "Madame, Monsieur,", "Léa Vogt"),
        ("fr", "Chère Lea,", "Léa Vogt"),
        ("es", "Hola Pepe:", "José Ruiz"),
        ("es", "Estimado/a Ana:", "Ana Ruiz"),
        ("pt", "Bom dia, João!", "Joao Silva"),
    ],
)
def test_a_greeting_that_may_be_theirs_is_left_alone(language: str, greeting: str, name: str | None) -> None:
    writing = replace(CLEAN, text=f"{greeting}\n\nNorthwind, Data Engineer.\n", to=(replace(DANA, name=name),))
    assert Check.WRONG_NAME not in faults(writing, replace(KNOWN, to_name=None), language)


def test_another_company_of_the_persons_blocks_in_text_and_subject() -> None:
    known = replace(KNOWN, other_companies=frozenset({"Globex GmbH", "Apple", "Northwind Freight"}))
    assert faults(with_text("I would love to join Globex."), known)[Check.WRONG_COMPANY].words == "Globex"
    assert faults(replace(CLEAN, subject="Globex interview"), known)[Check.WRONG_COMPANY].place == "subject"
    for harmless in ("I had an apple.", "Globexia is a plant.", "Northwind Freight moved me."):
        assert Check.WRONG_COMPANY not in faults(with_text(harmless), known)
    longer = replace(known, company="Globex Energy")
    assert Check.WRONG_COMPANY not in faults(with_text("I would love to join Globex."), longer)


def test_a_recipient_of_another_application_blocks() -> None:
    known = replace(KNOWN, other_recipients=frozenset({DANA.address}))
    assert faults(CLEAN, known)[Check.OTHER_APPLICATION].words == DANA.address
    assert Check.OTHER_APPLICATION not in faults(CLEAN)


@pytest.mark.parametrize(
    ("writing", "place"),
    [
        (replace(CLEAN, to=(DANA, SAM)), "to"),
        (replace(CLEAN, copies=(SAM,), headers={"cc": ("sam",)}), "cc"),
        (replace(CLEAN, copies=(SAM,), headers={"bcc": ("sam",)}), "bcc"),
    ],
)
def test_one_letter_has_one_recipient(writing: Writing, place: str) -> None:
    fault = faults(writing)[Check.SEVERAL_RECIPIENTS]
    assert (fault.place, fault.severity) == (place, Severity.BLOCK)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("disposition-notification-to", "noor@x.example"),
        ("return-receipt-to", "noor@x.example"),
        ("x-confirm-reading-to", "noor@x.example"),
        ("importance", "High"),
        ("x-priority", "1 (Highest)"),
        ("x-msmail-priority", "High"),
        ("priority", "urgent"),
        ("reply-by", "Fri, 4 Dec 2026 12:00:00 +0000"),
        ("auto-submitted", "auto-generated"),
        ("precedence", "bulk"),
    ],
)
def test_a_header_that_presses_or_acts_blocks(name: str, value: str) -> None:
    fault = faults(replace(CLEAN, headers={name: (value,)}))[Check.ACTING_HEADER]
    assert (fault.place, fault.severity) == (name, Severity.BLOCK)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("importance", "normal"),
        ("x-priority", "3"),
        ("auto-submitted", "no"),
        ("x-mailer", "urgent"),
        ("priority", "normal"),
    ],
)
def test_header_fields_of_ordinary_mail_are_left_alone(name: str, value: str) -> None:
    assert faults(replace(CLEAN, headers={name: (value,)})) == {}


def test_an_attachment_is_a_fault_unless_it_was_asked_for() -> None:
    attached = replace(CLEAN, attachments=("cv.pdf",))
    assert faults(attached)[Check.ATTACHMENT].words == "cv.pdf"
    assert Check.ATTACHMENT not in faults(attached, replace(KNOWN, attachments_asked_for=True))


@pytest.mark.parametrize("subject", ["Re: Interview", "RE[2]: Interview", "AW: Gespräch", "Fwd: Interview"])
def test_a_new_mail_pretends_to_answer_nothing(subject: str) -> None:
    assert Check.NEW_RE in faults(replace(CLEAN, subject=subject))
    assert Check.NEW_RE not in faults(replace(CLEAN, subject=subject, answers=True))
    assert Check.NEW_RE not in faults(replace(CLEAN, subject="Regarding the interview"))


def test_the_subject_of_a_new_mail_has_60_characters_at_most() -> None:
    assert Check.LONG_SUBJECT not in faults(replace(CLEAN, subject="x" * 60))
    assert faults(replace(CLEAN, subject="x" * 60 + "yz"))[Check.LONG_SUBJECT].column == 61
    assert Check.LONG_SUBJECT not in faults(replace(CLEAN, subject="x" * 99, answers=True))


# ----------------------------------------------------------------------------------------------- any text at all


def test_where_the_language_is_not_known_the_rest_is_still_judged() -> None:
    found = faults(with_text("Please respond ASAP!! [[gap]]"), language=None)
    assert {Check.PLACEHOLDER, Check.EXCLAMATION} <= set(found)
    assert Check.URGENCY not in found
    assert faults(with_text("Please respond ASAP [[gap]]"), language="xx").keys() == {Check.PLACEHOLDER}


@given(text=st.text(max_size=400), subject=st.text(max_size=80), language=st.sampled_from(languages()))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_any_text_is_judged_and_each_fault_lies_inside_it(text: str, subject: str, language: str) -> None:
    writing = Writing(text=text, subject=subject, answers=False, to=(DANA,))
    lines = text.split("\n")
    for fault in lint(writing, language=language, context=KNOWN):
        assert fault.line >= 1
        assert fault.column >= 1
        if fault.place == "text":
            assert fault.column - 1 <= len(lines[fault.line - 1])
            beginning = re.match(r"\S*", fault.words.rstrip("…"))
            assert beginning is not None
            assert lines[fault.line - 1][fault.column - 1 :].startswith(beginning[0])


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        " ",
        "\n",
        "!",
        "[",
        "[[",
        "{{",
        "<",
        "A",
        ".",
        "why ",
        "please ",
        "I need an answer ",
        "you said ",
        "-",
        "'",
        ":",
        "🙂\u200d",
    ],
)
@pytest.mark.parametrize("language", languages())
def test_the_time_grows_with_the_text_and_no_faster(piece: str, language: str) -> None:
    def once(writing: Writing) -> float:
        started = time.process_time()
        lint(writing, language=language)
        return time.process_time() - started

    def cost(size: int) -> float:
        # The least of several, without the collector's turns: both grow with all that other tests have left in memory.
        writing = Writing(text=piece * (size // len(piece)))
        gc.disable()
        try:
            return min(once(writing) for _ in range(4))
        finally:
            gc.enable()

    cost(1000)  # the tables are read
    assert cost(64_000) < 12 * max(cost(16_000), 0.02)  # four times the text; sixteen times would be quadratic
