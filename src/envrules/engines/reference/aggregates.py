"""Aggregates over records some of which may not belong, or may hold anything: the range of all they could be.

With a coverage, the elements are days: records of one day count once, days without a usable value are left out where
enough remain, and otherwise stand for everything they could be.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import cast

from envrules import interval
from envrules.engines.reference.evaluate import RULES, Env, Worth, all_of, any_of, evaluate, inverse, join, unknown
from envrules.interval import WHOLE, Interval
from envrules.lang import ast
from envrules.records.values import Nothing, Record


@dataclass(frozen=True)
class Element:
    """One thing that an aggregate ranges over.

    Args:
        certain: whether it surely belongs.
        worth: the value of the aggregate's argument for it.
    """

    certain: bool
    worth: Worth


def aggregate(node: ast.Aggregate, env: Env) -> Worth:
    """The value of an aggregate: a range wherever an element or its value is open."""
    if node in env.given:
        return env.given[node]
    if node.over and not env.is_given(node.over):
        return unknown(node.type)
    elements = _elements(node, env)
    if node.function in ("any", "all", "none"):
        return _quantified(node.function, elements)
    if node.function == "count":
        return _count(elements)
    if node.function == "distinct":
        return _distinct(node, elements)
    if node.function == "share":
        return _share(elements)
    numbers = [(e.certain, cast(Interval, e.worth)) for e in elements]
    return {"sum": _sum, "mean": mean_of, "least": _least, "most": _most}[node.function](numbers)


def covered_days(node: ast.Aggregate, env: Env) -> int:
    """How many different days of the group have a usable value for an aggregate."""
    return len(
        {_day(r, env) for r, belongs in env.members if belongs and _day(r, env) is not None and _given(node, r, env)}
    )


def _elements(node: ast.Aggregate, env: Env) -> list[Element]:
    members = env.related_to(node.over) if node.over else env.members
    if env.coverage is not None and not node.over:
        return _days(node, env)
    return [Element(belongs is True, _worth(node, record, env)) for record, belongs in members]


def _worth(node: ast.Aggregate, record: Record, env: Env) -> Worth:
    if node.argument is None:
        return True
    return evaluate(node.argument, replace(env, bound={**env.bound, node.over: record}, worths={}))


def _given(node: ast.Aggregate, record: Record, env: Env) -> bool:
    """Whether a record has something usable in every field that the argument reads."""
    if node.argument is None:
        return True
    fields = [n for n in ast.walk(node.argument) if isinstance(n, ast.FieldValue) and n.scope == node.over]
    return all(
        not isinstance(record.value(f.name), Nothing) or env.declared(f.scope, f.name).assume is not None
        for f in fields
    )


def _day(record: Record, env: Env) -> float | None:
    assert env.coverage is not None
    value = record.value(env.coverage.of)
    return value.lo if isinstance(value, Interval) and value.known else None


def _days(node: ast.Aggregate, env: Env) -> list[Element]:
    """The days of the group's period as elements."""
    coverage = env.coverage
    assert coverage is not None
    by_day: dict[float, list[Worth]] = {}
    loose: list[Element] = []
    for record, belongs in env.members:
        if not _given(node, record, env):
            continue
        day = _day(record, env)
        if belongs and day is not None:
            by_day.setdefault(day, []).append(_worth(node, record, env))
        else:
            loose.append(Element(False, _worth(node, record, env)))
    type_ = node.argument.type if node.argument is not None else node.type
    elements = [Element(True, join(worths, type_)) for worths in by_day.values()] + loose
    if len(by_day) < coverage.least:
        anything = _anything(node)
        elements += [Element(True, anything)] * (coverage.least - len(by_day))
        elements += [Element(False, anything)] * max(0, coverage.days - coverage.least)
    return elements


def _anything(node: ast.Aggregate) -> Worth:
    if isinstance(node.argument, ast.Bounded):
        return node.argument.bounds
    return unknown(node.argument.type) if node.argument is not None else None


def _quantified(function: str, elements: Sequence[Element]) -> bool | None:
    holds = [cast("bool | None", e.worth) for e in elements]
    if function == "all":
        return all_of(h if e.certain or h else None for e, h in zip(elements, holds, strict=True))
    found = any_of(h if e.certain or h is False else None for e, h in zip(elements, holds, strict=True))
    return found if function == "any" else inverse(found)


