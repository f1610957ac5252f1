"""Takes a FollowUp and the person's timelines; gives the Context in which its letter is judged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from composer.agenda import FollowUp
from composer.lint_values import Context
from parsers.model import Direction, Timeline


def context_of(followup: FollowUp, timelines: Sequence[Timeline], *, last_letter: str | None = None) -> Context:
    """Say what is known around a letter; `last_letter` is the person's own text in the last one to its recipient."""
    own = [t for t in timelines if _belongs(followup, t)]
    others = [t for t in timelines if not _belongs(followup, t)]
    addresses = {address for timeline in own for address in _addresses(timeline)} | {followup.to.address}
    companies = {company for timeline in own if (company := timeline.company)}
    return Context(
        kind=followup.kind,
        wording=followup.wording,
        to_name=followup.to.name,
        company=followup.company,
        roles=tuple(dict.fromkeys(role for role in (followup.role, *(t.role for t in own)) if role)),
        other_companies=frozenset(t.company for t in others if t.company) - companies,
        other_recipients=frozenset(address for t in others for address in _addresses(t)) - addresses,
        last_letter=last_letter,
    )


def _belongs(followup: FollowUp, timeline: Timeline) -> bool:
    """Tell whether a letter is about an application: by its id, or by its messages where the id has changed.

    A check-in merged from two (policy.md C7) is about both.
    """
    if (timeline.account, timeline.id) == (followup.account, followup.application):
        return True
    return any(facts.key in followup.evidence for facts in timeline.facts)


def _addresses(timeline: Timeline) -> Iterator[str]:
    """Give the address of everybody at the employer's side."""
    yield from (person.address for person in timeline.people if person.address)
    for facts in timeline.facts:
        if facts.direction is Direction.INBOUND and facts.sender:
            yield facts.sender.address
