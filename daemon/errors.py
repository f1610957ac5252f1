"""The tree of errors: each knows its facts, its exit status (sysexits.h) and the next step."""

from __future__ import annotations


class TactfulError(Exception):
    """Anything that ends a command. `exit_status` is its value of sysexits.h."""

    exit_status = 1


class ConfigError(TactfulError):
    """The configuration is wrong. `problems` has every one, each `file:line:column: path: what, and what next`."""

    exit_status = 78

    def __init__(self, problems: tuple[str, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class InputError(TactfulError):
    """A file that the person named cannot be read at all."""

    exit_status = 65


class StateError(TactfulError):
    """The state directory cannot be used: locked by another daemon, foreign owner, newer version, damaged."""

    exit_status = 75


class StateLocked(StateError):
    """Another process holds the state directory's lock."""


class SecretError(TactfulError):
    """The password could not be had."""

    exit_status = 77


class MailboxError(TactfulError):
    """Something went wrong with the mailbox."""

    exit_status = 75


class Unreachable(MailboxError):
    """No connection to the server, or no trustworthy one (TLS)."""

    exit_status = 69


class LoginRefused(MailboxError):
    """The server refuses the credentials."""

    exit_status = 77


class ServerBusy(MailboxError):
    """The server asks to come back later ([LIMIT], [UNAVAILABLE], [INUSE], too many connections)."""


class LinkLost(MailboxError):
    """The connection broke or timed out; nothing is known of the command that was under way."""


class FolderMissing(MailboxError):
    """A mailbox that is needed does not exist; the message says how to name it in the configuration."""

    exit_status = 78
