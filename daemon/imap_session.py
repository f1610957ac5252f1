"""Which folder is open on a connection, as a reader, and what has happened in it since the last look."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from daemon.errors import FolderMissing, MailboxError, ServerBusy
from daemon.folders import Listing
from daemon.imap_answers import read_codes, read_listing, read_search, read_uidnext
from daemon.imap_link import Completion, Link, folder_argument, quoted
from daemon.mailbox import FolderState
from daemon.refusals import says_busy

SEARCHED_AT_ONCE = 50_000  # UIDs: an answer line of at most 550 KB
MOST_WINDOWS = 64  # where the UIDs of few messages are spread thinly


@dataclass(slots=True)
class Opened:
    """The folder that is open. `uidnext` is None once something arrived after it was opened."""

    name: str
    uidvalidity: int
    uidnext: int | None


@dataclass(frozen=True, slots=True)
class _Glimpse:
    """What a folder was like at the last look."""

    uidvalidity: int
    uidnext: int | None
    messages: int

    def differs(self, now: _Glimpse) -> bool:
        """Whether something has happened, as far as is known."""
        moved = None not in (self.uidnext, now.uidnext) and self.uidnext != now.uidnext
        return moved or (self.uidvalidity, self.messages) != (now.uidvalidity, now.messages)


class Session:
    """Opens folders with EXAMINE, so that no look leaves a trace."""

    def __init__(self, link: Link, server: str) -> None:
        self.link = link
        self._server = server
        self._opened: Opened | None = None
        self._glimpses: dict[str, _Glimpse] = {}
        self._spelled: dict[str, bytes] = {}  # folder names as the server writes them

    # ---------------------------------------------------------------------------------------------------- folders

    def listings(self, *options: bytes) -> list[Listing]:
        """List the folders; with options of LIST-EXTENDED a refusal counts as nothing."""
        completion, answers = self.link.run(b"LIST", b'""', b'"*"', *options)
        if not completion.ok and not options:
            raise self.refusal("list its folders", completion)
        read = [found for answer in answers if (found := read_listing(answer)) is not None]
        for listing, spelled in read:
            self._spelled.setdefault(listing.name, spelled)
        return [listing for listing, _ in read]

    def named(self, folder: str) -> bytes:
        """Give the folder's name as an argument, in the server's own spelling where that is known."""
        name = folder_argument(folder)
        spelled = self._spelled.get(folder)
        return name if spelled is None else quoted(spelled)

    # ---------------------------------------------------------------------------------------------------- looking

    def examine(self, folder: str) -> FolderState:
        """Open the folder anew; this is a look."""
        opened, modseq = self._open(folder)
        uidnext = opened.uidnext or self._highest_uid() + 1
        opened.uidnext = uidnext
        self._glimpses[folder] = self._glimpse(opened)
        return FolderState(
            uidvalidity=opened.uidvalidity, uidnext=uidnext, messages=self.link.messages, highestmodseq=modseq
        )

    def look(self, folder: str, *, for_news: bool = False) -> Opened:
        """Have the folder open, with all that has arrived until now in view.

        Only a look for news counts as one when a wait begins: what arrived before another one has not been read.
        """
        if self._opened is None or self._opened.name != folder:
            opened, _ = self._open(folder)
        else:
            opened = self._opened
            completion, _ = self.link.run(b"NOOP")
            if not completion.ok:
                raise self.refusal("look for news", completion)
            self._take_note()
        if for_news:
            self.link.changed = False
            self._glimpses[folder] = self._glimpse(opened)
        return opened

    def stay(self, folder: str, uidvalidity: int) -> None:
        """Go on with a folder that may have been left, or renumbered, since the last batch."""
        opened = self._opened
        if opened is None or opened.name != folder:
            opened, _ = self._open(folder)
        if opened.uidvalidity != uidvalidity:
            raise MailboxError(f"The folder “{folder}” on {self._server} was renumbered while it was read.")

    def leave(self) -> None:
        """Forget the open folder: somebody is about to open one in another way."""
        self._opened = None

    def reads(self, folder: str) -> bool:
        """Whether this folder is the open one."""
        return self._opened is not None and self._opened.name == folder

    def has_changed(self, folder: str) -> bool:
        """Have the folder open; say whether anything is known to have happened in it since the last look."""
        changed = self.link.changed
        self._take_note()
        opened = self._opened
        if opened is None or opened.name != folder:
            opened, _ = self._open(folder)
            last = self._glimpses.get(folder)
            return last is not None and last.differs(self._glimpse(opened))
        return changed

    def _open(self, folder: str) -> tuple[Opened, int | None]:
        self._opened = None
        completion, answers = self.link.run(b"EXAMINE", self.named(folder))
        if not completion.ok:
            raise self.missing(folder, completion)
        codes = read_codes(answers)
        if "UIDVALIDITY" not in codes:
            raise MailboxError(f"{self._server} gives no lasting numbers to the messages in “{folder}”.")
        self.link.messages = codes.get("EXISTS", 0)
        self.link.changed = False
        self._opened = Opened(folder, codes["UIDVALIDITY"], codes.get("UIDNEXT"))
        if self._opened.uidnext is None:
            self._ask_uidnext(self._opened)
        return self._opened, codes.get("HIGHESTMODSEQ")

    def _ask_uidnext(self, opened: Opened) -> None:
        """Ask for what RFC 2060 did not have a server tell at the opening (Courier)."""
        completion, answers = self.link.run(b"STATUS", self.named(opened.name), b"(UIDNEXT)")
        opened.uidnext = read_uidnext(answers) if completion.ok else None
        # What arrived between the two is in the number: have it in view as well.
        self.link.run(b"NOOP")
        self._take_note()

    def _take_note(self) -> None:
        """What arrived makes the UIDNEXT of the opening worthless."""
        if self.link.changed and self._opened is not None:
            self._opened.uidnext = None

    def _glimpse(self, opened: Opened) -> _Glimpse:
        return _Glimpse(opened.uidvalidity, opened.uidnext, self.link.messages)

    def _highest_uid(self) -> int:
        """Old servers do not tell UIDNEXT; Courier finds nothing by "*"."""
        found = self.search(b"UID", b"*") or self.search(b"ALL") if self.link.messages else []
        return found[-1] if found else 0

    # -------------------------------------------------------------------------------------------------- searching

    def windows(self, first: int, uidnext: int | None) -> Iterator[bytes]:
        """Divide the UIDs from `first` on so that no answer has a line of a megabyte."""
        if uidnext is not None and first >= uidnext:
            return
        if self.link.messages > SEARCHED_AT_ONCE:
            end = uidnext or self._highest_uid() + 1
            span = max(SEARCHED_AT_ONCE, -(-(end - first) // MOST_WINDOWS))
            while first + span < end:
                yield b"%d:%d" % (first, first + span - 1)
                first += span
        yield b"%d:*" % first

    def search(self, *criteria: bytes) -> list[int]:
        """Give the UIDs that the server finds, ascending."""
        completion, answers = self.link.run(b"UID", b"SEARCH", *criteria)
        if not completion.ok:
            raise self.refusal("search", completion)
        return read_search(answers)

    # --------------------------------------------------------------------------------------------------- refusals

    def refusal(self, attempt: str, completion: Completion) -> MailboxError:
        """Make the error for a command that was answered NO or BAD."""
        message = f"{self._server} would not {attempt}: {completion.text[:300]}"
        return ServerBusy(message) if says_busy(completion.text) else MailboxError(message)

    def missing(self, folder: str, completion: Completion) -> MailboxError:
        """Make the error for a folder that the server does not open."""
        if says_busy(completion.text):
            return self.refusal(f"open “{folder}”", completion)
        return FolderMissing(
            f"The mailbox on {self._server} has no folder “{folder[:100]}” that can be opened "
            f"({completion.text[:300]}): name the right one under “folders” in the account."
        )
