"""The mailboxes in which a draft of ours may lie, and what lies in those by which the person tells what they want."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from composer.acts import Act, Place, Placed
from daemon.drafts import MAY_TURN_UP, DraftRow, DraftState
from daemon.mailbox import Mailbox
from daemon.marks import header_of, is_letter, is_marked_deleted
from parsers.model import Mail

ROOT = "Tactful"
_NAMES: Mapping[Place, str] = {
    Place.APPROVED: f"{ROOT}/Approved",
    Place.LATER: f"{ROOT}/Later",
    Place.NEVER: f"{ROOT}/Never",
}
# Where copies of one draft lie in several places, what does least is what counts.
_MILDEST = (Place.NEVER, Place.LATER, Place.APPROVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The names of the folders of one account. Without controls there is only that for drafts."""

    drafts: str
    root: str | None = None
    controls: Mapping[Place, str] = field(default_factory=dict)

    def folder(self, row: DraftRow) -> str:
        """Give the folder in which a draft was seen last; that for drafts may have got another name meanwhile."""
        return row.folder if row.folder in self.controls.values() else self.drafts

    def place(self, row: DraftRow) -> Place:
        """Say what the folder of a draft is for."""
        return next((place for place, folder in self.controls.items() if folder == row.folder), Place.DRAFTS)


def make_places(mailbox: Mailbox, drafts: str) -> Places:
    """Make the folders that are missing. Raises MailboxError."""
    root = mailbox.create_folder(ROOT)
    controls = {place: mailbox.create_folder(name) for place, name in _NAMES.items()}
    return Places(drafts=drafts, root=root, controls=controls)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A message in one of the three folders. `deleted`: marked so, which counts as not being there."""

    place: Place
    folder: str
    uidvalidity: int
    uid: int
    deleted: bool
    mail: Mail  # of some header fields only

    def is_at(self, row: DraftRow) -> bool:
        """Whether this is where the draft was seen last."""
        return (self.folder, self.uidvalidity, self.uid) == (row.folder, row.uidvalidity, row.uid)


def look_around(mailbox: Mailbox, places: Places) -> tuple[Sighting, ...]:
    """Give all that lies in the three folders. Raises MailboxError."""
    return tuple(
        Sighting(
            place=place,
            folder=folder,
            uidvalidity=state.uidvalidity,
            uid=outline.uid,
            deleted=is_marked_deleted(outline),
            mail=header_of(outline),
        )
        for place, folder in places.controls.items()
        if (state := mailbox.state(folder)).messages
        for batch in mailbox.new(folder, first_uid=1)
        for outline in batch
    )


def owners(sightings: Iterable[Sighting], rows: Sequence[DraftRow]) -> dict[str, list[Sighting]]:
    """Say which draft each message is, by the draft's id: by Message-ID, else the latest open letter it may be.

    What was sent and lies there still is that letter, and no other one to the same person. Those that are marked as
    deleted are left out.
    """
    found: dict[str, list[Sighting]] = {}
    by_message_id = {row.message_id: row for row in rows}
    sent = [row for row in rows if row.state is DraftState.SENT]
    latest_first = sorted(
        (row for row in rows if row.state in MAY_TURN_UP),
        key=lambda row: (row.state is not DraftState.GONE, row.intended_at),
        reverse=True,
    )
    for sighting in sightings:
        if sighting.deleted:
            continue
        exact = by_message_id.get(sighting.mail.message_id or "") or next(filter(sighting.is_at, sent), None)
        row = exact or next((row for row in latest_first if is_letter(sighting.mail, row)), None)
        if row is not None:
            found.setdefault(row.id, []).append(sighting)
    return found


def strays(sightings: Iterable[Sighting], rows: Sequence[DraftRow]) -> tuple[Sighting, ...]:
    """Give the messages that are no draft of ours: nobody knows what is wanted of them."""
    sightings = tuple(sightings)
    known = [sighting for mine in owners(sightings, rows).values() for sighting in mine]
    return tuple(sighting for sighting in sightings if sighting not in known and not sighting.deleted)


def placings(acts: Iterable[Act]) -> dict[str, list[Placed]]:
    """Give the moves of each draft, by its id, oldest first."""
    found: dict[str, list[Placed]] = {}
    for act in acts:
        if isinstance(act, Placed):
            found.setdefault(act.followup_id, []).append(act)
    return found


def new_gesture(row: DraftRow, mine: Sequence[Sighting], moves: Sequence[Placed]) -> Sighting | None:
    """Give the message by which the person has asked for something that was not seen before, if there is one.

    A message that was a gesture once is none again: it may be what is left of a copy.
    """
    spent = {(move.place, move.uidvalidity, move.uid) for move in moves}
    fresh = [s for s in mine if not s.is_at(row) and (s.place, s.uidvalidity, s.uid) not in spent]
    return min(fresh, key=lambda sighting: (_MILDEST.index(sighting.place), -sighting.uid), default=None)
