"""What systemd itself says of the units, offline."""

from __future__ import annotations

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
    copy = folder / unit
    copy.write_text(re.sub(r"^ExecStart=\S+", f"ExecStart={command}", text, flags=re.MULTILINE), "utf-8")
    return copy


@pytest.mark.parametrize(("unit", "manager"), [("tactful.service", "--system"), ("tactful-user.service", "--user")])
def test_systemd_has_nothing_to_say_against_the_unit(unit: str, manager: str, tmp_path: Path) -> None:
    runtime = {"XDG_RUNTIME_DIR": str(tmp_path), "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    command = ["systemd-analyze", manager, "verify", "--man=no", str(_installed(unit, tmp_path))]
    outcome = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=runtime)
    assert (outcome.returncode, outcome.stdout, outcome.stderr) == (0, "", "")


def test_the_system_unit_is_as_tight_as_promised(tmp_path: Path) -> None:
    command = ["systemd-analyze", "security", "--offline=true", str(_installed("tactful.service", tmp_path))]
    outcome = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    exposure = re.search(r"Overall exposure level for \S+: ([0-9.]+)", outcome.stdout)
    assert exposure, outcome.stdout
    assert float(exposure.group(1)) <= 1.5


@pytest.mark.parametrize("unit", ["tactful.service", "tactful-user.service"])
def test_each_unit_waits_for_ready_and_is_watched(unit: str) -> None:
    lines = (UNITS / unit).read_text("utf-8").splitlines()
    assert "Type=notify" in lines
    assert any(line.startswith("WatchdogSec=") for line in lines)
    assert "LimitCORE=0" in lines
