"""Gives times the zone that is stated once: behind the last of a list, beside the date, or for all times."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

from parsers.pairing import Pair, weigh
from parsers.phrase import Atom, Kind, Row, Zone
from parsers.tokens import Shape


def share_zones(row: Row, atoms: list[Atom], pairs: list[Pair]) -> None:
    """Give times the zone that is stated once: behind the last of a list, beside the date, or for all times."""
    overall: Zone | None = None
    for index, atom in enumerate(atoms):
        if atom.kind is not Kind.ZONE or atom.zone is None:
            continue
        if any(row.has(place, "all_times") for place in range(max(0, atom.first - 4), atom.first)):
            overall = overall or replace(atom.zone, shared=True)
        elif index and weigh(row, atoms[index - 1].last, atom.first) <= 1.0:
            before = atoms[index - 1]
            _give((pair.time for pair in pairs if pair.time and (pair.time is before or pair.day is before)), atom.zone)
    if overall:
        _give((pair.time for pair in pairs if pair.time), overall)
    timed = [pair.time for pair in pairs if pair.time]
    for right, left in pairwise(reversed(timed)):
        if right.time and right.time.zone and left.time and not left.time.zone and _one_list(row, left, right):
            _give([left], replace(right.time.zone, shared=True))
    for left, right in pairwise(timed):
        if left.time and left.time.zone and right.time and not right.time.zone and _one_list(row, left, right):
            _give([right], replace(left.time.zone, shared=True))


def _give(times: Iterable[Atom], zone: Zone) -> None:
    for atom in times:
        if atom.time and not atom.time.zone:
            atom.time = replace(atom.time, zone=zone)


def _one_list(row: Row, left: Atom, right: Atom) -> bool:
    """Whether two times stand in one sentence or in neighbouring lines, with nothing but days between them."""
    if not 0 <= right.first - left.last < 16:
        return False
    inside = sum(
        1
        for place in range(left.last, right.first)
        if row.tokens[place].shape is Shape.WORD and not row.tokens[place].roles
    )
    stops = any(
        row.tokens[place].text in ".!?" and not row.at(place + 1).glued for place in range(left.last, right.first)
    )
    return inside <= 3 and not stops
