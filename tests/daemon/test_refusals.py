"""What servers say to a refused login is read as one of three meanings; the replies are of the kinds that they give."""

from __future__ import annotations

import pytest

from daemon.refusals import Meaning, meaning_of, says_busy

CAPACITY, TRANSIENT, WRONG = Meaning.CAPACITY, Meaning.TRANSIENT, Meaning.WRONG_SECRET

IMAP = {
    "gmail": [
        ("[AUTHENTICATIONFAILED] Invalid credentials (Failure)", WRONG),
        ("[ALERT] Application-specific password required: https://help.example/185833 (Failure)", WRONG),
        ("[ALERT] Please log in via your web browser: https://help.example/78754 (Failure)", WRONG),
        ("[WEBALERT https://accounts.example/signin/continue] Web login required. (Failure)", WRONG),
        ("[ALERT] Your account is not enabled for IMAP use. (Failure)", WRONG),
        ("[ALERT] Too many simultaneous connections. (Failure)", CAPACITY),
        ("[OVERQUOTA] Account exceeded command or bandwidth limits.", CAPACITY),
        ("[UNAVAILABLE] Temporary System Error (Failure)", TRANSIENT),
        ("System Error (Failure)", TRANSIENT),
    ],
    "outlook": [
        ("LOGIN failed.", WRONG),
        ("AUTHENTICATE failed.", WRONG),
        ("LOGIN failed. Account is blocked. Login to your account via a web browser", WRONG),
        ("User is authenticated but not connected.", TRANSIENT),
        ("Server Unavailable. 15", TRANSIENT),
        ("Command Error. Internal server error 11", TRANSIENT),
        ("Request is throttled. Suggested Backoff Time: 178755 milliseconds", CAPACITY),
    ],
    "dovecot": [
        ("[AUTHENTICATIONFAILED] Authentication failed.", WRONG),
        ("[AUTHORIZATIONFAILED] Authorization failed", WRONG),
        ("[EXPIRED] Password expired.", WRONG),
        ("[PRIVACYREQUIRED] Plaintext authentication disallowed on non-secure (SSL/TLS) connections.", WRONG),
        ("[UNAVAILABLE] Temporary authentication failure. [mx:2026-11-29 00:01:02]", TRANSIENT),
        ("[UNAVAILABLE] Internal error occurred. Refer to server log for more information.", TRANSIENT),
        ("[SERVERBUG] Internal login failure (pid=17 id=1) (auth failed)", TRANSIENT),
        ("[LIMIT] Maximum number of connections from user+IP exceeded (mail_max_userip_connections=10)", CAPACITY),
        ("[INUSE] Mailbox is locked by another session", CAPACITY),
    ],
    "yahoo": [
        ("[AUTHENTICATIONFAILED] LOGIN Invalid credentials", WRONG),
        ("[AUTHENTICATIONFAILED] AUTHENTICATE Invalid credentials, please try again later", WRONG),
        ("[AUTHORIZATIONFAILED] LOGIN Rate limit hit.", CAPACITY),
        ("[LIMIT] LOGIN Rate limit hit.", CAPACITY),
        ("[UNAVAILABLE] LOGIN Server error - Please try again later", TRANSIENT),
        ("LOGIN failed, please try again later", TRANSIENT),
    ],
    "icloud": [
        ("[AUTHENTICATIONFAILED] Authentication Failed", WRONG),
        ("[AUTHENTICATIONFAILED] Authentication failed. Use an app-specific password", WRONG),
        ("[UNAVAILABLE] Backend timed out", TRANSIENT),
        ("[ALERT] Too many connections from this account", CAPACITY),
    ],
}

SMTP = {
    "gmail": [
        (535, "5.7.8 Username and Password not accepted. For more information, go to\nhttps://help.example", WRONG),
        (534, "5.7.9 Application-specific password required.", WRONG),
        (534, "5.7.14 Please log in via your web browser and then try again.", WRONG),
        (454, "4.7.0 Too many login attempts, please try again later.", CAPACITY),
        (454, "4.7.0 Cannot authenticate due to a temporary system problem. Try again later.", TRANSIENT),
        (421, "4.7.0 Try again later, closing connection.", TRANSIENT),
    ],
    "outlook": [
        (535, "5.7.3 Authentication unsuccessful [AM0P190CA0001.EURP190.PROD.example]", WRONG),
        (535, "5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.", WRONG),
        (535, "5.7.139 Authentication unsuccessful, the user credentials were incorrect.", WRONG),
        (432, "4.3.2 Concurrent connections limit exceeded.", CAPACITY),
        (454, "4.7.0 Temporary authentication failure.", TRANSIENT),
    ],
    "dovecot": [
        (535, "5.7.8 Authentication failed.", WRONG),
        (454, "4.7.0 Temporary authentication failure.", TRANSIENT),
    ],
    "yahoo": [
        (535, "5.7.0 (#AUTH005) Too many bad auth attempts.", CAPACITY),
        (535, "Authentication failed", WRONG),
        (451, "4.3.2 Internal error reading data", TRANSIENT),
    ],
    "icloud": [
        (535, "5.7.8 Error: authentication failed: authentication failure", WRONG),
        (454, "4.7.0 Error: authentication failed: Connection lost to authentication server", TRANSIENT),
    ],
}


@pytest.mark.parametrize(
    ("kind", "text", "meaning"), [(kind, *reply) for kind, replies in IMAP.items() for reply in replies]
)
def test_a_refused_imap_login_has_one_of_three_meanings(kind: str, text: str, meaning: Meaning) -> None:
    assert meaning_of(text) is meaning, kind
    assert meaning_of(text.upper()) is meaning, kind


@pytest.mark.parametrize(
    ("kind", "code", "text", "meaning"), [(kind, *reply) for kind, replies in SMTP.items() for reply in replies]
)
def test_a_refused_smtp_login_has_one_of_three_meanings(kind: str, code: int, text: str, meaning: Meaning) -> None:
    assert meaning_of(text, reply_code=code) is meaning, kind


def test_what_has_nothing_to_do_with_the_load_is_not_taken_for_it() -> None:
    for text in ("[OVERQUOTA] Quota exceeded", "[TRYCREATE] No such mailbox", "[TOOBIG] Message exceeds the limit"):
        assert not says_busy(text)
    assert says_busy("[UNAVAILABLE] Temporary System Error")
