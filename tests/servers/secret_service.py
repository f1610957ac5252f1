"""A session bus of its own with a real gnome-keyring on it, locked and unlocked as its person does: for tests."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

KEYRING_PASSWORD = "keyring-pw"
_UNLOCK = f"""
import secretstorage
from secretstorage.util import DBusAddressWrapper, format_secret, open_session
connection = secretstorage.dbus_init()
# What the login of a desktop uses; there is no window in a test.
DBusAddressWrapper(
    "/org/freedesktop/secrets", "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface", connection
).call(
    "UnlockWithMasterPassword",
    "o(oayays)",
    "/org/freedesktop/secrets/collection/login",
    format_secret(open_session(connection), {KEYRING_PASSWORD.encode()!r}, "text/plain"),
)
"""
_LOCK = "import secretstorage; secretstorage.Collection(secretstorage.dbus_init()).lock()"
_STORE = """
import keyring.backends.SecretService, sys
keyring.backends.SecretService.Keyring().set_password(sys.argv[1], sys.argv[2], sys.stdin.read())
"""
_SILENT = """
import os
from jeepney import DBusAddress, new_method_call
from jeepney.io.blocking import open_dbus_connection
from jeepney.bus_messages import message_bus
connection = open_dbus_connection("SESSION")
connection.send_and_get_reply(message_bus.RequestName("org.freedesktop.secrets"))
print("here", flush=True)
while True:
    connection.receive()
"""


@dataclass
class SecretService:
    """What a desktop has. Sockets lie under a short path, which Unix wants."""

    home: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="tactful-bus-")))
    _bus: subprocess.Popen[bytes] | None = None
    _service: subprocess.Popen[bytes] | None = None

    @property
    def environ(self) -> dict[str, str]:
        """What a program of the session has in its environment."""
        return {
            "XDG_RUNTIME_DIR": str(self.home),
            "XDG_DATA_HOME": str(self.home / "data"),
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={self.home}/bus",
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop_service()
        if self._bus is not None:
            self._bus.kill()
            self._bus.wait()

    def start_bus(self) -> None:
        """Start the bus, on which nobody is yet."""
        # Nothing is started by the bus itself: what runs is what the test says.
        config = self.home / "bus.conf"
        config.write_text(
            f"<busconfig><type>session</type><listen>unix:path={self.home}/bus</listen><policy context='default'>"
            "<allow send_destination='*' eavesdrop='true'/><allow eavesdrop='true'/><allow own='*'/></policy>"
            "</busconfig>"
        )
        self._bus = subprocess.Popen(
            ["dbus-daemon", "--nofork", "--nopidfile", f"--config-file={config}"],
            env=os.environ | self.environ,
            stderr=subprocess.DEVNULL,
        )
        _until((self.home / "bus").exists)

    def start_keyring(self, *, unlocked: bool) -> None:
        """Start gnome-keyring; the first time it must be unlocked, which makes the keyring."""
        self._service = subprocess.Popen(
            ["gnome-keyring-daemon", "--foreground", "--components=secrets", *(["--unlock"] if unlocked else [])],
            env=os.environ | self.environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert self._service.stdin
        self._service.stdin.write(KEYRING_PASSWORD.encode())
        self._service.stdin.close()
        _until(lambda: self._python(_PRESENT, check=False) == 0)

    def start_silent(self) -> None:
        """Start a service that takes every question and answers none."""
        self._service = subprocess.Popen(
            [sys.executable, "-c", _SILENT], env=os.environ | self.environ, stdout=subprocess.PIPE
        )
        assert self._service.stdout
        assert self._service.stdout.readline() == b"here\n"

    def stop_service(self) -> None:
        """End what keeps the secrets; what it keeps stays on disk."""
        if self._service is not None:
            self._service.kill()
            self._service.wait()
            for stream in (self._service.stdin, self._service.stdout):
                if stream is not None:
                    stream.close()
            self._service = None

    def lock(self) -> None:
        self._python(_LOCK)

    def unlock(self) -> None:
        self._python(_UNLOCK)

    def store(self, service: str, username: str, secret: str) -> None:
        self._python(_STORE, service, username, given=secret)

    def _python(self, code: str, *arguments: str, given: str = "", check: bool = True) -> int:
        return subprocess.run(
            [sys.executable, "-c", code, *arguments],
            env=os.environ | self.environ,
            input=given,
            text=True,
            capture_output=not check,
            check=check,
            timeout=20,
        ).returncode


_PRESENT = """
import secretstorage, sys
connection = secretstorage.dbus_init()
secretstorage.Collection(connection).is_locked()
"""


def _until(condition: object) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if condition():  # type: ignore[operator]  # a callable
            return
        time.sleep(0.05)
    raise AssertionError("the session bus or the keyring did not start: apt-get install dbus gnome-keyring")
