"""Where records stand in time, all of them at once."""

from __future__ import annotations

import polars as pl

from envrules.calendars import last_day
from envrules.engines.columnar.outcomes import Placed
from envrules.engines.columnar.subjects import Columns
from envrules.pack.pack import Pack
from envrules.records.columns.field import where


def place(columns: Columns, record_type: str, pack: Pack) -> Placed:
    """Where records stand in time: a year at its 31 December, a month at its last day."""
    name = pack.records[record_type].date
    if not name:
        return Placed(None, False)
    column = columns.fields(name)
    values = column.values
    if column.ends is not None:  # of a date only the month or year is known
        high = column.ends.high
        values = values.zip_with(values.is_not_null(), where(high.is_finite(), high))
    kind = pack.records[record_type].fields[name].kind
    if kind == "date":
        return Placed(values, True)
    period = "month" if kind == "month" else "year"
    different = values.unique().drop_nulls()
    days: list[float | None] = []
    for value in different:
        try:
            days.append(float(last_day(period, int(value)).toordinal()))  # type: ignore[arg-type]
        except (ValueError, OverflowError):
            days.append(None)
    known = pl.DataFrame({"value": different, "day": pl.Series(days, dtype=pl.Float64)})
    frame = pl.DataFrame({"value": values}).join(known, on="value", how="left", maintain_order="left")
    return Placed(frame["day"], True)
