"""The story of a process as far as nudges go: mail, visits and drafts in, what the next nudge counts from out.

It is told once, oldest first, visits that lie ahead included. Each event says why it displaces the nudge that was
pending before it; `composer.nudge` makes that into candidates.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from composer.agenda import ClosedAs
from composer.base import Base, Silence
from composer.event import Event, Sent
from composer.fates import Fate
from composer.pledge import Pledge, pledge_of
from composer.process import Absence, Process, Visit
from composer.stop import Stop
from parsers.model import Acknowledged, Assessed, Direction, Facts, HandedIn, Held, Invited, SlotEnd


class Story:
    """Where a process stands at a point of its story."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._days = process.days
        self._wishes = process.policy.check_in
        self._base: Base | None = None
        self._pledge: Base | None = None  # the promise in force, whatever came after its message
        self._started = False  # C9 exists only after a visit, promise, hand-in or cancellation
        self._last_sent: Fate | None = None
        self._answered = True
        self.over = False
        self.silence: Silence | None = None
        self.stop: Stop | None = None  # on hold, or told not to write
        self.deleted: Stop | None = None
        self.sent_in_round = 0
        self.sent = 0

    @property
    def base(self) -> Base | None:
        """What counts now: the latest base, or a promise that reaches further (policy.md 3.8)."""
        base, pledge = self._base, self._pledge
        if base is None or pledge is None or pledge is base:
            return base
        if self._days.add(pledge.day, pledge.wait) <= self._days.add(base.day, base.wait):
            return base
        return replace(pledge, at=max(base.at, pledge.at))

    def read(self, at: datetime, event: Event) -> Stop:
        """Go on by one event; say by which rule it displaces what was pending."""
        match event:
            case Facts():
                return self._read_fact(at, event)
            case Absence():
                return self._read_absence(event)
            case Visit():
                return self._read_visit(event)
            case Sent():
                return self._read_sent(at, event.fate)
            case _:
                return self._read_dismissed(at, event.fate)

    # ----------------------------------------------------------------------------------------------- acts and visits

    def _read_visit(self, visit: Visit) -> Stop:
        self._started = True
        self.sent_in_round = 0
        self.deleted = None
        if self.stop and self.stop.rule == "S20":
            self.stop = None
        if self._pledge and self._pledge.day < visit.day:
            self._pledge = None
        self._base = Base(
            at=visit.end,
            day=visit.day,
            wait=self._wishes.no_promise,
            rule="C1",
            anchor=visit.sessions[-1].interview.id,
            reason=f"interview on {visit.day}, no answer since",
            evidence=visit.evidence,
        )
        return Stop(rule="S2", reason=f"there was an interview on {visit.day}")

    def _read_sent(self, at: datetime, fate: Fate) -> Stop:
        self.sent += 1
        self.sent_in_round += 1
        self._last_sent, self._answered = fate, False
        self.deleted = None
        last = self.sent_in_round >= self._wishes.kinds_per_round
        self._base = self._after_nudge(at, fate, self.sent_in_round) if self._started else None  # P1: once
        if last:
            day = self._days.add(self._days.local_day(at), self._wishes.silent_after)
            self.silence = Silence(
                at=self._days.at_recipient(day, self._wishes.at),
                state=ClosedAs.SILENT,
                rule="C4",
                reason=f"no answer since the last nudge, sent on {self._days.local_day(at)}",
            )
        return Stop(rule="S2", reason="a nudge was sent")

    def _read_dismissed(self, at: datetime, fate: Fate) -> Stop:
        self.deleted = Stop(rule="S10", reason="deleting a nudge ends nudging for this round", since=at)
        more = self.sent_in_round + 1
        self._base = self._after_nudge(at, fate, more) if more < self._wishes.kinds_per_round else None
        return self.deleted

    def _after_nudge(self, at: datetime, fate: Fate, count: int) -> Base:
        final = count < 2
        day = self._days.local_day(at)
        # One letter may have been for two processes (C7): what follows it is each one's own.
        own = tuple(key for key in fate.followup.evidence if key in self._process.keys)
        return Base(
            at=at,
            day=day,
            wait=self._wishes.gap if final else self._wishes.closing_gap,
            rule="C2" if final else "C3",
            anchor=f"{fate.followup.id}\x1f{own[0] if own else ''}",
            reason=f"{'check-in' if final else 'final check-in'} of {day}, no answer since",
            evidence=own or fate.followup.evidence,
        )

    def _read_absence(self, absence: Absence) -> Stop:
        sent = self._last_sent
        waits = self._base is not None and self._base.rule in {"C2", "C3"} and not self._answered
        if waits and self._base and sent and sent.followup.to.address == absence.address and absence.returns_on:
            # It answered a nudge: the next one counts from the return (S9).
            self._base = replace(self._base, day=max(self._base.day, absence.returns_on))
        return Stop(rule="S9", reason=f"{absence.address} is away")

    # ---------------------------------------------------------------------------------------------------------- mail

    def _read_fact(self, at: datetime, fact: Facts) -> Stop:
        process = self._process
        if process.ending and fact.key == process.ending.message:
            self.over, self.silence = True, None
            return Stop(rule="S1", reason=process.ending.reason, since=at)
        said = process.statements(fact)
        if any(isinstance(statement, HandedIn) for statement in said):
            return self._read_hand_in(at, fact)
        if fact.direction is Direction.OWN:
            return self._read_own(at, fact)
        human = process.is_human(fact)
        fixed = bool(process.fixed_by.get(fact.key))
        asked = any(isinstance(statement, Invited | Assessed) for statement in said)
        if human or fixed or asked:
            self.silence = None
        if fixed or asked:
            self._settle(at)
        stop = self._read_statements(at, fact, human=human, fixed=fixed)
        self._answered = self._answered or human
        return stop or Stop(rule="S2", reason="an automatic mail")

    def _read_statements(self, at: datetime, fact: Facts, *, human: bool, fixed: bool) -> Stop | None:
        process, said = self._process, self._process.statements(fact)
        pledge = pledge_of(process, fact)
        if pledge and (pledge.silence_means_no or pledge.no_contact):
            return self._read_refusal(at, fact, pledge, human=human)
        if pledge and self._counts(pledge, at, fact, human=human):
            return self._read_pledge(at, fact, pledge)
        if any(isinstance(statement, Held) and not statement.until for statement in said):
            self._base = self._after_mail(at, fact) if self._started else None
            self.stop = Stop(rule="S20", reason="the process is on hold, without a date", since=at)
            return self.stop
        if fixed:
            self._base = None  # the step is the new base; its visit will count
            return Stop(rule="S2", reason="a new interview was fixed", since=at)
        if any(session.fixed.ended is SlotEnd.CANCELLED for session in process.ended_by.get(fact.key, ())):
            return self._read_cancellation(at, fact)
        if any(isinstance(statement, Assessed) for statement in said):
            self._base = None  # until it is handed in, it is the user's turn
            return Stop(rule="S2", reason="a test was asked for", since=at)
        if any(isinstance(statement, Acknowledged) for statement in said):
            self._read_application(at, fact)
        if human:
            return self._read_human(at, fact)
        if any(isinstance(statement, Invited) for statement in said):
            self._base = None
            return Stop(rule="S2", reason="a time to meet was asked for", since=at)
        return None

    def _read_human(self, at: datetime, fact: Facts) -> Stop:
        if self.stop and self.stop.reason != _NO_CONTACT:
            self.stop = None
        if self._started:
            self._base = self._after_mail(at, fact)
        elif self._base:  # P1: it counts on from what they wrote
            day = self._days.local_day(at)
            reason = f"their mail of {day} names no date"
            self._base = replace(self._base, at=at, day=day, anchor=fact.key, reason=reason, evidence=(fact.key,))
        return Stop(rule="S2", reason=f"they wrote on {self._days.local_day(at)}", since=at)

    def _after_mail(self, at: datetime, fact: Facts) -> Base:
        day = self._days.local_day(at)
        return Base(
            at=at,
            day=day,
            wait=self._wishes.after_mail if self._answered else self._wishes.after_answer,
            rule="C9",
            anchor=fact.key,
            reason=f"their mail of {day} names no date",
            evidence=(fact.key,),
        )

    def _settle(self, at: datetime) -> None:
        """Let a new step lift a hold, and a promise whose day is past."""
        self.stop = None
        if self._pledge and self._pledge.day < self._days.local_day(at):
            self._pledge = None

    def _counts(self, pledge: Pledge, at: datetime, fact: Facts, *, human: bool) -> bool:
        """Whether a promise counts: a human's always, an automatic one's after an interview (policy.md 4)."""
        if not human and self._process.last_visit(at) is None:
            return False
        tests = (said.due for said in self._process.statements(fact) if isinstance(said, Assessed))
        if pledge.by and any(due and pledge.by <= due for due in tests):
            return False  # nobody answers before the test is due: what is dated there is the test itself
        visited = (session.day for session in self._process.fixed_by.get(fact.key, ()))
        last = max(visited, default=None)
        return last is None or pledge.by is None or pledge.by > last

    def _read_pledge(self, at: datetime, fact: Facts, pledge: Pledge) -> Stop:
        self._started = True
        self.stop, self.deleted = None, None  # a new promise lets nudging resume
        wishes = self._wishes
        told = self._days.local_day(at)
        doubt = Stop(rule="S15", reason=f"{pledge.doubt}: see the review list") if pledge.doubt else None
        self._base = Base(
            at=at,
            day=pledge.by or told,
            wait=wishes.after_promise_with_permission if pledge.permission else wishes.after_promise,
            rule="C0p" if pledge.permission else "C0",
            anchor=fact.key,
            reason=f"they promised an answer by {pledge.by}, none came",
            evidence=(fact.key,),
            promised=pledge.by,
            stop=doubt,
        )
        self._pledge = self._base if pledge.by else None
        return Stop(rule="S4", reason=f"they promised an answer by {pledge.by}", since=at)

    def _read_refusal(self, at: datetime, fact: Facts, pledge: Pledge, *, human: bool) -> Stop:
        """Read "silence means no" and "please do not write" (S6)."""
        reason = _NO_CONTACT if pledge.no_contact else f"no answer by {pledge.by} means no"
        self.stop = Stop(rule="S6", reason=reason, since=at)
        self._pledge = None
        self._base = self._after_mail(at, fact) if human or self._started else None
        if pledge.by and pledge.silence_means_no:
            if self._base:
                self._base = replace(self._base, day=pledge.by, wait=self._wishes.after_promise, rule="C0")
                self._pledge = self._base  # a new step may lift the refusal, but nobody is asked before that day
            self.silence = Silence(
                at=self._days.at_recipient(self._days.add(pledge.by, 1), self._wishes.at),
                state=ClosedAs.PASSIVE_REJECTION,
                rule="S6",
                reason=f"they said that no answer by {pledge.by} means no",
            )
        return self.stop

    def _read_cancellation(self, at: datetime, fact: Facts) -> Stop:
        self._started = True
        self.stop = None
        day = self._days.local_day(at)
        self._base = Base(
            at=at,
            day=day,
            wait=self._process.policy.after_cancellation.check_in,
            rule="C5",
            anchor=fact.key,
            reason=f"the interview was cancelled on {day}, no new date since",
            evidence=(fact.key,),
        )
        return Stop(rule="S2", reason="the interview was cancelled", since=at)

    def _read_hand_in(self, at: datetime, fact: Facts) -> Stop:
        self._started = True
        day = self._days.local_day(at)
        self._base = Base(
            at=at,
            day=day,
            wait=self._process.policy.take_home_check_in,
            rule="A1",
            anchor=fact.key,
            reason=f"the task was handed in on {day}, no answer since",
            evidence=(fact.key,),
        )
        return Stop(rule="S2", reason="the task was handed in", since=at)

    def _read_own(self, at: datetime, fact: Facts) -> Stop:
        if self._base and self._base.rule == "C5":
            self._base = replace(self._base, day=max(self._base.day, self._days.local_day(at)))
        else:
            self._read_application(at, fact)
        return Stop(rule="S5", reason="the user wrote", since=at)

    def _read_application(self, at: datetime, fact: Facts) -> None:
        """Count from the application itself, where the person wishes that (P1)."""
        if not self._wishes.application or self._started or self._base or self.sent:
            return
        day = self._days.local_day(at)
        self._base = Base(
            at=at,
            day=day,
            wait=self._wishes.application_wait,
            rule="P1",
            anchor=fact.key,
            reason=f"applied on {day}, no answer since",
            evidence=(fact.key,),
        )


_NO_CONTACT = "they asked not to be written to"
