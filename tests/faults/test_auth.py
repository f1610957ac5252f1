"""Passwords change, tokens die, endpoints fail: few tries, one notice, and the daemon goes on by itself.

Also: no secret of any kind can be read where it does not belong, whatever happens to it.
"""

from __future__ import annotations

import base64
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.faults.conftest import LONG, PASSWORD
from tests.faults.proxy import answering
from tests.process.conftest import TACTFUL
from tests.servers.oauth import AuthorizationServer, authorization_server
from tests.servers.secret_service import SecretService

WITHIN = 60.0  # seconds, F23's recover_s
TRIES = rb"^(LOGIN|AUTHENTICATE)"

pytestmark = pytest.mark.timeout(1800 if LONG else 240)


def log_of(rig: Any) -> str:
    path = rig.seat.folder / "log"
    return str(path.read_text("utf-8")) if path.exists() else ""


def set_password(rig: Any, how: str) -> None:
    """Let the configuration say this of the password."""
    text = rig.seat.config.read_text("utf-8")
    (line,) = [line for line in text.splitlines() if "password:" in line]
    rig.seat.config.write_text(text.replace(line, f"      password: {how}"), "utf-8")


def sooner(rig: Any) -> None:
    """Let the pause between two tries be over: the wait is the same, sooner."""
    if not LONG:
        rig.seat.move_clock(rig.seat.now + timedelta(minutes=1))


def hurried(rig: Any, condition: Callable[[], Any], what: str, patience: float = WITHIN) -> float:
    """Wait as `Rig.until` does, with pauses that pass at a run; give the seconds that it took."""
    began = time.monotonic()
    while time.monotonic() < began + patience:
        sooner(rig)
        beat = time.monotonic() + 3
        while time.monotonic() < beat:
            if condition():
                return time.monotonic() - began
            time.sleep(0.1)
    pytest.fail(f"not within {patience} s: {what}\nstate: {rig.state}\n{log_of(rig)[-3000:]}")


# ---------------------------------------------------------------------------------------------------------- passwords


@pytest.mark.fault("F23")
def test_a_password_that_was_changed_is_refused_once_and_told_once(rig: Any) -> None:
    rig.start()
    secret = rig.seat.folder / "secret"
    secret.write_text("the-old-one\n")
    rig.proxy.cut()
    began = time.monotonic()
    rig.until(lambda: rig.state == "degraded: LoginRefused", "it says that the login is refused")
    for _ in range(3 if LONG else 1):
        told = log_of(rig)
        sooner(rig)
        time.sleep(90 if LONG else 4)  # the secret is looked at again; the server is not
        assert log_of(rig).count("refuses the login") == told.count("refuses the login") == 1
    assert len(rig.proxy.sent(TRIES, since=began)) == 1
    secret.write_text(PASSWORD + "\n")
    recovered = hurried(rig, rig.is_healthy, "healthy with the new password")
    assert len(rig.proxy.sent(TRIES, since=began)) == 2
    rig.report("F23", what="password changed", recovered=recovered)
    rig.planted.append("the-old-one")
    rig.assert_sound()


@pytest.mark.fault("F23")
def test_a_login_that_could_not_be_checked_once_works_at_the_next_try(rig: Any) -> None:
    rig.start()
    refusal = answering(b"%tag NO [UNAVAILABLE] Temporary authentication failure.")
    rule = rig.proxy.when(TRIES, refusal, times=1)
    began = time.monotonic()
    rig.proxy.cut()
    rig.until(lambda: rule.hits, "the login could not be checked")
    rig.until(lambda: rig.state == "degraded: LoginUnchecked", "it says so")
    recovered = hurried(rig, rig.is_healthy, "healthy after the next try")
    assert len(rig.proxy.sent(TRIES, since=began)) == 2
    rig.report("F23", what="transient", recovered=recovered)
    rig.assert_sound()


