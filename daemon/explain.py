"""Tells the story of a follow-up in plain sentences: what was written, how its instant came about, what became of it.

`messages` are the mails and the interview, `reckoning` the rule and the calendar, `outcome` what was decided and done.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from composer.acts import Approved, Drafted, Edited, Gone, Muted, Noted, Placed, Resumed, Sent, Snoozed, Withdrawn
from composer.agenda import Agenda, FollowUp, FollowUpKind, Suppression
from composer.fates import concerns
from composer.letter_values import visit_of
from composer.notes import notes_of
from composer.policy import Policy
from daemon.approvals import SendingState
from daemon.decision import Action
from daemon.drafts import DraftRow, DraftState
from daemon.errors import InputError
from daemon.ledger import Ledger
from daemon.reading import latest_promise
from daemon.reckoning import Reckoning, reckon, spoken_day
from daemon.report import JsonObject, day, evidence_of, instant
from daemon.rule_words import RULES
from parsers.model import Direction, Facts, FixedTime, Interview, Kind, SlotEnd, Timeline

Entry = FollowUp | Suppression


class Chapter(StrEnum):
    """The `part` of a line of the story."""

    MESSAGES = "messages"
    RECKONING = "reckoning"
    OUTCOME = "outcome"


_SAID = {
    Kind.INTERVIEW_CONFIRMED: "an interview is fixed",
    Kind.INTERVIEW_INVITATION: "they ask for a time to meet",
    Kind.RESCHEDULE: "the interview is moved",
    Kind.CANCELLATION: "the interview is called off",
    Kind.REJECTION: "they turn you down",
    Kind.OFFER: "they offer you the post",
    Kind.ON_HOLD: "the process is paused",
    Kind.TIMELINE_PROMISE: "they say when they will answer",
    Kind.ASSESSMENT: "they set a task or a test",
    Kind.APPLICATION_RECEIVED: "your application arrived",
    Kind.RECRUITER_OUTREACH: "a recruiter writes first",
    Kind.OUT_OF_OFFICE: "an automatic answer: out of office",
}
_ENDED = {
    SlotEnd.MOVED: "this time was given up for another",
    SlotEnd.CANCELLED: "it was called off",
    SlotEnd.DECLINED: "you declined it",
    SlotEnd.MISSED: "it did not take place",
}
_STANDS = {
    DraftState.INTENT: "the draft is about to be stored, or the program ended while it was",
    DraftState.UNKNOWN: "the connection broke while the draft was stored: it is looked for, and never stored twice",
    DraftState.REFUSED: "the server refused the draft: it is tried again",
    DraftState.FAILED: "the draft could not be stored, and that was given up",
    DraftState.NEEDS_A_LOOK: "it is not certain whether the draft was stored: look into Drafts yourself",
    DraftState.APPENDED: "the draft waits for you",
    DraftState.TAKEN_OVER: "the draft is yours: Tactful does not touch it",
    DraftState.LEFT: "the draft should have been taken back, but could not be: it is yours",
}


def explain_followup(
    identifier: str, agenda: Agenda, ledger: Ledger, timelines: Sequence[Timeline], policy: Policy
) -> JsonObject:
    """Explain the follow-up whose id begins with `identifier`.

    Raises InputError when none or several begin so.
    """
    entries = _entries(agenda, ledger)
    found = {key: entry for key, entry in entries.items() if key.startswith(identifier)}
    if len(found) != 1:
        which = "no follow-up" if not found else f"{len(found)} follow-ups"
        raise InputError(f"{which} with an id that begins with {identifier!r}; `tactful status` lists them")
    key, entry = next(iter(found.items()))
    followup = entry if isinstance(entry, FollowUp) else entry.followup
    timeline = next((t for t in timelines if (t.account, t.id) == (entry.account, entry.application)), None)
    reckoning = reckon(followup, timeline, policy) if followup and timeline else None
    known = {fact.key: fact for one in timelines for fact in one.facts}
    story = [
        *_messages(entry, timeline, known),
        *_notes(entry, timeline, ledger),
        *_reckoned(entry, followup, reckoning),
        *_outcome(key, entry, timeline, agenda, ledger),
    ]
    return {
        "id": key,
        "kind": entry.kind,
        "rule": entry.rule,
        "reason": entry.reason,
        "to": entry.to.address if isinstance(entry, FollowUp) else entry.to,
        "company": entry.company,
        "role": entry.role,
        "messages": [message for message in entry.evidence if message in known],
        "story": story,
        "account": entry.account,
        "application": entry.application,
        "interview": entry.interview,
        "held_back": isinstance(entry, Suppression),
        "due": instant(followup.due if followup else entry.at if isinstance(entry, Suppression) else None),
        "stale_at": instant(followup.stale_at) if followup else None,
        "calendar": _calendar(reckoning) if reckoning else None,
    }


def _entries(agenda: Agenda, ledger: Ledger) -> dict[str, Entry]:
    """Give what can be explained by id; a draft that was made tells more than a later reason against it."""
    entries: dict[str, Entry] = {suppression.id: suppression for suppression in agenda.suppressed}
    entries |= {followup.id: followup for followup in (*agenda.planned, *agenda.due)}
    entries |= {row.id: row.followup for row in ledger.drafts()}
    return entries


# ------------------------------------------------------------------------------------------------- what was written


def _messages(entry: Entry, timeline: Timeline | None, known: dict[str, Facts]) -> list[JsonObject]:
    """Tell the mails that led to it, the other mail of the application until then, and the interview."""
    until = entry.due if isinstance(entry, FollowUp) else entry.since or entry.at
    chosen = {key: known[key] for key in entry.evidence if key in known}
    chosen |= {fact.key: fact for fact in (timeline.facts if timeline else ()) if fact.received_at <= until}
    lines = [_of_message(fact) for fact in chosen.values()]
    met = (i for i in (timeline.interviews if timeline else ()) if i.id == entry.interview)
    lines += [_of_interview(interview, timeline.timezone if timeline else None) for interview in met]
    return sorted(lines, key=lambda line: datetime.fromisoformat(line["at"]))


def _of_message(message: Facts) -> JsonObject:
    subject = f" “{message.subject}”" if message.subject else ""
    if message.direction is Direction.OWN:
        to = ", ".join(address.name or address.address for address in message.to)
        return _line(message.received_at, f"you wrote{f' to {to}' if to else ''}:{subject}", Chapter.MESSAGES)
    sender = (message.sender.name or message.sender.address) if message.sender else "somebody"
    said = _SAID.get(message.kind)
    promise = latest_promise(message)
    if promise and promise.by:
        promised = f"they promise an answer by {spoken_day(promise.by)}"
        said = promised if message.kind is Kind.TIMELINE_PROMISE else f"{said or 'a mail'}; {promised}"
    text = f"{sender} wrote{subject}{f': {said}' if said else ''}"
    evidence = [{"field": one.field, "text": one.text} for one in evidence_of(message)]
    return _line(message.received_at, text, Chapter.MESSAGES, evidence=evidence)


def _of_interview(interview: Interview, timezone: str | None) -> JsonObject:
    time = interview.current
    people = ", ".join(person.name or person.address or "" for person in interview.people)
    words = [
        f"interview{f' with {people}' if people else ''}",
        *_hours(time, time.timezone or timezone),
        *([f"by {interview.medium}"] if interview.medium in {"phone", "video"} else []),
        *([_ENDED[time.ended]] if time.ended else []),
    ]
    return _line(time.start, ", ".join(words), Chapter.MESSAGES)


def _hours(time: FixedTime, timezone: str | None) -> Iterator[str]:
    """Tell the hours of a time where they were fixed, and an end that nobody stated as such."""
    if time.all_day:
        yield "the whole day"
    elif timezone:
        start, end = (edge.astimezone(ZoneInfo(timezone)) if edge else None for edge in (time.start, time.end))
        yield f"{start:%H:%M} to {end:%H:%M} in {timezone}" if end else f"{start:%H:%M} in {timezone}, no end stated"


def _notes(entry: Entry, timeline: Timeline | None, ledger: Ledger) -> Iterator[JsonObject]:
    """Tell what the person noted after the visit that a thank-you is for."""
    if timeline and isinstance(entry, FollowUp) and entry.kind is FollowUpKind.THANK_YOU:
        for note in notes_of(ledger.acts(), visit_of(entry, timeline), entry.visit):
            yield _noted(note)


def _noted(note: Noted) -> JsonObject:
    about = f" for {note.about}" if note.about else ""
    evidence = [{"field": "note", "text": note.text}]
    return _line(note.at, f"you noted{about}", Chapter.MESSAGES, evidence=evidence)


# ----------------------------------------------------------------------------------------------- how it was reckoned


def _reckoned(entry: Entry, followup: FollowUp | None, reckoning: Reckoning | None) -> Iterator[JsonObject]:
    if followup:
        yield _rule(followup.due, followup.rule, followup.reason)
        for sentence in reckoning.sentences if reckoning else ():
            yield _line(None, sentence, Chapter.RECKONING)
    if isinstance(entry, Suppression):
        yield _line(entry.at, "then it would have been due, but it is not made", Chapter.RECKONING)
        yield _rule(entry.since, entry.rule, entry.reason)


def _rule(at: datetime | None, rule: str, reason: str) -> JsonObject:
    words = RULES.get(rule)
    return _line(at, f"{rule}: {words} ({reason})" if words else f"{rule}: {reason}", Chapter.RECKONING, rule=rule)


def _calendar(reckoning: Reckoning) -> JsonObject:
    return {
        "timezone": reckoning.timezone,
        "country": reckoning.country,
        "counted_from": day(reckoning.counted_from),
        "business_days": reckoning.business_days,
        "skipped": [{"day": day(skipped), "why": why} for skipped, why in reckoning.skipped],
    }


# --------------------------------------------------------------------------------------------------- what became of it


def _outcome(key: str, entry: Entry, timeline: Timeline | None, agenda: Agenda, ledger: Ledger) -> list[JsonObject]:
    row = ledger.draft(key)
    lines = [*_decided(key, ledger), *_acts(key, entry, timeline, ledger), *_sendings(key, ledger)]
    lines.sort(key=lambda line: datetime.fromisoformat(line["at"]))
    if row and row.state in _STANDS:
        lines.append(_line(row.changed_at, _of_row(row), Chapter.OUTCOME))
    if not lines and isinstance(entry, FollowUp):
        what = "it is due now" if entry.due <= agenda.at else "it is planned; nothing has been written yet"
        lines.append(_line(None, what, Chapter.OUTCOME))
    return lines


def _of_row(row: DraftRow) -> str:
    note = f" ({row.note})" if row.note else ""
    stale = "; untouched, it is taken back when it is stale" if row.state is DraftState.APPENDED else ""
    return f"{_STANDS[row.state]}{note}{stale}"


def _decided(key: str, ledger: Ledger) -> Iterator[JsonObject]:
    for decision in ledger.decisions():
        why = f"by {decision.rule} ({decision.reason})"
        match decision.action:
            case Action.SUPPRESS if decision.id == key:
                yield _line(decision.at, f"held back {why}", Chapter.OUTCOME, rule=decision.rule)
            case Action.POSTPONE if decision.id == key:
                yield _line(decision.at, f"put off {why}", Chapter.OUTCOME, rule=decision.rule)
            case _:
                pass  # what was done with the draft is told as an act


def _acts(key: str, entry: Entry, timeline: Timeline | None, ledger: Ledger) -> Iterator[JsonObject]:
    own = {fact.key for fact in timeline.facts} if timeline else set()
    for act in ledger.acts():
        match act:
            case Drafted() if act.followup.id == key:
                text = f"Tactful put the draft into Drafts by {act.followup.rule}"
            case Edited() if act.followup_id == key:
                text = "you changed the draft, or began one of your own: it is yours"
            case Approved() if act.followup_id == key:
                text = "you approved it to be sent"
            case Sent() if act.followup_id == key:
                text = "it was sent"
            case Gone() if act.followup_id == key:
                text = "you deleted or moved the draft: it is never made again"
            case Withdrawn() if act.followup_id == key:
                words = RULES.get(act.rule, "it had become wrong")
                stale = act.rule == entry.rule and isinstance(entry, FollowUp)
                text = f"Tactful took the untouched draft back ({'it was stale' if stale else f'{act.rule}: {words}'})"
            case Placed() if act.followup_id == key:
                text = f"it lies in {act.place.title()} now" + (f" until {act.until:%a %d %b %Y}" if act.until else "")
            case Muted() if concerns(act, entry, own):
                text = "you said that you want nothing more of it"
            case Snoozed() if concerns(act, entry, own):
                text = f"you put it off until {act.until:%a %d %b %Y %H:%M}"
            case Resumed() if concerns(act, entry, own):
                text = "you took that back"
            case _:
                continue
        yield _line(act.at, text, Chapter.OUTCOME)


def _sendings(key: str, ledger: Ledger) -> Iterator[JsonObject]:
    """Tell how it stands with sending what the person approved."""
    for row in ledger.sendings_of(key):
        if row.state is not SendingState.APPROVED:
            said = f" ({row.reply})" if row.reply else ""
            yield _line(row.changed_at, f"sending it: {row.state}{said}", Chapter.OUTCOME)
        elif row.next_at:
            yield _line(row.next_at, "it goes out then", Chapter.OUTCOME)


def _line(
    at: datetime | None,
    text: str,
    part: Chapter,
    *,
    rule: str | None = None,
    evidence: Sequence[dict[str, Any]] = (),
) -> JsonObject:
    quotes = [one["text"] for one in evidence]
    return {"at": instant(at), "text": text, "quotes": quotes, "part": part, "rule": rule, "evidence": [*evidence]}
