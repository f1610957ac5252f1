"""The bytes of a draft that the person approved in; the letter that goes out, or every reason why it must not.

What goes out is made of the approved bytes field by field, never written anew: the fields of an allow-list stay octet
for octet and in their order, every other one is left out (Bcc, X- fields, marks of mail programs, fields that ask for
receipts); Date becomes the instant of sending; a Message-ID is added where there is none; a "+now" at the beginning of
the subject is taken off. The body is the approved one. SHA-256 is taken of the approved bytes without that "+now", so
anybody can tell whether a draft is the one that was approved.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.header import decode_header, make_header
from email.headerregistry import AddressHeader
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP
from email.utils import format_datetime

from daemon.gestures import read_wish
from parsers.address import read_addresses

LARGEST = 5 << 20  # octets; every server takes that
MOST_RECIPIENTS = 10

# What a reader's mail program needs. Everything else would tell of ours, or ask for something.
_KEPT = frozenset(
    "from reply-to to cc subject date message-id in-reply-to references mime-version content-type "
    "content-transfer-encoding content-language content-disposition".split()
)
_ONCE = _KEPT | {"bcc", "sender"}  # RFC 5322 3.6
_ENVELOPE = ("to", "cc", "bcc")
_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,253}", re.ASCII)
_MESSAGE_ID = re.compile(rb"\s*<([!#-;=?A-Z^-~]{1,200}@[!#-;=?A-Z\[\]^-~]{1,200})>\s*")
_PLACEHOLDER = re.compile(r"\[\[(?:(?!\[\[|\]\]).){0,60}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Field:
    """One header field: its name in lower case, and its octets with the last line end."""

    name: str
    octets: bytes

    @property
    def value(self) -> bytes:
        """What stands behind the colon, unfolded."""
        return self.octets.partition(b":")[2].replace(b"\r\n", b"").strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sendable:
    """A letter that may go out. Addresses are as written; `recipients` are those of To, Cc and Bcc, each once."""

    sha256: str
    at_once: bool  # whether the subject began with "+now"
    message: bytes
    message_id: str  # without angle brackets
    sender: str
    recipients: tuple[str, ...]


class NotSendable(Exception):
    """The bytes are no letter that may go out; `reasons` has every one, each a sentence for the person."""

    def __init__(self, reasons: Sequence[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__(" ".join(reasons))


def read_sendable(raw: bytes, *, identities: Collection[str], message_id: str, date: datetime) -> Sendable:
    """Read a draft as it lies in a folder. `message_id` is given to one without. Raises NotSendable."""
    head, blank, body = raw.partition(b"\r\n\r\n")
    fields = _fields(head + b"\r\n")
    if not blank or fields is None or re.search(rb"\r(?!\n)|(?<!\r)\n|\0", raw):
        raise NotSendable(["It is no well-formed message: save it once more with your mail program."])
    fields, at_once = _without_now(fields)
    reasons = [*_faults_of_form(fields, raw), *_open_placeholders(_joined(fields, body))]
    sender, faults = _sender(fields, identities)
    recipients, more_faults = _recipients(fields)
    reasons += [*faults, *more_faults]
    if reasons:
        raise NotSendable(reasons)
    own_id = next((_MESSAGE_ID.fullmatch(f.value) for f in fields if f.name == "message-id"), None)
    kept = [field for field in fields if field.name in _KEPT and (own_id or field.name != "message-id")]
    if own_id is None:
        kept.append(_Field("message-id", f"Message-ID: <{message_id}>\r\n".encode("ascii")))
    return Sendable(
        sha256=fingerprint(raw),
        at_once=at_once,
        message=with_date(_joined(kept, body if body.endswith(b"\r\n") else body + b"\r\n"), date),
        message_id=own_id[1].decode("ascii") if own_id else message_id,
        sender=sender,
        recipients=recipients,
    )


def without_now(raw: bytes) -> bytes:
    """Take a "+now" off the subject of a message; what is no message stays as it is."""
    head, _, body = raw.partition(b"\r\n\r\n")
    fields, found = _without_now(_fields(head + b"\r\n") or [])
    return _joined(fields, body) if found else raw


def fingerprint(raw: bytes) -> str:
    """Give the `Sendable.sha256` that a message would have."""
    return hashlib.sha256(without_now(raw)).hexdigest()


def with_date(message: bytes, date: datetime) -> bytes:
    """Put an instant into the Date field of a message that goes out."""
    head, _, body = message.partition(b"\r\n\r\n")
    field = _Field("date", f"Date: {format_datetime(date)}\r\n".encode("ascii"))
    fields = _fields(head + b"\r\n") or []
    if not any(other.name == "date" for other in fields):
        return _joined([*fields, field], body)
    return _joined([field if other.name == "date" else other for other in fields], body)


# -------------------------------------------------------------------------------------------------------- the header


def _fields(head: bytes) -> list[_Field] | None:
    """Divide a header; None where a line belongs to no field."""
    fields = []
    for octets in re.findall(rb"[^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*", head):
        name, colon, _ = octets.partition(b":")
        if not colon or not re.fullmatch(rb"[!-9;-~]+", name):  # RFC 5322 2.2
            return None
        fields.append(_Field(name.decode("ascii").lower(), octets))
    return fields


def _joined(fields: Sequence[_Field], body: bytes) -> bytes:
    return b"".join(field.octets for field in fields) + b"\r\n" + body


def _without_now(fields: Sequence[_Field]) -> tuple[list[_Field], bool]:
    """Take "+now" off the subject. A mail program may have made an encoded word of it (RFC 2047): then it is decoded
    and, without the mark, written again.
    """
    found = False
    result = []
    for field in fields:
        if field.name == "subject" and (wish := read_wish(_decoded(field.value))).at_once:
            field, found = _subject(wish.subject), True
        result.append(field)
    return result, found


def _decoded(value: bytes) -> str:
    try:
        return str(make_header(decode_header(value.decode("ascii", "replace"))))
    except (LookupError, ValueError):  # a charset that nobody knows, base64 that is none
        return value.decode("ascii", "replace")


def _subject(text: str) -> _Field:
    message = EmailMessage(policy=SMTP)
    message["Subject"] = " ".join(text.split())
    return _Field("subject", message.as_bytes().partition(b"\r\n\r\n")[0] + b"\r\n")


def _faults_of_form(fields: Sequence[_Field], raw: bytes) -> list[str]:
    names = [field.name for field in fields]
    faults = [f"It has the field {name} more than once." for name in sorted(_ONCE) if names.count(name) > 1]
    if not all(field.octets.isascii() for field in fields if field.name in _ONCE):
        faults.append("Its header has characters outside ASCII that are not encoded.")
    if not any(field.name == "subject" and field.value for field in fields):
        faults.append("It has no subject.")
    if len(raw) > LARGEST:
        faults.append(f"It is larger than {LARGEST >> 20} MiB.")
    if max(map(len, raw.split(b"\r\n"))) > 998:  # RFC 5321 4.5.3.1.6
        faults.append("It has a line of more than 998 characters.")
    return faults


# ---------------------------------------------------------------------------------------------------------- addresses


def _sender(fields: Sequence[_Field], identities: Collection[str]) -> tuple[str, list[str]]:
    addresses, faults = _addresses(fields, ("from",))
    if not faults and len(addresses) != 1:
        faults = ["It must have exactly one address in From."]
    elif not faults and addresses[0].casefold() not in {known.casefold() for known in identities}:
        faults = [f"Its From, {addresses[0]}, is none of your addresses of this account in the configuration."]
    return (addresses[0] if addresses else ""), faults


def _recipients(fields: Sequence[_Field]) -> tuple[tuple[str, ...], list[str]]:
    addresses, faults = _addresses(fields, _ENVELOPE)
    recipients = tuple({address.casefold(): address for address in addresses}.values())
    if not faults and not _addresses(fields, ("to",))[0]:
        faults = ["It has nobody in To."]
    elif len(recipients) > MOST_RECIPIENTS:
        faults.append(f"It has more than {MOST_RECIPIENTS} recipients.")
    return recipients, faults


def _addresses(fields: Sequence[_Field], names: Collection[str]) -> tuple[list[str], list[str]]:
    """Read the addresses of these fields by two readers: where they do not agree, nobody knows who is meant."""
    found: list[str] = []
    faults: list[str] = []
    for field in fields:
        if field.name not in names or not field.value:
            continue
        value = field.value.decode("ascii", "replace")
        header = SMTP.header_factory(field.name, value)
        ours, problems = read_addresses(value)
        theirs = [address.addr_spec for address in header.addresses] if isinstance(header, AddressHeader) else []
        if odd := [address for address in theirs if not _PLAIN_ADDRESS.fullmatch(address)]:
            shown = ", ".join(f"“{address}”" for address in odd)
            faults.append(f"It has {shown} in {field.name.title()}, which is no plain ASCII address.")
        elif problems or header.defects or sorted(map(str.lower, theirs)) != sorted(own.address for own in ours):
            faults.append(f"Its field {field.name.title()} cannot be read without doubt.")
        found += theirs
    return found, faults


# ----------------------------------------------------------------------------------------------------------- the text


def _open_placeholders(message: bytes) -> list[str]:
    """Name each [[...]] that is still to be filled in, in subject and text."""
    mail = BytesParser(policy=SMTP).parsebytes(message)
    texts = [str(mail.get("Subject", ""))]
    for part in mail.walk():
        if part.get_content_maintype() == "text":
            payload = part.get_payload(decode=True)
            texts.append(payload.decode("utf-8", "replace") if isinstance(payload, bytes) else "")
    found = [" ".join(match[0].split()) for text in texts for match in _PLACEHOLDER.finditer(text)]
    return [f"The placeholder {mark}]] is not filled in." for mark in dict.fromkeys(found)]
