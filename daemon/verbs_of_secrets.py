"""The verb by which the person logs in for the daemon: login."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from daemon.assembly import open_mailbox, read_config
from daemon.credentials import CommandSecret, CredentialSecret, FileSecret, SecretSource
from daemon.errors import SecretError
from daemon.options import config_option
from daemon.process_memory import keep_memory_private
from daemon.secrets_keyring import KeyringSecret, write_keyring
from daemon.secrets_of_accounts import client_secret, oauth_settings

if TYPE_CHECKING:
    # For types only: each of these costs tens of milliseconds at start.
    from daemon.config import AccountConfig
    from daemon.oauth import OAuthSettings


@click.command()
@click.argument("name", metavar="ACCOUNT")
@click.option("--device", is_flag=True, help="OAuth: by a code that you type on another device.")
@click.option("--port", type=click.IntRange(1, 65535), default=None, help="OAuth: the port that the browser comes to.")
@config_option
def login(name: str, device: bool, port: int | None, config_path: Path | None) -> None:
    """Store an account's password, or log in by OAuth, where the configuration says; then try it.

    The password is asked for on the terminal, or read as the first line of standard input.
    """
    keep_memory_private()
    os.umask(0o077)
    config = read_config(config_path)
    account = next((account for account in config.accounts if account.name == name), None)
    if account is None:
        known = ", ".join(account.name for account in config.accounts)
        raise click.BadParameter(f"there is no account {name}; there are: {known}", param_hint="ACCOUNT")
    done: set[SecretSource | OAuthSettings] = set()
    for server in (account.imap, account.smtp):
        if server is None:
            continue
        settings = oauth_settings(account, server, config)
        source = settings or server.secret
        if source in done:
            continue
        done.add(source)
        if settings is not None:
            _log_in_by_oauth(settings, device=device, port=port or 0)
        else:
            _store(server.secret, account, f"{server.username} on {server.host}")
    if not done:
        raise SecretError(f"account {name}: a Maildir has no password")
    if account.imap is not None:
        open_mailbox(account, config).close()
        _tell("The server takes it. A daemon that waits for it goes on within a minute.")


def _log_in_by_oauth(settings: OAuthSettings, *, device: bool, port: int) -> None:
    from daemon.oauth_login import by_browser, by_device
    from daemon.oauth_store import TokenStore

    secret = client_secret(settings)
    tokens = by_device(settings, secret, _tell) if device else by_browser(settings, secret, _tell, port=port)
    store = TokenStore(settings, os.environ)
    with store.exclusive():  # a daemon may just be asking for new ones
        store.save(tokens, may_unlock=True)


def _store(source: SecretSource, account: AccountConfig, whose: str) -> None:
    match source:
        case KeyringSecret():
            write_keyring(source, _asked(whose), environ=os.environ, account=account.name, may_unlock=True)
        case FileSecret():
            from daemon.oauth_store import write_private

            try:
                write_private(source.path, _asked(whose))
            except OSError as error:
                raise SecretError(
                    f"account {account.name}: {source.path} cannot be written ({error.strerror})"
                ) from error
        case CredentialSecret():
            raise SecretError(
                f"account {account.name}: systemd keeps this password; store it with: "
                f"systemd-creds encrypt --name={source.name} - FILE"
            )
        case CommandSecret():
            raise SecretError(
                f"account {account.name}: {source.argv[0]} gives this password; store it where that finds it"
            )


def _asked(whose: str) -> str:
    if sys.stdin.isatty():
        secret: str = click.prompt(f"Password of {whose}", hide_input=True, err=True)
    else:
        secret = sys.stdin.readline().rstrip("\r\n")
    if not secret:
        raise SecretError(f"there was no password of {whose} to read")
    return secret


def _tell(text: str) -> None:
    click.echo(text, err=True)
