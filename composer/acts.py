"""What was done: each draft of ours and what became of it, and the person's commands.

Acts are the only memory that planning has besides the mail itself; the ledger keeps them. They are in order of `at`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

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
class Approved:
    """The person wants the draft to be sent as it is: it is theirs now, and waits for the recipient's hours."""

    at: datetime
    followup_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The draft was sent, edited or not: by the person (`at` is when their message arrived in Sent), or for them."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """We asked the person, by a mail to themself, what was talked about at a visit.

    `interview` is one of its interviews, `visit` its day for the employer. An interview's id may change when older mail
    of it is found, so `messages` holds the keys of those that spoke of it.
    """

    at: datetime
    interview: str
    visit: date
    messages: tuple[str, ...] = ()
    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """The person noted what was talked about at a visit; `interview`, `visit` and `messages` as in Asked.

    `about` is the interviewer's name or address whom the note is about; None: as the text says. `source` is the key of
    the mail that brought it, so that its copies count once; None: it was noted by the command.
    """

    at: datetime
    interview: str
    visit: date
    messages: tuple[str, ...] = ()
    text: str
    about: str | None = None
    source: str | None = None


class Place(StrEnum):
    """Where a draft lies, and so what the person wants of it."""

    DRAFTS = "drafts"
    APPROVED = "approved"  # sent, these very bytes
    LATER = "later"  # away until another day
    NEVER = "never"  # nothing more of its application


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """The draft was moved or copied to another place, by the person or, back to Drafts, by us.

    `until` is when one in LATER comes back. `uidvalidity` and `uid` name the message there, so that one move is one
    gesture however often it is seen.
    """

    at: datetime
    followup_id: str
    place: Place
    until: datetime | None = None
    uidvalidity: int
    uid: int


Wish = Muted | Snoozed | Resumed
Act = Drafted | Edited | Approved | Sent | Gone | Withdrawn | Muted | Snoozed | Resumed | Asked | Noted | Placed