@pytest.mark.fault("F23")
def test_a_server_that_cannot_check_is_not_asked_more_than_three_times_in_a_quarter_of_an_hour(rig: Any) -> None:
    rig.start()
    rule = rig.proxy.when(TRIES, answering(b"%tag NO [UNAVAILABLE] Temporary authentication failure."), times=None)
    rig.proxy.cut()
    # What counts the tries is no clock that can be moved.
    hurried(rig, lambda: len(rule.hits) >= 2, "it has tried again", 120)
    ends = time.monotonic() + (900 if LONG else 5)
    while time.monotonic() < ends:
        sooner(rig)
        time.sleep(1)
    assert len(rule.hits) <= 3
    assert log_of(rig).count("could not check the login") == 1
    rig.assert_sound()


# ------------------------------------------------------------------------------------------------------------- tokens


@pytest.fixture
def provider(rig: Any) -> Iterator[AuthorizationServer]:
    """An authorization server whose tokens the rig's Dovecot takes, and which the configuration names."""
    key = (rig.seat.server.directory / "state" / "jwt.secret").read_bytes()
    with authorization_server(key, rig.seat.user) as made:
        text = rig.seat.config.read_text("utf-8")
        section = (
            f"    oauth: {{client_id: client-1, tokens: file, scopes: [mail], authorization_url: {made.url}/authorize, "
            f"token_url: {made.url}/token, device_url: {made.url}/device}}\n"
        )
        rig.seat.config.write_text(text.replace("    imap:\n", section + "    imap:\n"), "utf-8")
        set_password(rig, "{oauth: custom}")
        (rig.seat.folder / "secret").unlink()
        yield made


def log_in(rig: Any) -> None:
    """Let the person log in by a device's code."""
    done = rig.seat.run("login", rig.seat.account, "--device")
    assert done.returncode == 0, done.stderr
    assert "The server takes it." in done.stderr


def hour_later(rig: Any) -> None:
    """Let the access token be about to expire."""
    rig.seat.move_clock(rig.seat.now + timedelta(minutes=58))


def tokens_file(rig: Any) -> Path:
    (path,) = [path for path in (rig.seat.state / "oauth").iterdir() if path.suffix != ".lock"]
    return Path(path)


