"""What the header of a column says of another field, for every record that has something in that column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from envrules.records.types import Derived, Words
from envrules.records.values import ABSENT, Cell


class StatedByHeader:
    """Completes records with the word that a column's name states: the dry basis by `St,d`."""

    def __init__(self, header: str, of: str, gives: str, cell: Cell) -> None:
        self.of, self.cell = of, Derived(gives, cell, checked=True)
        self.reads, self.gives = frozenset([of]), frozenset([gives])
        self.source = Words("the header of its column", "列名")

    def derive(self, cells: Mapping[str, Cell]) -> Iterable[Derived]:
        """The word, where the column has something."""
        own = cells.get(self.of)
        return () if own is None or own.value is ABSENT else (self.cell,)
