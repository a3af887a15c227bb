"""The raw columns of a table: as a frame holds them, or as lists of the cells that a workbook has."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, cast

import polars as pl

from envrules.records.tables import Row

#: One raw column: a series with one type, or a list of whatever the cells hold.
RawColumn: TypeAlias = "pl.Series | list[object]"


@dataclass
class RawColumns:
    """A table's columns by their place, each fetched when it is first asked for.

    Args:
        fetch: gives one column by its place.
        numbers: the row numbers as a person counts them.
        extra: the places of rows with more cells than the header.
        whole: the rows themselves, where the source has rows.
        fetch_some: gives some rows of one column, or None where the whole column has to be fetched for that.
        ready: the places of columns that cost little to fetch.
    """

    fetch: Callable[[int], RawColumn]
    numbers: Sequence[int]
    width: int
    extra: Sequence[int] = ()
    whole: Sequence[Sequence[object]] | None = None
    fetch_some: Callable[[int, slice | pl.Series], RawColumn | None] | None = None
    ready: Collection[int] = ()
    _columns: dict[int, RawColumn] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.numbers)

    def rows(self, places: Sequence[int], needed: Sequence[int]) -> Iterator[Sequence[object]]:
        """The raw rows at these places, as the reader of rows takes them; only the columns needed are filled."""
        if self.whole is not None:
            yield from (self.whole[i] for i in places)
            return
        parts = {}
        wanted = pl.Series(places, dtype=pl.UInt32)
        for index in needed:
            column = self.some(index, wanted)
            parts[index] = plain_cells(column) if isinstance(column, pl.Series) else column
        extra = frozenset(self.extra)
        for n in range(len(places)):
            row: list[object] = [None] * self.width
            for index, cells in parts.items():
                row[index] = cells[n]
            # What stood beyond the header is gone where the rows themselves are, but not that something did.
            yield row if places[n] not in extra else [*row, True]

    def part(self, start: int, size: int) -> RawColumns:
        """At most so many rows from one on."""
        stop = min(start + size, len(self))
        extra = [i - start for i in self.extra if start <= i < stop]
        whole = None if self.whole is None else self.whole[start:stop]
        return RawColumns(lambda i: self.column(i)[start:stop], self.numbers[start:stop], self.width, extra, whole)

    def row(self, place: int) -> Sequence[object]:
        """One raw row with all its columns."""
        return next(self.rows([place], range(self.width)))

    def column(self, index: int) -> RawColumn:
        """The column at a place."""
        if index not in self._columns:
            self._columns[index] = self.fetch(index)
        return self._columns[index]

    def some(self, index: int, rows: slice | pl.Series) -> RawColumn:
        """The column at a place in some of the rows."""
        found = None if self.fetch_some is None or index in self._columns else self.fetch_some(index, rows)
        return taken(self.column(index), rows) if found is None else found


def taken(raw: RawColumn, rows: slice | pl.Series) -> RawColumn:
    """Some of the cells of a column."""
    if isinstance(rows, slice):
        return raw.slice(rows.start, rows.stop - rows.start) if isinstance(raw, pl.Series) else raw[rows]
    return raw[rows] if isinstance(raw, pl.Series) else [raw[i] for i in rows]


def columns_of_rows(rows: Sequence[Row], width: int) -> RawColumns:
    """The columns of rows as a workbook or file of text gives them; a short row ends in empty cells."""
    numbers = [number for number, _ in rows]
    cells = [row for _, row in rows]
    if all(len(row) == width for row in cells):
        turned = list(zip(*cells, strict=True))
        return RawColumns(lambda i: as_series(turned[i]), numbers, width, whole=cells)
    extra = [i for i, row in enumerate(cells) if len(row) > width]
    return RawColumns(
        lambda i: as_series([row[i] if i < len(row) else None for row in cells]), numbers, width, extra, cells
    )


_SERIES: dict[type, type[pl.DataType]] = {float: pl.Float64, str: pl.String, bool: pl.Boolean, dt.date: pl.Date}


def as_series(cells: Sequence[object]) -> RawColumn:
    """The cells as a series where they are all numbers, all texts, or all of another plain type; else as they are.

    An empty text among numbers is an empty cell, as workbooks give it.
    """
    types = list(map(type, cells))
    kinds = set(types) - {type(None)}
    if len(kinds) == 2 and str in kinds and types.count(str) == cells.count(""):
        kinds.remove(str)
        given: Sequence[object] = [None if type(c) is str else c for c in cells] if kinds <= _SERIES.keys() else cells
    else:
        given = cells
    if len(kinds) != 1 or not kinds <= _SERIES.keys():
        return list(cells)
    try:
        return pl.Series(given, dtype=_SERIES[kinds.pop()])
    except (TypeError, ValueError, pl.exceptions.PolarsError, UnicodeEncodeError):
        return list(cells)


def plain_cells(raw: pl.Series) -> list[object]:
    """The cells of a series as the reader of single cells takes them."""
    if raw.dtype == pl.Float32:
        return cast("list[object]", raw.cast(pl.String).cast(pl.Float64).to_list())
    return cast("list[object]", raw.to_list())
