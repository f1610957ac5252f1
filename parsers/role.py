"""Finds the title of the post that a message is about: subject and text in, the title with its words out."""

from __future__ import annotations

import re
from itertools import islice, pairwise
from typing import Final

from parsers.cues import cue, fill
from parsers.names import is_full_name, is_head, is_title, word_lists
from parsers.spelling import plain

_LENGTH: Final = 80  # characters
_TAGS: Final = 10  # "(m/w/d)" that are looked at
_WORDS: Final = 10
_TITLE: Final = r"(?P<role>[A-ZÀ-Þ](?:[^\n.;:|<>!?]|(?<=\w):(?=in\b)|(?<=\b[JS]r)\.(?=\s)){1,80}?)"
_TITLE_WITHOUT_COMMA: Final = r"(?P<role>[A-ZÀ-Þ](?:[^\n.;:|<>!?,]|(?<=\w):(?=in\b)){2,80}?)"
_LABELLED: Final = r"(?P<role>[^\n|<>]{3,90})"
_NO_BRACKET: Final = r"(?<=\w)\((?!{gender_end}\))|(?<!\w)\("  # "Attaché(e)" goes on
_END: Final = rf"(?= {{role_end}}\b|[,.;!?\n\"]|{_NO_BRACKET}|:(?!in\b)|$)"


def _patterns(*shapes: str) -> tuple[re.Pattern[str], ...]:
    return tuple(cue(shape, re.MULTILINE) for shape in shapes)


