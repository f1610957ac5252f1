"""The vocabulary: what a mail is, what one message says, and what an application has come to.

Nothing here does anything. Every value is frozen and, once it exists, valid; the readers in this package make
them from bytes, `composer` decides on them, `daemon` keeps them. Every datetime is aware. A zone that was named is
kept beside the instant as its IANA name, because a stored instant keeps only its offset.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

# --------------------------------------------------------------------------------------------- addresses and mail


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A display name and an addr-spec (RFC 5322 3.4.1); the addr-spec is lower-case and holds no control character."""

    address: str
    name: str | None = None

    @property
    def domain(self) -> str:
        """The part after the last "@"."""
        return self.address.rpartition("@")[2]

    @property
    def local_part(self) -> str:
        """The part before the last "@"."""
        return self.address.rpartition("@")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One parsed message (RFC 5322). Message-IDs are without angle brackets."""

    message_id: str | None
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    received_at: datetime
    sent_at: datetime | None = None  # the Date field; its offset is the sender's
    senders: tuple[Address, ...] = ()  # From; more than one is suspicious
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    subject: str = ""
    text: str = ""  # the readable body, quotes and signature included
    html: str | None = None  # the HTML body as sent, for parsers.markup; never copied anywhere
    links: tuple[str, ...] = ()  # http(s) targets found in the body
    calendars: tuple[bytes, ...] = ()  # each text/calendar part, decoded from its transfer encoding
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # lower-case name -> decoded values, in order
    problems: tuple[str, ...] = ()


# -------------------------------------------------------------------------------------------------- calendar objects


class EventStatus(StrEnum):
    """STATUS of a VEVENT (RFC 5545 3.8.1.11), in lower case."""

    CONFIRMED = "confirmed"
    TENTATIVE = "tentative"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendee:
    """An ATTENDEE of an event (RFC 5545 3.8.4.1); `partstat`, `cutype` and `role` in upper case as in the RFC."""

    address: str
    name: str | None = None
    partstat: str | None = None
    cutype: str | None = None
    role: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invite:
    """One iTIP message: a method and one VEVENT (RFC 5546), as the file states it."""

    method: str | None  # upper case; None where the calendar object has none
    uid: str | None
    sequence: int = 0
    dtstamp: datetime | None = None
    start: datetime | None = None  # all-day: midnight in the zone used
    end: datetime | None = None  # exclusive; from DTEND or DURATION; None where the file has neither
    timezone: str | None = None  # IANA name; None where the file states none ("Z" states none)
    all_day: bool = False
    floating: bool = False  # the instant was given the user's zone, since the file has none
    status: EventStatus | None = None
    organizer: Address | None = None
    attendees: tuple[Attendee, ...] = ()
    summary: str = ""
    description: str = ""
    location: str = ""
    url: str | None = None
    recurs: bool = False
    recurrence_id: str | None = None
    transparent: bool = False
    problems: tuple[str, ...] = ()


# ------------------------------------------------------------------------------------------------ moments and promises


class Grain(StrEnum):
    """How exact an expression of time is."""

    MINUTE = "minute"
    DAY = "day"
    WINDOW = "window"  # a span of days, of which the last one counts


class ZoneSource(StrEnum):
    """How the zone of a moment was known."""

    EXPLICIT = "explicit"  # the text names it beside the time
    SHARED = "shared"  # named once for a list or a whole message
    DEFAULT = "default"  # the caller's


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One expression of time in prose.

    `start` is the first instant (for a day or window: midnight of its first day, None if open), `end` the last (for a
    range its end; for a window midnight of its LAST day; None if not stated). `span` counts characters of the text.
    """

    span: tuple[int, int]
    text: str
    grain: Grain
    start: datetime | None
    end: datetime | None = None
    timezone: str | None = None
    zone_source: ZoneSource = ZoneSource.DEFAULT
    alternatives: tuple[datetime, ...] = ()
    flags: tuple[str, ...] = ()  # e.g. "weekday contradicts date", "day and month order guessed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What an employer said of when it will answer (policy.md section 4).

    `by` is the last day of the window; where that was counted in business days, `business_days` and `counted_from`
    allow the recipient's holidays to be applied. `by` is None for a passive rejection or a permission without a date.
    """

    by: date | None
    text: str
    since: date | None = None
    business_days: int | None = None
    counted_from: date | None = None
    passive_rejection: bool = False
    permission: bool = False
    no_contact: bool = False  # "please do not follow up", "we will contact only successful candidates"


# ---------------------------------------------------------------------------------------- what one message says: facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The words of the message on which a statement rests."""

    field: str  # start, kind, promise, company, role, people, trust, ...
    text: str


