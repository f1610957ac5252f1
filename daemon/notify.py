"""Tells systemd how the service is: READY, STATUS, WATCHDOG, STOPPING (sd_notify(3)). Silent where nobody listens."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Mapping
from datetime import timedelta


class Notifier:
    """Sends to the socket that the service manager names in $NOTIFY_SOCKET."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        address = environ.get("NOTIFY_SOCKET")
        # An abstract socket's name begins with NUL, which the variable spells "@".
        self._address = "\0" + address[1:] if address and address.startswith("@") else address
        microseconds = environ.get("WATCHDOG_USEC", "")
        self.watchdog = timedelta(microseconds=int(microseconds)) if microseconds.isdigit() else None

    def _send(self, message: str) -> None:
        if not self._address:
            return
        # A manager that has gone away is no reason to stop working.
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.sendto(message.encode(), self._address)

    def ready(self) -> None:
        """Say that the start is complete."""
        self._send("READY=1")

    def status(self, text: str) -> None:
        """Say in one line what is going on; without names, subjects or addresses."""
        self._send("STATUS=" + text.replace("\n", " "))

    def alive(self) -> None:
        """Feed the watchdog: call it after real progress only."""
        self._send("WATCHDOG=1")

    def stopping(self) -> None:
        """Say that the end has begun."""
        self._send("STOPPING=1")
