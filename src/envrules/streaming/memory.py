"""How much memory a table would take, and how much there is. Knows no rule and no record."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from envrules.records.files import TEXT_SUFFIXES, split_sheet

#: Bytes that a cell takes while a whole table is judged, measured on tables of numbers, words and dates.
_CELL = 24
#: The same of a byte of text.
_TEXT = 4
#: Above so much a table is streamed into a file of findings whatever memory there is.
SMALL = 1 << 30


def available_memory() -> int:
    """The bytes that this process may still take: what is free, or what its control group leaves.

    Examples:
        >>> available_memory() > 0
        True
    """
    found = []
    try:
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
        found += [int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")]
    except (OSError, ValueError):
        try:
            found.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2)
        except (AttributeError, OSError, ValueError):
            found.append(4 << 30)
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text("ascii").strip()
        used = int(Path("/sys/fs/cgroup/memory.current").read_text("ascii"))
        found += [] if limit == "max" else [max(0, int(limit) - used)]
    except (OSError, ValueError):
        pass
    return min(found) if found else 4 << 30


def memory_of(sources: Iterable[object]) -> int:
    """About how many bytes it takes to judge some inputs at once; nothing for those that cannot be streamed."""
    return sum(_of_file(Path(split_sheet(str(s))[0])) for s in sources if isinstance(s, str | Path))


def _of_file(path: Path) -> int:
    try:
        if path.suffix.lower() in TEXT_SUFFIXES:
            return path.stat().st_size * _TEXT
        if path.suffix.lower() != ".parquet":
            return 0
        from envrules.records.columns.stream import ParquetStream

        stream = ParquetStream(path, str(path))
        return stream.height * len(stream.names) * _CELL
    except Exception:  # what is wrong with a file is said when it is read
        return 0


def is_large(sources: Iterable[object], to_file: bool) -> bool:
    """Whether inputs are better read in batches.

    Args:
        to_file: whether the findings go to a file that is written as they are found.
    """
    needed = memory_of(sources)
    if needed <= SMALL // 2:
        return False
    return needed > (SMALL if to_file else available_memory() // 2) or needed > available_memory() // 2
