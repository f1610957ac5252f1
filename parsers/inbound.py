"""Reads what a message to the user says: its words, times and calendar objects in, the names and statements out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from parsers.bookings import Surroundings, is_hold, judge_events, judge_markup, links_of
from parsers.clauses import Clause, split_clauses
from parsers.employer import company_key, domain_names_company
from parsers.markup import read_markup
from parsers.model import (
    Acknowledged,
    Address,
    Approached,
    Assessed,
    Evidence,
    Grain,
    Invite,
    Mail,
    Moment,
    Moved,
    Offered,
    Person,
    Promise,
    Promised,
    Rejected,
    Scheduled,
    Statement,
    ZoneSource,
)
from parsers.names import person_name
from parsers.people import Cast, find_cast, invited_people, unique
from parsers.phrases import Hit, find_hits
from parsers.post import Post, find_post
from parsers.promise import find_promises, latest_promise
from parsers.reader import Reader
from parsers.reading import Reading
from parsers.relevance import answers, elsewhere_weight, is_advertising, job_weight, look_alike_weight
from parsers.senders import SenderSystem, find_system, is_robot, is_shared
from parsers.sessions import spoken_times
from parsers.statements import weigh
from parsers.wordbook import Strength, wordbook
from parsers.wording import Clock, Wording

_LETTER: Final = 1500  # characters; a longer text that never speaks of a job promises something else
_SPOKEN_OF: Final = 0.5  # weight of the job from which on a promise is surely about it
_GUESSED_OF: Final = 0.3  # and from which on a day of something unsaid may be that of an answer
_GUESS: Final = 0.6
_UNCLEAR: Final = 0.5  # and from which on a message of which nothing is understood may matter
_SAYS_SOMETHING: Final = 8  # words
_UNDERSTOOD: Final = frozenset({"survey", "info_request", "candidate", "submitted", "footer"})
_FEW_WORDS: Final = 600  # characters; more than that speak for themselves
_DESCRIPTION: Final = 2000  # characters of an event's description


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message to the user that is worth reading, taken apart."""

    mail: Mail
    reader: Reader
    wording: Wording
    events: tuple[Invite, ...]
    clock: Clock
    language: str | None
    moments: tuple[Moment, ...]
    clauses: tuple[Clause, ...]
    hits: tuple[Hit, ...]
    system: SenderSystem | None
    known: bool  # it answers one of the user's own messages

    @property
    def sender(self) -> Address | None:
        """The first From address."""
        return self.mail.senders[0] if self.mail.senders else None

    @property
    def described(self) -> str:
        """What the calendar objects say in words."""
        return "\n".join(f"{event.summary}\n{event.description[:_DESCRIPTION]}" for event in self.events[:3])


def read_post(message: Message) -> Post:
    """Read the employer and the post."""
    return find_post(
        subject=message.wording.subject,
        text=f"{message.wording.fresh}\n{message.described}",
        signature=message.wording.signature,
        sender=message.sender,
        system=message.system,
        persons=(message.reader.full_name, *_persons(message)),
        quoted=message.wording.quoted,
    )


def _persons(message: Message) -> Iterable[str]:
    """Give the names of people in the header and on the invites; a system's display name is the employer's."""
    mail = message.mail
    organizers = (event.organizer for event in message.events)
    listed = (*mail.senders, *mail.to, *mail.cc, *(organizer for organizer in organizers if organizer))
    names = [person_name(address.name) for address in listed if not _is_company(address)]
    return filter(None, (*names, *(person_name(a.name) for event in message.events for a in event.attendees)))


def _is_company(address: Address) -> bool:
    system = find_system(address)
    if system is not None:
        return not system.is_relay(address.address)
    if is_robot(address) or is_shared(address):
        return True
    return domain_names_company(address.domain, company_key(address.name))


def read_cast(message: Message, post: Post) -> Cast:
    """Read the people."""
    return find_cast(
        message.mail,
        f"{message.wording.whole}\n\n{message.described}" if message.events else message.wording.whole,
        signature=message.wording.signature,
        sign_off=message.wording.sign_off,
        own=message.reader.addresses,
        own_name=message.reader.full_name,
        company=post.company,
        events=message.events,
        times=(moment.span for moment in message.moments if moment.grain is Grain.MINUTE),
    )


def read_statements(message: Message, post: Post, cast: Cast) -> tuple[Statement, ...]:
    """Weigh what the message says, calendar objects first."""
    job = read_job(message, post, cast)
    elsewhere = is_elsewhere(message, post, cast)
    look_alike = 1.0 if elsewhere else look_alike_weight(message.hits)
    in_events = (link for event in message.events for link in links_of(event))
    reading = Reading(
        text=message.wording.whole,
        clauses=message.clauses,
        hits=message.hits,
        spoken=spoken_times(message.clauses),
        links=tuple(dict.fromkeys((*message.mail.links, *in_events))),
        sent_at=message.mail.received_at,
        cast=cast,
        system=message.system.kind if message.system else None,
        job=job,
        post=post_weight(message, post, cast),
        answer=answers(message.mail),
        known=message.known,
    )
    around = Surroundings(
        own=message.reader.addresses,
        own_name=message.reader.full_name,
        cast=cast,
        job=job,
        post=reading.post,
        look_alike=look_alike,
        moved=reading.sure("moved"),
        reminder=reading.reminds(),
    )
    # "Interview panel: Rui Mendes": the user is asked to interview somebody.
    by_events = judge_events(message.events, around) if not reading.of_a_candidate() else ()
    if not message.events and message.mail.html:
        by_events = judge_markup(read_markup(message.mail.html, timezone=message.reader.timezone), around)
    has_event = bool(by_events) or any(is_hold(event) for event in message.events)
    by_words = weigh(reading, has_event=has_event) if not elsewhere and look_alike <= job else ()
    return (*by_events, *by_words)