# Where only the title of a post stands: any capitalized words will do.
_PLAIN: Final = _patterns(
    rf"^\W{{0,3}}(?i:{{role_label}}) ?: {{0,3}}{_LABELLED}$",
    rf"[.!?)] (?i:{{role_label}}) ?: {{0,3}}{_TITLE}{_END}",
    rf"\b(?i:{{role_of}}) (?:of|as|als|de|d['’]) ?(?:an? |the |une? |una? )?{_TITLE}{_END}",
    rf"\b(?i:the|our|this|an?|your) (?:(?i:{{before_role}}) )?{_TITLE},? (?i:{{role_word}})\b",
)
# "die Stelle "Sachbearbeitung Wasserrecht"", in a subject, too.
_QUOTED: Final = _patterns(
    r"\b(?i:{role_of}|{applying}|{application_word}) (?:(?:als|as|a|à|en|de) )?\"(?P<role>[^\n\"]{3,80})\"",
)
# Where other things stand, too: only what names an occupation.
_BEFORE_WORD: Final = _patterns(
    rf"\b(?i:the|our|this|an?|your) (?:(?i:{{before_role}}) )?{_TITLE},? (?i:{{role_word}}|{{role_word_weak}})\b",
)
_IN_SUBJECT: Final = _patterns(
    # "Interview - Jordan Doe (Associate Counsel)".
    r" \((?P<role>[A-ZÀ-Þ](?:[^\n|<>!?;:(),]|\({gender_end}\)){3,80})(?=[,)])",
    r"(?i:for (?:the )?{role_of} of|{role_of} of) (?P<role>[^\n|<>!?;:]{3,90})",
    r"\b(?i:{role_of} (?:de |als |d['’]))(?P<role>[^\n|<>!?;:(]{3,90}?)(?= [-–—|(]|[,!]|$)",
    r"\b(?i:{role_lead})(?: |(?<='))(?P<role>[^|<>\n]{3,90}?)"
    r"(?= (?:bei|am|in|chez|en|em|na)\b| [-–—|(]|[,!]|:(?!in\b)|$)",
    r"(?i:{role_subject})\b[^|]{0,60}? (?i:for|as|to|about|re|regarding)(?: (?:the|our|an|a))? "
    r"(?P<role>[^|<>\n]{3,90}?)(?= (?:role|position|opening|job|at|@|with|on)\b| [-–—|@(]|[,!]|:(?!in\b)|$)",
    r"\b(?i:{applying})(?: |: )(?P<role>[a-zà-þ][^|<>\n:]{3,80}?)(?= [-–—|(@]|,|$)",
    r"\b(?i:{interviewing}|{applying})(?: |: )(?P<role>[A-ZÀ-Þ][^|<>\n:]{3,80}?)(?= [-–—|(@]|,|$)",
    r"(?:^|[|–—]\s?|:\s| - )(?P<role>(?:[^|:–—<>\n]|(?<=\w):(?=in\b)){3,80}?)"
    r"(?= (?:{role_word}|{role_word_weak}|{after_role}|at|@|chez|bei|na|no)\b| [-–—|@/]|[|,]"
    rf"|{_NO_BRACKET}|:(?!in\b)|$)",
)
_IN_TEXT: Final = _patterns(
    # A number with the title behind it: "avis n° 2027-0088 (agent d'accueil, catégorie C)".
    r"\d ?\((?P<role>[^\W\d_](?:[^\n|<>!?;:(),]|\({gender_end}\)){3,80})(?=[,)])",
    rf"^(?i:{{interviewing}})(?: [a-zà-ü]{{3,15}})? ?[,–-] {_TITLE_WITHOUT_COMMA}(?=[,|(]|$)",
    rf"\b(?i:{{role_lead}})(?: |(?<=')){_TITLE_WITHOUT_COMMA}{_END}",
    rf"\b(?i:{{role_of}}) {_TITLE_WITHOUT_COMMA}{_END}",
    rf"\b(?:{{role_for}}) (?:the |our |an? |die Stelle (?:als )?)?{_TITLE_WITHOUT_COMMA}"
    rf"(?= (?:{{role_end}}|who|for)\b|[,.;!?\n]|{_NO_BRACKET}|:(?!in\b)|$)",
    rf"\b(?i:{{role_of}})\b[^.\n]{{0,40}}? (?:is|ist|est|es|é) (?:an? |the |our )?{_TITLE_WITHOUT_COMMA}{_END}",
    rf"\b(?i:{{role_of}}) (?:de |d['’])(?P<role>[a-zà-þ](?:[^\n.;:|<>!?,(]|\({{gender_end}}\)){{2,60}}?){_END}",
    rf"\b(?i:{{seeks}}) (?P<role>[a-zà-þ][\w/*:&-]{{1,24}}(?: (?!{{no_small_role}}\b)[\w/*:&-]{{2,24}}){{0,4}}?){_END}",
    r"\b(?i:{small_role_lead}) (?P<role>(?:(?!{no_small_role}\b)[A-Za-z][A-Za-z&/-]{1,20} ){1,5})"
    r"(?:role|position|job|opening|vacancy)\b",
)
# "(m/w/d)", "H/F", "(all genders)": nothing but a title stands before it.
_GENDER = re.compile(
    r"\s{0,2}[(\[]?\b(?:[mwfdxhgn]|gn|div|mf|wm)(?:\s?[/|*,]\s?(?:[mwfdxhian]|gn|div)){1,3}\b(?:\s?\*)?[)\]]?"
    r"|\s{0,2}[(\[](?:all genders|alle geschlechter|gn|f\*?m\*?d)[)\]]",
    re.IGNORECASE,
)
# A word with both ends names an occupation, whatever it is: "Filialbetreuer*in", "Operador(a)".
_BOTH_ENDS = cue(r"[^\W\d_]{4,30}(?:(?:[:*_]|/-?){gender_end}\b|\({gender_end}\)|(?<=[a-zäöüß])In(?:nen)?\b)", 0)
# "your CV across for the Solutions Engineer"
_INNER_LEAD = cue(r"^.{0,80}\b{inner_lead} ")
# "a Data Engineer to be its first hire"
_INNER_END = cue(r" {inner_end}\b.*$")
_BEFORE_TITLE = cue(r"^(?:(?:for|as|{role_of} (?:of|as|als|des?|für))\s|{role_of} d['’]|{post_word}\s)")
_ROLE_WORD = cue(r"\s(?:role|position|opening|job|vacancy|opportunity)$")
_BEFORE_GENDER: Final = 90  # characters
_LEAD = cue(
    r".*(?:\b{role_lead}(?:\s|(?<='))|\b{role_for}\s|\b{role_label}\s?[:„\"“]\s?|[|–—(„\"“]\s?|\s-\s|:\s|[.!?]\s)"
)
_TRIM = cue(
    r"\s{0,4}(?:(?<!\w)\([^()]{0,60}\)|(?<=\w)\((?!{gender_end}\))[^()]{0,60}\)|\[[^\[\]]{0,60}\]|\b(?:R|REQ|JR)[-_]?\d{4,10}\b|#\d{2,10}"
    r"|^\d{2,8}(?:-\w{1,8}){0,2}\s(?=\D)|\s[-–—]\s(?:\d{4,10}|[A-Z]{1,4}-?\d{3,10})$|\d{2,3}(?:\s?[-–]\s?\d{2,3})?\s?%"
    r"|,?\s?\b(?:Summer|Fall|Spring|Winter|Autumn) 20\d\d\b)\s{0,4}"
)
_UNFINISHED = re.compile(r"\s{0,2}[(\[][^()\[\]]{0,80}$")  # "Data Scientist II (Req"
_PIECE = re.compile(r"\s[-–—/]\s|,\s|\sin\s")
_NO_TITLE_PIECE = cue(r"(?:{form_of_work}|.{0,20}\b20\d\d\b.{0,20}|[a-z]{0,4}\W{0,2}\d{2,12})")
_REQUISITION = cue(
    r"\b(?:(?i:{requisition_label}[ .]{0,2}(?:id|no|nr|number|nummer|code|#)?)[ .:#-]{0,3}"
    r"(?P<labelled>[A-Z]{0,4}[-_]?\d[\w-]{2,20})"
    r"|(?P<bare>(?:R|REQ|JR|JOB)[-_]?\d{4,10}))|\((?P<bracketed>\d{4,8}(?:BR)?)\)",
    0,
)
_AT_COMPANY: Final = fill(r"\b(?:{at_employer}|da|do|de la|em)|@|-|–|,|\||:")
_CLOCK = re.compile(r"\b\d{1,2}(?:[:.]\d\d)?\s?(?:am|pm|h|uhr)\b", re.IGNORECASE)
_DATE = re.compile(r"(?:19|20)\d\d(?:-\d\d){0,2}")


