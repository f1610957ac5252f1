"""What holds in every story, however mail, the person and the daemon's sleep come together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from composer.acts import Drafted, Sent
from composer.agenda import NUDGES, FollowUpKind
from composer.plan import plan
from composer.policy import Policy
from composer.workdays import Workdays
from parsers.model import Offered, Promised, Rejected
from parsers.timeline import fold

ROBOT = "no-reply@us.greenhouse-mail.io"
WRITERS = ("dana@northwind.example", "hugo@northwind.example", ROBOT)
START = datetime(2027, 1, 4, 5, tzinfo=UTC)
SHORT = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

minutes = st.integers(0, 45 * 24 * 60)


@st.composite
def events(draw: st.DrawFn) -> dict[str, Any]:
    """Draw one thing that happens in the six weeks of a story."""
    at = START + timedelta(minutes=draw(minutes))
    event: dict[str, Any] = {
        "at": at.isoformat(),
        "process": draw(st.sampled_from("PQ")),
        "event": "mail_in",
        "cls": "other",
        "from": draw(st.sampled_from(WRITERS)),
    }
    what = draw(st.sampled_from(("interview", "promise", "plain", "plain", "own", "whim", "whim", "asleep")))
    if what == "interview":
        start = at + timedelta(hours=draw(st.integers(2, 120)))
        people = draw(st.lists(st.sampled_from(WRITERS[:2]), min_size=1, max_size=2, unique=True))
        interview = {
            "id": f"{event['process'].lower()}-{draw(st.integers(1, 3))}",
            "start": start.isoformat(),
            "end": (start + timedelta(hours=1)).isoformat(),
            "interviewers": people,
        }
        return event | {"cls": "interview_confirmed", "interview": interview}
    if what == "promise":
        by = (at + timedelta(days=draw(st.integers(1, 20)))).date()
        return event | {"cls": "timeline_promise", "promise": {"resolved": by.isoformat()}}
    if what == "plain":
        kinds = ("other", "on_hold", "out_of_office", "cancellation", "assessment", "rejection", "offer", "missed")
        return event | {"cls": draw(st.sampled_from(kinds))}
    if what == "own":
        to = draw(st.sampled_from(WRITERS[:2]))
        return {"at": event["at"], "event": "mail_out", "to": to, "process": event["process"]}
    if what == "whim":
        return {"at": event["at"], "event": "whim", "does": draw(st.sampled_from(("send", "send", "delete", "edit")))}
    return {"at": event["at"], "event": "asleep", "since": (at - timedelta(hours=draw(st.integers(1, 90)))).isoformat()}


@st.composite
def stories(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a story of two applications at one company, in zones that may lie far apart."""
    first = START.isoformat()
    opening = {"at": first, "event": "mail_in", "cls": "application_received", "from": WRITERS[0], "process": "P"}
    return {
        "id": "story",
        "user_tz": draw(st.sampled_from(("America/New_York", "Europe/Berlin", "Asia/Kolkata"))),
        "recipient_tz": draw(st.sampled_from(("America/New_York", "America/Los_Angeles", "Europe/London"))),
        "user": {"name": "Noor Haddad", "address": "noor@letters.example"},
        "people": {
            WRITERS[0]: {"name": "Dana Lee", "title": "Recruiter"},
            WRITERS[1]: {"name": "Hugo Marsh", "title": "Engineering Manager"},
        },
        "processes": {
            "P": {"company": "Northwind", "role": "Data Engineer"},
            "Q": {"company": "Northwind", "role": "Analyst"},
        },
        "timeline": [opening, *draw(st.lists(events(), min_size=2, max_size=14))],
        "until": (START + timedelta(days=75)).isoformat(),
    }


