"""Tells mail that a program wrote (absences, bounces, bare calendar objects); a Mail in, the judgement out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from parsers.clauses import Clause, words_of
from parsers.cues import cue
from parsers.model import Away, Bounced, Evidence, Invite, Mail
from parsers.phrases import Hit, quote
from parsers.senders import SenderSystem, has_automatic_header, is_robot
from parsers.wordbook import Strength

_BOUNCE_SENDER = re.compile(r"^(?:mailer-daemon|postmaster|mailerdaemon|mail-daemon|bounce)\b")
_BOUNCE_SUBJECT = cue("{bounce_subject}")
_DELAYED = re.compile(r"delay|warning: message|still being retried|verzögert", re.IGNORECASE)
_FAILED_ADDRESS = re.compile(
    r"(?:final-recipient|original-recipient)\s?:\s{0,4}rfc822\s?;\s{0,4}<?([\w.+-]{1,64}@[\w.-]{1,190}[\w])",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")
_AWAY_SUBJECT = cue(r"^(?:re: ?)?{away_subject}")
_LEFT = cue(r"(?<!\w)(?:{left_employer})(?!\w)")
_BACK: Final = frozenset(
    "back return returning returns again desk resume resuming rejoin zuruck wieder retour reviens rentre rentrerai "
    "reviendrai reprends reprendrai reprise regreso regresare vuelvo volvere vuelta reincorporo reincorporare "
    "incorporo volto voltarei retorno retornarei regresso regressarei".split()
)
_UNTIL: Final = frozenset("until till bis jusqu jusque hasta ate".split())
# The last day away, not the day of return.
_LAST: Final = frozenset(
    "through thru inclusive including included einschliesslich inklusive inkl inclus incluse compris incluido "
    "inclusivamente".split()
)
_NOTICE_LINE = cue(r"^\W{0,6}{notice_line}")  # nobody wrote it by hand
_GREETING = cue(r"^\W{0,3}{greeting}\b")
_SHORT: Final = 14  # clauses
_FEW: Final = 8  # words that are not the calendar object's own; fewer are no letter


def is_automatic(mail: Mail, system: SenderSystem | None, events: Sequence[Invite], fresh: str) -> bool:
    """Tell whether a program wrote the message, or nobody wrote more than a calendar object (policy.md section 1)."""
    if not mail.senders or has_automatic_header(mail):
        return True
    sender = mail.senders[0]
    if is_robot(sender) or (system is not None and not system.is_relay(sender.address)):
        return True
    return bool(events) and is_bare(events, fresh)


def is_bare(events: Sequence[Invite], fresh: str) -> bool:
    """Tell whether a message with calendar objects has no words of its own."""
    stated = " ".join(f"{event.summary} {event.description} {event.location}" for event in events)
    known = set(re.findall(r"\w+", stated[:20_000].lower()))
    words = 0
    for line in fresh.split("\n")[:200]:
        line = line.strip()
        if not line or _NOTICE_LINE.match(line):
            continue
        if _GREETING.match(line):
            return False
        found = re.findall(r"\w+", line[:400].lower())
        words += sum(word not in known for word in found) if len(found) > 2 else 0
    return words < _FEW


def find_bounce(mail: Mail, own: frozenset[str]) -> Bounced | None:
    """Read a delivery report (RFC 3464) of a failure; a mere delay is none."""
    if not mail.senders:
        return None
    content_type = (mail.headers.get("content-type") or ("",))[0].lower()
    report = "multipart/report" in content_type and "delivery-status" in content_type
    daemon = _BOUNCE_SENDER.match(mail.senders[0].local_part) is not None
    if not (report or daemon) or not (report or _BOUNCE_SUBJECT.search(mail.subject)):
        return None
    if _DELAYED.search(mail.subject) or re.search(
        r"(?im)^action:\s{0,4}(?:delayed|delivered|relayed|expanded)", mail.text[:20_000]
    ):
        return None
    stated = mail.headers.get("x-failed-recipients", ())
    named = [found.lower() for found in (*_FAILED_ADDRESS.findall(mail.text[:20_000]), *stated)]
    mentioned = [found.lower() for found in _ADDRESS.findall(mail.text[:4000])]
    senders = {address.address for address in mail.senders}
    address = next(
        (a for a in (*named, *mentioned) if a not in own and a not in senders and not _BOUNCE_SENDER.match(a)), None
    )
    return Bounced(confidence=0.95, evidence=(Evidence(field="kind", text=mail.subject[:200]),), address=address)


def find_absence(mail: Mail, text: str, clauses: Sequence[Clause], hits: Sequence[Hit]) -> Away | None:
    """Read an out-of-office answer, and the day on which its writer is back, or that they have left for good."""
    away = [hit for hit in hits if hit.kind == "away"]
    sure = next((hit for hit in away if hit.strength is Strength.SURE), None)
    named = _AWAY_SUBJECT.match(mail.subject) is not None
    submitted = (mail.headers.get("auto-submitted") or ("",))[0].strip().lower()
    replied = submitted.startswith("auto-replied") or "x-autoreply" in mail.headers
    left = _LEFT.search(text[:2000]) if named or replied else None
    if not (((named or replied) and (away or left or (named and replied))) or (sure and _little_else(clauses, away))):
        return None
    quoted = left[0] if left else quote(text, sure or away[0]) if away else mail.subject[:200]
    return Away(
        confidence=0.95 if named or replied else 0.8,
        evidence=(Evidence(field="kind", text=quoted),),
        returns_on=None if left else _return(clauses),
        left=left is not None,
    )


def _little_else(clauses: Sequence[Clause], away: Sequence[Hit]) -> bool:
    """Tell whether a short message says twice that its writer is away."""
    return len(clauses) <= _SHORT and len({hit.clause.start for hit in away if hit.strength > Strength.HINT}) > 1


def _return(clauses: Sequence[Clause]) -> date | None:
    """Find the day of return: beside "back" or "return"; else the day after the last day away."""
    spans: list[date] = []
    for clause in clauses:
        if not clause.moments:
            continue
        last = clause.moments[-1]
        day = last.end or last.start
        if day is None:
            continue
        if not _LAST.isdisjoint((*clause.tokens, *words_of(last.text))):
            spans.append(day.date() + timedelta(days=1))
        elif not _BACK.isdisjoint(clause.tokens):
            return day.date()
        elif not _UNTIL.isdisjoint(clause.tokens) or last.start is None:
            spans.append(day.date())
        elif len(clause.moments) > 1 or last.end is not None:
            spans.append(day.date() + timedelta(days=1))
    return max(spans, default=None)
