"""Reads mail in a process of its own: bytes of a message in, facts out; what they do to that process stays there.

The process is started when there is something to read and ends by itself when nothing came for a while. One that dies
is started anew, and the message that it died of is named unreadable: the rest of the mailbox goes on.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import struct
import subprocess
import sys
import threading
import time
from dataclasses import asdict, replace
from datetime import datetime

from daemon.codec import load_facts
from daemon.errors import TactfulError
from daemon.mailreader import MailReader, Unreadable
from daemon.worker_process import DONE, FAILED, MAILS, READERS, READY, Bounds
from parsers.mail import MAIL_LIMIT
from parsers.model import Facts, Mail
from parsers.reader import Reader

START_LIMIT = 120.0  # seconds until it can read; on a loaded machine
ANSWER_LIMIT = 60.0  # seconds for one message; its own bound counts the processor's time alone
LARGEST_ANSWER = 16 << 20  # octets
_ATTEMPTS = 2  # a process may also die of something else than the message: the machine was short of memory
_COMMAND = (sys.executable, "-I", "-m", "daemon.worker_process")  # -I: no module of the environment or the folder


class NoWorker(TactfulError):
    """The process that reads mail cannot be started; nothing is read without it."""

    exit_status = 75


class _Died(Exception):
    """The process ended, or gave no sense; its text is why."""


class _StillBorn(_Died):
    """It ended before it could read anything: no message is to blame."""


class Worker(MailReader):
    """Reads one message at a time, whoever asks."""

    def __init__(self, bounds: Bounds | None = None) -> None:
        self._bounds = bounds or Bounds()
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._ready = False
        self._reader: Reader | None = None  # as the process knows it

    def begin(self) -> None:
        with self._turn:
            self._start()

    def facts(self, message: bytes, received_at: datetime | None, reader: Reader) -> Facts:
        document = self._ask("facts", message, received_at, reader)
        try:
            facts = load_facts(document.decode("utf-8", "surrogatepass"))
        except ValueError as error:
            raise Unreadable("reading it gave no facts") from error
        # Whoever took over that process may say anything of this one message, but of no other account or time.
        return replace(facts, account=reader.account, received_at=received_at or facts.received_at)

    def answer(self, message: bytes, received_at: datetime) -> Mail:
        document = self._ask("answer", message, received_at, None)
        try:
            return replace(MAILS.validate_json(document), received_at=received_at)
        except ValueError as error:
            raise Unreadable("reading it gave no mail") from error

    @property
    def pid(self) -> int | None:
        """The process that reads, while there is one."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def close(self) -> None:
        """End the process; another is started when it is needed."""
        with self._turn:
            self._end()

    def _ask(self, what: str, message: bytes, received_at: datetime | None, reader: Reader | None) -> bytes:
        why = ""
        with self._turn:
            for attempt in range(_ATTEMPTS):
                try:
                    return self._exchange(what, message[: MAIL_LIMIT + 1], received_at, reader)
                except _StillBorn as error:
                    self._end()
                    if attempt + 1 == _ATTEMPTS:
                        raise NoWorker(f"the process that reads mail does not start: {error}") from None
                except _Died as error:
                    why = str(error)
                    if self._end() == -signal.SIGPROF:
                        raise Unreadable(f"reading it takes more than {self._bounds.cpu:g} s") from None
        raise Unreadable(f"reading it ended the process that reads: {why}")

    def _exchange(self, what: str, message: bytes, received_at: datetime | None, reader: Reader | None) -> bytes:
        process = self._start()
        if not self._ready:
            try:
                self._ready = _receive(process, START_LIMIT) == READY
            except _Died as error:
                raise _StillBorn(str(error)) from None
        order: dict[str, object] = {"what": what, "received_at": received_at.isoformat() if received_at else None}
        if reader is not None and reader != self._reader:
            order["reader"] = READERS.dump_python(reader, mode="json")
        request = json.dumps(order).encode()
        frames = (struct.pack("!I", len(request)), request, struct.pack("!I", len(message)), message)
        _send(process, b"".join(frames), ANSWER_LIMIT)
        answer = _receive(process, ANSWER_LIMIT)
        self._reader = reader or self._reader
        if answer[:1] == FAILED:
            raise Unreadable(f"reading it failed ({answer[1:60].decode('ascii', 'replace')})")
        if answer[:1] != DONE:
            raise _Died("it gave no sense")
        return answer[1:]

    def _start(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._end()
        try:
            # No environment: secrets may be in it. Nothing it prints of a fault goes to the log: it may quote the mail.
            process = subprocess.Popen(  # noqa: S603 - our own module, by this very interpreter
                (*_COMMAND, json.dumps(asdict(self._bounds))),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={},
                cwd="/",
            )
        except OSError as error:
            raise NoWorker(f"the process that reads mail cannot be started ({error.strerror})") from error
        # Ends with the process, so that one that ended by itself is not left as a zombie.
        threading.Thread(target=process.wait, name="worker", daemon=True).start()
        self._process = process
        return process

    def _end(self) -> int | None:
        """Let go of the process; say how it ended."""
        process, self._process, self._ready, self._reader = self._process, None, False, None
        if process is None or process.stdin is None or process.stdout is None:
            return None
        process.kill()
        status = process.wait()
        process.stdin.close()
        process.stdout.close()
        return status


def _send(process: subprocess.Popen[bytes], content: bytes, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    assert process.stdin is not None  # noqa: S101 - a pipe was asked for
    descriptor = process.stdin.fileno()
    os.set_blocking(descriptor, False)
    view = memoryview(content)
    while view:
        _wait(descriptor, select.POLLOUT, deadline)
        try:
            # A broken pipe is noticed at the answer, where it is known how the process ended.
            with contextlib.suppress(BlockingIOError):
                view = view[os.write(descriptor, view[: 1 << 20]) :]
        except OSError:
            return


def _receive(process: subprocess.Popen[bytes], seconds: float) -> bytes:
    deadline = time.monotonic() + seconds
    (length,) = struct.unpack("!I", _read(process, 4, deadline))
    if not 0 < length <= LARGEST_ANSWER:
        raise _Died("it gave no sense")
    return _read(process, length, deadline)


def _read(process: subprocess.Popen[bytes], length: int, deadline: float) -> bytes:
    assert process.stdout is not None  # noqa: S101 - a pipe was asked for
    descriptor = process.stdout.fileno()
    chunks = bytearray()
    while len(chunks) < length:
        _wait(descriptor, select.POLLIN, deadline)
        chunk = os.read(descriptor, length - len(chunks))
        if not chunk:
            status = process.wait()
            raise _Died(signal.strsignal(-status) or f"signal {-status}" if status < 0 else f"exit status {status}")
        chunks += chunk
    return bytes(chunks)


def _wait(descriptor: int, event: int, deadline: float) -> None:
    poll = select.poll()
    poll.register(descriptor, event)
    if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
        raise _Died("it gave no answer in time")
