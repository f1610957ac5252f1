"""How things stand in one account, for its status message: what is known, planned and held back, and what is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from composer.acts import Place
from composer.agenda import Agenda
from daemon.approvals import SendingState
from daemon.checkup import missing_features
from daemon.controls import is_refused
from daemon.drafts import MAY_TURN_UP, DraftRow, DraftState
from daemon.ledger import Ledger
from daemon.places import Places, Sighting, placings, strays
from daemon.report import JsonObject, interviews, planned, waiting
from daemon.status_message import Status
from parsers.model import Timeline

TOLD_FOR = timedelta(days=14)  # what is over is told for so long
_LASTING = ("degraded: LoginRefused", "degraded: SecretError", "degraded: FolderMissing", "degraded: Unreachable")
_OVER = frozenset({DraftState.SENT, DraftState.WITHDRAWN, DraftState.FAILED, DraftState.GONE})


def status_of(
    name: str,
    places: Places,
    ledger: Ledger,
    timelines: Sequence[Timeline],
    agenda: Agenda,
    sightings: Sequence[Sighting],
    *,
    capabilities: frozenset[str] | None,
    can_send: bool,
    timezone: str,
) -> Status:
    """Say how an account stands at the instant of the agenda. `sightings` is what lies in the folders of gestures."""
    since = agenda.at - TOLD_FOR
    own = tuple(timeline for timeline in timelines if timeline.account == name)
    rows = [row for row in ledger.drafts(name) if row.state not in _OVER or row.changed_at >= since]
    entries = [
        *(entry for entry in interviews(own) if _is_recent(entry, "end", since)),
        *waiting(rows, ledger.acts(), ledger.sendings(name)),
        *(entry for entry in planned(agenda) if entry["account"] == name and _is_recent(entry, "at", since)),
    ]
    problems = [
        *missing_features(capabilities, controls=True),
        *([] if can_send else ["no SMTP server is configured (smtp): what you move to Approved goes back to Drafts"]),
        *_of_gestures(name, places, ledger, sightings, agenda.at),
        *_of_health(name, ledger),
    ]
    return Status(account=name, timezone=timezone, problems=tuple(problems), entries=tuple(entries))


def _is_recent(entry: JsonObject, key: str, since: datetime) -> bool:
    return entry.get(key) is None or datetime.fromisoformat(entry[key]) >= since


def _of_gestures(
    name: str, places: Places, ledger: Ledger, sightings: Sequence[Sighting], now: datetime
) -> Iterator[str]:
    rows = ledger.drafts(name)
    for stray in strays(sightings, rows):
        yield f"“{stray.mail.subject}” in {stray.place.title()} is no draft of Tactful's, so it is left alone"
    moved = placings(ledger.acts())
    for row in rows:
        until = moved[row.id][-1].until if row.id in moved else None
        place = places.place(row)
        if row.state is DraftState.SENT and any(s.is_at(row) and not s.deleted for s in sightings):
            yield f"“{row.subject}” was sent; if its draft is still in {place.title()}, remove it yourself"
        elif row.state in MAY_TURN_UP - {DraftState.GONE} and _is_stuck(row, place, until, now):
            yield f"“{row.subject}” should be in Drafts again, but could not be moved there: move it yourself"
    for sending in ledger.sendings(name):
        if sending.state is SendingState.UNKNOWN:
            yield f"it is not known whether the letter to {', '.join(sending.recipients)} went out: {sending.reply}"


def _is_stuck(row: DraftRow, place: Place, until: datetime | None, now: datetime) -> bool:
    if place is Place.APPROVED:
        return is_refused(row)
    return place is Place.LATER and until is not None and until <= now


def _of_health(name: str, ledger: Ledger) -> Iterator[str]:
    health = ledger.health() or {"accounts": {}}
    for account, state in health["accounts"].items():
        if account != name and state.startswith(_LASTING):
            yield f"the account {account} cannot be watched ({state})"
    unreadable = len(ledger.unreadable(name))
    if unreadable:
        yield f"{unreadable} message(s) could not be read; tactful status names them"
