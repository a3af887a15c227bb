"""A quantity is what is known of it: a range of real numbers, a point when it is known, the whole line when it is not.

Comparisons are three-valued (True, False, None for unknown) and made at the exact limit with a tolerance of one part in
10^9 of it. This room knows nothing of units: both sides are numbers in one unit.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

TOLERANCE = 1e-9
CompareOp = Literal["<", "<=", "==", "!=", ">=", ">"]
FLIPPED: dict[CompareOp, CompareOp] = {"<": ">", "<=": ">=", "==": "==", "!=": "!=", ">=": "<=", ">": "<"}


@dataclass(frozen=True, slots=True)
class Interval:
    """All numbers from `lo` to `hi`, without an end that is open; an infinite end is always open.

    Examples:
        >>> Interval(0, 10, hi_open=True)
        [0, 10)
        >>> point(3)
        3
    """

    lo: float
    hi: float
    lo_open: bool = False
    hi_open: bool = False

    @property
    def known(self) -> bool:
        """True when it is one number."""
        return self.lo == self.hi

    @property
    def unknown(self) -> bool:
        """True when it is the whole line: nothing is known."""
        return self.lo == -math.inf and self.hi == math.inf

    def scaled(self, factor: float, shift: float = 0.0) -> Interval:
        """The interval of `factor * x + shift`, as a change of unit makes it (`factor` above 0)."""
        if factor == 1.0 and shift == 0.0:
            return self
        return make(self.lo * factor + shift, self.hi * factor + shift, self.lo_open, self.hi_open)

    def __repr__(self) -> str:
        if self.known:
            return format_number(self.lo)
        left = "(" if self.lo_open or self.lo == -math.inf else "["
        right = ")" if self.hi_open or self.hi == math.inf else "]"
        return f"{left}{format_number(self.lo)}, {format_number(self.hi)}{right}"


WHOLE = Interval(-math.inf, math.inf)


def format_number(value: float) -> str:
    """A number as people write it, without the noise of binary floats (12 significant digits).

    Examples:
        >>> format_number(0.1 + 0.2), format_number(20.000000000000004), format_number(1e-7)
        ('0.3', '20', '1e-07')
    """
    return f"{value:.12g}"


def round_number(value: float) -> float | int:
    """The number at 12 significant digits, an int where it is whole."""
    rounded = float(f"{value:.12g}")
    return int(rounded) if rounded.is_integer() and abs(rounded) < 1e15 else rounded


def point(value: float) -> Interval:
    """The interval of one number; a number that is not finite says nothing, so it gives the whole line."""
    return Interval(float(value), float(value)) if math.isfinite(value) else WHOLE


def make(lo: float, hi: float, lo_open: bool = False, hi_open: bool = False) -> Interval:
    """The interval between two ends; an end that overflowed or is not a number makes it say nothing on that side."""
    if math.isnan(lo) or math.isnan(hi) or lo == math.inf or hi == -math.inf or lo > hi:
        return WHOLE
    return Interval(lo, hi, lo_open and lo != -math.inf, hi_open and hi != math.inf)


def order(x: float, limit: float) -> int:
    """-1, 0 or 1 as x lies below, at or above the limit, with the tolerance of one part in 10^9 of the limit.

    Source: semantics, "Numbers, units, words": an artefact of binary floats or unit conversion counts as equal; at a
    limit of 0 the comparison is exact.

    Examples:
        >>> order(0.1 + 0.2, 0.3), order(1e-300, 0.0), order(0.8000001, 0.8)
        (0, 1, 1)
    """
    if x == limit:
        return 0
    if math.isfinite(limit) and math.isfinite(x) and abs(x - limit) < TOLERANCE * abs(limit):
        return 0
    return -1 if x < limit else 1


def _at_most(x: Interval, limit: Interval) -> bool | None:
    """Whether x <= limit for every, no or some pair of values."""
    if x.hi != math.inf and limit.lo != -math.inf and order(x.hi, limit.lo) <= 0:
        return True
    if x.lo != -math.inf and limit.hi != math.inf:
        side = order(x.lo, limit.hi)
        if side > 0 or (side == 0 and (x.lo_open or limit.hi_open)):
            return False
    return None


def _at_least(x: Interval, limit: Interval) -> bool | None:
    if x.lo != -math.inf and limit.hi != math.inf and order(x.lo, limit.hi) >= 0:
        return True
    if x.hi != math.inf and limit.lo != -math.inf:
        side = order(x.hi, limit.lo)
        if side < 0 or (side == 0 and (x.hi_open or limit.lo_open)):
            return False
    return None


def _not(value: bool | None) -> bool | None:
    return None if value is None else not value


def compare(op: CompareOp, x: Interval, limit: Interval) -> bool | None:
    """True when the comparison holds for every value in the intervals, False when for none, None otherwise.

    Examples:
        >>> below_ten = Interval(0, 10, hi_open=True)
        >>> compare("<=", below_ten, point(10)), compare(">=", below_ten, point(10)), compare("<", below_ten, point(5))
        (True, False, None)
    """
    if op == "<=":
        return _at_most(x, limit)
    if op == ">=":
        return _at_least(x, limit)
    if op == "<":
        return _not(_at_least(x, limit))
    if op == ">":
        return _not(_at_most(x, limit))
    if x.known and limit.known:
        equal: bool | None = order(x.lo, limit.lo) == 0
    else:
        apart = _at_most(x, limit) is False or _at_least(x, limit) is False
        equal = False if apart else None
    return equal if op == "==" else _not(equal)


def add(x: Interval, y: Interval) -> Interval:
    return make(x.lo + y.lo, x.hi + y.hi, x.lo_open or y.lo_open, x.hi_open or y.hi_open)


def negate(x: Interval) -> Interval:
    return Interval(-x.hi, -x.lo, x.hi_open, x.lo_open)


def subtract(x: Interval, y: Interval) -> Interval:
    return add(x, negate(y))


_End = tuple[float, bool]


def _product(a: _End, b: _End) -> _End:
    (u, u_open), (v, v_open) = a, b
    if u == 0 or v == 0:
        # Zero times anything is zero, and it is reached unless the zero itself is left out.
        reached = (u == 0 and not u_open) or (v == 0 and not v_open)
        return 0.0, not reached
    return u * v, u_open or v_open


def _span(ends: Iterable[_End]) -> Interval:
    ends = list(ends)
    lo = min(ends, key=lambda e: (e[0], e[1]))
    hi = max(ends, key=lambda e: (e[0], not e[1]))
    return make(lo[0], hi[0], lo[1], hi[1])


def _ends(x: Interval) -> tuple[_End, _End]:
    return (x.lo, x.lo_open), (x.hi, x.hi_open)


def multiply(x: Interval, y: Interval) -> Interval:
    if x.unknown or y.unknown:
        # A lone zero decides a product only where the other factor is a number at all; nothing known stays unknown.
        return WHOLE
    return _span(_product(a, b) for a in _ends(x) for b in _ends(y))


def divide(x: Interval, y: Interval) -> Interval:
    """x / y; the whole line where y can be 0, since the quotient then need not exist.

    Examples:
        >>> divide(point(1), Interval(0, 2, lo_open=True))
        [0.5, inf)
        >>> divide(point(1), point(0)).unknown
        True
    """
    if x.unknown or y.unknown:
        return WHOLE
    above = y.lo > 0 or (y.lo == 0 and y.lo_open and y.hi > 0)
    below = y.hi < 0 or (y.hi == 0 and y.hi_open and y.lo < 0)
    if not (above or below):
        return WHOLE
    far, near = (math.inf, 1 / y.lo if y.lo != 0 else math.inf), 1 / y.hi if y.hi != 0 else -math.inf
    reciprocal = (
        Interval(0.0 if y.hi == math.inf else near, far[1], y.hi == math.inf or y.hi_open, y.lo_open)
        if above
        else Interval(near, 0.0 if y.lo == -math.inf else 1 / y.lo, y.hi_open, y.lo == -math.inf or y.lo_open)
    )
    if x.known and y.known:
        return point(x.lo / y.lo)
    return multiply(x, reciprocal)


def hull(values: Iterable[Interval]) -> Interval:
    """The smallest interval that holds all of them; the whole line for none.

    Examples:
        >>> hull([point(1), point(3)])
        [1, 3]
    """
    values = list(values)
    if not values:
        return WHOLE
    return _span(end for x in values for end in _ends(x))


def intersect(x: Interval, y: Interval) -> Interval | None:
    """What both allow, or None where they exclude each other."""
    lo = max(_ends(x)[0], _ends(y)[0], key=lambda e: (e[0], e[1]))
    hi = min(_ends(x)[1], _ends(y)[1], key=lambda e: (e[0], not e[1]))
    if lo[0] > hi[0] or (lo[0] == hi[0] and (lo[1] or hi[1])):
        return None
    return make(lo[0], hi[0], lo[1], hi[1])


def lowest(values: Iterable[Interval]) -> Interval:
    """The interval of the smallest of the values."""
    values = list(values)
    lo = min((_ends(x)[0] for x in values), key=lambda e: (e[0], e[1]))
    hi = min((_ends(x)[1] for x in values), key=lambda e: (e[0], not e[1]))
    return make(lo[0], hi[0], lo[1], hi[1])


def highest(values: Iterable[Interval]) -> Interval:
    """The interval of the largest of the values."""
    return negate(lowest(negate(x) for x in values))


def magnitude(x: Interval) -> Interval:
    """The interval of |x|; nothing known stays so, since a missing value alone decides nothing."""
    if x.unknown:
        return WHOLE
    if x.lo >= 0:
        return x
    if x.hi <= 0:
        return negate(x)
    return highest([x, negate(x)]) if x.known else make(0.0, max(-x.lo, x.hi))
