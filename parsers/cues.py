"""Makes patterns of the fragments in `languages/cues.toml`: a list's name and a shape in, a compiled pattern out."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files

_REFERENCE = re.compile(r"\{([a-z_]{2,30})\}")


@cache
def _fragments() -> dict[str, list[str]]:
    text = files("parsers").joinpath("languages").joinpath("cues.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def fill(shape: str) -> str:
    """Put the alternatives of each list that is named in braces into a pattern: "{meets} " is "(?:with|meet|...) "."""
    return _REFERENCE.sub(lambda found: f"(?:{'|'.join(map(fill, _fragments()[found[1]]))})", shape)


def cue(shape: str, flags: int = re.IGNORECASE) -> re.Pattern[str]:
    """Compile a pattern in which lists are named in braces."""
    return re.compile(fill(shape), flags)
