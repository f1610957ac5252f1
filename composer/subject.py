"""Takes the subject of the message that is answered; gives the subject of the answer."""

from __future__ import annotations

import re

from composer.values import SUBJECT_LENGTH, plain_words, safe_words

# What mail programs pile up in front (RFC 5322 3.6.5 and its translations), and security gateways.
_ANSWERED = r"(?:re|aw|antw|antwort|sv|vs|rv|ref|fwd?|wg|tr|enc|wtr)(?:\[\d{1,3}\])?\s?:|\[(?:external|ext|extern)\]:?"
# What Google Calendar and Exchange put before the title of an event.
_CALENDAR = "|".join(
    (
        r"(?:updated )?invitation(?: with note)?",
        r"cancell?ed(?: event)?(?: with note)?",
        "accepted|declined|tentative(?:ly accepted)?|new time proposed",
        "(?:aktualisierte )?einladung|abgesagter termin|abgesagt|zugesagt",
        "invitation mise à jour|événement annulé|annulé",
        "invitación(?: actualizada)?|evento cancelado|cancelado",
    )
)
_PREFIX = re.compile(rf"\s*(?:(?P<calendar>(?:{_CALENDAR})\s?:)|{_ANSWERED})\s*", re.IGNORECASE)
# " @ Tue Dec 1, 2026 2pm - 3pm (EST) (jordan@example.org)"
_WHEN = re.compile(r"\s@\s[^@]{0,80}\d[^@]{0,80}(?:\([^()]{0,120}\))?\s*$")
_WEEKDAY = re.compile(r"\s@\s(?:mon|tue|wed|thu|fri|sat|sun)\w{0,6}\.?,?\s", re.IGNORECASE)
_TAG = re.compile(r"<[a-z/!][^<>]{0,200}>?", re.IGNORECASE)


def bare_subject(subject: str) -> str | None:
    """Take off every prefix that a program put there, and the time that Google adds to an event's title."""
    line = safe_words(subject, SUBJECT_LENGTH) or ""
    of_calendar = False
    while prefix := _PREFIX.match(line):
        of_calendar = of_calendar or prefix["calendar"] is not None
        line = line[prefix.end() :]
    if of_calendar or _WEEKDAY.search(line):
        line = _WHEN.sub("", line)
    return line.strip() or None


def reply_subject(subject: str) -> str | None:
    """Give "Re: " and the bare subject, without links, addresses and markup; None where nothing is left to answer."""
    words = _TAG.sub(" ", bare_subject(subject) or "").split()
    bare = " ".join(word for word in words if plain_words(word, SUBJECT_LENGTH))
    # What looks like an encoded word (RFC 2047) would be read as one, and say something else.
    return f"Re: {bare.replace('=?', '= ?')}" if bare else None
