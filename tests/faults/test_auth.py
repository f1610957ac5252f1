"""Passwords change, tokens die, endpoints fail: few tries, one notice, and the daemon goes on by itself."""

from __future__ import annotations

import subprocess
import time
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.faults.conftest import LONG, PASSWORD
from tests.faults.logins import (
    TRIES,
    WITHIN,
    hour_later,
    hurried,
    log_in,
    log_of,
    provided,
    sooner,
    tokens_file,
)
from tests.faults.proxy import answering
from tests.process.conftest import TACTFUL
from tests.servers.oauth import AuthorizationServer

pytestmark = pytest.mark.timeout(1800 if LONG else 240)


# ---------------------------------------------------------------------------------------------------------- passwords


@pytest.mark.fault("F23")
def test_a_password_that_was_changed_is_refused_once_and_told_once(rig: Any) -> None:
    rig.start()
    secret = rig.seat.folder / "secret"
    secret.write_text("the-old-one\n")
    rig.proxy.cut()
    began = time.monotonic()
    rig.until(lambda: rig.state == "degraded: LoginRefused", "it says that the login is refused")
    for _ in range(3 if LONG else 1):
        told = log_of(rig)
        sooner(rig)
        time.sleep(90 if LONG else 4)  # the secret is looked at again; the server is not
        assert log_of(rig).count("refuses the login") == told.count("refuses the login") == 1
    assert len(rig.proxy.sent(TRIES, since=began)) == 1
    secret.write_text(PASSWORD + "\n")
    recovered = hurried(rig, rig.is_healthy, "healthy with the new password")
    assert len(rig.proxy.sent(TRIES, since=began)) == 2
    rig.report("F23", what="password changed", recovered=recovered)
    rig.planted.append("the-old-one")
    rig.assert_sound()


@pytest.mark.fault("F23")
def test_a_login_that_could_not_be_checked_once_works_at_the_next_try(rig: Any) -> None:
    rig.start()
    refusal = answering(b"%tag NO [UNAVAILABLE] Temporary authentication failure.")
    rule = rig.proxy.when(TRIES, refusal, times=1)
    began = time.monotonic()
    rig.proxy.cut()
    rig.until(lambda: rule.hits, "the login could not be checked")
    rig.until(lambda: rig.state == "degraded: LoginUnchecked", "it says so")
    recovered = hurried(rig, rig.is_healthy, "healthy after the next try")
    assert len(rig.proxy.sent(TRIES, since=began)) == 2
    rig.report("F23", what="transient", recovered=recovered)
    rig.assert_sound()


@pytest.mark.fault("F23")
def test_a_server_that_cannot_check_is_not_asked_more_than_three_times_in_a_quarter_of_an_hour(rig: Any) -> None:
    rig.start()
    rule = rig.proxy.when(TRIES, answering(b"%tag NO [UNAVAILABLE] Temporary authentication failure."), times=None)
    rig.proxy.cut()
    # What counts the tries is no clock that can be moved.
    hurried(rig, lambda: len(rule.hits) >= 2, "it has tried again", 120)
    ends = time.monotonic() + (900 if LONG else 5)
    while time.monotonic() < ends:
        sooner(rig)
        time.sleep(1)
    assert len(rule.hits) <= 3
    assert log_of(rig).count("could not check the login") == 1
    rig.assert_sound()


# ------------------------------------------------------------------------------------------------------------- tokens


@pytest.fixture
def provider(rig: Any) -> Iterator[AuthorizationServer]:
    """An authorization server whose tokens the rig's Dovecot takes, and which the configuration names."""
    with provided(rig) as made:
        yield made


