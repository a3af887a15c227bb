"""A quantity whose unit stands in other columns: read together for all rows that agree in those."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from envrules.records.columns.cells import different
from envrules.records.columns.field import FieldColumn, joined, nothing, of_values
from envrules.records.columns.numbers import read_numbers
from envrules.records.columns.raw import RawColumn, plain_cells
from envrules.records.plan import Slot
from envrules.records.quantities import parse_unit_text
from envrules.records.rows import RowReader
from envrules.records.values import ABSENT, Cell, Value
from envrules.units import Unit, Units

#: Names that no field can have, so that one called `code` or `row` keeps its values.
_ROW, _CELL = " row", " cell"


def read_dependent(slot: Slot, raw: RawColumn, others: Mapping[str, FieldColumn], reader: RowReader) -> FieldColumn:
    """The values of a column whose unit other columns decide, each kept in its own unit.

    Args:
        others: the columns of the fields that decide it.
        reader: of the rows of the same table.
    """
    one = slot.field
    deciding = [name for name in (one.unit_of, one.unit_field) if name]
    numbers = isinstance(raw, pl.Series) and raw.dtype.is_numeric() and not slot.translation
    frame = pl.DataFrame({name: others[name].values for name in deciding})
    cells, codes = ([], pl.Series([], dtype=pl.UInt32)) if numbers else different(raw)
    if not numbers:
        frame = frame.with_columns(codes.alias(_CELL))
    order: list[pl.Series] = []
    found: list[FieldColumn] = []
    for part in frame.with_row_index(_ROW).partition_by([*deciding, *([_CELL] if not numbers else [])]):
        rows = part[_ROW]
        known = {name: part[name][0] for name in deciding}
        if numbers and isinstance(raw, pl.Series):
            values = _together(raw.gather(rows), slot, known, reader.plan.units)
            if values is None:
                values = _one_by_one(plain_cells(raw.gather(rows)), slot, known, reader)
        else:
            values = _one_by_one([cells[part[_CELL][0]]], slot, known, reader)
            values = values.gather(pl.Series([0], dtype=pl.UInt32).new_from_index(0, len(rows)))
        order.append(rows)
        found.append(values)
    if not found:
        return nothing(one, 0)
    return joined(found).gather(pl.concat(order).arg_sort())


def _together(raw: pl.Series, slot: Slot, known: dict[str, str | None], units: Units) -> FieldColumn | None:
    """Plain numbers of one code and unit; None where a cell has to say what is wrong."""
    one = slot.field
    code = known.get(one.unit_of)
    target = one.units.get(code) if one.unit_of and code is not None else one.unit if not one.unit_of else None
    if target is None:
        return None
    stated = known.get(one.unit_field)
    unit = parse_unit_text(units, stated) if stated is not None else slot.unit
    if unit is not None and not isinstance(unit, Unit):
        return None
    return read_numbers(raw, one, units, unit, target)


def _one_by_one(cells: list[object], slot: Slot, known: dict[str, str | None], reader: RowReader) -> FieldColumn:
    values: list[Value] = []
    row: list[object] = [None] * (slot.index + 1)
    for cell in cells:
        row[slot.index] = cell
        read: dict[str, Cell] = {name: Cell(word) for name, word in known.items() if word is not None}
        reader.read_dependent(0, slot, row, read)
        got = read.get(slot.field.name)
        values.append(ABSENT if got is None else got.value)
    return of_values(values, slot.field)
