"""The `letters` section of the configuration: what becomes of gaps, and templates of the person's own."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from daemon.config_values import FilePath, Section


class LetterSettings(Section):
    """How letters are written."""

    placeholders: Literal["mark", "omit"] = Field(
        default="mark", description="what nobody told: mark it, to be filled in, or omit it"
    )
    templates: FilePath | None = Field(
        default=None, description="a folder of templates of your own, en/thank_you.txt and so on, instead of ours"
    )
