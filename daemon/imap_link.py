"""Commands in, answers out, on a connection that is logged in; every argument goes through one gate.

RFC 9051 (and RFC 3501). A command that the server refuses is an answer like any other; a connection that breaks, takes
too long or does not speak IMAP raises LinkLost and is never used again.
"""

from __future__ import annotations

import imaplib
import itertools
import re
from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass

from imapclient import imap_utf7

from daemon.errors import LinkLost, MailboxError, ServerBusy
from daemon.imap_wire import Wire
from daemon.refusals import says_busy

HIGHEST_UID = 2**32 - 1  # RFC 9051 section 9, nz-number
LONGEST_ARGUMENT = 1000  # octets; RFC 9051 section 4 leaves it to the server, none refuses this

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_LITERAL_FOLLOWS = re.compile(rb"\{(\d{1,10})\+?\}\r?\n\Z")
# RFC 9051 7.1: their text is for people and may end like the announcement of a literal
_STATUS = re.compile(rb"\* (?:OK|NO|BAD|BYE|PREAUTH)\b", re.IGNORECASE)
_COUNT = re.compile(rb"\* (\d{1,10}) (EXISTS|EXPUNGE)\b", re.IGNORECASE)


class Literal(bytes):
    """An argument that is sent as a synchronising literal."""


Chunks = list[bytes]  # one untagged answer: text, literal, text, literal, ..., text; without the "* " and the line end


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """The tagged answer: OK, NO or BAD, and the text behind it, response code included."""

    status: str
    text: str

    @property
    def ok(self) -> bool:
        """Whether the command was done."""
        return self.status == "OK"

    @property
    def code(self) -> str:
        """The name of the response code (RFC 9051 7.1) in upper case, or nothing."""
        found = re.match(r"\[([A-Za-z0-9-]+)", self.text)
        return found[1].upper() if found else ""


def argument(text: str) -> bytes | Literal:
    """Make an argument of text that others chose: a quoted string, or a literal where it is not ASCII.

    Raises MailboxError for what could end the argument and begin a command: control characters, and for what no server
    stores: lone surrogates, nothing at all, more than LONGEST_ARGUMENT octets.
    """
    if not text or _CONTROL.search(text):
        raise MailboxError(f"“{text[:60]!r}” cannot be sent to a mail server: it is empty or has control characters.")
    try:
        octets = text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise MailboxError(f"{text[:60]!r} cannot be sent to a mail server: it is not valid Unicode.") from error
    if len(octets) > LONGEST_ARGUMENT:
        raise MailboxError(f"“{text[:60]}…” cannot be sent to a mail server: it is too long.")
    return quoted(octets) if text.isascii() else Literal(octets)


def folder_argument(name: str) -> bytes:
    """Make an argument of a decoded folder name (RFC 3501 5.1.3: modified UTF-7)."""
    argument(name)
    return quoted(imap_utf7.encode(name))


def quoted(octets: bytes) -> bytes:
    """Quote a string (RFC 9051 section 9, `quoted`)."""
    return b'"' + octets.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


