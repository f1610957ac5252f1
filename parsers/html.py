"""Reads HTML into the text that a person sees, line by line, and the targets of its links."""

from __future__ import annotations

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from parsers.page import SKIPPED, Mode, Page

HTML_LIMIT = 1_000_000  # characters

# The parser walks up the open elements at each block, and through the attributes at each attribute: 200,000 nested
# <div> took it 86 s, 100,000 attributes of one tag 36 s. Both grow with the square, so both counts are kept small.
_TAG_COUNT = 20_000
_UNMARKED_LIMIT = 32 * 1024
_STRIDE = 2048
# Ends a tag in whatever state it is: a value in double quotes, in single quotes, none. In text it is seen, and removed.
TAG_END = "\"'>\ue000"
_EMBEDDED = re.compile(
    r"data:[a-z]{1,20}/[a-z0-9.+-]{1,40};base64,[A-Za-z0-9+/=\s]+"
)  # a picture of any length in one tag


@dataclass(frozen=True, slots=True, kw_only=True)
class HtmlText:
    """What a person sees: `text` has a line per block, "\\t" between cells and "> " before quoted lines."""

    text: str
    links: tuple[str, ...] = ()
    complete: bool = True  # False: there was more than the bounds allow


def html_to_text(html: str) -> HtmlText:
    """Read any HTML, however broken, in time that grows with its length; at most 1 MB of it."""
    complete = len(html) <= HTML_LIMIT and html.count("<") <= _TAG_COUNT
    html, marked = tame(html)
    root = LexborHTMLParser(html.encode("utf-8", "replace")).root
    page = Page()
    if root is not None:
        _walk(root, page, marked)
    return HtmlText(text=page.text(), links=tuple(page.links), complete=complete and not page.full)


def tame(html: str) -> tuple[str, bool]:
    """Bound what the parser can be made to do; True where `TAG_END` was put in, which is to be taken out of any text.

    Whoever gives a stranger's HTML to the parser passes it through here first.
    """
    html = _EMBEDDED.sub("data:", html[:HTML_LIMIT])
    if html.count("<") > _TAG_COUNT:
        html = "<".join(html.split("<", _TAG_COUNT)[:_TAG_COUNT])
    if len(html) <= _UNMARKED_LIMIT:
        return html, False
    pieces: list[str] = []
    position = 0
    while len(html) - position > _STRIDE:
        # Between two tags, or else behind a ">", it hardly ever stands inside a value.
        first, last = position + _STRIDE, position + 2 * _STRIDE
        end = (html.find("><", first, last) + 1) or (html.find(">", first, last) + 1) or last
        pieces.append(html[position:end])
        pieces.append(TAG_END)
        position = end
    pieces.append(html[position:])
    return "".join(pieces), True


def _walk(root: LexborNode, page: Page, marked: bool) -> None:
    """Visit every node in order without recursion: a mail may be nested as deep as it is long."""
    leaving: list[tuple[LexborNode, str, Mode]] = []
    mode = Mode()
    node: LexborNode | None = root
    while True:
        if node is None:
            if not leaving:
                return
            node, tag, before = leaving.pop()
            page.leave(tag)
            mode = before
            node = node.next
            continue
        if node.is_text_node:
            if not mode.invisible:
                text = node.text_content or ""
                page.write(text.replace(TAG_END, "") if marked else text, mode)
        elif node.is_element_node and (tag := node.tag or "") not in SKIPPED:
            inner = page.enter(tag, node, mode)
            if inner is not None:
                child = node.child
                if child is not None:
                    leaving.append((node, tag, mode))
                    node, mode = child, inner
                    continue
                page.leave(tag)
        elif not node.is_element_node and node.child is not None:  # the document itself
            leaving.append((node, "", mode))
            node = node.child
            continue
        if page.full:
            return
        node = node.next
