"""The few commands that change a mailbox on an IMAP server: one message stored, removed or moved, one folder made.

APPEND; UID STORE and UID EXPUNGE (RFC 4315) of one UID; UID MOVE (RFC 6851) of one UID, else UID COPY and the removal
of that UID; CREATE and SUBSCRIBE. A folder is selected for no longer than such a command takes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from daemon.errors import MailboxError
from daemon.folders import Listing, is_selectable, levels_of
from daemon.imap_answers import read_appended, read_namespace
from daemon.imap_link import HIGHEST_UID, Completion, Literal
from daemon.imap_session import Session
from daemon.localmail import canonical
from daemon.mailbox import Appended, check_flags
from daemon.refusals import says_busy


class Writer:
    """Writes over the connection of a session, which is a reader again after each call."""

    def __init__(self, session: Session, capabilities: frozenset[str]) -> None:
        self._session = session
        self._link = session.link
        self._capabilities = capabilities

    def store(self, folder: str, message: bytes, flags: frozenset[str]) -> Appended:
        """See `Mailbox.store`."""
        if message != canonical(message) or b"\0" in message:
            raise MailboxError("A message must have CRLF line ends and no NUL; nothing was stored.")
        name = self._session.named(folder)
        marks = f"({' '.join(sorted(check_flags(flags)))})".encode("ascii")
        completion, _ = self._link.run(b"APPEND", name, marks, Literal(message))
        if not completion.ok and self._session.reads(folder) and "READ-ONLY" in completion.text.upper():
            # Courier refuses it in a folder that is open as a reader. Nothing was stored: it is asked as a writer.
            with self._selected(folder):
                completion, _ = self._link.run(b"APPEND", name, marks, Literal(message))
        if not completion.ok:
            raise self._refused(folder, "store the message, nothing was stored", completion)
        return read_appended(completion.text)

    def expunge(self, folder: str, uid: int) -> bool:
        """See `Mailbox.expunge_draft`."""
        if "UIDPLUS" not in self._capabilities:
            self._session.look(folder)
            return False  # EXPUNGE alone would take with it what others have marked
        with self._selected(folder):
            if not self._is_there(uid):
                return False
            self._remove(uid)
        return True

    def move(self, folder: str, uid: int, target: str) -> bool:
        """See `Mailbox.move`."""
        name = self._session.named(target)
        if not {"MOVE", "UIDPLUS"} & self._capabilities:
            self._session.look(target)
            self._session.look(folder)
            return False  # a copy would stay behind, or the messages of others would go with it
        with self._selected(folder):
            if not self._is_there(uid):
                self._require(target)
                return False
            verb = b"MOVE" if "MOVE" in self._capabilities else b"COPY"
            completion, _ = self._link.run(b"UID", verb, b"%d" % uid, name)
            if not completion.ok:
                raise self._refused(target, "move the message", completion)
            if verb == b"COPY":
                self._remove(uid)
        return True

    @contextmanager
    def _selected(self, folder: str) -> Iterator[None]:
        name = self._session.named(folder)
        self._session.leave()
        completion, _ = self._link.run(b"SELECT", name)
        if not completion.ok:
            raise self._session.missing(folder, completion)
        try:
            yield
        finally:
            # Leave the folder as a reader; CLOSE would expunge.
            if not self._link.lost:
                self._link.run(b"EXAMINE", name)

    def _is_there(self, uid: int) -> bool:
        return 0 < uid <= HIGHEST_UID and uid in self._session.search(b"UID", b"%d" % uid)

    def _require(self, folder: str) -> None:
        completion, _ = self._link.run(b"STATUS", self._session.named(folder), b"(UIDNEXT)")
        if not completion.ok:
            raise self._session.missing(folder, completion)

    def _remove(self, uid: int) -> None:
        for words in (
            (b"UID", b"STORE", b"%d" % uid, b"+FLAGS.SILENT", rb"(\Deleted)"),
            (b"UID", b"EXPUNGE", b"%d" % uid),
        ):
            completion, _ = self._link.run(*words)
            if not completion.ok:
                raise self._session.refusal("remove the message", completion)

    def _refused(self, folder: str, attempt: str, completion: Completion) -> MailboxError:
        """Give the error for a command that writes to a folder. Raises FolderMissing where there is none."""
        if completion.code in ("TRYCREATE", "NONEXISTENT"):
            return self._session.missing(folder, completion)
        if not says_busy(completion.text):
            self._require(folder)  # not every server has a code for it
        return self._session.refusal(attempt, completion)

    # ---------------------------------------------------------------------------------------------------- folders

    def create_folder(self, path: str) -> str:
        """See `Mailbox.create_folder`."""
        names = self._spellings(levels_of(path))
        there = {listing.name for listing in self._session.listings() if is_selectable(listing)}
        found = next((name for name in names if name in there), None)
        return found or self._create(names)

    def _create(self, names: Sequence[str]) -> str:
        refusals = []
        for name in names:
            argument = self._session.named(name)
            completion, _ = self._link.run(b"CREATE", argument)
            if completion.ok or completion.code == "ALREADYEXISTS":
                # A folder that nobody subscribed to is not shown by most clients; one refusal of it changes nothing.
                self._link.run(b"SUBSCRIBE", argument)
                return name
            refusals.append(completion)
            if says_busy(completion.text):
                break
        raise self._session.refusal(f"make the folder “{names[0]}”", refusals[-1])

    def _spellings(self, levels: Sequence[str]) -> list[str]:
        """Give the folder's name on this server, and the flat one that stands in for it."""
        listings = self._session.listings()
        prefix, delimiter = self._personal(listings)
        if delimiter and any(delimiter in level for level in levels):
            raise MailboxError(f"{'/'.join(levels)!r} cannot be a folder here: “{delimiter}” divides levels.")
        flat = prefix + " ".join(levels)
        return [flat] if not delimiter else list(dict.fromkeys((prefix + delimiter.join(levels), flat)))

    def _personal(self, listings: Sequence[Listing]) -> tuple[str, str | None]:
        """Give the prefix and the delimiter of the person's own folders (RFC 2342)."""
        if "NAMESPACE" in self._capabilities:
            completion, answers = self._link.run(b"NAMESPACE")
            told = next((told for answer in answers if (told := read_namespace(answer)) is not None), None)
            if completion.ok and told is not None:
                return told
        delimiter = next((listing.delimiter for listing in listings if listing.name.upper() == "INBOX"), None)
        inbox = f"INBOX{delimiter}"
        others = [listing.name for listing in listings if listing.name.upper() != "INBOX"]
        below = bool(delimiter and others) and all(name.startswith(inbox) for name in others)
        return (inbox if below else ""), delimiter
