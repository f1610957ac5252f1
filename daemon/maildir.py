"""A Maildir that mbsync, OfflineIMAP or a delivery agent keeps: `daemon.mailbox`'s contract over files.

Nothing in it is renamed or written but our own drafts: a message in new/ stays there. Its arrival is the time of its
file, its numbers come from `daemon.maildir_uids`.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import socket
import stat
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from daemon.errors import FolderMissing, LinkLost, MailboxError
from daemon.folders import Listing, assign_uses
from daemon.localmail import canonical, outline_message, split_header, telling_message
from daemon.mailbox import Appended, Folder, FolderState, Mailbox, Outline, Use
from daemon.maildir_tree import find_folders
from daemon.maildir_uids import UidTable, key_of

BATCH = 500
READ_WHOLE = 128 << 10  # octets; the parts of a larger message are not looked for
LARGEST_HEADER = 64 << 10
LARGEST_MESSAGE = 64 << 20

_FLAGS: Mapping[str, str] = {
    "D": "\\Draft",
    "F": "\\Flagged",
    "P": "$Forwarded",
    "R": "\\Answered",
    "S": "\\Seen",
    "T": "\\Deleted",
}
_counter = itertools.count(1)


@dataclass(frozen=True, slots=True)
class _File:
    """A message's file. `recent` while it lies in new/."""

    uid: int
    path: Path
    recent: bool

    @property
    def flags(self) -> frozenset[str]:
        _, _, letters = self.path.name.partition(":2,")
        flags = {_FLAGS[letter] for letter in letters if letter in _FLAGS}
        return frozenset(flags | {"\\Recent"} if self.recent else flags)


def open_maildir(
    root: Path, *, state_dir: Path | None = None, folders: Mapping[Use, str] | None = None
) -> MaildirMailbox:
    """Open the Maildir at `root`. Its numbers are kept in `state_dir`; without one they last as long as the object.

    `folders` are the names that the person gives for uses. Raises MailboxError when there is no Maildir.
    """
    if not find_folders(root):
        raise MailboxError(f"{root} is no Maildir: neither it nor a directory in it has the directories cur and new.")
    table = None
    if state_dir is not None:
        name = hashlib.sha256(os.fsencode(root.resolve())).hexdigest()[:16]
        table = state_dir / f"maildir-{name}.sqlite"
    return MaildirMailbox(root, UidTable(table), folders or {})


