"""Where daemon.credentials finds a secret, and what it says when there is none."""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

import pytest
from keyring.backend import KeyringBackend

from daemon import credentials
from daemon.credentials import CommandSecret, CredentialSecret, FileSecret, KeyringSecret, SecretSource, find_secret
from daemon.errors import SecretError

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


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_somebody_else_is_refused(kept: Path) -> None:
    os.chown(kept, 65534, 65534)
    assert "belongs to somebody else" in refusal(FileSecret(path=kept))


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


class Kept(KeyringBackend):
    """A keyring that has one password."""

    priority = 1

    def get_password(self, service: str, username: str) -> str | None:
        return SECRET if (service, username) == ("tactful", "jordan") else None

    def set_password(self, service: str, username: str, password: str) -> None:
        raise AssertionError("nothing is ever stored")


class Locked(Kept):
    """A keyring whose owner does not come."""

    def get_password(self, service: str, username: str) -> str | None:
        threading.Event().wait()
        return None


class Broken(Kept):
    """A keyring whose service went away."""

    def get_password(self, service: str, username: str) -> str | None:
        raise OSError("no bus")


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyrings_of_these_tests", sys.modules[__name__])


SOURCE = KeyringSecret(service="tactful", username="jordan")


def test_a_keyring_that_is_named_gives_the_password_of_the_user_there() -> None:
    chosen = "keyrings_of_these_tests.Kept"
    assert find(SOURCE, PYTHON_KEYRING_BACKEND=chosen) == SECRET
    other = KeyringSecret(service="tactful", username="sam")
    assert "store it with: keyring set tactful sam" in refusal(other, PYTHON_KEYRING_BACKEND=chosen)


def test_a_locked_keyring_is_not_waited_for_without_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credentials, "PATIENCE", 0.2)
    assert "unlock it" in refusal(SOURCE, PYTHON_KEYRING_BACKEND="keyrings_of_these_tests.Locked")


def test_a_broken_keyring_says_what_else_there_is() -> None:
    found = refusal(SOURCE, PYTHON_KEYRING_BACKEND="keyrings_of_these_tests.Broken")
    assert "OSError: no bus" in found
    assert "{credential: NAME}" in found
    assert "cannot be used" in refusal(SOURCE, PYTHON_KEYRING_BACKEND="keyrings_of_these_tests.Missing")


def test_a_keyring_that_asks_on_the_terminal_is_refused() -> None:
    found = refusal(SOURCE, PYTHON_KEYRING_BACKEND="keyrings.alt.file.EncryptedKeyring")
    assert "asks on a terminal" in found


def test_no_keyring_at_all_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credentials, "_BACKENDS", (("keyring.backends.nowhere", "Keyring"),))
    assert "there is none here" in refusal(SOURCE)
