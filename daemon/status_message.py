"""What is known of an account in, the one living message about it out: text, HTML, and JSON for programs.

There is one such message, in the mailbox `Tactful`. It is replaced when what it says has changed: the new one is stored
before the old one is removed, and its Message-ID tells what it says, so that nothing about it need be remembered.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from zoneinfo import ZoneInfo

from composer.acts import Place
from composer.values import safe_words
from daemon.approvals import WAITING
from daemon.drafts import DraftState
from daemon.mailbox import Mailbox, Outline
from daemon.marks import is_marked_deleted, message_id_of
from daemon.report import JsonObject
from parsers.model import Address

SUBJECT = "Tactful: status"
VERSION = 1  # of the JSON part
_LINE = 300  # characters of one value

_HOW = (
    "Move a draft to Approved, and it is sent as it is, in the recipient's business hours.",
    "Move it to Later, and it comes back to Drafts on the next morning.",
    "Move it to Never, and nothing more is written for that application.",
    "A subject that begins with +now is sent at once; with +3d or +1w it comes back in three days or a week.",
    "Move it back to Drafts to take that back; delete it to say no; edit it, and it is yours.",
)


# Of drafts that lie somewhere; other states are said as they are called.
_STATES = {DraftState.APPENDED: "as it was written", DraftState.TAKEN_OVER: "yours", DraftState.LEFT: "yours"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What the message says. `entries` are objects as `status --json` prints them; `problems` are sentences."""

    account: str
    timezone: str
    problems: tuple[str, ...] = ()
    entries: tuple[JsonObject, ...] = ()

    def fingerprint(self) -> str:
        """Give what differs as soon as the message would say anything else."""
        said = json.dumps([VERSION, self.account, self.timezone, self.problems, self.entries], sort_keys=True)
        return hashlib.sha256((said + str(_HOW)).encode()).hexdigest()[:16]


class StatusMessage:
    """The living message of one account in one folder. `person` is their main address there."""

    def __init__(self, folder: str, person: Address, account: str, secret: bytes) -> None:
        self._folder = folder
        self._person = person
        # Unguessable, so that no stranger's message is ever taken for ours.
        digest = hmac.digest(secret, b"status\0" + account.encode(), "sha256")[:20]
        self._prefix = f"st.{base64.b32encode(digest).decode().lower()}."

    def publish(self, mailbox: Mailbox, status: Status, now: datetime, *, removable: bool) -> bool:
        """Have exactly this in the folder; say whether anything was stored. Raises MailboxError.

        Where no single message can be removed (`removable` False), at most one a day is added, and the newest counts.
        """
        wanted = f"{self._prefix}{status.fingerprint()}@{self._person.domain}"
        present = [outline for outline in self._present(mailbox) if not is_marked_deleted(outline)]
        current = [outline for outline in present if message_id_of(outline) == wanted]
        if not current:
            zone = ZoneInfo(status.timezone)
            today = now.astimezone(zone).date()
            if not removable and any(outline.received_at.astimezone(zone).date() >= today for outline in present):
                return False
            message = write_status(status, person=self._person, message_id=wanted, date=now)
            mailbox.store(self._folder, message, flags=frozenset({"\\Seen"}))
        if removable:
            self._remove_others(mailbox, wanted)
        return not current

    def _remove_others(self, mailbox: Mailbox, wanted: str) -> None:
        present = self._present(mailbox)
        fit = [o.uid for o in present if message_id_of(o) == wanted and not is_marked_deleted(o)]
        kept = max(fit, default=None)
        if kept is not None:
            for outline in present:
                if outline.uid != kept:
                    mailbox.expunge_draft(self._folder, outline.uid)

    def _present(self, mailbox: Mailbox) -> list[Outline]:
        return [
            outline
            for batch in mailbox.new(self._folder, first_uid=1)
            for outline in batch
            if (message_id_of(outline) or "").startswith(self._prefix)
        ]


