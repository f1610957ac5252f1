"""Events that parsers.markup finds in HTML."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.markup import read_markup
from parsers.model import EventStatus, Medium, Session

HOME = "America/Chicago"
EVENT = {
    "@context": "https://schema.org",
    "@type": "Event",
    "name": "Interview with Northwind",
    "startDate": "2026-12-01T14:00:00-05:00",
    "endDate": "2026-12-01T15:00:00-05:00",
    "location": {
        "@type": "Place",
        "name": "Northwind",
        "address": {"@type": "PostalAddress", "streetAddress": "1 Main St", "addressLocality": "Springfield"},
    },
    "performer": {"@type": "Person", "name": "Dana Lee"},
    "organizer": {"@type": "Organization", "name": "Northwind"},
}
RESERVATION = {
    "@context": "http://schema.org",
    "@type": "EventReservation",
    "reservationNumber": "R1",
    "reservationStatus": "http://schema.org/ReservationConfirmed",
    "reservationFor": EVENT,
}
MICRODATA = """
<html><body><div itemscope itemtype="http://schema.org/EventReservation">
  <meta itemprop="reservationNumber" content="R1">
  <link itemprop="reservationStatus" href="http://schema.org/Confirmed">
  <table><tr><td itemprop="reservationFor" itemscope itemtype="http://schema.org/Event">
    <b itemprop="name">Interview with   Northwind</b>
    <time itemprop="startDate" datetime="2026-12-01T14:00:00-05:00">Tuesday</time>
    <meta itemprop="endDate" content="2026-12-01T15:00:00-05:00"/>
    <div itemprop="location" itemscope itemtype="http://schema.org/Place">
      <span itemprop="name">Northwind</span>
      <div itemprop="address" itemscope itemtype="http://schema.org/PostalAddress">
        <span itemprop="streetAddress">1 Main St</span> <span itemprop="addressLocality">Springfield</span>
      </div>
    </div>
    <div itemprop="performer" itemscope itemtype="http://schema.org/Person"><i itemprop="name">Dana Lee</i></div>
  </td></tr></table>
