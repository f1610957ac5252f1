"""What `tactful setup` is made of: the table of providers, a server tried, and the text of a configuration."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.config import load_config
from daemon.errors import ConfigError
from daemon.setup_config import Answers, put_config, write_text
from daemon.setup_servers import Endpoint, guesses, known_provider, try_server

TABLE = tomllib.loads(files("daemon").joinpath("providers.toml").read_text("utf-8"))["provider"]


def test_each_domain_belongs_to_one_provider_which_has_servers_or_says_why_not() -> None:
    domains = [domain for row in TABLE for domain in row["domains"]]
    assert len(domains) == len(set(domains)) > 80
    for domain in domains:
        provider = known_provider(domain)
        assert provider is not None
        assert (provider.imap is None) == (provider.smtp is None)
        assert provider.imap or provider.advice
    assert known_provider("northwind.example") is None


@pytest.mark.parametrize(
    ("port", "tls", "trusted", "protocol", "problem"),
    [
        ("tls_port", "implicit", True, "imap", None),
        ("port", "starttls", True, "imap", None),
        ("tls_port", "implicit", False, "imap", "cannot prove who it is"),
        ("port", "starttls", True, "smtp", "does not speak SMTP"),
        ("port", "implicit", True, "imap", "no ("),
    ],
)
def test_a_server_is_tried_by_its_greeting_and_its_certificate(
    dovecot: Any, port: str, tls: Any, trusted: bool, protocol: Any, problem: str | None
) -> None:
    server = Endpoint(host=dovecot.host, port=getattr(dovecot, port), tls=tls)
    said = try_server(server, protocol, dovecot.ca_file if trusted else None)
    assert said is None if problem is None else said is not None and said.startswith(problem)


@pytest.mark.parametrize("host", ["", "no.such.example", "a" * 300, "nul\0", "ü.example", "127.0.0.1"])
def test_a_host_that_is_none_is_a_problem_told(host: str) -> None:
    assert try_server(Endpoint(host=host, port=1, tls="implicit"), "imap", None)


def test_the_better_encryption_is_tried_first() -> None:
    assert [endpoint.tls for endpoint in guesses("mail.example", "imap")] == ["implicit"] * 3 + ["starttls"] * 3


ANSWERS = {
    "account": "personal",
    "address": "noor@mail.example",
    "full_name": "Noor Haddad",
    "timezone": "Europe/Berlin",
    "username": "noor",
    "imap": Endpoint(host="imap.mail.example", port=993, tls="implicit"),
    "smtp": None,
    "password": {"keyring": "tactful"},
    "client_id": None,
    "ca_file": None,
}


@settings(deadline=None, max_examples=60)
@given(st.text(st.characters(codec="utf-8", categories=["L", "M", "N", "P", "S"]), min_size=1, max_size=40))
def test_any_name_comes_back_as_it_was_given(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    config = tmp_path_factory.mktemp("config") / "config.yaml"
    given_name = f"N{name} r"
    put_config(config, write_text(Answers(**ANSWERS | {"full_name": given_name})))
    assert load_config(config).accounts[0].full_name == given_name


def test_a_way_out_comes_with_the_mailboxes_by_which_it_is_ordered(tmp_path: Path) -> None:
    out = Endpoint(host="127.0.0.1", port=1025, tls="starttls")
    more = {"smtp": out, "ca_file": Path("/etc/bridge.pem"), "password": {"file": "/home/noor/secret"}}
    put_config(tmp_path / "c.yaml", write_text(Answers(**ANSWERS | more)))
    config = load_config(tmp_path / "c.yaml")
    smtp = config.accounts[0].smtp
    assert smtp is not None
    assert (smtp.host, smtp.port_number, smtp.tls, smtp.ca_file) == ("127.0.0.1", 1025, "starttls", more["ca_file"])
    assert config.controls


def test_what_would_be_refused_is_not_written_over_what_is_there(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("# mine\n")
    with pytest.raises(ConfigError, match="full_name"):
        put_config(config, write_text(Answers(**ANSWERS | {"full_name": ""})))
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("config.yaml", "# mine\n")]
