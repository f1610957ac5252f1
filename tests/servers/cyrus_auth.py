"""What Cyrus asks who may log in, in place of saslauthd: every name with the one password.

cyrus_auth.py SOCKET PASSWORD: listens there.
"""

from __future__ import annotations

import socketserver
import struct
import sys
from pathlib import Path

SOCKET, PASSWORD = Path(sys.argv[1]), sys.argv[2]


class Answer(socketserver.StreamRequestHandler):
    """One question: name, password, service and realm, each with its length before it; the answer likewise."""

    def handle(self) -> None:
        _, password, _, _ = (self.rfile.read(*struct.unpack("!H", self.rfile.read(2))) for _ in range(4))
        said = b"OK" if password.decode() == PASSWORD else b"NO"
        self.wfile.write(struct.pack("!H", len(said)) + said)


with socketserver.ThreadingUnixStreamServer(str(SOCKET), Answer) as server:
    SOCKET.chmod(0o777)  # the server has a user of its own
    server.serve_forever()
