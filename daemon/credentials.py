"""A source of a secret in, the secret out: keyring, systemd credential, command or file.

A secret is never in the configuration, in an argument, in the environment, in a log or in a message of an error.
"""

from __future__ import annotations

import errno
import os
import stat
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

from daemon.errors import SecretError
from daemon.programs import SIZE_LIMIT, output_of
from daemon.secrets_keyring import PATIENCE, KeyringSecret, read_keyring


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialSecret:
    """A systemd credential (LoadCredential=, LoadCredentialEncrypted=)."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandSecret:
    """A program that prints the secret in its first line; started without a shell."""

    argv: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSecret:
    """A file that nobody else can read."""

    path: Path


SecretSource = KeyringSecret | CredentialSecret | CommandSecret | FileSecret


def find_secret(source: SecretSource, *, environ: Mapping[str, str], account: str) -> str:
    """Give the secret. Raises SecretError, which names the next step."""
    match source:
        case KeyringSecret():
            secret = read_keyring(source, environ=environ, account=account)
        case CredentialSecret():
            secret = _from_credential(source, environ, account)
        case CommandSecret():
            secret = _from_command(source, environ, account)
        case FileSecret():
            secret = _from_file(source, account)
        case _:
            assert_never(source)
    if not secret:
        raise SecretError(f"account {account}: the password from {_described(source)} is empty; store it again")
    if "\0" in secret or "\ufffd" in secret:
        raise SecretError(f"account {account}: the password from {_described(source)} is no text; store it again")
    return secret


# ------------------------------------------------------------------------------------------- credential, file, command


def _from_credential(source: CredentialSecret, environ: Mapping[str, str], account: str) -> str:
    directory = environ.get("CREDENTIALS_DIRECTORY")
    if not directory:
        raise SecretError(
            f"account {account}: no systemd credentials here ($CREDENTIALS_DIRECTORY is not set); run it as a service "
            f"with LoadCredentialEncrypted={source.name}:FILE"
        )
    try:
        # Only the service and root can read the directory, whatever the mode of a file in it says.
        with (Path(directory) / source.name).open("rb") as stream:
            return _first_line(stream.read(SIZE_LIMIT))
    except (OSError, ValueError) as error:
        raise SecretError(
            f"account {account}: the service has no credential {source.name}; add "
            f"LoadCredentialEncrypted={source.name}:FILE to its unit"
        ) from error


def _from_file(source: FileSecret, account: str) -> str:
    try:
        # O_NONBLOCK: a named pipe would wait for somebody to write. O_NOFOLLOW: whoever may change a link chooses which
        # of the person's files is shown to the mail server.
        descriptor = os.open(source.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no file name"
        if isinstance(error, OSError) and error.errno == errno.ELOOP:
            reason = "it is a symbolic link"
        raise SecretError(
            f"account {account}: {source.path} cannot be read ({reason}); put the password into it and chmod 600 it"
        ) from error
    try:
        # Asked of the open file, not of its name: between two looks at a name it may become another file.
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise SecretError(f"account {account}: {source.path} is no file; put the password into a plain one")
        if status.st_uid != os.geteuid():
            raise SecretError(f"account {account}: {source.path} belongs to somebody else; use a file of your own")
        if status.st_mode & 0o077:
            raise SecretError(
                f"account {account}: others may read {source.path}; say: chmod 600 {source.path}, and change the "
                "password if others use this machine"
            )
        return _first_line(os.read(descriptor, SIZE_LIMIT))
    finally:
        os.close(descriptor)


def _from_command(source: CommandSecret, environ: Mapping[str, str], account: str) -> str:
    name = source.argv[0]
    try:
        output, status = output_of(source.argv, environ=environ, patience=PATIENCE)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no command"
        raise SecretError(f"account {account}: {name} cannot be started ({reason}); try it in a terminal") from error
    except subprocess.TimeoutExpired:
        raise SecretError(
            f"account {account}: {name} gave no password within {PATIENCE:.0f} s; it must not ask on a terminal"
        ) from None
    if len(output) > SIZE_LIMIT:
        raise SecretError(f"account {account}: {name} prints more than a password; let it print one line")
    if status != 0:
        raise SecretError(f"account {account}: {name} ended with status {status}; try it in a terminal")
    return _first_line(output)


def _first_line(data: bytes) -> str:
    return data.decode("utf-8", "replace").partition("\n")[0].rstrip("\r")


def _described(source: SecretSource) -> str:
    match source:
        case KeyringSecret():
            return f"the keyring ({source.service})"
        case CredentialSecret():
            return f"the credential {source.name}"
        case CommandSecret():
            return f"the command {source.argv[0]}"
        case FileSecret():
            return f"the file {source.path}"
        case _:
            assert_never(source)
