"""The port to a person's message store: what every kind of mailbox must do, and no more.

Words (RFC 9051): a *mailbox* on the server is called folder here, to keep it apart from the whole store. A message is
named by (folder, UIDVALIDITY, UID); sequence numbers are never used. Names of folders are decoded (no modified UTF-7).

The contract, which `tests/daemon/test_mailbox_contract.py` proves for each implementation:

1. Reading changes nothing: no flag of any message, \\Seen and \\Recent included, is different afterwards.
2. The only writes are `append_draft`, `store`, `expunge_draft`, `move` and `create_folder`. `expunge_draft` and `move`
   take away exactly one UID, and never another message that somebody marked \\Deleted; no write changes any other.
3. Within one UIDVALIDITY a UID names the same bytes for ever, and a message that arrives later has a UID that is at
   least the UIDNEXT seen earlier.
4. Every call ends within its deadline. It raises `LinkLost` when the connection broke or timed out: then nothing is
   known of what the call did, and the object is of no more use: `close` it and open another.
5. A call raises `MailboxError` (or a subclass) and nothing else.
6. An object is used by one thread at a time.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from daemon.errors import MailboxError


class Use(StrEnum):
    """What a folder is for (RFC 6154 special use, and INBOX)."""

    INBOX = "inbox"
    DRAFTS = "drafts"
    SENT = "sent"
    TRASH = "trash"
    JUNK = "junk"
    ARCHIVE = "archive"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A folder that can be selected."""

    name: str
    use: Use | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderState:
    """What a folder says of itself when it is opened."""

    uidvalidity: int
    uidnext: int
    messages: int
    highestmodseq: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartOutline:
    """One leaf of BODYSTRUCTURE. `section` is the part specifier ("1", "2.1"); `size` counts encoded octets."""

    section: str
    content_type: str  # lower case, "text/plain"
    size: int
    filename: str | None = None
    attachment: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """What is known of a message before any of its body was fetched.

    `header` holds the fields of `HEADER_FIELDS` only, as sent. `parts` is empty when the structure could not be read.
    """

    uid: int
    received_at: datetime  # INTERNALDATE
    size: int
    flags: frozenset[str]
    header: bytes
    parts: tuple[PartOutline, ...] = ()


# What the filter of intake, threading and the watch over drafts need, and nothing more.
HEADER_FIELDS = (
    "Message-ID",
    "In-Reply-To",
    "References",
    "Date",
    "From",
    "Sender",
    "Reply-To",
    "To",
    "Cc",
    "Subject",
    "List-Id",
    "List-Unsubscribe",
    "Precedence",
    "Auto-Submitted",
    "Content-Type",
    "X-Microsoft-Original-Message-ID",  # what Exchange leaves of a Message-ID when a draft is sent
)


DRAFT_FLAGS = frozenset({"\\Draft", "\\Seen"})

_FLAG = re.compile(r"\\(?:Seen|Answered|Flagged|Deleted|Draft)|\$?[A-Za-z][A-Za-z0-9_.-]{0,60}")


def check_flags(flags: frozenset[str]) -> frozenset[str]:
    """Give the flags back. Raises MailboxError for one that is neither a system flag nor a plain keyword."""
    for flag in flags:
        if not _FLAG.fullmatch(flag):
            raise MailboxError(f"{flag[:60]!r} cannot be a flag of a message.")
    return flags


@dataclass(frozen=True, slots=True, kw_only=True)
class Appended:
    """The server's answer to a completed APPEND; None where it does not say (no UIDPLUS, RFC 4315)."""

    uidvalidity: int | None = None
    uid: int | None = None


class Mailbox(Protocol):
    """One account's message store. See the module's docstring for the contract."""

    def folders(self) -> tuple[Folder, ...]:
        """List every selectable folder; at most one has each `use`, and INBOX is always among them."""

    def state(self, folder: str) -> FolderState:
        """Open the folder for reading and say its state. Raises FolderMissing."""

    def new(self, folder: str, *, first_uid: int, since: datetime | None = None) -> Iterator[tuple[Outline, ...]]:
        """Yield the outlines of messages with UID >= `first_uid`, in batches, by ascending UID.

        With `since`, those whose INTERNALDATE lies on an earlier day may be left out.
        """

    def outlines(self, folder: str, uids: Collection[int]) -> tuple[Outline, ...]:
        """Give the outlines of these UIDs, ascending; those that no longer exist are left out."""

    def uids(self, folder: str) -> frozenset[int]:
        """Give every UID that exists now."""

    def uids_with(self, folder: str, address: str, *, since: datetime | None = None) -> tuple[int, ...]:
        """Give the UIDs of messages from or to this address: a hint by the server, which may name too many."""

    def read(self, folder: str, outlines: Collection[Outline]) -> Iterator[tuple[int, bytes]]:
        """Yield (UID, message) for each that still exists. The message is RFC 5322 bytes with its whole header and its
        text and text/calendar parts (each at most 1 MiB); attachments may be left out.
        """

    def whole(self, folder: str, uid: int) -> bytes | None:
        """Give every octet of one message, attachments included; None when it is gone."""

    def append_draft(self, folder: str, message: bytes) -> Appended:
        """Store these very bytes with \\Draft and \\Seen, set in the same command.

        Raises LinkLost when the outcome is unknown, another MailboxError when the server said no (nothing stored).
        """

    def store(self, folder: str, message: bytes, *, flags: frozenset[str] = frozenset()) -> Appended:
        """Store these very bytes with these flags (\\Seen, or a keyword), set in the same command; what a store cannot
        keep of the flags is lost. Raises as `append_draft` does.
        """

    def expunge_draft(self, folder: str, uid: int) -> bool:
        """Remove this one message for good; False when that cannot be done for it alone (no UIDPLUS) or it is gone."""

    def move(self, folder: str, uid: int, target: str) -> bool:
        """Move this one message; it keeps its bytes, flags and arrival. False, and nothing changed, when that cannot be
        done for it alone (neither MOVE nor UIDPLUS) or it is gone. Raises LinkLost when the outcome is unknown: it may
        then be in both folders. Raises FolderMissing for either of them.
        """

    def create_folder(self, path: str) -> str:
        """Make a folder and subscribe to it, unless there is one, and give its name as the other calls know it.

        The levels of `path` are divided by "/", whatever the server's delimiter is and below whatever prefix it keeps a
        person's folders; a store without levels, or with messages or levels in a folder but not both, gets one flat
        name of them ("Tactful Later"). Raises MailboxError.
        """

    def confirms(self, now: datetime) -> bool | None:
        """Whether the server's own clock shows this instant, give or take a day; None: it cannot be asked."""
        return None

    def begin_wait(self, folder: str) -> int | None:
        """Start to wait for changes of the folder. Give a file descriptor that becomes readable when something may
        have changed, or None when this store can only be asked again. No other call may come before `end_wait`.
        A change between the last look and this call makes the descriptor readable or is found by the next look.
        """

    def end_wait(self) -> None:
        """End the wait; raises LinkLost when the connection did not survive it."""

    def close(self) -> None:
        """Let go of the connection; never raises."""
