"""Reads the words of a message that count, and the times in them: a Mail in, Wording and Moments out.

Only what was written now counts; a quotation or a signature says nothing, a forwarded message does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from parsers.model import Mail, Moment
from parsers.relevance import answers
from parsers.text import fold_characters, split_body
from parsers.when import NO_DATE, find_moments

TEXT_LIMIT: Final = 8000  # characters that are weighed; what an employer has to say stands at the beginning
_SUBJECT_LIMIT: Final = 500
_SIGNATURE_LIMIT: Final = 2000
_QUOTED_LIMIT: Final = 2000  # characters of what is answered, enough to tell what it is about
_WRONG_CLOCK: Final = timedelta(days=3)  # between Date and arrival; more would move "tomorrow"
# Where +0000 is the time of day and not a server's.
_GREENWICH: Final = frozenset({"uk", "ie", "pt", "is", "gh"})
# Endings of two letters that name no country of their own any more, and the US, where the month comes first.
_NO_COUNTRY: Final = frozenset({"us", "io", "ai", "co", "me", "tv", "ph"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The words of a message."""

    subject: str = ""
    fresh: str = ""  # a forwarded message included
    quoted: str = ""  # says nothing itself, but tells what a few words below it are about
    signature: str = ""
    sign_off: str | None = None

    @property
    def whole(self) -> str:
        """The subject, a blank line, what was written now."""
        return f"{self.subject}\n\n{self.fresh}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """How times that leave something open are read: `sent_at` on the sender's clock, the zone of a bare time, "3/4"."""

    sent_at: datetime
    timezone: str
    substituted: bool  # the zone stands for the sender's offset and is nobody's name
    month_first: bool


def read_wording(mail: Mail) -> Wording:
    """Take a message's words apart; typographic quotes, dashes and spaces are folded."""
    body = split_body(fold_characters(mail.text), subject=mail.subject)
    fresh = f"{body.fresh}\n\n{body.forwarded}".strip("\n")
    return Wording(
        subject=" ".join(fold_characters(mail.subject).split())[:_SUBJECT_LIMIT],
        fresh=fresh[:TEXT_LIMIT],
        quoted=body.quoted[:_QUOTED_LIMIT],
        signature=body.signature[:_SIGNATURE_LIMIT],
        sign_off=body.sign_off,
    )


def read_clock(mail: Mail, *, timezone: str, month_first: bool | None) -> Clock:
    """Tell by what clock the sender writes; `timezone` is the user's, `month_first` the user's wish, if any.

    policy.md 3.5: a bare offset serves for the instant and names no zone. Servers write +0000 wherever they stand.
    """
    home = _zone(timezone)
    sent_at = mail.sent_at if mail.sent_at is not None else mail.received_at
    if abs(sent_at - mail.received_at) > _WRONG_CLOCK:
        sent_at = mail.received_at
    country = mail.senders[0].domain.rpartition(".")[2] if mail.senders else ""
    offset = sent_at.utcoffset() or timedelta()
    zone, substituted = timezone, False
    if not offset and country not in _GREENWICH:
        sent_at = sent_at.astimezone(home)
    elif (
        offset != sent_at.astimezone(home).utcoffset()
        and not offset % timedelta(hours=1)
        and abs(offset) <= timedelta(hours=12)
    ):
        zone, substituted = f"Etc/GMT{-(offset // timedelta(hours=1)):+d}", True  # POSIX counts offsets westwards
    if month_first is None:
        if len(country) == 2 and country not in _NO_COUNTRY:
            month_first = False
        elif offset:
            month_first = offset < timedelta(hours=-3)  # the Americas but for the south-east
        else:
            month_first = timezone.startswith(("America/", "US/", "Pacific/Honolulu"))
    return Clock(sent_at=sent_at, timezone=zone, substituted=substituted, month_first=month_first)


def read_moments(mail: Mail, wording: Wording, clock: Clock, language: str | None) -> tuple[Moment, ...]:
    """Find the times in the wording; not in an answer's subject, which is older, nor those without a date."""
    found = find_moments(
        wording.whole,
        sent_at=clock.sent_at,
        timezone=clock.timezone,
        month_first=clock.month_first,
        language=language or "en",
    )
    begin = len(wording.subject) if answers(mail) else 0
    kept = (moment for moment in found if moment.span[0] >= begin and NO_DATE not in moment.flags)
    if not clock.substituted:
        return tuple(kept)
    return tuple(replace(moment, timezone=None) if moment.timezone == clock.timezone else moment for moment in kept)


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return UTC
