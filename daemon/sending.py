"""An approved draft in, the letter sent by SMTP out, at most once (policy.md 8)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from composer.policy import Policy
from daemon.approvals import SendingRow
from daemon.drafts import DraftRow
from daemon.ledger import Ledger
from daemon.mailbox import Mailbox
from daemon.transport import Transport


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """The letter is approved, now or before; `row.state` says how it stands, `row.next_at` when it is sent."""

    row: SendingRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """The letter is not sent; every reason, each a sentence for the person."""

    reasons: tuple[str, ...]


class Event(StrEnum):
    """What happened to an approved letter."""

    SENT = "sent"  # the draft may leave Approved
    DEFERRED = "deferred"  # tried again by itself
    LOGIN_REFUSED = "login-refused"  # tried again by itself, seldom; the person must look
    REFUSED = "refused"  # it will not go out, `row.reply` says why; the draft goes back to Drafts
    UNKNOWN = "unknown"  # it is not known whether it went out; looked for in Sent
    LOST_SIGHT = "lost-sight"  # still not known after the last look; stays so, only the person can tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One event and the row after it; `row.reply` is what the person is told."""

    event: Event
    row: SendingRow


class Sending:
    """The approved letters of one account.

    `identities` are the person's own addresses there. `waiting` are the folders in which an approved draft lies until
    it is sent (Approved, Drafts), `sent` that for copies. `zone_of` gives the recipient's IANA zone of a draft, None
    where it is not known.
    """

    def __init__(
        self,
        ledger: Ledger,
        account: str,
        *,
        identities: tuple[str, ...],
        policy: Policy,
        waiting: tuple[str, ...],
        sent: str | None,
        transport: Transport,
        zone_of: Callable[[DraftRow], str | None],
    ) -> None:
        self._ledger = ledger
        self._account = account
        self._identities = identities
        self._policy = policy
        self._waiting = waiting
        self._sent = sent
        self._transport = transport
        self._zone_of = zone_of

    def approve(self, row: DraftRow, message: bytes, now: datetime, *, at_once: bool) -> Approval | Refusal:
        """Take the person's approval of these very bytes, every octet as it lies in the folder (`Mailbox.whole`).

        A "+now" at the beginning of the subject counts as `at_once` and is no part of the approved bytes, so that it
        does not matter whether the caller has taken it off. May be called again for the same bytes, at each pass: that
        gives the same Approval and changes nothing. Other bytes replace an approval of which nothing has left yet.
        Call it once more for a draft that was refused only when the person has moved it again.
        """
        raise NotImplementedError

    def call_off(self, followup_id: str, reason: str, now: datetime) -> bool:
        """Void an approval of which nothing has left yet: the person took the draft back, or there is news that forbids
        it. False where there is none, or it is too late. `reason` is a sentence for the person.
        """
        raise NotImplementedError

    def work(self, mailbox: Mailbox, now: datetime) -> tuple[Happening, ...]:
        """Send what is due, look for what may have been sent, file copies; give what happened.

        Before each attempt the approved bytes must still lie in one of the folders `waiting`. Raises MailboxError;
        what was done until then is in the ledger.
        """
        raise NotImplementedError

    def next_at(self) -> datetime | None:
        """Say when `work` has something to do again; None: nothing by itself."""
        raise NotImplementedError
