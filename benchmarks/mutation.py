"""Changes the planner in one place at a time and names every change that no test of it notices.

    python -m benchmarks.mutation [composer/plan.py composer/workdays.py]

A mutant is killed if a test fails or hangs. The tests are those of planning alone, in copies of the checkout.
"""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from queue import SimpleQueue

ROOT = Path(__file__).parent.parent
MODULES = ("composer/plan.py", "composer/workdays.py")
PARTS = ("workdays", "plan", "plan_agenda", "plan_rare", "plan_scenarios", "plan_together")
TESTS = tuple(f"tests/composer/test_{part}.py" for part in PARTS)
NEEDED = ("composer", "parsers", "tests/composer", "tests/scenarios")
WORKERS = os.cpu_count() or 1
SECONDS = 60  # the tests take some three; a mutant that needs this long runs in a circle

OPERATORS: dict[type[ast.AST], tuple[type[ast.AST], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
}
PAIRS = ((ast.Eq, ast.NotEq), (ast.In, ast.NotIn), (ast.Is, ast.IsNot), (ast.And, ast.Or), (ast.Add, ast.Sub))
OPERATORS |= {one: (other,) for pair in PAIRS for one, other in (pair, pair[::-1])}
NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A module with one thing changed; `was` and `now` are the line's code before and after."""

    module: str
    line: int
    was: str
    now: str
    source: str


def mutants(module: str) -> Iterator[Mutant]:
    """Give every mutant of a module, each with one operator, constant, condition, statement or result changed."""
    tree = ast.parse((ROOT / module).read_text(encoding="utf-8"))
    for parent in _inside(tree):
        for name, value in ast.iter_fields(parent):
            children = value if isinstance(value, list) else [value]
            for place, child in enumerate(children):
                for other in _instead(parent, name, child):
                    whole = isinstance(child, ast.stmt)  # else the line of a lone operator would not tell much
                    line = getattr(child, "lineno", getattr(parent, "lineno", 0))
                    was = ast.unparse(child if whole else parent)
                    _put(parent, name, place, other)
                    now = ast.unparse(other if whole else parent)
                    yield Mutant(module=module, line=line, was=was, now=now, source=ast.unparse(tree))
                    _put(parent, name, place, child)


def _inside(node: ast.AST) -> Iterator[ast.AST]:
    """Walk in order of the source, past annotations, which no test could notice."""
    yield node
    for name, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and name not in {"annotation", "returns", "decorator_list"}:
                yield from _inside(child)


def _put(parent: ast.AST, name: str, place: int, child: object) -> None:
    value = getattr(parent, name)
    if isinstance(value, list):
        value[place] = child
    else:
        setattr(parent, name, child)


def _instead(parent: ast.AST, name: str, child: object) -> Iterator[ast.AST]:
    """Give what may stand in a child's place."""
    if name == "test" or (isinstance(parent, ast.comprehension) and name == "ifs"):
        yield from (ast.Constant(True), ast.Constant(False))
    match child:
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield from (ast.Constant(value + 1), ast.Constant(value - 1))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield operand
        case ast.Name(id=called) if called in NAMES and isinstance(parent, ast.Call):
            yield ast.Name(NAMES[called])
        case ast.Return(value=ast.expr() as value) if not (isinstance(value, ast.Constant) and value.value is None):
            yield ast.Return(ast.Constant(None))
        case ast.Expr(value=ast.Call() | ast.Yield()) | ast.Assign() | ast.AugAssign() | ast.Continue():
            yield ast.Pass()
        case ast.AST():
            yield from (other() for other in OPERATORS.get(type(child), ()))


def survives(mutant: Mutant, checkout: Path) -> bool:
    """Whether all the tests pass with the mutant in a copy of the checkout."""
    file = checkout / mutant.module
    kept = file.read_text(encoding="utf-8")
    file.write_text(mutant.source, encoding="utf-8")
    # -B: two mutants of one second and one length would share their bytecode.
    command = [sys.executable, "-B", "-m", "pytest", "-x", "-q", "-n0", "-p", "no:cacheprovider", *TESTS]
    try:
        return subprocess.run(command, cwd=checkout, capture_output=True, timeout=SECONDS, check=False).returncode == 0
    except subprocess.TimeoutExpired:
        return False
    finally:
        file.write_text(kept, encoding="utf-8")


def main() -> None:
    """Try every mutant, name the survivors, and count."""
    found = {module: list(mutants(module)) for module in sys.argv[1:] or MODULES}
    free: SimpleQueue[Path] = SimpleQueue()

    def attempt(mutant: Mutant) -> bool:
        checkout = free.get()
        alive = survives(mutant, checkout)
        free.put(checkout)
        return alive

    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(WORKERS) as pool:
        for checkout in (Path(scratch) / str(number) for number in range(WORKERS)):
            for needed in NEEDED:
                shutil.copytree(ROOT / needed, checkout / needed)
            shutil.copy(ROOT / "pyproject.toml", checkout)
            free.put(checkout)
        for module, made in found.items():
            if not attempt(replace(made[0], source=(ROOT / module).read_text(encoding="utf-8"))):
                sys.exit("the tests fail without any change")
            alive = [mutant for mutant, lives in zip(made, pool.map(attempt, made), strict=True) if lives]
            for mutant in alive:
                print(f"{mutant.module}:{mutant.line}\n    - {mutant.was}\n    + {mutant.now}")
            print(f"{module}: {len(made)} mutants, {len(made) - len(alive)} killed, {len(alive)} alive", flush=True)


if __name__ == "__main__":
    main()
