"""Reads a message into its MIME parts (RFC 2045, 2046): bytes in, a bounded tree of parts out.

The standard library's parser reads line by line: 100,000 empty parts cost it eight seconds, and 25 MB of newlines half
a minute. Here only boundaries are looked for, at the speed of `bytes.find`; a leaf is decoded when it is asked for.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass

from parsers.charset import decode
from parsers.header import HEADER_LIMIT, Fields, decode_base64, decode_words, read_fields, split_header

PART_COUNT = 200
DEPTH = 20
_PARAMETERS_LIMIT = 4096
_BOUNDARY_LENGTH = 200  # RFC 2046 5.1.1 allows 70
_GUESS_LIMIT = 64 * 1024
_LOOKS = 100_000  # places where a boundary might stand, over the whole message

_CONTENT_TYPE = re.compile(r"\s*([a-z0-9!#$&^_.+\-]{1,80}/[a-z0-9!#$&^_.+\-]{1,80})")
_PARAMETER = re.compile(r';\s*([^\s=;"]{1,80})\s*=\s*("(?:[^"\\]|\\.)*"|[^;\s"][^;]*)')
_SECTION = re.compile(r"(.{1,60}?)\*(\d{1,2})?(\*)?")
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")
_REST_OF_BOUNDARY = re.compile(rb"(--)?[ \t]{0,200}(?:\r?\n|\r|\Z)")
# A part's first line where the declared boundary is not to be found.
_LIKELY_BOUNDARY = re.compile(rb"^--([^\r\n]{1,200})\r?\nContent-[A-Za-z-]{1,40}:", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One node of the tree. `content_type` is lower case; a leaf's bytes are `raw[start:end]`, still encoded."""

    fields: Fields
    content_type: str
    parameters: Mapping[str, str]
    disposition: str | None
    filename: str | None
    raw: bytes
    start: int
    end: int
    children: tuple[Part, ...] = ()

    def content(self, limit: int) -> bytes:
        """Undo the transfer encoding (RFC 2045 section 6); at most `limit` bytes."""
        encoding = _last(self.fields, "content-transfer-encoding").strip(" \t\"';").lower()
        # No encoding but base64 (4 for 3, and line ends) and quoted-printable (3 for 1) makes the text longer.
        encoded = self.raw[self.start : min(self.end, self.start + 3 * limit + 4096)]
        if encoding == "base64":
            return decode_base64(encoded)[:limit]
        if encoding == "quoted-printable":
            return binascii.a2b_qp(encoded)[:limit]
        return encoded[:limit]


class _Budget:
    """What the parts of one message may still cost."""

    __slots__ = ("looks", "parts", "problems")

    def __init__(self) -> None:
        self.parts = PART_COUNT
        self.looks = _LOOKS
        self.problems: dict[str, None] = {}  # in order, each once


def read_parts(raw: bytes, fields: Fields, start: int) -> tuple[Part, tuple[str, ...]]:
    """Read the body that begins at `start`, whose header is `fields`, with what was wrong about it."""
    budget = _Budget()
    part = _read_part(raw, fields, start, len(raw), 0, "text/plain", budget)
    return part, tuple(budget.problems)


def read_parameters(value: str) -> tuple[str, dict[str, str]]:
    """Read a Content-Type or Content-Disposition into its lower-case value and parameters (RFC 2231 joined)."""
    value = value[:_PARAMETERS_LIMIT]
    main, semicolon, rest = value.partition(";")
    parameters: dict[str, str] = {}
    sections: dict[str, dict[int, tuple[bool, str]]] = {}
    for found in _PARAMETER.finditer(semicolon + rest):
        name, text = found[1].lower(), found[2]
        text = re.sub(r"\\(.)", r"\1", text[1:-1]) if text.startswith('"') else text.strip()
        if "*" in name and (section := _SECTION.fullmatch(name)):
            percent = section[3] is not None or section[2] is None
            sections.setdefault(section[1], {})[int(section[2] or 0)] = (percent, text)
        else:
            parameters.setdefault(name, text)
    for name, pieces in sections.items():
        parameters[name] = _join_sections(pieces)
    return main.strip().lower(), parameters


def _join_sections(pieces: dict[int, tuple[bool, str]]) -> str:
    charset: str | None = None
    data = b""
    for number in sorted(pieces):
        percent, text = pieces[number]
        if percent and number == 0 and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        encoded = text.encode("utf-8", "replace")
        data += _PERCENT.sub(lambda found: bytes([int(found[1], 16)]), encoded) if percent else encoded
    return decode(data, charset)


