"""What was talked about, asked and answered by mail: the real daemon, a real server, and the person's other client."""

from __future__ import annotations

import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from email.utils import format_datetime
from typing import Any

import pytest
from icalendar import Calendar

from tests.servers.smtp import PASSWORD, Act, SmtpServer

Wait = Callable[[Callable[[], Any], str], Any]
Invite = Callable[..., EmailMessage]


@pytest.fixture
def asking(seat: Any) -> Any:
    """A seat whose daemon asks for notes and keeps a calendar."""
    with seat.config.open("a", encoding="utf-8") as config:
        config.write(f"ask_for_notes: true\ncalendar_file: {seat.folder / 'plan.ics'}\n")
    return seat


def _questions(seat: Any) -> list[EmailMessage]:
    messages = (message_from_bytes(raw, policy=default) for _, raw in seat.messages("INBOX"))
    return [message for message in messages if message["Auto-Submitted"] == "auto-generated"]


def _answer(question: EmailMessage, text: str, *, sender: str, to: str, **fields: str) -> EmailMessage:
    """Write what a mail client makes of Reply: the quotation below, In-Reply-To and References."""
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = to
    message["Subject"] = f"Re: {question['Subject']}"
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = f"<answer-{abs(hash(text))}@phone.example>"
    message["In-Reply-To"] = question["Message-ID"]
    message["References"] = question["Message-ID"]
    for name, value in fields.items():
        message[name.replace("_", "-")] = value
    quoted = "".join(f"> {line}\n" for line in question.get_content().splitlines())
    message.set_content(f"{text}\n\nOn Tue, 1 Dec 2026 at 13:05, {sender} wrote:\n{quoted}")
    return message


def _notes(seat: Any) -> list[str]:
    return [entry["text"] for entry in seat.lines("status") if entry["what"] == "note"]


def test_the_answer_to_the_question_is_in_the_draft(
    asking: Any, invite: Invite, interview_day: datetime, wait_until: Wait
) -> None:
    asking.deliver(invite(asking.user, interview_day))
    daemon = asking.start()
    wait_until(lambda: [e for e in asking.lines("status") if e["what"] == "planned"], "the letter is planned")
    assert _questions(asking) == []

    asking.move_clock(interview_day + timedelta(minutes=66))
    (question,) = wait_until(lambda: _questions(asking), "the question is asked")
    assert "Dana Lee" in question["Subject"]
    assert (question["From"], question["To"]) == (f"Noor Haddad <{asking.user}>", asking.user)
    assert question["Reply-To"] == asking.user

    answer = _answer(question, "We talked about their caching project.", sender=asking.user, to=asking.user)
    asking.deliver(answer, "Sent")
    asking.deliver(answer)  # it comes back to them
    wait_until(lambda: _notes(asking), "the note is known")
    assert _notes(asking) == ["We talked about their caching project."]

    asking.move_clock(interview_day + timedelta(hours=4))
    ((_, draft),) = wait_until(lambda: asking.messages("Drafts"), "the draft is there")
    letter = message_from_bytes(draft, policy=default).get_content()
    assert "your caching project" in " ".join(letter.split())
    assert "[[" not in letter
    asking.stop(daemon)

    (row,) = [entry for entry in asking.lines("status") if entry["what"] == "draft"]
    (story,) = asking.lines("explain", row["id"])
    assert [line["quotes"] for line in story["story"] if line["text"] == "you noted"] == [
        ["We talked about their caching project."]
    ]
    # Nothing of it is mail about the application, and nothing is asked twice.
    assert story["messages"] == ["mail.loop-1@northwind.example"]
    asking.lines("run", "--once")
    assert len(_questions(asking)) == 1


