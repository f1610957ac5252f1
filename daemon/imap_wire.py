"""The socket to an IMAP server, TLS included, on which nothing waits for ever.

imaplib alone sets a time limit for each piece that arrives only: a server that sends one octet a minute would hold a
call for ever.
"""

from __future__ import annotations

import imaplib
import io
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from daemon.errors import Unreachable
from daemon.mailbox import Use

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

LONGEST_LINE = 8 << 20  # octets; a SEARCH answer of the windows we ask for stays below 1 MiB
LARGEST_LITERAL = 64 << 20  # octets; nothing that we ask for is larger
SENT_AT_ONCE = 64 << 10


class Tls(StrEnum):
    """How the connection is protected: the `tls` of the configuration."""

    IMPLICIT = "implicit"
    STARTTLS = "starttls"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapSettings:
    """Where the mailbox is and who asks."""

    host: str
    port: int = 993
    tls: Tls = Tls.IMPLICIT
    ca_file: Path | None = None  # one more authority, PEM
    username: str
    folders: Mapping[Use, str] = field(default_factory=dict)  # what the person names comes before what is found
    connect_timeout: float = 30.0  # seconds, until the greeting is read
    silence_timeout: float = 60.0  # seconds without a single octet
    call_timeout: float = 180.0  # seconds for a command and its whole answer

    @property
    def name(self) -> str:
        """The server's name for people."""
        return f"{self.host}:{self.port}"


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
