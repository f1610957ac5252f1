"""The process in which mail is read: messages come in on standard input, facts go out on standard output, as JSON.

Before the first message it loads all that reading may need and then gives up the right to open anything: afterwards it
can reach neither a file nor the network, whatever a message makes of it. It holds no secret and sees no environment.
A frame is its length (4 bytes, network order) and so many bytes; a request is a frame of JSON and one of the message.
"""

from __future__ import annotations

import encodings
import json
import pkgutil
import resource
import select
import signal
import struct
import sys
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from daemon.codec import dump_facts
from daemon.mailreader import read_answer, read_facts
from daemon.process_memory import keep_memory_private
from parsers.model import Mail
from parsers.reader import Reader

READY, DONE, FAILED = b"R", b"D", b"F"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What the process may use: seconds of CPU for one message, bytes in all, seconds without a message."""

    cpu: float = 5.0
    memory: int = 200 << 20
    linger: float = 60.0


READERS: TypeAdapter[Reader] = TypeAdapter(Reader)
MAILS: TypeAdapter[Mail] = TypeAdapter(Mail)

# One text a language, so that its tables are loaded: none is read from a file later.
_SPECIMENS = (
    "Your interview is confirmed for Tuesday, December 1 at 2:00 PM EST. You will hear from us by Friday.",
    "Wir bestätigen Ihr Vorstellungsgespräch am Dienstag, den 1. Dezember um 14 Uhr. Sie hören bis Freitag von uns.",
    "Nous vous confirmons votre entretien le mardi 1 décembre à 14h. Nous reviendrons vers vous avant vendredi.",
    "Te confirmamos tu entrevista el martes 1 de diciembre a las 14:00. Te diremos algo antes del viernes.",
    "Confirmamos a sua entrevista na terça-feira, 1 de dezembro às 14h. Daremos uma resposta até sexta-feira.",
)
_HEADER = (
    "From: Dana Lee <dana@northwind.example>\nTo: me@letters.example\nSubject: Interview: Data Engineer\n"
    "Date: Mon, 30 Nov 2026 10:12:00 -0500\nMIME-Version: 1.0\n"
)
_PAGE = '<p itemscope itemtype="http://schema.org/Event">Interview on Tuesday at 2pm'
_CALENDAR = (
    "BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nUID:1\nDTSTART;TZID=Eastern Standard Time:20261201T140000\n"
    "SUMMARY:Interview\nORGANIZER:mailto:dana@northwind.example\nEND:VEVENT\nEND:VCALENDAR\n"
)


def main(bounds: Bounds) -> None:
    """Read messages until there are no more, or none has come for a while."""
    keep_memory_private()
    kept = _load_everything()
    _confine(bounds.memory)
    _write(READY, b"")
    reader: Reader | None = None
    while select.select([sys.stdin], [], [], bounds.linger)[0] and (request := _read()) is not None:
        order, message = json.loads(request), _read() or b""
        # The kernel ends a process that takes longer, by SIGPROF. (RLIMIT_CPU counts whole seconds, and all of them.)
        signal.setitimer(signal.ITIMER_PROF, bounds.cpu)
        arrived = datetime.fromisoformat(order["received_at"]) if order["received_at"] else None
        if order.get("reader"):
            reader = READERS.validate_python(order["reader"])
        try:
            if order["what"] == "answer" and arrived:
                answer = MAILS.dump_json(read_answer(message, arrived))
            elif reader is not None:
                answer = dump_facts(read_facts(message, arrived, reader)).encode("utf-8", "surrogatepass")
        except Exception as error:
            # Its name only: the text may quote the mail.
            _write(FAILED, type(error).__name__.encode())
        else:
            _write(DONE, answer)
    del kept


def _load_everything() -> list[ZoneInfo]:
    """Load what is otherwise loaded when it is first needed; give the time zones, which live while they are held."""
    for module in pkgutil.iter_modules(encodings.__path__):
        try:
            import_module(f"encodings.{module.name}")
        except ImportError:  # those of Windows
            continue
    zones = [ZoneInfo(name) for name in files("tzdata").joinpath("zones").read_text("utf-8").split()]
    reader = Reader(account="", addresses=frozenset({"me@letters.example"}), full_name="", timezone="UTC")
    kinds = [("plain", text) for text in _SPECIMENS] + [("html", _PAGE), ("calendar", _CALENDAR)]
    for kind, text in kinds:
        message = f"{_HEADER}Content-Type: text/{kind}; charset=utf-8\n\n{text}"
        dump_facts(read_facts(message.encode(), None, reader))
    return zones


def _confine(memory: int) -> None:
    """Give up, for good, what reading does not need."""
    pages, resident = map(int, Path("/proc/self/statm").read_text("ascii").split()[:2])
    room = max(0, memory - resident * resource.getpagesize())
    _limit(resource.RLIMIT_AS, pages * resource.getpagesize() + room)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NPROC, 0)
    # The three standard streams and nothing more: no file, no socket, no pipe can be opened from here on.
    _limit(resource.RLIMIT_NOFILE, 3)


def _limit(kind: int, limit: int) -> None:
    hard = resource.getrlimit(kind)[1]
    least = limit if hard == resource.RLIM_INFINITY else min(limit, hard)  # whoever started us may have set less
    resource.setrlimit(kind, (least, least))


def _read() -> bytes | None:
    """Read a frame; None where the other side has ended."""
    head = sys.stdin.buffer.read(4)
    if len(head) < 4:
        return None
    (length,) = struct.unpack("!I", head)
    frame = sys.stdin.buffer.read(length)
    return frame if len(frame) == length else None


def _write(outcome: bytes, content: bytes) -> None:
    sys.stdout.buffer.write(struct.pack("!I", len(content) + 1) + outcome + content)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(TypeAdapter(Bounds).validate_json(sys.argv[1]))