def test_only_the_persons_own_answer_by_hand_is_a_note(
    asking: Any, invite: Invite, interview_day: datetime, wait_until: Wait
) -> None:
    asking.deliver(invite(asking.user, interview_day))
    asking.lines("run", "--once")
    asking.move_clock(interview_day + timedelta(minutes=66))
    asking.lines("run", "--once")
    (question,) = _questions(asking)
    planned = [entry["due"] for entry in asking.lines("status") if entry["what"] == "planned"]

    me, stranger = asking.user, "mallory@elsewhere.example"
    asking.deliver(_answer(question, "stranger", sender=stranger, to=me))
    asking.deliver(_answer(question, "machine", sender=me, to=me, Auto_Submitted="auto-replied"))
    asking.deliver(_answer(question, "forwarded", sender=me, to="friend@elsewhere.example"), "Sent")
    asking.deliver(_answer(question, "", sender=me, to=me))
    asking.deliver(question.as_bytes())  # it comes back once more
    bounce = EmailMessage(policy=SMTP)
    bounce["From"], bounce["To"] = "MAILER-DAEMON@mail.example", me
    bounce["Subject"], bounce["Message-ID"] = "Undelivered Mail Returned to Sender", "<bounce-1@mail.example>"
    bounce["Auto-Submitted"], bounce["References"] = "auto-replied", question["Message-ID"]
    bounce.set_content("The following address failed.\n")
    asking.deliver(bounce)
    asking.lines("run", "--once")

    assert _notes(asking) == []
    assert [entry["due"] for entry in asking.lines("status") if entry["what"] == "planned"] == planned
    asking.deliver(_answer(question, "Dana: the roadmap", sender=me, to=me))
    asking.lines("run", "--once")
    assert _notes(asking) == ["Dana: the roadmap"]


def test_a_question_that_comes_too_late_is_not_asked(asking: Any, invite: Invite, interview_day: datetime) -> None:
    asking.deliver(invite(asking.user, interview_day))
    asking.lines("run", "--once")
    asking.move_clock(interview_day + timedelta(hours=4))
    asking.lines("run", "--once")
    assert len(asking.messages("Drafts")) == 1
    assert _questions(asking) == []


def _send_by(seat: Any, server: SmtpServer) -> None:
    """Let the seat's account have an SMTP server."""
    secret = seat.folder / "smtp-secret"
    secret.write_text(PASSWORD + "\n")
    secret.chmod(0o600)
    smtp = (
        f"    smtp: {{host: {server.host}, port: {server.port}, tls: none, username: {seat.user}, "
        f"password: {{file: {secret}}}}}\n"
    )
    seat.config.write_text(seat.config.read_text("utf-8").replace("    imap:\n", f"{smtp}    imap:\n"), "utf-8")


def test_with_smtp_the_question_is_sent_and_its_arrival_and_answer_are_known(
    asking: Any, invite: Invite, interview_day: datetime
) -> None:
    asking.deliver(invite(asking.user, interview_day))
    with SmtpServer({"MAIL": b"451 4.3.0 later\r\n"}) as server:
        _send_by(asking, server)
        asking.lines("run", "--once")
        asking.move_clock(interview_day + timedelta(minutes=66))
        asking.lines("run", "--once")
        assert server.letters == []
        server.moments = {}
        asking.move_clock(interview_day + timedelta(minutes=68))
        asking.lines("run", "--once")
        asking.lines("run", "--once")
        (sent,) = server.letters
    assert (sent.sender, sent.recipients) == (asking.user, (asking.user,))
    assert _questions(asking) == []
    asking.deliver(sent.message)
    (question,) = _questions(asking)
    asking.deliver(_answer(question, "Dana: the roadmap", sender=asking.user, to=asking.user), "Sent")
    asking.lines("run", "--once")
    assert _notes(asking) == ["Dana: the roadmap"]
    (planned,) = [e for e in asking.lines("status") if e["what"] == "planned" and e["kind"] == "thank_you"]
    assert planned["rule"] == "T1"  # a mail of one's own to oneself is no thank-you


def test_a_question_of_which_it_is_not_known_whether_it_went_out_is_never_sent_again(
    asking: Any, invite: Invite, interview_day: datetime
) -> None:
    asking.deliver(invite(asking.user, interview_day))
    with SmtpServer({"end": [Act.DROP]}) as server:
        _send_by(asking, server)
        asking.lines("run", "--once")
        for minutes in (66, 70, 90):
            asking.move_clock(interview_day + timedelta(minutes=minutes))
            asking.lines("run", "--once")
        assert len(server.letters) == 1
    assert _questions(asking) == []


