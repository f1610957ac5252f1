"""What parsers.invite reads out of calendar files, good, odd, broken and hostile."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.invite import Calendar, read_calendar
from parsers.model import Address, EventStatus, Invite

HOME = "America/Chicago"

EASTERN = """\
BEGIN:VTIMEZONE
TZID:Northwind Time
BEGIN:STANDARD
DTSTART:16010101T020000
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=1SU;BYMONTH=11
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=2SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""


def calendar(*lines: str, method: str = "METHOD:REQUEST", zones: str = "") -> bytes:
    event = "\n".join(("BEGIN:VEVENT", *lines, "END:VEVENT"))
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\n{method}\n{zones}{event}\nEND:VCALENDAR\n"
    return text.replace("\n\n", "\n").replace("\n", "\r\n").encode()


def read(raw: bytes) -> Calendar:
    return read_calendar(raw, timezone=HOME)


def only(raw: bytes) -> Invite:
    (event,) = read(raw).events
    return event


def starting(line: str, **more: str) -> Invite:
    return only(calendar("UID:1", line, **more))


def test_an_invite_is_read_as_the_file_states_it() -> None:
    event = only(
        calendar(
            "UID:u-1@google.com",
            "SEQUENCE:2",
            "DTSTAMP:20261120T101500Z",
            "DTSTART;TZID=America/New_York:20261201T140000",
            "DTEND;TZID=America/New_York:20261201T150000",
            "STATUS:CONFIRMED",
            "ORGANIZER;CN=Dana Lee:MAILTO:Dana.Lee@Northwind.example",
            'ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=needs-action;CN="Doe, Jordan"'
            ":mailto:jordan@mail.example",
            "ATTENDEE;CN=sam@northwind.example:mailto:sam@northwind.example",
            "SUMMARY:Interview\\, round 2",
            "DESCRIPTION:Hello\\nsee <https://meet.example/x>",
            "LOCATION:Room 5\\; second floor",
            "URL:https://meet.example/x",
            "TRANSP:TRANSPARENT",
        )
    )
    assert (event.method, event.uid, event.sequence) == ("REQUEST", "u-1@google.com", 2)
    assert event.start == datetime(2026, 12, 1, 19, tzinfo=UTC)
    assert event.end == datetime(2026, 12, 1, 20, tzinfo=UTC)
    assert event.timezone == "America/New_York"
    assert event.dtstamp == datetime(2026, 11, 20, 10, 15, tzinfo=UTC)
    assert event.status is EventStatus.CONFIRMED
    assert event.organizer == Address(address="dana.lee@northwind.example", name="Dana Lee")
    jordan, sam = event.attendees
    assert (jordan.address, jordan.name, jordan.partstat) == ("jordan@mail.example", "Doe, Jordan", "NEEDS-ACTION")
    assert (jordan.cutype, jordan.role) == ("INDIVIDUAL", "REQ-PARTICIPANT")
    assert sam.name is None
    assert event.summary == "Interview, round 2"
    assert event.description == "Hello\nsee <https://meet.example/x>"
    assert event.location == "Room 5; second floor"
    assert event.url == "https://meet.example/x"
    assert event.transparent
    assert not event.recurs
    assert event.problems == ()


