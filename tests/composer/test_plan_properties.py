"""What holds in every story, however mail, the person, the clock and the daemon's sleep come together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from composer.acts import Act, Drafted, Edited, Gone, Muted, Resumed, Sent, Snoozed, Withdrawn
from composer.agenda import NUDGES, FollowUp, FollowUpKind
from composer.plan import plan
from composer.policy import Policy
from composer.workdays import Workdays
from parsers.model import Offered, Promised, Rejected, Timeline
from parsers.timeline import fold
from tests.composer.random_stories import END, ROBOT, START, policies, stories

Play = Callable[..., Any]
ONE_MINUTE = timedelta(minutes=1)
AFTER_THE_END = {FollowUpKind.REJECTION_REPLY, FollowUpKind.OFFER_ACK}
SHORT = settings(
    max_examples=50,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@given(data=st.data(), story=stories())
@SHORT
def test_no_story_breaks_what_the_policy_has_fixed(data: st.DataObject, story: dict[str, Any], play: Play) -> None:
    policy = data.draw(policies(story["user_tz"]))
    # After each pass the walk plans again and fails if there is anything new to do, and if time does not go on.
    walk = play(story, policy, check=at_most_one_open_nudge_a_recipient)

    days = Workdays(policy, story["recipient_tz"])
    timelines = fold(walk.messages.written)
    for act in walk.acts:
        if not isinstance(act, Drafted):
            continue
        drafted = act.followup
        assert drafted.to.address != ROBOT
        assert days.in_hours(act.at)
        if drafted.kind in NUDGES:
            assert days.is_business_day(days.local_day(act.at))
        for process in processes_of(drafted, timelines):
            if drafted.kind in NUDGES:
                never_before_a_promised_day(process, act.at, days)
            if drafted.kind not in AFTER_THE_END:
                never_after_the_end(process, act.at)
    never_more_than_the_caps(walk.acts, policy, timelines)
    never_again_what_was_deleted(walk.acts, timelines, days)
    never_taken_back_once_edited(walk.acts)
    never_what_was_muted_or_snoozed(walk.acts)


def processes_of(followup: FollowUp, timelines: tuple[Timeline, ...]) -> Iterator[Timeline]:
    """Give the processes that a draft is about: two, if it was merged."""
    for timeline in timelines:
        if {fact.key for fact in timeline.facts} & set(followup.evidence):
            yield timeline


def at_most_one_open_nudge_a_recipient(walk: Any, now: datetime) -> None:
    recipients = Counter(draft.to.address for draft in walk.open_drafts() if draft.kind in NUDGES)
    assert not recipients or max(recipients.values()) == 1, now


def never_before_a_promised_day(process: Timeline, drafted_at: datetime, days: Workdays) -> None:
    """The latest promise message of a process replaces every older one."""
    known = [fact for fact in process.facts if fact.received_at <= drafted_at]
    promising = [fact for fact in known if any(isinstance(said, Promised) for said in fact.statements)]
    if promising and not promising[-1].automatic:
        (said,) = (said for said in promising[-1].statements if isinstance(said, Promised))
        assert said.promise.by
        assert days.local_day(drafted_at) > said.promise.by


def never_after_the_end(process: Timeline, drafted_at: datetime) -> None:
    for fact in process.facts:
        over = any(isinstance(said, Rejected | Offered) for said in fact.statements)
        assert not (over and fact.received_at <= drafted_at)


def never_more_than_the_caps(acts: list[Act], policy: Policy, timelines: tuple[Timeline, ...]) -> None:
    drafts = {act.followup.id: act.followup for act in acts if isinstance(act, Drafted)}
    sent = [drafts[act.followup_id] for act in acts if isinstance(act, Sent)]
    nudges = [
        (process.id, draft) for draft in sent if draft.kind in NUDGES for process in processes_of(draft, timelines)
    ]
    a_round = Counter((process, draft.visit) for process, draft in nudges)
    a_process = Counter(process for process, _ in nudges)
    assert all(count <= policy.check_in.kinds_per_round <= 3 for count in a_round.values())
    assert all(count <= policy.check_in.max_nudges_per_process <= 5 for count in a_process.values())

    once = (FollowUpKind.THANK_YOU, *AFTER_THE_END)
    letters = Counter(
        (process.id, draft.kind, draft.kind is FollowUpKind.THANK_YOU and (draft.to.address, draft.visit))
        for draft in sent
        if draft.kind in once
        for process in processes_of(draft, timelines)
    )
    assert all(count == 1 for count in letters.values())

    zone = ZoneInfo(policy.timezone)
    a_day: Counter[date] = Counter()
    for act in acts:
        if isinstance(act, Drafted):
            day = act.at.astimezone(zone).date()
            assert act.followup.kind not in NUDGES or a_day[day] < policy.max_drafts_per_day
            a_day[day] += 1


def never_again_what_was_deleted(acts: list[Act], timelines: tuple[Timeline, ...], days: Workdays) -> None:
    """A deleted letter is not written again; after a deleted nudge only a new visit or promise lets one come."""
    drafts = {act.followup.id: act.followup for act in acts if isinstance(act, Drafted)}
    for act in acts:
        if not isinstance(act, Gone):
            continue
        gone = drafts[act.followup_id]
        later = [a for a in acts if isinstance(a, Drafted) and a.at > act.at and a.followup.account == gone.account]
        for process in processes_of(gone, timelines):
            keys = {fact.key for fact in process.facts}
            for again in (a for a in later if keys & set(a.followup.evidence)):
                if gone.kind in NUDGES and again.followup.kind in NUDGES:
                    assert any(act.at <= at <= again.at for at in fresh_starts(process, days))
                elif again.followup.kind is gone.kind:
                    assert (again.followup.to, again.followup.visit) != (gone.to, gone.visit)


def fresh_starts(process: Timeline, days: Workdays) -> Iterator[datetime]:
    for fact in process.facts:
        if any(isinstance(said, Promised) for said in fact.statements):
            yield fact.received_at
    for interview in process.interviews:
        yield from (time.end for time in interview.times if time.end)


def never_taken_back_once_edited(acts: list[Act]) -> None:
    edited = set()
    for act in acts:
        if isinstance(act, Edited):
            edited.add(act.followup_id)
        assert not (isinstance(act, Withdrawn) and act.followup_id in edited)


def never_what_was_muted_or_snoozed(acts: list[Act]) -> None:
    muted, snoozed_until = False, START
    for act in acts:
        match act:
            case Muted():
                muted = True
            case Snoozed():
                snoozed_until = act.until
            case Resumed():
                muted, snoozed_until = False, START
            case Drafted():
                assert not muted
                assert act.at >= snoozed_until


# ------------------------------------------------------------------------------------------- one and the same question


@given(data=st.data(), story=stories(), seed=st.integers(0, 1000))
@SHORT
def test_the_same_story_gives_the_same_agenda_in_whatever_order_and_how_often_it_is_told(
    data: st.DataObject, story: dict[str, Any], seed: int, play: Play
) -> None:
    policy = data.draw(policies(story["user_tz"]))
    walk = play(story, policy)
    now = data.draw(st.datetimes(START.replace(tzinfo=None), END.replace(tzinfo=None))).replace(tzinfo=START.tzinfo)
    acts = [act for act in walk.acts if act.at <= now]
    facts = [fact for fact in walk.messages.written if fact.received_at <= now]
    expected = plan(fold(facts), acts, policy, now)

    told_twice = [*facts, *facts]
    Random(seed).shuffle(told_twice)  # noqa: S311  # an order, not a secret
    timelines = list(fold(told_twice))
    Random(seed).shuffle(timelines)  # noqa: S311  # likewise
    again = plan(timelines, acts, policy, now)

    assert plan(fold(facts), acts, policy, now) == expected, "asked twice, it answers the same"
    assert {one.id: one for one in again.due} == {one.id: one for one in expected.due}
    assert {one.id: one for one in again.planned} == {one.id: one for one in expected.planned}
    assert set(again.withdrawals) == set(expected.withdrawals)
    assert set(again.closed) == set(expected.closed)
    assert again.next_at == expected.next_at


@given(data=st.data(), story=stories(), jump=st.integers(-60 * 24 * 60, 60 * 24 * 60))
@SHORT
def test_wherever_the_clock_jumps_what_was_sent_stays_sent_and_nothing_is_drafted_twice(
    data: st.DataObject, story: dict[str, Any], jump: int, play: Play
) -> None:
    policy = data.draw(policies(story["user_tz"]))
    walk = play(story, policy)
    drafts = {act.followup.id: act.followup for act in walk.acts if isinstance(act, Drafted)}
    sent = [drafts[act.followup_id] for act in walk.acts if isinstance(act, Sent)]
    said = plan(fold(walk.messages.written), walk.acts, policy, walk.acts[-1].at + jump * ONE_MINUTE) if sent else None

    for followup in (*said.due, *said.planned) if said else ():
        assert followup.id not in drafts
        assert not [one for one in sent if _is_same(one, followup)]
    for withdrawal in said.withdrawals if said else ():
        assert withdrawal.followup in walk.open_drafts()


def _is_same(sent: FollowUp, wanted: FollowUp) -> bool:
    about = (sent.kind, sent.to, sent.visit) == (wanted.kind, wanted.to, wanted.visit)
    return about and sent.kind not in NUDGES and sent.application == wanted.application
