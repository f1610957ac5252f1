"""The command: its verbs, and the exit status that each error has.

Libraries are imported where a verb needs them, so that `--version` and `--help` stay quick.
"""

from __future__ import annotations

import os
import sys

import click

from daemon import (
    verbs_of_files,
    verbs_of_holdings,
    verbs_of_letters,
    verbs_of_mailbox,
    verbs_of_notes,
    verbs_of_secrets,
    verbs_of_service,
    verbs_of_setup,
    verbs_of_wishes,
)
from daemon.errors import TactfulError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tactful", message="tactful %(version)s")
def cli() -> None:
    """Put the right follow-up letter into Drafts at the right moment, and know when to keep quiet."""
    from daemon.zone_data import require_zones

    require_zones()


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


for verb in (
    verbs_of_setup.setup,
    verbs_of_service.service,
    verbs_of_files.read,
    verbs_of_files.replay,
    verbs_of_files.demo,
    verbs_of_letters.lint,
    verbs_of_secrets.login,
    verbs_of_mailbox.check,
    verbs_of_mailbox.scan,
    verbs_of_mailbox.run,
    verbs_of_mailbox.status,
    verbs_of_mailbox.explain,
    verbs_of_wishes.mute,
    verbs_of_wishes.snooze,
    verbs_of_wishes.resume,
    verbs_of_notes.note,
    verbs_of_holdings.export,
    verbs_of_holdings.forget,
):
    cli.add_command(verb)
