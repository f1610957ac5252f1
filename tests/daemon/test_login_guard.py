"""A server is spared logins that cannot succeed, on a clock that the test moves."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from daemon.errors import LoginNeeded, LoginRefused, LoginUnchecked, ServerBusy
from daemon.login_guard import LoginGuard
from daemon.sasl import AccessToken
from daemon.tries import Tries


class Scene:
    """A secret that somebody may change, a server that counts, a clock."""

    def __init__(self, *, quiet: bool = True, spoil: bool = False) -> None:
        self.secret = "old"
        self.right = "old"
        self.now = 5000.0
        self.shown: list[str] = []
        self.looks = 0
        self.trouble: Exception | None = None
        self.spoiled: list[str] = []
        self.guard = LoginGuard(
            self._look, quiet=quiet, spoil=self.spoiled.append if spoil else None, now=lambda: self.now
        )

    def _look(self) -> str:
        self.looks += 1
        return self.secret

    def attempt(self, secret: str) -> str:
        self.shown.append(secret)
        if self.trouble is not None:
            raise self.trouble
        if secret != self.right:
            raise LoginRefused("refused")
        return "in"

    def outcome(self) -> str | type[Exception]:
        try:
            return self.guard.log_in(self.attempt)
        except Exception as error:
            return type(error)


def test_a_secret_that_was_refused_is_not_shown_again_until_there_is_another() -> None:
    scene = Scene()
    assert scene.outcome() == "in"
    scene.right = "new"
    for _ in range(100):  # fifty minutes
        assert scene.outcome() is LoginRefused
        scene.now += 30
    assert scene.shown == ["old", "old"]
    scene.secret = "new"
    assert scene.outcome() == "in"
    assert scene.shown == ["old", "old", "new"]


def test_the_server_may_have_been_wrong_so_the_same_secret_is_shown_a_few_times_a_day() -> None:
    scene = Scene()
    scene.right = "new"
    for _ in range(24 * 60):
        scene.outcome()
        scene.now += 60
    assert len(scene.shown) == 4
    scene.right = "old"
    scene.now += 6 * 3600
    assert scene.outcome() == "in"


def test_a_source_that_may_ask_the_person_is_asked_a_few_times_an_hour() -> None:
    scene = Scene(quiet=False)
    scene.right = "new"
    for _ in range(120):
        assert scene.outcome() is LoginRefused
        scene.now += 30
    assert scene.looks == 4
    assert scene.shown == ["old"]


def test_a_server_that_cannot_check_is_tried_three_times_in_fifteen_minutes() -> None:
    scene = Scene()
    scene.trouble = LoginUnchecked("temporary")
    shown_at = []
    for _ in range(240):
        before = len(scene.shown)
        assert scene.outcome() is LoginUnchecked
        shown_at += [scene.now] * (len(scene.shown) - before)
        scene.now += 15
    assert max(sum(at <= other < at + 900 for other in shown_at) for at in shown_at) == 3
    scene.trouble = None
    scene.now += 600
    assert scene.outcome() == "in"
    scene.trouble = LoginUnchecked("temporary")
    assert scene.outcome() is LoginUnchecked
    scene.trouble = None
    scene.now += 30
    assert scene.outcome() == "in"  # a success begins anew


def test_one_failure_that_was_none_costs_half_a_minute() -> None:
    scene = Scene()
    scene.trouble = LoginUnchecked("temporary")
    scene.outcome()
    scene.trouble = None
    scene.now += 30
    assert scene.outcome() == "in"


def test_a_busy_server_is_no_matter_of_the_secret() -> None:
    scene = Scene()
    scene.trouble = ServerBusy("too many connections")
    assert [scene.outcome() for _ in range(3)] == [ServerBusy] * 3
    scene.trouble = None
    assert scene.outcome() == "in"


def test_a_secret_that_cannot_be_had_is_told_as_such() -> None:
    def missing() -> str:
        raise LoginNeeded("say tactful login")

    with pytest.raises(LoginNeeded):
        LoginGuard(missing).log_in(lambda secret: secret)


def tokens(*names: str, grant: str = "g") -> Callable[[], str]:
    given = [AccessToken(name, grant=grant) for name in names]
    return lambda: given.pop(0) if len(given) > 1 else given[0]


def test_a_token_that_died_early_is_replaced_within_the_same_login() -> None:
    scene = Scene(spoil=True)
    scene.right = "t2"
    guard = LoginGuard(tokens("t1", "t2"), spoil=scene.spoiled.append, now=lambda: scene.now)
    assert guard.log_in(scene.attempt) == "in"
    assert (scene.shown, scene.spoiled) == (["t1", "t2"], ["t1"])


def test_fresh_tokens_of_a_grant_that_the_server_refuses_are_not_made_without_an_end() -> None:
    scene = Scene()
    looks = iter(f"t{number}" for number in range(1000))
    guard = LoginGuard(lambda: AccessToken(next(looks), grant="g"), spoil=scene.spoiled.append, now=lambda: scene.now)
    scene.right = "none"
    for _ in range(50):
        with pytest.raises(LoginRefused):
            guard.log_in(scene.attempt)
        scene.now += 30
    assert len(scene.shown) == 2
    assert len(scene.spoiled) == 1


def test_tries_begin_anew_after_a_success() -> None:
    tries = Tries()
    assert tries.may(0)
    tries.failed(0)
    assert not tries.may(9)
    assert tries.may(10)
    tries.failed(10)
    assert not tries.may(309)
    tries.succeeded()
    assert tries.may(11)
