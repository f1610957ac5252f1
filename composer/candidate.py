"""A follow-up that the policy would make, before anything that stands in its way: made here, with its lasting id."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256

from composer.agenda import FollowUp, FollowUpKind, Suppression, Wording
from composer.process import Process
from composer.recipient import People
from composer.stop import Stop
from composer.workdays import utc


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One follow-up and what it hangs on. `base` (UTC) is the instant since which it could have been drafted."""

    followup: FollowUp
    process: Process
    people: People
    anchor: str  # the thing followed up; with account, kind and recipient it makes the id
    base: datetime
    day: date  # the recipient's day that fixed the instant
    stop: Stop | None = None

    @property
    def due(self) -> datetime:
        """The instant in UTC."""
        return utc(self.followup.due)

    def moved(self, due: datetime, day: date, *, stale_at: datetime, rule: str, reason: str) -> Candidate:
        """Give the same follow-up at another instant."""
        days = self.process.days
        followup = replace(self.followup, due=days.shown(due), stale_at=days.shown(stale_at), rule=rule, reason=reason)
        return replace(self, followup=followup, day=day)

    def again(self, times: int) -> Candidate:
        """Give the same follow-up as a letter of its own, after earlier drafts of it were taken back."""
        followup = self.followup
        anew = followup_id(followup.account, followup.kind, followup.to.address, f"{self.anchor}\x1f{times}")
        return replace(self, followup=replace(followup, id=anew))


def followup_id(account: str, kind: FollowUpKind, recipient: str, anchor: str) -> str:
    """Make the id that one letter keeps whatever its instant (16 hex digits are one clash in billions of letters)."""
    return sha256("\x1f".join((account, kind, recipient, anchor)).encode()).hexdigest()[:24]


def make(
    process: Process,
    people: People,
    *,
    kind: FollowUpKind,
    to: str,
    anchor: str,
    rule: str,
    reason: str,
    base: datetime,
    day: date,
    due: datetime,
    stale_at: datetime,
    evidence: Iterable[str],
    interview: str | None = None,
    visit: date | None = None,
    mentions: tuple[str, ...] = (),
    wording: Wording = Wording.STANDARD,
    promised: date | None = None,
    counted_from: date | None = None,
    business_days: int | None = None,
    stop: Stop | None = None,
) -> Candidate:
    """Make a candidate of a process; the message to answer is found here."""
    timeline, days = process.timeline, process.days
    followup = FollowUp(
        id=followup_id(timeline.account, kind, to, anchor),
        kind=kind,
        rule=rule,
        reason=reason,
        account=timeline.account,
        application=timeline.id,
        company=timeline.company,
        role=timeline.role,
        to=people.address(to),
        due=days.shown(due),
        stale_at=days.shown(stale_at),
        interview=interview,
        visit=visit,
        answers=people.message_to_answer(to, due),
        mentions=mentions,
        wording=wording,
        promised=promised,
        counted_from=counted_from,
        business_days=business_days,
        evidence=tuple(dict.fromkeys(evidence)),
    )
    return Candidate(followup=followup, process=process, people=people, anchor=anchor, base=base, day=day, stop=stop)


def held_back(followup: FollowUp, stop: Stop, at: datetime) -> Suppression:
    """Say that a follow-up is not made, and when it would have been due."""
    return Suppression(
        id=followup.id,
        kind=followup.kind,
        rule=stop.rule,
        reason=stop.reason,
        account=followup.account,
        application=followup.application,
        company=followup.company,
        role=followup.role,
        to=followup.to.address,
        at=at.astimezone(followup.due.tzinfo),
        interview=followup.interview,
        evidence=followup.evidence,
        followup=followup,
        since=stop.since,
    )


def nameless(
    process: Process,
    *,
    kind: FollowUpKind,
    to: str | None,
    anchor: str,
    stop: Stop,
    at: datetime,
    interview: str | None = None,
    evidence: Iterable[str] = (),
) -> Suppression:
    """Say that a follow-up is not made to somebody who has no address to make a candidate with."""
    timeline = process.timeline
    return Suppression(
        id=followup_id(timeline.account, kind, to or "", anchor),
        kind=kind,
        rule=stop.rule,
        reason=stop.reason,
        account=timeline.account,
        application=timeline.id,
        company=timeline.company,
        role=timeline.role,
        to=to,
        at=process.days.shown(at),
        interview=interview,
        evidence=tuple(dict.fromkeys(evidence)),
    )
