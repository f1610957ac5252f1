"""Speaks with an authorization server, by Authlib: a code, a device's code or a refresh token in, tokens out.

The only module that needs the extra tactful[oauth]; import it where tokens are asked for.
"""

from __future__ import annotations

import json
import re
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
from authlib.common.security import generate_token
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.client import OAuth2Client

from daemon.errors import TactfulError
from daemon.oauth import OAuthSettings, Tokens

ANSWER_LIMIT = 256 * 1024  # octets
PATIENCE = 15.0  # seconds for one request
SHORTEST_LIFE = 60.0  # seconds; what an endpoint says less of is no time
USUAL_LIFE = 3600.0  # seconds, where it does not say
_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
# RFC 6749 5.2 and what providers have added: nothing but a new login by the person helps.
_GONE = frozenset(
    {"invalid_grant", "interaction_required", "login_required", "consent_required", "access_denied", "expired_token"}
)
_NOT_YET = frozenset({"authorization_pending", "slow_down"})  # RFC 8628 3.5
_LATER = frozenset({"temporarily_unavailable", "server_error", "slow_down"})
_CODE = re.compile(r"[a-z]{1,30}(?:_[a-z]{1,30}){0,5}")


class EndpointDown(TactfulError):
    """No answer, or one that says nothing of the grant: later it may be another."""

    exit_status = 75


class GrantGone(TactfulError):
    """The grant has ended, or was not given: the person must log in again."""

    exit_status = 77


class ClientRefused(TactfulError):
    """The endpoint does not take the client or the request; the message has its error code."""

    exit_status = 78


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceCode:
    """What the person types where (RFC 8628 3.2). Times are seconds."""

    device_code: str
    user_code: str
    url: str
    interval: float
    lasts: float


class _Session:
    """What Authlib sends its requests by. Neither proxies of the environment nor redirects: a token is at stake."""

    def __init__(self, settings: OAuthSettings) -> None:
        self._ca_file = settings.ca_file

    def post(self, url: str, data: Mapping[str, str], headers: Mapping[str, str], auth: ClientAuth) -> httpx.Response:
        url, prepared, body = auth.prepare("POST", url, dict(headers), urlencode(data))
        deadline = time.monotonic() + PATIENCE
        context = ssl.create_default_context()
        if self._ca_file is not None:
            context.load_verify_locations(cafile=self._ca_file)
        with (
            httpx.Client(verify=context, timeout=PATIENCE / 2, trust_env=False, follow_redirects=False) as client,
            client.stream("POST", url, content=body, headers=prepared | {"Accept-Encoding": "identity"}) as response,
        ):
            content = bytearray()
            for chunk in response.iter_raw():
                content += chunk
                if len(content) > ANSWER_LIMIT or time.monotonic() > deadline:
                    raise EndpointDown(f"{response.url.host} sends an answer without end")
            return httpx.Response(response.status_code, content=bytes(content), request=response.request)