def test_a_login_in_a_browser_serves_the_daemon_until_shortly_before_it_expires(
    rig: Any, provider: AuthorizationServer
) -> None:
    command = [str(TACTFUL), "login", rig.seat.account, "--config", str(rig.seat.config)]
    with subprocess.Popen(command, env=rig.seat.environ, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        url = next(line.strip() for line in process.stderr if line.startswith("http"))
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        with urllib.request.urlopen(provider.authorize(query), timeout=10) as page:  # noqa: S310 - a loopback server
            assert page.status == 200
        assert process.wait(30) == 0, process.stderr.read()
    rig.start()
    for _ in range(3):
        rig.proxy.cut()
        before = len(rig.proxy.sent(TRIES))
        rig.until(lambda before=before: len(rig.proxy.sent(TRIES)) > before, "it logs in again")
        rig.until(rig.is_healthy, "healthy")
    assert provider.refreshes == 0
    hour_later(rig)
    rig.proxy.cut()
    rig.until(lambda: provider.refreshes == 1, "the token is renewed")
    rig.until(rig.is_healthy, "healthy with the new token")
    assert tokens_file(rig).stat().st_mode & 0o777 == 0o600
    rig.assert_sound()


@pytest.mark.fault("F23")
def test_a_token_that_died_before_its_time_is_renewed_within_the_same_login(
    rig: Any, provider: AuthorizationServer
) -> None:
    provider.lasts = 4.0  # and it says an hour
    log_in(rig)
    time.sleep(5)
    provider.lasts = None
    rig.start()
    assert provider.refreshes == 1
    assert "refuses the login" not in log_of(rig)
    rig.assert_sound()


@pytest.mark.fault("F23")
def test_a_grant_that_has_ended_is_told_once_and_a_new_login_goes_on(rig: Any, provider: AuthorizationServer) -> None:
    log_in(rig)
    rig.start()
    provider.revoke()
    hour_later(rig)
    rig.proxy.cut()
    began = time.monotonic()
    rig.until(lambda: rig.state == "waiting for you: say tactful login", "it says what it waits for")
    for _ in range(3):
        sooner(rig)
        time.sleep(90 if LONG else 2)
    assert provider.refreshes == 1
    assert log_of(rig).count("invalid_grant") == 1
    assert rig.proxy.sent(TRIES, since=began) == []
    log_in(rig)
    recovered = hurried(rig, rig.is_healthy, "healthy after the new login")
    rig.report("F23", what="invalid_grant", recovered=recovered)
    rig.assert_sound()


@pytest.mark.fault("F23")
def test_an_endpoint_in_trouble_is_asked_a_few_times_and_found_well_again(
    rig: Any, provider: AuthorizationServer
) -> None:
    log_in(rig)
    rig.start()
    provider.refuses = (503, b"<html>later</html>")
    hour_later(rig)
    rig.seat.move_clock(rig.seat.now + timedelta(minutes=10))  # now it has expired
    rig.proxy.cut()
    rig.until(lambda: rig.state == "degraded: TokenUnavailable", "it says that it has no token")
    if LONG:
        time.sleep(900)
        assert provider.refreshes <= 4
    else:
        assert provider.refreshes == 1
    provider.refuses = None
    recovered = hurried(rig, rig.is_healthy, "healthy after the endpoint is well", 660 if LONG else WITHIN)
    rig.report("F23", what="503", recovered=recovered)
    rig.assert_sound()


@pytest.mark.fault("F23")
@pytest.mark.parametrize("lenient", [True, False], ids=["takes it twice", "takes it once"])
def test_kill_9_between_the_endpoints_answer_and_its_storage(
    rig: Any, provider: AuthorizationServer, lenient: bool
) -> None:
    provider.lenient = lenient
    log_in(rig)
    assert rig.seat.run("run", "--once").returncode == 0  # so that no other file has to be made
    kept = tokens_file(rig)
    before = kept.read_text()
    hour_later(rig)
    inject = ("-e", "trace=rename", "-e", "inject=rename:signal=SIGKILL:when=1")
    killed = rig.seat.run("run", "--once", before=("strace", "-f", "-qq", "-o", "/dev/null", *inject))
    assert killed.returncode != 0
    assert provider.refreshes == 1
    assert kept.read_text() == before  # what was answered is lost
    again = rig.seat.run("run", "--once")
    assert provider.refreshes == 2
    if lenient:
        assert again.returncode == 0, again.stderr
    else:
        assert again.returncode == 77
        assert "say: tactful login" in again.stderr
        log_in(rig)
    assert rig.seat.run("run", "--once").returncode == 0


# ----------------------------------------------------------------------------------------- no secret where it is not


def forms(secret: str) -> list[str]:
    """What a secret looks like on its way, and what a careless program might leave of it."""
    found = [secret]
    for octets in (secret.encode(), f"\0{secret}".encode(), f"xx{secret}".encode()):
        whole = base64.b64encode(octets).decode().rstrip("=")
        found.append(whole[4:-4])  # whatever stands around it
    return [form for form in found if len(form) >= 12]


def processes(pid: int) -> list[int]:
    """The process and all below it."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += processes(int(child))
    return found


def places(rig: Any, pid: int, *but: Path) -> dict[str, bytes]:
    """Everything that others may come to see, except the files that are there to keep the secret."""
    seen = {"log": log_of(rig).encode(), "config": rig.seat.config.read_bytes()}
    for process in processes(pid):
        for name in ("cmdline", "environ", "comm"):
            try:
                seen[f"{process} {name}"] = Path(f"/proc/{process}/{name}").read_bytes()
            except (FileNotFoundError, ProcessLookupError):
                continue
    for path in rig.seat.state.rglob("*"):
        if path.is_file() and path not in but:
            seen[path.name] = path.read_bytes()
    return seen


KINDS = ("file", "command", "credential", "keyring", "oauth file")


@pytest.mark.parametrize("kind", KINDS)
def test_no_secret_is_seen_where_it_does_not_belong(rig: Any, kind: str, request: pytest.FixtureRequest) -> None:
    text = rig.seat.config.read_text("utf-8")
    rig.seat.config.write_text(text.replace("log_level: info", "log_level: debug"), "utf-8")
    secrets, environ, but = [PASSWORD], {}, []
    desktop = None
    if kind == "command":
        set_password(rig, f"{{command: [cat, {rig.seat.folder}/secret]}}")
    elif kind == "credential":
        credentials = rig.seat.folder / "credentials"
        credentials.mkdir()
        (rig.seat.folder / "secret").rename(credentials / "imap-password")
        environ = {"CREDENTIALS_DIRECTORY": str(credentials)}
        set_password(rig, "{credential: imap-password}")
    elif kind == "keyring":
        desktop = SecretService()
        request.addfinalizer(lambda: desktop.__exit__())
        desktop.start_bus()
        desktop.start_keyring(unlocked=True)
        desktop.store("tactful", rig.seat.user, PASSWORD)
        environ = desktop.environ
        set_password(rig, "{keyring: tactful}")
    elif kind == "oauth file":
        provider: AuthorizationServer = request.getfixturevalue("provider")
        log_in(rig)
        secrets, but = provider.given, [tokens_file(rig)]
    rig.daemon = rig.seat.start(**environ)
    rig.until(rig.is_healthy, "healthy", WITHIN)
    # A server that repeats what it refuses, as some do. A token is then renewed at once, and stored.
    rule = rig.proxy.when(TRIES, _echoed, times=1)
    rig.proxy.cut()
    rig.until(lambda: rule.hits, "a login is refused")
    rig.until((lambda: provider.refreshes) if kind == "oauth file" else rig.is_degraded, "it has been noticed")
    seen = places(rig, rig.daemon.pid, *but)
    assert {"log", "ledger.sqlite3"} <= seen.keys()
    found = [
        f"{place} has {form!r}"
        for secret in secrets
        for form in forms(secret)
        for place, content in seen.items()
        if form.encode() in content
    ]
    assert found == []


async def _echoed(link: Any, command: Any) -> None:
    await link.say(command.tag + b" NO [AUTHENTICATIONFAILED] wrong: " + bytes(command.octets).strip() + b"\r\n")


def test_no_core_file_is_left_and_no_other_program_reads_the_memory(rig: Any) -> None:
    with (rig.seat.folder / "log").open("ab") as log:
        process = subprocess.Popen(
            ["prlimit", "--core=unlimited", str(TACTFUL), "run", "--config", str(rig.seat.config)],
            env=rig.seat.environ,
            stderr=log,
            cwd=rig.seat.folder,
        )
    rig.seat.processes.append(process)
    rig.until(rig.is_healthy, "healthy")
    limits = Path(f"/proc/{process.pid}/limits").read_text()
    assert re.search(r"Max core file size +0 +0 ", limits)
    process.send_signal(signal.SIGABRT)
    _, status = os.waitpid(process.pid, 0)
    process.returncode = status
    assert not os.WCOREDUMP(status)
    assert [path.name for path in rig.seat.folder.iterdir() if path.name.startswith("core")] == []


def test_the_memory_is_marked_as_private() -> None:
    code = (
        "import ctypes; from daemon.process_memory import keep_memory_private; libc = ctypes.CDLL(None); "
        "before = libc.prctl(3, 0, 0, 0, 0); keep_memory_private(); print(before, libc.prctl(3, 0, 0, 0, 0))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.split() == ["1", "0"]  # prctl(2): PR_GET_DUMPABLE