def _read_part(
    raw: bytes, fields: Fields, start: int, end: int, depth: int, default_type: str, budget: _Budget
) -> Part:
    declared = _last(fields, "content-type")
    main, parameters = read_parameters(declared) if declared else ("", {})
    known = _CONTENT_TYPE.match(main)
    content_type = known[1] if known else ("text/plain" if main else default_type)
    disposition, more = read_parameters(_last(fields, "content-disposition"))
    filename = more.get("filename") or parameters.get("name")
    children: tuple[Part, ...] = ()
    part = Part(
        fields=fields,
        content_type=content_type,
        parameters=parameters,
        disposition=disposition or None,
        filename=decode_words(filename) if filename else None,
        raw=raw,
        start=start,
        end=end,
    )
    if content_type.startswith("multipart/") or content_type in {"message/rfc822", "message/global"}:
        if depth >= DEPTH:
            budget.problems["parts are nested more than 20 deep; the inner ones were left out"] = None
            return part
        if content_type.startswith("multipart/"):
            children = _read_multipart(part, depth, budget)
        else:
            children = (_read_enclosed(part, depth, budget),)
        if not children:  # no boundary anywhere: what is there is read as text
            content_type = "text/plain"
    return part if not children and part.content_type == content_type else _with(part, content_type, children)


def _with(part: Part, content_type: str, children: tuple[Part, ...]) -> Part:
    return Part(
        fields=part.fields,
        content_type=content_type,
        parameters=part.parameters,
        disposition=part.disposition,
        filename=part.filename,
        raw=part.raw,
        start=part.start,
        end=part.end,
        children=children,
    )


def _read_multipart(part: Part, depth: int, budget: _Budget) -> tuple[Part, ...]:
    raw, start, end = part.raw, part.start, part.end
    boundary = part.parameters.get("boundary", "").rstrip()[:_BOUNDARY_LENGTH].encode("utf-8", "replace")
    spans = _split(raw, start, end, boundary, budget) if boundary else []
    if not spans and (likely := _LIKELY_BOUNDARY.search(raw, start, min(end, start + _GUESS_LIMIT))):
        budget.problems["a multipart body has another boundary than its header says"] = None
        spans = _split(raw, start, end, likely[1].rstrip(), budget)
    if not spans:
        budget.problems["a multipart body has no boundary"] = None
    default_type = "message/rfc822" if part.content_type == "multipart/digest" else "text/plain"  # RFC 2046 5.1.5
    children = []
    for child_start, child_end in spans:
        if budget.parts <= 0:
            budget.problems[f"more than {PART_COUNT} parts; the rest was left out"] = None
            break
        budget.parts -= 1
        header_end, body_start = split_header(raw, child_start, child_end)
        fields, problems = read_fields(raw[child_start : min(header_end, child_start + HEADER_LIMIT)])
        budget.problems.update(dict.fromkeys(problems))
        children.append(_read_part(raw, fields, body_start, child_end, depth + 1, default_type, budget))
    return tuple(children)


def _read_enclosed(part: Part, depth: int, budget: _Budget) -> Part:
    """Read a message inside the message; encoded ones are forbidden (RFC 2046 5.2.1), and sent all the same."""
    raw, start, end = part.raw, part.start, part.end
    encoding = _last(part.fields, "content-transfer-encoding").strip().lower()
    if encoding in {"base64", "quoted-printable"}:
        raw = part.content(end - start)
        start, end = 0, len(raw)
    header_end, body_start = split_header(raw, start, end)
    fields, problems = read_fields(raw[start : min(header_end, start + HEADER_LIMIT)])
    budget.problems.update(dict.fromkeys(problems))
    return _read_part(raw, fields, body_start, end, depth + 1, "text/plain", budget)


def _split(raw: bytes, start: int, end: int, boundary: bytes, budget: _Budget) -> list[tuple[int, int]]:
    """Give the span of each body part between the lines that are "--" and the boundary."""
    delimiter = b"--" + boundary
    spans: list[tuple[int, int]] = []
    opened: int | None = None
    position = start
    while budget.looks > 0 and (found := raw.find(delimiter, position, end)) >= 0:
        budget.looks -= 1
        position = found + len(delimiter)
        if found > start and raw[found - 1] not in b"\r\n":
            continue
        rest = _REST_OF_BOUNDARY.match(raw, position, end)
        if rest is None:
            continue
        if opened is not None:
            spans.append((opened, max(opened, _before_newline(raw, found))))
        opened = None if rest[1] else rest.end()
        position = rest.end()
        if rest[1] or len(spans) > budget.parts:
            break
    if opened is not None and len(spans) <= budget.parts:
        spans.append((opened, end))  # cut off before its last boundary
    return spans


def _before_newline(raw: bytes, position: int) -> int:
    """The newline before a boundary belongs to the boundary (RFC 2046 5.1.1)."""
    if raw.endswith(b"\r\n", 0, position):
        return position - 2
    return position - 1


def _last(fields: Fields, name: str) -> str:
    values = fields.get(name)
    return values[-1] if values else ""
