"""All of it, as a person lives it: invited, asked by mail what was talked about, drafted, approved, sent, asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from typing import Any

import holidays
import pytest

from tests.process.conftest import ZONE
from tests.servers.smtp import PASSWORD, SmtpServer

Wait = Callable[[Callable[[], Any], str], Any]


@pytest.fixture
def equipped(seat: Any) -> Any:
    """A seat with a server for letters, whose person gives orders by moving drafts and wants to be asked for notes."""
    secret = seat.folder / "smtp-secret"
    secret.write_text(PASSWORD + "\n")
    secret.chmod(0o600)
    with SmtpServer() as server, seat.config.open("a", encoding="utf-8") as config:
        config.write(
            f"""
    smtp: {{host: {server.host}, port: {server.port}, tls: none, username: {seat.user}, password: {{file: {secret}}}}}
controls: true
ask_for_notes: true
policy: {{quiet_periods: []}}
"""
        )
        config.flush()
        seat.smtp = server
        yield seat


def answer_to(question: EmailMessage, person: str) -> EmailMessage:
    """Write what the person's phone makes of Reply."""
    answer = EmailMessage(policy=SMTP)
    answer["From"] = answer["To"] = person
    answer["Subject"] = f"Re: {question['Subject']}"
    answer["Message-ID"] = "<answer-1@phone.example>"
    answer["In-Reply-To"] = answer["References"] = question["Message-ID"]
    answer.set_content(f"We talked about their caching project.\n\nOn Tuesday, {person} wrote:\n> What did you ...\n")
    return answer


def approve_by_move(seat: Any) -> bytes:
    """Move the one draft to Approved, as any mail client does it on the server; give its text as it was."""
    ((uid, draft),) = seat.messages("Drafts")
    with seat.server.raw(seat.user) as client:
        client.select("Drafts")
        status, said = client.uid("MOVE", str(uid), '"Tactful/Approved"')
        assert status == "OK", said
    return bytes(draft.partition(b"\r\n\r\n")[2])


def planned(seat: Any, kind: str) -> datetime | None:
    """Give when a letter of this kind is to come."""
    due = [entry["due"] for entry in seat.lines("status") if entry["what"] == "planned" and entry["kind"] == kind]
    return datetime.fromisoformat(due[0]) if due else None


def business_days_after(day: date, number: int) -> date:
    """Count in the recipient's country."""
    off = holidays.country_holidays("US")
    while number:
        day += timedelta(days=1)
        number -= day.weekday() < 5 and day not in off
    return day


def nine_on(day: date) -> datetime:
    return datetime.combine(day, time(9), ZONE)


def test_from_the_invitation_to_the_second_question(
    equipped: Any, invite: Callable[..., EmailMessage], interview_day: datetime, wait_until: Wait
) -> None:
    seat, server = equipped, equipped.smtp
    seat.deliver(invite(seat.user, interview_day))
    daemon = seat.start()
    wait_until(lambda: planned(seat, "thank_you"), "the thank-you is planned")

    # The interview has ended: what was it about?
    seat.move_clock(interview_day + timedelta(minutes=66))
    (question,) = wait_until(lambda: server.letters, "the question is sent to the person")
    assert question.recipients == (seat.user,)
    seat.deliver(question.message)
    seat.deliver(answer_to(message_from_bytes(question.message, policy=default), seat.user), "Sent")
    wait_until(lambda: [entry for entry in seat.lines("status") if entry["what"] == "note"], "the note is known")

    # Two hours after the end the letter is there, and says what they talked about.
    seat.move_clock(interview_day + timedelta(hours=3, minutes=1))
    ((_, draft),) = wait_until(lambda: seat.messages("Drafts"), "the thank-you")
    letter = message_from_bytes(draft, policy=default)
    assert "your caching project" in " ".join(letter.get_content().split())
    assert "[[" not in letter.get_content()

    # Approved from any client: it goes out as it was, once, and has its copy.
    text = approve_by_move(seat)
    wait_until(lambda: seat.messages("Sent")[1:], "the copy in Sent")
    _, thanks = server.letters
    assert thanks.recipients == ("dana.lee@northwind.example",)
    assert bytes(thanks.message.partition(b"\r\n\r\n")[2]) == text
    assert [raw for _, raw in seat.messages("Sent")][1:] == [thanks.message]
    assert seat.messages("Drafts") == seat.messages("Tactful/Approved") == []

    # Silence: the first question, five business days after the visit.
    visit = interview_day.date()
    asked_on = business_days_after(visit, 5)
    assert wait_until(lambda: planned(seat, "check_in_1"), "a check-in is planned") == nine_on(asked_on)
    seat.move_clock(nine_on(asked_on) + timedelta(seconds=30))
    wait_until(lambda: seat.messages("Drafts"), "the check-in")
    approve_by_move(seat)
    wait_until(lambda: server.letters[2:], "the check-in is sent")

    # The last one is counted from the day on which that was sent.
    last = wait_until(lambda: planned(seat, "check_in_final"), "the last check-in is planned")
    assert last == nine_on(business_days_after(asked_on, 5))
    seat.stop(daemon)
    assert seat.lines("run", "--once") == []
    assert len(server.letters) == 3
    states = {entry["kind"]: entry["state"] for entry in seat.lines("status") if entry["what"] == "draft"}
    assert states == {"thank_you": "sent", "check_in_1": "sent"}
    assert datetime.now(UTC) < interview_day, "all of this happened on a moved clock"
