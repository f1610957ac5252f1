"""Time zones by the names that calendars and people give them."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tzlocal.windows_tz import win_tz

from parsers.zones import offset_named, zone_abbreviations, zone_named, zone_of_abbreviation, zone_phrases


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ('"europe/berlin"', "Europe/Berlin"),
        ("America/New York", "America/New_York"),
        ("America/Indiana/Knox", "America/Indiana/Knox"),
        ("/freeassociation.sourceforge.net/Tzfile/Europe/Berlin", "Europe/Berlin"),
        ("/mozilla.org/20050126_1/America/Indiana/Knox", "America/Indiana/Knox"),
        ("US/Eastern", "America/New_York"),
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("Europe/Oslo", "Europe/Oslo"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("India Standard Time", "Asia/Kolkata"),
        ("GMT Standard Time", "Europe/London"),
        ("(UTC-05:00) Eastern Time (US & Canada)", "America/New_York"),
        ("Eastern Time (US & Canada)", "America/New_York"),
        ("Eastern Time - US & Canada", "America/New_York"),
        ("Eastern Time - New York", "America/New_York"),
        ("Eastern Time - Toronto", "America/Toronto"),
        ("Greenwich Mean Time : Dublin, Edinburgh, Lisbon, London", "Europe/London"),
        ("(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", "Europe/Berlin"),
        ("(UTC+05:30) Chennai, Kolkata, Mumbai, New Delhi", "Asia/Kolkata"),
        ("(UTC) Coordinated Universal Time", "UTC"),
        ("Pacific Time", "America/Los_Angeles"),
        ("Pacific Daylight Time", "America/Los_Angeles"),
        ("London time", "Europe/London"),
        ("Berlin", "Europe/Berlin"),
        ("São Paulo", "America/Sao_Paulo"),
        ("Central European Time", "Europe/Berlin"),
        ("Mitteleuropäische Zeit", "Europe/Berlin"),
        ("heure de Paris", "Europe/Paris"),
        ("hora de Madrid", "Europe/Madrid"),
        ("CET (Berlin)", "Europe/Berlin"),
        ("EST5EDT", "America/New_York"),
        ("Etc/UTC", "UTC"),
        ("tzone://Microsoft/Utc", "UTC"),
    ],
)
def test_a_zone_is_found_by_each_kind_of_name(name: str, zone: str) -> None:
    assert zone_named(name) == zone


@pytest.mark.parametrize(
    "name", ["", "/", "Customized Time Zone", "may", "GMT+2", "-08:00", "lunch time", "x" * 10_000]
)
def test_a_name_that_identifies_no_zone_gives_none(name: str) -> None:
    assert zone_named(name) is None


@pytest.mark.parametrize("name", sorted(win_tz))
def test_every_windows_zone_is_known(name: str) -> None:
    zone = zone_named(name)
    assert zone is not None
    assert ZoneInfo(zone).key == zone


def test_every_zone_of_the_tables_exists() -> None:
    for phrase in (*zone_phrases(), *zone_abbreviations()):
        zone = zone_named(phrase)
        assert zone is not None, phrase
        assert ZoneInfo(zone).key == zone


@pytest.mark.parametrize(
    ("name", "hours"),
    [("(UTC-05:00) Eastern Time", -5), ("+0530", 5.5), ("GMT+2", 2), ("UTC−8", -8), ("-08:00", -8)],
)
def test_an_offset_is_read_from_a_name_that_states_one(name: str, hours: float) -> None:
    assert offset_named(name) == timedelta(hours=hours)


@pytest.mark.parametrize("name", ["Berlin", "", "+99", "UTC", "+05:99"])
def test_a_name_without_a_real_offset_has_none(name: str) -> None:
    assert offset_named(name) is None


@pytest.mark.parametrize(
    ("abbreviation", "default", "hours", "zone"),
    [
        ("EST", "Europe/London", None, "America/New_York"),
        ("ET", "America/Phoenix", None, "America/New_York"),
        ("EST", "America/Toronto", None, "America/Toronto"),
        ("MST", "America/Phoenix", None, "America/Phoenix"),
        ("CST", "America/New_York", None, "America/Chicago"),
        ("CST", "America/New_York", 8, "Asia/Shanghai"),
        ("CST", "Asia/Shanghai", None, "Asia/Shanghai"),
        ("IST", "Europe/London", None, "Asia/Kolkata"),
        ("IST", "Europe/Dublin", None, "Europe/Dublin"),
        ("IST", "America/New_York", 3, "Asia/Jerusalem"),
        ("BST", "America/New_York", None, "Europe/London"),
        ("AST", "Asia/Riyadh", None, "Asia/Riyadh"),
        ("MEZ", "Europe/Vienna", None, "Europe/Vienna"),
        ("CEST", "America/New_York", None, "Europe/Berlin"),
        ("AEST", "Europe/London", None, "Australia/Sydney"),
        ("u.t.c.", "Europe/London", None, "UTC"),
    ],
)
def test_an_abbreviation_is_ranked_by_offset_then_by_the_users_zone(
    abbreviation: str, default: str, hours: int | None, zone: str
) -> None:
    offset = None if hours is None else timedelta(hours=hours)
    found = zone_of_abbreviation(abbreviation, default=default, offset=offset)
    assert found is not None
    assert found.zone == zone


def test_an_ambiguous_abbreviation_names_its_other_readings() -> None:
    found = zone_of_abbreviation("IST", default="America/New_York")
    assert found is not None
    assert found.alternatives == ("Europe/Dublin", "Asia/Jerusalem")


def test_an_unknown_abbreviation_gives_none() -> None:
    assert zone_of_abbreviation("XYZ", default="UTC") is None


@given(st.text(max_size=300))
def test_no_name_makes_the_reader_fail(name: str) -> None:
    zone = zone_named(name)
    assert zone is None or ZoneInfo(zone).key == zone
    offset_named(name)
