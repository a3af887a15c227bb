"""The records of one planned table kept as columns, and each of them, with its problems, when it is asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from threading import RLock

import polars as pl

from envrules.diagnostics import Diagnostic
from envrules.records.columns.cells import different, read_column, read_plain
from envrules.records.columns.dependent import read_dependent
from envrules.records.columns.field import FieldColumn, nothing, of_values, places, where
from envrules.records.columns.raw import RawColumn, RawColumns, plain_cells, taken
from envrules.records.dataset import SourceAccount
from envrules.records.plan import Plan, Slot
from envrules.records.rows import RowReader, percent_warnings
from envrules.records.tables import is_blank
from envrules.records.values import CellProblem, Record
from envrules.sequences import MadeWhenAsked

_AT_A_TIME = 10_000  # rows made into records together when all are walked through


class ColumnRecords(MadeWhenAsked[Record]):
    """The records of a table, as columns. A field is read when it is first asked for, a record at every asking.

    Args:
        name: of the source, for the ids of rows that have none.
        chosen: whether all rows are known to be records.
    """

    def __init__(self, plan: Plan, raw: RawColumns, name: str, chosen: bool = False) -> None:
        self.plan, self.raw, self.name = plan, raw, name
        self.record_type = plan.record_type
        self._slots = {s.field.name: s for s in plan.slots}
        self._fields: dict[str, FieldColumn] = {}
        self._lock = RLock()
        self.rows: pl.Series | None = None  # of the raw table, that became records; None for all
        if not chosen:
            self._leave_out()

    def __len__(self) -> int:
        return len(self.raw) if self.rows is None else len(self.rows)

    # --- columns ------------------------------------------------------------------------------------------------------

    def field(self, name: str) -> FieldColumn:
        """The values of a field."""
        if name not in self._fields:
            # Fields are asked for from several threads, and a field may need another.
            with self._lock:
                if name not in self._fields:
                    self._fields[name] = self._read(name)
        return self._fields[name]

    def field_part(self, name: str, rows: slice | pl.Series) -> FieldColumn:
        """The values of a field in some of the records, read from those alone where the column is of a plain type."""
        slot = self._slots.get(name)
        plain = self.rows is None and not self._slipped_any and not (name == "id" and self._ids_made)
        if name not in self._fields and slot is not None and plain:
            raw = None if slot.depends else self.raw.some(slot.index, rows)
            found = read_plain(raw, slot) if isinstance(raw, pl.Series) else None
            if found is not None:
                return found
        column = self.field(name)
        return column.slice(rows.start, rows.stop - rows.start) if isinstance(rows, slice) else column.gather(rows)

    def _read(self, name: str) -> FieldColumn:
        declared = self.record_type.fields[name]
        if name in self.plan.constants:
            one = of_values([self.plan.constants[name].value], declared)
            return one.gather(pl.Series([0], dtype=pl.UInt32).new_from_index(0, len(self)))
        slot = self._slots.get(name)
        if name == "id" and self._ids_made:
            return self._with_made_ids(nothing(declared, len(self)) if slot is None else self._read_slot(slot))
        return nothing(declared, len(self)) if slot is None else self._read_slot(slot)

    @property
    def _ids_made(self) -> bool:
        """Whether a record without an id of its own gets one made of columns or fields."""
        return bool(self.plan.id_columns or self.record_type.id_from)

    def _with_made_ids(self, own: FieldColumn) -> FieldColumn:
        """The column of ids with those that are made, as the reader of rows makes them."""
        without = own.values.is_null().arg_true()
        made = [r.cells.get("id") for r in self.at(without.to_list(), frozenset())]
        texts = [c.value if c is not None and isinstance(c.value, str) else None for c in made]
        values = own.values.clone().cast(pl.String).scatter(without, pl.Series(texts, dtype=pl.String))
        unusable = own.unusable
        return FieldColumn(values, None, None if unusable is None else unusable & values.is_null())

    def _read_slot(self, slot: Slot) -> FieldColumn:
        declared = slot.field
        raw = self.kept(slot.index)
        if slot.depends:
            others = {other: self.field(other) for other in (declared.unit_of, declared.unit_field) if other}
            return self._without_slipped(read_dependent(slot, raw, others, self._reader))
        column = read_column(raw, slot)
        return self._without_slipped(column)

    def kept(self, index: int) -> RawColumn:
        """A raw column in the rows that became records."""
        raw = self.raw.column(index)
        return raw if self.rows is None else taken(raw, self.rows)

    def _kept_some(self, index: int, rows: pl.Series | None) -> RawColumn:
        """A raw column in some of the records."""
        if rows is None:
            return self.kept(index)
        return self.raw.some(index, rows if self.rows is None else self.rows[rows])

    def _without_slipped(self, column: FieldColumn) -> FieldColumn:
        """Rows of a text file with more cells than the header say nothing that is certain."""
        if not self.raw.extra or not self.plan.table.encoding:
            return column
        slipped = [i for i, at in enumerate(self._places()) if at in self._slipped]
        if not slipped:
            return column
        every = pl.Series(range(len(self)), dtype=pl.UInt32)
        lost = every.is_in(pl.Series(slipped, dtype=pl.UInt32).implode())
        values = where(~lost, column.values)
        unusable = lost if column.unusable is None else lost | column.unusable
        return FieldColumn(values, column.ends, unusable)

    @cached_property
    def _slipped(self) -> frozenset[int]:
        width = self.raw.width
        return frozenset(i for i in self.raw.extra if not is_blank(self.raw.row(i)[width:]))

    def _places(self) -> Sequence[int]:
        return range(len(self.raw)) if self.rows is None else self.rows.to_list()

    # --- which rows ---------------------------------------------------------------------------------------------------

    def _leave_out(self) -> None:
        """Rows that are empty or not wanted are counted, and are no records."""
        out: dict[int, str] = dict.fromkeys(self._blank_rows(), "empty")
        for reason, rows in self._unwanted():
            for i in rows:
                out.setdefault(i, reason)
        if not out:
            return
        for i in sorted(out):
            self._reader.skip(out[i], self.raw.numbers[i])
        every = pl.Series(range(len(self.raw)), dtype=pl.UInt32)
        gone = pl.Series(list(out), dtype=pl.UInt32)
        self.rows = every.filter(~every.is_in(gone.implode()))
        self._fields.clear()

    def _blank_rows(self) -> list[int]:
        """Rows in which nothing stands in any column, found by looking closer only where no field has a value."""
        candidates: pl.Series | None = None
        # The columns that answer fastest first; of the others only the rows still in doubt are looked at.
        for index in self._fastest_first():
            part = self.raw.column(index) if candidates is None else self.raw.some(index, candidates)
            empty = _may_be_empty(part)
            candidates = (places(len(empty)) if candidates is None else candidates).filter(empty)
            if not len(candidates):
                return []
        rows = range(len(self.raw)) if candidates is None else candidates.to_list()
        every = range(self.raw.width)
        return [i for i, row in zip(rows, self._rows_at(rows, every), strict=True) if is_blank(row)]

    def _fastest_first(self) -> Iterator[int]:
        """The places of all columns, in the order in which they are asked for empty cells."""
        slots = [slot.index for slot in self.plan.slots]
        ready = [index for index in slots if index in self.raw.ready]
        yield from ready
        rest = [index for index in slots if index not in self.raw.ready]

        def is_slow(index: int) -> bool:
            column = self.raw.column(index)
            return isinstance(column, list) or column.dtype == pl.String

        yield from sorted(rest, key=is_slow)
        yield from sorted(set(range(self.raw.width)) - set(slots))

    def _rows_at(self, places: Sequence[int], needed: Sequence[int]) -> Iterator[Sequence[object]]:
        """The raw rows at these places, some thousand at a time: one alone costs as much as many."""
        for start in range(0, len(places), _AT_A_TIME):
            yield from self.raw.rows(places[start : start + _AT_A_TIME], needed)

    def _unwanted(self) -> Iterator[tuple[str, list[int]]]:
        plan = self.plan
        if plan.skip_rows:
            yield "skip_rows", [i for i, _ in self._numbered(plan.skip_rows)]
        for i, number in self._numbered(plan.table.left_out):
            yield plan.table.left_out[number], [i]
        for test in plan.tests:
            index = test[1]
            cells, codes = different(self.raw.column(index))
            row: list[object] = [None] * self.raw.width
            refused = []
            for cell in cells:
                row[index] = cell
                refused.append(plan.fails(test, row))
            lost = pl.Series(refused, dtype=pl.Boolean).gather(codes)
            yield test[0], lost.arg_true().to_list()

    def _numbered(self, wanted: Collection[int]) -> Iterator[tuple[int, int]]:
        """(place, number) of the rows of which a person knows the numbers."""
        numbers = self.raw.numbers
        if isinstance(numbers, range):
            yield from ((numbers.index(n), n) for n in sorted(wanted) if n in numbers)
        elif wanted:
            yield from ((i, n) for i, n in enumerate(numbers) if n in wanted)

    # --- records ------------------------------------------------------------------------------------------------------

    def made(self, places: Sequence[int]) -> Iterator[Record]:
        """Some of the records."""
        return self.at(places)

    def __iter__(self) -> Iterator[Record]:
        reader = self._reader
        for number, row in self._raw_rows():
            yield reader.record(number, row)

    def at(self, rows: Sequence[int], fields: frozenset[str] | None = None) -> Iterator[Record]:
        """Some of the records; with `fields` these alone are filled, and what gives them their ids."""
        places = rows if self.rows is None else self.rows[pl.Series(rows, dtype=pl.UInt32)].to_list()
        reader, needed = (self._reader, self._needed) if fields is None else self._part_reader(fields)
        for place, row in zip(places, self.raw.rows(places, needed), strict=True):
            yield reader.record(self.raw.numbers[place], row)

    def _part_reader(self, fields: frozenset[str]) -> tuple[RowReader, list[int]]:
        plan = self.plan
        wanted = {"id", *fields, *plan.record_type.id_from}
        slots = [s for s in plan.slots if s.field.name in wanted]
        return RowReader(replace(plan, slots=slots), self.name), sorted({*(s.index for s in slots), *plan.id_columns})

    def _raw_rows(self) -> Iterator[tuple[int, Sequence[object]]]:
        places = self._places()
        for start in range(0, len(places), _AT_A_TIME):
            part = places[start : start + _AT_A_TIME]
            yield from zip((self.raw.numbers[i] for i in part), self.raw.rows(part, self._needed), strict=True)

    @cached_property
    def _reader(self) -> RowReader:
        return RowReader(self.plan, self.name)

    @cached_property
    def _needed(self) -> list[int]:
        """The columns that the reader of rows looks at."""
        unnamed = [i for i, header in enumerate(self.plan.table.headers) if not header]
        return sorted({*(s.index for s in self.plan.slots), *self.plan.id_columns, *unnamed})

    def ids(self, rows: pl.Series | None = None) -> pl.Series:
        """The ids of these records, or of all."""
        slot = self._slots.get("id")
        if slot is None or slot.translation or self._slipped_any:
            return self._ids_one_by_one(rows)
        found = read_column(self._kept_some(slot.index, rows), slot).values
        if not found.null_count():
            return found
        return self._ids_one_by_one(rows)

    @property
    def _slipped_any(self) -> bool:
        return bool(self.raw.extra and self.plan.table.encoding)

    def _ids_one_by_one(self, rows: pl.Series | None) -> pl.Series:
        records: Iterator[Record] = iter(self) if rows is None else (self[i] for i in rows)
        return pl.Series([r.id for r in records], dtype=pl.String)

    # --- what is to be said -------------------------------------------------------------------------------------------

    def account(self) -> SourceAccount:
        """What became of the table."""
        self._reader.rows_read = len(self.raw)
        if self.raw.numbers:
            self._reader.first_row, self._reader.last_row = self.raw.numbers[0], self.raw.numbers[-1]
        return self._reader.account(len(self))

    def problem_count(self) -> int:
        """How many problems there are, without listing them where columns can tell."""
        if self.raw.extra or any(s.depends for s in self.plan.slots) or self.plan.id_columns:
            return len(self.problems())
        if self.plan.id_column and self.record_type.id_from:
            return len(self.problems())
        unusable = (self.field(name).unusable for name in self._slots)
        found = sum(int(u.sum()) for u in unusable if u is not None)
        return found + (int(self.field("id").absent.sum()) if self.plan.id_column else 0)

    def problems(self) -> list[CellProblem]:
        """What cannot be used, row by row, as the reader of rows says it."""
        wrong = self._wrong_rows()
        reader = RowReader(self.plan, self.name)
        every = self._places()
        places = [every[i] for i in wrong]
        for at, row in zip(places, self._rows_at(places, self._needed), strict=True):
            reader.record(self.raw.numbers[at], row)
        return reader.problems

    def _wrong_rows(self) -> list[int]:
        """The rows in which something may be wrong."""
        wrong = pl.Series([False], dtype=pl.Boolean).new_from_index(0, len(self))
        for name in self._slots:
            column = self.field(name)
            if column.unusable is not None:
                wrong = wrong | column.unusable
        if self.plan.id_column:
            wrong = wrong | self._without_id()
        if self.raw.extra:
            extra = frozenset(self.raw.extra)
            wrong = wrong | pl.Series([at in extra for at in self._places()], dtype=pl.Boolean)
        return wrong.arg_true().to_list()

    def _without_id(self) -> pl.Series:
        if not self.plan.id_columns:
            return self.field("id").absent
        missing = pl.Series([False], dtype=pl.Boolean).new_from_index(0, len(self))
        for index in self.plan.id_columns:
            missing = missing | _may_be_empty(self.kept(index), words=True)
        return missing

    def warnings(self) -> Iterator[Diagnostic]:
        """What is to be said of whole columns."""
        reader = RowReader(self.plan, self.name)
        for index in [i for i, header in enumerate(self.plan.table.headers) if not header]:
            there = ~_may_be_empty(self.raw.column(index))
            if there.any():
                at = int(there.arg_true()[0])
                reader.watch_unnamed(self.raw.numbers[at], next(iter(self.raw.rows([at], [index]))))
        yield from reader.warnings()
        yield from percent_warnings(self.plan, self._raws)

    def _raws(self, slot: Slot) -> Sequence[object]:
        raw = self.kept(slot.index)
        return plain_cells(raw) if isinstance(raw, pl.Series) else raw


def _may_be_empty(raw: RawColumn, words: bool = False) -> pl.Series:
    """Where a raw cell is nothing, or may be: NaN, a text without a visible character (`words`: or without a digit)."""
    if isinstance(raw, list):
        return pl.Series(
            [
                c is None or (isinstance(c, float) and c != c) or (isinstance(c, str) and (words or not c.strip()))
                for c in raw
            ]
        )
    empty = raw.is_null()
    if raw.dtype.is_float():
        return empty | raw.is_nan().fill_null(True) if raw.is_nan().any() else empty
    if raw.dtype == pl.String:
        bare = ~raw.str.contains("[0-9]") if words else raw.str.strip_chars() == ""
        return empty | bare.fill_null(True)
    return empty if raw.dtype.is_numeric() or raw.dtype in (pl.Boolean, pl.Date) else ~empty | True