def _count(elements: Sequence[Element]) -> Interval:
    lowest = sum(e.certain and e.worth is True for e in elements)
    return Interval(float(lowest), float(sum(e.worth is not False for e in elements)))


def _identity(worth: Worth) -> object | None:
    """A known value as a thing that equals itself; None where it is not known."""
    if isinstance(worth, Interval):
        return worth.lo if worth.known else None
    if isinstance(worth, frozenset):
        return worth if len(worth) == 1 else None
    return worth


def _distinct(node: ast.Aggregate, elements: Sequence[Element]) -> Interval:
    certain = {_identity(e.worth) for e in elements if e.certain} - {None}
    possible = {_identity(e.worth) for e in elements} - {None}
    open_ = sum(_identity(e.worth) is None for e in elements)
    lowest = len(certain) or int(any(e.certain for e in elements))
    highest = len(possible) + open_
    if node.argument is not None and node.argument.type.enum is not None:
        highest = min(highest, len(node.argument.type.enum.values))
    return Interval(float(lowest), float(highest))


def _share(elements: Sequence[Element]) -> Interval:
    """The part that holds. An element that may not belong is taken in where that moves the share outward."""
    sure = [e.worth for e in elements if e.certain]
    maybe = [e.worth for e in elements if not e.certain]
    if not sure:
        return WHOLE
    low_of, low_in = len(sure) + sum(w is not True for w in maybe), sum(w is True for w in sure)
    gained = sum(w is not False for w in maybe)
    high_of, high_in = len(sure) + gained, sum(w is not False for w in sure) + gained
    return Interval(low_in / low_of, high_in / high_of)


Numbers = Sequence[tuple[bool, Interval]]


def _sum(numbers: Numbers) -> Interval:
    spans = [x if certain else interval.hull([x, interval.point(0.0)]) for certain, x in numbers]
    lo, hi = exact_sum([x.lo for x in spans]), exact_sum([x.hi for x in spans])
    return interval.make(lo, hi, any(x.lo_open for x in spans), any(x.hi_open for x in spans))


def exact_sum(values: Sequence[float]) -> float:
    """The sum as if it were made without rounding, and rounded once, so that no order of the values matters.

    Examples:
        >>> exact_sum([1e16, 1.0, -1e16]), exact_sum([1e308, 1e308, -1e308])
        (1.0, 1e+308)
    """
    try:
        return math.fsum(values)
    except OverflowError:
        return _rounded(sum(map(Fraction, values), Fraction()))


def _rounded(value: Fraction) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def exact_mean(values: Sequence[float]) -> float:
    """The mean of finite values, rounded once."""
    try:
        return math.fsum(values) / len(values)
    except OverflowError:
        return _rounded(sum(map(Fraction, values), Fraction()) / len(values))


def _extreme_mean(sure: list[tuple[float, bool]], maybe: list[tuple[float, bool]]) -> tuple[float, bool]:
    """The smallest mean, and whether it is not reached: of what surely belongs, and what lowers it of the rest."""
    values, open_ = [v for v, _ in sure], any(o for _, o in sure)
    if any(math.isinf(v) for v in values):
        return sum(v for v in values if math.isinf(v)), open_
    for value, not_reached in sorted(maybe):
        if value >= exact_mean(values):
            break
        if math.isinf(value):
            return value, True
        values, open_ = [*values, value], open_ or not_reached
    return exact_mean(values), open_


def mean_of(numbers: Numbers) -> Interval:
    sure = [x for certain, x in numbers if certain]
    maybe = [x for certain, x in numbers if not certain]
    if not sure or any(x.unknown for x in sure):
        return WHOLE
    low, low_open = _extreme_mean([(x.lo, x.lo_open) for x in sure], [(x.lo, x.lo_open) for x in maybe])
    high, high_open = _extreme_mean([(-x.hi, x.hi_open) for x in sure], [(-x.hi, x.hi_open) for x in maybe])
    return interval.make(low, -high, low_open, high_open)


def _least(numbers: Numbers) -> Interval:
    sure = [x for certain, x in numbers if certain]
    if not sure:
        return WHOLE
    certain = interval.lowest(sure)
    possible = interval.lowest([x for _, x in numbers])
    return interval.make(possible.lo, certain.hi, possible.lo_open, certain.hi_open)


def _most(numbers: Numbers) -> Interval:
    return interval.negate(_least([(certain, interval.negate(x)) for certain, x in numbers]))


RULES[ast.Aggregate] = aggregate
