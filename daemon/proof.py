"""Reads a letter as it lies in a file, in Drafts or on standard input, so that the lint can judge it; bytes in.

The text is taken as it stands in its part, not unwrapped: a fault is then found in the line of the file that it is in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from composer.lint import Context, Fault, Writing, blocks, greeted_in, lint
from daemon.report import JsonObject
from parsers.address import read_addresses
from parsers.charset import clean, decode
from parsers.header import read_fields, split_header
from parsers.language import detect_language
from parsers.mail import MAIL_LIMIT, read_mail
from parsers.mime import Part, read_parts
from parsers.model import Address, Mail
from parsers.text import SegmentKind, fold_characters, split_body

_FIELD = re.compile(rb"([A-Za-z][A-Za-z0-9-]{0,60}):")
# One of these stands in every header; a bare text may well begin with a word and a colon.
_USUAL = frozenset(b"from to cc bcc subject date message-id mime-version content-type received return-path".split())
_TEXT_BYTES = 1_000_000
_NO_ATTACHMENT = frozenset(
    {
        "application/pgp-signature",
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "application/pgp-keys",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A letter that can be judged. `language` is the one that its words are in, None where they do not tell."""

    writing: Writing
    language: str | None
    lines: tuple[int, ...] | None  # of each line of the text, its line in the file; None: they do not correspond
    header_lines: dict[str, int]  # the line of the first field of each name

    @property
    def own_words(self) -> str:
        """What the person wrote now."""
        return _own_words(self.writing)

    def judge(self, context: Context, *, language: str | None = None) -> tuple[Fault, ...]:
        """Give the letter's faults; `language` is used where it is given, whatever the words look like."""
        return lint(self.writing, language=language or self.language, context=context)

    def line_in_file(self, fault: Fault) -> int:
        """Give the line of the file where a fault stands; where the text is encoded, the line of the text."""
        if fault.place == "text":
            return self.lines[fault.line - 1] if self.lines else fault.line
        return self.header_lines.get(fault.place, 1)


def read_proof(message: bytes) -> Proof:
    """Read a message (RFC 5322), or a bare text without a header, whatever its bytes are."""
    if not _has_header(message):
        text = clean(decode(message[:_TEXT_BYTES], None))
        every = tuple(range(1, text.count("\n") + 2))
        return _proof(Writing(text=text, own=_own(text, "", None)), lines=every, header_lines={})
    mail = read_mail(message)
    end, start = split_header(message)
    fields, _ = read_fields(message[:end])
    whole = read_parts(message, fields, start)[0] if len(message) <= MAIL_LIMIT else None
    leaves = list(_leaves(whole)) if whole else []
    written = next((leaf for leaf in leaves if leaf.content_type == "text/plain" and not _is_file(leaf)), None)
    text, lines = _plain(written) if written else ("", None)
    if not text.strip():  # HTML alone, or a text that only says so
        text = mail.text
    writing = Writing(
        text=text,
        own=_own(text, mail.subject, mail.senders[0].name if mail.senders else None),
        subject=mail.subject,
        answers=bool(mail.in_reply_to or mail.references),
        sender=mail.senders[0] if mail.senders else None,
        to=mail.to,
        copies=(*mail.cc, *_blind(mail)),
        headers=mail.headers,
        attachments=tuple(leaf.filename or leaf.content_type for leaf in leaves if _is_file(leaf)),
    )
    return _proof(writing, lines=lines, header_lines=_header_lines(message[:end]))


def proofread(path: str, proof: Proof, faults: tuple[Fault, ...], language: str | None) -> JsonObject:
    """Say what was found in a letter: the object of `lint --json`; fields are added, never renamed."""
    return {
        "path": path,
        "language": language,
        "words": len(proof.own_words.split()),
        "blocked": blocks(faults),
        "faults": [
            {
                "check": fault.check,
                "severity": fault.severity,
                "place": fault.place,
                "line": proof.line_in_file(fault),
                "column": fault.column,
                "words": fault.words,
                "advice": fault.advice,
            }
            for fault in faults
        ],
    }


def _proof(writing: Writing, *, lines: tuple[int, ...] | None, header_lines: dict[str, int]) -> Proof:
    language = detect_language(_own_words(writing)) or greeted_in(writing)
    return Proof(writing=writing, language=language, lines=lines, header_lines=header_lines)


def _own_words(writing: Writing) -> str:
    return "\n".join(writing.text[start:end].strip("\n") for start, end in writing.own or ((0, None),))


def _has_header(message: bytes) -> bool:
    """Tell a message from a text: every line up to the first blank one is a header field, and one is a usual one."""
    names = set()
    for line in message.lstrip(b"\r\n").split(b"\n", 1000)[:1000]:
        if not line.strip():
            break
        if line.startswith((b" ", b"\t", b"From ")):
            continue
        field = _FIELD.match(line)
        if field is None:
            return False
        names.add(field[1].lower())
    return not names.isdisjoint(_USUAL)


def _own(text: str, subject: str, signed: str | None) -> tuple[tuple[int, int], ...]:
    """Give the spans that are neither quotation nor signature, whatever the closing phrase above the writer's name."""
    segments = split_body(fold_characters(text), subject=subject).segments
    spans = [(segment.start, segment.end) for segment in segments if segment.kind is SegmentKind.OWN]
    if not signed:
        return tuple(spans)
    below = re.compile(rf"^[ \t]*{re.escape(signed)}[ \t]*$(?:\n[ \t]*\S[^\n]*)*\n?", re.MULTILINE)
    parts: list[tuple[int, int]] = []
    for start, end in spans:
        for found in below.finditer(text, start, end):
            parts.append((start, found.start()))
            start = found.end()
        parts.append((start, end))
    return tuple((start, end) for start, end in parts if text[start:end].strip())


def _plain(part: Part) -> tuple[str, tuple[int, ...] | None]:
    """Give the text of a part, and the line of the file that each of its lines begins in."""
    text = clean(decode(part.content(_TEXT_BYTES), part.parameters.get("charset")))
    encoding = part.fields.get("content-transfer-encoding", ("",))[-1].strip().lower()
    if encoding == "base64":
        return text, None
    first = part.raw.count(b"\n", 0, part.start) + 1
    lines: list[int] = []
    goes_on = False
    for number, line in enumerate(part.raw[part.start : part.end].split(b"\n"), start=first):
        if not goes_on:
            lines.append(number)
        goes_on = encoding == "quoted-printable" and line.rstrip().endswith(b"=")  # a soft line break, RFC 2045 6.7
    return text, tuple(lines) if len(lines) > text.count("\n") else None


def _leaves(part: Part) -> Iterator[Part]:
    if not part.children or part.content_type == "message/rfc822":
        yield part
        return
    for child in part.children:
        yield from _leaves(child)


def _is_file(part: Part) -> bool:
    """Tell what somebody attached: not a signature's logo, not a cryptographic signature."""
    if part.content_type in _NO_ATTACHMENT or (part.content_type.startswith("image/") and "content-id" in part.fields):
        return False
    return part.disposition == "attachment" or part.filename is not None or not part.content_type.startswith("text/")


def _blind(mail: Mail) -> tuple[Address, ...]:
    return tuple(address for value in mail.headers.get("bcc", ()) for address in read_addresses(value)[0])


def _header_lines(header: bytes) -> dict[str, int]:
    lines: dict[str, int] = {}
    for number, line in enumerate(header.split(b"\n"), start=1):
        if field := _FIELD.match(line):
            lines.setdefault(field[1].decode("ascii").lower(), number)
    return lines
