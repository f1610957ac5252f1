"""Splits the text of a mail into what the person wrote now, what is quoted or forwarded, and the signature."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from parsers.quotation import (
    attribution,
    header_block,
    is_forward_subject,
    is_forwarded_rule,
    is_original_rule,
    ruled_header,
    sender_lines,
)
from parsers.signature import (
    find_bare_name,
    find_sign_off,
    is_added,
    is_footer,
    is_short,
    offers_to_unsubscribe,
    sign_off_name,
)

TEXT_LIMIT = 256 * 1024  # characters
_DELIMITERS = frozenset({"--", "—", "__"})
_MARK_COLUMN = 6
_MARK = re.compile(r"\s{0,4}([|:#]|[-=~]{1,2}[>\]}])")
_FULL_LINE = (50, 100)  # characters of a line that a program broke
_DELIMITED_LINES = 30  # without its blank "--" may also divide paragraphs
_FOLDED = {
    **dict.fromkeys("‘’‚‛′´`ʼ＇", "'"),
    **dict.fromkeys("“”„‟″«»＂", '"'),
    **dict.fromkeys("‐‑‒–—―−﹘﹣－", "-"),
    **dict.fromkeys(
        "\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000", " "
    ),
    **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad", " "),
    "…": ".",
}
_FOLDING = str.maketrans(
    _FOLDED | {chr(wide): chr(wide - 0xFEE0) for wide in range(0xFF01, 0xFF5F) if chr(wide) not in _FOLDED}
)


class SegmentKind(StrEnum):
    """Whose words a stretch of text holds."""

    OWN = "own"
    QUOTED = "quoted"
    SIGNATURE = "signature"  # and what programs and lawyers add below or above
    FORWARDED = "forwarded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A stretch of whole lines: `text[start:end]` of the body."""

    kind: SegmentKind
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A text and its segments, which follow each other and cover it."""

    text: str
    segments: tuple[Segment, ...] = ()
    sign_off: str | None = None  # the name that the person signs with

    @property
    def fresh(self) -> str:
        """What the person wrote now, answers between quotations included."""
        return self._of(SegmentKind.OWN)

    @property
    def quoted(self) -> str:
        """What is quoted, with the lines that introduce it."""
        return self._of(SegmentKind.QUOTED)

    @property
    def signature(self) -> str:
        """The closing phrase, name, title and company, then legal text and list footers."""
        return self._of(SegmentKind.SIGNATURE)

    @property
    def forwarded(self) -> str:
        """The message that is passed on, without the marks of quotation."""
        lines = self._of(SegmentKind.FORWARDED).split("\n")
        marked = sum(line.startswith(">") for line in lines)
        if 2 * marked > sum(bool(line.strip()) for line in lines):
            lines = [line.removeprefix(">").removeprefix(" ") for line in lines]
        return "\n".join(lines)

    def _of(self, kind: SegmentKind) -> str:
        # A blank line between: what was apart is no one sentence.
        return "\n\n".join(self.text[s.start : s.end].strip("\n") for s in self.segments if s.kind is kind)


def fold_characters(text: str) -> str:
    """Replace typographic quotes, dashes and spaces by plain ones, each by one character: spans stay right."""
    return text if text.isascii() and "\t" not in text else text.translate(_FOLDING)


def split_body(text: str, *, subject: str = "") -> Body:
    """Split a text (newlines as line ends) in one pass over its lines; `subject` tells a forward from an answer."""
    text = text[:TEXT_LIMIT]
    lines = text.split("\n")
    kinds = _mark_quotations(lines, forward=is_forward_subject(subject))
    _mark_footers(lines, kinds, subscribed=offers_to_unsubscribe(text))
    sign_off: str | None = None
    for start, end in _own_stretches(lines, kinds):
        sign_off = _mark_signature(lines, kinds, start, end) or sign_off
    return Body(text=text, segments=_segments(lines, kinds), sign_off=sign_off)


def _mark_quotations(lines: Sequence[str], *, forward: bool) -> list[SegmentKind]:
    kinds = [SegmentKind.OWN] * len(lines)
    marks: tuple[str, ...] = (">",)
    last_marked = next((at for at in range(len(lines) - 1, -1, -1) if _is_marked(lines[at], marks)), -1)
    index = 0
    own = False  # whether anything of the person's own came before
    while index < len(lines):
        if not lines[index].strip():
            index += 1
            continue
        begins, kind = _introduction(lines, index, forward)
        if begins > index and begins < len(lines) and (mark := _other_mark(lines[begins])):
            marks = (*marks, mark)
        end = _end_of_marked(lines, begins, marks)
        if end > begins and kind is not SegmentKind.FORWARDED:
            kind = SegmentKind.QUOTED
        elif begins > index and not own and kind is SegmentKind.QUOTED and last_marked >= begins:
            end = begins  # the person marks what is quoted, and writes below it
        elif begins > index:  # nothing is marked: what follows an introduction is the old message
            end = len(lines)
            kind = kind if own else SegmentKind.FORWARDED
        own = own or end == index
        end = max(end, index + 1)
        kinds[index:end] = [kind] * (end - index)
        index = end
    return kinds


def _introduction(lines: Sequence[str], index: int, forward: bool) -> tuple[int, SegmentKind]:
    """Give where the quotation begins that a written line introduces, and its kind; the line itself if it does not."""
    line = lines[index]
    passed_on = SegmentKind.FORWARDED if forward else SegmentKind.QUOTED
    if line.startswith(">"):
        return index, SegmentKind.OWN
    if is_forwarded_rule(line):
        return _next_written(lines, index + 1), SegmentKind.FORWARDED
    if count := ruled_header(lines, index) or header_block(lines, index):
        return _next_written(lines, index + count), passed_on
    if is_original_rule(line):
        return _next_written(lines, index + 1 + sender_lines(lines, index + 1)), passed_on
    count, certain = attribution(lines, index)
    if count:
        below = _next_written(lines, index + count)
        if certain or (below < len(lines) and _is_marked(lines[below], (">",))):
            return below, SegmentKind.QUOTED
    return index, SegmentKind.OWN


def _next_written(lines: Sequence[str], index: int) -> int:
    """Give the next line that is not blank, within three."""
    return next((at for at in range(index, min(index + 3, len(lines))) if lines[at].strip()), min(index, len(lines)))


def _other_mark(line: str) -> str | None:
    """Read the mark before a quoted line where it is not ">": old programs put "|", ":" or what the person likes."""
    found = _MARK.match(line)
    return found[1] if found else None


def _is_marked(line: str, marks: tuple[str, ...]) -> bool:
    return line.startswith(marks) or line[:_MARK_COLUMN].lstrip().startswith(marks)


def _end_of_marked(lines: Sequence[str], start: int, marks: tuple[str, ...]) -> int:
    """Give the line behind the run of marked lines that begins here, blank ones between them included."""
    end = index = start
    while index < len(lines):
        if _is_marked(lines[index], marks):
            end = index + 1
        elif lines[index].strip():
            break
        index += 1
    # A line that an mbox escaped (">From here on ...") stands alone.
    return start if end == start + 1 and lines[start].startswith(">From ") else end


def _mark_footers(lines: Sequence[str], kinds: list[SegmentKind], *, subscribed: bool) -> None:
    """Take the lines out of the person's own words that a phone, a list or a lawyer added."""
    inside = False
    for index, line in enumerate(lines):
        if kinds[index] is not SegmentKind.OWN or not line.strip():
            inside = False
            continue
        if (
            inside
            or is_added(line)
            or is_footer(line)
            or (subscribed and is_short(line) and offers_to_unsubscribe(line))
        ):
            kinds[index] = SegmentKind.SIGNATURE
            # A line that was broken because it was full goes on in the next one.
            inside = _FULL_LINE[0] <= len(line) <= _FULL_LINE[1]


