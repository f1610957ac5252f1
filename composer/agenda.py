"""What is to be done, and why: the words in which `composer.plan` answers.

Values only. An Agenda is all that can be said at one instant; the same timelines, acts, policy and instant give the
same Agenda. Every instant is aware; `due` and `stale_at` are in the user's zone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from parsers.model import Address


class FollowUpKind(StrEnum):
    """The `kind` of the command line's JSON."""

    THANK_YOU = "thank_you"
    CHECK_IN_1 = "check_in_1"
    CHECK_IN_FINAL = "check_in_final"
    CLOSING_NOTE = "closing_note"
    RESCHEDULE_OFFER = "reschedule_offer"
    REJECTION_REPLY = "rejection_reply"
    OFFER_ACK = "offer_ack"


NUDGES = frozenset({FollowUpKind.CHECK_IN_1, FollowUpKind.CHECK_IN_FINAL, FollowUpKind.CLOSING_NOTE})


class Wording(StrEnum):
    """Which form of a letter fits; it never changes the instant (policy.md T2, T5, T7)."""

    STANDARD = "standard"
    SHORT = "short"
    RECRUITER_SCREEN = "recruiter_screen"
    LATER_ROUND = "later_round"


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """A letter that is due at an instant, or was.

    `id` names the same letter at every planning: it is made from account, kind, recipient and the thing followed up,
    never from a time, so that a moved date does not make a second letter.
    """

    id: str
    kind: FollowUpKind
    rule: str  # id in policy.md of the row that fixed the instant
    reason: str  # one plain sentence, with the instants that led to it
    account: str
    application: str  # Timeline.id
    company: str | None
    role: str | None
    to: Address
    due: datetime
    stale_at: datetime
    interview: str | None = None  # Interview.id
    visit: date | None = None  # local day, for the employer, of the visit it follows
    answers: str | None = None  # Facts.key of the message it replies to; None: a new mail
    mentions: tuple[str, ...] = ()  # interviewers without a known address (T4)
    wording: Wording = Wording.STANDARD
    promised: date | None = None  # the day by which they had promised to answer
    counted_from: date | None = None  # the recipient's day after which `business_days` were counted, for a nudge
    business_days: int | None = None
    evidence: tuple[str, ...] = ()  # Facts.key of each message that led to it, oldest first


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """A follow-up that is not made. `at` is the instant at which it would have been due."""

    id: str
    kind: FollowUpKind
    rule: str  # the first suppression rule that fired
    reason: str
    account: str
    application: str
    company: str | None
    role: str | None
    to: str | None  # the address; a name where no address is known
    at: datetime
    interview: str | None = None
    evidence: tuple[str, ...] = ()
    followup: FollowUp | None = None  # as it would have been made; None where nobody could be addressed
    since: datetime | None = None  # what speaks against it happened then; None: from the beginning


@dataclass(frozen=True, slots=True, kw_only=True)
class Postponement:
    """A follow-up that was due at `at` and is now due later, at `followup.due`."""

    followup: FollowUp
    rule: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """A draft of ours to be taken back, if it is still untouched. `at` is the instant at which that became right."""

    followup: FollowUp
    rule: str  # a suppression rule, or the draft's own rule when it is stale
    reason: str
    at: datetime


class ClosedAs(StrEnum):
    """How an application ended: the `state` of the command line's JSON."""

    SILENT = "silent"
    REJECTED = "rejected"
    OFFER = "offer"
    PASSIVE_REJECTION = "passive_rejection"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """The end of an application."""

    account: str
    application: str
    company: str | None
    role: str | None
    state: ClosedAs
    rule: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """Something that the person should look at, because it was not certain enough to act on."""

    account: str
    application: str
    reason: str
    message: str | None = None  # Facts.key


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """All that is to be said at the instant `at`.

    `due`: must be in Drafts now and was never drafted. `planned`: later. `suppressed`, `postponed`, `closed` contain
    past and coming ones alike (each with its `at`); whoever records them takes those with `at` <= now. `next_at`: the
    next instant at which something changes without any further mail; None if there is none.
    """

    at: datetime
    due: tuple[FollowUp, ...] = ()
    planned: tuple[FollowUp, ...] = ()
    suppressed: tuple[Suppression, ...] = ()
    postponed: tuple[Postponement, ...] = ()
    withdrawals: tuple[Withdrawal, ...] = ()
    closed: tuple[Closing, ...] = ()
    review: tuple[Review, ...] = ()
    next_at: datetime | None = None
