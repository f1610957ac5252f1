"""One thing that was decided, with its rule and reason: what `replay` prints and the ledger remembers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from composer.agenda import Closing, FollowUp, Postponement, Suppression


class Action(StrEnum):
    """The `action` of the command line's JSON."""

    CREATE = "create"
    WITHDRAW = "withdraw"
    SUPPRESS = "suppress"
    POSTPONE = "postpone"
    CLOSE = "close"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A decision at the instant at which it falls. `id` is the follow-up's, or for a closing the application's."""

    at: datetime
    action: Action
    id: str
    account: str
    rule: str
    reason: str
    kind: str | None = None
    to: str | None = None
    subject: str | None = None
    thread: str | None = None  # "reply" or "new"
    due: datetime | None = None
    stale_at: datetime | None = None
    company: str | None = None
    role: str | None = None
    interview: str | None = None
    state: str | None = None

    @property
    def identity(self) -> str:
        """What makes it the same decision when it is reached again: it is recorded once."""
        return "|".join((self.action, self.id, self.kind or "", self.rule, self.state or "", self._round))

    @property
    def _round(self) -> str:
        # A follow-up may be postponed more than once, each time to another instant.
        return self.due.isoformat() if self.action is Action.POSTPONE and self.due else ""


def of_followup(
    action: Action,
    followup: FollowUp,
    at: datetime,
    *,
    rule: str | None = None,
    reason: str | None = None,
    subject: str | None = None,
    thread: str | None = None,
) -> Decision:
    """Make the decision about a follow-up; its own rule and reason count where none are given."""
    return Decision(
        at=at,
        action=action,
        id=followup.id,
        account=followup.account,
        rule=rule or followup.rule,
        reason=reason or followup.reason,
        kind=followup.kind,
        to=followup.to.address,
        subject=subject,
        thread=thread,
        due=followup.due,
        stale_at=followup.stale_at,
        company=followup.company,
        role=followup.role,
        interview=followup.interview,
    )


def of_entry(entry: Suppression | Postponement | Closing) -> Decision:
    """Make the decision that an entry of an agenda is."""
    match entry:
        case Suppression():
            return Decision(
                at=entry.at,
                action=Action.SUPPRESS,
                id=entry.id,
                account=entry.account,
                rule=entry.rule,
                reason=entry.reason,
                kind=entry.kind,
                to=entry.to,
                company=entry.company,
                role=entry.role,
                interview=entry.interview,
            )
        case Postponement():
            return of_followup(Action.POSTPONE, entry.followup, entry.at, rule=entry.rule, reason=entry.reason)
        case Closing():
            return Decision(
                at=entry.at,
                action=Action.CLOSE,
                id=entry.application,
                account=entry.account,
                rule=entry.rule,
                reason=entry.reason,
                state=entry.state,
                company=entry.company,
                role=entry.role,
            )
