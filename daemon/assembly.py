"""Builds the concrete things, mailboxes, ledgers and what a pass needs, from the configuration and the options.

This is the only module that opens a person's mailbox or state directory. Libraries are imported where a thread of the
command needs them, so that the quick verbs stay quick.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from daemon.secrets_of_accounts import guard_for, secret_for, spoil_for

if TYPE_CHECKING:
    # For types only: each of these costs tens of milliseconds at start.
    from composer.letter import Voice
    from daemon.account import AccountSettings, Polish
    from daemon.config import AccountConfig, Config
    from daemon.errands import Errand
    from daemon.keeper import Keeper
    from daemon.ledger import Ledger
    from daemon.mailbox import Mailbox
    from daemon.person import Person
    from daemon.report import JsonObject
    from daemon.transport import Transport

_log = logging.getLogger(__name__)


def read_config(path: Path | None) -> Config:
    from daemon.config import find_config, load_config

    return load_config(find_config(path, os.environ))


def find_person(config_path: Path | None, timezone: str | None, me: Sequence[str]) -> Person:
    """Say who the user is: by the options, else by a configuration that was named or lies at its place."""
    from composer.policy import Policy
    from daemon.config import find_config
    from daemon.person import Person

    config = None
    if config_path is not None or find_config(None, os.environ).exists():
        config = read_config(config_path)
    if config is None:
        import tzlocal

        zone = timezone or tzlocal.get_localzone_name() or "UTC"
        return Person(account="replay", addresses=tuple(me), full_name="", timezone=zone, policy=Policy(timezone=zone))
    zone = timezone or config.timezone
    known = tuple(address for account in config.accounts for address in account.addresses)
    first = config.accounts[0]
    return Person(
        account=first.name,
        addresses=tuple(me) or known,
        full_name=first.full_name,
        timezone=zone,
        policy=replace(config.policy(), timezone=zone),
        authserv_id=first.authserv_id,
        month_first=first.month_first,
        voice=voice_of(first, config),
    )


def in_zone(instant: datetime | None, timezone: str) -> datetime | None:
    from zoneinfo import ZoneInfo

    if instant is None or instant.tzinfo is not None:
        return instant
    return instant.replace(tzinfo=ZoneInfo(timezone))


def open_mailbox(account: AccountConfig, config: Config) -> Mailbox:
    """Open an account's store. Raises MailboxError or SecretError."""
    return mailbox_opener(account, config)()


def mailbox_opener(account: AccountConfig, config: Config) -> Callable[[], Mailbox]:
    """Give what opens an account's store, again and again; it raises MailboxError or SecretError.

    What it learns of refused logins it keeps, and spares the server those that would be refused as well.
    """
    if account.maildir is not None:
        from daemon.maildir import open_maildir

        state = config.state_directory(os.environ)
        return partial(open_maildir, account.maildir, state_dir=state, folders=account.folders.overrides())
    from daemon.imap import ImapSettings, Tls, open_imap

    server = account.imap
    if server is None:
        raise ValueError(f"account {account.name} has neither imap nor maildir")
    silence = server.timeout.total_seconds()
    settings = ImapSettings(
        host=server.host,
        port=server.port_number,
        tls=Tls(server.tls),
        ca_file=server.ca_file,
        username=server.username,
        folders=account.folders.overrides(),
        connect_timeout=min(30.0, silence),
        silence_timeout=silence,
        call_timeout=3 * silence,
    )
    return partial(guard_for(account, server, config).log_in, partial(open_imap, settings))


def account_settings(account: AccountConfig, config: Config) -> AccountSettings:
    from daemon.account import AccountSettings
    from daemon.pace import INTERVAL
    from parsers.model import Address
    from parsers.reader import Reader

    return AccountSettings(
        reader=Reader(
            account=account.name,
            addresses=frozenset(account.addresses),
            full_name=account.full_name,
            timezone=account.timezone,
            authserv_id=account.authserv_id,
            month_first=account.month_first,
        ),
        identities=tuple(Address(address=address, name=account.full_name) for address in account.addresses),
        voice=voice_of(account, config),
        look_back=config.look_back,
        extra_folders=account.folders.extra,
        controls=config.controls,
        transport=make_transport(account, config) if config.controls else None,
        polish=make_polish(config),
        pace=INTERVAL if account.imap else timedelta(0),
    )


