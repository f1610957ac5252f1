"""What comes of handing a letter to a server: five outcomes, whatever the server does, on real sockets."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from daemon.errors import SecretError
from daemon.imap_wire import Tls
from daemon.smtp import SmtpSettings, SmtpTransport
from daemon.transport import Accepted, Deferred, NoLogin, Outcome, Parcel, Refused, Unknown
from tests.servers.smtp import PASSWORD, Act, Behaviour, SmtpServer

ME, DANA = "noor@letters.example", "dana.lee@northwind.example"
MESSAGE = (
    f"From: <{ME}>\r\nTo: <{DANA}>\r\nSubject: Thank you\r\nMessage-ID: <fu.1@letters.example>\r\n\r\n"
    "Dear Dana,\r\n.a line that begins with a dot\r\n.\r\nThank you.\r\n"
).encode()
PARCEL = Parcel(sender=ME, recipients=(DANA,), message=MESSAGE)


class Ends:
    """Counts how often the end of a letter was about to go out."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += 1


def transport(server: SmtpServer, **changes: Any) -> SmtpTransport:
    values = {"host": server.host, "port": server.port, "tls": Tls.NONE, "username": ME, "step_timeout": 5.0}
    return SmtpTransport(SmtpSettings(**values | {"end_timeout": 5.0} | changes), lambda: PASSWORD)


def send(server: SmtpServer, parcel: Parcel = PARCEL, **changes: Any) -> tuple[Outcome, int]:
    ends = Ends()
    return transport(server, **changes).send(parcel, ends), ends.count


def kind(server: SmtpServer, **changes: Any) -> tuple[type[Outcome], int]:
    outcome, ends = send(server, **changes)
    return type(outcome), ends


@pytest.fixture
def certificate(dovecot: Any) -> Path:
    """A folder with a certificate for localhost and 127.0.0.1, and that of its authority."""
    folder: Path = dovecot.directory / "tls"
    return folder


def test_a_letter_arrives_octet_for_octet() -> None:
    with SmtpServer() as server:
        outcome, ends = send(server)
        assert isinstance(outcome, Accepted)
        assert "250 2.0.0 Queued as 1" in outcome.reply
        assert ends == 1
        (letter,) = server.letters
        assert (letter.sender, letter.recipients, letter.message) == (ME, (DANA,), MESSAGE)


@pytest.mark.parametrize(
    ("moments", "expected"),
    [
        ({"greeting": b"421 4.3.2 Busy\r\n"}, (Deferred, 0)),
        ({"greeting": b"554 5.3.2 Not you\r\n"}, (Deferred, 0)),
        ({"greeting": Act.DROP}, (Deferred, 0)),
        ({"greeting": b"\x16\x03\x01garbage\r\n"}, (Deferred, 0)),
        ({"greeting": b"220 " + b"x" * 100_000}, (Deferred, 0)),
        ({"EHLO": b"what\r\n"}, (Deferred, 0)),
        ({"EHLO": Act.DROP}, (Deferred, 0)),
        ({"AUTH": b"535 5.7.8 No\r\n"}, (NoLogin, 0)),
        ({"AUTH": b"454 4.7.0 Later\r\n"}, (Deferred, 0)),
        ({"AUTH": Act.DROP}, (Deferred, 0)),
        ({"AUTH": b"garbage\r\n"}, (Deferred, 0)),
        ({"MAIL": b"451 4.3.0 Later\r\n"}, (Deferred, 0)),
        ({"MAIL": b"550 5.7.1 Not you\r\n"}, (Refused, 0)),
        ({"MAIL": b"garbage\r\n"}, (Deferred, 0)),
        ({"RCPT": b"450 4.2.1 Greylisted\r\n"}, (Deferred, 0)),
        ({"RCPT": b"550 5.1.1 Nobody\r\n"}, (Refused, 0)),
        ({"RCPT": Act.DROP}, (Deferred, 0)),
        ({"DATA": b"452 4.3.1 Full\r\n"}, (Deferred, 0)),
        ({"DATA": b"554 5.5.1 No\r\n"}, (Refused, 0)),
        ({"DATA": b"250 What?\r\n"}, (Deferred, 0)),
        ({"DATA": Act.DROP}, (Deferred, 0)),
        ({"content": Act.DROP}, (Unknown, 1)),
        ({"end": b"451 4.7.1 Later\r\n"}, (Deferred, 1)),
        ({"end": b"421 4.3.2 Going down\r\n"}, (Deferred, 1)),
        ({"end": b"554 5.7.1 Spam\r\n"}, (Refused, 1)),
        ({"end": Act.DROP}, (Unknown, 1)),
        ({"end": b"garbage\r\n"}, (Unknown, 1)),
        ({"end": b"354 Go on\r\n"}, (Unknown, 1)),
        ({"end": b"999 Beyond\r\n"}, (Unknown, 1)),
    ],
)
def test_what_the_server_does_gives_the_outcome(
    moments: dict[str, Behaviour | list[Behaviour]], expected: tuple[type[Outcome], int]
) -> None:
    with SmtpServer(moments) as server:
        assert kind(server) == expected


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        *((moment, Deferred) for moment in ("greeting", "EHLO", "AUTH", "RCPT", "DATA")),
        *((moment, Unknown) for moment in ("content", "end")),
    ],
)
def test_a_server_that_falls_silent_is_left_within_the_deadline(moment: str, expected: type[Outcome]) -> None:
    with SmtpServer({moment: Act.HANG}) as server:
        started = time.monotonic()
        outcome, _ = send(server, step_timeout=0.5, end_timeout=0.5)
        assert type(outcome) is expected
        assert time.monotonic() - started < 4