class OAuthClient:
    """One account's way to its authorization server. `secret` is the client's, which many clients do not have."""

    def __init__(self, settings: OAuthSettings, secret: str | None) -> None:
        provider = settings.provider
        with_secret = "client_secret_post" if provider.secret_in_body else "client_secret_basic"
        self._settings = settings
        self._client = OAuth2Client(
            _Session(settings),
            client_id=settings.client_id,
            client_secret=secret,
            token_endpoint_auth_method=with_secret if secret else "none",
            scope=" ".join(settings.scopes),
            code_challenge_method="S256",
        )

    # ------------------------------------------------------------------------------------------------------- refresh

    def refresh(self, tokens: Tokens) -> Tokens:
        """Give new tokens for the refresh token. Raises EndpointDown, GrantGone or ClientRefused."""
        answer = self._answer(
            lambda: self._client.refresh_token(
                self._settings.provider.token_url, refresh_token=tokens.refresh, scope=None
            )
        )
        return self._tokens(answer, refresh=tokens.refresh, grant=tokens.grant)

    # --------------------------------------------------------------------------------- authorization code with PKCE

    def authorization(self, redirect: str) -> tuple[str, str, str]:
        """Give the URL that the person opens, the state by which the answer is known, and the code verifier."""
        verifier = generate_token(64)  # RFC 7636 4.1
        provider = self._settings.provider
        url, state = self._client.create_authorization_url(
            provider.authorization_url,
            code_verifier=verifier,
            redirect_uri=redirect,
            login_hint=self._settings.username,
            **dict(provider.more),
        )
        return url, state, verifier

    def exchange(self, code: str, redirect: str, verifier: str) -> Tokens:
        """Give the tokens for a code. Raises EndpointDown, GrantGone or ClientRefused."""
        answer = self._answer(
            lambda: self._client.fetch_token(
                self._settings.provider.token_url,
                grant_type="authorization_code",
                code=code,
                redirect_uri=redirect,
                code_verifier=verifier,
            )
        )
        return self._tokens(answer)

    # ------------------------------------------------------------------------------------------------------ RFC 8628

    def start_device(self) -> DeviceCode:
        """Ask for a code that the person types on another device. Raises EndpointDown, GrantGone or ClientRefused."""
        url = self._settings.provider.device_url
        if url is None:
            raise ClientRefused("the provider has no login by a device's code")
        # It answers in the shape of no token, so Authlib's own reading of answers does not fit.
        client = self._client
        headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
        auth = client.client_auth(client.token_endpoint_auth_method)
        response = self._answer(
            lambda: client.session.post(url, data={"scope": client.scope}, headers=headers, auth=auth)
        )
        answer = _object(response)
        if "error" in answer:
            raise _meaning(answer["error"])
        try:
            return DeviceCode(
                device_code=str(answer["device_code"]),
                user_code=str(answer["user_code"]),
                url=str(answer.get("verification_uri") or answer["verification_url"]),
                interval=float(answer.get("interval", 5)),
                lasts=float(answer.get("expires_in", 900)),
            )
        except (KeyError, ValueError, TypeError) as error:
            raise EndpointDown("the endpoint's answer is none of RFC 8628") from error

    def poll_device(self, code: DeviceCode) -> Tokens | str:
        """Give the tokens, or "authorization_pending" or "slow_down". Raises as the others do."""

        def ask() -> Any:
            try:
                return self._client.fetch_token(
                    self._settings.provider.token_url, grant_type=_DEVICE_GRANT, device_code=code.device_code
                )
            except OAuth2Error as error:
                if error.error in _NOT_YET:
                    return error.error
                raise

        answer = self._answer(ask)
        if isinstance(answer, str):
            return answer
        return self._tokens(answer)

    # ------------------------------------------------------------------------------------------------------- answers

    def _answer(self, ask: Any) -> Any:
        """Raises EndpointDown, GrantGone or ClientRefused; their messages quote no more than an error code."""
        try:
            return ask()
        except OAuth2Error as error:
            raise _meaning(error.error) from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError, RecursionError) as error:
            # Its text may quote the request.
            raise EndpointDown(f"the endpoint gives no answer ({_kind(error)})") from None

    def _tokens(self, answer: Mapping[str, Any], *, refresh: str | None = None, grant: str = "") -> Tokens:
        access, rotated = answer.get("access_token"), answer.get("refresh_token")
        if not isinstance(access, str) or not access or not isinstance(rotated, str | None):
            raise EndpointDown("the endpoint's answer has no access token")
        try:
            lasts = max(float(answer.get("expires_in") or USUAL_LIFE), SHORTEST_LIFE)
        except (TypeError, ValueError):
            lasts = USUAL_LIFE
        return Tokens(
            access=access,
            refresh=rotated or refresh,
            expires_at=time.time() + lasts,
            grant=grant or generate_token(16),
        )


def _object(response: httpx.Response) -> dict[str, Any]:
    try:
        answer = json.loads(response.content)
    except (ValueError, RecursionError):
        answer = None
    if response.status_code >= 500 or not isinstance(answer, dict):
        raise EndpointDown(f"the endpoint answers with status {response.status_code}")
    return answer


def _kind(error: Exception) -> str:
    if isinstance(error, httpx.HTTPStatusError):
        return f"status {error.response.status_code}"
    return type(error).__name__


def _meaning(code: object) -> TactfulError:
    # RFC 6749 5.2; what looks different may repeat a token.
    known = str(code) if _CODE.fullmatch(str(code)) else "?"
    if known in _LATER:
        return EndpointDown(f"the endpoint asks to come back later ({known})")
    if known in _GONE:
        return GrantGone(f"the login has ended, or was refused ({known})")
    return ClientRefused(f"the endpoint refuses the client ({known})")
