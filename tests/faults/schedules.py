"""Random schedules on the memory twin: the world acts on a mailbox, links break, processes die, ledgers are lost.

A small model beside the program knows what the world did; after each schedule it judges what the program did, by the
invariants of faults.json: at most one draft of a letter ever, nothing of anybody else's changed, nothing early, nothing
lost, one row for each message, one delivery of what was approved, only legal edges. A schedule is its seed.
"""

from __future__ import annotations

import random
import re
import sqlite3
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from composer.agenda import FollowUpKind
from composer.letter import Voice
from composer.policy import Policy
from daemon.account import AccountSettings
from daemon.drafts import DraftState
from daemon.errors import LinkLost
from daemon.keeper import Keeper
from daemon.tombstones import Tombstones
from daemon.transport import Accepted, Deferred, Outcome, Refused, Unknown
from parsers.model import Address
from parsers.reader import Reader
from tests.faults.schedule_parts import (
    Fuse,
    Killed,
    Link,
    Postbox,
    Remembering,
    Store,
    WatchedLedger,
    WatchedTombstones,
)

ZONE = ZoneInfo("America/New_York")
ME = "noor@letters.example"
MONDAY = datetime(2026, 11, 30, 9, tzinfo=ZONE)
APPROVED, LATER, NEVER = CONTROLS = ("Tactful/Approved", "Tactful/Later", "Tactful/Never")
WHERE_DRAFTS_LIE = ("Drafts", *CONTROLS)
_UNFINISHED = frozenset({DraftState.INTENT, DraftState.UNKNOWN, DraftState.WITHDRAWING})
_TOLD = frozenset({DraftState.FAILED, DraftState.NEEDS_A_LOOK})
_PEOPLE = (
    ("Dana Lee", "dana.lee", "northwind", "Northwind Freight", "Data Engineer"),
    ("Ravi Iyer", "ravi.iyer", "bluepine", "Bluepine Software", "Backend Developer"),
    ("Mia Kowalski", "mia.kowalski", "tidewater", "Tidewater Energy", "Site Engineer"),
)


class Wrong(AssertionError):
    """An invariant does not hold."""


# --------------------------------------------------------------------------------------------------------- the world


@dataclass
class Application:
    """What the model knows of one application."""

    number: int
    start: datetime
    invited: bool = False
    called_off: bool = False  # cancelled, or the person wrote by themself: nothing may be made any more
    disturbed: bool = False  # something happened besides the invitation: a letter may be made, or not
    passes: list[datetime] = field(default_factory=list)  # that were completed while it was known

    @property
    def address(self) -> str:
        _, local, domain, *_ = _PEOPLE[self.number]
        return f"{local}@{domain}.example"

    @property
    def uid(self) -> str:
        return f"loop-{self.number}@{_PEOPLE[self.number][2]}.example"

    def invitation(self, *, method: str = "REQUEST") -> bytes:
        """Write the invitation, or its cancellation."""
        name, _, _, company, role = _PEOPLE[self.number]
        sequence, status = (0, "CONFIRMED") if method == "REQUEST" else (1, "CANCELLED")
        subject = f"Interview: {role} at {company}"
        text = (
            f"Hi Noor,\n\nlooking forward to talking with you about the {role} role at {company}.\n\n"
            if method == "REQUEST"
            else f"Hi Noor,\n\nunfortunately we have to cancel our interview for the {role} role at {company}.\n\n"
        )
        calendar = [
            "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Test//EN", f"METHOD:{method}", "BEGIN:VEVENT",
            f"UID:{self.uid}", f"SEQUENCE:{sequence}", f"DTSTAMP:{_stamp(MONDAY)}", f"DTSTART:{_stamp(self.start)}",
            f"DTEND:{_stamp(self.start + timedelta(hours=1))}", f"SUMMARY:{subject}", f"STATUS:{status}",
            f"ORGANIZER;CN={name}:mailto:{self.address}", f"ATTENDEE;CN=Noor Haddad:mailto:{ME}",
            "END:VEVENT", "END:VCALENDAR", "",
        ]  # fmt: skip
        lines = [
            f"From: {name} <{self.address}>", f"To: Noor Haddad <{ME}>", f"Subject: {subject}",
            "Date: Mon, 30 Nov 2026 09:00:00 -0500", f"Message-ID: <{method.lower()}.{self.uid}>", "MIME-Version: 1.0",
            'Content-Type: multipart/alternative; boundary="b"', "", "--b", "Content-Type: text/plain; charset=utf-8",
            "", *f"{text}Best regards,\n{name}\n{company}".split("\n"), "--b",
            f'Content-Type: text/calendar; method={method}; charset="utf-8"', "", *calendar, "--b--", "",
        ]  # fmt: skip
        return "\r\n".join(lines).encode("ascii")

    def answer(self, number: int) -> bytes:
        """Write a mail of theirs that says little."""
        name, *_ = _PEOPLE[self.number]
        return (
            f"From: {name} <{self.address}>\r\nTo: Noor Haddad <{ME}>\r\nSubject: Re: our talk\r\n"
            f"Date: Mon, 30 Nov 2026 09:00:00 -0500\r\nMessage-ID: <note-{number}.{self.uid}>\r\n"
            f"In-Reply-To: <request.{self.uid}>\r\n\r\nHi Noor,\r\n\r\nthe parking is behind.\r\n\r\n{name}\r\n"
        ).encode("ascii")


