"""A program in, what it prints and its exit status out: within a time, and nothing of it is left."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from time import monotonic

SIZE_LIMIT = 64 * 1024  # octets; OAuth tokens have some thousand


def output_of(
    argv: Sequence[str], *, environ: Mapping[str, str], patience: float, given: bytes = b""
) -> tuple[bytes, int]:
    """Run it in a session of its own, which has no terminal to ask on, and without a shell.

    `given` (octets, a few thousand at most) is its standard input. Gives more than SIZE_LIMIT octets only as a sign
    that it prints without end. Raises OSError or ValueError where it cannot be started, subprocess.TimeoutExpired.
    """
    deadline = monotonic() + patience
    process = subprocess.Popen(  # noqa: S603 - the person's own command or ours, a list, no shell
        argv,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=dict(environ),
        start_new_session=True,
    )
    with process:
        try:
            assert process.stdin is not None  # noqa: S101 - stdin=PIPE
            with suppress(BrokenPipeError), process.stdin:  # it need not read it
                process.stdin.write(given)
            output = _read(process, deadline)
            if len(output) <= SIZE_LIMIT:
                _wait(process, deadline)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
    return output, process.returncode


def _read(process: subprocess.Popen[bytes], deadline: float) -> bytes:
    assert process.stdout is not None  # noqa: S101 - stdout=PIPE
    output = b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while len(output) <= SIZE_LIMIT:
            if not selector.select(max(0.0, deadline - monotonic())):
                raise subprocess.TimeoutExpired(process.args, deadline)
            chunk = os.read(process.stdout.fileno(), SIZE_LIMIT)
            if not chunk:
                break
            output += chunk
    return output


def _wait(process: subprocess.Popen[bytes], deadline: float) -> None:
    """Wait for the end without asking again and again, which is what a wait with a limit does."""
    late = threading.Event()

    def end() -> None:
        late.set()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)

    timer = threading.Timer(max(0.0, deadline - monotonic()), end)
    timer.start()
    process.wait()
    timer.cancel()
    if late.is_set():
        raise subprocess.TimeoutExpired(process.args, deadline)
