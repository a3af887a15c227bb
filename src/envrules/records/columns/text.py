"""A plain file of delimited text as columns of texts, read by polars: many times faster than row after row.

Plain is a file in which polars and the reader of rows cannot differ: UTF-8, no quotation marks, one kind of line end,
and no row with more cells than the header. Any other is left to the reader of rows.
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import polars as pl

from envrules.records.columns.raw import RawColumns
from envrules.records.left_out import BEHIND, LOOK_FOR, TOTAL_TEXTS

_LONE_RETURN = re.compile(rb"\r(?!\n)")
#: Bytes of a cell from which on a file is left to the reader of rows.
LONGEST = 100_000
# Nothing stands in a cell of blanks, Python's besides Unicode's.
_BLANK = r"^[\s\x1c-\x1f]*$"
_LOOK = f"(?i){LOOK_FOR}"
_LONGEST_NAMES = 2000  # characters that are put into a pattern
_NUMBER = r"^-?[0-9]+(?:\.[0-9]+)?$"


class TextRows:
    """The rows below a header as columns of texts.

    Args:
        first: the number of the first of them, as a person counts the rows of the file.
    """

    def __init__(self, frame: pl.DataFrame, first: int, path: Path, delimiter: str) -> None:
        self.frame, self.first = frame, first
        self._path, self._delimiter = path, delimiter.encode()
        self._lines: Iterator[bytes] = iter(())
        self._next = len(frame)  # the place of the line that comes next

    def __len__(self) -> int:
        return len(self.frame)

    def doubtful(self, base: int, headers: Sequence[str], names: frozenset[str]) -> list[int]:
        """The places of rows that may be no records, in their order."""
        return doubtful_rows(self.frame, base, headers, names)

    def row(self, place: int) -> Sequence[object]:
        """The cells of one row, as many as its line has."""
        cells = self.frame.row(place)
        if cells and cells[-1] is None:
            cells = cells[: self._width(place)]
        return ["" if cell is None else cell for cell in cells]

    def _width(self, place: int) -> int:
        """How many cells the line of a row has: polars fills short ones up. Rows are asked for from the top down."""
        if place < self._next:
            self._lines = self._read_lines()
            self._next = 0
        line = next(islice(self._lines, place - self._next, None), b"").rstrip(b"\r\n")
        self._next = place + 1
        return line.count(self._delimiter) + 1 if line else 0

    def _read_lines(self) -> Iterator[bytes]:
        with self._path.open("rb") as file:
            yield from islice(file, self.first - 1, None)

    def columns(self, width: int) -> RawColumns:
        """All of them, as the reader of columns takes them."""
        columns = self.frame.get_columns()
        return RawColumns(lambda i: columns[i], range(self.first, self.first + len(self)), width)


def doubtful_rows(frame: pl.DataFrame, base: int, headers: Sequence[str], names: frozenset[str]) -> list[int]:
    """The places of rows that may be no records: those that are not certainly rows like the others.

    Args:
        base: the first column that has a header.
        names: what a repeated header would have in the first two columns.

    A row is certainly one where its first two cells are filled and have no word of a total or note, and the next two
    are no word of a total; where one of the first two is empty, also if the row has more than two cells, none with such
    a word, and a number where no header has.
    """
    first = [pl.col(c) for c in frame.columns[base : base + 2]]
    behind = [pl.col(c) for c in frame.columns[base + BEHIND.start : base + BEHIND.stop]]
    if len(first) < 2:
        return list(range(len(frame)))
    if sum(map(len, names)) > _LONGEST_NAMES:
        return list(range(len(frame)))
    own = "|".join(map(re.escape, sorted(names))) or "\0"
    # Asked of every row, so it is one search: a word, a name of the header, or nothing.
    seen = rf"{_LOOK}|^[\s\x1c-\x1f]*(?-i:{own})?[\s\x1c-\x1f]*$"
    total = pl.Series(sorted(TOTAL_TEXTS), dtype=pl.String).implode()
    totals = [c.is_in(total).fill_null(False) for c in behind]
    odd_ones = frame.lazy().select(pl.any_horizontal(*(c.str.contains(seen).fill_null(True) for c in first), *totals))
    places = odd_ones.collect().to_series().arg_true()
    if not len(places):
        return []
    empty = pl.any_horizontal(c.is_null() | c.str.contains(_BLANK).fill_null(True) for c in first)
    marks = (c.str.contains(rf"{_LOOK}|^[\s\x1c-\x1f]*(?-i:{own})[\s\x1c-\x1f]*$").fill_null(False) for c in first)
    word, blank = (
        frame[places].lazy().select(pl.any_horizontal(*marks, *totals).alias("word"), empty.alias("blank")).collect()
    )
    word_rows, rows = places.filter(word), places.filter(blank & ~word)
    cells = frame[rows]
    filled = pl.sum_horizontal((pl.all().is_not_null()) & ~pl.all().str.contains(_BLANK).fill_null(True))
    marked = pl.any_horizontal(pl.all().str.contains(_LOOK).fill_null(False))
    numbers = [
        pl.col(c).str.contains(_NUMBER).fill_null(False)
        for c, header in zip(cells.columns, headers, strict=False)
        if not any(x.isdigit() for x in header)
    ]
    numbered = pl.any_horizontal(numbers) if numbers else pl.lit(False)
    certain = cells.lazy().select((filled > 2) & ~marked & numbered).collect().to_series() if len(rows) else None
    odd = rows if certain is None else rows.filter(~certain)
    return sorted([*word_rows.to_list(), *odd.to_list()])


def text_rows(path: Path, delimiter: str, header: int, width: int) -> TextRows | None:
    """The rows of a file below row `header`, each of at most `width` cells; None where the file is not plain."""
    if len(delimiter.encode()) != 1 or not _is_plain(path):
        return None
    names = [f"c{i}" for i in range(width)]
    try:
        frame = pl.read_csv(
            path,
            has_header=False,
            schema=dict.fromkeys(names, pl.String),
            separator=delimiter,
            quote_char=None,
            skip_lines=header,
            glob=False,
        )
    except (pl.exceptions.PolarsError, OSError):
        return None
    longest = frame.select(pl.all().str.len_bytes().max()).row(0) if len(frame) else ()
    if any(n is not None and n > LONGEST for n in longest):
        return None
    return TextRows(frame, header + 1, path, delimiter)


def _is_plain(path: Path) -> bool:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return data.find(b'"') < 0 and (data.find(b"\r") < 0 or _LONE_RETURN.search(data) is None)