def _own_stretches(lines: Sequence[str], kinds: Sequence[SegmentKind]) -> list[tuple[int, int]]:
    """Give the runs of lines between quotations that hold words of the person's own."""
    stretches: list[tuple[int, int]] = []
    start: int | None = None
    for index, kind in enumerate((*kinds, SegmentKind.QUOTED)):
        inside = kind in {SegmentKind.OWN, SegmentKind.SIGNATURE}
        if inside and start is None:
            start = index
        elif not inside and start is not None:
            stretches.append((start, index))
            start = None
    return [(start, end) for start, end in stretches if any(line.strip() for line in lines[start:end])]


def _mark_signature(lines: Sequence[str], kinds: list[SegmentKind], start: int, end: int) -> str | None:
    """Mark the signature of one stretch and give the name in it."""
    delimiter = next((at for at in range(start, end) if _is_delimiter(lines, at, end)), end)
    kinds[delimiter:end] = [SegmentKind.SIGNATURE] * (end - delimiter)
    own = [lines[at] if kinds[at] is SegmentKind.OWN else "" for at in range(start, delimiter)]
    found = find_sign_off(own)
    if found is None:
        under = next((lines[at] for at in range(delimiter + 1, end) if lines[at].strip()), "")
        return find_bare_name(own) or (sign_off_name(under) if under else None)
    first, last, name = found
    for at in range(first, last):
        kinds[start + at] = SegmentKind.SIGNATURE
    return name


def _is_delimiter(lines: Sequence[str], index: int, end: int) -> bool:
    line = lines[index]
    if line == "-- ":
        return True
    if line.rstrip() not in _DELIMITERS:
        return False
    below = [other for other in lines[index + 1 : min(end, index + 4 * _DELIMITED_LINES)] if other.strip()]
    return end - index < 4 * _DELIMITED_LINES and 0 < len(below) <= _DELIMITED_LINES


def _segments(lines: Sequence[str], kinds: Sequence[SegmentKind]) -> tuple[Segment, ...]:
    segments: list[Segment] = []
    offset = start = 0
    current: SegmentKind | None = None
    for line, kind in zip(lines, kinds, strict=True):
        if line.strip() and kind is not current:  # a blank line belongs to what it follows
            if current is not None:
                segments.append(Segment(kind=current, start=start, end=offset))
                start = offset
            current = kind
        offset += len(line) + 1
    end = offset - 1
    if end > start:
        segments.append(Segment(kind=current or SegmentKind.OWN, start=start, end=end))
    return tuple(segments)
