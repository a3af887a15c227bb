"""Which records of large tables have an id that another has too."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from envrules.records.columns.table import ColumnRecords
from envrules.records.values import Record


def repeated_rows(tables: Sequence[Sequence[Record]]) -> list[list[int]]:
    """Of each table the rows whose id stands in another row of any of them too."""
    ids = [t.ids() if isinstance(t, ColumnRecords) else pl.Series([r.id for r in t], dtype=pl.String) for t in tables]
    every = pl.concat(ids)
    if every.n_unique() == len(every):
        return [[] for _ in tables]
    twice = every.is_duplicated()
    found, start = [], 0
    for own in ids:
        found.append(twice.slice(start, len(own)).arg_true().to_list())
        start += len(own)
    return found
