"""What a letter says, how long it is, and what a stranger's mail cannot make it say."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.agenda import FollowUp, Wording
from composer.errors import NoTemplate
from composer.letter import Letter, Register, Voice, write_letter
from composer.letter_choice import shared_trigrams
from composer.subject import reply_subject
from composer.values import first_name, person_name, safe_words, topic_words
from parsers.model import (
    Address,
    Direction,
    HandedIn,
    Medium,
    Offered,
    SlotEnd,
    Timeline,
)
from tests.composer.letter_parts import (
    APPLICATIONS,
    CASES,
    PANEL,
    START,
    VOICE,
    K,
    facts,
    followup,
    interview,
    timeline,
)

# policy.md section 6, "Lint". Whole words, any case.
FAULTS = re.compile(
    r"\b(just checking in|checking in|following up|follow-up|touching base|haven't heard|have not heard|not heard back|"
    r"you said|you told me (?:that )?you|as promised|promised|still waiting|waiting|why|please respond|asap|urgent\w*|"
    r"was hoping|disappoint\w*|after all the time|dream job|really need|any role|last chance|deadline|sorry|apolog\w*|"
    r"bother\w*|unfortunately|afraid|only a|humbl\w*|lack|weakness|pay|salary|compensation|benefits?|holidays?|"
    r"vacation|silence|ignored?|reminder|automatic\w*|generated)\b|!|https?:|www\.",
    re.IGNORECASE,
)


def every_body(told: FollowUp, known: Timeline | None) -> list[Letter]:
    """The letter as forty different applications would get it: each body comes up."""
    letters = {
        write_letter(
            replace(told, application=name, id=f"{told.id}/{name}"),
            (replace(known, id=name),) if known else (),
            VOICE,
        )
        for name in APPLICATIONS
    }
    return sorted(letters, key=lambda letter: letter.text)


def without_note(letter: Letter) -> str:
    return re.sub(r"\A\[\[[^\]]*\]\]\n\n", "", letter.text)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("known", ["all", "no company", "no role", "nothing"])
def test_no_body_has_a_fault_of_a_follow_up_letter(case: str, known: str) -> None:
    gaps: dict[str, dict[str, object]] = {
        "all": {},
        "no company": {"company": None},
        "no role": {"role": None},
        "nothing": {"company": None, "role": None, "visit": None, "interview": None},
    }
    told = replace(CASES[case], **gaps[known])  # type: ignore[arg-type] # replace() knows no field types
    for letter in every_body(told, None if known == "nothing" else timeline()):
        assert not FAULTS.search(letter.text), letter.text
        assert not FAULTS.search(letter.subject), letter.subject
        assert "None" not in letter.text
        assert not re.search(r" [,.;:?]|  |\.\.|\b(\w+) \1\b|[{}]", letter.text), letter.text
        assert letter.text.count("?") <= 1
        assert len(letter.subject) <= 60
        assert not letter.subject.startswith("Re:")


@pytest.mark.parametrize("case", ["check_in_1", "promised", "check_in_final"])
def test_a_check_in_asks_at_most_one_question_and_names_role_and_day(case: str) -> None:
    for letter in every_body(CASES[case], timeline()):
        assert letter.text.count("?") == (0 if case == "check_in_final" else 1)
        assert "Data Engineer role" in letter.text
        assert "Tuesday, December 1" in letter.text
        assert ("Friday, December 4" in letter.text) == (case == "promised")
        assert letter.placeholders == ()


@pytest.mark.parametrize("wording", Wording)
@pytest.mark.parametrize("application", APPLICATIONS[:6])
def test_no_two_people_of_one_visit_get_the_same_letter(wording: Wording, application: str) -> None:
    known = (timeline(id=application),)
    letters = [
        write_letter(
            followup(K.THANK_YOU, wording=wording, to=to, application=application, id=to.address), known, VOICE
        )
        for to in PANEL
    ]
    openings = {without_note(letter).split("\n\n")[1].split(". ")[0] for letter in letters}
    assert len(openings) == len(PANEL)
    for one, other in itertools.combinations(letters, 2):
        assert shared_trigrams(one.text, other.text) <= 0.6


def test_the_same_letter_is_written_every_time() -> None:
    assert write_letter(CASES["thank_you"], (timeline(),), VOICE) == write_letter(
        CASES["thank_you"], (timeline(),), VOICE
    )


@pytest.mark.parametrize("wording", Wording)
def test_a_thank_you_leaves_one_visible_gap_and_says_so_first(wording: Wording) -> None:
    letter = write_letter(followup(K.THANK_YOU, wording=wording), (timeline(),), VOICE)
    assert letter.placeholders == (letter.text.split("\n")[0], "[[one thing you discussed with Dana]]")
    assert "Hi Dana,\n" in letter.text
    assert "on Tuesday" in letter.text
    assert letter.text.endswith("Best regards,\nNoor Haddad\n")


def test_the_recruiter_is_asked_to_pass_thanks_on_by_name() -> None:
    letter = write_letter(CASES["pass_on"], (timeline(),), VOICE)
    assert "Lena Vogt and Omar Said" in letter.text
    assert "[[one thing you discussed with them]]" in letter.text


def test_topics_that_were_announced_are_named_and_differ_between_people() -> None:
    known = (timeline(facts=(facts(topics=("system design", "see https://evil.example", "data modelling")),)),)
    texts = [write_letter(followup(K.THANK_YOU, to=to), known, VOICE).text for to in PANEL[:2]]
    assert {topic for topic in ("system design", "data modelling") for text in texts if topic in text} == {
        "system design",
        "data modelling",
    }
    assert all("evil" not in text for text in texts)


def test_a_topic_that_is_only_the_post_again_is_not_named() -> None:
    known = (timeline(facts=(facts(topics=("Data Engineer opening", "data engineer")),)),)
    assert write_letter(CASES["thank_you"], known, VOICE) == write_letter(CASES["thank_you"], (timeline(),), VOICE)


@pytest.mark.parametrize(
    ("announced", "named"),
    [
        ("C++[x]", None),
        ("Ihr Projekt", None),
        ("data modelling", "data modelling"),
        ("C++ & embedded Linux", "C++ & embedded Linux"),
        ("background and what you are looking for", None),
        ("Thursday", None),
        ("2 coding exercises", None),
        ("see www.evil.example", None),
        ("one two three four five six", None),
        ("x" * 61, None),
        ("", None),
    ],
)
def test_only_a_short_phrase_is_named_as_a_topic(announced: str, named: str | None) -> None:
    assert topic_words(announced) == named


def test_a_person_without_a_name_is_greeted_as_a_team() -> None:
    for name in (
        None,
        "Northwind",
        "Northwind Freight",
        "Northwind Hiring Team",
        "no-reply@northwind.example",
        "Talent Acquisition",
        "HR",
    ):
        told = followup(K.THANK_YOU, to=Address(name=name, address="jobs@northwind.example"))
        letter = write_letter(told, (timeline(),), VOICE)
        assert "Hi Northwind team,\n" in letter.text
        assert "[[one thing you discussed in the interview]]" in letter.text
    unknown = write_letter(followup(K.CHECK_IN_1, to=Address(address="x@y.example"), company=None), (), VOICE)
    assert unknown.text.startswith("Dear hiring team,\n")


def test_a_formal_voice_and_a_signature_are_kept() -> None:
    voice = Voice(full_name="Noor Haddad", register=Register.FORMAL, signature=("Noor Haddad", "+1 555 0100"))
    letter = write_letter(CASES["check_in_1"], (timeline(),), voice)
    assert letter.text.startswith("Dear Dana Lee,\n")
    assert letter.text.endswith("Kind regards,\nNoor Haddad\n+1 555 0100\n")


def test_dates_are_written_as_the_employers_side_does() -> None:
    letter = write_letter(CASES["check_in_1"], (timeline(timezone="Europe/London"),), VOICE)
    assert "Tuesday, 1 December" in letter.text


def test_a_check_in_follows_what_happened_last() -> None:
    handed_in = facts(
        key="own",
        direction=Direction.OWN,
        received_at=START + timedelta(days=1),
        statements=(HandedIn(confidence=1.0),),
    )
    take_home = write_letter(CASES["check_in_1"], (timeline(facts=(facts(), handed_in)),), VOICE)
    assert "exercise" in take_home.text
    called_off = replace(interview().times[0], ended=SlotEnd.CANCELLED, ended_at=START - timedelta(hours=3))
    told = followup(K.CHECK_IN_1, visit=None)
    cancelled = write_letter(told, (timeline(interviews=(interview(times=(called_off,)),)),), VOICE)
    assert "planned for Tuesday, December 1" in cancelled.text
    assert 50 <= len(cancelled.text.split()) <= 90
    applied = write_letter(told, (timeline(interviews=()),), VOICE)
    assert re.search(r"my application|since I applied", applied.text)


def test_two_applications_merged_into_one_check_in_are_both_named() -> None:
    other = timeline(id="application-2", role="Analytics Engineer", facts=(facts(key="other"),), interviews=())
    told = followup(K.CHECK_IN_1, rule="C7", evidence=("confirmation", "other"))
    letter = write_letter(told, (timeline(), other), VOICE)
    assert "the Data Engineer and Analytics Engineer roles" in letter.text
    assert "Analytics" not in write_letter(replace(told, rule="C1"), (timeline(), other), VOICE).text


def test_an_offer_is_acknowledged_with_its_date_or_a_question_for_it() -> None:
    dated = facts(key="offer", statements=(Offered(confidence=1.0, decide_by=date(2026, 12, 11)),))
    assert "Friday, December 11" in write_letter(CASES["offer_ack"], (timeline(facts=(dated,)),), VOICE).text
    assert "?" in write_letter(CASES["offer_ack"], (timeline(),), VOICE).text


def test_a_phone_interview_is_called_a_call() -> None:
    known = timeline(interviews=(interview(medium=Medium.PHONE),))
    assert any("call" in letter.text for letter in every_body(CASES["thank_you"], known))
    assert not any("conversation on" in letter.text for letter in every_body(CASES["thank_you"], known))


def test_a_reply_keeps_the_bare_subject_and_a_new_mail_names_the_role() -> None:
    invite = facts(
        subject="Updated invitation: Interview with Northwind @ Tue Dec 1, 2026 2pm - 3pm (EST) (n@x.example)"
    )
    reply = write_letter(followup(K.THANK_YOU, answers="confirmation"), (timeline(facts=(invite,)),), VOICE)
    assert reply.subject == "Re: Interview with Northwind"
    assert write_letter(CASES["thank_you"], (timeline(),), VOICE).subject == "Thank you: Data Engineer interview"


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Your interview", "Re: Your interview"),
        ("RE: AW: Fwd: Your interview", "Re: Your interview"),
        ("Re[2]: [EXTERNAL] Re: Your interview", "Re: Your interview"),
        ("Invitation: Chat @ Thu 3 Dec 2026 10:00 - 10:45 (GMT) (jordan@letters.example)", "Re: Chat"),
        ("Re: Aktualisierte Einladung: Gespräch @ Di 1. Dez. 2026 14:00 - 15:00 (MEZ) (j@x.example)", "Re: Gespräch"),
        ("Canceled event: Panel @ Mon Dec 7, 2026 1pm - 2pm (EST)", "Re: Panel"),
        ("Data Engineer @ Northwind", "Re: Data Engineer @ Northwind"),
        ("Interview @ Studio 54", "Re: Interview @ Studio 54"),
        ("Reference check", "Re: Reference check"),
        ("Title\r\nBcc: evil@x.example", "Re: Title Bcc:"),
        ("  ", None),
        ("Re:", None),
    ],
)
def test_prefixes_and_event_times_are_taken_off_the_answered_subject(subject: str, expected: str | None) -> None:
    assert reply_subject(subject) == expected


@pytest.mark.parametrize(
    ("shown", "first", "whole"),
    [
        ("Dana Lee", "Dana", "Dana Lee"),
        ("Lee, Dana", "Dana", "Dana Lee"),
        ("Dana Lee, PhD", "Dana", "Dana Lee"),
        ("DANA LEE", "Dana", "Dana Lee"),
        ("Dana Lee (Northwind)", "Dana", "Dana Lee"),
        ("Dana Lee | Northwind", "Dana", "Dana Lee"),
        ("Dana Lee via Lever", "Dana", "Dana Lee"),
        ("Dana from Northwind", "Dana", "Dana"),
        ("Dr. Dana Lee", "Dana", "Dr. Dana Lee"),
        ("Dr. Lee", "Dr. Lee", "Dr. Lee"),
        ('Robert "Bob" Smith', "Bob", "Robert Smith"),
        ("J. Smith", "J. Smith", "J. Smith"),
        ("Mary-Jane O'Brien", "Mary-Jane", "Mary-Jane O'Brien"),
        ("Zoë Çelik", "Zoë", "Zoë Çelik"),
        ("प्रिया नायर", "प्रिया", "प्रिया नायर"),
        ("\u202eDana\u202c Lee", "Dana", "Dana Lee"),
        ("dana.lee@northwind.example", None, None),
        ("Northwind Recruiting", None, None),
        ("Dana Lee 24/7", None, None),
        ("{{ 7 * 7 }}", None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_a_display_name_becomes_a_greeting_or_nothing(shown: str | None, first: str | None, whole: str | None) -> None:
    assert first_name(shown) == first
    assert person_name(shown) == whole


def test_an_unknown_language_is_refused() -> None:
    for language in ("xx", "../en", "EN", ""):
        with pytest.raises(NoTemplate):
            write_letter(CASES["thank_you"], (), Voice(full_name="Noor Haddad", language=language))


@given(st.text(max_size=400), st.integers(min_value=10, max_value=120))
def test_safe_words_are_one_short_harmless_line(text: str, length: int) -> None:
    line = safe_words(text, length)
    if line is not None:
        assert line == line.strip()
        assert 0 < len(line) <= length
        assert line.isprintable()
        assert "[[" not in line
        assert "{{" not in line


@given(
    st.one_of(
        st.text(max_size=200),
        st.sampled_from(["{{ 7*7 }}", "{% for x in y %}", "[[x]]", "a\r\nBcc: b", "{#", "\u202e"]),
    ),
    st.sampled_from(sorted(CASES)),
)
def test_nothing_in_a_mail_changes_the_shape_of_a_letter(words: str, case: str) -> None:
    told = replace(CASES[case], company=words, role=words, to=Address(name=words, address="x@y.example"))
    hostile = timeline(company=words, role=words, facts=(facts(subject=words, topics=(words,)),))
    letter = write_letter(replace(told, answers="confirmation", mentions=told.mentions and (words,)), (hostile,), VOICE)
    plain = write_letter(CASES[case], (timeline(),), VOICE)
    assert letter.text.count("\n\n") == plain.text.count("\n\n")
    assert len(letter.placeholders) == len(plain.placeholders)
    assert letter.text.replace("\n", " ").isprintable()
    assert "49" not in letter.text or "49" in words
    assert letter.subject.isprintable()
    assert len(letter.subject) <= 210
