"""Weighs how far a message is about an application for a job: words, sender, post in, 0..1 out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from parsers.model import Address, Mail, Part
from parsers.people import Cast
from parsers.phrases import Hit
from parsers.post import Post
from parsers.senders import SenderSystem, SystemKind, is_bulk, is_list, is_recruiting_mailbox
from parsers.signature import offers_to_unsubscribe
from parsers.wordbook import Strength, wordbook

_SYSTEM: Final = {
    SystemKind.TRACKER: 0.85,
    SystemKind.TEST: 0.85,
    SystemKind.RECORDED: 0.85,
    SystemKind.BOARD: 0.4,
    SystemKind.SCHEDULER: 0.15,
    SystemKind.CALENDAR: 0.0,
}
_JOB_CLAUSES: Final = (0.5, 0.3, 0.2, 0.15)  # each further sentence about a job is less new
_ANSWERED: Final = 0.35  # a few words say of what is quoted below them
# Mailboxes where an application or an appointment is one of another sort.
_OTHER_LOCAL: Final = re.compile(
    r"(?:admissions?|mba|grants?|lettings?|claims?|visas?|membership|mortgages?|loans?|press|newsroom|jury|choir|zulassung|foerderung|kredit|chor|praxis|credit|rdv|admision|citas|credito|admissoes|marcacoes|visitas)\b"
)
_OTHER_MAILBOX: Final = 0.25
A_FEW_LINES: Final = 1000  # characters
SHORT: Final = 1500  # characters
_MANY_LINKS: Final = 12
_FOOTER: Final = 3000  # characters at the end


def answers(mail: Mail) -> bool:
    """Tell whether the message answers another, so that its subject is the other's."""
    return bool(mail.in_reply_to) or mail.subject.lstrip()[:4].lower().startswith(("re:", "aw:", "sv:", "rv:", "res:"))


def is_advertising(mail: Mail) -> bool:
    """Tell whether it was sent to many: by its header, or since it offers to unsubscribe or links everywhere."""
    return is_bulk(mail) or len(mail.links) > _MANY_LINKS or offers_to_unsubscribe(mail.text[-_FOOTER:])


def may_matter(mail: Mail, subject: str, fresh: str, own: frozenset[str]) -> bool:
    """Tell cheaply whether a message of no known sender can be about an application at all."""
    if is_list(mail) and not any(address.address in own for address in mail.to):
        return False
    if mail.senders and is_recruiting_mailbox(mail.senders[0]):
        return True
    to_the_user = any(address.address in own for address in mail.to)
    if to_the_user and 0 < len(fresh.strip()) < A_FEW_LINES and not is_bulk(mail):
        return True  # a person's few lines say in endless words that something is fixed, moved or over
    gate = wordbook().gate
    return gate.search(subject) is not None or gate.search(fresh) is not None


def worth_reading(mail: Mail, hits: Sequence[Hit], fresh: str) -> bool:
    """Tell from the first hits, before times are looked for, whether anything can come of a message."""
    about = {hit.clause.start for hit in hits if hit.kind == "job"}
    if is_advertising(mail):
        # Newsletters speak of jobs, too; what they do not do is to say something to an applicant.
        return len(about) > 1 and any(hit.kind in _SAYS and hit.strength is Strength.SURE for hit in hits)
    if about or (mail.senders and is_recruiting_mailbox(mail.senders[0])):
        return True
    # A person's few lines may promise, move or fix something without a word about a job.
    return len(fresh) < SHORT


_SAYS: Final = frozenset(
    "confirmed invited choice moved cancelled rejected offered held assessed received withdrew".split()
)


def job_weight(
    mail: Mail,
    *,
    hits: Sequence[Hit],
    system: SenderSystem | None,
    post: Post,
    cast: Cast,
    known: bool,
    quoted: bool = False,
    least: Strength = Strength.LIKELY,
) -> float:
    """Weigh how far the message is about an application for a job, 0..1; `quoted`: what it answers is.

    Flats and schools have applications, candidates and interviews, too: with `least` SURE such words do not count.
    """
    doubts: list[float] = []
    if system is not None:
        doubts.append(_SYSTEM[system.kind])
    clauses = {hit.clause.start for hit in hits if hit.kind == "job" and hit.strength >= least}
    doubts += _JOB_CLAUSES[: len(clauses)]
    if quoted:
        doubts.append(_ANSWERED)
    if post.role:
        doubts.append(0.4)
    if post.requisition:
        doubts.append(0.1)
    if known:
        doubts.append(0.3)
    sender = mail.senders[0] if mail.senders else None
    if sender is not None and is_recruiting_mailbox(sender):
        doubts.append(0.35)
    if any(person.part in {Part.RECRUITER, Part.COORDINATOR} for person in cast.people):
        doubts.append(0.5)
    doubt = 1.0
    for weight in doubts:
        doubt *= 1 - weight
    job = 1 - doubt
    if system is None and not known:
        if is_list(mail):
            return job * 0.2  # a list is not written to one candidate
        if is_advertising(mail):
            return job * 0.6
    return job


def look_alike_weight(hits: Sequence[Hit]) -> float:
    """Weigh what explains the words of an interview otherwise, 0..1."""
    return _weight(hits, "look_alike")


def elsewhere_weight(hits: Sequence[Hit], sender: Address | None) -> float:
    """Weigh what makes the message one about an application or a talk of another sort: a loan, a flat, the press."""
    by_words = _weight(hits, "elsewhere")
    if sender is not None and _OTHER_LOCAL.match(sender.local_part):
        return 1 - (1 - by_words) * (1 - _OTHER_MAILBOX)
    return by_words


def _weight(hits: Sequence[Hit], kind: str) -> float:
    weights = {Strength.SURE: 0.6, Strength.LIKELY: 0.25, Strength.HINT: 0.1}
    best: dict[int, float] = {}
    for hit in hits:
        if hit.kind == kind:
            best[hit.clause.start] = max(best.get(hit.clause.start, 0.0), weights[hit.strength])
    doubt = 1.0
    for weight in best.values():
        doubt *= 1 - weight
    return 1 - doubt
