"""A file beside the ledger that outlives it: what was ever stored or sent for the person, as keyed hashes.

A ledger can be lost, damaged or replaced by an old copy; what it then does not know of would be done again. So before
each step that cannot be taken back a line is added here, after the ledger holds the intent: a ledger that knows of
fewer such steps than there are lines is behind. The first line is the secret of the installation, from which the
Message-IDs of our drafts are made, so that they are recognised again. Nothing else is in it that tells of a person.
"""

from __future__ import annotations

import base64
import errno
import hmac
import os
import re
import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from daemon.errors import LedgerUnavailable
from daemon.private_files import create_privately, open_privately

FILE_NAME = "tombstones"
_LINE = re.compile(r"(?P<mark>(?:fu|nt|out|fg)\.[a-z2-7]{32})(?: (?P<sha256>[0-9a-f]{64}))?")
_SECRET = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """One step that cannot be taken back. `mark` is the local part of a Message-ID, or that of a letter handed over, or
    of a message that was erased; `sha256` is that of a draft's bytes.
    """

    mark: str
    sha256: str | None = None

    def __str__(self) -> str:
        return f"{self.mark} {self.sha256}" if self.sha256 else self.mark


class Tombstones:
    """All of them. Without a file they are forgotten with the object."""

    def __init__(self, secret: bytes, lines: Iterable[Tombstone] = (), file: int | None = None) -> None:
        self.secret = secret
        self._file = file
        self._counts: Counter[str] = Counter()
        self._sums: dict[str, str] = {}
        for line in lines:
            self._remember(line)

    @classmethod
    def open(cls, directory: Path, secret: bytes | None, known: Sequence[Tombstone] = ()) -> Self:
        """Open the file in a state directory; what the ledger knows (its secret, its drafts) and the file does not is
        added.

        A ledger that is new (None) takes the secret over. A file that is damaged, or of another installation than the
        ledger, is set aside and made anew. Raises OSError, and StateError where the file is not the person's own.
        """
        path = directory / FILE_NAME
        found = _read(path)
        if found is None or (secret is not None and found[0] != secret):
            if path.exists():
                path.replace(path.with_name(f"{FILE_NAME}.damaged"))
            found = (secret or secrets.token_bytes(32), [])
            create_privately(path, f"{found[0].hex()}\n".encode("ascii"))
        tombstones = cls(*found, file=open_privately(path, os.O_WRONLY | os.O_APPEND))
        for line in Counter(known) - Counter(found[1]):
            for _ in range(known.count(line) - found[1].count(line)):
                tombstones.add(line.mark, line.sha256)
        return tombstones

    def add(self, mark: str, sha256: str | None = None) -> None:
        """Write one down; it is on disk afterwards. Raises LedgerUnavailable: nothing was written."""
        line = Tombstone(mark=mark, sha256=sha256)
        if self._file is not None:
            end = os.lseek(self._file, 0, os.SEEK_END)
            try:
                _write(self._file, f"{line}\n".encode("ascii"))
            except OSError as error:
                os.ftruncate(self._file, end)  # half a line would spoil the next one
                raise LedgerUnavailable(f"The file of tombstones cannot be written: {error.strerror}.") from error
        self._remember(line)

    def count(self, mark: str) -> int:
        """Say how often it was written down."""
        return self._counts[mark]

    def sha256(self, mark: str) -> str | None:
        """Give the hash of the bytes that were stored last."""
        return self._sums.get(mark)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _remember(self, line: Tombstone) -> None:
        self._counts[line.mark] += 1
        if line.sha256:
            self._sums[line.mark] = line.sha256


def _write(file: int, octets: bytes) -> None:
    if os.write(file, octets) != len(octets):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    os.fdatasync(file)


def keyed(secret: bytes, *words: str) -> str:
    """Give 160 bits that only this installation can make of the words; of letters and digits."""
    digest = hmac.digest(secret, "\0".join(words).encode(), "sha256")[:20]
    return base64.b32encode(digest).decode().lower()


def _read(path: Path) -> tuple[bytes, list[Tombstone]] | None:
    """Read secret and lines; None where there is no file, or the secret in it is damaged. A line that is damaged is
    passed over, and half a line at the end cut off: what it was to announce never happened.
    """
    try:
        file = open_privately(path, os.O_RDWR)
    except FileNotFoundError:
        return None
    with os.fdopen(file, "r+b") as opened:
        octets = opened.read()
        whole = octets.rpartition(b"\n")[0]
        if whole and len(whole) + 1 < len(octets):
            opened.truncate(len(whole) + 1)
            os.fsync(opened.fileno())
    first, *rest = whole.decode("ascii", "replace").split("\n")
    if not _SECRET.fullmatch(first):
        return None
    return bytes.fromhex(first), [Tombstone(**line.groupdict()) for line in map(_LINE.fullmatch, rest) if line]