def test_all_steps_together_have_a_deadline() -> None:
    with SmtpServer({"end": Act.HANG}) as server:
        started = time.monotonic()
        assert kind(server, whole_timeout=1.0, end_timeout=60.0) == (Unknown, 1)
        assert time.monotonic() - started < 5


def test_without_a_server_nobody_has_the_letter() -> None:
    with SmtpServer() as server:
        pass
    assert kind(server) == (Deferred, 0)


def test_a_host_that_is_no_name_is_an_outcome() -> None:
    with SmtpServer() as server:
        assert kind(server, host="x" * 70 + ".example") == (Deferred, 0)


@pytest.mark.fault("F28")
def test_one_refused_recipient_is_nobody() -> None:
    parcel = Parcel(sender=ME, recipients=(DANA, "sam@northwind.example"), message=MESSAGE)
    with SmtpServer({"RCPT": [b"250 Ok\r\n", b"550 5.1.1 Nobody\r\n"]}) as server:
        outcome, ends = send(server, parcel)
        assert (type(outcome), ends) == (Refused, 0)
        assert not server.letters


# ------------------------------------------------------------------------------------------------------------ the gate


@pytest.mark.parametrize(
    "parcel",
    [
        Parcel(sender=ME, recipients=(), message=MESSAGE),
        Parcel(sender=ME, recipients=("dana@northwind.example>\r\nRCPT TO:<eve@evil.example",), message=MESSAGE),
        Parcel(sender=ME, recipients=("dana@northwind.example SIZE=1",), message=MESSAGE),
        Parcel(sender="noor@letters.example\0", recipients=(DANA,), message=MESSAGE),
        Parcel(sender=ME, recipients=("dänä@northwind.example",), message=MESSAGE),
        Parcel(sender=ME, recipients=("dana@nörthwind.example",), message=MESSAGE),
        Parcel(sender=ME, recipients=(DANA,), message=MESSAGE + b"\n.\nMAIL FROM:<eve@evil.example>\r\n"),
        Parcel(sender=ME, recipients=(DANA,), message=MESSAGE + b"\r.\r\r\n"),
        Parcel(sender=ME, recipients=(DANA,), message=MESSAGE + b"\0\r\n"),
        Parcel(sender=ME, recipients=(DANA,), message=MESSAGE + b"x" * 999 + b"\r\n"),
        Parcel(sender=ME, recipients=(DANA,), message=MESSAGE.rstrip()),
    ],
)
def test_what_could_be_read_as_a_command_never_reaches_the_server(parcel: Parcel) -> None:
    with SmtpServer() as server:
        outcome, ends = send(server, parcel)
        assert (type(outcome), ends) == (Refused, 0)
        assert not server.commands


