"""The numbers that a rule holds against a record, and whether a number of a text is one of them. Knows no document."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from envrules.analysis.amounts import Amount
from envrules.interval import TOLERANCE, Interval, format_number
from envrules.lang import ast
from envrules.pack.pack import Rule
from envrules.units import ONE, Unit, Units

#: What a number without a unit may have been divided by where it stands in a table or list: nothing, 万, 亿.
_SCALES: Final = (1.0, 1e4, 1e8)
_LITERAL: Final = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_BEFORE: Final = re.compile("(?:以|之)?前")


@dataclass(frozen=True)
class Limit:
    """A number of a rule.

    Args:
        text: as the rule writes it.
        value: in `unit`; the year of a date.
        context: the equivalence under which the unit converts.
        date: where it is a date, of which a document gives at least the year.
    """

    text: str
    value: float
    unit: Unit = ONE
    context: str = ""
    date: dt.date | None = None


def rule_limits(rule: Rule) -> tuple[Limit, ...]:
    """The limits of a rule, each once: of its requirement, its thresholds, its tables, and its due date.

    A limit of zero is left out, since documents say it in words (none, no more, no growth); so are the numbers that
    arithmetic needs, and the dates in `when`, which say from when a record counts.
    """
    found = [*_limits(rule.require, rule.require_text)]
    if rule.when is not None:
        found += [limit for limit in _limits(rule.when, rule.when_text) if limit.date is None]
    for table in rule.derive.values():
        found += _limits(table.node, "")
        if table.requirement is not None:
            found += _limits(table.requirement, "")
    if isinstance(rule.due, ast.Const):
        found += _constant(rule.due, rule.due_text)
    different: dict[tuple[object, ...], Limit] = {}
    for limit in found:
        different.setdefault((limit.value * limit.unit.factor, limit.unit.dimension, limit.date), limit)
    return tuple(different.values())


def _limits(node: ast.Node, text: str) -> Iterator[Limit]:
    """The limits in an expression; `text` is what it was written as, empty where that is not at hand."""
    match node:
        case ast.Compare():
            for side in (node.right, node.left):
                yield from _constant(side, text, node)
        case ast.Call():
            for argument in node.arguments:
                yield from _constant(argument, text)
        case ast.Arithmetic(op="+" | "-") if node.type.kind == "date":
            yield from _constant(node.right, text)
        case ast.Case():
            for row in node.rows:
                yield from _constant(row.then, text)
        case ast.Derived():
            text = ""  # its places are those of another text
    for child in ast.children(node):
        yield from _limits(child, text)


def _constant(node: ast.Node, text: str, compare: ast.Compare | None = None) -> Iterator[Limit]:
    """The limit that a literal is, in the unit it was written in."""
    if isinstance(node, ast.Convert):
        yield from (
            Limit(one.text, one.value * node.factor + node.shift, node.type.unit, one.context)
            for one in _constant(node.of, text)
        )
    if not isinstance(node, ast.Const) or not isinstance(node.value, Interval) or not node.value.known:
        return
    value, unit = node.value.lo, node.type.unit
    if node.type.kind == "date":
        day = dt.date.fromordinal(int(value))
        yield Limit(day.isoformat(), float(day.year), date=day)
    elif node.type.kind == "quantity" and value != 0:
        if compare is not None and compare.unit is not None:
            factor, shift = compare.display
            value, unit = value * factor + shift, compare.unit
        said = text[node.span[0] : node.span[1]]
        number = _LITERAL.match(said)
        if number is None or not math.isclose(float(number.group()), value, rel_tol=1e-9):
            said = f"{format_number(value)} {unit}" if unit.text else format_number(value)
        yield Limit(said, value, unit, node.type.context)


def limit_of(text: str, said: Sequence[Amount]) -> Limit:
    """The limit that a text means, such as 80% or 2020年; one that is no single number is like no other."""
    if len(said) != 1:
        return Limit(text, math.nan)
    amount = said[0]
    if _is_year(amount):
        return Limit(text, amount.value, date=dt.date(int(amount.value), 12, 31))
    return Limit(text, amount.value, amount.unit or ONE)


def stands(limit: Limit, amount: Amount, text: str, units: Units) -> bool:
    """Whether a number of a text says the limit.

    Units convert; a number without a unit may be in any; a fall of 10 % says -10 %; a date needs its year, and the last
    day of a year may be said as `before` the next.

    Examples:
        >>> from envrules.analysis.amounts import amounts
        >>> from envrules.units import registry
        >>> units = registry()
        >>> def said(text, value, unit):
        ...     return [stands(Limit("", value, units.parse(unit)), a, text, units) for a in amounts(text, units)]
        >>> said("每小时10蒸吨及以下", 10, "t/h"), said("稳定在870万亩", 870e4, "mu"), said("下降10%", -10, "%")
        ([True], [True], [True])
        >>> said("提高10%", -10, "%"), said("10天以上", 10, "t/h"), said("硫份超过0.7%", 0.8, "%")
        ([False], [False], [False])
    """
    if limit.date is not None:
        return _says_year(limit.date, amount, text)
    value = limit.value
    if value < 0:
        if not amount.decrease:
            return False
        value = -value
    if amount.unit is None:
        return any(_same(amount.value * scale, value) for scale in _SCALES)
    conversion = units.conversion(amount.unit, limit.unit, limit.context)
    if conversion is not None and _same(amount.value * conversion[0] + conversion[1], value):
        return True
    # The 21st, seven working days: a plain number may count anything but shares.
    return limit.unit == ONE and amount.unit.text != "%" and _same(amount.value, value)


def same_kind(limit: Limit, amount: Amount) -> bool:
    """Whether a number measures what the limit measures, so that it may stand in its place."""
    if limit.date is not None:
        return _is_year(amount)
    if math.isnan(limit.value) or _is_year(amount):
        return False
    if limit.unit == ONE:
        return amount.unit is None or amount.unit.text != "%"
    if amount.unit is None:
        return False
    share = amount.unit.text == "%"
    return amount.unit.dimension == limit.unit.dimension and share == (limit.unit.text == "%")


def _same(x: float, y: float) -> bool:
    return math.isclose(x, y, rel_tol=TOLERANCE)


def _is_year(amount: Amount) -> bool:
    return 1900 <= amount.value < 2200 and (amount.unit is None or amount.unit.text == "年")


def _says_year(date: dt.date, amount: Amount, text: str) -> bool:
    if not _is_year(amount):
        return False
    before = _BEFORE.match(text, amount.end) is not None
    if before and (date.month, date.day) == (12, 31) and amount.value == date.year + 1:
        return True
    return amount.value == date.year
