"""The verbs by which the person gets hold of what is stored, or has it erased: export, forget."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from daemon.assembly import make_keeper, read_config
from daemon.options import config_option, json_option

TARGETS = "PERSON|COMPANY|APPLICATION|all"
_LEFT = (
    "your mailbox: its messages and drafts are yours, and were not touched",
    "keyed hashes of the messages and of the letters made, so that nothing of it is read or made again",
    "what your configuration names, and lines of the system's log (they hold no names and no subjects)",
)


@click.command()
@click.argument("target", metavar=f"[{TARGETS}]", default="all")
@click.option("--ics", "path", metavar="FILE|-", help="Instead, write the planned letters as calendar entries.")
@config_option
@json_option
def export(target: str, path: str | None, config_path: Path | None, as_json: bool) -> None:
    """Print all that is stored about somebody, as JSON Lines: the table, and each row of it as it lies there.

    TARGET is a person's address or full name, a company, the beginning of an application's id, or all. It works beside
    a running daemon and touches no mailbox.
    """
    from daemon.ledger import Ledger
    from daemon.subjects import find_subject
    from daemon.tables import JsonLines

    if path is not None:
        _export_calendar(path, config_path, as_json=as_json)
        return
    config = read_config(config_path)
    with Ledger.in_memory(copy_of=config.state_directory(os.environ)) as ledger:
        keeper = make_keeper(config, ledger)
        facts = [fact for account in config.accounts for fact in keeper.facts(account.name)]
        subject = find_subject(target, keeper.timelines(), keeper.agenda(datetime.now(UTC)), facts)
        JsonLines().print({"table": table, **row} for table, row in ledger.held(subject))


def _export_calendar(path: str, config_path: Path | None, *, as_json: bool) -> None:
    from daemon.calendar_file import known_facts, write_atomically, write_calendar
    from daemon.errors import InputError
    from daemon.ledger import Ledger
    from daemon.tables import JsonLines

    config = read_config(config_path)
    with Ledger.in_memory(copy_of=config.state_directory(os.environ)) as ledger:
        keeper = make_keeper(config, ledger)
        agenda = keeper.agenda(datetime.now(UTC))
        content = write_calendar(agenda, known_facts(keeper.timelines()), ledger.acts())
    if path == "-":
        sys.stdout.buffer.write(content)
        return
    try:
        write_atomically(Path(path), content)
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror}); name another file") from error
    entries = len(agenda.due) + len(agenda.planned)
    if as_json:
        JsonLines().print(iter([{"file": path, "entries": entries}]))
    else:
        click.echo(f"{entries} planned letter{'' if entries == 1 else 's'} written to {path}")


@click.command()
@click.argument("target", metavar=TARGETS)
@click.option("--yes", is_flag=True, help="Do not ask.")
@config_option
@json_option
def forget(target: str, yes: bool, config_path: Path | None, as_json: bool) -> None:
    """Erase all that is stored about somebody; it does not come back. Touches no mailbox. Stop the daemon first.

    TARGET is a person's address or full name, a company, the beginning of an application's id, or all. All messages
    that name a person are forgotten with them, and with these what was planned from them.
    """
    from daemon.ledger import Ledger
    from daemon.subjects import find_subject
    from daemon.tables import JsonLines

    config = read_config(config_path)
    os.umask(0o077)
    # The lock of a running daemon refuses us: it would go on with what it has in mind.
    with Ledger.open(config.state_directory(os.environ)) as ledger:
        keeper = make_keeper(config, ledger)
        facts = [fact for account in config.accounts for fact in keeper.facts(account.name)]
        subject = find_subject(target, keeper.timelines(), keeper.agenda(datetime.now(UTC)), facts)
        if not yes and sys.stdin.isatty():
            click.confirm(f"Erase what is stored about {subject.name} for good?", abort=True, err=True)
        erased = ledger.forget(subject)
    left = [
        *_LEFT,
        *([f"the calendar file {config.calendar_file}, until the daemon runs"] if config.calendar_file else []),
    ]
    document = {"forgotten": subject.name, "scope": subject.scope, "rows": dict(erased), "left": left}
    if as_json:
        JsonLines().print(iter([document]))
        return
    rows = ", ".join(f"{number} of {table}" for table, number in erased.items() if number) or "nothing"
    click.echo(f"Forgotten about {subject.name}: {rows}; and every copy of the ledger.")
    click.echo("What is left:")
    for what in left:
        click.echo(f"  {what}")
