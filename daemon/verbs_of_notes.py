"""The verb by which the person adds what the mails do not say: note.

A note is appended to the ledger beside a running daemon; the next letter that is written for the visit uses it.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from daemon.assembly import make_keeper, read_config
from daemon.options import config_option, json_option


@click.command()
@click.argument("interview")
@click.argument("text", nargs=-1, required=True)
@click.option("--for", "about", metavar="NAME", help="The one interviewer whom the note is about.")
@config_option
@json_option
def note(interview: str, text: tuple[str, ...], about: str | None, config_path: Path | None, as_json: bool) -> None:
    """Note what was talked about; the thank-you letters that are not yet written use it.

    INTERVIEW is the beginning of the id of an interview, a follow-up or an application, or a company. TEXT is "-" for
    standard input. "Dana: the caching project" is for Dana alone.
    """
    from daemon.ledger import Ledger
    from daemon.noting import find_visit, recorded
    from daemon.noting import note as make_note
    from daemon.tables import JsonLines

    config = read_config(config_path)
    words = sys.stdin.read() if text == ("-",) else " ".join(text)
    with Ledger.beside(config.state_directory(os.environ)) as ledger:
        keeper = make_keeper(config, ledger)
        now = datetime.now(UTC)
        agenda = keeper.agenda(now)
        known = [*agenda.due, *agenda.planned, *(row.followup for row in ledger.drafts())]
        visit = find_visit(interview, keeper.timelines(), known, now)
        noted = make_note(visit, words, about, now)
        ledger.record_act(noted)
        document = recorded(noted, visit, ledger.drafts(), agenda)
    if as_json:
        JsonLines().print(iter([document]))
    else:
        click.echo(f"Noted: {document['name']}")
        for letter in document["planned"]:
            click.echo(f"  the letter to {letter['to']} will use it")
        for letter in document["already_written"]:
            click.echo(f"  the letter to {letter['to']} is written already; it is not touched")
