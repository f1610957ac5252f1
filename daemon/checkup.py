"""Looks at a connected mailbox, or a folder of templates, and says what is there and what is missing or wrong."""

from __future__ import annotations

from pathlib import Path

from daemon.mailbox import Mailbox, Use
from daemon.report import JsonObject

_NEEDED = (Use.INBOX, Use.DRAFTS, Use.SENT)

_MISSING = {
    Use.INBOX: "no INBOX: nothing can be read",
    Use.DRAFTS: "no folder for drafts: name it in the configuration under folders: drafts",
    Use.SENT: "no folder for sent mail: name it under folders: sent, or your own letters will not be noticed",
}

# What each capability (RFC 9051, 2177, 4315, 6154) is for, where its absence is felt.
_WISHED = {
    "IDLE": "the server cannot tell of new mail: it is asked every few minutes instead",
    "UIDPLUS": "a draft that became wrong cannot be taken back; it is reported and stays",
    "SPECIAL-USE": "folders are found by their names",
}


_NO_MOVES = (
    "no MOVE and no UIDPLUS: what comes back from Approved and Later stays there, you must move it; and the status "
    "message is not replaced, a new one is added at most once a day"
)


def missing_features(capabilities: frozenset[str] | None, *, controls: bool) -> tuple[str, ...]:
    """Say what a server lacks and how that is felt; `capabilities` in upper case, None for what is not a server."""
    if capabilities is None:
        return ()
    missing = [f"no {wished}: {felt}" for wished, felt in _WISHED.items() if wished not in capabilities]
    if controls and not {"MOVE", "UIDPLUS"} & capabilities:
        missing.append(_NO_MOVES)
    return tuple(missing)


def check_account(
    name: str, mailbox: Mailbox, capabilities: frozenset[str] | None, *, controls: bool = False
) -> JsonObject:
    """Say how an account is. `capabilities` is None for a store that is not a server. Raises MailboxError."""
    folders = {folder.use: folder.name for folder in mailbox.folders() if folder.use}
    missing = [use for use in _NEEDED if use not in folders]
    problems = [_MISSING[use] for use in missing]
    problems += missing_features(capabilities, controls=controls)
    return {
        "account": name,
        "ok": not {Use.INBOX, Use.DRAFTS} & set(missing),
        "folders": {str(use): folder for use, folder in sorted(folders.items())},
        "capabilities": sorted(capabilities) if capabilities is not None else [],
        "problems": problems,
    }


def check_letters(folder: Path) -> JsonObject:
    """Say which of the person's own templates are used, and what is wrong with the others."""
    from daemon.own_letters import read_own_letters  # only here: the template engine takes long to import

    own = read_own_letters(folder)
    return {
        "letters": str(folder),
        "ok": not own.problems,
        "templates": sorted(own.texts),
        "problems": list(own.problems),
    }
