"""The values of one input in classes that no screened rule tells apart: words, yes and no, ranges between limits."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from typing import cast

from envrules.engines.reference.evaluate import Env, evaluate
from envrules.interval import WHOLE, Interval, intersect, point, round_number
from envrules.lang import ast
from envrules.pack.pack import Rule
from envrules.records.types import Field
from envrules.records.values import Nothing, Value
from envrules.screening.case import Case, Input, Pair
from envrules.screening.same import Same

NUMERIC = ("int", "number", "quantity", "date", "month", "year")
_WHOLE_KINDS = ("int", "date", "month", "year")


def classes(case: Case, at: Input, pairs: tuple[Pair, ...], *, every_word: bool = False) -> tuple[Value, ...]:
    """Values that stand for everything an input can be, one for each class; none where that cannot be said.

    A range is given as the range itself, so that what holds of it holds of every number in it.

    Args:
        pairs: the rules that are to be told apart by, on the records they judge.
        every_word: the words of an enumeration one by one, also where the rules treat them alike.
    """
    if at.index is None:
        return ()
    declared = case.declared(at)
    record_type = case.pack.records[at.record_type]
    if (
        at.field == record_type.date
        or declared.unit_of
        or any(f.unit_of == at.field for f in record_type.fields.values())
    ):
        return ()
    if declared.kind == "bool":
        return (True, False)
    if declared.kind == "enum" and declared.enum is not None:
        words = declared.enum.names
        return words if every_word else _distinct(case, at, words)
    if declared.kind in NUMERIC:
        return _ranges(case, at, pairs, declared)
    return _texts(case, at)


@lru_cache(maxsize=512)
def _uses(rules: tuple[Same[Rule], ...], record_type: str, field: str) -> tuple[ast.Node, ...] | None:
    """The comparisons with fixed words that a field stands in; None where it is used in another way too."""
    found: list[ast.Node] = []
    for wrapped in rules:
        rule = wrapped.of
        for expression, own in _expressions(rule):
            for node, parent in _with_parents(expression, None):
                if not isinstance(node, ast.FieldValue) or node.name != field:
                    continue
                of = rule.related[node.scope].record if node.scope else own
                if of != record_type:
                    continue
                if isinstance(parent, ast.Member) or (isinstance(parent, ast.Equal) and _fixed(parent)):
                    found.append(parent)
                else:
                    return None
    return tuple(found)


def _expressions(rule: Rule) -> Iterator[tuple[ast.Node, str]]:
    """Every expression of a rule that decides, with the record type whose fields it speaks of without a scope."""
    for node in (rule.when, rule.require, rule.due):
        if node is not None:
            yield node, rule.record
    for link in rule.related.values():
        for name, key in link.keys:
            yield key, rule.record
            # A key is compared with another record's value, so each of its values may matter by itself.
            yield (
                ast.Call(type=key.type, function="key", arguments=(ast.FieldValue(type=key.type, name=name),)),
                link.record,
            )
        if link.where is not None:
            yield link.where, link.record


def _with_parents(node: ast.Node, parent: ast.Node | None) -> Iterator[tuple[ast.Node, ast.Node | None]]:
    yield node, parent
    for child in ast.children(node):
        yield from _with_parents(child, node)


def _fixed(node: ast.Equal) -> bool:
    return isinstance(node.right, ast.Const) or isinstance(node.left, ast.Const)


def _holds(node: ast.Node, word: str) -> bool:
    if isinstance(node, ast.Member):
        return word in node.words
    assert isinstance(node, ast.Equal)
    fixed = node.right if isinstance(node.right, ast.Const) else node.left
    return cast(ast.Const, fixed).value == word


def _distinct(case: Case, at: Input, words: tuple[str, ...]) -> tuple[Value, ...]:
    uses = _uses(tuple(map(Same, case.rules)), at.record_type, at.field)
    if uses is None:
        return words
    kept: dict[tuple[bool, ...], str] = {}
    for word in words:
        kept.setdefault(tuple(_holds(node, word) for node in uses), word)
    return tuple(kept.values())


def _texts(case: Case, at: Input) -> tuple[Value, ...]:
    uses = _uses(tuple(map(Same, case.rules)), at.record_type, at.field)
    if uses is None:
        return ()
    words: dict[str, None] = {}
    for node in uses:
        if isinstance(node, ast.Member):
            words.update(dict.fromkeys(node.words))
        else:
            assert isinstance(node, ast.Equal)
            fixed = node.right if isinstance(node.right, ast.Const) else node.left
            words[str(cast(ast.Const, fixed).value)] = None
    # A text that no rule names stands for all the others.
    return (*words, "\ufffd")


def _ranges(case: Case, at: Input, pairs: tuple[Pair, ...], declared: Field) -> tuple[Value, ...]:
    known = case.value(at)
    allowed = intersect(declared.bounds, known) if isinstance(known, Interval) and not known.known else declared.bounds
    limits = sorted({x for pair in pairs for x in limits_of(case, at, pair)})
    found: list[Value] = []
    ends = [-math.inf, *limits, math.inf]
    for low, high in pairwise(ends):
        parts = [Interval(low, high, low != -math.inf, high != math.inf)]
        if high != math.inf:
            parts.append(point(high))
        for part in parts:
            cut = intersect(part, allowed or WHOLE)
            if cut is not None and not _hollow(cut, declared.kind):
                found.append(cut)
    return tuple(found)


def _hollow(x: Interval, kind: str) -> bool:
    """Whether no whole number lies in a range of days, months, years or counts."""
    if kind not in _WHOLE_KINDS or not (math.isfinite(x.lo) and math.isfinite(x.hi)):
        return False
    low = math.floor(x.lo) + 1 if x.lo_open else math.ceil(x.lo)
    high = math.ceil(x.hi) - 1 if x.hi_open else math.floor(x.hi)
    return low > high


def limits_of(case: Case, at: Input, pair: Pair) -> set[float]:
    """The numbers at which a comparison of a rule turns as one input grows, all else as it is in the case.

    Found by evaluating both sides at three values of the input: where their difference grows evenly, it has one root.
    """
    found: set[float] = set()
    _, env = case.environment(pair)
    for expression in (pair.rule.when, pair.rule.require):
        if expression is None:
            continue
        for node, inside in _comparisons(expression, env):
            if any(isinstance(n, ast.FieldValue) and n.name == at.field for n in ast.walk(node)):
                root = _root(node, inside, case, at, pair)
                if root is not None:
                    found.add(root)
    return found


def _comparisons(node: ast.Node, env: Env) -> Iterator[tuple[ast.Compare, dict[str, int]]]:
    """The comparisons of numbers in an expression, with the place of the related record they are made on."""
    if isinstance(node, ast.Compare) and node.left.type.kind in ("quantity", "date", "period"):
        yield node, {}
    elif isinstance(node, ast.Aggregate) and node.argument is not None and node.over:
        for n in range(len(env.related_to(node.over))):
            for found, inside in _comparisons(node.argument, env):
                yield found, {**inside, node.over: n}
    else:
        for child in ast.children(node):
            yield from _comparisons(child, env)


def _root(node: ast.Compare, inside: dict[str, int], case: Case, at: Input, pair: Pair) -> float | None:
    base = case.value(at)
    start = base.lo if isinstance(base, Interval) and base.known else 1.0
    points = (start, start + 1.0, start + 3.0)
    values = [_difference(node, inside, case.with_value(at, point(x)), pair) for x in points]
    if any(v is None for v in values):
        return None
    a, b, c = cast("list[float]", values)
    slope = b - a
    if slope == 0 or not math.isfinite(slope) or abs(c - a - 3 * slope) > 1e-9 * max(abs(a), abs(b), abs(c), 1e-300):
        return None
    root = start - a / slope
    return float(round_number(root)) if math.isfinite(root) else None


def _difference(node: ast.Compare, inside: dict[str, int], case: Case, pair: Pair) -> float | None:
    _, env = case.environment(pair)
    bound = {}
    for scope, n in inside.items():
        members = env.related_to(scope)
        if n >= len(members):
            return None
        bound[scope] = members[n][0]
    env = replace(env, bound=bound, matches=dict(env.matches))
    left, right = evaluate(node.left, env), evaluate(node.right, env)
    if isinstance(left, Interval) and isinstance(right, Interval) and left.known and right.known:
        return left.lo - right.lo
    return None


def is_known(value: Value) -> bool:
    """Whether a value is there, and not a range."""
    return not isinstance(value, Nothing | frozenset) and (not isinstance(value, Interval) or value.known)
