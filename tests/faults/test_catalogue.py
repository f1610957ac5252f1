"""Each fault of faults.json is injected by a test that carries its mark; what is not run of it is told, and why."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

HERE = Path(__file__).parent
TESTS = HERE.parent
FAULTS = {fault["id"]: fault for fault in json.loads((HERE / "faults.json").read_text("utf-8"))["faults"]}

# Parts of a fault that are not run, and why.
NOT_RUN = {
    "F1": "a drop by a real router: the proxy's frozen connection looks the same to a client",
    "F2": "a real suspend: SIGSTOP, a wall clock moved and a monotonic clock left alone are what a program sees of one",
    "F3": "a second server, Dovecot 2.4: not among the packages of the systems that the tests run on",
    "F14": "the ten minutes until the last look: the clock is moved over them; the server's delay is waited for",
}


@cache
def _marked() -> tuple[tuple[str, str], ...]:
    """Give (fault, test) of every mark."""
    return tuple(_marks())


def _marks() -> Iterator[tuple[str, str]]:
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for mark in node.decorator_list:
                    if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.fault":
                        yield from ((str(ast.literal_eval(word)), node.name) for word in mark.args)


def test_there_are_thirty_faults() -> None:
    assert set(FAULTS) == {f"F{number}" for number in range(1, 31)}


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_a_fault_has_its_test(fault: str) -> None:
    assert [test for name, test in _marked() if name == fault], FAULTS[fault]["title"]


def test_marks_and_exceptions_name_faults_that_exist() -> None:
    assert {name for name, _ in _marked()} | NOT_RUN.keys() <= FAULTS.keys()
