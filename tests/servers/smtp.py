"""An SMTP server on a loopback port that keeps what it got, and misbehaves at a chosen moment: for tests."""

from __future__ import annotations

import base64
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path
from typing import BinaryIO, Self

PASSWORD = "secret"


class Act(Enum):
    """What a server does instead of an answer."""

    DROP = auto()  # it closes the connection
    HANG = auto()  # it says nothing more, and keeps the connection open


@dataclass(frozen=True, slots=True)
class Late:
    """A reply that comes after so many seconds."""

    seconds: float
    reply: bytes


Behaviour = bytes | Act | Late


@dataclass(frozen=True, slots=True)
class Letter:
    """A message whose end arrived, whatever the server said to it."""

    sender: str
    recipients: tuple[str, ...]
    message: bytes


@dataclass
class SmtpServer:
    """Serves until it is closed. `moments` goes from greeting, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA, content (after
    354) or end (after the final dot) to what is done there instead of the usual; a sequence serves one time each, and
    then the usual is done again.
    """

    moments: Mapping[str, Behaviour | list[Behaviour]] = field(default_factory=dict)
    certificate: Path | None = None  # folder with cert.pem and key.pem
    password: str = PASSWORD
    implicit: bool = False
    host: str = "127.0.0.1"
    extensions: tuple[str, ...] = ("8BITMIME", "AUTH PLAIN LOGIN")
    letters: list[Letter] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    logins_in_clear: int = 0

    def __post_init__(self) -> None:
        self._ended = threading.Event()
        self._links: list[socket.socket] = []
        self._listener = socket.create_server((self.host, 0))
        self.port: int = self._listener.getsockname()[1]
        self._context = None
        if self.certificate:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(self.certificate / "cert.pem", self.certificate / "key.pem")
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        # A shutdown wakes the thread that waits in accept; a close alone does not.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for link in self._links:
            with suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                link, _ = self._listener.accept()
            except OSError:
                return
            self._links.append(link)
            thread = threading.Thread(target=self._serve, args=(link,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, link: socket.socket) -> None:
        with suppress(OSError, _Dropped), link:
            if self.implicit and self._context:
                link = self._context.wrap_socket(link, server_side=True)
            session = _Session(self, link)
            try:
                session.run()
            finally:
                session.close()

    def behaviour(self, moment: str) -> Behaviour | None:
        """Take what is to be done at this moment; None: the usual."""
        chosen = self.moments.get(moment)
        if isinstance(chosen, list):
            return chosen.pop(0) if chosen else None
        return chosen

    @property
    def ended(self) -> threading.Event:
        """Is set when the server is closed."""
        return self._ended

    @property
    def context(self) -> ssl.SSLContext | None:
        """What STARTTLS is done with."""
        return self._context


class _Dropped(Exception):
    """The server has closed the connection."""


class _Session:
    """One connection."""

    def __init__(self, server: SmtpServer, link: socket.socket) -> None:
        self._server = server
        self._link = link
        self._stream: BinaryIO = link.makefile("rb")

    def run(self) -> None:
        self._answer("greeting", b"220 mail.example ESMTP\r\n")
        sender, recipients = "", []
        while line := self._stream.readline():
            command = line.decode("latin-1").strip()
            verb = command[:4].upper()
            self._server.commands.append(command)
            if verb in {"EHLO", "HELO"}:
                self._answer("EHLO", self._hello())
            elif verb == "STAR":
                self._start_tls()
            elif verb == "AUTH":
                self._log_in(command)
            elif verb == "MAIL":
                sender, recipients = command[command.index("<") + 1 : command.index(">")], []
                self._answer("MAIL", b"250 2.1.0 Ok\r\n")
            elif verb == "RCPT":
                recipients.append(command[command.index("<") + 1 : command.index(">")])
                self._answer("RCPT", b"250 2.1.5 Ok\r\n")
            elif verb == "DATA":
                self._take(sender, tuple(recipients))
            elif verb == "QUIT":
                self._link.sendall(b"221 2.0.0 Bye\r\n")
                return
            else:
                self._link.sendall(b"250 Ok\r\n")

    def close(self) -> None:
        """Close the connection, and what STARTTLS made of it."""
        self._stream.close()
        self._link.close()

    def _hello(self) -> bytes:
        words = [*self._server.extensions]
        if self._server.context and not isinstance(self._link, ssl.SSLSocket):
            words.append("STARTTLS")
        lines = ["mail.example", *words]
        return "".join(f"250{' ' if n == len(lines) else '-'}{line}\r\n" for n, line in enumerate(lines, 1)).encode()

    def _start_tls(self) -> None:
        self._answer("STARTTLS", b"220 2.0.0 Ready\r\n" if self._server.context else b"502 5.5.1 No\r\n")
        if self._server.context:
            self._link = self._server.context.wrap_socket(self._link, server_side=True)
            self._stream.close()
            self._stream = self._link.makefile("rb")

    def _log_in(self, command: str) -> None:
        self._server.logins_in_clear += not isinstance(self._link, ssl.SSLSocket)
        _, method, first = (*command.split(" "), "")[:3]
        if method.upper() in {"XOAUTH2", "OAUTHBEARER"}:
            self._answer("AUTH", b"535 5.7.8 No such token\r\n")
            return
        if method.upper() == "LOGIN":
            self._link.sendall(b"334 UGFzc3dvcmQ6\r\n")
            password = base64.b64decode(self._stream.readline())
        else:
            password = base64.b64decode(first).split(b"\0")[2]
        fits = password.decode() == self._server.password
        self._answer("AUTH", b"235 2.7.0 Welcome\r\n" if fits else b"535 5.7.8 Wrong password\r\n")

    def _take(self, sender: str, recipients: tuple[str, ...]) -> None:
        if (chosen := self._server.behaviour("DATA")) is not None:
            self._do(chosen)
            return
        self._link.sendall(b"354 Go ahead\r\n")
        if (chosen := self._server.behaviour("content")) is not None:
            self._stream.readline()
            self._do(chosen)
        lines = []
        while (line := self._stream.readline()) != b".\r\n":
            if not line:
                return
            lines.append(line[1:] if line.startswith(b"..") else line)
        self._server.letters.append(Letter(sender, recipients, b"".join(lines)))
        self._answer("end", b"250 2.0.0 Queued as 1\r\n")

    def _answer(self, moment: str, usual: bytes) -> None:
        chosen = self._server.behaviour(moment)
        self._do(usual if chosen is None else chosen)

    def _do(self, chosen: Behaviour) -> None:
        if isinstance(chosen, Late):
            self._server.ended.wait(chosen.seconds)
            chosen = chosen.reply
        if isinstance(chosen, bytes):
            self._link.sendall(chosen)
        elif chosen is Act.HANG:
            self._server.ended.wait()
            raise _Dropped
        else:
            raise _Dropped
