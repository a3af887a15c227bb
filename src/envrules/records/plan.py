"""The plan of a table: which column is which field, by a mapping and by headers, and which rows are wanted."""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from envrules.diagnostics import CellPlace, Diagnostic, Problems, TextPlace, nearest
from envrules.records.cells import AnswerReader, CellReader
from envrules.records.quantities import bare_number, mismatch, parse_unit_text
from envrules.records.recognise import (
    answers,
    bare_unit,
    field_words,
    match_headers,
    near_field,
    stated,
    unit_of_header,
)
from envrules.records.standards.stated import StatedByHeader
from envrules.records.steps import column_sample, find_column, peek, with_units
from envrules.records.tables import RawTable, header_text, is_blank
from envrules.records.types import Completion, Field, RecordType
from envrules.records.values import ABSENT, UNUSABLE, Cell, Fault
from envrules.records.words import compact, emptiness, fold, shown
from envrules.units import Unit, Units

if TYPE_CHECKING:
    from envrules.records.mapping import ColumnRule, Condition, TableMapping

Read = Callable[[object], Cell | Fault]
_HINTED = 100
#: A test of rows that a mapping asks for: its name, the column, whether the words are wanted or not, the words.
RowTest = tuple[str, int, bool, frozenset[str]]
_WHOLE = re.compile(r"-?\d+\.0+")
_FROM_1904 = 1462
_LEAST_DAY, _MOST_DAY = 10_000, 99_999 - _FROM_1904  # day numbers have five digits; a number of four is a year
_SAMPLE = 200  # rows that are looked at to tell units from other words
_UNIT_HEADERS = frozenset(
    ["单位", "计量单位", "数量单位", "容量单位", "unit", "units", "uom", "unitlabel", "physicalunitlabel"]
)


@dataclass
class Slot:
    """One column that is read: its place, header, field, unit, and what a mapping translates its words to."""

    index: int
    header: str
    field: Field
    unit: Unit | None
    reader: CellReader
    translation: Mapping[str, object] = dataclasses.field(default_factory=dict)

    @property
    def depends(self) -> bool:
        """Whether its unit stands in other columns."""
        return bool(self.field.unit_of or self.field.unit_field)

    @cached_property
    def names_read_as_they_are(self) -> bool:
        """Whether every name that its enumeration declares is read as that name."""
        cells = [(name, self.read(name)) for name in self.field.enum.names] if self.field.enum is not None else []
        return all(not isinstance(cell, Fault) and cell.value == name for name, cell in cells)

    @property
    def read(self) -> Read:
        """What reads a raw cell of it."""
        return (lambda raw: self.translated(raw, self.reader)) if self.translation else self.reader

    def translated(self, raw: object, reader: CellReader) -> Cell | Fault:
        """The cell with the mapping's words put for its own; what was read stays in it."""
        key = key_of(raw)
        if key not in self.translation:
            return reader(raw)
        meant = self.translation[key]
        cell = Cell(ABSENT) if meant is None else reader(meant)
        return Cell(cell.value, raw, cell.unit, cell.uncertainty) if isinstance(cell, Cell) else cell


@dataclass
class Plan:
    """How one table is read.

    Args:
        constants: the cells that every record has, from the mapping.
        unused: headers that are no field, or were not wanted.
        id_columns: the columns whose texts make the id; `id_column`: the header that stands for it.
        decisions: what was decided of columns, in words.
        unit_columns: the place of a column -> that of the column in which its units stand.
        by_rows: headers that may be those of units, which is told by what stands in the first rows of the table.
        completions: what gives a record fields that none of its cells states: headers, and standards of its type.
    """

    table: RawTable
    record_type: RecordType
    units: Units
    slots: list[Slot]
    constants: dict[str, Cell] = dataclasses.field(default_factory=dict)
    unused: tuple[str, ...] = ()
    id_columns: tuple[int, ...] = ()
    id_column: str = ""
    skip_rows: frozenset[int] = frozenset()
    tests: list[RowTest] = dataclasses.field(default_factory=list)
    decisions: list[str] = dataclasses.field(default_factory=list)
    unit_columns: dict[int, int] = dataclasses.field(default_factory=dict)
    by_rows: list[str] = dataclasses.field(default_factory=list)
    completions: tuple[Completion, ...] = ()

    def used(self) -> dict[str, str]:
        """Header -> field of the columns that are read."""
        columns = {self.table.headers[i]: "id" for i in self.id_columns}
        return columns | {s.header: s.field.name for s in self.slots}

    def composite(self, row: Sequence[object]) -> str:
        """The id made of several columns, or an empty text where one of them is empty."""
        parts = [header_text(row[i]) if i < len(row) else "" for i in self.id_columns]
        return "" if any(emptiness(p) for p in parts) else ":".join(parts)

    def leave_out(self, number: int, row: Sequence[object]) -> str:
        """Why a row is not wanted, or an empty text."""
        if number in self.skip_rows:
            return "skip_rows"
        if number in self.table.left_out:
            return self.table.left_out[number]
        return next((test[0] for test in self.tests if self.fails(test, row)), "")

    def fails(self, test: RowTest, row: Sequence[object]) -> bool:
        """Whether a row does not pass a test of the mapping."""
        _, index, wanted, values = test
        raw = row[index] if index < len(row) else None
        held = key_of(raw) in values
        if index in self.unit_columns and isinstance(raw, str) and not held:
            # The unit beside was put to the number; the mapping speaks of the number as it stands.
            held = key_of(raw.partition(" ")[0]) in values
        return held is not wanted


