"""Folds the corpus's whole threads and compares what stands at their end with the labels."""

from __future__ import annotations

import tomllib
from datetime import datetime
from pathlib import Path

from benchmarks.labelled import LABELS, own_cases
from benchmarks.measure import Measure
from parsers.model import Offered, Rejected, Timeline, Withdrew
from parsers.timeline import fold

ENDS = {Rejected: "rejected", Offered: "offer", Withdrew: "withdrawn"}


def measure_threads(corpus: Path) -> Measure:
    """Fold every folder whose labels have a `[thread]`: number of applications, standing interviews, the end."""
    measure = Measure()
    threads = right = 0
    for labels in sorted(corpus.rglob(LABELS)):
        gold = tomllib.loads(labels.read_text("utf-8")).get("thread")
        if gold is None:
            continue
        threads += 1
        timelines = fold(case.facts() for case in own_cases(labels.parent))
        starts = {i.current.start for t in timelines for i in t.interviews if i.stands}
        stated = {datetime.fromisoformat(start) for start in gold["interviews"]}
        found = (len(timelines), starts, _end(timelines[0]) if timelines else None)
        if found == (gold["applications"], stated, gold.get("ended")):
            right += 1
        else:
            measure.misses.append(f"{labels.parent.name}: read {found[0]} applications, {sorted(starts)}, {found[2]}")
    measure.summary.append(f"Whole threads: {right} of {threads} folded into what stands at their end.")
    return measure


def _end(timeline: Timeline) -> str | None:
    ends = [ENDS[type(s)] for fact in timeline.facts for s in fact.statements if type(s) in ENDS]
    return ends[-1] if ends else None
