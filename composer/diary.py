"""What all processes of a person share: the hours of interviews, the mail sent, the nudges, who is away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from composer.agenda import NUDGES
from composer.candidate import Candidate
from composer.engagement import Hours
from composer.fates import Fate, Fates
from composer.policy import Policy, StaleHandling
from composer.process import Absence, Process

_AFTER_AN_INTERVIEW = timedelta(minutes=15)  # S24
_ONE_DAY = timedelta(hours=24)  # S5


class Diary:
    """Made once a planning, from every process."""

    def __init__(
        self, processes: Sequence[Process], fates: Fates, policy: Policy, engaged: Iterable[Hours] = ()
    ) -> None:
        self._policy = policy
        self._fates = fates
        self._busy = set(engaged) | {
            (session.start, session.end)
            for process in processes
            for visit in process.visits
            for session in visit.sessions
            if not session.fixed.all_day
        }
        self._mail_to: dict[str, list[datetime]] = defaultdict(list)
        self._absences: dict[str, list[Absence]] = defaultdict(list)
        for process in processes:
            for mail in process.own_mail:
                for address in mail.to:
                    self._mail_to[address].append(mail.at)
            for absence in process.absences:
                self._absences[absence.address].append(absence)
        self._nudges: dict[str, list[Fate]] = defaultdict(list)
        for fate in fates.all:
            if fate.followup.kind in NUDGES:
                self._nudges[fate.followup.to.address].append(fate)

    def free_after(self, instant: datetime) -> datetime | None:
        """Give when what is going on at an instant lets go of the user; None if nothing is (S24)."""
        ends = [end for start, end in self._busy if start <= instant < end]
        return max(ends) + _AFTER_AN_INTERVIEW if ends else None

    def last_mail(self, candidate: Candidate) -> datetime | None:
        """Give the user's last mail in the process, or to that address since a day before the due instant (S5)."""
        own = [mail.at for mail in candidate.process.own_mail]
        own += [at for at in self._mail_to[candidate.followup.to.address] if at > candidate.due - _ONE_DAY]
        return max(own, default=None)

    def other_nudges(self, candidate: Candidate) -> list[Fate]:
        """Give the nudges that this recipient got for another process (S8)."""
        own = {fate.followup.id for fate in candidate.process.fates}
        return [fate for fate in self._nudges[candidate.followup.to.address] if fate.followup.id not in own]

    def waits_beside(self, candidate: Candidate) -> bool:
        """Whether a nudge to this recipient for another process waits that does not go by itself (S8)."""
        kept = self._policy.stale is StaleHandling.KEEP
        others = self.other_nudges(candidate)
        return any(fate.open and (kept or fate.to_be_sent or not fate.untouched) for fate in others)

    def absences(self, candidate: Candidate) -> list[Absence]:
        """Give the recipient's absences, those not ended by a mail of theirs (S9)."""
        to = candidate.followup.to.address
        return [absence for absence in self._absences[to] if not candidate.people.wrote_after(to, absence.at)]

    def wanted_from(self, candidate: Candidate) -> datetime | None:
        """Give the instant until which the person snoozed this (S18)."""
        followup = candidate.followup
        wishes = [
            wish.snooze_until
            for wish in self._policy.overrides
            if wish.snooze_until and wish.concerns(followup.company, followup.role)
        ]
        snoozed = self._fates.snoozed_until(followup, candidate.process.keys)
        return max((*wishes, *((snoozed,) if snoozed else ())), default=None)

    def vacation_end(self, user_day: date) -> date | None:
        """Give the last day of the vacation in which a day of the user's lies (S18)."""
        return max((v.end for v in self._policy.vacations if v.start <= user_day <= v.end), default=None)

    def drafted_on(self, user_day: date, candidate: Candidate) -> int:
        """Count the drafts made on a day of the user's (S23)."""
        return sum(candidate.process.days.user_day(fate.drafted_at) == user_day for fate in self._fates.all)

    def is_full(self, user_day: date, candidate: Candidate) -> bool:
        """Whether no more drafts may be made on a day of the user's (S23)."""
        return self.drafted_on(user_day, candidate) >= self._policy.max_drafts_per_day
