"""The person's consent in, tokens out: by a browser on this machine, or by a code that is typed on another device.

No browser is started: the URL is told, and the person opens it where they are logged in.
"""

from __future__ import annotations

import hmac
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from daemon.errors import InputError
from daemon.oauth import OAuthSettings, Tokens
from daemon.oauth_client import GrantGone, OAuthClient

PATIENCE = 600.0  # seconds, for a person who looks for the second factor

_THANKS = "Tactful has what it needs. You may close this window.\n"
_SORRY = "This is not the answer that Tactful waits for.\n"


def by_browser(
    settings: OAuthSettings,
    secret: str | None,
    tell: Callable[[str], None],
    *,
    port: int = 0,
    patience: float = PATIENCE,
) -> Tokens:
    """Log in by the authorization code with PKCE, which a browser brings to a loopback port (RFC 8252 7.3).

    `tell` is given what the person is to do; `port` 0 takes any that is free. Raises GrantGone, EndpointDown or
    ClientRefused of daemon.oauth_client, and InputError where the port is taken.
    """
    client = OAuthClient(settings, secret)
    try:
        server = _Server(("127.0.0.1", port), _Handler)
    except OSError as error:
        raise InputError(
            f"port {port} of this machine cannot be listened on ({error.strerror}); name another"
        ) from error
    with server:
        redirect = f"http://{settings.provider.redirect_host}:{server.server_port}/"
        url, server.state, verifier = client.authorization(redirect)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
        thread.start()
        try:
            tell(f"Open this in a browser on this machine, and log in as {settings.username}:\n\n{url}\n")
            arrived = server.arrived.wait(patience)
        finally:
            server.shutdown()
            thread.join()
    if not arrived:
        raise GrantGone(f"no answer came within {patience / 60:.0f} minutes; say tactful login again")
    if server.code is None:
        raise GrantGone(f"the login was refused ({server.error})")
    return client.exchange(server.code, redirect, verifier)


def by_device(
    settings: OAuthSettings,
    secret: str | None,
    tell: Callable[[str], None],
    *,
    wait: Callable[[float], object] | None = None,
) -> Tokens:
    """Log in by a code that the person types on any device (RFC 8628). Raises as `by_browser` does."""
    wait = wait or threading.Event().wait
    client = OAuthClient(settings, secret)
    code = client.start_device()
    tell(f"Open {code.url} on any device, enter the code {code.user_code}, and log in as {settings.username}.\n")
    interval, ends = code.interval, time.monotonic() + code.lasts
    while time.monotonic() < ends:
        wait(interval)
        answer = client.poll_device(code)
        if isinstance(answer, Tokens):
            return answer
        if answer == "slow_down":
            interval += 5.0  # RFC 8628 3.5
    raise GrantGone("nobody has entered the code in time; say tactful login again")


class _Server(ThreadingHTTPServer):
    """Waits for one redirection. Threads, because browsers open connections on which they say nothing."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, handler)
        self.state = ""
        self.code: str | None = None
        self.error = ""
        self.arrived = threading.Event()


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 30.0

    def do_GET(self) -> None:
        """Take the answer of the authorization server; whatever does not know the state is somebody else's."""
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query[:20_000]).items()}
        ours = hmac.compare_digest(query.get("state", "").encode(), self.server.state.encode())
        if parts.path == "/" and ours and not self.server.arrived.is_set() and ("code" in query or "error" in query):
            self.server.code = query.get("code")
            self.server.error = "".join(filter(str.isprintable, query.get("error", "")))[:60]
            self._answer(200, _THANKS)
            self.server.arrived.set()
        else:
            self._answer(404, _SORRY)

    def _answer(self, status: int, text: str) -> None:
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing: a line would hold the code."""