@given(story=stories())
@SHORT
def test_no_story_breaks_what_the_policy_has_fixed(story: dict[str, Any], play: Callable[..., Any]) -> None:
    walk = play(story, check=at_most_one_open_nudge_a_recipient)

    created = [told for told in walk.told if told.action == "create"]
    days = Workdays(walk.policy, story["recipient_tz"])
    for told in created:
        assert told.to != ROBOT
        assert days.in_hours(told.at)
        assert told.followup.answers is None or not told.followup.to.address.startswith("no-reply")
        if told.followup.kind in NUDGES:
            assert days.is_business_day(days.local_day(told.at))
            never_before_a_promised_day(walk, told, days)
        if told.followup.kind not in {FollowUpKind.REJECTION_REPLY, FollowUpKind.OFFER_ACK}:
            never_after_the_end(walk, told)
    never_more_than_the_caps(walk)


def at_most_one_open_nudge_a_recipient(walk: Any, now: datetime) -> None:
    recipients = Counter(draft.to.address for draft in walk.open_drafts() if draft.kind in NUDGES)
    assert not recipients or max(recipients.values()) == 1, now


def never_before_a_promised_day(walk: Any, told: Any, days: Workdays) -> None:
    """The latest promise message of the process replaces every older one."""
    known = [fact for fact in of_process(walk, told.followup) if fact.received_at <= told.at]
    promises = [said.promise.by for fact in known for said in fact.statements if isinstance(said, Promised)]
    humans = [by for by in promises[-1:] if by]
    latest = [fact for fact in known if any(isinstance(said, Promised) for said in fact.statements)]
    if latest and not latest[-1].automatic:
        assert all(days.local_day(told.at) > by for by in humans)


def never_after_the_end(walk: Any, told: Any) -> None:
    ends = [
        fact
        for fact in of_process(walk, told.followup)
        if any(isinstance(said, Rejected | Offered) for said in fact.statements) and fact.received_at <= told.at
    ]
    assert not ends


def of_process(walk: Any, followup: Any) -> list[Any]:
    timelines = fold(walk.messages.written)
    return next((list(t.facts) for t in timelines if {fact.key for fact in t.facts} & set(followup.evidence)), [])


def never_more_than_the_caps(walk: Any) -> None:
    drafts = {act.followup.id: act.followup for act in walk.acts if isinstance(act, Drafted)}
    sent = [drafts[act.followup_id] for act in walk.acts if isinstance(act, Sent)]
    nudges = Counter((draft.application, draft.visit) for draft in sent if draft.kind in NUDGES)
    assert not nudges or max(nudges.values()) <= 2
    assert all(count <= 4 for count in Counter(draft.application for draft in sent if draft.kind in NUDGES).values())
    thanks = Counter(
        (draft.application, draft.to.address, draft.visit) for draft in sent if draft.kind is FollowUpKind.THANK_YOU
    )
    assert not thanks or max(thanks.values()) == 1
    per_day: Counter[date] = Counter()
    for act in walk.acts:
        if isinstance(act, Drafted) and act.followup.kind in NUDGES:
            per_day[act.at.astimezone(ZoneInfo(walk.policy.timezone)).date()] += 1
    assert not per_day or max(per_day.values()) <= walk.policy.max_drafts_per_day


@given(story=stories(), seed=st.integers(0, 1000))
@SHORT
def test_the_same_story_gives_the_same_agenda_in_whatever_order_it_is_given(
    story: dict[str, Any], seed: int, play: Callable[..., Any]
) -> None:
    walk = play(story)
    now = START + timedelta(days=20)
    timelines = list(fold(walk.messages.written))
    acts = [act for act in walk.acts if act.at <= now]
    expected = plan(timelines, acts, walk.policy, now)

    Random(seed).shuffle(timelines)  # noqa: S311  # an order, not a secret
    again = plan(timelines, acts, Policy(timezone=story["user_tz"]), now)

    assert {followup.id: followup.due for followup in again.due} == {f.id: f.due for f in expected.due}
    assert {f.id: f.due for f in again.planned} == {f.id: f.due for f in expected.planned}
    assert again.next_at == expected.next_at
