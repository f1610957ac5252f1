"""Compares the starts of calendar files with what three other parsers agree on."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from benchmarks.labelled import lines
from benchmarks.measure import Measure
from parsers.invite import read_calendar
from parsers.model import Invite


def measure_calendars(folder: Path) -> Measure:
    """Read every file of `gold.jsonl`: the start of its first event, UTC where that is known, else as written."""
    measure = Measure()
    read = scored = right = 0
    for row in lines(folder / "gold.jsonl"):
        raw = (folder / row["file"]).read_bytes()
        events = read_calendar(raw, timezone="UTC").events
        read += 1
        stated = _stated(row["gold"])
        if stated is None:
            continue
        scored += 1
        first = next((event for event in events if event.recurrence_id is None), None) or next(iter(events), None)
        found = _start(first, stated)
        right += found == stated
        if found != stated:
            measure.misses.append(f"{row['file']}: start {stated}, read {found}")
    measure.summary.append(f"Calendar files of others: {read} read, none raised; start exact in {right} of {scored}.")
    return measure


def _stated(gold: dict[str, Any]) -> date | datetime | None:
    if stated := gold.get("start_utc"):
        return datetime.fromisoformat(stated)
    if stated := gold.get("start_local"):
        return datetime.fromisoformat(stated) if "T" in stated else date.fromisoformat(stated)
    return None


def _start(event: Invite | None, stated: date | datetime) -> date | datetime | None:
    if event is None or event.start is None:
        return None
    if not isinstance(stated, datetime):
        return event.start.date() if event.all_day else None
    return event.start.astimezone(UTC) if stated.tzinfo else event.start.replace(tzinfo=None)
