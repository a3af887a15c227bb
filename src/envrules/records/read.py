"""Inputs to a `Dataset`: every source opened, its tables recognised, their rows read, and an account of all of it.

The one entrance of this room. It imports no frame library, no reader of workbooks and no pydantic until one is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from envrules.diagnostics import EnvrulesError, InputError, Problems, nearest
from envrules.records.dataset import Dataset, SourceAccount
from envrules.records.rows import plan_table, read_rows
from envrules.records.scale import settle_scales
from envrules.records.sources import Chosen, choose
from envrules.records.standards.complete import complete
from envrules.records.standards.hours import MadeOf, daily_records
from envrules.records.types import RecordType
from envrules.records.unusual import UnitWatch
from envrules.records.values import CellProblem, Record
from envrules.units import Units

if TYPE_CHECKING:
    from envrules.records.mapping import TableMapping
    from envrules.records.plan import Plan

#: From so many rows on a table is kept as columns: below, loading polars and making columns costs more than it saves.
MANY = 2000

Inputs = Mapping[str, Any] | Sequence[tuple[str | None, Any]]


def read_inputs(
    inputs: Inputs,
    record_types: Mapping[str, RecordType],
    units: Units,
    mapping: str | Path | Mapping[str, Any] | tuple[TableMapping, ...] | None = None,
) -> Dataset:
    """The records of all inputs.

    Args:
        inputs: record type -> source, or pairs (record type or None, source). A source is a file (`FILE#Sheet` for one
            sheet of it), a frame, or records: dicts, dataclasses or pydantic models, one or any iterable of them.
        mapping: a mapping file, or its content, or the tables of one that was loaded.

    Raises:
        InputError: with everything that makes a source unusable.

    Examples:
        >>> from envrules.records.types import Field
        >>> from envrules.units import registry
        >>> area = RecordType("area", {"id": Field("id", "id"), "value": Field("value", "number")})
        >>> found = read_inputs({"area": [{"id": "A", "value": "<10"}]}, {"area": area}, registry())
        >>> found.records["area"][0].value("value")
        (-inf, 10)
    """
    problems = Problems()
    dataset = Dataset()
    reading = Reading(dataset, problems, units)

    def take(chosen: Chosen) -> None:
        reading.add(chosen.table, chosen.record_type, chosen.mapping)

    read_tables(inputs, record_types, units, mapping, problems, take)
    problems.raise_errors(InputError)
    for record_type in record_types.values():
        if isinstance(record_type.made_of, MadeOf) and record_type.made_of.record in dataset.records:
            make_records(record_type, record_type.made_of, dataset, problems)
    dataset.warnings.extend(problems.found)
    return dataset


def read_tables(
    inputs: Inputs,
    record_types: Mapping[str, RecordType],
    units: Units,
    mapping: str | Path | Mapping[str, Any] | tuple[TableMapping, ...] | None,
    problems: Problems,
    take: Callable[[Chosen], None],
    streamed: bool = False,
) -> None:
    """Hand every table of the inputs that is to be read to `take`; what is wrong is added to the problems.

    Args:
        streamed: whether the rows of files are to be had in batches.
    """
    mappings = _load_mapping(mapping, problems)
    pairs = list(inputs.items()) if isinstance(inputs, Mapping) else list(inputs)
    used: set[int] = set()
    for position, (name, source) in enumerate(pairs, 1):
        if name is not None and name not in record_types:
            problems.error(
                "unknown-record", name, f"there is no record type {name!r}", hint=nearest(name, record_types)
            )
            continue
        try:
            for chosen in choose(name, source, position, record_types, units, mappings, problems, streamed):
                used.update(n for n, m in enumerate(mappings) if m is chosen.mapping)
                take(chosen)
        except EnvrulesError as error:
            problems.found.extend(error.diagnostics)
    for unused in (m for n, m in enumerate(mappings) if n not in used and not problems.errors):
        what, hint = "no input was read by this mapping", "see its record, file and sheet"
        problems.warning("mapping-unused", unused.where(), what, hint=hint)


def make_records(record_type: RecordType, made_of: MadeOf, dataset: Dataset, problems: Problems) -> None:
    """Add the records that are made of others, and say how many and what they lack."""
    given = dataset.records.get(record_type.name, ())
    made = daily_records(made_of, record_type, dataset.records[made_of.record], given)
    for record in made.records:
        cells = dict(record.cells)
        list(complete(record_type, record_type.completions, cells))
        dataset.add(record_type.name, [replace(record, cells=cells)])
    text = f"{len(made.records)} {record_type.name} were made of {made_of.record} by {made_of.source.either()}"
    lacking = ", ".join(f"{count} without {name}" for name, count in made.invalid.items())
    text += f"; too few hours or stations: {lacking}" if lacking else ""
    text += (
        f"; {made.unplaced} {made_of.record} have no {made_of.place}, {made_of.day} or hour" if made.unplaced else ""
    )
    problems.warning("made-records", made_of.record, text)


def _load_mapping(
    mapping: str | Path | Mapping[str, Any] | tuple[TableMapping, ...] | None, problems: Problems
) -> tuple[TableMapping, ...]:
    if mapping is None or isinstance(mapping, tuple):
        return mapping or ()
    from envrules.records.mapping import load_mapping

    try:
        return load_mapping(mapping)
    except InputError as error:
        problems.found.extend(error.diagnostics)
        return ()


class Reading:
    """Adds tables to a dataset, and watches that ids stay one record's own."""

    def __init__(self, dataset: Dataset, problems: Problems, units: Units) -> None:
        self.dataset, self.problems, self.units = dataset, problems, units
        self._tables: dict[str, list[Sequence[Record]]] = {}
        self._names: dict[str, str] = {}

    def plan(self, table: Any, record_type: RecordType, mapping: TableMapping | None) -> tuple[Plan, str] | None:
        """How a table is read, and the name of its source for rows without an id; None where it cannot be."""
        self.problems.found.extend(table.warnings)
        plan = plan_table(table, record_type, self.units, mapping, self.problems)
        if plan is None:
            return None
        table = plan.table
        name = Path(table.source).name or table.source
        # Two files of one name would give their rows the same ids.
        if self._names.setdefault(name, table.source) != table.source:
            name = table.source
        return plan, name

    def add(self, table: Any, record_type: RecordType, mapping: TableMapping | None) -> None:
        """Read one table; its records go to those of its type."""
        planned = self.plan(table, record_type, mapping)
        if planned is not None:
            self.read(*planned)

    def read(self, plan: Plan, name: str) -> None:
        """Read a table by its plan; its records go to those of its type."""
        table, record_type = plan.table, plan.record_type
        if table.columns is None:
            rows = table.rows = list(table.rows)
            table.height = len(rows)
            settle_scales(plan, lambda index: (row[index] for _, row in rows if index < len(row)))
        else:
            from envrules.records.columns.cells import telling

            raw = table.columns()
            settle_scales(plan, lambda index: telling(raw.column(index)))
        # What completes a record looks at its cells together.
        if table.height >= MANY and not plan.completions:
            self._add_columns(plan, name)
            return
        records, account, faults, warnings = read_rows(plan, name)
        self.dataset.add(record_type.name, records)
        self.dataset.accounts.append(account)
        self.dataset.doubt(lambda: faults)
        self.problems.found.extend(warnings)
        self._warn_unusual(plan, records)
        self._watch_ids(record_type, plan.id_column, records)

    def _add_columns(self, plan: Plan, name: str) -> None:
        """A large table, kept as columns."""
        from envrules.records.columns.raw import columns_of_rows
        from envrules.records.columns.table import ColumnRecords

        table = plan.table
        raw = table.columns() if table.columns is not None else columns_of_rows(list(table.rows), len(table.headers))
        records = ColumnRecords(plan, raw, name)
        self.dataset.add(plan.record_type.name, records)
        self.dataset.accounts.append(records.account())
        self.dataset.doubt(records.problems)
        self.problems.found.extend(records.warnings())
        self._warn_unusual(plan, records)
        self._watch_ids(plan.record_type, plan.id_column, records)

    def _warn_unusual(self, plan: Plan, records: Sequence[Record]) -> None:
        watch = UnitWatch(plan)
        watch.see(records)
        self.problems.found.extend(watch.warnings())

    def _watch_ids(self, record_type: RecordType, column: str, records: Sequence[Record]) -> None:
        """Report the ids that were there before, when problems are asked for."""
        before = list(self._tables.setdefault(record_type.name, []))
        self._tables[record_type.name].append(records)
        self.dataset.doubt(lambda: repeated(records, before, record_type, column))


