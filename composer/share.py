"""Shares a person's day and a recipient's patience between processes: merged nudges (C7) and the day's cap (S23)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from composer.agenda import NUDGES
from composer.candidate import Candidate
from composer.diary import Diary
from composer.policy import Policy
from composer.schedule import Settled, on_day
from composer.stop import Stop


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """A nudge that is made within another one."""

    settled: Settled
    stop: Stop


def merge(settled: Iterable[Settled], policy: Policy) -> tuple[list[Settled], list[Merged]]:
    """Make one letter of the nudges that one person would get within a few days: the last one, naming every post."""
    kept: list[Settled] = []
    by_recipient: dict[tuple[str, str], list[Settled]] = defaultdict(list)
    for one in settled:
        followup = one.candidate.followup
        if followup.kind in NUDGES:
            by_recipient[followup.account, followup.to.address].append(one)
        else:
            kept.append(one)
    merged: list[Merged] = []
    for nudges in by_recipient.values():
        for group in _groups(nudges, policy.check_in.same_recipient_merge):
            # One that only waited for the others counts as overdue by now, and its instant says nothing.
            last = max(group, key=lambda one: (one.candidate.followup.rule != "C8", one.candidate.due))
            kept.append(_with(last, group) if len(group) > 1 else last)
            reason = f"one letter with {last.candidate.followup.role or 'another process'}, same recipient"
            merged += [Merged(settled=one, stop=Stop(rule="S8", reason=reason)) for one in group if one is not last]
    return kept, merged


def _groups(nudges: list[Settled], within: int) -> list[list[Settled]]:
    groups: list[list[Settled]] = []
    for one in sorted(nudges, key=lambda one: (one.candidate.due, one.candidate.followup.id)):
        first = groups[-1][0].candidate if groups else None
        if first and first.process.days.add(first.day, within) >= one.candidate.day:
            groups[-1].append(one)
        else:
            groups.append([one])
    return groups


def _with(last: Settled, group: list[Settled]) -> Settled:
    followup = last.candidate.followup
    evidence = tuple(dict.fromkeys(key for one in group for key in one.candidate.followup.evidence))
    # Every process finds the letter again by its own messages, and counts it.
    ordered = (*(key for key in evidence if key not in followup.evidence), *followup.evidence)
    roles = " and ".join(dict.fromkeys(one.candidate.followup.role or "another post" for one in group))
    reason = f"{followup.reason}; one letter for {roles}"
    return replace(
        last,
        candidate=replace(last.candidate, followup=replace(followup, rule="C7", reason=reason, evidence=ordered)),
    )


def spread(settled: Iterable[Settled], diary: Diary, policy: Policy) -> list[Settled]:
    """Let no day of the user's get more drafts than the cap: thank-yous first, nudges roll to the next business day."""
    counts: dict[date, int] = {}

    def count(candidate: Candidate, user_day: date) -> int:
        return counts.setdefault(user_day, diary.drafted_on(user_day, candidate))

    spread_out: list[Settled] = []
    for one in sorted(settled, key=_turn):
        candidate = one.candidate
        days = candidate.process.days
        rolls = candidate.followup.kind in NUDGES
        while rolls and count(candidate, days.user_day(candidate.due)) >= policy.max_drafts_per_day:
            day = days.resumed(days.add(candidate.day, 1))
            reason = f"{one.candidate.followup.reason}; enough drafts on {candidate.day}"
            candidate = on_day(candidate, day, rule="S23", reason=reason)
        user_day = days.user_day(candidate.due)
        counts[user_day] = count(candidate, user_day) + 1
        spread_out.append(replace(one, candidate=candidate))
    return spread_out


def _turn(settled: Settled) -> tuple[bool, datetime, str]:
    """Order letters as they come, thank-yous first; of two nudges at one instant always the same first."""
    followup = settled.candidate.followup
    rolls = followup.kind in NUDGES
    return rolls, settled.candidate.due, followup.id if rolls else ""
