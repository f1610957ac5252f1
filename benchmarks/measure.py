"""The outcome of one measure."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Measure:
    """Lines for the reader, and every miss by name."""

    summary: list[str] = field(default_factory=list)
    misses: list[str] = field(default_factory=list)
