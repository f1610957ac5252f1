"""What the person should look at, because it was not certain enough to act on (policy.md S15, section 4)."""

from __future__ import annotations

from collections.abc import Iterator

from composer.agenda import Review
from composer.pledge import pledge_of
from composer.process import Process
from parsers.model import Trust


def reviews(process: Process) -> Iterator[Review]:
    """Name each doubt about a process once."""
    timeline = process.timeline
    if timeline.uncertain:
        yield _review(process, timeline.uncertain, None)
    for interview in timeline.interviews:
        if not process.is_certain(interview):
            yield _review(process, "it is not certain that this is an interview", interview.current.fixed_by)
    for fact in timeline.facts:
        if fact.trust is Trust.FAILED and fact.statements:
            yield _review(process, "the sender could not be proved: nothing follows from this message", fact.key)
        elif (pledge := pledge_of(process, fact)) and pledge.doubt:
            yield _review(process, pledge.doubt, fact.key)
        elif fact.unclear:
            yield _review(process, "a person wrote about the job, and it was not understood", fact.key)
        elif len(process.statements(fact)) < len(fact.statements):
            yield _review(process, f"it is not certain that this is: {fact.kind.replace('_', ' ')}", fact.key)


def _review(process: Process, reason: str, message: str | None) -> Review:
    timeline = process.timeline
    return Review(account=timeline.account, application=timeline.id, reason=reason, message=message)
