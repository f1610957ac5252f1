"""Reads a tree of MIME parts into the body: the text a person reads, the HTML as sent, links, calendar objects."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from parsers.charset import clean, decode
from parsers.header import decode_words
from parsers.html import html_to_text
from parsers.mime import Part
from parsers.page import LINK_COUNT

TEXT_LIMIT = 256 * 1024  # characters kept
CALENDAR_LIMIT = 1_000_000  # bytes
CALENDAR_COUNT = 50
_HTML_LIMIT = 1_000_000  # bytes of one part
_HTML_CUT = "an HTML part is too large; the rest was left out"
_TEXT_BYTES = 4 * TEXT_LIMIT  # of one part
# Over all parts: two hundred full ones would cost seconds. A tag costs the reader of HTML as much as 50 characters.
_HTML_TOTAL = 2 * _HTML_LIMIT
_TAG_COST = 50
_TEXT_TOTAL = 4 * TEXT_LIMIT
_CALENDAR_TOTAL = 5 * CALENDAR_LIMIT

_CALENDAR_TYPES = frozenset({"text/calendar", "application/ics", "text/x-vcalendar", "application/calendar"})
# Parts of a delivery report (RFC 3464, RFC 8098) that are text although they do not say so.
_REPORT_TYPES = frozenset(
    {
        "message/delivery-status",
        "message/global-delivery-status",
        "message/disposition-notification",
        "message/feedback-report",
    }
)
# TNEF [MS-OXTNEF]: a sender's server that does not know better packs the text and the invitation into one such part.
_OUTLOOK_TYPES = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_HEADER_TYPES = frozenset({"text/rfc822-headers", "message/rfc822-headers"})
_FORWARDED_FIELDS = ("From", "Date", "Subject", "To", "Cc")
FORWARDED_RULE = "---------- Forwarded message ---------"

_LINK = re.compile(r"https?://[^\s<>\"\\^`{|}\x00-\x20]{1,2000}", re.IGNORECASE)
_LINK_TAIL = ".,;:!?'*_])"
_STUB = re.compile(
    r"html|view (?:it|this|the) (?:e-?mail|message|online|in)|(?:e-?mail|mail) (?:client|program|reader)|browser|"
    r"navigateur|navegador|does not support|nicht korrekt",
    re.IGNORECASE,
)
_STUB_WORDS = 40
_EXCUSE = re.compile(
    r"(?:support|display|read|view|enable)\w{0,5} (?:for )?html|html[ -](?:viewer|capable|enabled)", re.IGNORECASE
)
_EXCUSE_LENGTH = 1000
_MARKUP = re.compile(r"\s{0,200}(?:<!doctype html|<html|<body|<head|<div|<table|<p>)", re.IGNORECASE)
_QUOTE_MARKS = re.compile(r">{1,100}")
_UU_BEGIN = re.compile(r"begin [0-7]{3,4} ([^\n]{1,200})")
_UU_LINE = re.compile(r"[!-`][ -`]{1,90}\s?|`\s?")  # a length and what it counts; 45 bytes are 61 characters


@dataclass(slots=True)
class Content:
    """What was gathered from the parts so far, with the bounds of a whole message."""

    html: str | None = None
    links: dict[str, None] = field(default_factory=dict)
    calendars: dict[bytes, None] = field(default_factory=dict)
    problems: dict[str, None] = field(default_factory=dict)
    html_left: int = _HTML_TOTAL
    text_left: int = _TEXT_TOTAL
    calendars_left: int = _CALENDAR_TOTAL

    def add_links(self, links: tuple[str, ...] | list[str]) -> None:
        for link in links:
            if len(self.links) >= LINK_COUNT:
                return
            self.links.setdefault(link)


def read_body(part: Part) -> tuple[str, Content]:
    """Give the readable text and what else the parts hold."""
    content = Content()
    text = _read(part, content).strip("\n")
    if len(text) > TEXT_LIMIT:
        content.problems[f"the text is longer than {TEXT_LIMIT // 1024} KiB; the rest was left out"] = None
        text = text[:TEXT_LIMIT]
    return text, content


def _read(part: Part, content: Content) -> str:
    kind = part.content_type
    if kind == "multipart/alternative":
        return _read_alternative(part, content)
    if kind == "multipart/encrypted" or kind in {"application/pkcs7-mime", "application/x-pkcs7-mime"}:
        content.problems["the message is encrypted"] = None  # S23: never opened, so never quoted in a draft
        return ""
    if kind == "multipart/related":
        return _read_related(part, content)
    if kind in {"message/rfc822", "message/global"} and part.children:
        return _read_enclosed(part.children[0], content)
    if part.children:
        return _join([_read(child, content) for child in part.children])
    return _read_leaf(part, content)


def _read_leaf(part: Part, content: Content) -> str:
    kind = part.content_type
    if kind in _OUTLOOK_TYPES or (part.filename or "").lower() == "winmail.dat":
        content.problems["a part is in Outlook's own format (winmail.dat) and was not read"] = None
        return ""
    if kind in _CALENDAR_TYPES or (part.filename or "").lower().endswith((".ics", ".vcs", ".ical")):
        _take_calendar(part, content)
        return ""
    if kind in _REPORT_TYPES or kind in _HEADER_TYPES:
        return clean(decode(part.content(_TEXT_BYTES), None))
    if part.disposition == "attachment" or not kind.startswith("text/"):
        return ""
    if kind in {"text/html", "text/x-amp-html"}:
        return _read_html(part, content)
    if kind in {"text/plain", "text/enriched", "text/markdown", "text/x-plain"} or part.filename is None:
        return _read_plain(part, content)
    return ""


def _read_plain(part: Part, content: Content) -> str:
    if content.text_left <= 0:
        content.problems["too much text; the rest was left out"] = None
        return ""
    text = clean(decode(part.content(_TEXT_BYTES), part.parameters.get("charset")))
    text = _without_uuencoded(text, content)
    content.text_left -= len(text)
    if part.parameters.get("format", "").lower() == "flowed":
        text = unflow(text, delete_space=part.parameters.get("delsp", "").lower() == "yes")
    if _MARKUP.match(text) and text.count("</") > 2:  # some systems put HTML where text belongs
        return _from_html(text, content)
    content.add_links([link.rstrip(_LINK_TAIL) for link in _LINK.findall(text)])
    return text


def _without_uuencoded(text: str, content: Content) -> str:
    """Leave out the files that old programs put between the lines of a text (POSIX uuencode)."""
    if "\nbegin " not in text and not text.startswith("begin "):
        return text
    kept: list[str] = []
    lines = text.split("\n")
    inside = False
    for index, line in enumerate(lines):
        below = lines[index + 1] if index + 1 < len(lines) else ""
        if inside:
            inside = line.rstrip() != "end" and _UU_LINE.fullmatch(line) is not None
            if inside or line.rstrip() == "end":
                continue
        elif (begun := _UU_BEGIN.fullmatch(line)) and _UU_LINE.fullmatch(below):
            content.problems[f"a file inside the text (uuencoded) was not read: {begun[1].strip()!r}"] = None
            inside = True
            continue
        kept.append(line)
    return "\n".join(kept)


def _read_html(part: Part, content: Content) -> str:
    data = part.content(_HTML_LIMIT + 1)
    if len(data) > _HTML_LIMIT:
        content.problems[_HTML_CUT] = None
    charset = part.parameters.get("charset") or _stated_charset(data)
    return _from_html(decode(data, charset), content)


def _from_html(html: str, content: Content) -> str:
    if content.html_left <= 0:
        content.problems["too much HTML; the rest was left out"] = None
        return ""
    content.html_left -= len(html) + _TAG_COST * html.count("<")
    if content.html is None:
        content.html = html[:_HTML_LIMIT]
    read = html_to_text(html)
    if not read.complete:
        content.problems[_HTML_CUT] = None
    content.add_links(read.links)
    content.add_links([link.rstrip(_LINK_TAIL) for link in _LINK.findall(read.text)])
    return read.text


_META_CHARSET = re.compile(rb"<meta[^>]{1,200}charset\s{0,9}=\s{0,9}[\"']?([A-Za-z0-9_:.\-]{1,40})", re.IGNORECASE)


def _stated_charset(data: bytes) -> str | None:
    found = _META_CHARSET.search(data, 0, 2048)
    return found[1].decode("ascii") if found else None


def _read_alternative(part: Part, content: Content) -> str:
    """Choose between the forms of one text: the plain one, unless it only says that there is another."""
    plain = rich = ""
    for child in part.children:
        text = _read(child, content)
        if child.content_type == "text/plain":
            plain = plain or text
        elif text.strip():
            rich = text  # RFC 2046 5.1.4: the last one that can be shown is the best
    return rich if rich and _is_stub(plain, rich) else plain


def _is_stub(plain: str, rich: str) -> bool:
    words = plain.split(None, _STUB_WORDS)
    if not words:
        return True
    if len(words) > _STUB_WORDS:
        return len(plain) < len(rich) and len(plain) < _EXCUSE_LENGTH and _EXCUSE.search(plain) is not None
    richer = len(rich.split(None, 4 * len(words))) > 4 * len(words)
    return richer or (_STUB.search(plain) is not None and len(rich) > len(plain))


def _read_related(part: Part, content: Content) -> str:
    """Read the root (RFC 2387 3.2); of the other parts only calendar objects count."""
    start = part.parameters.get("start")
    root = next(
        (child for child in part.children if start and start in child.fields.get("content-id", ())),
        part.children[0],
    )
    texts = [(child, _read(child, content)) for child in part.children if child is root or not _is_text(child)]
    return _join([text for child, text in texts if child is root])


def _is_text(part: Part) -> bool:
    return part.content_type in {"text/plain", "text/html"}


def _read_enclosed(message: Part, content: Content) -> str:
    """Show a message inside the message as mail programs show what they forward."""
    lines = [FORWARDED_RULE]
    lines.extend(
        f"{name}: {decode_words(message.fields[name.lower()][0])[:1000]}"
        for name in _FORWARDED_FIELDS
        if name.lower() in message.fields
    )
    return "\n".join([*lines, "", _read(message, content)])


def _take_calendar(part: Part, content: Content) -> None:
    data = part.content(CALENDAR_LIMIT + 1)
    if len(data) > CALENDAR_LIMIT:
        content.problems["a calendar part is larger than 1 MB and was left out"] = None
    elif len(content.calendars) >= CALENDAR_COUNT or content.calendars_left <= 0:
        content.problems["too many calendar parts; the rest was left out"] = None
    elif data.strip():
        content.calendars_left -= len(data)
        content.calendars.setdefault(_in_utf8(data, part.parameters.get("charset")))  # Google sends the same file twice


def _in_utf8(data: bytes, charset: str | None) -> bytes:
    """RFC 5545 3.1.4: the part's charset counts; whoever reads the object expects UTF-8."""
    return data if data.isascii() else decode(data, charset).encode("utf-8", "replace")


