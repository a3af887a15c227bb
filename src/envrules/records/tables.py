"""Raw tables: a header and rows of raw cells with the row numbers a person sees. No cell is interpreted here.

A file gives `Grid`s (its sheets, every row as it stands); `find_header` makes a `RawTable` of one, and is the place
where a finder of tables in messier sheets would stand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from envrules.diagnostics import CellPlace, Diagnostic
from envrules.records.words import printable

#: One row: its number as a person counts it, and its cells.
Row = tuple[int, Sequence[object]]


@dataclass
class RawTable:
    """A table as it stands in its source.

    Args:
        source: the path as the caller gave it, or what stands for one.
        headers: one text a column; empty where a column has none.
        rows: the rows below the header; may be read only once, and reading may raise `InputError`.
        header_row: the header's row as a person counts it; None where a source has no such row.
        type_hint: the record type that the source itself names, as a key of a JSON file does.
        percent_seen: whether a cell formatted as a percentage would be seen as one.
        warnings: what a reader should know of the source.
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


@dataclass
class Grid:
    """One sheet, or one file of text: all its rows. `open_rows` may be called again and again.

    `merged` are the first and last rows of cells merged over several rows.
    """

    source: str
    open_rows: Callable[[], Iterator[Row]]
    sheet: str = ""
    hidden: bool = False
    merged: Sequence[tuple[int, int]] = ()
    encoding: str = ""
    percent_seen: bool = True
    warnings: list[Diagnostic] = field(default_factory=list)

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
    if cell is None or _is_nan(cell):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return printable(str(cell)).strip()


def find_header(grid: Grid, header_row: int | None = None) -> RawTable | Diagnostic:
    """The table of a grid: its header is the row given, else the first row that is not empty."""
    rows = grid.open_rows()
    for number, cells in rows:
        if number == header_row or (header_row is None and not is_blank(cells)):
            return RawTable(
                grid.source,
                [header_text(c) for c in cells],
                rows,
                sheet=grid.sheet,
                header_row=number,
                encoding=grid.encoding,
                percent_seen=grid.percent_seen,
                warnings=[*grid.warnings, *_merged_below(grid, number)],
            )
        if header_row is not None and number > header_row:
            break
    place = CellPlace(grid.source, grid.sheet, header_row)
    if header_row is None:
        return Diagnostic("table-empty", place, "there is nothing in it, not even a header")
    return Diagnostic("header-row", place, f"there is no row {header_row} to be the header")


def _merged_below(grid: Grid, header_row: int) -> list[Diagnostic]:
    below = [rows for rows in grid.merged if rows[1] > header_row]
    if not below:
        return []
    what = f"{len(below)} merged cells reach over several rows; only the first row of each has the value"
    hint = "unmerge them and fill the value down"
    return [
        Diagnostic("merged-cells", CellPlace(grid.source, grid.sheet, below[0][0]), what, hint=hint, level="warning")
    ]
