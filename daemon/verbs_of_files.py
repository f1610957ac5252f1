"""The verbs that read mail in files and touch no account: read, replay, demo."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from daemon.assembly import find_person, in_zone
from daemon.errors import InputError
from daemon.options import PATH, Instant, config_option, json_option, me_option, timezone_option

if TYPE_CHECKING:
    # For types only: each of these costs tens of milliseconds at start.
    from daemon.decision import Decision


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--received", type=Instant(), help="When the message arrived, if it does not say.")
@config_option
@timezone_option
@me_option
@json_option
def read(
    paths: tuple[str, ...],
    received: datetime | None,
    config_path: Path | None,
    timezone: str | None,
    me: tuple[str, ...],
    as_json: bool,
) -> None:
    """Say what one message says: .eml, .ics, a Maildir, an mbox, a folder of these, or - for standard input."""
    from daemon.archive import LARGEST, Stored, read_path
    from daemon.reading import read_apart, reading
    from daemon.tables import JsonLines, print_readings
    from daemon.worker import Worker

    person = find_person(config_path, timezone, me)
    unreadable: list[InputError] = []

    def messages() -> Iterator[Stored]:
        for path in paths:
            if path == "-":
                yield Stored.held("-", sys.stdin.buffer.read(LARGEST))
                continue
            try:
                yield from read_path(Path(path))
            except InputError as error:
                unreadable.append(error)

    arrived = in_zone(received, person.timezone)
    reader = person.reader()
    worker = Worker()
    documents = (reading(read_apart(stored, reader, worker, received_at=arrived), stored.path) for stored in messages())
    if as_json:
        JsonLines().print(documents)
    else:
        print_readings(documents)
    if unreadable:
        raise InputError("\n".join(str(error) for error in unreadable))


@click.command()
@click.argument("source", type=PATH)
@click.option("--until", type=Instant(), required=True, help="The instant at which the virtual clock ends.")
@click.option("--since", type=Instant(), help="Print only what is decided from this instant on.")
@click.option("--drafts", type=PATH, help="Also write each draft into this folder as .eml.")
@config_option
@timezone_option
@me_option
@json_option
def replay(
    source: Path,
    until: datetime,
    since: datetime | None,
    drafts: Path | None,
    config_path: Path | None,
    timezone: str | None,
    me: tuple[str, ...],
    as_json: bool,
) -> None:
    """Go through a Maildir or mbox on a virtual clock and print every decision at the instant at which it falls."""
    from daemon.archive import read_path
    from daemon.replay import Replay
    from daemon.report import decided
    from daemon.tables import JsonLines, print_decisions

    started = time.perf_counter()
    messages = list(read_path(source))
    person = find_person(config_path, timezone, me).learn_from(messages)
    run = Replay(person.settings(), person.policy)

    def write_out(decision: Decision, message: bytes) -> None:
        if drafts:
            drafts.mkdir(parents=True, exist_ok=True)
            stamp = decision.at.strftime("%Y%m%dT%H%M%S")
            (drafts / f"{stamp}-{decision.kind}-{decision.id}.eml").write_bytes(message)

    end = in_zone(until, person.timezone) or until
    decisions = run.run(messages, until=end, since=in_zone(since, person.timezone), on_draft=write_out)
    if as_json:
        JsonLines().print(decided(decision) for decision in decisions)
    else:
        print_decisions(decisions, person.timezone)
        seconds = time.perf_counter() - started
        rate = f"{run.delivered} messages in {seconds:.1f} s: {run.delivered / seconds:.0f} a second"
        click.echo(rate, err=True)


@click.command()
@click.argument("folder", type=PATH, default=Path("demo-mail"))
@json_option
def demo(folder: Path, as_json: bool) -> None:
    """Do the whole main job on sample mail in a Maildir of its own, without an account and without a network."""
    from daemon.demo import Demo
    from daemon.report import decided
    from daemon.tables import JsonLines, print_decisions

    demonstration = Demo(folder)
    decisions = demonstration.run()
    if as_json:
        JsonLines().print(decided(decision) for decision in decisions)
    else:
        print_decisions(decisions, demonstration.timezone)
        click.echo(f"The mail and the drafts are in {folder.resolve()}; look at them with: mutt -f {folder}/.Drafts")
