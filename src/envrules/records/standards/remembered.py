"""What a standard says of records, worked out once for records that have the same values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from envrules.records.types import Derived
from envrules.records.values import Cell, Value

_MOST = 20_000  # different records that are remembered


class Remembered:
    """Gives what `derive` gives, which hangs on the values of the fields that are asked alone."""

    def __init__(self, asked: Sequence[str], derive: Callable[[Mapping[str, Cell]], Iterable[Derived]]) -> None:
        self._asked, self._derive = tuple(asked), derive
        self._found: dict[tuple[Value | None, ...], tuple[Derived, ...]] = {}

    def __call__(self, cells: Mapping[str, Cell]) -> tuple[Derived, ...]:
        """What the standard says of a record with these cells."""
        key = tuple(cell.value if (cell := cells.get(name)) is not None else None for name in self._asked)
        found = self._found.get(key)
        if found is None:
            found = tuple(self._derive(cells))
            if len(self._found) < _MOST:
                self._found[key] = found
        return found