def find_role(subject: str, text: str, *, stated: str | None, company: str | None) -> tuple[str, str] | None:
    """Give the title of the post and the words that state it."""
    places = f"{subject}\n{text}"
    if stated and (role := _usable(stated, company, places, strict=False)):
        return role, stated
    for words in (subject, text):
        if found := _before_gender(words, company, places):
            return found
    tables = (
        (_QUOTED, subject, False),
        (_QUOTED, text, False),
        (_PLAIN, text, False),
        (_BEFORE_WORD, subject, True),
        (_IN_SUBJECT, subject, True),
        (_BEFORE_WORD, text, True),
        (_IN_TEXT, text, True),
    )
    for patterns, words, strict in tables:
        for pattern in patterns:
            for match in pattern.finditer(words):
                if role := _usable(match["role"], company, places, strict=strict):
                    return role, " ".join(match[0].split())
    return _above_company(text, company, places)


def _before_gender(words: str, company: str | None, places: str) -> tuple[str, str] | None:
    """Find the title before "(m/w/d)", back to what leads to it or the line's beginning."""
    for tag in islice(_GENDER.finditer(words), _TAGS):
        before = words[max(0, tag.start() - _BEFORE_GENDER) : tag.start()].rpartition("\n")[2]
        lead = _LEAD.match(before)
        title = before[lead.end() :] if lead else before
        if title[:1].isupper() and (role := _usable(title, company, places, strict=False, tagged=True)):
            return role, " ".join(f"{title}{tag[0]}".split())
    return None


