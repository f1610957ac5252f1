"""Renders a follow-up scenario as a Maildir: its timeline in, real-looking messages out.

    python tests/scenarios/render.py OUT_DIR [ID...] [--seed N]

writes each scenario into OUT_DIR/ID: INBOX in the root, the user's own mail in the Maildir++ folder ".Sent". The seed
chooses among wordings, mail programs and ways to state the same thing; the same seed gives the same bytes.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import tomllib
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from email import message_from_string
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from hashlib import sha256
from html import escape
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

HERE = Path(__file__).parent
sys.path.append(str(HERE))  # tests are no package, and this file runs by itself too

from scenario_calendars import WINDOWS_ZONES, CalendarObject, Maker  # noqa: E402 - after its path

WORDINGS: dict[str, Any] = tomllib.loads((HERE / "wordings.toml").read_text(encoding="utf-8"))

# How people name the zone beside a time.
SPOKEN_ZONES = {
    "America/New_York": ("Eastern Time", "ET"),
    "America/Chicago": ("Central Time", "CT"),
    "America/Denver": ("Mountain Time", "MT"),
    "America/Los_Angeles": ("Pacific Time", "PT"),
    "Europe/London": ("UK time", "London time"),
    "Europe/Berlin": ("Berlin time", "German time"),
    "Europe/Paris": ("Paris time",),
    "Asia/Kolkata": ("IST", "India Standard Time"),
    "Asia/Tokyo": ("JST", "Tokyo time"),
    "Australia/Sydney": ("Sydney time",),
}
SILENT = frozenset({"draft_deleted", "draft_edited", "muted", "snoozed", "resumed", "asleep"})  # leave no message
_EDGES = ("start", "end")
TWELVE_HOURS = ("America/", "Australia/")  # where prose says "2:00 PM" and puts the month first
SYSTEM_DOMAINS = re.compile(
    r"greenhouse|lever\.co|ashbyhq|workday|icims|smartrecruiters|workable|hirevue|hackerrank|codility|calendly"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One rendered message; `event` is its place in the timeline."""

    path: Path
    folder: str  # "INBOX" or "Sent"
    at: datetime
    event: int
    raw: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A scenario as a mailbox; `messages` in order of arrival."""

    directory: Path
    messages: tuple[Message, ...]


@dataclass(slots=True)
class Sent:
    """What later messages answer to."""

    message_id: str
    references: tuple[str, ...]
    subject: str
    person: str  # the other side's address
    own: bool
    calendar: bool
    automatic: bool
    text: str
    at: datetime


@dataclass(slots=True)
class State:
    """What the processes have come to so far."""

    history: dict[str, list[Sent]] = field(default_factory=dict)
    interviews: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)  # by process and interview id


def load(path: Path = HERE / "scenarios.json") -> dict[str, dict[str, Any]]:
    """Read the scenarios by id."""
    return {scenario["id"]: scenario for scenario in json.loads(path.read_text(encoding="utf-8"))["scenarios"]}


def render(scenario: dict[str, Any], directory: Path, *, seed: int = 0) -> Rendered:
    """Write the scenario's mailbox into a directory and give its messages."""
    for folder in ("", ".Sent"):
        for part in ("cur", "new", "tmp"):
            (directory / folder / part).mkdir(parents=True, exist_ok=True)
    state = State()
    messages = []
    for place, event in enumerate(scenario["timeline"]):
        writer = Writer(scenario, event, place, seed, state)
        message = writer.write()
        if message is None:
            continue
        _settle(message, f"{seed}/{scenario['id']}/{place}")
        folder = ".Sent" if writer.is_own else ""
        raw = message.as_bytes(policy=SMTP.clone(max_line_length=0 if writer.is_calendar else 78))
        name = f"{int(writer.at.timestamp())}.M{place:06d}P4711.mail.example:2,S"
        path = directory / folder / "cur" / name
        path.write_bytes(raw.replace(b"\r\n", b"\n"))
        os.utime(path, (writer.at.timestamp(), writer.at.timestamp()))
        messages.append(
            Message(path=path, folder="Sent" if writer.is_own else "INBOX", at=writer.at, event=place, raw=raw)
        )
    return Rendered(directory=directory, messages=tuple(messages))


def _settle(message: EmailMessage, name: str) -> None:
    """Take out what the library draws by lot, and the header that it repeats in every part."""
    for place, part in enumerate(message.walk()):
        if part.is_multipart():
            part.set_boundary(f"----=_Part_{place}_{sha256(name.encode()).hexdigest()[:24]}")
        if place:
            del part["MIME-Version"]


