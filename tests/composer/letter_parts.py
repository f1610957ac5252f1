"""Follow-ups, timelines and mails for the tests of letters, each with one thing changed where a test needs it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from composer.agenda import FollowUp, FollowUpKind, Wording
from composer.letter import Voice
from parsers.model import Address, Direction, Facts, FixedTime, Interview, Part, Person, Timeline

NEW_YORK = ZoneInfo("America/New_York")
START = datetime(2026, 12, 1, 14, tzinfo=NEW_YORK)
VOICE = Voice(full_name="Noor Haddad")
PANEL = (
    Address(name="Dana Lee", address="dana.lee@northwind.example"),
    Address(name="Sam Okafor", address="sam@northwind.example"),
    Address(name="Priya Nair", address="priya@northwind.example"),
    Address(name="Kim Berg", address="kim@northwind.example"),
    Address(name="Ana Ruiz", address="ana@northwind.example"),
    Address(name="Tom Ito", address="tom@northwind.example"),
)
K = FollowUpKind


def interview(**changes: object) -> Interview:
    time = FixedTime(
        start=START,
        end=START + timedelta(hours=1),
        timezone="America/New_York",
        all_day=False,
        fixed_by="confirmation",
        fixed_at=START - timedelta(days=2),
    )
    people = tuple(Person(name=p.name, address=p.address, part=Part.INTERVIEWER) for p in PANEL)
    told = Interview(id="int-1", times=(time,), confidence=1.0, people=people, sources=("confirmation",))
    return replace(told, **changes)  # type: ignore[arg-type] # replace() knows no field types


def facts(**changes: object) -> Facts:
    told = Facts(
        key="confirmation",
        account="personal",
        direction=Direction.INBOUND,
        message_id="c1@northwind.example",
        received_at=START - timedelta(days=2),
        subject="Your interview",
    )
    return replace(told, **changes)  # type: ignore[arg-type] # replace() knows no field types


def timeline(**changes: object) -> Timeline:
    told = Timeline(
        id="application-1",
        account="personal",
        company="Northwind",
        role="Data Engineer",
        timezone="America/New_York",
        facts=(facts(),),
        interviews=(interview(),),
    )
    return replace(told, **changes)  # type: ignore[arg-type] # replace() knows no field types


def followup(kind: FollowUpKind, **changes: object) -> FollowUp:
    due = START + (timedelta(hours=3) if kind is K.THANK_YOU else timedelta(days=8))
    told = FollowUp(
        id=f"{kind}-1",
        kind=kind,
        rule="T1",
        reason="interview ended 15:00, +2 h",
        account="personal",
        application="application-1",
        company="Northwind",
        role="Data Engineer",
        to=PANEL[0],
        due=due,
        stale_at=due + timedelta(days=2),
        interview="int-1",
        visit=START.date(),
    )
    return replace(told, **changes)  # type: ignore[arg-type] # replace() knows no field types


CASES = {
    "thank_you": followup(K.THANK_YOU),
    "short": followup(K.THANK_YOU, wording=Wording.SHORT),
    "later_round": followup(K.THANK_YOU, wording=Wording.LATER_ROUND),
    "recruiter_screen": followup(K.THANK_YOU, wording=Wording.RECRUITER_SCREEN),
    "pass_on": followup(K.THANK_YOU, mentions=("Lena Vogt", "Omar Said")),
    "check_in_1": followup(K.CHECK_IN_1),
    "promised": followup(K.CHECK_IN_1, promised=date(2026, 12, 4)),
    "check_in_final": followup(K.CHECK_IN_FINAL),
    "closing_note": followup(K.CLOSING_NOTE),
    "reschedule_offer": followup(K.RESCHEDULE_OFFER),
    "rejection_reply": followup(K.REJECTION_REPLY),
    "offer_ack": followup(K.OFFER_ACK),
}

APPLICATIONS = tuple(f"application-{n}" for n in range(40))