@pytest.mark.parametrize(
    ("line", "instant", "timezone"),
    [
        ("DTSTART:20260701T140000Z", datetime(2026, 7, 1, 14, tzinfo=UTC), None),
        ("DTSTART;TZID=W. Europe Standard Time:20260701T140000", datetime(2026, 7, 1, 12, tzinfo=UTC), "Europe/Berlin"),
        ('DTSTART;TZID="Europe/Berlin":20260701T140000', datetime(2026, 7, 1, 12, tzinfo=UTC), "Europe/Berlin"),
        (
            "DTSTART;TZID=/mozilla.org/20070129_1/Europe/Berlin:20260701T140000",
            datetime(2026, 7, 1, 12, tzinfo=UTC),
            "Europe/Berlin",
        ),
        (
            'DTSTART;TZID="(UTC-05:00) Eastern Time (US & Canada)":20260701T140000',
            datetime(2026, 7, 1, 18, tzinfo=UTC),
            "America/New_York",
        ),
        ("DTSTART;TZID=大阪、札幌、東京:20260701T140000", datetime(2026, 7, 1, 5, tzinfo=UTC), "Asia/Tokyo"),
        ("DTSTART;TZID=America-New_York:20260701T140000", datetime(2026, 7, 1, 18, tzinfo=UTC), "America/New_York"),
        ("DTSTART;TZID=UTC:20260701T140000", datetime(2026, 7, 1, 14, tzinfo=UTC), None),
        ("DTSTART;TZID=GMT:20260701T140000", datetime(2026, 7, 1, 14, tzinfo=UTC), None),
        ("DTSTART;TZID=Europe/Berlin:20260701T140000Z", datetime(2026, 7, 1, 14, tzinfo=UTC), "Europe/Berlin"),
        ("DTSTART:2026-07-01T14:00:00+02:00", datetime(2026, 7, 1, 12, tzinfo=UTC), None),
        ("dtstart;tzid=europe/berlin:20260701t140000", datetime(2026, 7, 1, 12, tzinfo=UTC), "Europe/Berlin"),
        ("DTSTART;TZID=Europe/Berlin:2026-07-01T14:00:00", datetime(2026, 7, 1, 12, tzinfo=UTC), "Europe/Berlin"),
        ("DTSTART;TZID=Europe/Berlin:20260701T1400", datetime(2026, 7, 1, 12, tzinfo=UTC), "Europe/Berlin"),
        ("DTSTART;TZID=Europe/Berlin:20260701T240000", datetime(2026, 7, 1, 22, tzinfo=UTC), "Europe/Berlin"),
    ],
)
def test_a_start_is_the_same_instant_however_it_is_written(line: str, instant: datetime, timezone: str | None) -> None:
    event = starting(line)
    assert event.start == instant
    assert event.timezone == timezone
    assert not event.floating
    assert event.problems == ()


@pytest.mark.parametrize(
    ("wall", "offset"),
    [
        ("20260701T140000", -4),
        ("20261201T140000", -5),
        ("20260308T013000", -5),
        ("20260308T033000", -4),
        ("20261101T013000", -4),  # exists twice: the first is meant
        ("20260308T023000", -5),  # does not exist: by the offset before the gap
    ],
)
def test_a_zone_defined_in_the_file_alone_is_used_as_a_table(wall: str, offset: int) -> None:
    event = starting(f"DTSTART;TZID=Northwind Time:{wall}", zones=EASTERN)
    assert event.start is not None
    assert event.start.utcoffset() == timedelta(hours=offset)
    assert event.timezone is None
    assert event.problems == ()


@pytest.mark.parametrize("rule", ["BYMONTHDAY=8,9,10,11,12,13,14;BYDAY=SU;BYMONTH=3", "BYMONTH=3;BYDAY=+2SU;WKST=SU"])
def test_a_rule_of_a_zone_may_be_written_in_several_ways(rule: str) -> None:
    zones = EASTERN.replace("INTERVAL=1;BYDAY=2SU;BYMONTH=3", rule)
    before, after = (starting(f"DTSTART;TZID=Northwind Time:202603{day}T120000", zones=zones) for day in ("07", "08"))
    assert before.start == datetime(2026, 3, 7, 17, tzinfo=UTC)
    assert after.start == datetime(2026, 3, 8, 16, tzinfo=UTC)


def test_a_rule_that_ended_no_longer_counts() -> None:
    zones = EASTERN.replace("BYMONTH=3", "BYMONTH=3;UNTIL=20070311T070000Z")
    assert starting("DTSTART;TZID=Northwind Time:20070401T120000", zones=zones).start == datetime(
        2007, 4, 1, 16, tzinfo=UTC
    )
    assert starting("DTSTART;TZID=Northwind Time:20080401T120000", zones=zones).start == datetime(
        2008, 4, 1, 17, tzinfo=UTC
    )


