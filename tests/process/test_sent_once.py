"""A letter that the person moved to Approved goes out once; kill -9 between each two steps of sending it.

The server keeps every letter whose end arrived.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from pathlib import Path
from typing import Any

import pytest

from tests.extent import spread
from tests.process.sweep import CALLS, ends_at, place_of, traced
from tests.servers.smtp import PASSWORD, Behaviour, SmtpServer

APPROVED = "Tactful/Approved"
TEXT = """Dear Dana,

thank you for the talk about the Data Engineer role at Northwind Freight. What you said of your caching project stayed
with me, above all the question how stale an answer may be, and I would enjoy working on it together with your team.

If anything is missing that helps you with the decision, I am happy to send it.

Best regards,
Noor Haddad
"""


@pytest.fixture
def open_server() -> Iterator[Callable[..., SmtpServer]]:
    """Give a function that starts an SMTP server which behaves so."""
    servers: list[SmtpServer] = []

    def opened(moments: dict[str, Behaviour | list[Behaviour]] | None = None) -> SmtpServer:
        servers.append(SmtpServer(moments or {}))
        return servers[-1]

    yield opened
    for server in servers:
        server.__exit__()


def configure(seat: Any, server: SmtpServer) -> None:
    """Let the seat send by this server what is moved to Approved."""
    secret = seat.folder / "smtp-secret"
    secret.write_text(PASSWORD + "\n")
    secret.chmod(0o600)
    text = (
        seat.config.read_text("utf-8").rstrip()
        + f"""
    smtp:
      host: {server.host}
      port: {server.port}
      tls: none
      username: {seat.user}
      password: {{file: {secret}}}
