"""The rows of a large sheet as columns: each column is looked through as one, instead of row after row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import polars as pl

from envrules.records.columns.raw import RawColumn, RawColumns, as_series
from envrules.records.left_out import BEHIND, LOOK_FOR, TOTAL_TEXTS, worth_a_look
from envrules.records.tables import is_blank

_AT_A_TIME = 500
_LOOK = f"(?i){LOOK_FOR}"
_FILLED = (float, int, bool, dt.date, dt.datetime)


class SheetRows:
    """The rows below a header.

    Args:
        rows: all rows of the sheet, of one width.
        header: the number of the header's last row.
    """

    def __init__(self, rows: Sequence[Sequence[object]], header: int) -> None:
        self._rows = rows[header:]
        self.first = header + 1
        self._turned = _turned(self._rows)
        self._columns: dict[int, RawColumn] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def row(self, place: int) -> Sequence[object]:
        """The cells of one row."""
        return self._rows[place]

    def doubtful(self, base: int, headers: Sequence[str], names: frozenset[str]) -> list[int]:
        """The places of rows that may be no records; see `columns.text.TextRows.doubtful`."""
        places = [i for i in (base, base + 1) if i < len(headers)]
        if len(places) < 2:
            return list(range(len(self)))
        odd: set[int] = set()
        for index in places:
            odd.update(self._doubtful_in(index, names))
        for index in range(base + BEHIND.start, min(base + BEHIND.stop, len(headers))):
            odd.update(self._totals_in(index))
        plain = [not any(x.isdigit() for x in header) for header in headers]
        return sorted(place for place in odd if not self._certain(place, places, plain, names))

    def _doubtful_in(self, index: int, names: frozenset[str]) -> list[int]:
        """The places where a cell is empty, or holds a word of a total, a note or the header."""
        column = self.column(index)
        if isinstance(column, pl.Series) and column.dtype == pl.String:
            plain = column.str.strip_chars()
            blank = (plain == "").fill_null(True)
            worded = plain.str.contains(_LOOK) | plain.is_in(pl.Series(sorted(names), dtype=pl.String).implode())
            return (blank | worded.fill_null(True)).arg_true().to_list()
        if isinstance(column, pl.Series):
            return (column.is_null() | (column.is_nan() if column.dtype.is_float() else False)).arg_true().to_list()
        return [i for i, cell in enumerate(column) if not _is_plain(cell, names)]

    def _totals_in(self, index: int) -> list[int]:
        """The places where the word of a total stands behind the first two columns."""
        column = self.column(index)
        if isinstance(column, list):
            return [i for i, cell in enumerate(column) if type(cell) is str and cell in TOTAL_TEXTS]
        if column.dtype != pl.String:
            return []
        total = column.is_in(pl.Series(sorted(TOTAL_TEXTS), dtype=pl.String).implode())
        return total.fill_null(False).arg_true().to_list()

    def _certain(self, place: int, places: Sequence[int], plain: Sequence[bool], names: frozenset[str]) -> bool:
        """Whether a row with an empty cell is a record all the same: it has numbers where no header has one."""
        cells = self._rows[place]
        if any(isinstance(c, str) and (worth_a_look(c) or c.strip() in names) for c in cells):
            return False
        if not any(is_blank((cells[i],)) for i in places):
            return False
        found = [(i, c) for i, c in enumerate(cells) if not is_blank((c,))]
        return len(found) > 2 and any(type(c) is float and i < len(plain) and plain[i] for i, c in found)

    def column(self, index: int) -> RawColumn:
        """The column at a place."""
        if index not in self._columns:
            self._columns[index] = as_series(self._turned[index])
        return self._columns[index]

    def columns(self, width: int) -> RawColumns:
        """All of them, as the reader of columns takes them."""
        return RawColumns(self.column, range(self.first, self.first + len(self)), width, whole=self._rows)


def _turned(rows: Sequence[Sequence[object]]) -> list[list[object]]:
    """The columns of rows of one width: some rows at a time, while they are in the processor's cache."""
    columns: list[list[object]] = [[] for _ in rows[0]] if rows else []
    for start in range(0, len(rows), _AT_A_TIME):
        for column, part in zip(columns, zip(*rows[start : start + _AT_A_TIME], strict=True), strict=True):
            column.extend(part)
    return columns


def _is_plain(cell: object, names: frozenset[str]) -> bool:
    if type(cell) is str:
        return bool(cell) and not cell.isspace() and cell.strip() not in names and not worth_a_look(cell)
    return type(cell) in _FILLED and cell == cell


def sheet_rows(rows: Sequence[Sequence[object]], header: int, width: int) -> SheetRows | None:
    """The rows below row `header`, each of that width; None where one has more or fewer cells."""
    return SheetRows(rows, header) if set(map(len, rows[header:])) == {width} else None