def test_a_zone_definition_is_taken_for_a_named_zone_only_where_both_agree() -> None:
    located = EASTERN.replace("TZID:Northwind Time", "TZID:Northwind Time\nX-LIC-LOCATION:America/New_York")
    assert starting("DTSTART;TZID=Northwind Time:20260701T140000", zones=located).timezone == "America/New_York"
    wrong = located.replace("America/New_York", "America/Denver")
    event = starting("DTSTART;TZID=Northwind Time:20260701T140000", zones=wrong)
    assert event.timezone is None
    assert event.start == datetime(2026, 7, 1, 18, tzinfo=UTC)


def test_a_loose_name_gives_way_to_the_definition_in_the_file_and_an_exact_one_does_not() -> None:
    brisbane = """\
BEGIN:VTIMEZONE
TZID:{name}
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+1000
TZOFFSETTO:+1000
END:STANDARD
END:VTIMEZONE
"""
    loose = starting("DTSTART;TZID=Eastern:20260701T140000", zones=brisbane.format(name="Eastern"))
    assert loose.start == datetime(2026, 7, 1, 4, tzinfo=UTC)
    assert loose.timezone is None
    exact = starting("DTSTART;TZID=America/New_York:20260701T140000", zones=brisbane.format(name="America/New_York"))
    assert exact.start == datetime(2026, 7, 1, 18, tzinfo=UTC)


def test_a_zone_defined_in_one_file_is_not_known_in_the_next() -> None:
    assert starting("DTSTART;TZID=Northwind Time:20260701T140000", zones=EASTERN).problems == ()
    event = starting("DTSTART;TZID=Northwind Time:20260701T140000")
    assert event.start == datetime(2026, 7, 1, 19, tzinfo=UTC)
    assert event.problems == ("unknown time zone 'Northwind Time'; the user's zone was assumed",)


def test_an_unknown_zone_that_states_its_offset_is_that_offset() -> None:
    event = starting('DTSTART;TZID="(UTC-03:00) Northwind Island":20260701T140000')
    assert event.start == datetime(2026, 7, 1, 17, tzinfo=UTC)
    assert event.timezone is None
    assert event.problems == ("unknown time zone '(UTC-03:00) Northwind Island'; the offset in its name was used",)


def test_a_floating_time_is_the_users_and_says_so() -> None:
    event = starting("DTSTART:20260701T140000")
    assert event.start == datetime(2026, 7, 1, 19, tzinfo=UTC)
    assert event.floating
    assert event.timezone is None
    assert event.problems == ("no time zone is stated; the user's zone was assumed",)


def test_the_zone_of_the_whole_calendar_is_a_hint_for_floating_times_only() -> None:
    hint = "METHOD:PUBLISH\nX-WR-TIMEZONE:Europe/Berlin"
    event = starting("DTSTART:20260701T140000", method=hint)
    assert event.start == datetime(2026, 7, 1, 12, tzinfo=UTC)
    assert event.floating
    assert event.timezone == "Europe/Berlin"
    assert starting("DTSTART:20260701T140000Z", method=hint).timezone is None


def test_an_all_day_event_goes_from_midnight_to_midnight_where_the_user_is() -> None:
    event = only(calendar("UID:1", "DTSTART;VALUE=DATE:20260701", "DTEND;VALUE=DATE:20260702"))
    assert event.all_day
    assert not event.floating
    assert event.start is not None
    assert event.end is not None
    assert event.start.isoformat() == "2026-07-01T00:00:00-05:00"
    assert event.end.isoformat() == "2026-07-02T00:00:00-05:00"


def test_an_all_day_event_of_exchange_has_times_and_a_mark() -> None:
    lines = ("DTSTART;TZID=Europe/Berlin:20260701T000000", "DTEND;TZID=Europe/Berlin:20260702T000000")
    assert only(calendar("UID:1", *lines, "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE")).all_day
    assert not only(calendar("UID:1", *lines, "X-MICROSOFT-CDO-ALLDAYEVENT:FALSE")).all_day


