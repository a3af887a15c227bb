"""What a file holds, before any rule is run: its sheets and tables, what each column is taken for, how it is filled.

Nothing is refused here that can be shown: a table whose type is open is listed with what it may be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from envrules.analysis.propose import Proposal, propose
from envrules.diagnostics import Diagnostic, Problems
from envrules.interval import Interval
from envrules.records.dataset import SourceAccount
from envrules.records.files import open_file, split_sheet
from envrules.records.layout import find_tables
from envrules.records.plan import Plan, plan_table
from envrules.records.recognise import Doubt, HeaderWords, match_headers, recognise_type, type_words
from envrules.records.rows import read_rows, text_of
from envrules.records.sources import names_of_table
from envrules.records.steps import column_sample
from envrules.records.tables import Grid, RawTable, header_text, is_blank
from envrules.records.types import RecordType
from envrules.records.unfold import Unfolding, Wide, find_wide
from envrules.records.unusual import unusual
from envrules.records.values import ABSENT, UNUSABLE, CellProblem, Record
from envrules.records.words import emptiness
from envrules.units import Units

if TYPE_CHECKING:
    from envrules.records.mapping import TableMapping

_EXAMPLES = 3
_PROPOSED = 300  # columns for which a field is looked for; nobody reads more of them


@dataclass(frozen=True)
class ColumnFacts:
    """One column: what it is taken for, and what stands in it.

    Args:
        field, unit: the field it is read as, and the unit of its bare numbers; empty where it is not read.
        unit_column: the column in which the units of its numbers stand.
        filled: the share of the records in which something stands, from 0 to 1.
        usable, unusable: how many cells gave a value, and how many gave a problem.
        least, most: the ends of the values, as people write them.
        examples: what stands in the first filled cells that differ.
        unusual: what a person should look at, such as a unit that seems a factor of 1000 off.
        proposals: what a column that is no field may be.
    """

    index: int
    header: str
    field: str = ""
    unit: str = ""
    filled: float = 0.0
    usable: int = 0
    unusable: int = 0
    least: str = ""
    most: str = ""
    examples: tuple[str, ...] = ()
    unusual: tuple[str, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    unit_column: str = ""


@dataclass(frozen=True)
class TableFacts:
    """One table of a file; `record_type` is empty where it is open, and `candidates` are what it may be."""

    table: RawTable
    grid: Grid | None
    record_type: str
    candidates: tuple[str, ...] = ()
    columns: tuple[ColumnFacts, ...] = ()
    account: SourceAccount | None = None
    problems: tuple[CellProblem, ...] = ()
    said: tuple[Diagnostic, ...] = ()
    wide: Wide | None = None


@dataclass(frozen=True)
class FileFacts:
    """One file: its tables, and the sheets that hold none, with the reason."""

    source: str
    tables: tuple[TableFacts, ...] = ()
    empty: tuple[Diagnostic, ...] = ()
    fields: Mapping[str, int] = field(default_factory=dict)


def survey(
    source: str,
    record_types: Mapping[str, RecordType],
    units: Units,
    declared: str | None = None,
    *,
    as_it_stands: bool = False,
) -> FileFacts:
    """What a file holds.

    Args:
        source: a file, or `FILE#Sheet`.
        declared: the record type of its tables, where the caller knows.
        as_it_stands: whether periods side by side stay so, as a mapping names them, or are unfolded as a check does.

    Raises:
        InputError: where the file cannot be opened or read to its end.
    """
    words = HeaderWords.of(record_types, units)
    opened = open_file(source)
    found: list[tuple[Grid | None, RawTable, bool]] = []
    empty: list[Diagnostic] = []
    for one in opened:
        if isinstance(one, RawTable):
            found.append((None, one, True))
            continue
        tables = find_tables(one, words)
        if isinstance(tables, Diagnostic):
            empty.append(tables)
        else:
            found += [(one, table, len(tables) == 1) for table in tables]
    stem = split_sheet(source)[0].stem
    surveyed = []
    for grid, table, alone in found:
        names = names_of_table(table, alone, len(found) == 1, stem)
        unfolding = Unfolding(table, units)
        kind = record_types[declared] if declared else _kind(unfolding, names, record_types)
        if isinstance(kind, RecordType) and not as_it_stands:
            table = unfolding.read_as(kind)
        surveyed.append(survey_table(table, grid, kind, units))
    return FileFacts(source, tuple(surveyed), tuple(empty), {n: len(t.fields) for n, t in record_types.items()})


def _kind(unfolding: Unfolding, names: Sequence[str], record_types: Mapping[str, RecordType]) -> RecordType | Doubt:
    table = unfolding.table
    if table.type_hint:
        named = type_words(record_types).find(table.type_hint)
        if table.type_hint in record_types or len(named) == 1:
            return record_types.get(table.type_hint) or record_types[named[0]]
        return Doubt()
    read_by = unfolding.headers if unfolding.possible else None
    return recognise_type(table.headers, names, record_types, unfolding.units, read_by)


def survey_table(
    table: RawTable, grid: Grid | None, kind: RecordType | Doubt, units: Units, mapping: TableMapping | None = None
) -> TableFacts:
    """What one table holds, read as a record type."""
    rows = list(table.rows)
    table = replace(table, rows=rows, columns=None)
    wide = find_wide(table.headers)
    if isinstance(kind, Doubt):
        raw = _raw_columns(table)
        return TableFacts(table, grid, "", tuple(c.record_type.name for c in kind.candidates), raw, wide=wide)
    problems = Problems()
    plan = plan_table(table, kind, units, mapping, problems)
    if plan is None:
        plan = _in_spite(table, kind, units)
    records, account, faults, warnings = read_rows(plan, Path(table.source).name)
    columns = _columns(plan, records, faults, _raw_columns(plan.table), units)
    said = (*table.warnings, *problems.found, *warnings)
    return TableFacts(table, grid, kind.name, (), columns, account, tuple(faults), said, wide)


def _in_spite(table: RawTable, kind: RecordType, units: Units) -> Plan:
    """A plan of those columns that nothing is wrong with."""
    from envrules.records.cells import CellReader
    from envrules.records.plan import Slot

    match = match_headers(table.headers, kind, units)
    twice = {name for name, n in Counter(c.field.name for c in match.columns).items() if n > 1}
    plan = Plan(table, kind, units, [])
    for column in match.columns:
        if column.field.name not in twice:
            reader = CellReader(column.field, units, column.unit)
            plan.slots.append(Slot(column.index, column.header, column.field, column.unit, reader))
    return plan


def _raw_columns(table: RawTable) -> tuple[ColumnFacts, ...]:
    """The columns as they stand: how they are filled, and examples."""
    rows = [row for row in table.rows if row[0] not in table.left_out and not is_blank(row[1])]
    found = []
    for index, header in enumerate(table.headers):
        cells = column_sample(rows, index)
        texts = [t for t in map(header_text, cells) if not emptiness(t)]
        if header or texts:
            examples = tuple(dict.fromkeys(texts[:1000]))[:_EXAMPLES]
            found.append(ColumnFacts(index, header, filled=len(texts) / len(rows) if rows else 0.0, examples=examples))
    return tuple(found)


def _columns(
    plan: Plan, records: Sequence[Record], faults: Sequence[CellProblem], raw: Sequence[ColumnFacts], units: Units
) -> tuple[ColumnFacts, ...]:
    """The columns with what each is read as, and what of it can be used."""
    slots = {s.index: s for s in plan.slots}
    asked = 0
    sample = [row for row in list(plan.table.rows)[:200] if row[0] not in plan.table.left_out]
    found = []
    for column in raw:
        slot = slots.get(column.index)
        if slot is None:
            made = "id" if column.index in plan.id_columns else ""
            cells = column_sample(sample, column.index)
            asked += 1
            near = (
                propose(column.header, cells, plan.record_type, units)
                if column.header and not made and asked <= _PROPOSED
                else ()
            )
            found.append(replace(column, field=made, proposals=near))
            continue
        one = slot.field
        values = [(r.place.row, r.value(one.name)) for r in records]
        known = [(row, v) for row, v in values if isinstance(v, Interval) and v.known]
        ends = sorted({v.lo for _, v in known})
        unit = (slot.unit or one.unit).text if one.kind == "quantity" and not one.unit_of else ""
        found.append(
            replace(
                column,
                field=one.name,
                unit=unit,
                unit_column=plan.table.headers[plan.unit_columns[slot.index]]
                if slot.index in plan.unit_columns
                else "",
                usable=sum(1 for _, v in values if v is not ABSENT and v is not UNUSABLE),
                unusable=sum(1 for f in faults if f.field == one.name),
                least=text_of(Interval(ends[0], ends[0]), one) if ends else "",
                most=text_of(Interval(ends[-1], ends[-1]), one) if ends else "",
                unusual=tuple(unusual(one, [(row, v.lo) for row, v in known])),
            )
        )
    return tuple(found)
