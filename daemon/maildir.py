"""A Maildir that mbsync, OfflineIMAP or a delivery agent keeps: `daemon.mailbox`'s contract over files.

Nothing in it is renamed or written but our own drafts: a message in new/ stays there. Its arrival is the time of its
file, its numbers come from `daemon.maildir_uids`.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from daemon.errors import FolderMissing, LinkLost, MailboxError
from daemon.folders import Listing, assign_uses, levels_of
from daemon.localmail import canonical, outline_message, split_header, telling_message
from daemon.mailbox import DRAFT_FLAGS, Appended, Folder, FolderState, Mailbox, Outline, Use, check_flags
from daemon.maildir_files import mtime_ns, read_file, sync_directory, unique_name, write_new
from daemon.maildir_tree import find_folders, make_folder
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
            uids = self._table.number(name, sorted(unnumbered, key=lambda key: (mtime_ns(seen[key][0]), key)))
        files = [_File(uids[key], file, recent) for key, (file, recent) in seen.items()]
        return {file.uid: file for file in sorted(files, key=lambda file: file.uid)}

    # ---------------------------------------------------------------------------------------------------- looking

    def new(self, folder: str, *, first_uid: int, since: datetime | None = None) -> Iterator[tuple[Outline, ...]]:
        files = [file for uid, file in self._files(folder).items() if uid >= first_uid]
        if since is not None:
            earliest = int(since.timestamp()) * 10**9
            files = [file for file in files if mtime_ns(file.path) >= earliest]
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
            if mtime_ns(file.path) >= earliest:
                begun = read_file(file.path, LARGEST_HEADER)
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

    def whole(self, folder: str, uid: int) -> bytes | None:
        file = self._files(folder).get(uid)
        if file is None:
            return None
        for _, (message, _) in self._contents(folder, [file], 0, LARGEST_MESSAGE):
            return canonical(message) if message else None
        return None

    def _contents(
        self, folder: str, files: list[_File], beginning: int, whole: int
    ) -> Iterator[tuple[_File, tuple[bytes, os.stat_result]]]:
        """Read each file that still exists; one that another program has renamed meanwhile is found again."""
        renamed: dict[int, _File] | None = None
        for file in files:
            content = read_file(file.path, beginning, whole)
            if content is None:
                renamed = self._files(folder) if renamed is None else renamed
                file = renamed.get(file.uid, file)
                content = read_file(file.path, beginning, whole)
            if content is not None:
                yield file, content

    # ---------------------------------------------------------------------------------------------------- writing

    def append_draft(self, folder: str, message: bytes) -> Appended:
        return self.store(folder, message, flags=DRAFT_FLAGS)

    def store(self, folder: str, message: bytes, *, flags: frozenset[str] = frozenset()) -> Appended:
        if message != canonical(message) or b"\0" in message:
            raise MailboxError("A message must have CRLF line ends and no NUL; nothing was stored.")
        path = self._path(folder)
        name = unique_name()
        letters = "".join(letter for letter, flag in _FLAGS.items() if flag in check_flags(flags))
        temporary = path / "tmp" / name
        final = path / "cur" / f"{name}:2,{letters}" if letters else path / "new" / name
        try:
            temporary.parent.mkdir(mode=0o700, exist_ok=True)
            # Files have the local line ends, as whoever synchronises the Maildir expects.
            write_new(temporary, message.replace(b"\r\n", b"\n"))
            temporary.rename(final)
        except OSError as error:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise MailboxError(f"The message could not be written, nothing was stored: {error}.") from error
        try:
            sync_directory(final.parent)
            uidvalidity, _ = self._table.state(_canonical_name(folder))
            uid = next((uid for uid, file in self._files(folder).items() if key_of(file.path.name) == name), None)
        except (OSError, MailboxError) as error:
            raise LinkLost(f"Whether the message was stored for good is not known: {error}.") from error
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
                raise MailboxError(f"The message could not be removed: {error}.") from error
            return True
        return False

    def move(self, folder: str, uid: int, target: str) -> bool:
        self._path(folder)
        sink = self._path(target)
        for _ in range(2):  # once more if another program renames it in this very moment
            file = self._files(folder).get(uid)
            if file is None:
                return False
            # A new name: mbsync's and OfflineIMAP's notes in the old one (",U=7") hold for the old folder only.
            letters = file.path.name.partition(":2,")[1:]
            try:
                file.path.rename(sink / file.path.parent.name / f"{unique_name()}{''.join(letters)}")
            except FileNotFoundError:
                continue
            except OSError as error:
                raise MailboxError(f"The message could not be moved: {error}.") from error
            try:
                sync_directory(sink / file.path.parent.name)
                sync_directory(file.path.parent)
            except OSError as error:
                raise LinkLost(f"Whether the message was moved for good is not known: {error}.") from error
            return True
        return False

    def create_folder(self, path: str) -> str:
        levels = levels_of(path)
        self._paths = find_folders(self._root)
        name = "/".join(levels)
        if name not in self._paths:
            try:
                make_folder(self._root, levels, self._paths)
            except OSError as error:
                raise MailboxError(f"The folder “{name}” could not be made: {error}.") from error
            self._paths = find_folders(self._root)
        return name

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
