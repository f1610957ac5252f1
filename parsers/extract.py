"""Reads what one message says: a Mail and its reader in, Facts out.

Order of decision, strongest first (recruiting-mail.md section 5): out-of-office and bounce, rejection, offer,
cancellation, reschedule, interview confirmed, invitation, assessment, hold, promise, application received, outreach.
Structure weighs more than words: a calendar object, a meeting or scheduling link, the sender's system, a concrete time,
the thread. Only what was written now is weighed; a quotation or a signature says nothing, a forwarded message does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from parsers.automatic import find_absence, find_bounce, is_automatic
from parsers.bookings import Surroundings, judge_events, judge_own_events, links_of
from parsers.clauses import Clause, split_clauses
from parsers.employer import company_key, domain_names_company
from parsers.invite import read_calendar
from parsers.language import detect_language
from parsers.model import (
    Acknowledged,
    Address,
    Approached,
    Assessed,
    Direction,
    Evidence,
    Facts,
    Grain,
    Invite,
    Mail,
    Moment,
    Offered,
    Person,
    Promised,
    Rejected,
    Statement,
    Trust,
    ZoneSource,
)
from parsers.names import person_name
from parsers.own import own_statements
from parsers.people import Cast, find_cast, invited_people, unique
from parsers.phrases import Hit, find_hits
from parsers.post import Post, find_post, find_round, recruits_for_others
from parsers.promise import find_promises, latest_promise
from parsers.relevance import answers, is_advertising, job_weight, look_alike_weight, may_matter, worth_reading
from parsers.senders import SenderSystem, find_system, is_answerable, is_robot
from parsers.sessions import spoken_times
from parsers.statements import Reading, weigh
from parsers.text import fold_characters, split_body
from parsers.topics import find_topics
from parsers.trust import assess_trust
from parsers.when import NO_DATE, find_moments

FAILED_TRUST: Final = 0.5  # highest confidence of what a sender says who cannot be believed (reliability.md S5)
TEXT_LIMIT: Final = 8000  # characters that are weighed; what an employer has to say stands at the beginning
LETTER: Final = 1500  # characters; a longer text that never speaks of a job promises something else
GLANCE: Final = 3000  # characters after which it is clear whether a mail is worth reading

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Whose mail it is. Addresses are lower-case; `month_first` is how "3/4" is read, None: by sender and zone."""

    account: str
    addresses: frozenset[str]
    full_name: str
    timezone: str  # IANA
    authserv_id: str | None = None
    own_message_ids: frozenset[str] = frozenset()
    month_first: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    """The words of a message that count."""

    subject: str
    fresh: str  # forwarded message included
    signature: str
    sign_off: str | None

    @property
    def whole(self) -> str:
        """The subject, a blank line, what was written now."""
        return f"{self.subject}\n\n{self.fresh}"


class _Problems:
    """Runs a part of the reading; what goes wrong in it becomes a problem and costs only that part."""

    def __init__(self, earlier: Iterable[str]) -> None:
        self.found: dict[str, None] = dict.fromkeys(earlier)

    def attempt(self, part: str, read: Callable[[], T], otherwise: T) -> T:
        try:
            return read()
        except Exception as error:  # noqa: BLE001 - one part's fault must cost neither the message nor the daemon
            self.found[f"{part} could not be read: {type(error).__name__}"] = None
            return otherwise


def extract(mail: Mail, reader: Reader) -> Facts:
    """Read all that one message says; never raises."""
    problems = _Problems(mail.problems)
    sender = mail.senders[0] if mail.senders else None
    own = sender is not None and sender.address in reader.addresses
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
        reply_to=next(
            (address for address in mail.reply_to if sender is None or address.address != sender.address), None
        ),
        to=(*mail.to, *mail.cc),
        addressed_as=_addressed_as(mail, reader, own=own),
        subject=mail.subject,
    )
    events = problems.attempt("the calendar", lambda: _events(mail, reader, problems), ())
    facts = replace(facts, events=events)
    text = problems.attempt(
        "the text", lambda: _text(mail), _Text(subject=mail.subject, fresh="", signature="", sign_off=None)
    )
    if own:
        facts = replace(
            facts,
            statements=problems.attempt(
                "the own mail",
                lambda: (*judge_own_events(events, reader.addresses), *own_statements(mail, text.fresh)),
                (),
            ),
        )
    else:
        facts = problems.attempt("the message", lambda: _inbound(mail, reader, facts, text, problems), facts)
    return replace(facts, problems=tuple(problems.found))