@pytest.mark.parametrize(
    ("duration", "end"),
    [
        ("PT45M", "2026-10-31T12:45:00-04:00"),
        ("P1D", "2026-11-01T12:00:00-05:00"),  # a day by the calendar over the change of clocks
        ("PT24H", "2026-11-01T11:00:00-05:00"),
        ("P1W", "2026-11-07T12:00:00-05:00"),
    ],
)
def test_an_end_may_come_from_a_duration(duration: str, end: str) -> None:
    event = only(calendar("UID:1", "DTSTART;TZID=America/New_York:20261031T120000", f"DURATION:{duration}"))
    assert event.end is not None
    assert event.end.isoformat() == end


def test_an_end_without_a_zone_is_in_the_zone_of_the_start() -> None:
    event = only(calendar("UID:1", "DTSTART;TZID=Europe/Berlin:20260701T140000", "DTEND:20260701T150000"))
    assert event.end == datetime(2026, 7, 1, 13, tzinfo=UTC)
    assert event.problems == ()


def test_no_end_is_guessed_where_the_file_has_none_or_an_impossible_one() -> None:
    assert starting("DTSTART:20260701T140000Z").end is None
    event = only(calendar("UID:1", "DTSTART:20260701T140000Z", "DTEND:20260701T130000Z"))
    assert event.end is None
    assert event.problems == ("the event ends before it starts; its end was left out",)


@pytest.mark.parametrize(
    "value", ["20261301T140000", "soon", "", "20260701T14", "20260701T256000Z", "00010101T000000Z x"]
)
def test_a_start_that_is_no_time_is_a_problem_and_not_a_guess(value: str) -> None:
    event = only(calendar("UID:1", f"DTSTART:{value}", "SUMMARY:Interview"))
    assert event.start is None
    assert event.summary == "Interview"
    assert "the event has no start" in event.problems


def test_a_cancellation_needs_no_start() -> None:
    event = only(calendar("UID:1", "SEQUENCE:3", "STATUS:CANCELLED", method="method:cancel"))
    assert event.method == "CANCEL"
    assert event.status is EventStatus.CANCELLED
    assert event.problems == ()


def test_a_missing_method_is_none() -> None:
    assert starting("DTSTART:20260701T140000Z", method="").method is None


def test_a_series_is_marked_and_never_expanded() -> None:
    event = only(calendar("UID:1", "DTSTART:20260701T140000Z", "RRULE:FREQ=SECONDLY;INTERVAL=0;COUNT=99999999999"))
    assert event.recurs
    assert event.start == datetime(2026, 7, 1, 14, tzinfo=UTC)


def test_the_series_comes_before_its_changed_instances_which_are_named_in_utc() -> None:
    raw = calendar(
        "UID:1",
        "RECURRENCE-ID;TZID=Europe/Berlin:20260708T140000",
        "DTSTART:20260708T150000Z",
        "END:VEVENT",
        "BEGIN:VEVENT",
        "UID:1",
        "DTSTART:20260701T140000Z",
        "RRULE:FREQ=WEEKLY",
    )
    series, instance = read(raw).events
    assert series.recurrence_id is None
    assert instance.recurrence_id == "20260708T120000Z"


GOOD = calendar("UID:1", "DTSTART:20261201T190000Z", "SUMMARY:Gespräch mit Zoë")


