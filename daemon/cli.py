"""The command line: reads options, has the concrete things built, hands them to the rest, prints what comes back.

Libraries are imported where a verb needs them, so that `--version` and `--help` stay quick.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from daemon.assembly import (
    find_person,
    in_zone,
    make_keeper,
    open_mailbox,
    read_config,
    scan_ledger,
    unreadable_messages,
)
from daemon.errors import InputError, TactfulError

if TYPE_CHECKING:
    # For types only: each of these costs tens of milliseconds at start.
    from daemon.config import Config
    from daemon.decision import Decision
    from daemon.keeper import Keeper
    from daemon.ledger import Ledger
    from daemon.report import JsonObject


class _Instant(click.ParamType[datetime]):
    """An RFC 3339 instant, or a day (its last second); without an offset it is in the user's zone."""

    name = "instant"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read the text; the zone is attached later, when it is known."""
        if isinstance(value, datetime):
            return value
        try:
            instant = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not an instant like 2026-12-01T17:00:00-05:00", param, ctx)
        return instant.replace(hour=23, minute=59, second=59) if len(value) == len("2026-12-01") else instant


class _Timezone(click.ParamType[str]):
    """The name of a time zone."""

    name = "zone"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check that the zone exists."""
        from zoneinfo import ZoneInfo

        try:
            return ZoneInfo(value).key
        except (ValueError, OSError):
            self.fail(f"{value!r} is not a time zone; give a name like Europe/Berlin", param, ctx)


_PATH = click.Path(path_type=Path)
config_option = click.option("--config", "config_path", type=_PATH, help="The configuration (YAML).")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON Lines.")
timezone_option = click.option(
    "--timezone", type=_Timezone(), help="Your time zone; default: the config's or system's."
)
me_option = click.option("--me", multiple=True, metavar="ADDRESS", help="One of the user's own addresses (repeatable).")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tactful", message="tactful %(version)s")
def cli() -> None:
    """Put the right follow-up letter into Drafts at the right moment, and know when to keep quiet."""


