"""No secret of any kind can be read where it does not belong, whatever happens to it."""

from __future__ import annotations

import base64
import os
import re
import shutil
import signal
import subprocess
import sys
import traceback
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any, Self

import pytest

from daemon.errors import MailboxError
from daemon.imap import ImapSettings, Tls, open_imap
from daemon.sasl import AccessToken
from tests.faults.conftest import LONG, PASSWORD
from tests.faults.employers import employers, with_letters
from tests.faults.logins import TRIES, WITHIN, hour_later, hurried, log_in, log_of, provided, set_password, tokens_file
from tests.faults.proxy import Command, CommandFault, Link
from tests.process.conftest import TACTFUL
from tests.process.test_sent_once import approve
from tests.servers.oauth import AuthorizationServer
from tests.servers.secret_service import SecretService
from tests.servers.smtp import SmtpServer

pytestmark = pytest.mark.timeout(1800 if LONG else 240)


@pytest.fixture
def provider(rig: Any) -> Iterator[AuthorizationServer]:
    """An authorization server whose tokens the rig's Dovecot takes, and which the configuration names."""
    with provided(rig) as made:
        yield made


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


def found(secrets: Iterable[str], seen: Mapping[str, bytes]) -> list[str]:
    """Name each place in which a secret can be read, and in what form."""
    return [
        f"{place} has {form!r}"
        for secret in secrets
        for form in forms(secret)
        for place, content in seen.items()
        if form.encode() in content
    ]


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
    assert found(secrets, seen) == []


async def _echoed(link: Any, command: Any) -> None:
    await link.say(command.tag + b" NO [AUTHENTICATIONFAILED] wrong: " + bytes(command.octets).strip() + b"\r\n")


# ------------------------------------------------------------------------------------- what servers say to a login

TOKEN = AccessToken("ya29.token-4d2e-planted", grant="g")


def repeating(before: bytes, *, hangs_up: bool = False) -> CommandFault:
    """Repeat what came: the command, and what it goes on with where it asks for more."""

    async def fault(link: Link, command: Command) -> None:
        said = bytes(command.octets).strip()
        if command.words.upper().startswith(b"AUTHENTICATE"):
            await link.say(b"+ \r\n")
            said += b" " + (await link.from_client.readline()).strip()
        await link.say(before.replace(b"%tag", command.tag) + said + b"\r\n")
        if hangs_up:
            link.cut()

    return fault


