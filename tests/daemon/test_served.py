"""How long a server is left alone after each kind of failure, and what is learned from those that hang up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from daemon.errors import LinkLost, LoginRefused, ServerBusy, TactfulError, Unreachable
from daemon.memory import MemoryMailbox
from daemon.served import IDLE_RENEWAL, Served

NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
THROTTLED = "BAD Request is throttled. Suggested Backoff Time: 178755 milliseconds"


def account() -> Served:
    return Served(name="personal", open=MemoryMailbox)


def pauses(served: Served, error: Exception, count: int, held: float = 0.0) -> list[float]:
    return [served.fail(error, held, NOW).total_seconds() for _ in range(count)]


@pytest.mark.parametrize("error", [LinkLost("x"), Unreachable("x"), OSError("x")])
def test_a_lost_connection_is_tried_again_soon_then_later_and_within_half_a_minute_for_ever(error: Exception) -> None:
    waits = pauses(account(), error, 12)
    assert waits[0] <= 2.6
    assert waits[3] > 2 * waits[0]
    assert min(waits[5:]) > 13
    assert max(waits) < 30


def test_the_pauses_of_two_accounts_differ() -> None:
    assert len({tuple(pauses(account(), LinkLost("x"), 3)) for _ in range(5)}) == 5


def test_only_a_connection_that_held_a_minute_starts_from_the_beginning() -> None:
    served = account()
    pauses(served, LinkLost("x"), 6)
    assert pauses(served, LinkLost("x"), 1, held=59)[0] > 13
    assert pauses(served, LinkLost("x"), 1, held=61)[0] <= 2.6


def test_a_server_without_room_is_left_alone_for_one_to_fifteen_minutes() -> None:
    waits = pauses(account(), ServerBusy("[LIMIT] Maximum number of connections"), 10)
    assert 60 <= waits[0] <= 75
    assert waits[1] > 1.3 * waits[0]
    assert 700 < waits[-1] <= 900


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        (THROTTLED, 178.755),
        ("NO [UNAVAILABLE] Try again in 5 minutes", 300),
        ("NO rate limit, retry after 30 s", 30),
        ("NO backoff 400 hours", 6 * 3600),
    ],
)
def test_a_server_that_says_how_long_gets_at_least_that(words: str, seconds: float) -> None:
    served = account()
    (wait,) = pauses(served, ServerBusy(words), 1)
    assert seconds <= wait <= 1.1 * seconds
    assert served.state.startswith("degraded: ServerBusy until 2026-12-01T")


def test_nothing_shortens_a_pause_that_was_asked_for_but_its_end() -> None:
    served = account()
    served.fail(ServerBusy(THROTTLED), 0, NOW)
    served.resume(NOW + timedelta(seconds=178), at_once=True)
    assert not served.woken.is_set()
    served.resume(NOW + timedelta(seconds=197), at_once=False)
    assert served.woken.is_set()


def test_a_machine_that_wakes_up_tries_again_at_once() -> None:
    served = account()
    served.fail(LinkLost("x"), 0, NOW)
    served.resume(NOW, at_once=False)
    assert not served.woken.is_set()
    served.resume(NOW, at_once=True)
    assert served.woken.is_set()


def test_the_state_says_what_is_the_matter() -> None:
    served = account()
    errors: list[tuple[Exception, str]] = [
        (LinkLost("x"), "degraded: LinkLost"),
        (LoginRefused("x"), "degraded: LoginRefused"),
        (ValueError("x"), "degraded: internal error"),
    ]
    for error, state in errors:
        served.fail(error, 0, NOW)
        assert served.standing == state
    served.slow = True
    assert served.standing == "degraded: no answer yet"


def test_two_hang_ups_after_the_same_time_of_idle_are_a_limit() -> None:
    served = account()
    served.hung_up(61.0)
    assert served.renewal == IDLE_RENEWAL
    served.hung_up(60.0)
    assert served.renewal == timedelta(seconds=48)
    served.hung_up(100.0)
    served.hung_up(100.0)
    assert served.renewal == timedelta(seconds=48), "the smallest limit seen"


def test_hang_ups_at_any_time_are_no_limit() -> None:
    served = account()
    for seconds in (10.0, 200.0, 40.0, 90.0):
        served.hung_up(seconds)
    assert served.renewal == IDLE_RENEWAL


def test_a_server_that_hangs_up_at_once_is_not_asked_all_the_time() -> None:
    served = account()
    for _ in range(3):
        served.hung_up(0.1)
    assert served.renewal >= timedelta(seconds=10)


def test_an_account_at_work_counts_its_seconds() -> None:
    served = account()
    assert served.working_for(100.0) == 0
    served.working_since = 40.0
    assert served.working_for(100.0) == 60


def test_what_waits_for_the_person_is_told_once() -> None:
    served = account()

    def told(error: TactfulError) -> bool:
        served.fail(error, 0, NOW)
        return served.is_news(error)

    assert [told(LoginRefused("a")) for _ in range(3)] == [True, False, False]
    assert told(LoginRefused("b"))
    assert all(told(LinkLost("c")) for _ in range(2))