def voice_of(account: AccountConfig, config: Config) -> Voice:
    """Give how the person writes; a template of their own that cannot be used is told of in the log."""
    if config.letters.templates is None:
        return account.voice(config.language, config.letters)
    from daemon.own_letters import read_own_letters

    own = read_own_letters(config.letters.templates)
    if account == config.accounts[0]:  # the templates are those of all accounts: told of once
        for problem in own.problems:
            _log.warning("letters: %s", problem)
    return account.voice(config.language, config.letters, own.texts)


def make_polish(config: Config) -> Polish | None:
    """Give what puts letters in other words; None where the person wants none. Nobody is asked yet."""
    section = config.polish
    if not section.enabled or section.url is None or section.model is None:
        return None
    from daemon.credentials import find_secret
    from daemon.polish import Polisher, PolishSettings

    source = section.key.source("polish") if section.key else None
    settings = PolishSettings(
        url=section.url, model=section.model, timeout=section.timeout.total_seconds(), ca_file=section.ca_file
    )

    def key() -> str | None:
        return find_secret(source, environ=os.environ, account="polish") if source else None

    return Polisher(settings, key).polish


def make_keeper(config: Config, ledger: Ledger, errands: Sequence[Errand] = ()) -> Keeper:
    from daemon.keeper import Keeper
    from daemon.worker import Worker

    settings = [account_settings(account, config) for account in config.accounts]
    return Keeper(settings, ledger, config.policy(), errands, Worker())


def make_transport(account: AccountConfig, config: Config) -> Transport | None:
    """Give an account's way out; None where no smtp is configured. Nothing is connected yet."""
    from daemon.imap_wire import Tls
    from daemon.smtp import SmtpSettings, SmtpTransport

    server = account.smtp
    if server is None:
        return None
    settings = SmtpSettings(
        host=server.host,
        port=server.port_number,
        tls=Tls(server.tls),
        ca_file=server.ca_file,
        username=server.username,
        files_sent=server.files_sent,
    )
    return SmtpTransport(settings, secret_for(account, server, config), spoil_for(account, server, config))


def make_errands(config: Config, ledger: Ledger) -> tuple[Errand, ...]:
    """Give what the daemon does at each pass besides letters; what tells the person comes before what delivers it."""
    from zoneinfo import ZoneInfo

    from daemon.backups import Backups
    from daemon.calendar_file import CalendarFile
    from daemon.database import FILE_NAME
    from daemon.digest import WeeklyDigest
    from daemon.notes import Delivery, Questions
    from daemon.notices import Notices, post_by_smtp, post_to_inbox
    from parsers.model import Address

    errands: list[Errand] = [Backups(ledger, config.state_directory(os.environ) / FILE_NAME)]
    if config.calendar_file is not None:
        errands.append(CalendarFile(ledger, config.calendar_file))
    for number, account in enumerate(config.accounts):
        notices = Notices(ledger, account.name, Address(address=account.address, name=account.full_name))
        if config.ask_for_notes:
            errands.append(Questions(ledger, account.name, notices, account.voice(config.language, config.letters)))
        if config.digest.enabled and number == 0:  # one person, one digest
            weekday, clock = config.digest.at
            zone = ZoneInfo(config.timezone)
            errands.append(WeeklyDigest(ledger, account.name, notices, weekday=weekday, clock=clock, zone=zone))
        transport = make_transport(account, config)
        post = post_by_smtp(transport, account.address) if transport else post_to_inbox
        errands.append(Delivery(account.name, notices, post))
    return tuple(errands)


@contextmanager
def scan_ledger(config: Config) -> Iterator[Ledger]:
    """Give the ledger to read on with; beside a running daemon, a copy of its ledger that is forgotten afterwards."""
    from daemon.errors import StateLocked
    from daemon.ledger import Ledger

    directory = config.state_directory(os.environ)
    try:
        ledger = Ledger.open(directory)
    except StateLocked:
        ledger = Ledger.in_memory(copy_of=directory)
    with ledger:
        yield ledger


def unreadable_messages(config: Config, ledger: Ledger) -> Iterator[JsonObject]:
    for account in config.accounts:
        for folder, uid, reason in ledger.unreadable(account.name):
            yield {"what": "unreadable", "account": account.name, "folder": folder, "uid": uid, "reason": reason}
