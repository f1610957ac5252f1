"""Where daemon.credentials finds a secret, and what it says when there is none."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from daemon import credentials
from daemon.credentials import CommandSecret, CredentialSecret, FileSecret, SecretSource, find_secret
from daemon.errors import KeyringUnavailable, LoginNeeded, SecretError
from daemon.secrets_keyring import KeyringSecret, read_keyring, write_keyring

SECRET = "correct horse"


def find(source: SecretSource, **environ: str) -> str:
    return find_secret(source, environ={"PATH": os.environ["PATH"], **environ}, account="personal")


def refusal(source: SecretSource, **environ: str) -> str:
    with pytest.raises(SecretError) as caught:
        find(source, **environ)
    assert str(caught.value).startswith("account personal: ")
    assert SECRET not in str(caught.value)
    return str(caught.value)


def python(code: str) -> CommandSecret:
    return CommandSecret(argv=(sys.executable, "-c", code))


# ---------------------------------------------------------------------------------------------------------------- file


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text(f"{SECRET}\nsecond line\n")
    path.chmod(0o600)
    return path


def test_a_file_that_only_its_owner_can_read_gives_its_first_line(kept: Path) -> None:
    assert find(FileSecret(path=kept)) == SECRET
    kept.write_bytes(f"{SECRET}\r\n".encode())
    assert find(FileSecret(path=kept)) == SECRET


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666, 0o601])
def test_a_file_that_others_may_use_is_refused(kept: Path, mode: int) -> None:
    kept.chmod(mode)
    assert f"say: chmod 600 {kept}" in refusal(FileSecret(path=kept))


def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    assert "cannot be read (No such file or directory)" in refusal(FileSecret(path=tmp_path / "none"))
    assert "is no file" in refusal(FileSecret(path=tmp_path))
    os.mkfifo(tmp_path / "pipe", 0o600)
    assert "is no file" in refusal(FileSecret(path=tmp_path / "pipe"))
    assert "no file name" in refusal(FileSecret(path=Path("a\0b")))


def test_a_file_of_somebody_else_is_refused(kept: Path) -> None:
    if os.geteuid() == 0:  # only root can give a file away, and everybody else has root's
        os.chown(kept, 65534, 65534)
    theirs = kept if os.geteuid() == 0 else Path("/etc/passwd")
    assert "belongs to somebody else" in refusal(FileSecret(path=theirs))


def test_a_symbolic_link_is_refused(kept: Path) -> None:
    link = kept.with_name("link")
    link.symlink_to(kept)
    assert "cannot be read (it is a symbolic link)" in refusal(FileSecret(path=link))


@pytest.mark.parametrize("content", [b"", b"\n", b"\r\n"])
def test_an_empty_secret_is_none(kept: Path, content: bytes) -> None:
    kept.write_bytes(content)
    assert "is empty; store it again" in refusal(FileSecret(path=kept))


@pytest.mark.parametrize("content", [b"a\0b", b"\xff\xfe"])
def test_a_secret_is_text(kept: Path, content: bytes) -> None:
    kept.write_bytes(content)
    assert "is no text; store it again" in refusal(FileSecret(path=kept))


# ---------------------------------------------------------------------------------------------------------- credential


def test_a_systemd_credential_is_read_from_its_directory(tmp_path: Path) -> None:
    (tmp_path / "imap-password").write_text(SECRET)
    assert find(CredentialSecret(name="imap-password"), CREDENTIALS_DIRECTORY=str(tmp_path)) == SECRET


def test_a_missing_credential_says_how_to_add_it(tmp_path: Path) -> None:
    source = CredentialSecret(name="imap-password")
    assert "LoadCredentialEncrypted=imap-password:FILE" in refusal(source)
    assert "has no credential imap-password" in refusal(source, CREDENTIALS_DIRECTORY=str(tmp_path))


# ------------------------------------------------------------------------------------------------------------- command


def test_a_command_gives_the_first_line_that_it_prints() -> None:
    assert find(python(f"print({SECRET!r}); print('user: jordan')")) == SECRET


def test_a_command_is_started_without_a_shell() -> None:
    assert find(CommandSecret(argv=("echo", "$HOME", "`id`", ";", "false"))) == "$HOME `id` ; false"


def test_a_command_has_no_terminal_and_no_input() -> None:
    code = "import os, sys\ntry: os.open('/dev/tty', os.O_RDWR)\nexcept OSError: print('none' + sys.stdin.read())"
    assert find(python(code)) == "none"


def test_a_command_has_the_environment_that_was_given() -> None:
    assert find(python("import os; print(os.environ['GNUPGHOME'])"), GNUPGHOME="/keys") == "/keys"


def test_a_command_that_fails_says_how_and_not_what_it_printed() -> None:
    code = f"import sys; print({SECRET!r}); print({SECRET!r}, file=sys.stderr); sys.exit(3)"
    assert "ended with status 3; try it in a terminal" in refusal(python(code))
    assert "cannot be started (No such file or directory)" in refusal(CommandSecret(argv=("/nowhere/pass",)))
    assert "is empty" in refusal(CommandSecret(argv=("true",)))


def _ends(pid: int) -> bool:
    """Whether a killed process is gone, or waits to be reaped; the kernel may take a moment for it."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state in {"Z", "X"}:
            return True
        time.sleep(0.01)
    return False


