"""Whether the sectors of a compound file (an old .xls workbook) form chains that end.

The reader of workbooks follows a chain as long as it leads on: one that leads back to itself would fill the memory.

Source: MS-CFB, 2.2 (header), 2.3 (FAT), 2.4 (mini FAT), 2.5 (DIFAT).
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Sequence
from pathlib import Path

_HEADER = 512
#: Numbers of sectors from here on are marks: end of a chain, free, part of a table.
_MARKS = 0xFFFFFFFA
_SLOTS = 109


def chains_end(path: Path) -> bool:
    """Whether every chain of sectors ends; a file too short to have a header has none.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = (file := Path(folder, "empty.xls")).write_bytes(b"")
        ...     chains_end(file)
        True
    """
    content = path.read_bytes()
    if len(content) < _HEADER:
        return True
    shift = int.from_bytes(content[30:32], "little")
    if not 7 <= shift <= 16:
        return True
    # The mini FAT begins at offset 60; the DIFAT goes on, after the part in the header, at offset 68.
    mini, further = (int.from_bytes(content[at : at + 4], "little") for at in (60, 68))
    file = _Sectors(content, 1 << shift)
    places = list(struct.unpack_from(f"<{_SLOTS}I", content, 76))
    seen: set[int] = set()
    while further < _MARKS and (part := file.sector(further)):
        if further in seen:
            return False
        seen.add(further)
        places += part[:-1]
        further = part[-1]
    table = [n for place in places if place < _MARKS for n in file.sector(place)]
    if not _all_end(table):
        return False
    small: list[int] = []
    while mini < len(table):
        small += file.sector(mini)
        mini = table[mini]
    return _all_end(small)


class _Sectors:
    """The sectors of a file as rows of numbers; one that is not there has none."""

    def __init__(self, content: bytes, size: int) -> None:
        self._content, self._size = content, size

    def sector(self, number: int) -> Sequence[int]:
        start = (number + 1) * self._size
        part = self._content[start : start + self._size]
        return struct.unpack(f"<{len(part) // 4}I", part[: len(part) // 4 * 4])


def _all_end(table: Sequence[int]) -> bool:
    """Whether no sector leads back to itself, where `table` says for each which one follows."""
    walked = array("L", bytes(array("L").itemsize * len(table)))
    for first in range(len(table)):
        sector = first
        while sector < len(table) and not walked[sector]:
            walked[sector] = first + 1
            sector = table[sector]
        if sector < len(table) and walked[sector] == first + 1:
            return False
    return True