def message_key(mail: Mail) -> str:
    """Name a message: its Message-ID, else a digest of what it holds."""
    if mail.message_id:
        return mail.message_id
    senders = ",".join(address.address for address in mail.senders)
    content = "\0".join((senders, str(mail.sent_at), mail.subject, mail.text, *sorted(map(repr, mail.calendars))))
    return "sha256:" + hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()


def _addressed_as(mail: Mail, reader: Reader, *, own: bool) -> str | None:
    if own:
        return mail.senders[0].address
    return next((address.address for address in (*mail.to, *mail.cc) if address.address in reader.addresses), None)


def _events(mail: Mail, reader: Reader, problems: _Problems) -> tuple[Invite, ...]:
    """Read every calendar part; the same object often comes twice, inline and attached."""
    events: dict[tuple[object, ...], Invite] = {}
    for raw in mail.calendars:
        calendar = read_calendar(raw, timezone=reader.timezone)
        problems.found.update(dict.fromkeys(calendar.problems))
        for event in calendar.events:
            problems.found.update(dict.fromkeys(event.problems))
            events.setdefault((event.method, event.uid, event.sequence, event.start, event.recurrence_id), event)
    return tuple(events.values())


def _text(mail: Mail) -> _Text:
    body = split_body(fold_characters(mail.text), subject=mail.subject)
    fresh = f"{body.fresh}\n\n{body.forwarded}".strip("\n")
    return _Text(
        subject=" ".join(fold_characters(mail.subject).split())[:500],
        fresh=fresh[:TEXT_LIMIT],
        signature=body.signature[:2000],
        sign_off=body.sign_off,
    )


def _inbound(mail: Mail, reader: Reader, facts: Facts, text: _Text, problems: _Problems) -> Facts:
    system = find_system(facts.sender)
    judgement = assess_trust(mail, authserv_id=reader.authserv_id, own_message_ids=reader.own_message_ids)
    known = not reader.own_message_ids.isdisjoint((*mail.in_reply_to, *mail.references))
    facts = replace(
        facts,
        automatic=is_automatic(mail, system, facts.events, text.fresh),
        answerable=is_answerable(mail, system),
        trust=judgement.trust,
    )
    if bounce := find_bounce(mail, reader.addresses):
        return replace(facts, automatic=True, answerable=False, statements=(bounce,))
    language = detect_language(text.whole)
    facts = replace(facts, language=language)
    noise = system is not None and facts.sender is not None and system.is_noise(facts.sender.address, text.subject)
    if noise or not (known or system or facts.events or may_matter(mail, text.subject, text.fresh, reader.addresses)):
        return facts
    clauses = split_clauses(text.whole[:GLANCE])
    hits = find_hits(clauses, language)
    if not (known or system or facts.events or worth_reading(mail, hits, text.fresh)):
        return facts
    moments = problems.attempt("the times", lambda: _moments(mail, reader, text, language), ())
    if moments or len(text.whole) > GLANCE:
        clauses = split_clauses(text.whole, moments)
        hits = find_hits(clauses, language)
    if away := find_absence(mail, text.whole, clauses, hits):
        return replace(facts, automatic=True, statements=(away,))
    post = problems.attempt("the post", lambda: _post(mail, reader, facts, text, system), Post())
    cast = problems.attempt("the people", lambda: _cast(mail, reader, facts, text, post, moments), Cast())
    job = job_weight(mail, hits=hits, system=system, post=post, cast=cast, known=known)
    statements = problems.attempt(
        "what it says",
        lambda: _statements(
            mail,
            reader,
            facts,
            text,
            hits=hits,
            clauses=clauses,
            cast=cast,
            job=job,
            known=known,
            system=system,
            language=language,
        ),
        (),
    )
    if known or system or not is_advertising(mail, text.fresh):
        promised = problems.attempt(
            "the promise", lambda: _promised(mail, reader, text, language, job=job, known=known), None
        )
        statements = _with_promise(statements, promised)
    if statements:
        statements = (replace(statements[0], evidence=(*statements[0].evidence, *post.evidence)), *statements[1:])
    if judgement.trust is Trust.FAILED:
        statements = tuple(_doubted(statement, judgement.evidence) for statement in statements)
    return replace(
        facts,
        stated_zone=_stated_zone(moments, facts.events),
        company=post.company,
        role=post.role,
        requisition=post.requisition,
        agency=recruits_for_others(text.whole, (person.title for person in cast.people)),
        round=find_round(text.whole, facts.events),
        people=problems.attempt("the people", lambda: _people(facts, reader, cast), cast.people),
        topics=find_topics(text.fresh),
        statements=statements,
    )


