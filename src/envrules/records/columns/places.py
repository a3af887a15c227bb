"""Where records stand in their sources, many of them together."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from envrules.records.columns.table import ColumnRecords
from envrules.records.dataset import Together
from envrules.records.values import Record

SCHEMA = {"source": pl.String, "sheet": pl.String, "row": pl.Int64}


def places_of(records: Sequence[Record], rows: pl.Series) -> pl.DataFrame:
    """The source, sheet and row of some records, a row for each in their order; sheet is null where there is none."""
    if isinstance(records, ColumnRecords):
        table = records.plan.table
        at = rows if records.rows is None else records.rows.gather(rows)
        numbers = records.raw.numbers
        if isinstance(numbers, range):
            found = at.cast(pl.Int64) * numbers.step + numbers.start
        else:
            found = pl.Series([numbers[i] for i in at.to_list()], dtype=pl.Int64)
        return pl.select(
            source=pl.lit(table.source, pl.String), sheet=pl.lit(table.sheet or None, pl.String), row=found
        )
    if isinstance(records, Together):
        order, parts, start = [], [], 0
        for own in records.parts:
            inside = (rows >= start) & (rows < start + len(own))
            order.append(inside.arg_true())
            parts.append(places_of(own, rows.filter(inside) - start))
            start += len(own)
        return pl.concat(parts)[pl.concat(order).arg_sort()]
    places = [records[row].place for row in rows.to_list()]
    return pl.DataFrame([(p.source, p.sheet or None, p.row) for p in places], schema=SCHEMA, orient="row")
