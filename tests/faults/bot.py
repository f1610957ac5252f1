"""A person at another mail client: edits, sends, moves and deletes drafts as the clients and providers of the day do.

What each does to a draft is from their own behaviour, as users of IMAP servers see it: a saved draft is a new message
with a new UID, most often with a new Message-ID and without headers that the client does not know.
"""

from __future__ import annotations

import imaplib
import itertools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from enum import StrEnum

from tests.faults.census import Expected, Mail


class Client(StrEnum):
    """How a draft is saved and sent."""

    THUNDERBIRD = "thunderbird"  # new copy, then the old one marked and expunged; new Message-ID; \Seen may go
    GMAIL = "gmail"  # autosave: the old one expunged first, new Message-ID each time, no \Draft, thread kept
    OUTLOOK = "outlook"  # own Message-ID; at sending the old one is kept as X-Microsoft-Original-Message-ID
    PROTON = "proton"  # References and In-Reply-To are stripped from stored drafts
    MUTT = "mutt"  # the postponed message is recalled: deleted first, stored again with what it was, new Message-ID


_KEPT = {
    Client.THUNDERBIRD: ("From", "To", "Subject", "In-Reply-To", "References"),
    Client.GMAIL: ("From", "To", "Subject", "In-Reply-To", "References"),
    Client.OUTLOOK: ("From", "To", "Subject", "In-Reply-To", "References"),
    Client.PROTON: ("From", "To", "Subject"),
    Client.MUTT: ("From", "To", "Subject", "In-Reply-To", "References"),
}
_FLAGS = {
    Client.THUNDERBIRD: r"(\Draft)",
    Client.GMAIL: r"(\Seen)",
    Client.OUTLOOK: r"(\Draft \Seen)",
    Client.PROTON: r"(\Draft \Seen)",
    Client.MUTT: r"(\Draft \Seen)",
}
_DELETES_FIRST = frozenset({Client.GMAIL, Client.MUTT})
_numbers = itertools.count(1)


