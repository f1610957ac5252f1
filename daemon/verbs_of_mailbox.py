"""The verbs that work on the person's own mailbox, or on what is known of it: check, scan, run, status, explain."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from daemon.assembly import (
    mailbox_opener,
    make_errands,
    make_keeper,
    open_mailbox,
    read_config,
    scan_ledger,
    unreadable_messages,
)
from daemon.errors import TactfulError
from daemon.options import config_option, json_option

if TYPE_CHECKING:
    # For types only: each of these costs tens of milliseconds at start.
    from daemon.config import Config
    from daemon.decision import Decision
    from daemon.keeper import Keeper
    from daemon.ledger import Ledger
    from daemon.report import JsonObject


@click.command()
@config_option
@json_option
def check(config_path: Path | None, as_json: bool) -> None:
    """Validate the configuration, log in, find the folders, and say what is missing. Writes nothing."""
    from daemon.checkup import check_account, check_letters
    from daemon.process_memory import keep_memory_private
    from daemon.tables import JsonLines, print_checkup

    keep_memory_private()
    config = read_config(config_path)
    documents: list[JsonObject] = []
    errors: list[TactfulError] = []
    for account in config.accounts:
        try:
            mailbox = open_mailbox(account, config)
            try:
                capabilities = getattr(mailbox, "capabilities", None)
                documents.append(check_account(account.name, mailbox, capabilities, controls=config.controls))
            finally:
                mailbox.close()
        except TactfulError as error:
            documents.append({"account": account.name, "ok": False, "problems": [str(error)]})
            errors.append(error)
    if config.letters.templates is not None:
        documents.append(check_letters(config.letters.templates))
    if as_json:
        JsonLines().print(iter(documents))
    else:
        print_checkup(documents)
    if errors:
        raise errors[0]


@click.command()
@config_option
@json_option
def scan(config_path: Path | None, as_json: bool) -> None:
    """Make one pass over the mailbox and say what is there, planned and held back. Writes nothing to the mailbox."""
    from daemon.process_memory import keep_memory_private
    from daemon.report import interviews, planned
    from daemon.tables import JsonLines, Progress, print_plan
    from daemon.wishes import standing

    keep_memory_private()
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
        documents = [
            *interviews(keeper.timelines()),
            *planned(agenda, keeper.timelines()),
            *standing(keeper.timelines(), agenda, ledger, config.policy()),
            *unreadable_messages(config, ledger),
        ]
    if as_json:
        JsonLines().print(iter(documents))
    else:
        print_plan(documents, config.timezone)


@click.command()
@click.option("--once", is_flag=True, help="Make one complete pass, drafts included, and end.")
@click.option("--moved", is_flag=True, help="The state directory was moved here, and nothing uses the old one.")
@config_option
@json_option
def run(once: bool, moved: bool, config_path: Path | None, as_json: bool) -> None:
    """Be the daemon: watch the mailboxes and put drafts into Drafts when they are due. Writes to Drafts only."""
    from daemon.home import come_home
    from daemon.ledger import Ledger
    from daemon.log import set_up_logging
    from daemon.process_memory import keep_memory_private
    from daemon.retention import forget_outdated

    keep_memory_private()
    config = read_config(config_path)
    set_up_logging(config.log_level, os.environ)
    # What is written by the process is for its person alone.
    os.umask(0o077)
    directory = config.state_directory(os.environ)
    with Ledger.open(directory) as ledger:
        come_home(ledger, directory, moved=moved)
        keeper, now = make_keeper(config, ledger, make_errands(config, ledger)), datetime.now(UTC)
        if forget_outdated(ledger, keeper.agenda(now), keeper.timelines(), timedelta(days=config.keep_days), now):
            keeper = make_keeper(config, ledger, make_errands(config, ledger))
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

    from daemon.clock import WallClock
    from daemon.notify import Notifier
    from daemon.served import IDLE_RENEWAL, Served
    from daemon.service import Service

    served = [
        Served(
            name=account.name,
            open=mailbox_opener(account, config),
            renewal=account.imap.idle_renewal if account.imap else IDLE_RENEWAL,
        )
        for account in config.accounts
    ]
    service = Service(served, keeper, ledger, WallClock(), Notifier(os.environ), tick=config.tick)
    if not asyncio.run(service.run()):
        # A thread still waits for a dead server. Everything that counts is on disk, as after a crash.
        os._exit(0)


@click.command()
@config_option
@json_option
def status(config_path: Path | None, as_json: bool) -> None:
    """Say from the ledger what is planned next, which drafts wait, and how the daemon is. Touches no mailbox."""
    from daemon.ledger import Ledger
    from daemon.noting import notes
    from daemon.report import interviews, planned, waiting
    from daemon.state_lock import is_held
    from daemon.tables import JsonLines, print_plan
    from daemon.wishes import standing

    config = read_config(config_path)
    with Ledger.in_memory(copy_of=config.state_directory(os.environ)) as ledger:
        keeper = make_keeper(config, ledger)
        agenda = keeper.agenda(datetime.now(UTC))
        health = ledger.health() or {"at": None, "accounts": {}}
        sendings = [sending for account in config.accounts for sending in ledger.sendings(account.name)]
        documents = [
            {
                "what": "health",
                "running": is_held(config.state_directory(os.environ)),
                "recovery": ledger.recovery(),
                **health,
            },
            *interviews(keeper.timelines()),
            *planned(agenda, keeper.timelines()),
            *standing(keeper.timelines(), agenda, ledger, config.policy()),
            *waiting(ledger.drafts(), ledger.acts(), sendings),
            *notes(keeper.timelines(), ledger.acts()),
            *unreadable_messages(config, ledger),
        ]
    if as_json:
        JsonLines().print(iter(documents))
    else:
        print_plan(documents, config.timezone)


@click.command()
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
        agenda = keeper.agenda(datetime.now(UTC))
        document = explain_followup(identifier, agenda, ledger, keeper.timelines(), config.policy())
    if as_json:
        JsonLines().print(iter([document]))
    else:
        print_explanation(document, config.timezone)
