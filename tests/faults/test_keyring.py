"""The keyring is locked, silent or not there when the daemon starts: it says so, waits, and goes on by itself."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from daemon.errors import KeyringUnavailable, LoginNeeded
from daemon.oauth import GOOGLE, OAuthSettings, Tokens
from daemon.oauth_store import TokenStore
from daemon.oauth_tokens import TokenKeeper
from daemon.secrets_keyring import KeyringSecret, read_keyring, write_keyring
from tests.faults.conftest import LONG, PASSWORD
from tests.servers.oauth import authorization_server
from tests.servers.secret_service import SecretService

WITHIN = 60.0  # seconds, F24's recover_s


@pytest.fixture
def desktop() -> Iterator[SecretService]:
    """A desktop on which nothing runs yet."""
    with SecretService() as made:
        yield made
    shutil.rmtree(made.home, ignore_errors=True)


@pytest.fixture
def logged_in(desktop: SecretService) -> SecretService:
    """A desktop whose person has logged in."""
    desktop.start_bus()
    desktop.start_keyring(unlocked=True)
    return desktop


def environ_of(desktop: SecretService) -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "HOME": str(desktop.home)} | desktop.environ


def rig_with_keyring(make_rig: Callable[..., Any]) -> Any:
    rig = make_rig()
    text = rig.seat.config.read_text("utf-8")
    (line,) = [line for line in text.splitlines() if "password:" in line]
    rig.seat.config.write_text(text.replace(line, "      password: {keyring: tactful}"), "utf-8")
    (rig.seat.folder / "secret").unlink()  # nothing but the keyring has it
    return rig


def waits_for_keyring(rig: Any) -> bool:
    return bool(rig.state == "waiting for keyring")


# ------------------------------------------------------------------------------------------------- the Secret Service


def test_the_secret_service_gives_what_was_stored_and_never_asks_to_unlock(logged_in: SecretService) -> None:
    source, environ = KeyringSecret(service="tactful", username="noor"), environ_of(logged_in)
    write_keyring(source, PASSWORD, environ=environ, account="personal", may_unlock=False)
    assert read_keyring(source, environ=environ, account="personal") == PASSWORD
    logged_in.lock()
    began = time.monotonic()
    with pytest.raises(KeyringUnavailable, match="the keyring is locked"):
        read_keyring(source, environ=environ, account="personal")
    assert time.monotonic() - began < 8  # it did not wait for anybody
    logged_in.unlock()
    assert read_keyring(source, environ=environ, account="personal") == PASSWORD


def test_rotated_tokens_are_kept_in_the_keyring_before_they_are_used(logged_in: SecretService, tmp_path: Path) -> None:
    with authorization_server(b"k", "noor@letters.example") as server:
        provider = replace(GOOGLE, token_url=f"{server.url}/token")
        settings = OAuthSettings(
            account="personal",
            provider=provider,
            client_id="client-1",
            username="noor@letters.example",
            scopes=("mail",),
            directory=tmp_path / "oauth",
        )
        store = TokenStore(settings, environ_of(logged_in))
        with pytest.raises(LoginNeeded, match="no OAuth login yet; say: tactful login personal"):
            store.load()
        _, first = server._tokens()
        store.save(Tokens(access="old", refresh=first["refresh_token"], expires_at=0, grant="login-1"))
        given = TokenKeeper(settings, store, lambda: None).access_token()
        kept = store.load()
        assert (kept.access, kept.refresh, kept.grant) == (given, server.given[-1], "login-1")
        assert [path.name for path in settings.directory.iterdir() if path.suffix != ".lock"] == []
        # What cannot be stored is not used: the keyring is locked between the answer and the storage.
        store.save(replace(kept, expires_at=0))
        server.moments.append(logged_in.lock)
        keeper = TokenKeeper(settings, store, lambda: None)
        for _ in range(2):
            with pytest.raises(KeyringUnavailable):
                keeper.access_token()
        logged_in.unlock()
        assert keeper.access_token() == store.load().access == server.given[-2]
        assert server.refreshes == 2


def test_a_session_without_a_keyring_yet_is_offered_none(desktop: SecretService) -> None:
    desktop.start_bus()
    desktop.start_keyring(unlocked=True)
    shutil.rmtree(desktop.home / "data")
    desktop.stop_service()
    with pytest.raises(KeyringUnavailable, match="cannot be used"):
        read_keyring(KeyringSecret(service="tactful", username="noor"), environ=environ_of(desktop), account="personal")


# --------------------------------------------------------------------------------------------------------- the daemon


@pytest.mark.fault("F24")
@pytest.mark.timeout(300)
@pytest.mark.parametrize("at_start", ["locked", "no D-Bus", "no keyring", "silent"])
def test_a_daemon_waits_for_the_keyring_and_goes_on_by_itself(
    make_rig: Callable[..., Any], desktop: SecretService, at_start: str
) -> None:
    rig = rig_with_keyring(make_rig)
    desktop.start_bus()
    desktop.start_keyring(unlocked=True)
    desktop.store("tactful", rig.seat.user, PASSWORD)
    if at_start == "locked":
        desktop.lock()
    else:
        desktop.stop_service()
        if at_start == "silent":
            desktop.start_silent()
        elif at_start == "no D-Bus":
            desktop.__exit__()
            (desktop.home / "bus").unlink()
    rig.daemon = rig.seat.start(**desktop.environ)
    told = rig.until(lambda: waits_for_keyring(rig), "it says that it waits for the keyring", 20)
    assert rig.proxy.commands == []

    if at_start == "locked":
        desktop.unlock()
    else:
        desktop.stop_service()
        if at_start == "no D-Bus":
            desktop.start_bus()
        desktop.start_keyring(unlocked=True)
    if not LONG:
        rig.seat.move_clock(rig.seat.now + timedelta(minutes=1))  # the wait is the same, sooner
    recovered = rig.until(rig.is_healthy, "healthy after the keyring is there", WITHIN)
    rig.report("F24", at_start=at_start, told=told, recovered=recovered)
    log = (rig.seat.folder / "log").read_text("utf-8")
    assert log.count(" WARNING ") <= 2, log  # told, not repeated
    rig.assert_sound()
    rig.stop()


@pytest.mark.fault("F24")
def test_a_daemon_that_waits_for_a_silent_keyring_still_ends_when_it_is_told_to(
    make_rig: Callable[..., Any], desktop: SecretService
) -> None:
    rig = rig_with_keyring(make_rig)
    desktop.start_bus()
    desktop.start_silent()
    rig.daemon = rig.seat.start(**desktop.environ)
    rig.until(lambda: "started with" in (rig.seat.folder / "log").read_text("utf-8"), "it has begun to ask", 20)
    rig.stop()  # within ten seconds, exit status 0
