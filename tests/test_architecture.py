"""The walls of the house (docs/architecture.md), walked on the syntax trees."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("parsers", "composer", "daemon")
EFFECTS = frozenset(
    {"asyncio", "socket", "ssl", "sqlite3", "os", "time", "logging", "threading", "subprocess", "pathlib", "select"}
)


def _modules(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import hides which room is entered"
            assert node.module is not None
            yield node.module


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_has_modules_to_judge(room: str) -> None:
    assert len(_modules(room)) > 3


def test_parsers_import_nothing_of_ours_but_parsers() -> None:
    for path in _modules("parsers"):
        assert not [name for name in _imports(path) if name.split(".")[0] in {"composer", "daemon"}], path


def test_composer_imports_of_parsers_only_the_model() -> None:
    for path in _modules("composer"):
        names = [name for name in _imports(path) if name.split(".")[0] in {"parsers", "daemon"}]
        assert set(names) <= {"parsers.model"}, path


@pytest.mark.parametrize("room", ["parsers", "composer"])
def test_the_pure_rooms_touch_no_network_disk_clock_or_process(room: str) -> None:
    for path in _modules(room):
        assert not {name.split(".")[0] for name in _imports(path)} & EFFECTS, path


@pytest.mark.parametrize("room", ["parsers", "composer"])
def test_the_pure_rooms_read_no_clock_and_open_no_file(room: str) -> None:
    for path in _modules(room):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                assert called not in {"now", "utcnow", "today", "open"}, f"{path}:{node.lineno}"


@pytest.mark.parametrize("room", ["parsers", "composer"])
def test_only_the_daemon_is_asynchronous(room: str) -> None:
    for path in _modules(room):
        tree = ast.parse(path.read_text("utf-8"))
        assert not [n for n in ast.walk(tree) if isinstance(n, ast.AsyncFunctionDef | ast.Await)], path


def test_no_other_distribution_claims_our_package_names() -> None:
    """python-daemon ships a package `daemon`: installed beside ours, either could be imported."""
    for distribution in distributions():
        if distribution.metadata["Name"] == "tactful":
            continue
        claimed = {file.parts[0] for file in distribution.files or () if len(file.parts) > 1}
        assert not claimed & set(ROOMS), distribution.metadata["Name"]


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_the_lock_forbids_python_daemon_and_names_no_host(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    assert "python-daemon" not in text
    assert "://" not in text
    assert text.count("--hash=sha256:") >= text.count("==")
