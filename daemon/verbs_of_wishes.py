"""The verbs by which the person says what they want nothing of: mute, snooze, resume.

They append to the ledger beside a running daemon, which acts on them within its next tick.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from daemon.assembly import in_zone, make_keeper, read_config
from daemon.options import Instant, config_option, json_option

if TYPE_CHECKING:
    # For types only: each of these costs tens of milliseconds at start.
    from composer.acts import Wish
    from daemon.wishes import Target

target_argument = click.argument("target", metavar="ID|COMPANY")


@click.command()
@target_argument
@config_option
@json_option
def mute(target: str, config_path: Path | None, as_json: bool) -> None:
    """Want nothing more of a follow-up, an application or a company; what waits untouched in Drafts is taken back."""
    from daemon.wishes import mute as wish

    _wish(target, config_path, wish, as_json=as_json)


@click.command()
@target_argument
@click.option("--until", type=Instant(), required=True, help="A day (its end) or an instant.")
@config_option
@json_option
def snooze(target: str, until: datetime, config_path: Path | None, as_json: bool) -> None:
    """Want nothing of a follow-up, an application or a company before a day; it is put off, not dropped."""
    from daemon.wishes import snooze as wish

    end = in_zone(until, read_config(config_path).timezone) or until
    _wish(target, config_path, lambda found, at: wish(found, at, end), as_json=as_json)


@click.command()
@target_argument
@config_option
@json_option
def resume(target: str, config_path: Path | None, as_json: bool) -> None:
    """Take back what mute and snooze said of the same follow-up, application or company."""
    from daemon.wishes import resume as wish

    _wish(target, config_path, wish, as_json=as_json)


def _wish(said: str, path: Path | None, make: Callable[[Target, datetime], Wish], *, as_json: bool) -> None:
    from daemon.ledger import Ledger
    from daemon.tables import JsonLines, print_wish
    from daemon.wishes import find_target, report

    config = read_config(path)
    with Ledger.beside(config.state_directory(os.environ)) as ledger:
        keeper = make_keeper(config, ledger)
        now = datetime.now(UTC)
        target = find_target(said, keeper.timelines(), keeper.agenda(now), ledger)
        wish = make(target, now)
        ledger.record_act(wish)
    document = report(wish, target)
    if as_json:
        JsonLines().print(iter([document]))
    else:
        print_wish(document, config.timezone)
