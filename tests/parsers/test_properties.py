"""What holds of every parser on any input: it never raises, gives a bounded result, and gives the same twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import format_datetime
from html import escape
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from icalendar import Calendar, Event

from parsers.address import read_addresses
from parsers.charset import clean, decode
from parsers.clauses import split_clauses
from parsers.contentlines import read_components
from parsers.header import decode_words, read_date, read_fields, read_identifiers
from parsers.html import html_to_text
from parsers.invite import read_calendar
from parsers.language import detect_language
from parsers.mail import read_mail
from parsers.markup import read_markup
from parsers.mime import PART_COUNT, Part, read_parameters, read_parts
from parsers.phrases import find_hits
from parsers.promise import find_promises
from parsers.text import fold_characters, split_body
from parsers.trust import organisational_domain, read_authentication_results
from parsers.vtimezone import read_vtimezone
from parsers.when import find_moments
from parsers.zones import offset_named, zone_named, zone_of_abbreviation

HOME = "America/New_York"
SENT = datetime(2026, 11, 30, 10, 12, tzinfo=ZoneInfo(HOME))


def zones_of(raw: bytes) -> object:
    return [
        table and [table.offset(wall) for wall in (datetime.min, datetime(2026, 3, 29, 2, 30), datetime.max)]  # noqa: DTZ001, DTZ901 - local by nature
        for table in map(read_vtimezone, read_components(raw)[0])
    ]


def encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


PARSERS: dict[str, Callable[[str], object]] = {
    "message": lambda text: read_mail(encoded(text)),
    "header": lambda text: read_fields(encoded(text)),
    "words": decode_words,
    "date field": read_date,
    "identifiers": read_identifiers,
    "addresses": read_addresses,
    "parameters": read_parameters,
    "parts": lambda text: read_parts(encoded(text), {"content-type": ("multipart/mixed; boundary=b",)}, 0),
    "page": html_to_text,
    "body": split_body,
    "folding": fold_characters,
    "content lines": lambda text: read_components(encoded(text)),
    "calendar": lambda text: read_calendar(encoded(text), timezone=HOME),
    "zone table": lambda text: zones_of(encoded(text)),
    "markup": lambda text: read_markup(text, timezone=HOME),
    "verdict": read_authentication_results,
    "moments": lambda text: find_moments(text, sent_at=SENT, timezone=HOME, language="en"),
    "promises": lambda text: find_promises(text, sent_at=SENT, timezone=HOME, language="de"),
    "phrases": lambda text: find_hits(split_clauses(text), "fr"),
    "zone": zone_named,
    "offset": offset_named,
    "abbreviation": lambda text: zone_of_abbreviation(text, default=HOME, at=SENT),
    "language": detect_language,
}
# Pieces of which the inputs of all of them are made: each takes many for its own grammar's, broken in the middle.
PIECES = st.sampled_from(
    [
        *(
            "From: ",
            "Date: ",
            "Subject: =?utf-8?q?",
            "?=",
            "Content-Type: ",
            "multipart/mixed; boundary=b",
            "--b",
            "--b--",
        ),
        *("text/html", "message/rfc822", "text/calendar; charset=utf-16", "Content-Transfer-Encoding: base64", "\n\n"),
        *(
            "\n",
            "\r\n",
            "\t",
            " ",
            ",",
            ";",
            ":",
            "=",
            "<",
            ">",
            '"',
            "(",
            ")",
            "\\",
            "@",
            "*0*=",
            "''%e4",
            "+AGE-",
            "\0",
        ),
        *("a@b.example", "<a@b.example>", "Dana Lee", "Mon, 30 Nov 2026 10:12:00 -0500", "-0000", "2026-11-30T10:12"),
        *("<p>", "</div>", "<table><tr><td>", "<blockquote type=cite>", '<div style="display:none">', "<!--", "&#x0;"),
        *(
            "<script type='application/ld+json'>",
            '{"@type":"Event","startDate":"2026-12-01"}',
            "</script>",
            "schema.org",
        ),
        *('<p itemscope itemtype="http://schema.org/Event">', '<b itemprop="startDate">', "Event"),
        *(
            "On 1 Dec 2026 at 10:00, Sam <s@me.example> wrote:",
            "> ",
            "-- ",
            "Best regards,",
            "From:",
            "Sent:",
            "________",
        ),
        *(
            "BEGIN:VCALENDAR\n",
            "BEGIN:VEVENT\n",
            "END:VEVENT\n",
            "BEGIN:VTIMEZONE\nTZID:X\nBEGIN:STANDARD\n",
            "DTSTART",
        ),
        *(";TZID=X:", "20261101T020000", "TZOFFSETTO:-0500\n", "TZOFFSETFROM:+2359\n", "RRULE:FREQ=YEARLY;BYDAY=-1SU"),
        *(
            "mx.example; dmarc=pass header.from=b.example",
            "dkim=fail",
            "interview",
            "Tuesday",
            "2pm",
            "9:30",
            "12/1",
            "EST",
        ),
        *(
            "unfortunately",
            "we will get back to you by",
            "Friday",
            "within two weeks",
            "morgen um 14 Uhr",
            "à 14h30",
            "or",
        ),
        *("(UTC-05:00) Eastern Time", "Romance Standard Time", "Europe/Berlin", "+14:00", "GMT+2", "IST"),
    ]
)
TEXTS = st.lists(PIECES | st.text(max_size=4), max_size=30).map("".join)


def size(value: object) -> int:
    """Count what a result holds, without the input that the parts of a message point to."""
    if isinstance(value, str | bytes):
        return len(value)
    if isinstance(value, Part):
        return 1 + size(dict(value.fields)) + size(value.children)
    if is_dataclass(value):
        return 1 + sum(size(getattr(value, field.name)) for field in fields(value))
    if isinstance(value, dict):
        return sum(size(key) + size(inner) for key, inner in value.items())
    if isinstance(value, list | tuple | set | frozenset):
        return 1 + sum(map(size, value))
    return 1


@pytest.mark.parametrize("name", PARSERS)
@settings(max_examples=150, deadline=None)
@given(text=TEXTS)
def test_any_text_is_read_into_a_bounded_result_and_always_the_same(name: str, text: str) -> None:
    found = PARSERS[name](text)
    assert size(found) <= 2000 + 200 * len(text)
    assert PARSERS[name](text) == found


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=400), st.sampled_from(["utf-8", "utf-16", "utf-7", "hz", "iso-2022-jp", "cp037", "x-nil", ""])
)
def test_any_bytes_of_any_set_become_text(data: bytes, charset: str) -> None:
    text = decode(data, charset)
    assert len(text) <= 4 * len(data) + 4
    assert clean(clean(text)) == clean(text)
    clean(text).encode("utf-8")


@given(st.text(max_size=300))
def test_folding_keeps_every_place_and_folds_once(text: str) -> None:
    folded = fold_characters(text)
    assert len(folded) == len(text)
    assert fold_characters(folded) == folded


@given(st.text(max_size=120))
def test_decoded_words_are_one_line_and_decoded_once(value: str) -> None:
    decoded = decode_words(f"=?utf-8?q?=41?= {value}")
    assert "\n" not in decode_words(f"=?utf-8?q?=0A?= {value}")
    assume("=?" not in decoded)
    assert decode_words(decoded) == decoded


@given(st.text(max_size=200))
def test_a_domain_is_reduced_once(text: str) -> None:
    found = organisational_domain(text)
    assert found is None or organisational_domain(found) == found


@given(st.datetimes(datetime(1990, 1, 1), datetime(2150, 1, 1)), st.integers(-14 * 60, 14 * 60))  # noqa: DTZ001 - zoned below
def test_a_date_field_is_the_instant_that_was_written(wall: datetime, minutes: int) -> None:
    instant = wall.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes)))
    assert read_date(format_datetime(instant)) == instant


WORDS = st.text(st.characters(categories=["L", "N", "P"], exclude_characters="\ufeff"), min_size=1, max_size=12)


@given(st.lists(st.lists(WORDS, min_size=1, max_size=6).map(" ".join), min_size=1, max_size=6))
def test_a_page_of_paragraphs_says_what_they_say_and_reads_as_itself(paragraphs: list[str]) -> None:
    said = [clean(paragraph) for paragraph in paragraphs]
    assume(all(paragraph.strip() for paragraph in said))
    page = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
    text = html_to_text(page).text
    assert text.split("\n\n") == said
    again = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in text.split("\n\n"))
    assert html_to_text(again).text == text


LINES = st.sampled_from(
    [
        *("Hi Sam,", "Tuesday works.", "", "> Which day?", ">> Any.", "Best regards,", "Dana Lee", "-- ", "Northwind"),
        *("On 1 Dec 2026 at 10:00, Sam <s@me.example> wrote:", "Am 01.12.2026 um 10:00 schrieb Sam Doe:"),
        *("-----Original Message-----", "From: Sam <s@me.example>", "Sent: Monday, December 1, 2026", "Subject: Talk"),
        *("---------- Forwarded message ---------", "Sent from my iPhone", "________________________________"),
    ]
)


@given(st.lists(LINES, max_size=25).map("\n".join), st.sampled_from(["", "Re: Talk", "Fwd: Talk"]))
def test_every_written_line_of_a_body_is_in_one_segment_and_none_is_lost(text: str, subject: str) -> None:
    body = split_body(text, subject=subject)
    assert "".join(text[segment.start : segment.end] for segment in body.segments) == text
    for before, after in zip(body.segments, body.segments[1:], strict=False):
        assert before.end == after.start
        assert before.kind is not after.kind


@given(st.binary(max_size=600), st.integers(0, 400))
def test_a_tree_of_parts_lies_inside_its_message(data: bytes, parts: int) -> None:
    raw = b"--b\n" + b"Content-Type: text/plain\n\nx\n--b\n" * parts + data
    root, _ = read_parts(raw, {"content-type": ('multipart/mixed; boundary="b"',)}, 0)
    seen, waiting = 0, [root]
    while waiting:
        part = waiting.pop()
        seen += 1
        assert 0 <= part.start <= part.end <= len(part.raw)
        assert len(part.content(50)) <= 50
        waiting += part.children
    assert seen <= 2 * PART_COUNT + 1


# ---------------------------------------------------------------------------------------------------- calendars

RULED = {
    "America/New_York": ("-0500", "-0400", "2SU;BYMONTH=3", "1SU;BYMONTH=11", "20070311T020000", "20071104T020000"),
    "Europe/Berlin": ("+0100", "+0200", "-1SU;BYMONTH=3", "-1SU;BYMONTH=10", "19810329T020000", "19961027T030000"),
    "Australia/Sydney": ("+1000", "+1100", "1SU;BYMONTH=10", "1SU;BYMONTH=4", "20081005T020000", "20080406T030000"),
}


def vtimezone(zone: str) -> str:
    standard, daylight, spring, autumn, spring_start, autumn_start = RULED[zone]
    return (
        f"BEGIN:VTIMEZONE\nTZID:Office\n"
        f"BEGIN:DAYLIGHT\nDTSTART:{spring_start}\nTZOFFSETFROM:{standard}\nTZOFFSETTO:{daylight}\n"
        f"RRULE:FREQ=YEARLY;BYDAY={spring}\nEND:DAYLIGHT\n"
        f"BEGIN:STANDARD\nDTSTART:{autumn_start}\nTZOFFSETFROM:{daylight}\nTZOFFSETTO:{standard}\n"
        f"RRULE:FREQ=YEARLY;BYDAY={autumn}\nEND:STANDARD\nEND:VTIMEZONE\n"
    )


@settings(max_examples=400)
@given(st.sampled_from(sorted(RULED)), st.datetimes(datetime(2010, 1, 1), datetime(2037, 12, 31)))  # noqa: DTZ001 - local by nature
def test_a_zone_that_a_file_defines_is_the_zone(zone: str, wall: datetime) -> None:
    wall = wall.replace(second=0, microsecond=0, fold=0)  # a file cannot say which of two equal wall times it means
    raw = (
        f"BEGIN:VCALENDAR\n{vtimezone(zone)}BEGIN:VEVENT\nUID:1\nDTSTART;TZID=Office:{wall:%Y%m%dT%H%M%S}\n"
        "END:VEVENT\nEND:VCALENDAR\n"
    )
    (event,) = read_calendar(raw.encode(), timezone="Asia/Tokyo").events
    assert event.start == wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    assert not event.floating


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001 - zoned below
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"]),
    st.integers(0, 24 * 60 - 1),  # from a whole day on a DURATION counts by the calendar
    st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"]), max_size=200),
)
def test_an_event_that_was_written_is_read_back(wall: datetime, zone: str, minutes: int, summary: str) -> None:
    start = wall.replace(microsecond=0, tzinfo=ZoneInfo(zone))
    event = Event()
    event.add("uid", "u-1@northwind.example")
    event.add("dtstart", start)
    event.add("duration", timedelta(minutes=minutes))
    event.add("summary", summary)
    calendar = Calendar()
    calendar.add_component(event)
    (found,) = read_calendar(calendar.to_ical(), timezone=HOME).events
    # In UTC: a wall time that comes twice is unequal to every instant of another zone (PEP 495).
    assert found.start is not None
    assert found.start.astimezone(UTC) == start.astimezone(UTC)
    assert found.end is not None
    assert found.end.astimezone(UTC) == start.astimezone(UTC) + timedelta(minutes=minutes)
    assert found.summary == " ".join(clean(summary).split())


@given(st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.times(), st.sampled_from(["en", "de", "fr", "es", "pt"]))
def test_a_moment_lies_where_it_says_and_is_read_again_from_its_own_words(
    day: date, hour: object, language: str
) -> None:
    text = f"Interview: {day:%Y-%m-%d} {hour!s:.5} (Berlin), +49 30 1234567, v1.2.3"
    for moment in find_moments(text, sent_at=SENT, timezone=HOME, language=language):
        assert text[slice(*moment.span)] == moment.text
        (again,) = find_moments(moment.text, sent_at=SENT, timezone=moment.timezone or HOME, language=language)
        assert again.start == moment.start
