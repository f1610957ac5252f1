"""The errand that mails the person what their week brings: once, at a weekday and time, or later that day."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from composer.digest import write_digest
from composer.workdays import at_wall, utc
from daemon.drafts import DraftState
from daemon.errands import View
from daemon.ledger import Ledger
from daemon.mailbox import Mailbox
from daemon.notices import NoticeKind, Notices

_WAITING = frozenset({DraftState.APPENDED, DraftState.TAKEN_OVER, DraftState.LEFT})


class WeeklyDigest:
    """`weekday` is ISO's, Monday is 1; `clock` is the person's, in `zone`."""

    def __init__(
        self, ledger: Ledger, account: str, notices: Notices, *, weekday: int, clock: time, zone: ZoneInfo
    ) -> None:
        self._ledger = ledger
        self._account = account
        self._notices = notices
        self._weekday = weekday
        self._clock = clock
        self._zone = zone

    def run(self, account: str, mailbox: Mailbox, view: View, now: datetime) -> datetime | None:
        """Write the digest down when it is due today and was not written yet; `Delivery` sends it."""
        if account != self._account:
            return None
        today = now.astimezone(self._zone).date()
        day = today + timedelta(days=(self._weekday - today.isoweekday()) % 7)
        at = at_wall(day, self._clock, self._zone)
        if at > utc(now):
            return at
        # Its day names it: another start on the same day, or a clock that was put back, writes no second one.
        identifier = f"digest:{day}"
        if self._ledger.notice(identifier) is None:
            waiting = [row.followup for row in self._ledger.drafts() if row.state in _WAITING]
            digest = write_digest(view.agenda, view.timelines, waiting, now=now, zone=self._zone)
            self._notices.tell(NoticeKind.DIGEST, identifier, digest.subject, digest.text, now)
        return at_wall(day + timedelta(days=7), self._clock, self._zone)
