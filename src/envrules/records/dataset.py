"""What reading gives: the records, the problems of their cells, and an account of every table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from envrules.diagnostics import Diagnostic
from envrules.records.values import CellProblem, Record


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

    @property
    def rows_in_source(self) -> int:
        """The rows below the header as they stand in the source."""
        return self.rows_read // self.parts


@dataclass
class Dataset:
    """The records of every type that was given, and all that a reader has to know of how they were read.

    Args:
        records: record type -> its records; a type that was given but is empty has an empty list.
        problems: unusable cells and doubtful records; warnings: what is wrong with whole columns and tables.
    """

    records: dict[str, list[Record]] = field(default_factory=dict)
    problems: list[CellProblem] = field(default_factory=list)
    warnings: list[Diagnostic] = field(default_factory=list)
    accounts: list[SourceAccount] = field(default_factory=list)