class Link:
    """One connection."""

    def __init__(self, wire: Wire, name: str, *, patience: float) -> None:
        self._wire = wire
        self._name = name
        self._patience = patience
        self._tags = itertools.count(1)
        self._idling: bytes | None = None
        self.lost = False
        self.messages = 0  # in the folder that is open, as far as the server has told
        self.changed = False  # whether the server told of an arrival or a removal since this was last set to False

    def run(self, *words: bytes, patience: float | None = None) -> tuple[Completion, list[Chunks]]:
        """Send a command and give its completion and every untagged answer that came with it."""
        answers: list[Chunks] = []
        stream = self.stream(*words, patience=patience)
        while True:
            try:
                answers.append(next(stream))
            except StopIteration as end:
                completion: Completion = end.value
                return completion, answers

    def stream(self, *words: bytes, patience: float | None = None) -> Generator[Chunks, None, Completion]:
        """Send a command, yield the untagged answers as they come, return its completion. Must be run to its end."""
        try:
            self._begin(patience or self._patience)
            tag = self._tag()
            pending = bytearray(tag)
            for word in words:
                pending += b" "
                if isinstance(word, Literal):
                    pending += b"{%d}\r\n" % len(word)
                    self._wire.send(pending)
                    if (refused := (yield from self._answers(tag, until_continuation=True))) is not None:
                        return refused
                    self._wire.send(word)
                    pending.clear()
                else:
                    pending += word
            self._wire.send(pending + b"\r\n")
            completion = yield from self._answers(tag)
        except GeneratorExit:
            self.lost = True  # somebody stopped in the middle of an answer: what follows belongs to no command
            raise
        except (OSError, imaplib.IMAP4.error, ValueError) as error:
            raise self._loss(error) from error
        if completion is None:
            raise self._loss(ValueError("it asks to go on where there is nothing more"))
        return completion

    # ---------------------------------------------------------------------------------------------------- RFC 2177

    def begin_idle(self) -> int | None:
        """Start IDLE and give the socket, or None when the server does not know it. Raises ServerBusy."""
        try:
            self._begin(self._patience)
            tag = self._tag()
            self._wire.send(tag + b" IDLE\r\n")
            answers = self._answers(tag, until_continuation=True)
            while True:
                try:
                    next(answers)
                except StopIteration as end:
                    if end.value is None:
                        break
                    if says_busy(end.value.text):
                        raise ServerBusy(f"{self._name} asks to come back later: {end.value.text[:300]}") from None
                    return None
        except (OSError, imaplib.IMAP4.error, ValueError) as error:
            raise self._loss(error) from error
        self._idling = tag
        return self._wire.sock.fileno()

    def holds_unread(self) -> bool:
        """Whether an answer was received that is not read yet, so that the socket stays silent about it."""
        return self._wire.holds_unread()

    def end_idle(self, patience: float) -> None:
        """End IDLE, if it was started."""
        if self._idling is None:
            return
        tag, self._idling = self._idling, None
        try:
            self._begin(patience)
            self._wire.send(b"DONE\r\n")
            for _ in self._answers(tag):
                pass
        except (OSError, imaplib.IMAP4.error, ValueError) as error:
            raise self._loss(error) from error

    def close(self, patience: float) -> None:
        """Say goodbye if that is quick, and close the socket."""
        if not self.lost and self._idling is None:
            with suppress(OSError, imaplib.IMAP4.error, ValueError):
                self._begin(patience)
                self._wire.send(self._tag() + b" LOGOUT\r\n")
                while self._wire.readline():
                    pass
        self.lost = True
        with suppress(OSError):
            self._wire.shutdown()

    # ---------------------------------------------------------------------------------------------------- reading

    def _begin(self, patience: float) -> None:
        if self.lost:
            raise LinkLost(f"The connection to {self._name} is closed.")
        if self._idling is not None:
            raise MailboxError("The mailbox is being waited on: the wait must be ended first.")
        self._wire.deadline.allow(patience)

    def _tag(self) -> bytes:
        return b"T%d" % next(self._tags)

    def _loss(self, error: Exception) -> LinkLost:
        self.lost = True
        reason = "no answer came in time" if isinstance(error, TimeoutError) else error
        return LinkLost(f"The connection to {self._name} is lost: {reason}.")

    def _answers(self, tag: bytes, *, until_continuation: bool = False) -> Generator[Chunks, None, Completion | None]:
        """Yield untagged answers; return the completion, or None at the "+" that was waited for."""
        tagged = tag + b" "
        while True:
            line = self._line()
            if line.startswith(b"* "):
                chunks = self._chunks(line)
                self._note(line)
                yield chunks
            elif line.startswith(tagged):
                status, _, text = line[len(tagged) :].rstrip(b"\r\n").partition(b" ")
                if status.upper() not in (b"OK", b"NO", b"BAD"):
                    raise ValueError(f"it ends a command with {status[:20]!r}")
                return Completion(status=status.decode("ascii").upper(), text=text.decode("utf-8", "replace"))
            elif line.startswith(b"+") and until_continuation:
                return None
            elif line.strip():
                raise ValueError(f"it says {line[:60]!r}, which is not IMAP")

    def _line(self) -> bytes:
        line = self._wire.readline()
        if not line.endswith(b"\n"):
            raise ConnectionResetError("the server hung up")
        return line

    def _chunks(self, line: bytes) -> Chunks:
        if not line.endswith((b"}\r\n", b"}\n")) or _STATUS.match(line):
            return [line[2:].rstrip(b"\r\n")]
        chunks = []
        line = line[2:]
        while (announced := _LITERAL_FOLLOWS.search(line)) is not None:
            size = int(announced[1])
            literal = self._wire.read(size)
            if len(literal) < size:
                raise ConnectionResetError("the server hung up")
            chunks += [line[: announced.start()], literal]
            line = self._line()
        chunks.append(line.rstrip(b"\r\n"))
        return chunks

    def _note(self, line: bytes) -> None:
        if line[2:5].upper() == b"BYE":
            raise ConnectionResetError(f"the server said goodbye ({line[6:].decode('utf-8', 'replace').strip()[:200]})")
        count = _COUNT.match(line)
        if count is not None:
            self.changed = True
            self.messages = int(count[1]) if count[2].upper() == b"EXISTS" else max(0, self.messages - 1)
