"""What is in a mailbox after a fault, judged: ours at most once and untouched, everything else exactly as it was.

The rig notes what it puts into the mailbox and what its person does there (`Expected`). Whatever else lies there must
be a draft of the daemon's, with a row in the ledger, byte for byte what the row says.
"""

from __future__ import annotations

import hashlib
import imaplib
import os
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path
from typing import Any

from daemon.drafts import DraftState
from daemon.folders import decode_name
from daemon.ledger import Ledger

# Inherited from a session, not from a person.
_VOLATILE = frozenset({"\\Recent"})
_LIST = re.compile(rb'\((?P<attributes>[^)]*)\) (?:"."|NIL) (?P<name>.+)')
_UNFINISHED = frozenset({DraftState.INTENT, DraftState.UNKNOWN, DraftState.WITHDRAWING})


@dataclass(frozen=True, slots=True)
class Mail:
    """One message where it lies."""

    folder: str
    octets: bytes = field(repr=False)
    flags: frozenset[str] = frozenset()

    @property
    def message_id(self) -> str:
        return str(message_from_bytes(self.octets)["Message-ID"] or "").strip("<> ")

    @property
    def subject(self) -> str:
        return str(message_from_bytes(self.octets)["Subject"] or "")


class Expected:
    """Everything that the rig has put into the mailbox, less what its person took away."""

    def __init__(self) -> None:
        self._mails: Counter[Mail] = Counter()
        self.taken: list[Mail] = []  # what the person removed that the rig had not put there: drafts of the daemon's

    def added(self, mail: Mail) -> Mail:
        self._mails[mail] += 1
        return mail

    def removed(self, mail: Mail) -> None:
        if self._mails[mail]:
            self._mails[mail] -= 1
        else:
            self.taken.append(mail)

    @property
    def mails(self) -> Counter[Mail]:
        return +self._mails


@dataclass(frozen=True, slots=True, kw_only=True)
class Census:
    """All of one mailbox at an instant."""

    mails: Counter[Mail]
    folders: dict[str, int]  # with UIDVALIDITY


def count(host: str, port: int, user: str, password: str) -> Census:
    """Look at every message of every folder, as a second client, leaving no trace."""
    mails: Counter[Mail] = Counter()
    folders: dict[str, int] = {}
    with imaplib.IMAP4(host, port, timeout=20) as link:
        link.login(user, password)
        _, lines = link.list()
        for line in lines:
            found = _LIST.match(line if isinstance(line, bytes) else b" ".join(line))
            if found is None or b"\\noselect" in found["attributes"].lower():
                continue
            spelled = found["name"].strip().strip(b'"')
            name = decode_name(spelled)
            status, _ = link.select('"' + spelled.decode("ascii") + '"', readonly=True)
            assert status == "OK", name
            folders[name] = int(link.untagged_responses["UIDVALIDITY"][0])
            _, answers = link.uid("FETCH", "1:*", "(FLAGS BODY.PEEK[])") if link.response("EXISTS") else ("", [])
            for answer, tail in zip(answers, [*answers[1:], b""], strict=True):
                if isinstance(answer, tuple):
                    head = answer[0] + (tail if isinstance(tail, bytes) else b"")
                    flags = re.search(rb"FLAGS \(([^)]*)\)", head)
                    marks = frozenset(flags[1].decode("ascii").split()) - _VOLATILE if flags else frozenset()
                    mails[Mail(name, answer[1], marks)] += 1
    return Census(mails=mails, folders=folders)


@dataclass(kw_only=True)
class Verdict:
    """What is wrong; empty lists are what a test hopes for."""

    duplicated: list[str] = field(default_factory=list)  # I1, I3
    changed: list[str] = field(default_factory=list)  # I2, I4
    foreign: list[str] = field(default_factory=list)  # put there by the daemon, yet no draft that the ledger knows
    incomplete: list[str] = field(default_factory=list)  # I6
    unfinished: list[str] = field(default_factory=list)  # rows in the middle of the protocol
    leaked: list[str] = field(default_factory=list)  # I9

    def __bool__(self) -> bool:
        return any(vars(self).values())


