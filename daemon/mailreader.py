"""The port to the reading of mail: the bytes of a stranger's message in, what it says out.

Here it is read in this process, as `replay` and tests do; `daemon/worker.py` reads in a process of its own. What is
needed for it is imported by whoever reads: a daemon that lets others read does without.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol

from parsers.mail import read_mail
from parsers.model import Facts, Mail
from parsers.reader import Reader

_ANSWER_LIMIT = 64 * 1024  # characters


class Unreadable(Exception):
    """A message could not be read; its text is the reason, and quotes nothing of the message."""


class MailReader(Protocol):
    """Whoever reads mail. May be used by several threads."""

    def begin(self) -> None:
        """Get ready: messages will come soon."""

    def facts(self, message: bytes, received_at: datetime | None, reader: Reader) -> Facts:
        """Say what a message says, or a bare calendar file as if it had come in one. Raises Unreadable."""

    def answer(self, message: bytes, received_at: datetime) -> Mail:
        """Give a message of the person's own: its header, and as its text what was written now. Raises Unreadable."""


class InProcess(MailReader):
    """Reads here and now."""

    def begin(self) -> None:
        """There is nothing to be got ready."""

    def facts(self, message: bytes, received_at: datetime | None, reader: Reader) -> Facts:
        try:
            return read_facts(message, received_at, reader)
        except Exception as error:
            raise unreadable(error) from error

    def answer(self, message: bytes, received_at: datetime) -> Mail:
        try:
            return read_answer(message, received_at)
        except Exception as error:
            raise unreadable(error) from error


def unreadable(error: Exception) -> Unreadable:
    """Say what kind of fault stopped the readers, which promise not to raise; its own text may quote the mail."""
    return Unreadable(f"reading it failed ({type(error).__name__})")


def read_facts(message: bytes, received_at: datetime | None, reader: Reader) -> Facts:
    """Read a message, or a bare calendar file as if it had come in one."""
    from daemon.archive import is_calendar
    from parsers.extract import extract
    from parsers.invite import read_calendar

    if not is_calendar(message):
        return extract(read_mail(message, received_at=received_at), reader)
    events = read_calendar(message, timezone=reader.timezone).events
    stamp = next((event.dtstamp for event in events if event.dtstamp), None)
    arrived = received_at or stamp or datetime(1970, 1, 1, tzinfo=UTC)
    return extract(Mail(message_id=None, received_at=arrived, calendars=(message,)), reader)


def read_answer(message: bytes, received_at: datetime) -> Mail:
    """Read a message of which only the header and what was written now is wanted."""
    from parsers.text import split_body

    mail = read_mail(message, received_at=received_at)
    fresh = split_body(mail.text, subject=mail.subject).fresh.strip()[:_ANSWER_LIMIT]
    return replace(mail, text=fresh, html=None, links=(), calendars=())
