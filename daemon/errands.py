"""What a pass does besides letters: an errand gets the mailbox and what is known, and says when it is next needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from composer.agenda import Agenda
from daemon.mailbox import Mailbox
from parsers.model import Timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Everything that is known and planned at a pass, of all accounts."""

    timelines: tuple[Timeline, ...]
    agenda: Agenda


class Errand(Protocol):
    """One thing to be done at each pass; passes come at least every few minutes, and at `next_at` of the agenda."""

    def run(self, account: str, mailbox: Mailbox, view: View, now: datetime) -> datetime | None:
        """Do what is due for the account whose pass this is; give the next instant at which there is more to do."""


def run_errands(
    errands: Sequence[Errand], account: str, mailbox: Mailbox, view: View, now: datetime
) -> datetime | None:
    """Do them in turn; give the first instant at which any of them, or the agenda, has something to do."""
    wanted = [errand.run(account, mailbox, view, now) for errand in errands]
    return min((instant for instant in (view.agenda.next_at, *wanted) if instant), default=None)
