"""Whether a follow-up was made already: at most once ever, also when its id has changed since (S19, S10).

Ids hang on the ids of interviews and messages, which later mail can change; so what a draft followed up is compared
by its meaning as well.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from composer.agenda import NUDGES, FollowUpKind
from composer.candidate import Candidate
from composer.fates import Fate, Fates

_ONCE_A_PROCESS = frozenset({FollowUpKind.REJECTION_REPLY, FollowUpKind.OFFER_ACK})


def taken_by(candidate: Candidate, fates: Fates, displaced: Collection[str]) -> Fate | None:
    """Give the draft that was made for the same thing, whatever became of it; None: it may be made.

    `displaced` are the ids of nudges that something came before: a draft of one of those, made a moment too late,
    does not stand for the nudge that replaced it.
    """
    elsewhere = fates.of(candidate.followup.id)  # one invite may have been counted to two processes
    if elsewhere and not elsewhere.freed and elsewhere not in candidate.process.fates:
        return elsewhere
    return next(
        (
            fate
            for fate in candidate.process.fates
            if not fate.freed and is_same(fate, candidate) and fate.followup.id not in displaced
        ),
        None,
    )


def fresh(candidate: Candidate, fates: Fates) -> Candidate:
    """Give a candidate an id under which no draft was made, after earlier ones were taken back."""
    times, anew = 0, candidate
    while fates.of(anew.followup.id):
        times += 1
        anew = candidate.again(times)
    return anew


def place_of(candidate: Candidate) -> str:
    """Give what one letter alone may stand for: an offer or a rejection that is told twice is answered once."""
    followup = candidate.followup
    return f"{followup.application} {followup.kind}" if followup.kind in _ONCE_A_PROCESS else followup.id


def is_same(fate: Fate, candidate: Candidate) -> bool:
    """Whether a draft followed up the same thing."""
    made, wanted = fate.followup, candidate.followup
    if wanted.kind in NUDGES:
        # Since one base, one nudge: whoever got it, and whichever it was called.
        return made.kind in NUDGES and (made.id == wanted.id or _is_since(fate, candidate))
    if made.kind is not wanted.kind:
        return False
    if wanted.kind in _ONCE_A_PROCESS:
        return True
    if made.to.address != wanted.to.address:
        return False
    if wanted.kind is FollowUpKind.THANK_YOU:
        return _is_same_visit(fate, candidate)
    return made.id == wanted.id or _is_since(fate, candidate)


def _is_since(fate: Fate, candidate: Candidate) -> bool:
    done_at = fate.sent_at or fate.gone_at
    return fate.drafted_at >= candidate.base and not (done_at and done_at <= candidate.base)


def _is_same_visit(fate: Fate, candidate: Candidate) -> bool:
    made, wanted = fate.followup, candidate.followup
    if made.visit == wanted.visit:
        return True
    if made.visit is None or wanted.visit is None or abs(made.visit - wanted.visit) > timedelta(days=1):
        return False
    known = {interview.id for interview in candidate.process.timeline.interviews}
    return made.interview == wanted.interview or made.interview not in known
