"""Opens a connection to an IMAP server that is verified and logged in, and on which nothing waits for ever.

imapclient does the greeting, STARTTLS and the login. Below it lies our own reading of the socket: imaplib sets a time
limit for each piece that arrives only, so a server that sends one octet a minute would hold a call for ever.
"""

from __future__ import annotations

import imaplib
import io
import ipaddress
import re
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import imapclient

from daemon.errors import LoginRefused, MailboxError, ServerBusy, Unreachable
from daemon.mailbox import Use

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

LONGEST_LINE = 8 << 20  # octets; a SEARCH answer of the windows we ask for stays below 1 MiB
LARGEST_LITERAL = 64 << 20  # octets; nothing that we ask for is larger
SENT_AT_ONCE = 64 << 10

# RFC 5530 and what Gmail, Exchange and Dovecot say instead of its codes when the account has too many connections or
# has been too busy (seen in issue trackers; a wrong password is said in other words).
_BUSY = re.compile(
    r"\[(?:LIMIT|UNAVAILABLE|INUSE|SERVERBUG|THROTTLED)\b|too many|maximum number|simultaneous|bandwidth|rate limit"
    r"|throttl|backoff|try again|tempor|authenticated but not connected|internal error",
    re.IGNORECASE,
)


class Tls(StrEnum):
    """How the connection is protected: the `tls` of the configuration."""

    IMPLICIT = "implicit"
    STARTTLS = "starttls"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapSettings:
    """Where the mailbox is and who asks. With `oauth` the secret is an access token."""

    host: str
    port: int = 993
    tls: Tls = Tls.IMPLICIT
    ca_file: Path | None = None  # one more authority, PEM
    username: str
    oauth: bool = False
    folders: Mapping[Use, str] = field(default_factory=dict)  # what the person names comes before what is found
    connect_timeout: float = 30.0  # seconds, until the greeting is read
    silence_timeout: float = 60.0  # seconds without a single octet
    call_timeout: float = 180.0  # seconds for a command and its whole answer

    @property
    def name(self) -> str:
        """The server's name for people."""
        return f"{self.host}:{self.port}"


def says_busy(text: str) -> bool:
    """Whether a refusal asks to come back later."""
    return _BUSY.search(text) is not None


class Deadline:
    """The instant by which the call under way must have ended."""

    def __init__(self, silence: float) -> None:
        self._silence = silence
        self._end = monotonic() + silence

    def allow(self, seconds: float) -> None:
        """Give the next call this long."""
        self._end = monotonic() + seconds

    def left(self) -> float:
        """Give the seconds for which the socket may now be silent; raises TimeoutError when none is left."""
        left = self._end - monotonic()
        if left <= 0:
            raise TimeoutError("the server took too long")
        return min(left, self._silence)


class _Source(io.RawIOBase):
    """The socket as a raw stream that looks at the deadline before each wait."""

    def __init__(self, link: socket.socket, deadline: Deadline) -> None:
        super().__init__()
        self._link = link
        self._deadline = deadline
        self.dry = False  # when set, what has not been read from the socket yet counts as not there

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int | None:
        if self.dry:
            return None
        self._link.settimeout(self._deadline.left())
        return self._link.recv_into(buffer)


