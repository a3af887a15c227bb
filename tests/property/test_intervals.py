"""Laws of what is known of a number: no point that a range allows may contradict what is said of the range."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from envrules import interval
from envrules.interval import CompareOp, Interval, compare, point

BROAD = settings(max_examples=max(200, settings().max_examples))
OPS: tuple[CompareOp, ...] = ("<", "<=", "==", "!=", ">=", ">")
#: Apart by far more than the tolerance, so that two of them are equal or clearly not.
numbers = st.integers(-80, 80).map(lambda n: n / 8)


@st.composite
def known(draw: st.DrawFn) -> tuple[Interval, float]:
    """A range, and a point in it."""
    lo, value, hi = sorted(draw(st.tuples(numbers, numbers, numbers)))
    if lo == hi:
        return point(lo), lo
    end = draw(st.sampled_from(("both", "below", "above", "none")))
    return (
        interval.make(
            lo if end in ("both", "below") else -math.inf,
            hi if end in ("both", "above") else math.inf,
            draw(st.booleans()) and value != lo,
            draw(st.booleans()) and value != hi,
        ),
        value,
    )


def holds(x: Interval, value: float) -> bool:
    """Whether a point lies in a range, but for the last digits of a quotient."""
    slack = 1e-12 * max(1.0, abs(value))
    return x.lo - slack <= value <= x.hi + slack


@pytest.mark.parametrize(
    ("of_ranges", "of_points"),
    [
        (interval.add, operator.add),
        (interval.subtract, operator.sub),
        (interval.multiply, operator.mul),
        (lambda x, y: interval.lowest([x, y]), min),
        (lambda x, y: interval.highest([x, y]), max),
        (lambda x, y: interval.magnitude(x), lambda a, b: abs(a)),
        (lambda x, y: interval.negate(x), lambda a, b: -a),
        (lambda x, y: x.scaled(2.5, -3.0), lambda a, b: 2.5 * a - 3.0),
        (lambda x, y: interval.hull([x, y]), lambda a, b: a),
        (lambda x, y: interval.hull([x, y]), lambda a, b: b),
    ],
)
@BROAD
@given(known(), known())
def test_arithmetic_holds_every_point(
    of_ranges: Callable[[Interval, Interval], Interval],
    of_points: Callable[[float, float], float],
    first: tuple[Interval, float],
    second: tuple[Interval, float],
) -> None:
    assert holds(of_ranges(first[0], second[0]), of_points(first[1], second[1]))


@BROAD
@given(known(), known())
def test_a_quotient_holds_every_point(first: tuple[Interval, float], second: tuple[Interval, float]) -> None:
    assume(second[1] != 0)
    assert holds(interval.divide(first[0], second[0]), first[1] / second[1])


@BROAD
@given(known(), known())
def test_an_open_end_is_not_reached(first: tuple[Interval, float], second: tuple[Interval, float]) -> None:
    (x, a), (y, b) = first, second
    for found, value in ((interval.add(x, y), a + b), (interval.multiply(x, y), a * b)):
        assert not (found.lo_open and value == found.lo)
        assert not (found.hi_open and value == found.hi)


@BROAD
@given(known(), known())
def test_what_both_allow_is_allowed(first: tuple[Interval, float], second: tuple[Interval, float]) -> None:
    found = interval.intersect(first[0], second[0])
    for value in (first[1], second[1]):
        inside = all(interval.intersect(x, point(value)) is not None for x in (first[0], second[0]))
        assert inside == (found is not None and interval.intersect(found, point(value)) is not None)


@BROAD
@given(st.sampled_from(OPS), known(), known())
def test_a_decided_comparison_holds_for_every_point(
    op: CompareOp, first: tuple[Interval, float], second: tuple[Interval, float]
) -> None:
    said = compare(op, first[0], second[0])
    assert said in (None, compare(op, point(first[1]), point(second[1])))


@BROAD
@given(st.sampled_from(OPS), numbers, numbers)
def test_points_are_always_decided(op: CompareOp, x: float, y: float) -> None:
    plain = {"<": operator.lt, "<=": operator.le, "==": operator.eq, "!=": operator.ne}
    plain |= {">=": operator.ge, ">": operator.gt}
    assert compare(op, point(x), point(y)) is plain[op](x, y)


@BROAD
@given(known(), known())
def test_each_comparison_has_its_opposite(first: tuple[Interval, float], second: tuple[Interval, float]) -> None:
    x, y = first[0], second[0]
    opposite: dict[CompareOp, CompareOp] = {"<": ">=", "<=": ">", "==": "!="}
    for op, other in opposite.items():
        said = compare(other, x, y)
        assert compare(op, x, y) is (None if said is None else not said)
    for op in OPS:
        assert compare(op, x, y) is compare(interval.FLIPPED[op], y, x)


wide = st.floats(-1e12, 1e12, allow_subnormal=False)


@BROAD
@given(wide, wide, st.floats(-3e-9, 3e-9))
def test_a_comparison_with_tolerance_is_antisymmetric(x: float, other: float, part: float) -> None:
    for y in (other, x * (1 + part)):
        below, at_most, at_least, above = (compare(op, point(x), point(y)) for op in ("<", "<=", ">=", ">"))
        assert (below, at_most, at_least, above).count(True) == 2
        assert not (below and above)
        assert (at_most and at_least) is compare("==", point(x), point(y))
        # Turned round, the tolerance is a part of the other number: what was clearly below is never clearly above.
        assert not (below and compare("<", point(y), point(x)))


@BROAD
@given(st.floats(1e-12, 1e12) | st.floats(-1e12, -1e-12), st.floats(-0.9e-9, 0.9e-9))
def test_the_noise_of_floats_is_no_difference(limit: float, part: float) -> None:
    assert compare("==", point(limit * (1 + part)), point(limit)) is True


@BROAD
@given(st.floats(-1e-3, 1e-3).filter(bool))
def test_at_a_limit_of_zero_every_difference_counts(x: float) -> None:
    assert compare("==", point(x), point(0)) is False
    assert compare("<=", point(x), point(0)) is (x < 0)