def small_talk(number: int) -> bytes:
    """Write a mail that is about no application."""
    return (
        f"From: Sam Roe <sam.roe@friends.example>\r\nTo: {ME}\r\nSubject: Sunday, number {number}\r\n"
        f"Message-ID: <small-{number}@friends.example>\r\n\r\nSee you at the lake?\r\n"
    ).encode("ascii")


def _stamp(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def field_of(message: bytes, name: bytes) -> str:
    """Read the address or id in a header field of a message that we or the model wrote."""
    found = re.search(rb"(?im)^" + name + rb":(?:[^\r\n]|\r\n[ \t])*?<?([^\s<>]+@[^\s<>]+?)>?\r\n(?![ \t])", message)
    return found[1].decode("ascii") if found else ""


class Schedule:
    """One run: the world, the program's process, and the model. `steps` tells what was done."""

    def __init__(self, seed: str, store: Any = None) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - a test's
        self.steps: list[str] = []
        self.now = self.latest = MONDAY
        self.controls = self.chance.random() < 0.4
        self.fuse = Fuse()
        self.store = store or Store(lambda: self.now)
        self.store.watcher = self._look_at_draft
        self.postbox = Postbox(self.fuse)
        self.expected: Counter[tuple[str, bytes, frozenset[str]]] = Counter()
        self.ordered: Counter[bytes] = Counter()  # what the person moved to a folder of orders
        self.approved: set[bytes] = set()  # texts
        self.number = 0
        days = sorted(self.chance.sample(range(4), self.chance.randint(1, 3)))
        self.applications = [
            Application(number, MONDAY + timedelta(days=day, hours=self.chance.choice((2, 4, 5))))
            for number, day in enumerate(days)
        ]
        self._ledger_with(WatchedLedger.in_memory(tombstones=self._stones(bytes(range(32)))))
        self.old: sqlite3.Connection | None = None
        self._start()

    # ------------------------------------------------------------------------------------------------- the program

    def _stones(self, secret: bytes) -> Tombstones:
        stones = WatchedTombstones(secret)
        stones.fuse = self.fuse
        return stones

    def _ledger_with(self, ledger: WatchedLedger) -> None:
        ledger.fuse = self.fuse
        self.ledger = ledger

    def _start(self) -> None:
        """Start a process on what is on disk; it remembers nothing else."""
        self._ledger_with(WatchedLedger(self.ledger._db, self.ledger.tombstones))
        settings = AccountSettings(
            reader=Reader(account="personal", addresses=frozenset({ME}), full_name="Noor Haddad", timezone=ZONE.key),
            identities=(Address(address=ME, name="Noor Haddad"),),
            voice=Voice(full_name="Noor Haddad"),
            look_back=timedelta(days=60),
            controls=self.controls,
            transport=self.postbox if self.controls else None,
        )
        self.keeper = Keeper([settings], self.ledger, Policy(timezone=ZONE.key), mail_reader=Remembering())
        self.connected = False

    def keep(self) -> datetime | None:
        """Let the program make a pass, which may be cut off; give when it wants the next one."""
        known = [application for application in self.applications if application.invited]
        try:
            if not self.connected:
                self.keeper.attach("personal", Link(self.store.connection(), self.fuse))  # type: ignore[arg-type]
                self.connected = True
            agenda, _ = self.keeper.keep("personal", self.now)
        except LinkLost:
            self.steps.append("  the link broke")
            self.connected = False
            return None
        except Killed:
            self.steps.append("  the process died")
            self._start()
            return None
        for application in known:
            application.passes.append(self.now)
        return agenda.next_at

    def _look_at_draft(self, message: bytes) -> None:
        """Judge a draft in the very moment in which it is stored (I5)."""
        (followup,) = [
            row.followup for row in self.ledger.drafts() if row.message_id == field_of(message, b"Message-ID")
        ]
        (application,) = [one for one in self.applications if one.address == field_of(message, b"To")]
        if self.now < followup.due:
            raise Wrong(f"I5: {followup.kind} at {self.now}, due {followup.due}")
        if followup.kind is FollowUpKind.THANK_YOU and self.now < window(application.start)[0]:
            raise Wrong(f"I5: a thank-you at {self.now} for an interview at {application.start}")
        if followup.kind is FollowUpKind.THANK_YOU and application.called_off:
            raise Wrong("a thank-you for what was cancelled")

    # --------------------------------------------------------------------------------------------------- the world

    def act(self) -> None:
        """Let one thing happen."""
        kinds: list[Callable[[], None]] = [
            self.deliver, self.deliver, self.due, self.due, self.due, self.clock, self.edit, self.delete, self.send,
            self.cut, self.cut, self.kill, self.kill, self.validity, self.copy, self.lose, self.restore,
        ]  # fmt: skip
        if self.controls:
            kinds += [self.approve, self.approve, self.order]
        one = self.chance.choice(kinds)
        self.steps.append(f"{self.now:%a %H:%M:%S} {one.__name__}")
        one()

    def deliver(self) -> None:
        """An invitation, and later what comes after it."""
        self.number += 1
        application = self.chance.choice(self.applications)
        if not application.invited:
            if self.now < application.start:
                self._arrive(application.invitation())
                application.invited = True
        elif self.chance.random() < 0.5:
            self._arrive(small_talk(self.number))
        elif self.chance.random() < 0.5:
            application.disturbed = True
            self._arrive(application.answer(self.number))
        elif not application.called_off and self.now < application.start:
            application.called_off = application.disturbed = True
            self._arrive(application.invitation(method="CANCEL"))

    def _arrive(self, message: bytes) -> None:
        self.store.deliver("INBOX", message, self.now, ())
        self.expected["INBOX", message, frozenset()] += 1

    def due(self) -> None:
        """Time goes to where something falls due, and the program wakes."""
        wanted = self.keep()
        if wanted and wanted > self.now:
            self.now = wanted.astimezone(ZONE)
            self.keep()

    def clock(self) -> None:
        """Time goes by, or the clock is set back."""
        minutes = self.chance.choice((-120, -5, 1, 11, 61, 300, 1000, 3000))
        self.latest = max(self.latest, self.now)
        self.now += timedelta(minutes=minutes)
        self.keep()

    def cut(self) -> None:
        """The link will break soon."""
        self.fuse.error, self.fuse.left, self.fuse.after = LinkLost, self.chance.randint(1, 30), self._coin()
        self._go_on()

    def kill(self) -> None:
        """The process will die soon."""
        self.fuse.error, self.fuse.left, self.fuse.after = Killed, self.chance.randint(1, 40), self._coin()
        self._go_on()

    def _go_on(self) -> None:
        self.due() if self._coin() else self.keep()

    def validity(self) -> None:
        """A folder is numbered anew."""
        folder = self.chance.choice(("INBOX", "Drafts", "Sent", *([APPROVED, LATER] if self.controls else [])))
        if folder in self._folders():
            self.store.renumber(folder)
            self.connected = False

    def copy(self) -> None:
        """The daily copy of the ledger is made."""
        self.old = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self.ledger._db.backup(self.old)

    def lose(self) -> None:
        """The ledger is lost; a new one is begun beside the tombstones."""
        self._ledger_with(WatchedLedger.in_memory(tombstones=self.ledger.tombstones))
        self._start()
        self._forget_approvals()

    def restore(self) -> None:
        """An old copy takes the ledger's place."""
        if self.old is not None:
            self._ledger_with(WatchedLedger(self.old, self.ledger.tombstones))
            self._start()
            self.old = None
            self._forget_approvals()

    def _forget_approvals(self) -> None:
        for application in self.applications:
            application.disturbed = True  # what the person had asked for by gestures may be forgotten

    # -------------------------------------------------------------------------------------------------- the person

    def _draft(self, *folders: str) -> tuple[str, int, bytes, Application] | None:
        """Choose a letter that lies in one of the folders."""
        found = [
            (folder, uid, self.store.whole(folder, uid) or b"")
            for folder in folders
            if folder in self._folders()
            for uid in sorted(self.store.uids(folder))
        ]
        if not found:
            return None
        folder, uid, message = self.chance.choice(found)
        (application,) = [one for one in self.applications if one.address == field_of(message, b"To")]
        application.disturbed = True
        return folder, uid, message, application

    def _take(self, folder: str, uid: int, message: bytes) -> None:
        """Remove a message as another client does; what the model expects is no more expected."""
        flags = self._flags(folder, uid)
        self.store.delete(folder, uid)
        if self.ordered[message]:
            self.ordered[message] -= 1
        elif self.expected[folder, message, flags]:
            self.expected[folder, message, flags] -= 1

    def _flags(self, folder: str, uid: int) -> frozenset[str]:
        return self.store.outlines(folder, [uid])[0].flags - {"\\Recent"}

    def _rewritten(self, message: bytes, application: Application) -> bytes:
        """Save a letter as a program does: as a new message with another Message-ID."""
        self.number += 1
        head = message.partition(b"\r\n\r\n")[0]
        thread = b"".join(
            found[0]
            for found in re.finditer(rb"(?im)^(?:in-reply-to|references|subject):(?:.|\r\n[ \t])*\r\n", head + b"\r\n")
        )
        name, _, _, company, role = _PEOPLE[application.number]
        return (
            f"From: Noor Haddad <{ME}>\r\nTo: {application.address}\r\nDate: Tue, 01 Dec 2026 09:00:00 -0500\r\n"
            f"Message-ID: <saved-{self.number}@client.example>\r\n".encode("ascii")
            + thread
            + f"\r\nHi {name.split()[0]},\r\n\r\nthank you for the talk about the {role} role at {company}. Your "
            f"plans,\r\nof which you had {self.number + 10}, are what I would like to work on most.\r\n\r\n"
            "Best regards,\r\nNoor Haddad\r\n".encode("ascii")
        )

    def edit(self) -> None:
        """The person saves a draft; some programs store the new one first, some remove the old one first."""
        if chosen := self._draft("Drafts"):
            folder, uid, message, application = chosen
            new = self._rewritten(message, application)
            if first := self._coin():
                self._take(folder, uid, message)
                if self._coin():
                    self.keep()
            flags = frozenset({"\\Draft", "\\Seen"} if self._coin() else {"\\Seen"})
            self.store.deliver(folder, new, self.now, flags)
            self.expected[folder, new, flags] += 1
            if not first:
                if self._coin():
                    self.keep()
                if uid in self.store.uids(folder) and self.store.whole(folder, uid) == message:
                    self._take(folder, uid, message)
            self._go_on()

    def delete(self) -> None:
        """The person throws a draft away: for good, marked only, or into Trash."""
        if chosen := self._draft("Drafts"):
            folder, uid, message, _ = chosen
            self._take(folder, uid, message)
            if self._coin():
                self.store.deliver("Trash", message, self.now, ("\\Seen",))
                self.expected["Trash", message, frozenset({"\\Seen"})] += 1
            self._go_on()

    def send(self) -> None:
        """The person sends a draft with their own program."""
        if chosen := self._draft("Drafts"):
            folder, uid, message, application = chosen
            letter = self._rewritten(message, application) if self._coin() else message
            self.store.deliver("Sent", letter, self.now, ("\\Seen",))
            self.expected["Sent", letter, frozenset({"\\Seen"})] += 1
            self._take(folder, uid, message)
            self._go_on()

    def approve(self) -> None:
        """The person finishes a draft and moves it to Approved."""
        if APPROVED in self._folders() and (chosen := self._draft("Drafts")):
            folder, uid, message, application = chosen
            letter = self._rewritten(message, application)
            self._take(folder, uid, message)
            self.store.deliver(APPROVED, letter, self.now, ("\\Draft", "\\Seen"))
            self.ordered[letter] += 1
            self.approved.add(letter.partition(b"\r\n\r\n")[2])
            answers: tuple[Outcome, ...] = (Accepted(reply="250 taken"), Deferred(reply="451 later"),
                                            Refused(reply="550 no"), Unknown(reply="no answer"))  # fmt: skip
            answer = self.chance.choice(answers)
            self.postbox.answer = lambda: answer
            self._go_on()

    def order(self) -> None:
        """The person moves a draft to another place."""
        places = [place for place in WHERE_DRAFTS_LIE if place in self._folders()]
        if len(places) > 1 and (chosen := self._draft(*places)):
            folder, uid, message, _ = chosen
            target = self.chance.choice([place for place in (LATER, NEVER, "Drafts") if place != folder])
            self._take(folder, uid, message)
            self.store.deliver(target, message, self.now, ("\\Draft", "\\Seen"))
            self.ordered[message] += 1
            self._go_on()

    def _folders(self) -> set[str]:
        return {folder.name for folder in self.store.folders()}

    def _coin(self) -> bool:
        return self.chance.random() < 0.5

    # ----------------------------------------------------------------------------------------------- the judgement

    def settle(self) -> None:
        """Let all faults end, and time go on until nothing is under way."""
        self.fuse.error = None
        self.postbox.answer = lambda: Accepted(reply="250 taken")
        self.now = max(self.now, self.latest)  # after a clock that was set back
        for minutes in (0, 0, 1, 11, 11, 61):
            self.now += timedelta(minutes=minutes)
            self.keep()
        for _ in range(5):
            wanted = self.keep()
            if wanted is None or wanted > self.now + timedelta(days=3):
                break
            self.now = max(self.now, wanted.astimezone(ZONE))
            self.keep()

    def judge(self) -> None:
        """Raise Wrong with the first invariant that does not hold."""
        drafts = Counter(field_of(message, b"Message-ID") for message in self.store.appended)
        if doubled := [one for one, number in drafts.items() if number > 1]:
            raise Wrong(f"I1/I3: stored more than once: {doubled}")
        self._judge_others(frozenset(self.store.appended))
        self._judge_sent()
        state = self.store.state("INBOX")
        rows = {
            row["uid"]
            for row in self.ledger._rows(
                "SELECT uid FROM seen WHERE folder = 'INBOX' AND uidvalidity = ?", (state.uidvalidity,)
            )
        }
        if missing := self.store.uids("INBOX") - rows:
            raise Wrong(f"I6: no row for {sorted(missing)} in INBOX")
        if unfinished := [row for row in self.ledger.drafts() if row.state in _UNFINISHED]:
            raise Wrong(f"I12: in the middle of the protocol: {[(row.id, row.state) for row in unfinished]}")
        written = {field_of(message, b"To") for message in self.store.appended}
        # What could not be stored twice, or may have been, is given up and shown to the person.
        written |= {row.followup.to.address for row in self.ledger.drafts() if row.state in _TOLD}
        for application in self.applications:
            if application.address not in written and self._must_have_been_written_to(application):
                raise Wrong(f"lost: nothing was written to {application.address}")

    def _judge_others(self, ours: frozenset[bytes]) -> None:
        """Whatever the daemon did not store is as the world left it (I2, I4)."""
        present: Counter[tuple[str, bytes, frozenset[str]]] = Counter()
        loose: Counter[bytes] = Counter()
        copies = {parcel.message for parcel in self.postbox.taken}
        for folder in self._folders():
            for uid in self.store.uids(folder):
                message = self.store.whole(folder, uid) or b""
                if folder in WHERE_DRAFTS_LIE and +self.ordered and message in self.ordered:
                    loose[message] += 1
                elif not (
                    (message in ours and not self.expected[folder, message, self._flags(folder, uid)])
                    or field_of(message, b"Message-ID").startswith(("nt.", "st."))
                    or (folder == "Sent" and message in copies)
                ):
                    present[folder, message, self._flags(folder, uid)] += 1
        for message in ours:
            if sum(number for (_, one, _), number in present.items() if one == message) + loose[message] > 1:
                raise Wrong("I1: two of one draft")
        if present != +self.expected:
            missing, surplus = +self.expected - present, present - +self.expected
            raise Wrong(f"I2/I4: missing {[_told(one) for one in missing]}, surplus {[_told(one) for one in surplus]}")
        sent = {parcel.message.partition(b"\r\n\r\n")[2] for parcel in self.postbox.taken}
        may_go = ours | {message for message in self.ordered if message.partition(b"\r\n\r\n")[2] in sent}
        for message in self.store.expunged:
            if message not in may_go and not field_of(message, b"Message-ID").startswith("st."):
                raise Wrong(f"I4: removed {_told(('', message, frozenset()))}")
        for message, number in (+self.ordered).items():
            if loose[message] > number or (loose[message] < number and message not in self.store.expunged):
                raise Wrong(f"I4: {loose[message]} instead of {number} of {_told(('', message, frozenset()))}")

    def _judge_sent(self) -> None:
        """What went out was approved, each once (I7)."""
        letters = [parcel for parcel in self.postbox.taken if parcel.recipients != (ME,)]
        texts = Counter(parcel.message.partition(b"\r\n\r\n")[2] for parcel in letters)
        if doubled := [text for text, number in texts.items() if number > 1]:
            raise Wrong(f"I7: sent twice: {doubled}")
        if unknown := set(texts) - self.approved:
            raise Wrong(f"I7: never approved: {unknown}")
        for parcel in letters:
            if parcel.recipients != (field_of(parcel.message, b"To"),):
                raise Wrong(f"I7: to {parcel.recipients}")

    def _must_have_been_written_to(self, application: Application) -> bool:
        if application.disturbed or not application.invited:
            return False
        first, last = window(application.start)
        # Outside these hours it may be put off, and the next pass of a schedule may come too late.
        return any(first <= instant < last and 9 <= instant.hour < 17 for instant in application.passes)

    def state(self) -> tuple[Any, ...]:
        """Everything that a pass without news must leave as it is."""
        mailbox = {
            (folder, uid): self.store.whole(folder, uid)
            for folder in self._folders()
            for uid in self.store.uids(folder)
        }
        return mailbox, self.ledger.drafts(), self.ledger.sendings("personal"), self.ledger.acts()


@lru_cache
def window(start: datetime) -> tuple[datetime, datetime]:
    """Give the instants between which an undisturbed program makes a thank-you for an undisturbed interview."""
    store = Store(lambda: start)
    quiet = Schedule("quiet")
    quiet.applications = [application := Application(0, start, invited=True)]
    store.deliver("INBOX", application.invitation(), MONDAY, ())
    quiet.store = store
    quiet.keeper.attach("personal", store)
    quiet.keeper.keep("personal", MONDAY)
    (planned,) = quiet.keeper.agenda(MONDAY).planned[:1]
    return planned.due, planned.stale_at


def _told(one: tuple[str, bytes, frozenset[str]]) -> str:
    folder, message, flags = one
    return f"{folder} <{field_of(message, b'Message-ID')}> {sorted(flags)}"


def run(seed: str, acts: int, store: Any = None) -> Schedule:
    """Run one schedule and judge it. Raises Wrong, whose text has the seed and the steps."""
    schedule = Schedule(seed, store)
    try:
        for _ in range(acts):
            schedule.act()
        schedule.settle()
        schedule.judge()
        before = schedule.state()
        schedule.keep()
        if schedule.state() != before:
            raise Wrong("a pass without news changed something")
    except Exception as error:
        error.add_note(f"seed {seed!r}, {acts} acts\n" + "\n".join(schedule.steps))
        raise
    return schedule