def test_the_week_is_mailed_once(seat: Any, invite: Invite, interview_day: datetime, wait_until: Wait) -> None:
    with seat.config.open("a", encoding="utf-8") as config:
        config.write('digest: {enabled: true, at: "Monday 08:00"}\n')
    seat.deliver(invite(seat.user, interview_day))
    seat.lines("run", "--once")
    monday = interview_day.replace(hour=8) - timedelta(days=1)
    seat.move_clock(monday - timedelta(seconds=90))
    before = len(_questions(seat))
    daemon = seat.start()
    seat.move_clock(monday + timedelta(seconds=5))
    wait_until(lambda: len(_questions(seat)) > before, "the digest is there")
    seat.stop(daemon)
    seat.lines("run", "--once")
    digest = _questions(seat)[-1]
    assert len(_questions(seat)) == before + 1
    assert digest["Subject"].startswith(f"Your week from {monday:%Y-%m-%d}: 1 interview")
    assert "Dana Lee (Northwind Freight, Data Engineer)" in digest.get_content()


def test_a_note_by_the_command_is_used_beside_a_running_daemon(
    seat: Any, invite: Invite, interview_day: datetime, wait_until: Wait
) -> None:
    seat.deliver(invite(seat.user, interview_day))
    seat.move_clock(interview_day + timedelta(minutes=90))
    daemon = seat.start()
    wait_until(lambda: [e for e in seat.lines("status") if e["what"] == "planned"], "the letter is planned")
    (said,) = seat.lines("note", "northwind freight", "--for", "Dana", "the roadmap")
    assert (said["text"], said["for"], said["by"]) == ("the roadmap", "Dana", "command")
    assert [letter["to"] for letter in said["planned"]] == ["dana.lee@northwind.example"]
    seat.move_clock(interview_day + timedelta(hours=4))
    ((_, draft),) = wait_until(lambda: seat.messages("Drafts"), "the draft is there")
    assert "the roadmap" in " ".join(message_from_bytes(draft, policy=default).get_content().split())
    seat.stop(daemon)

    # What is in Drafts already is the person's; the command says so.
    (late,) = seat.lines("note", said["interview"], "on-call")
    assert late["planned"] == []
    assert [letter["to"] for letter in late["already_written"]] == ["dana.lee@northwind.example"]
    assert len(seat.messages("Drafts")) == 1


def test_a_note_of_nothing_known_is_refused(seat: Any, invite: Invite, interview_day: datetime) -> None:
    seat.deliver(invite(seat.user, interview_day))
    seat.lines("scan")
    early = seat.run("note", "Northwind Freight", "the roadmap")  # it has not begun
    assert (early.returncode, "no interview" in early.stderr) == (65, True)
    seat.move_clock(interview_day + timedelta(minutes=90))
    assert seat.run("note", "Fabrikam", "the roadmap").returncode == 65
    nobody = seat.run("note", "Northwind Freight", "--for", "Kim", "the roadmap")
    assert (nobody.returncode, "Dana Lee" in nobody.stderr) == (65, True)
    assert seat.run("note", "Northwind Freight", " ").returncode == 65


def test_the_calendar_follows_the_plan(asking: Any, invite: Invite, interview_day: datetime) -> None:
    asking.deliver(invite(asking.user, interview_day))
    asking.lines("run", "--once")
    path = asking.folder / "plan.ics"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (thanks, *_) = Calendar.from_ical(path.read_bytes()).walk("VEVENT")
    assert thanks["SUMMARY"] == "Thank Dana Lee (Northwind Freight)"
    exported = asking.run("export", "--ics", "-")
    assert exported.stdout.encode().replace(b"\n", b"\r\n") == path.read_bytes()

    asking.lines("mute", "Northwind Freight")
    asking.lines("run", "--once")
    assert Calendar.from_ical(path.read_bytes()).walk("VEVENT") == []
    (said,) = asking.lines("export", "--ics", str(asking.folder / "other.ics"))
    assert said == {"file": str(asking.folder / "other.ics"), "entries": 0}
