"""The table of docs/policy.md that names scenarios for each rule says what the scenarios show."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from composer.stop import ORDER
from tests.scenarios.render import HERE, load

PAGE = (HERE.parent.parent / "docs" / "policy.md").read_text(encoding="utf-8")
RULES_SECTION = PAGE[PAGE.index("## 2. ") : PAGE.index("## 3. ")]
SCENARIOS = load() | load(HERE / "further.json")


def _cells(section: str) -> Iterator[list[str]]:
    for row in re.findall(r"^\|(.*)\|$", section, re.MULTILINE):
        yield [cell.strip() for cell in row.split("|")]


def _table() -> dict[str, list[str]]:
    """Read "S10 | W24, F73 to F75 (a note)" as S10: W24, F73, F74, F75."""
    table: dict[str, list[str]] = {}
    for cells in _cells(PAGE[PAGE.index("## Shown by") :]):
        for rule, named in zip(cells[::2], cells[1::2], strict=True):
            ids = []
            for first, last in re.findall(r"([WEF]\d+)(?: to ([WEF]\d+))?", named):
                names = range(int(first[1:]), int((last or first)[1:]) + 1)
                ids += [f"{first[0]}{number:02d}" for number in names]
            if ids:
                table[rule] = ids
    return table


TABLE = _table()


def test_every_rule_has_a_scenario() -> None:
    rules = {rule for cells in _cells(RULES_SECTION) for rule in re.findall(r"\b[A-Z]\d+p?\b", cells[0])}

    assert {"T1", "C0", "C0p", "T7", "P1"} <= rules
    assert TABLE.keys() >= {*rules, *ORDER, "preset", "merge", "stale"}


@pytest.mark.parametrize("rule", TABLE)
def test_the_scenarios_named_for_a_rule_show_it(rule: str) -> None:
    for name in TABLE[rule]:
        scenario = SCENARIOS[name]
        printed = {entry["rule"] for entry in scenario["expected"]}
        assert rule in printed | set(scenario["tags"]), name
