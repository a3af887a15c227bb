"""How far the cells of a sheet reach, found in columns of bytes: a pattern would take longer than the reading itself.

The reader of workbooks asks for the memory of every cell up to the last one, so this is asked before it is started.
"""

from __future__ import annotations

from typing import Any

import numpy as np

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
_BLANKS = (0x20, 0x09, 0x0A, 0x0D)
_DIGITS = 8


def reach(data: bytes) -> tuple[int, int, bytes]:
    """(last row, last column) of the places in a piece of XML, from 1; and the first place that no sheet has.

    Examples:
        >>> reach(b'<row r="3"><c r="AB7" s="1"><v>1</v></c></row>'), reach(b'<c r="A99999999"/>')[2]
        ((7, 28, b''), b'A99999999')
    """
    codes = np.frombuffer(data + b"\0" * 16, dtype=np.uint8)
    body = codes[: len(data)]
    at = np.flatnonzero((body[1:-1] == 0x72) & (body[2:] == 0x3D)) + 1 if len(data) > 2 else np.empty(0, np.intp)
    quote, before = codes[at + 2], codes[at - 1]
    named = np.isin(before, _BLANKS) & ((quote == 0x22) | (quote == 0x27))
    start = at[named] + 3
    if not len(start):
        return 0, 0, b""
    column, digits = _letters(codes, start)
    row, after = _number(codes, digits)
    wrong = (codes[after] != quote[named]) | (row > LAST_ROW) | (column > LAST_COLUMN)
    for first in map(int, start[wrong]):
        if data.rfind(b"<", 0, first) > data.rfind(b">", 0, first):  # in a tag, and not in a text that speaks of one
            return 0, 0, data[first : first + 40].split(b'"')[0].split(b"'")[0]
    return int(row[~wrong].max(initial=0)), int(column[~wrong].max(initial=0)), b""


def _letters(codes: Any, start: Any) -> tuple[Any, Any]:
    """(the column that the letters at these places name, where they end)."""
    column, end = np.zeros(len(start), np.int64), start.copy()
    reading = np.ones(len(start), bool)
    for _ in range(4):
        letter = codes[end] & 0xDF
        reading &= (letter >= 0x41) & (letter <= 0x5A)
        column = np.where(reading, column * 26 + letter - 0x40, column)
        end = end + reading
    return column, end


def _number(codes: Any, start: Any) -> tuple[Any, Any]:
    """(the number that the digits at these places write, where they end)."""
    number, end = np.zeros(len(start), np.int64), start.copy()
    reading = np.ones(len(start), bool)
    for _ in range(_DIGITS):
        digit = codes[end].astype(np.int64) - 0x30
        reading &= (digit >= 0) & (digit <= 9)
        number = np.where(reading, number * 10 + digit, number)
        end = end + reading
    return number, end
