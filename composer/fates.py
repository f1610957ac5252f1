"""Reads the Acts into what became of each draft, and what the person wants nothing of."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from composer.acts import (
    Act,
    Approved,
    Drafted,
    Edited,
    Gone,
    Muted,
    Place,
    Placed,
    Resumed,
    Sent,
    Snoozed,
    Wish,
    Withdrawn,
)
from composer.agenda import FollowUp, Suppression
from composer.workdays import utc


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """One draft of ours and what became of it. Every instant is in UTC."""

    followup: FollowUp
    drafted_at: datetime
    edited_at: datetime | None = None
    approved_at: datetime | None = None
    sent_at: datetime | None = None
    gone_at: datetime | None = None
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None
    placed_at: datetime | None = None  # when it came to `place`; None: it is where we put it
    place: Place = Place.DRAFTS
    until: datetime | None = None  # when one that is put off comes back
    away: timedelta = timedelta(0)  # for how long it was put off before

    @property
    def open(self) -> bool:
        """Whether it waits, in Drafts or where the person moved it, edited or not."""
        return self.sent_at is None and self.gone_at is None and self.withdrawn_at is None

    @property
    def untouched(self) -> bool:
        """Whether it waits as we wrote it: only then may we take it back."""
        return self.open and self.edited_at is None and self.approved_at is None

    @property
    def to_be_sent(self) -> bool:
        """Whether it waits, edited or not, where the person put it to be sent by us."""
        return self.open and self.place is Place.APPROVED

    @property
    def stale_at(self) -> datetime:
        """The instant at which it is too late for it; the time for which it was put off does not count."""
        put_off = self.until - self.placed_at if self.until and self.placed_at else timedelta(0)
        return utc(self.followup.stale_at) + self.away + put_off

    @property
    def dismissed(self) -> bool:
        """Whether the person deleted or moved it (S10)."""
        return self.gone_at is not None and self.sent_at is None

    @property
    def freed(self) -> bool:
        """Whether we took it back because it had become wrong: then the same thing may be followed up again, if and
        when that is right once more. A stale draft was offered in time and not wanted; it is never made again.
        """
        return self.withdrawn_by is not None and self.withdrawn_by.startswith("S") and not self._stale

    @property
    def _stale(self) -> bool:
        return self.withdrawn_by == self.followup.rule


class Fates:
    """Every draft there ever was, and the person's standing commands."""

    def __init__(self, acts: Sequence[Act]) -> None:
        self._by_id: dict[str, Fate] = {}
        self._mutes: dict[str, Muted] = {}
        self._snoozes: dict[str, Snoozed] = {}
        for act in acts:
            self._read(act)

    def _read(self, act: Act) -> None:
        at = utc(act.at)
        match act:
            case Drafted():
                self._by_id.setdefault(act.followup.id, Fate(followup=act.followup, drafted_at=at))
            case Muted():
                self._mutes.setdefault(act.target.casefold(), act)
            case Snoozed():
                self._snoozes[act.target.casefold()] = act
            case Resumed():
                self._mutes = {target: wish for target, wish in self._mutes.items() if not _takes_back(act, wish)}
                self._snoozes = {target: wish for target, wish in self._snoozes.items() if not _takes_back(act, wish)}
            case Edited() | Approved() | Sent() | Gone() | Withdrawn() | Placed():
                if fate := self._by_id.get(act.followup_id):
                    self._by_id[act.followup_id] = _became(fate, act, at)

    @property
    def all(self) -> tuple[Fate, ...]:
        """Every draft, by the instant at which it was made."""
        return tuple(self._by_id.values())

    @property
    def wishes(self) -> tuple[Muted | Snoozed, ...]:
        """The person's standing commands, by their instant; a snooze may have ended by itself."""
        return tuple(sorted((*self._mutes.values(), *self._snoozes.values()), key=lambda wish: utc(wish.at)))

    def orphans(self, applications: Collection[str], messages: Collection[str]) -> frozenset[str]:
        """Give the ids of drafts whose application and messages are all unknown now: only their company is left."""
        return frozenset(
            fate.followup.id
            for fate in self._by_id.values()
            if fate.followup.application not in applications
            and not any(message in messages for message in fate.followup.evidence)
        )

    def of(self, followup_id: str) -> Fate | None:
        """Give the draft that was made under an id."""
        return self._by_id.get(followup_id)

    def muted_at(self, followup: FollowUp, messages: Collection[str]) -> datetime | None:
        """Give the instant since which the person wants nothing of this; `messages` are the keys of its process."""
        return min((utc(wish.at) for wish in self._mutes.values() if concerns(wish, followup, messages)), default=None)

    def snoozed_until(self, followup: FollowUp, messages: Collection[str]) -> datetime | None:
        """Give the instant before which the person wants nothing of this; `messages` as for `muted_at`."""
        wishes = self._snoozes.values()
        return max((utc(wish.until) for wish in wishes if concerns(wish, followup, messages)), default=None)


def _became(fate: Fate, act: Edited | Approved | Sent | Gone | Withdrawn | Placed, at: datetime) -> Fate:
    match act:
        case Edited():  # a draft that was missed for a while and is seen again is not gone
            return replace(fate, edited_at=fate.edited_at or at, gone_at=None)
        case Approved():
            return replace(fate, approved_at=fate.approved_at or at, gone_at=None)
        case Sent():
            return replace(fate, sent_at=fate.sent_at or at)
        case Gone():
            return replace(fate, gone_at=fate.gone_at or at)
        case Placed():
            away = fate.away + (at - fate.placed_at if fate.until and fate.placed_at else timedelta(0))
            until = utc(act.until) if act.until else None
            return replace(fate, place=act.place, placed_at=at, until=until, away=away, gone_at=None)
        case _:
            return replace(fate, withdrawn_at=at, withdrawn_by=act.rule)


def concerns(wish: Wish, followup: FollowUp | Suppression, messages: Collection[str]) -> bool:
    """Whether a wish is about a follow-up: by its id, its application (whose id may have changed since the wish; its
    messages have not), or its company.
    """
    company = (f"company:{followup.company.casefold()}",) if followup.company else ()
    targets = (followup.id.casefold(), followup.application.casefold(), *company)
    return wish.target.casefold() in targets or any(message in messages for message in wish.messages)


def _takes_back(resumed: Resumed, wish: Muted | Snoozed) -> bool:
    same = resumed.target.casefold() == wish.target.casefold()
    return same or not frozenset(resumed.messages).isdisjoint(wish.messages)