class Part(StrEnum):
    """The part that somebody plays in a process."""

    INTERVIEWER = "interviewer"
    RECRUITER = "recruiter"
    COORDINATOR = "coordinator"
    ROBOT = "robot"
    ROOM = "room"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody at the employer or its agency; at least one of name and address is known."""

    name: str | None
    address: str | None
    part: Part = Part.UNKNOWN
    title: str | None = None


class Medium(StrEnum):
    """How the two sides meet."""

    PHONE = "phone"
    VIDEO = "video"
    ONSITE = "onsite"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One interview slot, as one message states it."""

    start: datetime
    end: datetime | None = None
    timezone: str | None = None  # IANA name where one was stated or found, else None
    all_day: bool = False
    status: EventStatus = EventStatus.CONFIRMED
    uid: str | None = None
    sequence: int = 0
    dtstamp: datetime | None = None
    medium: Medium | None = None
    location: str | None = None
    title: str | None = None
    people: tuple[Person, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A start and an end that were offered; not an interview."""

    start: datetime
    end: datetime | None = None
    timezone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Statement:
    confidence: float  # 0..1; below the policy's threshold it goes to the review list and moves nothing
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled(_Statement):
    """A time is fixed (or repeated, by a reminder)."""

    sessions: tuple[Session, ...]
    reminder: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved(_Statement):
    """The time changed. `sessions` are the new ones; empty when only the wish to move is stated.

    `old_start` is the instant given up, if the message names it. A mere question ("could you do Thursday?") has
    `asked=True`: the old time stands until somebody confirms.
    """

    sessions: tuple[Session, ...] = ()
    old_start: datetime | None = None
    asked: bool = False
    options: tuple[Slot, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled(_Statement):
    """The interview will not take place; `uid` or `start` say which, both None: the one ahead."""

    uid: str | None = None
    sequence: int = 0
    start: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited(_Statement):
    """Availability is asked for, or a slot to be picked."""

    options: tuple[Slot, ...] = ()
    scheduling_link: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected(_Statement):
    """The application is over: turned down, filled, or closed by the employer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered(_Statement):
    """The post is offered."""

    decide_by: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held(_Statement):
    """The process is paused; a dated hold is a promise."""

    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised(_Statement):
    """When they will answer. Beside another statement, or alone."""

    promise: Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed(_Statement):
    """A test, a take-home, or a one-way video is asked for: no conversation."""

    due: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged(_Statement):
    """The application arrived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approached(_Statement):
    """A recruiter writes first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Away(_Statement):
    """An out-of-office answer: not a human mail."""

    returns_on: date | None = None
    left: bool = False  # for good: they work there no more


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounced(_Statement):
    """A delivery failed (RFC 3464), for `address`."""

    address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed(_Statement):
    """The interview did not take place ("sorry we missed you")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined(_Statement):
    """The user's own iTIP REPLY with PARTSTAT=DECLINED."""

    uid: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedIn(_Statement):
    """The user's own mail hands in a take-home."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrew(_Statement):
    """The user withdrew, by an own mail or as the employer confirms."""


Statement = (
    Scheduled
    | Moved
    | Cancelled
    | Invited
    | Rejected
    | Offered
    | Held
    | Promised
    | Assessed
    | Acknowledged
    | Approached
    | Away
    | Bounced
    | Missed
    | Declined
    | HandedIn
    | Withdrew
)


class Kind(StrEnum):
    """The strongest thing that a message says: the `kind` of the command line's JSON."""

    INTERVIEW_CONFIRMED = "interview_confirmed"
    INTERVIEW_INVITATION = "interview_invitation"
    RESCHEDULE = "reschedule"
    CANCELLATION = "cancellation"
    REJECTION = "rejection"
    OFFER = "offer"
    ON_HOLD = "on_hold"
    TIMELINE_PROMISE = "timeline_promise"
    ASSESSMENT = "assessment"
    APPLICATION_RECEIVED = "application_received"
    RECRUITER_OUTREACH = "recruiter_outreach"
    OUT_OF_OFFICE = "out_of_office"
    OTHER = "other"


# The order in which statements outrank each other.
KIND_OF_STATEMENT: Mapping[type[_Statement], Kind] = {
    Away: Kind.OUT_OF_OFFICE,
    Rejected: Kind.REJECTION,
    Offered: Kind.OFFER,
    Cancelled: Kind.CANCELLATION,
    Moved: Kind.RESCHEDULE,
    Scheduled: Kind.INTERVIEW_CONFIRMED,
    Invited: Kind.INTERVIEW_INVITATION,
    Assessed: Kind.ASSESSMENT,
    Held: Kind.ON_HOLD,
    Promised: Kind.TIMELINE_PROMISE,
    Acknowledged: Kind.APPLICATION_RECEIVED,
    Approached: Kind.RECRUITER_OUTREACH,
}


class Trust(StrEnum):
    """How far the sender can be believed."""

    AUTHENTICATED = "authenticated"  # an aligned pass, stated by the account's own server
    KNOWN_THREAD = "known_thread"  # answers one of the user's own messages
    UNKNOWN = "unknown"
    FAILED = "failed"  # an explicit fail, or no pass where the account's server normally states one


class Direction(StrEnum):
    """Who wrote: the other side or the user."""

    INBOUND = "inbound"
    OWN = "own"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that ONE message says, with its evidence. This, and nothing derived from it, is what the ledger keeps."""

    key: str  # the Message-ID, else "sha256:" and the digest of the message: the same message has the same key
    account: str  # name of the account in the configuration
    direction: Direction
    message_id: str | None
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()  # oldest first
    received_at: datetime
    sent_at: datetime | None = None  # the Date field, with the sender's offset
    sender: Address | None = None
    reply_to: Address | None = None  # only where it differs from the sender
    to: tuple[Address, ...] = ()  # To and Cc
    addressed_as: str | None = None  # the user's address that was written to (or from), for the draft's From
    subject: str = ""
    automatic: bool = False  # written by a system: no human mail
    answerable: bool = False  # an answer to the sender (or Reply-To) reaches a person
    stated_zone: str | None = None  # IANA name that the text states for the employer's side, if any
    language: str | None = None  # BCP 47 primary subtag
    trust: Trust = Trust.UNKNOWN
    company: str | None = None
    role: str | None = None
    requisition: str | None = None
    agency: bool = False  # the sender recruits for somebody else
    round: int | None = None
    people: tuple[Person, ...] = ()  # everybody at the employer whom the message names
    topics: tuple[str, ...] = ()  # subjects of the talk that the message announces
    statements: tuple[Statement, ...] = ()
    events: tuple[Invite, ...] = ()  # every calendar object in it, interview or not
    problems: tuple[str, ...] = ()
    unclear: bool = False  # a person writes about a job, and none of it was understood

    @property
    def kind(self) -> Kind:
        """The strongest statement's kind; OTHER where there is none."""
        said = {type(statement) for statement in self.statements}
        return next((kind for statement, kind in KIND_OF_STATEMENT.items() if statement in said), Kind.OTHER)

    @property
    def confidence(self) -> float:
        """The confidence of the statement that gives the kind; of OTHER 1.0, or 0.5 where the message is unclear."""
        kind = self.kind
        other = 0.5 if self.unclear else 1.0
        return max((s.confidence for s in self.statements if KIND_OF_STATEMENT.get(type(s)) is kind), default=other)

    @property
    def thread(self) -> tuple[str, ...]:
        """Every Message-ID that ties this message to others, oldest first, its own last."""
        own = (self.message_id,) if self.message_id else ()
        return tuple(dict.fromkeys((*self.references, *self.in_reply_to, *own)))

    @property
    def human(self) -> bool:
        """Written by a person at the employer or its agency; a bare calendar object is not (policy.md section 1)."""
        return self.direction is Direction.INBOUND and not self.automatic


# ---------------------------------------------------------------------------------------- what is folded from facts


class SlotEnd(StrEnum):
    """Why a time that was fixed no longer stands."""

    MOVED = "moved"
    CANCELLED = "cancelled"
    DECLINED = "declined"  # by the user
    MISSED = "missed"  # it did not take place


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedTime:
    """One time that an interview had, and for how long that stood."""

    start: datetime
    end: datetime | None
    timezone: str | None
    all_day: bool
    fixed_by: str  # key of the message
    fixed_at: datetime  # its arrival
    ended_by: str | None = None
    ended_at: datetime | None = None
    ended: SlotEnd | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Interview:
    """One session of a process, with every time it had. The last time stands unless it has ended."""

    id: str  # the UID of its invite, else made from the message that first fixed it
    times: tuple[FixedTime, ...]  # oldest first, at least one
    confidence: float
    medium: Medium | None = None
    location: str | None = None
    title: str | None = None
    people: tuple[Person, ...] = ()  # the other side's, interviewers first; the user is never among them
    sources: tuple[str, ...] = ()  # keys of the messages that speak of it, oldest first
    talk: bool = True  # False: an online test, one-way video or AI interview; there is nobody to thank

    @property
    def current(self) -> FixedTime:
        """The time that stands, or the last one that stood."""
        return self.times[-1]

    @property
    def stands(self) -> bool:
        """Whether it is expected to take place, or took place."""
        return self.current.ended is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """An application's facts in order of arrival, folded: one bid for one post."""

    id: str  # stable under further mail: made from company, role and the first message
    account: str
    company: str | None
    role: str | None
    agency: bool = False
    timezone: str | None = None  # the employer's side, by policy.md 3.5; None: nothing states one
    facts: tuple[Facts, ...] = ()  # oldest first
    interviews: tuple[Interview, ...] = ()  # by current start
    uncertain: str | None = None  # why it is on the review list, if it is

    @property
    def people(self) -> tuple[Person, ...]:
        """Everybody at the employer who is named anywhere, latest mention first, one entry an address or name."""
        seen: dict[str, Person] = {}
        for fact in reversed(self.facts):
            for person in fact.people:
                seen.setdefault((person.address or person.name or "").casefold(), person)
        return tuple(seen.values())


# Where an event has no end: policy.md 3.6.
ASSUMED_LENGTH: Mapping[Medium | None, timedelta] = {
    Medium.PHONE: timedelta(minutes=30),
    Medium.VIDEO: timedelta(minutes=60),
    Medium.ONSITE: timedelta(minutes=120),
    None: timedelta(minutes=60),
}
