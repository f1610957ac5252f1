"""Moments as recruiters of several countries write them, and the numbers in their mails that are none."""

import tomllib
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from parsers.model import Grain, Moment
from parsers.when import NO_DATE, find_moments

ROWS = tomllib.loads((Path(__file__).parent / "moments.toml").read_text(encoding="utf-8"))


def read(text: str, language: str, zone: str) -> tuple[Moment, ...]:
    sent_at = datetime(2026, 11, 25, 10, 0, tzinfo=ZoneInfo(zone))
    return find_moments(
        text, sent_at=sent_at, timezone=zone, month_first=zone.startswith("America/New"), language=language
    )


def described(moment: Moment) -> str:
    first = f"{moment.start:%Y-%m-%d}" if moment.start else ""
    if moment.grain is Grain.DAY or moment.start is None:
        return first or f"..{moment.end:%Y-%m-%d}"
    if moment.grain is Grain.WINDOW:
        return f"{first}..{moment.end:%Y-%m-%d}"
    end = f"/{moment.end:%H:%M}" if moment.end else ""
    mark = " ?" if NO_DATE in moment.flags else ""
    return f"{moment.start:%Y-%m-%dT%H:%M}{end} {moment.timezone or moment.start.strftime('%z')}{mark}"


@pytest.mark.parametrize(("language", "zone", "text", "moments"), ROWS["stated"])
def test_a_sentence_of_any_country_states_its_moments(language: str, zone: str, text: str, moments: str) -> None:
    assert "; ".join(described(moment) for moment in read(text, language, zone)) == moments


@pytest.mark.parametrize(("language", "zone", "text"), ROWS["nothing"])
def test_prices_streets_rooms_and_versions_are_no_dates(language: str, zone: str, text: str) -> None:
    assert read(text, language, zone) == ()
