"""Compares what is found in the example expressions of a date library's tests with what those tests expect.

Some of its conventions mail does not share; they are left out by rule, never by what was read, and each is counted.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks.labelled import lines
from benchmarks.measure import Measure
from parsers.model import Grain, Moment
from parsers.when import find_moments

ZONE = ZoneInfo("UTC")

# What is left out, by rule: a class's name, and what its text is. The first that fits counts. Only texts and the row's
# own fields are looked at, never what was read.
_RULES: dict[str, tuple[str, ...]] = {
    "an era: BC, AD, the Buddhist calendar": (
        r"\b(?:BCE?|CE|AD|BE|AC|[dp]\. ?C(?:hr)?\.?|n\. ?Chr|[vn]\.?C|v\. ?Chr|(?:voor|na) Christus)",
        r"\b[nv]?\.?d?\.?g?\.?u?\.?Z\b",
    ),
    "'now', a moment without a date": (r"(?i)\b(?:now|jetzt|maintenant|ahora|agora|nu)$",),
    "sums and shorthand for a timer: '+2 months, 5 days', '-2hr5min', '3w later', 'now + 40minutes'": (
        r"(?i)^[-+]\d|[+-]\s?\d+\s?(?:days|minutes)|\d(?:w|mo|y) later|\bset a timer\b",
        r"(?i)\d (?:weeks|weken) \d (?:days|dagen)",
    ),
    "a bare weekday as the nearest one, even a past one (in mail it is the next)": (
        r"(?i)^(?:am |le )?(?:monday|thursday|montag|donnerstag|lundi|jeudi|maandag|donderdag)(?: 9AM)?$",
    ),
    "a period as the same day one period on: 'next week' is today in a week (in mail its Monday to Friday)": (
        r"(?i)^(?:connect back )?(?:this|next|after this|after a|next two)\s?(?:week|qtr|quarter|year|day)$",
        r"(?i)^(?:volgende?|deze|aankomende|kommendes)\s?(?:week|jahr|jaar|maand|dag)$|^l'\s?ann\u00e9e prochaine$",
    ),
    "spans of the past: 'last month', 'the past 2 days'": (
        r"(?i)^(?:the )?(?:last|past|lastmonth)\b(?! (?:friday|saturday|sunday|wednesday|monday|night))",
        r"(?i)^(?:die |in den )?(?:letztes?|letzten|vergangenen|afgelopen|vorige)\b(?! nacht)|\bvorangegangenen\b",
        r"(?i)^(?:les |le )?(?:mois dernier|dernier|\d+ \w+ (?:pr\u00e9c\u00e9dents|pass\u00e9es)|huit dernieres)\b",
    ),
    "lengths of less than a day, counted to the minute: '5 minutes later', 'after an hour'": (
        r"(?i)^(?:\d+ minut(?:es|en) later|after an hour|next hour|within around \d hours)$",
        r"(?i)^(?:komend uur|binnen \d+ (?:minuten|uur)|il y a \d+ heures.*|.*\d+ sek[a-z]+|.*secondes suivantes)$",
    ),
    "distances back in months or years, or from a slashed date": (
        r"(?i)\b\d (?:months?|years?|maanden|jaar|ans) (?:ago|before|geleden)|^il y a \d+ ans",
    ),
    "a month in digits: '04/2016'": (r"(?i)(?:^|[(: ])\d\d?/\d{4}\)?$",),
    "time stamps of log files and of the Unix command 'date' with a range in them": (
        r"(?i)\d{4}[.:]\d\d:\d\d|\d - .*\d\d:\d\d:\d\d \d{4}$",
    ),
    "two bare numbers, or a number too many: '7 - 8', '14/4 90'": (r"(?i)^\d+ - \d+$|^\d+/\d+ \d\d$",),
}


def measure_expressions(path: Path) -> Measure:
    """Score a `datetime_expressions.jsonl`: of each language those expressions that name a day or a time."""
    measure = Measure()
    by_language: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in lines(path):
        if _names_a_day_or_time(row):
            by_language[row["lang"]].append(row)
    measure.summary.append("Expressions of a date library's tests that name a day or a time:")
    for language, rows in sorted(by_language.items(), key=lambda item: -len(item[1])):
        measure.summary += _score(language, rows, measure.misses)
    return measure


def _score(language: str, rows: list[dict[str, Any]], misses: list[str]) -> Iterator[str]:
    left_out: Counter[str] = Counter()
    right = as_given = 0
    for row in rows:
        found = _read(row) if _consistent(row) else ()
        good = any(_exact(row, moment) for moment in found) or _both_ends(row, found)
        as_given += good
        if reason := _reason_to_leave_out(row):
            left_out[reason] += 1
            continue
        right += good
        if not good:
            misses.append(
                f"{row['text']} ({language}, at {row['reference']}): read {[moment.text for moment in found]}"
            )
    judged = len(rows) - left_out.total()
    yield f"{language}: {right} of {judged} exact ({right / judged:.3f}); all as given {as_given} of {len(rows)}"
    for reason, count in left_out.most_common():
        yield f"    {count} left out: {reason}"


def _names_a_day_or_time(row: dict[str, Any]) -> bool:
    """Tell whether a day or an hour is expected at all."""
    start = row["gold"].get("start") or {}
    return "day" in start or "hour" in start


def _reason_to_leave_out(row: dict[str, Any]) -> str | None:
    """Name the convention that mail does not share, or what is wrong with the row; None if it counts."""
    text = row["text"].strip()
    if not _consistent(row):
        return "the row is damaged: reference or expectation belong to another test"
    return next((reason for reason, patterns in _RULES.items() if any(re.search(p, text) for p in patterns)), None)


def _consistent(row: dict[str, Any]) -> bool:
    """Tell whether a row can be right: a reference that is a date, a beginning before its end, in years near by.

    A text without a year in it cannot mean one that is two years off.
    """
    wanted, end = row["gold"]["start"], row["gold"].get("end", {})
    try:
        sent = _parsed(row["reference"])
        days = [
            date(one.get("year", sent.year), one.get("month", 1), one.get("day", 1)) for one in (wanted, end) if one
        ]
    except ValueError:
        return "year" in wanted and wanted["year"] < 1  # an era
    far = abs(days[0].year - sent.year) > 1 and not re.search(r"\d\d|year|ans|jaar", row["text"])
    jumps = len(days) > 1 and abs((days[1] - days[0]).days) > 200 and not re.search(r"\d{4}|\d/\d", row["text"])
    return not far and not jumps and days == sorted(days)


def _read(row: dict[str, Any]) -> tuple[Moment, ...]:
    sent = _parsed(row["reference"])
    return find_moments(
        row["text"], sent_at=sent, timezone="UTC", month_first=row["lang"] == "en", language=row["lang"]
    )


def _parsed(reference: str) -> datetime:
    """Read "2012-08-10T12:00:00" or "Fri Aug 10 2012 12:00:00 ..."; ValueError for neither."""
    try:
        return datetime.fromisoformat(reference).replace(tzinfo=ZONE)
    except ValueError:
        return datetime.strptime(" ".join(reference.split()[:4]), "%a %b %d %Y").replace(tzinfo=ZONE)


_CLOCK = re.compile(
    r"\d(?:[:h.]\d\d|\s?[ap]\.?m\b|h\b|\s?uhr)|noon|midnight|\bat \d|\d tonight|\d (?:at|in the) ", re.IGNORECASE
)


def _exact(row: dict[str, Any], moment: Moment) -> bool:
    """Tell whether a moment is what is expected: its days; its hours too if the text states a time of the clock.

    What the library puts in the morning or evening of a day ("tomorrow morning" is 06:00) is a day. Of a window without
    an expected end the first or the last day counts.
    """
    wanted, end = row["gold"]["start"], row["gold"].get("end")
    fields = ["year", "month", "day"] + (
        ["hour", "minute"] if moment.grain is Grain.MINUTE and _CLOCK.search(row["text"]) else []
    )
    if moment.grain is Grain.WINDOW and not end:
        return any(side is not None and _agrees(wanted, side, fields) for side in (moment.start, moment.end))
    if moment.start is None or not _agrees(wanted, moment.start, fields):
        return False
    return not end or (moment.end is not None and _agrees(end, moment.end, fields))


def _both_ends(row: dict[str, Any], found: tuple[Moment, ...]) -> bool:
    """Tell whether the two ends of a span from one day's hour to another day's are read as two moments."""
    end = row["gold"].get("end")
    ends = [moment.start for moment in found if moment.grain is Grain.MINUTE and moment.start]
    fields = ["year", "month", "day", "hour", "minute"]
    return (
        bool(end)
        and len(ends) == 2
        and _agrees(row["gold"]["start"], ends[0], fields)
        and _agrees(end, ends[1], fields)
    )


def _agrees(wanted: dict[str, Any], found: datetime, fields: list[str]) -> bool:
    return all(getattr(found, field) == wanted[field] for field in fields if field in wanted)
