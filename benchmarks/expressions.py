"""Compares the dates and times that are found in sentences with the labelled ones."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks.labelled import lines
from benchmarks.measure import Measure
from parsers.model import Grain, Moment
from parsers.when import find_moments


def measure_moments(path: Path) -> Measure:
    """Score a `moments.jsonl`: an expression is exact if something that overlaps it has its grain, start and end.

    Of a window only the last day counts, as in a promise.
    """
    measure = Measure()
    stated = exact = found = 0
    for row in lines(path):
        sent_at = datetime.fromisoformat(row["ref"]).replace(tzinfo=ZoneInfo(row["tz"]))
        moments = list(
            find_moments(
                row["text"],
                sent_at=sent_at,
                timezone=row["tz"],
                month_first=row["order"] == "MDY",
                language=row["lang"],
            )
        )
        stated += len(row["gold"])
        found += len(moments)
        for gold in row["gold"]:
            right = next((moment for moment in moments if _same(gold, moment)), None)
            if right is None:
                measure.misses.append(f"{row['text']}: {gold['span']} missed; read {[m.text for m in moments]}")
            else:
                moments.remove(right)
                exact += 1
        measure.misses.extend(f"{row['text']}: read {moment.text}, which is not stated" for moment in moments)
    measure.summary.append(
        f"Moments: {exact} of {stated} expressions exact ({exact / stated:.3f}); "
        f"{exact} of {found} findings right (precision {exact / found:.3f})."
    )
    return measure


def _same(gold: dict[str, Any], moment: Moment) -> bool:
    begins, ends = gold["pos"]
    grain = Grain(gold["grain"])
    a_day = grain is Grain.WINDOW and moment.grain is Grain.DAY  # "on the 16th": a window of one day
    if moment.span[0] >= ends or moment.span[1] <= begins or (moment.grain != grain and not a_day):
        return False
    if grain is Grain.WINDOW:
        last = moment.end or moment.start
        return last is not None and str(last.date()) in (gold["latest"], *gold.get("alt", ()))
    if moment.start is None:
        return False
    starts = (gold["start"], *gold.get("alt", ()))
    if moment.grain is Grain.DAY:
        return str(moment.start.date()) in starts
    end = gold.get("end")
    same_end = not end or (moment.end is not None and moment.end == _shifted(gold, moment, datetime.fromisoformat(end)))
    return any(moment.start == datetime.fromisoformat(start) for start in starts) and same_end


def _shifted(gold: dict[str, Any], moment: Moment, end: datetime) -> datetime:
    """Give the end that goes with the start that was read, where another start than the first is right too."""
    if moment.start is None:
        return end
    return end + (moment.start - datetime.fromisoformat(gold["start"]))
