"""Settings and a secret in, a wire that is verified and logged in out: TLS, the greeting, the login.

imapclient does the talking here. What it cannot tell apart is told apart here: a server that is busy, one that refuses
the password, one that hung up, and one that is not who it says.
"""

from __future__ import annotations

import imaplib
import re
import ssl

import imapclient

from daemon.errors import CertificateRefused, LoginRefused, LoginUnchecked, MailboxError, ServerBusy, Unreachable
from daemon.imap_wire import ImapSettings, Tls, Wire
from daemon.redaction import redacted
from daemon.refusals import Meaning, meaning_of, says_busy
from daemon.sasl import AccessToken, answer_to_failure, choose, first_response


class _Client(imapclient.IMAPClient):  # type: ignore[misc]  # imapclient has no types
    def __init__(self, settings: ImapSettings, context: ssl.SSLContext | None) -> None:
        self._settings = settings
        self._context = context
        super().__init__(settings.host, settings.port, ssl=settings.tls is Tls.IMPLICIT)
        # imapclient sets 5, with which imaplib formats every line it sees for a log that nobody reads.
        self._imap.debug = 0

    def _create_IMAP4(self) -> Wire:  # noqa: N802 - imapclient's name
        return Wire(self._settings, self._context)

    def _set_read_timeout(self) -> None:
        """The wire sets it before each wait."""


def connect(settings: ImapSettings, secret: str) -> tuple[Wire, frozenset[str]]:
    """Give a wire that is logged in, and the server's capabilities in upper case.

    `secret` is a password or an AccessToken. Raises Unreachable, LoginRefused, LoginUnchecked or ServerBusy.
    """
    context = _context(settings)
    try:
        client = _Client(settings, context)
    except ssl.SSLCertVerificationError as error:
        raise _not_to_be_trusted(settings, error) from error
    except imaplib.IMAP4.error as error:  # a greeting that is none, or BYE
        raise _turned_away(settings, str(error)) from error
    except (OSError, UnicodeError, ValueError) as error:
        raise Unreachable(f"No connection to {settings.name} ({settings.tls}): {error}.") from error
    wire: Wire = client._imap
    try:
        wire.deadline.allow(settings.call_timeout)
        _protect(settings, client, context)
        _log_in(settings, client, secret)
        return wire, _capabilities(client)
    except BaseException as error:
        wire.shutdown()
        said = _harmless(str(error), settings, secret)
        if isinstance(error, ssl.SSLCertVerificationError):
            raise _not_to_be_trusted(settings, error) from error
        # What caused it may quote the secret: it must not come to light in a traceback, whatever else goes wrong.
        if isinstance(error, imaplib.IMAP4.error):
            raise _turned_away(settings, said) from None
        if isinstance(error, (OSError, ValueError, LookupError)):
            raise Unreachable(f"The connection to {settings.name} broke during the login: {said}.") from None
        raise


def _context(settings: ImapSettings) -> ssl.SSLContext | None:
    if settings.tls is Tls.NONE:
        return None
    context = ssl.create_default_context()
    if settings.ca_file is not None:
        try:
            context.load_verify_locations(cafile=settings.ca_file)
        except OSError as error:
            raise Unreachable(f"The ca_file {settings.ca_file} cannot be used: {error}.") from error
    return context


def _protect(settings: ImapSettings, client: imapclient.IMAPClient, context: ssl.SSLContext | None) -> None:
    if client._imap.state != "NONAUTH":
        # PREAUTH lets somebody in the network show us a mailbox of their own (CVE-2020-12398 and others).
        raise Unreachable(f"{settings.name} says that we are logged in already (PREAUTH), which is not to be trusted.")
    if settings.tls is Tls.STARTTLS:
        if not client.has_capability("STARTTLS"):
            raise Unreachable(f"{settings.name} offers no STARTTLS: try “tls: implicit” with port 993.")
        client.starttls(context)


def _log_in(settings: ImapSettings, client: imapclient.IMAPClient, secret: str) -> None:
    if re.search(r"[\r\n\0]", settings.username + secret):
        raise LoginRefused(f"The user name or the password for {settings.name} has a line break in it.")
    try:
        if isinstance(secret, AccessToken):
            _present(settings, client, secret)
        elif (settings.username + secret).isascii() and not client.has_capability("LOGINDISABLED"):
            client.login(_quoted(settings.username), secret)  # imaplib quotes the password, and only that
        elif client.has_capability("AUTH=PLAIN"):
            client.plain_login(settings.username, secret)
        else:
            raise LoginRefused(
                f"{settings.name} takes no password over this connection (tls: {settings.tls}), or not this one, "
                "which has letters outside ASCII."
            )
    except imapclient.exceptions.LoginError as error:
        if isinstance(error.__context__, imaplib.IMAP4.abort):  # it hung up; imapclient makes no difference
            raise _turned_away(settings, _harmless(str(error), settings, secret)) from None  # as above
        raise _refused(settings, _harmless(_said(error), settings, secret)) from None


def _present(settings: ImapSettings, client: imapclient.IMAPClient, token: AccessToken) -> None:
    """Log in with an access token, by the mechanism that the server offers."""
    words = (word.decode("ascii", "replace") for word in client.capabilities())
    mechanism = choose([word.partition("=")[2] for word in words if word.upper().startswith("AUTH=")])
    if mechanism is None:
        raise LoginRefused(f"{settings.name} takes no OAuth token over this connection (tls: {settings.tls}).")
    responses = [
        first_response(mechanism, settings.username, token, host=settings.host, port=settings.port),
        answer_to_failure(mechanism),
    ]
    # A server that asks a third time gets "*", which ends the exchange.
    client.sasl_login(mechanism, lambda _: responses.pop(0) if responses else None)


def _refused(settings: ImapSettings, said: str) -> MailboxError:
    match meaning_of(said):
        case Meaning.CAPACITY:
            return ServerBusy(f"{settings.name} asks to come back later: {said}")
        case Meaning.TRANSIENT:
            return LoginUnchecked(f"{settings.name} could not check the login: {said}")
        case _:
            return LoginRefused(f"{settings.name} refuses the login: {said}")


def _capabilities(client: imapclient.IMAPClient) -> frozenset[str]:
    """Give what the server can do now: what it said last during the login, else what it says when it is asked."""
    told = client._imap.untagged_responses.pop("CAPABILITY", None)  # imapclient would take what it said first
    told = told or [client._command_and_check("capability", unpack=True)]
    return frozenset((told[-1] or b"").decode("ascii", "replace").upper().split())


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _turned_away(settings: ImapSettings, text: str) -> MailboxError:
    if says_busy(text):
        return ServerBusy(f"{settings.name} asks to come back later: {text}")
    return Unreachable(f"{settings.name} turned us away: {text}")


def _not_to_be_trusted(settings: ImapSettings, error: ssl.SSLCertVerificationError) -> CertificateRefused:
    return CertificateRefused(
        f"The certificate of {settings.name} cannot be trusted: {error.verify_message}. If the server is your own, "
        "name its authority's certificate as “ca_file” in the configuration.",
        reason=error.verify_message,
    )


def _said(error: BaseException) -> str:
    text = str(error)
    return text[2:-1] if text.startswith(("b'", 'b"')) else text


def _harmless(said: str, settings: ImapSettings, secret: str) -> str:
    """Take out what some servers repeat: it goes to the log."""
    said = redacted(said, username=settings.username, secret=secret, host=settings.host, port=settings.port)
    return (said.replace(settings.username, "…") if len(settings.username) > 3 else said)[:300]
