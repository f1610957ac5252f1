"""Mails to the person themself, once each: a kind, an id and a text in; out by SMTP, or into their own INBOX.

What is to be told is on disk before anything goes out, and it is on disk that it is going out before the first byte of
it leaves. So a mail whose outcome is not known is never sent again.
"""

from __future__ import annotations

import base64
import hmac
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from composer.memo import write_memo
from daemon.errors import LinkLost, MailboxError
from daemon.ledger import Ledger
from daemon.ledger_notices import NoticeRow, NoticeState
from daemon.mailbox import Mailbox
from daemon.transport import Accepted, Deferred, NoLogin, Parcel, Refused, Transport, Unknown
from parsers.model import Address

_log = logging.getLogger("tactful.notices")

# After an attempt that provably stored or sent nothing.
BACK_OFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
TOO_LATE = timedelta(hours=24)  # what could not be told for a day is in `status` anyhow


class NoticeKind(StrEnum):
    """What a mail to the person is about."""

    QUESTION = "question"  # what was talked about?
    REFUSAL = "refusal"  # a letter that they approved was not sent, and why
    PROBLEM = "problem"
    DIGEST = "digest"


class Outcome(StrEnum):
    """What became of handing one over."""

    DELIVERED = "delivered"
    LATER = "later"  # provably nothing was stored or sent
    UNKNOWN = "unknown"


Post = Callable[[Mailbox, bytes], Outcome]


def post_to_inbox(mailbox: Mailbox, message: bytes) -> Outcome:
    """Store the message unread in the person's INBOX: the post that needs no SMTP. Raises LinkLost."""
    try:
        mailbox.store("INBOX", message)
    except LinkLost:
        raise
    except MailboxError:
        return Outcome.LATER
    return Outcome.DELIVERED


def post_by_smtp(transport: Transport, address: str) -> Post:
    """Give the post that sends the message to the person's own address; what the server will not have, the login
    included, goes to INBOX.
    """

    def post(mailbox: Mailbox, message: bytes) -> Outcome:
        # That it is being sent is on disk already: nothing more is to be known about its end.
        parcel = Parcel(sender=address, recipients=(address,), message=message)
        match transport.send(parcel, lambda: None):
            case Accepted():
                return Outcome.DELIVERED
            case Deferred():
                return Outcome.LATER
            case NoLogin() | Refused():
                return post_to_inbox(mailbox, message)
            case Unknown():
                return Outcome.UNKNOWN

    return post


def notice_message_id(identifier: str, domain: str, secret: bytes) -> str:
    """Give the Message-ID of a mail to the person: fixed for it, unguessable, without personal data; no brackets."""
    digest = hmac.digest(secret, b"notice\0" + identifier.encode(), "sha256")[:20]
    return f"nt.{base64.b32encode(digest).decode().lower()}@{domain}"


class Notices:
    """The mails to the person of one account. `person` is their main address there."""

    def __init__(self, ledger: Ledger, account: str, person: Address) -> None:
        self._ledger = ledger
        self._account = account
        self._person = person

    def message_id(self, identifier: str) -> str:
        """Give the Message-ID that the mail of this id has, or would have."""
        return notice_message_id(identifier, self._person.domain, self._ledger.secret)

    def tell(self, kind: NoticeKind, identifier: str, subject: str, text: str, now: datetime) -> bool:
        """Write a mail down, to go out at the next `work`. False, and nothing written, when its id was told before.

        `identifier` names what happened, for ever: a follow-up and its fault, a visit, a week. Lines of the text may be
        of any length.
        """
        message_id = self.message_id(identifier)
        row = NoticeRow(
            id=identifier,
            account=self._account,
            kind=kind,
            state=NoticeState.WAITING,
            message_id=message_id,
            message=write_memo(subject, text, person=self._person, message_id=message_id, date=now),
            attempts=0,
            written_at=now,
            changed_at=now,
        )
        return self._ledger.write_notice(row)

    def work(self, mailbox: Mailbox, post: Post, now: datetime) -> None:
        """Hand over what waits and is due. An outcome that is not known stays so: nothing is sent twice.

        Raises LinkLost; what waits beyond that is for the next connection.
        """
        for row in self._ledger.notices(self._account):
            if row.state is NoticeState.SENDING:
                # The process ended while it was handed over.
                self._change(row, NoticeState.UNKNOWN, now)
            elif row.state is NoticeState.WAITING and _due(row) <= now:
                self._hand_over(row, mailbox, post, now)

    def next_at(self) -> datetime | None:
        """Give the instant at which `work` has something to do; None: never, as things are."""
        waiting = (row for row in self._ledger.notices(self._account) if row.state is NoticeState.WAITING)
        return min(map(_due, waiting), default=None)

    def _hand_over(self, row: NoticeRow, mailbox: Mailbox, post: Post, now: datetime) -> None:
        message = row.message
        if message is None or now >= row.written_at + TOO_LATE:
            self._change(row, NoticeState.FAILED, now)
            return
        mark = row.message_id.partition("@")[0]
        if self._ledger.tombstones.count(mark) > row.attempts:
            # This ledger is an old copy, or was begun anew: the person was told.
            self._change(row, NoticeState.UNKNOWN, now)
            return
        row = replace(row, attempts=row.attempts + 1)
        self._change(row, NoticeState.SENDING, now)
        self._ledger.tombstones.add(mark)
        try:
            outcome = post(mailbox, message)
        except LinkLost:
            self._change(row, NoticeState.UNKNOWN, now)
            raise
        self._change(row, _STATES[outcome], now)
        _log.info("account %s: a mail to yourself (%s): %s", self._account, row.kind, outcome)

    def _change(self, row: NoticeRow, state: NoticeState, now: datetime) -> None:
        kept = row.message if state in {NoticeState.WAITING, NoticeState.SENDING} else None
        self._ledger.change_notice(replace(row, state=state, message=kept, changed_at=now))


_STATES = {
    Outcome.DELIVERED: NoticeState.DELIVERED,
    Outcome.LATER: NoticeState.WAITING,
    Outcome.UNKNOWN: NoticeState.UNKNOWN,
}


def _due(row: NoticeRow) -> datetime:
    if not row.attempts:
        return row.written_at
    return row.changed_at + BACK_OFF[min(row.attempts, len(BACK_OFF)) - 1]
