"""Who gives OAuth 2.0 tokens, and the tokens themselves, as values: Google, Microsoft, and whoever is configured."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from daemon.credentials import SecretSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """An authorization server (RFC 6749, RFC 8628). `scopes` are what is asked for, with SMTP or without."""

    authorization_url: str
    token_url: str
    device_url: str | None
    imap_scopes: tuple[str, ...]
    smtp_scopes: tuple[str, ...] = ()
    more: tuple[tuple[str, str], ...] = ()  # further parameters of the authorization request
    redirect_host: str = "127.0.0.1"  # RFC 8252 7.3
    secret_in_body: bool = True  # else by HTTP Basic, as RFC 6749 2.3.1 has it


# The person's own client: a shared one would need a yearly assessment, and would be everybody's to lose.
GOOGLE = Provider(
    authorization_url="https://accounts.google.com/o/oauth2/v2/auth",
    token_url="https://oauth2.googleapis.com/token",  # noqa: S106 - an address
    device_url=None,  # Google gives no mail scope to devices
    imap_scopes=("https://mail.google.com/",),
    # Without these there is no refresh token, or only the first time.
    more=(("access_type", "offline"), ("prompt", "consent")),
)


def microsoft(tenant: str) -> Provider:
    """Give Microsoft's endpoints for "common", "consumers", "organizations" or one organization."""
    base = f"https://login.microsoftonline.com/{tenant}/oauth2/v2.0"
    return Provider(
        authorization_url=f"{base}/authorize",
        token_url=f"{base}/token",
        device_url=f"{base}/devicecode",
        imap_scopes=("offline_access", "https://outlook.office.com/IMAP.AccessAsUser.All"),
        smtp_scopes=("https://outlook.office.com/SMTP.Send",),
        redirect_host="localhost",  # the name for which it takes any port
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthSettings:
    """How an account's tokens are had and where they are kept."""

    account: str
    provider: Provider
    client_id: str
    client_secret: SecretSource | None = None
    username: str
    scopes: tuple[str, ...]
    ca_file: Path | None = None  # one more authority for the endpoints' certificates, PEM
    directory: Path  # of the locks, and of the tokens where no keyring keeps them
    in_keyring: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What an endpoint gave. `grant` names the login that it all comes from."""

    access: str = field(repr=False)
    refresh: str | None = field(repr=False)
    expires_at: float  # seconds since the epoch, by this machine's clock
    grant: str

    def to_text(self) -> str:
        """Give the form in which they are kept."""
        return json.dumps(
            {"access": self.access, "refresh": self.refresh, "expires_at": self.expires_at, "grant": self.grant}
        )

    @classmethod
    def from_text(cls, text: str) -> Tokens:
        """Read that form. Raises ValueError."""
        kept = json.loads(text)
        if not isinstance(kept, Mapping):
            raise ValueError("not an object")
        access, refresh, grant, expires_at = (kept.get(key) for key in ("access", "refresh", "grant", "expires_at"))
        if not isinstance(access, str) or not isinstance(grant, str) or not isinstance(refresh, str | None):
            raise ValueError("not tokens")
        if not isinstance(expires_at, int | float):
            raise ValueError("no time of expiry")
        return cls(access=access, refresh=refresh, expires_at=expires_at, grant=grant)
