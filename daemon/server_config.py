"""The servers of an account, and where their passwords are kept, as the configuration says it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from daemon.config_values import Count, Duration, FilePath, Host, Line, Section, is_loopback
from daemon.credentials import CommandSecret, CredentialSecret, FileSecret, SecretSource
from daemon.secrets_keyring import KeyringSecret

_ADVICE_ON_SECRETS = (
    "must not be the password itself; write where it is kept: {keyring: tactful}, {credential: NAME}, "
    "{command: [pass, show, mail]} or {file: PATH}"
)
_PORTS = {
    "imap": {"implicit": 993, "starttls": 143, "none": 143},
    "smtp": {"implicit": 465, "starttls": 587, "none": 25},
}


class SecretSettings(Section):
    """Where a secret is kept; exactly one of the four."""

    keyring: Line | None = Field(default=None, description="service in the keyring, for the username above")
    credential: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,100}$")] | None = Field(
        default=None, description="name of a systemd credential (LoadCredentialEncrypted=)"
    )
    command: Annotated[tuple[Line, ...], Field(min_length=1)] | None = Field(
        default=None, description="program and arguments that print it; no shell"
    )
    file: FilePath | None = Field(default=None, description="path of a file that only you can read (chmod 600)")

    @model_validator(mode="before")
    @classmethod
    def _is_no_secret(cls, value: object) -> object:
        if not isinstance(value, Mapping) or value.keys() - cls.model_fields.keys():
            raise ValueError(_ADVICE_ON_SECRETS)
        if sum(kept is not None for kept in value.values()) != 1:
            raise ValueError(f"needs exactly one of {', '.join(cls.model_fields)}")
        return value

    def source(self, username: str) -> SecretSource:
        """Give what daemon.credentials looks the secret up by."""
        if self.keyring is not None:
            return KeyringSecret(service=self.keyring, username=username)
        if self.credential is not None:
            return CredentialSecret(name=self.credential)
        if self.command is not None:
            return CommandSecret(argv=self.command)
        assert self.file is not None  # noqa: S101 - exactly one is set, see above
        return FileSecret(path=self.file)


class PasswordSettings(SecretSettings):
    """Where a password is kept, or who gives tokens in its place; exactly one of the five."""

    oauth: Literal["google", "microsoft", "custom"] | None = Field(
        default=None, description="tokens instead of a password, by the account's oauth section; see tactful login"
    )


class ServerSettings(Section):
    """A server and the login there."""

    host: Host = Field(description="name of the server")
    port: Count | None = Field(
        default=None, ge=1, le=65535, description="TCP port; by default that of protocol and tls"
    )
    tls: Literal["implicit", "starttls", "none"] = Field(
        default="implicit", description="how the connection is encrypted; none for this machine only"
    )
    ca_file: FilePath | None = Field(default=None, description="one more authority (PEM) for the server's certificate")
    username: Line = Field(description="login name, most often the address")
    password: PasswordSettings = Field(description="where the password is kept")

    @property
    def secret(self) -> SecretSource:
        """What daemon.credentials looks the password up by; not for oauth, which has none."""
        return self.password.source(self.username)

    @field_validator("tls")
    @classmethod
    def _is_private(cls, tls: str, info: ValidationInfo) -> str:
        if tls == "none" and not is_loopback(info.data.get("host", "localhost")):
            raise ValueError("none would send the password readable for everybody; write implicit or starttls")
        return tls


class ImapSection(ServerSettings):
    """The IMAP server."""

    timeout: Duration = Field(
        default=timedelta(seconds=60),
        ge=timedelta(seconds=2),
        le=timedelta(seconds=90),
        description="silence of the server after which the connection counts as dead; 2 to 90 s",
    )
    idle_renewal: Duration = Field(
        default=timedelta(seconds=270),
        ge=timedelta(seconds=5),
        le=timedelta(minutes=29),
        description="how long the server is waited on in one piece (IDLE); 5 s to 29 min",
    )

    @property
    def port_number(self) -> int:
        """The port, or that of the protocol."""
        return self.port or _PORTS["imap"][self.tls]


class SmtpSection(ServerSettings):
    """The server for letters that you have approved, and for notes to yourself."""

    file_sent: Literal["auto", "yes", "no"] = Field(
        default="auto", description="whether Tactful puts a copy into Sent; auto: unless the provider does"
    )

    @property
    def files_sent(self) -> bool | None:
        """Whether the provider puts the copy into Sent by itself; None: to be told from its name."""
        return None if self.file_sent == "auto" else self.file_sent == "no"

    @property
    def port_number(self) -> int:
        """The port, or that of the protocol."""
        return self.port or _PORTS["smtp"][self.tls]
