"""What a server says in, the same without the secret of the login out: it goes to logs and to people."""

from __future__ import annotations

import re
from base64 import b64encode

from daemon.sasl import AccessToken, Mechanism, first_response

# Shorter ones are no secrets, and would leave holes in what is said.
_LEAST = 4
_WORD = re.compile(r"[A-Za-z0-9+/=]{6,}")


def redacted(text: str, *, username: str, secret: str, host: str, port: int) -> str:
    """Take out the secret, in whatever form: some servers repeat the command that they refuse, or its beginning."""
    sent = [secret.encode(), f"\0{username}\0{secret}".encode()]
    if isinstance(secret, AccessToken):
        sent += [first_response(way, username, secret, host=host, port=port) for way in Mechanism]
    forms = [b64encode(form).decode() for form in sent]

    def hidden(word: re.Match[str]) -> str:
        return "…" if any(word[0].rstrip("=") in form for form in forms) else word[0]

    if len(secret) >= _LEAST:
        for plain in (secret, secret.replace("\\", "\\\\").replace('"', '\\"')):
            text = text.replace(plain, "…")
    return _WORD.sub(hidden, text)
