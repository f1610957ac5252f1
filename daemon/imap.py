"""A person's mailbox on an IMAP server: `daemon.mailbox`'s contract over RFC 3501/9051.

Folders are opened by EXAMINE and bodies fetched by BODY.PEEK, so that looking leaves no trace. The only commands that
write are APPEND, and the STORE and UID EXPUNGE (RFC 4315) of one draft.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from daemon.errors import FolderMissing, LinkLost, MailboxError, ServerBusy
from daemon.folders import Listing, assign_uses
from daemon.imap_answers import read_appended, read_codes, read_listing, read_search
from daemon.imap_fetch import fetch_messages, fetch_outlines
from daemon.imap_link import Completion, Link, Literal, argument, folder_argument, quoted
from daemon.imap_login import connect, says_busy
from daemon.imap_wire import ImapSettings, Tls
from daemon.localmail import canonical
from daemon.mailbox import Appended, Folder, FolderState, Mailbox, Outline

__all__ = ["ImapMailbox", "ImapSettings", "Tls", "open_imap"]

BATCH = 500  # outlines; about 1 MB of them
READ_AT_ONCE = 100  # messages, and
READ_OCTETS = 8 << 20
SEARCHED_AT_ONCE = 50_000  # UIDs: an answer line of at most 550 KB
MOST_WINDOWS = 64  # where the UIDs of few messages are spread thinly
DONE_PATIENCE = 15.0  # seconds; Delta Chat's, after years of dead links
GOODBYE_PATIENCE = 2.0  # seconds
HIGHEST_UID = 2**32 - 1  # RFC 9051 section 9, nz-number

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")  # whatever the locale


@dataclass(slots=True)
class _Opened:
    """The folder that is open. `uidnext` is None once something arrived after it was opened."""

    name: str
    uidvalidity: int
    uidnext: int | None


def open_imap(settings: ImapSettings, secret: str) -> ImapMailbox:
    """Connect and log in. Raises Unreachable, LoginRefused or ServerBusy."""
    wire, capabilities = connect(settings, secret)
    return ImapMailbox(settings, Link(wire, settings.name, patience=settings.call_timeout), capabilities)


class ImapMailbox(Mailbox):
    """One connection; see `open_imap`."""

    def __init__(self, settings: ImapSettings, link: Link, capabilities: frozenset[str]) -> None:
        self._settings = settings
        self._link = link
        self.capabilities = capabilities  # in upper case, for `check`
        self._opened: _Opened | None = None
        self._last_seen: dict[str, tuple[int, int | None, int]] = {}  # what each folder was like at the last look
        self._spelled: dict[str, bytes] = {}  # folder names as the server writes them
        self._always_readable: tuple[int, int] | None = None

    # ---------------------------------------------------------------------------------------------------- folders

    def folders(self) -> tuple[Folder, ...]:
        listings = {listing.name: listing for listing in self._list()}
        if {"SPECIAL-USE", "LIST-EXTENDED"} <= self.capabilities:
            # RFC 6154 section 2: a server may keep the attributes back unless they are asked for
            for listing in self._list(b"RETURN", b"(SPECIAL-USE)"):
                plain = listings.get(listing.name, listing)
                listings[listing.name] = Listing(
                    name=listing.name,
                    attributes=plain.attributes | listing.attributes,
                    delimiter=listing.delimiter,
                )
        return assign_uses(tuple(listings.values()), self._settings.folders)

    def _list(self, *options: bytes) -> list[Listing]:
        completion, answers = self._link.run(b"LIST", b'""', b'"*"', *options)
        if not completion.ok and not options:
            raise self._refusal("list its folders", completion)
        read = [found for answer in answers if (found := read_listing(answer)) is not None]
        for listing, spelled in read:
            self._spelled.setdefault(listing.name, spelled)
        return [listing for listing, _ in read]

    def _named(self, folder: str) -> bytes:
        """Give the folder's name as an argument, in the server's own spelling where that is known."""
        name = folder_argument(folder)
        spelled = self._spelled.get(folder)
        return quoted(spelled) if spelled is not None and not any(o < 32 for o in spelled) else name

    def state(self, folder: str) -> FolderState:
        return self._open(folder)

    def _open(self, folder: str) -> FolderState:
        self._opened = None
        completion, answers = self._link.run(b"EXAMINE", self._named(folder))
        if not completion.ok:
            raise self._missing(folder, completion)
        codes = read_codes(answers)
        if "UIDVALIDITY" not in codes:
            raise MailboxError(f"{self._settings.name} gives no lasting numbers to the messages in “{folder}”.")
        self._link.messages = codes.get("EXISTS", 0)
        self._link.changed = False
        uidnext = codes.get("UIDNEXT") or self._highest_uid() + 1
        self._opened = _Opened(folder, codes["UIDVALIDITY"], uidnext)
        self._remember()
        return FolderState(
            uidvalidity=codes["UIDVALIDITY"],
            uidnext=uidnext,
            messages=self._link.messages,
            highestmodseq=codes.get("HIGHESTMODSEQ"),
        )

    def _highest_uid(self) -> int:
        """Old servers do not tell UIDNEXT."""
        found = self._search(b"UID", b"*") if self._link.messages else []
        return found[-1] if found else 0

    def _look(self, folder: str) -> _Opened:
        """Have the folder open, with all that has arrived until now in view."""
        if self._opened is None or self._opened.name != folder:
            self._open(folder)
        else:
            completion, _ = self._link.run(b"NOOP")
            if not completion.ok:
                raise self._refusal("look for news", completion)
            self._take_note()
        if self._opened is None:
            raise LinkLost(f"{self._settings.name} closed the folder “{folder}”.")
        self._remember()
        return self._opened

    def _stay(self, folder: str, uidvalidity: int) -> None:
        """Go on with a folder that may have been left, or renumbered, since the last batch."""
        if self._opened is None or self._opened.name != folder:
            self._open(folder)
        if self._opened is None or self._opened.uidvalidity != uidvalidity:
            raise MailboxError(f"The folder “{folder}” on {self._settings.name} was renumbered while it was read.")

    def _take_note(self) -> None:
        """What arrived makes the UIDNEXT of the opening worthless."""
        if self._link.changed and self._opened is not None:
            self._opened.uidnext = None

    def _remember(self) -> None:
        if self._opened is not None:
            self._link.changed = False
            seen = (self._opened.uidvalidity, self._opened.uidnext, self._link.messages)
            self._last_seen[self._opened.name] = seen

    # ---------------------------------------------------------------------------------------------------- looking

    def new(self, folder: str, *, first_uid: int, since: datetime | None = None) -> Iterator[tuple[Outline, ...]]:
        opened = self._look(folder)
        uidvalidity, first = opened.uidvalidity, max(1, first_uid)
        for window in self._windows(first, opened.uidnext):
            self._stay(folder, uidvalidity)
            # "n:*" always names the last message, though its UID be lower (RFC 9051 section 9, seq-range)
            found = [uid for uid in self._search(b"UID", window, *_since(since)) if uid >= first]
            for start in range(0, len(found), BATCH):
                self._stay(folder, uidvalidity)
                outlines = fetch_outlines(self._link, found[start : start + BATCH])
                if outlines:
                    yield outlines

    def outlines(self, folder: str, uids: Collection[int]) -> tuple[Outline, ...]:
        self._look(folder)
        wanted = sorted({uid for uid in uids if 0 < uid <= HIGHEST_UID})
        found: list[Outline] = []
        for start in range(0, len(wanted), BATCH):
            found += fetch_outlines(self._link, wanted[start : start + BATCH])
        return tuple(found)

    def uids(self, folder: str) -> frozenset[int]:
        opened = self._look(folder)
        found: set[int] = set()
        for window in self._windows(1, opened.uidnext):
            found.update(self._search(b"UID", window))
        return frozenset(found)

    def uids_with(self, folder: str, address: str, *, since: datetime | None = None) -> tuple[int, ...]:
        wanted = argument(address)
        self._look(folder)
        charset = (b"CHARSET", b"UTF-8") if isinstance(wanted, Literal) else ()
        anywhere = (b"OR", b"FROM", wanted, b"OR", b"TO", wanted, b"OR", b"CC", wanted, b"BCC", wanted)
        return tuple(self._search(*charset, *_since(since), *anywhere))

    def _windows(self, first: int, uidnext: int | None) -> Iterator[bytes]:
        """Divide the UIDs from `first` on so that no answer has a line of a megabyte."""
        if uidnext is not None and first >= uidnext:
            return
        if self._link.messages > SEARCHED_AT_ONCE and uidnext is not None:
            span = max(SEARCHED_AT_ONCE, -(-(uidnext - first) // MOST_WINDOWS))
            while first + span < uidnext:
                yield b"%d:%d" % (first, first + span - 1)
                first += span
        yield b"%d:*" % first

    def _search(self, *criteria: bytes) -> list[int]:
        completion, answers = self._link.run(b"UID", b"SEARCH", *criteria)
        if not completion.ok:
            raise self._refusal("search", completion)
        return read_search(answers)

    # ---------------------------------------------------------------------------------------------------- reading

    def read(self, folder: str, outlines: Collection[Outline]) -> Iterator[tuple[int, bytes]]:
        if not outlines:
            return
        uidvalidity = self._look(folder).uidvalidity
        for batch in _handfuls(outlines):
            self._stay(folder, uidvalidity)
            messages = fetch_messages(self._link, batch)
            for outline in batch:
                if outline.uid in messages:
                    yield outline.uid, messages[outline.uid]

    # ---------------------------------------------------------------------------------------------------- writing

    def append_draft(self, folder: str, message: bytes) -> Appended:
        if message != canonical(message) or b"\0" in message:
            raise MailboxError("A draft must have CRLF line ends and no NUL; nothing was stored.")
        completion, _ = self._link.run(b"APPEND", self._named(folder), rb"(\Draft \Seen)", Literal(message))
        self._take_note()
        if not completion.ok:
            if completion.code in ("TRYCREATE", "NONEXISTENT"):
                raise self._missing(folder, completion)
            raise self._refusal("store the draft, nothing was stored", completion)
        return read_appended(completion.text)

    def expunge_draft(self, folder: str, uid: int) -> bool:
        name = self._named(folder)
        if "UIDPLUS" not in self.capabilities:
            self._look(folder)
            return False  # EXPUNGE alone would take with it what others have marked
        self._opened = None
        completion, _ = self._link.run(b"SELECT", name)
        if not completion.ok:
            raise self._missing(folder, completion)
        try:
            return 0 < uid <= HIGHEST_UID and uid in self._search(b"UID", b"%d" % uid) and self._expunge(uid)
        finally:
            # Leave the folder as a reader; CLOSE would expunge.
            if not self._link.lost:
                self._link.run(b"EXAMINE", name)

    def _expunge(self, uid: int) -> bool:
        for words in (
            (b"UID", b"STORE", b"%d" % uid, b"+FLAGS.SILENT", rb"(\Deleted)"),
            (b"UID", b"EXPUNGE", b"%d" % uid),
        ):
            completion, _ = self._link.run(*words)
            if not completion.ok:
                raise self._refusal("remove the draft", completion)
        return True

    # ---------------------------------------------------------------------------------------------------- waiting

    def begin_wait(self, folder: str) -> int | None:
        known = self._last_seen.get(folder)
        self._take_note()
        if self._opened is None or self._opened.name != folder:
            self._open(folder)
        if "IDLE" not in self.capabilities:
            return None
        changed = self._link.changed or _differs(known, self._last_seen[folder])
        descriptor = self._link.begin_idle()
        if descriptor is None:
            return None
        # What came in one packet with "+ idling" is in our hands already, and the socket stays silent about it.
        if changed or self._link.changed or self._link.holds_unread():
            return self._readable_at_once()
        return descriptor

    def _readable_at_once(self) -> int:
        self._always_readable = os.pipe()
        os.write(self._always_readable[1], b"!")
        return self._always_readable[0]

    def end_wait(self) -> None:
        self._forget_pipe()
        self._link.end_idle(DONE_PATIENCE)
        self._take_note()

    def _forget_pipe(self) -> None:
        if self._always_readable is not None:
            for end in self._always_readable:
                with suppress(OSError):
                    os.close(end)
            self._always_readable = None

    def close(self) -> None:
        self._forget_pipe()
        self._link.close(GOODBYE_PATIENCE)

    # ---------------------------------------------------------------------------------------------------- refusals

    def _refusal(self, attempt: str, completion: Completion) -> MailboxError:
        message = f"{self._settings.name} would not {attempt}: {completion.text[:300]}"
        return ServerBusy(message) if says_busy(completion.text) else MailboxError(message)

    def _missing(self, folder: str, completion: Completion) -> MailboxError:
        if says_busy(completion.text):
            return self._refusal(f"open “{folder}”", completion)
        return FolderMissing(
            f"The mailbox on {self._settings.name} has no folder “{folder[:100]}” that can be opened "
            f"({completion.text[:300]}): name the right one under “folders” in the account's imap section."
        )


def _differs(before: tuple[int, int | None, int] | None, now: tuple[int, int | None, int]) -> bool:
    """Whether something happened between two looks, as far as is known of the first."""
    return before is not None and any(b not in (None, n) for b, n in zip(before, now, strict=True))


def _since(since: datetime | None) -> tuple[bytes, ...]:
    """A day earlier than asked for: SINCE compares dates without looking at the zone (RFC 9051 6.4.4)."""
    if since is None:
        return ()
    day = since - timedelta(days=1)
    return b"SINCE", f"{day.day}-{_MONTHS[day.month - 1]}-{day.year:04d}".encode("ascii")


def _handfuls(outlines: Collection[Outline]) -> Iterator[Sequence[Outline]]:
    handful: list[Outline] = []
    octets = 0
    for outline in outlines:
        weight = min(outline.size, 2 << 20)
        if handful and (len(handful) == READ_AT_ONCE or octets + weight > READ_OCTETS):
            yield handful
            handful, octets = [], 0
        handful.append(outline)
        octets += weight
    if handful:
        yield handful
