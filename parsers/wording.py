"""Reads the words of a message that count, and the times in them: a Mail in, Wording and Moments out.

Only what was written now counts; a quotation or a signature says nothing, a forwarded message does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from parsers.model import Grain, Mail, Moment
from parsers.relevance import answers
from parsers.text import fold_characters, split_body
from parsers.when import NO_DATE, find_moments

TEXT_LIMIT: Final = 8000  # characters that are weighed; what an employer has to say stands at the beginning
_SUBJECT_LIMIT: Final = 500
_SIGNATURE_LIMIT: Final = 2000
_QUOTED_LIMIT: Final = 2000  # characters of what is answered, enough to tell what it is about
_WRONG_CLOCK: Final = timedelta(days=3)  # between Date and arrival; more would move "tomorrow"
_TERSE: Final = 200  # characters of an answer that may only pick what the other wrote
_EARLIEST: Final = 8  # a bare hour below is one of the afternoon
_HOUR = re.compile(
    r"(?<![\w:.,/#$€£+-])(?P<hour>1?\d|2[0-3])(?:[:.](?P<minute>[0-5]\d))?(?:h|[ ]?[ap]m)?(?![\w:/%-]|[.,]\d)",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"^(?:> ?)?(?!\s?>)(.{0,500})$", re.MULTILINE)  # a line of the message that is answered, no older
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
    kept = tuple(moment for moment in found if moment.span[0] >= begin and NO_DATE not in moment.flags)
    if answers(mail) and not kept:
        kept = _picked(wording, clock, language)
    if not clock.substituted:
        return kept
    return tuple(replace(moment, timezone=None) if moment.timezone == clock.timezone else moment for moment in kept)


def _picked(wording: Wording, clock: Clock, language: str | None) -> tuple[Moment, ...]:
    """Find the time that a few words pick of those in the quotation: "3 it is, same link"."""
    hours = list(_HOUR.finditer(wording.fresh)) if len(wording.fresh) <= _TERSE and wording.quoted else []
    if len(hours) != 1:
        return ()
    hour, minute = int(hours[0]["hour"]), int(hours[0]["minute"] or 0)

    def read(text: str, sent_at: datetime) -> list[Moment]:
        return list(
            find_moments(
                text,
                sent_at=sent_at,
                timezone=clock.timezone,
                month_first=clock.month_first,
                language=language or "en",
            )
        )

    answered = "\n".join(_QUOTED.findall(wording.quoted))
    # The quotation is older: what is "tomorrow" in it depends on when that was written.
    quoted = read(answered, clock.sent_at)
    before = {moment.start for moment in read(answered, clock.sent_at - timedelta(days=1))}
    certain = [
        moment
        for moment in quoted
        if moment.start in before and moment.start is not None and moment.start > clock.sent_at
        if NO_DATE not in moment.flags
    ]
    days = {moment.start: moment.text for moment in certain if moment.grain is Grain.DAY}
    said = re.finditer(rf"(?<![\w:.]){re.escape(hours[0][0])}(?!\w|[:.]\w)", answered)
    bare = any(not any(m.span[0] <= found.start() < m.span[1] for m in quoted) for found in said)
    if len(days) == 1 and bare:
        (day,) = days.values()
        certain += read(f"{day}, {hour + 12 * (hour < _EARLIEST)}:{minute:02}", clock.sent_at)
    offset = len(wording.whole) - len(wording.fresh)
    found = {
        moment.start: replace(moment, span=(hours[0].start() + offset, hours[0].end() + offset), text=hours[0][0])
        for moment in certain
        if moment.grain is Grain.MINUTE
        and moment.start is not None
        and (moment.start.hour - hour) % 12 == 0
        and moment.start.minute == minute
    }
    return tuple(found.values()) if len(found) == 1 else ()


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return UTC
