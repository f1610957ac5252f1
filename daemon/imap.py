"""A person's mailbox on an IMAP server: `daemon.mailbox`'s contract over RFC 3501/9051.

Folders are opened by EXAMINE and bodies fetched by BODY.PEEK, so that looking leaves no trace. The only commands that
write are those of `daemon.imap_writer`.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from daemon.errors import LinkLost, MailboxError, ServerBusy
from daemon.folders import assign_uses
from daemon.imap_fetch import fetch_messages, fetch_outlines, fetch_uids, fetch_whole
from daemon.imap_link import HIGHEST_UID, Link, Literal, argument
from daemon.imap_login import connect
from daemon.imap_session import SEARCHED_AT_ONCE, Session
from daemon.imap_wire import ImapSettings, Tls
from daemon.imap_writer import Writer
from daemon.mailbox import DRAFT_FLAGS, Appended, Folder, FolderState, Mailbox, Outline

__all__ = ["ImapMailbox", "ImapSettings", "Tls", "open_imap"]

BATCH = 500  # outlines; about 1 MB of them
READ_AT_ONCE = 100  # messages, and
READ_OCTETS = 8 << 20
DONE_PATIENCE = 15.0  # seconds; Delta Chat's, after years of dead links
GOODBYE_PATIENCE = 2.0  # seconds
A_DAY = timedelta(days=1)

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")  # whatever the locale


def open_imap(settings: ImapSettings, secret: str) -> ImapMailbox:
    """Connect and log in. Raises Unreachable, LoginRefused or ServerBusy."""
    wire, capabilities = connect(settings, secret)
    return ImapMailbox(settings, Link(wire, settings.name, patience=settings.call_timeout), capabilities)


class ImapMailbox(Mailbox):
    """One connection; see `open_imap`."""

    def __init__(self, settings: ImapSettings, link: Link, capabilities: frozenset[str]) -> None:
        self._settings = settings
        self._link = link
        self._session = Session(link, settings.name)
        self._writer = Writer(self._session, capabilities)
        self._always_readable: tuple[int, int] | None = None
        self.capabilities = capabilities  # in upper case, for `check`

    # ---------------------------------------------------------------------------------------------------- folders

    def folders(self) -> tuple[Folder, ...]:
        listings = {listing.name: listing for listing in self._session.listings()}
        if {"SPECIAL-USE", "LIST-EXTENDED"} <= self.capabilities:
            # RFC 6154 section 2: a server may keep the attributes back unless they are asked for.
            for listing in self._session.listings(b"RETURN", b"(SPECIAL-USE)"):
                plain = listings.get(listing.name, listing)
                listings[listing.name] = replace(plain, attributes=plain.attributes | listing.attributes)
        return assign_uses(tuple(listings.values()), self._settings.folders)

    def state(self, folder: str) -> FolderState:
        return self._session.examine(folder)

    # ---------------------------------------------------------------------------------------------------- looking

    def new(self, folder: str, *, first_uid: int, since: datetime | None = None) -> Iterator[tuple[Outline, ...]]:
        opened = self._session.look(folder, for_news=True)
        uidvalidity, first = opened.uidvalidity, max(1, first_uid)
        for window in self._session.windows(first, opened.uidnext):
            self._session.stay(folder, uidvalidity)
            # "n:*" always names the last message, though its UID be lower (RFC 9051 section 9, seq-range)
            numbered = self._searched(b"UID", window, *_since(since)) if since else None
            found = [uid for uid in (self._uids(window) if numbered is None else numbered) if uid >= first]
            for start in range(0, len(found), BATCH):
                self._session.stay(folder, uidvalidity)
                outlines = fetch_outlines(self._link, found[start : start + BATCH])
                if outlines:
                    yield outlines

    def outlines(self, folder: str, uids: Collection[int]) -> tuple[Outline, ...]:
        self._session.look(folder)
        wanted = sorted({uid for uid in uids if 0 < uid <= HIGHEST_UID})
        found: list[Outline] = []
        for start in range(0, len(wanted), BATCH):
            found += fetch_outlines(self._link, wanted[start : start + BATCH])
        return tuple(found)

    def uids(self, folder: str) -> frozenset[int]:
        opened = self._session.look(folder)
        found: set[int] = set()
        for window in self._session.windows(1, opened.uidnext):
            found.update(self._uids(window))
        return frozenset(found)

    def _searched(self, *criteria: bytes) -> list[int] | None:
        """Search; None where the server cannot do that at all, which is no reason to do nothing at all."""
        try:
            return self._session.search(*criteria)
        except LinkLost:
            raise
        except MailboxError as error:
            if isinstance(error, ServerBusy) and "[SERVERBUG]" not in str(error).upper():
                raise
            return None

    def _uids(self, window: bytes) -> list[int]:
        # Servers are known whose SEARCH passes messages over, and what is missed here counts as deleted. A folder too
        # large for that is none for drafts.
        if self._link.messages > SEARCHED_AT_ONCE:
            return self._session.search(b"UID", window)
        return fetch_uids(self._link, window) if self._link.messages else []

    def uids_with(self, folder: str, address: str, *, since: datetime | None = None) -> tuple[int, ...]:
        wanted = argument(address)
        self._session.look(folder)
        charset = (b"CHARSET", b"UTF-8") if isinstance(wanted, Literal) else ()
        anywhere = (b"OR", b"FROM", wanted, b"OR", b"TO", wanted, b"OR", b"CC", wanted, b"BCC", wanted)
        found = self._searched(*charset, *_since(since), *anywhere)
        return tuple(sorted(self.uids(folder)) if found is None else found)

    # ---------------------------------------------------------------------------------------------------- reading

    def read(self, folder: str, outlines: Collection[Outline]) -> Iterator[tuple[int, bytes]]:
        if not outlines:
            return
        uidvalidity = self._session.look(folder).uidvalidity
        for batch in _handfuls(outlines):
            self._session.stay(folder, uidvalidity)
            messages = fetch_messages(self._link, batch)
            for outline in batch:
                if outline.uid in messages:
                    yield outline.uid, messages[outline.uid]

    def whole(self, folder: str, uid: int) -> bytes | None:
        self._session.look(folder)
        return fetch_whole(self._link, uid) if 0 < uid <= HIGHEST_UID else None

    # ---------------------------------------------------------------------------------------------------- writing

    def append_draft(self, folder: str, message: bytes) -> Appended:
        return self.store(folder, message, flags=DRAFT_FLAGS)

    def store(self, folder: str, message: bytes, *, flags: frozenset[str] = frozenset()) -> Appended:
        return self._writer.store(folder, message, flags)

    def expunge_draft(self, folder: str, uid: int) -> bool:
        return self._writer.expunge(folder, uid)

    def move(self, folder: str, uid: int, target: str) -> bool:
        return self._writer.move(folder, uid, target)

    def create_folder(self, path: str) -> str:
        return self._writer.create_folder(path)

    # ---------------------------------------------------------------------------------------------------- waiting

    def confirms(self, now: datetime) -> bool | None:
        if "WITHIN" not in self.capabilities:
            return None
        self._session.look("INBOX")
        newest = self.outlines("INBOX", self._session.search(b"UID", b"*")[-1:])
        if not newest:
            return None
        # RFC 5032: OLDER n matches what arrived n seconds or more before the server's present.
        arrived = newest[0].received_at
        return self._is_older(newest[0].uid, now - A_DAY - arrived) and not self._is_older(
            newest[0].uid, now + A_DAY - arrived
        )

    def _is_older(self, uid: int, age: timedelta) -> bool:
        seconds = int(age.total_seconds())
        return seconds <= 0 or bool(self._session.search(b"UID", b"%d" % uid, b"OLDER", b"%d" % seconds))

    def begin_wait(self, folder: str) -> int | None:
        changed = self._session.has_changed(folder)
        descriptor = self._link.begin_idle() if "IDLE" in self.capabilities else None
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
        self._link.end_idle(min(DONE_PATIENCE, self._settings.silence_timeout))

    def _forget_pipe(self) -> None:
        if self._always_readable is not None:
            for end in self._always_readable:
                with suppress(OSError):
                    os.close(end)
            self._always_readable = None

    def close(self) -> None:
        self._forget_pipe()
        self._link.close(GOODBYE_PATIENCE)


def _since(since: datetime | None) -> tuple[bytes, ...]:
    """A day earlier than asked for: SINCE compares dates without looking at the zone (RFC 9051 6.4.4)."""
    if since is None or since.year < 1970:
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
