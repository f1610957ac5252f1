"""The parts of a schedule: mailboxes that note what is done to them, links that break, processes that die."""

from __future__ import annotations

import imaplib
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from typing import Any

from daemon.errors import LinkLost
from daemon.imap import ImapMailbox
from daemon.imap_link import Link as ImapLink
from daemon.imap_login import connect
from daemon.imap_wire import ImapSettings, Tls
from daemon.ledger import Ledger
from daemon.mailbox import Appended
from daemon.mailreader import InProcess
from daemon.memory import MemoryMailbox
from daemon.tombstones import Tombstones
from daemon.transport import Accepted, Outcome, Parcel, Unknown
from parsers.model import Facts
from parsers.reader import Reader


class Killed(BaseException):
    """The process ended here: nothing of it runs any more."""


@dataclass
class Fuse:
    """Ends the process, or its link, at the n-th step that counts: before it is done or after."""

    error: type[BaseException] | None = None
    left: int = 0
    after: bool = False

    def around(self, step: Callable[[], Any], *, link: bool = True) -> Any:
        """Do a step; a link can only break where it is used."""
        blown = False
        if self.error and (link or self.error is Killed):
            self.left -= 1
            blown = self.left == 0
        if blown and not self.after:
            self._blow()
        result = step()
        if blown:
            self._blow()
        return result

    def _blow(self) -> None:
        error, self.error = self.error, None
        assert error
        raise error("cut")


class Link:
    """One connection to the twin; when it is broken it is of no more use."""

    def __init__(self, store: Any, fuse: Fuse) -> None:
        self._store = store
        self._fuse = fuse
        self._broken = False

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)
        if not callable(method):
            return method

        def call(*arguments: Any, **named: Any) -> Any:
            if self._broken:
                raise LinkLost("broken before")
            try:
                return self._fuse.around(partial(method, *arguments, **named))
            except LinkLost:
                self._broken = True
                raise

        return call


class Watched:
    """Keeps a list of every draft that was stored by APPEND, and of what the program removed; to be mixed in."""

    watcher: Callable[[bytes], None] = staticmethod(lambda message: None)
    appended: list[bytes]
    expunged: list[bytes]

    def append_draft(self, folder: str, message: bytes) -> Appended:
        self.watcher(message)
        self.appended.append(message)
        return super().append_draft(folder, message)  # type: ignore[misc, no-any-return]

    def expunge_draft(self, folder: str, uid: int) -> bool:
        self.expunged += [message] if (message := self.whole(folder, uid)) else []  # type: ignore[attr-defined]
        return super().expunge_draft(folder, uid)  # type: ignore[misc, no-any-return]


class Store(Watched, MemoryMailbox):
    """The twin, as the program sees it and as the world does."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(now)
        self.appended, self.expunged = [], []

    def connection(self) -> Store:
        """Give what a new connection works with."""
        return self


class WatchedImap(Watched, ImapMailbox):
    """A connection to a real server."""


class DovecotStore:
    """A mailbox on a real server: the world's eyes and hands are a connection of its own."""

    def __init__(self, server: Any) -> None:
        self._user = server.fresh_user()
        self._server = server
        self._settings = ImapSettings(host=server.host, port=server.port, tls=Tls.NONE, username=self._user)
        self._eyes = self._connect(ImapMailbox)
        self._hands = imaplib.IMAP4(server.host, server.port, timeout=20)
        self._hands.login(self._user, server.password)
        self._connections: list[ImapMailbox] = []
        self.appended: list[bytes] = []
        self.expunged: list[bytes] = []
        self.watcher: Callable[[bytes], None] = lambda message: None

    def _connect(self, kind: type[ImapMailbox]) -> Any:
        wire, capabilities = connect(self._settings, self._server.password)
        return kind(self._settings, ImapLink(wire, self._settings.name, patience=60.0), capabilities)

    def connection(self) -> WatchedImap:
        """Give what a new connection works with; the one before is closed."""
        self.close_connections()
        made: WatchedImap = self._connect(WatchedImap)
        made.appended, made.expunged, made.watcher = self.appended, self.expunged, self.watcher
        self._connections.append(made)
        return made

    def close_connections(self) -> None:
        while self._connections:
            self._connections.pop().close()

    def close(self) -> None:
        self.close_connections()
        self._eyes.close()
        self._hands.logout()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._eyes, name)  # folders, state, uids, outlines, whole

    def deliver(self, folder: str, message: bytes, at: datetime, flags: Collection[str] = ()) -> None:
        said = self._hands.append(f'"{folder}"', f"({' '.join(flags)})", imaplib.Time2Internaldate(at), message)
        assert said[0] == "OK", said

    def delete(self, folder: str, uid: int) -> None:
        self._hands.select(f'"{folder}"')
        self._hands.uid("STORE", str(uid), "+FLAGS.SILENT", "(\\Deleted)")
        self._hands.uid("EXPUNGE", str(uid))
        self._hands.unselect()

    def renumber(self, folder: str) -> None:
        """Give every message another UID under a new UIDVALIDITY: the folder is made anew."""
        self.close_connections()
        if folder == "INBOX":
            return  # it can be neither renamed nor made anew (RFC 9051 6.3.6)
        if self._hands.rename(f'"{folder}"', "Aside")[0] != "OK":
            return  # nothing has ever lain in it
        self._eyes.close()
        for command in (("create", f'"{folder}"'), ("select", "Aside")):
            status, said = getattr(self._hands, command[0])(*command[1:])
            assert status == "OK", said
        if self._hands.uid("SEARCH", "ALL")[1][0]:
            self._hands.uid("COPY", "1:*", f'"{folder}"')
        self._hands.unselect()
        self._hands.delete("Aside")
        self._eyes = self._connect(ImapMailbox)


class WatchedLedger(Ledger):
    """The ledger, in which a process can end before and after each commit."""

    fuse = Fuse()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        outer = not self._depth
        with super()._transaction():
            yield
            if outer:
                self.fuse.around(lambda: None, link=False)
        if outer:
            self.fuse.around(lambda: None, link=False)


class WatchedTombstones(Tombstones):
    """Likewise around each line."""

    fuse = Fuse()

    def add(self, mark: str, sha256: str | None = None) -> None:
        self.fuse.around(lambda: super(WatchedTombstones, self).add(mark, sha256), link=False)


class Postbox:
    """A way out which may die at each step; keeps what its server may have taken over."""

    files_sent = False

    def __init__(self, fuse: Fuse) -> None:
        self._fuse = fuse
        self.answer: Callable[[], Outcome] = lambda: Accepted(reply="250 taken")
        self.taken: list[Parcel] = []

    def send(self, parcel: Parcel, about_to_end: Callable[[], None]) -> Outcome:
        about_to_end()
        answer = self.answer()
        if isinstance(answer, (Accepted, Unknown)):
            self.taken.append(parcel)
        self._fuse.around(lambda: None, link=False)
        return answer


class Remembering(InProcess):
    """Reads each message once for all schedules: they are the same again and again."""

    def facts(self, message: bytes, received_at: datetime | None, reader: Reader) -> Facts:
        return _read(message, received_at, reader)


@lru_cache(maxsize=4096)
def _read(message: bytes, received_at: datetime | None, reader: Reader) -> Facts:
    return InProcess().facts(message, received_at, reader)
