"""Records as columns: each field that a rule reads once, normalised, so that null is the only unknown.

A numeric column holds points; where a record's value is a range, the row is marked in a column of its own and left to
the interpreter, so that ranges cost something only where there are any.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from envrules.engines.reference.evaluate import worth_of
from envrules.engines.reference.judge import date_of
from envrules.interval import Interval
from envrules.pack.pack import Pack
from envrules.records.types import Field
from envrules.records.values import Nothing, Record

DATE = "date"


def value_column(field: str) -> str:
    """The column of a field's values."""
    return f"v:{field}"


def range_column(field: str) -> str:
    """True where a record has a range instead of a point."""
    return f"r:{field}"


def filled_column(field: str) -> str:
    """Whether anything stands in a field: null where what stands there cannot be read."""
    return f"f:{field}"


def columns_of(records: Sequence[Record], pack: Pack, record_type: str, fields: Iterable[str]) -> pl.DataFrame:
    """A row for each record, in their order: values, ranges and what is filled of the fields given, and the date."""
    declared = pack.records[record_type].fields
    series: list[pl.Series] = [pl.Series(DATE, [date_of(r, pack) for r in records], dtype=pl.Float64)]
    for name in sorted(set(fields)):
        series += _field_columns(records, declared[name])
    return pl.DataFrame(series)


def _field_columns(records: Sequence[Record], declared: Field) -> list[pl.Series]:
    values = [r.value(declared.name) for r in records]
    worths = [worth_of(v, declared) for v in values]
    filled = [None if v is Nothing.UNUSABLE else v is not Nothing.ABSENT for v in values]
    out = [pl.Series(filled_column(declared.name), filled, dtype=pl.Boolean)]
    name = value_column(declared.name)
    if declared.kind == "bool":
        return [*out, pl.Series(name, worths, dtype=pl.Boolean)]
    if declared.kind in ("id", "text", "enum"):
        words = [next(iter(w)) if isinstance(w, frozenset) else None for w in worths]
        return [*out, pl.Series(name, words, dtype=pl.String)]
    numbers = [w if isinstance(w, Interval) else None for w in worths]
    points = [w.lo if w is not None and w.known else None for w in numbers]
    ranges = [w is not None and not w.known and not w.unknown for w in numbers]
    return [
        *out,
        pl.Series(name, points, dtype=pl.Float64),
        pl.Series(range_column(declared.name), ranges, dtype=pl.Boolean),
    ]
