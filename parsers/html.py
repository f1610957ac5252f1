"""Reads HTML into the text that a person sees, line by line, and the targets of its links."""

from __future__ import annotations

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from parsers.charset import clean

HTML_LIMIT = 1_000_000  # characters
TEXT_LIMIT = 256 * 1024  # characters of the result
LINK_COUNT = 200
LINK_LENGTH = 4096
_QUOTE_DEPTH = 5
_STYLE_LIMIT = 2000

# The parser walks up the open elements at each block, and through the attributes at each attribute: 200,000 nested
# <div> took it 86 s, 100,000 attributes of one tag 36 s. Both grow with the square, so both counts are kept small.
_TAG_COUNT = 20_000
_UNMARKED_LIMIT = 32 * 1024
_STRIDE = 2048
# Ends a tag in whatever state it is: a value in double quotes, in single quotes, none. In text it is seen, and removed.
_TAG_END = "\"'>\ue000"

_SKIPPED = frozenset(
    # Struck out counts too: the sender takes it back (the old time in an updated invitation).
    [
        "head",
        "script",
        "style",
        "title",
        "template",
        "svg",
        "math",
        "object",
        "iframe",
        "noframes",
        "textarea",
        "select",
        "audio",
        "video",
        "canvas",
        "map",
        "datalist",
        "del",
        "s",
        "strike",
    ]
)
_PARAGRAPHS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "blockquote", "pre", "figure"})
_BLOCKS = _PARAGRAPHS | frozenset(
    [
        "address",
        "article",
        "aside",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
        "div",
        "dt",
        "fieldset",
        "figcaption",
        "footer",
        "form",
        "header",
        "hr",
        "li",
        "legend",
        "main",
        "nav",
        "section",
        "summary",
        "table",
        "tbody",
        "thead",
        "tfoot",
        "tr",
    ]
)
_CELLS = frozenset({"td", "th"})
_WITHOUT_TEXT = frozenset({"img", "input", "meta", "link", "col", "wbr", "base", "source"})

_HIDDEN = re.compile(
    r"display:none|visibility:hidden|mso-hide:all|max-height:0(?![.\d])|opacity:0(?:\.0+)?(?![.\d])|line-through"
    r"|(?:^|;)(?:height|width):0(?![.\d])[^;]{0,9}(?=;).*overflow:hidden|overflow:hidden.*;(?:height|width):0(?![.\d])"
)
_FONT_SIZE = re.compile(r"(?:^|;)font(?:-size)?:([^;]{1,60})")
_ZERO_SIZE = re.compile(r"0(?:\.0*)?(?:px|pt|em|rem|%|in)?(?:/.*|!important)?")
_INDENT_ONLY = re.compile(r"border:(?:none|0)|border-left:(?:none|0)")  # what Gmail's indent button makes
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


@dataclass(frozen=True, slots=True, kw_only=True)
class HtmlText:
    """What a person sees: `text` has a line per block, "\\t" between cells and "> " before quoted lines."""

    text: str
    links: tuple[str, ...] = ()


def html_to_text(html: str) -> HtmlText:
    """Read any HTML, however broken, in time that grows with its length; at most 1 MB of it."""
    html, marked = _tame(html)
    root = LexborHTMLParser(html).root
    page = _Page(marked)
    if root is not None:
        _walk(root, page)
    return page.finish()


def _tame(html: str) -> tuple[str, bool]:
    html = html[:HTML_LIMIT]
    if html.count("<") > _TAG_COUNT:
        html = "<".join(html.split("<", _TAG_COUNT)[:_TAG_COUNT])
    if len(html) <= _UNMARKED_LIMIT:
        return html, False
    pieces: list[str] = []
    position = 0
    while len(html) - position > _STRIDE:
        # After a ">" it almost never stands inside a tag.
        end = html.find(">", position + _STRIDE, position + 2 * _STRIDE) + 1
        if end == 0:
            end = position + 2 * _STRIDE
            if len(html[position:end].split(None, 64)) < 64:  # one long word: an image inside the text
                pieces.append(html[position:end])
                position = end
                continue
        pieces.append(html[position:end])
        pieces.append(_TAG_END)
        position = end
    pieces.append(html[position:])
    return "".join(pieces), True


def _walk(root: LexborNode, page: _Page) -> None:
    """Visit every node in order without recursion: a mail may be nested as deep as it is long."""
    leaving: list[tuple[LexborNode, str, _Mode]] = []
    mode = _Mode()
    node: LexborNode | None = root
    while True:
        if node is None:
            if not leaving:
                return
            node, tag, before = leaving.pop()
            page.leave(tag, mode)
            mode = before
            node = node.next
            continue
        if node.is_text_node:
            if not mode.invisible:
                page.write(node.text_content or "", mode)
        elif node.is_element_node and (tag := node.tag or "") not in _SKIPPED:
            inner = page.enter(tag, node, mode)
            if inner is not None:
                child = node.child
                if child is not None:
                    leaving.append((node, tag, mode))
                    node, mode = child, inner
                    continue
                page.leave(tag, inner)
        elif not node.is_element_node and node.child is not None:  # the document itself
            leaving.append((node, "", mode))
            node = node.child
            continue
        if page.full:
            return
        node = node.next


