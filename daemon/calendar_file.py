"""Planned letters as calendar entries (RFC 5545): an agenda in, an iCalendar file out, and kept up to date.

Only letters are entries: the interviews are in the person's calendar already.
"""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from icalendar import Calendar, Event

from composer.acts import Act
from composer.agenda import Agenda, FollowUp, FollowUpKind
from composer.values import NAME_LENGTH, person_name, plain_words, safe_words
from composer.workdays import utc
from daemon.errands import View
from daemon.ledger import Ledger
from daemon.mailbox import Mailbox
from parsers.model import Facts, Timeline

_log = logging.getLogger("tactful.calendar")

LENGTH = timedelta(minutes=15)
_TEXT_LENGTH = 300
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_TO_DO = {
    FollowUpKind.THANK_YOU: "Thank",
    FollowUpKind.CHECK_IN_1: "Check in with",
    FollowUpKind.CHECK_IN_FINAL: "Check in a last time with",
    FollowUpKind.CLOSING_NOTE: "Close with",
    FollowUpKind.RESCHEDULE_OFFER: "Offer new times to",
    FollowUpKind.REJECTION_REPLY: "Answer the rejection of",
    FollowUpKind.OFFER_ACK: "Acknowledge the offer of",
}


def write_calendar(agenda: Agenda, facts: Iterable[Facts], acts: Iterable[Act]) -> bytes:
    """Give the planned letters as a calendar; the same plan gives the same bytes.

    An entry's UID is made from the follow-up's id, so that it moves rather than doubles. Whatever moves an entry is a
    message or an act: SEQUENCE counts them, and DTSTAMP is the instant of the last one.
    """
    instants = [*(utc(fact.received_at) for fact in facts), *(utc(act.at) for act in acts)]
    calendar = Calendar()
    calendar.add("prodid", "-//Tactful//Follow-ups//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "Tactful")
    for followup in sorted((*agenda.due, *agenda.planned), key=lambda followup: (utc(followup.due), followup.id)):
        calendar.add_component(_entry(followup, len(instants), max(instants, default=_LONG_AGO)))
    content: bytes = calendar.to_ical()
    return content


def _entry(followup: FollowUp, sequence: int, stamp: datetime) -> Event:
    company = plain_words(followup.company, NAME_LENGTH)
    whom = person_name(followup.to.name) or followup.to.address
    event = Event()
    event.add("uid", f"{followup.id}@tactful.invalid")
    event.add("dtstamp", stamp.replace(microsecond=0))
    event.add("sequence", sequence)
    event.add("dtstart", utc(followup.due).replace(microsecond=0))
    event.add("duration", LENGTH)
    event.add("summary", f"{_TO_DO[followup.kind]} {whom}" + (f" ({company})" if company else ""))
    reason = safe_words(followup.reason, _TEXT_LENGTH) or ""
    event.add("description", f"A draft is put into Drafts at this time.\nRule {followup.rule}: {reason}")
    event.add("categories", [followup.kind.value])
    event.add("class", "PRIVATE")
    event.add("transp", "TRANSPARENT")  # nobody is busy then
    return event


def write_atomically(path: Path, content: bytes) -> None:
    """Replace a file as a whole; only its owner may read it. Raises OSError."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


class CalendarFile:
    """The errand that keeps the file at `path` in agreement with the agenda; it is written only when it changes."""

    def __init__(self, ledger: Ledger, path: Path) -> None:
        self._ledger = ledger
        self._path = path
        self._failed: str | None = None

    def run(self, account: str, mailbox: Mailbox, view: View, now: datetime) -> datetime | None:
        """Write the file if it is not what it should be. A path that cannot be written is logged once, not raised."""
        try:
            content = write_calendar(view.agenda, known_facts(view.timelines), self._ledger.acts())
            if not self._path.exists() or self._path.read_bytes() != content:
                write_atomically(self._path, content)
            self._failed = None
        except OSError as error:
            if self._failed != str(error.strerror):
                _log.warning("the calendar file cannot be written (%s)", error.strerror)
            self._failed = str(error.strerror)
        return None


def known_facts(timelines: Iterable[Timeline]) -> tuple[Facts, ...]:
    """Give the messages of all applications, each once."""
    return tuple({(fact.account, fact.key): fact for line in timelines for fact in line.facts}.values())
