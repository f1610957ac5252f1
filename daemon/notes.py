"""Asks the person by mail what was talked about, and takes their answers in as notes.

What may be a note is narrow: a mail from one of the person's own addresses to one of them, that answers a question of
ours by its Message-ID, which nobody else can guess, and that no program wrote. Our own mails, and what a program sends
in the person's name, are told from everything else here, so that they are never read as mail about an application.
"""

from __future__ import annotations

from datetime import datetime

from composer.acts import Asked, Noted
from composer.letter import Voice
from composer.notes import TEXT_LIMIT
from composer.questions import questions
from daemon.errands import View
from daemon.ledger import Ledger
from daemon.mailbox import Mailbox
from daemon.notices import NoticeKind, Notices, Post
from parsers.keys import message_key
from parsers.model import Mail, Trust
from parsers.reader import Reader
from parsers.senders import has_automatic_header
from parsers.trust import assess_trust


class Questions:
    """The errand that asks, once ever a visit."""

    def __init__(self, ledger: Ledger, account: str, notices: Notices, voice: Voice) -> None:
        self._ledger = ledger
        self._account = account
        self._notices = notices
        self._voice = voice

    def run(self, account: str, mailbox: Mailbox, view: View, now: datetime) -> datetime | None:
        """Write the questions down that are due; `Delivery` sends them."""
        for question in questions(view.agenda, view.timelines, self._ledger.acts(), self._voice):
            if question.account != self._account or account != self._account:
                continue
            if question.at > now:
                return question.at
            identifier = f"question:{question.account}:{question.visit}:{question.interview}"
            asked = Asked(
                at=now,
                interview=question.interview,
                visit=question.visit,
                messages=question.messages,
                message_id=self._notices.message_id(identifier),
            )
            # The act first: without it the answer would not be known, and without the mail there is only no answer.
            self._ledger.record_act(asked)
            self._notices.tell(NoticeKind.QUESTION, identifier, question.subject, question.text, now)
        return None


class Delivery:
    """The errand that hands over what is to be told to the person; it comes after those that tell."""

    def __init__(self, account: str, notices: Notices, post: Post) -> None:
        self._account = account
        self._notices = notices
        self._post = post

    def run(self, account: str, mailbox: Mailbox, view: View, now: datetime) -> datetime | None:
        """Hand over what waits and is due."""
        if account != self._account:
            return None
        self._notices.work(mailbox, self._post, now)
        return self._notices.next_at()


class Dialogue:
    """What we wrote to the person of one account, and what they answer."""

    def __init__(self, ledger: Ledger, reader: Reader) -> None:
        self._ledger = ledger
        self._reader = reader

    def is_part(self, mail: Mail) -> bool:
        """Whether a mail, or its header alone, is ours, or may be an answer to ours: then `take` has to see all of it.

        What a program sends in the person's name to nobody but the person is taken for ours, too: after a loss of the
        ledger our older mails are still there. (A calendar's answer to an employer goes to somebody else.)
        """
        if not self._is_own(mail):
            return False
        to_self = bool(mail.to) and all(address.address in self._reader.addresses for address in (*mail.to, *mail.cc))
        return (to_self and has_automatic_header(mail)) or not self._ours().isdisjoint(_thread(mail))

    def take(self, mail: Mail) -> str:
        """Record what an answer notes; say what the mail is, for the row of messages from which no facts were taken.

        The text of `mail` is what was written now: MailReader.answer.
        """
        if has_automatic_header(mail) or (mail.message_id in self._ours()):
            return "a mail of a program to yourself"
        asked = self._question(mail)
        if asked is None or not any(address.address in self._reader.addresses for address in mail.to):
            return "it belongs to a mail of ours to you"
        if assess_trust(mail, authserv_id=self._reader.authserv_id).trust is Trust.FAILED:
            return "an answer to a question of ours that is not from you"
        key = message_key(mail)
        text = mail.text[:TEXT_LIMIT]
        known = any(isinstance(act, Noted) and act.source == key for act in self._ledger.acts())
        if text and not known:  # a copy is in Sent, another in INBOX
            self._ledger.record_act(
                Noted(
                    at=mail.received_at,
                    interview=asked.interview,
                    visit=asked.visit,
                    messages=asked.messages,
                    text=text,
                    source=key,
                )
            )
        return "an answer to a question of ours"

    def _is_own(self, mail: Mail) -> bool:
        return len(mail.senders) == 1 and mail.senders[0].address in self._reader.addresses

    def _ours(self) -> frozenset[str]:
        return self._ledger.notice_message_ids()

    def _question(self, mail: Mail) -> Asked | None:
        thread = frozenset((*mail.in_reply_to, *mail.references))
        asked = (act for act in reversed(self._ledger.acts()) if isinstance(act, Asked))
        return next((act for act in asked if act.message_id in thread), None)


def _thread(mail: Mail) -> tuple[str, ...]:
    return (*((mail.message_id,) if mail.message_id else ()), *mail.in_reply_to, *mail.references)
