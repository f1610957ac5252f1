"""What was done: each draft of ours and what became of it, and the person's commands.

Acts are the only memory that planning has besides the mail itself; the ledger keeps them. They are in order of `at`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from composer.agenda import FollowUp


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """A draft was put into Drafts (or an attempt was made whose outcome is not known: it counts as made)."""

    at: datetime
    followup: FollowUp


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """The person changed the draft: it is theirs now."""

    at: datetime
    followup_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The person sent the draft, edited or not; `at` is when their message arrived in Sent."""

    at: datetime
    followup_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """The person deleted or moved the draft."""

    at: datetime
    followup_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """We took the untouched draft back."""

    at: datetime
    followup_id: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Muted:
    """The person wants nothing more of `target`: a follow-up's id, an application's id or "company:NAME".

    An application's id may change when older mail of it is found, so `messages` holds the keys of those it had.
    """

    at: datetime
    target: str
    messages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Snoozed:
    """The person wants nothing of `target` before `until`; `target` and `messages` as in Muted."""

    at: datetime
    target: str
    until: datetime
    messages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed:
    """Takes back every earlier Muted and Snoozed of the same target or of an application with the same messages."""

    at: datetime
    target: str
    messages: tuple[str, ...] = ()


Wish = Muted | Snoozed | Resumed
Act = Drafted | Edited | Sent | Gone | Withdrawn | Muted | Snoozed | Resumed
