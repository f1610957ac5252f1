"""Says whether the time zones that the program reckons with are there, before anything is reckoned with them."""

from __future__ import annotations

import sys
from importlib import resources
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from daemon.errors import IncompleteInstallation

# Each is read by name somewhere; the zones themselves may be the system's as well as the package's.
_TABLES = ("zones", "zoneinfo/iso3166.tab", "zoneinfo/tzdata.zi", "zoneinfo/zone.tab")


def require_zones() -> None:
    """Raise IncompleteInstallation where the package tzdata, or a part of it, cannot be found."""
    try:
        package = resources.files("tzdata")
    except ModuleNotFoundError:
        raise _missing(f"there is no package tzdata for {sys.executable}") from None
    for table in _TABLES:
        if not package.joinpath(table).is_file():
            raise _missing(f"{package.joinpath(table)} is not there")
    try:
        ZoneInfo("Etc/UTC")
    except ZoneInfoNotFoundError:
        raise _missing(f"neither {package} nor the system has the zones") from None


def _missing(what: str) -> IncompleteInstallation:
    return IncompleteInstallation(
        f"The time zone data is missing: {what}. Nothing was read or written. Install it anew: "
        f"{sys.executable} -m pip install --force-reinstall tzdata"
    )
