"""The options that several verbs share, and what their values may be."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click


class Instant(click.ParamType[datetime]):
    """An RFC 3339 instant, or a day (its last second); without an offset it is in the user's zone."""

    name = "instant"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read the text; the zone is attached later, when it is known."""
        if isinstance(value, datetime):
            return value
        try:
            instant = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not an instant like 2026-12-01T17:00:00-05:00", param, ctx)
        return instant.replace(hour=23, minute=59, second=59) if len(value) == len("2026-12-01") else instant


class Timezone(click.ParamType[str]):
    """The name of a time zone."""

    name = "zone"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check that the zone exists."""
        from zoneinfo import ZoneInfo

        try:
            return ZoneInfo(value).key
        except (ValueError, OSError):
            self.fail(f"{value!r} is not a time zone; give a name like Europe/Berlin", param, ctx)


PATH = click.Path(path_type=Path)
config_option = click.option("--config", "config_path", type=PATH, help="The configuration (YAML).")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON Lines.")
timezone_option = click.option("--timezone", type=Timezone(), help="Your time zone; default: the config's or system's.")
me_option = click.option("--me", multiple=True, metavar="ADDRESS", help="One of the user's own addresses (repeatable).")