</div></body></html>
"""


def script(data: object) -> str:
    return f'<p>Hello</p><script type="application/ld+json">{json.dumps(data)}</script>'


def read(html: str) -> tuple[Session, ...]:
    return read_markup(html, timezone=HOME)


def event(**changed: object) -> str:
    return script({**EVENT, **changed})


@pytest.mark.parametrize(
    "html",
    [
        script(EVENT),
        script(RESERVATION),
        script([{"@type": "Organization", "@context": "https://schema.org"}, RESERVATION]),
        script({"@context": "https://schema.org", "@graph": [{"@type": "WebSite"}, EVENT]}),
        script({**EVENT, "@type": ["BusinessEvent"]}),
        f'<script type="Application/LD+JSON"><!-- {json.dumps(EVENT)} --></script>',
        MICRODATA,
        MICRODATA + script(EVENT),
    ],
    ids=["event", "reservation", "list", "graph", "subtype", "comment", "microdata", "both"],
)
def test_an_event_is_found_in_every_notation(html: str) -> None:
    (session,) = read(html)
    assert session.start == datetime(2026, 12, 1, 19, tzinfo=UTC)
    assert session.end == datetime(2026, 12, 1, 20, tzinfo=UTC)
    assert session.title == "Interview with Northwind"
    assert session.location == "Northwind, 1 Main St, Springfield"
    assert session.medium is Medium.ONSITE
    assert session.status is EventStatus.CONFIRMED
    assert session.timezone is None
    assert [person.name for person in session.people] == ["Dana Lee"]


def test_a_time_without_an_offset_is_the_users() -> None:
    (session,) = read(event(startDate="2026-12-01T14:00"))
    assert session.start == datetime(2026, 12, 1, 20, tzinfo=UTC)
    assert session.end is None  # it would lie before the start


def test_a_date_is_a_whole_day() -> None:
    (session,) = read(event(startDate="2026-12-01", endDate=None))
    assert session.all_day
    assert session.start.isoformat() == "2026-12-01T00:00:00-06:00"


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"eventStatus": "https://schema.org/EventCancelled"}, EventStatus.CANCELLED),
        ({"eventStatus": "EventPostponed"}, EventStatus.TENTATIVE),
        ({"eventStatus": "https://schema.org/EventRescheduled"}, EventStatus.CONFIRMED),
    ],
)
def test_a_status_is_read(changed: dict[str, object], status: EventStatus) -> None:
    assert [session.status for session in read(event(**changed))] == [status]


def test_a_cancelled_reservation_cancels_its_event() -> None:
    (session,) = read(script({**RESERVATION, "reservationStatus": "ReservationCancelled"}))
    assert session.status is EventStatus.CANCELLED


def test_a_virtual_location_is_a_video_call() -> None:
    (session,) = read(event(location={"@type": "VirtualLocation", "url": "https://meet.example/x"}))
    assert (session.medium, session.location) == (Medium.VIDEO, "https://meet.example/x")


@pytest.mark.parametrize(
    "html",
    [
        "<p>An event at schema.org</p>",
        script({"@context": "https://schema.org", "@type": "JobPosting", "startDate": "2026-12-01", "name": "Event"}),
        event(startDate="soon"),
        event(startDate=["x", {}]),
        event(startDate="0001-01-01T00:00:00+14:00"),
        '<script type="application/ld+json">{"@type": "Event", schema.org</script>',
        '<script type="application/ld+json">' + '{"@graph":[' * 100_000 + "schema.org Event</script>",
        script({"@context": "https://schema.org", "@type": "EventReservation", "reservationFor": "Event"}),
    ],
    ids=["prose", "job", "words", "list", "first day", "broken", "deep", "no event"],
)
def test_nothing_is_found_where_no_event_with_a_start_is_stated(html: str) -> None:
    assert read(html) == ()


@pytest.mark.parametrize(
    "html",
    [
        script([{**EVENT, "startDate": f"2026-12-01T14:{n // 60:02}:{n % 60:02}Z"} for n in range(900)]),
        "schema.org/Event" + '<div itemscope itemtype="http://schema.org/Event">' * 15_000,
        '<div itemscope itemtype="http://schema.org/Event">' + '<p itemprop="name">' * 40_000,
        '<div itemscope itemtype="http://schema.org/Event">'
        + '<div itemprop="location" itemscope itemtype="http://schema.org/Event">' * 10_000,
        '<div itemscope itemtype="http://schema.org/Event">' + '<div itemprop="name">' * 20_000 + "x" * 500_000,
        "schema.org Event" + "<div>" * 195_000,
        "schema.org Event<p " + " ".join(f"a{n}" for n in range(140_000)) + ">",
        "schema.org Event" + "<a><b>" * 150_000,
    ],
    ids=["many", "deep items", "deep properties", "nested", "long properties", "deep", "attributes", "formatting"],
)
def test_a_body_made_to_hang_is_read_in_passing(html: str) -> None:
    began = time.process_time()
    assert len(read(html)) <= 20
    assert time.process_time() - began < 3


def test_markup_in_a_long_page_is_read_without_traces() -> None:
    page = "<p>Interview with <b>Dana</b> on the fifth floor, as every week.</p>" * 1000
    found = read(page + script(EVENT) + page)
    assert found == read(script(EVENT))
    long = {**EVENT, "description": "Interview " * 2000, "name": "Talk"}
    assert [session.title for session in read(page + script(long))] == ["Talk"]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["Event", "2026-12-01T14:00Z"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["@type", "@graph", "startDate", "location", "address", "name"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(
    VALUES, st.sampled_from(["@graph", "startDate", "location", "performer", "eventStatus", "reservationFor", "@type"])
)
def test_no_value_makes_the_reader_raise(value: object, name: str) -> None:
    for session in read(event(**{name: value})):
        assert session.start.tzinfo is not None
