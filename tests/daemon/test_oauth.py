"""Tokens are had, kept and renewed as RFC 6749, 7636 and 8628 say, at a loopback authorization server."""

from __future__ import annotations

import os
import re
import stat
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit

import pytest

from daemon.credentials import FileSecret
from daemon.errors import LoginNeeded, SecretError, TokenUnavailable
from daemon.oauth import GOOGLE, OAuthSettings, Provider, Tokens, microsoft
from daemon.oauth_client import ClientRefused, EndpointDown, GrantGone, OAuthClient
from daemon.oauth_login import by_browser, by_device
from daemon.oauth_store import TokenStore
from daemon.oauth_tokens import TokenKeeper
from daemon.sasl import AccessToken, Mechanism, answer_to_failure, choose, first_response
from tests.servers.oauth import AuthorizationServer, authorization_server

KEY, USER = b"k" * 44, "noor@letters.example"


@pytest.fixture
def server() -> Iterator[AuthorizationServer]:
    with authorization_server(KEY, USER) as made:
        yield made


def settings_of(server: AuthorizationServer, folder: Path, **changes: Any) -> OAuthSettings:
    provider = Provider(
        authorization_url=f"{server.url}/authorize",
        token_url=f"{server.url}/token",
        device_url=f"{server.url}/device",
        imap_scopes=("mail",),
        secret_in_body=False,
    )
    values = {
        "account": "personal",
        "provider": provider,
        "client_id": "client-1",
        "username": USER,
        "scopes": ("mail",),
    }
    return OAuthSettings(**values | {"directory": folder / "oauth", "in_keyring": False} | changes)


class Ticks:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Seat:
    """One account's keeper, logged in."""

    def __init__(self, server: AuthorizationServer, folder: Path, *, left: float = 3600.0) -> None:
        self.settings = settings_of(server, folder)
        self.store = TokenStore(self.settings, os.environ)
        self.ticks = Ticks()
        self.keeper = self.another()
        _, answer = server._tokens()
        self.first = Tokens(
            access=answer["access_token"],
            refresh=answer["refresh_token"],
            expires_at=time.time() + left,
            grant="login-1",
        )
        self.store.save(self.first)

    def another(self) -> TokenKeeper:
        """What a process has that was started just now."""
        return TokenKeeper(self.settings, self.store, lambda: None, self.ticks)


# ----------------------------------------------------------------------------------------------------------- renewal


def test_a_token_is_used_until_shortly_before_it_expires(server: AuthorizationServer, tmp_path: Path) -> None:
    seat = Seat(server, tmp_path, left=400)
    for _ in range(3):
        assert seat.keeper.access_token() == seat.first.access
    assert server.asked == []
    seat.store.save(replace(seat.first, expires_at=time.time() + 200))
    renewed = seat.keeper.access_token()
    assert renewed != seat.first.access
    assert renewed.grant == "login-1"
    assert seat.keeper.access_token() == renewed
    assert server.refreshes == 1


def test_the_rotated_refresh_token_is_stored_before_the_access_token_is_given(
    server: AuthorizationServer, tmp_path: Path
) -> None:
    seat = Seat(server, tmp_path, left=0)
    for number in range(1, 4):
        given = seat.another().access_token()
        kept = seat.store.load()
        assert kept.access == given
        assert kept.refresh == server.given[-1]
        assert server.refreshes == number
        seat.store.save(replace(kept, expires_at=0))


def test_a_provider_that_does_not_rotate_leaves_the_refresh_token(server: AuthorizationServer, tmp_path: Path) -> None:
    server.rotates = False
    seat = Seat(server, tmp_path, left=0)
    seat.keeper.access_token()
    assert seat.store.load().refresh == seat.first.refresh


def test_what_no_store_would_take_is_stored_before_it_is_used(server: AuthorizationServer, tmp_path: Path) -> None:
    seat = Seat(server, tmp_path, left=0)

    class Full(TokenStore):
        full = True

        def save(self, tokens: Tokens, *, may_unlock: bool = False) -> None:
            if self.full:
                raise SecretError("no space left")
            super().save(tokens, may_unlock=may_unlock)

    store = Full(seat.settings, os.environ)
    keeper = TokenKeeper(seat.settings, store, lambda: None, seat.ticks)
    for _ in range(2):
        with pytest.raises(SecretError, match="no space left"):
            keeper.access_token()
    store.full = False
    assert keeper.access_token() == seat.store.load().access
    assert seat.store.load().refresh == server.given[-1]
    assert server.refreshes == 1  # the strict server would have refused a second one


