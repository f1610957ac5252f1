"""Takes an empty directory and a day; leaves there a Maildir with three weeks of one invented job seeker's mail.

Each mail is a file of `sample_mail/inbox` or `sample_mail/sent`: an ordinary message in which every time is written as
`{{day HH:MM form}}`, the day counted from the Monday of the week of `start`, in the seeker's zone. What happens:

    Northwind Freight   an invite from Google Calendar, moved by an update; then "by the end of this week", and silence
    Bluebird Health     a phone screen with the recruiter; then an Exchange invite to a panel of three, and silence
    Maple & Stone       a call confirmed in prose; no promise, silence; the seeker's own thank-you and check-in in Sent
    Harbor & Finch      an interview confirmed in prose; turned down by a person afterwards
    Lumen Grid          an interview that the employer calls off, without a new date
    Juniper Learning    an interview for which the seeker thanks on their own
    Cedar, Kestrel, Summit, Quarry, Meridian
                        receipts and a rejection by applicant systems, a test, an out-of-office answer, recruiters' mail
    look-alikes         webinar, newsletter, podcast, product demo, dentist, user research, job alerts, staffing,
                        a course's admissions call, a survey, a meeting recording
    private             family, friends, plumber, library, an order, a reference

All people and companies are invented; their domains end in .example, except those of well-known sender systems.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

ADDRESS = "jordan.doe@letters.example"
FULL_NAME = "Jordan Doe"
TIMEZONE = "America/New_York"
LENGTH = timedelta(days=21)

# Maildir++: INBOX is the root, every other folder a directory whose name begins with a dot.
_FOLDERS = {"inbox": ".", "sent": ".Sent", "drafts": ".Drafts"}
_TRANSIT = timedelta(seconds=4)
_TIME = re.compile(r"\{\{(?P<day>\d{1,2}) (?P<hour>\d\d):(?P<minute>\d\d) (?P<form>\w+)\}\}")
# Not strftime's names, which depend on the locale.
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = "January February March April May June July August September October November December".split()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What was written: whose mail it is, and the span in which it arrived."""

    directory: Path
    address: str
    full_name: str
    timezone: str
    since: datetime  # midnight of the first Monday
    until: datetime  # after the last mail
    messages: int


def write_sample_maildir(directory: Path, *, start: date) -> Sample:
    """Write the sample mail into `directory`, which is made, as it would lie there at the end of the three weeks.

    The topmost Received field and the file's modification time both tell when a message arrived. Raises
    FileExistsError when the directory holds mail already.
    """
    zone = ZoneInfo(TIMEZONE)
    since = datetime.combine(start - timedelta(days=start.weekday()), time(), zone)
    for folder in _FOLDERS.values():
        _make_folder(directory / folder)
    if any((directory / "cur").iterdir()) or any((directory / "new").iterdir()):
        raise FileExistsError(f"{directory} holds mail already; name a directory that is empty or not there yet.")
    messages = 0
    for source in ("inbox", "sent"):
        templates = (files("daemon") / "sample_mail" / source).iterdir()
        for template in sorted(templates, key=lambda entry: entry.name):
            message = _fill_in(template.read_text(encoding="utf-8"), since)
            _deliver(
                message, template.name.removesuffix(".eml"), directory / _FOLDERS[source], received=source == "inbox"
            )
            messages += 1
    return Sample(
        directory=directory,
        address=ADDRESS,
        full_name=FULL_NAME,
        timezone=TIMEZONE,
        since=since,
        until=datetime.combine(since.date() + LENGTH, time(), zone),
        messages=messages,
    )


def _make_folder(folder: Path) -> None:
    for part in ("cur", "new", "tmp"):
        (folder / part).mkdir(parents=True, exist_ok=True, mode=0o700)
    if folder.name.startswith("."):
        (folder / "maildirfolder").touch()


def _deliver(message: str, name: str, folder: Path, *, received: bool) -> None:
    """Put one message into a folder, as read if it is the seeker's own and as seen if it came in."""
    sent_at = parsedate_to_datetime(_field(message, "Date"))
    arrived = sent_at + _TRANSIT if received else sent_at
    if received:
        message = _transport(_field(message, "From"), name, arrived) + message
    stamp = int(arrived.timestamp())
    path = folder / "cur" / f"{stamp}.{name}.letters.example:2,S"
    path.write_text(message, encoding="utf-8", newline="\n")
    os.utime(path, (stamp, stamp))


def _transport(sender: str, name: str, arrived: datetime) -> str:
    """Give the fields that the receiving server puts on top."""
    domain = sender.rpartition("@")[2].rstrip(">")
    return (
        f"Return-Path: <bounce@{domain}>\n"
        f"Received: from mail.{domain} (mail.{domain} [192.0.2.25])\n"
        f"\tby mx.letters.example with ESMTPS id {name};\n"
        f"\t{format_datetime(arrived)}\n"
        f"Authentication-Results: mx.letters.example; dkim=pass header.d={domain};\n"
        f"\tspf=pass smtp.mailfrom={domain}; dmarc=pass header.from={domain}\n"
    )


def _field(message: str, name: str) -> str:
    found = re.search(rf"^{name}: (.+)$", message.partition("\n\n")[0], re.MULTILINE)
    if found is None:
        raise ValueError(f"A sample mail has no {name}.")
    return found[1]


# -------------------------------------------------------------------------------------------------- times in samples


def _fill_in(template: str, since: datetime) -> str:
    """Replace every `{{day HH:MM form}}` by that instant's name."""

    def written(found: re.Match[str]) -> str:
        day = since.date() + timedelta(days=int(found["day"]))
        moment = datetime.combine(day, time(int(found["hour"]), int(found["minute"])), since.tzinfo)
        return _FORMS[found["form"]](moment)

    return _TIME.sub(written, template)


def _day(moment: datetime) -> str:
    return f"{_MONTHS[moment.month - 1]} {moment.day}"


def _weekday(moment: datetime) -> str:
    return _WEEKDAYS[moment.weekday()]


def _half(moment: datetime) -> str:
    return "am" if moment.hour < 12 else "pm"


_FORMS: Mapping[str, Callable[[datetime], str]] = {
    "mail": format_datetime,  # Tue, 01 Dec 2026 14:00:00 -0500
    "ics": lambda moment: moment.strftime("%Y%m%dT%H%M%S"),  # 20261201T140000
    "utc": lambda moment: moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ"),  # 20261201T190000Z
    "weekday": _weekday,  # Tuesday
    "day": _day,  # December 1
    "long": lambda moment: f"{_weekday(moment)}, {_day(moment)}",  # Tuesday, December 1
    "short": lambda moment: f"{_weekday(moment)[:3]} {_day(moment)[:3]} {moment.day}, {moment.year}",  # Tue Dec 1, 2026
    "clock": lambda moment: f"{moment.hour % 12 or 12}:{moment:%M} {_half(moment).upper()}",  # 2:00 PM
    "hour": lambda moment: f"{moment.hour % 12 or 12}{_half(moment)}",  # 2pm
    "zone": lambda moment: moment.tzname() or "",  # EST
}
