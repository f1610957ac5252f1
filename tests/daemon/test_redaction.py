"""Whatever form a server repeats a secret in, it is taken out of what is told; everything else stays."""

from __future__ import annotations

from base64 import b64encode

import pytest

from daemon.redaction import redacted
from daemon.sasl import AccessToken, Mechanism, first_response

USER = "noor@letters.example"
PASSWORD = 'pw-"6cf1\\planted'
TOKEN = AccessToken("ya29.token-4d2e-planted", grant="g")


def clean(text: str, secret: str = PASSWORD) -> str:
    return redacted(text, username=USER, secret=secret, host="imap.letters.example", port=993)


PLAIN = b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode()
REPEATED = {
    "plain": (PASSWORD, PASSWORD),
    "quoted": (PASSWORD, 'LOGIN "noor" "pw-\\"6cf1\\\\planted"'),
    "in base64": (PASSWORD, b64encode(PASSWORD.encode()).decode()),
    "as PLAIN": (PASSWORD, PLAIN),
    "the beginning of PLAIN": (PASSWORD, PLAIN[:-9]),
    "the end of PLAIN": (PASSWORD, PLAIN[12:]),
    "the token": (TOKEN, f"Bearer {TOKEN}"),
} | {
    way: (TOKEN, b64encode(first_response(way, USER, TOKEN, host="imap.letters.example", port=993)).decode())
    for way in Mechanism
}


@pytest.mark.parametrize("way", REPEATED)
def test_a_secret_that_is_repeated_is_taken_out(way: str) -> None:
    secret, repeated = REPEATED[way]
    said = clean(f"[AUTHENTICATIONFAILED] wrong: {repeated} (in 0.2 s)", secret)
    assert "…" in said
    assert said.startswith("[AUTHENTICATIONFAILED] wrong: ")
    assert said.endswith(" (in 0.2 s)")
    assert not any(piece in said for piece in ("planted", "6cf1", repeated, repeated[4:-4]))


@pytest.mark.parametrize(
    "said", ["", "[LIMIT] Maximum number of connections from user+IP exceeded", "Y2FsbCBtZSBpc2htYWVs is no base64"]
)
def test_what_holds_no_secret_stays_as_it_is(said: str) -> None:
    assert clean(said) == clean(said, TOKEN) == clean(said, "") == clean(said, "is") == said