def plan_table(
    table: RawTable, record_type: RecordType, units: Units, mapping: TableMapping | None, problems: Problems
) -> Plan | None:
    """The plan of a table, or None where it cannot be read; what is wrong is added to the problems."""
    planner = _Planner(table, record_type, units, problems)
    before = len(problems.errors)
    if mapping is not None:
        planner.map(mapping)
    planner.recognise(mapping is None or mapping.other_columns == "recognise")
    planner.count_days()
    planner.find_stated()
    if len(problems.errors) > before:
        return None
    planner.find_id()
    planner.find_completions()
    planner.leave_out()
    return planner.plan


class _Planner:
    def __init__(self, table: RawTable, record_type: RecordType, units: Units, problems: Problems) -> None:
        self.table, self.record_type, self.units, self.problems = table, record_type, units, problems
        self.plan = Plan(table, record_type, units, [])
        self._seen: set[int] = set()  # columns of which the mapping says what they are
        self._wanted: set[int] = set()  # columns of which it uses the texts, for ids and tests of rows

    def leave_out(self) -> None:
        """Leave out the rows whose word is that of a total, unless a column that is read may hold it as a value."""
        table = self.plan.table
        if table.left_out_unless:
            enums = [s.field.enum for s in self.plan.slots if s.field.enum is not None]
            words = {fold(w) for e in enums for v in e.values for w in (v.name, *v.label.both(), *v.aliases)}
            words.update(fold(str(w)) for s in self.plan.slots for w in s.translation)
            totals = {n: why for n, (word, why) in table.left_out_unless.items() if fold(word) not in words}
            self.plan.table = dataclasses.replace(table, left_out={**table.left_out, **totals}, left_out_unless={})

    def _place(self, column: str = "") -> CellPlace:
        return CellPlace(self.table.source, self.table.sheet, self.table.header_row, column)

    def map(self, mapping: TableMapping) -> None:
        """What the mapping says of columns, constants and rows."""
        for header, rule in mapping.columns.items():
            index = self._index(header, mapping.where("columns", header))
            if index is None:
                continue
            self._seen.add(index)
            if rule is not None:
                self._map_column(mapping, header, index, rule)
        for name, value in mapping.constants.items():
            self._constant(mapping, name, value)
        tests = [("filter", n, c, False) for n, c in enumerate(mapping.filter)]
        tests += [("skip_rows_where", n, c, True) for n, c in enumerate(mapping.skip_rows_where)]
        for part, number, condition, negated in tests:
            self._test(condition, part, negated, mapping.where(part, number))
        if mapping.from_sheet is not None:
            self._constant(mapping, mapping.from_sheet, self.table.sheet or None, "from_sheet")
        self._seen.update(i for i, h in enumerate(self.table.headers) if h in mapping.split and i not in self._seen)
        indexes = [self._index(header, mapping.where("id", n)) for n, header in enumerate(mapping.id)]
        self.plan.id_columns = tuple(i for i in indexes if i is not None)
        self._wanted.update(self.plan.id_columns)
        self.plan.skip_rows = mapping.skipped_rows()

    def _index(self, header: str, where: TextPlace | str) -> int | None:
        """The place of a column that a mapping names."""
        return find_column(self.table, header, where, self.problems)

    def _map_column(self, mapping: TableMapping, header: str, index: int, rule: ColumnRule) -> None:
        one = self._field(rule.field, mapping.where("columns", header))
        if one is None:
            return
        if self._is_taken(one.name):
            what = f"two columns, or a column and a constant, are both {one.name}"
            self.problems.error("duplicate-column", mapping.where("columns", header), what)
            return
        unit = self._unit(one, header, rule.unit, mapping.where("columns", header, "unit"))
        if isinstance(unit, Fault):
            hint = f"write {{field: {one.name}, unit: ...}}"
            self.problems.error(unit.code, mapping.where("columns", header), unit.reason, hint=hint)
            return
        slot = Slot(index, self.table.headers[index], one, unit, CellReader(one, self.units, unit))
        slot.translation = {key_of(word): meant for word, meant in rule.values.items()}
        self.plan.slots.append(slot)
        if rule.unit_column is not None:
            beside = self._index(rule.unit_column, mapping.where("columns", header, "unit_column"))
            if beside is not None:
                self._put_units(index, beside)
        if slot.depends:
            return
        for word, meant in rule.values.items():
            cell = slot.reader(meant)
            if isinstance(cell, Fault):
                self.problems.error(cell.code, mapping.where("columns", header, "values", str(word)), cell.reason)

    def _unit(self, one: Field, header: str, text: str | None, where: TextPlace | str) -> Unit | Fault | None:
        """The unit of a mapped column: the mapping's, else the one in brackets in its header."""
        if text is None:
            return unit_of_header(header, one, self.units) if one.kind == "quantity" else None
        if one.kind not in ("quantity", "number", "int"):
            return Fault("unit-mismatch", f"{one.name} has no unit: it is a field of kind {one.kind}")
        unit = parse_unit_text(self.units, text)
        if isinstance(unit, Unit) and not one.unit_of and self.units.conversion(unit, one.unit, one.context) is None:
            return Fault("unit-mismatch", mismatch(unit, one.unit, one))
        return unit

    def _field(self, name: str, where: TextPlace | str) -> Field | None:
        found = self.record_type.fields.get(name)
        if found is None:
            what = f"{name} is not a field of {self.record_type.name}"
            self.problems.error("unknown-field", where, what, hint=nearest(name, self.record_type.fields))
        return found

    def _is_taken(self, name: str) -> bool:
        return name in self.plan.constants or any(s.field.name == name for s in self.plan.slots)

    def _put_units(self, index: int, beside: int) -> None:
        """Read the unit of each number from a column beside it."""
        self.plan.unit_columns[index] = beside
        own = next((s.unit or s.field.unit for s in self.plan.slots if s.index == index), None)
        needed = any(unit != own for unit in self._units_in(beside))
        self.table = self.plan.table = with_units(self.table, index, beside, needed)
        self._wanted.add(beside)
        self.plan.decisions.append(
            f"the units of {shown(self.table.headers[index])} stand in {shown(self.table.headers[beside])}"
        )

    def _constant(self, mapping: TableMapping, name: str, value: object, part: str = "constants") -> None:
        where = mapping.where(part, name) if part == "constants" else mapping.where(part)
        one = self._field(name, where)
        if one is None:
            return
        if self._is_taken(name):
            self.problems.error("duplicate-column", where, f"a column and a constant are both {name}")
            return
        if one.unit_of:
            what = f"{name} cannot be a constant: its unit depends on {one.unit_of}"
            self.problems.error("mapping-field", where, what)
            return
        cell = CellReader(one, self.units)(value)
        if isinstance(cell, Fault):
            self.problems.error(cell.code, where, cell.reason)
        else:
            self.plan.constants[name] = cell

    def _test(self, condition: Condition, part: str, negated: bool, where: TextPlace | str) -> None:
        index = self._index(condition.column, where)
        if index is None:
            return
        self._wanted.add(index)
        wanted, values = condition.test()
        self.plan.tests.append((part, index, wanted is not negated, frozenset(map(key_of, values))))

    def recognise(self, wanted: bool) -> None:
        """The columns that the mapping does not speak of, by their headers."""
        table = self.table
        made = ["id"] if self.plan.id_columns else []
        taken = frozenset([*self.plan.constants, *(s.field.name for s in self.plan.slots), *made])
        headers = ["" if i in self._seen else h for i, h in enumerate(table.headers)]
        match = match_headers(headers if wanted else [], self.record_type, self.units, taken)
        for fault in match.faults:
            self.problems.error(fault.code, self._place(fault.headers[0]), fault.reason, hint=fault.hint)
        for column in match.columns:
            unit = column.unit or self._unit_of_table(column.field, column.header)
            said = answers(column.header, column.field)
            reader = (
                AnswerReader(column.field, self.units, said) if said else CellReader(column.field, self.units, unit)
            )
            self.plan.slots.append(Slot(column.index, column.header, column.field, unit, reader))
            if column.by_part:
                self.plan.decisions.append(f"{shown(column.header)} is {column.field.name}, whatever its group")
        for index, header in match.unknown:
            if compact(header) in _UNIT_HEADERS:
                self._find_units(index)
        self._say_unit_of_table()
        read = {*(s.index for s in self.plan.slots), *self.plan.id_columns}
        self.plan.unused = tuple(h for i, h in enumerate(table.headers) if h and i not in read)
        if table.headers and not self.plan.slots and not match.faults and not any(table.headers[i] for i in self._seen):
            listed = ", ".join(shown(h) for h in table.headers[:12])
            what = f"none of its columns is a field of {self.record_type.name}"
            hint = "is this row the header? else map the columns"
            self.problems.error("no-known-column", self._place(), what, found=listed, hint=hint)
            return
        for column in match.passed:
            what = f"{shown(column.header)} is {column.field.name} too; the column that states what is assumed is read"
            self.problems.warning("duplicate-column", self._place(column.header), what)
        self._warn_unknown([h for i, h in match.unknown if h.strip() and i not in self._wanted])

    def _find_units(self, beside: int) -> None:
        """Take a column called `单位` for the units of the quantity before it, where units stand in it.

        Where words stand before it, as in 煤种, 单位, 数量, it is of the quantity behind it. Where that is open, bare
        numbers that it may be of are unusable.
        """
        quantities = {s.index: s for s in self.plan.slots if s.field.kind == "quantity" and not s.depends}
        before, behind = (quantities.get(i) for i in (beside - 1, beside + 1))
        if any(s is not None and s.unit is None for s in (before, behind)):
            self.plan.by_rows.append(self.table.headers[beside])
        units = self._units_in(beside)
        fitting = [s for s in (before, behind) if s is not None and s.unit is None and self._any_fits(units, s.field)]
        if not fitting:
            return
        if fitting[0] is before or (before is None and not self._has_numbers(beside - 1)):
            self._put_units(fitting[0].index, beside)
        elif any(unit != fitting[0].field.unit for unit in units):
            fitting[0].reader = UnitOpenReader(fitting[0].field, self.units, self.table.headers[beside])

    def _units_in(self, column: int) -> list[Unit]:
        """The units that stand in the first rows of a column."""
        texts = {header_text(c) for c in column_sample(peek(self.table, _SAMPLE), column)}
        found = (parse_unit_text(self.units, text) for text in sorted(texts))
        return [unit for unit in found if isinstance(unit, Unit)]

    def _any_fits(self, units: Sequence[Unit], one: Field) -> bool:
        return any(self.units.conversion(unit, one.unit, one.context) is not None for unit in units)

    def _has_numbers(self, index: int) -> bool:
        cells = column_sample(peek(self.table, _SAMPLE), index) if index >= 0 else []
        return any(bare_number(c) is not None for c in cells)

    def _unit_of_table(self, one: Field, header: str) -> Unit | None:
        """The unit that stands above the table, for a quantity whose header has none and whose unit it can be."""
        if not self.table.unit or one.kind != "quantity" or one.unit_of:
            return None
        for text in re.split(r"[、,，;；]", self.table.unit):
            unit = parse_unit_text(self.units, bare_unit(text))
            if isinstance(unit, Unit) and self.units.conversion(unit, one.unit, one.context) is not None:
                self.plan.decisions.append(f"{shown(header)} is in {unit.text}, the unit that stands above the table")
                return unit
        return None

    def _say_unit_of_table(self) -> None:
        """Say where the unit above the table is none of a column that has no other."""
        bare = [s for s in self.plan.slots if s.field.kind == "quantity" and s.unit is None and not s.depends]
        if self.table.unit and bare and not any("stands above the table" in d for d in self.plan.decisions):
            self.plan.decisions.append(f"the unit {self.table.unit} above the table is that of no column")

    def _warn_unknown(self, headers: list[str]) -> None:
        distant = []
        words = field_words(self.record_type)
        for position, header in enumerate(headers):
            # Finding the nearest word is slow, and nobody reads a thousand hints.
            near = near_field(header, words) if position < _HINTED else ""
            if near:
                what = f"{shown(header)} is not a field of {self.record_type.name} and is not read"
                self.problems.warning("unknown-column", self._place(header), what, hint=f"did you mean {near}?")
            else:
                distant.append(header)
        if distant:
            listed = ", ".join(shown(h) for h in distant[:30]) + (
                f" and {len(distant) - 30} more" if len(distant) > 30 else ""
            )
            what = f"{len(distant)} columns are no fields of {self.record_type.name} and are not read: {listed}"
            if len(distant) == 1:
                what = f"{listed} is not a field of {self.record_type.name} and is not read"
            self.problems.warning("unknown-column", self._place(distant[0] if len(distant) == 1 else ""), what)

    def count_days(self) -> None:
        """Read day numbers without a format of dates as their workbook counts them."""
        for slot in self.plan.slots if self.table.since_1904 else ():
            if slot.field.kind == "date" and type(slot.reader) is CellReader:
                slot.reader = DaysSince1904(slot.field, self.units)

    def find_stated(self) -> None:
        """What the headers of columns say of other fields; a contradiction between two of them is refused."""
        known: dict[str, tuple[str, str]] = {}
        for slot in self.plan.slots:
            for name, word in stated(slot.header, slot.field, self.record_type).items():
                header, said = known.setdefault(name, (slot.header, word))
                if said != word:
                    what = f"{shown(header)} says that {name} is {said}, {shown(slot.header)} that it is {word}"
                    hint = f"a record has one {name}: give the two columns in tables of their own, or map one of them"
                    self.problems.error("contradiction", self._place(slot.header), what, hint=hint)
                    continue
                cell = CellReader(self.record_type.fields[name], self.units)(word)
                if isinstance(cell, Fault):
                    what = f"{shown(slot.header)} says that {name} is {word}: {cell.reason}"
                    self.problems.warning(cell.code, self._place(slot.header), what)
                    cell = Cell(UNUSABLE)
                made = Cell(cell.value, slot.header)
                self.plan.completions += (StatedByHeader(slot.header, slot.field.name, name, made),)

    def find_completions(self) -> None:
        """The standards of the record type that can say something of these columns."""
        names = {*self.plan.constants, *(s.field.name for s in self.plan.slots)}
        fitting = tuple(c for c in self.record_type.completions if not c.reads.isdisjoint(names))
        self.plan.completions += fitting

    def find_id(self) -> None:
        """Where ids come from, with a warning where rows have to be named by their place."""
        read = {s.field.name: s.header for s in self.plan.slots}
        own = next((s for s in self.plan.slots if s.field.name == "id"), None)
        if own is not None and self.table.before is not None and self.table.part_column is not None:
            # The id stands once for all the periods of a row, so a record has its own with the period behind it.
            self.plan.slots.remove(own)
            self.plan.id_columns = (own.index, self.table.part_column)
        self.plan.id_column = read.get("id", "")
        if self.plan.id_columns:
            self.plan.id_column = " + ".join(self.table.headers[i] for i in self.plan.id_columns)
        elif "id" not in read and "id" not in self.plan.constants and self.table.headers:
            known = {*read, *self.plan.constants}
            if not (self.record_type.id_from and known.issuperset(self.record_type.id_from)):
                what = f"there is no id of {self.record_type.name}; records are named by their source and row"
                self.problems.add(Diagnostic("missing-id", self._place(), what, level="warning"))


