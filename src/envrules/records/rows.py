"""The rows of one raw table to records: a plan of its columns first, then every row by that plan."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from envrules.diagnostics import CellPlace, Diagnostic
from envrules.interval import Interval, format_number
from envrules.records.cells import CellReader
from envrules.records.dataset import SourceAccount
from envrules.records.plan import Plan, Slot, plan_table
from envrules.records.quantities import mismatch, parse_unit_text
from envrules.records.standards.complete import complete as completed
from envrules.records.tables import Row, header_text, is_blank
from envrules.records.types import Field
from envrules.records.values import ABSENT, UNUSABLE, Cell, CellProblem, Doubtful, Fault, Record
from envrules.records.words import printable
from envrules.units import Unit

__all__ = ["plan_table", "read_rows"]

_PERCENT = 0.01
#: Rows of a reason that the account names.
NAMED = 1000


def read_rows(plan: Plan, name: str) -> tuple[list[Record], SourceAccount, list[CellProblem], list[Diagnostic]]:
    """The records of a table, its account, the problems of its cells and the warnings of its columns.

    Args:
        name: of the source, for the ids of rows that have none.
    """
    reader = RowReader(plan, name)
    records = list(reader.records())
    warnings = [*reader.warnings(), *percent_warnings(plan, lambda slot: _raws(records, slot))]
    return records, reader.account(len(records)), reader.problems, warnings


@dataclass
class _Unnamed:
    """A column without a header: where something first stood in it."""

    row: int | None = None


class RowReader:
    """Reads rows by a plan; keeps count of them, and of what is wrong in them."""

    def __init__(self, plan: Plan, name: str) -> None:
        self.plan = plan
        self.rows_read = self.first_row = self.last_row = 0
        self.skipped: dict[str, int] = {}
        self.skipped_rows: dict[str, list[int]] = {}
        self.problems: list[CellProblem] = []
        self._type = plan.record_type.name
        self._prefix = f"{name}[{plan.table.sheet}]" if plan.table.sheet else name
        self._width = len(plan.table.headers)
        self._slots = [(s.index, s.field.name, s.read, s) for s in plan.slots if not s.depends]
        self._dependent = [s for s in plan.slots if s.depends]
        self._readers: dict[tuple[str, str, Unit | None], CellReader] = {}
        self._unnamed = {i: _Unnamed() for i, header in enumerate(plan.table.headers) if not header}

    def records(self, rows: Iterable[Row] | None = None) -> Iterator[Record]:
        """The records of the table, or of some of its rows; rows that are empty or not wanted are counted."""
        for number, row in self.plan.table.rows if rows is None else rows:
            self.rows_read += 1
            self.first_row, self.last_row = self.first_row or number, number
            reason = "empty" if is_blank(row) else self.plan.leave_out(number, row)
            if reason:
                self.skip(reason, number)
            else:
                yield self.record(number, row)

    def record(self, number: int, row: Sequence[object]) -> Record:
        """The record of one row; what cannot be used in it is added to the problems."""
        before = len(self.problems)
        found = self._record(number, row)
        if len(self.problems) > before:
            self.problems[before:] = [replace(p, record_id=found.id) for p in self.problems[before:]]
        return found

    def _record(self, number: int, row: Sequence[object]) -> Record:
        cells: dict[str, Cell] = dict(self.plan.constants)
        place = CellPlace(self.plan.table.source, self.plan.table.sheet, number)
        size = len(row)
        if size > self._width and not is_blank(row[self._width :]) and self._slipped(number, row, cells):
            return Record(self._type, self._place_name(number, row), cells, place)
        for index, name, read, slot in self._slots:
            raw = row[index] if index < size else None
            if raw is None or (type(raw) is str and not raw):
                continue
            cell = read(raw)
            if type(cell) is Fault:
                cells[name] = self._unusable(number, slot, raw, cell)
            elif type(cell) is Cell and (cell.value is not ABSENT or type(raw) is str):
                cells[name] = cell
        for slot in self._dependent:
            self.read_dependent(number, slot, row, cells)
        if self.plan.completions:
            self.complete(number, cells)
        if self._unnamed:
            self.watch_unnamed(number, row)
        return Record(self._type, self._id(number, row, cells), cells, place)

    def skip(self, reason: str, number: int) -> None:
        """Count a row that is no record."""
        self.skipped[reason] = self.skipped.get(reason, 0) + 1
        if reason != "empty" and self.skipped[reason] <= NAMED:
            self.skipped_rows.setdefault(reason, []).append(number)

    def account(self, used: int) -> SourceAccount:
        """What became of the rows, of which so many are records."""
        plan, table = self.plan, self.plan.table
        return SourceAccount(
            table.source,
            table.sheet,
            plan.record_type.name,
            table.header_row,
            self.rows_read,
            used,
            self.skipped,
            plan.used(),
            plan.unused,
            table.encoding,
            table.header_rows,
            {reason: tuple(rows) for reason, rows in self.skipped_rows.items()},
            table.parts,
            (*table.decisions, *plan.decisions),
            (self.first_row, self.last_row) if self.last_row else None,
            tuple(table.headers),
        )

    def complete(self, number: int, cells: dict[str, Cell]) -> None:
        """Fill in what the standards of the type say, and list what contradicts them."""
        headers = {s.field.name: s.header for s in self.plan.slots}
        for found in completed(self.plan.record_type, self.plan.completions, cells):
            raw = cells[found.field].raw if found.field in cells else None
            self._problem(number, headers.get(found.field, ""), raw, Fault(found.code, found.reason), found.field)

    def _problem(self, number: int, column: str, value: object, fault: Fault, name: str) -> None:
        table = self.plan.table
        self.problems.append(
            CellProblem(
                table.source, table.sheet, number, column, _kept(value), fault.reason, fault.code, self._type, name
            )
        )

    def _unusable(self, number: int, slot: Slot, raw: object, fault: Fault) -> Cell:
        self._problem(number, slot.header, raw, fault, slot.field.name)
        return Cell(UNUSABLE, _kept(raw))

    def _slipped(self, number: int, row: Sequence[object], cells: dict[str, Cell]) -> bool:
        """Whether a row has more cells than the header; in a text file nobody can say which belongs where."""
        width = len(self.plan.table.headers)
        extra = next(c for c in row[width:] if not is_blank([c]))
        if not self.plan.table.encoding:
            self._problem(
                number, "", extra, Fault("extra-cell", "something stands beyond the last column of the header"), ""
            )
            return False
        reason = f"the row has {len(row)} cells and the header {width}, so no cell is certain to stand in its column"
        self._problem(number, "", extra, Fault("extra-cell", reason), "")
        for slot in self.plan.slots:
            cells[slot.field.name] = Cell(UNUSABLE, _kept(row[slot.index]))
        return True

    def read_dependent(self, number: int, slot: Slot, row: Sequence[object], cells: dict[str, Cell]) -> None:
        """A quantity whose unit stands in other columns: its code's unit, and perhaps a unit of its own."""
        raw = row[slot.index] if slot.index < len(row) else None
        nothing = slot.read(raw)
        if isinstance(nothing, Cell) and nothing.value is ABSENT:
            if type(raw) is str and raw:
                cells[slot.field.name] = nothing
            return
        one = slot.field
        target = self._target(one, cells)
        if target is None:
            # What is wrong with the code is said at the code; a value without one is unknown, and no second problem.
            cells[one.name] = Cell(UNUSABLE, _kept(raw))
            return
        if isinstance(target, Fault):
            cells[one.name] = self._unusable(number, slot, raw, target)
            return
        unit = self._own_unit(one, target, cells)
        if isinstance(unit, Fault):
            column = next((s.header for s in self.plan.slots if s.field.name == one.unit_field), one.unit_field)
            self._problem(number, column, cells[one.unit_field].raw, unit, one.name)
            cells[one.name] = Cell(UNUSABLE, _kept(raw))
            return
        key = (one.name, target.text, unit or slot.unit)
        reader = self._readers.get(key)
        if reader is None:
            reader = self._readers[key] = CellReader(one, self.plan.units, unit or slot.unit, target)
        cell = slot.translated(raw, reader)
        if isinstance(cell, Cell) and unit is not None and cell.value is not ABSENT:
            cell = self._one_unit(cell, unit, target)
        cells[one.name] = cell if isinstance(cell, Cell) else self._unusable(number, slot, raw, cell)

    def _target(self, one: Field, cells: Mapping[str, Cell]) -> Unit | Fault | None:
        """The unit a value is kept in; None where the field that decides it has no usable value."""
        if not one.unit_of:
            return one.unit
        code = cells[one.unit_of].value if one.unit_of in cells else ABSENT
        if not isinstance(code, str):
            return None
        return one.units.get(code) or Fault(
            "unknown-unit", f"{code} of {one.unit_of} has no unit declared for {one.name}"
        )

    def _own_unit(self, one: Field, target: Unit, cells: Mapping[str, Cell]) -> Unit | Fault | None:
        """The unit that the record states in a column of its own."""
        stated = cells[one.unit_field].value if one.unit_field in cells else ABSENT
        if not isinstance(stated, str):
            return None
        unit = parse_unit_text(self.plan.units, stated)
        if isinstance(unit, Unit) and self.plan.units.conversion(unit, target, one.context) is None:
            return Fault("unit-mismatch", mismatch(unit, target, one))
        return unit

    def _one_unit(self, cell: Cell, unit: Unit, target: Unit) -> Cell | Fault:
        """The cell, unless it states a unit that contradicts the one in the unit's column."""
        read_in = parse_unit_text(self.plan.units, cell.unit) if cell.unit else target
        if read_in == unit:
            return cell
        return Fault("unit-mismatch", f"the cell is in {read_in}, but the record's unit is {unit}")

    def _id(self, number: int, row: Sequence[object], cells: dict[str, Cell]) -> str:
        """The record's id: its own, one made of columns or fields, or the name of its row."""
        plan = self.plan
        own = cells.get("id")
        if own is not None and isinstance(own.value, str):
            return own.value
        made = (
            plan.composite(row)
            if plan.id_columns
            else _id_of_fields(plan.record_type.id_from, plan.record_type.fields, cells)
        )
        if made:
            cells["id"] = Cell(made)
            return made
        if plan.id_column and (own is None or own.value is ABSENT):
            self._problem(
                number, plan.id_column, None, Fault("missing-id", "the row has no id; it is named by its place"), "id"
            )
        return self._place_name(number, row)

    def _place_name(self, number: int, row: Sequence[object]) -> str:
        """The name of a record without an id: its source and row, and which part of the row it is."""
        at = self.plan.table.part_column
        part = f":{header_text(row[at])}" if at is not None and at < len(row) else ""
        return f"{self._prefix}:{number}{part}"

    def watch_unnamed(self, number: int, row: Sequence[object]) -> None:
        for index in [i for i in self._unnamed if i < len(row) and not is_blank([row[i]])]:
            self._unnamed[index].row = self._unnamed[index].row or number

    def warnings(self) -> Iterator[Diagnostic]:
        """What is to be said of columns once all rows were seen."""
        table = self.plan.table
        for index, first in self._unnamed.items():
            if first.row is not None:
                place = CellPlace(table.source, table.sheet, first.row)
                what = f"column {index + 1} has no header, so what stands in it is not read"
                yield Diagnostic("unnamed-column", place, what, level="warning")


