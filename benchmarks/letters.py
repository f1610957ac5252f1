"""Writes docs/letters.md: one letter of each kind in each language, and those of the demonstration and the scenarios.

    python -m benchmarks.letters

Everything in it is written by the code that the daemon runs; a test compares the page with what it writes now.
"""

from __future__ import annotations

import email
import email.policy
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from composer.agenda import FollowUp, FollowUpKind, Wording
from composer.letter import Placeholders, Register, Voice, write_letter
from composer.letter_forms import languages
from composer.policy import Policy
from daemon.archive import read_path
from daemon.decision import Decision
from daemon.demo import START
from daemon.person import Person
from daemon.policy_config import PolicySettings
from daemon.replay import Replay
from daemon.samples import ADDRESS, FULL_NAME, TIMEZONE, write_sample_maildir
from parsers.model import Address, Direction, Facts, FixedTime, Interview, SlotEnd, Timeline
from tests.scenarios.render import HERE, load, render

PAGE = Path(__file__).parent.parent / "docs" / "letters.md"
NAMES = {"de": "German", "en": "English", "es": "Spanish", "fr": "French", "pt": "Portuguese"}
NOTED = {
    "de": "das Caching-Projekt",
    "en": "the caching project",
    "es": "el proyecto de caché",
    "fr": "le projet de cache",
    "pt": "o projeto de cache",
}
WHOLE = 2  # letters of a language that are shown with greeting and signature
VISIT = datetime(2026, 12, 1, 14, tzinfo=UTC)
KINDS: Mapping[str, tuple[FollowUpKind, dict[str, Any]]] = {
    "After an interview": (FollowUpKind.THANK_YOU, {}),
    "After an interview, decision the same day": (FollowUpKind.THANK_YOU, {"wording": Wording.SHORT}),
    "After a recruiter's call": (FollowUpKind.THANK_YOU, {"wording": Wording.RECRUITER_SCREEN}),
    "After a later round": (FollowUpKind.THANK_YOU, {"wording": Wording.LATER_ROUND}),
    "To the recruiter, for people without an address": (
        FollowUpKind.THANK_YOU,
        {"mentions": ("Lena Vogt", "Omar Said")},
    ),
    "First check-in": (FollowUpKind.CHECK_IN_1, {}),
    "First check-in, after a promised date": (FollowUpKind.CHECK_IN_1, {"promised": date(2026, 12, 4)}),
    "First check-in, after a cancellation": (FollowUpKind.CHECK_IN_1, {"visit": None, "interview": "cancelled"}),
    "Last check-in": (FollowUpKind.CHECK_IN_FINAL, {}),
    "Closing note": (FollowUpKind.CLOSING_NOTE, {}),
    "Answer to a cancellation": (FollowUpKind.RESCHEDULE_OFFER, {}),
    "Answer to a rejection": (FollowUpKind.REJECTION_REPLY, {}),
    "Acknowledgement of an offer": (FollowUpKind.OFFER_ACK, {}),
}
ABOUT = f"""# The letters

Written by `python -m benchmarks.letters`, by the code that the daemon runs; not edited by hand. The policy is in
[policy.md](policy.md); the templates are in `composer/templates`, several bodies a kind. Which one is used is fixed by
the application and by what the employer has had before: none gets the same words twice while there are others.

A part in `[[...]]` is something that nobody told Tactful. It is left for the person to fill in, with a line above the
text that says so; a note (`tactful note`, or an answer by mail) fills it, and `letters: {{placeholders: omit}}` leaves
it out. Below, the first letter has a note ("{NOTED["en"]}"), the next a gap, the third leaves it out, and so on. The
first two of a language are whole, plain and formal; of the others the greeting and the signature are left out.
"""


FURTHER = """## Further scenarios

The drafts of `tests/scenarios/further.json`, by their first sentence. Those in which the person does something with a
draft are left to the tests.

| scenario | due | letter | to | begins |
| --- | --- | --- | --- | --- |"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One draft that a run made."""

    decision: Decision
    text: str


def page() -> str:
    """Give the whole page."""
    parts = [ABOUT]
    for language in ("en", *sorted(languages() - {"en"})):
        parts.append(f"## {NAMES.get(language, language)}\n")
        parts += [_of_kind(language, number, title) for number, title in enumerate(KINDS)]
    parts.append("## The demonstration\n\nThe drafts of `tactful demo`, in order.\n")
    parts += [_draft(written, written.text) for written in _demonstration()]
    parts.append("## The main scenarios\n\nThe drafts of `scenarios.json` and `kinds.json` in `tests/scenarios`.\n")
    for name, scenario in (load() | load(HERE / "kinds.json")).items():
        if not scenario.get("live_only"):
            parts.append(f"### {name}: {scenario['title']}\n")
            parts += [_draft(written, _middle(written.text)) for written in _replayed(scenario)]
    parts.append(FURTHER)
    for name, scenario in load(HERE / "further.json").items():
        if not scenario.get("live_only"):
            parts += [_row(name, written) for written in _replayed(scenario)]
    return "\n".join(parts) + "\n"


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


# ---------------------------------------------------------------------------------------------------- one of each kind


