"""The folder of sent mail: whether a letter is in it, and the copy of one that the server took over."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta

from daemon.approvals import SendingRow
from daemon.errors import LinkLost, MailboxError
from daemon.ledger import Ledger
from daemon.mailbox import Mailbox
from daemon.marks import message_id_of

_log = logging.getLogger("tactful.sending")

RETRY = timedelta(minutes=10)  # a store whose answer was lost may still come about until then
LIMIT = timedelta(hours=24)


class SentCopies:
    """The copies of one account. `folder` is that of sent mail, None: there is none; `ours` says whether we are to put
    them there, or the provider does.
    """

    def __init__(self, ledger: Ledger, folder: str | None, *, ours: bool) -> None:
        self._ledger = ledger
        self._folder = folder
        self.are_ours = ours and folder is not None

    def has(self, mailbox: Mailbox, row: SendingRow) -> bool:
        """Whether the letter is in Sent, by exact comparison of its Message-ID."""
        if self._folder is None:
            return False
        since = row.approved_at - timedelta(days=2)  # that is a day of the server's, in whatever zone
        return any(
            message_id_of(outline) == row.message_id
            for batch in mailbox.new(self._folder, first_uid=1, since=since)
            for outline in batch
        )

    def file(self, mailbox: Mailbox, row: SendingRow, now: datetime) -> None:
        """Store the copy of a letter that the server took over, unless it is there: providers that file by themselves,
        and a store of ours whose answer was lost.
        """
        late = now >= row.changed_at + LIMIT
        if self._folder is not None and row.message is not None and not late and not self.has(mailbox, row):
            # On disk before the store: after a crash in the middle of it, it is not repeated at once.
            self._ledger.change_sending(replace(row, next_at=now + RETRY))
            try:
                mailbox.store(self._folder, row.message, flags=frozenset({"\\Seen"}))
            except LinkLost:
                raise
            except MailboxError as error:
                _log.warning("account %s: no copy in Sent: %s", row.account, type(error).__name__)
                return
        self._ledger.change_sending(replace(row, message=None, next_at=None))