def test_a_token_that_a_server_refuses_is_renewed_before_its_time(server: AuthorizationServer, tmp_path: Path) -> None:
    seat = Seat(server, tmp_path)
    dead = seat.keeper.access_token()
    seat.keeper.spoil(dead)
    assert seat.keeper.access_token() != dead
    assert server.refreshes == 1


DOWN = [
    pytest.param((503, b"<html>later</html>"), id="503"),
    pytest.param((500, {"error": "invalid_grant"}), id="500 that looks like an answer"),
    pytest.param((429, b"slow down"), id="429"),
    pytest.param((400, {"error": "temporarily_unavailable"}), id="asks to come back"),
    pytest.param((307, {}), id="a redirection"),
    pytest.param((200, {}), id="no token"),
    pytest.param((200, [1]), id="no object"),
    pytest.param((200, {"access_token": 7}), id="a number"),
    pytest.param((200, b'{"access_token": "' + b"x" * 400_000 + b'"}'), id="without end"),
    pytest.param((200, b"[" * 50_000), id="nested"),
    pytest.param((200, b""), id="nothing"),
]


@pytest.mark.parametrize("answer", DOWN)
def test_an_endpoint_with_troubles_is_asked_three_times_in_fifteen_minutes(
    server: AuthorizationServer, tmp_path: Path, answer: Any
) -> None:
    seat = Seat(server, tmp_path, left=0)
    server.refuses = answer
    asked_at = []
    for _ in range(60):  # half an hour, by half minutes
        before = server.refreshes
        with pytest.raises(TokenUnavailable, match="no access token just now"):
            seat.keeper.access_token()
        asked_at += [seat.ticks.now] * (server.refreshes - before)
        seat.ticks.now += 30
    assert max(sum(at <= other < at + 900 for other in asked_at) for at in asked_at) == 3
    server.refuses = None
    seat.ticks.now += 600
    seat.keeper.access_token()
    assert not [path for path, _, _ in server.asked if path == "/elsewhere"]


def test_nobody_at_the_endpoint_is_trouble(server: AuthorizationServer, tmp_path: Path) -> None:
    seat = Seat(server, tmp_path, left=0)
    nowhere = replace(seat.settings, provider=replace(seat.settings.provider, token_url="http://127.0.0.1:9/token"))
    with pytest.raises(EndpointDown):
        OAuthClient(nowhere, None).refresh(seat.first)
    with pytest.raises(EndpointDown):
        OAuthClient(replace(seat.settings, ca_file=tmp_path / "none.pem"), None).refresh(seat.first)


def test_meanwhile_a_token_that_is_still_good_is_used(server: AuthorizationServer, tmp_path: Path) -> None:
    seat = Seat(server, tmp_path, left=200)
    server.refuses = (503, b"")
    assert seat.keeper.access_token() == seat.first.access
    assert server.refreshes == 1


@pytest.mark.parametrize("error", ["invalid_grant", "interaction_required", "unauthorized_client", "invalid_client"])
def test_a_grant_that_has_ended_is_asked_for_once_and_goes_on_after_a_new_login(
    server: AuthorizationServer, tmp_path: Path, error: str
) -> None:
    seat = Seat(server, tmp_path, left=0)
    server.refuses = (400, {"error": error, "error_description": f"{seat.first.refresh} is over"})
    for _ in range(5):
        with pytest.raises(LoginNeeded, match=rf"{error}\); say: tactful login personal") as caught:
            seat.keeper.access_token()
        assert str(seat.first.refresh) not in str(caught.value)
        seat.ticks.now += 3600
    assert server.refreshes == 1
    server.refuses = None
    seat.store.save(replace(seat.first, grant="login-2", expires_at=time.time() + 3600))
    assert seat.keeper.access_token().grant == "login-2"


