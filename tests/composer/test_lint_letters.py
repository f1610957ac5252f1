"""No letter of ours fails its own lint: over random stories, in every language and voice, with and without a note."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from composer.acts import Drafted
from composer.agenda import FollowUp, FollowUpKind, Wording
from composer.draft import write_draft
from composer.letter import Letter, Placeholders, Register, Voice, write_letter
from composer.letter_forms import languages, our_form
from composer.lint import Check, Context, Fault, Writing, lint
from composer.lint_context import context_of
from daemon.proof import read_proof
from parsers.model import Address, Facts, Timeline
from parsers.timeline import fold
from tests.composer.random_stories import policies, stories
from tests.composer.test_letter_bodies import NAMES, NOTES, every_case, text_of

Play = Callable[..., Any]
LANGUAGES = sorted(languages())
NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
NOOR = Address(name="Noor Haddad", address="noor@mail.example")
KINDS = {name: FollowUpKind(name) for name in NAMES if name in set(FollowUpKind)} | {
    name: FollowUpKind.THANK_YOU if name.startswith("thank_you") else FollowUpKind.CHECK_IN_1
    for name in NAMES
    if name not in set(FollowUpKind)
}
WORDINGS = {
    "thank_you_short": Wording.SHORT,
    "thank_you_recruiter_screen": Wording.RECRUITER_SCREEN,
    "thank_you_later_round": Wording.LATER_ROUND,
}


def judged(letter: Letter, followup: FollowUp, timelines: tuple[Timeline, ...], language: str) -> tuple[Fault, ...]:
    """Judge a letter as it lies in Drafts."""
    answered = {facts.key: facts for timeline in timelines for facts in timeline.facts}
    answers: Facts | None = answered.get(followup.answers or "")
    message = write_draft(letter, followup, answers=answers, sender=NOOR, message_id="1@mail.example", date=NOON)
    proof = read_proof(message)
    assert proof.language == language
    return proof.judge(context_of(followup, timelines))


@given(data=st.data(), story=stories())
@settings(
    max_examples=25,
    phases=[Phase.explicit, Phase.generate],  # a story shrinks for minutes, and the letter that fails says enough
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_no_letter_of_a_random_story_fails_its_own_lint(data: st.DataObject, story: dict[str, Any], play: Play) -> None:
    walk = play(story, data.draw(policies(story["user_tz"])))
    timelines = fold(walk.messages.written)
    for act in walk.acts:
        if not isinstance(act, Drafted):
            continue
        language = data.draw(st.sampled_from(LANGUAGES))
        voice = Voice(
            full_name="Noor Haddad",
            language=language,
            register=data.draw(st.sampled_from(Register)),
            signature=data.draw(st.sampled_from(((), ("+1 555 0100",), ("Noor Haddad", "https://noor.example")))),
            placeholders=data.draw(st.sampled_from(Placeholders)),
        )
        noted = data.draw(st.sampled_from((None, *NOTES[language])))
        letter = write_letter(act.followup, timelines, voice, noted=noted)
        found = judged(letter, act.followup, timelines, language)
        open_gaps = [fault for fault in found if fault.check is Check.PLACEHOLDER]
        assert [fault.words for fault in open_gaps] == list(letter.placeholders)
        assert set(found) == set(open_gaps), letter.text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_no_body_of_ours_has_a_fault_whatever_is_known(language: str, name: str) -> None:
    form = our_form(language, name)
    kind, wording = KINDS[name], WORDINGS.get(name, Wording.STANDARD)
    # Every thirteenth case: each thing that may be known comes up, for each body.
    for known in list(every_case(language, name))[::13]:
        context = Context(kind=kind, wording=wording, company="Northwind", roles=("Data Engineer", "Analyst"))
        for number in range(len(form.bodies)):
            text = text_of(form, number, known)
            found = lint(Writing(text=text), language=language, context=context)
            assert {fault.check for fault in found} <= {Check.PLACEHOLDER}, (form.wording(number), found, text)