@pytest.mark.parametrize(
    "raw",
    [
        b"\xef\xbb\xbf" + GOOD,
        GOOD.decode().encode("latin-1"),
        GOOD.decode().encode("utf-16"),
        GOOD.replace(b"\r\n", b"\n"),
        GOOD.replace(b"\r\n", b"\r"),
        GOOD.replace(b"\r\n", b"\r\r\n"),
        b"Please find the invite below.\n\n" + GOOD + b"\n-- \nThe recruiting team: Northwind\n",
        GOOD.replace(b"SUMMARY:Gespr", b"SUMM\r\n ARY:Gespr"),
        GOOD.replace("ä".encode(), "ä".encode()[:1] + b"\r\n " + "ä".encode()[1:]),
        GOOD.replace(b"BEGIN:VEVENT", b"begin:vevent").replace(b"SUMMARY", b"summary"),
        GOOD.replace(b"BEGIN:VCALENDAR\r\n", b""),
        GOOD.replace(b"UID:1", b"X-BROKEN;=:\r\nno property at all\r\nUID:1"),
    ],
    ids=[
        *("bom", "latin-1", "utf-16", "lf", "cr", "crcrlf", "text around", "folded", "folded in a character"),
        *("lower case", "no head", "bad lines"),
    ],
)
def test_a_damaged_file_is_read_as_far_as_it_is_clear(raw: bytes) -> None:
    event = only(raw)
    assert event.uid == "1"
    assert event.start == datetime(2026, 12, 1, 19, tzinfo=UTC)
    assert event.summary == "Gespräch mit Zoë"


def test_a_file_that_is_cut_off_gives_what_it_still_has_and_says_so() -> None:
    found = read(GOOD[: GOOD.index(b"SUMMARY")])
    assert [event.start for event in found.events] == [datetime(2026, 12, 1, 19, tzinfo=UTC)]
    assert found.problems == ("the calendar is cut off or does not end its components",)


def test_an_event_that_is_never_ended_does_not_swallow_the_next() -> None:
    found = read(GOOD.replace(b"END:VEVENT", b"BEGIN:VEVENT\r\nUID:2\r\nDTSTART:20261202T190000Z"))
    assert [event.uid for event in found.events] == ["1", "2"]
    assert found.problems == ("the calendar does not end its components",)


def test_several_calendar_objects_keep_their_own_methods() -> None:
    found = read(GOOD + GOOD.replace(b"REQUEST", b"CANCEL").replace(b"UID:1", b"UID:2"))
    assert [(event.uid, event.method) for event in found.events] == [("1", "REQUEST"), ("2", "CANCEL")]


def test_an_alarm_does_not_speak_for_its_event() -> None:
    alarm = ("BEGIN:VALARM", "DESCRIPTION:Reminder", "SUMMARY:Alarm", "DURATION:PT5M", "END:VALARM")
    event = only(calendar("UID:1", "DTSTART:20261201T190000Z", *alarm, "SUMMARY:Interview"))
    assert (event.summary, event.description, event.end) == ("Interview", "", None)


@pytest.mark.parametrize(
    ("line", "address"),
    [
        ('ORGANIZER;CN="Dana:mailto:dana@northwind.example', "dana@northwind.example"),  # never closed
        ("ORGANIZER;EMAIL=dana@northwind.example:urn:uuid:1", "dana@northwind.example"),
        ("ORGANIZER:dana@northwind.example", "dana@northwind.example"),
        ("ORGANIZER:mailto:%64ana@northwind.example?subject=x", "dana@northwind.example"),
        ("ORGANIZER:invalid:nomail", None),
        ("ORGANIZER:mailto:dana@northwind.example,eve@evil.example", None),
        ("ORGANIZER:mailto:dana@northwind.example%0d%0aBcc:eve@evil.example", None),
        ("ORGANIZER:mailto:", None),
    ],
)
def test_an_organizer_is_one_valid_address_or_none(line: str, address: str | None) -> None:
    organizer = starting(line).organizer
    assert (organizer.address if organizer else None) == address


def test_text_is_capped_and_has_no_control_characters() -> None:
    event = only(
        calendar(
            "UID:1", "SUMMARY:In\x07ter\u202eview " + "x" * 5000, "DESCRIPTION:" + "y" * 70000, "LOCATION:\x00Room"
        )
    )
    assert event.summary.startswith("Interview x")
    assert len(event.summary) <= 1024
    assert 30_000 < len(event.description) <= 32 * 1024
    assert event.location == "Room"


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "file:///etc/passwd", "https://meet.example/a b", "meet.example"]
)
def test_only_a_web_address_is_a_url(url: str) -> None:
    assert starting(f"URL:{url}").url is None


