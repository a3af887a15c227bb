"""Small changes of an expression, each of which a rule's cases should notice.

Knows trees only: which changes a rule takes besides is `analysis.mutation`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from decimal import Decimal
from itertools import pairwise
from typing import Any, Literal, cast

from envrules.interval import CompareOp, Interval, format_number, point
from envrules.lang import ast
from envrules.lang.render import render
from envrules.lang.types import BOOL

#: What was changed, in words, and the expression after it.
Mutant = tuple[str, ast.Node]

#: Sets of more words than this take one wrong word more, not each of them.
MANY_WORDS = 10

_SLIPS: dict[CompareOp, tuple[CompareOp, ...]] = {
    "<": ("<=", ">"),
    "<=": ("<", ">="),
    ">": (">=", "<"),
    ">=": (">", "<="),
    "==": ("!=", "<=", ">="),
    "!=": ("==", "<", ">"),
}
_OPPOSITE: dict[str, Literal["+", "-", "*", "/"]] = {"+": "-", "-": "+", "*": "/", "/": "*"}
_NUMBER = re.compile(r"-?\s*\d+(\.\d+)?([eE][+-]?\d+)?")


def mutants_of(node: ast.Node, text: str = "") -> Iterator[Mutant]:
    """The expression with one thing changed, for each thing that can be.

    A derived value is taken as a whole here: what it stands for is changed once, wherever it is used.

    Args:
        text: the text the spans of literals refer to, where it is known; it says which place of a number is its last.

    Examples:
        >>> from envrules.lang.types import BOOL
        >>> closed = ast.Not(of=ast.FieldValue(name="closed", type=BOOL))
        >>> [(what, render(new)) for what, new in mutants_of(closed)]
        [('not closed -> closed', 'closed')]
    """
    yield from _own(node, text)
    if isinstance(node, ast.Derived | ast.Filled | ast.Bounded):
        return
    if isinstance(node, ast.Case):
        yield from ((what, table) for what, table, _ in table_mutants(node, None, text))
        return
    for child, put in _positions(node):
        for what, new in mutants_of(child, text):
            if isinstance(node, ast.Not) and isinstance(new, ast.Not) and new.of == child:
                continue  # the `not` taken away, once more
            changed = put(new)
            if isinstance(node, ast.Compare) and isinstance(child, ast.Const):
                what = f"{render(node)} -> {render(changed)}"
            yield what, changed


def table_mutants(
    node: ast.Case, requirement: ast.Case | None, text: str = ""
) -> Iterator[tuple[str, ast.Case, ast.Case | None]]:
    """The table with one row or one thing in a row changed, together with what its rows require."""
    demands = requirement.rows if requirement is not None else node.rows

    def made(rows: list[ast.Row], demanded: list[ast.Row]) -> tuple[ast.Case, ast.Case | None]:
        new = replace(node, rows=tuple(rows))
        return new, None if requirement is None else replace(requirement, rows=tuple(demanded))

    for i, (row, demand) in enumerate(zip(node.rows, demands, strict=True)):
        if len(node.rows) > 1:
            yield f"row {i + 1} dropped", *made(_without(node.rows, i), _without(demands, i))
        for what, when in mutants_of(row.when, text) if row.when is not None else ():
            now, then = replace(row, when=when), replace(demand, when=when)
            yield f"row {i + 1}: {what}", *made(_with(node.rows, i, now), _with(demands, i, then))
        for what, value in mutants_of(row.then, text):
            now = replace(row, then=value)
            yield f"row {i + 1} gives: {what}", *made(_with(node.rows, i, now), list(demands))
        if requirement is not None:
            for what, value in mutants_of(demand.then, text):
                then = replace(demand, then=value)
                yield f"row {i + 1} requires: {what}", *made(list(node.rows), _with(demands, i, then))
    for i, (row, below) in enumerate(pairwise(node.rows)):
        names = f"rows {i + 1} and {i + 2}"
        if row.when is not None and below.when is not None and not node.unique:
            yield f"{names} swapped", *made(_swapped(node.rows, i), _swapped(demands, i))
        if row.then != below.then:
            yield f"results of {names} swapped", *made(_results_swapped(node.rows, i), list(demands))
        if requirement is not None and demands[i].then != demands[i + 1].then:
            yield f"demands of {names} swapped", *made(list(node.rows), _results_swapped(demands, i))


def put_in(node: ast.Node, change: Callable[[ast.Node], ast.Node]) -> ast.Node:
    """The node with each part directly below it changed."""
    for i in range(len(list(_positions(node)))):
        child, put = list(_positions(node))[i]
        new = change(child)
        node = node if new is child else put(new)
    return node


def moved(value: Interval, text: str = "") -> Iterator[Interval]:
    """A literal one unit of its last written place lower and higher; without its text, of its last place.

    Examples:
        >>> list(moved(point(0.008), "0.8 %")), list(moved(point(25.22e8), "25.22e8 m**3")), list(moved(point(10)))
        ([0.007, 0.009], [2521000000, 2523000000], [9, 11])
    """
    written = _NUMBER.match(text) or _NUMBER.match(format_number(value.lo))
    if written is None:
        return
    number = Decimal(written[0].replace(" ", ""))
    step = Decimal(1).scaleb(cast(int, number.as_tuple().exponent))
    for new in (number - step, number + step):
        factor = value.lo / float(number) if number else 1.0
        yield point(float(new) * factor)


# --- changes of one node ----------------------------------------------------------------------------------------------


def _own(node: ast.Node, text: str) -> Iterator[Mutant]:
    """The changes of a node itself, its parts left as they are."""
    for new in _changed(node, text):
        yield f"{render(node)} -> {render(new)}", new


def _changed(node: ast.Node, text: str) -> Iterator[ast.Node]:
    match node:
        case ast.Const(value=Interval()):
            yield from _moved(node, text)
        case ast.Compare():
            yield from (replace(node, op=op) for op in _SLIPS[node.op])
            yield from _next_words(node)
        case ast.Arithmetic():
            yield replace(node, op=_OPPOSITE[node.op])
        case ast.And() | ast.Or():
            yield (ast.Or if isinstance(node, ast.And) else ast.And)(items=node.items, type=node.type)
            for i in range(len(node.items)):
                rest = [*node.items[:i], *node.items[i + 1 :]]
                yield replace(node, items=tuple(rest)) if len(rest) > 1 else rest[0]
        case ast.Not():
            yield node.of
        case ast.Member():
            yield ast.Not(of=node)
            yield from _other_sets(node)
        case ast.Filled():
            yield ast.Not(of=node)
            yield ast.Const(value=True, type=BOOL)
        case ast.Bounded():
            yield node.of
        case ast.FieldValue() | ast.Derived() | ast.Equal() | ast.Key() if node.type.kind == "bool":
            yield ast.Not(of=node)
        case ast.Aggregate(function="any" | "all" | "none"):
            yield ast.Not(of=node)
            yield replace(node, function="all" if node.function == "any" else "any")
        case ast.Aggregate(function="least" | "most") | ast.Call(function="lowest" | "highest"):
            other = {"least": "most", "most": "least", "lowest": "highest", "highest": "lowest"}[node.function]
            yield replace(node, function=other)
        case _:
            return


def _moved(node: ast.Const, text: str) -> Iterator[ast.Node]:
    value = cast(Interval, node.value)
    if node.type.kind in ("date", "period"):
        yield from (replace(node, value=point(value.lo + step)) for step in (-1.0, 1.0))
    else:
        yield from (replace(node, value=new) for new in moved(value, text[slice(*node.span)]))


def _next_words(node: ast.Compare) -> Iterator[ast.Node]:
    """The limit of an ordered enumeration one word lower and higher."""
    limit, enum = node.right, node.right.type.enum
    if isinstance(limit, ast.Const) and enum is not None:
        rank = enum.rank(cast(str, limit.value))
        for other in (rank - 1, rank + 1):
            if 0 <= other < len(enum.values):
                yield replace(node, right=replace(limit, value=enum.values[other]))


def _other_sets(node: ast.Member) -> Iterator[ast.Node]:
    for word in node.words:
        if len(node.words) > 1:
            yield replace(node, words=tuple(w for w in node.words if w != word))
    enum = node.of.type.enum
    absent = [w for w in enum.values if w not in node.words] if enum is not None else []
    for word in absent if enum is not None and len(enum.values) <= MANY_WORDS else absent[:1]:
        yield replace(node, words=(*node.words, word))


# --- parts of a node --------------------------------------------------------------------------------------------------

_Put = Callable[[ast.Node], ast.Node]


def _positions(node: ast.Node) -> Iterator[tuple[ast.Node, _Put]]:
    """The parts directly below a node, each with what puts another in its place."""
    for item in fields(node):
        value = getattr(node, item.name)
        if isinstance(value, ast.Node):
            yield value, _putter(node, item.name)
        elif isinstance(value, tuple):
            for i, part in enumerate(value):
                if isinstance(part, ast.Node):
                    yield part, _putter(node, item.name, i)
                elif isinstance(part, ast.Row):
                    if part.when is not None:
                        yield part.when, _putter(node, item.name, i, "when")
                    yield part.then, _putter(node, item.name, i, "then")


def _putter(node: ast.Node, name: str, position: int | None = None, of_row: str = "") -> _Put:
    def put(new: ast.Node) -> ast.Node:
        value: Any = new
        if position is not None:
            parts = getattr(node, name)
            changed = replace(parts[position], **{of_row: new}) if of_row else new
            value = (*parts[:position], changed, *parts[position + 1 :])
        return replace(node, **{name: value})

    return put


def _without(rows: tuple[ast.Row, ...], i: int) -> list[ast.Row]:
    return [*rows[:i], *rows[i + 1 :]]


def _with(rows: tuple[ast.Row, ...], i: int, row: ast.Row) -> list[ast.Row]:
    return [*rows[:i], row, *rows[i + 1 :]]


def _swapped(rows: tuple[ast.Row, ...], i: int) -> list[ast.Row]:
    return [*rows[:i], rows[i + 1], rows[i], *rows[i + 2 :]]


def _results_swapped(rows: tuple[ast.Row, ...], i: int) -> list[ast.Row]:
    first, second = rows[i], rows[i + 1]
    return [*rows[:i], replace(first, then=second.then), replace(second, then=first.then), *rows[i + 2 :]]