def _moments(mail: Mail, reader: Reader, text: _Text, language: str | None) -> tuple[Moment, ...]:
    sent_at = mail.sent_at or mail.received_at
    if abs(sent_at - mail.received_at) > timedelta(days=3):
        sent_at = mail.received_at  # a wrong clock would move "tomorrow"
    zone, substituted = _zone_of_sender(sent_at, reader.timezone)
    found = find_moments(
        text.whole, sent_at=sent_at, timezone=zone, month_first=_month_first(mail, reader), language=language or "en"
    )
    begin = len(text.subject) if answers(mail) else 0
    kept = (moment for moment in found if moment.span[0] >= begin and NO_DATE not in moment.flags)
    return tuple(
        replace(moment, timezone=None) if substituted and moment.timezone == zone else moment for moment in kept
    )


def _zone_of_sender(sent_at: datetime, timezone: str) -> tuple[str, bool]:
    """Give the zone of a time that states none: the sender's offset, where it differs from the user's.

    policy.md 3.5: a bare offset serves for the instant and names no zone. Servers write +0000 wherever they stand.
    """
    offset = sent_at.utcoffset()
    hours = offset.total_seconds() / 3600 if offset else 0.0
    if (
        not hours
        or not hours.is_integer()
        or not -12 <= hours <= 12
        or offset == sent_at.astimezone(_zone(timezone)).utcoffset()
    ):
        return timezone, False
    return f"Etc/GMT{-int(hours):+d}", True  # POSIX counts offsets westwards


def _month_first(mail: Mail, reader: Reader) -> bool:
    """Tell how "3/4" is to be read: by the reader's wish, the sender's country, else the user's zone."""
    if reader.month_first is not None:
        return reader.month_first
    country = mail.senders[0].domain.rpartition(".")[2] if mail.senders else ""
    if len(country) == 2 and country not in {"us", "io", "ai", "co", "me", "tv", "ph"}:
        return False
    offset = mail.sent_at.utcoffset() if mail.sent_at else None
    if offset:
        return offset < timedelta(hours=-3)  # the Americas but for the south-east
    return reader.timezone.startswith(("America/", "US/", "Pacific/Honolulu"))


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return UTC


def _post(mail: Mail, reader: Reader, facts: Facts, text: _Text, system: SenderSystem | None) -> Post:
    described = "\n".join(f"{event.summary}\n{event.description[:2000]}" for event in facts.events[:3])
    return find_post(
        subject=text.subject,
        text=f"{text.fresh}\n{described}",
        signature=text.signature,
        sender=facts.sender,
        system=system,
        persons=(reader.full_name, *_named(mail, facts)),
    )


def _named(mail: Mail, facts: Facts) -> Iterable[str]:
    """Give the names of people in the header and on the invites; a system's display name is the employer's."""
    organizers = (event.organizer for event in facts.events)
    listed = [*mail.senders, *mail.to, *mail.cc, *(organizer for organizer in organizers if organizer)]
    invited = [a.name for event in facts.events for a in event.attendees]
    names = [person_name(address.name) for address in listed if not _is_company(address)]
    return filter(None, (*names, *map(person_name, invited)))


def _is_company(address: Address) -> bool:
    system = find_system(address)
    if system is not None:
        return not system.is_relay(address.address)
    return is_robot(address) or domain_names_company(address.domain, company_key(address.name))