class Wire(imaplib.IMAP4):
    """imaplib over a socket with a deadline."""

    def __init__(self, settings: ImapSettings, context: ssl.SSLContext | None) -> None:
        self._settings = settings
        self._context = context
        self.deadline = Deadline(settings.silence_timeout)
        self.deadline.allow(settings.connect_timeout)
        super().__init__(settings.host, settings.port)

    def open(self, host: str = "", port: int = 143, timeout: float | None = None) -> None:
        self.host, self.port = host, port
        self.sock = self._connected()
        if self._settings.tls is Tls.NONE and not ipaddress.ip_address(self.sock.getpeername()[0]).is_loopback:
            self.sock.close()
            raise Unreachable(
                f"“tls: none” is for loopback addresses only, and {self._settings.name} is not one: "
                "set it to implicit (port 993) or starttls (port 143)."
            )
        if self._settings.tls is Tls.IMPLICIT:
            self._secure()
        else:
            self._listen()

    def _connected(self) -> socket.socket:
        """Connect to the first address that answers; all of them share one deadline."""
        problem: OSError | None = None
        for family, kind, protocol, _, address in socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM):
            link = socket.socket(family, kind, protocol)
            try:
                link.settimeout(self.deadline.left())
                link.connect(address)
            except OSError as error:
                link.close()
                problem = error
            else:
                link.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
                link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return link
        raise problem or OSError(f"{self.host} has no address")

    def _secure(self) -> None:
        assert self._context is not None  # noqa: S101 - connect() makes one whenever TLS is asked for
        self.sock.settimeout(self.deadline.left())
        plain = self.sock
        try:
            self.sock = self._context.wrap_socket(plain, server_hostname=self.host)
        except (OSError, ValueError):
            plain.close()
            raise
        self._listen()

    def _listen(self) -> None:
        self._source = _Source(self.sock, self.deadline)
        self._buffered = io.BufferedReader(self._source, 64 << 10)

    def starttls(self, ssl_context: ssl.SSLContext | None = None) -> tuple[str, list[None]]:  # type: ignore[override]  # a wider str
        """Switch to TLS. What came in the clear behind the answer is an attack (nostarttls.secvuln.info): we stop."""
        status, text = self._simple_command("STARTTLS")
        if status != "OK":
            raise self.abort(f"STARTTLS was refused: {text!r}")
        if self.holds_unread():
            raise self.abort("the server sent something in the clear behind its answer to STARTTLS")
        self.untagged_responses.clear()
        self._secure()
        self._tls_established = True
        self._get_capabilities()
        return "OK", [None]

    def holds_unread(self) -> bool:
        """Whether something was received that nobody has read yet: the socket does not become readable for it."""
        self._source.dry = True
        try:
            unread = bool(self._buffered.peek(1))
        finally:
            self._source.dry = False
        return unread or (isinstance(self.sock, ssl.SSLSocket) and self.sock.pending() > 0)

    def read(self, size: int) -> bytes:
        if size > LARGEST_LITERAL:
            raise self.abort(f"the server wants to send {size} octets at once")
        return self._buffered.read(size)

    def readline(self) -> bytes:
        line = self._buffered.readline(LONGEST_LINE)
        if len(line) == LONGEST_LINE:
            raise self.abort("the server sends a line without end")
        return line

    def send(self, data: ReadableBuffer) -> None:
        rest = memoryview(data)
        while rest:
            self.sock.settimeout(self.deadline.left())
            rest = rest[self.sock.send(rest[:SENT_AT_ONCE]) :]

    def shutdown(self) -> None:
        self.sock.close()


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

    Raises Unreachable, LoginRefused or ServerBusy.
    """
    context = _context(settings)
    try:
        client = _Client(settings, context)
    except ssl.SSLCertVerificationError as error:
        raise Unreachable(_certificate_advice(settings, error)) from error
    except imaplib.IMAP4.error as error:  # a greeting that is none, or BYE
        raise _turned_away(settings, str(error)) from error
    except (OSError, UnicodeError, ValueError) as error:
        raise Unreachable(f"No connection to {settings.name} ({settings.tls}): {error}.") from error
    wire: Wire = client._imap
    try:
        wire.deadline.allow(settings.call_timeout)
        _protect(settings, client, context)
        _log_in(settings, client, secret)
        return wire, frozenset(word.decode("ascii", "replace") for word in client.capabilities())
    except BaseException as error:
        wire.shutdown()
        if isinstance(error, ssl.SSLCertVerificationError):
            raise Unreachable(_certificate_advice(settings, error)) from error
        if isinstance(error, imaplib.IMAP4.error):
            raise _turned_away(settings, str(error)) from error
        if isinstance(error, (OSError, ValueError, LookupError)):
            raise Unreachable(f"The connection to {settings.name} broke during the login: {error}.") from error
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
        if settings.oauth:
            _log_in_with_token(settings, client, secret)
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
            raise _turned_away(settings, str(error)) from error
        if says_busy(str(error)):
            raise ServerBusy(f"{settings.name} asks to come back later: {_said(error)}") from error
        raise LoginRefused(f"{settings.name} refuses the login of {settings.username}: {_said(error)}") from error


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _log_in_with_token(settings: ImapSettings, client: imapclient.IMAPClient, token: str) -> None:
    if client.has_capability("AUTH=XOAUTH2"):
        client.oauth2_login(settings.username, token)
    elif client.has_capability("AUTH=OAUTHBEARER"):
        client.oauthbearer_login(settings.username, token)
    else:
        raise LoginRefused(f"{settings.name} takes no access token (neither XOAUTH2 nor OAUTHBEARER).")


def _turned_away(settings: ImapSettings, text: str) -> MailboxError:
    if says_busy(text):
        return ServerBusy(f"{settings.name} asks to come back later: {text}")
    return Unreachable(f"{settings.name} turned us away: {text}")


def _certificate_advice(settings: ImapSettings, error: ssl.SSLCertVerificationError) -> str:
    return (
        f"The certificate of {settings.name} cannot be trusted: {error.verify_message}. If the server is your own, "
        "name its authority's certificate as “ca_file” in the configuration."
    )


def _said(error: BaseException) -> str:
    text = str(error)
    return text[2:-1] if text.startswith(("b'", 'b"')) else text
