"""A state directory in, whether it is where it was last used out: a copy of one must not write to the mailbox as well.

Two daemons with one secret and one ledger each would both make every letter, and take each other's for their own.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from daemon.errors import StateError
from daemon.ledger import Ledger

MACHINE_ID = Path("/etc/machine-id")


def home_of(directory: Path, machine_id: Path = MACHINE_ID) -> str:
    """Name machine and path of a state directory, in a hash that tells of neither."""
    machine = machine_id.read_bytes() if machine_id.exists() else b""
    return hashlib.sha256(machine + b"\0" + str(directory.resolve()).encode()).hexdigest()


def come_home(ledger: Ledger, directory: Path, *, moved: bool) -> None:
    """Make sure that a ledger is used where it was used before. The first use, and one that the person says was moved,
    are at home. Raises StateError.
    """
    home = home_of(directory)
    if ledger.home is not None and ledger.home != home and not moved:
        raise StateError(
            f"{directory}: this state directory was copied or moved here. If nothing works any more with the one that "
            "it comes from, say so once: tactful run --once --moved. Else give this one a state_dir of its own"
        )
    if ledger.home != home:
        ledger.home = home