class Writer:
    """Writes one event of a timeline as a message."""

    def __init__(self, scenario: dict[str, Any], event: dict[str, Any], place: int, seed: int, state: State) -> None:
        self.scenario = scenario
        self.event = event
        self.place = place
        self.state = state
        self.dice = _dice(seed, scenario["id"], place)
        self.style = "cc" if _dice(seed, scenario["id"], place, "style").random() < 0.5 else "text"
        # A server's habit: it states what it checked in every message or in none.
        self.authenticates = _dice(seed, scenario["id"]).random() < 0.5
        self.at = datetime.fromisoformat(event["at"])
        self.key = event.get("process", "P")
        process = scenario["processes"].get(self.key) or next(iter(scenario["processes"].values()))
        self.company, self.role = process["company"], process["role"]
        self.user = scenario["user"]
        self.zone = ZoneInfo(scenario["recipient_tz"])
        self.user_zone = ZoneInfo(scenario["user_tz"])
        self.is_own = event["event"] in ("mail_out", "draft_sent", "calendar_out")
        self.is_calendar = event["event"] == "calendar_in"
        self.automatic = False

    # ------------------------------------------------------------------------------------------------ what is written

    def write(self) -> EmailMessage | None:
        """Make the message; None for an act that leaves no message."""
        match self.event["event"]:
            case "mail_in":
                return self._bounce() if self.event["cls"] == "bounce" else self._mail_in()
            case "calendar_in":
                return self._calendar_in()
            case "calendar_out":
                return self._calendar_out() if "partstat" in self.event else self._own_event()
            case "mail_out" | "draft_sent":
                return self._own()
            case act if act in SILENT:
                return None
            case other:
                raise ValueError(f"unknown event {other!r} in {self.scenario['id']}")

    def _mail_in(self) -> EmailMessage:
        kind = self.event["cls"]
        sender = self.event["from"]
        words = WORDINGS[kind]
        robot = self._is_robot(sender)
        self.automatic = robot or kind == "out_of_office" or "auto_submitted" in self.event
        answers = self._thread_to_continue(sender, kind) if not robot else None
        interview = self.event.get("interview")
        slots = self._slots(interview)
        body = self._body(kind, words, slots, robot=robot)
        subject = self.event.get("subject") or self._subject(kind, words, slots, answers)
        message = EmailMessage(policy=SMTP)
        self._envelope(message, sender, subject, answers)
        if kind == "out_of_office":
            if not self.event.get("headers_lost"):
                message["Auto-Submitted"] = self.event.get("auto_submitted") or "auto-replied"
                message["X-Auto-Response-Suppress"] = "All"
            text = body + "\n\n" + self._name(sender)
        elif robot:
            text = f"{self._fill(self._pick(WORDINGS['greetings']), slots)}\n\n{body}\n"
        else:
            text = self._letter(body, sender, slots)
        if "auto_submitted" in self.event and "Auto-Submitted" not in message:
            message["Auto-Submitted"] = str(self.event["auto_submitted"])
        if robot:
            message["Precedence"] = "bulk"
        quoted = self._quote(answers) if answers is not None and kind != "out_of_office" else ""
        with_file = interview is not None and (robot or self.dice.random() < 0.3) and not slots["agenda"]
        self._cc_interviewers(message, sender, interview)
        self._content(message, text + quoted, html=self.dice.random() < 0.6)
        if interview is not None:
            known = self._note_interview(interview)
            if with_file:
                self._attach_file(message, interview, known)
        elif kind == "offer":
            message.add_attachment(
                b"%PDF-1.4\n%%EOF\n", maintype="application", subtype="pdf", filename="offer-letter.pdf"
            )
        self._remember(message, sender, text)
        return message

    def _body(self, kind: str, words: dict[str, Any], slots: dict[str, str], *, robot: bool) -> str:
        said = self.event.get("text", "")
        if kind == "interview_confirmed":
            interview = self.event["interview"]
            earlier = self.state.interviews.get((self.key, interview["id"]))
            if earlier is not None:
                form = "reminder" if earlier["start"] == interview["start"] else "moved"
            elif interview.get("all_day"):
                form = "all_day"
            elif slots["agenda"]:
                form = "agenda"
            else:
                form = "robot" if robot else "human"
        elif kind == "timeline_promise":
            form = "after_interview" if self._talked_lately() else "otherwise"
        elif kind == "assessment":
            sender = self.event["from"]
            form = "recorded" if "hirevue" in sender else "test" if robot else "take_home"
        elif kind == "out_of_office":
            form = "left" if self.event.get("left") else "dated" if self.event.get("returns") else "undated"
        else:
            form = "robot" if robot and "robot" in words else "human"
        if kind == "other" and said:
            return str(said)
        template = self._pick(words[form]).strip("\n")
        body = self._fill(template, slots | {"text": said}).strip()
        if said and "{text}" not in template:
            body += f"\n\n{said}"
        return re.sub(r"\n{3,}", "\n\n", body)

    def _own(self) -> EmailMessage:
        to = self.event["to"]
        recipients = [to] if isinstance(to, str) else list(to)
        kind = self.event.get("kind") or ("hand_in" if self.event.get("cls") not in (None, "other") else "other")
        words = WORDINGS["own"][kind]
        slots = self._slots(None)
        drafted = self.event["event"] == "draft_sent"
        answers = self._latest_with(recipients[0]) if drafted or kind == "hand_in" else None
        subject = self.event.get("subject") or (
            _re(answers.subject) if answers else self._fill(words["subject"], slots)
        )
        message = EmailMessage(policy=SMTP)
        message["From"] = formataddr((self.user["name"], self.user["address"]))
        message["To"] = ", ".join(formataddr((self._name(address), address)) for address in recipients)
        message["Subject"] = subject
        message["Date"] = format_datetime(self.at.astimezone(self.user_zone))
        domain = self.user["address"].rpartition("@")[2]
        message["Message-ID"] = f"<{self._token(20)}@{domain}>"
        if answers is not None:
            self._answer(message, answers)
        greeting = f"Dear {self._name(recipients[0]).split()[0]}," if "@" not in self._name(recipients[0]) else "Hello,"
        said = self.event.get("text") or self._fill(self._pick(words["bodies"]), slots)
        text = f"{greeting}\n\n{said}\n\nBest regards,\n{self.user['name']}\n"
        quoted = self._quote(answers) if answers is not None and self.dice.random() < 0.7 else ""
        message.set_content(text + quoted)
        if kind == "hand_in":
            message.add_attachment(
                b"PK\x05\x06" + bytes(18), maintype="application", subtype="zip", filename="solution.zip"
            )
        self._remember(message, recipients[0], text)
        return message

    def _bounce(self) -> EmailMessage:
        """Write what a mail server reports when it cannot deliver the user's latest mail to `failed` (RFC 3464)."""
        failed = self.event["failed"]
        self.automatic = True
        lost = next(sent for sent in reversed(self.state.history[self.key]) if sent.own and sent.person == failed)
        message = EmailMessage(policy=SMTP)
        self._envelope(message, self.event["from"], "Undelivered Mail Returned to Sender", None)
        message["Auto-Submitted"] = "auto-replied"
        message.set_content(
            "I'm sorry to have to inform you that your message could not be delivered to one or more recipients.\n\n"
            f"<{failed}>: host mx.{failed.rpartition('@')[2]} said: 550 5.1.1 User unknown\n"
        )
        message.make_mixed()
        status = EmailMessage(policy=SMTP)
        status["Content-Type"] = "message/delivery-status"
        blocks = (
            f"Reporting-MTA: dns; {self.event['from'].rpartition('@')[2]}\n",
            f"Final-Recipient: rfc822; {failed}\nAction: failed\nStatus: 5.1.1\n",
        )
        status.set_payload([message_from_string(block) for block in blocks])
        message.attach(status)
        header = EmailMessage(policy=SMTP)
        header["Content-Type"] = "text/rfc822-headers"
        header.set_payload(f"Message-ID: {lost.message_id}\nSubject: {lost.subject}\nTo: {failed}\n")
        message.attach(header)
        message.replace_header("Content-Type", "multipart/report; report-type=delivery-status")
        return message

    # ------------------------------------------------------------------------------------------------ calendar objects

    def _calendar_out(self) -> EmailMessage:
        """Write the answer that the user's calendar gives to an invitation on a click (RFC 5546 section 3.2.3)."""
        known = self._interview_with(self.event["uid"])
        to, user = self.event["to"], self.user["address"]
        edges = [f"{datetime.fromisoformat(known[edge]).astimezone(ZoneInfo('UTC')):%Y%m%dT%H%M%SZ}" for edge in _EDGES]
        file = "\r\n".join(
            (
                "BEGIN:VCALENDAR",
                "PRODID:-//Google Inc//Google Calendar 70.9054//EN",
                "VERSION:2.0",
                "METHOD:REPLY",
                "BEGIN:VEVENT",
                f"DTSTART:{edges[0]}",
                f"DTEND:{edges[1]}",
                f"DTSTAMP:{self.at.astimezone(ZoneInfo('UTC')):%Y%m%dT%H%M%SZ}",
                f"ORGANIZER:mailto:{to}",
                f"UID:{known['uid']}",
                f"ATTENDEE;CUTYPE=INDIVIDUAL;PARTSTAT={self.event['partstat']}:mailto:{user}",
                f"SEQUENCE:{known['sequence']}",
                f"SUMMARY:{known['summary']}",
                "END:VEVENT",
                "END:VCALENDAR",
                "",
            )
        )
        message = EmailMessage(policy=SMTP)
        message["From"] = formataddr((self.user["name"], user))
        message["To"] = to
        message["Subject"] = f"{self.event['partstat'].capitalize()}: {known['summary']}"
        message["Date"] = format_datetime(self.at.astimezone(self.user_zone))
        message["Message-ID"] = f"<{self._token(20)}@{user.rpartition('@')[2]}>"
        message.set_content(f"{self.user['name']} has {self.event['partstat'].lower()} this invitation.\n")
        _add_calendar(message, file, "REPLY")
        return message

    def _own_event(self) -> EmailMessage:
        """Write what the user's calendar sends for an event of theirs, to others or to themself."""
        to, user, method = self.event["to"], self.user["address"], self.event["method"]
        edges = {edge: datetime.fromisoformat(self.event[edge]) for edge in _EDGES}
        file = CalendarObject(
            maker=Maker.GOOGLE,
            method=method,
            uid=self.event["uid"],
            sequence=self.event.get("sequence", 0),
            stamp=self.at,
            **edges,
            zone=self.scenario["user_tz"],
            in_utc=False,
            organizer=(self.user["name"], user),
            guests=tuple(dict.fromkeys(((self.user["name"], user), (self._name(to), to)))),
            summary=self.event["summary"],
            description="",
        ).text()
        message = EmailMessage(policy=SMTP)
        message["From"] = formataddr((self.user["name"], user))
        message["To"] = to
        message["Subject"] = f"{'Canceled event' if method == 'CANCEL' else 'Invitation'}: {self.event['summary']}"
        message["Date"] = format_datetime(self.at.astimezone(self.user_zone))
        message["Message-ID"] = f"<{self._token(20)}@{user.rpartition('@')[2]}>"
        message.set_content(f"{self.event['summary']}\n\nOrganizer\n{self.user['name']}\n{user}\n")
        _add_calendar(message, file, method)
        return message

    def _calendar_in(self) -> EmailMessage:
        sender = self.event["from"]
        method = self.event.get("method", "REQUEST")
        interview = self.event.get("interview") or self._interview_with(self.event.get("uid"))
        earlier = self.state.interviews.get((self.key, interview["id"]))
        moved = method == "REQUEST" and earlier is not None and earlier["start"] != interview["start"]
        slots = self._slots(interview)
        known = self._note_interview(interview) if method == "REQUEST" else (earlier or self._note_interview(interview))
        summary = known.setdefault("summary", self._fill(self._pick(WORDINGS["calendar"]["summaries"]), slots))
        maker = known.setdefault("maker", self._maker(interview))
        exchange = maker is Maker.EXCHANGE
        self.automatic = True
        note = ""
        if method == "CANCEL":
            note = self._pick(WORDINGS["calendar"]["cancel_notes"])
        elif moved:
            note = self._pick(WORDINGS["calendar"]["move_notes"])
        description = self._fill(self._pick(WORDINGS["calendar"]["descriptions"]), slots)
        text = self._calendar_text(interview, summary, description, note, sender, exchange=exchange)
        message = EmailMessage(policy=SMTP)
        subject = self.event.get("subject") or self._calendar_subject(
            method, summary, interview, moved=moved or bool(self.event.get("sequence")), exchange=exchange
        )
        self._envelope(message, sender, subject, None)
        file = self._object(maker, method, interview, known, summary, description)
        if exchange:
            message["X-MS-Has-Attach"] = ""
            message["Thread-Topic"] = summary
            message.set_content(text)
            message.add_alternative(_html(text), subtype="html")
            _add_calendar(message, file, method)
        else:
            message["Sender"] = "Google Calendar <calendar-notification@google.com>"
            message.set_content(text)
            message.add_alternative(_html(text), subtype="html")
            _add_calendar(message, file, method)
            message.add_attachment(file.encode(), maintype="application", subtype="ics", filename="invite.ics")
        self._remember(message, sender, text)
        return message

    def _maker(self, interview: dict[str, Any]) -> Maker:
        zone = interview.get("tzid") or self.scenario["recipient_tz"]
        return Maker.EXCHANGE if zone in WINDOWS_ZONES and self.dice.random() < 0.45 else Maker.GOOGLE

    def _calendar_subject(
        self, method: str, summary: str, interview: dict[str, Any], *, moved: bool, exchange: bool
    ) -> str:
        if exchange:
            return f"Canceled: {summary}" if method == "CANCEL" else summary
        prefix = "Canceled event" if method == "CANCEL" else "Updated invitation" if moved else "Invitation"
        zone = ZoneInfo(interview.get("tzid") or self.scenario["recipient_tz"])
        if interview.get("all_day"):
            day = date.fromisoformat(interview["start"][:10])
            return f"{prefix}: {summary} @ {day:%a} {day:%b} {day.day}, {day.year} ({self.user['address']})"
        start = datetime.fromisoformat(interview["start"]).astimezone(zone)
        end = datetime.fromisoformat(interview["end"]).astimezone(zone)
        span = f"{_google_time(start)} - {_google_time(end)} ({start:%Z})"
        return f"{prefix}: {summary} @ {start:%a} {start:%b} {start.day}, {start.year} {span} ({self.user['address']})"

    def _calendar_text(
        self, interview: dict[str, Any], summary: str, description: str, note: str, sender: str, *, exchange: bool
    ) -> str:
        head = f"{note}\n\n" if note else ""
        if exchange:
            return f"{head}{description}\n\n{self._name(sender)}\n{self._title(sender)}\n{self.company}\n"
        cancelled = self.event.get("method") == "CANCEL"
        what = "This event has been canceled and removed from your calendar.\n\n" if cancelled else ""
        guests = [self._name(sender) + " - organizer", *self._interviewer_names(interview), self.user["address"]]
        return (
            f"{head}{what}{summary}\n{self._when(interview, zone_always=True)}\n\n{description}\n\n"
            f"Organizer\n{self._name(sender)}\n{sender}\n\nGuests\n" + "\n".join(dict.fromkeys(guests)) + "\n\n~~//~~\n"
            "Invitation from Google Calendar: https://calendar.google.com/calendar/\n"
        )

    def _object(
        self,
        maker: Maker,
        method: str,
        interview: dict[str, Any],
        known: dict[str, Any],
        summary: str,
        description: str,
    ) -> str:
        """Write the calendar object of an interview, and note the SEQUENCE that it has now."""
        organizer = self.event["from"]
        known["sequence"] = self.event.get("sequence", known["sequence"] + (1 if method == "CANCEL" else 0))
        same_zone = self.scenario["user_tz"] == self.scenario["recipient_tz"] and "tzid" not in interview
        guests = [self.user["address"], *(address for _, address in self._interviewers(interview) if address)]
        if organizer not in guests:
            guests.append(organizer)
        edge = date.fromisoformat if interview.get("all_day") else datetime.fromisoformat
        return CalendarObject(
            maker=maker,
            method=method,
            uid=known["uid"],
            sequence=known["sequence"],
            stamp=self.at - timedelta(seconds=20),
            start=edge(interview["start"]),
            end=edge(interview["end"]),
            zone=interview.get("tzid") or self.scenario["recipient_tz"],
            # Google writes single events in UTC; then only the user's own zone can be meant.
            in_utc=maker is not Maker.EXCHANGE and same_zone and self.dice.random() < 0.4,
            organizer=(self._name(organizer), organizer),
            guests=tuple((self._name(guest), guest) for guest in guests),
            summary=summary,
            description=description,
        ).text()

    def _attach_file(self, message: EmailMessage, interview: dict[str, Any], known: dict[str, Any]) -> None:
        """Attach the file with which applicant trackers and people confirm: not an invitation, nothing to answer."""
        slots = self._slots(interview)
        summary = known.setdefault("summary", self._fill(self._pick(WORDINGS["calendar"]["summaries"]), slots))
        description = self._fill(WORDINGS["calendar"]["descriptions"][0], slots)
        file = self._object(Maker.TRACKER, "PUBLISH", interview, known, summary, description)
        message.add_attachment(file.encode(), maintype="text", subtype="calendar", filename="interview.ics")

    def _note_interview(self, interview: dict[str, Any]) -> dict[str, Any]:
        key = (self.key, interview["id"])
        known = self.state.interviews.setdefault(key, {"sequence": 0})
        if known.get("start") not in (None, interview["start"]) and "uid" not in self.event:
            # A time that comes without the old object's UID is not linked to it.
            known = self.state.interviews[key] = {"sequence": 0}
        known |= interview
        known["uid"] = self.event.get("uid") or known.get("uid") or f"{self._token(26).lower()}@google.com"
        return known

    def _interview_with(self, uid: str | None) -> dict[str, Any]:
        found = [known for (process, _), known in self.state.interviews.items() if process == self.key]
        named = [known for known in found if uid is not None and known["uid"] == uid]
        return (named or found)[-1]

    # ------------------------------------------------------------------------------------------------ words

    def _slots(self, interview: dict[str, Any] | None) -> dict[str, str]:
        slots = {
            "first": self.user["name"].split()[0],
            "user": self.user["name"],
            "role": self.role,
            "company": self.company,
            "sender": self._name(self.event.get("from", "")).split()[0],
            "agenda": "",
        }
        if self.event.get("due"):
            slots["due"] = self._moment(datetime.fromisoformat(self.event["due"]))
        else:
            slots["due"] = "the end of the week"
        if self.event.get("returns"):
            slots["back"] = self._date(date.fromisoformat(self.event["returns"][:10]))
        if interview is None:
            return slots
        onsite = interview.get("all_day") or interview.get("sessions", 1) > 1
        slots["place"] = self._pick(WORDINGS["onsite_places" if onsite else "places"])
        slots["when"] = self._when(interview)
        slots["day"] = self._day(interview)
        slots["clock"] = "" if interview.get("all_day") else self._clock(interview)
        slots["who"] = _list(self._interviewer_names(interview))
        slots["meet"] = self._meet(interview)
        slots["agenda"] = self._agenda(interview)
        earlier = self.state.interviews.get((self.key, interview["id"]))
        slots["old"] = self._when(earlier) if earlier else ""
        return slots

    def _subject(self, kind: str, words: dict[str, Any], slots: dict[str, str], answers: Sent | None) -> str:
        if kind == "out_of_office":
            return self._pick(words["prefixes"]) + (answers.subject if answers else f"{self.role} at {self.company}")
        if answers is not None:
            return _re(answers.subject)
        return self._fill(self._pick(words["subjects"]), slots)

    def _letter(self, body: str, sender: str, slots: dict[str, str]) -> str:
        greeting = self._fill(self._pick(WORDINGS["greetings"]), slots)
        closing = self._pick(WORDINGS["closings"])
        title = self._title(sender)
        signature = self.dice.choice(
            [
                f"{self._name(sender)}\n{title} | {self.company}",
                f"{self._name(sender)}\n{title}\n{self.company}",
                f"{self._name(sender).split()[0]}\n\n-- \n{self._name(sender)}\n{title}, {self.company}\n{sender}",
            ]
        )
        return f"{greeting}\n\n{body}\n\n{closing}\n{signature}\n"

    def _meet(self, interview: dict[str, Any]) -> str:
        names = self._interviewer_names(interview)
        alone = [address for _, address in self._interviewers(interview)] == [self.event.get("from")]
        if alone:
            return self.dice.choice(
                ["I will be talking to you myself.", "It will be just the two of us.", "You will be speaking with me."]
            )
        return self.dice.choice(
            ["You will be meeting with {}.", "You will be speaking with {}.", "You will meet {}."]
        ).format(_list(names))

    def _interviewers(self, interview: dict[str, Any]) -> list[tuple[str, str | None]]:
        found: list[tuple[str, str | None]] = []
        for entry in interview.get("interviewers", ()):
            if isinstance(entry, str):
                found.append((self._name(entry), entry))
            else:
                found.append((entry["name"], entry.get("address")))
        return found

    def _interviewer_names(self, interview: dict[str, Any]) -> list[str]:
        """Name who will be met; the address stands in the text where it stands nowhere else."""
        names = []
        for name, address in self._interviewers(interview):
            title = self._title(address) if address else ""
            known = address == self.event.get("from") or self.is_calendar or self._by_copy()
            names.append(
                name
                + (f", {title}" if title and self.dice.random() < 0.7 else "")
                + ("" if known or not address else f" ({address})")
            )
        return names

    def _by_copy(self) -> bool:
        """Whether the interviewers' addresses are in the Cc field, and not in the text. Robots copy nobody."""
        return self.style == "cc" and not self._is_robot(self.event.get("from", ""))

    def _cc_interviewers(self, message: EmailMessage, sender: str, interview: dict[str, Any] | None) -> None:
        if interview is None or not self._by_copy():
            return
        others = [(name, address) for name, address in self._interviewers(interview) if address and address != sender]
        if others:
            message["Cc"] = ", ".join(formataddr((name, str(address))) for name, address in others)

    def _agenda(self, interview: dict[str, Any]) -> str:
        count = interview.get("sessions", 1)
        people = self._interviewer_names(interview)
        if count < 2 or len(people) < 2 or interview.get("all_day"):
            return ""
        start, end = (datetime.fromisoformat(interview[edge]).astimezone(self.zone) for edge in ("start", "end"))
        step = (end - start) / count
        rows = []
        for place in range(count):
            left, right = start + place * step, start + (place + 1) * step
            rows.append(f"{self._time(left)} - {self._time(right)}: {people[place % len(people)]}")
        return "\n".join(rows)

    def _when(self, interview: dict[str, Any], *, zone_always: bool = False) -> str:
        if interview.get("all_day"):
            return self._day(interview)
        return f"{self._day(interview)}, {self._clock(interview, zone_always=zone_always)}"

    def _day(self, interview: dict[str, Any]) -> str:
        if interview.get("all_day"):
            return self._date(date.fromisoformat(interview["start"][:10]))
        return self._date(datetime.fromisoformat(interview["start"]).astimezone(self._zone_of(interview)).date())

    def _clock(self, interview: dict[str, Any], *, zone_always: bool = False) -> str:
        zone = self._zone_of(interview)
        start, end = (datetime.fromisoformat(interview[edge]).astimezone(zone) for edge in ("start", "end"))
        minutes = round((end - start).total_seconds() / 60)
        forms = [f"{self._time(start)} - {self._time(end)}", f"{self._time(start)} to {self._time(end)}"]
        spoken = self._spoken(zone, start, always=zone_always)
        if minutes <= 120:
            return self.dice.choice(
                [*(form + spoken for form in forms), f"{self._time(start)}{spoken} ({minutes} minutes)"]
            )
        return self.dice.choice(forms) + spoken

    def _spoken(self, zone: ZoneInfo, at: datetime, *, always: bool) -> str:
        same = self.scenario["user_tz"] == self.scenario["recipient_tz"]
        if same and not always and self.dice.random() < 0.4:
            return ""
        abbreviation = at.strftime("%Z")
        names = [*SPOKEN_ZONES.get(zone.key, (zone.key,))]
        if abbreviation.isalpha():
            names.append(abbreviation)
        name = self.dice.choice(names)
        return f" ({name})" if " " in name else f" {name}"

    def _zone_of(self, interview: dict[str, Any]) -> ZoneInfo:
        return ZoneInfo(interview["tzid"]) if interview.get("tzid") else self.zone

    def _date(self, day: date) -> str:
        if self.zone.key.startswith(TWELVE_HOURS[0]):
            return self.dice.choice([f"{day:%A}, {day:%B} {day.day}, {day.year}", f"{day:%A}, {day:%B} {day.day}"])
        return self.dice.choice([f"{day:%A}, {day.day} {day:%B} {day.year}", f"{day:%A} {day.day} {day:%B}"])

    def _time(self, at: datetime) -> str:
        if self.zone.key.startswith(TWELVE_HOURS):
            return f"{at.hour % 12 or 12}:{at:%M} {'AM' if at.hour < 12 else 'PM'}"
        return f"{at:%H:%M}"

    def _moment(self, at: datetime) -> str:
        local = at.astimezone(self.zone)
        return f"{self._date(local.date())} at {self._time(local)}{self._spoken(self.zone, local, always=True)}"

    def _talked_lately(self) -> bool:
        ends = [
            datetime.fromisoformat(known["end"])
            for (process, _), known in self.state.interviews.items()
            if process == self.key and not known.get("all_day")
        ]
        return any(timedelta() <= self.at - end <= timedelta(days=3) for end in ends)

    def _fill(self, template: str, slots: dict[str, str]) -> str:
        return template.format(**slots)

    def _pick(self, choices: list[str]) -> str:
        return self.dice.choice(choices)

    # ---------------------------------------------------------------------------------------------- people and threads

    def _name(self, address: str) -> str:
        if address == self.user["address"]:
            return str(self.user["name"])
        if address == self.event.get("from") and self.event.get("display"):
            return str(self.event["display"])
        person = self.scenario["people"].get(address)
        return str(person["name"]) if person else self.company if self._is_robot(address) else address or "Hello"

    def _title(self, address: str) -> str:
        person = self.scenario["people"].get(address)
        return str(person.get("title", "")) if person else ""

    def _is_robot(self, address: str) -> bool:
        local, _, domain = address.partition("@")
        return bool(re.search(r"no-?reply|notification", local) or SYSTEM_DOMAINS.search(domain))

    def _thread_to_continue(self, sender: str, kind: str) -> Sent | None:
        """Choose what a letter answers: always for an automatic reply, mostly for a person who wrote before."""
        earlier = [sent for sent in self.state.history.get(self.key, ()) if sent.person == sender]
        if kind == "out_of_office":
            return next((sent for sent in reversed(earlier) if sent.own), None)
        letters = [sent for sent in earlier if not sent.calendar and not sent.automatic]
        if not letters or self.dice.random() < 0.2:
            return None
        return letters[-1]

    def _latest_with(self, person: str) -> Sent | None:
        """Find what the user's letter answers: that person's latest mail, letters before calendar objects."""
        received = [sent for sent in self.state.history.get(self.key, ()) if sent.person == person and not sent.own]
        letters = [sent for sent in received if not sent.calendar and not sent.automatic]
        found = letters or [sent for sent in received if sent.calendar]
        return found[-1] if found else None

    def _remember(self, message: EmailMessage, person: str, text: str) -> None:
        self.state.history.setdefault(self.key, []).append(
            Sent(
                message_id=str(message["Message-ID"]),
                references=tuple(str(message.get("References", "")).split()),
                subject=str(message["Subject"]),
                person=person,
                own=self.is_own,
                calendar=self.is_calendar,
                automatic=self.automatic,
                text=text,
                at=self.at,
            )
        )

    def _answer(self, message: EmailMessage, answers: Sent) -> None:
        message["In-Reply-To"] = answers.message_id
        message["References"] = " ".join((*answers.references, answers.message_id))

    def _quote(self, answers: Sent) -> str:
        zone = self.user_zone if self.is_own else self.zone
        writer = self.user["name"] if answers.own else self._name(answers.person)
        at = answers.at.astimezone(zone)
        intro = self.dice.choice(
            [
                f"On {at:%a}, {at:%b} {at.day}, {at.year} at {self._time(at)} {writer} wrote:",
                f"On {at:%d/%m/%Y} {at:%H:%M}, {writer} wrote:",
            ]
        )
        return f"\n{intro}\n\n" + "".join(
            f"> {line}\n" if line else ">\n" for line in answers.text.rstrip().splitlines()
        )

    # ------------------------------------------------------------------------------------------------ the message

    def _envelope(self, message: EmailMessage, sender: str, subject: str, answers: Sent | None) -> None:
        domain = sender.rpartition("@")[2]
        user_domain = self.user["address"].rpartition("@")[2]
        sent_at = (self.at - timedelta(seconds=self.dice.randint(2, 9))).astimezone(self.zone)
        bounce = f"bounces+{self._token(6)}@{domain}" if self._is_robot(sender) else sender
        message["Return-Path"] = f"<{'' if self.event.get('cls') == 'out_of_office' else bounce}>"
        message["Delivered-To"] = self.user["address"]
        received = format_datetime(self.at.astimezone(self.user_zone))
        message["Received"] = (
            f"from mta{self.dice.randint(1, 40)}.{domain} (mta.{domain} [192.0.2.{self.dice.randint(1, 250)}]) "
            f"by mx.{user_domain} (Postfix) with ESMTPS id {self._token(11)} for <{self.user['address']}>; {received}"
        )
        if self.authenticates:
            message["Authentication-Results"] = (
                f"mx.{user_domain}; dkim=pass header.d={domain} header.s=s1; spf=pass smtp.mailfrom={domain}; "
                f"dmarc=pass header.from={domain}"
            )
        message["From"] = formataddr((self._name(sender), sender))
        message["To"] = self.dice.choice([formataddr((self.user["name"], self.user["address"])), self.user["address"]])
        message["Subject"] = subject
        message["Date"] = format_datetime(sent_at)
        message["Message-ID"] = self.dice.choice(
            [
                f"<{self._token(24)}@{domain}>",
                f"<CA{self._token(30)}@mail.gmail.com>",
                f"<{self._token(28).upper()}.prod.outlook.com>"[:-1].replace(".prod", "@AM0PR01.prod") + ">",
            ]
        )
        if answers is not None:
            self._answer(message, answers)

    def _content(self, message: EmailMessage, text: str, *, html: bool) -> None:
        message.set_content(text, cte=self.dice.choice(["quoted-printable", "8bit", "base64"]))
        if html:
            message.add_alternative(_html(text), subtype="html", cte="quoted-printable")

    def _token(self, length: int) -> str:
        seed = f"{self.scenario['id']}/{self.place}/{self.dice.random()}"
        return b64encode(sha256(seed.encode()).digest(), altchars=b"-x").decode().rstrip("=")[:length].strip("-")


