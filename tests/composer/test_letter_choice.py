"""Which words a company gets: those of its thread's language, never the same twice, nothing that nobody said."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from datetime import date, timedelta
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.agenda import FollowUp, Wording
from composer.letter import PLACEHOLDER, Letter, Placeholders, Register, Voice, write_letter
from composer.letter_choice import SHARED_AT_MOST, shared_trigrams
from composer.letter_forms import languages, our_form
from composer.values import role_words
from parsers.model import Address, Direction, Facts, Interview, Offered, Timeline
from tests.composer.letter_parts import CASES, PANEL, START, VOICE, K, facts, followup, interview, timeline

LANGUAGES = sorted(languages())
OMITTED = replace(VOICE, placeholders=Placeholders.OMIT)


def mail(language: str | None, days: int, **changes: object) -> Facts:
    return facts(key=f"m{days}", received_at=START + timedelta(days=days), language=language, **changes)


def body(letter: Letter) -> str:
    """The letter without the hint, the greeting and the signature."""
    parts = letter.text.split("\n\n")
    return "\n\n".join(parts[2 if PLACEHOLDER.fullmatch(parts[0]) else 1 : -1])


# ------------------------------------------------------------------------------------------------------- the language


@pytest.mark.parametrize(
    ("mails", "expected"),
    [
        ((mail("de", -2),), "de"),
        ((mail("de", -2), mail("en", -1)), "en"),
        ((mail("en", -2), mail("de", -1)), "de"),
        ((mail("de", -2), mail("en", -1, automatic=True)), "de"),
        ((mail("de", -2), mail("en", -1, direction=Direction.OWN)), "de"),
        ((mail("de", -3), mail("xx", -2), mail(None, -1)), "de"),
        ((mail("de", -1, automatic=True),), "de"),
        ((mail("xx", -1),), "en"),
        ((), "en"),
    ],
)
def test_a_letter_is_in_the_language_of_the_latest_human_mail_that_has_letters(
    mails: tuple[Facts, ...], expected: str
) -> None:
    assert write_letter(CASES["thank_you"], (timeline(facts=mails),), VOICE).wording.startswith(f"{expected}/")


def test_a_language_that_the_person_fixed_stands_and_the_subject_of_a_reply_is_kept() -> None:
    known = (timeline(facts=(mail("en", -1, subject="Your interview"),)),)
    letter = write_letter(replace(CASES["thank_you"], answers="m-1"), known, replace(VOICE, language="de"))
    assert letter.wording.startswith("de/")
    assert letter.subject == "Re: Your interview"
    assert "\n\nHallo Dana Lee,\n\n" in letter.text


@pytest.mark.parametrize("case", CASES)
def test_a_german_letter_says_sie_and_guesses_nobodys_gender(case: str) -> None:
    for register, number in itertools.product(Register, range(8)):
        voice = Voice(full_name="Noor Haddad", language="de", register=register)
        known = timeline(id=f"application-{number}")
        letter = write_letter(replace(CASES[case], application=known.id), (known,), voice)
        assert not re.search(r"\b(du|dich|dir|dein\w*|euch|euer|eure\w*)\b", letter.text, re.IGNORECASE)
        assert not re.search(r"\b(Herrn?|Frau|geehrte[rn]?|Damen|als Bewerber(in)?|mein Name)\b", letter.text)
        assert re.search(r"^(Guten Tag|Hallo) Dana Lee,$", letter.text, re.MULTILINE)
        assert letter.text.endswith(("\nViele Grüße\nNoor Haddad\n", "\nMit freundlichen Grüßen\nNoor Haddad\n"))


@pytest.mark.parametrize(
    ("role", "company", "expected"),
    [
        ("Data Engineer (m/w/d)", "Northwind", "die Stelle als Data Engineer bei Northwind"),
        ("Praktikum im Marketing", "Northwind", "die Stelle „Praktikum im Marketing“ bei Northwind"),
        ("Data Engineer", "Stadt Neuburg", "die Stelle als Data Engineer bei der Stadt Neuburg"),
        ("Data Engineer", "Landratsamt Neuburg", "die Stelle als Data Engineer beim Landratsamt Neuburg"),
    ],
)
def test_german_articles_fit_the_post_and_the_company(role: str, company: str, expected: str) -> None:
    voice = replace(VOICE, language="de")
    texts = [
        write_letter(
            followup(K.OFFER_ACK, role=role, company=company, application=f"application-{n}"),
            (timeline(id=f"application-{n}", role=role, company=company),),
            voice,
        ).text
        for n in range(8)
    ]
    assert any(expected in text for text in texts)


@pytest.mark.parametrize(
    ("role", "written"),
    [
        ("Data Engineer (m/w/d)", "Data Engineer"),
        ("Softwareentwickler:in (w/m/d) Backend", "Softwareentwickler:in Backend"),
        ("Data Engineer (all genders)", "Data Engineer"),
        ("Ingénieur logiciel H/F", "Ingénieur logiciel"),
        ("Data Engineer (Berlin/Remote)", "Data Engineer (Berlin/Remote)"),
        ("I/O Engineer", "I/O Engineer"),
        (None, None),
    ],
)
def test_what_the_law_has_an_advertisement_say_is_left_out_of_a_post(role: str | None, written: str | None) -> None:
    assert role_words(role) == written


# ----------------------------------------------------------------------------------------------- never the same twice


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("case", CASES)
def test_a_company_gets_every_body_once_before_one_comes_again(language: str, case: str) -> None:
    voice = replace(VOICE, language=language)
    used: list[str] = []
    count = len(our_form(language, write_letter(CASES[case], (timeline(),), voice).wording.split("/")[1]).bodies)
    for number in range(count):
        # Another application each time: what counts is the company.
        known = timeline(id=f"application-{number}")
        letter = write_letter(replace(CASES[case], application=known.id), (known,), voice, used=used)
        assert letter.wording not in used
        used.append(letter.wording)
    again = write_letter(CASES[case], (timeline(),), voice, used=used)
    assert again.wording == used[0]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("wording", Wording)
@pytest.mark.parametrize("noted", [None, "the caching project"])
def test_any_two_notes_of_one_visit_share_little(language: str, wording: Wording, noted: str | None) -> None:
    for voice in (replace(VOICE, language=language), replace(OMITTED, language=language)):
        used: list[str] = []
        letters = []
        for to in PANEL:
            told = followup(K.THANK_YOU, wording=wording, to=to, id=to.address)
            letters.append(write_letter(told, (timeline(),), voice, noted=noted, used=used))
            used.append(letters[-1].wording)
        for one, other in itertools.combinations(map(body, letters), 2):
            assert shared_trigrams(one, other) <= SHARED_AT_MOST
            assert one.split(". ")[0] != other.split(". ")[0]


def test_a_body_that_is_too_like_one_of_the_same_visit_is_passed_over() -> None:
    same = "Thank you for the long talk about the role and the work that the people in the team do every day."
    templates = {
        "en/thank_you": f"Subject: x\n===\n{same}\n===\n{same} It was good.\n===\nI enjoyed meeting every one of you."
    }
    voice = replace(VOICE, templates=templates)
    for number in range(6):
        known = (timeline(id=f"application-{number}"),)
        told = replace(CASES["thank_you"], application=f"application-{number}")
        letter = write_letter(told, known, voice, used=["own:en/thank_you/1"])
        assert letter.wording == "own:en/thank_you/3"


def test_the_order_of_bodies_is_fixed_by_the_application_for_good() -> None:
    wordings = [
        write_letter(replace(CASES["offer_ack"], application=name), (timeline(id=name),), VOICE).wording
        for name in ("application-1", "application-2", "application-3")
    ]
    # Two runs over the same mail write the same, whatever the version.
    assert wordings == ["en/offer_ack/3", "en/offer_ack/1", "en/offer_ack/1"]


def test_names_of_bodies_that_are_unknown_count_for_nothing() -> None:
    strange = ["", "en/thank_you/0", "en/thank_you/99", "en/thank_you/²", "xx/thank_you/1", "own:en/thank_you/1", "/"]
    plain = write_letter(CASES["thank_you"], (timeline(),), VOICE)
    assert write_letter(CASES["thank_you"], (timeline(),), VOICE, used=strange) == plain


# --------------------------------------------------------------------------------------------------- gaps and topics


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("case", CASES)
def test_there_are_at_most_two_marks_and_none_where_the_person_wants_none(language: str, case: str) -> None:
    known = (timeline(facts=(facts(topics=("system design",)),)),)
    marked = write_letter(CASES[case], known, replace(VOICE, language=language))
    assert len(marked.placeholders) in (0, 2)
    assert not marked.placeholders or marked.text.startswith("[[")
    omitted = write_letter(CASES[case], known, replace(OMITTED, language=language))
    assert omitted.placeholders == ()
    assert "[[" not in omitted.text


def test_the_line_above_the_text_names_what_was_announced() -> None:
    known = (timeline(facts=(facts(topics=("caching project",)),)),)
    letter = write_letter(CASES["thank_you"], known, VOICE)
    assert letter.placeholders[0].endswith("They had announced: caching project]]")


def test_a_subject_in_another_language_is_not_named() -> None:
    known = (timeline(facts=(facts(topics=("Systemdesign",), language="de"),)),)
    for language, named in (("de", True), ("en", False)):
        letter = write_letter(CASES["thank_you"], known, replace(VOICE, language=language))
        assert ("Systemdesign" in letter.text) == named


def test_a_note_takes_the_place_of_the_mark_and_of_what_was_only_announced() -> None:
    for number in range(8):
        known = (timeline(id=f"application-{number}", facts=(facts(topics=("system design",)),)),)
        told = replace(CASES["thank_you"], application=f"application-{number}")
        letter = write_letter(told, known, VOICE, noted="the caching project")
        assert letter.placeholders == ()
        assert letter.text.count("the caching project") == 1
        assert "system design" not in letter.text


# ------------------------------------------------------------------------------------------------- nothing is invented

_NAMES = st.sampled_from(["Quentin Zabel", "Ximena Okonjo", "Yrsa Qvist", "Zoltan Weck"])
_COMPANIES = st.sampled_from(["Quillmark", "Zephyrworks", "Xantholab"])
_POSTS = st.sampled_from(["Zymurgist", "Quarry Surveyor 3", "Yard Planner"])
_SUBJECTS = st.sampled_from(["zinc plating", "quartz kilns", "yeast strains"])
_DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))


@given(
    language=st.sampled_from(LANGUAGES),
    case=st.sampled_from(sorted(CASES)),
    name=st.none() | _NAMES,
    company=st.none() | _COMPANIES,
    role=st.none() | _POSTS,
    topic=st.none() | _SUBJECTS,
    noted=st.none() | _SUBJECTS,
    visit=_DAYS,
    day=_DAYS,
    mentions=st.lists(_NAMES, max_size=2, unique=True),
    omit=st.booleans(),
)
def test_every_name_number_and_date_comes_from_the_mails_the_note_or_the_template(
    language: str,
    case: str,
    name: str | None,
    company: str | None,
    role: str | None,
    topic: str | None,
    noted: str | None,
    visit: date,
    day: date,
    mentions: list[str],
    omit: bool,
) -> None:
    told: FollowUp = replace(
        CASES[case],
        to=Address(name=name, address="x@y.example"),
        company=company,
        role=role,
        visit=visit,
        promised=day if CASES[case].promised else None,
        mentions=tuple(mentions) if CASES[case].mentions else (),
    )
    offer = facts(topics=(topic,) if topic else (), statements=(Offered(confidence=1.0, decide_by=day),))
    met: Interview = interview(people=())
    known: Timeline = timeline(company=company, role=role, facts=(offer,), interviews=(met,))
    voice = replace(OMITTED if omit else VOICE, language=language)
    letter = write_letter(told, (known,), voice, noted=noted)
    said = f"{letter.subject}\n{letter.text}".replace("Noor Haddad", "")

    given_words = set(re.findall(r"\w+", " ".join(filter(None, (name, company, role, topic, noted, *mentions)))))
    folder = files("composer") / "templates" / language
    template_words = {
        word.casefold() for file in folder.iterdir() for word in re.findall(r"\w+", file.read_text(encoding="utf-8"))
    }
    days = {visit, day, START.date()}
    for word in re.findall(r"\w+", said):
        if word.isdigit() or re.fullmatch(r"\d+\w{1,2}", word):
            assert word in given_words or int(re.sub(r"\D", "", word)) in {day.day for day in days}, said
        else:
            assert word in given_words or word.casefold() in template_words, (word, said)
    months = re.search(r"months = \[(.*?)\]", (folder / "phrases.txt").read_text(encoding="utf-8"), re.DOTALL)
    assert months
    named = [month.casefold() for month in re.findall(r'"(\w+)"', months[1])]
    dated = re.findall(rf"(?<!\w)(?:\d+\w*\.? (?:de )?({'|'.join(named)})|({'|'.join(named)}) \d+)\b", said.casefold())
    assert {named.index(one or other) + 1 for one, other in dated} <= {day.month for day in days}, said
