"""What the person answered in, the text of their first configuration out; and its file, for nobody else to read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from daemon.errors import ConfigError
from daemon.private_files import create_privately
from daemon.setup_servers import USUAL_PORTS, Endpoint, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """One account. `password` is the configuration's word for where it is kept: {"keyring": "tactful"} and so on."""

    account: str
    address: str
    full_name: str
    timezone: str
    username: str
    imap: Endpoint
    smtp: Endpoint | None  # None: nothing is ever sent
    password: dict[str, str]
    client_id: str | None  # with a password by OAuth
    ca_file: Path | None


def write_text(answers: Answers) -> str:
    """Give the configuration's text (YAML)."""
    lines = [
        "# Tactful's configuration, written by `tactful setup`. config.example.yaml has all that can be set.",
        "accounts:",
        f"  - name: {_quoted(answers.account)}",
        f"    address: {_quoted(answers.address)}",
        f"    full_name: {_quoted(answers.full_name)}",
        f"    timezone: {_quoted(answers.timezone)}",
        *_server(answers, "imap", answers.imap),
    ]
    if answers.smtp is not None:
        lines += _server(answers, "smtp", answers.smtp)
    if answers.client_id is not None:
        lines += ["    oauth:", f"      client_id: {_quoted(answers.client_id)}"]
    if answers.smtp is not None:
        lines.append("# Mailboxes Tactful/Approved, Later and Never: a draft that you move to Approved is sent.")
        lines.append("controls: true")
    return "\n".join(lines) + "\n"


def _server(answers: Answers, protocol: Protocol, server: Endpoint) -> list[str]:
    ((kind, place),) = answers.password.items()
    lines = [
        f"    {protocol}:",
        f"      host: {_quoted(server.host)}",
        f"      tls: {server.tls}",
        f"      username: {_quoted(answers.username)}",
        f"      password: {{{kind}: {_quoted(place)}}}",
    ]
    if server.port != USUAL_PORTS[protocol, server.tls]:
        lines.insert(2, f"      port: {server.port}")
    if answers.ca_file is not None:
        lines.append(f"      ca_file: {_quoted(str(answers.ca_file))}")
    return lines


def _quoted(text: str) -> str:
    # A string of JSON is one of YAML as well.
    return json.dumps(text, ensure_ascii=False)


def put_config(path: Path, text: str) -> None:
    """Write the file with 0600, once it is known to be right; one that is there is kept beside it, as .old.

    Raises ConfigError, with nothing changed.
    """
    from daemon.config import load_config  # only here: it takes long to import

    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.draft")
    try:
        create_privately(draft, text.encode("utf-8"))
        load_config(draft)
        if path.exists():
            path.replace(path.with_name(f"{path.name}.old"))
        draft.replace(path)
    except OSError as error:
        raise ConfigError((f"{path}: cannot be written ({error.strerror})",)) from error
    finally:
        draft.unlink(missing_ok=True)
