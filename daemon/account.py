"""One account as a process holds it: its settings, its connection, its folders, its facts and what they fold into."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from composer.letter import Letter, Voice
from composer.lint_values import Context
from daemon.errors import FolderMissing, LinkLost, MailboxError
from daemon.intake import Intake
from daemon.ledger import Ledger
from daemon.mailbox import FolderState, Mailbox, Use
from daemon.mailreader import MailReader
from daemon.pace import Pace
from daemon.places import Places, make_places
from daemon.transport import Transport
from daemon.turns import Turns
from parsers.model import Address, Facts, Timeline
from parsers.reader import Reader
from parsers.timeline import fold

_log = logging.getLogger("tactful.account")

Polish = Callable[[Letter, Context], Letter]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSettings:
    """What a pass needs to know of an account. `identities` are the user's addresses, the main one first."""

    reader: Reader
    identities: tuple[Address, ...]
    voice: Voice
    look_back: timedelta
    extra_folders: tuple[str, ...] = ()  # read besides INBOX and Sent
    controls: bool = False  # whether the person gives orders by moving drafts
    transport: Transport | None = None  # the way out for letters that they approved
    polish: Polish | None = None  # puts a letter in other words; may take some seconds, never raises
    pace: timedelta = timedelta(0)  # at least, from one new draft to the next

    @property
    def name(self) -> str:
        """The account's name in the configuration."""
        return self.reader.account


class Account:
    """One account's part of the state that a process holds."""

    def __init__(self, settings: AccountSettings, ledger: Ledger, mail_reader: MailReader | None = None) -> None:
        self.settings = settings
        self.intake = Intake(ledger, settings.reader, mail_reader)
        self.mailbox: Mailbox | None = None
        self.read_folders: tuple[str, ...] = ()
        self.places = Places(drafts="")
        self.sent_folder: str | None = None
        self.problem: str | None = None  # why gestures cannot be given
        self.turns = Turns(ledger, settings.name)
        self.pace = Pace(settings.pace)
        self._glimpsed: tuple[FolderState, ...] = ()
        self._folded: tuple[tuple[Facts, ...], tuple[Timeline, ...]] = ((), ())

    def attach(self, mailbox: Mailbox) -> None:
        """Work with this connection from now on. Raises FolderMissing where there is no place for drafts."""
        folders = {folder.use: folder.name for folder in mailbox.folders() if folder.use}
        if Use.DRAFTS not in folders:
            raise FolderMissing(
                f"account {self.settings.name}: no folder for drafts was found; "
                "name it in the configuration under folders: drafts"
            )
        self.sent_folder = folders.get(Use.SENT)
        evidence = (folders.get(Use.INBOX), self.sent_folder, *self.settings.extra_folders)
        self.read_folders = tuple(dict.fromkeys(name for name in evidence if name))
        self.places = Places(drafts=folders[Use.DRAFTS])
        self.problem = None
        self.mailbox = mailbox

    def prepare(self, mailbox: Mailbox) -> None:
        """Have the folders for gestures, where they are wanted. What cannot be made is told, not raised."""
        if not self.settings.controls or self.places.root is not None or self.problem is not None:
            return
        try:
            self.places = make_places(mailbox, self.places.drafts)
        except LinkLost:
            raise
        except MailboxError as error:
            self.problem = f"The folders for gestures cannot be made: {error}"
            _log.warning("account %s: %s", self.settings.name, self.problem)

    def glance(self, mailbox: Mailbox) -> bool:
        """Whether the folders in which drafts may lie differ from the last glance. Raises MailboxError."""
        folders = (self.places.drafts, *self.places.controls.values())
        now = tuple(mailbox.state(folder) for folder in folders)
        differs, self._glimpsed = now != self._glimpsed, now
        return differs

    def timelines(self, threshold: float) -> tuple[Timeline, ...]:
        """Fold the facts, again only when there are others."""
        facts, timelines = self.intake.facts, self._folded[1]
        if facts is not self._folded[0]:
            timelines = fold(facts, threshold=threshold)
            self._folded = (facts, timelines)
        return timelines
