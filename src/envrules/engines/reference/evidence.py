"""What an outcome rests on: the comparisons that decide, with what was found, what was needed, and by how much."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from envrules import calendars, interval
from envrules.engines.reference.aggregates import covered_days
from envrules.engines.reference.evaluate import Env, Worth, condition, evaluate
from envrules.interval import Interval, round_number
from envrules.lang import ast
from envrules.lang.types import Type
from envrules.records.values import Nothing, Record


@dataclass(frozen=True)
class Evidence:
    """The deciding comparison in the terms of a verdict."""

    fields: tuple[str, ...] = ()
    observed: Any = None
    limit: Any = None
    margin: float | int | None = None
    unit: str | None = None
    relation: str = ""
    enum: str = ""


def deciding(node: ast.Node, env: Env) -> list[ast.Node]:
    """The comparisons that the truth of a condition rests on, in the order written.

    Of a false `and` those that are false, of a true `or` those that are true, of an open one those that are open.
    """
    return [atom for atom, _ in _deciding(node, env, False)]


def _deciding(node: ast.Node, env: Env, negated: bool) -> Iterator[tuple[ast.Node, bool]]:
    if isinstance(node, ast.Not):
        yield from _deciding(node.of, env, not negated)
    elif isinstance(node, ast.And | ast.Or):
        truth = condition(node, env)
        for item in node.items:
            if condition(item, env) is truth:
                yield from _deciding(item, env, negated)
    elif isinstance(node, ast.Derived):
        yield from _deciding(node.of, env, negated)
    elif isinstance(node, ast.Case) and node.type.kind == "bool":
        yield from _of_table(node, env, negated)
    else:
        yield node, negated


def _of_table(node: ast.Case, env: Env, negated: bool) -> Iterator[tuple[ast.Node, bool]]:
    truth = condition(node, env)
    for row in node.rows:
        holds = True if row.when is None else condition(row.when, env)
        if holds is None and truth is None and row.when is not None:
            yield from _deciding(row.when, env, negated)
        if holds is not False and (truth is None or condition(row.then, env) is truth):
            yield from _deciding(row.then, env, negated)
        if holds:
            return


def evidence(node: ast.Node, env: Env) -> Evidence:
    """The evidence of a condition: all its deciding fields, and the comparison that is furthest on the wrong side."""
    found = comparisons(node, env)
    fields = tuple(dict.fromkeys(f for _, _, shown in found for f in shown.fields))
    if not found:
        return Evidence(fields)
    return replace(furthest([shown for _, _, shown in found]), fields=fields)


def comparisons(node: ast.Node, env: Env) -> list[tuple[ast.Node, bool, Evidence]]:
    """Every deciding comparison, whether it stands negated, and what it shows."""
    atoms = list(dict.fromkeys(_deciding(node, env, False)))
    return [(atom, negated, _show(atom, negated, env)) for atom, negated in atoms]


def furthest(shown: Sequence[Evidence]) -> Evidence:
    """Of several comparisons that whose margin is the smallest part of its limit; without margins, one with a limit."""
    measured = [s for s in shown if s.margin is not None]
    return min(measured, key=_relative) if measured else next((s for s in shown if s.limit is not None), shown[0])


def _relative(shown: Evidence) -> float:
    size = abs(shown.limit) if isinstance(shown.limit, int | float) and shown.limit else 1.0
    return float(cast(float, shown.margin)) / size


def fields_of(node: ast.Node, env: Env) -> tuple[str, ...]:
    """The record fields that a comparison reads, derived values followed down to them.

    Of a table only those of the rows that may hold, what they give before what decides on them.
    """
    return tuple(dict.fromkeys(_read(node, env)))


def _read(node: ast.Node, env: Env) -> Iterator[str]:
    if isinstance(node, ast.FieldValue):
        yield node.path
    elif isinstance(node, ast.Case):
        tried: list[ast.Node] = []
        for row in node.rows:
            holds = True if row.when is None else condition(row.when, env)
            if row.when is not None:
                tried.append(row.when)
            if holds is not False:
                yield from _read(row.then, env)
            if holds and not node.unique:
                break
        for when in tried:
            yield from ast.field_paths(when)
    elif isinstance(node, ast.Aggregate):
        yield from ast.field_paths(node)
    else:
        for child in ast.children(node):
            yield from _read(child, env)


def open_fields(node: ast.Node, env: Env) -> tuple[str, ...]:
    """The fields that leave a condition open: read by an undecided comparison, and not known to a point."""
    if condition(node, env) is not None:
        return ()
    atoms = deciding(node, env)
    paths = dict.fromkeys(path for atom in atoms for path in _open(atom, env))
    # Where every value is there and they contradict one another, the fields that do are named.
    return tuple(paths or dict.fromkeys(path for atom in atoms for path in fields_of(atom, env)))


def _open(node: ast.Node, env: Env) -> Iterator[str]:
    """The unknown fields that an expression's value rests on: of a table only those of rows that may hold."""
    if isinstance(node, ast.Derived | ast.Case | ast.And | ast.Or | ast.Not | ast.Aggregate):
        worth = evaluate(node, env)
        if isinstance(worth, bool) or (isinstance(worth, Interval) and worth.known):
            return  # whatever is missing in it, it is decided
        if node.type.kind == "bool" and not isinstance(node, ast.Case | ast.Aggregate):
            for atom in deciding(node, env):
                if atom is not node:
                    yield from _open(atom, env)
            return
    if isinstance(node, ast.FieldValue):
        yield from _open_field(node, env)
    elif isinstance(node, ast.Case):
        yield from _open_table(node, env)
    elif isinstance(node, ast.Aggregate):
        yield from _open_aggregate(node, env)
    else:
        for child in ast.children(node):
            yield from _open(child, env)
        if isinstance(node, ast.Arithmetic) and node.op == "/":
            divisor = evaluate(node.right, env)
            # Every number is there, but nothing can be divided by this one.
            if isinstance(divisor, Interval) and divisor.known and divisor.lo == 0:
                yield from fields_of(node.right, env)


