"""Takes a Letter and the message it answers; gives the bytes of a draft (RFC 5322).

The header is built from an allow-list and read back before anybody gets the bytes: a draft whose header is not exactly
what was planned is not written. Nothing in it tells that a program prepared the letter.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime
from email.headerregistry import Address as HeaderAddress
from email.headerregistry import AddressHeader
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import EmailPolicy
from email.utils import format_datetime

from composer.agenda import FollowUp
from composer.errors import UnsafeDraft
from composer.letter import Letter
from composer.values import NAME_LENGTH, plain_words
from parsers.model import Address, Facts

FLOWED_WIDTH = 72  # below the 78 of RFC 3676 4.2, so that the encoded space at a soft break fits into 76 as well
REFERENCES_KEPT = 20  # the thread's first message and its latest ones
MESSAGE_ID_LENGTH = 250
LINE_LENGTH = 998  # RFC 5322 2.1.1

_ADDR_SPEC = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,253}", re.ASCII)
_MESSAGE_ID = re.compile(r"[!#-;=?A-Z^-~]{1,200}@[!#-;=?A-Z\[\]^-~]{1,200}", re.ASCII)
_THREADING = frozenset({"message-id", "in-reply-to", "references"})


class _DraftPolicy(EmailPolicy):
    """The standard library's policy, except that a Message-ID is never folded, encoded or split."""

    def fold_binary(self, name: str, value: str) -> bytes:
        """Write one Message-ID a line: the standard library turns those over 77 characters into encoded words."""
        if name.casefold() in _THREADING:
            return f"{name}: ".encode() + b"\r\n ".join(value.encode("ascii").split()) + b"\r\n"
        return super().fold_binary(name, value)


POLICY = _DraftPolicy(linesep="\r\n", raise_on_defect=False)  # for every message that we write


def write_draft(
    letter: Letter, followup: FollowUp, *, answers: Facts | None, sender: Address, message_id: str, date: datetime
) -> bytes:
    """Write the draft: text/plain; format=flowed (RFC 3676), UTF-8, quoted-printable, CRLF, an ASCII header.

    `message_id` is without angle brackets. Raises UnsafeDraft when a header cannot be written as planned.
    """
    if date.tzinfo is None:
        raise UnsafeDraft("Date", "has no zone")
    plan: list[tuple[str, str | HeaderAddress]] = [
        ("From", _mailbox("From", sender)),
        ("To", _mailbox("To", followup.to)),
        ("Subject", _one_line("Subject", letter.subject)),
        ("Date", format_datetime(date)),
        ("Message-ID", f"<{_own_id(message_id)}>"),
        *_threading(answers),
    ]
    message = EmailMessage(policy=POLICY)
    for name, value in plan:
        message[name] = value
    body = flowed("\n".join(_one_line("The text", line) for line in letter.text.split("\n")))
    message.set_content(body, charset="utf-8", cte="quoted-printable", params={"format": "flowed"})
    raw = message.as_bytes()
    _check(raw, plan, body)
    return raw


# ----------------------------------------------------------------------------------------------------- header fields


def _one_line(header: str, text: str) -> str:
    if any(unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} for c in text):
        raise UnsafeDraft(header, "holds a control character")
    return text


def _mailbox(header: str, address: Address) -> HeaderAddress:
    spec, name = address.address, plain_words(_one_line(header, address.name or ""), NAME_LENGTH) or ""
    if "=?" in name:  # would be read as an encoded word (RFC 2047), and say something else
        name = ""
    local, _, domain = spec.rpartition("@")
    try:
        spec = f"{local}@{domain if domain.isascii() else domain.encode('idna').decode('ascii')}"
        if not _ADDR_SPEC.fullmatch(spec):
            raise UnsafeDraft(header, "holds no plain address")
        return HeaderAddress(display_name=name, addr_spec=spec)
    except UnsafeDraft:
        raise
    except (ValueError, IndexError) as problem:  # UnicodeError and the parser's HeaderParseError are ValueErrors
        raise UnsafeDraft(header, "holds an address that cannot be written") from problem


def _own_id(message_id: str) -> str:
    if not _is_message_id(message_id):
        raise UnsafeDraft("Message-ID", "is none")
    return message_id


def _is_message_id(text: str) -> bool:
    return len(text) <= MESSAGE_ID_LENGTH and _MESSAGE_ID.fullmatch(text) is not None


def _threading(answers: Facts | None) -> list[tuple[str, str]]:
    """Give In-Reply-To and References (RFC 5322 3.6.4). A sender's malformed Message-ID is left out, never mended."""
    if answers is None or answers.message_id is None or not _is_message_id(answers.message_id):
        return []
    before = answers.references or answers.in_reply_to
    thread = [known for known in dict.fromkeys((*before, answers.message_id)) if _is_message_id(known)]
    if len(thread) > REFERENCES_KEPT:
        thread = [thread[0], *thread[1 - REFERENCES_KEPT :]]
    return [
        ("In-Reply-To", f"<{answers.message_id}>"),
        ("References", " ".join(f"<{known}>" for known in thread)),
    ]


def _check(raw: bytes, plan: Sequence[tuple[str, str | HeaderAddress]], body: str) -> None:
    """Read our own bytes as a stranger would and compare them with what was meant."""
    header, blank, _ = raw.partition(b"\r\n\r\n")
    if not blank or not raw.isascii() or re.search(rb"[^\r]\n|\r[^\n]|\0", raw):
        raise UnsafeDraft("The message", "is not pure ASCII with CRLF line ends")
    if max(map(len, raw.split(b"\r\n"))) > LINE_LENGTH:
        raise UnsafeDraft("The message", "has a line that is too long")
    read = BytesParser(policy=EmailPolicy()).parsebytes(raw)
    names = [name for name, _ in plan]
    written = [name for name in read.keys() if not name.startswith("Content-") and name != "MIME-Version"]  # noqa: SIM118 (a Message's keys repeat)
    if names != written or header.count(b"\r\n") < len(names):
        raise UnsafeDraft("The header", "has other fields than planned")
    for name, value in plan:
        field = read[name]
        if isinstance(value, HeaderAddress):
            if not isinstance(field, AddressHeader) or field.addresses != (value,):
                raise UnsafeDraft(name, "reads back as another address")
        elif " ".join(str(field).split()) != " ".join(value.split()):
            raise UnsafeDraft(name, "reads back differently")
    content = read.get_content()
    if read.defects or content.replace("\r\n", "\n") != body:
        raise UnsafeDraft("The text", "reads back differently")


# ---------------------------------------------------------------------------------------------------------- the text


def flowed(text: str) -> str:
    """Wrap each line by soft breaks: a line that ends in a space goes on in the next (RFC 3676 4.2, 4.4)."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        if paragraph == "-- ":  # the signature's mark, RFC 3676 4.3
            lines.append(paragraph)
            continue
        lines.extend(map(_stuffed, _wrapped(paragraph.rstrip(" "))))
    return "\n".join(lines).rstrip("\n") + "\n"


def _wrapped(paragraph: str) -> Iterable[str]:
    line = ""
    for word in re.findall(r"[^ ]+ *| +", paragraph):
        if line and len(line) + len(word.rstrip(" ")) >= FLOWED_WIDTH:
            yield line
            line = ""
        line += word
    yield line


def _stuffed(line: str) -> str:
    """Put a space before what a mail system would change or take for a quote (RFC 3676 4.4)."""
    return f" {line}" if line.startswith((" ", ">", "From ")) else line
