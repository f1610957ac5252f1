"""The verb that makes the first configuration: setup. On a terminal it asks for what the options do not say."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from daemon.errors import ConfigError, KeyringUnavailable, LoginRefused, SecretError
from daemon.options import PATH, Timezone, config_option, json_option
from daemon.private_files import create_privately
from daemon.process_memory import keep_memory_private
from daemon.secrets_keyring import KeyringSecret, write_keyring

if TYPE_CHECKING:
    # For types only: each of these costs tens of milliseconds at start.
    from daemon.setup_config import Answers
    from daemon.setup_servers import Endpoint, Protocol, Provider

_SERVICE = "tactful"  # in the keyring
_TRIES = 3
_TLS = click.Choice(["implicit", "starttls", "none"])
_PORT = click.IntRange(1, 65535)


@click.command()
@click.option("--address", help="Your address, as employers write to it.")
@click.option("--full-name", help="Your name, as letters are signed.")
@click.option("--timezone", type=Timezone(), help="Where you are; default: the system's.")
@click.option("--account", default="personal", show_default=True, help="A word for this mailbox.")
@click.option("--imap-host", help="The IMAP server; default: by the address.")
@click.option("--imap-port", type=_PORT, help="Its port; default: that of --imap-tls.")
@click.option("--imap-tls", type=_TLS, default="implicit", help="How it encrypts; with --imap-host.")
@click.option("--username", help="The login name; default: the address.")
@click.option("--ca-file", type=PATH, help="One more authority (PEM) for the server's certificate.")
@click.option("--smtp/--no-smtp", default=None, help="Whether Tactful may send what you move to Approved.")
@click.option("--smtp-host", help="The SMTP server; default: by the address.")
@click.option("--smtp-port", type=_PORT, help="Its port; default: that of --smtp-tls.")
@click.option("--smtp-tls", type=_TLS, default="implicit", help="How it encrypts; with --smtp-host.")
@click.option("--password-in", type=click.Choice(["keyring", "file"]), help="Default: the keyring, if there is one.")
@click.option("--client-id", help="Of your own OAuth client, where the provider takes no password.")
@click.option("--replace", is_flag=True, help="Replace a configuration that is there; it is kept as .old.")
@config_option
@json_option
@click.pass_context
def setup(
    context: click.Context,
    address: str | None,
    full_name: str | None,
    timezone: str | None,
    account: str,
    imap_host: str | None,
    imap_port: int | None,
    imap_tls: Literal["implicit", "starttls", "none"],
    username: str | None,
    ca_file: Path | None,
    smtp: bool | None,
    smtp_host: str | None,
    smtp_port: int | None,
    smtp_tls: Literal["implicit", "starttls", "none"],
    password_in: str | None,
    client_id: str | None,
    replace: bool,
    config_path: Path | None,
    as_json: bool,
) -> None:
    """Ask for your address, find the servers, store the password, write the configuration, and check it.

    Nothing but your mail servers is asked: servers are taken from a table of providers, else the usual names of your
    address's domain are tried. Without a terminal the options must say all, and the password is the first line of
    standard input. --json prints what check prints.
    """
    from daemon.config import find_config
    from daemon.setup_config import Answers, put_config, write_text
    from daemon.setup_servers import domain_of, known_provider

    keep_memory_private()
    os.umask(0o077)
    path = find_config(config_path, os.environ).absolute()
    _may_write(path, replace=replace)
    address = _asked_address(address)
    provider = known_provider(domain_of(address))
    _advise(address, provider)
    imap = _server(address, "imap", imap_host, imap_port, imap_tls, provider, ca_file)
    full_name = full_name or _ask("Your name, as letters are signed", "--full-name")
    timezone = timezone or _asked_timezone()
    if smtp is None:
        smtp = smtp_host is not None or (
            sys.stdin.isatty()
            and click.confirm("May Tactful send drafts that you move to a mailbox Approved? (needs SMTP)", err=True)
        )
    out = _server(address, "smtp", smtp_host, smtp_port, smtp_tls, provider, ca_file) if smtp else None
    username = username or address
    by_oauth = provider.oauth if provider and imap_host is None else None
    if by_oauth:
        client_id = client_id or _ask("Client id of your own OAuth client", "--client-id")
        password = {"oauth": by_oauth}
    else:
        password = _store(_asked_password(username, imap), username, account, path, password_in)
    answers = Answers(
        account=account,
        address=address,
        full_name=full_name,
        timezone=timezone,
        username=username,
        imap=imap,
        smtp=out,
        password=password,
        client_id=client_id if by_oauth else None,
        ca_file=ca_file.absolute() if ca_file else None,
    )
    put_config(path, write_text(answers))
    _tell(f"The configuration is in {path}.")
    option = "" if config_path is None else f" --config {path}"
    if by_oauth:
        _tell(f"Now log in: tactful login {account}{option}")
        return
    _check(context, answers, path, password_in, as_json=as_json)
    _tell(f"Next: tactful scan{option} shows what it finds; tactful service install{option} lets it run.")


def _may_write(path: Path, *, replace: bool) -> None:
    if replace or not path.exists():
        return
    question = f"There is a configuration already ({path}). Replace it? It is kept as {path.name}.old."
    if not (sys.stdin.isatty() and click.confirm(question, err=True)):
        raise ConfigError((f"{path}: is there already and was left as it is; --replace keeps it as {path.name}.old",))


def _asked_address(given: str | None) -> str:
    from pydantic import TypeAdapter, ValidationError

    from daemon.config_values import MailAddress

    while True:
        address = given or _ask("Your address, as employers write to it", "--address")
        try:
            return TypeAdapter(MailAddress).validate_python(address)
        except ValidationError:
            if given or not sys.stdin.isatty():
                raise click.BadParameter(f"{address!r} is no mail address", param_hint="--address") from None
            _tell(f"{address!r} is no mail address.")


def _advise(address: str, provider: Provider | None) -> None:
    if provider is None:
        _tell(
            f"{address.rpartition('@')[2]} is none of the mail providers that are known here. If this mailbox belongs "
            "to an employer or a school, its administrators and every device of it can see the drafts: use a mailbox "
            "of your own for your job search."
        )
        return
    _tell(f"{provider.name}. {provider.advice or ''}".strip())


def _server(
    address: str,
    protocol: Protocol,
    host: str | None,
    port: int | None,
    tls: Literal["implicit", "starttls", "none"],
    provider: Provider | None,
    ca_file: Path | None,
) -> Endpoint:
    """Give the server that was named, or is known, or answers. Raises ConfigError."""
    from daemon.setup_servers import USUAL_PORTS, Endpoint, domain_of, find_server

    if host is None and provider is not None:
        known = provider.imap if protocol == "imap" else provider.smtp
        if known is None:
            raise ConfigError((f"{address}: {provider.advice}",))
        return known
    name = protocol.upper()
    if host is None:
        _tell(f"Looking for the {name} server by the usual names, by connecting and nothing more:")
        found = find_server(domain_of(address), protocol, ca_file, _tell)
        if found is not None:
            return found
        host = _ask(f"The {name} server (your provider's help pages name it)", f"--{protocol}-host")
    return Endpoint(host=host, port=port or USUAL_PORTS[protocol, tls], tls=tls)


def _asked_timezone() -> str:
    import tzlocal

    here = tzlocal.get_localzone_name() or "UTC"
    if not sys.stdin.isatty():
        return here
    zone: str = click.prompt("Your time zone", default=here, type=Timezone(), err=True)
    return zone


def _asked_password(username: str, server: Endpoint) -> str:
    if sys.stdin.isatty():
        secret: str = click.prompt(f"Password of {username} on {server.host}", hide_input=True, err=True)
    else:
        secret = sys.stdin.readline().rstrip("\r\n")
    if not secret:
        raise SecretError(f"there was no password of {username} to read on standard input")
    return secret


def _store(secret: str, username: str, account: str, config: Path, place: str | None) -> dict[str, str]:
    """Keep the password, and give the configuration's word for where. Raises SecretError."""
    if place != "file":
        try:
            source = KeyringSecret(service=_SERVICE, username=username)
            may_unlock = sys.stdin.isatty()
            write_keyring(source, secret, environ=os.environ, account=account, may_unlock=may_unlock)
        except KeyringUnavailable as error:
            if place == "keyring":
                raise
            _tell(f"No keyring ({error}); the password goes into a file that only you can read.")
        else:
            return {"keyring": _SERVICE}
    path = config.with_name(f"{account}.password")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        create_privately(path, f"{secret}\n".encode())
    except OSError as error:
        raise SecretError(f"{path} cannot be written ({error.strerror})") from error
    return {"file": str(path)}


def _check(context: click.Context, answers: Answers, path: Path, place: str | None, *, as_json: bool) -> None:
    """Log in and say what is there; a refused password can be typed again. Raises MailboxError or SecretError."""
    from daemon.verbs_of_mailbox import check

    for left in reversed(range(_TRIES)):
        try:
            context.invoke(check, config_path=path, as_json=as_json)
        except LoginRefused:
            if not left or not sys.stdin.isatty():
                raise
            _tell("The server refuses the login. Many providers want an app password here.")
            _store(_asked_password(answers.username, answers.imap), answers.username, answers.account, path, place)
        else:
            return


def _ask(question: str, option: str) -> str:
    if not sys.stdin.isatty():
        raise click.MissingParameter("without a terminal it must be given", param_hint=option, param_type="option")
    answer: str = click.prompt(question, err=True)
    return answer.strip()


def _tell(text: str) -> None:
    click.echo(text, err=True)
