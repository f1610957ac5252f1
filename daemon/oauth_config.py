"""The `oauth` section of an account: by which client the person logs in, at whom, and where the tokens are kept."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from daemon.config_values import FilePath, Line, Section, is_loopback
from daemon.oauth import GOOGLE, OAuthSettings, Provider, microsoft
from daemon.server_config import SecretSettings


def _endpoint(text: str) -> str:
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host, parts = "", urlsplit("")
    more = parts.username or parts.password or parts.fragment
    if not host or more or not (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))):
        raise ValueError("must be an https URL, without user and fragment; http to this machine only")
    return text


_Endpoint = Annotated[Line, AfterValidator(_endpoint)]


class OAuthSection(Section):
    """How you log in where password says oauth; the login itself is `tactful login NAME`."""

    client_id: Line = Field(description="of your own client, as the provider shows it")
    client_secret: SecretSettings | None = Field(
        default=None, description="where the client's secret is kept, as a password is; many clients have none"
    )
    tokens: Literal["keyring", "file"] = Field(
        default="keyring", description="where the tokens are kept; file: below state_dir, readable for you only"
    )
    tenant: Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]{1,253}$")] = Field(
        default="common", description="for microsoft: common, consumers, organizations, or your organization's"
    )
    authorization_url: _Endpoint | None = Field(default=None, description="for custom: where you log in")
    token_url: _Endpoint | None = Field(default=None, description="for custom: where tokens are had")
    device_url: _Endpoint | None = Field(
        default=None, description="for custom: where a device's code is had, if at all"
    )
    scopes: tuple[Line, ...] = Field(default=(), description="what is asked for; google and microsoft need none here")
    ca_file: FilePath | None = Field(
        default=None, description="one more authority (PEM) for the endpoints' certificates"
    )

    @model_validator(mode="after")
    def _can_be_used(self) -> Self:
        if find_spec("authlib") is None or find_spec("httpx") is None:
            raise ValueError("needs the package authlib; install tactful[oauth]")
        return self

    def provider(self, name: Literal["google", "microsoft", "custom"]) -> Provider:
        """Give whom a server's password names. Raises ValueError where this section lacks what that needs."""
        if name == "google":
            return GOOGLE
        if name == "microsoft":
            return microsoft(self.tenant)
        if self.authorization_url is None or self.token_url is None or not self.scopes:
            raise ValueError("needs authorization_url, token_url and scopes in oauth where a password says custom")
        return Provider(
            authorization_url=self.authorization_url,
            token_url=self.token_url,
            device_url=self.device_url,
            imap_scopes=self.scopes,
            secret_in_body=False,
        )

    def settings(
        self,
        name: Literal["google", "microsoft", "custom"],
        *,
        account: str,
        username: str,
        with_smtp: bool,
        state: Path,
    ) -> OAuthSettings:
        """Give what daemon.oauth_tokens works by; `state` is the state directory."""
        provider = self.provider(name)
        return OAuthSettings(
            account=account,
            provider=provider,
            client_id=self.client_id,
            client_secret=self.client_secret.source(self.client_id) if self.client_secret else None,
            username=username,
            scopes=self.scopes or (*provider.imap_scopes, *(provider.smtp_scopes if with_smtp else ())),
            ca_file=self.ca_file,
            directory=state / "oauth",
            in_keyring=self.tokens == "keyring",
        )
