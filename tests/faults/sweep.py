"""mbsync's rule on the real command: interrupted at a step, resumed, it ends as if it had not been; a further run
changes nothing.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes
from enum import StrEnum
from pathlib import Path
from typing import Any

from daemon.database import FILE_NAME
from daemon.ledger import Ledger
from tests.process.sweep import Step, ends_at, traced

# All by which the outside world is changed.
CALLS = "sendto,write,pwrite64,fdatasync,fsync,ftruncate,rename,unlink"
_WRITTEN = re.compile(r", (?P<length>\d+), (?P<offset>\d+)\) += \d+$")


class Cut(StrEnum):
    """How the process ends."""

    KILL = "SIGKILL"
    TERM = "SIGTERM"
    POWER = "power"  # and what was written to the log of the database and not synced is lost, as is shared memory


@dataclass
class Bench:
    """A seat and what it was before the run that is cut off: its state directory and its whole mailbox."""

    seat: Any
    now: datetime
    letters: list[Any] = field(default_factory=list)  # what the SMTP server was given; emptied at each begin
    _synced: dict[Step, int] = field(default_factory=dict)  # how much of the database's log is on the disk before it

    @property
    def _mail(self) -> Path:
        return Path(self.seat.server.mail) / str(self.seat.user)

    @property
    def _kept(self) -> Path:
        return Path(self.seat.folder) / "kept"

    def keep(self) -> None:
        """Remember how it is now."""
        shutil.rmtree(self._kept, ignore_errors=True)
        self._kept.mkdir()
        self._copy(self._mail, self._kept / "mail")
        if self.seat.state.exists():
            self._copy(self.seat.state, self._kept / "state")

    def begin(self) -> None:
        """Have it again as it was."""
        for kept, place in ((self._kept / "mail", self._mail), (self._kept / "state", self.seat.state)):
            shutil.rmtree(place, ignore_errors=True)
            if kept.exists():
                self._copy(kept, place)
        self.letters.clear()
        self.seat.move_clock(self.now)

    def _copy(self, source: Path, target: Path) -> None:
        # With owners and times: the mailbox is another user's where root runs the tests.
        subprocess.run(["cp", "-a", str(source), str(target)], check=True)

    # --------------------------------------------------------------------------------------------------- the runs

    def steps(self) -> list[Step]:
        """Trace one undisturbed run, and give its calls from the first word to the IMAP server on."""
        steps = traced(self.seat, self._kept, CALLS)
        written = synced = 0
        for step in steps:
            self._synced[step] = synced
            if f"{FILE_NAME}-wal>" in step.line:
                if extent := _WRITTEN.search(step.line):
                    written = max(written, int(extent["length"]) + int(extent["offset"]))
                elif step.call == "fdatasync":
                    synced = written
        first = next(place for place, step in enumerate(steps) if step.call == "sendto")
        return steps[first:]

    def cut(self, step: Step, cut: Cut) -> bool:
        """Run it and end it at a step. False: it had ended before, for it did things in another order this time."""
        ended = ends_at(self.seat, step, Cut.KILL if cut is Cut.POWER else cut)
        if cut is Cut.POWER:
            self._lose_what_was_not_synced(self._synced[step])
        return ended

    def _lose_what_was_not_synced(self, synced: int) -> None:
        log = self.seat.state / f"{FILE_NAME}-wal"
        if log.exists() and log.stat().st_size > synced:
            with log.open("r+b") as opened:
                opened.truncate(synced)
        log.with_name(f"{FILE_NAME}-shm").unlink(missing_ok=True)

    def resume(self, *minutes: int) -> None:
        """Run it again, now and so many minutes later."""
        for later in (0, *minutes):
            self.seat.move_clock(self.now + timedelta(minutes=later))
            outcome = self.seat.run("run", "--once")
            assert outcome.returncode == 0, outcome.stderr

    # ---------------------------------------------------------------------------------------------- what there is

    def mailbox(self) -> Counter[tuple[str, str]]:
        """Name every message by folder and Message-ID; without the living status message."""
        folders = [path.name.removeprefix(".") for path in (self._mail / "Mail").iterdir() if (path / "cur").is_dir()]
        found: Counter[tuple[str, str]] = Counter()
        with self.seat.server.raw(self.seat.user) as link:
            for folder in ("INBOX", *folders):
                status, _ = link.select(f'"{folder.replace(".", "/")}"', readonly=True)
                if status != "OK":
                    continue
                _, answers = link.uid("FETCH", "1:*", "(BODY.PEEK[HEADER])") if link.response("EXISTS") else ("", [])
                for answer in answers:
                    if isinstance(answer, tuple):
                        head = message_from_bytes(answer[1])
                        if head["Subject"] != "Tactful: status":
                            found[folder, str(head["Message-ID"])] += 1
        return found

    def ledger(self) -> dict[str, list[str]]:
        """Name the state of each thing in the ledger."""
        with Ledger.in_memory(copy_of=self.seat.state) as ledger:
            return {
                "drafts": sorted(f"{row.id} {row.state}" for row in ledger.drafts()),
                "sendings": sorted(str(row.state) for row in ledger.sendings(self.seat.account)),
                "notices": sorted(f"{row.id} {row.state}" for row in ledger.notices()),
                "decisions": sorted(decision.identity for decision in ledger.decisions()),
                "acts": sorted(type(act).__name__ for act in ledger.acts()),
            }
