"""An account's configuration in, what gives the secrets for its servers out.

Part of daemon/assembly.py: libraries are imported where a server asks for them.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache, partial
from typing import TYPE_CHECKING

from daemon.credentials import CommandSecret, find_secret
from daemon.login_guard import LoginGuard

if TYPE_CHECKING:
    # For types only: each of these costs tens of milliseconds at start.
    from daemon.config import AccountConfig, Config
    from daemon.oauth import OAuthSettings
    from daemon.oauth_tokens import TokenKeeper
    from daemon.server_config import ServerSettings

Secret = Callable[[], str]


def secret_for(account: AccountConfig, server: ServerSettings, config: Config) -> Secret:
    """Give what gives the password or the access token at each login. It raises SecretError."""
    settings = oauth_settings(account, server, config)
    if settings is not None:
        return token_keeper(settings).access_token
    return partial(find_secret, server.secret, environ=os.environ, account=account.name)


def spoil_for(account: AccountConfig, server: ServerSettings, config: Config) -> Callable[[str], None] | None:
    """Give what is to be told of an access token that the server refuses; None where there are only passwords."""
    settings = oauth_settings(account, server, config)
    return token_keeper(settings).spoil if settings is not None else None


def guard_for(account: AccountConfig, server: ServerSettings, config: Config) -> LoginGuard:
    """Give what spares the server logins that cannot succeed, for as long as a daemon runs."""
    quiet = server.password.oauth is not None or not isinstance(server.secret, CommandSecret)
    return LoginGuard(secret_for(account, server, config), quiet=quiet, spoil=spoil_for(account, server, config))


def oauth_settings(account: AccountConfig, server: ServerSettings, config: Config) -> OAuthSettings | None:
    """Give how a server's tokens are had; None where it has a password. One login serves IMAP and SMTP."""
    provider, section = server.password.oauth, account.oauth
    if provider is None or section is None:
        return None
    return section.settings(
        provider,
        account=account.name,
        username=server.username,
        with_smtp=account.smtp is not None and account.smtp.password.oauth is not None,
        state=config.state_directory(os.environ),
    )


@cache
def token_keeper(settings: OAuthSettings) -> TokenKeeper:
    """Give the one keeper that a process has of these tokens: what it has learned counts for all servers."""
    from daemon.oauth_store import TokenStore
    from daemon.oauth_tokens import TokenKeeper

    return TokenKeeper(settings, TokenStore(settings, os.environ), partial(client_secret, settings))


def client_secret(settings: OAuthSettings) -> str | None:
    """Give the secret of the person's own client, which many have not. Raises SecretError."""
    if settings.client_secret is None:
        return None
    return find_secret(settings.client_secret, environ=os.environ, account=settings.account)
