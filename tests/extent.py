"""How long the tests are that could go on for ever: short within all tests, long in `make faults`."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from typing import TypeVar

LONG = os.environ.get("FAULTS") == "long"
SEED = int(os.environ.setdefault("FAULTS_SEED", str(random.randrange(10**6))))  # noqa: S311 - a test's seed
T = TypeVar("T")


def spread(steps: Sequence[T], short: int) -> list[T]:
    """Give every step in the long form; in the short one so many, evenly spread, other ones with another seed."""
    if LONG or len(steps) <= short:
        return list(steps)
    width = len(steps) / short
    offset = random.Random(SEED).uniform(0, width)  # noqa: S311 - likewise
    return [steps[min(int(offset + number * width), len(steps) - 1)] for number in range(short)]
