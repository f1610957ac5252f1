"""Tells the story of one follow-up: each message, instant and rule that led to it, with the quoted words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from composer.agenda import Agenda, FollowUp, FollowUpKind, Suppression
from composer.letter_values import visit_of
from composer.notes import notes_of
from daemon.drafts import DraftRow
from daemon.errors import InputError
from daemon.ledger import Ledger
from daemon.reading import evidence_of
from daemon.report import JsonObject, instant
from parsers.model import Direction, Facts, Timeline


def explain_followup(
    identifier: str, agenda: Agenda, ledger: Ledger, facts: Iterable[Facts], timelines: Sequence[Timeline] = ()
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
    by_key = {fact.key: fact for fact in facts}
    messages = [by_key[message] for message in entry.evidence if message in by_key]
    story = [
        *(_of_message(message) for message in messages),
        _line(entry.due if isinstance(entry, FollowUp) else entry.at, f"{_verdict(entry)}: {entry.reason}"),
        *_notes(entry, timelines, ledger),
        *_decisions(ledger, key),
        *_draft(ledger.draft(key)),
    ]
    return {
        "id": key,
        "kind": entry.kind,
        "rule": entry.rule,
        "reason": entry.reason,
        "to": entry.to.address if isinstance(entry, FollowUp) else entry.to,
        "company": entry.company,
        "role": entry.role,
        "messages": [message.key for message in messages],
        "story": story,
    }


def _entries(agenda: Agenda, ledger: Ledger) -> dict[str, FollowUp | Suppression]:
    """Give what can be explained by id; a draft that was made tells more than a later reason against it."""
    entries: dict[str, FollowUp | Suppression] = {suppression.id: suppression for suppression in agenda.suppressed}
    entries |= {followup.id: followup for followup in (*agenda.planned, *agenda.due)}
    entries |= {row.id: row.followup for row in ledger.drafts()}
    return entries


def _verdict(entry: FollowUp | Suppression) -> str:
    if isinstance(entry, FollowUp):
        return f"rule {entry.rule} fixes the draft's instant"
    return f"rule {entry.rule} holds it back"


def _of_message(message: Facts) -> dict[str, Any]:
    if message.direction is Direction.OWN:
        return _line(message.received_at, "you wrote", ())
    sender = message.sender.address if message.sender else "somebody"
    quotes = [evidence.text for evidence in evidence_of(message)]
    return _line(message.received_at, f"{sender} wrote: {message.kind.replace('_', ' ')}", quotes)


def _notes(entry: FollowUp | Suppression, timelines: Sequence[Timeline], ledger: Ledger) -> Iterator[dict[str, Any]]:
    """Tell what the person noted after the visit that a thank-you is for."""
    timeline = next((t for t in timelines if (t.account, t.id) == (entry.account, entry.application)), None)
    if timeline and isinstance(entry, FollowUp) and entry.kind is FollowUpKind.THANK_YOU:
        for note in notes_of(ledger.acts(), visit_of(entry, timeline), entry.visit):
            yield _line(note.at, f"you noted{f' for {note.about}' if note.about else ''}", [note.text])


def _decisions(ledger: Ledger, followup_id: str) -> Iterator[dict[str, Any]]:
    for decision in ledger.decisions():
        if decision.id == followup_id:
            yield _line(decision.at, f"decided: {decision.action} by rule {decision.rule} ({decision.reason})")


def _draft(row: DraftRow | None) -> Iterator[dict[str, Any]]:
    if row:
        yield _line(row.changed_at, f"the draft is {row.state}" + (f": {row.note}" if row.note else ""))


def _line(at: Any, text: str, quotes: Sequence[str] = ()) -> dict[str, Any]:
    return {"at": instant(at), "text": text, "quotes": list(quotes)}
