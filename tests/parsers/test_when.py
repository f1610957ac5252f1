"""Moments in the prose of interview mail."""

from datetime import datetime
from zoneinfo import ZoneInfo

from parsers.model import Grain
from parsers.when import find_moments

SENT = datetime(2026, 11, 25, 10, 0, tzinfo=ZoneInfo("America/New_York"))


def test_a_date_a_time_and_a_zone_make_one_moment() -> None:
    (moment,) = find_moments("We meet on Tuesday, December 1 at 2:00 PM PT.", sent_at=SENT, timezone="America/New_York")
    assert moment.grain is Grain.MINUTE
    assert moment.start == datetime(2026, 12, 1, 14, 0, tzinfo=ZoneInfo("America/Los_Angeles"))
    assert moment.timezone == "America/Los_Angeles"
