"""States how well mail is read, on the project's own corpus and on a collection of others' mail where there is one.

    python -m benchmarks.accuracy [--others FOLDER] [--misses]

Precision, recall and F1 are of kinds as read, at any confidence; "unsure" counts the findings below 0.8, on which the
program does nothing but list them. A field is right only if it is exact: a start to the minute, a promise to the day.
"""

from __future__ import annotations

import argparse
import email
import email.policy
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.calendars import measure_calendars
from benchmarks.conventions import measure_expressions
from benchmarks.expressions import measure_moments
from benchmarks.labelled import CORPUS, Case, job_cases, negative_cases, own_cases
from benchmarks.measure import Measure
from benchmarks.scoring import Score, Tally
from benchmarks.threads import measure_threads

ROUNDS = 3  # of the speed measure; the fastest counts


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--others", type=Path, help="a folder of others' labelled mail")
    parser.add_argument("--misses", action="store_true", help="name every case that is not read as labelled")
    chosen = parser.parse_args()
    console = Console(width=120, highlight=False)
    _report(console, "The project's corpus", own_cases(), misses=chosen.misses)
    _print(console, measure_threads(CORPUS), misses=chosen.misses)
    _report(console, "Of these, those kept aside", filter(lambda case: case.kept_aside, own_cases()), misses=False)
    if chosen.others is not None and chosen.others.is_dir():
        _report_others(console, chosen.others, misses=chosen.misses)


def _report_others(console: Console, folder: Path, *, misses: bool) -> None:
    _report(console, "Job mails of others", job_cases(folder / "job_mails.jsonl"), misses=misses)
    _report(console, "Mails of others that are no job mail", negative_cases(folder / "negatives"), misses=misses)
    for measure in (
        measure_moments(folder / "moments.jsonl"),
        measure_expressions(folder / "datetime_expressions.jsonl"),
        measure_calendars(folder / "ics"),
    ):
        _print(console, measure, misses=misses)
    console.print(_speed(list(negative_cases(folder / "negatives"))))


def _print(console: Console, measure: Measure, *, misses: bool) -> None:
    console.print(*measure.summary, sep="\n")
    if misses:
        console.print(*measure.misses, sep="\n", markup=False)
    console.print()


def _report(console: Console, title: str, cases: Iterable[Case], *, misses: bool) -> None:
    score = Score()
    for case in cases:
        score.add(case)
    console.print(f"[bold]{title}[/bold]: {score.cases} messages")
    kinds = dict(sorted(score.kinds.items(), key=lambda item: -item[1].stated))
    console.print(_table("kind", kinds))
    if score.fields:
        console.print(_table("field", score.fields))
    for group in ("half", "collection", "language", "system", "style"):
        shares = {value: tally for (of, value), tally in sorted(score.by.items()) if of == group}
        if len(shares) > 1:
            console.print(f"Kinds right by {group}:", ", ".join(f"{k} {t.right}/{t.stated}" for k, t in shares.items()))
    console.print(
        f"Unsure findings: {score.unsure['right']} right, {score.unsure['wrong']} wrong. "
        f"False interviews at 0.8 or more: {score.phantoms}.\n"
    )
    if misses:
        console.print(*score.misses, sep="\n", markup=False)
        console.print()


def _table(head: str, tallies: dict[str, Tally]) -> Table:
    table = Table(head, "stated", "right", "missed", "false", "precision", "recall", "F1")
    for column in table.columns[1:]:
        column.justify = "right"
    for name, tally in tallies.items():
        counts = (tally.stated, tally.right, tally.missed, tally.false)
        shares = (tally.precision, tally.recall, tally.f1)
        table.add_row(name, *map(str, counts), *("" if share is None else f"{share:.3f}" for share in shares))
    return table


def _speed(cases: list[Case]) -> str:
    """Compare reading to the end with what the standard library takes to parse and give the text of the same mails."""
    ours = min(_timed(cases, lambda case: case.read()) for _ in range(ROUNDS))
    theirs = min(_timed(cases, _parse) for _ in range(ROUNDS))
    return (
        f"Speed over {len(cases)} mails: {len(cases) / ours:.0f} read a second; email.policy.default parses "
        f"{len(cases) / theirs:.0f} a second ({ours / theirs:.2f} x its time)."
    )


def _timed(cases: list[Case], work: Callable[[Case], object]) -> float:
    began = time.process_time()
    for case in cases:
        work(case)
    return time.process_time() - began


def _parse(case: Case) -> None:
    message = email.message_from_bytes(case.message, policy=email.policy.default)
    for part in message.walk():
        if part.get_content_maintype() == "text":
            try:
                part.get_content()
            except (LookupError, ValueError):  # a charset that does not exist
                continue


if __name__ == "__main__":
    main()