def _open_table(node: ast.Case, env: Env) -> Iterator[str]:
    # While it is open which row holds, that is what has to be known first; the values of the rows come after.
    rows = [(row, True if row.when is None else condition(row.when, env)) for row in node.rows]
    sure = next((i for i, (_, holds) in enumerate(rows) if holds), len(rows))
    # Where only one row may hold, a row after a sure one matters too.
    tried = rows if node.unique else rows[:sure]
    undecided = [row.when for row, holds in tried if holds is None and row.when is not None]
    if undecided:
        for when in undecided:
            yield from _open(when, env)
    elif sure < len(rows):
        yield from _open(rows[sure][0].then, env)


def _open_field(node: ast.FieldValue, env: Env) -> Iterator[str]:
    record = env.own(node.scope)
    if record is None:
        worth = evaluate(node, env)
        if worth is None or (isinstance(worth, Interval) and not worth.known):
            # Which record is the related one hangs on this record's own values first.
            own = [path for _, key in env.related[node.scope].keys for path in _open(key, env)]
            yield from own or [node.path]
        return
    declared = env.declared(node.scope, node.name)
    value = record.value(node.name)
    if isinstance(value, Nothing):
        if value is Nothing.ABSENT and declared.assume is not None:
            return
        cell = record.cells.get(node.name)
        by = declared.unit_of
        if by and cell is not None and cell.raw is not None and isinstance(record.value(by), Nothing):
            # The number is there; what is missing is the word that says what it measures.
            yield f"{node.scope}.{by}" if node.scope else by
            return
        yield node.path
    elif isinstance(value, frozenset) or (isinstance(value, Interval) and not value.known):
        yield node.path


def _open_aggregate(node: ast.Aggregate, env: Env) -> Iterator[str]:
    """What leaves an aggregate open: values of its records, what decides whether they belong, or missing days."""
    members = env.related_to(node.over) if node.over else env.members
    if node.over and not members and (node.argument is None or not env.is_given(node.over)):
        yield node.over
    short = False
    if env.coverage is not None and not node.over:
        short = covered_days(node, env) < env.coverage.least
    for record, belongs in members:
        if node.argument is not None and (env.coverage is None or short or _is_open(node, record, env)):
            yield from _open(node.argument, replace(env, bound={**env.bound, node.over: record}, worths={}))
        if belongs is None and not node.over:
            inner = env.of(record)
            for decides in env.membership:
                yield from _open(decides, inner)
        elif belongs is None:
            link = env.related[node.over]
            inner = replace(env, record_type=link.record, related={}).of(record)
            yield from (f"{node.over}.{f}" for f, _ in link.keys if isinstance(record.value(f), Nothing))
            if link.where is not None:
                yield from (f"{node.over}.{path}" for path in _open(link.where, inner))
    if short and node.argument is not None:
        yield from ast.field_paths(node.argument)


def _is_open(node: ast.Aggregate, record: Record, env: Env) -> bool:
    """Whether a record's value is there and still open, as a range is; days without a value are left out."""
    assert node.argument is not None
    fields = [n for n in ast.walk(node.argument) if isinstance(n, ast.FieldValue) and n.scope == node.over]
    return all(not isinstance(record.value(f.name), Nothing) for f in fields)