@dataclass(frozen=True, slots=True)
class _Mode:
    """What an element hands down to those inside it."""

    quotes: int = 0
    preformatted: bool = False
    invisible: bool = False


class _Page:
    """The lines written so far and the one that is being written."""

    __slots__ = ("bare_quotes", "depth", "full", "gap", "length", "line", "lines", "links", "marked", "sure_quotes")

    def __init__(self, marked: bool) -> None:
        self.marked = marked
        self.lines: list[tuple[int, str]] = []
        self.line: list[str] = []
        self.depth = 0  # of quotation, of the line that is being written
        self.gap = False
        self.length = 0
        self.full = False
        self.links: dict[str, None] = {}
        self.sure_quotes = self.bare_quotes = False

    def write(self, text: str, mode: _Mode) -> None:
        if self.marked and _TAG_END in text:
            text = text.replace(_TAG_END, "")
        if mode.preformatted and "\n" in text:
            *whole, text = text.split("\n")
            for part in whole:
                self._append(part, mode)
                self.end_line()
        self._append(text, mode)

    def _append(self, text: str, mode: _Mode) -> None:
        if not self.line:
            if not mode.preformatted and not text.strip():
                return
            self.depth = mode.quotes
        self.line.append(text)

    def enter(self, tag: str, node: LexborNode, mode: _Mode) -> _Mode | None:
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
            quotes += self.quotation(tag, node, attributes, style or "")
        elif tag == "blockquote":
            self.bare_quotes = True
            quotes += 1
        if tag in _BLOCKS:
            self.end_block(tag)
            if tag == "li":
                self.line.append("- ")
                self.depth = quotes
        elif tag in _CELLS and self.line:
            self.line.append("\t")
        if quotes == mode.quotes and invisible == mode.invisible and preformatted == mode.preformatted:
            return mode
        return _Mode(min(quotes, _QUOTE_DEPTH), preformatted, invisible)

    def quotation(self, tag: str, node: LexborNode, attributes: dict[str, str | None], style: str) -> int:
        """Give how much deeper in quotation the inside of an element is: 0 or 1."""
        kind = attributes.get("class") or ""
        name = (attributes.get("id") or "").lower()
        if tag == "blockquote":
            if attributes.get("type") == "cite" or _QUOTE_MARK.search(kind) or "border-left:" in style:
                self.sure_quotes = True
            elif _INDENT_ONLY.search(style):
                return 0
            else:
                self.bare_quotes = True
            return 1
        if name in _REPLY_HEADER or _OUTLOOK_RULE.search(style):
            self.end_line_if_any()
            self.lines.append((0, RULE))
        elif (kind or name) and (_SIGNATURE.search(kind) or _SIGNATURE.search(name)):
            self.end_line_if_any()
            if any(depth == 0 and line for depth, line in self.lines[:50]):  # some write their whole mail inside it
                self.lines.append((0, "-- "))
        elif kind and _QUOTE_CLASS.search(kind):
            if "gmail_attr" in kind and (node.text(deep=True) or "").lstrip().startswith("-----"):
                return 0  # "---------- Forwarded message ---------": what follows is not an answer's quotation
            self.sure_quotes = True
            return 1
        return 0

    def link(self, target: str) -> None:
        target = target.strip()
        if (
            len(self.links) < LINK_COUNT
            and len(target) <= LINK_LENGTH
            and target[:8].lower().startswith(("http://", "https://"))
        ):
            self.links.setdefault(clean(target).replace("\n", ""))

    def leave(self, tag: str, mode: _Mode) -> None:
        if tag in _BLOCKS:
            self.end_block(tag)

    def end_block(self, tag: str) -> None:
        self.end_line_if_any()
        if tag in _PARAGRAPHS:
            self.gap = True

    def end_line_if_any(self) -> None:
        if self.line:
            self.end_line()

    def end_line(self) -> None:
        text = clean("".join(self.line))
        self.line.clear()
        text = "\t".join(" ".join(cell.split()) for cell in text.split("\t")).strip()
        if text and self.gap and self.lines and self.lines[-1][1]:
            self.lines.append((min(self.depth, self.lines[-1][0]), ""))
        if text or not self.gap:
            self.lines.append((self.depth, text))
        self.gap = self.gap and not text
        self.length += len(text) + 1
        self.full = self.length > TEXT_LIMIT

    def finish(self) -> HtmlText:
        self.end_line_if_any()
        own = any(depth == 0 and line for depth, line in self.lines)
        # A page laid out by a bare <blockquote> quotes nobody.
        flat = not own and self.bare_quotes and not self.sure_quotes
        text: list[str] = []
        blank = True
        for depth, line in self.lines:
            if line or not blank:
                text.append(("> " * (0 if flat else depth) + line) if line else ">" * (0 if flat else depth))
            blank = not line
        return HtmlText(text="\n".join(text)[:TEXT_LIMIT].strip("\n"), links=tuple(self.links))