class DaysSince1904(CellReader):
    """Reads dates of a workbook whose day numbers count from 1904-01-01, 1462 days after those of other workbooks."""

    def _read_new(self, raw: object) -> Cell | Fault:
        counted = isinstance(raw, int | float) and not isinstance(raw, bool) and _LEAST_DAY <= raw <= _MOST_DAY
        found = super()._read_new(raw + _FROM_1904 if counted else raw)  # type: ignore[operator]
        return Cell(found.value, raw, found.unit) if counted and isinstance(found, Cell) else found


class UnitOpenReader(CellReader):
    """Reads a quantity beside a column of units that may be those of another column."""

    def __init__(self, one: Field, units: Units, beside: str) -> None:
        super().__init__(one, units)
        self._beside = beside

    def _read_new(self, raw: object) -> Cell | Fault:
        if bare_number(raw) is None:
            return super()._read_new(raw)
        what = f"it is open whether the units in {shown(self._beside)} are those of this column or of the one before it"
        return Fault("unit-beside", f"{what}; write the unit in the header, or say it in a mapping file")


def key_of(raw: object) -> str:
    """A cell as text, for comparison with the words of a mapping; empty for an empty cell."""
    if is_blank([raw]):
        return ""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if _WHOLE.fullmatch(text := header_text(raw)):
        return text.partition(".")[0]
    return " ".join(unicodedata.normalize("NFKC", text).split())
