"""A column of numbers to the values of a quantity: converted once by a factor, bounds held, all rows together.

The same steps as `records.quantities.read_quantity` takes for one cell; what is no plain number is left to it.
"""

from __future__ import annotations

import math

import numpy as np
import polars as pl

from envrules.interval import TOLERANCE, Interval
from envrules.records.columns.field import FieldColumn, places, where
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
    fits = _inside(values, bounds)
    if field.kind == "int":
        fits = fits & (values.floor() == values)
    if fits.all():
        return FieldColumn(values)
    kept = where(fits, values)
    odd = places(len(values)).filter(~fits)
    cells = values[odd].to_numpy()
    ends = [(end, not is_open) for end, is_open in ((bounds.lo, bounds.lo_open), (bounds.hi, bounds.hi_open))]
    mended = np.full(len(cells), np.nan)
    for end, closed in ends:
        if closed and np.isfinite(end):
            # What differs from a bound by rounding counts as the bound.
            mended[np.abs(cells - end) < TOLERANCE * abs(end)] = end
    if field.kind == "int":
        mended[cells != np.floor(cells)] = np.nan
    near = ~np.isnan(mended)
    if near.any():
        kept = kept.scatter(odd.filter(pl.Series(near)), pl.Series(mended[near]))
    wrong = ~near & ~np.isnan(cells)
    if not wrong.any():
        return FieldColumn(kept)
    unusable = _TRUE.zip_with(~fits, _FALSE)
    if not wrong.all():
        unusable = unusable.scatter(odd.filter(pl.Series(~wrong)), False)
    return FieldColumn(kept, None, unusable)


_TRUE, _FALSE = pl.Series([True]), pl.Series([False])


def _as_float(raw: pl.Series) -> pl.Series:
    if raw.dtype == pl.Float32:
        # The shortest decimal that stands for a number of single precision is what was written: 0.8.
        return raw.cast(pl.String).cast(pl.Float64)
    return raw if raw.dtype == pl.Float64 else raw.cast(pl.Float64)


def _scaled(values: pl.Series, factor: float, shift: float) -> pl.Series:
    if factor == 1.0 and shift == 0.0:
        return values
    return values * factor + shift if shift else values * factor


def _inside(x: pl.Series, bounds: Interval) -> pl.Series:
    """Where a number is finite and inside the bounds; NaN counts as the largest number, so it is never."""
    low = x > bounds.lo if bounds.lo_open or bounds.lo == -math.inf else x >= bounds.lo
    return low & (x < bounds.hi if bounds.hi_open or bounds.hi == math.inf else x <= bounds.hi)