def test_a_login_without_a_refresh_token_ends_with_its_access_token(
    server: AuthorizationServer, tmp_path: Path
) -> None:
    seat = Seat(server, tmp_path)
    seat.store.save(replace(seat.first, refresh=None, expires_at=0))
    with pytest.raises(LoginNeeded, match="no refresh token"):
        seat.keeper.access_token()
    assert server.asked == []


def test_several_threads_and_processes_ask_once(server: AuthorizationServer, tmp_path: Path) -> None:
    seat = Seat(server, tmp_path, left=0)
    server.moments.append(lambda: time.sleep(0.3))
    got: list[str] = []
    keepers = [seat.keeper, seat.keeper, seat.another(), seat.another()]
    threads = [threading.Thread(target=lambda keeper=keeper: got.append(keeper.access_token())) for keeper in keepers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(got) == 4
    assert set(got) == {seat.store.load().access}
    assert server.refreshes == 1


def test_tokens_travel_to_a_verified_server_only(dovecot: Any, tmp_path: Path) -> None:
    with authorization_server(KEY, USER, certificate=dovecot.directory / "tls") as server:
        seat = Seat(server, tmp_path)
        with pytest.raises(EndpointDown):
            OAuthClient(seat.settings, None).refresh(seat.first)
        assert server.asked == []
        OAuthClient(replace(seat.settings, ca_file=dovecot.ca_file), None).refresh(seat.first)
        assert server.refreshes == 1


# --------------------------------------------------------------------------------------------------------- the store


def test_the_file_is_for_its_owner_alone_and_a_damaged_one_asks_for_a_login(
    server: AuthorizationServer, tmp_path: Path
) -> None:
    seat = Seat(server, tmp_path)
    (path,) = [path for path in (tmp_path / "oauth").iterdir() if not path.name.endswith(".lock")]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert seat.store.load() == seat.first
    for text in ("", "{", "[]", '{"access": "a"}', '{"access": "a", "grant": "g", "refresh": 1, "expires_at": 1}',
                 '{"access": "a", "grant": "g", "refresh": null, "expires_at": "soon"}'):  # fmt: skip
        path.write_text(text)
        with pytest.raises(SecretError, match=r"tactful login personal|store it again"):
            seat.store.load()
    path.chmod(0o644)
    with pytest.raises(SecretError, match="others may read"):
        seat.store.load()
    path.unlink()
    with pytest.raises(LoginNeeded, match="no OAuth login yet"):
        seat.store.load()


def test_a_write_that_fails_leaves_what_was_there(server: AuthorizationServer, tmp_path: Path) -> None:
    seat = Seat(server, tmp_path)
    (path,) = [path for path in (tmp_path / "oauth").iterdir() if not path.name.endswith(".lock")]
    kept = path.read_text()
    path.unlink()
    path.mkdir()  # what cannot be replaced by a file
    with pytest.raises(SecretError, match="cannot be stored"):
        seat.store.save(seat.first)
    assert {entry.suffix for entry in path.parent.iterdir()} <= {"", ".lock"}
    path.rmdir()
    path.write_text(kept)
    path.chmod(0o600)
    assert seat.store.load() == seat.first


def test_what_is_stored_belongs_to_whom_the_folder_belongs_even_where_root_stores_it(
    server: AuthorizationServer, tmp_path: Path
) -> None:
    folder = tmp_path / "oauth"
    folder.mkdir()
    if os.geteuid() == 0:  # root logs in for a service; nobody else can give a folder away
        os.chown(folder, 65534, 65534)
    Seat(server, tmp_path)
    (path,) = [path for path in folder.iterdir() if not path.name.endswith(".lock")]
    assert (path.stat().st_uid, path.stat().st_gid) == (folder.stat().st_uid, folder.stat().st_gid)


def test_no_text_of_the_tokens_shows_them(server: AuthorizationServer, tmp_path: Path) -> None:
    tokens = Seat(server, tmp_path).first
    assert tokens.access not in repr(tokens)
    assert str(tokens.refresh) not in repr(tokens)


# --------------------------------------------------------------------------------------------------------- the login


class Told:
    """What the person is told, and does."""

    def __init__(self, server: AuthorizationServer) -> None:
        self.server = server
        self.url = ""
        self.text = ""
        self.pages: list[tuple[int, str]] = []

    def __call__(self, text: str) -> None:
        self.text = text
        self.url = re.findall(r"http\S+", text)[0]
        threading.Thread(target=self.act, daemon=True).start()

    @property
    def query(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.url).query).items()}

    def visit(self, url: str) -> None:
        try:
            with urllib.request.urlopen(url, timeout=10) as page:  # noqa: S310 - our own loopback server
                self.pages.append((page.status, page.read().decode()))
        except HTTPError as error:
            self.pages.append((error.code, ""))

    def act(self) -> None:
        self.visit(self.server.authorize(self.query))


