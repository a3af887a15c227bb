"""One field of many records as columns, normalised: null is the only unknown, and a number is finite or null."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import polars as pl

from envrules.interval import Interval
from envrules.records.types import Field
from envrules.records.values import Nothing, Value

NUMERIC = frozenset(["int", "number", "quantity", "date", "month", "year"])


def where(mask: pl.Series, x: pl.Series) -> pl.Series:
    """The values where the mask is true, null elsewhere: what `when(mask).then(x)` gives, without a query.

    Examples:
        >>> where(pl.Series([True, False, None]), pl.Series([1.0, 2.0, 3.0])).to_list()
        [1.0, None, None]
    """
    return x.zip_with(mask, _nothing(x.dtype))


@lru_cache(maxsize=32)
def _nothing(dtype: pl.DataType) -> pl.Series:
    return pl.Series([None], dtype=dtype)


@lru_cache(maxsize=8)
def places(length: int) -> pl.Series:
    """The numbers of so many rows, from 0 on."""
    return pl.Series(np.arange(length, dtype=np.uint32))


@dataclass(frozen=True)
class Ends:
    """The ends of the values that are ranges; null in every row that holds no range."""

    low: pl.Series
    high: pl.Series
    low_open: pl.Series
    high_open: pl.Series

    def gather(self, rows: pl.Series) -> Ends:
        return Ends(*(s[rows] for s in (self.low, self.high, self.low_open, self.high_open)))

    def slice(self, start: int, length: int) -> Ends:
        return Ends(*(s.slice(start, length) for s in (self.low, self.high, self.low_open, self.high_open)))


@dataclass(frozen=True)
class FieldColumn:
    """The values of one field, a row for each record.

    Args:
        values: Float64 (numbers, dates as day ordinals, months, years), Boolean, or String; null where there is no one
            value.
        ends: the values that are ranges; None where there are none.
        unusable: true where something stands that cannot be used; None where there is no such row.
        places: of a few words where each stands, null where nothing does, as far as reading them has told.
    """

    values: pl.Series
    ends: Ends | None = None
    unusable: pl.Series | None = None
    places: Mapping[str, pl.Series] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.values)

    @property
    def present(self) -> pl.Series:
        """Where something usable stands."""
        there = self.values.is_not_null()
        return there if self.ends is None else there | self.ends.low.is_not_null()

    @property
    def absent(self) -> pl.Series:
        """Where nothing stands."""
        gone = ~self.present
        return gone if self.unusable is None else gone & ~self.unusable

    def gather(self, rows: pl.Series) -> FieldColumn:
        """The column of these rows, in their order."""
        ends = None if self.ends is None else self.ends.gather(rows)
        unusable = None if self.unusable is None else self.unusable[rows]
        return _plain(self.values[rows], ends, unusable)

    def slice(self, start: int, length: int) -> FieldColumn:
        """The column of so many rows from one on."""
        ends = None if self.ends is None else self.ends.slice(start, length)
        unusable = None if self.unusable is None else self.unusable.slice(start, length)
        return _plain(self.values.slice(start, length), ends, unusable)


def value_type(declared: Field) -> type[pl.DataType]:
    """What the values of a field are kept as."""
    if declared.kind in NUMERIC:
        return pl.Float64
    return pl.Boolean if declared.kind == "bool" else pl.String


def nothing(declared: Field, length: int) -> FieldColumn:
    """A column in which nothing stands."""
    return FieldColumn(pl.Series([None], dtype=value_type(declared)).new_from_index(0, length))


def of_values(values: Sequence[Value], declared: Field) -> FieldColumn:
    """The column of values as records hold them."""
    unusable = pl.Series([v is Nothing.UNUSABLE for v in values], dtype=pl.Boolean)
    if declared.kind not in NUMERIC:
        kept = [None if isinstance(v, Nothing | Interval | frozenset) else v for v in values]
        return _plain(pl.Series(kept, dtype=value_type(declared)), None, unusable)
    points = [v.lo if isinstance(v, Interval) and v.known else None for v in values]
    ranges = [v if isinstance(v, Interval) and not v.known and not v.unknown else None for v in values]
    ends = Ends(
        pl.Series([None if r is None else r.lo for r in ranges], dtype=pl.Float64),
        pl.Series([None if r is None else r.hi for r in ranges], dtype=pl.Float64),
        pl.Series([None if r is None else r.lo_open for r in ranges], dtype=pl.Boolean),
        pl.Series([None if r is None else r.hi_open for r in ranges], dtype=pl.Boolean),
    )
    return _plain(pl.Series(points, dtype=pl.Float64), ends, unusable)


def joined(parts: Sequence[FieldColumn]) -> FieldColumn:
    """The columns of several tables, one below the other."""
    if len(parts) == 1:
        return parts[0]
    ends = None
    if any(p.ends is not None for p in parts):
        of_parts = [p.ends or _no_ends(len(p)) for p in parts]
        ends = Ends(*(pl.concat([getattr(e, name) for e in of_parts]) for name in _ENDS))
    unusable = None
    if any(p.unusable is not None for p in parts):
        unusable = pl.concat([_false(len(p)) if p.unusable is None else p.unusable for p in parts])
    return FieldColumn(pl.concat([p.values for p in parts]), ends, unusable)


_ENDS = ("low", "high", "low_open", "high_open")


def _no_ends(length: int) -> Ends:
    numbers = pl.Series([None], dtype=pl.Float64).new_from_index(0, length)
    flags = pl.Series([None], dtype=pl.Boolean).new_from_index(0, length)
    return Ends(numbers, numbers, flags, flags)


def _false(length: int) -> pl.Series:
    return pl.Series([False], dtype=pl.Boolean).new_from_index(0, length)


def _plain(values: pl.Series, ends: Ends | None, unusable: pl.Series | None) -> FieldColumn:
    """The column without the parts that say nothing."""
    if ends is not None and ends.low.null_count() == len(values):
        ends = None
    if unusable is not None and not unusable.any():
        unusable = None
    return FieldColumn(values, ends, unusable)
