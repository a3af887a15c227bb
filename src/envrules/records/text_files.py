"""CSV and TSV to rows of texts: encodings, delimiters, and what is wrong with a file, found while it is read."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from envrules.diagnostics import CellPlace, Diagnostic, InputError
from envrules.records.encodings import find_encoding
from envrules.records.tables import Grid, Row

_LONGEST_LINE = 1_000_000
_LARGE = 200_000  # bytes from which columns are read faster than rows
_SAMPLE_LINES = 30
# A first line by which Excel is told what parts the cells.
_SEPARATOR_LINE = re.compile(r"\ufeff?sep=(.)\s*", re.IGNORECASE)
_DELIMITERS = (",", "\t", ";", "|")


def text_grid(path: Path, source: str, delimiter: str = "", streamed: bool = False) -> Grid:
    """The rows of a delimited text file.

    Args:
        delimiter: what parts the cells; empty to find out.
        streamed: whether the columns are to be had in batches, for a file that is not to be held whole.

    Raises:
        InputError: `file-not-text`, `file-encoding`, `table-syntax`.
    """
    encoding = find_encoding(path, source)
    mark = delimiter or _find_delimiter(path, source, encoding)
    as_columns = encoding in ("utf-8", "utf-8-sig") and (streamed or path.stat().st_size >= _LARGE)
    below = _below(path, mark, streamed) if as_columns else None
    return Grid(
        source,
        lambda: _rows(path, source, encoding, mark),
        encoding=encoding,
        delimiter=mark,
        below=below,
        streamed=streamed,
    )


def _below(path: Path, delimiter: str, streamed: bool) -> Callable[[int, int], Any]:
    def below(row: int, width: int) -> Any:
        from envrules.records.columns.stream import text_stream
        from envrules.records.columns.text import text_rows

        return text_stream(path, delimiter, row, width) if streamed else text_rows(path, delimiter, row, width)

    return below


def _lines(file: IO[str], source: str) -> Iterator[str]:
    number = 0
    while line := file.readline(_LONGEST_LINE + 1):
        number += 1
        if len(line) > _LONGEST_LINE:
            raise _error(
                "table-syntax", source, f"line {number} is longer than {_LONGEST_LINE:,} characters: no table has such"
            )
        yield line


def _find_delimiter(path: Path, source: str, encoding: str) -> str:
    """The character that parts the first lines into the same number of cells, more than one."""
    with path.open(encoding=encoding, newline="") as file:
        lines = [line for line, _ in zip(_lines(file, source), range(_SAMPLE_LINES), strict=False) if line.strip()]
    declared = _SEPARATOR_LINE.fullmatch(lines[0]) if lines else None
    if declared:
        return declared[1]
    best, delimiter = (0.0, 0), ","
    for mark in _DELIMITERS:
        try:
            widths = Counter(len(row) for row in csv.reader(lines, delimiter=mark) if row)
        except csv.Error:
            continue
        wide = [(count / sum(widths.values()), width) for width, count in widths.items() if width > 1]
        if wide and max(wide) > best:
            best, delimiter = max(wide), mark
    return delimiter


def _rows(path: Path, source: str, encoding: str, delimiter: str) -> Iterator[Row]:
    """Rows numbered as a spreadsheet shows them: a cell with line breaks is one row."""
    number = 0
    with path.open(encoding=encoding, newline="") as file:
        # strict: a quotation mark that is never closed would else swallow the rest of the file without a word.
        reader = csv.reader(_lines(file, source), delimiter=delimiter, strict=True)
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                hint = "look for a quotation mark that is not closed or not doubled"
                place = CellPlace(source, row=number + 1)
                raise InputError(
                    [
                        Diagnostic(
                            "table-syntax",
                            place,
                            f"the row that begins in line {line} cannot be read: {error}",
                            hint=hint,
                        )
                    ]
                ) from None
            number += 1
            if number == 1 and _SEPARATOR_LINE.fullmatch(delimiter.join(cells)):
                cells = []
            yield number, [_excel_text(c) if c[:2] == '="' else c for c in cells]


def _excel_text(cell: str) -> str:
    """`="00123"`, as text is kept from becoming a number in Excel, without what keeps it."""
    return cell[2:-1].replace('""', '"') if len(cell) > 2 and cell.endswith('"') else cell


def _error(code: str, source: str, what: str, hint: str = "") -> InputError:
    return InputError([Diagnostic(code, source, what, hint=hint)])
