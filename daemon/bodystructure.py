"""A BODYSTRUCTURE as nested lists in, the outlines of its leaves out (RFC 9051 7.5.2)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from daemon.mailbox import PartOutline
from daemon.parts import outline_part

DEEPEST = 20  # levels of multipart; a message that goes deeper has no structure for us
MOST_PARTS = 200

Value = bytes | None | list["Value"]  # a string, NIL, or a parenthesised list


class UnreadableStructure(ValueError):
    """The server's description is not one."""


def read_leaves(structure: Value, size: int) -> tuple[PartOutline, ...]:
    """Give the leaves in order, an embedded message being one leaf; `size` stands in where a part's is not told.

    Raises UnreadableStructure.
    """
    return tuple(islice(_leaves(structure, size, (), 0), MOST_PARTS))


def _leaves(node: Value, size: int, path: tuple[int, ...], depth: int) -> Iterator[PartOutline]:
    if not isinstance(node, list) or not node or depth > DEEPEST:
        raise UnreadableStructure
    if not isinstance(node[0], list):
        yield _leaf(node, size, ".".join(map(str, path or (1,))))
        return
    for number, child in enumerate(node, start=1):
        if not isinstance(child, list):
            return  # the subtype; what follows are parameters
        yield from _leaves(child, size, (*path, number), depth + 1)


def _leaf(node: list[Value], size: int, section: str) -> PartOutline:
    if len(node) < 7:
        raise UnreadableStructure
    maintype, subtype, parameters, _, _, _, octets = node[:7]
    if not (isinstance(maintype, bytes) and isinstance(subtype, bytes)):
        maintype, subtype = b"application", b"octet-stream"
    disposition, disposition_parameters = _disposition(node[7:])
    return outline_part(
        section,
        f"{_word(maintype)}/{_word(subtype)}",
        # Gmail gives NIL as the size of some embedded messages
        int(octets) if isinstance(octets, bytes) and octets.isdigit() else size,
        _pairs(parameters),
        disposition,
        disposition_parameters,
    )


def _disposition(extensions: list[Value]) -> tuple[str, dict[str, str]]:
    """Find the disposition by its shape, ("attachment" ("filename" "x")): its place depends on the type of the part,
    and servers leave out or add what comes before it.
    """
    for value in extensions:
        if isinstance(value, list) and len(value) == 2 and isinstance(value[0], bytes):
            name, parameters = value
            if parameters is None or (isinstance(parameters, list) and len(parameters) % 2 == 0):
                return _word(name), _pairs(parameters)
    return "", {}


def _pairs(parameters: Value) -> dict[str, str]:
    if not isinstance(parameters, list):
        return {}
    names, values = parameters[::2], parameters[1::2]
    return {
        _word(name).lower(): _word(value)
        for name, value in zip(names, values, strict=False)
        if isinstance(name, bytes) and isinstance(value, bytes)
    }


def _word(octets: bytes | Value) -> str:
    return octets.decode("utf-8", "replace") if isinstance(octets, bytes) else ""