def test_a_letter_with_eight_bits_is_announced_as_such() -> None:
    parcel = Parcel(sender=ME, recipients=(DANA,), message=MESSAGE + "Grüße\r\n".encode())
    with SmtpServer() as server:
        assert isinstance(send(server, parcel)[0], Accepted)
        assert f"MAIL FROM:<{ME}> BODY=8BITMIME" in server.commands
    with SmtpServer(extensions=("AUTH PLAIN",)) as server:
        outcome, ends = send(server, parcel)
        assert (type(outcome), ends) == (Refused, 0)
        assert "ASCII" in outcome.reply


# ----------------------------------------------------------------------------------------------------------------- TLS


@pytest.mark.parametrize("implicit", [True, False])
def test_the_letter_goes_out_over_a_verified_connection(certificate: Path, implicit: bool) -> None:
    tls = Tls.IMPLICIT if implicit else Tls.STARTTLS
    with SmtpServer(certificate=certificate, implicit=implicit) as server:
        assert kind(server, tls=tls, ca_file=certificate / "ca.pem") == (Accepted, 1)
        assert server.logins_in_clear == 0
        assert len(server.letters) == 1


@pytest.mark.parametrize("implicit", [True, False])
@pytest.mark.parametrize("wrong", ["authority", "host"])
def test_no_password_goes_to_a_server_with_a_wrong_certificate(certificate: Path, implicit: bool, wrong: str) -> None:
    tls = Tls.IMPLICIT if implicit else Tls.STARTTLS
    ca_file = None if wrong == "authority" else certificate / "ca.pem"
    host = "127.0.0.3" if wrong == "host" else "127.0.0.1"  # the certificate does not name .3
    with SmtpServer(certificate=certificate, implicit=implicit, host=host) as server:
        outcome, ends = send(server, tls=tls, ca_file=ca_file)
        assert (type(outcome), ends) == (Deferred, 0)
        assert "certificate" in outcome.reply
        assert not any(command.startswith("AUTH") for command in server.commands)


@pytest.mark.parametrize(
    "moments",
    [{}, {"STARTTLS": b"454 4.7.0 Not now\r\n"}, {"STARTTLS": Act.DROP}, {"STARTTLS": b"garbage\r\n"}],
    ids=["not offered", "refused", "dropped", "garbage"],
)
def test_without_starttls_there_is_no_login(certificate: Path, moments: dict[str, Behaviour]) -> None:
    with SmtpServer(moments, certificate=certificate if moments else None) as server:
        assert kind(server, tls=Tls.STARTTLS, ca_file=certificate / "ca.pem") == (Deferred, 0)
        assert not any(command.startswith(("AUTH", "MAIL")) for command in server.commands)


def test_what_was_said_before_starttls_is_forgotten(certificate: Path) -> None:
    injected = b"220 2.0.0 Ready\r\n250-mail.example\r\n250 AUTH CRAM-MD5\r\n"
    with SmtpServer({"STARTTLS": injected}, certificate=certificate) as server:
        outcome, _ = send(server, tls=Tls.STARTTLS, ca_file=certificate / "ca.pem")
        # The words put before the encryption are read as nobody's answer: the login is the one offered within it.
        assert isinstance(outcome, Accepted)
        assert [command[:10] for command in server.commands if command.startswith("AUTH")] == ["AUTH PLAIN"]
        assert len([command for command in server.commands if command.startswith("EHLO")]) == 2


def test_a_plain_server_on_a_port_for_tls_is_an_outcome(certificate: Path) -> None:
    with SmtpServer() as server:
        assert kind(server, tls=Tls.IMPLICIT, ca_file=certificate / "ca.pem", step_timeout=1.0) == (Deferred, 0)


def test_an_authority_that_cannot_be_read_is_an_outcome(tmp_path: Path) -> None:
    with SmtpServer() as server:
        assert kind(server, tls=Tls.IMPLICIT, ca_file=tmp_path / "none.pem") == (Deferred, 0)
        assert not server.commands


def test_without_tls_only_loopback_gets_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    class FromAfar(socket.socket):
        """A connection whose other end is not this machine, as there is no network in a test."""

        def getpeername(self) -> tuple[str, int]:
            return ("192.0.2.1", 25)

    with SmtpServer() as server:
        monkeypatch.setattr(socket, "socket", FromAfar)
        outcome, ends = send(server)
        assert (type(outcome), ends) == (NoLogin, 0)
        assert "loopback" in outcome.reply
        assert not any(command.startswith(("AUTH", "MAIL")) for command in server.commands)


