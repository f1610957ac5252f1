"""Holds a message taken apart, and weighs what its phrases say of each kind.

What is said twice counts more; what has nothing of a job about it stays below 0.8, the policy's threshold.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from parsers.clauses import Clause
from parsers.model import Evidence
from parsers.people import Cast
from parsers.phrases import Hit, quote
from parsers.senders import SystemKind
from parsers.sessions import Spoken
from parsers.wordbook import Strength, wordbook

_WEIGHT: Final = {Strength.SURE: 0.85, Strength.LIKELY: 0.5, Strength.HINT: 0.2}
_AGAIN: Final = 0.3  # what a further phrase of the same clause is worth
ENOUGH: Final = 0.55  # weight of a kind; less is no statement
SAID_TWICE: Final = 0.7  # weight of a kind of which two clauses say something
_OF_A_JOB: Final = 0.3
UNSURE: Final = 0.7  # highest confidence of a statement that lacks one of its two signals


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A message taken apart, ready to be weighed."""

    text: str  # the subject as the first line, then what was written now
    clauses: tuple[Clause, ...]
    hits: tuple[Hit, ...]
    spoken: tuple[Spoken, ...]
    links: tuple[str, ...]
    sent_at: datetime
    cast: Cast
    system: SystemKind | None
    job: float  # how far the message is about an application, 0..1
    post: float  # the same, told by words that only a job has: "position", "recruiting"
    answer: bool  # it answers another message: its subject is the other's
    known: bool  # it answers one of the user's own

    def weight(self, kind: str) -> float:
        """Weigh everything that was said of a kind: what one clause says twice counts less than two clauses."""
        by_clause: dict[int, list[float]] = {}
        for hit in self.of(kind):
            by_clause.setdefault(hit.clause.start, []).append(_WEIGHT[self._strength(hit)])
        doubt = 1.0
        for weights in by_clause.values():
            best, *others = sorted(weights, reverse=True)
            doubt *= 1 - best
            for weight in others:
                doubt *= 1 - _AGAIN * weight
        return 1 - doubt

    def of(self, kind: str) -> Iterator[Hit]:
        """Give the hits of a kind; to ask for a choice is to invite."""
        return (hit for hit in self.hits if hit.kind == kind or (kind == "invited" and hit.kind == "choice"))

    def sure(self, kind: str, *, in_subject: bool = True) -> bool:
        """Tell whether one hit alone decides."""
        return any(
            self._strength(hit) is Strength.SURE and (in_subject or hit.clause.start > self._subject_end)
            for hit in self.of(kind)
        )

    def stated(self, kind: str) -> bool:
        """Tell whether one hit alone decides, or two clauses say it in part: that is never sure."""
        return self.sure(kind) or (self.weight(kind) >= SAID_TWICE and self.job >= _OF_A_JOB)

    def evidence(self, kind: str) -> tuple[Evidence, ...]:
        """Give the words of the strongest hit of a kind."""
        strongest = max(self.of(kind), key=self._strength, default=None)
        return (Evidence(field="kind", text=quote(self.text, strongest)),) if strongest is not None else ()

    def _strength(self, hit: Hit) -> Strength:
        # "Re: Interview rescheduled" stays above every later mail of the thread.
        return Strength.HINT if self.answer and hit.clause.start < self._subject_end else hit.strength

    @property
    def _subject_end(self) -> int:
        return self.text.find("\n")

    def confidence(self, weight: float, *, refusal: bool = False) -> float:
        """Turn a weight into a confidence: without a job about it, it stays unsure.

        A `refusal` of nobody knows what does no harm: it closes only what is open at its sender.
        """
        job = max(self.job, 0.35 if self.known else 0.0)
        confidence = round(min(0.97, weight * (0.62 + 0.38 * min(1.0, job * 1.6))), 3)
        return min(confidence, UNSURE) if self.lacks_a_job() and not refusal else confidence

    def lacks_a_job(self) -> bool:
        """Tell whether nothing says what is applied for: "your application" may be one for a loan."""
        return self.post == 0.0 and not self.known and not self.talks()

    def of_a_candidate(self) -> bool:
        """Tell whether it is written by a candidate, or to somebody who is to interview one."""
        return self.weight("candidate") > ENOUGH

    def certainty(self, kind: str, weight: float) -> float:
        """Turn the weight of a kind into a confidence: what no single hit decides stays unsure."""
        confidence = self.confidence(weight)
        return confidence if self.sure(kind) else min(confidence, UNSURE)

    def reminds(self) -> bool:
        """Tell whether the message repeats what was fixed before."""
        return self.weight("reminder") >= 0.5

    def pauses(self) -> bool:
        """Tell whether all that sounds like a rejection is said of a pause, or only for now."""
        paused = {hit.clause.start for hit in self.of("held") if hit.strength is Strength.SURE}
        turned_down = [hit.clause for hit in self.of("rejected") if hit.strength >= Strength.LIKELY]
        return bool(paused) and all(clause.start in paused or _for_now(clause) for clause in turned_down)

    def talks(self) -> bool:
        """Tell whether the word interview is said at all."""
        words = wordbook().classes["core"]
        return any(not words.isdisjoint(clause.tokens) for clause in self.clauses)

    def approaches(self) -> bool:
        """Tell whether a recruiter writes first: nothing is said of an application of the user."""
        if self.answer or self.known or self.system is SystemKind.TRACKER:
            return False
        if self.sure("received") or self.sure("applied"):
            return False
        return self.weight("approached") >= 0.75 and self.job >= 0.3


def _for_now(clause: Clause) -> bool:
    """Tell whether it may be otherwise later."""
    return any(f" {' '.join(words)} " in clause.words for words in wordbook().grammar_of(clause.language).for_now)
