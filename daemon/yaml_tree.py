"""Reads YAML text by the rules of YAML 1.2 into plain values, with the line and column of each.

PyYAML knows 1.1 only, in which 12:30 is the number 750 and `no` is false. Here only what the core schema (YAML 1.2.2
section 10.3) says is a number, a boolean or null is one; everything else is text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import yaml

SIZE_LIMIT = 256 * 1024  # characters; a configuration has about ten thousand
_NODE_LIMIT = 20_000  # with aliases followed: some of them can stand for billions
_DEPTH_LIMIT = 20

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something stands in the file, counted from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A document: `places` has the place of each key and list entry; `problems` what the value does not show."""

    value: object
    places: Mapping[Path, Place]
    problems: tuple[tuple[Path, str], ...] = ()

    def place(self, path: Path) -> Place:
        """Give the place of the path, or of what it would lie in."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, Place(line=1, column=1))


class YamlSyntaxError(Exception):
    """The text is not YAML. Its message never repeats the text, which may hold a secret."""

    def __init__(self, what: str, place: Place) -> None:
        self.what = what
        self.place = place
        super().__init__(what)


class _CoreLoader(yaml.SafeLoader):
    """PyYAML's loader, of which only the composing of nodes is used, with the core schema's resolvers."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own way


for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", "~nN\0"),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    (
        "float",
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        "-+.0123456789",
    ),
):
    _CoreLoader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}",
        re.compile(rf"(?:{_pattern})\Z"),
        ["" if first == "\0" else first for first in _first],
    )


def read_yaml(text: str) -> Tree:
    """Read one document. Raises YamlSyntaxError."""
    if len(text) > SIZE_LIMIT:
        raise YamlSyntaxError("the file is larger than 256 KiB", Place(line=1, column=1))
    try:
        root = _CoreLoader(text).get_single_node()
    except yaml.MarkedYAMLError as error:
        raise YamlSyntaxError(_without_quotes(error), _place(error.problem_mark or error.context_mark)) from None
    except yaml.YAMLError:
        raise YamlSyntaxError("the file has characters that no text has", Place(line=1, column=1)) from None
    if root is None:
        raise YamlSyntaxError("the file is empty", Place(line=1, column=1))
    builder = _Builder()
    return Tree(value=builder.build(root, ()), places=builder.places, problems=tuple(builder.problems))


@dataclass(slots=True)
class _Builder:
    places: dict[Path, Place] = field(default_factory=dict)
    problems: list[tuple[Path, str]] = field(default_factory=list)
    nodes: int = 0

    def build(self, node: yaml.Node, path: Path) -> object:
        self.nodes += 1
        if self.nodes > _NODE_LIMIT or len(path) > _DEPTH_LIMIT:
            raise YamlSyntaxError("the file is too deep or its aliases repeat too much", _place(node.start_mark))
        self.places.setdefault(path, _place(node.start_mark))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._scalar(node, path)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, object]:
        found: dict[str, object] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise YamlSyntaxError("a key must be a word", _place(key.start_mark))
            name: str = key.value
            here = (*path, name)
            if name in found:
                first = self.places[here].line
                self.problems.append(
                    (here, f"is set twice, in line {first} and in line {key.start_mark.line + 1}; keep one")
                )
                continue
            self.places[here] = _place(key.start_mark)
            found[name] = self.build(value, here)
        return found

    def _scalar(self, node: yaml.Node, path: Path) -> object:
        text: str = node.value
        kind = node.tag.removeprefix("tag:yaml.org,2002:")
        if kind == "str":
            return text
        if kind == "null":
            return None
        if kind == "bool" and text.lower() in ("true", "false"):
            return text.lower() == "true"
        try:
            if kind == "int":
                return int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))
            if kind == "float":
                return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
        except ValueError:
            pass  # an explicit tag on something else; the same problem as an unknown tag
        self.problems.append((path, "has a tag (!) that means nothing here"))
        return text


def _place(mark: yaml.Mark | None) -> Place:
    return Place(line=mark.line + 1, column=mark.column + 1) if mark else Place(line=1, column=1)


def _without_quotes(error: yaml.MarkedYAMLError) -> str:
    """Give PyYAML's words without what they quote from the file."""
    words = "; ".join(part for part in (error.context, error.problem) if part)
    return "this is not YAML: " + re.sub(r"'[^']*'|\"[^\"]*\"", "…", words)