# --------------------------------------------------------------------------------------------------------- the secret


def test_a_password_that_cannot_be_had_is_no_login() -> None:
    def locked() -> str:
        raise SecretError("account personal: the keyring is locked")

    with SmtpServer() as server:
        settings = SmtpSettings(host=server.host, port=server.port, tls=Tls.NONE, username=ME)
        outcome = SmtpTransport(settings, locked).send(PARCEL, Ends())
        assert outcome == NoLogin(reply="account personal: the keyring is locked")
        assert not server.commands


@pytest.mark.parametrize(
    "repeat",
    [
        lambda plain: b"500 5.5.1 Unknown command: AUTH PLAIN " + plain + b"\r\n",
        lambda plain: b"535 5.7.8 AUTH PLAIN " + plain[:18] + b"... refused\r\n",
        lambda plain: b"535 5.7.8 password open-sesame-42 is wrong\r\n",
    ],
    ids=["whole", "beginning", "clear"],
)
def test_a_reply_that_repeats_the_password_is_told_without_it(
    repeat: Callable[[bytes], bytes], caplog: pytest.LogCaptureFixture
) -> None:
    import base64

    secret = "open-sesame-42"
    plain = base64.b64encode(f"\0{ME}\0{secret}".encode())
    with SmtpServer({"AUTH": repeat(plain)}) as server, caplog.at_level(logging.DEBUG):
        settings = SmtpSettings(host=server.host, port=server.port, tls=Tls.NONE, username=ME)
        outcome = SmtpTransport(settings, lambda: secret).send(PARCEL, Ends())
    assert isinstance(outcome, NoLogin)
    for told in (outcome.reply, caplog.text):
        assert secret not in told
        assert plain[:12].decode() not in told


def test_no_line_of_the_log_holds_an_address_or_a_subject(caplog: pytest.LogCaptureFixture) -> None:
    with SmtpServer({"RCPT": f"550 5.1.1 <{DANA}>: nobody\r\n".encode()}) as server, caplog.at_level(logging.DEBUG):
        outcome, _ = send(server)
        assert DANA in outcome.reply  # it is told to the person
    assert caplog.records
    assert not any(word in caplog.text for word in (DANA, ME, "Thank you", PASSWORD))


@pytest.mark.parametrize(
    ("extensions", "method"),
    [(("AUTH LOGIN",), "LOGIN"), (("AUTH PLAIN LOGIN CRAM-MD5",), "PLAIN"), (("AUTH=LOGIN PLAIN",), "PLAIN")],
)
def test_the_login_is_tried_by_one_method(extensions: tuple[str, ...], method: str) -> None:
    with SmtpServer({"AUTH": b"535 5.7.8 No\r\n"}, extensions=extensions) as server:
        assert kind(server) == (NoLogin, 0)
        (login,) = [command for command in server.commands if command.startswith("AUTH")]
        assert login.split()[1] == method


def test_a_server_that_knows_no_login_is_told_of() -> None:
    with SmtpServer(extensions=("AUTH GSSAPI",)) as server:
        assert kind(server) == (NoLogin, 0)


def test_what_goes_wrong_in_writing_down_the_end_goes_through_and_the_end_is_not_sent() -> None:
    class Full(Exception):
        pass

    def full() -> None:
        raise Full

    with SmtpServer() as server, pytest.raises(Full):
        transport(server).send(PARCEL, full)
    assert not server.letters


@pytest.mark.parametrize(
    ("host", "said", "files"),
    [
        ("smtp.gmail.com", None, True),
        ("SMTP.Office365.com.", None, True),
        ("smtp.letters.example", None, False),
        ("smtp.gmail.com", False, False),
        ("smtp.letters.example", True, True),
    ],
)
def test_who_files_the_copy_is_known_by_the_host_or_said_by_the_person(
    host: str, said: bool | None, files: bool
) -> None:
    assert SmtpTransport(SmtpSettings(host=host, username=ME, files_sent=said), str).files_sent is files
