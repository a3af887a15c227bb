"""Records of a batch as a frame of the raw cells that some rules need, and such frames as records again."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import polars as pl

from envrules.records.columns.raw import RawColumns
from envrules.records.columns.table import ColumnRecords
from envrules.records.plan import Plan
from envrules.records.rows import RowReader
from envrules.records.values import Record

_ROW, _EXTRA = "row", "extra"


def cells_frame(plan: Plan, raw: RawColumns, places: pl.Series, fields: Collection[str]) -> pl.DataFrame | None:
    """The raw cells of some rows; None where a column holds cells of several types, which no frame can.

    Args:
        places: of the rows in the batch.
        fields: whose columns are needed, with those that decide their units.
    """
    columns = []
    for index in _columns(plan, fields):
        column = raw.column(index)
        if not isinstance(column, pl.Series):
            return None
        columns.append(column.gather(places).alias(f"c{index}"))
    numbers = raw.numbers
    rows = (
        pl.Series(_ROW, [numbers[i] for i in places.to_list()], dtype=pl.Int64)
        if not isinstance(numbers, range)
        else (places.cast(pl.Int64) * numbers.step + numbers.start).alias(_ROW)
    )
    extra = frozenset(raw.extra)
    slipped = pl.Series(_EXTRA, [i in extra for i in places.to_list()] if extra else [False] * len(places), pl.Boolean)
    return pl.DataFrame([rows, slipped, *columns])


def _columns(plan: Plan, fields: Collection[str]) -> list[int]:
    """The places of the columns that give some fields; all of them where standards complete a record."""
    named = {s.field.name: s for s in plan.slots}
    wanted = set(named) if plan.completions else {"id", *plan.record_type.id_from, *fields}
    for name in [n for n in wanted if n in plan.record_type.fields]:
        one = plan.record_type.fields[name]
        wanted.update(n for n in (one.unit_of, one.unit_field) if n)
    unnamed = [i for i, header in enumerate(plan.table.headers) if not header] if plan.completions else []
    part = [] if plan.table.part_column is None else [plan.table.part_column]
    own = [named[n].index for n in wanted if n in named]
    return sorted({*own, *plan.id_columns, *unnamed, *part})


def records_of_frame(plan: Plan, name: str, frame: pl.DataFrame) -> Sequence[Record]:
    """The records whose raw cells a frame holds."""
    width = len(plan.table.headers)
    nothing = pl.Series([None], dtype=pl.Null).new_from_index(0, len(frame))
    raw = RawColumns(
        lambda i: frame[f"c{i}"] if f"c{i}" in frame.columns else nothing,
        frame[_ROW].to_list(),
        width,
        extra=frame[_EXTRA].arg_true().to_list(),
    )
    if not plan.completions:
        return ColumnRecords(plan, raw, name, chosen=True)
    reader = RowReader(plan, name)
    rows = raw.rows(range(len(raw)), range(width))
    return [reader.record(number, row) for number, row in zip(raw.numbers, rows, strict=True)]
