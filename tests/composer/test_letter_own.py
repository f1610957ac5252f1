"""Templates that a person wrote take the place of ours; a mistake in one is named by its line and hangs nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from composer.letter import write_letter
from composer.letter_check import template_faults
from composer.letter_forms import languages, letter_names, shipped_text
from tests.composer.letter_parts import CASES, VOICE, K, followup, timeline

BODY = "Subject: Thanks, {{ first_name }}\n===\nThank you for {{ discussed }}.\n"


def test_a_template_of_the_persons_own_takes_the_place_of_ours() -> None:
    voice = replace(VOICE, templates={"en/thank_you": BODY})
    letter = write_letter(CASES["thank_you"], (timeline(),), voice, noted="the caching project")
    assert letter.subject == "Thanks, Dana"
    assert letter.text == "Hi Dana,\n\nThank you for the caching project.\n\nBest regards,\nNoor Haddad\n"
    assert letter.wording == "own:en/thank_you/1"
    assert write_letter(CASES["offer_ack"], (timeline(),), voice).wording.startswith("en/offer_ack/")


def test_phrases_of_their_own_are_used_in_every_letter() -> None:
    phrases = shipped_text("en", "phrases") + '{%- set closing = "Cheers," -%}\n'
    voice = replace(VOICE, templates={"en/phrases": phrases})
    for case in ("thank_you", "offer_ack"):
        assert "\nCheers,\nNoor Haddad\n" in write_letter(CASES[case], (timeline(),), voice).text


@pytest.mark.parametrize(
    "broken", ["Subject: x\n===\n{{ 1 / (roles | length - 1) }}", "Subject: x\n===\n{% if %}", "Subject: x", ""]
)
def test_one_that_fails_all_the_same_gives_way_to_ours(broken: str) -> None:
    voice = replace(VOICE, templates={"en/thank_you": broken})
    assert write_letter(CASES["thank_you"], (timeline(),), voice) == write_letter(
        CASES["thank_you"], (timeline(),), VOICE
    )


@pytest.mark.parametrize("language", sorted(languages()))
def test_every_letter_of_ours_would_pass_as_the_persons_own(language: str) -> None:
    names = (*letter_names(), "phrases")
    assert template_faults({f"{language}/{name}": shipped_text(language, name) for name in names}) == {}


@pytest.mark.parametrize(
    ("body", "line", "says"),
    [
        ("Thank you.\n\n{% if first_name %}", 5, "end of template"),
        ("Thank you.\n\n\n{{ nobody }}", 6, "'nobody' is undefined"),
        ("{{ date(nobody) }}", 3, "undefined"),
        ("Thanks.\n===\n\n{{ visit.nothing }}", 6, "nothing"),
        ("Thanks.\n===\n   \n===\nBye.", 5, "empty letter"),
        ("{{ roles[7] }}", 3, "no element 7"),
        ("{{ mentions() }}", 3, "not callable"),
        ("{{ first_name.__class__ }}", 3, "unsafe"),
        ("{{ '{:>99999999}'.format(1) }}", 3, "unsafe"),
        ("{{ '%999999999d' | format(1) }}", 3, "No filter named 'format'"),
        ("{{ 'x' * 999999999 }}", 3, "not needed"),
        ("{{ 'x' ~ '\x07' }}", 3, "control character"),
        ("{% for a in range(9) %}x{% endfor %}", 3, "'range' is undefined"),
        ("{% for a in 'ab' %}{% for b in 'ab' %}x{% endfor %}{% endfor %}", 3, "loop inside a loop"),
        ("{% for a in 'abc' recursive %}{{ loop('abc') }}{% endfor %}", 3, "loop inside a loop"),
        ("{% include 'phrases.txt' %}", 3, "stands alone"),
        ("{% import 'os' as os %}", 3, "stands alone"),
        ("{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}", 3, "recursion"),
        ("{% set a = 'words ' * 1 %}", 3, "not needed"),
        ("{% set a = 'word ' %}" + "{% set a = a ~ a %}" * 60 + "{{ a }}", 3, "more than 5000 characters"),
        ("{% set a %}word {% endset %}" + "{% set a %}{{ a }}{{ a }}{% endset %}" * 60, 3, "more than 5000 characters"),
        ("{{ 'a' | replace('a', 'word ' + 'word ' * 1) }}", 3, "not needed"),
        ("{{ 'aaaa' | replace('a', '" + "word " * 60 + "') }}", 3, "more than 200 characters"),
        ("word " * 400, 3, "more than 300 words"),
    ],
)
def test_what_is_wrong_with_a_template_is_named_by_its_line(body: str, line: int, says: str) -> None:
    fault = template_faults({"en/thank_you": f"Subject: x\n===\n{body}"})["en/thank_you"]
    assert fault.line == line
    assert says in fault.text


def test_calling_without_end_is_cut_off() -> None:
    macros = "".join(
        f"{{% macro m{n}() %}}{{{{ m{n - 1}() }}}}{{{{ m{n - 1}() }}}}{{% endmacro %}}" for n in range(1, 40)
    )
    body = f"{{% macro m0() %}}{{% endmacro %}}{macros}{{{{ m39() }}}}"
    fault = template_faults({"en/thank_you": f"Subject: x\n===\n{body}"})["en/thank_you"]
    assert "calls more than" in fault.text


@pytest.mark.parametrize(
    ("key", "text", "says"),
    [
        ("xx/thank_you", BODY, "there are no letters in 'xx'"),
        ("en/thanks", BODY, "no letter has the name 'thanks'"),
        ("en/thank_you", "Thank you.\n===\nThank you.", 'must begin with "Subject:"'),
        ("en/thank_you", "Subject: Thanks\nThank you.", 'a line "==="'),
        ("en/phrases", "{% set greeting = 'Hi,' %}", "'hint' is undefined"),
        ("en/phrases", "{% set hint, greeting, closing = ('a', 'b', 'c') %}", "cannot be written with it"),
    ],
)
def test_a_file_that_can_be_no_letter_is_named(key: str, text: str, says: str) -> None:
    fault = template_faults({key: text})[key]
    assert fault.line == 1
    assert says in fault.text


def test_broken_phrases_do_not_condemn_the_letters_beside_them() -> None:
    assert set(template_faults({"en/phrases": "{{", "en/thank_you": BODY})) == {"en/phrases"}


def test_what_a_stranger_wrote_is_no_template() -> None:
    told = followup(K.THANK_YOU, role="{{ 7 * 7 }}")
    letter = write_letter(told, (timeline(),), replace(VOICE, templates={"en/thank_you": BODY}), noted="{{ 7 * 7 }}")
    assert "49" not in letter.text
