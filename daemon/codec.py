"""Turns facts, follow-ups, acts and decisions into JSON for the ledger, and back.

A statement or an act is stored under the name of its class: several have the same fields, so their shape alone does
not tell them apart. pydantic does the rest from the dataclasses themselves.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, get_args

from pydantic import TypeAdapter

from composer.acts import Act
from composer.agenda import FollowUp
from daemon.decision import Decision
from parsers.model import Facts, Statement

_TAGGED: dict[str, type[Any]] = {cls.__name__: cls for cls in (*get_args(Statement), *get_args(Act))}


_adapters: dict[type[Any], TypeAdapter[Any]] = {}


def _adapter(cls: type[Any]) -> TypeAdapter[Any]:
    # Making one takes a millisecond or two, so each is made when it is first needed and kept.
    if cls not in _adapters:
        _adapters[cls] = TypeAdapter(cls)
    return _adapters[cls]


def _dump(value: Any) -> Any:
    return _adapter(type(value)).dump_python(value, mode="json", exclude_defaults=True)


def _tagged(value: Any) -> dict[str, Any]:
    return {"is": type(value).__name__, "of": _dump(value)}


def _untagged(document: dict[str, Any]) -> Any:
    cls = _TAGGED[document["is"]]
    return _adapter(cls).validate_python(document["of"])


def dump_facts(facts: Facts) -> str:
    """Give one message's facts as a JSON document."""
    document = _dump(replace(facts, statements=()))
    document["statements"] = [_tagged(statement) for statement in facts.statements]
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def load_facts(document: str) -> Facts:
    """Read what `dump_facts` wrote. Raises ValueError when it is not that."""
    fields = json.loads(document)
    statements = tuple(_untagged(statement) for statement in fields.pop("statements"))
    facts: Facts = _adapter(Facts).validate_python(fields)
    return replace(facts, statements=statements)


def dump_followup(followup: FollowUp) -> str:
    """Give a follow-up as a JSON document."""
    return _adapter(FollowUp).dump_json(followup).decode()


def load_followup(document: str) -> FollowUp:
    """Read what `dump_followup` wrote."""
    followup: FollowUp = _adapter(FollowUp).validate_json(document)
    return followup


def dump_act(act: Act) -> str:
    """Give an act as a JSON document."""
    return json.dumps(_tagged(act), ensure_ascii=False, separators=(",", ":"))


def load_act(document: str) -> Act:
    """Read what `dump_act` wrote."""
    act: Act = _untagged(json.loads(document))
    return act


def dump_decision(decision: Decision) -> str:
    """Give a decision as a JSON document."""
    return json.dumps(_dump(decision), ensure_ascii=False, separators=(",", ":"))


def load_decision(document: str) -> Decision:
    """Read what `dump_decision` wrote."""
    decision: Decision = _adapter(Decision).validate_json(document)
    return decision
