"""Inputs larger than memory to batches of records: every table planned as a whole, then read as often as it takes.

Whatever looks at a whole table is settled before its first record is made (its header, its left-out rows, the scale of
its columns) or after its last (ids given twice), so that a record is what it is when the table is read at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from envrules.diagnostics import CallError, Diagnostic, InputError, Problems
from envrules.records.dataset import Dataset, SourceAccount
from envrules.records.plan import Plan
from envrules.records.read import Inputs, Reading, make_records, read_tables
from envrules.records.rows import NAMED, RowReader
from envrules.records.scale import settle_scales
from envrules.records.sources import Chosen
from envrules.records.standards.hours import MadeOf
from envrules.records.steps import is_read_once
from envrules.records.tables import RawTable
from envrules.records.types import RecordType
from envrules.records.values import CellProblem, Record
from envrules.units import Units

if TYPE_CHECKING:
    from envrules.records.columns.raw import RawColumns

#: Record types of so many rows or fewer are held whole: they cost little, and whatever looks them up needs all of them.
WHOLE = 200_000


@dataclass
class Batch:
    """Some records of a table, one below the other.

    Args:
        records: made when they are asked for.
        raw: the raw rows they come from.
    """

    plan: Plan
    name: str
    raw: RawColumns
    records: Sequence[Record]
    account: SourceAccount
    warnings: list[Diagnostic]
    _found: list[CellProblem] | None = field(default=None, repr=False)

    def problem_count(self) -> int:
        """How many cells and rows have something that cannot be used."""
        if self._found is None:
            count: int = self.records.problem_count()  # type: ignore[attr-defined]
            return count
        return len(self._found)

    def problems(self) -> list[CellProblem]:
        """What cannot be used, row by row."""
        if self._found is None:
            self._found = self.records.problems()  # type: ignore[attr-defined]
        return self._found or []


@dataclass
class StreamedTable:
    """A table that is read in batches.

    Args:
        rows: how many rows it has; None where that is known only once it has been read.
    """

    plan: Plan
    name: str
    rows: int | None

    @property
    def record_type(self) -> RecordType:
        return self.plan.record_type

    def batches(self, size: int) -> Iterator[Batch]:
        """All its records, from the first on, those of at most so many rows at a time."""
        for raw in self._raw(size):
            yield self._batch(raw)

    def _raw(self, size: int) -> Iterator[RawColumns]:
        table = self.plan.table
        if table.stream is not None:
            needed = range(len(table.headers)) if self.plan.completions else self._needed()
            yield from table.stream.batches(size, needed)
            return
        from envrules.records.columns.raw import columns_of_rows

        if table.columns is not None:
            whole = table.columns()
            yield from (whole.part(start, size) for start in range(0, len(whole), size))
            return
        rows = iter(table.rows)
        while some := list(islice(rows, size)):
            yield columns_of_rows(some, len(table.headers))

    def _needed(self) -> list[int]:
        plan = self.plan
        unnamed = [i for i, header in enumerate(plan.table.headers) if not header]
        tests = [test[1] for test in plan.tests]
        return sorted({*(s.index for s in plan.slots), *plan.id_columns, *unnamed, *tests})

    def _batch(self, raw: RawColumns) -> Batch:
        if not self.plan.completions:
            from envrules.records.columns.table import ColumnRecords

            records = ColumnRecords(self.plan, raw, self.name)
            return Batch(self.plan, self.name, raw, records, records.account(), list(records.warnings()))
        reader = RowReader(self.plan, self.name)
        rows = zip(raw.numbers, raw.rows(range(len(raw)), range(raw.width)), strict=True)
        made = list(reader.records(rows))
        account = reader.account(len(made))
        return Batch(self.plan, self.name, raw, made, account, list(reader.warnings()), reader.problems)


@dataclass
class Streams:
    """What was given: tables to be read in batches, and the small record types whole.

    Args:
        tables: record type -> its tables, in their order.
        whole: the small types as a dataset of their own, with their accounts and problems.
        order: the types in the order of the inputs.
    """

    tables: dict[str, list[StreamedTable]]
    whole: Dataset
    warnings: list[Diagnostic]
    order: list[str]

    @property
    def types(self) -> list[str]:
        """The record types that were given."""
        return [*self.tables, *(t for t in self.whole.records if t not in self.tables)]


def read_streams(
    inputs: Inputs,
    record_types: Mapping[str, RecordType],
    units: Units,
    mapping: str | Path | Mapping[str, Any] | None = None,
    whole: int = WHOLE,
) -> Streams:
    """The tables of all inputs, planned but not read; record types of at most `whole` rows are read at once.

    Raises:
        InputError: with everything that makes a source unusable.
        CallError: `stream-unsupported` for a type that is made of the records of another.
    """
    problems = Problems()
    dataset = Dataset()
    reading = Reading(dataset, problems, units)
    tables: dict[str, list[StreamedTable]] = {}

    def take(chosen: Chosen) -> None:
        planned = reading.plan(chosen.table, chosen.record_type, chosen.mapping)
        if planned is not None:
            plan, name = planned
            tables.setdefault(chosen.record_type.name, []).append(StreamedTable(plan, name, _height(plan.table)))

    read_tables(inputs, record_types, units, mapping, problems, take, streamed=True)
    problems.raise_errors(InputError)
    order = list(tables)
    small = [name for name, own in tables.items() if sum(t.rows or 0 for t in own) <= whole]
    for table in chain.from_iterable(tables.pop(name) for name in small):
        reading.read(table.plan, table.name)
    for table in chain.from_iterable(tables.values()):
        _settle(table)
    _make_others(record_types, tables, dataset, problems)
    problems.raise_errors(InputError)
    return Streams(tables, dataset, problems.found, order)


def _height(table: RawTable) -> int:
    """How many rows a table has."""
    if table.stream is not None or table.columns is not None:
        return table.height
    if is_read_once(table.rows):
        table.rows = list(table.rows)
    return len(table.rows) if isinstance(table.rows, Sequence) else sum(1 for _ in table.rows)


def _settle(table: StreamedTable) -> None:
    """Settle the scale of the columns by their cells, as for a table that is read at once."""
    raw = table.plan.table
    if raw.stream is None and raw.columns is None:
        raw.height = table.rows or 0
    settle_scales(table.plan, lambda index: _cells(raw, index))


def _cells(raw: RawTable, index: int) -> Iterator[object]:
    """The cells of a column, the equal ones not all of them."""
    if raw.stream is None and raw.columns is None:
        yield from (row[index] for _, row in raw.rows if index < len(row))
        return
    from envrules.records.columns.cells import telling

    for batch in raw.stream.batches(1 << 18, [index]) if raw.stream is not None else [raw.columns()]:  # type: ignore[misc]
        yield from telling(batch.column(index))


def _make_others(
    record_types: Mapping[str, RecordType],
    tables: Mapping[str, Sequence[StreamedTable]],
    dataset: Dataset,
    problems: Problems,
) -> None:
    """Make the records that are made of others, where both are held whole."""
    for record_type in record_types.values():
        made_of = record_type.made_of
        if not isinstance(made_of, MadeOf) or made_of.record not in (*tables, *dataset.records):
            continue
        if made_of.record in tables or record_type.name in tables:
            large = made_of.record if made_of.record in tables else record_type.name
            made = f"{record_type.name} is made of all {made_of.record} of a place together"
            what = f"{made}, and there are too many {large} to be held"
            hint = f"give the {made_of.record} of some places or years at a time"
            raise CallError([Diagnostic("stream-unsupported", record_type.name, what, hint=hint)])
        make_records(record_type, made_of, dataset, problems)


def joined_account(accounts: Sequence[SourceAccount]) -> SourceAccount:
    """What became of a table, from what became of its batches."""
    first = accounts[0]
    skipped: dict[str, int] = {}
    rows: dict[str, tuple[int, ...]] = {}
    for account in accounts:
        for reason, count in account.skipped.items():
            skipped[reason] = skipped.get(reason, 0) + count
        for reason, some in account.skipped_rows.items():
            rows[reason] = (*rows.get(reason, ()), *some)[:NAMED]
    spans = [a.rows for a in accounts if a.rows is not None]
    return replace(
        first,
        rows_read=sum(a.rows_read for a in accounts),
        rows_used=sum(a.rows_used for a in accounts),
        skipped=skipped,
        skipped_rows=rows,
        rows=(spans[0][0], spans[-1][1]) if spans else None,
    )


def empty_account(table: StreamedTable) -> SourceAccount:
    """What became of a table without rows."""
    return RowReader(table.plan, table.name).account(0)