def write_status(status: Status, *, person: Address, message_id: str, date: datetime) -> bytes:
    """Write the message (RFC 5322): alternatives of text and HTML, and a JSON part. No mark in it asks for anything."""
    sections = list(_sections(status))
    message = EmailMessage(policy=SMTP)
    message["From"] = formataddr((person.name or "", person.address))
    message["To"] = formataddr((person.name or "", person.address))
    message["Subject"] = SUBJECT
    message["Date"] = format_datetime(date)
    message["Message-ID"] = f"<{message_id}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday notice answers it
    message.set_content(_text(sections), cte="quoted-printable")
    message.add_alternative(_html(sections), subtype="html", cte="quoted-printable")
    document = {
        "version": VERSION,
        "account": status.account,
        "timezone": status.timezone,
        "written_at": date.isoformat(timespec="seconds"),
        "problems": list(status.problems),
        "entries": list(status.entries),
    }
    data = json.dumps(document, ensure_ascii=False, indent=1).encode("utf-8", "replace")
    message.add_attachment(data, maintype="application", subtype="json", filename="status.json")
    return message.as_bytes()


# --------------------------------------------------------------------------------------------------------- the words

_Section = tuple[str, list[str]]


def _sections(status: Status) -> Iterator[_Section]:
    """Give each title with its lines; what strangers wrote has become harmless words in them."""
    titles = {
        "interview": "Interviews",
        "planned": "What comes next",
        "draft": "Drafts",
        "postponed": "Put off",
        "held_back": "What is held back, and why",
        "closed": "Closed",
        "review": "To be looked at by you",
    }
    if status.problems:
        yield "Problems", [_words(problem) for problem in status.problems]
    said = False
    for what, title in titles.items():
        lines = [_line(entry, status.timezone) for entry in status.entries if entry["what"] == what]
        if lines:
            said = True
            yield title, lines
    if not said:
        yield "Nothing yet", ["No interviews were found, and nothing is planned."]
    yield "What you can do", [*_HOW]


def _line(entry: JsonObject, timezone: str) -> str:
    post = ", ".join(_words(entry[key]) for key in ("company", "role") if entry.get(key))
    match entry["what"]:
        case "interview":
            people = ", ".join(_words(somebody["name"] or somebody["address"] or "") for somebody in entry["people"])
            state = "" if entry["status"] == "confirmed" else f" ({entry['status']})"
            return _joined(_local(entry["start"], timezone) + state, post, f"with {people}" if people else "")
        case "draft":
            letter = f"“{_words(entry['subject'])}” to {_words(entry['to'])}"
            return _joined(f"{letter}: {_of_draft(entry, timezone)}", post, _words(entry["note"] or ""))
        case "closed":
            return _joined(_local(entry["at"], timezone), post, f"{entry['state']}: {_words(entry['reason'])}")
        case "review":
            return _words(entry["reason"])
        case _:
            when = _local(entry.get("due") or entry.get("at"), timezone)
            kind = f"{entry['kind'].replace('_', ' ')} to {_words(entry['to'] or 'nobody')}"
            return _joined(when, kind, post, f"{_words(entry['reason'])} ({entry['rule']})")


def _of_draft(entry: JsonObject, timezone: str) -> str:
    sending = entry["sending"] or {}
    state: str = _STATES.get(entry["state"], "")
    if not state:
        return str(entry["state"]).replace("-", " ")
    if entry["place"] == Place.APPROVED and sending.get("state") in WAITING:
        return f"approved, goes out on {_local(sending['next_at'], timezone)}"
    back = f", back on {_local(entry['until'], timezone)}" if entry["until"] else ""
    return f"{state}, in {entry['place'].title()}{back}"


def _joined(*parts: str) -> str:
    return " – ".join(part for part in parts if part)


def _words(text: str) -> str:
    return safe_words(text, _LINE) or ""


def _local(instant: str | None, timezone: str) -> str:
    if instant is None:
        return ""
    moment = datetime.fromisoformat(instant).astimezone(ZoneInfo(timezone))
    # Not strftime's names, which follow the machine's locale.
    day = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[moment.weekday()]
    return f"{day} {moment:%Y-%m-%d %H:%M}"


def _text(sections: Sequence[_Section]) -> str:
    return "\n\n".join("\n".join([title, *(f"- {line}" for line in lines)]) for title, lines in sections) + "\n"


def _html(sections: Sequence[_Section]) -> str:
    body = "".join(
        f"<h2>{html.escape(title)}</h2>\n<ul>\n"
        + "".join(f"<li>{html.escape(line)}</li>\n" for line in lines)
        + "</ul>\n"
        for title, lines in sections
    )
    return f"<!DOCTYPE html>\n<html><head><title>{SUBJECT}</title></head><body>\n{body}</body></html>\n"
