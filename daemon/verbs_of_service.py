"""The verbs that let the daemon run in the person's session: service install, uninstall, status."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import click

from daemon import units
from daemon.assembly import read_config
from daemon.options import config_option, json_option

_replace_option = click.option("--replace", is_flag=True, help="Even if the unit was changed by hand.")


@click.group()
def service() -> None:
    """Let the daemon run in your session, as a unit of systemd's user manager."""


@service.command()
@click.option("--print", "only_print", is_flag=True, help="Print the unit, and change nothing.")
@_replace_option
@config_option
@json_option
def install(only_print: bool, replace: bool, config_path: Path | None, as_json: bool) -> None:
    """Write the unit for this command and this configuration, start it, and have it started with your session."""
    from daemon.config import find_config

    config = find_config(config_path, os.environ).absolute()
    text = units.write_unit(_command(), config)
    if only_print:
        click.echo(text, nl=False)
        return
    read_config(config)  # what cannot start is not installed
    path = units.unit_path(os.environ)
    units.install(path, text, replace=replace)
    _report(as_json=as_json)
    if not as_json and not units.lingers():
        click.echo("It runs while you are logged in. To have it run always, say: loginctl enable-linger")


@service.command()
@_replace_option
@json_option
def uninstall(replace: bool, as_json: bool) -> None:
    """Stop the daemon and take its unit away. Configuration, password and ledger stay."""
    units.uninstall(units.unit_path(os.environ), replace=replace)
    _report(as_json=as_json)


@service.command()
@json_option
def status(as_json: bool) -> None:
    """Say whether the unit is there and how the daemon in it is."""
    _report(as_json=as_json)


def _report(*, as_json: bool) -> None:
    from daemon.tables import JsonLines

    found = units.look(units.unit_path(os.environ))
    document = {
        "what": "service",
        "unit": str(found.path),
        "origin": str(found.origin),
        "active": found.active,
        "enabled": found.enabled,
        "status": found.status,
    }
    if as_json:
        JsonLines().print([document])
        return
    if found.active is None:
        click.echo("There is no systemd for your session here.")
    else:
        state = f"{found.active}, {found.enabled or 'not installed'}"
        click.echo(f"The service is {state}{f': {found.status}' if found.status else ''}.")
    where = {
        units.Origin.MISSING: "There is no unit; tactful service install writes it.",
        units.Origin.OURS: f"The unit is {found.path}.",
        units.Origin.CHANGED: f"The unit is {found.path}, as somebody changed it.",
    }
    click.echo(where[found.origin])


def _command() -> Path:
    """Give the path of this command, as it was called; links stay, since upgrades change what they lead to."""
    called = shutil.which(sys.argv[0])
    return Path(called).absolute() if called else Path(sys.executable).with_name("tactful")
