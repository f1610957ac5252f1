"""The MIME parts of a message: how one is described, which are worth fetching, and a message made again of those."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from urllib.parse import unquote_to_bytes

from daemon.mailbox import PartOutline

LARGEST_PART = 1 << 20  # octets; the port's bound for a part that is read
ENOUGH = 4 << 20  # octets of one message; nobody writes that much, but a hostile mail may have two hundred parts

# What says something: prose, calendar objects, and the reports by which a failed delivery is known (RFC 3464).
_TELLING_TYPES = frozenset({"application/ics", "message/delivery-status", "message/global-delivery-status"})
_CALENDAR_TYPES = frozenset({"text/calendar", "application/ics"})

_CONTENT_FIELD = re.compile(rb"(?im)^content-[^\s:]{1,76}[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*(?:\n|\Z)")
_CONTENT_TYPE = re.compile(rb"(?im)^content-type[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)")
_DISPOSITION = re.compile(rb"(?im)^content-disposition[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)")
_PARAMETER = re.compile(r';\s*([^\s=;"]{1,76})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;"]*))', re.DOTALL)
_TOKEN = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}", re.IGNORECASE)


def outline_part(
    section: str,
    content_type: str,
    size: int,
    parameters: Mapping[str, str],
    disposition: str,
    disposition_parameters: Mapping[str, str],
) -> PartOutline:
    """Describe a leaf from the values of its Content-Type and Content-Disposition fields (names in lower case)."""
    return PartOutline(
        section=section,
        content_type=content_type.lower(),
        size=size,
        filename=_text(disposition_parameters, "filename") or _text(parameters, "name"),
        attachment=disposition.strip().lower() == "attachment",
    )


def telling(part: PartOutline) -> bool:
    """Whether a part is read: prose that is not an attachment, and calendar objects however they are attached."""
    if part.size > LARGEST_PART:
        return False
    if part.content_type in _CALENDAR_TYPES or (part.filename or "").lower().endswith((".ics", ".ical", ".ifb")):
        return True
    return part.content_type in _TELLING_TYPES or (part.content_type.startswith("text/") and not part.attachment)


def telling_parts(parts: Iterable[PartOutline]) -> tuple[PartOutline, ...]:
    """Give the parts to be read, in order, until there is enough to read."""
    chosen: list[PartOutline] = []
    octets = 0
    for part in parts:
        if telling(part) and octets + part.size <= ENOUGH:
            chosen.append(part)
            octets += part.size
    return tuple(chosen)


def read_content_type(header: bytes) -> tuple[str, dict[str, str]]:
    """Give the content type in lower case and its parameters; text/plain where there is none or it is broken."""
    value, parameters = _value(_CONTENT_TYPE, header)
    maintype, _, subtype = value.partition("/")
    if not (_TOKEN.fullmatch(maintype) and _TOKEN.fullmatch(subtype)):
        return "text/plain", parameters  # RFC 2045 5.2
    return value, parameters


def read_disposition(header: bytes) -> tuple[str, dict[str, str]]:
    """Give the value of Content-Disposition in lower case and its parameters."""
    return _value(_DISPOSITION, header)


def _value(field: re.Pattern[bytes], header: bytes) -> tuple[str, dict[str, str]]:
    found = field.search(header)
    if found is None:
        return "", {}
    text = re.sub(r"\r?\n", "", found[1][:8192].decode("utf-8", "replace"))
    value = text.partition(";")[0].partition("(")[0].strip().lower()
    parameters = {
        name.lower(): re.sub(r"\\(.)", r"\1", quoted) if quoted else bare.strip()
        for name, quoted, bare in _PARAMETER.findall(text)
    }
    return value, parameters


def _text(parameters: Mapping[str, str], name: str) -> str | None:
    """Read a parameter in any of the ways in which mail programs write a file name that is not ASCII."""
    if name in parameters:
        return _decoded_words(parameters[name]) or None
    # RFC 2231 section 3 (continued over several parameters) and section 4 (charset'language'percent-encoded)
    pieces: list[bytes] = []
    charset = "utf-8"
    for number in range(64):
        plain, encoded = f"{name}*{number}", f"{name}*{number}*"
        if number == 0 and f"{name}*" in parameters:
            encoded = f"{name}*"
        if encoded in parameters:
            value = parameters[encoded]
            if number == 0 and value.count("'") >= 2:
                charset, _, value = value.split("'", 2)
            pieces.append(unquote_to_bytes(value))
        elif plain in parameters:
            pieces.append(parameters[plain].encode("utf-8", "replace"))
        else:
            break
    try:
        return b"".join(pieces).decode(charset or "utf-8", "replace") or None
    except LookupError:  # a charset that nobody knows
        return b"".join(pieces).decode("utf-8", "replace") or None


def _decoded_words(value: str) -> str:
    """Decode RFC 2047 words, which RFC 2231 forbids here and Outlook and Gmail write all the same."""
    if "=?" not in value:
        return value
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, ValueError):
        return value


def rebuild(header: bytes, leaves: Mapping[str, tuple[bytes, bytes]], containers: Mapping[str, bytes]) -> bytes:
    """Make a message of a header as sent and some of its leaves.

    `leaves` maps a section to its own MIME header and its body as sent; `containers` maps the section of a multipart
    between the top and a leaf to its MIME header. The top's and each container's kind (alternative, report) stays, its
    boundary is ours, since the one that was sent may be broken or occur in what is left.
    """
    fields = _without_content_fields(header)
    if not leaves:
        return fields + b"\r\n"
    bodies = [body for _, body in leaves.values()]
    tree = {tuple(map(int, section.split("."))): leaf for section, leaf in leaves.items()}
    multiparts = {(): header, **{tuple(map(int, section.split("."))): mime for section, mime in containers.items()}}
    return fields + _multipart((), tree, multiparts, bodies)


_Path = tuple[int, ...]


def _multipart(
    path: _Path, leaves: Mapping[_Path, tuple[bytes, bytes]], headers: Mapping[_Path, bytes], bodies: list[bytes]
) -> bytes:
    """Give the Content-Type field, the blank line and the body of the multipart at `path`."""
    boundary = _boundary("=_" + "-".join(map(str, path)), bodies)
    chunks = [_multipart_type(headers.get(path, b""), boundary), b"\r\n"]
    depth = len(path)
    for child in sorted({leaf[: depth + 1] for leaf in leaves if leaf[:depth] == path}):
        chunks.append(b"--" + boundary.encode("ascii") + b"\r\n")
        if child in leaves:
            mime, body = leaves[child]
            chunks += [mime.rstrip(b"\r\n"), b"\r\n\r\n" if mime.strip() else b"\r\n", body, b"\r\n"]
        else:
            chunks.append(_multipart(child, leaves, headers, bodies))
    chunks.append(b"--" + boundary.encode("ascii") + b"--\r\n")
    return b"".join(chunks)


def _boundary(stem: str, bodies: list[bytes]) -> str:
    number = 0
    while any(f"--{stem}-{number}".encode("ascii") in body for body in bodies):
        number += 1
    return f"{stem}-{number}"


def _multipart_type(header: bytes, boundary: str) -> bytes:
    content_type, parameters = read_content_type(header)
    if not content_type.startswith("multipart/"):
        content_type = "multipart/mixed"
    # RFC 6522: by the report type a reader knows a delivery report from a receipt
    report = parameters.get("report-type", "")
    also = f"; report-type={report}" if _TOKEN.fullmatch(report) else ""
    return f'Content-Type: {content_type}{also}; boundary="{boundary}"\r\n'.encode("ascii")


def _without_content_fields(header: bytes) -> bytes:
    fields = _CONTENT_FIELD.sub(b"", header.rstrip(b"\r\n") + b"\r\n")
    return fields if fields.strip() else b""
