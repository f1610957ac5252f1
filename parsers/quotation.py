"""Tells the lines with which mail programs introduce what they quote or forward."""

from __future__ import annotations

import re
from collections.abc import Sequence

from parsers.layout import layout

_WRAPPED = 3  # lines over which an attribution may run (Gmail wraps at 78 columns)
_ATTRIBUTION_LENGTH = 400
_BLOCK_LENGTH = 14  # lines of a header block
_RULE_LENGTH = 140

_WHO = re.compile(r"<?[^\s<>@]{1,80}@[^\s<>@]{2,100}>?")
_WHEN = re.compile(r"\b(?:19|20)\d\d\b|\d{1,2}[:.h]\d\d|\d{1,2}[/.\-]\d{1,2}[/.\-]\d{2,4}")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_LABEL = re.compile(r"[*_ \t]{0,4}([^\W\d_][^\n:*_<>]{0,18}?)[*_ \t]{0,4}[:：]")
_RULE = re.compile(r"[_\-=*]{10,}")


def is_forward_subject(subject: str) -> bool:
    """Tell whether the subject says that the message forwards another."""
    return layout().forward_subject.match(subject) is not None


def is_forwarded_rule(line: str) -> bool:
    """Tell "---------- Forwarded message ---------" and its like."""
    return len(line) < _RULE_LENGTH and layout().forwarded.fullmatch(line.strip()) is not None


def is_original_rule(line: str) -> bool:
    """Tell "-----Original Message-----" and its like."""
    return len(line) < _RULE_LENGTH and layout().original.fullmatch(line.strip().replace("’", "'")) is not None


def attribution(lines: Sequence[str], index: int) -> tuple[int, bool]:
    """Give how many lines the attribution that begins here has (0: none), and whether it names a time or an address.

    "On Monday I wrote to the team" is none: it must end in a colon. Without a time or an address it is believed only
    where marked lines follow.
    """
    first = lines[index].strip(" \t*_")
    if not first or len(first) > _ATTRIBUTION_LENGTH:
        return 0, False
    verbs = layout().verbs
    opening = layout().attribution.get(first.split(None, 1)[0].lower().rstrip(","))
    if opening is None and "<" not in first and not (first.endswith((":", "：")) and verbs.search(first)):
        return 0, False
    joined = ""
    for count, line in enumerate(lines[index : index + _WRAPPED], start=1):
        line = line.strip(" \t*_")
        joined = f"{joined} {line}" if joined else line
        if not line or line.startswith(">") or len(joined) > _ATTRIBUTION_LENGTH:
            break
        if line.endswith((":", "：")):
            when = _WHEN.search(joined) is not None
            who = _WHO.search(joined) is not None
            if opening is not None:
                return (count, when or who) if opening.search(joined) else (0, False)
            if verbs.search(joined) or (
                when and who
            ):  # "2026-12-01 10:00 GMT+01:00 Dana Lee <dana@northwind.example>:"
                return count, when or who
            break
    return 0, False


def header_block(lines: Sequence[str], index: int) -> int:
    """Give how many lines the copied message header that begins here has, 0 for none.

    It has a From, a Date or Subject, and an address or a year: "From: our side everything is fine" stands alone, and
    "From: 9:00, To: 11:00, Date: Tuesday" is an agenda.
    """
    if _label(lines[index]) is None:
        return 0
    seen: dict[str, str] = {}
    end = unlabelled = 0
    for count, line in enumerate(lines[index : index + _BLOCK_LENGTH], start=1):
        label = _label(line)
        if label is None:
            unlabelled += 1  # recipients wrap
            if not line.strip() or unlabelled > _WRAPPED:
                break
        elif label in seen and label != "cc":
            break
        else:
            seen[label] = line[:_ATTRIBUTION_LENGTH]
            unlabelled = 0
            end = count
    if "from" not in seen or not seen.keys() & {"date", "subject"}:
        return 0
    named = any("@" in line for line in seen.values())
    dated = len(seen) > 2 and _YEAR.search(seen.get("date", "")) is not None
    return end if named or dated else 0


def sender_lines(lines: Sequence[str], index: int) -> int:
    """Give how many lines of header stand under an "Original Message" rule, where even one is enough."""
    count = 0
    while index + count < len(lines) and count < _BLOCK_LENGTH and _label(lines[index + count]) is not None:
        count += 1
    return count


def ruled_header(lines: Sequence[str], index: int) -> int:
    """Give how many lines a long rule with a message header under it has, in any language; 0 for none."""
    if not _RULE.fullmatch(lines[index].strip()):
        return 0
    first = next((at for at in range(index + 1, min(len(lines), index + 3)) if lines[at].strip()), None)
    if first is None:
        return 0
    if known := header_block(lines, first):
        return first - index + known
    labelled = 0
    address = False
    for line in lines[first : first + _BLOCK_LENGTH]:
        if not _LABEL.match(line[:40]):
            break
        labelled += 1
        address = address or "@" in line
    return first - index + labelled if labelled > 2 and address else 0


def _label(line: str) -> str | None:
    if ":" not in line[:30] and "：" not in line[:30]:
        return None
    found = _LABEL.match(line[:40])
    return layout().labels.get(found[1].strip().lower().replace("’", "'")) if found else None