def repeated(
    records: Sequence[Record], before: Sequence[Sequence[Record]], record_type: RecordType, column: str
) -> list[CellProblem]:
    """The records whose id is that of an earlier one, of the same table or one read before it."""
    tables = [*before, records]
    if any(len(t) >= MANY for t in tables):
        from envrules.records.columns.repeated import repeated_rows

        chosen = repeated_rows(tables)
    else:
        chosen = [list(range(len(t))) for t in tables]
    known: dict[str, Record] = {}
    for table, rows in zip(tables[:-1], chosen[:-1], strict=True):
        for i in rows:
            record = table[i]
            known.setdefault(record.id, record)
    found = []
    for i in chosen[-1]:
        record = records[i]
        first = known.setdefault(record.id, record)
        if first is record:
            continue
        found.append(duplicate(record, first, record_type, column))
    return found


def duplicate(record: Record, first: Record, record_type: RecordType, column: str) -> CellProblem:
    """The problem of a record whose id is that of an earlier one."""
    place, other = record.place, first.place
    source = "" if other.source == place.source else f" of {other.source}"
    sheet = "" if other.sheet == place.sheet else f", sheet {other.sheet}"
    return CellProblem(
        place.source,
        place.sheet,
        place.row,
        column,
        record.id,
        f"the id {record.id} is also that of row {other.row}{source}{sheet}; the two are " + _difference(first, record),
        code="duplicate-id",
        record_type=record_type.name,
        field="id",
    )


def _difference(one: Record, other: Record) -> str:
    names = sorted((one.cells.keys() | other.cells.keys()) - {"id"})
    differing = [n for n in names if one.value(n) != other.value(n)]
    if not differing:
        return "equal in every field"
    more = f" and {len(differing) - 5} more fields" if len(differing) > 5 else ""
    return f"different records: they differ in {', '.join(differing[:5])}{more}"


__all__ = ["Dataset", "Inputs", "SourceAccount", "read_inputs"]
