"""Reads what is new in a mailbox: message to facts to ledger, in two stages.

Stage one fetches a few header fields and the structure of every new message; a cheap filter decides which are worth
more. Stage two fetches the text and calendar parts of those alone. After each batch the ledger holds one row a message,
with the reason where nothing was taken from it, and how far the folder has been read.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from daemon.ledger import Ledger, Seen, Watermark
from daemon.mailbox import FolderState, Mailbox, Outline
from daemon.mailreader import InProcess, MailReader, Unreadable
from daemon.notes import Dialogue
from parsers.candidate import Known, reason_to_read
from parsers.employer import employer_domain
from parsers.keys import message_key
from parsers.mail import read_header
from parsers.model import Direction, Facts
from parsers.reader import Reader

_log = logging.getLogger("tactful.intake")

Progress = Callable[[str, int, int], None]  # folder, messages done, messages in all (an estimate)

_CALENDAR_TYPES = frozenset({"text/calendar", "application/ics"})


@dataclass(slots=True)
class Correspondence:
    """What is known of the processes so far, as far as the filter of stage one needs it."""

    message_ids: set[str] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)
    domains: set[str] = field(default_factory=set)

    def add(self, facts: Facts) -> frozenset[str]:
        """Learn from a message that is about an application; give the addresses that are new."""
        if not facts.statements:
            return frozenset()
        self.message_ids.update(facts.thread)
        people = {person.address for person in facts.people if person.address}
        if facts.direction is Direction.INBOUND and facts.sender and facts.answerable:
            people.add(facts.sender.address)
        fresh = frozenset(people - self.addresses)
        self.addresses.update(fresh)
        self.domains.update(domain for address in fresh if (domain := employer_domain(address.rpartition("@")[2])))
        return fresh

    def concerns(self, facts: Facts) -> bool:
        """Whether a message that itself says nothing belongs to what is known: "human mail" to the policy."""
        if self.message_ids & set(facts.thread):
            return True
        ends = {address.address for address in facts.to} if facts.direction is Direction.OWN else set()
        if facts.sender and facts.direction is Direction.INBOUND:
            ends.add(facts.sender.address)
        return bool(ends & self.addresses)

    def known(self, own: frozenset[str]) -> Known:
        """Give it as the filter takes it, with the user's own addresses."""
        return Known(
            message_ids=frozenset(self.message_ids),
            addresses=frozenset(self.addresses),
            domains=frozenset(self.domains),
            own=own,
        )


