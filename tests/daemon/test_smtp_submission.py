"""Letters go out over a real submission server (Dovecot), which passes on what the server behind it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from daemon.imap_wire import Tls
from daemon.smtp import SmtpSettings, SmtpTransport
from daemon.transport import Accepted, Deferred, NoLogin, Outcome, Parcel, Refused
from tests.servers.smtp import Behaviour, SmtpServer

ME, DANA = "noor@letters.example", "dana.lee@northwind.example"
MESSAGE = f"From: <{ME}>\r\nTo: <{DANA}>\r\nSubject: Thank you\r\n\r\nDear Dana,\r\n.\r\nGrüße\r\n".encode()


@dataclass
class Submission:
    """A Dovecot that lets people log in and passes their letters on to `behind`."""

    server: Any
    behind: SmtpServer

    def send(self, *, password: str | None = None, **changes: Any) -> Outcome:
        values = {
            "host": self.server.host,
            "port": self.server.submission_port,
            "tls": Tls.STARTTLS,
            "ca_file": self.server.ca_file,
            "username": ME,
        }
        transport = SmtpTransport(SmtpSettings(**values | changes), lambda: password or self.server.password)
        return transport.send(Parcel(sender=ME, recipients=(DANA,), message=MESSAGE), lambda: None)


@pytest.fixture(scope="module")
def running(start_dovecot: Callable[..., Any]) -> Iterator[Submission]:
    with SmtpServer() as behind:
        yield Submission(start_dovecot(relay=f"{behind.host}:{behind.port}"), behind)


@pytest.fixture
def submission(running: Submission) -> Submission:
    """The server, behind which nothing has happened yet."""
    running.behind.letters.clear()
    running.behind.moments = {}
    return running


def test_a_letter_is_passed_on_octet_for_octet_after_a_login_over_tls(submission: Submission) -> None:
    outcome = submission.send()
    assert isinstance(outcome, Accepted), outcome
    (letter,) = submission.behind.letters
    assert (letter.sender, letter.recipients) == (ME, (DANA,))
    assert letter.message.endswith(MESSAGE)  # below the server's own Received


def test_a_wrong_password_is_no_login(submission: Submission) -> None:
    assert isinstance(submission.send(password="wrong"), NoLogin)
    assert not submission.behind.letters


def test_another_authority_is_not_trusted(submission: Submission) -> None:
    outcome = submission.send(ca_file=None)
    assert isinstance(outcome, Deferred)
    assert "certificate" in outcome.reply


@pytest.mark.parametrize(
    ("moments", "expected"),
    [
        ({"RCPT": b"450 4.2.1 Greylisted\r\n"}, Deferred),
        ({"RCPT": b"550 5.1.1 Nobody here\r\n"}, Refused),
        ({"end": b"451 4.7.1 Later\r\n"}, Deferred),
        ({"end": b"554 5.7.1 No\r\n"}, Refused),
    ],
)
def test_the_word_of_the_server_behind_is_what_counts(
    submission: Submission, moments: dict[str, Behaviour | list[Behaviour]], expected: type[Outcome]
) -> None:
    submission.behind.moments = moments
    outcome = submission.send()
    assert type(outcome) is expected, outcome
