"""Employers who write to one person: what they send, and a wait until the daemon has acted on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from itertools import product
from typing import Any

from tests.faults.census import seen_rows
from tests.process.conftest import ZONE

_FIRST = ("Dana", "Kim", "Omar", "Lena", "Ravi", "Ines", "Noah", "Mira")
_LAST = ("Lee", "Oduya", "Farrow", "Haag", "Sethi", "Prado", "Quist", "Bell")
_PLACES = ("Northwind", "Blueharbor", "Stonebridge", "Willowgate", "Redfern", "Oakmere", "Silverlake", "Greyfield")


@dataclass(frozen=True, slots=True, kw_only=True)
class Employer:
    """One of them, and the person who leads the interview."""

    name: str
    local_part: str
    company: str
    domain: str

    @property
    def address(self) -> str:
        return f"{self.local_part}@{self.domain}"

    @property
    def uid(self) -> str:
        """Of the interview, as a calendar object."""
        return f"loop@{self.domain}"

    def invitation(self, rig: Any, start: datetime, *, cancels: bool = False, sequence: int = 0) -> EmailMessage:
        """Invite to an hour's interview, or call it off."""
        mail = self._mail(rig, f"{'Cancelled: ' if cancels else ''}Interview: Data Engineer at {self.company}")
        mail.set_content(
            "Hi Noor,\n\nthe interview has to be cancelled, sorry.\n\nBest regards,\n" + self.name + "\n"
            if cancels
            else f"Hi Noor,\n\nlooking forward to talking with you about the Data Engineer role at {self.company}.\n"
            f"The video link is in the invitation.\n\nBest regards,\n{self.name}\nData Platform Lead, {self.company}\n"
        )
        method = "CANCEL" if cancels else "REQUEST"
        lines = (
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            f"PRODID:-//{self.company}//Calendar//EN",
            f"METHOD:{method}",
            "BEGIN:VEVENT",
            f"UID:{self.uid}",
            f"SEQUENCE:{sequence}",
            f"DTSTAMP:{_stamp(rig.seat.now)}",
            f"DTSTART:{_stamp(start)}",
            f"DTEND:{_stamp(start + timedelta(hours=1))}",
            f"SUMMARY:Interview: Data Engineer at {self.company}",
            f"ORGANIZER;CN={self.name}:mailto:{self.address}",
            f"ATTENDEE;CN=Noor Haddad;PARTSTAT=NEEDS-ACTION:mailto:{rig.seat.user}",
            *(("STATUS:CANCELLED",) if cancels else ()),
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        )
        mail.add_alternative(
            "\r\n".join(lines).encode(), maintype="text", subtype="calendar", params={"method": method}
        )
        return mail

    def answer(self, rig: Any, text: str, *named: str) -> EmailMessage:
        """Write to them, in answer to the last of the messages named, all of the thread."""
        mail = self._mail(rig, f"Re: Interview: Data Engineer at {self.company}")
        if named:
            mail["In-Reply-To"] = f"<{named[-1]}>"
            mail["References"] = " ".join(f"<{one}>" for one in named)
        mail.set_content(f"Hi Noor,\n\n{text}\n\nBest regards,\n{self.name}\n")
        return mail

    def _mail(self, rig: Any, subject: str) -> EmailMessage:
        mail = EmailMessage(policy=SMTP)
        mail["From"] = f"{self.name} <{self.address}>"
        mail["To"] = f"Noor Haddad <{rig.seat.user}>"
        mail["Subject"] = subject
        mail["Date"] = format_datetime(rig.seat.now)
        rig.written = getattr(rig, "written", 0) + 1
        mail["Message-ID"] = f"<mail-{rig.written}@{self.domain}>"
        return mail


def _stamp(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def employers(number: int) -> list[Employer]:
    """Give so many."""
    people = [(first, last) for first, last in product(_FIRST, _LAST)]
    made = []
    for at in range(number):
        first, last = people[at]
        place = _PLACES[at % len(_PLACES)]
        company = f"{place} {('Freight', 'Foods', 'Optics', 'Tools', 'Paper', 'Rail', 'Glass', 'Textiles')[at // 8]}"
        made.append(
            Employer(
                name=f"{first} {last}",
                local_part=f"{first}.{last}".lower(),
                company=company,
                domain=f"{company.replace(' ', '-').lower()}.example",
            )
        )
    return made


def write(rig: Any, mail: EmailMessage) -> None:
    """Let a mail arrive at the instant that the daemon's clock shows."""
    rig.seat.deliver(mail, at=rig.seat.now)


def look(rig: Any, patience: float = 60.0) -> float:
    """Have the daemon make a whole pass, after a mail that says nothing; give the seconds that it took."""
    rig.smalls = getattr(rig, "smalls", 0) + 1
    rig.small_talk(rig.smalls)
    inbox = len(rig.inbox)

    def read() -> bool:
        with_row = {row["uid"] for row in seen_rows(rig.seat.state, "INBOX")}
        return len(with_row) >= inbox

    took: float = rig.until(read, "the mail is read", patience)
    # It is read at the beginning of the pass, at whose end the daemon lies in IDLE again.
    return took + float(
        rig.until(lambda: rig.proxy.commands[-1].words == b"IDLE" and rig.is_healthy(), "a pass", patience)
    )


def letters(rig: Any) -> dict[str, Any]:
    """Give the ledger's row of the letter to each address."""
    return {row.followup.to.address: row for row in rig.rows}


def uid_of(rig: Any, message_id: str, folder: str = "Drafts") -> int:
    """Give the UID of a message by its Message-ID, as a second client sees it."""
    found = [uid for uid, octets in rig.seat.messages(folder) if message_id.encode() in octets]
    assert len(found) == 1, found
    return found[0]


def past_day() -> datetime:
    """Give noon, New York, of a Tuesday one or two weeks ago: no server stores a message as of a day to come, so that
    the daemon's clock is moved back.
    """
    day = datetime.now(ZONE).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=7)
    while day.weekday() != 1:
        day -= timedelta(days=1)
    return day


def invited(rig: Any, starts: dict[Employer, datetime]) -> None:
    """Move the clock to the day before, and let all of them invite."""
    rig.seat.move_clock(min(starts.values()) - timedelta(days=1))
    rig.person.now = lambda: rig.seat.now
    for employer, start in starts.items():
        write(rig, employer.invitation(rig, start))


def with_letters(rig: Any, crowd: list[Employer]) -> dict[str, Any]:
    """Have interviews with all of them on one day, start the daemon, and wait for the letters after them."""
    noon = past_day()
    invited(rig, {employer: noon - timedelta(minutes=16 * number) for number, employer in enumerate(crowd)})
    rig.start()
    rig.seat.move_clock(noon + timedelta(hours=4))
    rig.until(lambda: sum(row.state == "appended" for row in rig.rows) == len(crowd), "the letters", 90)
    return letters(rig)


def appends(rig: Any) -> int:
    """How many drafts the daemon has tried to store."""
    return len(rig.proxy.sent(rb"^APPEND"))
