"""Speaks with Thunderbird's remote control (the Marionette protocol), as far as a test needs it.

Framed JSON over TCP: "LENGTH:[0, id, command, parameters]" there, "LENGTH:[1, id, error, result]" back. The published
client is a chain of fourteen packages for browsers; this needs three commands.
"""

from __future__ import annotations

import json
import socket
from typing import Any


class Marionette:
    """One session, in the context in which Thunderbird's own scripts run."""

    def __init__(self, port: int) -> None:
        """Connect. Raises ConnectionError while nobody listens."""
        self._link = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._input = self._link.makefile("rb")
        self._number = 0
        self._receive()  # it introduces itself
        self._call("WebDriver:NewSession", {"strictFileInteractability": False})
        self._call("WebDriver:SetTimeouts", {"script": 60_000})
        self._call("Marionette:SetContext", {"value": "chrome"})

    def run(self, script: str, *arguments: Any) -> Any:
        """Run the body of an async function, whose `arguments` are these, and give what it returns."""
        done = "const done = arguments[arguments.length - 1];"
        body = f"{done} (async () => {{ {script} }})().then(done, error => done('!' + error));"
        answer = self._call("WebDriver:ExecuteAsyncScript", {"script": body, "args": list(arguments)})["value"]
        assert not (isinstance(answer, str) and answer.startswith("!")), answer
        return answer

    def close(self) -> None:
        """Let go of the connection."""
        self._input.close()
        self._link.close()

    def _call(self, command: str, parameters: dict[str, Any]) -> Any:
        self._number += 1
        message = json.dumps([0, self._number, command, parameters]).encode()
        self._link.sendall(b"%d:%s" % (len(message), message))
        _, _, error, result = self._receive()
        assert error is None, error
        return result

    def _receive(self) -> Any:
        length = bytearray()
        while (octet := self._input.read(1)) != b":":
            assert octet, "Thunderbird has closed the connection"
            length += octet
        return json.loads(self._input.read(int(length)))
