"""What goes into the lint of letters, and what comes out: a Writing and a Context in, Faults out. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from composer.agenda import FollowUpKind, Wording
from parsers.model import Address


class Severity(StrEnum):
    """What a fault forbids: a letter with one that blocks is not sent by us; a warning is for the person to weigh."""

    BLOCK = "block"
    WARN = "warn"


class Check(StrEnum):
    """The name of each fault of policy.md section 6, as the command line's JSON has it."""

    # What stands in the text.
    PLACEHOLDER = "placeholder"
    TOO_LONG = "too_long"
    TOO_SHORT = "too_short"
    GENERIC_OPENING = "generic_opening"
    NOTHING_NAMED = "nothing_named"
    EMPTY_REASON = "empty_reason"
    GUILT = "guilt"
    DESPERATION = "desperation"
    DEADLINE = "deadline"
    APOLOGY = "apology"
    SELF_DOUBT = "self_doubt"
    NEGATIVITY = "negativity"
    REPROACH = "reproach"
    URGENCY = "urgency"
    PAY = "pay"
    CHANNEL = "channel"
    EXCLAMATION = "exclamation"
    EMOJI = "emoji"
    SHOUTING = "shouting"
    LINK = "link"
    REPEATED = "repeated"
    # To whom it goes, and what the header does.
    WRONG_NAME = "wrong_name"
    WRONG_COMPANY = "wrong_company"
    OTHER_APPLICATION = "other_application"
    SEVERAL_RECIPIENTS = "several_recipients"
    ACTING_HEADER = "acting_header"
    ATTACHMENT = "attachment"
    NEW_RE = "new_re"
    LONG_SUBJECT = "long_subject"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that a letter should not have.

    `place` is "text" or the lower-case name of a header field ("subject", "cc"); `line` and `column` count from 1 in
    `Writing.text`, or in that field's value. `words` are the letter's own, on one line; `advice` is a whole sentence.
    """

    check: Check
    severity: Severity
    place: str
    line: int
    column: int
    words: str
    advice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """A letter as it would go out.

    `text` is decoded, its line ends are "\\n"; `own` are the spans in it that the person wrote now, without quotation
    and signature, in order (None: all of it). `headers` go from a lower-case name to the decoded values.
    """

    text: str
    own: tuple[tuple[int, int], ...] | None = None
    subject: str = ""
    answers: bool | None = None  # whether it replies to a message; None: not known
    sender: Address | None = None
    to: tuple[Address, ...] = ()
    copies: tuple[Address, ...] = ()  # Cc and Bcc
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    attachments: tuple[str, ...] = ()  # their file names


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What is known around a letter; each thing may be unknown, and its checks are then left out."""

    kind: FollowUpKind | None = None
    wording: Wording = Wording.STANDARD
    to_name: str | None = None  # the display name of whom the letter is for; None: the To field's
    company: str | None = None
    roles: tuple[str, ...] = ()
    other_companies: frozenset[str] = frozenset()  # of the person's other applications
    other_recipients: frozenset[str] = frozenset()  # addresses that belong to other applications only
    last_letter: str | None = None  # the person's own words in the last letter to the same recipient
    links_asked_for: bool = False
    attachments_asked_for: bool = False
