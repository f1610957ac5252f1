"""A user name and an access token in, what SASL sends of them out: OAUTHBEARER (RFC 7628) and XOAUTH2 (Gmail's)."""

from __future__ import annotations

import re
from collections.abc import Collection
from enum import StrEnum

_NOT_IN_A_TOKEN = re.compile(r"[^A-Za-z0-9._~+/=-]")  # RFC 6750 2.1, b64token


class AccessToken(str):
    """A secret that is an OAuth 2.0 access token. `grant` is the same for all tokens that come from one login."""

    grant: str

    def __new__(cls, token: str, *, grant: str) -> AccessToken:
        """Raises ValueError for what could end the field and begin another one."""
        if not token or _NOT_IN_A_TOKEN.search(token):
            raise ValueError("not an access token")
        made = super().__new__(cls, token)
        made.grant = grant
        return made


class Mechanism(StrEnum):
    """How a token is presented, the standard first."""

    OAUTHBEARER = "OAUTHBEARER"
    XOAUTH2 = "XOAUTH2"


def choose(offered: Collection[str]) -> Mechanism | None:
    """Choose from the names of mechanisms that a server offers, in any case; None where it takes no token."""
    known = {name.upper() for name in offered}
    return next((mechanism for mechanism in Mechanism if mechanism in known), None)


def first_response(mechanism: Mechanism, username: str, token: AccessToken, *, host: str, port: int) -> bytes:
    """Give the initial response, not yet in base64."""
    if mechanism is Mechanism.XOAUTH2:
        return f"user={username}\x01auth=Bearer {token}\x01\x01".encode()
    identity = username.replace("=", "=3D").replace(",", "=2C")  # RFC 5801 section 4
    return f"n,a={identity},\x01host={host}\x01port={port}\x01auth=Bearer {token}\x01\x01".encode()


def answer_to_failure(mechanism: Mechanism) -> bytes:
    """Give what is sent when the server tells of an error in a challenge, so that it ends the exchange."""
    return b"\x01" if mechanism is Mechanism.OAUTHBEARER else b""  # RFC 7628 3.2.3