class Intake:
    """Takes in the mail of one account and holds its facts."""

    def __init__(self, ledger: Ledger, reader: Reader, mail_reader: MailReader | None = None) -> None:
        self._ledger = ledger
        self._reader = reader
        self._mail_reader = mail_reader or InProcess()
        self._dialogue = Dialogue(ledger, reader)
        self._correspondence = Correspondence()
        self._facts: dict[str, Facts] = {}
        self._own_message_ids: set[str] = set()
        for facts in ledger.facts(reader.account):
            self._correspondence.add(facts)
            self._remember(facts)
        self.facts: tuple[Facts, ...] = ()  # oldest first; replaced as a whole, so that other threads may read it
        self._publish()

    def _publish(self) -> None:
        if len(self.facts) != len(self._facts):
            self.facts = tuple(sorted(self._facts.values(), key=lambda facts: (facts.received_at, facts.key)))

    def take_in(
        self, mailbox: Mailbox, folders: Sequence[str], *, since: datetime, progress: Progress | None = None
    ) -> bool:
        """Read all that is new, looking back no further than `since` in a folder never read before.

        `folders` are read in this order: INBOX first, so that its people are known when Sent is read. Says whether
        there are new facts. Raises MailboxError; what was read until then is kept.
        """
        before = len(self._facts)
        learned: set[str] = set()
        try:
            for folder in folders:
                learned |= self._read_folder(mailbox, folder, since, progress)
            while learned:
                # Somebody turned out to belong to a process: their other mails, passed over before, count too.
                learned = self._read_correspondents(mailbox, folders, learned, since)
        finally:
            self._publish()
        return len(self._facts) > before

    def has_news(self, mailbox: Mailbox, folders: Sequence[str]) -> bool:
        """Whether anything has arrived since the last look."""
        for folder in folders:
            state = mailbox.state(folder)
            mark = self._ledger.watermark(self._reader.account, folder)
            if mark is None or mark != Watermark(uidvalidity=state.uidvalidity, uidnext=state.uidnext):
                return True
        return False

    def _read_folder(self, mailbox: Mailbox, folder: str, since: datetime, progress: Progress | None) -> set[str]:
        state = mailbox.state(folder)
        mark = self._ledger.watermark(self._reader.account, folder)
        look_back: datetime | None = since
        first_uid = 1  # a folder read for the first time, or numbered anew
        if mark and mark.uidvalidity == state.uidvalidity:
            if mark.uidnext >= state.uidnext:
                return set()
            first_uid, look_back = mark.uidnext, None
        if state.messages:
            self._mail_reader.begin()
        learned: set[str] = set()
        done = 0

        def tell() -> None:
            if progress:
                progress(folder, done, max(done, state.messages))

        for batch in mailbox.new(folder, first_uid=first_uid, since=look_back):
            wanted, ignored = self._sift(batch)
            learned |= self._read(mailbox, folder, state.uidvalidity, batch[-1].uid + 1, wanted, ignored, tell)
            done += len(batch)
            tell()
        end = Watermark(uidvalidity=state.uidvalidity, uidnext=self._end(folder, state))
        self._ledger.record_seen(self._reader.account, folder, end, (), ())
        return learned

    def _end(self, folder: str, state: FolderState) -> int:
        # What arrived while the batches were read has been listed with them and lies beyond the state's UIDNEXT.
        mark = self._ledger.watermark(self._reader.account, folder)
        listed = mark.uidnext if mark and mark.uidvalidity == state.uidvalidity else 1
        return max(state.uidnext, listed)

    def _read_correspondents(
        self, mailbox: Mailbox, folders: Sequence[str], addresses: set[str], since: datetime
    ) -> set[str]:
        learned: set[str] = set()
        for folder in folders:
            mark = self._ledger.watermark(self._reader.account, folder)
            if mark is None:
                continue
            named = {uid for address in addresses for uid in mailbox.uids_with(folder, address, since=since)}
            passed_over = self._ledger.ignored(self._reader.account, folder, mark.uidvalidity, named)
            if passed_over:
                outlines = mailbox.outlines(folder, passed_over)
                learned |= self._read(mailbox, folder, mark.uidvalidity, mark.uidnext, outlines, [])
        return learned

    def _sift(self, batch: Iterable[Outline]) -> tuple[list[Outline], list[Seen]]:
        known = self._correspondence.known(self._reader.addresses)
        wanted, ignored = [], []
        for outline in batch:
            header = read_header(outline.header, received_at=outline.received_at)
            # A structure that could not be read may hide a calendar object.
            calendar = not outline.parts or any(part.content_type in _CALENDAR_TYPES for part in outline.parts)
            if self._dialogue.is_part(header) or reason_to_read(header, has_calendar=calendar, known=known):
                wanted.append(outline)
            else:
                ignored.append(Seen(uid=outline.uid, outcome="ignored", reason="header says nothing of an application"))
        return wanted, ignored

    def _read(
        self,
        mailbox: Mailbox,
        folder: str,
        uidvalidity: int,
        uidnext: int,
        wanted: Collection[Outline],
        ignored: list[Seen],
        tell: Callable[[], None] | None = None,
    ) -> set[str]:
        """Read these messages and record them, with those ignored; give the addresses that turned out to matter.

        `tell` is called after each message: a hostile one may take seconds, and several minutes are taken for a hang.
        """
        arrival = {outline.uid: outline.received_at for outline in wanted}
        headers = {outline.uid: read_header(outline.header, received_at=outline.received_at) for outline in wanted}
        seen = {uid: Seen(uid=uid, outcome="gone", reason="vanished while it was read") for uid in arrival}
        taken: list[Facts] = []
        learned: set[str] = set()
        reader = replace(self._reader, own_message_ids=frozenset(self._own_message_ids))
        for uid, message in mailbox.read(folder, wanted):
            if tell:
                tell()
            try:
                if self._dialogue.is_part(headers[uid]):
                    mail = self._mail_reader.answer(message, arrival[uid])
                    reason = self._dialogue.take(mail)
                    seen[uid] = Seen(uid=uid, outcome="ignored", reason=reason, key=message_key(mail))
                    continue
                facts = self._mail_reader.facts(message, arrival[uid], reader)
            except Unreadable as error:
                # This message is put aside, and the rest of the mailbox goes on.
                seen[uid] = Seen(uid=uid, outcome="unreadable", reason=str(error))
                _log.error("account %s: message %d in %s: %s", self._reader.account, uid, folder, error)
                continue
            if self._ledger.was_forgotten(facts.key):
                seen[uid] = Seen(uid=uid, outcome="gone", reason="forgotten")
                continue
            if not facts.statements and facts.problems:
                seen[uid] = Seen(uid=uid, outcome="unreadable", reason="; ".join(facts.problems), key=facts.key)
            # What the user's calendar sends says when they are busy, whomever it is about.
            engaged = facts.direction is Direction.OWN and facts.events
            if facts.statements or engaged or self._correspondence.concerns(facts):
                seen[uid] = Seen(uid=uid, outcome="facts", key=facts.key)
                taken.append(facts)
                learned |= self._correspondence.add(facts)
            elif seen[uid].outcome != "unreadable":
                seen[uid] = Seen(uid=uid, outcome="ignored", reason="says nothing of an application", key=facts.key)
        mark = Watermark(uidvalidity=uidvalidity, uidnext=uidnext)
        self._ledger.record_seen(self._reader.account, folder, mark, [*ignored, *seen.values()], taken)
        for facts in taken:
            self._remember(facts)
        return learned

    def _remember(self, facts: Facts) -> None:
        self._facts.setdefault(facts.key, facts)
        if facts.direction is Direction.OWN and facts.message_id:
            self._own_message_ids.add(facts.message_id)
