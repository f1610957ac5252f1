"""A daemon in small for the tests of planning: a scenario in (see the folder "scenarios"), every decision out.

It does what the daemon does: read what arrived, plan, make what is due, take back what is wrong, sleep until the next
instant. After each step it plans again and finds nothing new to do, whatever the scenario.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import pytest

from composer.acts import Act, Drafted, Edited, Gone, Muted, Resumed, Sent, Snoozed, Withdrawn
from composer.agenda import Agenda, FollowUp
from composer.engagement import engagements
from composer.plan import plan
from composer.policy import Policy
from parsers.model import (
    Acknowledged,
    Address,
    Assessed,
    Away,
    Bounced,
    Cancelled,
    Direction,
    EventStatus,
    Facts,
    HandedIn,
    Held,
    Invite,
    Invited,
    Medium,
    Missed,
    Offered,
    Part,
    Person,
    Promise,
    Promised,
    Rejected,
    Scheduled,
    Session,
    Statement,
    Timeline,
    Trust,
)
from parsers.timeline import fold
from tests.composer.stories import POLICY, Event, Tell, line, scenario

SURE = 0.95
PLAIN: Mapping[str, type[Statement]] = {
    "rejection": Rejected,
    "offer": Offered,
    "application_received": Acknowledged,
    "missed": Missed,
    "scheduling_request": Invited,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One decision, at the instant at which it fell."""

    at: datetime
    action: str
    kind: str  # of an end: its state
    rule: str
    to: str | None = None
    followup: FollowUp | None = None
    interview: str | None = None


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


# ------------------------------------------------------------------------------------------- the scenario's messages


@dataclass
class Messages:
    """Writes the scenario's events as Facts, threaded as a mail client would."""

    scenario: Mapping[str, Any]
    written: list[Facts] = field(default_factory=list)
    uids: dict[str, str] = field(default_factory=dict)

    def arrived(self, event: Mapping[str, Any]) -> Facts:
        number = len(self.written)
        process = self.scenario["processes"][event.get("process", "P")]
        own = event["event"] == "mail_out"
        other = event["to"] if own else event["from"]
        automatic = self._is_robot(other) or bool(event.get("auto_submitted")) or event.get("cls") == "out_of_office"
        user = Address(address=self.scenario["user"]["address"], name=self.scenario["user"]["name"])
        person = Address(address=other, name=event.get("display") or self._name(other))
        key = f"{number}@{self.scenario['id'].lower()}.example"
        earlier = [fact.key for fact in self.written if other in self._addresses(fact) and fact.role == process["role"]]
        fact = Facts(
            key=key,
            account="personal",
            direction=Direction.OWN if own else Direction.INBOUND,
            message_id=key,
            references=tuple(earlier[-1:]),
            received_at=instant(event["at"]),
            sent_at=instant(event["at"]),
            sender=user if own else person,
            to=(person,) if own else (user,),
            addressed_as=user.address,
            subject=event.get("subject", "Your application"),
            automatic=automatic and not own,
            answerable=event.get("answerable", not self._is_robot(other)),
            reply_to=Address(address=event["reply_to"]) if "reply_to" in event else None,
            trust=Trust(event.get("trust", "authenticated")),
            agency=bool(event.get("agency")),
            company=process["company"],
            role=process["role"],
            people=tuple(self._people(event, other)),
            statements=() if own and "cls" not in event else tuple(self._statements(event)),
            events=tuple(self._calendar(event)),
            stated_zone=self.scenario["recipient_tz"],
        )
        self.written.append(fact)
        return fact

    def _statements(self, event: Mapping[str, Any]) -> Iterator[Statement]:
        cls = event.get("cls")
        if event["event"] == "mail_out":
            yield HandedIn(confidence=SURE)
            return
        if event.get("method") == "CANCEL" or cls == "cancellation":
            named = event.get("interview")
            start = instant(named["start"]) if named else None
            yield Cancelled(confidence=SURE, uid=event.get("uid"), start=start)
        elif "interview" in event:
            yield Scheduled(confidence=event.get("confidence", SURE), sessions=(self._session(event),))
        if cls in PLAIN:
            yield PLAIN[cls](confidence=event.get("confidence", SURE))
        if cls == "assessment":
            yield Assessed(confidence=SURE, due=instant(event["due"]).date() if "due" in event else None)
        if cls == "on_hold":
            yield Held(confidence=SURE)
        if cls == "bounce":
            yield Bounced(confidence=SURE, address=event["address"])
        if cls == "out_of_office":
            back = event.get("returns")
            returns_on = date.fromisoformat(back) if back else None
            yield Away(confidence=SURE, returns_on=returns_on, left=bool(event.get("left")))
        if "promise" in event:
            said = event["promise"]
            yield Promised(
                confidence=SURE,
                promise=Promise(
                    by=date.fromisoformat(said["resolved"]) if said.get("resolved") else None,
                    text=event.get("text", ""),
                    permission=bool(said.get("permission")),
                    passive_rejection=bool(said.get("passive_rejection")),
                    no_contact=bool(said.get("no_contact")),
                    business_days=said.get("business_days"),
                    counted_from=date.fromisoformat(said["counted_from"]) if "counted_from" in said else None,
                ),
            )

    def _session(self, event: Mapping[str, Any]) -> Session:
        interview = event["interview"]
        people = tuple(self._interviewers(interview))
        all_day = bool(interview.get("all_day"))
        uid = event.get("uid") or f"{interview['id']}@calendar.example"
        start, end = instant(interview["start"]), instant(interview["end"])
        return Session(
            start=start if start.tzinfo else start.replace(tzinfo=UTC),
            end=end if end.tzinfo else end.replace(tzinfo=UTC),
            timezone=self.scenario["recipient_tz"],
            all_day=all_day,
            uid=uid,
            sequence=event.get("sequence", 0),
            dtstamp=instant(event["at"]),
            medium=Medium.VIDEO,
            people=people,
        )

    def _interviewers(self, interview: Mapping[str, Any]) -> Iterator[Person]:
        for who in interview.get("interviewers", ()):
            address, name = (who["address"], who["name"]) if isinstance(who, dict) else (who, self._name(who))
            yield Person(name=name, address=address, part=Part.INTERVIEWER)

    def _people(self, event: Mapping[str, Any], sender: str) -> Iterator[Person]:
        yield from self._interviewers(event.get("interview") or {})
        known = self.scenario["people"].get(sender)
        if known and event["event"] != "mail_out":
            title = known["title"].casefold()
            arranges = any(word in title for word in ("recruit", "talent", "resourcing", "coordinator"))
            yield Person(
                name=known["name"],
                address=sender,
                part=Part.RECRUITER if arranges else Part.UNKNOWN,
                title=known["title"],
            )

    def _calendar(self, event: Mapping[str, Any]) -> Iterator[Invite]:
        if "calendar" in event:
            yield event["calendar"]
        if event["event"] == "calendar_in":
            session = self._session(event) if "interview" in event else None
            yield Invite(
                method=event["method"],
                uid=session.uid if session else event.get("uid"),
                sequence=event.get("sequence", 0),
                dtstamp=instant(event["at"]),
                start=session.start if session else None,
                end=session.end if session else None,
                timezone=self.scenario["recipient_tz"],
                status=EventStatus.CANCELLED if event["method"] == "CANCEL" else EventStatus.CONFIRMED,
                organizer=Address(address=event["from"]),
            )

    def _name(self, address: str) -> str | None:
        return (self.scenario["people"].get(address) or {}).get("name")

    @staticmethod
    def _is_robot(address: str) -> bool:
        return address.startswith(("no-reply@", "noreply@"))

    @staticmethod
    def _addresses(fact: Facts) -> set[str]:
        return {fact.sender.address if fact.sender else "", *(address.address for address in fact.to)}