WAYS: dict[str, CommandFault] = {
    "refused": repeating(b"%tag NO [AUTHENTICATIONFAILED] wrong: "),
    "not understood": repeating(b"%tag BAD "),
    "busy": repeating(b"%tag NO [UNAVAILABLE] later: "),
    "goodbye": repeating(b"* BYE ", hangs_up=True),
    "no IMAP": repeating(b"what is "),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("secret", [PASSWORD, f"{PASSWORD}-é", TOKEN], ids=["LOGIN", "PLAIN", "token"])
def test_a_server_that_repeats_the_secret_is_not_quoted(rig: Any, way: str, secret: str) -> None:
    rule = rig.proxy.when(TRIES, WAYS[way])
    settings = ImapSettings(host="127.0.0.1", port=rig.proxy.port, tls=Tls.NONE, username=rig.seat.user)
    with pytest.raises(MailboxError) as caught:
        open_imap(settings, secret)
    assert rule.hits
    # With all that Python would print of it.
    told = "".join(traceback.format_exception(caught.value)).encode()
    assert found([secret], {"the error": told}) == []
    assert "…" in str(caught.value) or way == "goodbye"  # which is not always read any more


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


@pytest.mark.parametrize("verb", ["check", "scan"])
def test_every_process_of_a_verb_that_logs_in_keeps_its_memory_private(rig: Any, verb: str) -> None:
    rig.small_talk(1)  # so that there is something to read
    trace = rig.seat.folder / "trace"
    strace = ("strace", "-f", "-qq", "-s", "900", "-e", "trace=execve,prctl,prlimit64,connect,read", "-o", str(trace))
    assert rig.seat.run(verb, before=strace).returncode == 0
    calls: dict[str, list[str]] = {}
    for line in trace.read_text("utf-8", "replace").splitlines():
        pid, _, call = line.partition(" ")
        calls.setdefault(pid, []).append(call.strip())
    programs = [made for made in calls.values() if made[0].startswith("execve(")]
    assert len(programs) == (1 if verb == "check" else 2), "the command, and what reads mail"
    for made in programs:
        limited = place_of_call(made, "prlimit64(0, RLIMIT_CORE, {rlim_cur=0, rlim_max=0}")
        hidden = place_of_call(made, "prctl(PR_SET_DUMPABLE, SUID_DUMP_DISABLE")
        # Before there is a secret in it, or a connection, or a mail.
        sensitive = [
            n for n, call in enumerate(made) if any(word in call for word in (PASSWORD, "sin_port", "sam.roe"))
        ]
        assert max(limited, hidden) < min(sensitive)


def place_of_call(calls: list[str], beginning: str) -> int:
    places = [number for number, call in enumerate(calls) if call.startswith(beginning)]
    assert places, beginning
    return places[0]


# ------------------------------------------------------------------------------------------------ through everything


class Watch:
    """Notes the arguments and the environment of every process that a test starts, however short it lives."""

    def __init__(self) -> None:
        self.seen: dict[str, bytes] = {}
        self._ended = Event()
        self._thread = Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ended.wait(0.05):
            with suppress(OSError):  # it has just ended
                for pid in processes(os.getpid())[1:]:
                    arguments = Path(f"/proc/{pid}/cmdline").read_bytes()
                    self.seen[f"process {len(self.seen)}"] = arguments + Path(f"/proc/{pid}/environ").read_bytes()


@dataclass
class Planted:
    """Where each secret is kept, and what else the person can see."""

    provider: AuthorizationServer
    smtp: SmtpServer
    client_secret: str
    outputs: dict[str, bytes] = field(default_factory=dict)

    @property
    def secrets(self) -> list[str]:
        return [*self.provider.given, self.smtp.password, self.client_secret]

    def run(self, rig: Any, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        """Run a verb, and keep what it prints."""
        done = subprocess.run(
            [TACTFUL, *arguments, "--config", rig.seat.config],
            env=rig.seat.environ,
            input=given,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        self.outputs[f"{len(self.outputs)} {' '.join(arguments)}"] = (done.stdout + done.stderr).encode()
        return done


@pytest.fixture
def planted(rig: Any) -> Iterator[Planted]:
    """Tokens for the mailbox, in a file; their client's secret in a real keyring; a password for SMTP in a file."""
    with SecretService() as desktop, SmtpServer(password="smtp-71c0d4-planted") as smtp:
        desktop.start_bus()
        desktop.start_keyring(unlocked=True)
        desktop.store("tactful-client", "client-1", "client-9b3fe2-planted")
        rig.seat.more |= desktop.environ | {"PYTHONFAULTHANDLER": "1"}
        with provided(rig, client_secret="{keyring: tactful-client}") as provider:
            secret = rig.seat.folder / "smtp-secret"
            text = rig.seat.config.read_text("utf-8").replace("log_level: info", "log_level: debug").rstrip()
            rig.seat.config.write_text(
                f"{text}\n    smtp: {{host: 127.0.0.1, port: {smtp.port}, tls: none, username: '{rig.seat.user}',"
                f" password: {{file: {secret}}}}}\ncontrols: true\n",
                "utf-8",
            )
            yield Planted(provider, smtp, "client-9b3fe2-planted")
    shutil.rmtree(desktop.home, ignore_errors=True)


@pytest.mark.fault("F23")
@pytest.mark.timeout(600)
def test_no_secret_is_seen_whatever_goes_well_or_wrong(rig: Any, planted: Planted) -> None:
    provider, smtp, proxy = planted.provider, planted.smtp, rig.proxy
    with Watch() as watch:
        assert planted.run(rig, "login", rig.seat.account, "--device", given=f"{smtp.password}\n").returncode == 0
        assert planted.run(rig, "check").returncode == 0
        with_letters(rig, employers(1))
        # SMTP refuses the login and repeats it; then it takes the letter.
        login = base64.b64encode(f"\0{rig.seat.user}\0{smtp.password}".encode())
        smtp.moments = {"AUTH": [b"454 4.7.0 later: AUTH PLAIN " + login + b"\r\n"]}
        approve(rig.seat)
        rig.until(lambda: "deferred" in log_of(rig), "a letter is put off")
        hurried(rig, lambda: smtp.letters, "a letter goes out")
        # IMAP refuses the token and repeats it: another one is had, with the client's secret out of the keyring.
        refused = proxy.when(TRIES, repeating(b"%tag NO [AUTHENTICATIONFAILED] wrong: "))
        proxy.cut()
        hurried(rig, lambda: refused.hits and provider.refreshes and rig.is_healthy(), "healthy with another token")
        # The connection breaks in the middle of the login.
        broken = proxy.when(TRIES, repeating(b"* BYE ", hangs_up=True))
        proxy.cut()
        hurried(rig, lambda: broken.hits and rig.is_healthy(), "healthy after a broken login")
        # The endpoint repeats what it was asked.
        provider.refuses = (400, {"error": provider.given[-1], "error_description": " ".join(planted.secrets)})
        hour_later(rig)
        rig.seat.move_clock(rig.seat.now + timedelta(minutes=10))
        proxy.cut()
        rig.until(rig.is_degraded, "it says that there is no token")
        assert planted.run(rig, "check").returncode != 0
        provider.refuses = None
        assert planted.run(rig, "login", rig.seat.account, "--device", given=f"{smtp.password}\n").returncode == 0
        hurried(rig, rig.is_healthy, "healthy after another login")
        (letter,) = rig.rows
        for verb in (("status",), ("explain", letter.id), ("export",)):
            assert planted.run(rig, *verb).returncode == 0
        limits = [Path(f"/proc/{pid}/limits").read_text() for pid in processes(rig.daemon.pid)]
        assert all(re.search(r"Max core file size +0 +0 ", text) for text in limits)
        seen = places(rig, rig.daemon.pid, tokens_file(rig))
        # It ends with a traceback.
        rig.daemon.send_signal(signal.SIGABRT)
        assert rig.daemon.wait(10) == -signal.SIGABRT
        rig.daemon = None
    assert "Fatal Python error: Aborted" in log_of(rig)
    assert list(rig.seat.folder.rglob("core*")) == []
    seen |= {"the last log": log_of(rig).encode()} | planted.outputs | watch.seen
    assert any(b"daemon.keyring_worker" in arguments for arguments in watch.seen.values())
    assert found(planted.secrets, seen) == []
    kept = {"tokens": tokens_file(rig).read_bytes(), "login": login}
    assert {line.split(" has ")[0] for line in found(planted.secrets, kept)} == {"tokens", "login"}, "the judge sees"
