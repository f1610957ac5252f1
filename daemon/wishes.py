"""Finds what the person means by a target, and writes what they wish of it: nothing more, nothing before, or again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from composer.acts import Muted, Resumed, Snoozed, Wish
from composer.agenda import Agenda, FollowUp, Suppression
from composer.fates import Fates
from composer.policy import Policy
from daemon.errors import InputError
from daemon.ledger import Ledger
from daemon.report import JsonObject, instant
from parsers.model import Timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a wish is about. `id` is as an act has it; `messages` are those of an application."""

    scope: str  # "follow-up", "application" or "company"
    id: str
    name: str
    messages: tuple[str, ...] = ()


def find_target(said: str, timelines: Iterable[Timeline], agenda: Agenda, ledger: Ledger) -> Target:
    """Find the follow-up or application whose id begins so, or the company of that name.

    Raises InputError when nothing or several things are meant.
    """
    targets = {target.id: target for target in _targets(timelines, agenda, ledger)}
    wanted = said.casefold()
    found = [t for t in targets.values() if t.name.casefold() == wanted and t.scope == "company"]
    found = found or [t for t in targets.values() if t.scope != "company" and t.id.casefold().startswith(wanted)]
    if len(found) != 1:
        which = "nothing" if not found else f"{len(found)} things"
        raise InputError(
            f"{which} of that name: {said!r}; give the id of a follow-up or an application, or a company, "
            "as `tactful status` shows them"
        )
    return found[0]


def _targets(timelines: Iterable[Timeline], agenda: Agenda, ledger: Ledger) -> Iterator[Target]:
    for timeline in timelines:
        post = ", ".join(part for part in (timeline.company, timeline.role) if part)
        keys = tuple(fact.key for fact in timeline.facts)
        yield Target(scope="application", id=timeline.id, name=post or timeline.id, messages=keys)
        if timeline.company:
            yield Target(scope="company", id=f"company:{timeline.company.casefold()}", name=timeline.company)
    entries: list[FollowUp | Suppression] = [*agenda.due, *agenda.planned, *agenda.suppressed]
    entries += [row.followup for row in ledger.drafts()]
    for entry in entries:
        yield Target(scope="follow-up", id=entry.id, name=f"{entry.kind} for {entry.company or 'an unnamed company'}")


def standing(timelines: Iterable[Timeline], agenda: Agenda, ledger: Ledger, policy: Policy) -> Iterator[JsonObject]:
    """Say what the person wants nothing of at the agenda's instant, by command or in the configuration."""
    timelines = tuple(timelines)
    targets = {target.id.casefold(): target for target in _targets(timelines, agenda, ledger)}
    by_message = {fact.key: timeline.id.casefold() for timeline in timelines for fact in timeline.facts}
    for wish in Fates(ledger.acts()).wishes:
        if isinstance(wish, Snoozed) and wish.until <= agenda.at:
            continue
        # An application's id may have changed since; its messages have not.
        known = next((by_message[key] for key in wish.messages if key in by_message), wish.target.casefold())
        target = targets.get(known) or Target(scope="follow-up", id=wish.target, name=wish.target)
        yield {"what": "wish", **report(wish, target), "by": "command"}
    for override in policy.overrides:
        until = override.snooze_until if override.snooze_until and override.snooze_until > agenda.at else None
        if override.mute or until:
            yield {
                "what": "wish",
                "wish": "muted" if override.mute else "snoozed",
                "scope": "application" if override.role else "company",
                "target": f"company:{override.company.casefold()}",
                "name": ", ".join(part for part in (override.company, override.role) if part),
                "until": None if override.mute else instant(until),
                "at": None,
                "by": "configuration",
            }


def mute(target: Target, at: datetime) -> Muted:
    """Wish nothing more of it."""
    return Muted(at=at, target=target.id, messages=target.messages)


def snooze(target: Target, at: datetime, until: datetime) -> Snoozed:
    """Wish nothing of it before an instant. Raises InputError if that has passed."""
    if until <= at:
        raise InputError(f"{until.isoformat()} has passed; give a later day or instant")
    return Snoozed(at=at, target=target.id, until=until, messages=target.messages)


def resume(target: Target, at: datetime) -> Resumed:
    """Take back what was wished of it."""
    return Resumed(at=at, target=target.id, messages=target.messages)


def report(wish: Wish, target: Target) -> JsonObject:
    """Give what was recorded."""
    return {
        "wish": type(wish).__name__.lower(),
        "scope": target.scope,
        "target": target.id,
        "name": target.name,
        "until": instant(wish.until) if isinstance(wish, Snoozed) else None,
        "at": instant(wish.at),
    }
