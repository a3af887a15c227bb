"""What an open outcome waits for: every input that could still matter to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from envrules.engines.reference.evaluate import Env, Worth, condition, evaluate, number
from envrules.interval import Interval
from envrules.lang import ast
from envrules.records.values import Nothing, Record
from envrules.screening.case import Case, Input, Pair


def open_inputs(case: Case, pair: Pair) -> tuple[Input, ...]:
    """The unknown inputs that an open outcome may hang on; what is already decided is left out."""
    subject, env = case.environment(pair)
    rule = pair.rule
    found: list[Input] = []
    if subject.applies is None and rule.when is not None:
        found += _open(rule.when, env, case)
    if condition(rule.require, env) is None:
        found += _open(rule.require, env, case)
    if rule.due is not None and not number(rule.due, env).known:
        found += _open(rule.due, env, case)
    return tuple(dict.fromkeys(found))


def read_inputs_of(case: Case, pair: Pair) -> tuple[Input, ...]:
    """The inputs that a rule reads, known or not, what is demanded before whom it concerns."""
    subject, env = case.environment(pair)
    del subject
    nodes = [n for n in (pair.rule.require, pair.rule.when) if n is not None]
    found: list[Input] = []
    for node in nodes:
        for part in ast.walk(node):
            if isinstance(part, ast.FieldValue):
                found += _places(part, env, case)
    return tuple(dict.fromkeys(found))


def _places(node: ast.FieldValue, env: Env, case: Case) -> Iterator[Input]:
    own = env.own(node.scope)
    records = [own] if own is not None else [r for r, _ in env.related_to(node.scope)]
    for record in records:
        yield Input(record.type, case.locate(record), node.name)


def _open(node: ast.Node, env: Env, case: Case) -> Iterator[Input]:
    if node.type.kind == "bool" and not isinstance(node, ast.FieldValue) and condition(node, env) is not None:
        return
    if isinstance(node, ast.FieldValue):
        yield from _field(node, env, case)
    elif isinstance(node, ast.Case):
        for row in node.rows:
            holds = True if row.when is None else condition(row.when, env)
            if row.when is not None:
                yield from _open(row.when, env, case)
            if holds is not False:
                yield from _open(row.then, env, case)
            if holds and not node.unique:
                break
    elif isinstance(node, ast.Aggregate):
        yield from _aggregate(node, env, case)
    else:
        for child in ast.children(node):
            yield from _open(child, env, case)


def _field(node: ast.FieldValue, env: Env, case: Case) -> Iterator[Input]:
    own = env.own(node.scope)
    if own is not None:
        yield from _unknown(own, node.name, case)
        return
    members = env.related_to(node.scope)
    link = env.related[node.scope]
    waiting = 0
    for record, belongs in members:
        for at in (
            *_unknown(record, node.name, case),
            *(_membership(record, node.scope, env, case) if belongs is None else ()),
        ):
            waiting += 1
            yield at
    if members and not waiting and not _settled(evaluate(node, env)):
        # Several records are meant and say different things: which of them counts has to be asked.
        yield Input(link.record, None, node.name)
    if not any(belongs for _, belongs in members):
        before = [i for _, key in link.keys for i in _open(key, env, case)]
        yield from before or ([] if members else [Input(link.record, None, node.name)])


def _settled(worth: Worth) -> bool:
    if isinstance(worth, frozenset):
        return len(worth) == 1
    return worth is not None and (not isinstance(worth, Interval) or worth.known)


def _unknown(record: Record, name: str, case: Case) -> Iterator[Input]:
    declared = case.pack.records[record.type].fields[name]
    value = record.value(name)
    if isinstance(value, Nothing):
        if value is Nothing.ABSENT and declared.assume is not None:
            return
        by = declared.unit_of
        missing = by if by and isinstance(record.value(by), Nothing) else name
        yield Input(record.type, case.locate(record), missing)
    elif isinstance(value, Interval) and not value.known:
        yield Input(record.type, case.locate(record), name)


def _aggregate(node: ast.Aggregate, env: Env, case: Case) -> Iterator[Input]:
    if node.over and not env.is_given(node.over):
        yield Input(env.related[node.over].record, None, "")
        return
    for record, belongs in env.related_to(node.over) if node.over else ():
        if node.argument is not None:
            bound = replace(env, bound={**env.bound, node.over: record}, matches=dict(env.matches))
            yield from _open(node.argument, bound, case)
        if belongs is None:
            yield from _membership(record, node.over, env, case)


def _membership(record: Record, scope: str, env: Env, case: Case) -> Iterator[Input]:
    """What leaves it open whether a record is one of a related set."""
    link = env.related[scope]
    for name, key in link.keys:
        yield from _unknown(record, name, case)
        yield from _open(key, env, case)
    if link.where is not None:
        inner = replace(env, record=record, record_type=link.record, related={}, matches={}, bound={})
        yield from _open(link.where, inner, case)
