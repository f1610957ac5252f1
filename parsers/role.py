"""Finds the title of the post that a message is about: subject and text in, the title with its words out."""

from __future__ import annotations

import re
from typing import Final

from parsers.cues import cue
from parsers.names import is_full_name, is_title, word_lists
from parsers.spelling import plain

_LENGTH: Final = 80  # characters
_WORDS: Final = 10
_TITLE: Final = r"(?P<role>[A-ZÀ-Þ][^\n.;:|<>!?]{1,80}?)"
_TITLE_WITHOUT_COMMA: Final = r"(?P<role>[A-ZÀ-Þ][^\n.;:|<>!?,]{2,80}?)"
_LABELLED: Final = r"(?P<role>[^\n|<>]{3,90})"
_END: Final = r"(?= {role_end}\b|[,.;:!?(\n]|$)"


def _patterns(*shapes: str) -> tuple[re.Pattern[str], ...]:
    return tuple(cue(shape, re.MULTILINE) for shape in shapes)


# Where only the title of a post stands: any capitalized words will do.
_PLAIN: Final = _patterns(
    rf"^\W{{0,3}}(?i:{{role_label}}): {{0,3}}{_LABELLED}$",
    rf"\b(?i:{{role_of}}) (?:of|as|als|de|d['’]) ?(?:an? |the |une? |una? )?{_TITLE}{_END}",
    rf"\b(?i:the|our|this|an?|your) {_TITLE},? (?i:{{role_word}})\b",
)
# Where other things stand, too: only what names an occupation.
_IN_SUBJECT: Final = _patterns(
    r"(?i:for (?:the )?{role_of} of|{role_of} of) (?P<role>[^\n|<>!?;:]{3,90})",
    r"(?i:{role_subject})\b[^|]{0,60}? (?i:for|as|to)(?: (?:the|our|an|a))? (?P<role>[^|<>\n]{3,90}?)"
    r"(?= (?:role|position|opening|job|at|@|with|on)\b| [-–—|@(]|[,:!]|$)",
    r"(?i:bewerbung|stelle|gespräch|vorstellungsgespräch) (?i:als|zur|für die|für|um)"
    r"(?: (?:die|den|Stelle|Position|als|eine?)){0,3} "
    r"(?P<role>[^|<>\n]{3,90}?)(?= (?:bei|am|in)\b| [-–—|(]|[,:!]|$)",
    r"(?:^|[|:–—]\s?| - )(?P<role>[^|:–—<>\n]{3,80}?)"
    r"(?= (?:role|position|opening|application|interview|at|@)\b| [-–—|@]|[|:,(]|$)",
)
_IN_TEXT: Final = _patterns(
    rf"\b(?:{{role_for}}) (?:the |our |an? |die Stelle (?:als )?)?{_TITLE_WITHOUT_COMMA}"
    r"(?= (?:at|with|bei|chez|here|position|role|to|who|for|in)\b|[,.;:!?(\n]|$)",
)
_TRIM = re.compile(
    r"\s{0,4}(?:\([^()]{0,60}\)|\[[^\[\]]{0,60}\]|\b(?:R|REQ|JR)[-_]?\d{4,10}\b|#\d{2,10}"
    r"|\b(?:Summer|Fall|Spring|Winter|Autumn) 20\d\d\b)\s{0,4}"
)
_REQUISITION = cue(
    r"\b(?:(?i:{requisition_label}[ .]{0,2}(?:id|no|nr|number|nummer|code|#)?)[ .:#-]{0,3}"
    r"(?P<labelled>[A-Z]{0,4}[-_]?\d[\w-]{2,20})"
    r"|(?P<bare>(?:R|REQ|JR|JOB)[-_]?\d{4,10}))|\((?P<bracketed>\d{4,8}(?:BR)?)\)",
    0,
)
_DATE = re.compile(r"(?:19|20)\d\d(?:-\d\d){0,2}")


def find_role(subject: str, text: str, *, stated: str | None, company: str | None) -> tuple[str, str] | None:
    """Give the title of the post and the words that state it."""
    if stated and (role := _usable(stated, company, strict=False)):
        return role, stated
    for patterns, words, strict in ((_PLAIN, text, False), (_IN_SUBJECT, subject, True), (_IN_TEXT, text, True)):
        for pattern in patterns:
            for found in pattern.finditer(words):
                if role := _usable(found["role"], company, strict=strict):
                    return role, " ".join(found[0].split())
    return None


def find_requisition(text: str) -> str | None:
    """Give the id that tells two posts of one employer apart."""
    for found in _REQUISITION.finditer(text):
        value: str = next(filter(None, found.groups()))
        if sum(letter.isdigit() for letter in value) >= 3 and not _DATE.fullmatch(value):
            return value
    return None


def _usable(found: str, company: str | None, *, strict: bool) -> str | None:
    """Give the title if it can be a post's, without brackets, ids, season and company."""
    text = _TRIM.sub(" ", found)
    if company:
        text = re.sub(
            rf"(?i)\s{{0,3}}(?:\bat|\bwith|@|-|–|,|\||:)?\s{{0,3}}\b{re.escape(company)}(?:['’]s)?(?!\w)", " ", text
        )
    text = re.sub(r"(?i)^(?:the|our|an?|your|for|as)\s", "", " ".join(text.split())).strip(" .,;:-–—|\"'“”*")
    text = re.sub(r"(?i)\s(?:role|position|opening|job|vacancy|opportunity)$", "", text)
    words = text.split()
    if not words or not 2 <= len(text) <= _LENGTH or len(words) > _WORDS:
        return None
    lists = word_lists()
    plains = [plain(word.strip(".,()")) for word in words]
    if plains[0] in lists["role_stop"] or not lists["not_in_role"].isdisjoint(plains):
        return None
    if "#" in text or "@" in text or (text.isupper() and any(mark.isdigit() for mark in text)):
        return None
    occupation = is_title(text)
    if (strict or is_full_name(text)) and not occupation:
        return None
    return text if occupation or text[0].isupper() else None
