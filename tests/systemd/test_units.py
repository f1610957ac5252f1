"""What systemd itself says of the units, offline."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
from pathlib import Path

import pytest

UNITS = Path(__file__).parent.parent.parent / "systemd"


def _installed(unit: str, folder: Path) -> Path:
    """Copy a unit with the command of this environment in place of the one that an installation would have."""
    command = Path(sys.executable).with_name("tactful")
    text = (UNITS / unit).read_text("utf-8")
    copy = folder / unit.replace("@", "@anna")
    copy.write_text(re.sub(r"^ExecStart=\S+", f"ExecStart={command}", text, flags=re.MULTILINE), "utf-8")
    return copy


ALL = ("tactful.service", "tactful@.service", "tactful-user.service")


@pytest.mark.parametrize("unit", ALL)
def test_systemd_has_nothing_to_say_against_the_unit(unit: str, tmp_path: Path) -> None:
    runtime = {"XDG_RUNTIME_DIR": str(tmp_path), "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    manager = "--user" if "user" in unit else "--system"
    command = ["systemd-analyze", manager, "verify", "--man=no", str(_installed(unit, tmp_path))]
    outcome = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=runtime)
    assert (outcome.returncode, outcome.stdout, outcome.stderr) == (0, "", "")


@pytest.mark.parametrize("unit", ["tactful.service", "tactful@.service"])
def test_the_system_units_are_as_tight_as_promised(unit: str, tmp_path: Path) -> None:
    command = ["systemd-analyze", "security", "--offline=true", str(_installed(unit, tmp_path))]
    outcome = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    exposure = re.search(r"Overall exposure level for \S+: ([0-9.]+)", outcome.stdout)
    assert exposure, outcome.stdout
    assert float(exposure.group(1)) <= 1.5


def _settings(unit: str) -> list[tuple[str, str]]:
    """Give each setting with the line above it."""
    lines = (UNITS / unit).read_text("utf-8").splitlines()
    return [(line, above) for above, line in itertools.pairwise(lines) if re.match(r"[A-Z]\w+=", line)]


@pytest.mark.parametrize("unit", ALL)
def test_every_line_of_a_unit_is_explained_above_it(unit: str) -> None:
    assert len(_settings(unit)) > 20
    assert [line for line, above in _settings(unit) if not above.startswith("# ")] == []


def test_the_two_system_units_differ_in_whose_they_are_and_in_nothing_else() -> None:
    one, many = ([line for line, _ in _settings(unit)] for unit in ("tactful.service", "tactful@.service"))
    assert [line.partition("=")[0] for line in one] == [line.partition("=")[0] for line in many]
    assert all("%i" in theirs for ours, theirs in zip(one, many, strict=True) if ours != theirs)


@pytest.mark.parametrize("unit", ALL)
def test_each_unit_waits_for_ready_is_watched_and_comes_back(unit: str) -> None:
    settings = {line for line, _ in _settings(unit)}
    assert {"Type=notify", "Restart=on-failure", "StartLimitIntervalSec=0", "LimitCORE=0"} <= settings
    assert any(line.startswith("WatchdogSec=") for line in settings)