def _cast(mail: Mail, reader: Reader, facts: Facts, text: _Text, post: Post, moments: Sequence[Moment]) -> Cast:
    described = "\n".join(f"{event.summary}\n{event.description[:2000]}" for event in facts.events[:3])
    return find_cast(
        mail,
        f"{text.whole}\n\n{described}" if described else text.whole,
        signature=text.signature,
        sign_off=text.sign_off,
        own=reader.addresses,
        own_name=reader.full_name,
        company=post.company,
        events=facts.events,
        times=(moment.span for moment in moments if moment.grain is Grain.MINUTE),
    )


def _statements(
    mail: Mail,
    reader: Reader,
    facts: Facts,
    text: _Text,
    *,
    hits: tuple[Hit, ...],
    clauses: tuple[Clause, ...],
    cast: Cast,
    job: float,
    known: bool,
    system: SenderSystem | None,
    language: str | None,
) -> tuple[Statement, ...]:
    look_alike = look_alike_weight(hits)
    links = tuple(dict.fromkeys((*mail.links, *(link for event in facts.events for link in links_of(event)))))
    reading = Reading(
        text=text.whole,
        clauses=clauses,
        hits=hits,
        spoken=spoken_times(clauses),
        links=links,
        sent_at=mail.received_at,
        cast=cast,
        system=system.kind if system else None,
        job=job,
        answer=answers(mail),
        known=known,
    )
    around = Surroundings(
        own=reader.addresses,
        own_name=reader.full_name,
        cast=cast,
        job=job,
        look_alike=look_alike,
        moved=reading.sure("moved"),
        reminder=reading.weight("reminder") >= 0.5,  # noqa: PLR2004
    )
    statements = list(judge_events(facts.events, around))
    if look_alike <= job:
        statements += weigh(
            reading, has_event=any(event.method != "REPLY" for event in facts.events) and bool(statements)
        )
    return tuple(statements)


def _with_promise(statements: tuple[Statement, ...], promised: Promised | None) -> tuple[Statement, ...]:
    if promised is None or any(isinstance(statement, Rejected | Offered) for statement in statements):
        return statements
    # "Only suitable candidates will be contacted" in an acknowledgement is no promise, and comes before any visit.
    early = bool(statements) and {type(statement) for statement in statements} <= {Acknowledged, Approached, Assessed}
    return statements if promised.promise.by is None and early else (*statements, promised)


def _promised(
    mail: Mail, reader: Reader, text: _Text, language: str | None, *, job: float, known: bool
) -> Promised | None:
    """Read when they will answer; of several promises in one message the later counts (policy.md section 4)."""
    sent_at = mail.sent_at or mail.received_at
    found = find_promises(
        text.fresh,
        sent_at=sent_at,
        timezone=reader.timezone,
        month_first=_month_first(mail, reader),
        language=language or "en",
    )
    promise = latest_promise(found)
    if promise is None:
        return None
    spoken_of = known or job >= 0.5
    if not spoken_of and (promise.by is None or len(text.fresh) > LETTER):
        return None
    confidence = 0.9 if spoken_of else 0.8
    return Promised(
        confidence=confidence, evidence=(Evidence(field="promise", text=promise.text[:200]),), promise=promise
    )


def _people(facts: Facts, reader: Reader, cast: Cast) -> tuple[Person, ...]:
    """Give everybody of the other side: those of the invites first, since they have addresses."""
    people: list[Person] = []
    for event in facts.events:
        if event.method in {"REPLY", "COUNTER"}:
            continue
        interviewers, others = invited_people(event, own=reader.addresses, cast=cast)
        people += [*interviewers, *others]
    for statement in facts.statements:
        people += [person for session in getattr(statement, "sessions", ()) for person in session.people]
    return unique((*people, *cast.people))


def _stated_zone(moments: Iterable[Moment], events: Iterable[Invite]) -> str | None:
    """Give the zone that the message itself names: of the invite before the text's."""
    return next(
        (event.timezone for event in events if event.timezone and not event.floating),
        next((m.timezone for m in moments if m.timezone and m.zone_source is not ZoneSource.DEFAULT), None),
    )


def _doubted(statement: Statement, evidence: Evidence) -> Statement:
    return replace(
        statement, confidence=min(statement.confidence, FAILED_TRUST), evidence=(*statement.evidence, evidence)
    )