def test_a_command_that_does_not_end_is_ended_with_its_children(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(credentials, "PATIENCE", 0.5)
    child = tmp_path / "child"
    code = (
        "import subprocess; p = subprocess.Popen(['sleep', '60']); "
        f"open({str(child)!r}, 'w').write(str(p.pid)); p.wait()"
    )
    began = time.monotonic()
    assert "gave no password within" in refusal(python(code))
    assert time.monotonic() - began < 5
    if child.exists():  # the interpreter may have been ended before it got there
        assert _ends(int(child.read_text()))


def test_a_command_that_closes_its_output_and_stays_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credentials, "PATIENCE", 0.5)
    assert "gave no password within" in refusal(python("import os, time; os.close(1); time.sleep(60)"))


def test_a_command_that_prints_without_end_is_ended() -> None:
    assert "prints more than a password" in refusal(CommandSecret(argv=("yes", SECRET)))


# ------------------------------------------------------------------------------------------------------------- keyring

BACKENDS = """
import json, os, pathlib, sys, time
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

KEPT = pathlib.Path(os.environ["KEPT"])

class Kept(KeyringBackend):
    priority = 1

    def get_password(self, service, username):
        print("a backend may print")
        return json.loads(KEPT.read_text()).get(f"{service} {username}")

    def set_password(self, service, username, password):
        KEPT.write_text(json.dumps(json.loads(KEPT.read_text()) | {f"{service} {username}": password}))

class Silent(Kept):
    def get_password(self, service, username):
        time.sleep(60)

class Locked(Kept):
    def get_password(self, service, username):
        raise KeyringLocked("nobody came")

class Broken(Kept):
    def get_password(self, service, username):
        raise OSError("no bus")

class Dying(Kept):
    def get_password(self, service, username):
        os._exit(3)

class Asking(Kept):
    def get_password(self, service, username):
        try:
            os.open("/dev/tty", os.O_RDWR)
        except OSError:
            return f"no terminal, and on standard input {sys.stdin.read()!r}"

class Forgetful(Kept):
    def set_password(self, service, username, password):
        pass
"""
SOURCE = KeyringSecret(service="tactful", username="jordan")


@pytest.fixture
def backend(tmp_path: Path) -> Callable[[str], dict[str, str]]:
    """Give the environment in which a backend of the above is chosen."""
    (tmp_path / "keyrings_of_these_tests.py").write_text(BACKENDS)
    (tmp_path / "kept.json").write_text(json.dumps({"tactful jordan": SECRET}))
    usual = {"PYTHONPATH": str(tmp_path), "KEPT": str(tmp_path / "kept.json"), "HOME": str(tmp_path)}
    return lambda name: usual | {"PYTHON_KEYRING_BACKEND": f"keyrings_of_these_tests.{name}"}


Backend = Callable[[str], dict[str, str]]


def test_a_keyring_that_is_named_gives_the_password_of_the_user_there(backend: Backend) -> None:
    assert find(SOURCE, **backend("Kept")) == SECRET


def test_what_the_keyring_does_not_have_is_asked_for_by_tactful_login(backend: Backend) -> None:
    with pytest.raises(LoginNeeded, match="no password of sam for tactful; store it with: tactful login personal"):
        find(KeyringSecret(service="tactful", username="sam"), **backend("Kept"))