def is_unclear(message: Message, post: Post, cast: Cast) -> bool:
    """Tell whether a message that says nothing of what is known speaks of a job all the same."""
    known = any(hit.kind in _UNDERSTOOD and hit.strength is Strength.SURE for hit in message.hits)
    said = len(message.wording.fresh.split()) >= _SAYS_SOMETHING
    return said and not known and not is_advertising(message.mail) and read_job(message, post, cast) >= _UNCLEAR


def read_job(message: Message, post: Post, cast: Cast) -> float:
    """Weigh how far the message is about an application."""
    return job_weight(
        message.mail,
        hits=message.hits,
        system=message.system,
        post=post,
        cast=cast,
        known=message.known,
        quoted=_answers_about_a_job(message),
    )


def _answers_about_a_job(message: Message) -> bool:
    """Tell whether a few words stand above a quotation that is about a job: "3 works, see you then"."""
    if not message.wording.quoted or len(message.wording.fresh) > _FEW_WORDS:
        return False
    quoted = split_clauses(message.wording.quoted, language=message.language)
    return any(hit.kind == "job" for hit in find_hits(quoted, message.language))


def is_elsewhere(message: Message, post: Post, cast: Cast) -> bool:
    """Tell whether the message is about an application or a talk of another sort than for a job."""
    elsewhere = elsewhere_weight(message.hits, message.sender)
    return elsewhere > 0.0 and elsewhere > post_weight(message, post, cast)


def post_weight(message: Message, post: Post, cast: Cast) -> float:
    """Weigh how far the message is about a job by what no other application has."""
    return job_weight(
        message.mail,
        hits=message.hits,
        system=message.system,
        post=post,
        cast=cast,
        known=False,
        quoted=_answers_about_a_job(message),
        least=Strength.SURE,
    )


def read_promise(message: Message, post: Post, cast: Cast, *, alone: bool) -> Promised | None:
    """Read when they will answer; of several promises in one message the later counts (policy.md section 4).

    `alone`: the message says nothing else, so that a day on which anything will happen may be that of an answer.
    """
    promise = _promise(message, vague=False)
    guessed = promise is None and alone and len(message.wording.fresh) <= _LETTER
    if guessed and read_job(message, post, cast) >= _GUESSED_OF:
        promise = _promise(message, vague=True)
    if promise is None:
        return None
    talks = not wordbook().classes["core"].isdisjoint(token for clause in message.clauses for token in clause.tokens)
    of_a_job = talks or post_weight(message, post, cast) > 0.0
    spoken_of = message.known or (of_a_job and read_job(message, post, cast) >= _SPOKEN_OF)
    if not spoken_of and (promise.by is None or len(message.wording.fresh) > _LETTER):
        return None
    # Friends and plumbers promise, too: alone, such words are sure only in an application that others have shown.
    confidence = _GUESS if guessed else 0.9 if spoken_of else 0.7
    return Promised(
        confidence=confidence, evidence=(Evidence(field="promise", text=promise.text[:200]),), promise=promise
    )


def _promise(message: Message, *, vague: bool) -> Promise | None:
    found = find_promises(
        message.wording.fresh,
        sent_at=message.clock.sent_at,
        timezone=message.clock.timezone,
        month_first=message.clock.month_first,
        language=message.language or "en",
        vague=vague,
    )
    return latest_promise(found)


def with_promise(statements: tuple[Statement, ...], promised: Promised | None) -> tuple[Statement, ...]:
    """Add a promise to what else is said, where it leaves room for one."""
    if promised is None or any(isinstance(statement, Rejected | Offered) for statement in statements):
        return statements
    # "Only suitable candidates will be contacted" in an acknowledgement is no promise, and comes before any visit.
    early = bool(statements) and {type(statement) for statement in statements} <= {Acknowledged, Approached, Assessed}
    return statements if promised.promise.by is None and early else (*statements, promised)


def everybody(message: Message, statements: Sequence[Statement], cast: Cast) -> tuple[Person, ...]:
    """Give everybody of the other side: those of the invites first, since they have addresses."""
    people: list[Person] = []
    for event in message.events:
        if event.method not in {"REPLY", "COUNTER"}:
            interviewers, others = invited_people(event, own=message.reader.addresses, cast=cast)
            people += [*interviewers, *others]
    for statement in statements:
        if isinstance(statement, Scheduled | Moved):
            people += [person for session in statement.sessions for person in session.people]
    return unique((*people, *cast.people))


def stated_zone(message: Message) -> str | None:
    """Give the zone that the message itself names: of the invite before the text's."""
    by_event = (event.timezone for event in message.events if event.timezone and not event.floating)
    by_text = (m.timezone for m in message.moments if m.timezone and m.zone_source is not ZoneSource.DEFAULT)
    return next(by_event, None) or next(by_text, None)