def _above_company(text: str, company: str | None, places: str) -> tuple[str, str] | None:
    """Find a title in a line of its own, above one that begins with the company: "Graybeam · Toronto"."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    for line, below in pairwise(lines):
        if company and below.startswith(f"{company} ·") and (role := _usable(line, company, places, strict=False)):
            return role, f"{line} {below}"
    return None


def find_requisition(text: str) -> str | None:
    """Give the id that tells two posts of one employer apart."""
    for found in _REQUISITION.finditer(text):
        value: str = next(filter(None, found.groups()))
        if sum(letter.isdigit() for letter in value) >= 3 and not _DATE.fullmatch(value):
            return value
    return None


def _usable(found: str, company: str | None, places: str, *, strict: bool, tagged: bool = False) -> str | None:
    """Give the title if it can be a post's, without brackets, ids, season, company and place.

    `strict` asks for a word that names an occupation; `tagged` is what no person is called.
    """
    tag = _GENDER.search(found)
    if tag and is_title(found[: tag.start()]):
        found = found[: tag.start()]  # a place or a form of work stands behind it
    text = _UNFINISHED.sub("", _TRIM.sub(" ", _GENDER.sub(" ", found)))
    if company:
        named = rf"\b{re.escape(company)}(?:['’]s)?(?!\w)"
        text = re.sub(rf"(?i)\s{{0,3}}(?:{_AT_COMPANY})?\s{{0,3}}{named}", " ", text)
    text = _stripped(_INNER_END.sub("", _INNER_LEAD.sub("", " ".join(text.split()))))
    text = _without_tail(_BEFORE_TITLE.sub("", text), places)
    text = _ROLE_WORD.sub("", text)
    words = text.split()
    lists = word_lists()
    while len(words) > 1 and plain(words[0]) in lists["before_role"]:
        words.pop(0)
    text = " ".join(words)
    if text.endswith((" Sr", " Jr")) and f"{text}." in found:
        text += "."
    if not words or not 2 <= len(text) <= _LENGTH or len(words) > _WORDS:
        return None
    plains = [plain(word.strip(".,()")) for word in words]
    if plains[0] in lists["role_stop"] or not lists["not_in_role"].isdisjoint(plains):
        return None
    if any(mark in text for mark in ("#", "@", " + ")) or (text.isupper() and any(mark.isdigit() for mark in text)):
        return None
    if _CLOCK.search(text):
        return None
    occupation = names_occupation(text)
    if (strict or (is_full_name(text) and not tagged)) and not occupation:
        return None
    known = is_head(plains[0]) or is_head(plains[-1]) or not lists["informal_heads"].isdisjoint((words[0], words[-1]))
    if text[0].islower() and not (known or _BOTH_ENDS.match(text)):
        return None
    return text if occupation or text[0].isupper() else None


def _stripped(text: str) -> str:
    """Drop marks from both ends; a bracket only where it is not the end of a word: "Attaché(e)"."""
    text = text.strip(" .,;:-–—|\"'“”„*[]/")
    if text.count("(") != text.count(")"):
        text = text.strip("()")
    return text.strip(" .,;:-–—|\"'“”„*[]/")


def names_occupation(text: str) -> bool:
    """Tell whether a piece of text names an occupation: by a word that is known, or by one with both its ends."""
    words = text.split()
    informal = not word_lists()["informal_heads"].isdisjoint((words[0], words[-1])) if words else False
    return informal or is_title(text) or _BOTH_ENDS.search(text) is not None


def _without_tail(text: str, places: str) -> str:
    """Drop what is no part of a title from its end: a form of work, an intake, an id, a place that the mail names."""
    while (last := next(reversed(list(_PIECE.finditer(text))), None)) is not None:
        tail = text[last.end() :]
        place = re.search(rf"\b(?:in|at|location:?|standort:?|ort:?|lieu:?|à|en|office in) {re.escape(tail)}\b", places)
        known = " ".join(map(plain, tail.split())) in word_lists()["places"]
        if not (
            known
            or (tail[:1].islower() and last[0].strip() not in {"in", ","} and not names_occupation(tail))
            or _NO_TITLE_PIECE.fullmatch(tail)
            or (place and last[0] != " in " and not is_title(tail) and names_occupation(text[: last.start()]))
        ):
            return text
        text = text[: last.start()].rstrip()
    return text
