"""The contract of `daemon.mailbox`, proved for every kind of mailbox alike."""

from __future__ import annotations

import imaplib
import itertools
import os
import select
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol

import pytest
from imapclient import imap_utf7

from daemon.errors import FolderMissing, MailboxError
from daemon.imap import ImapSettings, Tls, open_imap
from daemon.mailbox import HEADER_FIELDS, Mailbox, Outline, Use
from daemon.maildir import open_maildir
from daemon.memory import MemoryMailbox

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
CALENDAR = b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"


def plain(
    message_id: str,
    *,
    subject: str = "Your interview",
    sender: str = "Dana Lee <dana.lee@northwind.example>",
    body: str = "Dear Jordan,\r\n\r\nwe meet on Tuesday.\r\n",
) -> bytes:
    return (
        f"Received: from mx.northwind.example by mail.example; Fri, 20 Nov 2026 12:00:00 +0000\r\n"
        f"Message-ID: <{message_id}@northwind.example>\r\nDate: Fri, 20 Nov 2026 12:00:00 +0000\r\nFrom: {sender}\r\n"
        f"To: jordan@mail.example\r\nSubject: {subject}\r\n"
        f"X-Long: one\r\n two\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{body}"
    ).encode()


def invite_with_attachment(message_id: str, *, attachment: int) -> bytes:
    mail = EmailMessage(policy=policy.SMTP)
    mail["Message-ID"] = f"<{message_id}@northwind.example>"
    mail["From"] = "Dana Lee <dana.lee@northwind.example>"
    mail["To"] = "jordan@mail.example"
    mail["Subject"] = "Interview"
    mail.set_content("We meet on Tuesday.\n")
    mail.add_alternative("<p>We meet on Tuesday.</p>\n", subtype="html")
    mail.add_attachment(
        b"%PDF" * (attachment // 4), maintype="application", subtype="pdf", filename="Anfahrt für Sie.pdf"
    )
    mail.add_attachment(CALENDAR, maintype="application", subtype="ics", filename="invite.ics")
    return mail.as_bytes()


class Server(Protocol):
    """What the fixture `dovecot` gives."""

    host: str
    port: int
    password: str

    def fresh_user(self) -> str: ...

    def raw(self, user: str) -> AbstractContextManager[imaplib.IMAP4]: ...


class World(Protocol):
    """What others do to the mailbox, and what they see in it; messages are named by their Message-ID's local part."""

    drafts: str
    archive: str

    def open(self) -> Mailbox:
        """Give a new object over the same mailbox."""

    def deliver(self, folder: str, message: bytes, received_at: datetime = NOON) -> None:
        """Let a message arrive."""

    def flags(self, folder: str) -> dict[str, frozenset[str]]:
        """Give each message's flags as somebody else sees them."""

    def mark_deleted(self, folder: str, name: str) -> None:
        """Set \\Deleted, and do not expunge."""

    def remove(self, folder: str, name: str) -> None:
        """Take a message away for good."""


def name_of(header: bytes) -> str:
    return str(message_from_bytes(header, policy=policy.default)["Message-ID"]).strip().strip("<>").partition("@")[0]


class MemoryWorld:
    drafts = "Drafts"
    archive = "Archive"

    def __init__(self) -> None:
        self.mailbox = MemoryMailbox(lambda: NOON)

    def open(self) -> Mailbox:
        return self.mailbox

    def deliver(self, folder: str, message: bytes, received_at: datetime = NOON) -> None:
        self.mailbox.deliver(folder, message, received_at)

    def flags(self, folder: str) -> dict[str, frozenset[str]]:
        return {name_of(outline.header): outline.flags for outline in looked_at(self.mailbox, folder)}

    def mark_deleted(self, folder: str, name: str) -> None:
        self.mailbox.mark(folder, self._uid(folder, name), "\\Deleted")

    def remove(self, folder: str, name: str) -> None:
        self.mailbox.delete(folder, self._uid(folder, name))

    def _uid(self, folder: str, name: str) -> int:
        return next(outline.uid for outline in looked_at(self.mailbox, folder) if name_of(outline.header) == name)


def on_the_wire(folder: str) -> str:
    """Give a folder's name as IMAP's commands need it."""
    return f'"{imap_utf7.encode(folder).decode()}"'


class ImapWorld:
    """The world of a user on a real server, seen by the standard library's imaplib."""

    def __init__(self, server: Server, drafts: str = "Drafts", archive: str = "Archive") -> None:
        self.server = server
        self.user = server.fresh_user()
        self.drafts = drafts
        self.archive = archive

    def open(self) -> Mailbox:
        settings = ImapSettings(host=self.server.host, port=self.server.port, tls=Tls.NONE, username=self.user)
        return open_imap(settings, self.server.password)

    def deliver(self, folder: str, message: bytes, received_at: datetime = NOON) -> None:
        with self.server.raw(self.user) as link:
            status, said = link.append(on_the_wire(folder), None, received_at, message)
            assert status == "OK", said

    def flags(self, folder: str) -> dict[str, frozenset[str]]:
        with self.server.raw(self.user) as link:
            status, messages = link.select(on_the_wire(folder), readonly=True)
            assert status == "OK"
            if messages == [b"0"]:
                return {}
            answers = link.fetch("1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])")[1]
            return {
                name_of(answer[1]): frozenset(flag.decode() for flag in imaplib.ParseFlags(answer[0]))
                for answer in answers
                if isinstance(answer, tuple)
            }

    def mark_deleted(self, folder: str, name: str) -> None:
        with self.server.raw(self.user) as link:
            self._mark(link, folder, name)

    def remove(self, folder: str, name: str) -> None:
        with self.server.raw(self.user) as link:
            uid = self._mark(link, folder, name)
            assert link.uid("EXPUNGE", uid)[0] == "OK"

    def _mark(self, link: imaplib.IMAP4, folder: str, name: str) -> str:
        link.select(on_the_wire(folder))
        uid = link.uid("SEARCH", "HEADER", "MESSAGE-ID", f"<{name}@")[1][0].decode()
        assert link.uid("STORE", uid, "+FLAGS", "(\\Deleted)")[0] == "OK"
        return str(uid)


class MaildirWorld:
    """A Maildir as a delivery agent, a mail program and mbsync leave it, in either of its two layouts."""

    def __init__(self, directory: Path, *, plain: bool) -> None:
        self.root = directory / "Mail"
        self.state_dir = directory / "state"
        self.plain = plain
        self.drafts = "Drafts"
        self.archive = "Archive"
        self._counter = itertools.count(1)
        for name in ("INBOX", "Drafts", "Sent", "Trash", "Junk", "Archive"):
            for part in ("cur", "new", "tmp"):
                (self._folder(name) / part).mkdir(parents=True)

    def _folder(self, name: str) -> Path:
        if self.plain:
            return self.root / name
        return self.root if name == "INBOX" else self.root / f".{name}"

    def open(self) -> Mailbox:
        return open_maildir(self.root, state_dir=self.state_dir)

    def deliver(self, folder: str, message: bytes, received_at: datetime = NOON) -> None:
        file = self._folder(folder) / "new" / f"{int(received_at.timestamp())}.{next(self._counter)}_1.host,U=7"
        file.write_bytes(message.replace(b"\r\n", b"\n"))
        os.utime(file, (received_at.timestamp(), received_at.timestamp()))

    def flags(self, folder: str) -> dict[str, frozenset[str]]:
        letters = {"D": "\\Draft", "S": "\\Seen", "T": "\\Deleted", "R": "\\Answered", "F": "\\Flagged"}
        return {
            name_of(file.read_bytes()): frozenset(
                {letters[letter] for letter in file.name.partition(":2,")[2]} | {f"in {file.parent.name}"}
            )
            for file in self._files(folder)
        }

    def mark_deleted(self, folder: str, name: str) -> None:
        file = self._file(folder, name)
        file.rename(file.parent.parent / "cur" / f"{file.name.partition(':')[0]}:2,T")

    def remove(self, folder: str, name: str) -> None:
        self._file(folder, name).unlink()

    def _files(self, folder: str) -> list[Path]:
        return [file for part in ("new", "cur") for file in (self._folder(folder) / part).iterdir()]

    def _file(self, folder: str, name: str) -> Path:
        return next(file for file in self._files(folder) if name_of(file.read_bytes()) == name)


def looked_at(mailbox: Mailbox, folder: str, *, first_uid: int = 1, since: datetime | None = None) -> list[Outline]:
    return list(itertools.chain.from_iterable(mailbox.new(folder, first_uid=first_uid, since=since)))


def names(outlines: list[Outline] | tuple[Outline, ...]) -> list[str]:
    return [name_of(outline.header) for outline in outlines]


@pytest.fixture(params=["imap", "maildir++", "maildir", "memory"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    if request.param == "imap":
        return ImapWorld(request.getfixturevalue("dovecot"))
    if request.param != "memory":
        return MaildirWorld(tmp_path, plain=request.param == "maildir")
    return MemoryWorld()


@pytest.fixture
def mailbox(world: World) -> Iterator[Mailbox]:
    opened = world.open()
    yield opened
    opened.close()


# ------------------------------------------------------------------------------------------------------------ folders


def test_inbox_is_always_there_and_each_use_has_at_most_one_folder(mailbox: Mailbox) -> None:
    found = mailbox.folders()
    uses = [folder.use for folder in found if folder.use is not None]
    assert len(uses) == len(set(uses))
    assert {Use.INBOX, Use.DRAFTS, Use.SENT, Use.TRASH, Use.JUNK} <= set(uses)
    assert len({folder.name for folder in found}) == len(found)


def test_every_listed_folder_can_be_opened(mailbox: Mailbox) -> None:
    for folder in mailbox.folders():
        assert mailbox.state(folder.name).messages == 0


def wait(mailbox: Mailbox, folder: str) -> None:
    mailbox.begin_wait(folder)
    mailbox.end_wait()


OUTLINE: Outline = Outline(uid=1, received_at=NOON, size=10, flags=frozenset(), header=b"\r\n")
READINGS: dict[str, Callable[[Mailbox, str], object]] = {
    "state": lambda mailbox, folder: mailbox.state(folder),
    "new": lambda mailbox, folder: list(mailbox.new(folder, first_uid=1)),
    "outlines": lambda mailbox, folder: mailbox.outlines(folder, [1]),
    "uids": lambda mailbox, folder: mailbox.uids(folder),
    "uids_with": lambda mailbox, folder: mailbox.uids_with(folder, "dana.lee@northwind.example"),
    "read": lambda mailbox, folder: list(mailbox.read(folder, [OUTLINE])),
    "whole": lambda mailbox, folder: mailbox.whole(folder, 1),
    "wait": wait,
}
WRITINGS: dict[str, Callable[[Mailbox, str], object]] = {
    "append_draft": lambda mailbox, folder: mailbox.append_draft(folder, plain("draft")),
    "store": lambda mailbox, folder: mailbox.store(folder, plain("note")),
    "expunge_draft": lambda mailbox, folder: mailbox.expunge_draft(folder, 1),
    "move": lambda mailbox, folder: mailbox.move(folder, 1, "INBOX"),
    "move there": lambda mailbox, folder: mailbox.move("INBOX", 1, folder),
}


@pytest.mark.parametrize("call", [*READINGS, *WRITINGS])
def test_a_folder_that_is_not_there_is_said_to_be_missing(mailbox: Mailbox, call: str) -> None:
    with pytest.raises(FolderMissing, match="Nowhere"):
        (READINGS | WRITINGS)[call](mailbox, "Nowhere")
    assert mailbox.state("INBOX").messages == 0, "the mailbox goes on working"


@pytest.mark.parametrize("call", [*READINGS, *WRITINGS])
@pytest.mark.parametrize(
    "hostile",
    ["", "a\r\nA1 CREATE evil", "nul\0", "../INBOX", "/etc", 'q"uote', "back\\slash", "{5}", "*", "\ud800", "x" * 9000],
)
def test_a_hostile_folder_name_is_a_mailbox_error_and_makes_nothing(
    world: World, mailbox: Mailbox, call: str, hostile: str
) -> None:
    before = {folder.name for folder in mailbox.folders()}
    with pytest.raises(MailboxError):
        (READINGS | WRITINGS)[call](mailbox, hostile)
    again = world.open()
    assert {folder.name for folder in again.folders()} == before
    again.close()


# ------------------------------------------------------------------------------------------- 1. reading changes nothing


def test_reading_changes_no_flag(world: World, mailbox: Mailbox) -> None:
    for number in range(3):
        world.deliver("INBOX", plain(f"m{number}"))
    world.deliver("INBOX", invite_with_attachment("m3", attachment=2_000_000))
    world.mark_deleted("INBOX", "m1")
    before = world.flags("INBOX")

    for reading in READINGS.values():
        reading(mailbox, "INBOX")
    assert len(list(mailbox.read("INBOX", looked_at(mailbox, "INBOX")))) == 4
    mailbox.state(world.drafts)
    mailbox.close()

    assert world.flags("INBOX") == before
    assert set(before) == {"m0", "m1", "m2", "m3"}
    assert "\\Deleted" in before["m1"]
    assert not any("\\Seen" in flags for flags in before.values())


# ------------------------------------------------------------------------------------------------------ 2. the writes


def test_a_draft_is_stored_as_these_bytes_with_its_flags(world: World, mailbox: Mailbox) -> None:
    draft = plain("draft", subject="Thank you", body="Dear Dana,\r\n\r\nthank you. \r\n.\r\n\r\n")
    before = mailbox.state(world.drafts)
    said = mailbox.append_draft(world.drafts, draft)
    (outline,) = looked_at(mailbox, world.drafts)
    assert said.uid in (None, outline.uid)
    assert said.uidvalidity in (None, before.uidvalidity)
    assert outline.uid >= before.uidnext
    assert {"\\Draft", "\\Seen"} <= outline.flags
    assert dict(mailbox.read(world.drafts, [outline])) == {outline.uid: draft}
    seen = world.flags(world.drafts)
    assert list(seen) == ["draft"]
    assert {"\\Draft", "\\Seen"} <= seen["draft"]


def test_a_draft_without_proper_line_ends_is_refused_and_not_stored(world: World, mailbox: Mailbox) -> None:
    for broken in (plain("draft").replace(b"\r\n", b"\n"), plain("draft") + b"bare \r return\r\n"):
        with pytest.raises(MailboxError, match="nothing was stored"):
            mailbox.append_draft(world.drafts, broken)
    assert mailbox.state(world.drafts).messages == 0


def test_any_message_is_stored_as_these_bytes_with_the_flags_asked_for(world: World, mailbox: Mailbox) -> None:
    note = plain("note", subject="What did you talk about?")
    mailbox.store("INBOX", note)
    mailbox.store(world.archive, note, flags=frozenset({"\\Seen", "\\Flagged"}))
    (unseen,) = looked_at(mailbox, "INBOX")
    (seen,) = looked_at(mailbox, world.archive)
    assert {unseen.flags - {"\\Recent"}, seen.flags - {"\\Recent"}} == {
        frozenset(), frozenset({"\\Seen", "\\Flagged"})
    }  # fmt: skip
    assert mailbox.whole("INBOX", unseen.uid) == mailbox.whole(world.archive, seen.uid) == note
    assert "\\Seen" not in world.flags("INBOX")["note"]
    assert {"\\Seen", "\\Flagged"} <= world.flags(world.archive)["note"]


@pytest.mark.parametrize("flag", ["", "\\Recent", "a b", "a)", "a\r\nA1 CREATE evil", "\\", "\ud800", "x" * 900, "{3}"])
def test_what_is_no_flag_is_refused_and_nothing_is_stored(mailbox: Mailbox, flag: str) -> None:
    with pytest.raises(MailboxError):
        mailbox.store("INBOX", plain("note"), flags=frozenset({flag}))
    assert mailbox.state("INBOX").messages == 0


def test_the_whole_of_a_message_has_its_attachments(world: World, mailbox: Mailbox) -> None:
    message = invite_with_attachment("first", attachment=3_000_000)
    world.deliver("INBOX", message)
    (outline,) = looked_at(mailbox, "INBOX")
    assert mailbox.whole("INBOX", outline.uid) == message
    assert mailbox.whole("INBOX", outline.uid + 1) is None
    assert mailbox.whole("INBOX", 0) is None
    assert not any("\\Seen" in flags for flags in world.flags("INBOX").values())


def test_a_moved_message_keeps_its_bytes_flags_and_arrival_and_no_other_is_touched(
    world: World, mailbox: Mailbox
) -> None:
    for name in ("other", "deleted"):
        world.deliver(world.archive, plain(name))
        world.deliver(world.drafts, plain(name))
    world.mark_deleted(world.drafts, "deleted")
    mailbox.append_draft(world.drafts, plain("mine"))
    before = {folder: world.flags(folder) for folder in (world.drafts, world.archive)}
    (mine,) = [outline for outline in looked_at(mailbox, world.drafts) if name_of(outline.header) == "mine"]
    uids = mailbox.uids(world.drafts), mailbox.uids(world.archive)
    first = mailbox.state(world.archive).uidnext

    assert mailbox.move(world.drafts, mine.uid, world.archive) is True

    assert mailbox.uids(world.drafts) == uids[0] - {mine.uid}
    assert mailbox.uids(world.archive) > uids[1]
    (moved,) = looked_at(mailbox, world.archive, first_uid=first)
    assert mailbox.whole(world.archive, moved.uid) == plain("mine")
    assert moved.flags - {"\\Recent"} == {"\\Draft", "\\Seen"}
    assert moved.received_at == mine.received_at
    after = {folder: world.flags(folder) for folder in (world.drafts, world.archive)}
    assert after[world.drafts] == {n: flags for n, flags in before[world.drafts].items() if n != "mine"}
    assert {n: flags for n, flags in after[world.archive].items() if n != "mine"} == before[world.archive]


def test_a_message_that_nobody_has_seen_is_moved_as_one(world: World, mailbox: Mailbox) -> None:
    world.deliver("INBOX", plain("new"))
    (outline,) = looked_at(mailbox, "INBOX")
    assert mailbox.move("INBOX", outline.uid, world.archive) is True
    assert "\\Seen" not in world.flags(world.archive)["new"]
    assert world.flags("INBOX") == {}


def test_moving_what_is_gone_is_false_and_changes_nothing(world: World, mailbox: Mailbox) -> None:
    world.deliver(world.drafts, plain("mine"))
    world.deliver(world.drafts, plain("other"))
    uid = {name_of(outline.header): outline.uid for outline in looked_at(mailbox, world.drafts)}
    world.remove(world.drafts, "mine")
    for gone in (uid["mine"], uid["other"] + 1000, 0):
        assert mailbox.move(world.drafts, gone, world.archive) is False
    assert set(world.flags(world.drafts)) == {"other"}
    assert world.flags(world.archive) == {}


def test_a_folder_is_made_once_below_another_or_before_it(world: World, mailbox: Mailbox) -> None:
    before = {folder.name for folder in mailbox.folders()}
    below = mailbox.create_folder("Tactful/Später")
    above = mailbox.create_folder("Tactful")
    assert {folder.name for folder in mailbox.folders()} - before == {above, below}
    mailbox.store(below, plain("there"))
    again = world.open()
    assert again.create_folder("Tactful/Später") == below
    assert again.create_folder("Tactful") == above
    assert {folder.name for folder in again.folders()} - before == {above, below}
    assert (again.state(above).messages, again.state(below).messages) == (0, 1)
    again.close()


@pytest.mark.parametrize(
    "path", ["", "/", "a//b", "../INBOX", "a/..", "/etc", "a/", ".hidden", "*", "a%", "a\r\nA1 CREATE evil", "a\0",
             'q"', "back\\slash", "\ud800", "x" * 900, "{5}", "~root", "-a"],
)  # fmt: skip
def test_a_path_that_is_more_than_names_makes_no_folder(world: World, mailbox: Mailbox, path: str) -> None:
    before = {folder.name for folder in mailbox.folders()}
    with pytest.raises(MailboxError):
        mailbox.create_folder(path)
    again = world.open()
    assert {folder.name for folder in again.folders()} == before
    again.close()


def test_the_same_message_can_be_stored_twice(world: World, mailbox: Mailbox) -> None:
    mailbox.append_draft(world.drafts, plain("draft"))
    mailbox.append_draft(world.drafts, plain("draft"))
    assert len(mailbox.uids(world.drafts)) == 2


def test_expunging_removes_exactly_one_message_though_another_is_marked_deleted(world: World, mailbox: Mailbox) -> None:
    for name in ("mine", "deleted", "other"):
        world.deliver(world.drafts, plain(name))
    world.mark_deleted(world.drafts, "deleted")
    uid = {name_of(outline.header): outline.uid for outline in looked_at(mailbox, world.drafts)}
    assert mailbox.expunge_draft(world.drafts, uid["mine"]) is True
    assert set(world.flags(world.drafts)) == {"deleted", "other"}
    assert "\\Deleted" in world.flags(world.drafts)["deleted"]
    assert "\\Deleted" not in world.flags(world.drafts)["other"]
    assert mailbox.uids(world.drafts) == {uid["deleted"], uid["other"]}


def test_expunging_what_is_gone_is_false(world: World, mailbox: Mailbox) -> None:
    world.deliver(world.drafts, plain("mine"))
    (outline,) = looked_at(mailbox, world.drafts)
    world.remove(world.drafts, "mine")
    assert mailbox.expunge_draft(world.drafts, outline.uid) is False
    assert mailbox.expunge_draft(world.drafts, outline.uid + 1000) is False


# ---------------------------------------------------------------------------------------------------------- 3. the UIDs


def test_a_later_message_has_a_uid_of_at_least_the_uidnext_seen_earlier(world: World, mailbox: Mailbox) -> None:
    world.deliver("INBOX", plain("first"))
    before = mailbox.state("INBOX")
    assert names(looked_at(mailbox, "INBOX")) == ["first"]
    world.deliver("INBOX", plain("second"))
    assert names(looked_at(mailbox, "INBOX", first_uid=before.uidnext)) == ["second"]
    assert all(outline.uid >= before.uidnext for outline in looked_at(mailbox, "INBOX", first_uid=before.uidnext))
    assert mailbox.state("INBOX").uidvalidity == before.uidvalidity


def test_the_uid_of_a_removed_message_is_never_given_again(world: World, mailbox: Mailbox) -> None:
    world.deliver("INBOX", plain("first"))
    world.deliver("INBOX", plain("second"))
    before = looked_at(mailbox, "INBOX")
    world.remove("INBOX", "second")
    assert mailbox.uids("INBOX") == {before[0].uid}
    world.deliver("INBOX", plain("third"))
    assert looked_at(mailbox, "INBOX")[-1].uid > before[-1].uid


def test_another_object_over_the_same_mailbox_gives_the_same_uids(world: World, mailbox: Mailbox) -> None:
    for number in range(5):
        world.deliver("INBOX", plain(f"m{number}"))
    before = mailbox.state("INBOX"), looked_at(mailbox, "INBOX")
    world.remove("INBOX", "m2")
    again = world.open()
    after = again.state("INBOX"), looked_at(again, "INBOX")
    again.close()
    assert after[0].uidvalidity == before[0].uidvalidity
    assert {o.uid: name_of(o.header) for o in after[1]} == {
        o.uid: name_of(o.header) for o in before[1] if name_of(o.header) != "m2"
    }


# ------------------------------------------------------------------------------------------------- looking and reading


def test_an_empty_folder_yields_nothing(mailbox: Mailbox) -> None:
    assert looked_at(mailbox, "INBOX") == []
    assert mailbox.uids("INBOX") == frozenset()
    assert mailbox.uids_with("INBOX", "dana.lee@northwind.example") == ()
    assert mailbox.outlines("INBOX", []) == ()
    assert mailbox.outlines("INBOX", [1, 7]) == ()
    assert list(mailbox.read("INBOX", [])) == []
    assert list(mailbox.read("INBOX", [OUTLINE])) == []


def test_the_name_of_inbox_has_no_case(world: World, mailbox: Mailbox) -> None:
    world.deliver("INBOX", plain("first"))
    assert names(looked_at(mailbox, "inbox")) == ["first"]


def test_messages_come_by_ascending_uid_from_the_first_one_asked_for(world: World, mailbox: Mailbox) -> None:
    for number in range(7):
        world.deliver("INBOX", plain(f"m{number}"))
    everything = looked_at(mailbox, "INBOX")
    assert [outline.uid for outline in everything] == sorted(outline.uid for outline in everything)
    assert names(everything) == [f"m{number}" for number in range(7)]
    assert looked_at(mailbox, "INBOX", first_uid=everything[4].uid) == everything[4:]
    assert looked_at(mailbox, "INBOX", first_uid=everything[-1].uid + 1) == []
    assert mailbox.uids("INBOX") == {outline.uid for outline in everything}


def test_what_is_older_than_asked_for_may_be_left_out_and_nothing_else(world: World, mailbox: Mailbox) -> None:
    for days in range(40):
        world.deliver("INBOX", plain(f"m{days}"), NOON - timedelta(days=40 - days))
    found = names(looked_at(mailbox, "INBOX", since=NOON - timedelta(days=10)))
    assert [f"m{days}" for days in range(30, 40)] == found[-10:]
    assert len(found) < 40


def test_an_outline_says_what_is_known_of_the_message(world: World, mailbox: Mailbox) -> None:
    world.deliver("INBOX", plain("first", subject="=?utf-8?q?Gespr=C3=A4ch?="), NOON)
    (outline,) = looked_at(mailbox, "INBOX")
    assert outline.received_at == NOON
    assert outline.received_at.tzinfo is not None
    assert outline.size > 300
    allowed = {name.lower() for name in HEADER_FIELDS}
    header = message_from_bytes(outline.header, policy=policy.compat32)
    assert {name.lower() for name in header} == {
        "message-id", "date", "from", "to", "subject", "content-type"
    } <= allowed  # fmt: skip
    assert header["Subject"] == "=?utf-8?q?Gespr=C3=A4ch?="
    assert [(part.section, part.content_type) for part in outline.parts] == [("1", "text/plain")]


def test_an_outline_names_each_leaf_with_its_section_and_file(world: World, mailbox: Mailbox) -> None:
    world.deliver("INBOX", invite_with_attachment("first", attachment=8000))
    (outline,) = looked_at(mailbox, "INBOX")
    assert [(part.section, part.content_type, part.filename, part.attachment) for part in outline.parts] == [
        ("1.1", "text/plain", None, False),
        ("1.2", "text/html", None, False),
        ("2", "application/pdf", "Anfahrt für Sie.pdf", True),
        ("3", "application/ics", "invite.ics", True),
    ]
    assert 8000 <= outline.parts[2].size <= 12000


def test_outlines_of_chosen_messages_are_those_that_still_exist(world: World, mailbox: Mailbox) -> None:
    for number in range(6):
        world.deliver("INBOX", plain(f"m{number}"))
    everything = looked_at(mailbox, "INBOX")
    world.remove("INBOX", "m3")
    chosen = [everything[5].uid, everything[1].uid, everything[3].uid, 4_000_000]
    assert mailbox.outlines("INBOX", chosen) == (everything[1], everything[5])


def test_messages_are_found_by_who_wrote_or_got_them(world: World, mailbox: Mailbox) -> None:
    world.deliver("INBOX", plain("old"), NOON - timedelta(days=90))
    world.deliver("INBOX", plain("hers"))
    world.deliver("INBOX", plain("his", sender="Robin <robin@other.example>"))
    uid = {name_of(outline.header): outline.uid for outline in looked_at(mailbox, "INBOX")}
    assert set(mailbox.uids_with("INBOX", "dana.lee@northwind.example")) == {uid["old"], uid["hers"]}
    assert set(mailbox.uids_with("INBOX", "Jordan@mail.example")) == set(uid.values())
    assert set(mailbox.uids_with("INBOX", "dana.lee@northwind.example", since=NOON)) == {uid["hers"]}
    assert mailbox.uids_with("INBOX", "nobody@nowhere.example") == ()


@pytest.mark.parametrize("address", ['a"b@x.example', "a\\b@x.example", "jürgen@x.example", "(ALL)", "{3}", "*"])
def test_a_strange_address_is_only_ever_looked_for(world: World, mailbox: Mailbox, address: str) -> None:
    world.deliver("INBOX", plain("first"))
    assert mailbox.uids_with("INBOX", address) == ()


@pytest.mark.parametrize("address", ["a\r\nA1 LOGOUT", "a\0b", "a\nb"])
def test_an_address_with_control_characters_finds_nothing_or_is_refused(mailbox: Mailbox, address: str) -> None:
    with suppress(MailboxError):
        assert mailbox.uids_with("INBOX", address) == ()
    assert mailbox.uids("INBOX") == frozenset()


def test_a_plain_message_is_read_as_it_was_sent(world: World, mailbox: Mailbox) -> None:
    sent = {f"m{number}": plain(f"m{number}", body="\r\n".join(["line"] * number) + "\r\n") for number in range(5)}
    for message in sent.values():
        world.deliver("INBOX", message)
    read = list(mailbox.read("INBOX", looked_at(mailbox, "INBOX")))
    assert [message for _, message in read] == list(sent.values())


@pytest.mark.parametrize("attachment", [4000, 3_000_000])
def test_the_telling_parts_of_a_message_are_read(world: World, mailbox: Mailbox, attachment: int) -> None:
    world.deliver("INBOX", invite_with_attachment("first", attachment=attachment))
    ((_, message),) = mailbox.read("INBOX", looked_at(mailbox, "INBOX"))
    mail = message_from_bytes(message, policy=policy.default)
    assert mail["Message-ID"] == "<first@northwind.example>"
    assert mail["Subject"] == "Interview"
    assert isinstance(mail, EmailMessage)
    body = mail.get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == "We meet on Tuesday.\n"
    html = mail.get_body(("html",))
    assert html is not None
    calendars = [part for part in mail.walk() if part.get_content_type() == "application/ics"]
    assert [part.get_payload(decode=True) for part in calendars] == [CALENDAR]
    assert len(message) < 1_100_000, "what weighs so much is not carried about"
    assert not any(part.defects for part in mail.walk())


def test_what_was_removed_meanwhile_is_left_out(world: World, mailbox: Mailbox) -> None:
    for number in range(3):
        world.deliver("INBOX", plain(f"m{number}"))
    outlines = looked_at(mailbox, "INBOX")
    world.remove("INBOX", "m1")
    assert [uid for uid, _ in mailbox.read("INBOX", outlines)] == [outlines[0].uid, outlines[2].uid]


STRANGE: dict[str, bytes] = {
    "no header": b"\r\njust text\r\n",
    "no body": b"Message-ID: <x@x.example>\r\nSubject: nothing",
    "binary": bytes(range(1, 256)) * 20,
    "no end of the multipart": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b\r\n",
    "no boundary": b"Content-Type: multipart/mixed\r\n\r\n--b\r\n\r\ntext\r\n--b--\r\n",
    "an empty multipart": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b--\r\n",
    "a deep one": b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level) for level in range(80)
    )
    + b"Content-Type: text/plain\r\n\r\ndeep\r\n",
    "a thousand parts": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 1000,
    "broken parameters": b'Content-Type: text/plain; name="=?nonsense?q?a?="; =; charset="\r\n\r\ntext\r\n',
    "a message within": b"Content-Type: message/rfc822\r\n\r\nSubject: inner\r\nContent-Type: text/plain\r\n\r\nx\r\n",
    "a very long line": b"Subject: " + b"x" * 100_000 + b"\r\n\r\n" + b"y" * 100_000 + b"\r\n",
    "an unknown type": b"Content-Type: strange\r\nContent-Disposition: ;;;\r\n\r\ntext\r\n",
}  # fmt: skip


@pytest.mark.parametrize("kind", STRANGE)
def test_a_strange_message_still_has_an_outline_and_can_be_read(world: World, mailbox: Mailbox, kind: str) -> None:
    world.deliver("INBOX", plain("before"))
    world.deliver("INBOX", STRANGE[kind])
    world.deliver("INBOX", plain("after"))
    found = looked_at(mailbox, "INBOX")
    assert len(found) == 3
    read = dict(mailbox.read("INBOX", found))
    assert set(read) == {outline.uid for outline in found}
    assert read[found[0].uid] == plain("before")
    assert read[found[2].uid] == plain("after")


# ------------------------------------------------------------------------------------------------------------- waiting


def test_a_change_ends_the_wait_or_there_is_none(world: World, mailbox: Mailbox) -> None:
    before = mailbox.state("INBOX")
    descriptor = mailbox.begin_wait("INBOX")
    world.deliver("INBOX", plain("first"))
    if descriptor is not None:
        assert select.select([descriptor], [], [], 10)[0], "the arrival is noticed"
    mailbox.end_wait()
    assert names(looked_at(mailbox, "INBOX", first_uid=before.uidnext)) == ["first"]


@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_change_between_the_last_look_and_the_wait_is_noticed(
    world: World, mailbox: Mailbox, elsewhere: bool
) -> None:
    before = mailbox.state("INBOX")
    assert looked_at(mailbox, "INBOX") == []
    if elsewhere:
        mailbox.state(world.drafts)
    world.deliver("INBOX", plain("first"))
    descriptor = mailbox.begin_wait("INBOX")
    if descriptor is not None:
        assert select.select([descriptor], [], [], 10)[0], "the arrival is noticed"
    mailbox.end_wait()
    assert names(looked_at(mailbox, "INBOX", first_uid=before.uidnext)) == ["first"]


def test_waiting_can_be_begun_and_ended_again_and_again(mailbox: Mailbox) -> None:
    for _ in range(5):
        mailbox.begin_wait("INBOX")
        mailbox.end_wait()
    assert mailbox.uids("INBOX") == frozenset()


def test_closing_is_always_possible(world: World) -> None:
    mailbox = world.open()
    mailbox.begin_wait("INBOX")
    mailbox.close()
    mailbox.close()
