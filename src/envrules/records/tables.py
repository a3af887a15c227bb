"""Raw tables: a header and rows of raw cells with the row numbers a person sees. No cell is interpreted here.

A file gives `Grid`s (its sheets, every row as it stands); `layout.find_tables` makes `RawTable`s of one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from envrules.diagnostics import Diagnostic
from envrules.records.values import Doubtful
from envrules.records.words import printable

#: One row: its number as a person counts it, and its cells.
Row = tuple[int, Sequence[object]]


class Merge(NamedTuple):
    """Cells merged into one: the first and last row as a person counts them, the first and last column from 0."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass
class RawTable:
    """A table as it stands in its source.

    Args:
        source: the path as the caller gave it, or what stands for one.
        headers: one text a column; empty where a column has none. The parts of a header of several rows stand in it
            from the top, with `/` between them and the unit in brackets.
        rows: the rows below the header; may be read only once, and reading may raise `InputError`.
        header_row: the header's first row as a person counts it; None where a source has no such row.
        type_hint: the record type that the source itself names, as a key of a JSON file does.
        percent_seen: whether a cell formatted as a percentage would be seen as one.
        warnings: what a reader should know of the source.
        header_rows: all rows of the header.
        title: what stands above the header; `unit`: the unit that is stated there for the whole table.
        left_out: rows that are no records, such as totals and notes, with the reason.
        left_out_unless: rows that are left out unless a field of the record type holds their word: word and reason.
        decisions: what was decided on the way, in words.
        parts: how many rows each row of the source became; `part_column`: the column that says which of them one is.
        columns: the rows as columns too (`records.columns.raw.RawColumns`), where the source has columns; made only
            for a table whose `height` makes them worth it.
        before: the table as it stands, where this one was reshaped without a mapping (`records.unfold`).
        since_1904: whether the day numbers of its workbook count from 1904.
        stream: the same in batches (`records.columns.stream.Stream`), of a file that is not to be held whole.
    """

    source: str
    headers: list[str]
    rows: Iterable[Row]
    sheet: str = ""
    header_row: int | None = None
    type_hint: str = ""
    encoding: str = ""
    percent_seen: bool = True
    warnings: list[Diagnostic] = field(default_factory=list)
    header_rows: tuple[int, ...] = ()
    title: str = ""
    unit: str = ""
    left_out: Mapping[int, str] = field(default_factory=dict)
    left_out_unless: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    decisions: list[str] = field(default_factory=list)
    parts: int = 1
    part_column: int | None = None
    columns: Callable[[], Any] | None = None
    height: int = 0
    before: RawTable | None = None
    since_1904: bool = False
    stream: Any = None


@dataclass
class Grid:
    """One sheet, or one file of text: all its rows. `open_rows` may be called again and again.

    `below(row, width)` gives the rows below a header as columns (`records.columns.text.TextRows`), where it can.
    With `streamed` it gives a stream of them (`records.columns.stream.TextStream`).
    `merged` are the merged cells, `hidden_rows` the rows that a spreadsheet does not show, where the format tells.
    """

    source: str
    open_rows: Callable[[], Iterator[Row]]
    sheet: str = ""
    hidden: bool = False
    merged: Sequence[Merge] = ()
    hidden_rows: Sequence[int] = ()
    encoding: str = ""
    delimiter: str = ""
    percent_seen: bool = True
    warnings: list[Diagnostic] = field(default_factory=list)
    below: Callable[[int, int], Any] | None = None
    since_1904: bool = False
    streamed: bool = False

    def is_empty(self) -> bool:
        """Whether nothing stands in it."""
        return all(is_blank(cells) for _, cells in self.open_rows())


def is_blank(cells: Sequence[object]) -> bool:
    """Whether every cell of a row is empty: None, NaN, or a text of blanks."""
    for cell in cells:
        if type(cell) is str:
            if cell and not cell.isspace():
                return False
        elif cell is not None and type(cell).__name__ not in ("NAType", "NaTType") and not _is_nan(cell):
            return False
    return True


def _is_nan(cell: object) -> bool:
    return isinstance(cell, float) and cell != cell


def header_text(cell: object) -> str:
    """A cell of a header as text."""
    if isinstance(cell, Doubtful):
        return header_text(cell.raw)
    if cell is None or _is_nan(cell):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return printable(str(cell)).strip()


def rows_text(rows: Iterable[int], most: int = 12) -> str:
    """Numbers of rows as people write them, the first ones of many.

    Examples:
        >>> rows_text([3, 4, 5, 9]), rows_text(range(1, 100, 2), most=3)
        ('3-5, 9', '1, 3, 5 and more')
    """
    spans: list[list[int]] = []
    for row in sorted(set(rows)):
        if spans and row == spans[-1][1] + 1:
            spans[-1][1] = row
        elif len(spans) == most:
            return _spans_text(spans) + " and more"
        else:
            spans.append([row, row])
    return _spans_text(spans)


def _spans_text(spans: Sequence[Sequence[int]]) -> str:
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)
