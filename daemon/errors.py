"""The tree of errors: each knows its facts, its exit status (sysexits.h) and the next step."""

from __future__ import annotations

import re
from datetime import timedelta

_TOLD_WAIT = re.compile(
    r"(?:back-?off[^0-9]{0,20}|again (?:in|after) |retry.after[^0-9]{0,3})"
    r"([0-9]{1,9}) ?(millisecond|ms|sec|s\b|min|hour)",
    re.IGNORECASE,
)
_UNITS = {
    "mil": timedelta(milliseconds=1),
    "ms": timedelta(milliseconds=1),
    "sec": timedelta(seconds=1),
    "s": timedelta(seconds=1),
    "min": timedelta(minutes=1),
    "hou": timedelta(hours=1),
}


class TactfulError(Exception):
    """Anything that ends a command. `exit_status` is its value of sysexits.h."""

    exit_status = 1
    told_once = False  # it is met again and again, with nothing to add, until somebody does something

    @property
    def state(self) -> str:
        """What a status line says while it lasts; no name and no address."""
        return f"degraded: {type(self).__name__}"


class ConfigError(TactfulError):
    """The configuration is wrong. `problems` has every one, each `file:line:column: path: what, and what next`."""

    exit_status = 78

    def __init__(self, problems: tuple[str, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class IncompleteInstallation(TactfulError):
    """A part of the program is missing; the message says where and how to get it."""

    exit_status = 78


class InputError(TactfulError):
    """A file that the person named cannot be read at all."""

    exit_status = 65


class StateError(TactfulError):
    """The state directory cannot be used: locked by another daemon, foreign owner, newer version, damaged."""

    exit_status = 75


class StateLocked(StateError):
    """Another process holds the state directory's lock."""


class LedgerUnavailable(StateError):
    """The ledger cannot be written just now: the disk is full, or another process holds it. Nothing was written."""

    @property
    def state(self) -> str:
        """It goes on by itself when there is room."""
        return "degraded: the ledger cannot be written"


class SecretError(TactfulError):
    """The password could not be had."""

    exit_status = 77
    told_once = True


class KeyringUnavailable(SecretError):
    """The keyring is locked, gives no answer, or is not there yet."""

    exit_status = 75

    @property
    def state(self) -> str:
        """It goes on by itself."""
        return "waiting for keyring"


class LoginNeeded(SecretError):
    """There is nothing to log in with until the person has said `tactful login`."""

    @property
    def state(self) -> str:
        """The verb is the next step."""
        return "waiting for you: say tactful login"


class TokenUnavailable(SecretError):
    """The provider gives no access token just now."""

    exit_status = 75


class ClockInDoubt(TactfulError):
    """The machine's clock was set far from where it stood, and nothing confirms that it is right now."""

    exit_status = 75


class MailboxError(TactfulError):
    """Something went wrong with the mailbox."""

    exit_status = 75


class Unreachable(MailboxError):
    """No connection to the server, or no trustworthy one (TLS)."""

    exit_status = 69


class CertificateRefused(Unreachable):
    """The server cannot prove who it is. `reason` is what was found, such as "certificate has expired"."""

    told_once = True

    def __init__(self, message: str, *, reason: str) -> None:
        self.reason = reason
        super().__init__(message)

    @property
    def state(self) -> str:
        """The reason decides what is to be done."""
        return f"degraded: the server's certificate cannot be trusted ({self.reason})"


class LoginRefused(MailboxError):
    """The server refuses the credentials."""

    exit_status = 77
    told_once = True


class LoginUnchecked(MailboxError):
    """The server could not check the credentials just now; they may be right."""

    told_once = True


class ServerBusy(MailboxError):
    """The server asks to come back later ([LIMIT], [UNAVAILABLE], [INUSE], too many connections); the message has its
    words.
    """

    @property
    def wait(self) -> timedelta | None:
        """How long it asks to be left alone, where it says so ("Suggested Backoff Time: 178755 milliseconds")."""
        found = _TOLD_WAIT.search(str(self))
        return int(found[1]) * _UNITS[found[2][:3].lower()] if found else None


class LinkLost(MailboxError):
    """The connection broke or timed out; nothing is known of the command that was under way."""


class FolderMissing(MailboxError):
    """A mailbox that is needed does not exist; the message says how to name it in the configuration."""

    exit_status = 78