def _kept(raw: object) -> object:
    """A raw value as problems and reports can hold it: what is no plain value, or cannot be written, as a text."""
    if isinstance(raw, Doubtful):
        return _kept(raw.raw)
    if isinstance(raw, str):
        return printable(raw)
    if raw is None or isinstance(raw, (float, dt.date)) or (isinstance(raw, int) and raw.bit_length() < 64):
        return raw
    try:
        return printable(repr(raw))[:200]
    except (ValueError, RecursionError):  # an integer of thousands of digits, a list in a list in a list
        return f"<{type(raw).__name__}>"


def _id_of_fields(names: Sequence[str], fields: Mapping[str, Field], cells: Mapping[str, Cell]) -> str:
    """The values of the fields joined by `:`, or an empty text where one has none."""
    parts = []
    for name in names:
        value = cells[name].value if name in cells else ABSENT
        if isinstance(value, Interval) and value.known:
            value = text_of(value, fields[name])
        if not isinstance(value, str):
            return ""
        parts.append(value)
    return ":".join(parts)


def text_of(value: Interval, one: Field) -> str:
    """A known number, date, month or year as people write it."""
    if one.kind == "date":
        return dt.date.fromordinal(int(value.lo)).isoformat()
    if one.kind == "month":
        return f"{int(value.lo) // 12:04d}-{int(value.lo) % 12 + 1:02d}"
    return format_number(value.lo)


def _raws(records: Sequence[Record], slot: Slot) -> Iterator[object]:
    return (r.cells[slot.field.name].raw for r in records if slot.field.name in r.cells)


def percent_warnings(plan: Plan, raws_of: Callable[[Slot], Iterable[object]]) -> Iterator[Diagnostic]:
    """Columns of shares whose numbers are all 1 or less, where a cell formatted as a percentage cannot be told."""
    if plan.table.percent_seen:
        return
    for slot in plan.slots:
        unit = slot.unit or slot.field.unit
        if unit.dimension or unit.factor != _PERCENT:
            continue
        numbers = [raw for raw in raws_of(slot) if isinstance(raw, float)]
        if len(numbers) >= 3 and max(numbers) <= 1:
            place = CellPlace(plan.table.source, plan.table.sheet, plan.table.header_row, slot.header)
            what = "all numbers are 1 or less: if the cells are shown as percentages, they are 100 times what was read"
            hint = "save the workbook as xlsx, where this is seen"
            yield Diagnostic("percent-format", place, what, hint=hint, level="warning")