def test_a_login_by_browser_uses_pkce_and_a_loopback_port(server: AuthorizationServer, tmp_path: Path) -> None:
    told = Told(server)
    tokens = by_browser(settings_of(server, tmp_path), None, told)
    assert urlsplit(told.url).path == "/authorize"
    assert told.query["code_challenge_method"] == "S256"
    assert told.query["response_type"] == "code"
    assert told.query["scope"] == "mail"
    assert told.query["client_id"] == "client-1"
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", told.query["redirect_uri"])
    assert len(told.query["state"]) >= 20
    assert USER in told.text
    assert (tokens.access, tokens.refresh) == tuple(server.given[-2:])
    [(status, page)] = told.pages
    assert status == 200
    assert "close this window" in page
    [(_, exchanged, _)] = server.asked
    assert exchanged["code_verifier"] not in told.url
    assert len(exchanged["code_verifier"]) >= 43


def test_every_login_is_a_grant_of_its_own(server: AuthorizationServer, tmp_path: Path) -> None:
    grants = {by_browser(settings_of(server, tmp_path), None, Told(server)).grant for _ in range(2)}
    assert len(grants) == 2


def test_an_answer_that_does_not_know_the_state_is_not_ours(server: AuthorizationServer, tmp_path: Path) -> None:
    class Attacked(Told):
        def act(self) -> None:
            redirect = self.query["redirect_uri"]
            for path in ("?code=evil", "?code=evil&state=", "?code=evil&state=guess", "?state=" + self.query["state"],
                         "elsewhere?code=evil&state=" + self.query["state"]):  # fmt: skip
                self.visit(redirect + path)
            super().act()

    told = Attacked(server)
    by_browser(settings_of(server, tmp_path), None, told)
    assert [status for status, _ in told.pages] == [404] * 5 + [200]
    assert [query["code"] for _, query, _ in server.asked] == [server.given[-3]]


def test_a_connection_that_says_nothing_holds_nobody_up(server: AuthorizationServer, tmp_path: Path) -> None:
    import socket

    class Preconnecting(Told):
        def act(self) -> None:
            port = urlsplit(self.query["redirect_uri"]).port
            with socket.create_connection(("127.0.0.1", port or 0)):
                super().act()

    began = time.monotonic()
    by_browser(settings_of(server, tmp_path), None, Preconnecting(server))
    assert time.monotonic() - began < 10


def test_a_login_that_the_person_refuses_says_so(server: AuthorizationServer, tmp_path: Path) -> None:
    class Refusing(Told):
        def act(self) -> None:
            self.visit(f"{self.query['redirect_uri']}?error=access_denied&state={self.query['state']}")

    with pytest.raises(GrantGone, match="access_denied"):
        by_browser(settings_of(server, tmp_path), None, Refusing(server))
    assert server.asked == []


def test_a_login_that_nobody_makes_ends(server: AuthorizationServer, tmp_path: Path) -> None:
    with pytest.raises(GrantGone, match="no answer came"):
        by_browser(settings_of(server, tmp_path), None, lambda text: None, patience=0.3)


