"""What pydantic found wrong in, sentences for a person out: what is wrong, and what would be right.

A value is never repeated: somebody may have put a password there.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from daemon.yaml_tree import Path

Schema = Mapping[str, Any]

_SENTENCES = {
    "string_type": "must be text; put it in quotes",
    "int_type": "must be a whole number, without quotes",
    "float_type": "must be a number, without quotes",
    "float_parsing": "must be a number, without quotes",
    "bool_type": "must be true or false",
    "tuple_type": "must be a list, such as [a, b]",
    "frozen_set_type": "must be a list, such as [a, b]",
    "string_pattern_mismatch": "may have letters, digits, '.', '-' and '_' only",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that is wrong at a path of the configuration."""

    path: Path
    text: str


def problems_of(error: ValidationError, schema: Schema) -> tuple[Problem, ...]:
    """Give every problem; `schema` is the JSON Schema of the whole configuration."""
    found = error.errors(include_url=False, include_input=False)
    # pydantic does not count the entries of a list that are wrong, and then finds it too short as well.
    above = {details["loc"][:depth] for details in found for depth in range(len(details["loc"]))}
    return tuple(
        Problem(path=tuple(details["loc"]), text=_sentence(details, schema))
        for details in found
        if not (details["type"] == "too_short" and details["loc"] in above)
    )


def _sentence(details: ErrorDetails, schema: Schema) -> str:
    kind, path = details["type"], tuple(details["loc"])
    if kind == "extra_forbidden":
        return _unknown(str(path[-1]), schema_at(schema, path[:-1], schema))
    if kind == "value_error":
        return details["msg"].removeprefix("Value error, ")
    wanted = _described(schema_at(schema, path, schema))
    if kind == "model_type":
        return "must have options below it"
    if kind == "missing":
        return f"is missing{wanted}"
    bounds = details.get("ctx", {})
    if kind == "too_short":
        return f"needs at least {bounds['min_length']}{wanted}"
    if kind == "too_long":
        return f"may have at most {bounds['max_length']}{wanted}"
    said = _SENTENCES.get(kind) or details["msg"].replace("Input should", "must").replace("should", "must")
    return f"{said[:1].lower()}{said[1:]}{wanted}"


def _unknown(name: str, parent: Schema) -> str:
    known = list(parent.get("properties", {}))
    close = difflib.get_close_matches(name, known, n=1)
    return (
        f"is no option here; did you mean {close[0]}?" if close else f"is no option here; there are: {', '.join(known)}"
    )


def _described(schema: Schema) -> str:
    description = schema.get("description")
    example = next(iter(schema.get("examples", ())), None)
    said = [text for text in (description, f"for example {example}" if example else None) if text]
    return f" ({', '.join(said)})" if said else ""


def schema_at(schema: Schema, path: Path, root: Schema) -> Schema:
    """Give the part of a JSON Schema that is about a path; an empty one where there is none."""
    schema = _resolved(schema, root)
    for step in path:
        below = schema.get("properties", {}).get(step) if isinstance(step, str) else _item(schema, step)
        if below is None:
            return {}
        schema = _resolved(below, root)
    return schema


def _item(schema: Schema, index: int) -> Schema | None:
    fixed = schema.get("prefixItems", ())
    found: Schema | None = fixed[index] if index < len(fixed) else schema.get("items")
    return found


def _resolved(schema: Schema, root: Schema) -> Schema:
    """Follow a reference, and of "this or null" take this; what stands beside it counts more."""
    for alternative in schema.get("anyOf", ()):
        if alternative.get("type") != "null":
            return {**_resolved(alternative, root), **{k: v for k, v in schema.items() if k != "anyOf"}}
    if "$ref" in schema:
        target = root["$defs"][schema["$ref"].rpartition("/")[2]]
        return {**_resolved(target, root), **{k: v for k, v in schema.items() if k != "$ref"}}
    return schema