class MaildirMailbox(Mailbox):
    """See `open_maildir`."""

    def __init__(self, root: Path, table: UidTable, overrides: Mapping[Use, str]) -> None:
        self._root = root
        self._table = table
        self._overrides = overrides
        self._paths: dict[str, Path] = {}

    # ---------------------------------------------------------------------------------------------------- folders

    def folders(self) -> tuple[Folder, ...]:
        self._paths = find_folders(self._root)
        listings = [Listing(name=name, delimiter="/") for name in self._paths]
        return assign_uses(listings, self._overrides)

    def state(self, folder: str) -> FolderState:
        files = self._files(folder)
        uidvalidity, uidnext = self._table.state(_canonical_name(folder))
        return FolderState(uidvalidity=uidvalidity, uidnext=uidnext, messages=len(files))

    def _path(self, folder: str) -> Path:
        name = _canonical_name(folder)
        if name not in self._paths:
            self._paths = find_folders(self._root)
        if name not in self._paths:
            raise FolderMissing(
                f"There is no folder “{folder[:100]}” in the Maildir {self._root}. It has: "
                f"{', '.join(sorted(self._paths))}. Name the right one under “folders” in the account."
            )
        return self._paths[name]

    def _files(self, folder: str) -> dict[int, _File]:
        """Give the files by ascending UID, numbering those that are new by their arrival."""
        path = self._path(folder)
        seen: dict[str, tuple[Path, bool]] = {}
        try:
            # new/ first: what moves to cur/ meanwhile is then seen twice, not missed.
            for part in ("new", "cur"):
                with os.scandir(path / part) as entries:
                    for entry in entries:
                        if not entry.name.startswith(".") and entry.is_file(follow_symlinks=False):
                            seen[key_of(entry.name)] = (Path(entry.path), part == "new")
        except OSError as error:
            self._paths = {}
            raise MailboxError(f"The folder “{folder}” of the Maildir cannot be read: {error}.") from error
        name = _canonical_name(folder)
        uids: Mapping[str, int] = self._table.numbered(name)
        unnumbered = [key for key in seen if key not in uids]
        if unnumbered:
            uids = self._table.number(name, sorted(unnumbered, key=lambda key: (_mtime_ns(seen[key][0]), key)))
        files = [_File(uids[key], file, recent) for key, (file, recent) in seen.items()]
        return {file.uid: file for file in sorted(files, key=lambda file: file.uid)}

    # ---------------------------------------------------------------------------------------------------- looking

    def new(self, folder: str, *, first_uid: int, since: datetime | None = None) -> Iterator[tuple[Outline, ...]]:
        files = [file for uid, file in self._files(folder).items() if uid >= first_uid]
        if since is not None:
            earliest = int(since.timestamp()) * 10**9
            files = [file for file in files if _mtime_ns(file.path) >= earliest]
        for start in range(0, len(files), BATCH):
            outlines = tuple(self._outlined(folder, files[start : start + BATCH]))
            if outlines:
                yield outlines

    def outlines(self, folder: str, uids: Collection[int]) -> tuple[Outline, ...]:
        files = self._files(folder)
        return tuple(self._outlined(folder, [files[uid] for uid in sorted(set(uids)) if uid in files]))

    def uids(self, folder: str) -> frozenset[int]:
        return frozenset(self._files(folder))

    def uids_with(self, folder: str, address: str, *, since: datetime | None = None) -> tuple[int, ...]:
        wanted = address.lower().encode("utf-8", "replace")
        earliest = int(since.timestamp()) * 10**9 if since is not None else 0
        found = []
        for uid, file in self._files(folder).items():
            if _mtime_ns(file.path) >= earliest:
                begun = _read(file.path, LARGEST_HEADER)
                if begun is not None and wanted in split_header(begun[0])[0].lower():
                    found.append(uid)
        return tuple(found)

    def _outlined(self, folder: str, files: list[_File]) -> Iterator[Outline]:
        for file, (begun, status) in self._contents(folder, files, LARGEST_HEADER, READ_WHOLE):
            yield outline_message(
                begun,
                uid=file.uid,
                received_at=datetime.fromtimestamp(int(status.st_mtime), UTC),
                flags=file.flags,
                size=status.st_size,
            )

    # ---------------------------------------------------------------------------------------------------- reading

    def read(self, folder: str, outlines: Collection[Outline]) -> Iterator[tuple[int, bytes]]:
        files = self._files(folder)
        wanted = [files[outline.uid] for outline in outlines if outline.uid in files]
        for file, (message, _) in self._contents(folder, wanted, LARGEST_MESSAGE, LARGEST_MESSAGE):
            yield file.uid, telling_message(message)

    def _contents(
        self, folder: str, files: list[_File], beginning: int, whole: int
    ) -> Iterator[tuple[_File, tuple[bytes, os.stat_result]]]:
        """Read each file that still exists; one that another program has renamed meanwhile is found again."""
        renamed: dict[int, _File] | None = None
        for file in files:
            content = _read(file.path, beginning, whole)
            if content is None:
                renamed = self._files(folder) if renamed is None else renamed
                file = renamed.get(file.uid, file)
                content = _read(file.path, beginning, whole)
            if content is not None:
                yield file, content

    # ---------------------------------------------------------------------------------------------------- writing

    def append_draft(self, folder: str, message: bytes) -> Appended:
        if message != canonical(message) or b"\0" in message:
            raise MailboxError("A draft must have CRLF line ends and no NUL; nothing was stored.")
        path = self._path(folder)
        name = _unique_name()
        temporary, final = path / "tmp" / name, path / "cur" / f"{name}:2,DS"
        try:
            temporary.parent.mkdir(mode=0o700, exist_ok=True)
            # Files have the local line ends, as whoever synchronises the Maildir expects.
            _write_new(temporary, message.replace(b"\r\n", b"\n"))
            temporary.rename(final)
        except OSError as error:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise MailboxError(f"The draft could not be written, nothing was stored: {error}.") from error
        try:
            _sync_directory(final.parent)
            uidvalidity, _ = self._table.state(_canonical_name(folder))
            uid = next((uid for uid, file in self._files(folder).items() if key_of(file.path.name) == name), None)
        except (OSError, MailboxError) as error:
            raise LinkLost(f"Whether the draft was stored for good is not known: {error}.") from error
        return Appended(uidvalidity=uidvalidity, uid=uid)

    def expunge_draft(self, folder: str, uid: int) -> bool:
        for _ in range(2):  # once more if another program renames it in this very moment
            file = self._files(folder).get(uid)
            if file is None:
                return False
            try:
                file.path.unlink()
            except FileNotFoundError:
                continue
            except OSError as error:
                raise MailboxError(f"The draft could not be removed: {error}.") from error
            return True
        return False

    # ---------------------------------------------------------------------------------------------------- waiting

    def begin_wait(self, folder: str) -> int | None:
        self._path(folder)
        return None

    def end_wait(self) -> None:
        """Nothing was begun: files can only be looked at again."""

    def close(self) -> None:
        self._table.close()


def _canonical_name(folder: str) -> str:
    return "INBOX" if folder.upper() == "INBOX" else folder  # RFC 9051 5.1


def _mtime_ns(path: Path) -> int:
    try:
        return path.stat(follow_symlinks=False).st_mtime_ns
    except OSError:  # gone or renamed since it was listed: last, and looked for again when it is read
        return 2**63


def _read(path: Path, beginning: int, whole: int = 0) -> tuple[bytes, os.stat_result] | None:
    """Read a file of at most `whole` octets, the beginning of a larger one; None when it cannot be had (any more)."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                return None
            rest = status.st_size if status.st_size <= whole else beginning
            pieces = []
            while rest > 0 and (piece := file.read(rest)):
                pieces.append(piece)
                rest -= len(piece)
            return b"".join(pieces), status
    except OSError:
        return None


def _unique_name() -> str:
    """Make a file name as Dovecot does; the host's "/" and ":" are escaped (the Maildir specification)."""
    seconds, nanoseconds = divmod(time.time_ns(), 10**9)
    host = socket.gethostname().replace("/", "\\057").replace(":", "\\072").replace(",", "\\054") or "localhost"
    return f"{seconds}.M{nanoseconds // 1000}P{os.getpid()}Q{next(_counter)}.{host}"


def _write_new(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
