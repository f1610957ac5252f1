"""An authorization server on a loopback port (RFC 6749, 7636, 8628) whose tokens a Dovecot believes: for tests.

Refresh tokens are good for one time each, as the strictest providers have it, or for a second time where `lenient`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

Answer = tuple[int, Any]  # the status, and what becomes JSON; bytes are sent as they are


def signed(key: bytes, user: str, *, lasts: float) -> str:
    """Mint a token (RFC 7519) that a server with this key believes for so many seconds."""

    def part(octets: bytes) -> str:
        return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()

    now = int(time.time())
    claims = {"sub": user, "iat": now - 7200, "nbf": now - 7200, "exp": int(now + lasts), "jti": secrets.token_hex(8)}
    text = f"{part(json.dumps({'alg': 'HS256', 'typ': 'JWT'}).encode())}.{part(json.dumps(claims).encode())}"
    return f"{text}.{part(hmac.new(key, text.encode(), hashlib.sha256).digest())}"


@dataclass
class AuthorizationServer:
    """What it gives, and what it was asked."""

    key: bytes
    user: str
    told: float = 3600.0  # seconds: expires_in
    lasts: float | None = None  # seconds that a token is good for in truth; None: as told
    lenient: bool = False
    rotates: bool = True
    waits: int = 0  # how often a device is told that nobody has entered its code yet
    moments: list[Answer | Callable[[], None]] = field(default_factory=list)  # at /token, in the place of the usual
    refuses: Answer | None = None  # likewise, each time
    asked: list[tuple[str, dict[str, str], str | None]] = field(default_factory=list)
    given: list[str] = field(default_factory=list)  # every secret that went out
    port: int = 0
    scheme: str = "http"
    _good: dict[str, int] = field(default_factory=dict)  # refresh tokens and for how many times more
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    @property
    def refreshes(self) -> int:
        """How often a refresh was asked for."""
        return sum(query.get("grant_type") == "refresh_token" for _, query, _ in self.asked)

    def revoke(self) -> None:
        """Let all that was given be good for nothing."""
        self._good.clear()

    def _tokens(self) -> Answer:
        access = signed(self.key, self.user, lasts=self.told if self.lasts is None else self.lasts)
        refresh = f"refresh-{secrets.token_hex(16)}"
        self._good[refresh] = 2 if self.lenient else 1
        self.given += [access, refresh]
        return 200, {"access_token": access, "token_type": "Bearer", "expires_in": self.told, "refresh_token": refresh}

    def authorize(self, query: dict[str, str]) -> str:
        """Consent, as the person does in a browser; give where the browser is sent."""
        code = f"code-{secrets.token_hex(8)}"
        self.given.append(code)
        self._codes[code] = query
        return f"{query['redirect_uri']}?code={code}&state={query['state']}"

    def token(self, query: dict[str, str]) -> Answer:
        """Answer at /token."""
        if self.moments:
            chosen = self.moments.pop(0)
            if not callable(chosen):
                return chosen
            chosen()
        if self.refuses is not None:
            return self.refuses
        match query.get("grant_type"):
            case "refresh_token":
                token = query["refresh_token"]
                if self._good.get(token, 0) < 1:
                    return 400, {"error": "invalid_grant", "error_description": f"{token} was used"}
                if self.rotates:
                    self._good[token] -= 1
                status, answer = self._tokens()
                if not self.rotates:
                    del answer["refresh_token"]
                return status, answer
            case "authorization_code":
                wanted = self._codes.pop(query["code"], None)
                verifier = query.get("code_verifier", "").encode()
                challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier).digest()).rstrip(b"=").decode()
                if wanted is None or wanted["code_challenge"] != challenge:
                    return 400, {"error": "invalid_grant"}
                assert wanted["redirect_uri"] == query["redirect_uri"]
                return self._tokens()
            case "urn:ietf:params:oauth:grant-type:device_code":
                if self.waits:
                    self.waits -= 1
                    return 400, {"error": "authorization_pending" if self.waits else "slow_down"}
                return self._tokens()
        return 400, {"error": "unsupported_grant_type"}

    def device(self) -> Answer:
        """Answer at /device."""
        return 200, {
            "device_code": "device-1",
            "user_code": "WDJB-MJHT",
            "verification_uri": f"{self.url}/enter",
            "interval": 1,
            "expires_in": 600,
        }


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        made: AuthorizationServer = self.server.made  # type: ignore[attr-defined]  # set below
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        query = {name: values[0] for name, values in parse_qs(body).items()}
        path = urlsplit(self.path).path
        made.asked.append((path, query, self.headers.get("Authorization")))
        status, answer = made.device() if path == "/device" else made.token(query)
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        if status in {301, 302, 307}:
            self.send_header("Location", f"{made.url}/elsewhere")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing on standard error."""


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that was killed, or trusts us not, is no error of ours."""


@contextmanager
def authorization_server(
    key: bytes, user: str, *, certificate: Path | None = None, **changes: Any
) -> Iterator[AuthorizationServer]:
    """Serve; `certificate` is a folder with cert.pem and key.pem."""
    server = _Quiet(("127.0.0.1", 0), _Handler)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    made = AuthorizationServer(key, user, port=server.server_port, scheme="https" if certificate else "http", **changes)
    server.made = made  # type: ignore[attr-defined]  # for the handler
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
