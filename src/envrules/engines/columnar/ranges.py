"""Arithmetic and comparison of numbers for many subjects: what `envrules.interval` does, for whole columns.

Points stay points as long as they can; only where some value is a range are both ends worked with.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import cast

import numpy as np
import polars as pl

from envrules import interval
from envrules.engines.columnar.worth import Flags, Floats, Number, Point, Ranges, Truth, decided, ranges_of, simplest
from envrules.interval import TOLERANCE, CompareOp
from envrules.records.columns.field import where

# --- comparison -------------------------------------------------------------------------------------------------------


def compare(op: CompareOp, x: Number, limit: Number, length: int) -> Truth:
    """Whether the comparison holds for every value (true), for none (false), or that is open (null)."""
    if x is None or limit is None:
        return None
    if isinstance(x, Ranges) or isinstance(limit, Ranges):
        return _compare_ranges(op, ranges_of(x, length), ranges_of(limit, length))
    if isinstance(x, pl.Series):
        return _against_many(op, x, limit) if isinstance(limit, pl.Series) else _against_one(op, x, limit)
    if isinstance(limit, pl.Series):
        return _against_many(op, pl.Series([x], dtype=pl.Float64), limit)
    return interval.compare(op, interval.point(x), interval.point(limit))


def _against_one(op: CompareOp, x: pl.Series, limit: float) -> pl.Series:
    low, high = equal_span(limit)
    if op == "<=":
        return x <= high
    if op == ">=":
        return x >= low
    if op == "<":
        return x < low
    if op == ">":
        return x > high
    equal = (x >= low) & (x <= high)
    return equal if op == "==" else ~equal


@lru_cache(maxsize=4096)
def equal_span(limit: float) -> tuple[float, float]:
    """The lowest and highest number that count as equal to a limit, so that one comparison holds the tolerance.

    Examples:
        >>> low, high = equal_span(0.8)
        >>> interval.order(low, 0.8), interval.order(high, 0.8), interval.order(math.nextafter(high, 1), 0.8)
        (0, 0, 1)
    """
    distance = TOLERANCE * abs(limit)
    if distance == 0 or not math.isfinite(distance):
        return limit, limit
    ends = []
    for away in (-math.inf, math.inf):
        end = limit + math.copysign(distance, away)
        while abs(Fraction(end) - Fraction(limit)) >= Fraction(distance):
            end = math.nextafter(end, limit)
            if end == limit:
                break
        ends.append(end)
    return ends[0], ends[1]


def _against_many(op: CompareOp, x: pl.Series, limit: pl.Series) -> pl.Series:
    near = (x == limit) | ((x - limit).abs() < limit.abs() * TOLERANCE)
    if op == "==":
        return near
    if op == "!=":
        return ~near
    if op in ("<=", "<"):
        return (x < limit) | near if op == "<=" else (x < limit) & ~near
    return (x > limit) | near if op == ">=" else (x > limit) & ~near


def _compare_ranges(op: CompareOp, x: Ranges, limit: Ranges) -> pl.Series:
    with np.errstate(invalid="ignore", over="ignore"):
        if op in ("<=", ">"):
            true, false = _at_most(x, limit)
        elif op in (">=", "<"):
            true, false = _at_least(x, limit)
        else:
            points = x.known & limit.known
            equal = points & _near(x.low, limit.low)
            apart = np.where(points, ~equal, _at_most(x, limit)[1] | _at_least(x, limit)[1])
            true, false = equal, apart
        if op in (">", "<", "!="):
            true, false = false, true
    return decided(true, false)


def _near(a: Floats, b: Floats) -> Flags:
    return cast(Flags, (a == b) | (np.isfinite(a) & np.isfinite(b) & (np.abs(a - b) < TOLERANCE * np.abs(b))))


def _at_most(x: Ranges, limit: Ranges) -> tuple[Flags, Flags]:
    true = np.isfinite(x.high) & np.isfinite(limit.low) & ((x.high < limit.low) | _near(x.high, limit.low))
    near = _near(x.low, limit.high)
    beyond = ((x.low > limit.high) & ~near) | (near & (x.low_open | limit.high_open))
    false = np.isfinite(x.low) & np.isfinite(limit.high) & beyond & ~true
    return true, false


def _at_least(x: Ranges, limit: Ranges) -> tuple[Flags, Flags]:
    true = np.isfinite(x.low) & np.isfinite(limit.high) & ((x.low > limit.high) | _near(x.low, limit.high))
    near = _near(x.high, limit.low)
    beyond = ((x.high < limit.low) & ~near) | (near & (x.high_open | limit.low_open))
    false = np.isfinite(x.high) & np.isfinite(limit.low) & beyond & ~true
    return true, false


# --- arithmetic -------------------------------------------------------------------------------------------------------


def scale(x: Number, factor: float, shift: float, length: int) -> Number:
    """`factor * x + shift`, as a change of unit makes it."""
    if x is None or (factor == 1.0 and shift == 0.0):
        return x
    if isinstance(x, Ranges):
        with np.errstate(over="ignore", invalid="ignore"):
            return _made(x.low * factor + shift, x.high * factor + shift, x.low_open, x.high_open)
    return _finite(x * factor + shift if shift else x * factor)


def arithmetic(op: str, x: Number, y: Number, length: int) -> Number:
    """The sum, difference, product or quotient."""
    if x is None or y is None:
        return None
    if not isinstance(x, Ranges) and not isinstance(y, Ranges):
        return _of_points(op, x, y)
    a, b = ranges_of(x, length), ranges_of(y, length)
    with np.errstate(all="ignore"):
        if op == "+":
            return _made(a.low + b.low, a.high + b.high, a.low_open | b.low_open, a.high_open | b.high_open)
        if op == "-":
            return _made(a.low - b.high, a.high - b.low, a.low_open | b.high_open, a.high_open | b.low_open)
        return _product(a, b) if op == "*" else _quotient(a, b)


def _of_points(op: str, x: float | pl.Series, y: float | pl.Series) -> Point:
    if op == "/":
        if not isinstance(y, pl.Series):
            return None if y == 0 else _finite(x / y)
        nothing = y == 0
        if nothing.any():
            return _finite(where(~nothing, x / y))
        return _finite(x / y)
    if op == "+":
        return _finite(x + y)
    return _finite(x - y if op == "-" else x * y)


def _finite(x: float | pl.Series) -> Point:
    """Without what overflowed, which says nothing."""
    if not isinstance(x, pl.Series):
        return x if math.isfinite(x) else None
    # One pass tells of nearly every column that nothing in it overflowed.
    if not math.isfinite(cast(float, x.sum())) and (x.max() == math.inf or x.min() == -math.inf):
        return where(x.is_finite(), x)
    return x


def _made(low: Floats, high: Floats, low_open: Flags, high_open: Flags) -> Number:
    """Ranges from their ends; an end that overflowed or is no number makes it say nothing."""
    nothing = np.isnan(low) | np.isnan(high) | (low == np.inf) | (high == -np.inf) | (low > high)
    nothing |= (low == -np.inf) & (high == np.inf)
    low, high = np.where(nothing, np.nan, low), np.where(nothing, np.nan, high)
    return simplest(Ranges(low, high, low_open & np.isfinite(low), high_open & np.isfinite(high)))


_End = tuple[Floats, Flags]


def _times(a: _End, b: _End) -> _End:
    (u, u_open), (v, v_open) = a, b
    zero = (u == 0) | (v == 0)
    # Zero times anything is zero, and it is reached unless the zero itself is left out.
    reached = ((u == 0) & ~u_open) | ((v == 0) & ~v_open)
    return np.where(zero, 0.0, u * v), np.where(zero, ~reached, u_open | v_open)


def _product(a: Ranges, b: Ranges) -> Number:
    unknown = a.unknown | b.unknown
    ends_a: Sequence[_End] = ((a.low, a.low_open), (a.high, a.high_open))
    ends_b: Sequence[_End] = ((b.low, b.low_open), (b.high, b.high_open))
    low, high = _span([_times(s, t) for s in ends_a for t in ends_b])
    nothing = np.where(unknown, np.nan, 0.0)
    return _made(low[0] + nothing, high[0] + nothing, low[1], high[1])


def _span(ends: Sequence[_End]) -> tuple[_End, _End]:
    """The lowest and the highest of several ends; of equal ones a closed one."""
    return _extreme(ends, lambda a, b: a < b), _extreme(ends, lambda a, b: a > b)


def _extreme(ends: Sequence[_End], before: Callable[[Floats, Floats], Flags]) -> _End:
    value, is_open = ends[0]
    for other, other_open in ends[1:]:
        first = before(other, value)
        is_open = np.where(first, other_open, np.where(other == value, is_open & other_open, is_open))
        value = np.where(first, other, value)
    return value, is_open


def _quotient(a: Ranges, b: Ranges) -> Number:
    above = (b.low > 0) | ((b.low == 0) & b.low_open & (b.high > 0))
    below = (b.high < 0) | ((b.high == 0) & b.high_open & (b.low < 0))
    points = a.known & b.known
    # The reciprocal of the divisor, which has no zero in it.
    low = np.where(np.isinf(b.high) & above, 0.0, np.where(b.high == 0, -np.inf, 1 / b.high))
    low_open = np.where(np.isinf(b.high) & above, True, b.high_open)
    high = np.where(np.isinf(b.low) & below, 0.0, np.where(b.low == 0, np.inf, 1 / b.low))
    high_open = np.where(np.isinf(b.low) & below, True, b.low_open)
    found = ranges_of(_product(a, Ranges(low, high, low_open, high_open)), len(a))
    straight = a.low / b.low
    out = ~(above | below) | a.unknown | b.unknown
    low = np.where(out, np.nan, np.where(points, straight, found.low))
    high = np.where(out, np.nan, np.where(points, straight, found.high))
    return _made(low, high, np.where(points, False, found.low_open), np.where(points, False, found.high_open))


def magnitude(x: Number, length: int) -> Number:
    """|x|."""
    if x is None:
        return None
    if not isinstance(x, Ranges):
        return x.abs() if isinstance(x, pl.Series) else abs(x)
    over = (x.low < 0) & (x.high > 0)
    negative = x.high <= 0
    low = np.where(over, 0.0, np.where(negative, -x.high, x.low))
    high = np.where(over, np.maximum(-x.low, x.high), np.where(negative, -x.low, x.high))
    low_open = np.where(over, False, np.where(negative, x.high_open, x.low_open))
    high_open = np.where(over, False, np.where(negative, x.low_open, x.high_open))
    return _made(low, high, low_open, high_open)


def lowest(given: Sequence[Number], length: int) -> Number:
    """The smallest of several numbers."""
    all_ = [_whole_where_unknown(ranges_of(x, length)) for x in given]
    low = _extreme([(x.low, x.low_open) for x in all_], lambda a, b: a < b)
    # The smallest is at most the highest end of each, and an open one among equal ends makes it so.
    value, is_open = all_[0].high, all_[0].high_open
    for x in all_[1:]:
        is_open = np.where(x.high < value, x.high_open, np.where(x.high == value, is_open | x.high_open, is_open))
        value = np.minimum(value, x.high)
    return _made(low[0], value, low[1], is_open)


def highest(given: Sequence[Number], length: int) -> Number:
    """The largest of several numbers."""
    turned = lowest([negate(x, length) for x in given], length)
    return negate(turned, length)


def negate(x: Number, length: int) -> Number:
    """-x."""
    if isinstance(x, Ranges):
        return Ranges(-x.high, -x.low, x.high_open, x.low_open)
    return None if x is None else -x


def _whole_where_unknown(x: Ranges) -> Ranges:
    unknown = x.unknown
    return Ranges(
        np.where(unknown, -np.inf, x.low),
        np.where(unknown, np.inf, x.high),
        x.low_open & ~unknown,
        x.high_open & ~unknown,
    )


def hull(low: Floats, high: Floats, low_open: Flags, high_open: Flags) -> Number:
    """Ranges from ends that were joined elsewhere."""
    return _made(low, high, low_open, high_open)