def main() -> None:
    """Run the command; end with the exit status that the error has (sysexits.h)."""
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.Exit as end:
        sys.exit(end.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except click.Abort:
        sys.exit(130)
    except BrokenPipeError:
        # Whoever read our output has had enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except TactfulError as error:
        click.echo(f"tactful: {error}", err=True)
        sys.exit(error.exit_status)


# ------------------------------------------------------------------------------------------------- read and replay


@cli.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--received", type=_Instant(), help="When the message arrived, if it does not say.")
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
    from daemon.archive import Stored, read_path
    from daemon.reading import read_stored, reading
    from daemon.tables import JsonLines, print_readings

    person = find_person(config_path, timezone, me)
    unreadable: list[InputError] = []

    def messages() -> Iterator[Stored]:
        for path in paths:
            if path == "-":
                yield Stored(path="-", message=sys.stdin.buffer.read(), arrived=None)
                continue
            try:
                yield from read_path(Path(path))
            except InputError as error:
                unreadable.append(error)

    arrived = in_zone(received, person.timezone)
    reader = person.reader()
    documents = (reading(read_stored(stored, reader, received_at=arrived), stored.path) for stored in messages())
    if as_json:
        JsonLines().print(documents)
    else:
        print_readings(documents)
    if unreadable:
        raise InputError("\n".join(str(error) for error in unreadable))


@cli.command()
@click.argument("source", type=_PATH)
@click.option("--until", type=_Instant(), required=True, help="The instant at which the virtual clock ends.")
@click.option("--since", type=_Instant(), help="Print only what is decided from this instant on.")
@click.option("--drafts", type=_PATH, help="Also write each draft into this folder as .eml.")
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


@cli.command()
@click.argument("folder", type=_PATH, default=Path("demo-mail"))
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


# -------------------------------------------------------------------------------------------------- a real mailbox


@cli.command()
@config_option
@json_option
def check(config_path: Path | None, as_json: bool) -> None:
    """Validate the configuration, log in, find the folders, and say what is missing. Writes nothing."""
    from daemon.checkup import check_account
    from daemon.tables import JsonLines, print_checkup

    config = read_config(config_path)
    documents: list[JsonObject] = []
    errors: list[TactfulError] = []
    for account in config.accounts:
        try:
            mailbox = open_mailbox(account, config)
            try:
                documents.append(check_account(account.name, mailbox, getattr(mailbox, "capabilities", None)))
            finally:
                mailbox.close()
        except TactfulError as error:
            documents.append({"account": account.name, "ok": False, "problems": [str(error)]})
            errors.append(error)
    if as_json:
        JsonLines().print(iter(documents))
    else:
        print_checkup(documents)
    if errors:
        raise errors[0]


@cli.command()
@config_option
@json_option
def scan(config_path: Path | None, as_json: bool) -> None:
    """Make one pass over the mailbox and say what is there, planned and held back. Writes nothing to the mailbox."""
    from daemon.report import interviews, planned
    from daemon.tables import JsonLines, Progress, print_plan

    config = read_config(config_path)
    with scan_ledger(config) as ledger:
        keeper = make_keeper(config, ledger)
        now = datetime.now(UTC)
        with Progress(shown=not as_json) as progress:
            for account in config.accounts:
                mailbox = open_mailbox(account, config)
                try:
                    keeper.attach(account.name, mailbox)
                    keeper.look(account.name, now, progress.update)
                finally:
                    mailbox.close()
        agenda = keeper.agenda(now)
        documents = [*interviews(keeper.timelines()), *planned(agenda), *unreadable_messages(config, ledger)]
    if as_json:
        JsonLines().print(iter(documents))
    else:
        print_plan(documents, config.timezone)


@cli.command()
@click.option("--once", is_flag=True, help="Make one complete pass, drafts included, and end.")
@config_option
@json_option
def run(once: bool, config_path: Path | None, as_json: bool) -> None:
    """Be the daemon: watch the mailboxes and put drafts into Drafts when they are due. Writes to Drafts only."""
    from daemon.ledger import Ledger
    from daemon.log import set_up_logging

    config = read_config(config_path)
    set_up_logging(config.log_level, os.environ)
    # What is written by the process is for its person alone.
    os.umask(0o077)
    with Ledger.open(config.state_directory(os.environ)) as ledger:
        keeper = make_keeper(config, ledger)
        if once:
            _run_once(config, keeper, as_json=as_json)
        else:
            _serve(config, keeper, ledger)


def _run_once(config: Config, keeper: Keeper, *, as_json: bool) -> None:
    from daemon.report import decided
    from daemon.tables import JsonLines, Progress, print_decisions

    decisions: list[Decision] = []
    with Progress(shown=not as_json) as progress:
        for account in config.accounts:
            mailbox = open_mailbox(account, config)
            try:
                keeper.attach(account.name, mailbox)
                decisions += keeper.keep(account.name, datetime.now(UTC), progress.update)[1]
            finally:
                mailbox.close()
    if as_json:
        JsonLines().print(decided(decision) for decision in decisions)
    else:
        print_decisions(iter(decisions), config.timezone)


def _serve(config: Config, keeper: Keeper, ledger: Ledger) -> None:
    import asyncio
    from functools import partial

    from daemon.clock import WallClock
    from daemon.notify import Notifier
    from daemon.service import Served, Service

    served = [Served(name=account.name, open=partial(open_mailbox, account, config)) for account in config.accounts]
    service = Service(served, keeper, ledger, WallClock(), Notifier(os.environ), tick=config.tick)
    if not asyncio.run(service.run()):
        # A thread still waits for a dead server. Everything that counts is on disk, as after a crash.
        os._exit(0)


@cli.command()
@config_option
@json_option
def status(config_path: Path | None, as_json: bool) -> None:
    """Say from the ledger what is planned next, which drafts wait, and how the daemon is. Touches no mailbox."""
    from daemon.ledger import Ledger
    from daemon.report import interviews, planned, waiting
    from daemon.tables import JsonLines, print_plan

    config = read_config(config_path)
    with Ledger.in_memory(copy_of=config.state_directory(os.environ)) as ledger:
        keeper = make_keeper(config, ledger)
        now = datetime.now(UTC)
        health = ledger.health() or {"at": None, "accounts": {}}
        documents = [
            {"what": "health", **health},
            *interviews(keeper.timelines()),
            *planned(keeper.agenda(now)),
            *waiting(ledger.drafts()),
            *unreadable_messages(config, ledger),
        ]
    if as_json:
        JsonLines().print(iter(documents))
    else:
        print_plan(documents, config.timezone)


@cli.command()
@click.argument("identifier", metavar="ID")
@config_option
@json_option
def explain(identifier: str, config_path: Path | None, as_json: bool) -> None:
    """Tell how one follow-up came about: each message, rule and instant, with the quoted words."""
    from daemon.explain import explain_followup
    from daemon.ledger import Ledger
    from daemon.tables import JsonLines, print_explanation

    config = read_config(config_path)
    with Ledger.in_memory(copy_of=config.state_directory(os.environ)) as ledger:
        keeper = make_keeper(config, ledger)
        facts = [fact for account in config.accounts for fact in keeper.facts(account.name)]
        document = explain_followup(identifier, keeper.agenda(datetime.now(UTC)), ledger, facts)
    if as_json:
        JsonLines().print(iter([document]))
    else:
        print_explanation(document, config.timezone)
