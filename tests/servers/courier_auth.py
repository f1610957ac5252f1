"""What Courier asks who may log in, in place of its daemon: every name with the one password; each has its own mail.

courier_auth.py SOCKET MAIL PASSWORD: listens there, and makes the mailbox of a new name below MAIL.
"""

from __future__ import annotations

import socketserver
import subprocess
import sys
from pathlib import Path

SOCKET, MAIL, PASSWORD = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
FOLDERS = ("Drafts", "Sent", "Junk", "Trash", "Archive")


class Answer(socketserver.StreamRequestHandler):
    """One question of the authlib protocol: lines about the asker, "AUTH length", service, type, name and password."""

    def handle(self) -> None:
        line = self.rfile.readline()
        while line and not line.startswith(b"AUTH "):  # who asks: TCPREMOTEIP=...
            line = self.rfile.readline()
        length = line.partition(b" ")[2] or b"0"
        _, kind, name, password = self.rfile.read(int(length)).decode().split("\n")[:4]
        if (kind, password) != ("login", PASSWORD):
            self.wfile.write(b"FAIL\n")
            return
        home = MAIL / name
        if not home.exists():
            home.mkdir(parents=True)
            subprocess.run(["maildirmake.courier", str(home / "Maildir")], check=True)
            for folder in FOLDERS:
                subprocess.run(["maildirmake.courier", "-f", folder, str(home / "Maildir")], check=True)
        said = {"USERNAME": "root", "UID": 0, "GID": 0, "HOME": home, "ADDRESS": name, "MAILDIR": home / "Maildir"}
        self.wfile.write("".join(f"{key}={value}\n" for key, value in said.items()).encode() + b".\n")


with socketserver.ThreadingUnixStreamServer(str(SOCKET), Answer) as server:
    server.serve_forever()
