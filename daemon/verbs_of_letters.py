"""The verb that judges letters: lint."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from daemon.errors import InputError
from daemon.options import json_option

if TYPE_CHECKING:
    # For types only: it costs tens of milliseconds at start.
    from daemon.report import JsonObject

# As in composer, which would cost every start its time; a test compares them.
_LANGUAGES = ("de", "en", "es", "fr", "pt")
_KINDS = (
    "thank_you",
    "check_in_1",
    "check_in_final",
    "closing_note",
    "reschedule_offer",
    "rejection_reply",
    "offer_ack",
)


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="FILE|-...")
@click.option("--kind", type=click.Choice(_KINDS), help="What the letter is; its length is judged by it.")
@click.option("--company", help="The employer that it goes to.")
@click.option("--role", "roles", multiple=True, help="The role that it is about (repeatable).")
@click.option("--to-name", help="The name of whom it goes to; default: the To field's.")
@click.option("--language", type=click.Choice(_LANGUAGES), help="What it is written in; default: found out.")
@json_option
def lint(
    paths: tuple[str, ...],
    kind: str | None,
    company: str | None,
    roles: tuple[str, ...],
    to_name: str | None,
    language: str | None,
    as_json: bool,
) -> None:
    """Say what a follow-up letter should not have: an .eml, a text file, or - for standard input.

    A line is FILE:LINE:COLUMN: CHECK: "WORDS": ADVICE; warnings say so. With --json one object a letter: path,
    language, words, blocked, faults (each with check, severity, place, line, column, words, advice). Exit status: 0 no
    fault that blocks; 1 at least one; 65 a file could not be read.
    """
    from composer.agenda import FollowUpKind
    from composer.lint import Context, blocks
    from daemon.proof import proofread, read_proof
    from daemon.tables import JsonLines

    context = Context(
        kind=FollowUpKind(kind) if kind else None,
        to_name=to_name,
        company=company,
        roles=roles,
    )
    blocked = False
    unreadable: list[InputError] = []
    for path in paths:
        try:
            message = _read(path)
        except InputError as error:
            unreadable.append(error)
            continue
        proof = read_proof(message)
        faults = proof.judge(context, language=language)
        blocked = blocked or blocks(faults)
        document = proofread(path, proof, faults, language or proof.language)
        if as_json:
            JsonLines().print([document])
        else:
            _print(document)
    if unreadable:
        raise InputError("\n".join(str(error) for error in unreadable))
    if blocked:
        sys.exit(1)


def _print(document: JsonObject) -> None:
    """Print a line a fault, as compilers do: editors can jump to it."""
    path = document["path"]
    if document["language"] is None:
        click.echo(f"{path}: its language was not recognised, so its words are not judged; give --language", err=True)
    for fault in document["faults"]:
        name = fault["check"] if fault["severity"] == "block" else f"warning: {fault['check']}"
        place = "" if fault["place"] == "text" else f"{fault['place'].title()}: "
        where = f"{path}:{fault['line']}:{fault['column']}"
        click.echo(f'{where}: {name}: {place}"{fault["words"]}": {fault["advice"]}')


def _read(path: str) -> bytes:
    from daemon.archive import LARGEST

    try:
        if path == "-":
            message = sys.stdin.buffer.read(LARGEST)
        else:
            with Path(path).open("rb") as file:
                message = file.read(LARGEST)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    if not message.strip() or b"\0" in message:
        raise InputError(f"{path}: holds no letter")
    return message