def judge(
    census: Census, expected: Expected, state: Path, *, own_subjects: Iterable[str] = ("Tactful: status",)
) -> Verdict:
    """Compare a mailbox with what the rig knows and with the ledger. Messages with `own_subjects` are not letters."""
    verdict = Verdict()
    missing = expected.mails - census.mails
    surplus = census.mails - expected.mails
    verdict.changed += [f"{mail.folder}: “{mail.subject}” {sorted(mail.flags)} is not as it was" for mail in missing]
    with Ledger.in_memory(copy_of=state) as ledger:
        rows = {row.message_id: row for row in ledger.drafts()}
    seen: Counter[str] = Counter()
    for mail in surplus.elements():
        row = rows.get(mail.message_id)
        if row is None:
            if mail.subject not in own_subjects:
                verdict.foreign.append(f"{mail.folder}: “{mail.subject}” <{mail.message_id}>")
            continue
        seen[mail.message_id] += 1
        if hashlib.sha256(mail.octets).hexdigest() != row.sha256:
            verdict.changed.append(f"{mail.folder}: the draft “{mail.subject}” is not what was stored")
    # What the person moved, edited or threw away was this draft's one life.
    for mail in expected.taken:
        seen[mail.message_id] += 1
    verdict.duplicated += [f"{number} times <{message_id}>" for message_id, number in seen.items() if number > 1]
    verdict.unfinished += [f"{row.id}: {row.state}" for row in rows.values() if row.state in _UNFINISHED]
    verdict.incomplete += list(_gaps(census, state))
    return verdict


def _gaps(census: Census, state: Path) -> Iterator[str]:
    """Name the messages of INBOX that have no row in the ledger, or more than one."""
    inbox = sum(number for mail, number in census.mails.items() if mail.folder == "INBOX")
    rows = seen_rows(state, "INBOX")
    here = [row for row in rows if row["uidvalidity"] == census.folders["INBOX"] and row["outcome"] != "gone"]
    if len(here) < inbox:
        yield f"{inbox} messages in INBOX, {len(here)} rows"


def seen_rows(state: Path, folder: str) -> list[dict[str, Any]]:
    """Give what the ledger says of each message of a folder."""
    with closing(sqlite3.connect(f"file:{state / 'ledger.sqlite3'}?mode=ro", uri=True)) as db:
        db.row_factory = sqlite3.Row
        return [dict(row) for row in db.execute("SELECT * FROM seen WHERE folder = ?", (folder,))]


def leaks(planted: Iterable[str], *files: Path) -> list[str]:
    """Name each place where a planted secret can be read. Directories are searched through."""
    needles = {secret: secret.encode() for secret in planted}
    found = []
    for file in files:
        for path in [file] if file.is_file() else sorted(p for p in file.rglob("*") if p.is_file()):
            content = path.read_bytes()
            found += [f"{path.name} has “{secret}”" for secret, needle in needles.items() if needle in content]
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """What a process uses: octets, files, seconds of CPU."""

    rss: int
    peak: int
    files: int
    cpu: float


def vitals(pid: int) -> Vitals:
    """Look at a process from outside."""
    proc = Path("/proc") / str(pid)
    status = dict(line.split(":", 1) for line in (proc / "status").read_text().splitlines() if ":" in line)
    times = (proc / "stat").read_text().rpartition(")")[2].split()
    ticks = os.sysconf("SC_CLK_TCK")
    return Vitals(
        rss=int(status["VmRSS"].split()[0]) << 10,
        peak=int(status["VmHWM"].split()[0]) << 10,
        files=len(list((proc / "fd").iterdir())),
        cpu=(int(times[11]) + int(times[12])) / ticks,
    )


def exposed(pid: int, planted: Iterable[str]) -> list[str]:
    """Name each planted secret that the process list shows."""
    return leaks(planted, Path(f"/proc/{pid}/cmdline"), Path(f"/proc/{pid}/environ"))