def _show(node: ast.Node, negated: bool, env: Env) -> Evidence:
    fields = fields_of(node, env)
    if isinstance(node, ast.Compare):
        return _show_comparison(node, negated, env, fields)
    if isinstance(node, ast.Equal):
        limit = show(evaluate(node.right, env), node.right.type)
        relation = "!=" if negated else "=="
        enum = _enum_of(node.left)
        return Evidence(fields, show(evaluate(node.left, env), node.left.type), limit, relation=relation, enum=enum)
    if isinstance(node, ast.Member):
        words = list(node.words)
        relation = "not in" if negated else "in"
        observed = show(evaluate(node.of, env), node.of.type)
        return Evidence(fields, observed, words, relation=relation, enum=_enum_of(node.of))
    if isinstance(node, ast.Filled):
        return Evidence(fields, show(evaluate(node.of, env), node.of.type), "not filled" if negated else "filled")
    return Evidence(fields, condition(node, env), not negated)


def _enum_of(node: ast.Node) -> str:
    return node.type.enum.name if node.type.enum is not None else ""


def _show_comparison(node: ast.Compare, negated: bool, env: Env, fields: tuple[str, ...]) -> Evidence:
    left, right = evaluate(node.left, env), evaluate(node.right, env)
    kind = node.left.type.kind
    op = NEGATED[node.op] if negated else node.op
    if kind not in ("quantity", "date"):
        observed, needed = show(left, node.left.type), show(right, node.right.type)
        return Evidence(fields, observed, needed, relation=op, enum=_enum_of(node.left))
    x, limit = cast(Interval, left), cast(Interval, right)
    margin = None if condition(node, env) is None else _margin(op, x, limit)
    if kind == "date":
        days = None if margin is None else round_number(margin)
        return Evidence(fields, show(x, node.left.type), show(limit, node.right.type), days, "day", op)
    factor, shift = node.display
    shown = None if margin is None or math.isinf(margin * factor) else round_number(margin * factor)
    unit = str(node.unit) if node.unit is not None and node.unit.text else None
    found, needed = show_number(x.scaled(factor, shift)), show_number(limit.scaled(factor, shift))
    return Evidence(fields, found, needed, shown, unit, op)


NEGATED: dict[interval.CompareOp, interval.CompareOp] = {
    "<": ">=",
    "<=": ">",
    ">": "<=",
    ">=": "<",
    "==": "!=",
    "!=": "==",
}


def _margin(op: interval.CompareOp, x: Interval, limit: Interval) -> float | None:
    """How far x lies on the right side of the limit at the least; 0 for what counts as equal."""
    if op in ("<", "<="):
        distance = limit.lo - x.hi
    elif op in (">", ">="):
        distance = x.lo - limit.hi
    elif x.known and limit.known:
        distance = abs(x.lo - limit.lo) * (-1 if op == "==" else 1)
    else:
        return None
    if not math.isfinite(distance):
        return None
    bound = limit.lo if op in ("<", "<=") else limit.hi
    if abs(distance) < interval.TOLERANCE * abs(bound):
        return 0.0
    return distance


def show_number(x: Interval) -> Any:
    """A number as JSON holds it; a range as its text; None where nothing is known."""
    if x.unknown:
        return None
    return round_number(x.lo) if x.known else repr(x)


def show(worth: Worth, type_: Type) -> Any:
    """A value as JSON holds it: numbers, words, ISO dates, periods as text; a range as its ends."""
    if worth is None:
        return None
    if isinstance(worth, bool):
        return worth
    if isinstance(worth, frozenset):
        return _show_words(worth, type_)
    if type_.kind == "date":
        return _show_ends(worth, lambda v: dt.date.fromordinal(int(v)).isoformat(), 1, dt.date.max.toordinal())
    if type_.kind == "period" and type_.period is not None:
        period = type_.period
        top = 9999 * calendars.PER_YEAR[period]
        if period == "year" and worth.known:
            return int(worth.lo)
        return _show_ends(worth, lambda v: calendars.format_period(period, int(v)), 0, top)
    return show_number(worth)


def _show_words(words: frozenset[str], type_: Type) -> str:
    if len(words) == 1:
        return next(iter(words))
    if type_.enum is not None:
        ranked = sorted(words, key=type_.enum.rank)
        return f"{ranked[0]}..{ranked[-1]}" if type_.enum.ordered else "|".join(ranked)
    return "|".join(sorted(words))


def _show_ends(worth: Interval, one: Any, least: float, most: float) -> str | None:
    if worth.unknown:
        return None
    low = one(worth.lo) if least <= worth.lo <= most else ""
    high = one(worth.hi) if least <= worth.hi <= most else ""
    return low if worth.known else f"{low}..{high}"
