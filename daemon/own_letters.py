"""A folder of letter templates that the person wrote in; the texts of those that are sound out, and what is wrong
with the others. Files are named as ours are: `<language>/<letter>.txt`.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from composer.letter_check import template_faults

LARGEST = 64 * 1024  # bytes of a file
_MOST = 500  # files that are looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnLetters:
    """`texts` by "<language>/<letter>"; `problems` each with file and line."""

    texts: Mapping[str, str]
    problems: tuple[str, ...]


def read_own_letters(folder: Path) -> OwnLetters:
    """Read and judge every file. Never fails: what cannot be used is a problem, and our letter stands in its place."""
    if not folder.is_dir():
        return OwnLetters(texts={}, problems=(f"{folder}:1: there is no such folder; our own letters are used",))
    texts: dict[str, str] = {}
    problems: list[str] = []
    paths: dict[str, Path] = {}
    for path in islice(sorted(folder.glob("*/*.txt")), _MOST):
        key = f"{path.parent.name}/{path.stem}"
        paths[key] = path
        try:
            texts[key] = _text_of(path, folder)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            problems.append(f"{path}:1: {reason}; our own letter is used")
    faults = template_faults(texts)
    problems += [f"{paths[key]}:{fault.line}: {fault.text}; our own letter is used" for key, fault in faults.items()]
    return OwnLetters(
        texts={key: text for key, text in texts.items() if key not in faults}, problems=tuple(sorted(problems))
    )


def _text_of(path: Path, folder: Path) -> str:
    real = path.resolve(strict=True)
    if not real.is_relative_to(folder.resolve(strict=True)):
        raise ValueError("leads out of the folder")
    # What the name stands for may change in between: the opened file is the one that is judged.
    with os.fdopen(os.open(real, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("is no file")
        if status.st_uid not in {os.getuid(), 0}:
            raise ValueError("belongs to another user")
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise ValueError(f"is larger than {LARGEST // 1024} KiB")
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise ValueError("is no text in UTF-8") from None