def test_a_login_in_a_browser_serves_the_daemon_until_shortly_before_it_expires(
    rig: Any, provider: AuthorizationServer
) -> None:
    command = [str(TACTFUL), "login", rig.seat.account, "--config", str(rig.seat.config)]
    with subprocess.Popen(command, env=rig.seat.environ, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        url = next(line.strip() for line in process.stderr if line.startswith("http"))
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        with urllib.request.urlopen(provider.authorize(query), timeout=10) as page:  # noqa: S310 - a loopback server
            assert page.status == 200
        assert process.wait(30) == 0, process.stderr.read()
    rig.start()
    for _ in range(3):
        rig.proxy.cut()
        before = len(rig.proxy.sent(TRIES))
        rig.until(lambda before=before: len(rig.proxy.sent(TRIES)) > before, "it logs in again")
        rig.until(rig.is_healthy, "healthy")
    assert provider.refreshes == 0
    hour_later(rig)
    rig.proxy.cut()
    rig.until(lambda: provider.refreshes == 1, "the token is renewed")
    rig.until(rig.is_healthy, "healthy with the new token")
    assert tokens_file(rig).stat().st_mode & 0o777 == 0o600
    rig.assert_sound()


@pytest.mark.fault("F23")
def test_a_token_that_died_before_its_time_is_renewed_within_the_same_login(
    rig: Any, provider: AuthorizationServer
) -> None:
    provider.lasts = 4.0  # and it says an hour
    log_in(rig)
    time.sleep(5)
    provider.lasts = None
    rig.start()
    assert provider.refreshes == 1
    assert "refuses the login" not in log_of(rig)
    rig.assert_sound()


@pytest.mark.fault("F23")
def test_a_grant_that_has_ended_is_told_once_and_a_new_login_goes_on(rig: Any, provider: AuthorizationServer) -> None:
    log_in(rig)
    rig.start()
    provider.revoke()
    hour_later(rig)
    rig.proxy.cut()
    began = time.monotonic()
    rig.until(lambda: rig.state == "waiting for you: say tactful login", "it says what it waits for")
    for _ in range(3):
        sooner(rig)
        time.sleep(90 if LONG else 2)
    assert provider.refreshes == 1
    assert log_of(rig).count("invalid_grant") == 1
    assert rig.proxy.sent(TRIES, since=began) == []
    log_in(rig)
    recovered = hurried(rig, rig.is_healthy, "healthy after the new login")
    rig.report("F23", what="invalid_grant", recovered=recovered)
    rig.assert_sound()


@pytest.mark.fault("F23")
def test_an_endpoint_in_trouble_is_asked_a_few_times_and_found_well_again(
    rig: Any, provider: AuthorizationServer
) -> None:
    log_in(rig)
    rig.start()
    provider.refuses = (503, b"<html>later</html>")
    hour_later(rig)
    rig.seat.move_clock(rig.seat.now + timedelta(minutes=10))  # now it has expired
    rig.proxy.cut()
    rig.until(lambda: rig.state == "degraded: TokenUnavailable", "it says that it has no token")
    if LONG:
        time.sleep(900)
        assert provider.refreshes <= 4
    else:
        assert provider.refreshes == 1
    provider.refuses = None
    recovered = hurried(rig, rig.is_healthy, "healthy after the endpoint is well", 660 if LONG else WITHIN)
    rig.report("F23", what="503", recovered=recovered)
    rig.assert_sound()


@pytest.mark.fault("F23")
@pytest.mark.parametrize("lenient", [True, False], ids=["takes it twice", "takes it once"])
def test_kill_9_between_the_endpoints_answer_and_its_storage(
    rig: Any, provider: AuthorizationServer, lenient: bool
) -> None:
    provider.lenient = lenient
    log_in(rig)
    assert rig.seat.run("run", "--once").returncode == 0  # so that no other file has to be made
    kept = tokens_file(rig)
    before = kept.read_text()
    hour_later(rig)
    inject = ("-e", "trace=rename", "-e", "inject=rename:signal=SIGKILL:when=1")
    killed = rig.seat.run("run", "--once", before=("strace", "-f", "-qq", "-o", "/dev/null", *inject))
    assert killed.returncode != 0
    assert provider.refreshes == 1
    assert kept.read_text() == before  # what was answered is lost
    again = rig.seat.run("run", "--once")
    assert provider.refreshes == 2
    if lenient:
        assert again.returncode == 0, again.stderr
    else:
        assert again.returncode == 77
        assert "say: tactful login" in again.stderr
        log_in(rig)
    assert rig.seat.run("run", "--once").returncode == 0