@dataclass
class Person:
    """The job seeker at their own client, straight at the server. What they do is noted as expected."""

    host: str
    port: int
    user: str
    password: str
    expected: Expected

    @contextmanager
    def at(self, folder: str) -> Iterator[imaplib.IMAP4]:
        """Have a folder open for writing."""
        with imaplib.IMAP4(self.host, self.port, timeout=20) as link:
            link.login(self.user, self.password)
            status, said = link.select(f'"{folder}"')
            assert status == "OK", said
            yield link

    # -------------------------------------------------------------------------------------------------- gestures

    def edit(self, client: Client, uid: int, *, folder: str = "Drafts", words: str = "", keep: bool = False) -> Mail:
        """Open a draft, write something into it, and save it; `keep`: the old copy stays, as some clients do."""
        with self.at(folder) as link:
            old = self._fetch(link, folder, uid)
            new = self._rewritten(client, old.octets, words or f"One more thing, number {next(_numbers)}.")
            if client in _DELETES_FIRST and not keep:
                self._remove(link, old)
            saved = self._append(link, folder, _FLAGS[client], new)
            if client not in _DELETES_FIRST and not keep:
                self._remove(link, old)
            return saved

    def send(
        self, client: Client, uid: int, *, folder: str = "Drafts", sent: str | None = "Sent", keep: bool = False
    ) -> bytes:
        """Send a draft: a copy goes to Sent (None: nowhere), and the draft is removed (`keep`: it stays)."""
        with self.at(folder) as link:
            old = self._fetch(link, folder, uid)
            letter = self._rewritten(client, old.octets, "")
            if sent:
                self._append(link, sent, r"(\Seen)", letter)
            if not keep:
                self._remove(link, old)
            return letter

    def move(self, uid: int, target: str, *, folder: str = "Drafts") -> Mail:
        """Drag a message to another folder."""
        with self.at(folder) as link:
            old = self._fetch(link, folder, uid)
            status, said = link.uid("MOVE", str(uid), f'"{target}"')
            assert status == "OK", said
            self.expected.removed(old)
            return self.expected.added(Mail(target, old.octets, old.flags))

    def delete(self, uid: int, *, folder: str = "Drafts", expunge: bool = True) -> None:
        """Delete a message: marked and expunged, or only marked."""
        with self.at(folder) as link:
            old = self._fetch(link, folder, uid)
            if expunge:
                self._remove(link, old)
            else:
                link.uid("STORE", str(uid), "+FLAGS.SILENT", r"(\Deleted)")
                self.expected.removed(old)
                self.expected.added(Mail(folder, old.octets, old.flags | {"\\Deleted"}))

    def flag(self, uid: int, *flags: str, folder: str = "INBOX") -> None:
        """Set flags, as reading does."""
        with self.at(folder) as link:
            old = self._fetch(link, folder, uid)
            link.uid("STORE", str(uid), "+FLAGS.SILENT", f"({' '.join(flags)})")
            self.expected.removed(old)
            self.expected.added(Mail(folder, old.octets, old.flags | set(flags)))

    def put(self, folder: str, octets: bytes, flags: str = "()") -> Mail:
        """Store a message; what counts is what the server makes of it (Dovecot turns a lone line feed into CRLF)."""
        with self.at(folder) as link:
            status, said = link.append(f'"{folder}"', flags, "", octets)
            assert status == "OK", said
            uid = re.search(rb"APPENDUID \d+ (\d+)", said[0])
            assert uid, said
            return self.expected.added(self._fetch(link, folder, int(uid[1])))

    # ----------------------------------------------------------------------------------------------------- the parts

    def _fetch(self, link: imaplib.IMAP4, folder: str, uid: int) -> Mail:
        _, found = link.uid("FETCH", str(uid), "(FLAGS BODY.PEEK[])")
        assert found[0], f"no message {uid} in {folder}"
        head = b" ".join(part if isinstance(part, bytes) else part[0] for part in found)
        return Mail(folder, found[0][1], flags_in(head))

    def _append(self, link: imaplib.IMAP4, folder: str, flags: str, octets: bytes) -> Mail:
        status, said = link.append(f'"{folder}"', flags, "", octets)
        assert status == "OK", said
        return self.expected.added(Mail(folder, octets, frozenset(flags.strip("()").split())))

    def _remove(self, link: imaplib.IMAP4, mail: Mail) -> None:
        link.uid("STORE", self._uid_of(link, mail), "+FLAGS.SILENT", r"(\Deleted)")
        link.uid("EXPUNGE", self._last)
        self.expected.removed(mail)

    def _uid_of(self, link: imaplib.IMAP4, mail: Mail) -> str:
        """Give the lowest UID with these bytes: the older of two equal ones goes."""
        _, found = link.uid("SEARCH", "ALL")
        for uid in found[0].split():
            if self._fetch(link, mail.folder, int(uid)).octets == mail.octets:
                self._last = uid.decode()
                return self._last
        raise AssertionError(f"the message is not in {mail.folder}")

    def _rewritten(self, client: Client, octets: bytes, words: str) -> bytes:
        old = message_from_bytes(octets, policy=SMTP)
        new = EmailMessage(policy=SMTP)
        for name in _KEPT[client]:
            if old[name]:
                new[name] = str(old[name])
        new["Date"] = format_datetime(datetime.now(UTC))
        new["Message-ID"] = f"<{client}-{next(_numbers)}@client.example>"
        if client is Client.OUTLOOK:
            new["X-Microsoft-Original-Message-ID"] = str(old["Message-ID"])
        text = str(old.get_content())
        new.set_content(text + (f"\n{words}\n" if words else ""))
        return new.as_bytes(policy=SMTP)


def flags_in(answer: bytes) -> frozenset[str]:
    """Give the flags that a FETCH answer names, without \\Recent, which belongs to a session."""
    found = re.search(rb"FLAGS \(([^)]*)\)", answer)
    return frozenset(found[1].decode("ascii").split()) - {"\\Recent"} if found else frozenset()
