"""The twin of a mailbox that lives in memory: the same contract, and the acts of the world outside it.

`replay` runs on it, and so do tests. Nothing is written to a disk and no clock is read but the one it is given.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

from daemon.errors import FolderMissing, MailboxError
from daemon.folders import Listing, assign_uses, levels_of
from daemon.localmail import canonical, outline_message, telling_message
from daemon.mailbox import DRAFT_FLAGS, Appended, Folder, FolderState, Mailbox, Outline, Use, check_flags

BATCH = 500
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

USUAL_FOLDERS = ("INBOX", "Drafts", "Sent", "Trash", "Junk", "Archive")


_Body = Callable[[], bytes]  # gives a message, from memory or from where it lies


@dataclass(slots=True)
class _Store:
    """One folder."""

    uidvalidity: int
    uidnext: int = 1
    messages: dict[int, tuple[Outline, _Body]] = field(default_factory=dict)

    def add(self, message: bytes, received_at: datetime, flags: frozenset[str], body: _Body | None = None) -> int:
        uid, self.uidnext = self.uidnext, self.uidnext + 1
        outline = outline_message(message, uid=uid, received_at=received_at, flags=flags)
        self.messages[uid] = (outline, body or partial(bytes, message))
        return uid


class MemoryMailbox(Mailbox):
    """A mailbox in memory. `now` gives the instant at which a draft is stored; without it that of the last arrival."""

    def __init__(
        self,
        now: Callable[[], datetime] | None = None,
        *,
        folders: Collection[str] = USUAL_FOLDERS,
        overrides: Mapping[Use, str] | None = None,
    ) -> None:
        self._last_arrival = LONG_AGO
        self._now = now or (lambda: self._last_arrival)
        self._overrides = dict(overrides or {})
        self._stores = {name: _Store(1) for name in folders}

    # ------------------------------------------------------------------------------------------------- the port

    def folders(self) -> tuple[Folder, ...]:
        listings = [Listing(name=name, delimiter="/") for name in self._stores]
        return assign_uses(listings, self._overrides)

    def state(self, folder: str) -> FolderState:
        store = self._store(folder)
        return FolderState(uidvalidity=store.uidvalidity, uidnext=store.uidnext, messages=len(store.messages))

    def new(self, folder: str, *, first_uid: int, since: datetime | None = None) -> Iterator[tuple[Outline, ...]]:
        store = self._store(folder)
        # Not over all messages: a replay asks after each arrival.
        present = (store.messages[uid][0] for uid in range(first_uid, store.uidnext) if uid in store.messages)
        found = [outline for outline in present if since is None or outline.received_at >= since]
        for start in range(0, len(found), BATCH):
            yield tuple(found[start : start + BATCH])

    def outlines(self, folder: str, uids: Collection[int]) -> tuple[Outline, ...]:
        messages = self._store(folder).messages
        return tuple(messages[uid][0] for uid in sorted(set(uids)) if uid in messages)

    def uids(self, folder: str) -> frozenset[int]:
        return frozenset(self._store(folder).messages)

    def uids_with(self, folder: str, address: str, *, since: datetime | None = None) -> tuple[int, ...]:
        wanted = address.lower().encode("utf-8", "replace")
        return tuple(
            uid
            for uid, (outline, _) in self._store(folder).messages.items()
            if wanted in outline.header.lower() and (since is None or outline.received_at >= since)
        )

    def read(self, folder: str, outlines: Collection[Outline]) -> Iterator[tuple[int, bytes]]:
        messages = self._store(folder).messages
        for outline in outlines:
            if outline.uid in messages:
                yield outline.uid, telling_message(messages[outline.uid][1]())

    def whole(self, folder: str, uid: int) -> bytes | None:
        found = self._store(folder).messages.get(uid)
        return found[1]() if found else None

    def append_draft(self, folder: str, message: bytes) -> Appended:
        return self.store(folder, message, flags=DRAFT_FLAGS)

    def store(self, folder: str, message: bytes, *, flags: frozenset[str] = frozenset()) -> Appended:
        store = self._store(folder)
        if message != canonical(message):
            raise MailboxError("A message must have CRLF line ends; nothing was stored.")
        uid = store.add(message, self._now(), check_flags(flags) or frozenset({"\\Recent"}))
        return Appended(uidvalidity=store.uidvalidity, uid=uid)

    def expunge_draft(self, folder: str, uid: int) -> bool:
        return self._store(folder).messages.pop(uid, None) is not None

    def move(self, folder: str, uid: int, target: str) -> bool:
        source, sink = self._store(folder), self._store(target)
        found = source.messages.pop(uid, None)
        if found is None:
            return False
        outline, message = found
        sink.add(message(), outline.received_at, outline.flags, message)
        return True

    def create_folder(self, path: str) -> str:
        name = "/".join(levels_of(path))
        self._stores.setdefault(name, _Store(1))
        return name

    def begin_wait(self, folder: str) -> int | None:
        self._store(folder)
        return None

    def end_wait(self) -> None:
        """Nothing was begun: this store can only be asked again."""

    def close(self) -> None:
        """There is no connection."""

    # ------------------------------------------------------------------------------------------------- the world

    def deliver(
        self,
        folder: str,
        message: bytes,
        received_at: datetime,
        flags: Collection[str] = ("\\Recent",),
        *,
        again: Callable[[], bytes] | None = None,
    ) -> int:
        """Let a message arrive, and give its UID. With `again`, which reads it from elsewhere, it is not held."""
        store = self._store(folder)
        self._last_arrival = max(self._last_arrival, received_at)
        body = (lambda: canonical(again())) if again else None
        return store.add(canonical(message), received_at, frozenset(flags), body)

    def mark(self, folder: str, uid: int, *flags: str) -> None:
        """Set the flags of a message to these."""
        store = self._store(folder)
        outline, message = store.messages[uid]
        store.messages[uid] = (replace(outline, flags=frozenset(flags)), message)

    def delete(self, folder: str, uid: int) -> None:
        """Remove a message as another client does."""
        del self._store(folder).messages[uid]

    def renumber(self, folder: str) -> None:
        """Give every message another UID under a new UIDVALIDITY, as a rebuilt server does."""
        old = self._store(folder)
        self._stores[folder] = fresh = _Store(old.uidvalidity + 1)
        for outline, message in old.messages.values():
            fresh.add(message(), outline.received_at, outline.flags, message)

    def _store(self, folder: str) -> _Store:
        name = "INBOX" if folder.upper() == "INBOX" else folder  # RFC 9051 5.1
        if name not in self._stores:
            raise FolderMissing(
                f"There is no folder “{folder}” in this mailbox. It has: {', '.join(sorted(self._stores))}."
            )
        return self._stores[name]