def test_the_address_of_a_video_call_may_stand_in_a_private_property() -> None:
    assert starting("X-GOOGLE-CONFERENCE:https://meet.example/abc").url == "https://meet.example/abc"


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (GOOD + b" " * 1024 * 1024, "the calendar is larger than 1 MiB and was not read"),
        (
            b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\nEND:VEVENT\r\n" * 501 + b"END:VCALENDAR\r\n",
            "the calendar has more than 500 components and was not read",
        ),
        (b"BEGIN:X\r\n" * 100_000, "the calendar has more than 500 components and was not read"),
        (b"", "the calendar has no event"),
        (b"\x00\xff\xfe\x80 PK", "the calendar has no event"),
    ],
    ids=["size", "events", "depth", "empty", "binary"],
)
def test_a_refused_file_changes_nothing_and_says_why(raw: bytes, problem: str) -> None:
    assert read(raw) == Calendar(events=(), problems=(problem,))


@pytest.mark.parametrize(
    "filler",
    [
        b"\n" * 900_000,
        b"\r\n " * 300_000,
        b"ATTENDEE;CN=" + b'"' * 900_000,
        b"ATTENDEE" + b";A=B" * 200_000 + b":mailto:a@b.example\n",
        b"ATTENDEE:mailto:a@b.example\n" * 30_000,
        b"DTSTART:" + b"1" * 900_000 + b"\n",
        b"DESCRIPTION:" + b"\\" * 900_000 + b"\n",
        b"RDATE:" + b"20260101T000000Z," * 50_000 + b"\n",
        b" \t" * 400_000,
    ],
    ids=["newlines", "folds", "quotes", "parameters", "attendees", "digits", "backslashes", "dates", "blanks"],
)
def test_a_file_made_to_hang_is_read_in_passing(filler: bytes) -> None:
    raw = b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\n" + filler + b"\nDTSTART:20261201T190000Z\nEND:VEVENT\nEND:VCALENDAR"
    began = time.process_time()
    found = read(raw)
    assert time.process_time() - began < 2
    assert len(found.events) == 1


def test_a_zone_made_to_hang_is_read_in_passing() -> None:
    rules = "\n".join(f"RDATE:{'20260101T000000,' * 1000}" for _ in range(50))
    zones = EASTERN.replace("FREQ=YEARLY", "FREQ=SECONDLY").replace("END:STANDARD", f"{rules}\nEND:STANDARD")
    began = time.process_time()
    event = starting("DTSTART;TZID=Northwind Time:20260701T140000", zones=zones)
    assert time.process_time() - began < 2
    assert event.problems == ("the definition of time zone 'Northwind Time' is only partly understood",)


WORDS = st.sampled_from(
    [
        *(
            "BEGIN:VCALENDAR\n",
            "BEGIN:VEVENT\n",
            "END:VEVENT\n",
            "BEGIN:VTIMEZONE\n",
            "BEGIN:STANDARD\n",
            "END:STANDARD\n",
        ),
        *("DTSTART;TZID=X:", "DTSTART:", "DTEND:", "DURATION:", "TZID:X\n", "TZOFFSETTO:", "TZOFFSETFROM:", "RRULE:"),
        *(
            "FREQ=YEARLY;",
            "BYDAY=-1SU;",
            "BYMONTHDAY=31;",
            "BYMONTH=2",
            "UNTIL=00010101T000000Z",
            "+2359",
            "-0500",
            "\n",
        ),
        *("00010101T000000Z", "99991231T235959", "20260229", "P9999W", "-PT5M", "ATTENDEE:", "mailto:a@b.example", '"'),
    ]
)


@given(st.lists(WORDS | st.text(max_size=5), max_size=60).map("".join))
def test_no_text_makes_the_reader_raise(text: str) -> None:
    for event in read(text.encode("utf-8", "surrogatepass")).events:
        assert event.start is None or event.start.tzinfo is not None
        assert event.start is None or event.end is None or event.start <= event.end


@given(st.binary(max_size=300))
def test_no_bytes_make_the_reader_raise(data: bytes) -> None:
    assert read(data).problems or read(data).events
