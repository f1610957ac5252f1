"""The `digest` section of the configuration: whether the person gets a mail about their week, and when."""

from __future__ import annotations

from datetime import time

from pydantic import Field, StrictBool

from daemon.config_values import DayAndClock, Section


class DigestSection(Section):
    """The mail about what your week brings."""

    enabled: StrictBool = Field(default=False, description="mail it to you")
    at: DayAndClock = Field(default=(1, time(8)), description="weekday and your time of day")
