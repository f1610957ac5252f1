"""Access tokens are taken by a real Dovecot, for IMAP and for submission, and refused by servers of several kinds."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from daemon.errors import LoginRefused, LoginUnchecked, MailboxError
from daemon.imap import ImapSettings, Tls, open_imap
from daemon.sasl import AccessToken
from daemon.smtp import SmtpSettings, SmtpTransport
from daemon.transport import Accepted, Deferred, NoLogin, Outcome, Parcel
from tests.daemon.test_imap import scripted
from tests.servers.oauth import signed
from tests.servers.smtp import SmtpServer

ME, DANA = "noor@letters.example", "dana.lee@northwind.example"


def token_for(server: Any, user: str, *, lasts: float = 600, key: bytes | None = None) -> AccessToken:
    jwt = signed(key or (server.directory / "state" / "jwt.secret").read_bytes(), user, lasts=lasts)
    return AccessToken(jwt, grant="g")


# -------------------------------------------------------------------------------------------------------------- IMAP


def at(server: Any, user: str, tls: Tls = Tls.IMPLICIT) -> ImapSettings:
    port = server.tls_port if tls is Tls.IMPLICIT else server.port
    return ImapSettings(host=server.host, port=port, tls=tls, ca_file=server.ca_file, username=user)


@pytest.mark.parametrize("tls", [Tls.IMPLICIT, Tls.STARTTLS, Tls.NONE])
def test_a_mailbox_is_opened_by_a_token(dovecot: Any, tls: Tls) -> None:
    user = dovecot.fresh_user()
    mailbox = open_imap(at(dovecot, user, tls), token_for(dovecot, user))
    assert mailbox.state("INBOX").messages == 0
    mailbox.close()


@pytest.mark.parametrize("wrong", ["expired", "of another user", "of another key"])
def test_a_token_that_is_not_good_is_refused(dovecot: Any, wrong: str) -> None:
    user = dovecot.fresh_user()
    token = {
        "expired": token_for(dovecot, user, lasts=-5),
        "of another user": token_for(dovecot, dovecot.fresh_user()),
        "of another key": token_for(dovecot, user, key=b"other"),
    }[wrong]
    with pytest.raises(LoginRefused) as caught:
        open_imap(at(dovecot, user), token)
    assert token not in str(caught.value)


CHALLENGE = base64.b64encode(b'{"status":"401","schemes":"bearer","scope":"mail"}')


def _exchange(final: bytes, received: list[bytes]) -> Callable[[Any, bytes], None]:
    """Ask for the response, tell of the error in a challenge, and end the exchange as the answer to it says."""

    def act(link: Any, tag: bytes) -> None:
        stream = link.makefile("rb")
        link.sendall(b"+ \r\n")
        received.append(base64.b64decode(stream.readline()))
        link.sendall(b"+ " + CHALLENGE + b"\r\n")
        received.append(base64.b64decode(stream.readline()))
        link.sendall(tag + b" " + final + b"\r\n")

    return act


@pytest.mark.parametrize(
    ("mechanism", "answer"), [("XOAUTH2", b""), ("OAUTHBEARER", b"\x01")], ids=["XOAUTH2", "OAUTHBEARER"]
)
@pytest.mark.parametrize(
    ("final", "kind"),
    [
        (b"NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)", LoginRefused),
        (b"NO AUTHENTICATE failed.", LoginRefused),
        (b"NO [UNAVAILABLE] Temporary authentication failure.", LoginUnchecked),
    ],
)
def test_an_error_that_is_told_in_a_challenge_is_answered_and_the_token_is_sent_once(
    mechanism: str, answer: bytes, final: bytes, kind: type[MailboxError]
) -> None:
    received: list[bytes] = []
    replies = {
        "CAPABILITY": f"* CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH={mechanism}\r\n%s OK done\r\n".encode(),
        "AUTHENTICATE": _exchange(final, received),
    }
    with scripted(replies) as server, pytest.raises(kind):
        open_imap(server.settings(), AccessToken("the-token", grant="g"))
    assert b"Bearer the-token" in received[0]
    assert received[1] == answer
    assert [line.split()[2] for line in server.commands if b"AUTHENTICATE" in line] == [mechanism.encode()]


def test_a_server_that_takes_no_token_gets_none() -> None:
    with scripted() as server:
        with pytest.raises(LoginRefused, match="takes no OAuth token"):
            open_imap(server.settings(), AccessToken("the-token", grant="g"))
        assert not [line for line in server.commands if b"LOGIN" in line or b"AUTHENTICATE" in line]


# -------------------------------------------------------------------------------------------------------------- SMTP


@pytest.fixture(scope="module")
def submission(start_dovecot: Callable[..., Any]) -> Iterator[tuple[Any, SmtpServer]]:
    with SmtpServer() as behind:
        yield start_dovecot(relay=f"{behind.host}:{behind.port}"), behind


def send(settings: SmtpSettings, *secrets: str, spoiled: list[str] | None = None) -> Outcome:
    parcel = Parcel(sender=settings.username, recipients=(DANA,), message=b"Subject: Thank you\r\n\r\nDear Dana,\r\n")
    given = list(secrets)
    transport = SmtpTransport(settings, lambda: given.pop(0), None if spoiled is None else spoiled.append)
    return transport.send(parcel, lambda: None)


def test_a_letter_goes_out_by_a_token(submission: tuple[Any, SmtpServer]) -> None:
    server, behind = submission
    user = server.fresh_user()
    settings = SmtpSettings(
        host=server.host, port=server.submission_port, tls=Tls.STARTTLS, ca_file=server.ca_file, username=user
    )
    assert isinstance(send(settings, token_for(server, user)), Accepted)
    assert [letter.sender for letter in behind.letters] == [user]
    spoiled: list[str] = []
    dead, fresh = token_for(server, user, lasts=-5), token_for(server, user)
    assert isinstance(send(settings, dead, fresh, spoiled=spoiled), Accepted)
    assert spoiled == [dead]
    outcome = send(settings, dead, dead, spoiled=spoiled)
    assert isinstance(outcome, NoLogin)
    assert dead not in outcome.reply


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
@pytest.mark.parametrize(
    ("reply", "kind"),
    [(b"535 5.7.8 No", NoLogin), (b"454 4.7.0 Temporary authentication failure", Deferred)],
)
def test_a_token_that_a_submission_server_refuses_is_never_told(
    mechanism: str, reply: bytes, kind: type[Outcome]
) -> None:
    token = AccessToken("the-planted-token-0123456789", grant="g")
    for form in (token.encode(), base64.b64encode(f"user={ME}\x01auth=Bearer {token}\x01\x01".encode())):
        moments = {"AUTH": reply + b" " + form + b"\r\n"}
        with SmtpServer(moments, extensions=(f"AUTH PLAIN {mechanism}",)) as server:
            outcome = send(SmtpSettings(host=server.host, port=server.port, tls=Tls.NONE, username=ME), token)
            assert isinstance(outcome, kind)
            assert token not in outcome.reply
            assert form.decode() not in outcome.reply
            (login,) = [command for command in server.commands if command.startswith("AUTH")]
            assert login.split()[1] == mechanism


def test_a_submission_server_that_takes_no_token_gets_none() -> None:
    with SmtpServer() as server:
        settings = SmtpSettings(host=server.host, port=server.port, tls=Tls.NONE, username=ME)
        outcome = send(settings, AccessToken("the-token", grant="g"))
        assert isinstance(outcome, NoLogin)
        assert "no login by an OAuth token" in outcome.reply
        assert not [command for command in server.commands if command.startswith("AUTH")]
