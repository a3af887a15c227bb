"""What reading gives: the records, the problems of their cells, and an account of every table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from envrules.diagnostics import Diagnostic
from envrules.records.values import CellProblem, Record
from envrules.sequences import Joined


@dataclass(frozen=True)
class SourceAccount:
    """What became of one table.

    The sums add up: `rows_read` is `rows_used` and all that was skipped, and `rows_in_source` times `parts`.

    Args:
        source: the path as the caller gave it, or what stands for one.
        header_row: the header's row as a person counts it; None where the source has none.
        rows_read, rows_used: rows below the header, and those that became records.
        skipped: how many rows were left out, by reason.
        columns_used: header -> field; columns_unused: the headers that are no field, or were not wanted.
        encoding: of a file of text.
        header_rows: all rows of the header, where it has several.
        skipped_rows: the rows that were left out, by reason, but for those that are empty; of many, the first.
        parts: how many rows each row of the source became, where a mapping turns a wide table long.
        decisions: what the reader decided that a person may want to see, in words.
        rows: the first and the last row that was read, as a person counts them; None where there was none.
        headers: the header of each column, in their order.
    """

    source: str
    sheet: str
    record_type: str
    header_row: int | None
    rows_read: int
    rows_used: int
    skipped: Mapping[str, int] = field(default_factory=dict)
    columns_used: Mapping[str, str] = field(default_factory=dict)
    columns_unused: tuple[str, ...] = ()
    encoding: str = ""
    header_rows: tuple[int, ...] = ()
    skipped_rows: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    parts: int = 1
    decisions: tuple[str, ...] = ()
    rows: tuple[int, int] | None = None
    headers: tuple[str, ...] = ()

    @property
    def rows_in_source(self) -> int:
        """The rows below the header as they stand in the source."""
        return self.rows_read // self.parts


@dataclass
class Dataset:
    """The records of every type that was given, and all that a reader has to know of how they were read.

    Args:
        records: record type -> its records; a type that was given but is empty has an empty list.
        warnings: what is wrong with whole columns and tables.
    """

    records: dict[str, Sequence[Record]] = field(default_factory=dict)
    warnings: list[Diagnostic] = field(default_factory=list)
    accounts: list[SourceAccount] = field(default_factory=list)
    _found: list[Callable[[], list[CellProblem]]] = field(default_factory=list, repr=False)
    _problems: list[CellProblem] | None = field(default=None, repr=False)

    def add(self, record_type: str, records: Sequence[Record]) -> None:
        """Add the records of one more table."""
        there = self.records.get(record_type)
        if there is None:
            self.records[record_type] = list(records) if isinstance(records, list) else records
        elif isinstance(there, list) and isinstance(records, list):
            there.extend(records)
        else:
            parts = there.parts if isinstance(there, Together) else (there,)
            self.records[record_type] = Together((*parts, records))

    def doubt(self, find: Callable[[], list[CellProblem]]) -> None:
        """Add what finds problems, when they are asked for."""
        self._found.append(find)
        self._problems = None

    @property
    def problems(self) -> list[CellProblem]:
        """Unusable cells and doubtful records, table by table; those of a large table are looked for only now."""
        if self._problems is None:
            self._problems = [problem for find in self._found for problem in find()]
        return self._problems


class Together(Joined[Record]):
    """The records of several tables as one sequence."""
