"""Does the whole main job on sample mail: writes a Maildir, runs the real program over it on a virtual clock, leaves
the drafts in it, and says what was done and what was held back.
"""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

from composer.policy import Policy
from daemon.archive import read_path
from daemon.decision import Decision
from daemon.errors import InputError
from daemon.mailbox import Use
from daemon.maildir import open_maildir
from daemon.person import Person
from daemon.replay import Replay
from daemon.samples import ADDRESS, FULL_NAME, TIMEZONE, write_sample_maildir

# A Monday; the weeks after it hold a US holiday, so that the table shows one being passed over.
START = date(2026, 10, 5)

_MARK = "made-by-tactful-demo"


class Demo:
    """The demonstration in one folder: empty, missing, or the one of an earlier demonstration, which is replaced."""

    timezone = TIMEZONE

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if (folder / _MARK).is_file():
            shutil.rmtree(folder)
        elif folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise InputError(f"{folder}: holds something that is not a demonstration; name another folder")

    def run(self) -> tuple[Decision, ...]:
        """Write the mail, go through it, leave the drafts. Gives every decision in order."""
        sample = write_sample_maildir(self.folder, start=START)
        (self.folder / _MARK).touch()
        policy = Policy(timezone=TIMEZONE)
        person = Person(account="demo", addresses=(ADDRESS,), full_name=FULL_NAME, timezone=TIMEZONE, policy=policy)
        replay = Replay(person.settings(), policy)
        decisions = tuple(replay.run(list(read_path(self.folder)), until=sample.until))
        mailbox = open_maildir(self.folder)
        drafts = next(folder.name for folder in mailbox.folders() if folder.use is Use.DRAFTS)
        for message in replay.waiting_drafts():
            mailbox.append_draft(drafts, message)
        mailbox.close()
        return decisions
