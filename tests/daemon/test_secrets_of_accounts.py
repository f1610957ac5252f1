"""What the configuration says of OAuth becomes one login for IMAP and SMTP, with no more rights than are used."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.config import Config, load_config
from daemon.credentials import FileSecret
from daemon.errors import ConfigError
from daemon.oauth import GOOGLE, OAuthSettings
from daemon.secrets_of_accounts import oauth_settings, secret_for, spoil_for, token_keeper
from daemon.server_config import ServerSettings

ACCOUNT = """\
state_dir: {folder}/state
accounts:
  - name: personal
    address: noor@letters.example
    full_name: Noor Haddad
    timezone: Europe/Berlin
    imap: {{host: imap.example, username: noor@letters.example, password: {password}}}
{more}"""
SMTP = "    smtp: {{host: smtp.example, username: noor@letters.example, password: {}}}\n"


def load(folder: Path, password: str, more: str = "") -> Config:
    path = folder / "config.yaml"
    path.write_text(ACCOUNT.format(folder=folder, password=password, more=more), "utf-8")
    return load_config(path)


def servers(config: Config) -> list[ServerSettings]:
    (account,) = config.accounts
    return [server for server in (account.imap, account.smtp) if server is not None]


def settings(config: Config) -> list[OAuthSettings | None]:
    return [oauth_settings(config.accounts[0], server, config) for server in servers(config)]


def test_one_login_serves_imap_and_smtp(tmp_path: Path) -> None:
    config = load(tmp_path, "{oauth: microsoft}", SMTP.format("{oauth: microsoft}") + "    oauth: {client_id: c-1}\n")
    imap, smtp = settings(config)
    assert imap is not None
    assert imap == smtp
    assert imap.scopes == (
        "offline_access",
        "https://outlook.office.com/IMAP.AccessAsUser.All",
        "https://outlook.office.com/SMTP.Send",
    )
    assert imap.in_keyring
    assert imap.directory == tmp_path / "state" / "oauth"
    account = config.accounts[0]
    assert [secret_for(account, server, config) for server in servers(config)] == [token_keeper(imap).access_token] * 2
    assert [spoil_for(account, server, config) for server in servers(config)] == [token_keeper(imap).spoil] * 2


def test_without_smtp_the_right_to_send_is_not_asked_for(tmp_path: Path) -> None:
    for more in ("", SMTP.format("{keyring: tactful}")):
        imap = settings(load(tmp_path, "{oauth: microsoft}", more + "    oauth: {client_id: c-1}\n"))[0]
        assert imap is not None
        assert "https://outlook.office.com/SMTP.Send" not in imap.scopes


def test_where_there_is_a_password_there_are_no_tokens(tmp_path: Path) -> None:
    config = load(tmp_path, "{keyring: tactful}")
    assert settings(config) == [None]
    assert spoil_for(config.accounts[0], servers(config)[0], config) is None


def test_what_the_section_says_counts(tmp_path: Path) -> None:
    section = "    oauth: {client_id: c-1, client_secret: {file: /etc/client}, tokens: file, tenant: contoso.example}\n"
    found = settings(load(tmp_path, "{oauth: microsoft}", section))[0]
    assert found is not None
    assert found.client_secret == FileSecret(path=Path("/etc/client"))
    assert not found.in_keyring
    assert "/contoso.example/" in found.provider.token_url
    google = settings(load(tmp_path, "{oauth: google}", "    oauth: {client_id: c-1}\n"))[0]
    assert google is not None
    assert google.provider == GOOGLE
    custom = (
        "    oauth: {client_id: c-1, scopes: [mail, offline], authorization_url: 'https://id.example/authorize', "
        "token_url: 'http://127.0.0.1:8080/token'}\n"
    )
    own = settings(load(tmp_path, "{oauth: custom}", custom))[0]
    assert own is not None
    assert (own.provider.device_url, own.scopes) == (None, ("mail", "offline"))


@pytest.mark.parametrize(
    ("section", "problem"),
    [
        ("", "needs the section oauth"),
        ("    oauth: {client_id: c-1}\n", "needs authorization_url, token_url and scopes"),
        ("    oauth: {tokens: file}\n", "client_id: is missing"),
        ("    oauth: {client_id: c-1, client_secret: hunter2}\n", "must not be the password itself"),
        ("    oauth: {client_id: c-1, client_secret: {oauth: google}}\n", "must not be the password itself"),
        ("    oauth: {client_id: c-1, tenant: ../x}\n", "may have letters"),
        ("    oauth: {client_id: c-1, token_url: 'http://id.example/token'}\n", "must be an https URL"),
        ("    oauth: {client_id: c-1, token_url: 'https://user:pw@id.example/token'}\n", "must be an https URL"),
        ("    oauth: {client_id: c-1, token_url: 'file:///etc/passwd'}\n", "must be an https URL"),
        ("    oauth: {client_id: c-1, token_url: 'https://[/'}\n", "must be an https URL"),
    ],
)
def test_a_section_that_is_not_enough_or_not_safe_is_refused(tmp_path: Path, section: str, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, "{oauth: custom}", section)
    assert problem in str(caught.value)
    assert "hunter2" not in str(caught.value)
