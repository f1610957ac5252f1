"""What is special to a Maildir: its layouts, its numbers, and the other programs that work in it."""

from __future__ import annotations

import os
import stat
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from daemon.errors import MailboxError
from daemon.mailbox import Outline, Use
from daemon.maildir import MaildirMailbox, open_maildir
from daemon.maildir_uids import key_of

MESSAGE = b"Message-ID: <m@northwind.example>\nFrom: dana.lee@northwind.example\nSubject: Interview\n\nTuesday.\n"


def make(folder: Path) -> Path:
    for part in ("cur", "new", "tmp"):
        (folder / part).mkdir(parents=True)
    return folder


def put(file: Path, message: bytes = MESSAGE, arrived: float = 1_760_000_000.0) -> Path:
    file.write_bytes(message)
    os.utime(file, (arrived, arrived))
    return file


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make(tmp_path / "Mail")


@pytest.fixture
def state_dir(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def mailbox(root: Path, state_dir: Path) -> MaildirMailbox:
    return open_maildir(root, state_dir=state_dir)


def seen(mailbox: MaildirMailbox, folder: str = "INBOX") -> list[Outline]:
    return [outline for batch in mailbox.new(folder, first_uid=1) for outline in batch]


# ------------------------------------------------------------------------------------------------------------ folders


def test_both_layouts_are_read_side_by_side(root: Path, mailbox: MaildirMailbox) -> None:
    for name in (".Entw&APw-rfe", ".Archive.2024", "Sent", "Work/Clients", "Work/Clients/Acme", ".notmuch/xapian"):
        make(root / name)
    assert {folder.name: folder.use for folder in mailbox.folders()} == {
        "INBOX": Use.INBOX,
        "Entwürfe": Use.DRAFTS,
        "Archive/2024": None,
        "Sent": Use.SENT,
        "Work/Clients": None,
        "Work/Clients/Acme": None,
    }
    assert mailbox.state("Entwürfe").messages == 0


def test_the_inbox_may_be_a_folder_of_its_own(tmp_path: Path) -> None:
    make(tmp_path / "Mail" / "Inbox")
    make(tmp_path / "Mail" / "INBOX.Drafts")
    put(tmp_path / "Mail" / "Inbox" / "new" / "1.a")
    mailbox = open_maildir(tmp_path / "Mail")
    assert {folder.use: folder.name for folder in mailbox.folders()} == {
        Use.INBOX: "INBOX", Use.DRAFTS: "INBOX/Drafts"
    }  # fmt: skip
    assert len(seen(mailbox, "INBOX")) == 1


def test_the_person_may_name_a_folder(root: Path) -> None:
    make(root / "INBOX.Zettel")
    for name in ("INBOX/Zettel", "INBOX.Zettel", "inbox.zettel"):
        mailbox = open_maildir(root, folders={Use.DRAFTS: name})
        assert {folder.use: folder.name for folder in mailbox.folders()}[Use.DRAFTS] == "INBOX/Zettel"


def test_what_is_no_maildir_is_said_to_be_none(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing", put(tmp_path / "file")):
        with pytest.raises(MailboxError, match="is no Maildir"):
            open_maildir(path)


def test_links_out_of_the_maildir_are_not_followed(root: Path, tmp_path: Path, mailbox: MaildirMailbox) -> None:
    outside = make(tmp_path / "outside")
    secret = put(outside / "cur" / "1.secret:2,S", b"Subject: secret\n\nsecret\n")
    (root / ".Drafts").symlink_to(outside)
    make(root / ".Sent")
    (root / ".Sent" / "cur").rmdir()
    (root / ".Sent" / "cur").symlink_to(outside / "cur")
    (root / "new" / "2.link").symlink_to(secret)
    os.mkfifo(root / "new" / "3.pipe")
    assert [folder.name for folder in mailbox.folders()] == ["INBOX"]
    assert seen(mailbox) == []


def test_a_maildir_that_is_a_link_itself_is_the_persons_choice(root: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(root)
    put(root / "new" / "1.a")
    assert len(seen(open_maildir(tmp_path / "link"))) == 1


# ------------------------------------------------------------------------------------------------------------ numbers


def test_reading_leaves_every_file_where_and_as_it_is(root: Path, mailbox: MaildirMailbox) -> None:
    put(root / "new" / "1.a")
    put(root / "cur" / "2.b:2,")
    before = {path: path.stat() for path in sorted(root.rglob("*"))}
    assert len(list(mailbox.read("INBOX", seen(mailbox)))) == 2
    mailbox.close()
    after = {path: path.stat() for path in sorted(root.rglob("*"))}
    assert list(before) == list(after)
    for path, status in before.items():
        if path.is_file():
            assert (status.st_ino, status.st_mtime_ns, status.st_mode) == (
                after[path].st_ino, after[path].st_mtime_ns, after[path].st_mode
            )  # fmt: skip


def test_the_first_numbers_follow_the_arrival(root: Path, mailbox: MaildirMailbox) -> None:
    put(root / "cur" / "1.late:2,S", b"Subject: late\n\n", arrived=3000)
    put(root / "new" / "2.first", b"Subject: first\n\n", arrived=1000)
    put(root / "cur" / "3.second:2,", b"Subject: second\n\n", arrived=2000)
    assert [outline.header for outline in seen(mailbox)] == [
        b"Subject: first\r\n\r\n", b"Subject: second\r\n\r\n", b"Subject: late\r\n\r\n"
    ]  # fmt: skip
    assert seen(mailbox)[0].received_at == datetime.fromtimestamp(1000, UTC)


def test_a_message_keeps_its_number_while_other_programs_rename_it(
    root: Path, state_dir: Path, mailbox: MaildirMailbox
) -> None:
    file = put(root / "new" / "1700000000.M1P2.host")
    put(root / "new" / "1700000001.M1P2.host")
    first = seen(mailbox)
    for name in ("1700000000.M1P2.host:2,S", "1700000000.M1P2.host,U=17:2,RS", "1700000000.M1P2.host,S=99,W=101:2,"):
        file = file.rename(root / "cur" / name)
        again = open_maildir(root, state_dir=state_dir)
        assert [outline.uid for outline in seen(again)] == [outline.uid for outline in first]
        again.close()


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("1.a:2,S", "1.a"),
        ("1.a,U=5:2,S", "1.a"),
        ("1.a,S=5,W=6", "1.a"),
        ("1.a", "1.a"),
        (",odd", ",odd"),
        (":2,S", ":2,S"),
    ],
)
def test_a_message_is_known_by_the_unique_part_of_its_name(name: str, key: str) -> None:
    assert key_of(name) == key


def test_a_message_that_was_out_of_sight_for_a_moment_is_not_another_one(root: Path, mailbox: MaildirMailbox) -> None:
    file = put(root / "cur" / "1.a:2,")
    before = seen(mailbox)
    hidden = file.rename(root / "tmp" / "hidden")
    assert seen(mailbox) == []
    hidden.rename(file)
    assert seen(mailbox) == before


def test_a_new_table_is_dated_by_the_clock_so_that_a_lost_one_is_noticed(root: Path, state_dir: Path) -> None:
    before = int(time.time())
    mailbox = open_maildir(root, state_dir=state_dir)
    assert before <= mailbox.state("INBOX").uidvalidity <= time.time()


def test_the_table_is_for_its_owner_only(state_dir: Path, mailbox: MaildirMailbox) -> None:
    (table,) = state_dir.iterdir()
    assert stat.S_IMODE(table.stat().st_mode) == 0o600
    assert stat.S_IMODE(state_dir.stat().st_mode) == 0o700


def test_a_table_that_is_none_is_a_mailbox_error(root: Path, state_dir: Path, mailbox: MaildirMailbox) -> None:
    mailbox.close()
    (table,) = state_dir.iterdir()
    table.write_bytes(b"this is not a database, and long enough to be seen as none" * 20)
    with pytest.raises(MailboxError, match="cannot be kept"):
        open_maildir(root, state_dir=state_dir).state("INBOX")


def test_two_that_number_at_once_agree(root: Path, state_dir: Path) -> None:
    for number in range(300):
        put(root / "new" / f"{number}.a", arrived=1000 + number)
    mailboxes = [open_maildir(root, state_dir=state_dir) for _ in range(4)]
    found: list[list[Outline]] = [[] for _ in mailboxes]

    def look(index: int) -> None:
        found[index] = seen(mailboxes[index])

    threads = [threading.Thread(target=look, args=(index,)) for index in range(len(mailboxes))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [outline.uid for outline in found[0]] == list(range(1, 301))
    assert all(outlines == found[0] for outlines in found)


def test_without_a_state_directory_nothing_is_written(root: Path, tmp_path: Path) -> None:
    put(root / "new" / "1.a")
    before = sorted(tmp_path.rglob("*"))
    mailbox = open_maildir(root)
    assert [outline.uid for outline in seen(mailbox)] == [1]
    mailbox.close()
    assert sorted(tmp_path.rglob("*")) == before


# ---------------------------------------------------------------------------------------------------- reading, writing


def test_flags_are_the_letters_of_the_name_and_new_is_recent(root: Path, mailbox: MaildirMailbox) -> None:
    put(root / "new" / "1.a", arrived=1)
    put(root / "cur" / "2.b:2,DFPRSTab", arrived=2)
    put(root / "cur" / "3.c", arrived=3)
    assert [outline.flags for outline in seen(mailbox)] == [
        {"\\Recent"},
        {"\\Draft", "\\Flagged", "$Forwarded", "\\Answered", "\\Seen", "\\Deleted"},
        set(),
    ]


def test_a_file_renamed_between_look_and_read_is_still_read(root: Path, mailbox: MaildirMailbox) -> None:
    for number in range(3):
        put(root / "new" / f"{number}.a", arrived=1000 + number)
    outlines = seen(mailbox)
    reading = mailbox.read("INBOX", outlines)
    next(reading)
    (root / "new" / "1.a").rename(root / "cur" / "1.a:2,S")
    (root / "new" / "2.a").unlink()
    assert [uid for uid, _ in reading] == [outlines[1].uid]


def test_a_large_message_is_outlined_by_its_header_and_read_without_its_attachment(
    root: Path, mailbox: MaildirMailbox
) -> None:
    large = (
        b"Subject: large\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nTuesday.\n"
        b"--b\nContent-Type: application/pdf\n\n" + b"JVBERi0x\n" * 300_000 + b"--b--\n"
    )
    put(root / "new" / "1.large", large)
    (outline,) = seen(mailbox)
    assert (outline.size, outline.parts) == (len(large), ())
    ((_, message),) = mailbox.read("INBOX", [outline])
    assert message.startswith(b"Subject: large\r\n")
    assert b"\r\n\r\nTuesday.\r\n" in message
    assert len(message) < 1000


def test_a_draft_lies_in_cur_with_local_line_ends_and_nothing_else_is_left(root: Path, mailbox: MaildirMailbox) -> None:
    make(root / ".Drafts")
    mailbox.append_draft("Drafts", MESSAGE.replace(b"\n", b"\r\n"))
    (file,) = [path for path in (root / ".Drafts").rglob("*") if path.is_file()]
    assert file.parent.name == "cur"
    assert file.name.endswith(":2,DS")
    assert file.read_bytes() == MESSAGE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_draft_that_mbsync_has_uploaded_is_still_the_same(root: Path, mailbox: MaildirMailbox) -> None:
    make(root / ".Drafts")
    stored = mailbox.append_draft("Drafts", MESSAGE.replace(b"\n", b"\r\n"))
    (file,) = (root / ".Drafts" / "cur").iterdir()
    file.rename(file.with_name(file.name.replace(":2,", ",U=12:2,")))
    assert [outline.uid for outline in seen(mailbox, "Drafts")] == [stored.uid]
    assert stored.uid is not None
    assert mailbox.expunge_draft("Drafts", stored.uid) is True
    assert seen(mailbox, "Drafts") == []


def test_a_draft_that_cannot_be_written_is_not_stored(root: Path, mailbox: MaildirMailbox) -> None:
    drafts = make(root / ".Drafts")
    (drafts / "tmp").rmdir()
    (drafts / "tmp").write_bytes(b"in the way")
    with pytest.raises(MailboxError, match="nothing was stored"):
        mailbox.append_draft("Drafts", MESSAGE.replace(b"\n", b"\r\n"))
    assert seen(mailbox, "Drafts") == []


def test_a_folder_removed_under_us_is_an_error_and_no_crash(root: Path, mailbox: MaildirMailbox) -> None:
    sent = make(root / ".Sent")
    assert seen(mailbox, "Sent") == []
    for part in ("cur", "new", "tmp"):
        (sent / part).rmdir()
    sent.rmdir()
    with pytest.raises(MailboxError):
        seen(mailbox, "Sent")
    with pytest.raises(MailboxError, match="no folder"):
        seen(mailbox, "Sent")