def test_a_login_by_device_waits_as_it_is_told(server: AuthorizationServer, tmp_path: Path) -> None:
    server.waits = 3
    slept: list[float] = []
    told: list[str] = []
    tokens = by_device(settings_of(server, tmp_path), None, told.append, wait=slept.append)
    assert slept == [1.0, 1.0, 1.0, 6.0]
    assert "WDJB-MJHT" in told[0]
    assert f"{server.url}/enter" in told[0]
    assert tokens.access == server.given[0]
    assert server.asked[0][1] == {"client_id": "client-1", "scope": "mail"}


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((400, {"error": "expired_token"}), GrantGone),
        ((400, {"error": "access_denied"}), GrantGone),
        ((400, {"error": "invalid_client"}), ClientRefused),
        ((503, b""), EndpointDown),
    ],
)
def test_a_login_by_device_that_fails_says_why(
    server: AuthorizationServer, tmp_path: Path, answer: Any, error: type[Exception]
) -> None:
    server.refuses = answer
    with pytest.raises(error):
        by_device(settings_of(server, tmp_path), None, lambda text: None, wait=lambda seconds: None)


def test_google_gives_no_mail_scope_to_devices(server: AuthorizationServer, tmp_path: Path) -> None:
    settings = settings_of(server, tmp_path, provider=replace(GOOGLE, token_url=f"{server.url}/token"))
    with pytest.raises(ClientRefused, match="no login by a device"):
        by_device(settings, None, lambda text: None)


def test_the_client_is_known_by_its_secret_where_it_has_one(server: AuthorizationServer, tmp_path: Path) -> None:
    seat = Seat(server, tmp_path, left=0)
    OAuthClient(seat.settings, "c-secret").refresh(seat.first)
    _, query, basic = server.asked[-1]
    assert basic is not None
    assert basic.startswith("Basic ")
    assert "client_secret" not in query
    body = replace(seat.settings, provider=replace(seat.settings.provider, secret_in_body=True))
    OAuthClient(body, "c-secret").refresh(replace(seat.first, refresh=server.given[-1]))
    _, query, basic = server.asked[-1]
    assert (query["client_secret"], basic) == ("c-secret", None)


def test_google_and_microsoft_are_asked_for_what_mail_needs() -> None:
    assert GOOGLE.imap_scopes == ("https://mail.google.com/",)
    assert dict(GOOGLE.more)["access_type"] == "offline"
    tenant = microsoft("consumers")
    assert "offline_access" in tenant.imap_scopes
    assert tenant.token_url == "https://login.microsoftonline.com/consumers/oauth2/v2.0/token"
    assert tenant.redirect_host == "localhost"


# -------------------------------------------------------------------------------------------------------------- SASL


def test_a_token_is_presented_as_the_mechanisms_have_it() -> None:
    token = AccessToken("ya29.a-b_c~/+=", grant="g")
    assert first_response(Mechanism.XOAUTH2, USER, token, host="h", port=993) == (
        b"user=noor@letters.example\x01auth=Bearer ya29.a-b_c~/+=\x01\x01"
    )
    assert first_response(Mechanism.OAUTHBEARER, "a=b,c", token, host="imap.example", port=993) == (
        b"n,a=a=3Db=2Cc,\x01host=imap.example\x01port=993\x01auth=Bearer ya29.a-b_c~/+=\x01\x01"
    )
    assert answer_to_failure(Mechanism.OAUTHBEARER) == b"\x01"
    assert answer_to_failure(Mechanism.XOAUTH2) == b""
    assert choose(["plain", "xoauth2", "oauthbearer"]) is Mechanism.OAUTHBEARER
    assert choose(["PLAIN", "XOAUTH2"]) is Mechanism.XOAUTH2
    assert choose(["PLAIN", "LOGIN"]) is None


@pytest.mark.parametrize("text", ["", "a b", "a\x01auth=Bearer b", "a\r\nA1 NOOP", "ä"])
def test_what_could_end_the_field_is_no_token(text: str) -> None:
    with pytest.raises(ValueError, match="not an access token"):
        AccessToken(text, grant="g")


def test_a_client_secret_may_lie_in_a_file(server: AuthorizationServer, tmp_path: Path) -> None:
    settings = settings_of(server, tmp_path, client_secret=FileSecret(path=tmp_path / "client"))
    assert hash(settings) == hash(replace(settings))  # one keeper a process is found by it
