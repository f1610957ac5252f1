"""All that happens to a process and matters to its nudges: mail, visits, and what the user did with our drafts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from composer.agenda import NUDGES
from composer.fates import Fate
from composer.process import Absence, Process, Visit
from composer.workdays import utc
from parsers.model import Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The user sent a nudge of ours."""

    fate: Fate


@dataclass(frozen=True, slots=True, kw_only=True)
class Dismissed:
    """The user deleted or moved a nudge of ours."""

    fate: Fate


Event = Facts | Absence | Visit | Sent | Dismissed


def events(process: Process) -> Iterator[tuple[datetime, Event]]:
    """Give all that happens to a process, by instant; at one instant the mail is read first (policy.md 3.10)."""
    told: list[tuple[datetime, int, Event]] = [(utc(fact.received_at), 0, fact) for fact in process.facts]
    told += [(absence.at, 1, absence) for absence in process.absences]
    for fate in process.fates:
        if fate.followup.kind not in NUDGES:
            continue
        if fate.sent_at:
            told.append((fate.sent_at, 2, Sent(fate=fate)))
        elif fate.gone_at:
            told.append((fate.gone_at, 2, Dismissed(fate=fate)))
    told += [(visit.end, 3, visit) for visit in process.visits]
    for at, _, event in sorted(told, key=lambda entry: entry[:2]):
        yield at, event
