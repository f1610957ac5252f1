"""What stands against a follow-up at an instant, beyond what it brings along itself (policy.md section 7)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from composer.agenda import NUDGES, FollowUpKind
from composer.candidate import Candidate
from composer.fates import Fates
from composer.stop import Stop, first

_AFTER_THE_END = frozenset({FollowUpKind.REJECTION_REPLY, FollowUpKind.OFFER_ACK})


def why_not(candidate: Candidate, fates: Fates, at: datetime) -> Stop | None:
    """Give the first rule against a follow-up, by what was known at an instant; None: it may be made."""
    stops = (*_of_the_person(candidate, fates), *_of_the_process(candidate, at), _cap(candidate, fates))
    return first(stop for stop in stops if stop and (stop.since is None or stop.since <= at))


def _of_the_process(candidate: Candidate, at: datetime) -> Iterator[Stop | None]:
    process, followup = candidate.process, candidate.followup
    yield candidate.stop
    yield candidate.people.hindrance(followup.to.address, at)
    if process.timeline.uncertain:
        yield Stop(rule="S15", reason=f"{process.timeline.uncertain}: see the review list")
    yield why_over(candidate, at)
    if followup.kind is FollowUpKind.THANK_YOU:
        yield _own_thanks(candidate)
    for fate in process.fates:
        # What the person edited is theirs, and they are about to send it (an untouched draft of ours is not).
        theirs = fate.edited_at and fate.followup.to.address == followup.to.address
        if theirs and fate.open:
            yield Stop(rule="S19", reason="a draft of the user's own to this person waits", since=fate.edited_at)


def why_over(candidate: Candidate, at: datetime) -> Stop | None:
    """Give S1 if the process was over at an instant, and the follow-up is not about just that."""
    ending = candidate.process.ending
    if ending is None or ending.at > at or candidate.followup.kind in _AFTER_THE_END:
        return None
    return Stop(rule="S1", reason=ending.reason, since=ending.at)


def _own_thanks(candidate: Candidate) -> Stop | None:
    to = candidate.followup.to.address
    for mail in candidate.process.own_mail:
        if mail.at >= candidate.base and to in mail.to:
            return Stop(rule="S3", reason="the user wrote to them after the interview", since=mail.at)
    return None


def _of_the_person(candidate: Candidate, fates: Fates) -> Iterator[Stop]:
    followup = candidate.followup
    if since := fates.muted_at(followup, candidate.process.keys):
        yield Stop(rule="S10", reason="muted", since=since)
    overrides = candidate.process.policy.overrides
    if any(wish.mute and wish.concerns(followup.company, followup.role) for wish in overrides):
        yield Stop(rule="S10", reason="muted in the configuration")


def _cap(candidate: Candidate, fates: Fates) -> Stop | None:
    cap, followup = candidate.process.policy.max_nudges_per_company, candidate.followup
    if cap is None or followup.kind not in NUDGES or followup.company is None:
        return None
    company = followup.company.casefold()
    sent = sum(
        1
        for fate in fates.all
        if fate.sent_at and fate.followup.kind in NUDGES and (fate.followup.company or "").casefold() == company
    )
    return Stop(rule="S7", reason=f"{sent} nudges used at {followup.company}") if sent >= cap else None
