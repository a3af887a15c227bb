"""How far the cells of a sheet reach, found in columns of bytes: a pattern would take longer than the reading itself.

The reader of workbooks asks for the memory of every cell up to the last one, so this is asked before it is started.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
_DIGITS = 8


def _table(values: dict[int, int]) -> Any:
    table = np.zeros(256, np.int32)
    table[list(values)] = list(values.values())
    return table


_ROW = re.compile(rb"<(?:\w+:)?row(?=[\s>/])[^>]*>")
_CELL = re.compile(rb"<(?:\w+:)?c(?=[\s>/])[^>]*>")
_PLACE = re.compile(rb"\sr\s*=")
_ENDS_NAME = _table(dict.fromkeys((0x20, 0x09, 0x0A, 0x0D, 0x3E, 0x2F), 1)).astype(bool)
_BLANK = _table(dict.fromkeys((0x20, 0x09, 0x0A, 0x0D), 1)).astype(bool)
_QUOTE = _table({0x22: 1, 0x27: 1}).astype(bool)
#: The place in the alphabet of a letter, small or large; 0 of anything else.
_LETTER = _table({base + n: n for base in (0x40, 0x60) for n in range(1, 27)})


class Reach(NamedTuple):
    """How far a piece of a sheet reaches.

    Args:
        row, column: the last of those that its places name, from 1; `cells`: how many places of cells there are.
        bare_rows: how many rows say no number, and stand below those before them; `bare_cells`: the most cells that
            say no place in one row, and stand behind those before them.
        wrong: the first place that no sheet has.
    """

    row: int = 0
    column: int = 0
    cells: int = 0
    bare_rows: int = 0
    bare_cells: int = 0
    wrong: bytes = b""


def reach(data: bytes) -> Reach:
    """How far a piece of a sheet's XML, which ends between two rows, reaches.

    Examples:
        >>> found = reach(b'<row r="3"><c r="AB7" s="1"><v>1</v></c></row>')
        >>> found.row, found.column, reach(b'<c r="A99999999"/>').wrong
        (7, 28, b'A99999999')
        >>> reach(b'<row><c><v>1</v></c><c><v>2</v></c></row>')[3:5]
        (1, 2)
    """
    codes = np.frombuffer(data + b"\0" * 16, dtype=np.uint8)
    body = codes[: len(data)]
    at = np.flatnonzero((body[1:-1] == 0x72) & (body[2:] == 0x3D)) + 1 if len(data) > 2 else np.empty(0, np.intp)
    quote = codes[at + 2]
    named = _BLANK[codes[at - 1]] & _QUOTE[quote]
    start, quote = at[named] + 3, quote[named]
    column, digits = _letters(codes, start)
    cells = int(np.count_nonzero(column))
    bare_rows, bare_cells = _bare(data, codes, len(start) - cells, cells)
    if not len(start):
        return Reach(bare_rows=bare_rows, bare_cells=bare_cells)
    # The cells of a row have one number, so it is read once for those that stand together.
    rows = _first_of_each(codes, digits, quote)
    row, wrong = _rows(codes, digits[rows], quote[rows])
    if wrong.any() or column.max() > LAST_COLUMN:
        row, wrong = _rows(codes, digits, quote)
        wrong |= column > LAST_COLUMN
        for first in map(int, start[wrong]):
            # In a tag, and not in a text that speaks of one.
            if data.rfind(b"<", 0, first) > data.rfind(b">", 0, first):
                return Reach(wrong=data[first : first + 40].split(b'"')[0].split(b"'")[0])
        column = column[~wrong]
    return Reach(int(row[~wrong].max(initial=0)), int(column.max(initial=0)), cells, bare_rows, bare_cells)


def _bare(data: bytes, codes: Any, rows: int, cells: int) -> tuple[int, int]:
    """(rows without a number, the most cells without a place in one row), given how many have one."""
    opened = codes[:-1] == 0x3C
    letter = codes[1:]
    after = np.flatnonzero(opened & (letter == 0x63)) + 2
    tags = int(np.count_nonzero(_ENDS_NAME[codes[after]]))
    after = np.flatnonzero(opened & (letter == 0x72)) + 2
    row_tags = int(np.count_nonzero((codes[after] == 0x6F) & (codes[after + 1] == 0x77) & _ENDS_NAME[codes[after + 2]]))
    if tags <= cells and row_tags <= rows and (tags or row_tags or b":row" not in data):
        return 0, 0
    # Only now is each of them looked at: some programs write no places, and some give every tag a prefix.
    bare_rows = sum(1 for row in _ROW.finditer(data) if _PLACE.search(row[0]) is None)
    parts = _ROW.split(data)[1:]
    return bare_rows, max((sum(1 for c in _CELL.findall(p) if _PLACE.search(c) is None) for p in parts), default=0)


def _letters(codes: Any, start: Any) -> tuple[Any, Any]:
    """(the column that the letters at these places name, where they end)."""
    column = _LETTER[codes[start]]
    end = start + (column > 0)
    reading = np.flatnonzero(column)
    for _ in range(3):  # a fourth letter makes it a column that no sheet has
        letter = _LETTER[codes[end[reading]]]
        reading, letter = reading[letter > 0], letter[letter > 0]
        if not len(reading):
            break
        column[reading] = column[reading] * 26 + letter
        end[reading] += 1
    return column, end


def _first_of_each(codes: Any, digits: Any, quote: Any) -> Any:
    """The first of the places that stand together and have the same eight bytes from their digits on."""
    words = np.ndarray((len(codes) - 7,), dtype=np.uint64, buffer=codes, strides=(1,))[digits]
    other = np.ones(len(digits), bool)
    other[1:] = (words[1:] != words[:-1]) | (quote[1:] != quote[:-1])
    return np.flatnonzero(other)


def _rows(codes: Any, digits: Any, quote: Any) -> tuple[Any, Any]:
    """(the numbers that the digits at these places write, where no row of a sheet has such a number)."""
    number, end = np.zeros(len(digits), np.int64), digits.copy()
    reading = np.ones(len(digits), bool)
    for _ in range(_DIGITS):
        digit = codes[end].astype(np.int64) - 0x30
        reading &= (digit >= 0) & (digit <= 9)
        if not reading.any():
            break
        number = np.where(reading, number * 10 + digit, number)
        end = end + reading
    return number, (codes[end] != quote) | (number > LAST_ROW)
