"""The sectors of a compound file (an old .xls workbook): whether they form chains that end, and its one stream.

The reader of workbooks follows a chain as long as it leads on: one that leads back to itself would fill the memory.

Source: MS-CFB, 2.2 (header), 2.3 (FAT), 2.4 (mini FAT), 2.5 (DIFAT).
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_HEADER = 512
_ENTRY = 128  # bytes of an entry of the directory
_ROOT = 5
_SMALL = 64
_NAMES = frozenset(["workbook", "book"])
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
    tables = _tables(path.read_bytes())
    return tables is None or (_all_end(tables.large) and _all_end(tables.small))


def workbook_stream(path: Path) -> bytes:
    """The stream of a workbook in a compound file, whose chains end; nothing where it has none."""
    content = path.read_bytes()
    tables = _tables(content)
    if tables is None:
        return b""
    first, smallest = (int.from_bytes(content[at : at + 4], "little") for at in (48, 56))
    directory = tables.read(first)
    entries = [directory[at : at + _ENTRY] for at in range(0, len(directory) - _ENTRY + 1, _ENTRY)]
    within = b""
    for entry in entries:
        size = int.from_bytes(entry[120:124], "little")
        start = int.from_bytes(entry[116:120], "little")
        name = entry[: min(64, int.from_bytes(entry[64:66], "little"))].decode("utf-16-le", "replace").strip("\0")
        if entry[66] == _ROOT:
            within = tables.read(start)
        elif name.casefold() in _NAMES:
            return tables.read_small(start, within) if size < smallest else tables.read(start)
    return b""


@dataclass
class _Tables:
    """The sectors of a file, and for each of the large and the small ones which follows it."""

    file: _Sectors
    large: list[int]
    small: list[int]

    def read(self, sector: int) -> bytes:
        """What stands in a chain of sectors."""
        found = []
        while sector < len(self.large):
            found.append(self.file.bytes_of(sector))
            sector = self.large[sector]
        return b"".join(found)

    def read_small(self, sector: int, within: bytes) -> bytes:
        """What stands in a chain of small sectors, which lie in a stream of their own."""
        found = []
        while sector < len(self.small):
            found.append(within[sector * _SMALL : (sector + 1) * _SMALL])
            sector = self.small[sector]
        return b"".join(found)


def _tables(content: bytes) -> _Tables | None:
    """The tables of a file; None where its header is none, or the list of its tables leads back to itself."""
    if len(content) < _HEADER:
        return None
    shift = int.from_bytes(content[30:32], "little")
    if not 7 <= shift <= 16:
        return None
    # The mini FAT begins at offset 60; the DIFAT goes on, after the part in the header, at offset 68.
    mini, further = (int.from_bytes(content[at : at + 4], "little") for at in (60, 68))
    file = _Sectors(content, 1 << shift)
    places = list(struct.unpack_from(f"<{_SLOTS}I", content, 76))
    seen: set[int] = set()
    while further < _MARKS and (part := file.sector(further)):
        if further in seen:
            return _Tables(file, [0], [])  # a chain without an end
        seen.add(further)
        places += part[:-1]
        further = part[-1]
    table = [n for place in places if place < _MARKS for n in file.sector(place)]
    small: list[int] = []
    if _all_end(table):
        while mini < len(table):
            small += file.sector(mini)
            mini = table[mini]
    return _Tables(file, table, small)


class _Sectors:
    """The sectors of a file as rows of numbers; one that is not there has none."""

    def __init__(self, content: bytes, size: int) -> None:
        self._content, self._size = content, size

    def bytes_of(self, number: int) -> bytes:
        start = (number + 1) * self._size
        return self._content[start : start + self._size]

    def sector(self, number: int) -> Sequence[int]:
        part = self.bytes_of(number)
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
