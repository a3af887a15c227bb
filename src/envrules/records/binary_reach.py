"""How far the cells of binary workbooks reach, record by record, before the reader of workbooks is started: it asks for
the memory of every cell up to the last one, and a few bytes can name a cell of the far corner.

Source: MS-XLS, 2.1.4 and 2.4 (records of .xls); MS-XLSB, 2.1.4 and 2.3 (records of .xlsb).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

#: Rows and columns of a sheet of each format.
XLS_COLUMNS = 256
XLSB_ROWS, XLSB_COLUMNS = 1_048_576, 16_384
_END, _SHEET, _DATE_MODE = 0x000A, 0x0085, 0x0022
#: Records that begin with the row and column of a cell; of those with several cells the last column stands at the end.
_CELLS = frozenset((0x0203, 0x0204, 0x0205, 0x0006, 0x0206, 0x0406, 0x027E, 0x00FD, 0x00D6, 0x0201, 2, 3, 4, 5, 1))
_SEVERAL = frozenset((0x00BD, 0x00BE))


def widest(stream: bytes) -> int:
    """The most columns that a cell of an .xls workbook's stream names.

    Examples:
        >>> cell = struct.pack("<HHHHHd", 0x0203, 14, 7, 300, 0, 1.0)
        >>> widest(struct.pack("<HH", 0x0809, 0) + cell)
        301
    """
    sheets: list[int] = []
    last = _last_column(stream, 0, sheets)
    # Sheets begin where the workbook says, which need not be where the records before them end.
    return 1 + max([last, *(_last_column(stream, start, []) for start in dict.fromkeys(sheets[:10_000]))])


def records_of_xls(stream: bytes, start: int) -> Iterator[tuple[int, int, int]]:
    """(kind, place of its data, length) of each record from a place to the end of its part."""
    size = len(stream)
    while start + 4 <= size:
        kind, length = struct.unpack_from("<HH", stream, start)
        if kind == _END:
            return
        yield kind, start + 4, length
        start += 4 + length


def counts_from_1904(stream: bytes) -> bool:
    """Whether the day numbers of an .xls workbook's stream count from 1904 (MS-XLS, 2.4.77).

    Examples:
        >>> counts_from_1904(struct.pack("<HHHHH", 0x0809, 0, 0x0022, 2, 1))
        True
    """
    modes = (stream[body : body + 1] for kind, body, _ in records_of_xls(stream, 0) if kind == _DATE_MODE)
    return any(mode == b"\1" for mode in modes)


def _last_column(stream: bytes, start: int, sheets: list[int]) -> int:
    """The last column of the cells from a place to the end of its part; the places of sheets are added."""
    last, size = -1, len(stream)
    for kind, body, length in records_of_xls(stream, start):
        if kind in _CELLS and length >= 4 and body + 4 <= size:
            last = max(last, int.from_bytes(stream[body + 2 : body + 4], "little"))
        elif kind in _SEVERAL and length >= 6 and body + length <= size:
            first, final = stream[body + 2 : body + 4], stream[body + length - 2 : body + length]
            last = max(last, int.from_bytes(first, "little"), int.from_bytes(final, "little"))
        elif kind == _SHEET and length >= 4 and body + 4 <= size:
            sheets.append(int.from_bytes(stream[body : body + 4], "little"))
    return last


def sheet_reach(part: bytes) -> tuple[int, int, int]:
    """(last row, last column, cells) of a sheet of an .xlsb workbook, from 1.

    Examples:
        >>> row = bytes([0, 4]) + struct.pack("<I", 6)
        >>> sheet_reach(row + bytes([5, 16]) + struct.pack("<IId", 27, 0, 1.5))
        (7, 28, 1)
    """
    last_row = last_column = cells = 0
    for kind, body in records_of_xlsb(part):
        if kind <= 11 and body + 4 <= len(part):
            number = 1 + int.from_bytes(part[body : body + 4], "little")
            if kind:
                cells += 1
                last_column = max(last_column, number)
            else:
                last_row = max(last_row, number)
    return last_row, last_column, cells


def records_of_xlsb(part: bytes) -> Iterator[tuple[int, int]]:
    """(kind, place of its data) of each record: the kind in up to two bytes of seven bits, the length in up to four."""
    at, size = 0, len(part)
    while at < size:
        kind = part[at]
        at += 1
        if kind & 0x80 and at < size:
            kind = kind & 0x7F | (part[at] & 0x7F) << 7
            at += 1
        length = shift = 0
        while at < size and shift < 28:
            byte = part[at]
            at += 1
            length |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        yield kind, at
        at += length