# ------------------------------------------------------------------------------------------------------- the reconciler


@dataclass
class Walk:
    """The daemon in small. `told` has every decision once, in the order in which they fell."""

    policy: Policy
    messages: Messages
    acts: list[Act] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    said: set[tuple[str, ...]] = field(default_factory=set)
    check: Callable[[Walk, datetime], None] | None = None  # looks at the state after each pass
    folded: tuple[int, tuple[Timeline, ...]] = (0, ())  # of how many messages

    def agenda(self, now: datetime) -> Agenda:
        if len(self.messages.written) != self.folded[0]:
            self.folded = len(self.messages.written), fold(self.messages.written)
        return plan(self.folded[1], self.acts, self.policy, now, engaged=engagements(self.messages.written))

    def keep(self, now: datetime) -> Agenda:
        agenda = self.agenda(now)
        for withdrawal in agenda.withdrawals:
            followup = withdrawal.followup
            self.acts.append(Withdrawn(at=now, followup_id=followup.id, rule=withdrawal.rule))
            self._tell(
                followup.id,
                Told(
                    at=now,
                    action="withdraw",
                    kind=followup.kind,
                    rule=withdrawal.rule,
                    to=followup.to.address,
                    followup=followup,
                ),
            )
        for followup in agenda.due:
            assert followup.id not in {act.followup.id for act in self.acts if isinstance(act, Drafted)}
            assert followup.due <= now < followup.stale_at
            self.acts.append(Drafted(at=now, followup=followup))
            self._tell(
                followup.id,
                Told(
                    at=now,
                    action="create",
                    kind=followup.kind,
                    rule=followup.rule,
                    to=followup.to.address,
                    followup=followup,
                    interview=followup.interview,
                ),
            )
        for held in agenda.suppressed:
            if held.at <= now:
                self._tell(
                    held.id,
                    Told(
                        at=held.at,
                        action="suppress",
                        kind=held.kind,
                        rule=held.rule,
                        to=held.to,
                        interview=held.interview,
                    ),
                )
        for moved in agenda.postponed:
            if moved.at <= now:
                self._tell(
                    moved.followup.id,
                    Told(
                        at=moved.at,
                        action="postpone",
                        kind=moved.followup.kind,
                        rule=moved.rule,
                        to=moved.followup.to.address,
                        followup=moved.followup,
                    ),
                )
        for closing in agenda.closed:
            if closing.at <= now:
                self._tell(
                    closing.application, Told(at=closing.at, action="close", kind=closing.state, rule=closing.rule)
                )
        again = self.agenda(now)
        assert not again.due, "planned again, nothing is new"
        assert not again.withdrawals
        if self.check:
            self.check(self, now)
        return again

    def _tell(self, about: str, told: Told) -> None:
        key = (told.action, about, told.kind, told.rule)
        if key not in self.said:
            self.said.add(key)
            self.told.append(told)

    def waiting(self, kind: str, to: str) -> FollowUp:
        return next(draft for draft in reversed(self.open_drafts()) if draft.kind == kind and draft.to.address == to)

    def open_drafts(self) -> list[FollowUp]:
        done = {act.followup_id for act in self.acts if isinstance(act, Sent | Gone | Withdrawn)}
        return [act.followup for act in self.acts if isinstance(act, Drafted) and act.followup.id not in done]

    def _whim(self, at: datetime, does: str) -> None:
        for draft in self.open_drafts()[:1]:
            if does == "edit":
                self.acts.append(Edited(at=at, followup_id=draft.id))
            elif does == "delete":
                self.acts.append(Gone(at=at, followup_id=draft.id))
            else:
                self.acts.append(Sent(at=at, followup_id=draft.id))
                roles = {process["role"]: key for key, process in self.messages.scenario["processes"].items()}
                process = roles.get(draft.role or "", "P")
                self.messages.arrived(
                    {"event": "mail_out", "at": at.isoformat(), "to": draft.to.address, "process": process}
                )

    def happen(self, event: Mapping[str, Any]) -> None:
        at = instant(event["at"])
        match event["event"]:
            case "draft_sent":
                draft = self.waiting(event["kind"], event["to"])
                self.acts.append(Sent(at=at, followup_id=draft.id))
                sent = {"event": "mail_out", "at": event["at"], "to": event["to"]}
                self.messages.arrived(sent | ({"process": event["process"]} if "process" in event else {}))
            case "draft_deleted":
                self.acts.append(Gone(at=at, followup_id=self.waiting(event["kind"], event["to"]).id))
            case "draft_edited":
                self.acts.append(Edited(at=at, followup_id=self.waiting(event["kind"], event["to"]).id))
            case "whim":  # something is done with the draft that has waited longest, if one waits
                self._whim(at, event["does"])
            case "muted":
                keys = tuple(fact.key for fact in self.messages.written) if event.get("messages") else ()
                self.acts.append(Muted(at=at, target=event["target"], messages=keys))
            case "snoozed":
                self.acts.append(Snoozed(at=at, target=event["target"], until=instant(event["until"])))
            case "resumed":
                self.acts.append(Resumed(at=at, target=event["target"]))
            case "asleep":
                pass  # nothing runs until then: see `through`
            case _:
                self.messages.arrived(event)

    def through(self, timeline: list[Mapping[str, Any]], until: datetime) -> None:
        """Go on from the first event to the end; an event "asleep" stops the daemon from `since` to `at`."""
        events = sorted(timeline, key=lambda event: instant(event["at"]))
        sleeps = [(instant(event["since"]), instant(event["at"])) for event in events if event["event"] == "asleep"]
        now = instant(events[0]["at"])
        while now <= until:
            while events and instant(events[0]["at"]) <= now:
                self.happen(events.pop(0))
            asleep = any(since < now < woken for since, woken in sleeps)
            agenda = self.agenda(now) if asleep else self.keep(now)
            upcoming = [instant(events[0]["at"])] if events else []
            upcoming += [agenda.next_at] if agenda.next_at else []
            if not upcoming:
                return
            assert min(upcoming) > now, "time must go on"
            now = min(upcoming)


Play = Callable[..., Walk]


@pytest.fixture(scope="session")
def play() -> Play:
    """Give the function that goes through a scenario."""

    def go_through(
        scenario: Mapping[str, Any], policy: Policy | None = None, check: Callable[[Walk, datetime], None] | None = None
    ) -> Walk:
        policy = policy or Policy(timezone=scenario["user_tz"])
        walk = Walk(policy=policy, messages=Messages(scenario), check=check)
        walk.through(list(scenario["timeline"]), instant(scenario["until"]))
        return walk

    return go_through


@pytest.fixture
def tell(play: Play) -> Tell:
    """Give the function that tells a story as lines: "01-13 13:00 create thank_you T1 dana"."""

    def lines(*timeline: Event, only: str = "create withdraw close", policy: Policy = POLICY, **more: Any) -> list[str]:
        told = play(scenario(*timeline, policy=policy, **more), policy).told
        return [line(one, policy) for one in told if one.action in only.split()]

    return lines