# ---------------------------------------------------------------------------------------------------- forms


def _dice(*names: object) -> Random:
    return Random("/".join(map(str, names)))  # noqa: S311 - the same seed must give the same bytes


def _re(subject: str) -> str:
    return subject if subject.lower().startswith("re:") else f"Re: {subject}"


def _list(names: list[str]) -> str:
    return names[0] if len(names) == 1 else "; ".join(names[:-1]) + " and " + names[-1] if names else "the team"


def _html(text: str) -> str:
    letter, _, quoted = text.partition("\nOn ") if "\n> " in text else (text, "", "")
    paragraphs = "".join(f"<p>{escape(block).replace(chr(10), '<br>')}</p>\n" for block in letter.strip().split("\n\n"))
    if quoted:
        intro, _, rest = ("On " + quoted).partition("\n\n")
        lines = "<br>\n".join(escape(line.removeprefix(">").strip()) for line in rest.splitlines())
        paragraphs += f'<div class="gmail_quote">{escape(intro)}<blockquote>{lines}</blockquote></div>\n'
    head = "<head><style>p { margin: 0 0 12px; }</style></head>"
    return f"<!DOCTYPE html>\n<html>{head}<body>\n{paragraphs}</body></html>\n"


def _google_time(at: datetime) -> str:
    minutes = f":{at:%M}" if at.minute else ""
    return f"{at.hour % 12 or 12}{minutes}{'am' if at.hour < 12 else 'pm'}"


def _add_calendar(message: EmailMessage, file: str, method: str) -> None:
    message.add_alternative(file.encode(), maintype="text", subtype="calendar")
    part = list(message.iter_parts())[-1] if message.is_multipart() else message
    part.set_param("method", method)
    part.set_param("charset", "UTF-8")
    del part["Content-Disposition"]


def main() -> None:
    parser = argparse.ArgumentParser(description="Write scenarios as Maildirs.")
    parser.add_argument("directory", type=Path)
    parser.add_argument("ids", nargs="*")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--scenarios", type=Path, default=HERE / "scenarios.json")
    arguments = parser.parse_args()
    scenarios = load(arguments.scenarios)
    for name in arguments.ids or scenarios:
        rendered = render(scenarios[name], arguments.directory / name, seed=arguments.seed)
        scenario = scenarios[name]
        print(
            f"tactful replay {rendered.directory} --until {scenario['until']} --me {scenario['user']['address']} "
            f"--timezone {scenario['user_tz']}"
        )


if __name__ == "__main__":
    main()
