"""The `polish` section of the configuration: a language model that may rephrase letters, where the person wants one."""

from __future__ import annotations

from datetime import timedelta
from importlib.util import find_spec
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StrictBool, model_validator

from daemon.config_values import Duration, FilePath, Line, Section, is_loopback
from daemon.server_config import SecretSettings


def _endpoint(text: str) -> str:
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        raise ValueError("is no URL; write one such as http://127.0.0.1:8080/v1") from None
    more = parts.username or parts.password or parts.query or parts.fragment
    if not host or not port or more or (parts.scheme == "http" and not is_loopback(host)):
        raise ValueError("must be an https URL, or http to this machine, without user, query and fragment")
    return text


class PolishSection(Section):
    """A language model may rephrase letters, and nothing else."""

    enabled: StrictBool = Field(default=False, description="let it rephrase; needs the extra tactful[polish]")
    url: Annotated[Line, AfterValidator(_endpoint)] | None = Field(
        default=None, description="base of an endpoint that speaks the chat-completions protocol"
    )
    model: Line | None = Field(default=None, description="the model's name there")
    key: SecretSettings | None = Field(default=None, description="where its API key is kept, as a password is")
    timeout: Duration = Field(
        default=timedelta(seconds=20),
        ge=timedelta(seconds=1),
        le=timedelta(minutes=2),
        description="how long an answer may take; 1 s to 2 min",
    )
    ca_file: FilePath | None = Field(default=None, description="one more authority (PEM) for the server's certificate")

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if self.enabled and (self.url is None or self.model is None):
            raise ValueError("needs url and model where it is enabled")
        if self.enabled and find_spec("httpx") is None:
            raise ValueError("needs the package httpx; install tactful[polish], or write enabled: false")
        return self
