"""An expression in words again, for explanations and messages: units back in place, names as written."""

from __future__ import annotations

import datetime as dt
from typing import cast

from envrules.calendars import format_period
from envrules.interval import Interval, format_number
from envrules.lang import ast
from envrules.lang.types import Type


def render(node: ast.Node) -> str:
    """The expression as a rule would write it.

    Examples:
        >>> from envrules.lang.types import BOOL, EnumType, Type
        >>> fuel = Type("enum", enum=EnumType("fuel", ("coal", "gas")))
        >>> render(ast.Member(of=ast.FieldValue(name="fuel", type=fuel), words=("coal",)))
        'fuel in {coal}'
    """
    match node:
        case ast.Const():
            return _constant(node)
        case ast.FieldValue():
            return node.path
        case ast.Bounded():
            return f"bounded({node.of.path})"
        case ast.Key():
            return node.name
        case ast.AsOf():
            return "as_of"
        case ast.Derived():
            return f"{node.scope}.{node.name}" if node.scope else node.name
        case ast.Convert():
            return render(node.of)
        case ast.Arithmetic():
            return f"{_inner(node.left)} {node.op} {_inner(node.right)}"
        case ast.Compare():
            return f"{render(node.left)} {node.op} {_limit(node)}"
        case ast.Equal():
            return f"{render(node.left)} == {render(node.right)}"
        case ast.Member():
            return f"{render(node.of)} in {{{', '.join(node.words)}}}"
        case ast.Filled():
            return f"{node.of.path} is filled"
        case ast.Not():
            return f"not {_inner(node.of)}"
        case ast.And():
            return " and ".join(_inner(i) for i in node.items)
        case ast.Or():
            return " or ".join(_inner(i) for i in node.items)
        case ast.Case():
            return "table"
        case ast.Call():
            return f"{node.function}({', '.join(render(a) for a in node.arguments)})"
        case ast.Aggregate():
            inside = (
                render(node.argument.of if isinstance(node.argument, ast.Bounded) else node.argument)
                if node.argument
                else node.over
            )
            return f"{node.function}({inside})"
    raise AssertionError(node)


def _inner(node: ast.Node) -> str:
    # A change of unit is not written, so what it converts stands in its place.
    while isinstance(node, ast.Convert):
        node = node.of
    text = render(node)
    return f"({text})" if isinstance(node, ast.And | ast.Or | ast.Arithmetic) else text


def _limit(node: ast.Compare) -> str:
    """The limit in the unit it was written in."""
    if isinstance(node.right, ast.Const) and isinstance(node.right.value, Interval) and node.unit is not None:
        value = node.right.value.scaled(*node.display)
        return f"{value!r} {node.unit}" if node.unit.text else repr(value)
    return render(node.right)


def _constant(node: ast.Const) -> str:
    if isinstance(node.value, bool):
        return "true" if node.value else "false"
    if isinstance(node.value, str):
        return node.value
    return with_unit(node.value, node.type)


def with_unit(value: Interval, type_: Type) -> str:
    """A number, date or period as people write it."""
    if value.unknown:
        return "unknown"
    if type_.kind == "date":
        return _ends(value, lambda v: dt.date.fromordinal(int(v)).isoformat() if 1 <= v < 3652060 else "?")
    if type_.kind == "period" and type_.period is not None:
        period = type_.period
        return _ends(value, lambda v: format_period(period, int(v)) if v >= 0 else "?")
    unit = f" {type_.unit}" if type_.unit.text else ""
    return (format_number(value.lo) if value.known else repr(value)) + unit


def _ends(value: Interval, one: object) -> str:
    say = cast("type[str]", one)
    low = say(value.lo) if value.lo != float("-inf") else ""
    return low if value.known else f"{low}..{say(value.hi) if value.hi != float('inf') else ''}"