def test_what_is_stored_in_the_keyring_is_found_there(backend: Backend) -> None:
    other = KeyringSecret(service="tactful", username="sam")
    environ = {"PATH": os.environ["PATH"]} | backend("Kept")
    write_keyring(other, 'pässword "', environ=environ, account="personal", may_unlock=False)
    assert find(other, **backend("Kept")) == 'pässword "'
    assert find(SOURCE, **backend("Kept")) == SECRET


def test_a_keyring_that_does_not_keep_what_it_takes_is_told_of(backend: Backend) -> None:
    with pytest.raises(SecretError, match="has not kept"):
        write_keyring(SOURCE, "other", environ=backend("Forgetful"), account="personal", may_unlock=False)


def test_a_keyring_that_gives_no_answer_is_ended_after_its_time(backend: Backend) -> None:
    began = time.monotonic()
    with pytest.raises(KeyringUnavailable, match="no answer within 2 s; unlock it") as caught:
        read_keyring(SOURCE, environ=backend("Silent"), account="personal", patience=2)
    assert time.monotonic() - began < 8
    assert caught.value.state == "waiting for keyring"


def test_the_process_that_asks_ends_by_itself_where_nobody_is_left_to_end_it(backend: Backend) -> None:
    request = {"service": "tactful", "username": "jordan", "secret": None, "may_unlock": False, "seconds": 2}
    worker = subprocess.run(
        [sys.executable, "-P", "-m", "daemon.keyring_worker"],
        env=backend("Silent"),
        input=json.dumps(request).encode(),
        capture_output=True,
        check=False,
        timeout=30,
    )
    assert worker.returncode == -signal.SIGALRM


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Locked", "the keyring is locked; unlock it, and it goes on by itself"),
        ("Broken", "OSError: no bus"),
        ("Dying", "broke off"),
        ("Missing", "cannot be used"),
    ],
)
def test_a_keyring_that_cannot_be_used_is_waited_for(backend: Backend, name: str, said: str) -> None:
    with pytest.raises(KeyringUnavailable, match=re.escape(said)):
        find(SOURCE, **backend(name))


def test_a_backend_has_no_terminal_and_nothing_more_to_read(backend: Backend) -> None:
    assert find(SOURCE, **backend("Asking")) == "no terminal, and on standard input ''"


@pytest.mark.parametrize(
    ("chosen", "why"),
    [
        ("keyring.backends.fail.Keyring", "keeps nothing"),
        ("keyring.backends.null.Keyring", "keeps nothing"),
        ("keyring.backends.chainer.ChainerBackend", "may hand a secret to any other one"),
        ("keyrings.alt.file.PlaintextKeyring", "plain, or asks on a terminal"),
        ("keyrings.alt.file.EncryptedKeyring", "plain, or asks on a terminal"),
        ("keyrings.cryptfile.cryptfile.CryptFileKeyring", "asks on a terminal"),
        ("a_fine_name.Keyring", "plain, or asks on a terminal"),
    ],
)
def test_a_keyring_that_asks_on_the_terminal_or_keeps_a_plain_file_is_refused(
    tmp_path: Path, chosen: str, why: str
) -> None:
    # The packages themselves are not installed here: these have their names, and would give a password.
    code = """
from keyring.backend import KeyringBackend

class PlaintextKeyring(KeyringBackend):
    priority = 1

    def get_password(self, service, username):
        return "from a plain file"

    def set_password(self, service, username, password):
        pass

class EncryptedKeyring(PlaintextKeyring):
    pass

class CryptFileKeyring(PlaintextKeyring):
    pass
"""
    for module in ("keyrings/alt/file.py", "keyrings/cryptfile/cryptfile.py"):
        path = tmp_path / module
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code)
    (tmp_path / "a_fine_name.py").write_text(
        "import keyrings.alt.file\n\nclass Keyring(keyrings.alt.file.PlaintextKeyring):\n    pass\n"
    )
    found = refusal(SOURCE, PYTHONPATH=str(tmp_path), PYTHON_KEYRING_BACKEND=chosen)
    assert f"{chosen} is not used" in found
    assert why in found


def test_no_keyring_at_all_is_said_with_what_else_there_is(tmp_path: Path) -> None:
    nowhere = f"unix:path={tmp_path}/none"
    found = refusal(SOURCE, DBUS_SESSION_BUS_ADDRESS=nowhere, HOME=str(tmp_path), XDG_RUNTIME_DIR=str(tmp_path))
    assert "there is none here" in found
    assert "{credential: NAME}" in found
