"""Reads what one message says: a Mail and its reader in, Facts out.

Order of decision, strongest first: out-of-office and bounce, rejection, offer,
cancellation, reschedule, interview confirmed, invitation, assessment, hold, promise, application received, outreach.
Structure weighs more than words: a calendar object, a meeting or scheduling link, the sender's system, a concrete time,
the thread. Only what was written now is weighed; a quotation or a signature says nothing, a forwarded message does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final, TypeVar

from parsers.automatic import find_absence, find_bounce, is_automatic
from parsers.bookings import judge_own_events
from parsers.clauses import split_clauses
from parsers.homograph import without_deceptive
from parsers.inbound import (
    Message,
    everybody,
    is_elsewhere,
    is_unclear,
    read_cast,
    read_post,
    read_promise,
    read_statements,
    stated_zone,
    with_promise,
)
from parsers.invite import read_calendar
from parsers.keys import message_key
from parsers.language import detect_language
from parsers.model import Direction, Evidence, Facts, Invite, Mail, Moment, Statement, Trust
from parsers.own import own_statements
from parsers.people import Cast
from parsers.phrases import find_hits
from parsers.post import Post, find_round, recruits_for_others
from parsers.reader import Reader
from parsers.relevance import is_advertising, may_matter, worth_reading
from parsers.senders import SenderSystem, find_system, is_answerable
from parsers.text import fold_characters
from parsers.topics import find_topics
from parsers.trust import assess_trust, is_hijacked
from parsers.wording import Wording, read_clock, read_moments, read_wording

__all__ = ["Reader", "extract", "message_key"]

FAILED_TRUST: Final = 0.5  # highest confidence of what a sender says who cannot be believed
UNSPLIT: Final = 16_000  # characters of a body, quotations included, that are searched for a word about work
EVENTS: Final = 500  # calendar events of one message, over all its parts
GLANCE: Final = 3000  # characters after which it is clear whether a mail is worth reading

T = TypeVar("T")


class _Problems:
    """Runs a part of the reading; what goes wrong in it becomes a problem and costs only that part."""

    def __init__(self, earlier: Iterable[str]) -> None:
        self.found: dict[str, None] = dict.fromkeys(earlier)

    def attempt(self, part: str, read: Callable[[], T], otherwise: T) -> T:
        try:
            return read()
        except Exception as error:  # one part's fault must cost neither the message nor the daemon
            self.found[f"{part} could not be read: {type(error).__name__}"] = None
            return otherwise


def extract(mail: Mail, reader: Reader) -> Facts:
    """Read all that one message says; never raises."""
    problems = _Problems(mail.problems)
    sender = mail.senders[0] if mail.senders else None
    own = sender is not None and sender.address in reader.addresses
    written_to = next((a.address for a in (*mail.to, *mail.cc) if a.address in reader.addresses), None)
    events: tuple[Invite, ...] = problems.attempt("the calendar", lambda: _events(mail, reader, problems), ())
    facts = Facts(
        key=message_key(mail),
        account=reader.account,
        direction=Direction.OWN if own else Direction.INBOUND,
        message_id=mail.message_id,
        in_reply_to=mail.in_reply_to,
        references=mail.references,
        received_at=mail.received_at,
        sent_at=mail.sent_at,
        sender=sender,
        reply_to=next((a for a in mail.reply_to if sender is None or a.address != sender.address), None),
        to=(*mail.to, *mail.cc),
        addressed_as=sender.address if own and sender is not None else written_to,
        subject=mail.subject,
        events=events,
    )
    wording = Wording(subject=mail.subject)
    # Most mail is private: what no word of it can make a matter of work is not even split.
    if own or problems.attempt("the sender", lambda: _may_matter(mail, reader, facts), True):
        wording = problems.attempt("the text", lambda: read_wording(mail), wording)
    if own:
        said: tuple[Statement, ...] = problems.attempt("the own mail", lambda: own_statements(mail, wording.fresh), ())
        language = problems.attempt("the language", lambda: detect_language(wording.whole), None)
        facts = replace(facts, language=language, statements=(*judge_own_events(events, reader.addresses), *said))
    else:
        facts = problems.attempt("the message", lambda: _inbound(mail, reader, facts, wording, problems), facts)
    return replace(facts, problems=tuple(problems.found))


def _may_matter(mail: Mail, reader: Reader, facts: Facts) -> bool:
    """Tell by the cheapest signs, before the body is split, whether anything can come of a message to the user."""
    known = not reader.own_message_ids.isdisjoint((*mail.in_reply_to, *mail.references))
    if known or facts.events or find_system(facts.sender) is not None:
        return True
    return may_matter(mail, fold_characters(mail.subject), fold_characters(mail.text[:UNSPLIT]), reader.addresses)


def _events(mail: Mail, reader: Reader, problems: _Problems) -> tuple[Invite, ...]:
    """Read every calendar part; the same object often comes twice, inline and attached."""
    events: dict[tuple[object, ...], Invite] = {}
    for raw in mail.calendars:
        calendar = read_calendar(raw, timezone=reader.timezone)
        problems.found.update(dict.fromkeys(calendar.problems))
        for event in calendar.events:
            problems.found.update(dict.fromkeys(event.problems))
            identity = (event.method, event.uid, event.sequence, event.start, event.recurrence_id)
            if len(events) >= EVENTS and identity not in events:
                problems.found[f"more than {EVENTS} calendar events; the rest was left out"] = None
                return tuple(events.values())
            events.setdefault(identity, event)
    return tuple(events.values())


def _inbound(mail: Mail, reader: Reader, facts: Facts, wording: Wording, problems: _Problems) -> Facts:
    system = find_system(facts.sender)
    judgement = assess_trust(mail, authserv_id=reader.authserv_id, own_message_ids=reader.own_message_ids)
    if is_hijacked(mail, judgement.trust, known_system=system is not None):
        mail, facts = replace(mail, reply_to=()), replace(facts, reply_to=None)
    facts = replace(
        facts,
        automatic=is_automatic(mail, system, facts.events, wording.fresh),
        answerable=is_answerable(mail, system),
        trust=judgement.trust,
        language=detect_language(wording.whole if wording.fresh else f"{mail.subject}\n\n{mail.text}"),
    )
    if bounce := find_bounce(mail, reader.addresses):
        return replace(facts, automatic=True, answerable=False, statements=(bounce,))
    message = _taken_apart(mail, reader, facts, wording, system, problems)
    if message is None:
        return facts
    post = problems.attempt("the post", lambda: read_post(message), Post())
    if away := find_absence(mail, wording.whole, message.clauses, message.hits):
        return replace(facts, automatic=True, company=post.company, role=post.role, statements=(away,))
    cast = problems.attempt("the people", lambda: read_cast(message, post), Cast())
    statements: tuple[Statement, ...] = problems.attempt(
        "what it says", lambda: read_statements(message, post, cast), ()
    )
    elsewhere = is_elsewhere(message, post, cast)
    if (message.known or system or not is_advertising(mail)) and not elsewhere:
        alone = not statements
        promised = problems.attempt("the promise", lambda: read_promise(message, post, cast, alone=alone), None)
        statements = with_promise(statements, promised)
    if statements:
        statements = (_founded(statements[0], post.evidence), *statements[1:])
    if elsewhere:
        post = Post()  # a surgery, a landlord or a podcast is no employer
    if judgement.trust is Trust.FAILED:
        statements = tuple(_doubted(statement, judgement.evidence) for statement in statements)
    facts = replace(
        facts,
        stated_zone=stated_zone(message),
        company=post.company,
        role=post.role,
        requisition=post.requisition,
        agency=recruits_for_others(wording.whole, (person.title for person in cast.people)),
        round=find_round(wording.whole, facts.events),
        people=problems.attempt("the people", lambda: everybody(message, statements, cast), cast.people),
        topics=find_topics(wording.fresh),
        statements=statements,
        unclear=not (statements or elsewhere or facts.automatic) and is_unclear(message, post, cast),
    )
    return without_deceptive(facts)


def _taken_apart(
    mail: Mail, reader: Reader, facts: Facts, wording: Wording, system: SenderSystem | None, problems: _Problems
) -> Message | None:
    """Take a message apart, cheapest first; None as soon as nothing can come of it."""
    known = not reader.own_message_ids.isdisjoint((*mail.in_reply_to, *mail.references))
    if system is not None and facts.sender is not None and system.is_noise(facts.sender.address, wording.subject):
        return None
    certain = known or system is not None or bool(facts.events)
    said = wording.fresh if len(wording.fresh) > GLANCE else f"{wording.fresh}\n\n{wording.quoted}"
    if not certain and not may_matter(mail, wording.subject, said, reader.addresses):
        return None
    clauses = split_clauses(wording.whole[:GLANCE], language=facts.language)
    hits = find_hits(clauses, facts.language)
    if not certain and not worth_reading(mail, hits, wording.fresh):
        return None
    clock = read_clock(mail, timezone=reader.timezone, month_first=reader.month_first)
    moments: tuple[Moment, ...] = problems.attempt(
        "the times", lambda: read_moments(mail, wording, clock, facts.language), ()
    )
    if moments or len(wording.whole) > GLANCE:
        clauses = split_clauses(wording.whole, moments, language=facts.language)
        hits = find_hits(clauses, facts.language)
    return Message(
        mail=mail,
        reader=reader,
        wording=wording,
        events=facts.events,
        clock=clock,
        language=facts.language,
        moments=moments,
        clauses=clauses,
        hits=hits,
        system=system,
        known=known,
    )


def _founded(statement: Statement, evidence: tuple[Evidence, ...]) -> Statement:
    return replace(statement, evidence=(*statement.evidence, *evidence))


def _doubted(statement: Statement, evidence: Evidence) -> Statement:
    return replace(_founded(statement, (evidence,)), confidence=min(statement.confidence, FAILED_TRUST))
