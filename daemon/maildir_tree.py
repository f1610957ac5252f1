"""The directory of a Maildir in, its folders out: Maildir++ (".Sent") and plain sub-directories ("Sent", "INBOX")."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from imapclient import imap_utf7

from daemon.folders import decode_name

DEEPEST = 8  # levels
MOST_FOLDERS = 5000

_PARTS = frozenset({"cur", "new", "tmp"})


def find_folders(root: Path) -> dict[str, Path]:
    """Give every folder by its decoded name with "/" between the levels; the INBOX is the root or a folder so called.

    What a symbolic link shows outside the root is not part of the Maildir.
    """
    home = root.resolve()
    found: dict[str, Path] = {}
    if is_folder(root, home):
        found["INBOX"] = root
    for path, name in _below(root, home, (), 0):
        if len(found) == MOST_FOLDERS:
            break
        found.setdefault(name, path)
    return found


def make_folder(root: Path, levels: Sequence[str], known: Mapping[str, Path]) -> None:
    """Make the directories of a folder in the layout that the other folders have. Raises OSError."""
    names = [os.fsdecode(imap_utf7.encode(level)) for level in levels]
    others = [path for name, path in known.items() if name != "INBOX"]
    if any(path.name.startswith(".") for path in others) or not others:
        path = root / f".{'.'.join(names)}"
    else:
        path = root.joinpath(*names)
    for part in ("tmp", "new", "cur"):  # cur last: only then does it count as a folder
        (path / part).mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.name.startswith("."):
        (path / "maildirfolder").touch(mode=0o600)  # by which a delivery agent tells a folder from an account


def is_folder(path: Path, home: Path) -> bool:
    """Whether the directory holds messages that lie within `home`."""
    return all((path / part).is_dir() and (path / part).resolve().is_relative_to(home) for part in ("cur", "new"))


def _below(directory: Path, home: Path, above: tuple[str, ...], depth: int) -> Iterator[tuple[Path, str]]:
    if depth == DEEPEST:
        return
    try:
        with os.scandir(directory) as entries:
            names = sorted(entry.name for entry in entries if entry.is_dir() and entry.name not in _PARTS)
    except OSError:  # closed to us, or gone meanwhile
        return
    for name in names:
        path = directory / name
        if not path.resolve().is_relative_to(home):
            continue
        dotted = name.startswith(".")
        levels = above + _levels(name)
        if is_folder(path, home):
            yield path, "/".join(levels)
        elif dotted:
            continue  # .git, .notmuch
        yield from _below(path, home, levels, depth + 1)


def _levels(name: str) -> tuple[str, ...]:
    """Maildir++ has all folders side by side (".Archive.2024"), and so has OfflineIMAP, without the first dot."""
    if name.startswith("."):
        parts = name[1:].split(".")
    else:
        parts = name.split(".") if name.casefold().startswith("inbox.") else [name]
    decoded = [decode_name(os.fsencode(part)) for part in parts]
    return tuple("INBOX" if part.casefold() == "inbox" else part for part in decoded)
