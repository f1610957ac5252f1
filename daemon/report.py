"""Decisions and plans as the JSON objects of the command line's interface; fields are added, never renamed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from composer.acts import Act, Place
from composer.agenda import Agenda, Closing, FollowUp, Postponement, Review, Suppression
from daemon.approvals import SendingRow
from daemon.decision import Action, Decision
from daemon.drafts import DraftRow
from daemon.places import placings
from parsers.model import EventStatus, Evidence, Facts, Interview, Person, Timeline

JsonObject = dict[str, Any]


def to_line(document: JsonObject) -> str:
    """Give one JSON Lines line, without its line feed."""
    return json.dumps(document, ensure_ascii=False)


def instant(moment: datetime | None) -> str | None:
    """Give an instant as RFC 3339 with its offset."""
    return moment.isoformat(timespec="seconds") if moment else None


def day(date_: date | None) -> str | None:
    """Give a day."""
    return date_.isoformat() if date_ else None


def person(somebody: Person) -> JsonObject:
    """Give a person."""
    return {"name": somebody.name, "address": somebody.address, "part": somebody.part}


def evidence_of(facts: Facts) -> Iterator[Evidence]:
    """Give every quoted piece of evidence, each once."""
    seen: set[tuple[str, str]] = set()
    for statement in facts.statements:
        for evidence in statement.evidence:
            if (evidence.field, evidence.text) not in seen:
                seen.add((evidence.field, evidence.text))
                yield evidence


# ----------------------------------------------------------------------------------------------------------- replay


def decided(decision: Decision) -> JsonObject:
    """Say one decision: the object of `replay --json`."""
    document: JsonObject = {
        "at": instant(decision.at),
        "action": decision.action,
        "kind": decision.kind,
        "rule": decision.rule,
        "reason": decision.reason,
        "to": decision.to,
        "subject": decision.subject,
        "thread": decision.thread,
        "due": instant(decision.due),
        "stale_at": instant(decision.stale_at),
        "company": decision.company,
        "role": decision.role,
        "interview": decision.interview,
        "id": decision.id,
        "account": decision.account,
    }
    if decision.action is Action.CLOSE:
        document["state"] = decision.state
    return document


# ----------------------------------------------------------------------------------------------------- scan, status


def planned(agenda: Agenda, timelines: Iterable[Timeline] = ()) -> Iterator[JsonObject]:
    """Say all of an agenda, one object an entry, each with a `what`; `timelines` are those it was made from."""
    for followup in agenda.due:
        yield {"what": "planned", **_followup(followup), "due_now": True}
    for followup in agenda.planned:
        yield {"what": "planned", **_followup(followup), "due_now": False}
    for suppression in agenda.suppressed:
        yield {"what": "held_back", **_suppression(suppression)}
    for postponement in agenda.postponed:
        yield {"what": "postponed", **_postponement(postponement)}
    for closing in agenda.closed:
        yield {"what": "closed", **_closing(closing)}
    known = {(timeline.account, timeline.id): timeline for timeline in timelines}
    for review in agenda.review:
        yield {"what": "review", **_review(review, known.get((review.account, review.application)))}


def _followup(followup: FollowUp) -> JsonObject:
    return {
        "id": followup.id,
        "kind": followup.kind,
        "rule": followup.rule,
        "reason": followup.reason,
        "to": followup.to.address,
        "due": instant(followup.due),
        "stale_at": instant(followup.stale_at),
        "company": followup.company,
        "role": followup.role,
        "interview": followup.interview,
        "application": followup.application,
        "account": followup.account,
        "thread": "reply" if followup.answers else "new",
    }


def _suppression(suppression: Suppression) -> JsonObject:
    return {
        "id": suppression.id,
        "kind": suppression.kind,
        "rule": suppression.rule,
        "reason": suppression.reason,
        "to": suppression.to,
        "at": instant(suppression.at),
        "company": suppression.company,
        "role": suppression.role,
        "interview": suppression.interview,
        "application": suppression.application,
        "account": suppression.account,
        "since": instant(suppression.since),
    }


def _postponement(postponement: Postponement) -> JsonObject:
    return _followup(postponement.followup) | {
        "rule": postponement.rule,
        "reason": postponement.reason,
        "at": instant(postponement.at),
    }


def _closing(closing: Closing) -> JsonObject:
    return {
        "application": closing.application,
        "account": closing.account,
        "company": closing.company,
        "role": closing.role,
        "state": closing.state,
        "rule": closing.rule,
        "reason": closing.reason,
        "at": instant(closing.at),
    }


def _review(review: Review, timeline: Timeline | None) -> JsonObject:
    """Say a doubt with the message that raised it; where none did, with the latest of the application."""
    facts = timeline.facts if timeline else ()
    fact = next((fact for fact in facts if fact.key == review.message), facts[-1] if facts else None)
    return {
        "application": review.application,
        "account": review.account,
        "reason": review.reason,
        "message": review.message,
        "company": timeline.company if timeline else None,
        "role": timeline.role if timeline else None,
        "at": instant(fact.received_at) if fact else None,
        "from": fact.sender.address if fact and fact.sender else None,
        "subject": fact.subject if fact else None,
        "quotes": [evidence.text for evidence in evidence_of(fact)] if fact and review.message else [],
    }


def interviews(timelines: tuple[Timeline, ...]) -> Iterator[JsonObject]:
    """Say every interview of every application, in order of start."""
    pairs = [(timeline, interview) for timeline in timelines for interview in timeline.interviews]
    for timeline, interview in sorted(pairs, key=lambda pair: pair[1].current.start):
        yield {"what": "interview", **_interview(timeline, interview)}


def _interview(timeline: Timeline, interview: Interview) -> JsonObject:
    current = interview.current
    return {
        "interview": interview.id,
        "start": instant(current.start),
        "end": instant(current.end),
        "timezone": current.timezone,
        "all_day": current.all_day,
        "status": current.ended or EventStatus.CONFIRMED,
        "confidence": round(interview.confidence, 2),
        "medium": interview.medium,
        "location": interview.location,
        "people": [person(somebody) for somebody in interview.people],
        "company": timeline.company,
        "role": timeline.role,
        "application": timeline.id,
        "account": timeline.account,
    }


def waiting(
    rows: Iterable[DraftRow], acts: Iterable[Act] = (), sendings: Iterable[SendingRow] = ()
) -> Iterator[JsonObject]:
    """Say every draft that was ever tried, where it stands and lies, and how sending it stands, if it was approved."""
    moved = placings(acts)
    approved = {sending.followup: sending for sending in sendings}
    for row in rows:
        placed = moved[row.id][-1] if row.id in moved else None
        sending = approved.get(row.id)
        yield {
            "what": "draft",
            "id": row.id,
            "state": row.state,
            "kind": row.followup.kind,
            "rule": row.followup.rule,
            "to": row.followup.to.address,
            "subject": row.subject,
            "since": instant(row.changed_at),
            "stale_at": instant(row.followup.stale_at),
            "note": row.note,
            "place": placed.place if placed else Place.DRAFTS,
            "until": instant(placed.until) if placed else None,
            "sending": _sending(sending) if sending else None,
            "company": row.followup.company,
            "role": row.followup.role,
            "account": row.account,
        }


def _sending(sending: SendingRow) -> JsonObject:
    return {
        "state": sending.state,
        "next_at": instant(sending.next_at),
        "attempts": sending.attempts,
        "reply": sending.reply,
    }
