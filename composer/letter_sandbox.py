"""Takes the source of a template; gives a template that can do nothing but arrange words, and not without end.

A template may be one that the person wrote. There is no `range` and nothing else to call but its own macros; what it
does is counted, and what it makes is measured, so that a mistake in it is an error and never a hang.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

CALLS = 2_000  # of macros and methods, in one rendering; ours need about twenty
LENGTH = 5_000  # characters of anything that is made; a letter has about a thousand
_SHORT = 200  # characters that may be put in many times
_BUDGET = "budget_of_calls"
_FILTERS = frozenset({"join", "length", "lower", "upper", "capitalize", "first", "last", "replace", "trim", "default"})
_METHODS = frozenset({"split", "startswith", "endswith", "weekday", "lower", "upper", "strip", "isoformat"})
_TESTS = frozenset({"defined", "none", "in", "eq", "ne", "lt", "gt", "le", "ge", "true", "false", "string"})


class TooMuch(TemplateError):
    """A template makes or does more than a letter needs."""


class _Measured(CodeGenerator):
    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802 - the name is Jinja2's
        """Let `~` be measured as everything else is."""
        self.write("environment.joined((")
        for part in node.nodes:
            self.visit(part, frame)
            self.write(", ")
        self.write("))")


class _Environment(ImmutableSandboxedEnvironment):
    code_generator_class = _Measured
    intercepted_binops = frozenset({"+", "*", "%", "**", "/", "//"})

    def __init__(self) -> None:
        # The letter is text/plain: there is nothing to escape. Line breaks mean nothing, so nothing is trimmed.
        super().__init__(undefined=StrictUndefined, autoescape=False, finalize=_measured)
        self.globals.clear()
        self.filters = {name: call for name, call in self.filters.items() if name in _FILTERS}
        self.tests = {name: call for name, call in self.tests.items() if name in _TESTS}
        self.filters["replace"] = _replace
        self.filters["join"] = _join

    def joined(self, parts: tuple[object, ...]) -> str:
        return str(_measured("".join(map(str, parts))))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if operator != "+":
            raise TooMuch(f"{operator} is not needed in a letter")
        return _measured(super().call_binop(context, operator, left, right))

    def wrap_str_format(self, value: Any) -> None:
        """Let `str.format` be judged as any other method, which refuses it."""

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        return super().is_safe_attribute(obj, attr, value) and (not callable(value) or attr in _METHODS)

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805 - Jinja2's signature
        budget = __context.resolve(_BUDGET)
        if not budget:
            raise TooMuch(f"calls more than {CALLS} macros")
        budget.pop()
        return _measured(super().call(__context, __obj, *args, **kwargs))


@lru_cache(maxsize=1024)
def compiled(source: str) -> Template:
    """Compile a template. Raises TemplateSyntaxError with the line, also for what no letter needs."""
    tree = _ENVIRONMENT.parse(source)
    _check(tree, in_loop=False)
    return _ENVIRONMENT.from_string(tree)


def rendered(template: Template, values: Mapping[str, object]) -> str:
    """Render a template. Raises TemplateError, or what a mistake in it leads to, such as TypeError."""
    return str(_measured(template.render({**values, _BUDGET: [None] * CALLS})))


def _check(node: nodes.Node, *, in_loop: bool) -> None:
    if isinstance(node, nodes.Import | nodes.FromImport | nodes.Include | nodes.Extends | nodes.Block):
        raise TemplateSyntaxError("a letter's template stands alone", node.lineno)
    if isinstance(node, nodes.For):
        if in_loop or node.recursive:
            raise TemplateSyntaxError("a loop inside a loop is not needed in a letter", node.lineno)
        in_loop = True
    for child in node.iter_child_nodes():
        _check(child, in_loop=in_loop)


def _measured(value: Any) -> Any:
    if isinstance(value, str | list | tuple) and len(value) > LENGTH:
        raise TooMuch(f"makes more than {LENGTH} characters")
    return value


def _replace(text: str, old: str, new: str, count: int = -1) -> str:
    return str(_measured(text.replace(old, _short(new), count))) if old else text


def _join(parts: Iterable[object], between: str = "") -> str:
    return str(_measured(_short(between).join(map(str, parts))))


def _short(text: str) -> str:
    if len(text) > _SHORT:
        raise TooMuch(f"puts in more than {_SHORT} characters many times")
    return text


_ENVIRONMENT = _Environment()