controls: true
"""
    )
    seat.config.write_text(text, "utf-8")


def approve(seat: Any, text: str = TEXT) -> bytes:
    """Finish the draft that is in Drafts and move it to Approved, as a mail program does: it stores it anew."""
    ((uid, raw),) = seat.messages("Drafts")
    draft = message_from_bytes(raw, policy=default)
    finished = EmailMessage(policy=SMTP)
    for name in ("From", "To", "Subject", "Date", "In-Reply-To", "References"):
        if draft[name]:
            finished[name] = str(draft[name])
    finished["Message-ID"] = "<saved-by-a-program@mail.example>"
    finished["X-Mozilla-Draft-Info"] = "internal/draft"
    finished.set_content(text)
    message = finished.as_bytes()
    with seat.server.raw(seat.user) as link:
        status, _ = link.append(f'"{APPROVED}"', "(\\Draft \\Seen)", "", message)
        assert status == "OK"
    seat.delete("Drafts", uid)
    return message


def waiting(seat: Any, invite: Callable[..., EmailMessage], interview_day: datetime) -> datetime:
    """Have a thank-you put into Drafts; give the instant."""
    seat.deliver(invite(seat.user, interview_day))
    after = interview_day + timedelta(hours=4)
    seat.move_clock(after)
    seat.lines("run", "--once")
    return after


def test_a_letter_moved_to_approved_goes_out_and_is_found_in_sent(
    seat: Any,
    invite: Callable[..., EmailMessage],
    interview_day: datetime,
    open_server: Callable[..., SmtpServer],
) -> None:
    server = open_server()
    configure(seat, server)
    waiting(seat, invite, interview_day)
    message = approve(seat)
    seat.lines("run", "--once")
    (letter,) = server.letters
    sent = message_from_bytes(letter.message, policy=default)
    assert letter.recipients == ("dana.lee@northwind.example",)
    assert sent["Message-ID"] == "<saved-by-a-program@mail.example>"
    assert sent["In-Reply-To"] == "<mail.loop-1@northwind.example>"
    assert sent["X-Mozilla-Draft-Info"] is None
    assert letter.message.partition(b"\r\n\r\n")[2] == message.partition(b"\r\n\r\n")[2]
    assert [raw for _, raw in seat.messages("Sent")] == [letter.message]
    assert seat.messages(APPROVED) == []
    for _ in range(2):
        seat.lines("run", "--once")
    assert len(server.letters) == len(seat.messages("Sent")) == 1
    (draft,) = [row for row in seat.lines("status") if row.get("what") == "draft"]
    (story,) = seat.lines("explain", draft["id"])
    texts = [line["text"] for line in story["story"]]
    assert "you approved it to be sent" in texts
    assert any(text.startswith("sending it: accepted (") for text in texts)


def test_the_daemon_sends_what_is_moved_to_approved_while_it_runs(
    seat: Any,
    invite: Callable[..., EmailMessage],
    interview_day: datetime,
    open_server: Callable[..., SmtpServer],
    wait_until: Callable[[Callable[[], Any], str], Any],
) -> None:
    server = open_server({"RCPT": b"450 4.2.1 Greylisted\r\n"})
    configure(seat, server)
    after = waiting(seat, invite, interview_day)
    process = seat.start()
    approve(seat)
    wait_until(lambda: "RCPT" in {command[:4] for command in server.commands}, "a first attempt")
    server.moments = {}
    seat.move_clock(after + timedelta(minutes=3))
    wait_until(lambda: seat.messages("Sent"), "the copy in Sent")
    assert len(server.letters) == 1
    seat.stop(process)
    log = (seat.folder / "log").read_text()
    assert "an approved letter: sent" in log
    assert not any(word in log for word in (PASSWORD, "dana.lee", "Interview:", seat.user))


@pytest.mark.fault("F28")
@pytest.mark.timeout(1500)  # it runs the program thrice for each of some sixty steps
def test_a_letter_goes_out_once_whenever_sending_is_killed(
    seat: Any,
    invite: Callable[..., EmailMessage],
    interview_day: datetime,
    open_server: Callable[..., SmtpServer],
    tmp_path: Path,
) -> None:
    server = open_server()
    configure(seat, server)
    after = waiting(seat, invite, interview_day)
    approve(seat)
    kept = tmp_path / "state-before"
    shutil.copytree(seat.state, kept)
    ((_, message),) = seat.messages(APPROVED)
    steps = traced(seat, tmp_path)
    assert len(server.letters) == 1
    hello = place_of(steps, '"EHLO')
    # Before the connection the approval and the attempt are written down; they follow the last word to the mailbox.
    before = [place for place in range(hello) if steps[place].call == "sendto"]
    # The status message comes last, and not in each run: it may have nothing new to say.
    status = place_of(steps, 'SELECT \\"Tactful\\"')
    steps = spread(steps[before[-1] if before else 0 : status], 3)
    outcomes = []
    for step in steps:
        _begin_anew(seat, kept, message, after)
        server.letters.clear()
        assert ends_at(seat, step), step
        for minutes in (2, 75):
            seat.move_clock(after + timedelta(minutes=minutes))
            seat.lines("run", "--once")
        sent, left = len(seat.messages("Sent")), len(seat.messages(APPROVED))
        # To the person themself goes the word that a letter may not have gone out.
        delivered = [letter for letter in server.letters if letter.recipients != (seat.user,)]
        assert sent <= len(delivered) <= 1, step
        # What was not sent, as far as anybody knows, waits for the person where they put it.
        assert sent + left == 1, step
        outcomes.append(sent)
    # Only what was killed between the note that its end goes out and that of its acceptance stays unknown. (By call: a
    # run does not write the ledger as often before as the one that was traced.)
    for call in CALLS.split(","):
        told = "".join(str(sent) for step, sent in zip(steps, outcomes, strict=True) if step.call == call)
        assert "1" not in told.strip("1"), (call, told)


def _begin_anew(seat: Any, kept: Path, message: bytes, after: datetime) -> None:
    shutil.rmtree(seat.state)
    shutil.copytree(kept, seat.state)
    for folder in (APPROVED, "Sent", "Drafts"):
        for uid, _ in seat.messages(folder):
            seat.delete(folder, uid)
    with seat.server.raw(seat.user) as link:
        link.append(f'"{APPROVED}"', "(\\Draft \\Seen)", "", message)
    seat.move_clock(after)
