"""Writes down what a person sees of an HTML page: element by element in, lines of text and link targets out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

from selectolax.lexbor import LexborNode

from parsers.charset import clean
from parsers.quotation import attribution

TEXT_LIMIT = 256 * 1024  # characters of the result
LINK_COUNT = 200
LINK_LENGTH = 4096
_QUOTE_DEPTH = 5
_STYLE_LIMIT = 2000
_BULLET = "- "
_INTRODUCTION_LINES = 4
_GLANCE = 20  # elements and texts

_UNSEEN = frozenset("head script style title template svg math object iframe noframes textarea".split())
_UNREAD = frozenset("select audio video canvas map datalist".split())
# Struck out: the sender takes it back (the old time in an updated invitation).
SKIPPED = _UNSEEN | _UNREAD | {"del", "s", "strike"}
_PARAGRAPHS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "blockquote", "pre", "figure"})
_TABLE_ROWS = frozenset({"table", "caption", "thead", "tbody", "tfoot", "tr"})
_SECTIONS = frozenset("address article aside body center div footer form header main nav section".split())
_BLOCKS = (
    _PARAGRAPHS | _TABLE_ROWS | _SECTIONS | {"dd", "details", "dialog", "dt", "fieldset", "figcaption", "hr", "li"}
)
_CELLS = frozenset({"td", "th"})
_WITHOUT_TEXT = frozenset({"img", "input", "meta", "link", "col", "wbr", "base", "source"})

_HIDDEN = re.compile(
    r"display:none|visibility:hidden|mso-hide:all|max-height:0(?![.\d])|opacity:0(?:\.0+)?(?![.\d])|line-through"
    r"|(?:^|;)(?:height|width):0(?![.\d])[^;]{0,9}(?=;).*overflow:hidden|overflow:hidden.*;(?:height|width):0(?![.\d])"
)
_FONT_SIZE = re.compile(r"(?:^|;)font(?:-size)?:([^;]{1,60})")
_ZERO_SIZE = re.compile(r"0(?:\.0*)?(?:px|pt|em|rem|%|in)?(?:/.*|!important)?")
# Attributes that tell a quotation from the person's own words, as mail programs set them.
_QUOTE_CLASS = re.compile(
    r"\b(?:yahoo_quoted|protonmail_quote|tutanota_quote|moz-cite-prefix|gmail_attr|zmail_extra)\b"
)
_QUOTE_MARK = re.compile(r"quote|cite", re.IGNORECASE)
_SIGNATURE = re.compile(r"gmail_signature(?!_prefix)|moz-signature|applemailsignature|^signature$", re.IGNORECASE)
_REPLY_HEADER = frozenset(
    {"divrplyfwdmsg", "mail-editor-reference-message-container", "replyheader", "olk_src_body_section"}
)
_OUTLOOK_RULE = re.compile(r"border:none;border-top:solid#[0-9a-f]{6}1\.0pt")
RULE = "_" * 32  # Outlook's own line above the header of a quoted message


@dataclass(frozen=True, slots=True)
class Mode:
    """What an element hands down to those inside it."""

    quotes: int = 0
    preformatted: bool = False
    invisible: bool = False


def _first_words(node: LexborNode) -> str:
    """Give the first text inside an element that is not blank; the whole text of nested ones costs their square."""
    inside = islice(node.traverse(include_text=True), _GLANCE)
    texts = ((part.text_content or "").strip() for part in inside if part.is_text_node)
    return next((text for text in texts if text), "")


class Page:
    """The lines written so far and the one that is being written."""

    __slots__ = ("depth", "full", "gap", "length", "line", "lines", "links")

    def __init__(self) -> None:
        self.lines: list[tuple[int, str]] = []
        self.line: list[str] = []
        self.depth = 0  # of quotation, of the line that is being written
        self.gap = False
        self.length = 0
        self.full = False
        self.links: dict[str, None] = {}

    def write(self, text: str, mode: Mode) -> None:
        if mode.preformatted and "\n" in text:
            *whole, text = text.split("\n")
            for part in whole:
                self._append(part, mode)
                self.end_line()
        self._append(text, mode)

    def _append(self, text: str, mode: Mode) -> None:
        if not self.line:
            if not mode.preformatted and not text.strip():
                return
            self.depth = mode.quotes
        self.line.append(text)

    def enter(self, tag: str, node: LexborNode, mode: Mode) -> Mode | None:
        """Begin an element; None where it and all inside it is not seen."""
        if tag == "br":
            self.end_line()
            return None
        if tag in _WITHOUT_TEXT:
            return None
        attributes = node.attributes
        quotes, invisible, preformatted = mode.quotes, mode.invisible, mode.preformatted or tag == "pre"
        if attributes:
            if "hidden" in attributes:
                return None
            if style := attributes.get("style"):
                style = "".join(style[:_STYLE_LIMIT].lower().split())
                if _HIDDEN.search(style):
                    return None
                if size := _FONT_SIZE.search(style):
                    invisible = _ZERO_SIZE.fullmatch(size[1]) is not None
                if "pre-wrap" in style or "white-space:pre" in style:
                    preformatted = True
            if tag == "a" and (target := attributes.get("href")):
                self.link(target)
            quotes += self.quotation(tag, node, attributes, style or "", mode)
        elif tag == "blockquote":
            quotes += self.is_introduced()
        if tag in _BLOCKS:
            self.end_block(tag)
            if tag == "li":
                self.line.append(_BULLET)
                self.depth = quotes
        elif tag in _CELLS and self.line:
            self.line.append("\t")
        if quotes == mode.quotes and invisible == mode.invisible and preformatted == mode.preformatted:
            return mode
        return Mode(min(quotes, _QUOTE_DEPTH), preformatted, invisible)

    def quotation(self, tag: str, node: LexborNode, attributes: dict[str, str | None], style: str, mode: Mode) -> int:
        """Give how much deeper in quotation the inside of an element is: 0 or 1."""
        kind = attributes.get("class") or ""
        name = (attributes.get("id") or "").lower()
        if tag == "blockquote":
            if attributes.get("type") == "cite" or _QUOTE_MARK.search(kind):
                return 1
            return int("border-left:" in style or self.is_introduced())
        if name in _REPLY_HEADER or _OUTLOOK_RULE.search(style):
            self.end_line_if_any()
            self.lines.append((mode.quotes, RULE))
            self.gap = False
        elif (kind or name) and (_SIGNATURE.search(kind) or _SIGNATURE.search(name)):
            self.end_line_if_any()
            if any(depth == 0 and line for depth, line in self.lines[:50]):  # some write their whole mail inside it
                self.lines.append((mode.quotes, "-- "))
        elif kind and _QUOTE_CLASS.search(kind):
            if "gmail_attr" in kind and _first_words(node).startswith("-----"):
                return 0  # "---------- Forwarded message ---------": what follows is not an answer's quotation
            return 1
        return 0

    def is_introduced(self) -> bool:
        """Tell whether the last line introduces a quotation: else <blockquote> is only an indent, or the whole page."""
        self.end_line_if_any()
        lines = [line for _, line in self.lines[-_INTRODUCTION_LINES:] if line]
        if lines and lines[-1].endswith("----"):  # Zoho: "---- On ... wrote ----"
            return True
        return any(attribution(lines, index)[0] == len(lines) - index for index in range(len(lines)))

    def link(self, target: str) -> None:
        target = target.strip()
        if (
            len(self.links) < LINK_COUNT
            and len(target) <= LINK_LENGTH
            and target[:8].lower().startswith(("http://", "https://"))
        ):
            self.links.setdefault(clean(target).replace("\n", ""))

    def leave(self, tag: str) -> None:
        if tag == "li" and self.line == [_BULLET]:
            self.line.clear()
        if tag in _BLOCKS:
            self.end_block(tag)

    def end_block(self, tag: str) -> None:
        self.end_line_if_any()
        if tag in _PARAGRAPHS:
            self.gap = True

    def end_line_if_any(self) -> None:
        if self.line and self.line != [_BULLET]:  # the item may begin with a paragraph
            self.end_line()

    def end_line(self) -> None:
        text = clean("".join(self.line))
        self.line.clear()
        text = "\t".join(words for cell in text.split("\t") if (words := " ".join(cell.split())))
        if text and self.gap and self.lines and self.lines[-1][1]:
            self.lines.append((min(self.depth, self.lines[-1][0]), ""))
        if text or not self.gap:
            self.lines.append((self.depth, text))
        self.gap = self.gap and not text
        self.length += len(text) + 1
        self.full = self.length > TEXT_LIMIT

    def text(self) -> str:
        """Give the lines, each behind one "> " for each quotation it stands in."""
        self.end_line_if_any()
        text: list[str] = []
        blank = True
        for depth, line in self.lines:
            if line or not blank:
                mark = "> " * depth
                text.append(mark + line if line else mark.rstrip())
            blank = not line
        return "\n".join(text)[:TEXT_LIMIT].strip("\n")