def _join(texts: list[str]) -> str:
    """Put the texts of sibling parts under each other; the same text in two forms is shown once."""
    kept: list[str] = []
    beginnings: set[str] = set()
    for text in texts:
        beginning = "".join(text[:2000].split())[:300]
        if beginning and beginning not in beginnings:
            beginnings.add(beginning)
            kept.append(text.strip("\n"))
    return "\n\n".join(kept)


def unflow(text: str, *, delete_space: bool) -> str:
    """Join the lines that format=flowed broke (RFC 3676 section 4), quoted ones at their depth."""
    lines: list[str] = []
    open_depth: int | None = None
    paragraph: list[str] = []
    for line in text.split("\n"):
        found = _QUOTE_MARKS.match(line)
        depth = len(found[0]) if found else 0
        line = line[depth:]
        line = line.removeprefix(" ")  # space-stuffing
        if open_depth is not None and (depth != open_depth or line == "-- "):
            lines.append(_quoted(open_depth, paragraph))
            open_depth = None
        if open_depth is None:
            paragraph = []
        flows = line.endswith(" ") and line != "-- "  # 4.3: the signature's rule is no flowed line
        paragraph.append(line[:-1] if flows and delete_space else line)
        open_depth = depth
        if not flows:
            lines.append(_quoted(depth, paragraph))
            open_depth = None
    if open_depth is not None:
        lines.append(_quoted(open_depth, paragraph))
    return "\n".join(lines)


def _quoted(depth: int, paragraph: list[str]) -> str:
    text = "".join(paragraph)
    return ">" * depth + (" " if depth and text else "") + text
