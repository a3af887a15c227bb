"""A column of numbers to the values of a quantity: converted once by a factor, bounds held, all rows together.

The same steps as `records.quantities.read_quantity` takes for one cell; what is no plain number is left to it.
"""

from __future__ import annotations

import math
from typing import cast

import polars as pl

from envrules.interval import TOLERANCE, Interval
from envrules.records.columns.field import FieldColumn
from envrules.records.quantities import bounds_in
from envrules.records.types import Field
from envrules.units import Unit, Units


def read_numbers(raw: pl.Series, field: Field, units: Units, unit: Unit | None, target: Unit) -> FieldColumn | None:
    """The values of raw numbers in `target`; None where the units do not fit, which each cell has to say.

    NaN is nothing; what is infinite or outside the field's bounds is unusable.
    """
    pair = units.conversion(unit or target, target, field.context)
    if pair is None:
        return None
    values = _scaled(_as_float(raw), *pair)
    bounds = bounds_in(field, target)
    if field.kind != "int" and _all_inside(values, bounds):
        return FieldColumn(values.fill_nan(None) if values.is_nan().any() else values)
    x = pl.col("x").fill_nan(None)
    for end, is_open, above in ((bounds.lo, bounds.lo_open, False), (bounds.hi, bounds.hi_open, True)):
        if math.isfinite(end) and not is_open and end:
            # What differs from a bound by rounding counts as the bound.
            near = (x > end if above else x < end) & ((x - end).abs() < TOLERANCE * abs(end))
            x = pl.when(near).then(pl.lit(end)).otherwise(x)
    inside = x.is_finite() & _inside(x, bounds)
    if field.kind == "int":
        inside = inside & (x.floor() == x)
    frame = (
        pl.DataFrame({"x": values})
        .lazy()
        .select(pl.when(inside).then(x).alias("x"), (x.is_not_null() & ~inside).alias("bad"))
    )
    kept, unusable = frame.collect()
    return FieldColumn(kept, None, unusable if unusable.any() else None)


def _as_float(raw: pl.Series) -> pl.Series:
    if raw.dtype == pl.Float32:
        # The shortest decimal that stands for a number of single precision is what was written: 0.8.
        return raw.cast(pl.String).cast(pl.Float64)
    return raw if raw.dtype == pl.Float64 else raw.cast(pl.Float64)


def _scaled(values: pl.Series, factor: float, shift: float) -> pl.Series:
    if factor == 1.0 and shift == 0.0:
        return values
    return values * factor + shift if shift else values * factor


def _inside(x: pl.Expr, bounds: Interval) -> pl.Expr:
    low = x > bounds.lo if bounds.lo_open else x >= bounds.lo
    return low & (x < bounds.hi if bounds.hi_open else x <= bounds.hi)


def _all_inside(values: pl.Series, bounds: Interval) -> bool:
    """Whether every number that is there is finite and inside the bounds."""
    low, high = cast("float | None", values.min()), cast("float | None", values.max())
    if low is None or high is None:
        return True
    above = low > bounds.lo if bounds.lo_open else low >= bounds.lo
    below = high < bounds.hi if bounds.hi_open else high <= bounds.hi
    return above and below and math.isfinite(low) and math.isfinite(high)