def _of_kind(language: str, number: int, title: str) -> str:
    kind, changes = KINDS[title]
    followup, timeline = _example(kind, changes)
    voice = Voice(
        full_name="Noor Haddad",
        language=language,
        register=(Register.PLAIN, Register.FORMAL)[number % 2],
        placeholders=Placeholders.OMIT if number % 3 == 2 else Placeholders.MARK,
    )
    noted = NOTED.get(language) if number % 3 == 0 and kind is FollowUpKind.THANK_YOU else None
    letter = write_letter(followup, (timeline,), voice, noted=noted)
    text = letter.text if number < WHOLE else _middle(letter.text)
    return f"### {title}\n\n{_quoted(letter.subject, text)}"


def _example(kind: FollowUpKind, changes: dict[str, Any]) -> tuple[FollowUp, Timeline]:
    due = VISIT + timedelta(hours=3 if kind is FollowUpKind.THANK_YOU else 200)
    followup = FollowUp(
        id="example",
        kind=kind,
        rule="T1",
        reason="an example",
        account="me",
        application="example",
        company="Northwind",
        role="Data Engineer",
        to=Address(name="Dana Lee", address="dana.lee@northwind.example"),
        due=due,
        stale_at=due + timedelta(days=2),
        interview="talk",
        visit=VISIT.date(),
    )
    called_off = changes.get("interview") == "cancelled"
    time = FixedTime(
        start=VISIT,
        end=VISIT + timedelta(hours=1),
        timezone="Europe/London",
        all_day=False,
        fixed_by="invite",
        fixed_at=VISIT - timedelta(days=3),
        ended=SlotEnd.CANCELLED if called_off else None,
        ended_at=VISIT - timedelta(days=1) if called_off else None,
    )
    invite = Facts(
        key="invite",
        account="me",
        direction=Direction.INBOUND,
        message_id=None,
        received_at=VISIT - timedelta(days=3),
        topics=("system design",),
    )
    timeline = Timeline(
        id="example",
        account="me",
        company="Northwind",
        role="Data Engineer",
        timezone="Europe/London",
        facts=(invite,),
        interviews=(Interview(id="talk", times=(time,), confidence=1.0, sources=("invite",)),),
    )
    return replace(followup, **changes), timeline


# ------------------------------------------------------------------------------------------------- what a run makes


def _demonstration() -> tuple[Written, ...]:
    with tempfile.TemporaryDirectory() as name:
        sample = write_sample_maildir(Path(name) / "mail", start=START)
        policy = Policy(timezone=TIMEZONE)
        person = Person(account="demo", addresses=(ADDRESS,), full_name=FULL_NAME, timezone=TIMEZONE, policy=policy)
        return _run(person, Path(name) / "mail", sample.until)


def _replayed(scenario: dict[str, Any]) -> tuple[Written, ...]:
    zone, user = scenario["user_tz"], scenario["user"]
    policy = PolicySettings.model_validate(scenario.get("config", {})).policy(timezone=zone)
    person = Person(account="me", addresses=(user["address"],), full_name=user["name"], timezone=zone, policy=policy)
    with tempfile.TemporaryDirectory() as name:
        render(scenario, Path(name), seed=0)
        return _run(person, Path(name), datetime.fromisoformat(scenario["until"]))


def _run(person: Person, folder: Path, until: datetime) -> tuple[Written, ...]:
    made: list[Written] = []
    replay = Replay(person.settings(), person.policy)
    for _ in replay.run(
        read_path(folder),
        until=until,
        on_draft=lambda decision, message: made.append(Written(decision=decision, text=_text_of(message))),
    ):
        pass
    return tuple(made)


def _text_of(message: bytes) -> str:
    """Give the text as a reader of format=flowed shows it (RFC 3676 4.1)."""
    content = email.message_from_bytes(message, policy=email.policy.default).get_content()
    lines = (line.removeprefix(" ") for line in content.replace("\r\n", "\n").split("\n"))
    return "\n".join(lines).replace(" \n", " ")


def _draft(written: Written, text: str) -> str:
    decision = written.decision
    head = f"{decision.at:%a %d %b %H:%M}, {_kind(decision)} to {decision.to} ({decision.rule})"
    return f"{head}\n\n{_quoted(decision.subject or '', text)}"


def _row(name: str, written: Written) -> str:
    decision = written.decision
    first = next(part for part in _middle(written.text).split("\n\n") if not part.startswith("[["))
    sentence = first.split(". ")[0].rstrip(".").replace("|", "\\|")
    return f"| {name} | {decision.at:%a %d %b %H:%M} | {_kind(decision)} | {decision.to} | {sentence} |"


def _middle(text: str) -> str:
    """Leave out the greeting and the signature."""
    parts = text.strip().split("\n\n")
    hint = parts[:1] if parts[0].startswith("[[") else []
    return "\n\n".join((*hint, *parts[len(hint) + 1 : -1]))


def _kind(decision: Decision) -> str:
    return (decision.kind or "").replace("_", " ")


def _quoted(subject: str, text: str) -> str:
    *above, last = text.strip().split("\n\n")
    parts = (f"**{subject}**", *above, last.replace("\n", "  \n> "))
    return "\n>\n".join(f"> {part}" for part in parts) + "\n"


if __name__ == "__main__":
    main()
